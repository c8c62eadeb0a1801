//! Triggers, views, functions, sequences, types, comments, and whatever is known by its verb alone.

use super::{Judge, roles, values, with_children};
use crate::engine::effect::{Extent, Values};
use crate::engine::facts::{self, Role};
use crate::engine::relations;
use crate::model::{Ident, Table, TableName};
use crate::sql::ObjectName;

impl<'a> Judge<'a> {
    pub(super) fn create_trigger(&mut self, name: &Ident, table: &ObjectName, or_replace: bool) {
        let catalog = self.catalog;
        if table.table(catalog).is_none() && catalog.views.iter().any(|v| v.name == table.resolve(catalog)) {
            return self.simply("drop-rule", &[table.resolve(catalog)]);
        }
        let Some(table) = self.find(table) else { return };
        if !or_replace && table.triggers.iter().any(|t| t.name == *name) {
            self.effect.refuse(format!("`{}` has a trigger `{name}` already (42710)", table.name));
        }
        let when = if or_replace { "replace" } else { "plain" };
        self.on_family("create-trigger", when, table);
    }

    pub(super) fn drop_trigger(&mut self, name: &Ident, table: &ObjectName, if_exists: bool) {
        let Some(table) = self.find(table) else { return };
        let found = table.triggers.iter().any(|t| t.name == *name);
        if !found && !if_exists {
            self.effect.refuse(format!("`{}` has no trigger `{name}` (42704)", table.name));
        }
        self.on_family("drop-trigger", if found { "plain" } else { "absent" }, table);
    }

    fn on_family(&mut self, op: &str, when: &str, table: &'a Table) {
        let family = relations::family(self.catalog, table);
        let values = values([("table", table.name.to_string())]);
        self.effect.apply(op, when, &with_children(self.catalog, table), Extent::of(family), &values);
    }

    pub(super) fn drop_function(&mut self, name: &ObjectName, cascade: bool) {
        let used = self.catalog.tables.iter().find_map(|t| {
            let trigger = t.triggers.iter().find(|g| {
                g.function.name == name.name && name.schema.as_ref().is_none_or(|s| g.function.schema == *s)
            })?;
            Some((t, trigger))
        });
        if let (Some((table, trigger)), false) = (used, cascade) {
            self.effect.refuse(format!("trigger `{}` of `{}` calls `{name}` (2BP01)", trigger.name, table.name));
        }
        self.simply("drop-function", &[]);
    }

    pub(super) fn alter_sequence(&mut self, name: &ObjectName) {
        let full = name.resolve(self.catalog);
        let roles = roles([(Role::Sequence, vec![full.clone()])]);
        self.effect.apply("alter-sequence", "always", &roles, Extent::default(), &Values::new());
        self.effect.raise("sequence-blocks-inserts", &[("sequence", full.to_string())]);
    }

    pub(super) fn comment(&mut self, on: &str, table: Option<&ObjectName>) {
        let locks_table = matches!(on, "table" | "column");
        let target = table.map(|t| t.resolve(self.catalog)).into_iter().collect();
        let roles = roles([(Role::Target, target)]);
        let when = if locks_table { "table" } else { "other" };
        self.effect.apply("comment", when, &roles, Extent::default(), &Values::new());
    }

    pub(super) fn known(&mut self, op: &str, target: Option<&ObjectName>, _rest: &str) {
        match op {
            "reindex-index" | "reindex-index-concurrently" => self.reindex_index(op, target),
            "reindex-table" | "reindex-table-concurrently" => self.reindex_table(op, target),
            "drop-type" | "drop-domain" | "drop-type-cascade" | "drop-domain-cascade" => self.drop_type(op, target),
            _ => self.known_by_verb(op, target),
        }
    }

    fn known_by_verb(&mut self, op: &str, target: Option<&ObjectName>) {
        let catalog = self.catalog;
        let op = family_of(op);
        if facts::rows(op).is_empty() {
            let named = target.map(|t| t.resolve(catalog)).filter(|n| self.is_relation(n));
            let roles = roles([(Role::Target, named.into_iter().collect())]);
            return self.effect.opaque(&roles, &format!("no fact is known for `{op}`"));
        }
        if let Some(table) = target.and_then(|t| t.table(catalog)) {
            self.on_family(op, "always", table);
            if facts::fact(op, "always", catalog.server.version.major).is_some_and(|f| f.alone) {
                self.effect.raise("not-in-transaction", &[]);
            }
            return;
        }
        let named: Vec<TableName> =
            target.map(|t| t.resolve(catalog)).filter(|n| self.is_relation(n)).into_iter().collect();
        let sequences = named.clone();
        let roles = roles([(Role::Target, named), (Role::Sequence, sequences)]);
        let table = target.map(ToString::to_string).unwrap_or_default();
        self.effect.apply(op, "always", &roles, Extent::default(), &values([("table", table)]));
        if target.is_some() && roles.get(&Role::Target).is_some_and(Vec::is_empty) && NEEDS_TABLE.contains(&op) {
            self.effect
                .refuse(format!("there is no table `{}` (42P01)", target.map(ToString::to_string).unwrap_or_default()));
        }
    }

    pub(super) fn is_relation(&self, name: &TableName) -> bool {
        let catalog = self.catalog;
        catalog.table(name).is_some()
            || catalog.views.iter().any(|v| v.name == *name)
            || catalog.sequences.iter().any(|s| s.name == *name)
    }

    /// Tables that reference one of them have to be among them, or go along by CASCADE.
    pub(super) fn truncate(&mut self, targets: &[&ObjectName], text: &str) {
        let cascade = crate::sql::Reader::new(text).holds("cascade");
        let mut emptied: Vec<TableName> = Vec::new();
        for target in targets {
            let Some(table) = self.find(target) else { return };
            emptied.push(table.name.clone());
        }
        let mut at = 0;
        while let Some(name) = emptied.get(at).cloned() {
            at += 1;
            let Some(table) = self.catalog.table(&name) else { continue };
            self.on_family("truncate", "always", table);
            for other in relations::referencing(self.catalog, &name, &[]) {
                if emptied.contains(&other) {
                    continue;
                }
                if !cascade {
                    self.effect.refuse(format!(
                        "a foreign key of `{other}` references `{name}`: it needs CASCADE, which empties both (0A000)"
                    ));
                    break;
                }
                emptied.push(other);
            }
            self.effect.raise("truncate-loses-data", &[("table", name.to_string())]);
        }
    }

    fn reindex_index(&mut self, op: &str, target: Option<&ObjectName>) {
        let Some((table, index)) = target.and_then(|t| self.index(t)) else {
            return self.effect.refuse(format!(
                "there is no index `{}` (42P01)",
                target.map(ToString::to_string).unwrap_or_default()
            ));
        };
        let full = vec![table.name.sibling(&index.name.0)];
        let roles =
            roles([(Role::Target, vec![table.name.clone()]), (Role::Index, full.clone()), (Role::Rebuilt, full)]);
        self.effect.tables.push(table.name.clone());
        self.effect.apply(op, "always", &roles, Extent::of([table]), &values([("table", table.name.to_string())]));
    }

    fn reindex_table(&mut self, op: &str, target: Option<&ObjectName>) {
        let Some(table) = target.and_then(|t| self.find(t)) else { return };
        let mut roles = with_children(self.catalog, table);
        let family = relations::family(self.catalog, table);
        let leaves = family.iter().filter(|t| t.partition_key.is_none());
        let indexes: Vec<TableName> =
            leaves.flat_map(|t| t.indexes.iter().map(|i| t.name.sibling(&i.name.0))).collect();
        roles.insert(Role::Index, indexes.clone());
        roles.insert(Role::Rebuilt, indexes);
        let when = if table.partition_key.is_some() { "partitioned" } else { "plain" };
        self.effect.tables.push(table.name.clone());
        self.effect.apply(op, when, &roles, Extent::of(family), &values([("table", table.name.to_string())]));
    }
}

/// The operation whose facts hold for one of another name.
fn family_of(op: &str) -> &str {
    match op {
        "alter-trigger" => "rename-trigger",
        "alter-view" | "alter-materialized-view" | "alter-foreign-table" => "owner-to",
        "alter-statistics" => "alter-type",
        "copy-to" | "explain" | "fetch" | "declare" | "close" | "move" => "select",
        "merge" => "copy",
        "alter-function" | "alter-procedure" | "alter-routine" | "create-procedure" => "create-function",
        "drop-procedure" | "drop-routine" => "drop-function",
        _ if !facts::rows(op).is_empty() => op,
        _ if op.split_once('-').is_some_and(|(verb, object)| {
            ["create", "alter", "drop"].contains(&verb) && WITHOUT_TABLES.contains(&object)
        }) || SESSION.contains(&op) =>
        {
            "other-object"
        }
        _ => op,
    }
}

/// Kinds of objects whose changes touch no table.
const WITHOUT_TABLES: [&str; 24] = [
    "access-method",
    "aggregate",
    "cast",
    "collation",
    "conversion",
    "database",
    "default-privileges",
    "event-trigger",
    "foreign-data-wrapper",
    "group",
    "language",
    "operator",
    "operator-class",
    "operator-family",
    "role",
    "server",
    "tablespace",
    "text-search-configuration",
    "text-search-dictionary",
    "text-search-parser",
    "text-search-template",
    "transform",
    "user",
    "user-mapping",
];
/// Commands about the session or its channels.
const SESSION: [&str; 14] = [
    "set-role",
    "set-constraints",
    "set-transaction",
    "set-xml-option",
    "listen",
    "notify",
    "unlisten",
    "checkpoint",
    "discard",
    "deallocate",
    "prepare",
    "load",
    "security-label",
    "alter-system",
];

/// Operations that name a table, so that an unknown one is refused.
const NEEDS_TABLE: [&str; 10] = [
    "alter-policy",
    "analyze",
    "cluster",
    "copy",
    "create-policy",
    "create-statistics",
    "drop-policy",
    "lock-table",
    "vacuum",
    "vacuum-full",
];
