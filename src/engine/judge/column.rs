//! Columns: add, drop, rename, NOT NULL, identity.

use super::alter::Altered;
use super::{Judge, has_rows, listed};
use crate::engine::facts::Role;
use crate::engine::{relations, volatility};
use crate::model::catalog::{GeneratedKind, Volatility};
use crate::model::{ConstraintKind, Ident};
use crate::sql::{ColumnDef, ConstraintBody, TableConstraint, serial_base};

impl<'a> Judge<'a> {
    pub(super) fn add_column(&mut self, on: &Altered<'a>, if_not_exists: bool, column: &ColumnDef) {
        let mut values = on.values(&column.name);
        values.insert("type", column.data_type.clone());
        if on.table.column(&column.name).is_some() && !on.pending.dropped_columns.contains(&column.name) {
            if !if_not_exists {
                self.effect.refuse(format!("`{}` has a column `{}` already (42701)", on.table.name, column.name));
            }
            self.effect.apply("add-column", "exists", &on.roles(), on.extent(), &values);
            // Until 12 the constraints of the clause are added all the same, again at every run.
            if !self.catalog.server.since(13) {
                for constraint in &column.constraints {
                    self.inline_constraint(on, column, constraint, false);
                }
            }
            return;
        }
        if on.only {
            self.only_whole(on);
        }
        if relations::is_partition(on.table) {
            self.effect.refuse(format!("`{}` is a partition: columns are added to its parent (42809)", on.table.name));
        }
        let when = self.added_value(on, column);
        self.effect.apply("add-column", when, &on.roles(), on.extent(), &values);
        let has_value = !matches!(when, "plain" | "not-null-no-value");
        for constraint in &column.constraints {
            self.inline_constraint(on, column, constraint, has_value);
        }
        self.clients_notice(on.table);
        if when == "not-null-no-value" {
            if has_rows(&on.family) {
                self.effect
                    .refuse(format!("rows of `{}` would have no value for `{}` (23502)", on.table.name, column.name));
            }
            let values = [("table", on.table.name.to_string()), ("column", column.name.to_string())];
            self.effect.raise("inserts-fail-without-value", &values);
        }
    }

    /// The condition of the `add-column` row: where existing rows get their value from.
    fn added_value(&mut self, on: &Altered<'a>, column: &ColumnDef) -> &'static str {
        if serial_base(&column.data_type).is_some() || column.identity.is_some() {
            return "sequence";
        }
        let primary = column.constraints.iter().any(|c| matches!(c.body, ConstraintBody::PrimaryKey { .. }));
        let not_null = column.not_null || primary;
        match &column.generated {
            Some((_, GeneratedKind::Stored)) => return "stored",
            Some((_, GeneratedKind::Virtual)) if not_null => return "virtual-not-null",
            Some((_, GeneratedKind::Virtual)) => return "virtual",
            None => {}
        }
        if relations::domain(self.catalog, &column.data_type).is_some_and(|(constrained, _)| constrained) {
            return "constrained-domain";
        }
        let Some(default) = column.default.as_ref().filter(|d| !d.sql.trim().eq_ignore_ascii_case("null")) else {
            return if not_null { "not-null-no-value" } else { "plain" };
        };
        match volatility::of(self.catalog, default) {
            (Volatility::Immutable | Volatility::Stable, _) => "default-once",
            (Volatility::Volatile, _) => "default-per-row",
            (Volatility::Unknown, function) => {
                let function = function.unwrap_or_else(|| default.sql.clone());
                self.effect.raise("unknown-function", &[("function", function), ("table", on.table.name.to_string())]);
                "default-unknown"
            }
        }
    }

    fn inline_constraint(
        &mut self,
        on: &Altered<'a>,
        column: &ColumnDef,
        constraint: &TableConstraint,
        has_value: bool,
    ) {
        let mut values = on.values(&column.name);
        let enforced = !constraint.trailer.to_ascii_lowercase().contains("not enforced");
        match &constraint.body {
            ConstraintBody::Check { .. } => {
                let when = if enforced { "enforced" } else { "not-enforced" };
                self.effect.apply("add-column-check", when, &on.roles(), on.extent(), &values);
            }
            ConstraintBody::Unique { .. } | ConstraintBody::PrimaryKey { .. } => {
                if matches!(constraint.body, ConstraintBody::PrimaryKey { .. }) && on.table.primary_key().is_some() {
                    self.effect.refuse(format!("`{}` has a primary key already (42P16)", on.table.name));
                }
                if on.is_partitioned() {
                    self.effect
                        .refuse("a unique constraint of a partitioned table must hold its partition key (0A000)");
                }
                self.effect.apply("add-column-unique", "always", &on.roles(), on.extent(), &values);
            }
            ConstraintBody::ForeignKey { table, referenced, .. } => {
                let Some(other) = self.find(table) else { return };
                self.check_target_key(other, referenced, 1);
                values.insert("other", other.name.to_string());
                let others = relations::names(relations::family(self.catalog, other));
                let roles = on.roles_with(Role::Referenced, others);
                let when = match (has_value, on.is_partitioned()) {
                    (true, _) => "with-value",
                    (false, true) => "partitioned-no-value",
                    (false, false) => "no-value",
                };
                self.effect.apply("add-column-references", when, &roles, on.extent(), &values);
            }
            ConstraintBody::UsingIndex { .. } | ConstraintBody::NotNull { .. } | ConstraintBody::Exclude { .. } => {}
        }
    }

    pub(super) fn drop_column(&mut self, on: &Altered<'a>, column: &Ident, if_exists: bool, cascade: bool) {
        let table = on.table;
        if table.column(column).is_none() {
            if !if_exists {
                self.effect.refuse(format!("`{}` has no column `{column}` (42703)", table.name));
            }
            return self.effect.apply("drop-column", "absent", &on.roles(), on.extent(), &on.values(column));
        }
        let columns = std::slice::from_ref(column);
        if relations::inherits_column(self.catalog, table, column).is_some() {
            self.effect.refuse(format!("`{column}` belongs to the parent of `{}` (42P16)", table.name));
        }
        if on.only && on.is_partitioned() {
            self.only_whole(on);
        }
        if table.partition_key.as_ref().is_some_and(|k| k.columns.contains(column)) {
            self.effect.refuse(format!("`{column}` is part of the partition key (42P16)"));
        }
        let mut roles =
            on.roles_with(Role::Referenced, relations::referenced(self.catalog, table, |c| c.columns.contains(column)));
        let referencing = relations::referencing(self.catalog, &table.name, columns);
        if !cascade {
            for (what, name) in relations::dependants(self.catalog, table, column) {
                // Until PostgreSQL 14 the generated column is dropped along without a word.
                if what != "generated column" || self.catalog.server.since(15) {
                    self.effect.refuse(format!("{what} `{name}` depends on `{column}` (2BP01)"));
                }
            }
            if let Some(other) = referencing.iter().find(|r| **r != table.name) {
                self.effect.refuse(format!("a foreign key of `{other}` depends on `{column}` (2BP01)"));
            }
        }
        for view in relations::views_over(self.catalog, &table.name, columns) {
            let values = [("view", view.name.to_string()), ("column", column.to_string())];
            self.effect.raise("view-depends", &values);
        }
        roles.insert(Role::Referencing, referencing);
        let views = relations::views_over(self.catalog, &table.name, columns).iter().map(|v| v.name.clone()).collect();
        // Under ONLY the heirs keep the column as their own, and are locked for it.
        roles.insert(Role::Children, relations::names(relations::descendants(self.catalog, &table.name)));
        roles.insert(Role::Views, views);
        self.effect.apply("drop-column", "plain", &roles, on.extent(), &on.values(column));
        let name = format!("{}.{column}", table.name);
        self.effect.raise("drop-loses-data", &[("name", name.clone())]);
        self.effect.raise("breaks-running-code", &[("name", name.clone())]);
        let lost = self.lost_with(on, column);
        if !lost.is_empty() {
            self.effect.raise("implicit-drop", &[("name", name), ("what", lost.join(", "))]);
        }
        self.clients_notice(table);
        self.functions_notice(&table.name);
    }

    /// What else goes when the column goes.
    fn lost_with(&self, on: &Altered<'a>, column: &Ident) -> Vec<String> {
        let table = on.table;
        let plain_indexes = table.indexes.iter().filter(|i| i.constraint.is_none() && i.uses.contains(column));
        let constraints =
            table.constraints.iter().filter(|c| c.columns.contains(column) && c.kind != ConstraintKind::NotNull);
        let mut lost: Vec<String> = plain_indexes.map(|i| format!("index `{}`", i.name)).collect();
        lost.extend(constraints.map(|c| format!("constraint `{}`", c.name)));
        if !self.catalog.server.since(15) {
            lost.extend(relations::generated_from(table, column).map(|c| format!("generated column `{}`", c.name)));
        }
        lost
    }

    pub(super) fn rename_column(&mut self, on: &Altered<'a>, from: &Ident, to: &Ident) {
        self.column_of(on, from);
        if on.table.column(to).is_some() {
            self.effect.refuse(format!("`{}` has a column `{to}` already (42701)", on.table.name));
        }
        if relations::inherits_column(self.catalog, on.table, from).is_some() {
            self.effect.refuse(format!("`{from}` belongs to the parent of `{}` (42P16)", on.table.name));
        }
        self.effect.apply("rename-column", "always", &on.roles(), on.extent(), &on.values(from));
        self.effect.raise("breaks-running-code", &[("name", format!("{}.{from}", on.table.name))]);
        self.clients_notice(on.table);
        self.functions_notice(&on.table.name);
    }

    pub(super) fn set_not_null(&mut self, on: &Altered<'a>, column: &Ident) {
        let found = self.column_of(on, column);
        let unchecked = |t: &crate::model::Table| {
            t.constraints.iter().any(|c| c.kind == ConstraintKind::NotNull && !c.valid && c.columns.contains(column))
        };
        let dropped = &on.pending.dropped_constraints;
        let rows_of = |t: &&&crate::model::Table| t.partition_key.is_none();
        let when = if found.is_some_and(|c| c.not_null) && !on.family.iter().any(|t| unchecked(t)) {
            "already"
        } else if on.family.iter().filter(rows_of).all(|t| relations::proves_not_null(t, column, dropped)) {
            "proven"
        } else {
            "unproven"
        };
        self.effect.apply("set-not-null", when, &on.roles(), on.extent(), &on.values(column));
        if when != "already" && found.is_none_or(|c| c.default.is_none() && c.identity.is_none()) {
            let values = [("table", on.table.name.to_string()), ("column", column.to_string())];
            self.effect.raise("inserts-fail-without-value", &values);
        }
    }

    pub(super) fn drop_not_null(&mut self, on: &Altered<'a>, column: &Ident) {
        let found = self.column_of(on, column);
        if found.is_some_and(|c| c.identity.is_some()) && !on.pending.dropped_identities.contains(column) {
            self.effect.refuse(format!("`{column}` is an identity column (42601)"));
        }
        let strict = |p: &crate::model::Table| p.column(column).is_some_and(|c| c.not_null);
        if relations::is_partition(on.table)
            && relations::inherits_column(self.catalog, on.table, column).is_some_and(strict)
        {
            self.effect.refuse(format!("`{column}` is NOT NULL in the parent of `{}` (42P16)", on.table.name));
        }
        let key = on.table.primary_key().filter(|k| !on.pending.dropped_constraints.contains(&k.name));
        if key.is_some_and(|k| k.columns.contains(column)) {
            self.effect.refuse(format!("`{column}` is part of the primary key (42P16)"));
        }
        self.effect.apply("drop-not-null", "always", &on.roles(), on.extent(), &on.values(column));
    }

    pub(super) fn add_identity(&mut self, on: &Altered<'a>, column: &Ident) {
        if let Some(found) = self.column_of(on, column) {
            let refusal = match () {
                () if found.identity.is_some() && !on.pending.dropped_identities.contains(column) => {
                    Some("is an identity column already")
                }
                () if found.default.is_some() && !on.pending.dropped_defaults.contains(column) => {
                    Some("has a default: drop it first")
                }
                () if !found.not_null && !on.pending.set_not_null.contains(column) => Some("has to be NOT NULL first"),
                () => None,
            };
            if let Some(refusal) = refusal {
                self.effect.refuse(format!("{} {refusal} (55000)", listed([column])));
            }
        }
        self.on_column(on, "add-identity", column);
    }

    pub(super) fn drop_identity(&mut self, on: &Altered<'a>, column: &Ident) {
        if self.column_of(on, column).is_some_and(|c| c.identity.is_none()) {
            self.effect.refuse(format!("`{column}` is not an identity column (55000)"));
        }
        self.on_column(on, "drop-identity", column);
    }
}
