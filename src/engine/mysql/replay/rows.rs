//! Rows change nothing of the catalog; tables and columns that do not exist are refused.

use super::fault::{self, Done};
use super::names;
use crate::model::{Catalog, Ident};
use crate::sql::ObjectName;
use crate::sql::mysql::statement::Rows;

pub(super) fn changed(catalog: &Catalog, rows: &Rows) -> Done {
    if is_view(catalog, &rows.table) {
        return Ok(());
    }
    let table = names::table(catalog, &rows.table)?;
    // A name of a join may be a common table's; the server will tell.
    if !rows.joined.is_empty() {
        return Ok(());
    }
    match rows.assignments.iter().find(|(column, _)| names::column(&table, column).is_none()) {
        Some((unknown, _)) => Err(fault::unknown_column(unknown, &table.name)),
        None => Ok(()),
    }
}

pub(super) fn inserted(catalog: &Catalog, table: &ObjectName, columns: &[Ident], from: &[ObjectName]) -> Done {
    if is_view(catalog, table) {
        return Ok(());
    }
    let table = names::table(catalog, table)?;
    for source in from.iter().filter(|s| !is_view(catalog, s)) {
        let name = names::full(catalog, source);
        // Other databases are not read, nor information_schema.
        if name.schema == table.name.schema && catalog.table(&name).is_none() {
            return Err(fault::no_table(name));
        }
    }
    match columns.iter().find(|c| names::column(&table, c).is_none()) {
        Some(unknown) => Err(fault::unknown_column(unknown, &table.name)),
        None => Ok(()),
    }
}

fn is_view(catalog: &Catalog, name: &ObjectName) -> bool {
    let full = names::full(catalog, name);
    catalog.views.iter().any(|v| v.name == full)
}
