//! Keys, foreign keys, CHECKs: proved first, then put on in the way that reads least.

use super::alter::{Piece, alter, back, refuses};
use super::{On, column::way_told, listed, spell};
use crate::change::Refusal;
use crate::engine::emit::mysql::probe::{Ask, all, answer};
use crate::engine::emit::mysql::{id, ids};
use crate::model::{ConstraintKind, Engine, Ident};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::mysql::statement::{Action, CheckDef, ForeignKeyDef, IndexDef, Spec};

/// Specifications that mean one thing together: a key or an index that is replaced.
pub fn several(b: &mut Builder, on: On, specs: &[Spec]) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let key = specs.iter().find_map(|s| match &s.action {
        Action::AddPrimaryKey(key) => Some(key),
        _ => None,
    });
    if let Some(key) = key {
        return replace_key(b, on, key);
    }
    let index = specs.iter().find_map(|s| match &s.action {
        Action::AddIndex(index) => Some(index),
        _ => None,
    });
    let Some((index, name)) = index.and_then(|i| Some((i, i.name.clone()?))) else {
        return Err(Refusal::new(
            "a column that is dropped and added by one statement loses its values",
            "Use MODIFY COLUMN to change it; or drop it in one plan and add it in a later one.",
        ));
    };
    let old = on
        .table
        .index(&name)
        .ok_or_else(|| Refusal::new(format!("`{table}` has no index `{name}`"), "Name an index of the table."))?;
    if index.kind == crate::sql::mysql::statement::IndexKind::Unique && !old.unique {
        return Err(Refusal::new(
            format!("index `{name}` becomes unique"),
            "Add the unique index under another name in one plan, and drop the old one in the next.",
        ));
    }
    let columns: Vec<Ident> = index.parts.iter().filter_map(|p| p.column.clone()).collect();
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::Index,
            spec: format!("DROP INDEX {}, ADD {}", id(&name), spell::index(index, &name)),
            back: Some(format!("DROP INDEX {}, ADD {}", id(&name), spell::index_again(old))),
            because: "Builds the old index again in its place.".to_owned(),
            done: ask.index_over(&table, &name, &columns),
            title: format!("Replace index `{name}` of `{table}`"),
            why: "One statement: queries have the old index until the new one is there.".to_owned(),
        },
    )?;
    Ok(way_told(&way))
}

fn key_columns(key: &IndexDef) -> Vec<Ident> {
    key.parts.iter().filter_map(|p| p.column.clone()).collect()
}

/// Nobody writes a duplicate or a NULL any more, and there is none.
fn fit_for_key(b: &mut Builder, on: On, columns: &[Ident]) {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    b.need(Need::new(Slot::Tolerate, Placement::Fixed, &table).say(format!(
        "Send a value for {} in every INSERT into `{table}`, and no combination twice.",
        listed(columns)
    )));
    let quoted: Vec<String> = columns.iter().map(id).collect();
    let mut conditions = vec![ask.no_duplicates(&table, &quoted)];
    for column in columns.iter().filter(|c| on.table.column(c).is_some_and(|c| !c.not_null)) {
        conditions.push(ask.no_row(&table, &format!("{} IS NULL", id(column))));
    }
    b.push(
        Draft::verify(
            PhaseName::Migrate,
            Rank::Index,
            format!("{} of `{table}` can be its key", listed(columns)),
            answer(&all(&conditions)),
        )
        .why("A duplicate or a NULL ends the rebuild with an error. Reads the table.")
        .on(&table),
    );
}

pub fn add_key(b: &mut Builder, on: On, key: &IndexDef) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let columns = key_columns(key);
    fit_for_key(b, on, &columns);
    let (made, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::AddConstraint,
            spec: format!("ADD PRIMARY KEY ({})", spell::parts(key)),
            back: Some("DROP PRIMARY KEY".to_owned()),
            because: "Drops the key; its columns stay NOT NULL.".to_owned(),
            done: ask.index_over(&table, &"PRIMARY".into(), &columns),
            title: format!("Give `{table}` the primary key {}", listed(&columns)),
            why: "The table is laid out anew in the order of the key.".to_owned(),
        },
    )?;
    refuses(b, made, format!("may write a row that the new key of `{table}` refuses from here on"));
    Ok(way_told(&way))
}

fn replace_key(b: &mut Builder, on: On, key: &IndexDef) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let columns = key_columns(key);
    let Some(old) = on.table.primary_key() else { return add_key(b, on, key) };
    fit_for_key(b, on, &columns);
    let again = primary_again(on, &old.columns);
    let (made, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::AddConstraint,
            spec: format!("DROP PRIMARY KEY, ADD PRIMARY KEY ({})", spell::parts(key)),
            back: Some(format!("DROP PRIMARY KEY, ADD {again}")),
            because: "Lays the table out by its old key again.".to_owned(),
            done: ask.index_over(&table, &"PRIMARY".into(), &columns),
            title: format!("Replace the primary key of `{table}` by {}", listed(&columns)),
            why: "In one statement: dropping the key alone would copy the table with writes blocked.".to_owned(),
        },
    )?;
    refuses(b, made, format!("may write a row that the new key of `{table}` refuses from here on"));
    Ok(way_told(&way))
}

/// The key as it is, prefixes and directions included.
fn primary_again(on: On, columns: &[Ident]) -> String {
    let index = on.table.indexes.iter().find(|i| i.primary).map(spell::index_again);
    index
        .filter(|d| d.to_uppercase().starts_with("PRIMARY KEY"))
        .unwrap_or_else(|| format!("PRIMARY KEY ({})", ids(columns)))
}

pub fn drop_key(b: &mut Builder, on: On) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let Some(old) = on.table.primary_key() else {
        return Err(Refusal::new(format!("`{table}` has no primary key"), "Leave DROP PRIMARY KEY out."));
    };
    b.finding(
        Severity::Warning,
        format!("Without a primary key `{table}` cannot be changed by any online tool, and a replica looks for every changed row by reading the table. Replace the key in the same statement: DROP PRIMARY KEY, ADD PRIMARY KEY (…)."),
    );
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Contract,
            rank: Rank::DropConstraint,
            spec: "DROP PRIMARY KEY".to_owned(),
            back: Some(format!("ADD {}", primary_again(on, &old.columns))),
            because: "Lays the table out by its key again.".to_owned(),
            done: ask.index_gone(&table, &"PRIMARY".into()),
            title: format!("Drop the primary key of `{table}`"),
            why: "The table is copied.".to_owned(),
        },
    )?;
    Ok(way_told(&way))
}

/// The server would read the child under a lock; instead the rows are proved, the key is added unproved, and proved again.
pub fn add_foreign_key(b: &mut Builder, on: On, key: &ForeignKeyDef) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let other = key.table.resolve(on.before);
    let Some(parent) = on.before.table(&other) else {
        return Err(Refusal::new(
            format!("there is no table `{other}`"),
            "Create it first, or name a table that is there.",
        ));
    };
    let name = match &key.name {
        Some(name) => {
            b.reserve(name);
            name.clone()
        }
        None => {
            let mut number = 1;
            let made = |n: u32| Ident::new(format!("{}_ibfk_{n}", table.name));
            while on.table.constraint(&made(number)).is_some() {
                number += 1;
            }
            made(number)
        }
    };
    let referenced: Vec<Ident> = if key.referenced.is_empty() {
        parent.primary_key().map(|k| k.columns.clone()).unwrap_or_default()
    } else {
        key.referenced.clone()
    };
    let indexed = parent.indexes.iter().any(|i| i.keys.iter().flatten().take(referenced.len()).eq(referenced.iter()))
        || parent.primary_key().is_some_and(|k| k.columns.starts_with(&referenced));
    if !indexed {
        return Err(Refusal::new(
            format!("{} of `{other}` is not the beginning of an index there", listed(&referenced)),
            "Add a unique index over it first.",
        ));
    }
    b.need(
        Need::new(Slot::Tolerate, Placement::Fixed, &table).say(format!(
            "Write only values into {} of `{table}` that are in {} of `{other}`, and expect error 1452 where one is not, 1451 where a row of `{other}` is still pointed at.",
            listed(&key.columns),
            listed(&referenced)
        )),
    );
    let own_index =
        on.table.indexes.iter().any(|i| i.keys.iter().flatten().take(key.columns.len()).eq(key.columns.iter()))
            || on.table.primary_key().is_some_and(|k| k.columns.starts_with(&key.columns));
    let mut on_catalog = None;
    if !own_index {
        // Built by itself, others write meanwhile; built by the foreign key, it would be part of that statement.
        let parts = key.columns.iter().map(id).collect::<Vec<_>>().join(", ");
        let index = name.clone();
        alter(
            b,
            on,
            Piece {
                phase: PhaseName::Migrate,
                rank: Rank::Index,
                spec: format!("ADD INDEX {} ({parts})", id(&index)),
                back: Some(format!("DROP INDEX {}", id(&index))),
                because: "Drops the index.".to_owned(),
                done: ask.index_over(&table, &index, &key.columns),
                title: format!("Build index `{index}` on `{table}`, which the foreign key needs"),
                why: "Under the name that the server would give it.".to_owned(),
            },
        )?;
        let text = format!("ALTER TABLE {} ADD INDEX {} ({parts})", b.name(&table), id(&index));
        on_catalog = super::alter::after(on.before, &text);
    }
    if key.actions.to_uppercase().contains("CASCADE") || key.actions.to_uppercase().contains("SET NULL") {
        b.finding(
            Severity::Note,
            format!("What `{name}` changes in `{table}` by itself fires no trigger there, and one statement on `{other}` may change any number of rows at once."),
        );
    }
    let orphans = ask.no_orphans(&table, &key.columns, &other, &referenced);
    let title = format!("Every {} of `{table}` is in `{other}`", listed(&key.columns));
    b.push(
        Draft::verify(PhaseName::Migrate, Rank::Index, title.clone(), answer(&orphans))
            .why("The foreign key is added without the server looking at the rows. Reads the table.")
            .on(&table),
    );
    let actions = if key.actions.is_empty() { String::new() } else { format!(" {}", key.actions) };
    let spec = format!(
        "ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){actions}",
        id(&name),
        ids(&key.columns),
        b.name(&other),
        ids(&referenced)
    );
    let t = b.name(&table);
    let before = on_catalog.as_ref().unwrap_or(on.before);
    let session = crate::engine::Session {
        settings: b
            .session
            .settings
            .clone()
            .into_iter()
            .chain([("foreign_key_checks".to_owned(), "0".to_owned())])
            .collect(),
    };
    let clauses = super::way::best_in(b, before, &session, &t, std::slice::from_ref(&spec))?;
    let sql = vec![
        "SET SESSION foreign_key_checks = 0".to_owned(),
        super::way::statement(&t, &[spec], &clauses.clauses),
        "SET SESSION foreign_key_checks = 1".to_owned(),
    ];
    let undo = back(
        b,
        vec![format!("ALTER TABLE {t} DROP FOREIGN KEY {}", id(&name))],
        "Drops the foreign key; a change of the catalog.",
    );
    let draft = super::alter::plain(
        b,
        PhaseName::Migrate,
        Rank::AddConstraint,
        format!("Add foreign key `{name}` from `{table}` to `{other}`"),
        sql,
        undo,
        &ask.constraint(&table, &name, "FOREIGN KEY"),
        "With `foreign_key_checks` off in this session alone the server does not look at the rows that are there, and takes a moment; it looks at every row that is written from then on. With it on, the table would be copied.",
    )
    .on(&table)
    .on(&other)
    .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, &table))
    .abort_if("The metadata lock is not granted within the timeout five times in a row: find the open transaction first.");
    let added = b.push(draft);
    refuses(b, added, format!("may write a row into `{table}` that foreign key `{name}` refuses from here on"));
    b.push(
        Draft::verify(PhaseName::Migrate, Rank::Verify, format!("{title}, still"), answer(&orphans))
            .why("A row may have come between the first look and the foreign key. If one did: delete or mend it, then run this again. Reads the table.")
            .on(&table),
    );
    Ok("the rows are proved by queries; the server adds the foreign key without reading them".to_owned())
}

pub fn drop_foreign_key(b: &mut Builder, on: On, name: &Ident, if_exists: bool) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    if on.table.constraint(name).is_none() {
        if if_exists {
            return Ok(format!("nothing to do: `{name}` is not there"));
        }
        return Err(Refusal::new(format!("`{table}` has no foreign key `{name}`"), "Name a foreign key of the table."));
    }
    let again = spell::constraint_again(on.table, name).map(|d| format!("ADD {d}"));
    let (_, way) = alter(b, on, Piece {
        phase: PhaseName::Contract,
        rank: Rank::DropConstraint,
        spec: format!("DROP FOREIGN KEY {}", id(name)),
        back: again,
        because: "Puts it back, with every row looked at: prove the rows first and set `foreign_key_checks` off in the session to keep it short.".to_owned(),
        done: ask.constraint_gone(&table, name, "FOREIGN KEY"),
        title: format!("Drop foreign key `{name}` of `{table}`"),
        why: "From then on nothing keeps orphans out, and nothing cascades. Its index stays.".to_owned(),
    })?;
    Ok(way_told(&way))
}

/// MySQL gives CHECKs names from 8.0.16 on, and only reads over them before.
fn checks_are_kept(on: On) -> bool {
    let v = on.before.server.version;
    on.before.server.engine == Engine::Mariadb || (v.major, v.minor, v.patch) >= (8, 0, 16)
}

/// # Errors
/// The server only reads over it.
pub fn kept(on: On) -> Result<(), Refusal> {
    if checks_are_kept(on) {
        return Ok(());
    }
    Err(Refusal::new(
        format!("{} reads over CHECK: nothing would be checked", on.before.server),
        "Leave it out, or check in the application; a trigger that raises SIGNAL can refuse rows, too.",
    ))
}

pub fn add_check(b: &mut Builder, on: On, check: &CheckDef) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    kept(on)?;
    let name = match &check.name {
        Some(name) => {
            b.reserve(name);
            name.clone()
        }
        None => {
            let mut number = 1;
            let mariadb = on.before.server.engine == Engine::Mariadb;
            let made = |n: u32| if mariadb { format!("CONSTRAINT_{n}") } else { format!("{}_chk_{n}", table.name) };
            while on.table.constraint(&Ident::new(made(number))).is_some() {
                number += 1;
            }
            Ident::new(made(number))
        }
    };
    b.need(Need::new(Slot::Tolerate, Placement::Fixed, &table).say(format!(
        "Write only rows into `{table}` for which `{}` holds.",
        super::names::brief(&check.expression).replace('`', "'")
    )));
    if check.enforced {
        b.push(
            Draft::verify(
                PhaseName::Migrate,
                Rank::Index,
                format!("Every row of `{table}` passes `{name}`"),
                answer(&ask.no_row(&table, &format!("NOT ({})", check.expression))),
            )
            .why("The first row that does not ends the copy with an error. Reads the table.")
            .on(&table),
        );
    }
    let enforced = if check.enforced { "" } else { " NOT ENFORCED" };
    let (made, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::AddConstraint,
            spec: format!("ADD CONSTRAINT {} CHECK ({}){enforced}", id(&name), check.expression),
            back: Some(drop_check_spec(on, &name)),
            because: "Drops the CHECK; a change of the catalog.".to_owned(),
            done: ask.constraint(&table, &name, "CHECK"),
            title: format!("Add CHECK `{name}` to `{table}`"),
            why: "The server copies the table to look at every row.".to_owned(),
        },
    )?;
    if check.enforced {
        refuses(b, made, format!("may write a row into `{table}` that CHECK `{name}` refuses from here on"));
    }
    Ok(way_told(&way))
}

fn drop_check_spec(on: On, name: &Ident) -> String {
    let word = if on.before.server.engine == Engine::Mariadb { "CONSTRAINT" } else { "CHECK" };
    format!("DROP {word} {}", id(name))
}

pub fn enforce(b: &mut Builder, on: On, name: &Ident, enforced: bool) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let found = on.table.constraint(name).filter(|c| c.kind == ConstraintKind::Check);
    let Some(check) = found else {
        return Err(Refusal::new(format!("`{table}` has no CHECK `{name}`"), "Name a CHECK of the table."));
    };
    let word = |e: bool| if e { "ENFORCED" } else { "NOT ENFORCED" };
    if enforced {
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, &table)
                .say(format!("Write only rows into `{table}` that CHECK `{name}` lets in.")),
        );
        let definition = check.definition.trim();
        let inside = definition.find('(').and_then(|at| definition.get(at..)).unwrap_or(definition);
        b.push(
            Draft::verify(
                PhaseName::Migrate,
                Rank::Index,
                format!("Every row of `{table}` passes `{name}`"),
                answer(&ask.no_row(&table, &format!("NOT {inside}"))),
            )
            .why("The first row that does not ends the copy with an error. Reads the table.")
            .on(&table),
        );
    }
    let kept = format!(
        "CONSTRAINT_NAME = {} AND ENFORCED = '{}'",
        crate::engine::emit::mysql::literal(name.as_str()),
        if enforced { "YES" } else { "NO" }
    );
    let (made, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::AddConstraint,
            spec: format!("ALTER CHECK {} {}", id(name), word(enforced)),
            back: Some(format!("ALTER CHECK {} {}", id(name), word(!enforced))),
            because: "Turns it back.".to_owned(),
            done: ask.exists("TABLE_CONSTRAINTS", &table, &format!(" AND {kept}")),
            title: format!("CHECK `{name}` of `{table}` becomes {}", word(enforced).to_lowercase()),
            why: "Enforcing it looks at every row.".to_owned(),
        },
    )?;
    if enforced {
        refuses(b, made, format!("may write a row into `{table}` that CHECK `{name}` refuses from here on"));
    }
    Ok(way_told(&way))
}

pub fn drop(b: &mut Builder, on: On, name: &Ident, if_exists: bool) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let Some(found) = on.table.constraint(name) else {
        if on.table.index(name).is_some() {
            return super::index::drop(b, on, name, if_exists);
        }
        if if_exists {
            return Ok(format!("nothing to do: `{name}` is not there"));
        }
        return Err(Refusal::new(format!("`{table}` has no constraint `{name}`"), "Name a constraint of the table."));
    };
    match found.kind {
        ConstraintKind::ForeignKey => drop_foreign_key(b, on, name, if_exists),
        ConstraintKind::PrimaryKey => drop_key(b, on),
        ConstraintKind::Unique => super::index::drop(b, on, name, if_exists),
        _ => {
            let (_, way) = alter(
                b,
                on,
                Piece {
                    phase: PhaseName::Contract,
                    rank: Rank::DropConstraint,
                    spec: drop_check_spec(on, name),
                    back: spell::constraint_again(on.table, name).map(|d| format!("ADD {d}")),
                    because: "Puts the CHECK back, with every row looked at.".to_owned(),
                    done: ask.constraint_gone(&table, name, "CHECK"),
                    title: format!("Drop CHECK `{name}` of `{table}`"),
                    why: "From then on rows may come that it would have refused.".to_owned(),
                },
            )?;
            Ok(way_told(&way))
        }
    }
}
