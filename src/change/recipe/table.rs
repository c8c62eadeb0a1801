//! What a recipe asks of a table as a whole, and what the reader should know of it.

use crate::change::Refusal;
use crate::model::{Ident, Table, TableKind};
use crate::plan::Severity;
use crate::plan::build::{Builder, listed};

/// A table that a batched pass can walk.
///
/// # Errors
/// [`Refusal`] without a primary key or a unique NOT NULL index.
pub fn walkable(b: &Builder, table: &Table) -> Result<(), Refusal> {
    if table.kind == TableKind::Foreign {
        return Err(Refusal::new(format!("`{}` is a foreign table", table.name), "Change it on its own server."));
    }
    if b.walk_key(table).is_none() {
        return Err(Refusal::new(
            format!(
                "`{}` has no primary key and no unique index over NOT NULL columns, so its rows cannot be filled in batches",
                table.name
            ),
            "Add a primary key first, or ask for `--strategy direct` if the table may be blocked.",
        ));
    }
    Ok(())
}

/// What the reader should know of what goes with a column, and of who fires during a backfill.
pub fn drop_column_notes(b: &mut Builder, table: &Table, columns: &[Ident]) {
    let indexes: Vec<String> = table
        .indexes
        .iter()
        .filter(|i| i.uses.iter().any(|u| columns.contains(u)))
        .map(|i| format!("`{}`", i.name))
        .collect();
    if !indexes.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Dropping {} of `{}` drops the indexes that use it: {}.",
                listed(columns),
                table.name,
                indexes.join(", ")
            ),
        );
    }
    let naming: Vec<String> = b.catalog.functions_naming(&table.name).map(|f| format!("`{}`", f.name)).collect();
    if !naming.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Functions whose text names `{}`: {}. The server does not check them; look for {} in their bodies.",
                table.name,
                naming.join(", "),
                listed(columns)
            ),
        );
    }
}

/// Triggers of the table that fire for every row a backfill updates.
pub fn user_triggers(b: &mut Builder, table: &Table) {
    let firing: Vec<String> = table
        .triggers
        .iter()
        .filter(|t| t.fires_on_update && t.enabled.as_deref() != Some("disabled"))
        .map(|t| format!("`{}`", t.name))
        .collect();
    if !firing.is_empty() {
        b.finding(
            Severity::Warning,
            format!("The backfill of `{}` fires its triggers for every row: {}.", table.name, firing.join(", ")),
        );
    }
}
