//! Tables after CREATE, DROP, ATTACH and DETACH.

use super::{column, constraint, index, like, with_table};
use crate::engine::bounds;
use crate::model::catalog::TableKind;
use crate::model::objects::{Partition, PartitionKey};
use crate::model::{Catalog, Constraint, Ident, Table, TableName};
use crate::sql::{ColumnDef, ConstraintBody, LikeTable, ObjectName, PartitionBy, TableConstraint};

/// From this version on the identity of a partitioned table's column is that of its partitions, too.
const SHARED_IDENTITY: u16 = 17;

/// A table as CREATE TABLE describes it.
pub(super) struct New<'s> {
    pub name: &'s ObjectName,
    pub columns: &'s [ColumnDef],
    pub constraints: &'s [TableConstraint],
    /// The parent, and the bounds as written.
    pub partition_of: Option<(&'s ObjectName, &'s str)>,
    pub partition_by: Option<&'s PartitionBy>,
    pub like: &'s [LikeTable],
}

pub(super) fn create(catalog: &mut Catalog, new: &New) {
    let full = new.name.resolve(catalog);
    if catalog.table(&full).is_some() {
        return;
    }
    let columns = new.columns;
    let made: Vec<_> = columns.iter().map(|c| column::from_definition(catalog, &full, c)).collect();
    let not_null: Vec<Ident> = made.iter().filter(|c| c.not_null).map(|c| c.name.clone()).collect();
    let mut table = Table::new(full.clone(), made);
    // Nothing is in it: that much is known of its size.
    table.stats.rows = Some(0);
    let parent = new.partition_of.and_then(|(p, bounds)| Some((p.table(catalog)?.clone(), bounds)));
    if let Some((parent, bounds)) = &parent {
        table.partition_of = Some(Partition::new(parent.name.clone(), bounds.trim()));
        table.columns.clone_from(&parent.columns);
        let since = catalog.server.since(SHARED_IDENTITY);
        table.columns.iter_mut().for_each(|c| c.identity = c.identity.filter(|_| since));
    }
    if let Some(by) = new.partition_by {
        table.kind = TableKind::Partitioned;
        table.partition_key = Some(PartitionKey { definition: by.definition.clone(), columns: by.columns.clone() });
    }
    catalog.put_table(table);
    if let Some((parent, _)) = &parent {
        inherit(catalog, &full, parent);
    }
    new.like.iter().for_each(|l| like::copy(catalog, &full, l));
    let family = [full.clone()];
    let inline = columns.iter().flat_map(|c| c.constraints.iter().map(move |k| (k, std::slice::from_ref(&c.name))));
    let own = new.constraints.iter().map(|k| (k, &[][..]));
    // Keys first, as the server does: their columns are NOT NULL before anything is named after them.
    let (keys, others): (Vec<_>, Vec<_>) = inline.chain(own).partition(|(k, _)| is_key(k));
    for (written, columns) in keys.into_iter().chain(others) {
        constraint::add(catalog, &full, &family, written, columns);
    }
    not_null.iter().for_each(|c| column::note_not_null(catalog, &family, c));
}

fn is_key(constraint: &TableConstraint) -> bool {
    matches!(constraint.body, ConstraintBody::PrimaryKey { .. } | ConstraintBody::Unique { .. })
}

/// A partition has a share in each of its parent's constraints and indexes; what it has already is taken for it.
fn inherit(catalog: &mut Catalog, table: &TableName, parent: &Table) {
    for index in &parent.indexes {
        let has = |t: &Table| {
            t.indexes.iter().any(|i| i.keys == index.keys && i.unique == index.unique && i.predicate == index.predicate)
        };
        if catalog.table(table).is_some_and(has) {
            continue;
        }
        let share = index::share(catalog, table, index);
        if let Some(owner) = index.constraint.as_ref().and_then(|c| parent.constraint(c)) {
            constraint::put(catalog, table, Constraint { name: share.name.clone(), ..owner.clone() });
        }
        index::put(catalog, table, share);
    }
    let owns_index = |c: &Constraint| parent.indexes.iter().any(|i| i.constraint.as_ref() == Some(&c.name));
    for own in parent.constraints.iter().filter(|c| !owns_index(c)) {
        if constraint::share(catalog, own, table).is_none() {
            constraint::put(catalog, table, own.clone());
        }
    }
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
    let shared = catalog.server.since(SHARED_IDENTITY);
    with_table(catalog, &child, |t| {
        t.partition_of = Some(Partition::new(parent.name.clone(), bounds.trim()));
        for column in t.columns.iter_mut().filter(|_| shared) {
            column.identity = parent.column(&column.name).and_then(|c| c.identity);
        }
    });
    inherit(catalog, &child, &parent);
}

pub(super) fn detach(catalog: &mut Catalog, parent: &TableName, partition: &ObjectName, concurrently: bool) {
    let child = partition.resolve(catalog);
    let left = catalog.table(&child).zip(catalog.table(parent)).filter(|_| concurrently);
    let left = left.and_then(|(child, parent)| bounds::left_behind(catalog, parent, child));
    leave(catalog, &child);
    if let Some((name, columns, expression)) = left {
        constraint::put(catalog, &child, constraint::check(name, columns, &expression));
    }
}

/// Ends what DETACH CONCURRENTLY began; its CHECK is there since then.
pub(super) fn finalize(catalog: &mut Catalog, parent: &TableName) {
    let leaving = |t: &&Table| t.partition_of.as_ref().is_some_and(|p| p.detach_pending);
    let pending = catalog.partitions_of(parent).find(leaving).map(|t| t.name.clone());
    if let Some(child) = pending {
        leave(catalog, &child);
    }
}

fn leave(catalog: &mut Catalog, child: &TableName) {
    let shared = catalog.server.since(SHARED_IDENTITY);
    with_table(catalog, child, |t| {
        t.partition_of = None;
        t.columns.iter_mut().filter(|_| shared).for_each(|c| c.identity = None);
    });
}
