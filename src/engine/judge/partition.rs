//! Partitions: attach, detach.

use super::alter::Altered;
use super::{Judge, listed, values};
use crate::engine::bounds;
use crate::engine::effect::{Extent, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::{Index, Table};
use crate::sql::ObjectName;

impl<'a> Judge<'a> {
    pub(super) fn attach_partition(&mut self, on: &Altered<'a>, partition: &ObjectName, range: &str) {
        let parent = on.table;
        let Some(key) = &parent.partition_key else {
            return self.effect.refuse(format!("`{}` is not partitioned (42809)", parent.name));
        };
        let Some(child) = self.find(partition) else { return };
        if child.partition_of.is_some() {
            self.effect.refuse(format!("`{}` is a partition already (42809)", child.name));
        }
        if let Some(missing) = parent.columns.iter().find(|c| child.column(&c.name).is_none()) {
            self.effect.refuse(format!("`{}` lacks the column `{}` (42804)", child.name, missing.name));
        }
        let family = relations::family(self.catalog, child);
        let extent = Extent::of(family.iter().copied());
        let mut values = self.attach_values(parent, child);
        let mut roles = on.roles();
        roles.insert(Role::Partition, relations::names(family.iter().copied()));
        roles.insert(Role::Referenced, relations::referenced(self.catalog, parent, |_| true));
        roles.insert(Role::Referencing, relations::referencing(self.catalog, &parent.name, &[]));
        let when = if bounds::proven(child, key, range) { "proven" } else { "scanned" };
        self.effect.apply("attach-partition", when, &roles, extent, &values);
        if let Some(default) = relations::default_partition(self.catalog, &parent.name) {
            let family = relations::family(self.catalog, default);
            values.insert("default", default.name.to_string());
            roles.insert(Role::DefaultPartition, relations::names(family.iter().copied()));
            let when = if bounds::excluded(default, key, range) { "proven" } else { "scanned" };
            self.effect.apply("attach-scans-default", when, &roles, Extent::of(family), &values);
        }
        let missing: Vec<&Index> =
            parent.indexes.iter().filter(|i| !child.indexes.iter().any(|c| alike(i, c))).collect();
        if !missing.is_empty() {
            values.insert("indexes", listed(missing.iter().map(|i| &i.name)));
            self.effect.apply("attach-builds-indexes", "always", &roles, extent, &values);
        }
    }

    fn attach_values(&self, parent: &Table, child: &Table) -> Values {
        values([("table", parent.name.to_string()), ("other", child.name.to_string())])
    }

    pub(super) fn detach_partition(&mut self, on: &Altered<'a>, partition: &ObjectName, concurrently: bool) {
        let parent = on.table;
        let Some(child) = self.find(partition) else { return };
        if child.partition_of.as_ref().is_none_or(|p| p.parent != parent.name) {
            self.effect.refuse(format!("`{}` is not a partition of `{}` (42P01)", child.name, parent.name));
        }
        let mut roles = on.roles();
        roles.insert(Role::Partition, relations::names(relations::family(self.catalog, child)));
        roles.insert(Role::Referenced, relations::referenced(self.catalog, parent, |_| true));
        roles.insert(Role::Referencing, relations::referencing(self.catalog, &parent.name, &[]));
        if concurrently && relations::default_partition(self.catalog, &parent.name).is_some() {
            self.effect.refuse(format!(
                "`{}` has a default partition: DETACH CONCURRENTLY is not possible (55000)",
                parent.name
            ));
        }
        let when = if concurrently { "concurrently" } else { "plain" };
        let values = self.attach_values(parent, child);
        self.effect.apply("detach-partition", when, &roles, Extent::of([child]), &values);
        if concurrently {
            self.effect.raise("not-in-transaction", &[]);
            self.effect.raise("waits-for-old-snapshots", &[]);
        }
    }
}

/// An index that ATTACH takes as the partition's share of the parent's.
fn alike(parent: &Index, child: &Index) -> bool {
    child.valid
        && parent.method == child.method
        && parent.keys == child.keys
        && parent.include == child.include
        && parent.has_expressions == child.has_expressions
        && parent.predicate == child.predicate
        && (!parent.unique || child.unique)
        && (parent.constraint.is_none() || child.constraint.is_some())
}
