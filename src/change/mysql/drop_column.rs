//! A column goes: first no release uses it, then it is dropped.

use super::alter::{Piece, alter};
use super::{On, spell};
use crate::change::Refusal;
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::Ask;
use crate::model::{Column, Constraint, Ident, Table};
use crate::plan::build::Builder;
use crate::plan::draft::Rank;
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};

pub fn drop(b: &mut Builder, on: On, column: &Ident, if_exists: bool) -> Result<String, Refusal> {
    let table = on.name().clone();
    if on.table.column(column).is_none() {
        if if_exists {
            return Ok(format!("nothing to do: `{column}` is not there"));
        }
        return Err(Refusal::new(format!("`{table}` has no column `{column}`"), "Name a column of the table."));
    }
    let views: Vec<String> =
        b.catalog.views_using(&table, std::slice::from_ref(column)).map(|v| format!("`{}`", v.name)).collect();
    if !views.is_empty() {
        return Err(Refusal::new(
            format!("{} reads `{table}.{column}`", views.join(", ")),
            "Replace the view by one without the column first, with CREATE OR REPLACE VIEW: MySQL drops the column all the same, and the view fails from then on.",
        ));
    }
    let columns = std::slice::from_ref(column);
    let mut forgets = Need::new(Slot::Unused, Placement::Fixed, &table)
        .stops_reading(columns)
        .stops_writing(columns)
        .orm("rails", format!("self.ignored_columns += [{:?}] in this release", column.to_string()))
        .orm("django", "SeparateDatabaseAndState: remove the field from the state in this release, from the database in the contract phase");
    if bear_without(b, on, column, After::Nobody)? == Bears::Null {
        // Rows of the new release hold NULL where the old one has never met one: its readers have to be gone first.
        b.need(
            Need::new(Slot::Use, Placement::Latest, &table)
                .stops_reading(columns)
                .say(format!("No longer read `{column}` of `{table}`; go on writing it.")),
        );
        b.rule(Rule::Stale {
            table: table.clone(),
            column: column.clone(),
            from: Mark::Deployed(Slot::Unused),
            because: format!("reads `{table}.{column}`, which the newest release no longer writes"),
        });
        forgets = forgets.say(format!("No longer write `{column}` of `{table}`."));
    } else {
        forgets = forgets
            .say(format!("No longer read or write `{column}` of `{table}`; name columns instead of `SELECT *`."));
    }
    b.need(forgets);
    indexes(b, on.table, column);
    drop_it(b, on, column, "No release reads or writes it any more.")?;
    Ok("no release uses it before it goes".to_owned())
}

/// The step alone.
pub fn drop_it(b: &mut Builder, on: On, column: &Ident, why: &str) -> Result<(), Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    alter(
        b,
        on,
        Piece {
            phase: PhaseName::Contract,
            rank: Rank::DropColumn,
            spec: format!("DROP COLUMN {}", id(column)),
            back: None,
            because: "The column's values are gone; only a backup brings them back.".to_owned(),
            done: ask.column_gone(&table, column),
            title: format!("Drop `{column}` from `{table}`"),
            why: why.to_owned(),
        },
    )?;
    Ok(())
}

/// Who writes a column that an INSERT leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Nobody,
    Trigger,
}

/// What a row has in a column that nobody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bears {
    /// A value of its type, or what it may hold today.
    Value,
    /// NULL, which it may not hold today.
    Null,
}

/// A release that leaves a NOT NULL column out needs a default there: the server's own, or none at all.
///
/// # Errors
/// Of the primary key, which can have neither.
pub fn bear_without(b: &mut Builder, on: On, column: &Ident, after: After) -> Result<Bears, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let Some(old) = on.table.column(column) else { return Ok(Bears::Value) };
    let numbered = old.mysql.as_ref().is_some_and(|m| m.auto_increment);
    if old.generated.is_some() || numbered {
        return Ok(Bears::Value);
    }
    // What the script drops before may go after the release.
    let tables = || std::iter::once(on.table).chain(b.catalog.table(&table));
    if let Some(default) = &old.default {
        let unique = tables().flat_map(|t| &t.indexes).find(|i| i.unique && i.uses == [column.clone()]);
        return match unique.filter(|_| after == After::Nobody && !default.sql.eq_ignore_ascii_case("null")) {
            None => Ok(Bears::Value),
            Some(index) => Err(Refusal::new(
                format!(
                    "`{table}.{column}` is in the unique index `{}` and has a default: rows of a release that leaves it out would meet there",
                    index.name
                ),
                "Drop the index, or the column's default, in a plan of its own first.",
            )),
        };
    }
    if !old.not_null {
        return Ok(Bears::Value);
    }
    if after == After::Nobody && on.table.primary_key().is_some_and(|k| k.columns.contains(column)) {
        return Err(Refusal::new(
            format!(
                "`{table}.{column}` is part of the primary key: rows of a release that leaves it out would have equal keys"
            ),
            "Give the table another primary key first, in a plan of its own.",
        ));
    }
    let held = after == After::Nobody && tables().any(|t| is_held(t, old));
    let given = spell::implicit(&old.data_type).filter(|_| !held);
    let bears = if given.is_some() { Bears::Value } else { Bears::Null };
    let (spec, back, done) = match given {
        Some(value) => (
            format!("ALTER COLUMN {} SET DEFAULT {value}", id(column)),
            format!("ALTER COLUMN {} DROP DEFAULT", id(column)),
            ask.has_default(&table, column, true),
        ),
        None => {
            let now = spell::existing(on.table, old);
            let loose = now.replacen(" NOT NULL", " NULL", 1);
            (
                format!("MODIFY COLUMN {} {loose}", id(column)),
                format!("MODIFY COLUMN {} {now}", id(column)),
                ask.not_null(&table, column, false),
            )
        }
    };
    alter(
        b,
        on,
        Piece {
            phase: PhaseName::Expand,
            rank: Rank::Relax,
            spec,
            back: Some(back),
            because: "Takes the helper back.".to_owned(),
            done,
            title: format!("Let an INSERT leave `{table}.{column}` out"),
            why: if held {
                "The next release inserts rows without it. NULL, since one value for all of them would meet a unique index, a foreign key or a CHECK.".to_owned()
            } else {
                "The next release inserts rows without it.".to_owned()
            },
        },
    )?;
    Ok(bears)
}

/// The same value in every new row would meet a unique index, a foreign key or a CHECK; NULL does not.
fn is_held(table: &Table, column: &Column) -> bool {
    let name = &column.name;
    let names = |c: &Constraint| c.columns.contains(name) || c.definition.contains(name.as_str());
    table.indexes.iter().any(|i| i.unique && i.uses.contains(name))
        || table.constraints.iter().any(names)
        || column.mysql.as_ref().is_some_and(|m| m.check.is_some())
}

fn indexes(b: &mut Builder, table: &Table, column: &Ident) {
    for index in table.indexes.iter().filter(|i| i.uses.contains(column)) {
        let alone = index.uses.len() == 1;
        let text = if alone {
            format!("Index `{}` of `{}` goes with `{column}`.", index.name, table.name)
        } else {
            format!(
                "Index `{}` of `{}` loses its part `{column}` with the column and stays over the rest: a unique one may then meet duplicates and stop the step. Drop or replace it in the script if that is not meant.",
                index.name, table.name
            )
        };
        b.finding(if alone { Severity::Note } else { Severity::Warning }, text);
    }
}
