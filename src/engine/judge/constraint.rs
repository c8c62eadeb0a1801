//! Constraints: add, validate, drop, rename.

use super::Judge;
use super::alter::Altered;
use crate::engine::effect::{Extent, Roles};
use crate::engine::facts::Role;
use crate::engine::{relations, types};
use crate::model::{Constraint, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::sql::statement::PrimaryOrUnique;
use crate::sql::{ConstraintBody, ObjectName, TableConstraint};

impl<'a> Judge<'a> {
    pub(super) fn add_constraint(&mut self, on: &Altered<'a>, constraint: &TableConstraint) {
        if let Some(name) = &constraint.name
            && on.table.constraint(name).is_some()
            && !on.pending.dropped_constraints.contains(name)
        {
            self.effect.refuse(format!("`{}` has a constraint `{name}` already (42710)", on.table.name));
        }
        let not_enforced = constraint.trailer.to_ascii_lowercase().contains("not enforced");
        let when = match () {
            () if not_enforced => "not-enforced",
            () if constraint.not_valid => "not-valid",
            // A foreign table's rows are not looked at.
            () if on.table.kind == TableKind::Foreign => "not-valid",
            () => "valid",
        };
        match &constraint.body {
            ConstraintBody::Check { expression } => {
                for column in &expression.columns {
                    self.column_of(on, column);
                }
                let alone = constraint.trailer.to_ascii_lowercase().contains("no inherit");
                if on.only && !alone {
                    self.only_whole(on);
                }
                let extent = if alone { Extent::of([on.table]) } else { on.extent() };
                let when = if alone && when == "valid" { "alone" } else { when };
                self.effect.apply("add-check", when, &on.roles(), extent, &on.values(&"".into()));
                self.rejects_updates(constraint, "the check");
            }
            ConstraintBody::NotNull { column } => {
                if !self.catalog.server.since(18) {
                    self.effect.refuse("a named NOT NULL constraint needs PostgreSQL 18 (42601)");
                }
                let twin = on.table.constraints.iter().find(|c| {
                    c.kind == ConstraintKind::NotNull
                        && c.columns.contains(column)
                        && constraint.name.as_ref().is_some_and(|n| c.name != *n)
                });
                if let Some(twin) = twin {
                    self.effect
                        .refuse(format!("`{column}` has the NOT NULL constraint `{}` already (55000)", twin.name));
                }
                let found = self.column_of(on, column);
                let proven = || {
                    let dropped = &on.pending.dropped_constraints;
                    on.family
                        .iter()
                        .filter(|t| t.partition_key.is_none())
                        .all(|t| relations::proves_not_null(t, column, dropped))
                };
                let when = if !constraint.not_valid && (found.is_some_and(|c| c.not_null) || proven()) {
                    "proven"
                } else {
                    when
                };
                let alone = constraint.trailer.to_ascii_lowercase().contains("no inherit");
                let extent = if alone { Extent::of([on.table]) } else { on.extent() };
                self.effect.apply("add-not-null-constraint", when, &on.roles(), extent, &on.values(column));
                self.rejects_updates(constraint, "the NOT NULL");
            }
            ConstraintBody::ForeignKey { columns, table, referenced, .. } => {
                for column in columns {
                    self.column_of(on, column);
                }
                self.add_foreign_key(on, table, referenced, columns, when);
            }
            ConstraintBody::Unique { columns, include, nulls_not_distinct } => {
                let when = if *nulls_not_distinct { "nulls-not-distinct" } else { "build" };
                self.add_key(on, constraint, "add-unique", when, columns, include);
            }
            ConstraintBody::PrimaryKey { columns, include } => {
                self.one_primary_key(on);
                self.add_key(on, constraint, "add-primary-key", "build", columns, include);
            }
            ConstraintBody::UsingIndex { primary, index } => {
                self.using_index(on, *primary, index, constraint.name.as_ref());
            }
            ConstraintBody::Exclude { .. } => {
                let when = if on.is_partitioned() { "partitioned" } else { "build" };
                let extent = if on.is_partitioned() { on.extent() } else { Extent::of([on.table]) };
                self.effect.apply("add-exclusion", when, &on.roles(), extent, &on.values(&"".into()));
            }
        }
    }

    fn rejects_updates(&mut self, constraint: &TableConstraint, otherwise: &str) {
        if constraint.not_valid {
            let name = constraint.name.as_ref().map_or_else(|| otherwise.to_owned(), ToString::to_string);
            self.effect.raise("constraint-rejects-updates", &[("name", name)]);
        }
    }

    fn one_primary_key(&mut self, on: &Altered<'a>) {
        if on.table.primary_key().is_some_and(|k| !on.pending.dropped_constraints.contains(&k.name)) {
            self.effect.refuse(format!("`{}` has a primary key already (42P16)", on.table.name));
        }
    }

    fn add_key(
        &mut self,
        on: &Altered<'a>,
        constraint: &TableConstraint,
        op: &str,
        when: &str,
        columns: &[Ident],
        include: &[Ident],
    ) {
        for column in columns.iter().chain(include) {
            self.column_of(on, column);
        }
        if !include.is_empty() && !self.catalog.server.since(11) {
            self.effect.refuse("INCLUDE needs PostgreSQL 11 (42601)");
        }
        if let Some(name) = &constraint.name {
            self.free_relation_name(&on.table.name.sibling(&name.0), &on.pending.dropped_constraints);
        }
        if let Some(key) = &on.table.partition_key
            && let Some(missing) = key.columns.iter().find(|c| !columns.contains(c))
        {
            self.effect.refuse(format!(
                "a unique constraint of a partitioned table must hold its partition key: `{missing}` (0A000)"
            ));
        }
        let when = match (on.is_partitioned(), on.only) {
            (true, true) => "only",
            (true, false) => "partitioned",
            _ => when,
        };
        let extent = if on.is_partitioned() { on.extent() } else { Extent::of([on.table]) };
        self.effect.apply(op, when, &on.roles(), extent, &on.values(&"".into()));
    }

    /// Indexes share their names with tables, views and sequences.
    pub(super) fn free_relation_name(&mut self, name: &TableName, leaving: &[Ident]) {
        let taken = self.catalog.table(name).is_some()
            || self.catalog.views.iter().any(|v| v.name == *name)
            || self.catalog.sequences.iter().any(|s| s.name == *name)
            || self.catalog.view_of_index(Some(&name.schema), &name.name).is_some()
            || self
                .catalog
                .index_owner(Some(&name.schema), &name.name)
                .is_some_and(|(_, i)| !i.constraint.as_ref().is_some_and(|c| leaving.contains(c)));
        if taken {
            self.effect.refuse(format!("there is a relation `{name}` already (42P07)"));
        }
    }

    fn using_index(&mut self, on: &Altered<'a>, primary: PrimaryOrUnique, name: &Ident, constraint: Option<&Ident>) {
        let mut roles = on.roles();
        let index = on.table.index(name);
        match index {
            None => self.effect.refuse(format!("`{}` has no index `{name}` (42704)", on.table.name)),
            Some(i) if i.constraint.is_some() => {
                self.effect.refuse(format!("index `{name}` belongs to a constraint already (55000)"))
            }
            Some(i) if !i.valid => self.effect.refuse(format!("index `{name}` is not valid (55000)")),
            Some(i) if !i.unique => self.effect.refuse(format!("index `{name}` is not unique (42809)")),
            Some(i) if i.has_expressions || i.predicate.is_some() => {
                self.effect.refuse(format!("index `{name}` is partial or holds expressions (42809)"));
            }
            Some(_) if on.is_partitioned() => {
                self.effect.refuse("ADD CONSTRAINT USING INDEX is not possible on a partitioned table (0A000)");
            }
            Some(_) => {}
        }
        let key: Vec<Ident> = index.map(|i| i.keys.iter().flatten().cloned().collect()).unwrap_or_default();
        // The index is locked to be renamed; under the constraint's own name there is nothing to do.
        if constraint.is_some_and(|c| c != name) {
            roles.insert(Role::Index, vec![on.table.name.sibling(&name.0)]);
        }
        let values = on.values(name);
        if primary == PrimaryOrUnique::Unique {
            return self.effect.apply("add-unique", "using-index", &roles, on.extent(), &values);
        }
        self.one_primary_key(on);
        let nullable: Vec<&Ident> = key
            .iter()
            .filter(|c| on.table.column(c).is_some_and(|c| !c.not_null) && !on.pending.set_not_null.contains(c))
            .collect();
        let dropped = &on.pending.dropped_constraints;
        let when = match () {
            () if nullable.is_empty() => "using-index",
            () if nullable.iter().all(|c| relations::proves_not_null(on.table, c, dropped)) => "using-index-proven",
            () => "using-index-nullable",
        };
        self.effect.apply("add-primary-key", when, &roles, on.extent(), &values);
    }

    fn add_foreign_key(
        &mut self,
        on: &Altered<'a>,
        to: &ObjectName,
        referenced: &[Ident],
        columns: &[Ident],
        when: &str,
    ) {
        let Some(other) = self.find(to) else { return };
        self.referable(other);
        self.check_target_key(other, referenced, columns.len());
        self.alike(on.table, columns, other, referenced);
        let adopts = || {
            let mut leaves = on.family.iter().filter(|t| t.partition_key.is_none()).peekable();
            leaves.peek().is_some()
                && leaves.all(|leaf| {
                    leaf.foreign_keys().any(|(c, r)| c.valid && c.columns == columns && r.table == other.name)
                })
        };
        let when = match (on.is_partitioned(), when) {
            (true, "valid") if adopts() => "adopts",
            (true, "valid") => "partitioned",
            (true, "not-valid") => "partitioned-not-valid",
            (true, "not-enforced") => "partitioned-not-enforced",
            (_, when) => when,
        };
        let partners = relations::names(relations::family(self.catalog, other));
        // Heirs of a plain table keep no foreign key of it: their rows are not looked at.
        let mut roles = on.roles_with(Role::Referenced, partners);
        let extent = if on.is_partitioned() { on.extent() } else { Extent::of([on.table]) };
        if !on.is_partitioned() && !self.catalog.server.since(HEIRS_LOCKED) {
            roles.remove(&Role::Children);
        }
        let mut values = on.values(&"".into());
        values.insert("other", other.name.to_string());
        self.effect.apply("add-foreign-key", when, &roles, extent, &values);
    }

    /// A partitioned table can be pointed at since 12.
    pub(super) fn referable(&mut self, other: &Table) {
        if other.partition_key.is_some() && !self.catalog.server.since(12) {
            self.effect.refuse("a foreign key to a partitioned table needs PostgreSQL 12 (42809)");
        }
    }

    /// Text cannot point at a number: no operator compares the two.
    fn alike(&mut self, table: &Table, columns: &[Ident], other: &Table, referenced: &[Ident]) {
        let key = other.primary_key().map(|k| k.columns.as_slice()).unwrap_or_default();
        let targets = if referenced.is_empty() { key } else { referenced };
        for (column, target) in columns.iter().zip(targets) {
            let (Some(a), Some(b)) = (table.column(column), other.column(target)) else { continue };
            if types::is_text(&a.data_type) != types::is_text(&b.data_type)
                && types::is_core(&a.data_type)
                && types::is_core(&b.data_type)
            {
                self.effect.refuse(format!(
                    "`{column}` is {} and `{target}` is {}: no foreign key joins them (42804)",
                    a.data_type, b.data_type
                ));
            }
        }
    }

    /// A foreign key needs a unique key over the columns it points at.
    pub(super) fn check_target_key(&mut self, other: &Table, referenced: &[Ident], count: usize) {
        if let Some(missing) = referenced.iter().find(|c| other.column(c).is_none()) {
            return self.effect.refuse(format!("`{}` has no column `{missing}` (42703)", other.name));
        }
        if referenced.is_empty() && other.primary_key().is_none() {
            return self.effect.refuse(format!("`{}` has no primary key to reference (42704)", other.name));
        }
        let found = if referenced.is_empty() {
            other.primary_key().is_some_and(|k| k.columns.len() == count)
        } else {
            other.indexes.iter().any(|i| i.is_plain_unique_on(referenced))
        };
        if !found {
            self.effect.refuse(format!("`{}` has no unique key over the referenced columns (42830)", other.name));
        }
    }

    pub(super) fn validate_constraint(&mut self, on: &Altered<'a>, name: &Ident) {
        let mut values = on.values(&"".into());
        values.insert("constraint", name.to_string());
        let found = on.table.constraint(name).filter(|_| !on.pending.dropped_constraints.contains(name));
        let Some(constraint) = found else {
            if !on.pending.added_constraints.contains(name) {
                self.effect.refuse(format!("`{}` has no constraint `{name}` (42704)", on.table.name));
            }
            // Added by the same statement: the scan runs under the lock of the addition.
            return self.effect.apply("validate-constraint", "check", &on.roles(), on.extent(), &values);
        };
        let mut roles = on.roles();
        if !constraint.enforced {
            self.effect.refuse(format!("`{name}` is not enforced: there is nothing to validate (55000)"));
        }
        let when = match constraint.kind {
            _ if constraint.valid => "already",
            ConstraintKind::Check => "check",
            ConstraintKind::NotNull => "not-null",
            ConstraintKind::ForeignKey => {
                let other = constraint.references.as_ref().map(|r| r.table.clone());
                values.insert("other", other.as_ref().map(ToString::to_string).unwrap_or_default());
                roles.insert(Role::Referenced, other.into_iter().collect());
                "foreign-key"
            }
            _ => "already",
        };
        if matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion) {
            self.effect.refuse(format!("`{name}` is enforced by an index, there is nothing to validate (42809)"));
        }
        self.effect.apply("validate-constraint", when, &roles, on.extent(), &values);
    }

    pub(super) fn drop_constraint(&mut self, on: &Altered<'a>, name: &Ident, if_exists: bool, cascade: bool) {
        let values = on.values(name);
        let Some(constraint) = on.table.constraint(name) else {
            if !if_exists {
                self.effect.refuse(format!("`{}` has no constraint `{name}` (42704)", on.table.name));
            }
            return self.effect.apply("drop-constraint", "absent", &on.roles(), on.extent(), &values);
        };
        let shared = constraint.kind != ConstraintKind::Trigger && relations::is_partition(on.table);
        // Whether a key is attached to its parent's of another name, the catalog does not hold.
        let known = |of: &Constraint| of.name == constraint.name || of.references.is_some();
        if shared && relations::whole(self.catalog, on.table, constraint).is_some_and(|(_, of)| known(of)) {
            self.effect.refuse(format!("`{name}` belongs to the parent of `{}` (42P16)", on.table.name));
        }
        let (when, roles) = self.dropped(on, constraint, cascade);
        self.effect.apply("drop-constraint", when, &roles, on.extent(), &values);
        if when == "key" {
            let (name, index) = (name.to_string(), format!("index `{name}`"));
            self.effect.raise("implicit-drop", &[("name", name), ("what", index)]);
        }
    }

    fn dropped(&mut self, on: &Altered<'a>, constraint: &Constraint, cascade: bool) -> (&'static str, Roles) {
        match constraint.kind {
            ConstraintKind::ForeignKey => {
                let others = relations::referenced(self.catalog, on.table, |c| c.name == constraint.name);
                ("foreign-key", on.roles_with(Role::Referenced, others))
            }
            ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
                let dependent: Vec<TableName> = self
                    .catalog
                    .referenced_by(&on.table.name)
                    .filter(|(_, fk)| fk.references.as_ref().is_some_and(|r| same(&r.columns, &constraint.columns)))
                    .filter(|(t, fk)| t.name != on.table.name || !on.pending.dropped_constraints.contains(&fk.name))
                    .map(|(t, _)| t.name.clone())
                    .collect();
                // A foreign key stands on the primary key where that has the columns, whatever other index has them too.
                let other_key = constraint.kind == ConstraintKind::Unique
                    && on.table.primary_key().is_some_and(|k| same(&k.columns, &constraint.columns));
                if let (Some(other), false) = (dependent.first().filter(|_| !other_key), cascade) {
                    self.effect.refuse(format!("a foreign key of `{other}` needs `{}` (2BP01)", constraint.name));
                }
                ("key", on.roles_with(Role::Referencing, dependent))
            }
            _ => ("plain", on.roles()),
        }
    }

    pub(super) fn rename_constraint(&mut self, on: &Altered<'a>, from: &Ident, to: &Ident) {
        let found = on.table.constraint(from);
        if found.is_none() {
            self.effect.refuse(format!("`{}` has no constraint `{from}` (42704)", on.table.name));
        }
        // Keys and foreign keys of partitions have names of their own.
        let shared = found.is_some_and(|c| matches!(c.kind, ConstraintKind::Check | ConstraintKind::NotNull));
        if on.table.constraint(to).is_some() {
            self.effect.refuse(format!("`{}` has a constraint `{to}` already (42710)", on.table.name));
        }
        let roles = if shared { on.roles() } else { on.without_children().0 };
        self.effect.apply("rename-constraint", "always", &roles, on.extent(), &on.values(from));
    }
}

/// ADD FOREIGN KEY on a table that others inherit from locks the heirs since this version.
const HEIRS_LOCKED: u16 = 18;

fn same(a: &[Ident], b: &[Ident]) -> bool {
    a.len() == b.len() && a.iter().all(|c| b.contains(c))
}
