//! Indexes: built while others write, taken out of sight before they are dropped.

use super::alter::{Piece, alter, refuses};
use super::{On, column::way_told, listed, spell};
use crate::change::Refusal;
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::{Ask, answer};
use crate::model::{Engine, Ident};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::mysql::statement::{IndexDef, IndexKind};

/// The name that the server would give: that of the first column, numbered.
fn named(b: &mut Builder, on: On, index: &IndexDef) -> Ident {
    if let Some(name) = &index.name {
        b.reserve(name);
        return name.clone();
    }
    let stem = index.parts.first().and_then(|p| p.column.clone()).unwrap_or_else(|| "functional_index".into());
    let mut name = stem.clone();
    let mut number = 1;
    while on.table.index(&name).is_some() {
        number += 1;
        name = Ident::new(format!("{stem}_{number}"));
    }
    name
}

pub fn add(b: &mut Builder, on: On, index: &IndexDef) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let name = named(b, on, index);
    if index.if_not_exists && on.table.index(&name).is_some() {
        return Ok(format!("nothing to do: index `{name}` exists"));
    }
    let unique = index.kind == IndexKind::Unique;
    if unique {
        unique_first(b, on, index);
    }
    let columns: Vec<Ident> = index.parts.iter().filter_map(|p| p.column.clone()).collect();
    if let Some(twin) = on.table.indexes.iter().find(|i| {
        i.keys.iter().flatten().eq(columns.iter())
            && i.unique == unique
            && index.parts.iter().all(|p| p.prefix.is_none())
    }) {
        b.finding(Severity::Note, format!("`{table}` has an index over the same columns already: `{}`.", twin.name));
    }
    if index.kind == IndexKind::Fulltext && !on.table.indexes.iter().any(|i| i.method.eq_ignore_ascii_case("fulltext"))
    {
        b.finding(
            Severity::Warning,
            format!("The first FULLTEXT index gives `{table}` a hidden column: from then on instant ADD and DROP COLUMN are refused until it is rebuilt without one."),
        );
    }
    let functional = index.parts.iter().any(|p| p.expression.is_some());
    let done = if columns.len() == index.parts.len() {
        ask.index_over(&table, &name, &columns)
    } else {
        ask.index(&table, &name)
    };
    let (built, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: if unique { Rank::AddConstraint } else { Rank::Index },
            spec: format!("ADD {}", spell::index(index, &name)),
            back: Some(format!("DROP INDEX {}", id(&name))),
            because: "Drops the index.".to_owned(),
            done,
            title: format!("Build index `{name}` on `{table}`"),
            why: "The metadata lock is taken for a moment at the start and at the end.".to_owned(),
        },
    )?;
    if unique {
        refuses(b, built, format!("may write a second row that `{name}` of `{table}` refuses from here on"));
    }
    if functional && way.blocks {
        b.finding(
            Severity::Note,
            format!("An index over an expression blocks writes while it is built. Over a virtual column it does not: ADD COLUMN … AS (…) VIRTUAL in one statement, ADD INDEX on that column in the next, for `{table}`."),
        );
    }
    Ok(way_told(&way))
}

/// Nobody writes a duplicate any more, and there is none.
fn unique_first(b: &mut Builder, on: On, index: &IndexDef) {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let columns: Vec<Ident> = index.parts.iter().filter_map(|p| p.column.clone()).collect();
    let parts: Vec<String> = index
        .parts
        .iter()
        .map(|p| match (&p.column, &p.expression, p.prefix) {
            (Some(c), _, Some(n)) => format!("LEFT({}, {n})", id(c)),
            (Some(c), ..) => id(c),
            (None, Some(e), _) => e.clone(),
            _ => "NULL".to_owned(),
        })
        .collect();
    b.need(Need::new(Slot::Tolerate, Placement::Fixed, &table).say(format!(
        "Write no second row with the same {} into `{table}`, and expect error 1062 where one comes.",
        listed(&columns)
    )));
    b.push(
        Draft::verify(
            PhaseName::Migrate,
            Rank::Index,
            format!("No two rows of `{table}` have the same {}", listed(&columns)),
            answer(&ask.no_duplicates(&table, &parts)),
        )
        .why("One duplicate, even one that comes while the index is built, ends the build with error 1062. The comparison follows the columns' collation, as the index does. Reads the table.")
        .on(&table),
    );
}

pub fn drop(b: &mut Builder, on: On, name: &Ident, if_exists: bool) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let Some(index) = on.table.index(name) else {
        if if_exists {
            return Ok(format!("nothing to do: index `{name}` is not there"));
        }
        return Err(Refusal::new(format!("`{table}` has no index `{name}`"), "Name an index of the table."));
    };
    let hidden = hides(on) && !index.primary && !index.mysql.as_ref().is_some_and(|m| m.invisible);
    if hidden {
        let (_, _) = withdraw(b, on, name)?;
    }
    alter(
        b,
        on,
        Piece {
            phase: PhaseName::Contract,
            rank: Rank::DropIndex,
            spec: format!("DROP INDEX {}", id(name)),
            back: Some(format!("ADD {}", spell::index_again(index))),
            because: "Builds the index again.".to_owned(),
            done: ask.index_gone(&table, name),
            title: format!("Drop index `{name}` of `{table}`"),
            why: if hidden {
                "No query has missed it while it was out of sight.".to_owned()
            } else {
                "This server cannot hide an index from the optimiser first: look at what uses it before.".to_owned()
            },
        },
    )?;
    if index.unique {
        b.finding(
            Severity::Warning,
            format!("`{name}` is unique: from the drop on nothing keeps duplicates out of `{table}`, and INSERT … ON DUPLICATE KEY UPDATE, INSERT IGNORE and REPLACE that rely on it insert a second row without a word: look for them first. While it is out of sight it still does."),
        );
    }
    Ok(if hidden { "out of sight first: it can come back at once".to_owned() } else { "catalog only".to_owned() })
}

/// Invisible indexes: MySQL 8.0. Ignored ones: MariaDB 10.6.
fn hides(on: On) -> bool {
    let v = on.before.server.version;
    match on.before.server.engine {
        Engine::Mariadb => (v.major, v.minor) >= (10, 6),
        _ => v.major >= 8,
    }
}

fn word(on: On, visible: bool) -> &'static str {
    match (on.before.server.engine == Engine::Mariadb, visible) {
        (true, true) => "NOT IGNORED",
        (true, false) => "IGNORED",
        (false, true) => "VISIBLE",
        (false, false) => "INVISIBLE",
    }
}

fn withdraw(b: &mut Builder, on: On, name: &Ident) -> Result<(crate::plan::draft::Key, super::way::Way), Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let mariadb = on.before.server.engine == Engine::Mariadb;
    alter(
        b,
        on,
        Piece {
            phase: PhaseName::Settle,
            rank: Rank::Withdraw,
            spec: format!("ALTER INDEX {} {}", id(name), word(on, false)),
            back: Some(format!("ALTER INDEX {} {}", id(name), word(on, true))),
            because: "Queries use it again at once: it was kept up all the time.".to_owned(),
            // Once it is dropped it is out of sight, too.
            done: format!("({} OR {})", ask.index_visible(&table, name, mariadb, false), ask.index_gone(&table, name)),
            title: format!("Take index `{name}` of `{table}` out of sight"),
            why: "Queries do without it, and it is still kept up: if one needs it, it comes back at once. A query that names it in an index hint fails.".to_owned(),
        },
    )
}

pub fn rename(b: &mut Builder, on: On, from: &Ident, to: &Ident) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::Other,
            spec: format!("RENAME INDEX {} TO {}", id(from), id(to)),
            back: Some(format!("RENAME INDEX {} TO {}", id(to), id(from))),
            because: "Gives it its old name back.".to_owned(),
            done: format!("{} AND {}", ask.index(&table, to), ask.index_gone(&table, from)),
            title: format!("Rename index `{from}` of `{table}` to `{to}`"),
            why: "Only the name changes.".to_owned(),
        },
    )?;
    b.finding(
        Severity::Warning,
        format!("A query that names `{from}` in an index hint (USE, FORCE, IGNORE INDEX) fails from then on: look for the name in the code first."),
    );
    Ok(way_told(&way))
}

pub fn visible(b: &mut Builder, on: On, name: &Ident, visible: bool) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let mariadb = on.before.server.engine == Engine::Mariadb;
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::Other,
            spec: format!("ALTER INDEX {} {}", id(name), word(on, visible)),
            back: Some(format!("ALTER INDEX {} {}", id(name), word(on, !visible))),
            because: "Turns it back.".to_owned(),
            done: ask.index_visible(&table, name, mariadb, visible),
            title: format!("Index `{name}` of `{table}` becomes {}", word(on, visible).to_lowercase()),
            why: "The index is kept up either way; only the optimiser's view of it changes.".to_owned(),
        },
    )?;
    Ok(way_told(&way))
}
