//! INSERT, UPDATE, DELETE: no schema lock to fear, but long transactions, fired triggers and scans.

use super::{Judge, listed, values};
use crate::engine::effect::Extent;
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::objects::ViewKind;
use crate::model::{Ident, Table, TableName};
use crate::sql::{Expression, ObjectName, Update};

impl<'a> Judge<'a> {
    pub(super) fn update(&mut self, update: &Update) {
        if self.through_view("update", &update.table) {
            return;
        }
        let Some(table) = self.find(&update.table) else { return };
        let written: Vec<Ident> = update.assignments.iter().map(|a| a.column.clone()).collect();
        if let Some(missing) = written.iter().find(|c| table.column(c).is_none()) {
            self.effect.refuse(format!("`{}` has no column `{missing}` (42703)", table.name));
        }
        self.missing_in(table, update.filter.as_ref().filter(|_| update.from.is_none()));
        let when = reach(table, update.filter.as_ref().or(None), update.from.is_some());
        let parents = relations::referenced(self.catalog, table, |c| c.columns.iter().any(|k| written.contains(k)));
        let children = relations::referencing(self.catalog, &table.name, &written);
        self.touch("update", when, table, parents, children);
        self.check_children(table, &written);
        if when != "by-key" {
            let fired: Vec<&Ident> = table
                .triggers
                .iter()
                .filter(|t| t.fires_on_update && t.enabled.as_deref() != Some("disabled"))
                .map(|t| &t.name)
                .collect();
            if !fired.is_empty() {
                let values = [("table", table.name.to_string()), ("triggers", listed(fired))];
                self.effect.raise("user-triggers-fire", &values);
            }
        }
    }

    pub(super) fn delete(&mut self, table: &ObjectName, filter: Option<&Expression>) {
        if self.through_view("delete", table) {
            return;
        }
        let Some(table) = self.find(table) else { return };
        self.missing_in(table, filter);
        let when = reach(table, filter, false);
        let children = relations::referencing(self.catalog, &table.name, &[]);
        self.touch("delete", when, table, Vec::new(), children);
        let keys: Vec<Ident> = table.columns.iter().map(|c| c.name.clone()).collect();
        self.check_children(table, &keys);
        self.effect.raise("drop-loses-data", &[("name", table.name.to_string())]);
    }

    /// A view hands the rows on to what it reads.
    fn through_view(&mut self, op: &str, name: &ObjectName) -> bool {
        let full = name.resolve(self.catalog);
        let Some(view) = self.catalog.views.iter().find(|v| v.name == full && v.kind == ViewKind::View) else {
            return false;
        };
        let under = relations::names(relations::read_by(self.catalog, view));
        let roles = super::roles([(Role::Target, vec![full.clone()]), (Role::Children, under)]);
        self.effect.apply(op, "view", &roles, Extent::default(), &values([("table", full.to_string())]));
        true
    }

    /// Rows that point at a row that goes are looked for, one row at a time.
    fn check_children(&mut self, table: &'a Table, keys: &[Ident]) {
        for (child, fk) in self.catalog.referenced_by(&table.name) {
            let touched = fk.references.as_ref().is_some_and(|r| r.columns.iter().any(|c| keys.contains(c)));
            let indexed = child.indexes.iter().any(|i| {
                let leading: Vec<&Ident> = i.keys.iter().take(fk.columns.len()).flatten().collect();
                i.valid && i.predicate.is_none() && fk.columns.iter().all(|c| leading.contains(&c))
            });
            if !touched || indexed {
                continue;
            }
            let values = values([("table", table.name.to_string()), ("other", child.name.to_string())]);
            let extent = Extent::of(relations::family(self.catalog, child));
            self.effect.apply("checks-children", "always", &super::Roles::new(), extent, &values);
            let values = [("table", table.name.to_string()), ("other", child.name.to_string())];
            self.effect.raise("foreign-key-without-index", &values);
        }
    }

    fn missing_in(&mut self, table: &Table, filter: Option<&Expression>) {
        let Some(filter) = filter.filter(|f| f.understood && !f.has_subquery) else { return };
        if let Some(missing) = filter.columns.iter().find(|c| table.column(c).is_none()) {
            self.effect.refuse(format!("`{}` has no column `{missing}` (42703)", table.name));
        }
    }

    fn touch(&mut self, op: &str, when: &str, table: &'a Table, parents: Vec<TableName>, children: Vec<TableName>) {
        let family = relations::family(self.catalog, table);
        let roles = super::roles([
            (Role::Target, vec![table.name.clone()]),
            (Role::Children, relations::names(family.iter().copied().skip(1))),
            (Role::Referenced, parents),
            (Role::Referencing, children),
        ]);
        let values = values([("table", table.name.to_string())]);
        // Indexes get new entries, no new files.
        let extent = Extent { built: Vec::new(), ..Extent::of(family) };
        self.effect.apply(op, when, &roles, extent, &values);
        if when != "by-key" {
            let what = if when == "all-rows" { "every row" } else { "an unknown number of rows" };
            let more = "dead rows pile up".to_owned();
            let values = [("table", table.name.to_string()), ("what", what.to_owned()), ("more", more)];
            self.effect.raise("unbatched-update", &values);
        }
    }

    pub(super) fn insert(&mut self, name: &ObjectName, columns: &[Ident], from: &[ObjectName]) {
        if self.through_view("insert", name) {
            return;
        }
        let Some(table) = self.find(name) else { return };
        if let Some(missing) = columns.iter().find(|c| table.column(c).is_none()) {
            self.effect.refuse(format!("`{}` has no column `{missing}` (42703)", table.name));
        }
        let sources: Vec<&Table> = from.iter().filter_map(|f| f.table(self.catalog)).collect();
        let roles = super::roles([
            (Role::Target, vec![table.name.clone()]),
            (Role::Children, relations::names(relations::descendants(self.catalog, &table.name))),
            (Role::Referenced, relations::referenced(self.catalog, table, |_| true)),
        ]);
        let others: Vec<String> = sources.iter().map(|t| format!("`{}`", t.name)).collect();
        let values = values([("table", table.name.to_string()), ("others", others.join(", "))]);
        let when = if from.is_empty() { "rows" } else { "select" };
        self.effect.apply("insert", when, &roles, Extent::of(sources), &values);
    }
}

/// How many rows a filter reaches: a comparison for equality with every column of a unique key finds at most one.
fn reach(table: &Table, filter: Option<&Expression>, joined: bool) -> &'static str {
    let Some(filter) = filter else { return if joined { "some-rows" } else { "all-rows" } };
    let by_key = filter.understood
        && !filter.has_subquery
        && !joined
        && table.indexes.iter().any(|i| {
            i.unique
                && i.valid
                && i.predicate.is_none()
                && !i.keys.is_empty()
                && i.keys.iter().all(|k| k.as_ref().is_some_and(|k| equals_one_value(filter, k)))
        });
    if by_key { "by-key" } else { "some-rows" }
}

/// `key = value` or `key IN (…)` as the whole filter or one side of its ANDs.
fn equals_one_value(filter: &Expression, key: &Ident) -> bool {
    relations::conjuncts(&filter.sql).iter().any(|part| {
        let part = part.trim();
        let Some(at) = part.find(['=', ' ']) else { return false };
        let (subject, rest) = part.split_at(at);
        let subject = subject.rsplit('.').next().unwrap_or(subject).trim_matches('"');
        let rest = rest.trim_start().to_ascii_lowercase();
        let one_value = rest.starts_with('=') || rest.starts_with("in (") || rest.starts_with("in(");
        subject == key.as_str() && one_value && !rest.contains(" or ")
    })
}
