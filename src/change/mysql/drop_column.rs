//! A column goes: first no release uses it, then it is dropped.

use super::alter::{Piece, alter};
use super::{On, spell};
use crate::change::Refusal;
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::Ask;
use crate::model::{Ident, Table};
use crate::plan::build::Builder;
use crate::plan::draft::Rank;
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity};

pub fn drop(b: &mut Builder, on: On, column: &Ident, if_exists: bool) -> Result<String, Refusal> {
    let table = on.name().clone();
    let Some(old) = on.table.column(column) else {
        if if_exists {
            return Ok(format!("nothing to do: `{column}` is not there"));
        }
        return Err(Refusal::new(format!("`{table}` has no column `{column}`"), "Name a column of the table."));
    };
    let views: Vec<String> =
        b.catalog.views_using(&table, std::slice::from_ref(column)).map(|v| format!("`{}`", v.name)).collect();
    if !views.is_empty() {
        return Err(Refusal::new(
            format!("{} reads `{table}.{column}`", views.join(", ")),
            "Replace the view by one without the column first, with CREATE OR REPLACE VIEW: MySQL drops the column all the same, and the view fails from then on.",
        ));
    }
    let columns = std::slice::from_ref(column);
    b.need(
        Need::new(Slot::Unused, Placement::Fixed, &table)
            .stops_reading(columns)
            .stops_writing(columns)
            .say(format!("No longer read or write `{column}` of `{table}`; name columns instead of `SELECT *`."))
            .orm("rails", format!("self.ignored_columns += [{:?}] in this release", column.to_string()))
            .orm("django", "SeparateDatabaseAndState: remove the field from the state in this release, from the database in the contract phase"),
    );
    bear_without(b, on, column)?;
    indexes(b, on.table, column);
    drop_it(b, on, column, "No release reads or writes it any more.")?;
    let _ = old;
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

/// A release that leaves a NOT NULL column out needs a default there: the server's own, or none at all.
pub fn bear_without(b: &mut Builder, on: On, column: &Ident) -> Result<(), Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let Some(old) = on.table.column(column) else { return Ok(()) };
    let given = old.default.is_some()
        || old.generated.is_some()
        || old.mysql.as_ref().is_some_and(|m| m.auto_increment)
        || !old.not_null;
    if given {
        return Ok(());
    }
    let (spec, back, done) = match spell::implicit(&old.data_type) {
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
            why: "The next release inserts rows without it.".to_owned(),
        },
    )?;
    Ok(())
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
