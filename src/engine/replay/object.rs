//! Triggers, functions, views, and the small changes of a table that a plan may look at later.

use super::with_table;
use crate::model::catalog::Volatility;
use crate::model::objects::{Function, Trigger};
use crate::model::{Catalog, Ident, TableName};
use crate::sql::ObjectName;

pub(super) fn create_trigger(
    catalog: &mut Catalog,
    name: &Ident,
    table: &ObjectName,
    (function, definition): (&ObjectName, &str),
) {
    let function = function_name(catalog, function);
    let Some(table) = table.table(catalog).map(|t| t.name.clone()) else { return };
    for table in super::family(catalog, &table) {
        let trigger = Trigger {
            name: name.clone(),
            // As the server tells it: of a partition's copy, the partition's name.
            definition: super::rename::retargeted(&definition.replacen("OR REPLACE ", "", 1), &table),
            function: function.clone(),
            columns: catalog.table(&table).map(|t| super::belongs::watched(t, definition)).unwrap_or_default(),
            enabled: Some("origin".to_owned()),
            // The statement's events are not read; a trigger that may fire is taken to fire.
            fires_on_update: true,
            comment: None,
        };
        with_table(catalog, &table, |t| {
            t.triggers.retain(|g| g.name != *name);
            let at = t.triggers.partition_point(|g| g.name < *name);
            t.triggers.insert(at, trigger);
        });
    }
}

pub(super) fn drop_trigger(catalog: &mut Catalog, name: &Ident, table: &ObjectName) {
    let Some(table) = table.table(catalog).map(|t| t.name.clone()) else { return };
    for table in super::family(catalog, &table) {
        with_table(catalog, &table, |t| t.triggers.retain(|g| g.name != *name));
    }
}

/// Functions are found by the search path like tables; a new one goes into its first schema.
fn function_name(catalog: &Catalog, name: &ObjectName) -> TableName {
    let known = catalog
        .functions
        .iter()
        .find(|f| f.name.name == name.name && name.schema.as_ref().is_none_or(|s| f.name.schema == *s))
        .map(|f| f.name.clone());
    known.unwrap_or_else(|| {
        let first = catalog.search_path.first().cloned().unwrap_or_else(|| "public".into());
        TableName { schema: name.schema.clone().unwrap_or(first), name: name.name.clone() }
    })
}

pub(super) fn create_function(catalog: &mut Catalog, name: &ObjectName) {
    let name = function_name(catalog, name);
    if catalog.functions.iter().any(|f| f.name == name) {
        return;
    }
    let function = Function {
        name: name.clone(),
        arguments: String::new(),
        language: String::new(),
        // Its declaration is not read; volatile is what the server takes it for without one.
        volatility: Volatility::Volatile,
        names_tables: Vec::new(),
        uses: Vec::new(),
        definition: None,
    };
    let at = catalog.functions.partition_point(|f| f.name < name);
    catalog.functions.insert(at, function);
}

pub(super) fn drop_function(catalog: &mut Catalog, name: &ObjectName) {
    let name = function_name(catalog, name);
    catalog.functions.retain(|f| f.name != name);
}

/// Statements known by their verb: those that take something away.
pub(super) fn known(catalog: &mut Catalog, op: &str, target: &ObjectName) {
    let name = target.resolve(catalog);
    match op {
        "drop-sequence" => catalog.sequences.retain(|s| s.name != name),
        "drop-type" | "drop-domain" | "drop-type-cascade" | "drop-domain-cascade" => {
            super::data_type::drop(catalog, target);
        }
        "truncate" => with_table(catalog, &name, |t| {
            t.stats.rows = Some(0);
            t.stats.heap_bytes = 0;
        }),
        _ => {}
    }
}

/// Actions of ALTER TABLE that are known by name only, as far as the catalog shows them.
pub(super) fn other_action(catalog: &mut Catalog, table: &TableName, op: &str, column: Option<&Ident>) {
    match op {
        "set-unlogged" => with_table(catalog, table, |t| t.unlogged = true),
        "set-logged" => with_table(catalog, table, |t| t.unlogged = false),
        "enable-row-level-security" => with_table(catalog, table, |t| t.row_security = true),
        "disable-row-level-security" => with_table(catalog, table, |t| t.row_security = false),
        "drop-expression" => {
            if let Some(column) = column {
                super::column::change(catalog, table, column, |c| c.generated = None);
            }
        }
        _ => {}
    }
}
