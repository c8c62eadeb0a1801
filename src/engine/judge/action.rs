//! Actions of ALTER TABLE that name something beside a column: a constraint, a parent, an index, a trigger, options.

use super::alter::Altered;
use super::rest::Rest;
use super::{Judge, roles};
use crate::engine::effect::Extent;
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::{ConstraintKind, Ident, Table};

impl<'a> Judge<'a> {
    /// True if the action was judged here.
    pub(super) fn named_action(&mut self, on: &Altered<'a>, op: &str, rest: &Rest) -> bool {
        match op {
            "alter-constraint" => self.alter_constraint(on, rest),
            "add-temporal-key" | "add-temporal-foreign-key" => self.temporal(on, op, rest),
            "inherit" | "no-inherit" => self.inherit(on, op, rest),
            "set-options" | "reset-options" => self.options(on, op, rest),
            "drop-identity" => {
                // IF EXISTS; the plain form has a place of its own.
                let (roles, extent) = on.without_children();
                self.effect.apply(op, "always", &roles, extent, &on.values(&"".into()));
            }
            _ => {
                self.named_part(on, op, rest);
                return false;
            }
        }
        true
    }

    /// What the action names has to be there.
    fn named_part(&mut self, on: &Altered<'a>, op: &str, rest: &Rest) {
        let name = rest.name().unwrap_or_else(|| "".into());
        match op {
            "cluster-on" => self.index_of(on.table, &name).map_or((), drop),
            "replica-identity" => {
                let Some(name) = rest.name_after("using index").map(|n| n.name) else { return };
                let Some(index) = self.index_of(on.table, &name) else { return };
                let nullable = |c: &&Ident| on.table.column(c).is_some_and(|c| !c.not_null);
                let open = index.keys.iter().flatten().find(nullable);
                if !index.unique || index.predicate.is_some() || index.has_expressions || open.is_some() {
                    self.effect.refuse(format!(
                        "index `{name}` is not a unique one over NOT NULL columns: it identifies no row (42809)"
                    ));
                }
            }
            "enable-trigger" | "disable-trigger" => {
                let all = ["all", "user"].contains(&name.as_str());
                if !all && !on.table.triggers.iter().any(|t| t.name == name) {
                    self.missing("trigger", on.table, &name);
                }
            }
            _ => {}
        }
    }

    fn index_of(&mut self, table: &'a Table, name: &Ident) -> Option<&'a crate::model::Index> {
        let index = table.index(name);
        if index.is_none() {
            self.missing("index", table, name);
        }
        index
    }

    fn alter_constraint(&mut self, on: &Altered<'a>, rest: &Rest) {
        let name = rest.name().unwrap_or_else(|| "".into());
        let since_18 = self.catalog.server.since(18);
        let enforced = rest.has("enforced");
        if enforced && !since_18 {
            self.effect.refuse("NOT ENFORCED needs PostgreSQL 18 (42601)");
        }
        let Some(constraint) = on.table.constraint(&name) else {
            return self.missing("constraint", on.table, &name);
        };
        let inherits = since_18 && rest.has("inherit") && constraint.kind == ConstraintKind::NotNull;
        if constraint.kind != ConstraintKind::ForeignKey && !inherits {
            self.effect.refuse(format!("`{name}` is not a foreign key (42809)"));
        }
        let when = match () {
            () if enforced && rest.has("not enforced") => "not-enforced",
            () if enforced => "enforced",
            () => "plain",
        };
        let other = constraint.references.as_ref().and_then(|r| self.catalog.table(&r.table));
        let others = other.map(|o| relations::names(relations::family(self.catalog, o))).unwrap_or_default();
        let mut values = on.values(&"".into());
        values.insert("other", other.map(|o| o.name.to_string()).unwrap_or_default());
        let roles = on.roles_with(Role::Referenced, others);
        self.effect.apply("alter-constraint", when, &roles, on.extent(), &values);
    }

    fn temporal(&mut self, on: &Altered<'a>, op: &str, rest: &Rest) {
        let mut roles = on.roles();
        let mut values = on.values(&"".into());
        let when = match () {
            () if op == "add-temporal-key" => "always",
            () if rest.has("not valid") => "not-valid",
            () => "valid",
        };
        let other = rest.name_after("references");
        if self.catalog.server.since(18)
            && let Some(other) = other.and_then(|o| self.find(&o))
        {
            values.insert("other", other.name.to_string());
            roles.insert(Role::Referenced, vec![other.name.clone()]);
        }
        self.effect.apply(op, when, &roles, on.extent(), &values);
    }

    fn inherit(&mut self, on: &Altered<'a>, op: &str, rest: &Rest) {
        let Some(parent) = rest.names_first().and_then(|n| self.find(&n)) else { return };
        let heir = on.table.partition_of.as_ref().is_some_and(|p| p.parent == parent.name);
        if op == "inherit" && heir {
            self.effect.refuse(format!("`{}` inherits from `{}` already (42P07)", on.table.name, parent.name));
        }
        if op == "no-inherit" && !heir {
            self.effect.refuse(format!("`{}` does not inherit from `{}` (42P01)", on.table.name, parent.name));
        }
        let roles = roles([(Role::Target, vec![on.table.name.clone()]), (Role::Parent, vec![parent.name.clone()])]);
        self.effect.apply(op, "always", &roles, Extent::default(), &on.values(&"".into()));
    }

    fn options(&mut self, on: &Altered<'a>, op: &str, rest: &Rest) {
        if on.is_partitioned() {
            let code = if self.catalog.server.since(PARTITIONED_OPTIONS) { "42809" } else { "22023" };
            self.effect
                .refuse(format!("`{}` is partitioned: options belong to its partitions ({code})", on.table.name));
        }
        let when = if rest.holds("user_catalog_table") { "logical-decoding" } else { "plain" };
        let (roles, extent) = on.without_children();
        self.effect.apply(op, when, &roles, extent, &on.values(&"".into()));
    }

    /// An unlogged table cannot be pointed at by a logged one.
    pub(super) fn mixed_logging(&mut self, on: &Altered<'a>, op: &str) {
        let catalog = self.catalog;
        let partner = match op {
            "set-unlogged" => catalog.referenced_by(&on.table.name).map(|(t, _)| t).find(|t| !t.unlogged),
            "set-logged" => on.table.foreign_keys().filter_map(|(_, r)| catalog.table(&r.table)).find(|t| t.unlogged),
            _ => None,
        };
        if let Some(partner) = partner.filter(|p| p.name != on.table.name) {
            self.effect.refuse(format!(
                "a foreign key joins `{}` and `{}`: a logged table cannot point at an unlogged one (42P16)",
                on.table.name, partner.name
            ));
        }
    }

    /// What a table hands down cannot be given to the table alone.
    pub(super) fn only_whole(&mut self, on: &Altered<'a>) {
        self.effect.refuse(format!("what hangs under `{}` has to get it too: leave ONLY out (42P16)", on.table.name));
    }
}

/// Since this version the refusal of options on a partitioned table has a code of its own.
const PARTITIONED_OPTIONS: u16 = 16;
