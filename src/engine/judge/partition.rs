//! Partitions: attach, detach.

use super::alter::Altered;
use super::{Judge, listed, values};
use crate::engine::bounds;
use crate::engine::effect::{Extent, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::{ConstraintKind, Table};
use crate::sql::ObjectName;

impl<'a> Judge<'a> {
    pub(super) fn attach_partition(&mut self, on: &Altered<'a>, partition: &ObjectName, range: &str) {
        let parent = on.table;
        if parent.partition_key.is_none() {
            let code = if self.catalog.server.since(18) { "42809" } else { "42P17" };
            return self.effect.refuse(format!("`{}` is not partitioned ({code})", parent.name));
        }
        let Some(child) = self.find(partition) else { return };
        if child.partition_of.is_some() {
            self.effect.refuse(format!("`{}` is a partition or an heir already (42809)", child.name));
        }
        self.overlap(parent, range);
        if let Some(missing) = parent.columns.iter().find(|c| child.column(&c.name).is_none()) {
            self.effect.refuse(format!("`{}` lacks the column `{}` (42804)", child.name, missing.name));
        }
        if let Some(extra) = child.columns.iter().find(|c| parent.column(&c.name).is_none()) {
            self.effect.refuse(format!(
                "`{}` has the column `{}`, which `{}` has not (42804)",
                child.name, extra.name, parent.name
            ));
        }
        let checks = parent
            .constraints
            .iter()
            .filter(|c| c.kind == ConstraintKind::Check && !c.definition.ends_with("NO INHERIT"));
        if let Some(missing) = checks.into_iter().find(|c| child.constraint(&c.name).is_none()) {
            self.effect.refuse(format!("`{}` lacks the CHECK `{}` of its parent (42804)", child.name, missing.name));
        }
        for column in &parent.columns {
            let Some(own) = child.column(&column.name) else { continue };
            if own.data_type != column.data_type {
                self.effect.refuse(format!("`{}` of `{}` has another type (42804)", own.name, child.name));
            }
            if column.not_null && !own.not_null {
                self.effect.refuse(format!("`{}` of `{}` has to be NOT NULL first (42804)", own.name, child.name));
            }
        }
        let family = relations::family(self.catalog, child);
        let extent = Extent::of(family.iter().copied());
        let mut values = self.attach_values(parent, child);
        let mut roles = on.roles();
        roles.insert(Role::Partition, relations::names(family.iter().copied()));
        roles.insert(Role::Referenced, relations::referenced(self.catalog, parent, |_| true));
        roles.insert(Role::Referencing, relations::referencing(self.catalog, &parent.name, &[]));
        let siblings: Vec<&Table> = relations::partitions(self.catalog, &parent.name);
        let leftover = |key| bounds::leftover(child, key, range, &siblings);
        let proven =
            bounds::proven(self.catalog, parent, child, range) || parent.partition_key.as_ref().is_some_and(leftover);
        let when = if proven { "proven" } else { "scanned" };
        self.effect.apply("attach-partition", when, &roles, extent.clone(), &values);
        if let Some(default) = relations::default_partition(self.catalog, &parent.name) {
            let family = relations::family(self.catalog, default);
            values.insert("default", default.name.to_string());
            roles.insert(Role::DefaultPartition, relations::names(family.iter().copied()));
            let when = if bounds::excluded(self.catalog, parent, default, range) { "proven" } else { "scanned" };
            self.effect.apply("attach-scans-default", when, &roles, Extent::of(family), &values);
        }
        let own = |c: &crate::model::Constraint| {
            parent.foreign_keys().any(|(p, _)| p.columns == c.columns && p.references == c.references)
        };
        let adopted = relations::referenced(self.catalog, child, own);
        if !adopted.is_empty() {
            roles.insert(Role::Referenced, adopted);
            self.effect.apply("attach-adopts-foreign-key", "always", &roles, extent.clone(), &values);
        }
        let missing = bounds::missing_indexes(parent, child);
        if !missing.is_empty() {
            values.insert("indexes", listed(missing.iter().map(|i| &i.name)));
            self.effect.apply("attach-builds-indexes", "always", &roles, extent, &values);
        }
    }

    fn attach_values(&self, parent: &Table, child: &Table) -> Values {
        values([("table", parent.name.to_string()), ("other", child.name.to_string())])
    }

    /// Two partitions cannot hold the same row.
    pub(super) fn overlap(&mut self, parent: &Table, range: &str) {
        let Some(key) = &parent.partition_key else { return };
        let siblings: Vec<&Table> = relations::partitions(self.catalog, &parent.name);
        let taken =
            siblings.iter().find(|s| s.partition_of.as_ref().is_some_and(|p| bounds::overlap(key, range, &p.bounds)));
        if let Some(taken) = taken {
            self.effect.refuse(format!("the bounds overlap those of `{}` (42P17)", taken.name));
        }
    }

    pub(super) fn detach_partition(&mut self, on: &Altered<'a>, partition: &ObjectName, concurrently: bool) {
        let parent = on.table;
        if parent.partition_key.is_none() {
            let code = if self.catalog.server.since(18) { "42809" } else { "42P17" };
            return self.effect.refuse(format!("`{}` is not partitioned ({code})", parent.name));
        }
        let Some(child) = self.find(partition) else { return };
        if child.partition_of.as_ref().is_none_or(|p| p.parent != parent.name) {
            self.effect.refuse(format!("`{}` is not a partition of `{}` (42P01)", child.name, parent.name));
        }
        let mut roles = on.roles();
        roles.insert(Role::Partition, vec![child.name.clone()]);
        roles.insert(Role::Children, relations::names(relations::descendants(self.catalog, &child.name)));
        let shared = child.indexes.iter().filter(|i| parent.indexes.iter().any(|p| bounds::alike(p, i)));
        roles.insert(Role::Index, shared.map(|i| child.name.sibling(&i.name.0)).collect());
        roles.insert(Role::Referenced, relations::referenced(self.catalog, parent, |_| true));
        roles.insert(Role::Referencing, relations::referencing(self.catalog, &parent.name, &[]));
        let pointed_at = roles.get(&Role::Referencing).is_some_and(|r| !r.is_empty());
        let when = match (concurrently, pointed_at) {
            (true, true) => "concurrently-referenced",
            (true, false) => "concurrently",
            (false, true) => "referenced",
            (false, false) => "plain",
        };
        let mut values = self.attach_values(parent, child);
        if let Some(default) = relations::default_partition(self.catalog, &parent.name).filter(|_| !concurrently) {
            values.insert("default", default.name.to_string());
            roles.insert(Role::DefaultPartition, vec![default.name.clone()]);
            self.effect.apply("detach-locks-default", "always", &roles, Extent::default(), &values);
        }
        self.effect.apply("detach-partition", when, &roles, Extent::of([child]), &values);
        if concurrently && relations::default_partition(self.catalog, &parent.name).is_some() {
            self.effect.refuse(format!(
                "`{}` has a default partition: DETACH CONCURRENTLY is not possible (55000)",
                parent.name
            ));
        }
        let pending = |t: &&Table| t.partition_of.as_ref().is_some_and(|p| p.detach_pending);
        if let Some(other) = self.catalog.partitions_of(&parent.name).find(pending).filter(|_| concurrently) {
            self.effect.refuse(format!("the detaching of `{}` is pending: FINALIZE it first (55000)", other.name));
        }
        if concurrently {
            self.effect.raise("not-in-transaction", &[]);
            self.effect.raise("waits-for-old-snapshots", &[]);
        }
    }
}
