//! ALTER TABLE: every action is judged on its own, the statement takes the strongest lock and the heaviest work of them.
//! What one action does to another (a proof dropped, a column added before its index) is held in [`Pending`].

use super::rest::Rest;
use super::{Judge, listed, roles, values, with_children};
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::catalog::GeneratedKind;
use crate::model::objects::ViewKind;
use crate::model::{Catalog, Column, Ident, Table, TableName};
use crate::sql::{Alter, AlterAction, ObjectName};

/// What the other actions of the same statement do.
#[derive(Default)]
pub(super) struct Pending {
    pub added_columns: Vec<Ident>,
    pub dropped_columns: Vec<Ident>,
    pub added_constraints: Vec<Ident>,
    pub dropped_constraints: Vec<Ident>,
    pub set_not_null: Vec<Ident>,
    pub dropped_defaults: Vec<Ident>,
    pub dropped_identities: Vec<Ident>,
}

/// The table under change.
pub(super) struct Altered<'a> {
    pub table: &'a Table,
    /// The table and all under it, the table first.
    pub family: Vec<&'a Table>,
    /// ONLY was written and there is something under it.
    pub only: bool,
    pub pending: Pending,
}

impl<'a> Altered<'a> {
    fn new(catalog: &'a Catalog, table: &'a Table, only: bool, actions: &[AlterAction]) -> Self {
        let mut pending = Pending::default();
        for action in actions {
            match &action.action {
                Alter::AddColumn { column, .. } => {
                    pending.added_columns.push(column.name.clone());
                    pending.added_constraints.extend(column.constraints.iter().filter_map(|c| c.name.clone()));
                }
                Alter::DropColumn { column, .. } => pending.dropped_columns.push(column.clone()),
                Alter::AddConstraint(constraint) => pending.added_constraints.extend(constraint.name.clone()),
                Alter::DropConstraint { name, .. } => pending.dropped_constraints.push(name.clone()),
                Alter::SetNotNull { column } => pending.set_not_null.push(column.clone()),
                Alter::DropDefault { column } => pending.dropped_defaults.push(column.clone()),
                Alter::DropIdentity { column } => pending.dropped_identities.push(column.clone()),
                _ => {}
            }
        }
        let whole = relations::family(catalog, table);
        let only = only && whole.len() > 1;
        let family = if only { vec![table] } else { whole };
        Self { table, family, only, pending }
    }

    pub fn roles(&self) -> Roles {
        let children = self.family.iter().skip(1).map(|t| t.name.clone()).collect();
        roles([(Role::Target, vec![self.table.name.clone()]), (Role::Children, children)])
    }

    /// The table alone: what it does not hand down.
    pub fn without_children(&self) -> (Roles, Extent) {
        (roles([(Role::Target, vec![self.table.name.clone()])]), Extent::of([self.table]))
    }

    pub fn roles_with(&self, role: Role, tables: Vec<TableName>) -> Roles {
        let mut roles = self.roles();
        roles.insert(role, tables);
        roles
    }

    pub fn extent(&self) -> Extent {
        Extent::of(self.family.iter().copied())
    }

    pub fn values(&self, column: &Ident) -> Values {
        values([("table", self.table.name.to_string()), ("column", column.to_string())])
    }

    /// True if the column is there when the action runs: drops come first, additions before everything else.
    pub fn has_column(&self, name: &Ident) -> bool {
        let there = self.table.column(name).is_some() && !self.pending.dropped_columns.contains(name);
        there || self.pending.added_columns.contains(name)
    }

    pub fn is_partitioned(&self) -> bool {
        self.table.partition_key.is_some()
    }
}

impl<'a> Judge<'a> {
    pub(super) fn alter_table(&mut self, name: &ObjectName, only: bool, if_exists: bool, actions: &[AlterAction]) {
        let Some(table) = name.table(self.catalog) else {
            return self.alter_other(name, if_exists, actions);
        };
        let altered = Altered::new(self.catalog, table, only, actions);
        // The target comes first in every list, whatever an action locks beside it.
        self.effect.tables.push(table.name.clone());
        for action in actions {
            self.action(&altered, &action.action);
        }
        let children = altered.family.len() - 1;
        let locked = altered.family.iter().skip(1).filter(|t| self.effect.lock_on(&t.name).is_some()).count();
        if children > 1 && locked > 1 {
            let values = [("table", table.name.to_string()), ("count", children.to_string())];
            self.effect.raise("partition-fan-out", &values);
        }
    }

    /// ALTER TABLE also takes the names of views, sequences and indexes.
    fn alter_other(&mut self, name: &ObjectName, if_exists: bool, actions: &[AlterAction]) {
        let full = name.resolve(self.catalog);
        let view = self.catalog.views.iter().any(|v| v.name == full);
        let sequence = self.catalog.sequences.iter().any(|s| s.name == full);
        let index =
            self.catalog.index_owner(name.schema.as_ref(), &name.name).map(|(t, _)| t.name.sibling(&name.name.0));
        if view || sequence || index.is_some() {
            let is_view = self.catalog.views.iter().any(|v| v.name == full && v.kind == ViewKind::View);
            let only_tables = actions.iter().any(|a| {
                matches!(a.action, Alter::AddColumn { .. } | Alter::DropColumn { .. } | Alter::SetType { .. })
            });
            if is_view && only_tables {
                self.effect.refuse(format!("`{full}` is a view: it has no such action (42809)"));
            }
            let renames = actions.iter().all(|a| matches!(a.action, Alter::RenameTable { .. }));
            let moves = actions.iter().all(|a| matches!(a.action, Alter::SetSchema { .. }));
            let op = match (renames, moves) {
                (true, _) => "rename-table",
                (_, true) => "set-schema",
                _ => "owner-to",
            };
            return self.simply(op, &[index.unwrap_or(full)]);
        }
        if if_exists {
            return self.effect.apply("drop-table", "absent", &Roles::new(), Extent::default(), &Values::new());
        }
        self.effect.refuse(format!("there is no table `{name}` (42P01)"));
    }

    fn action(&mut self, on: &Altered<'a>, action: &Alter) {
        match action {
            Alter::AddColumn { if_not_exists, column } => self.add_column(on, *if_not_exists, column),
            Alter::DropColumn { column, if_exists, cascade } => self.drop_column(on, column, *if_exists, *cascade),
            Alter::RenameColumn { from, to } => self.rename_column(on, from, to),
            Alter::SetType { column, data_type, collation, using } => {
                self.set_type(on, column, data_type, collation.as_deref(), using.as_ref());
            }
            Alter::SetNotNull { column } => self.set_not_null(on, column),
            Alter::DropNotNull { column } => self.drop_not_null(on, column),
            Alter::SetDefault { column, .. } => self.set_default(on, column),
            Alter::DropDefault { column } => self.on_column(on, "drop-default", column),
            Alter::AddIdentity { column, .. } => self.add_identity(on, column),
            Alter::DropIdentity { column } => self.drop_identity(on, column),
            Alter::AddConstraint(constraint) => self.add_constraint(on, constraint),
            Alter::ValidateConstraint { name } => self.validate_constraint(on, name),
            Alter::DropConstraint { name, if_exists, cascade } => self.drop_constraint(on, name, *if_exists, *cascade),
            Alter::RenameConstraint { from, to } => self.rename_constraint(on, from, to),
            Alter::RenameTable { to } => self.rename_table(on, to),
            Alter::SetSchema { schema } => self.set_schema(on, schema),
            Alter::AttachPartition { partition, bounds } => self.attach_partition(on, partition, bounds),
            Alter::DetachPartition { partition, concurrently } => self.detach_partition(on, partition, *concurrently),
            Alter::Other { op, column, rest } => self.other_action(on, op, column.as_ref(), rest),
            Alter::Opaque { because } => self.effect.opaque(&with_children(self.catalog, on.table), because),
        }
    }

    /// The column, or the refusal; a column that the same statement adds has no definition yet.
    pub(super) fn column_of(&mut self, on: &Altered<'a>, name: &Ident) -> Option<&'a Column> {
        if !on.has_column(name) {
            self.effect.refuse(format!("`{}` has no column `{name}` (42703)", on.table.name));
        }
        on.table.column(name)
    }

    /// An action on one column whose cost knows no conditions.
    pub(super) fn on_column(&mut self, on: &Altered<'a>, op: &str, column: &Ident) {
        self.column_of(on, column);
        self.effect.apply(op, "always", &on.roles(), on.extent(), &on.values(column));
    }

    fn set_default(&mut self, on: &Altered<'a>, column: &Ident) {
        let found = self.column_of(on, column);
        let identity = found.is_some_and(|c| c.identity.is_some()) && !on.pending.dropped_identities.contains(column);
        if identity || found.is_some_and(|c| c.generated.is_some()) {
            self.effect.refuse(format!("`{column}` is an identity or generated column: it has no default (42601)"));
        }
        self.on_column(on, "set-default", column);
    }

    fn other_action(&mut self, on: &Altered<'a>, op: &str, column: Option<&Ident>, rest: &str) {
        let rest = Rest::new(rest);
        let found = column.and_then(|c| self.column_of(on, c));
        if self.named_action(on, op, &rest) {
            return;
        }
        let op = match op {
            "reset-column-options" => "set-column-options",
            "set-identity-options" => "set-generated",
            "not-of" => "of-type",
            "set-foreign-options" => "owner-to",
            op => op,
        };
        let mut roles = on.roles();
        let when = match op {
            "set-logged" => {
                if on.table.unlogged {
                    "changes"
                } else {
                    "already"
                }
            }
            "set-unlogged" => {
                if on.table.unlogged {
                    "already"
                } else {
                    "changes"
                }
            }
            "set-expression" => match found.and_then(|c| c.generated.as_ref()) {
                Some(generated) if generated.kept == GeneratedKind::Virtual => "virtual",
                _ => "stored",
            },
            _ => "always",
        };
        if op == "drop-expression" && !self.catalog.server.since(13) {
            self.effect.refuse("DROP EXPRESSION needs PostgreSQL 13 (42601)");
        }
        if op == "set-expression" && !self.catalog.server.since(17) {
            self.effect.refuse("SET EXPRESSION needs PostgreSQL 17 (42601)");
        }
        let unmoved = self.catalog.server.since(15) && !self.catalog.server.since(17);
        if op == "set-access-method" && on.is_partitioned() && unmoved {
            self.effect.refuse("the access method of a partitioned table can be set from PostgreSQL 17 on (42809)");
        }
        let lenient = rest.holds("if exists");
        if matches!(op, "set-expression" | "drop-expression")
            && found.is_some_and(|c| c.generated.is_none())
            && !lenient
        {
            self.effect.refuse(format!("{} is not a generated column (55000)", listed(column)));
        }
        let is_virtual = |c: &Column| c.generated.as_ref().is_some_and(|g| g.kept == GeneratedKind::Virtual);
        if op == "drop-expression" && found.is_some_and(is_virtual) {
            self.effect.refuse(format!("{} is virtual: there are no values to keep (0A000)", listed(column)));
        }
        if matches!(op, "set-generated" | "restart-identity") && found.is_some_and(|c| c.identity.is_none()) {
            self.effect.refuse(format!("{} is not an identity column (55000)", listed(column)));
        }
        if matches!(op, "set-logged" | "set-unlogged") && on.is_partitioned() {
            return self.effect.apply(op, "partitioned", &roles, Extent::default(), &on.values(&"".into()));
        }
        self.mixed_logging(on, op);
        if op == "restart-identity" {
            let owned =
                self.catalog.sequences.iter().filter(|s| {
                    s.owned_by.as_ref().is_some_and(|o| o.table == on.table.name && Some(&o.column) == column)
                });
            roles.insert(Role::Sequence, owned.map(|s| s.name.clone()).collect());
        }
        let mut values = on.values(&column.cloned().unwrap_or_else(|| "".into()));
        values.insert("table", on.table.name.to_string());
        let extent = if HANDED_DOWN.contains(&op) { on.extent() } else { Extent::of([on.table]) };
        self.effect.apply(op, when, &roles, extent, &values);
        if op == "set-expression" {
            self.clients_notice(on.table);
        }
    }
}

/// Actions that reach the rows of what hangs under the table.
const HANDED_DOWN: [&str; 2] = ["set-expression", "drop-expression"];
