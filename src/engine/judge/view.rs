//! Views, and new names of objects that are no table.

use super::{Judge, roles, values};
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::TableName;
use crate::model::objects::{View, ViewKind};
use crate::sql::{CreateView, Destination, Move, ObjectName};

impl Judge<'_> {
    pub(super) fn create_view(&mut self, view: &CreateView) {
        let full = view.name.resolve(self.catalog);
        if view.materialized {
            if !view.if_not_exists {
                self.free_relation_name(&full, &[]);
            }
            let when = if view.filled { "data" } else { "no-data" };
            return self.effect.apply(
                "create-materialized-view",
                when,
                &Roles::new(),
                Extent::default(),
                &Values::new(),
            );
        }
        let exists = self.catalog.views.iter().any(|v| v.name == full && v.kind == ViewKind::View);
        if self.catalog.table(&full).is_some() || (exists && !view.or_replace) {
            self.effect.refuse(format!("there is a relation `{full}` already (42P07)"));
        }
        let when = if exists { "replace" } else { "plain" };
        let roles = roles([(Role::Target, vec![full.clone()])]);
        self.effect.apply("create-view", when, &roles, Extent::default(), &values([("table", full.to_string())]));
    }

    pub(super) fn drop_views(&mut self, names: &[ObjectName], materialized: bool, if_exists: bool, cascade: bool) {
        let catalog = self.catalog;
        let dropped: Vec<TableName> = names.iter().map(|n| n.resolve(catalog)).collect();
        for full in &dropped {
            let view = catalog.views.iter().find(|v| v.name == *full && v.kind != ViewKind::Rule);
            let Some(view) = view else {
                if !if_exists {
                    let code = if catalog.table(full).is_some() { "42809" } else { "42P01" };
                    self.effect.refuse(format!("there is no view `{full}` ({code})"));
                }
                self.effect.apply("drop-view", "absent", &Roles::new(), Extent::default(), &Values::new());
                continue;
            };
            if (view.kind == ViewKind::Materialized) != materialized {
                self.effect.refuse(format!("`{full}` is another kind of view (42809)"));
            }
            let dependent: Vec<&View> = relations::views_over(catalog, full, &[]);
            if let (Some(other), false) = (dependent.iter().find(|v| !dropped.contains(&v.name)), cascade) {
                self.effect.refuse(format!("view `{}` depends on `{full}` (2BP01)", other.name));
            }
            let views = dependent.iter().map(|v| v.name.clone()).collect();
            let roles = roles([(Role::Target, vec![full.clone()]), (Role::Views, views)]);
            self.effect.apply("drop-view", "plain", &roles, Extent::default(), &values([("table", full.to_string())]));
            self.effect.raise("breaks-running-code", &[("name", full.to_string())]);
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
        if !self.is_relation(&full) {
            self.effect.refuse(format!("there is no `{full}` (42P01)"));
        }
        let sequence = self.sequence(&moved.name).filter(|_| matches!(moved.to, Destination::Schema(_)));
        if let Some(sequence) = sequence {
            self.owned(sequence);
        }
        let to = moved.to.of(&full);
        if to != full {
            self.free_relation_name(&to, &[]);
        }
        self.simply(op, std::slice::from_ref(&full));
        if moved.object != "sequence" {
            self.effect.raise("breaks-running-code", &[("name", full.to_string())]);
        }
    }
}
