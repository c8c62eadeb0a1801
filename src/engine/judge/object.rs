//! Triggers, functions and views.

use super::rest::Rest;
use super::{Judge, roles, values, with_children};
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::objects::Trigger;
use crate::model::{Ident, Table};
use crate::sql::ObjectName;

impl<'a> Judge<'a> {
    pub(super) fn create_trigger(&mut self, name: &Ident, table: &ObjectName, or_replace: bool, definition: &str) {
        let catalog = self.catalog;
        let full = table.resolve(catalog);
        if table.table(catalog).is_none() && catalog.views.iter().any(|v| v.name == full) {
            let roles = roles([(Role::Target, vec![full.clone()])]);
            let values = values([("table", full.to_string())]);
            return self.effect.apply("create-trigger", "view", &roles, Extent::default(), &values);
        }
        let Some(table) = self.find(table) else { return };
        if !or_replace && table.triggers.iter().any(|t| t.name == *name) {
            self.effect.refuse(format!("`{}` has a trigger `{name}` already (42710)", table.name));
        }
        // The call behind it may hold any words.
        let timing = Rest::new(definition.split_once(" EXECUTE ").map_or(definition, |(timing, _)| timing));
        let each_row = timing.has("for each row") || timing.has("for row");
        // Only a row trigger of a partitioned table is copied to its partitions.
        let copied = each_row && table.partition_key.is_some();
        if copied && !catalog.server.since(11) {
            self.effect.refuse("a row trigger on a partitioned table needs PostgreSQL 11 (42809)");
        }
        if copied && timing.has("before") && !catalog.server.since(13) {
            self.effect.refuse("a BEFORE row trigger on a partitioned table needs PostgreSQL 13 (42809)");
        }
        let mut roles = roles([(Role::Target, vec![table.name.clone()])]);
        if copied {
            roles.insert(Role::Children, relations::names(relations::descendants(catalog, &table.name)));
        }
        if let Some(other) = timing.name_after("from").and_then(|n| n.table(catalog)) {
            roles.insert(Role::Referenced, vec![other.name.clone()]);
        }
        let when = if or_replace { "replace" } else { "plain" };
        let values = values([("table", table.name.to_string())]);
        self.effect.apply("create-trigger", when, &roles, Extent::of([table]), &values);
    }

    pub(super) fn drop_trigger(&mut self, name: &Ident, table: &ObjectName, if_exists: bool) {
        let catalog = self.catalog;
        if if_exists && table.table(catalog).is_none() {
            return self.effect.apply("drop-trigger", "absent", &Roles::new(), Extent::default(), &Values::new());
        }
        let Some(table) = self.find(table) else { return };
        let has = |t: &Table| t.triggers.iter().any(|t| t.name == *name);
        // Until 14 the copies on partitions are not told apart from the server's own triggers: they are not in the catalog.
        let copied = |t: &Table| t.partition_key.is_some() && t.triggers.iter().any(|t| t.name == *name && copies(t));
        let parent = table.partition_of.as_ref().and_then(|p| catalog.table(&p.parent));
        let copy = relations::is_partition(table) && parent.is_some_and(|p| copied(p) || (has(p) && has(table)));
        if copy {
            self.effect.refuse(format!("the trigger `{name}` belongs to the parent of `{}` (2BP01)", table.name));
        } else if !has(table) && !if_exists {
            self.missing("trigger", table, name);
        }
        let mut roles = with_children(catalog, table);
        let heirs = relations::descendants(catalog, &table.name).into_iter().filter(|t| has(t) || copied(table));
        roles.insert(Role::Children, relations::names(heirs));
        let when = if has(table) { "plain" } else { "absent" };
        let values = values([("table", table.name.to_string())]);
        self.effect.apply("drop-trigger", when, &roles, Extent::default(), &values);
    }

    pub(super) fn on_family(&mut self, op: &str, when: &str, table: &'a Table) {
        let family = relations::family(self.catalog, table);
        let values = values([("table", table.name.to_string())]);
        self.effect.apply(op, when, &with_children(self.catalog, table), Extent::of(family), &values);
    }

    pub(super) fn drop_function(&mut self, name: &ObjectName, cascade: bool) {
        let catalog = self.catalog;
        let calls = |t: &&Table| {
            t.triggers
                .iter()
                .any(|g| g.function.name == name.name && name.schema.as_ref().is_none_or(|s| g.function.schema == *s))
        };
        let mut users: Vec<&Table> = catalog.tables.iter().filter(calls).collect();
        let copied = |t: &&&Table| {
            t.partition_key.is_some() && t.triggers.iter().any(|g| g.function.name == name.name && copies(g))
        };
        let heirs: Vec<&Table> =
            users.iter().filter(copied).flat_map(|t| relations::descendants(catalog, &t.name)).collect();
        users.extend(heirs);
        if let (Some(table), false) = (users.first(), cascade) {
            self.effect.refuse(format!("a trigger of `{}` calls `{name}` (2BP01)", table.name));
        }
        let roles = roles([(Role::Users, relations::names(users))]);
        self.effect.apply("drop-function", "always", &roles, Extent::default(), &Values::new());
    }
}

/// A row trigger: a partitioned table hands it to its partitions.
fn copies(trigger: &Trigger) -> bool {
    trigger.definition.to_ascii_uppercase().contains("FOR EACH ROW")
}
