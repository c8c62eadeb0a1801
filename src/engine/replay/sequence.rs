//! Sequences after CREATE, ALTER and as the counters of identity columns.

use crate::engine::names::relation_taken;
use crate::model::objects::{OwnedBy, Sequence};
use crate::model::{Catalog, Ident, TableName};
use crate::sql::{ObjectName, SequenceOption, canonical_type};

pub(super) fn create(catalog: &mut Catalog, name: &ObjectName, options: &[SequenceOption]) {
    let name = name.resolve(catalog);
    if catalog.sequences.iter().any(|s| s.name == name) {
        return;
    }
    let sequence = Sequence {
        name: name.clone(),
        data_type: "bigint".to_owned(),
        last_value: None,
        max_value: i64::MAX,
        owned_by: None,
        options: Vec::new(),
    };
    put(catalog, sequence);
    change(catalog, &name, options);
}

pub(super) fn alter(catalog: &mut Catalog, name: &ObjectName, options: &[SequenceOption]) {
    let name = name.resolve(catalog);
    change(catalog, &name, options);
}

/// `ADD GENERATED … AS IDENTITY (SEQUENCE NAME n …)`.
pub(super) fn of_identity(catalog: &mut Catalog, table: &TableName, column: &Ident, options: &[SequenceOption]) {
    let owns = |s: &&Sequence| s.owned_by.as_ref().is_some_and(|o| o.table == *table && o.column == *column);
    // The column may own another one besides: the identity's own has the name that the server gives.
    let given = format!("{}_{}_seq", table.name, column);
    let owned: Vec<&Sequence> = catalog.sequences.iter().filter(owns).collect();
    let own = owned.iter().find(|s| s.name.name.as_str().starts_with(&given)).or(owned.first());
    let Some(name) = own.map(|s| s.name.clone()) else { return };
    change(catalog, &name, options);
}

fn put(catalog: &mut Catalog, sequence: Sequence) {
    let at = catalog.sequences.partition_point(|s| s.name < sequence.name);
    catalog.sequences.insert(at, sequence);
}

fn change(catalog: &mut Catalog, name: &TableName, options: &[SequenceOption]) {
    let Some(at) = catalog.sequences.iter().position(|s| s.name == *name) else { return };
    let mut sequence = catalog.sequences.remove(at);
    for option in options {
        match option {
            SequenceOption::As(data_type) => {
                let whole = sequence.max_value == largest(&sequence.data_type);
                sequence.data_type = canonical_type(data_type);
                if whole {
                    sequence.max_value = largest(&sequence.data_type);
                }
            }
            SequenceOption::Max(max) => sequence.max_value = max.unwrap_or_else(|| largest(&sequence.data_type)),
            SequenceOption::OwnedBy(owner) => {
                sequence.owned_by = owner
                    .as_ref()
                    .map(|(table, column)| OwnedBy { table: table.resolve(catalog), column: column.clone() });
            }
            SequenceOption::RenameTo(to) => sequence.name = sequence.name.sibling(&to.0),
            SequenceOption::SetSchema(schema) => sequence.name.schema.clone_from(schema),
            SequenceOption::Name(other) => {
                let schema = other.schema.clone().unwrap_or_else(|| sequence.name.schema.clone());
                sequence.name = TableName { schema, name: other.name.clone() };
            }
            _ => {}
        }
    }
    if !relation_taken(catalog, &sequence.name) || sequence.name == *name {
        put(catalog, sequence);
    }
}

/// The type's own upper end, which a sequence has unless MAXVALUE says otherwise.
fn largest(data_type: &str) -> i64 {
    match data_type {
        "smallint" => i64::from(i16::MAX),
        "integer" => i64::from(i32::MAX),
        _ => i64::MAX,
    }
}
