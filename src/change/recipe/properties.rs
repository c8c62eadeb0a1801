//! What is said of a column and does not follow its values: storage, compression, statistics, options, comment, grants.

use super::dependents::column_grants;
use crate::engine::emit::probe;
use crate::model::{Column, Ident, Table};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Undo};

/// Whether the successor has the type of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    Type,
    /// ALTER COLUMN TYPE keeps neither storage nor compression: so does its online way.
    NotType,
}

/// Gives `new` what is said of `column`, before anything is written to it.
pub fn give(b: &mut Builder, table: &Table, column: &Column, new: &Ident, same: Same) {
    let (t, c) = (b.name(&table.name), b.id(new));
    let alter = format!("ALTER TABLE {t} ALTER COLUMN {c}");
    let mut sql = Vec::new();
    let mut done = Vec::new();
    if same == Same::Type {
        if let Some(storage) = &column.storage {
            sql.push(format!("{alter} SET STORAGE {storage}"));
            done.push(probe::column_storage_is(&table.name, new, storage));
        }
        if let Some(method) = &column.compression {
            sql.push(format!("{alter} SET COMPRESSION {method}"));
            done.push(probe::column_compression_is(&table.name, new, method));
        }
    }
    if let Some(statistics) = column.statistics {
        sql.push(format!("{alter} SET STATISTICS {statistics}"));
        done.push(probe::column_statistics_are(&table.name, new, statistics));
    }
    if !column.options.is_empty() {
        sql.push(format!("{alter} SET ({})", column.options.join(", ")));
        done.push(probe::column_options_are(&table.name, new, &column.options));
    }
    if let Some(comment) = &column.comment {
        sql.push(format!("COMMENT ON COLUMN {t}.{c} IS {}", b.dialect().literal(comment)));
        done.push(probe::column_comment_is(&table.name, new, comment));
    }
    let grants = column_grants(b, table, column, new);
    if !grants.is_empty() {
        sql.extend(grants);
        done.push(probe::column_has_grants(&table.name, new));
    }
    if sql.is_empty() {
        return;
    }
    let title = format!("Give `{new}` of `{}` what is said of `{}`", table.name, column.name);
    let mut draft = Draft::sql(PhaseName::Expand, Rank::SetDefault, title, sql, b.brief())
        .why("Storage, statistics, comment and grants do not follow the values. Before the backfill, so that every value is stored that way.")
        .on(&table.name)
        .done(probe::all(&done))
        .watch("Who holds a lock on the table", probe::lock_holders(&table.name));
    draft.undo = Undo::Nothing { because: "It goes with the new column.".to_owned() };
    b.push(draft);
}
