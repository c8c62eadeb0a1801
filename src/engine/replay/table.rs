//! Tables after CREATE, DROP, ATTACH and DETACH.

use super::{column, constraint, with_table};
use crate::model::catalog::TableKind;
use crate::model::objects::{Partition, PartitionKey};
use crate::model::{Catalog, Ident, Table, TableName};
use crate::sql::{ColumnDef, ConstraintBody, ObjectName, PartitionBy, TableConstraint};

pub(super) fn create(
    catalog: &mut Catalog,
    name: &ObjectName,
    columns: &[ColumnDef],
    constraints: &[TableConstraint],
    (partition_of, partition_by): (Option<&ObjectName>, Option<&PartitionBy>),
) {
    let full = name.resolve(catalog);
    if catalog.table(&full).is_some() {
        return;
    }
    let made: Vec<_> = columns.iter().map(|c| column::from_definition(catalog, &full, c)).collect();
    let not_null: Vec<Ident> = made.iter().filter(|c| c.not_null).map(|c| c.name.clone()).collect();
    let mut table = Table::new(full.clone(), made);
    // Nothing is in it: that much is known of its size.
    table.stats.rows = Some(0);
    if let Some(parent) = partition_of.and_then(|p| p.table(catalog)) {
        table.partition_of = Some(Partition { parent: parent.name.clone(), bounds: String::from("FOR VALUES") });
        inherit(&mut table, parent);
    }
    if let Some(by) = partition_by {
        table.kind = TableKind::Partitioned;
        table.partition_key = Some(PartitionKey { definition: by.definition.clone(), columns: by.columns.clone() });
    }
    catalog.put_table(table);
    let family = [full.clone()];
    let inline = columns.iter().flat_map(|c| c.constraints.iter().map(move |k| (k, std::slice::from_ref(&c.name))));
    let own = constraints.iter().map(|k| (k, &[][..]));
    // Keys first, as the server does: their columns are NOT NULL before anything is named after them.
    let (keys, others): (Vec<_>, Vec<_>) = inline.chain(own).partition(|(k, _)| is_key(k));
    for (written, columns) in keys.into_iter().chain(others) {
        constraint::add(catalog, &full, &family, written, columns);
    }
    not_null.iter().for_each(|c| column::note_not_null(catalog, &full, c));
}

fn is_key(constraint: &TableConstraint) -> bool {
    matches!(constraint.body, ConstraintBody::PrimaryKey { .. } | ConstraintBody::Unique { .. })
}

/// A partition has its parent's columns, constraints and indexes.
fn inherit(table: &mut Table, parent: &Table) {
    table.columns.clone_from(&parent.columns);
    table.constraints = parent.constraints.iter().filter(|c| !owns_index(parent, &c.name)).cloned().collect();
    for index in &parent.indexes {
        let name = index.name.as_str().strip_prefix(parent.name.name.as_str());
        let name = name.map_or_else(
            || format!("{}_{}", table.name.name.0, index.name.0),
            |tail| format!("{}{tail}", table.name.name.0),
        );
        let mut share = index.clone();
        share.name = Ident(name);
        share.bytes = 0;
        share.constraint = index.constraint.as_ref().map(|_| share.name.clone());
        if let Some(owner) = index.constraint.as_ref().and_then(|c| parent.constraint(c)) {
            table.constraints.push(crate::model::Constraint { name: share.name.clone(), ..owner.clone() });
        }
        table.indexes.push(share);
    }
    table.constraints.sort_by(|a, b| a.name.cmp(&b.name));
    table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
}

fn owns_index(table: &Table, constraint: &Ident) -> bool {
    table.indexes.iter().any(|i| i.constraint.as_ref() == Some(constraint))
}

pub(super) fn drop(catalog: &mut Catalog, name: &ObjectName) {
    let Some(table) = name.table(catalog).map(|t| t.name.clone()) else { return };
    let gone = super::family(catalog, &table);
    for name in &gone {
        forget(catalog, name);
    }
}

fn forget(catalog: &mut Catalog, name: &TableName) {
    catalog.tables.retain(|t| t.name != *name);
    for table in &mut catalog.tables {
        table.constraints.retain(|c| c.references.as_ref().is_none_or(|r| r.table != *name));
    }
    catalog.sequences.retain(|s| s.owned_by.as_ref().is_none_or(|o| o.table != *name));
    catalog.views.retain(|v| !v.uses.iter().any(|u| u.table == *name));
    catalog.publications.iter_mut().for_each(|p| p.tables.retain(|t| t.table != *name));
}

pub(super) fn attach(catalog: &mut Catalog, parent: &TableName, partition: &ObjectName, bounds: &str) {
    let child = partition.resolve(catalog);
    let Some(parent) = catalog.table(parent).cloned() else { return };
    with_table(catalog, &child, |t| {
        t.partition_of = Some(Partition { parent: parent.name.clone(), bounds: bounds.trim().to_owned() });
        let mut share = Table::new(t.name.clone(), Vec::new());
        inherit(&mut share, &parent);
        for index in share.indexes {
            if !t
                .indexes
                .iter()
                .any(|i| i.keys == index.keys && i.unique == index.unique && i.predicate == index.predicate)
            {
                t.indexes.push(index);
            }
        }
        for constraint in share.constraints {
            let alike = |c: &crate::model::Constraint| {
                c.kind == constraint.kind && c.columns == constraint.columns && c.references == constraint.references
            };
            if !t.constraints.iter().any(alike) {
                t.constraints.push(constraint);
            }
        }
        t.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        t.constraints.sort_by(|a, b| a.name.cmp(&b.name));
    });
}

pub(super) fn detach(catalog: &mut Catalog, partition: &ObjectName) {
    let child = partition.resolve(catalog);
    with_table(catalog, &child, |t| t.partition_of = None);
}
