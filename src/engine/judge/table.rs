//! CREATE, DROP and RENAME TABLE.

use super::alter::Altered;
use super::{Judge, roles, values};
use crate::engine::bounds;
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::{Constraint, Ident, Table, TableKind, TableName};
use crate::sql::{ColumnDef, ConstraintBody, LikeTable, ObjectName, TableConstraint};

impl<'a> Judge<'a> {
    pub(super) fn create_table(
        &mut self,
        name: &ObjectName,
        if_not_exists: bool,
        columns: &[ColumnDef],
        constraints: &[TableConstraint],
        (partition_of, bounds): (Option<&ObjectName>, &str),
        (like, inherits): (&[LikeTable], &[ObjectName]),
    ) {
        let full = name.resolve(self.catalog);
        if name.table(self.catalog).is_some() {
            if if_not_exists {
                self.effect.raise("if-not-exists-hides", &[("name", full.to_string())]);
                return self.effect.apply("create-table", "exists", &Roles::new(), Extent::default(), &Values::new());
            }
            self.effect.refuse(format!("there is a relation `{full}` already (42P07)"));
        } else {
            self.free_relation_name(&full, &[]);
        }
        let mut values = values([("table", full.to_string())]);
        self.effect.apply("create-table", "plain", &Roles::new(), Extent::default(), &values);
        let inline = columns.iter().flat_map(|c| &c.constraints);
        for constraint in constraints.iter().chain(inline) {
            let ConstraintBody::ForeignKey { table, columns, referenced, .. } = &constraint.body else { continue };
            if table.resolve(self.catalog) == full {
                continue;
            }
            let Some(other) = self.find(table) else { continue };
            self.referable(other);
            self.check_target_key(other, referenced, columns.len());
            values.insert("other", other.name.to_string());
            let others = relations::names(relations::family(self.catalog, other));
            let roles = roles([(Role::Referenced, others)]);
            self.effect.apply("create-table", "references", &roles, Extent::default(), &values);
        }
        for parent in inherits {
            let Some(parent) = self.find(parent) else { continue };
            let roles = roles([(Role::Parent, vec![parent.name.clone()])]);
            self.effect.apply("create-table", "inherits", &roles, Extent::default(), &values);
        }
        if let Some(parent) = partition_of.and_then(|p| self.find(p)) {
            self.create_partition(parent, bounds, &mut values);
        }
        for source in like {
            let known = self.catalog.views.iter().any(|v| v.name == source.table.resolve(self.catalog));
            if !known {
                self.find(&source.table);
            }
        }
    }

    fn create_partition(&mut self, parent: &'a Table, bounds: &str, values: &mut Values) {
        if parent.partition_key.is_none() {
            self.effect.refuse(format!("`{}` is not partitioned (42P17)", parent.name));
        }
        self.overlap(parent, bounds);
        let mut roles = roles([
            (Role::Parent, vec![parent.name.clone()]),
            (Role::Referenced, relations::referenced(self.catalog, parent, |_| true)),
            (Role::Referencing, relations::referencing(self.catalog, &parent.name, &[])),
        ]);
        self.effect.apply("create-partition", "always", &roles, Extent::default(), values);
        if let Some(default) = relations::default_partition(self.catalog, &parent.name) {
            if bounds.trim().eq_ignore_ascii_case("default") {
                self.effect.refuse(format!("`{}` is the default partition already (42P17)", default.name));
            }
            let family = relations::family(self.catalog, default);
            values.insert("default", default.name.to_string());
            roles.insert(Role::DefaultPartition, relations::names(family.iter().copied()));
            let when = if bounds::excluded(self.catalog, parent, default, bounds) { "proven" } else { "scanned" };
            self.effect.apply("attach-scans-default", when, &roles, Extent::of(family), values);
        }
    }

    pub(super) fn drop_tables(&mut self, tables: &[ObjectName], if_exists: bool, cascade: bool, foreign: bool) {
        let dropped: Vec<TableName> = tables.iter().map(|t| t.resolve(self.catalog)).collect();
        for name in tables {
            let Some(table) = name.table(self.catalog) else {
                if !if_exists || self.is_relation(&name.resolve(self.catalog)) {
                    self.find(name);
                }
                self.effect.apply("drop-table", "absent", &Roles::new(), Extent::default(), &Values::new());
                continue;
            };
            if (table.kind == TableKind::Foreign) != foreign {
                self.effect.refuse(format!("`{name}` is another kind of table (42809)"));
            }
            self.drop_table(table, &dropped, cascade);
        }
    }

    fn drop_table(&mut self, table: &'a Table, dropped: &[TableName], cascade: bool) {
        let (name, catalog) = (&table.name, self.catalog);
        let children = relations::descendants(catalog, name);
        let views = relations::views_over(catalog, name, &[]);
        // The partition's rows are part of what the foreign keys of the whole point at.
        let parent = table.partition_of.as_ref().filter(|_| relations::is_partition(table)).map(|p| p.parent.clone());
        let mut referencing = relations::referencing(catalog, name, &[]);
        let through_parent = parent.as_ref().map(|p| relations::referencing(catalog, p, &[])).unwrap_or_default();
        if !cascade {
            if let Some(view) = views.iter().find(|v| !dropped.contains(&v.name)) {
                self.effect.refuse(format!("view `{}` depends on `{name}` (2BP01)", view.name));
            }
            if let Some(other) = referencing.iter().chain(&through_parent).find(|r| !dropped.contains(r)) {
                self.effect.refuse(format!("a foreign key of `{other}` depends on `{name}` (2BP01)"));
            }
            let heir = children.iter().find(|t| !relations::is_partition(t) && !dropped.contains(&t.name));
            if let Some(heir) = heir {
                self.effect.refuse(format!("`{}` inherits from `{name}` (2BP01)", heir.name));
            }
        }
        referencing.extend(through_parent);
        // What a partition has from its parent has no triggers of its own on the other side.
        let inherited =
            |t: &Table, c: &Constraint| relations::is_partition(t) && relations::whole(catalog, t, c).is_some();
        let mut referenced = relations::referenced(catalog, table, |c| !inherited(table, c));
        for child in &children {
            referenced.extend(relations::referenced(catalog, child, |c| !inherited(child, c)));
        }
        // Until 14 only the leaves of a partitioned partner are locked.
        if !catalog.server.since(15) {
            referenced.retain(|n| catalog.table(n).is_none_or(|t| t.partition_key.is_none()));
        }
        let default = parent.as_ref().and_then(|p| relations::default_partition(catalog, p));
        let roles = roles([
            (Role::Target, vec![name.clone()]),
            (Role::Views, views.iter().map(|v| v.name.clone()).collect()),
            (Role::Children, relations::names(children)),
            (Role::DefaultPartition, default.into_iter().map(|t| t.name.clone()).collect()),
            (Role::Parent, parent.into_iter().collect()),
            (Role::Referenced, referenced),
            (Role::Referencing, referencing),
        ]);
        self.effect.apply("drop-table", "plain", &roles, Extent::default(), &values([("table", name.to_string())]));
        self.effect.raise("drop-loses-data", &[("name", name.to_string())]);
        self.effect.raise("breaks-running-code", &[("name", name.to_string())]);
        self.functions_notice(name);
    }

    pub(super) fn rename_table(&mut self, on: &Altered<'a>, to: &Ident) {
        let name = &on.table.name;
        self.free_relation_name(&name.sibling(&to.0), &[]);
        let target = roles([(Role::Target, vec![name.clone()])]);
        self.effect.apply("rename-table", "always", &target, Extent::default(), &on.values(to));
        self.effect.raise("breaks-running-code", &[("name", name.to_string())]);
        self.functions_notice(name);
    }

    pub(super) fn set_schema(&mut self, on: &Altered<'a>, schema: &Ident) {
        let name = &on.table.name;
        let to = TableName { schema: schema.clone(), name: name.name.clone() };
        if to != *name {
            self.free_relation_name(&to, &[]);
        }
        self.effect.apply("set-schema", "always", &on.roles(), on.extent(), &on.values(schema));
        self.effect.raise("breaks-running-code", &[("name", name.to_string())]);
        self.functions_notice(name);
    }
}
