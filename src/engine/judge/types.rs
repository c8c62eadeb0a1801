//! Sequences, types and domains, comments: whatever reaches tables through what they use.

use super::rest::Rest;
use super::{Judge, roles, values};
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::{self, Role};
use crate::engine::relations;
use crate::model::objects::{DataType, DataTypeKind, Sequence};
use crate::model::{Table, TableName};
use crate::sql::ObjectName;

impl<'a> Judge<'a> {
    fn sequence(&self, name: &ObjectName) -> Option<&'a Sequence> {
        let path = &self.catalog.search_path;
        self.catalog.sequences.iter().find(|s| {
            s.name.name == name.name
                && name.schema.as_ref().map_or_else(|| path.contains(&s.name.schema), |schema| s.name.schema == *schema)
        })
    }

    pub(super) fn alter_sequence(&mut self, name: &ObjectName, rest: &str) {
        let rest = Rest::new(rest);
        let Some(sequence) = self.sequence(name) else {
            if !rest.if_exists() {
                self.effect.refuse(format!("there is no sequence `{name}` (42P01)"));
            }
            return self.effect.apply("alter-sequence", "absent", &Roles::new(), Extent::default(), &Values::new());
        };
        let moves = rest.has("owner to") || rest.has("set schema");
        if let (true, Some(owner)) = (moves, &sequence.owned_by) {
            self.effect.refuse(format!("`{}` belongs to `{}` and moves with it (0A000)", sequence.name, owner.table));
        }
        if let Some(column) = rest.name_after("owned by") {
            let table = column.schema.map(|t| ObjectName { schema: None, name: t });
            if let Some(table) = table.filter(|t| t.table(self.catalog).is_none() && column.name.as_str() != "none") {
                self.effect.refuse(format!("there is no table `{table}` (42P01)"));
            }
        }
        let strong = moves || rest.has("rename to") || rest.has("set logged") || rest.has("set unlogged");
        let when = if strong { "moves" } else { "always" };
        let roles = roles([(Role::Sequence, vec![sequence.name.clone()])]);
        self.effect.apply("alter-sequence", when, &roles, Extent::default(), &Values::new());
        self.effect.raise("sequence-blocks-inserts", &[("sequence", sequence.name.to_string())]);
    }

    pub(super) fn drop_sequence(&mut self, name: &ObjectName, rest: &Rest) {
        let Some(sequence) = self.sequence(name) else {
            if !rest.if_exists() {
                self.effect.refuse(format!("there is no sequence `{name}` (42P01)"));
            }
            return self.effect.apply("drop-sequence", "absent", &Roles::new(), Extent::default(), &Values::new());
        };
        let draws = |t: &&Table| {
            t.columns.iter().any(|c| {
                let default = c.default.as_ref().filter(|d| d.sql.contains("nextval"));
                default.is_some_and(|d| relations::names_word(&d.sql, sequence.name.name.as_str()))
            })
        };
        let users: Vec<&Table> = self.catalog.tables.iter().filter(draws).collect();
        let identity = sequence.owned_by.as_ref().is_some_and(|o| {
            let column = self.catalog.table(&o.table).and_then(|t| t.column(&o.column));
            column.is_some_and(|c| c.identity.is_some())
        });
        if let (Some(user), false) = (users.first(), rest.cascade()) {
            self.effect.refuse(format!("a default of `{}` draws from `{}` (2BP01)", user.name, sequence.name));
        }
        if identity {
            self.effect.refuse(format!("`{}` belongs to an identity column (2BP01)", sequence.name));
        }
        let roles = roles([(Role::Sequence, vec![sequence.name.clone()]), (Role::Users, relations::names(users))]);
        self.effect.apply("drop-sequence", "always", &roles, Extent::default(), &Values::new());
    }

    pub(super) fn alter_type(&mut self, name: &ObjectName, op: &str) {
        let labels = matches!(op, "add-value" | "rename-value");
        let known = self.data_type(name).is_some();
        if labels && !known {
            self.effect.refuse(format!("there is no enum type `{name}` (42704)"));
        }
        if op.ends_with("attribute") {
            // A composite type is a relation of its own.
            let users = self.users(&name.name.0, &name.to_string());
            if let (Some(user), "alter-attribute") = (users.first(), op) {
                self.effect.refuse(format!("a column of `{}` has the type `{name}` (0A000)", user.name));
            }
            let roles = roles([(Role::Target, vec![name.resolve(self.catalog)])]);
            return self.effect.apply("alter-attribute", "always", &roles, Extent::default(), &Values::new());
        }
        let op = if labels { op } else { "alter-type" };
        let op = if facts::rows(op).is_empty() { "alter-type" } else { op };
        self.simply(op, &[]);
        match op {
            "add-value" => self.effect.raise("enum-value-unusable", &[]),
            "rename-value" => self.effect.raise("breaks-running-code", &[("name", format!("a value of {name}"))]),
            _ => {}
        }
    }

    fn data_type(&self, name: &ObjectName) -> Option<&'a DataType> {
        self.catalog
            .types
            .iter()
            .find(|t| t.name.name == name.name && name.schema.as_ref().is_none_or(|schema| t.name.schema == *schema))
    }

    /// Tables with a column of the type or of an array of it.
    fn users(&self, bare: &str, full: &str) -> Vec<&'a Table> {
        let is = |spelled: &str| {
            let spelled = spelled.trim_end_matches("[]");
            // The inspector prints the schema, a hand-made catalog need not.
            let last = spelled.rsplit('.').next().unwrap_or(spelled);
            spelled == full || last.trim_matches('"') == bare
        };
        let catalog = self.catalog;
        catalog.tables.iter().filter(|t| t.columns.iter().any(|c| is(&c.data_type))).collect()
    }

    pub(super) fn drop_type(&mut self, op: &str, name: &ObjectName, rest: &Rest) {
        let full = self.data_type(name).map_or_else(|| name.to_string(), |t| t.name.to_string());
        let users = self.users(&name.name.0, &full);
        if let (Some(user), false) = (users.first(), rest.cascade()) {
            self.effect.refuse(format!("a column of `{}` has the type `{name}` (2BP01)", user.name));
        }
        let roles = roles([(Role::Users, relations::names(users))]);
        self.effect.apply(op, "always", &roles, Extent::default(), &values([("table", name.to_string())]));
    }

    pub(super) fn alter_domain(&mut self, target: Option<&ObjectName>, rest: &Rest) {
        let Some(name) = target else { return };
        let domain = self.data_type(name).filter(|t| matches!(t.kind, DataTypeKind::Domain { .. }));
        let Some(domain) = domain else {
            return self.effect.refuse(format!("there is no domain `{name}` (42704)"));
        };
        let checked =
            (rest.starts("add") && !rest.has("not valid")) || rest.starts("validate") || rest.starts("set not null");
        let users = self.users(&domain.name.name.0, &domain.name.to_string());
        let nested = |t: &&&Table| {
            t.columns.iter().any(|c| c.data_type.ends_with("[]") && c.data_type.contains(&*domain.name.name.0))
        };
        if let (true, Some(user)) = (checked, users.iter().find(nested)) {
            self.effect
                .refuse(format!("`{}` keeps arrays of `{name}`: their values are not checked (0A000)", user.name));
        }
        let when = if checked { "checked" } else { "catalog" };
        let roles: Roles = roles([(Role::Users, relations::names(users.iter().copied()))]);
        self.effect.apply("alter-domain", when, &roles, Extent::of(users), &values([("table", name.to_string())]));
    }

    pub(super) fn comment(&mut self, on: &str, table: Option<&ObjectName>) {
        let relation = matches!(on, "table" | "column" | "view" | "materialized-view" | "foreign-table");
        let full = table.map(|t| t.resolve(self.catalog));
        if let (true, Some(full)) = (relation, &full)
            && !self.is_relation(full)
        {
            self.effect.refuse(format!("there is no {} `{full}` (42P01)", on.replace('-', " ")));
        }
        let target: Vec<TableName> = full.into_iter().collect();
        let when = if relation { "table" } else { "other" };
        self.effect.apply("comment", when, &roles([(Role::Target, target)]), Extent::default(), &Values::new());
    }
}
