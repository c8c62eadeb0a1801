//! CREATE, DROP and ALTER INDEX, REINDEX of one index.

use super::{Judge, roles, values, with_children};
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::objects::{View, ViewKind};
use crate::model::{Index, Table, TableKind, TableName};
use crate::sql::statement::AlterIndexAction;
use crate::sql::{CreateIndex, ObjectName};

impl<'a> Judge<'a> {
    pub(super) fn create_index(&mut self, create: &CreateIndex) {
        let catalog = self.catalog;
        // A materialised view takes indexes like a table.
        if create.table.table(catalog).is_none() {
            let full = create.table.resolve(catalog);
            let materialized = |v: &&View| v.name == full && v.kind == ViewKind::Materialized;
            if let Some(view) = catalog.views.iter().find(materialized) {
                let taken = create.name.as_ref().map(|n| full.sibling(&n.0)).filter(|n| self.relation_exists(n));
                if let (Some(taken), false) = (taken, create.if_not_exists) {
                    self.effect.refuse(format!("there is a relation `{taken}` already (42P07)"));
                }
                let roles = roles([(Role::Target, vec![view.name.clone()])]);
                let when = if create.concurrently { "concurrently" } else { "plain" };
                // Before its first REFRESH it has no rows.
                let empty = view.stored.as_ref().is_some_and(|s| !s.populated);
                let extent = if empty { Extent::of([]) } else { Extent::default() };
                return self.effect.apply("create-index", when, &roles, extent, &values([("table", full.to_string())]));
            }
        }
        let Some(table) = self.find(&create.table) else { return };
        if table.kind == TableKind::Foreign {
            self.effect.refuse(format!("`{}` is a foreign table: its indexes are elsewhere (42809)", table.name));
        }
        for key in &create.keys {
            if let Some(missing) = key.column.iter().chain(&key.uses).find(|c| table.column(c).is_none()) {
                self.effect.refuse(format!("`{}` has no column `{missing}` (42703)", table.name));
            }
        }
        if let Some(missing) = create.include.iter().find(|c| table.column(c).is_none()) {
            self.effect.refuse(format!("`{}` has no column `{missing}` (42703)", table.name));
        }
        if !create.include.is_empty() && !catalog.server.since(11) {
            self.effect.refuse("INCLUDE needs PostgreSQL 11 (42601)");
        }
        if create.definition.to_ascii_lowercase().contains("nulls not distinct") && !catalog.server.since(15) {
            self.effect.refuse("NULLS NOT DISTINCT needs PostgreSQL 15 (42601)");
        }
        if let (true, Some(key)) = (create.unique && catalog.server.since(11), &table.partition_key)
            && let Some(missing) =
                key.columns.iter().find(|c| !create.keys.iter().any(|k| k.column.as_ref() == Some(c)))
        {
            self.effect.refuse(format!(
                "a unique index of a partitioned table must hold its partition key: `{missing}` (0A000)"
            ));
        }
        let when = self.creation(create, table);
        let whole = table.partition_key.is_some();
        let family = if whole { relations::family(catalog, table) } else { vec![table] };
        let extent = if create.only { Extent::default() } else { Extent::of(family) };
        let values = values([("table", table.name.to_string())]);
        self.effect.apply("create-index", when, &with_children(catalog, table), extent, &values);
        if when == "concurrently" {
            let index = create.name.as_ref().map_or_else(|| "its name".to_owned(), ToString::to_string);
            self.effect.raise("not-in-transaction", &[]);
            self.effect.raise("waits-for-old-snapshots", &[]);
            self.effect.raise("failed-build-leaves-invalid-index", &[("index", index)]);
        }
        if let (true, Some(name)) = (create.if_not_exists, &create.name) {
            self.effect.raise("if-not-exists-hides", &[("name", name.to_string())]);
        }
    }

    fn creation(&mut self, create: &CreateIndex, table: &Table) -> &'static str {
        let taken = create.name.as_ref().map(|n| table.name.sibling(&n.0)).filter(|full| self.relation_exists(full));
        if let Some(full) = taken {
            if create.if_not_exists {
                return if create.concurrently { "exists-concurrently" } else { "exists" };
            }
            self.effect.refuse(format!("there is a relation `{full}` already (42P07)"));
        }
        match (table.partition_key.is_some(), create.concurrently) {
            (true, true) => "partitioned-concurrently",
            (true, false) if create.only => "only",
            (true, false) => "partitioned",
            (false, true) => "concurrently",
            (false, false) => "plain",
        }
    }

    fn relation_exists(&self, name: &TableName) -> bool {
        self.catalog.table(name).is_some()
            || self.catalog.index_owner(Some(&name.schema), &name.name).is_some()
            || self.catalog.view_of_index(Some(&name.schema), &name.name).is_some()
            || self.catalog.views.iter().any(|v| v.name == *name)
            || self.catalog.sequences.iter().any(|s| s.name == *name)
    }

    pub(super) fn drop_indexes(&mut self, names: &[ObjectName], concurrently: bool, if_exists: bool, cascade: bool) {
        if concurrently && cascade {
            self.effect.refuse("DROP INDEX CONCURRENTLY knows no CASCADE (0A000)");
        }
        if concurrently && names.len() > 1 {
            self.effect.refuse("DROP INDEX CONCURRENTLY takes one index at a time (0A000)");
        }
        for name in names {
            let Some((table, index)) = self.index(name) else {
                if let Some(on) = self.view_index(name) {
                    let when = if concurrently { "concurrently" } else { "plain" };
                    self.effect.apply("drop-index", when, &on, Extent::default(), &Values::new());
                    if concurrently {
                        self.effect.raise("not-in-transaction", &[]);
                        self.effect.raise("waits-for-old-snapshots", &[]);
                    }
                    continue;
                }
                let other = self.is_relation(&name.resolve(self.catalog));
                if !if_exists || other {
                    let code = if other { "42809" } else { "42704" };
                    self.effect.refuse(format!("there is no index `{name}` ({code})"));
                }
                let when = if concurrently { "absent-concurrently" } else { "absent" };
                self.effect.apply("drop-index", when, &Roles::new(), Extent::default(), &Values::new());
                continue;
            };
            self.drop_index(table, index, concurrently, cascade);
        }
    }

    fn drop_index(&mut self, table: &'a Table, index: &'a Index, concurrently: bool, cascade: bool) {
        if let Some(constraint) = &index.constraint {
            self.effect
                .refuse(format!("constraint `{constraint}` needs index `{}`: drop the constraint (2BP01)", index.name));
        }
        let dependent = index.unique.then(|| {
            let columns: Vec<_> = index.keys.iter().flatten().cloned().collect();
            self.catalog.referenced_by(&table.name).find(|(_, fk)| {
                index.constraint.is_none()
                    && fk.references.as_ref().is_some_and(|r| index.is_plain_unique_on(&r.columns))
                    && !table.constraints.iter().any(|c| c.columns == columns && c.references.is_none())
            })
        });
        if let (Some(Some((other, _))), false) = (dependent, cascade) {
            self.effect.refuse(format!("a foreign key of `{}` needs index `{}` (2BP01)", other.name, index.name));
        }
        let when = match (table.partition_key.is_some(), concurrently) {
            (true, true) => "partitioned-concurrently",
            (true, false) => "partitioned",
            (false, true) => "concurrently",
            (false, false) => "plain",
        };
        let mut roles = with_children(self.catalog, table);
        roles.insert(Role::Index, vec![table.name.sibling(&index.name.0)]);
        // The table comes first for people, although the index is what the statement names.
        self.effect.tables.push(table.name.clone());
        let values = values([("table", table.name.to_string())]);
        self.effect.apply("drop-index", when, &roles, Extent::of([table]), &values);
        if concurrently {
            self.effect.raise("not-in-transaction", &[]);
            self.effect.raise("waits-for-old-snapshots", &[]);
        }
    }

    pub(super) fn alter_index(&mut self, name: &ObjectName, if_exists: bool, action: &AlterIndexAction) {
        let Some((table, index)) = self.index(name) else {
            if let Some(on) = self.view_index(name) {
                return self.alter_view_index(&on, &name.resolve(self.catalog), action);
            }
            if !if_exists {
                self.effect.refuse(format!("there is no index `{name}` (42P01)"));
            }
            return self.effect.apply("drop-index", "absent", &Roles::new(), Extent::default(), &Values::new());
        };
        let full = table.name.sibling(&index.name.0);
        let mut roles = roles([(Role::Target, vec![table.name.clone()]), (Role::Index, vec![full.clone()])]);
        let op = match action {
            AlterIndexAction::Rename { to } => {
                let new = table.name.sibling(&to.0);
                if self.relation_exists(&new) {
                    self.effect.refuse(format!("there is a relation `{new}` already (42P07)"));
                }
                "rename-index"
            }
            AlterIndexAction::AttachPartition { index: child } => {
                match self.index(child) {
                    Some((leaf, i)) => {
                        if leaf.partition_of.as_ref().is_none_or(|p| p.parent != table.name) {
                            self.effect.refuse(format!("`{}` is no partition of `{}` (55000)", leaf.name, table.name));
                        }
                        let leaf_index = leaf.name.sibling(&i.name.0);
                        roles.insert(Role::Index, vec![leaf_index]);
                        roles.insert(Role::Parent, vec![full]);
                    }
                    None => self.effect.refuse(format!("there is no index `{child}` (42P01)")),
                }
                "attach-index"
            }
            AlterIndexAction::Other { op } => match op.as_str() {
                "set-tablespace" => "alter-index-tablespace",
                "set-statistics" => "alter-index-statistics",
                "depends-on-extension" => "alter-index-extension",
                _ if table.partition_key.is_some() && self.catalog.server.since(PARTITIONED_OPTIONS) => {
                    self.effect.refuse(format!("`{name}` is partitioned: options belong to its parts (42809)"));
                    "alter-index-options"
                }
                _ => "alter-index-options",
            },
        };
        let values = values([("table", table.name.to_string())]);
        self.effect.apply(op, "always", &roles, Extent::of([table]), &values);
    }

    /// The index of a materialised view, with the view.
    fn view_index(&self, name: &ObjectName) -> Option<Roles> {
        let (view, index) = self.catalog.view_of_index(name.schema.as_ref(), &name.name)?;
        let full = view.name.sibling(&index.name.0);
        Some(roles([(Role::Target, vec![view.name.clone()]), (Role::Index, vec![full])]))
    }

    fn alter_view_index(&mut self, on: &Roles, full: &TableName, action: &AlterIndexAction) {
        let op = match action {
            AlterIndexAction::Rename { to } => {
                let new = full.sibling(&to.0);
                if self.relation_exists(&new) {
                    self.effect.refuse(format!("there is a relation `{new}` already (42P07)"));
                }
                "rename-index"
            }
            AlterIndexAction::AttachPartition { .. } => {
                return self.effect.refuse(format!("`{full}` is no index of a partitioned table (42809)"));
            }
            AlterIndexAction::Other { op } => match op.as_str() {
                "set-tablespace" => "alter-index-tablespace",
                "set-statistics" => "alter-index-statistics",
                "depends-on-extension" => "alter-index-extension",
                _ => "alter-index-options",
            },
        };
        self.effect.apply(op, "always", on, Extent::default(), &Values::new());
    }

    pub(super) fn index(&self, name: &ObjectName) -> Option<(&'a Table, &'a Index)> {
        self.catalog.index_owner(name.schema.as_ref(), &name.name)
    }
}

/// Since this version a partitioned index refuses options.
const PARTITIONED_OPTIONS: u16 = 11;
