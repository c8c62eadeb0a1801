//! Views, and new names of objects that are no table.

use super::{Judge, roles, values};
use crate::engine::effect::Extent;
use crate::engine::facts::Role;
use crate::model::TableName;
use crate::sql::{CreateView, Destination, Move, ObjectName};

impl Judge<'_> {
    pub(super) fn create_view(&mut self, view: &CreateView) {
        let full = view.name.resolve(self.catalog);
        if view.materialized {
            return self.simply("create-materialized-view", &[]);
        }
        let exists = self.catalog.views.iter().any(|v| v.name == full);
        if self.catalog.table(&full).is_some() || (exists && !view.or_replace) {
            self.effect.refuse(format!("there is a relation `{full}` already (42P07)"));
        }
        let when = if exists { "replace" } else { "plain" };
        let roles = roles([(Role::Target, vec![full.clone()])]);
        self.effect.apply("create-view", when, &roles, Extent::default(), &values([("table", full.to_string())]));
    }

    pub(super) fn drop_views(&mut self, names: &[ObjectName], cascade: bool) {
        let dropped: Vec<TableName> = names.iter().map(|n| n.resolve(self.catalog)).collect();
        for full in &dropped {
            let found = self.catalog.views.iter().any(|v| v.name == *full);
            let using = self.catalog.views_using(full, &[]).find(|v| !dropped.contains(&v.name));
            if let Some(other) = using.filter(|_| !cascade) {
                self.effect.refuse(format!("view `{}` depends on `{full}` (2BP01)", other.name));
            }
            let when = if found { "plain" } else { "absent" };
            let roles = roles([(Role::Target, vec![full.clone()])]);
            self.effect.apply("drop-view", when, &roles, Extent::default(), &values([("table", full.to_string())]));
            if found {
                self.effect.raise("breaks-running-code", &[("name", full.to_string())]);
            }
        }
    }

    /// ALTER … RENAME TO and SET SCHEMA of what is no table and no index.
    pub(super) fn moved(&mut self, moved: &Move) {
        let full = moved.name.resolve(self.catalog);
        let relation = matches!(moved.object.as_str(), "view" | "materialized-view" | "foreign-table" | "sequence");
        let op = match &moved.to {
            Destination::Name(_) if relation => "rename-table",
            Destination::Schema(_) if relation => "set-schema",
            _ if moved.object == "schema" => "alter-schema",
            _ => "other-object",
        };
        if !relation {
            return self.simply(op, &[]);
        }
        let to = moved.to.of(&full);
        if to != full {
            self.free_relation_name(&to, &[]);
        }
        self.simply(op, &[full.clone()]);
        if moved.object != "sequence" {
            self.effect.raise("breaks-running-code", &[("name", full.to_string())]);
        }
    }
}
