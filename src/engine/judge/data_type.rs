//! Types and domains: CREATE, ALTER, DROP. Only a constraint of a domain reads tables.

use super::{Judge, roles, values};
use crate::engine::effect::Extent;
use crate::engine::facts::{self, Role};
use crate::engine::{relations, user_types};
use crate::model::objects::DataTypeKind;
use crate::model::{Ident, Table, TableName};
use crate::sql::ObjectName;
use crate::sql::data_type::{AlterDomain, AlterType, CreateType, DomainAction, NewType, Place, TypeAction};

impl<'a> Judge<'a> {
    pub(super) fn create_type(&mut self, create: &CreateType) {
        let name = user_types::resolve(self.catalog, &create.name);
        if self.catalog.types.iter().any(|t| t.name == name) {
            self.effect.refuse(format!("there is a type `{name}` already (42710)"));
        }
        self.simply(
            if matches!(create.definition, NewType::Domain { .. }) { "create-domain" } else { "create-type" },
            &[],
        );
    }

    pub(super) fn alter_type(&mut self, alter: &AlterType) {
        let (name, op) = (&alter.name, alter.op.as_str());
        if op.ends_with("attribute") {
            return self.alter_attribute(name, op);
        }
        let labels = ["add-value", "rename-value"].contains(&op);
        if labels && user_types::by_name(self.catalog, name).is_none() {
            self.effect.refuse(format!("there is no enum type `{name}` (42704)"));
        }
        // The rows of a table's action of the same name do not hold here.
        let own = ["add-value", "rename-value"].contains(&op) && !facts::rows(op).is_empty();
        self.simply(if own { op } else { "alter-type" }, &[]);
        if own && facts::fact(op, "always", self.catalog.server.version.major).is_some_and(|f| f.alone) {
            self.effect.raise("not-in-transaction", &[]);
        }
        let catalog = self.catalog;
        let labels = match user_types::by_name(catalog, name).map(|t| &t.kind) {
            Some(DataTypeKind::Enum { labels }) => Some(labels),
            _ => None,
        };
        match &alter.action {
            TypeAction::AddValue { label, place, if_not_exists } => {
                self.effect.raise("enum-value-unusable", &[]);
                let Some(labels) = labels else { return };
                if labels.contains(label) && !if_not_exists {
                    self.effect.refuse(format!("`{name}` has the label `{label}` already (42710)"));
                }
                if let Some(Place::Before(other) | Place::After(other)) = place
                    && !labels.contains(other)
                {
                    self.effect.refuse(format!("`{name}` has no label `{other}` (22023)"));
                }
            }
            TypeAction::RenameValue { from, to } => {
                self.effect.raise("breaks-running-code", &[("name", format!("a value of {name}"))]);
                let Some(labels) = labels else { return };
                if !labels.contains(from) {
                    self.effect.refuse(format!("`{name}` has no label `{from}` (22023)"));
                } else if labels.contains(to) {
                    self.effect.refuse(format!("`{name}` has the label `{to}` already (42710)"));
                }
            }
            TypeAction::Rename { .. } | TypeAction::SetSchema { .. } => {
                self.effect.raise("breaks-running-code", &[("name", name.to_string())]);
            }
            _ => {}
        }
    }

    /// A composite type is a relation of its own.
    fn alter_attribute(&mut self, name: &ObjectName, op: &str) {
        let full = user_types::resolve(self.catalog, name);
        let user = self.users_of(&full).first().map(|t| t.name.clone());
        if let (Some(user), "alter-attribute") = (user, op) {
            self.effect.refuse(format!("a column of `{user}` has the type `{name}` (0A000)"));
        }
        let roles = roles([(Role::Target, vec![full])]);
        self.effect.apply("alter-attribute", "always", &roles, Extent::default(), &values([]));
    }

    pub(super) fn drop_type(&mut self, op: &str, target: Option<&ObjectName>) {
        let Some(name) = target else { return };
        let full = user_types::resolve(self.catalog, name);
        let cascade = op.ends_with("-cascade");
        let users = self.users_of(&full);
        let user = user_types::users(self.catalog, &full).first().map(|(t, c)| (t.name.clone(), c.name.clone()));
        if let (Some((table, column)), false) = (user, cascade) {
            self.effect.refuse(format!("column `{column}` of `{table}` is of type `{full}` (2BP01)"));
        }
        let roles = roles([(Role::Users, relations::names(users))]);
        let values = values([("table", full.to_string())]);
        self.effect.apply(op.trim_end_matches("-cascade"), "always", &roles, Extent::default(), &values);
    }

    pub(super) fn alter_domain(&mut self, alter: &AlterDomain) {
        let name = user_types::resolve(self.catalog, &alter.name);
        let users = self.users_of(&name);
        let catalog = self.catalog;
        if user_types::by_name(catalog, &alter.name).is_none() {
            self.effect.refuse(format!("there is no domain `{}` (42704)", alter.name));
        }
        let (not_null, constraints) = match user_types::by_name(catalog, &alter.name).map(|t| &t.kind) {
            Some(DataTypeKind::Domain { not_null, constraints, .. }) => (Some(*not_null), Some(constraints)),
            _ => (None, None),
        };
        let has = |wanted: &Ident| constraints.is_none_or(|all| all.contains(wanted));
        let when = match &alter.action {
            DomainAction::AddCheck { not_valid: true, .. } => "not-valid",
            DomainAction::AddCheck { .. } | DomainAction::Validate { .. } => "checked",
            DomainAction::SetNotNull if not_null == Some(true) => "other",
            DomainAction::SetNotNull => "checked",
            _ => "other",
        };
        match &alter.action {
            DomainAction::Validate { name } | DomainAction::DropConstraint { name, if_exists: false } if !has(name) => {
                self.effect.refuse(format!("the domain `{}` has no constraint `{name}` (42704)", alter.name));
            }
            DomainAction::AddCheck { check, .. } => {
                let taken = check.name.as_ref().filter(|n| constraints.is_some_and(|all| all.contains(n)));
                if let Some(taken) = taken {
                    self.effect
                        .refuse(format!("the domain `{}` has a constraint `{taken}` already (42710)", alter.name));
                }
            }
            _ => {}
        }
        let roles = roles([(Role::Users, relations::names(users.iter().copied()))]);
        let values = values([("table", name.to_string())]);
        self.effect.apply("alter-domain", when, &roles, Extent::of(users), &values);
    }

    fn users_of(&self, name: &TableName) -> Vec<&'a Table> {
        let mut tables: Vec<&'a Table> = Vec::new();
        for (table, _) in user_types::users(self.catalog, name) {
            if !tables.iter().any(|t| t.name == table.name) {
                tables.push(table);
            }
        }
        tables
    }
}
