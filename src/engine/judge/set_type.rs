//! ALTER COLUMN … TYPE: what the types share, and what hangs on the column, decide between nothing, a scan, index builds and a rewrite.

use super::alter::Altered;
use super::{Judge, listed};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::engine::types::{self, Storage};
use crate::engine::user_types;
use crate::model::catalog::GeneratedKind;
use crate::model::{Catalog, Column, Constraint, ConstraintKind, Ident, Index, Table};
use crate::sql::Expression;

impl<'a> Judge<'a> {
    pub(super) fn set_type(
        &mut self,
        on: &Altered<'a>,
        name: &Ident,
        data_type: &str,
        collation: Option<&str>,
        using: Option<&Expression>,
    ) {
        let to = user_types::canonical(self.catalog, data_type);
        let mut values = on.values(name);
        values.insert("to", to.clone());
        let Some(column) = self.column_of(on, name) else {
            return self.effect.apply("set-type", "unknown", &on.roles(), on.extent(), &values);
        };
        values.insert("from", column.data_type.clone());
        self.refused_type(on, column);
        self.still_joins(on, name, &to);
        if using.is_some() {
            self.default_follows(on, column, &to);
        }
        let storage = self.storage(column, &to, collation, using);
        let rebuilt: Vec<(&Table, &Index)> =
            on.family.iter().flat_map(|t| rebuilt(t, on, name, storage).into_iter().map(|i| (*t, i))).collect();
        values.insert("indexes", listed(rebuilt.iter().map(|(_, i)| &i.name)));
        let checked = on.family.iter().any(|t| {
            t.constraints
                .iter()
                .any(|c| c.kind == ConstraintKind::Check && c.valid && c.enforced && c.columns.contains(name))
        });
        let is_virtual = column.generated.as_ref().is_some_and(|g| g.kept == GeneratedKind::Virtual);
        let when = match storage {
            _ if is_virtual => "free",
            Storage::Rewritten | Storage::NoCast => "rewrite",
            Storage::ByTimezone | Storage::Unknown => "unknown",
            Storage::Kept | Storage::Reordered if !rebuilt.is_empty() => "index",
            Storage::Kept | Storage::Reordered if checked => "check",
            Storage::Kept | Storage::Reordered => "free",
        };
        match storage {
            Storage::NoCast => self.effect.refuse(format!(
                "`{name}` cannot be cast from `{}` to `{to}` automatically: it needs USING (42804)",
                column.data_type
            )),
            Storage::ByTimezone => self.effect.raise("timezone-decides", &[("table", on.table.name.to_string())]),
            _ => {}
        }
        let columns = std::slice::from_ref(name);
        let mut roles = on
            .roles_with(Role::Referenced, relations::referenced(self.catalog, on.table, |c| c.columns.contains(name)));
        roles.insert(Role::Referencing, relations::referencing(self.catalog, &on.table.name, columns));
        roles.insert(Role::Rebuilt, rebuilt.iter().map(|(t, i)| t.name.sibling(&i.name.0)).collect());
        self.effect.apply("set-type", when, &roles, on.extent(), &values);
        self.clients_notice(on.table);
        self.functions_notice(&on.table.name);
        self.narrow_sequence(on, name, &to);
    }

    /// What forbids the change whatever the types are.
    fn refused_type(&mut self, on: &Altered<'a>, column: &Column) {
        let name = &column.name;
        if on.table.partition_key.as_ref().is_some_and(|k| k.columns.contains(name)) {
            self.effect.refuse(format!("`{name}` is part of the partition key (42P16)"));
        }
        if relations::inherits_column(self.catalog, on.table, name).is_some() {
            self.effect.refuse(format!("`{name}` belongs to the parent of `{}` (42P16)", on.table.name));
        }
        for (what, dependant) in relations::dependants(self.catalog, on.table, name) {
            let old = what == "generated column" && !self.catalog.server.since(15);
            let code = if old { "42601" } else { "0A000" };
            self.effect.refuse(format!("{what} `{dependant}` uses `{name}` ({code})"));
            if what.ends_with("view") {
                self.effect.raise("view-depends", &[("view", dependant), ("column", name.to_string())]);
            }
        }
    }

    /// A foreign key compares the two columns it joins; text and numbers have no operator in common.
    fn still_joins(&mut self, on: &Altered<'a>, name: &Ident, to: &str) {
        let apart =
            |other: &str| types::is_text(to) != types::is_text(other) && types::is_core(to) && types::is_core(other);
        let catalog = self.catalog;
        let partner = |constraint: &Constraint| {
            let at = constraint.columns.iter().position(|c| c == name)?;
            let reference = constraint.references.as_ref()?;
            let other = catalog.table(&reference.table)?.column(reference.columns.get(at)?)?;
            apart(&other.data_type).then(|| constraint.name.clone())
        };
        let own = on.table.constraints.iter().find_map(partner);
        let theirs = catalog.referenced_by(&on.table.name).find_map(|(child, fk)| {
            let at = fk.references.as_ref()?.columns.iter().position(|c| c == name)?;
            let other = child.column(fk.columns.get(at)?)?;
            apart(&other.data_type).then(|| fk.name.clone())
        });
        let kept = own.or(theirs).filter(|n| !on.pending.dropped_constraints.contains(n));
        if let Some(kept) = kept {
            self.effect.refuse(format!("the foreign key `{kept}` would join text with another type (42804)"));
        }
    }

    /// A default is cast along, without USING.
    fn default_follows(&mut self, on: &Altered<'a>, column: &Column, to: &str) {
        let kept = column.default.is_some() && !on.pending.dropped_defaults.contains(&column.name);
        if kept && types::change(self.catalog, &column.data_type, to, self.timezone()) == Storage::NoCast {
            self.effect
                .refuse(format!("the default of `{}` cannot be cast to `{to}`: drop it first (42804)", column.name));
        }
    }

    fn storage(&self, column: &Column, to: &str, collation: Option<&str>, using: Option<&Expression>) -> Storage {
        if using.is_some_and(|u| !casts_only(self.catalog, u, &column.name, to)) {
            return Storage::Rewritten;
        }
        match types::change(self.catalog, &column.data_type, to, self.timezone()) {
            // With USING an explicit cast does what no assignment would.
            Storage::NoCast if using.is_some() => Storage::Rewritten,
            Storage::Kept if collation.is_some() => Storage::Reordered,
            storage => storage,
        }
    }

    fn narrow_sequence(&mut self, on: &Altered<'a>, name: &Ident, to: &str) {
        let owns = |s: &&crate::model::objects::Sequence| {
            s.owned_by.as_ref().is_some_and(|o| o.table == on.table.name && o.column == *name)
        };
        let identity = on.table.column(name).is_some_and(|c| c.identity.is_some());
        if to != "bigint" || identity {
            return;
        }
        if let Some(sequence) = self.catalog.sequences.iter().filter(|s| s.data_type != "bigint").find(owns) {
            let values = [
                ("sequence", sequence.name.to_string()),
                ("type", sequence.data_type.clone()),
                ("max", sequence.max_value.to_string()),
            ];
            self.effect.raise("serial-sequence-stays-integer", &values);
        }
    }
}

/// `USING c`, `USING c::type` and `USING CAST(c AS type)` say what the server does anyway.
fn casts_only(catalog: &Catalog, using: &Expression, column: &Ident, to: &str) -> bool {
    let text = using.sql.trim();
    let is_column =
        |t: &str| t.trim().trim_matches('"') == column.as_str() || t.trim().eq_ignore_ascii_case(column.as_str());
    let cast = || {
        let (value, target) = text.split_once("::")?;
        Some(is_column(value) && user_types::canonical(catalog, target) == to)
    };
    let function = || {
        let inner =
            text.get(..5).filter(|h| h.eq_ignore_ascii_case("cast(")).and_then(|_| text.get(5..))?.strip_suffix(')')?;
        let at = inner.to_ascii_lowercase().find(" as ")?;
        Some(is_column(inner.get(..at)?) && user_types::canonical(catalog, inner.get(at + 4..)?) == to)
    };
    is_column(text) || cast().unwrap_or(false) || function().unwrap_or(false)
}

/// Indexes that are built anew although the heap stays.
fn rebuilt<'t>(table: &'t Table, on: &Altered<'_>, column: &Ident, storage: Storage) -> Vec<&'t Index> {
    let partitioned = on.is_partitioned();
    table
        .indexes
        .iter()
        .filter(|_| table.partition_key.is_none())
        .filter(|i| i.uses.contains(column))
        .filter(|i| {
            let key = i.keys.iter().flatten().any(|k| k == column);
            let entangled = i.has_expressions || i.predicate.is_some();
            match storage {
                // An invalid index is not taken for the same and built anew.
                Storage::Kept => entangled || partitioned || !i.valid,
                Storage::Reordered => key || entangled || partitioned,
                _ => false,
            }
        })
        .collect()
}
