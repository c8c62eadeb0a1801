//! Which object a name means: columns and keys whatever their case, tables as the server's file system has them.

use super::fault;
use crate::model::{Catalog, Column, Ident, Table, TableName};
use crate::sql::ObjectName;

/// Names of columns, keys and constraints are equal in any case.
pub(super) fn same(a: &Ident, b: &Ident) -> bool {
    a == b || a.as_str().to_lowercase() == b.as_str().to_lowercase()
}

pub(super) fn has(list: &[Ident], name: &Ident) -> bool {
    list.iter().any(|n| same(n, name))
}

/// The full name, as the server would store it.
pub(super) fn full(catalog: &Catalog, name: &ObjectName) -> TableName {
    let here = || catalog.search_path.first().cloned().unwrap_or_else(|| Ident::new(catalog.database.clone()));
    let schema = name.schema.clone().unwrap_or_else(here);
    let folds = catalog.server.settings.get("lower_case_table_names").map(String::as_str);
    match folds {
        Some("1") => TableName::new(schema.as_str().to_lowercase(), name.name.as_str().to_lowercase()),
        // Kept as written, compared without case.
        Some("2") => {
            let lower = |t: &TableName| (t.schema.as_str().to_lowercase(), t.name.as_str().to_lowercase());
            let asked = TableName { schema, name: name.name.clone() };
            let known = catalog.tables.iter().find(|t| lower(&t.name) == lower(&asked)).map(|t| t.name.clone());
            known.unwrap_or(asked)
        }
        _ => TableName { schema, name: name.name.clone() },
    }
}

pub(super) fn table(catalog: &Catalog, name: &ObjectName) -> Result<Table, String> {
    let full = full(catalog, name);
    catalog.table(&full).cloned().ok_or_else(|| fault::no_table(full))
}

pub(super) fn column<'t>(table: &'t Table, name: &Ident) -> Option<&'t Column> {
    table.columns.iter().find(|c| same(&c.name, name))
}

/// The columns' names as the table has them.
pub(super) fn settled(table: &Table, columns: &[Ident]) -> Result<Vec<Ident>, String> {
    columns.iter().map(|c| column(table, c).map(|c| c.name.clone()).ok_or_else(|| fault::no_key_column(c))).collect()
}

pub(super) fn quoted(name: &Ident) -> String {
    format!("`{}`", name.as_str().replace('`', "``"))
}

pub(super) fn list(names: &[Ident]) -> String {
    names.iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// 64 characters.
pub(super) fn fits(name: &Ident) -> Result<(), String> {
    if name.as_str().chars().count() > 64 { Err(fault::name_too_long(name)) } else { Ok(()) }
}

/// `base_N`, one above the highest number that is taken.
pub(super) fn numbered<'n>(base: &str, taken: impl Iterator<Item = &'n Ident>) -> Ident {
    let highest =
        taken.filter_map(|n| n.as_str().strip_prefix(base)?.strip_prefix('_')?.parse::<u32>().ok()).max().unwrap_or(0);
    Ident::new(format!("{base}_{}", highest.saturating_add(1)))
}
