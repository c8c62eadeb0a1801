//! Columns that come and change: ADD, MODIFY, CHANGE, defaults, visibility.

use super::alter::{Piece, alter, refuses};
use super::definition::Change;
use super::{On, moved, spell};
use crate::change::Refusal;
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::{Ask, answer};
use crate::model::{Column, Ident};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::mysql::statement::{ColumnDef, IndexDef, IndexKind, KeyPart, Position};

pub fn add(
    b: &mut Builder,
    on: On,
    column: &ColumnDef,
    position: Option<&Position>,
    if_not_exists: bool,
) -> Result<String, Refusal> {
    let (table, name) = (on.name().clone(), &column.name);
    if if_not_exists && on.table.column(name).is_some() {
        return Ok(format!("nothing to do: `{name}` exists"));
    }
    let has_value = column.default.is_some() || column.generated.is_some() || column.auto_increment;
    let promised = column.not_null == Some(true) && !has_value && !column.primary;
    let mut default = column.default.clone();
    if promised {
        default = Some(spell::implicit(&column.data_type).ok_or_else(|| {
            Refusal::new(
                format!("`{table}` has rows, and `{name}` is NOT NULL without a value for them"),
                format!("Add a DEFAULT. Or add `{name}` without NOT NULL, fill it with an UPDATE, and then MODIFY it to NOT NULL."),
            )
        })?);
    }
    if column.check.is_some() {
        super::constraint::kept(on)?;
    }
    let server = &on.before.server;
    let old = server.engine == crate::model::Engine::Mysql && (server.version.major, server.version.minor) < (5, 7);
    if old && super::types::shape(&column.data_type).word == "json" {
        return Err(Refusal::new(
            format!("{server} has no type JSON"),
            "Write LONGTEXT CHARACTER SET utf8mb4 instead, and let the application check the value.",
        ));
    }
    let key = if column.primary { " PRIMARY KEY" } else { "" };
    let check = column.check.as_ref().map_or_else(String::new, |c| {
        let name = c.name.as_ref().map_or_else(String::new, |n| format!(" CONSTRAINT {}", id(n)));
        format!("{name} CHECK ({})", c.expression)
    });
    let definition = spell::definition(column, column.not_null, default.as_deref());
    let spec = format!("ADD COLUMN {} {definition}{key}{check}{}", id(name), spell::position(position));
    let ask = Ask(on.before);
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Expand,
            rank: Rank::AddColumn,
            spec,
            back: Some(format!("DROP COLUMN {}", id(name))),
            because: if column.generated.is_some() {
                "Drops the column, which holds nothing of its own."
            } else {
                "Drops the new column with what was written to it."
            }
            .to_owned(),
            done: ask.column(&table, name, ""),
            title: format!("Add `{name}` to `{table}`"),
            why: if column.generated.is_some() {
                "Running releases do not know the column; the server computes it."
            } else {
                "Running releases do not know the column; an INSERT that leaves it out gets its default."
            }
            .to_owned(),
        },
    )?;
    let columns = std::slice::from_ref(name);
    let mut need =
        Need::new(if promised { Slot::Tolerate } else { Slot::Use }, Placement::Fixed, &table).reads(columns);
    if column.generated.is_none() {
        need = need.writes(columns);
    }
    if promised {
        need = need.say(format!("Send a value for `{name}` in every INSERT into `{table}`."));
    } else {
        need = need.say(format!("`{name}` of `{table}` may be used."));
        need.placement = Placement::Earliest;
        need.slot = Slot::Tolerate;
    }
    b.need(need);
    if promised {
        let value = default.unwrap_or_default();
        // The naive ADD COLUMN gives the same value to the rows that are there.
        let (gone, _) = alter(
            b,
            on_after(b, on, column, &value).as_on(),
            Piece {
                phase: PhaseName::Contract,
                rank: Rank::DropConstraint,
                spec: format!("ALTER COLUMN {} DROP DEFAULT", id(name)),
                back: Some(format!("ALTER COLUMN {} SET DEFAULT {value}", id(name))),
                because: "Puts the default back.".to_owned(),
                done: ask.has_default(&table, name, false),
                title: format!("Take the helper default of `{table}.{name}` away"),
                why: format!(
                    "Every running release sends a value now. Until then an INSERT without one got {value}, the value that rows from before have."
                ),
            },
        )?;
        refuses(b, gone, format!("may insert into `{table}` without `{name}`, which has no default from here on"));
        b.finding(
            Severity::Note,
            format!("`{name}` is NOT NULL without a default: the rows that are there get {value}, as the server gives them. It stands as a helper default until every release sends a value."),
        );
    }
    if column.unique {
        let index = IndexDef {
            kind: IndexKind::Unique,
            name: None,
            if_not_exists: false,
            parts: vec![KeyPart { column: Some(name.clone()), prefix: None, expression: None, descending: false }],
            invisible: false,
            options: String::new(),
        };
        let grown = on_after(b, on, column, default_text(column));
        super::index::add(b, grown.as_on(), &index)?;
    }
    if let Some(key) = &column.references {
        let grown = on_after(b, on, column, default_text(column));
        super::constraint::add_foreign_key(b, grown.as_on(), key)?;
    }
    Ok(way_told(&way))
}

fn default_text(column: &ColumnDef) -> &str {
    column.default.as_deref().unwrap_or("")
}

/// The database once the column is there.
pub struct Grown {
    before: crate::model::Catalog,
    table: crate::model::Table,
}

impl Grown {
    pub fn as_on(&self) -> On<'_> {
        On { before: &self.before, table: &self.table }
    }
}

fn on_after(b: &Builder, on: On, column: &ColumnDef, default: &str) -> Grown {
    let default = Some(default).filter(|d| !d.is_empty());
    let text = format!(
        "ALTER TABLE {} ADD COLUMN {} {}",
        b.name(on.name()),
        id(&column.name),
        spell::definition(column, column.not_null, default)
    );
    let before = super::alter::after(on.before, &text).unwrap_or_else(|| on.before.clone());
    let table = before.table(on.name()).cloned().unwrap_or_else(|| on.table.clone());
    Grown { before, table }
}

/// Why this way was chosen, in a few words.
pub fn way_told(way: &super::way::Way) -> String {
    match (way.clauses.as_str(), way.is_instant(), way.blocks) {
        (_, true, _) => "catalog only".to_owned(),
        ("", _, false) => "online".to_owned(),
        ("", _, true) => "writes wait".to_owned(),
        (clauses, _, false) => format!("online: `{clauses}`"),
        (clauses, _, true) => format!("`{clauses}`: writes wait"),
    }
}

fn missing(on: On, column: &Ident) -> Refusal {
    Refusal::new(format!("`{}` has no column `{column}`", on.name()), "Name a column of the table.")
}

/// MODIFY, CHANGE.
pub fn modify(
    b: &mut Builder,
    on: On,
    from: &Ident,
    column: &ColumnDef,
    position: Option<&Position>,
) -> Result<String, Refusal> {
    let table = on.name().clone();
    let old = on.table.column(from).ok_or_else(|| missing(on, from))?;
    if *from != column.name {
        return moved::renamed(b, on, from, &column.name, Some(column));
    }
    let text = format!("MODIFY COLUMN {} {}{}", id(from), column.text, spell::position(position));
    let changed = super::alter::after(on.before, &format!("ALTER TABLE {} {text}", b.name(&table)));
    let new = changed.as_ref().and_then(|c| c.table(&table)).and_then(|t| t.column(from)).cloned();
    // Where the replay refuses, the judge below says why.
    let new = new.unwrap_or_else(|| old.clone());
    let change = Change { on, old, new: &new, written: column, position };
    if changed.is_some() && change.is_none() {
        return Ok(format!("nothing to do: `{from}` is so already"));
    }
    lost(b, on, old, &new, column);
    let reached = change.reached();
    if changed.is_some() && reached.is_none() {
        return super::table::as_written(b, on, &text);
    }
    let strict = column.not_null == Some(true) && !old.not_null;
    if strict {
        no_nulls(b, on, from);
    }
    let typed = new.data_type != old.data_type;
    if typed {
        fits(b, on, old, column);
    }
    let place = if position.is_some() { spell::place(on.table, from) } else { String::new() };
    let moved_alone = *old == new;
    if position.is_some() {
        b.finding(
            Severity::Warning,
            format!("`{from}` of `{table}` stands elsewhere from then on: `SELECT *` read by position, and an INSERT without a list of columns, take one column for another without an error. Name the columns first."),
        );
    }
    let why = if typed {
        "Every value is kept as the new type has it; in strict mode the server stops at one that does not fit."
    } else {
        "The values stay as they are."
    };
    let counted = |c: &Column| c.mysql.as_ref().is_some_and(|m| m.auto_increment);
    let silent = (old.default.is_some() || counted(old))
        && !(column.default.is_some() || counted(&new))
        && column.not_null == Some(true)
        && !strict;
    if silent {
        b.need(Need::new(Slot::Tolerate, Placement::Fixed, &table).say(format!(
            "Send a value for `{from}` in every INSERT into `{table}`: the new definition has no default."
        )));
    }
    let (changed, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::AddConstraint,
            spec: text,
            back: Some(format!("MODIFY COLUMN {} {}{place}", id(from), spell::existing(on.table, old))),
            because: match super::types::misfit(&new, &old.data_type).filter(|_| typed) {
                Some(misfit) => format!(
                    "Gives the column its old definition back; a row for which {} holds by then stops it, and has to be changed first.",
                    misfit.replace('`', "")
                ),
                None => "Gives the column its old definition back.".to_owned(),
            },
            done: crate::engine::emit::mysql::probe::all(&reached.unwrap_or_default()),
            title: match position.filter(|_| moved_alone) {
                Some(position) => format!("Move `{table}.{from}` {}", where_to(position)),
                None => format!("Change `{table}.{from}` to `{}`", super::names::brief(&column.text)),
            },
            why: why.to_owned(),
        },
    )?;
    if strict {
        refuses(b, changed, format!("may write NULL to `{table}.{from}`, which is refused from here on"));
    } else if typed && super::types::misfit(old, &column.data_type).is_some() {
        refuses(b, changed, format!("may write a value that does not fit `{table}.{from}` from here on"));
    } else if silent {
        refuses(b, changed, format!("may insert into `{table}` without `{from}`, which has no default from here on"));
    }
    Ok(way_told(&way))
}

fn where_to(position: &Position) -> String {
    match position {
        Position::First => "to the front".to_owned(),
        Position::After(other) => format!("behind `{other}`"),
    }
}

/// MODIFY says the whole definition: what it leaves out is lost.
fn lost(b: &mut Builder, on: On, old: &Column, new: &Column, written: &ColumnDef) {
    let mut lost = Vec::new();
    if old.not_null && !new.not_null {
        lost.push("NOT NULL");
    }
    if old.default.is_some() && new.default.is_none() {
        lost.push("its default");
    }
    if old.comment.is_some() && new.comment.is_none() {
        lost.push("its comment");
    }
    let words = |c: &Column| c.mysql.as_deref().cloned().unwrap_or_default();
    let (before, after) = (words(old), words(new));
    if before.auto_increment && !after.auto_increment {
        lost.push("AUTO_INCREMENT");
    }
    if before.on_update.is_some() && after.on_update.is_none() {
        lost.push("ON UPDATE");
    }
    let said = written.collation.is_some() || written.charset.is_some();
    if before.collation != after.collation && before.collation.is_some() && !said {
        lost.push("its collation");
    }
    if !lost.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "MODIFY says the whole definition: `{}.{}` loses {}. Write it again in the statement if that is not meant.",
                on.name(),
                old.name,
                lost.join(", ")
            ),
        );
    }
}

/// Nobody sends NULL any more, and no row holds one.
fn no_nulls(b: &mut Builder, on: On, column: &Ident) {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    b.need(
        Need::new(Slot::Tolerate, Placement::Fixed, &table)
            .say(format!("Send a value other than NULL for `{column}` in every INSERT and UPDATE of `{table}`.")),
    );
    let condition = ask.no_row(&table, &format!("{} IS NULL", id(column)));
    let draft = Draft::verify(
        PhaseName::Migrate,
        Rank::Verify,
        format!("No row of `{table}` has NULL in `{column}`"),
        answer(&condition),
    )
    .why("The server stops at the first NULL, after the work it has done until then. Reads the table.")
    .on(&table);
    let draft = Draft { rank: Rank::Index, ..draft };
    b.push(draft);
}

/// Where values may not fit the new type, they are looked for first.
fn fits(b: &mut Builder, on: On, old: &Column, new: &ColumnDef) {
    let Some(misfit) = super::types::misfit(old, &new.data_type) else { return };
    let (table, ask) = (on.name().clone(), Ask(on.before));
    b.need(
        Need::new(Slot::Tolerate, Placement::Fixed, &table)
            .say(format!("Send only values for `{}` of `{table}` that fit `{}`.", old.name, new.data_type)),
    );
    let draft = Draft::verify(
        PhaseName::Migrate,
        Rank::Index,
        format!("Every value of `{table}.{}` fits `{}`", old.name, super::names::brief(&new.data_type)),
        answer(&ask.no_row(&table, &misfit)),
    )
    .why("A value that does not fit stops the change at that row. Reads the table.")
    .on(&table);
    b.push(draft);
}

pub fn set_default(b: &mut Builder, on: On, column: &Ident, default: &str) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let old = on.table.column(column).ok_or_else(|| missing(on, column))?;
    let back = match &old.default {
        Some(old) => format!("ALTER COLUMN {} SET DEFAULT {}", id(column), old.sql),
        None => format!("ALTER COLUMN {} DROP DEFAULT", id(column)),
    };
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Expand,
            rank: Rank::SetDefault,
            spec: format!("ALTER COLUMN {} SET DEFAULT {default}", id(column)),
            back: Some(back),
            because: "Puts the old default back.".to_owned(),
            done: ask.default_is(&table, column, default),
            title: format!("Default of `{table}.{column}` becomes `{}`", super::names::brief(default)),
            why: "For rows that are inserted without a value from now on; no row is touched.".to_owned(),
        },
    )?;
    Ok(way_told(&way))
}

pub fn drop_default(b: &mut Builder, on: On, column: &Ident) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let old = on.table.column(column).ok_or_else(|| missing(on, column))?;
    let Some(default) = &old.default else {
        return Ok(format!("nothing to do: `{column}` has no default"));
    };
    b.need(
        Need::new(Slot::Tolerate, Placement::Fixed, &table)
            .say(format!("Send a value for `{column}` in every INSERT into `{table}`: its default goes.")),
    );
    let (gone, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Contract,
            rank: Rank::DropConstraint,
            spec: format!("ALTER COLUMN {} DROP DEFAULT", id(column)),
            back: Some(format!("ALTER COLUMN {} SET DEFAULT {}", id(column), default.sql)),
            because: "Puts the default back.".to_owned(),
            done: ask.has_default(&table, column, false),
            title: format!("Drop the default of `{table}.{column}`"),
            why: "No row is touched. In strict mode an INSERT that leaves the column out fails from now on, even where it may be NULL: without a default there is none, not NULL."
                .to_owned(),
        },
    )?;
    refuses(b, gone, format!("may insert into `{table}` without `{column}`, which has no default from here on"));
    Ok(way_told(&way))
}

/// `SELECT *` does not show an invisible column.
pub fn visible(b: &mut Builder, on: On, column: &Ident, visible: bool) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    on.table.column(column).ok_or_else(|| missing(on, column))?;
    let word = |v: bool| if v { "VISIBLE" } else { "INVISIBLE" };
    let condition = format!(" AND EXTRA {}LIKE '%INVISIBLE%'", if visible { "NOT " } else { "" });
    b.need(
        Need::new(Slot::Tolerate, Placement::Fixed, &table)
            .say(format!("Name the columns instead of `SELECT *` from `{table}`: `{column}` changes its visibility.")),
    );
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::Other,
            spec: format!("ALTER COLUMN {} SET {}", id(column), word(visible)),
            back: Some(format!("ALTER COLUMN {} SET {}", id(column), word(!visible))),
            because: "Turns it back.".to_owned(),
            done: ask.column(&table, column, &condition),
            title: format!("`{table}.{column}` becomes {}", word(visible).to_lowercase()),
            why: "Only what `SELECT *` and an INSERT without a list of columns mean changes.".to_owned(),
        },
    )?;
    Ok(way_told(&way))
}
