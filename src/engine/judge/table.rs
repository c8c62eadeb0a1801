//! CREATE, DROP and RENAME TABLE.

use super::alter::Altered;
use super::{Judge, roles, values};
use crate::engine::bounds;
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::{Ident, Table, TableName};
use crate::sql::{ColumnDef, ConstraintBody, LikeTable, ObjectName, TableConstraint};

impl<'a> Judge<'a> {
    pub(super) fn create_table(
        &mut self,
        name: &ObjectName,
        if_not_exists: bool,
        columns: &[ColumnDef],
        constraints: &[TableConstraint],
        (partition_of, bounds): (Option<&ObjectName>, &str),
        like: &[LikeTable],
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
            let ConstraintBody::ForeignKey { table, .. } = &constraint.body else { continue };
            if table.resolve(self.catalog) == full {
                continue;
            }
            let Some(other) = self.find(table) else { continue };
            values.insert("other", other.name.to_string());
            let others = relations::names(relations::family(self.catalog, other));
            let roles = roles([(Role::Referenced, others)]);
            self.effect.apply("create-table", "references", &roles, Extent::default(), &values);
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
            self.effect.refuse(format!("`{}` is not partitioned (42809)", parent.name));
        }
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

    pub(super) fn drop_tables(&mut self, tables: &[ObjectName], if_exists: bool, cascade: bool) {
        let dropped: Vec<TableName> = tables.iter().map(|t| t.resolve(self.catalog)).collect();
        for name in tables {
            let Some(table) = name.table(self.catalog) else {
                if !if_exists {
                    self.effect.refuse(format!("there is no table `{name}` (42P01)"));
                }
                self.effect.apply("drop-table", "absent", &Roles::new(), Extent::default(), &Values::new());
                continue;
            };
            self.drop_table(table, &dropped, cascade);
        }
    }

    fn drop_table(&mut self, table: &'a Table, dropped: &[TableName], cascade: bool) {
        let name = &table.name;
        let referencing = relations::referencing(self.catalog, name, &[]);
        if !cascade {
            if let Some(view) = self.catalog.views_using(name, &[]).next() {
                self.effect.refuse(format!("view `{}` depends on `{name}` (2BP01)", view.name));
            }
            if let Some(other) = referencing.iter().find(|r| !dropped.contains(r)) {
                self.effect.refuse(format!("a foreign key of `{other}` depends on `{name}` (2BP01)"));
            }
        }
        let children = relations::descendants(self.catalog, name);
        let mut referenced = relations::referenced(self.catalog, table, |_| true);
        for child in &children {
            referenced.extend(relations::referenced(self.catalog, child, |_| true));
        }
        let views = self.catalog.views_using(name, &[]).map(|v| v.name.clone()).collect();
        let roles = roles([
            (Role::Target, vec![name.clone()]),
            (Role::Views, views),
            (Role::Children, relations::names(children)),
            (Role::Parent, table.partition_of.iter().map(|p| p.parent.clone()).collect()),
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
