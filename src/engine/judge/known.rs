//! What is known by its verb: upkeep, rights, policies, rules, publications, and whatever touches no table.

use super::rest::Rest;
use super::{Judge, roles, values, with_children};
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::{self, Role};
use crate::engine::relations;
use crate::model::objects::ViewKind;
use crate::model::{Ident, LockMode, Table, TableKind, TableName};
use crate::sql::ObjectName;

impl<'a> Judge<'a> {
    pub(super) fn known(&mut self, op: &str, target: Option<&ObjectName>, also: &[ObjectName], rest: &str) {
        let rest = Rest::new(rest);
        let all: Vec<&ObjectName> = target.iter().copied().chain(also).collect();
        match op {
            "truncate" => self.truncate(&all, &rest),
            "create-publication" | "alter-publication" => self.publication(op, &all, &rest),
            "vacuum" | "vacuum-full" | "analyze" if all.is_empty() => self.every_table(op),
            "vacuum" | "vacuum-full" if all.len() > 1 && !self.catalog.server.since(11) => {
                self.effect.refuse("several tables in one VACUUM need PostgreSQL 11 (42601)");
            }
            _ if all.is_empty() => self.one(op, None, &rest),
            _ => all.iter().for_each(|name| self.one(op, Some(name), &rest)),
        }
    }

    fn one(&mut self, op: &str, target: Option<&ObjectName>, rest: &Rest) {
        match (op, target) {
            ("reindex-index" | "reindex-index-concurrently", _) => self.reindex_index(op, target),
            ("reindex-table" | "reindex-table-concurrently", _) => self.reindex_table(op, target),
            ("drop-type" | "drop-domain" | "drop-type-cascade" | "drop-domain-cascade", _) => {
                self.drop_type(op, target);
            }
            ("drop-sequence", Some(name)) => self.drop_sequence(name, rest),
            ("lock-table", Some(name)) => self.lock_table(name, rest),
            ("create-policy" | "alter-policy" | "drop-policy", Some(name)) => self.policy(op, name, rest),
            ("create-rule" | "alter-rule" | "drop-rule", Some(name)) => self.rule(op, name, rest),
            ("alter-trigger", Some(name)) => self.alter_trigger(name, rest),
            ("refresh-materialized-view" | "refresh-materialized-view-concurrently", Some(name)) => {
                self.refresh(op, name, rest);
            }
            ("alter-materialized-view", Some(name)) => self.alter_materialized_view(name, rest),
            ("create-table-as" | "select-into", Some(name)) => self.create_table_as(name, rest),
            ("drop-foreign-table", Some(name)) => {
                self.drop_tables(std::slice::from_ref(name), rest.if_exists(), rest.cascade(), true);
            }
            ("cluster", Some(name)) => self.cluster(name),
            ("create-foreign-table", Some(name)) => {
                self.free_relation_name(&name.resolve(self.catalog), &[]);
                self.effect.apply("create-table", "plain", &Roles::new(), Extent::default(), &Values::new());
            }
            ("grant" | "revoke", Some(name)) => self.grant(op, name),
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
        let major = catalog.server.version.major;
        if facts::fact(op, "always", major).is_some_and(|f| f.alone) {
            self.effect.raise("not-in-transaction", &[]);
        }
        if let Some(table) = target.and_then(|t| t.table(catalog)) {
            return self.on_family(op, "always", table);
        }
        let named: Vec<TableName> =
            target.map(|t| t.resolve(catalog)).filter(|n| self.is_relation(n)).into_iter().collect();
        let sequences = named.clone();
        let missing = named.is_empty();
        let views = named.iter().filter(|n| catalog.views.iter().any(|v| v.name == **n));
        let extent = Extent { tables: views.cloned().collect(), ..Extent::default() };
        let roles = roles([(Role::Target, named), (Role::Sequence, sequences)]);
        let table = target.map(ToString::to_string).unwrap_or_default();
        self.effect.apply(op, "always", &roles, extent, &values([("table", table.clone())]));
        if target.is_some() && missing && NEEDS_TABLE.contains(&op) {
            self.effect.refuse(format!("there is no table `{table}` (42P01)"));
        }
    }

    pub(super) fn is_relation(&self, name: &TableName) -> bool {
        let catalog = self.catalog;
        catalog.table(name).is_some()
            || catalog.views.iter().any(|v| v.name == *name && v.kind != ViewKind::Rule)
            || catalog.sequences.iter().any(|s| s.name == *name)
    }

    /// VACUUM and ANALYZE without a name take one table after another.
    fn every_table(&mut self, op: &str) {
        let tables = self.catalog.tables.iter().filter(|t| t.kind != TableKind::Foreign);
        let mut all: Vec<TableName> = tables.map(|t| t.name.clone()).collect();
        let views = self.catalog.views.iter().filter(|v| v.kind == ViewKind::Materialized);
        all.extend(views.map(|v| v.name.clone()));
        let roles = roles([(Role::Target, all)]);
        self.effect.apply(op, "database", &roles, Extent::of(&self.catalog.tables), &Values::new());
    }

    fn truncate(&mut self, names: &[&ObjectName], rest: &Rest) {
        let catalog = self.catalog;
        let mut emptied: Vec<&Table> = Vec::new();
        for name in names {
            let Some(table) = self.find(name) else { return };
            let family = if rest.starts("only") { vec![table] } else { relations::family(catalog, table) };
            emptied.extend(family);
        }
        let mut cascaded = 0;
        while let Some(name) = emptied.get(cascaded).map(|t| &t.name) {
            cascaded += 1;
            let others: Vec<&Table> = catalog.referenced_by(name).map(|(t, _)| t).collect();
            for other in others {
                if emptied.iter().any(|t| t.name == other.name) {
                    continue;
                }
                if !rest.cascade() {
                    self.effect.refuse(format!(
                        "a foreign key of `{}` references `{name}`: it needs CASCADE, which empties both (0A000)",
                        other.name
                    ));
                }
                emptied.extend(relations::family(catalog, other));
            }
        }
        let named = names.iter().filter_map(|n| n.table(catalog)).map(|t| t.name.clone()).collect::<Vec<_>>();
        for table in &named {
            self.effect.raise("truncate-loses-data", &[("table", table.to_string())]);
        }
        let table = named.first().map(ToString::to_string).unwrap_or_default();
        let others = relations::names(emptied.iter().copied().filter(|t| !named.contains(&t.name)));
        let roles = roles([(Role::Target, named), (Role::Children, others)]);
        self.effect.apply("truncate", "always", &roles, Extent::of(emptied), &values([("table", table)]));
    }

    fn publication(&mut self, op: &str, names: &[&ObjectName], rest: &Rest) {
        let catalog = self.catalog;
        let known = rest.name().and_then(|name| catalog.publications.iter().find(|p| p.name == name));
        if let (Some(known), "create-publication") = (known, op) {
            self.effect.refuse(format!("there is a publication `{}` already (42710)", known.name));
        }
        let narrowed = !names.is_empty() && rest.words_before(" with (").contains('(');
        if narrowed && !catalog.server.since(15) {
            self.effect.refuse("column lists and row filters need PostgreSQL 15 (42601)");
        }
        let mut tables = Vec::new();
        for name in names {
            let Some(table) = self.find(name) else { return };
            if rest.has("add table") && known.is_some_and(|p| p.tables.iter().any(|t| t.table == table.name)) {
                self.effect.refuse(format!("`{}` is published already (42710)", table.name));
            }
            tables.push(table.name.clone());
            // Partitions follow their parent by themselves.
            if !rest.has("only") && table.partition_key.is_none() {
                tables.extend(relations::names(relations::descendants(catalog, &table.name)));
            }
        }
        if rest.has("set table") {
            tables.extend(known.iter().flat_map(|p| p.tables.iter().map(|t| t.table.clone())));
        }
        let roles = roles([(Role::Target, tables)]);
        self.effect.apply(op, "always", &roles, Extent::default(), &Values::new());
    }

    fn lock_table(&mut self, name: &ObjectName, rest: &Rest) {
        let catalog = self.catalog;
        let full = name.resolve(catalog);
        let mode =
            LockMode::ALL.into_iter().rev().find(|m| rest.has(&format!("in {} mode", m.name().to_ascii_lowercase())));
        let mode = mode.unwrap_or(LockMode::AccessExclusive);
        let when = mode.name().to_ascii_lowercase().replace(' ', "-");
        if let Some(view) = catalog.views.iter().find(|v| v.name == full && v.kind == ViewKind::View) {
            if !catalog.server.since(11) {
                return self.effect.refuse(format!("`{full}` is a view: LOCK TABLE takes it from 11 on (42809)"));
            }
            let read = view.uses.iter().map(|u| u.table.clone()).collect();
            let roles = roles([(Role::Target, vec![full.clone()]), (Role::Children, read)]);
            return self.effect.apply("lock-table", &when, &roles, Extent::default(), &Values::new());
        }
        let Some(table) = self.find(name) else { return };
        let mut roles = with_children(catalog, table);
        if rest.starts("only") {
            roles.remove(&Role::Children);
        }
        self.effect.apply("lock-table", &when, &roles, Extent::default(), &Values::new());
    }

    fn policy(&mut self, op: &str, table: &ObjectName, rest: &Rest) {
        let Some(table) = self.find(table) else { return };
        let name = rest.name().unwrap_or_else(|| "".into());
        let found = table.policies.iter().any(|p| p.name == name);
        let mut when = "always";
        match (op, found) {
            ("create-policy", true) => {
                self.effect.refuse(format!("`{}` has a policy `{name}` already (42710)", table.name));
            }
            ("alter-policy", false) => self.missing("policy", table, &name),
            ("drop-policy", false) if rest.if_exists() => when = "absent",
            ("drop-policy", false) => self.missing("policy", table, &name),
            _ => {}
        }
        self.simply_when(op, when, table);
    }

    pub(super) fn missing(&mut self, what: &str, table: &Table, name: &Ident) {
        self.effect.refuse(format!("`{}` has no {what} `{name}` (42704)", table.name));
    }

    /// On the table alone, whatever hangs under it.
    fn simply_when(&mut self, op: &str, when: &str, table: &Table) {
        let roles = roles([(Role::Target, vec![table.name.clone()])]);
        let values = values([("table", table.name.to_string())]);
        self.effect.apply(op, when, &roles, Extent::of([table]), &values);
    }

    fn rule(&mut self, op: &str, table: &ObjectName, rest: &Rest) {
        let catalog = self.catalog;
        let name = rest.name().unwrap_or_else(|| "".into());
        let full = table.resolve(catalog);
        if !self.is_relation(&full) {
            return self.effect.refuse(format!("there is no table `{table}` (42P01)"));
        }
        let found = catalog.views.iter().any(|v| v.kind == ViewKind::Rule && v.name == full.sibling(&name.0));
        let mut when = "always";
        if op == "drop-rule" && !found {
            when = if rest.if_exists() { "absent" } else { when };
            if !rest.if_exists() {
                self.effect.refuse(format!("`{full}` has no rule `{name}` (42704)"));
            }
        }
        // Its actions are looked over as if they ran.
        let written = rest.names_after(&["into", "update", "from"]);
        let others: Vec<TableName> =
            written.iter().filter_map(|n| n.table(catalog)).map(|t| t.name.clone()).filter(|n| *n != full).collect();
        let roles = roles([(Role::Target, vec![full.clone()]), (Role::Users, others)]);
        self.effect.apply(op, when, &roles, Extent::default(), &values([("table", full.to_string())]));
    }

    fn alter_trigger(&mut self, table: &ObjectName, rest: &Rest) {
        let catalog = self.catalog;
        let Some(table) = self.find(table) else { return };
        let name = rest.name().unwrap_or_else(|| "".into());
        if !table.triggers.iter().any(|t| t.name == name) {
            self.missing("trigger", table, &name);
        }
        if rest.holds("depends on extension") {
            return self.simply("depends-on-extension", &[]);
        }
        let clones = relations::descendants(catalog, &table.name);
        let clones = clones.into_iter().filter(|t| t.triggers.iter().any(|g| g.name == name));
        let roles = roles([(Role::Target, vec![table.name.clone()]), (Role::Children, relations::names(clones))]);
        let values = values([("table", table.name.to_string())]);
        self.effect.apply("rename-trigger", "always", &roles, Extent::default(), &values);
    }

    fn refresh(&mut self, op: &str, name: &ObjectName, rest: &Rest) {
        let catalog = self.catalog;
        let full = name.resolve(catalog);
        let Some(view) = catalog.views.iter().find(|v| v.name == full && v.kind == ViewKind::Materialized) else {
            let code = if self.is_relation(&full) { "42809" } else { "42P01" };
            return self.effect.refuse(format!("there is no materialized view `{full}` ({code})"));
        };
        let read = relations::read_by(catalog, view);
        let mut extent = Extent::of(read.iter().copied());
        let when = match () {
            () if rest.has("no data") => "no-data",
            () if op.ends_with("concurrently") => {
                extent.tables.push(full.clone());
                "always"
            }
            () => {
                self.effect.reads.extend(std::mem::take(&mut extent.tables));
                extent = Extent { tables: vec![full.clone()], ..Extent::default() };
                "data"
            }
        };
        let roles = roles([(Role::Target, vec![full.clone()])]);
        self.effect.apply(op, when, &roles, extent, &values([("table", full.to_string())]));
    }

    fn alter_materialized_view(&mut self, name: &ObjectName, rest: &Rest) {
        let full = name.resolve(self.catalog);
        let when = match () {
            () if rest.starts("set tablespace") || rest.starts("set access method") => "moves",
            () if rest.begins("set (") || rest.begins("reset (") || rest.has("cluster") || rest.has("statistics") => {
                "options"
            }
            () => "always",
        };
        let extent = Extent { tables: vec![full.clone()], ..Extent::default() };
        let roles = roles([(Role::Target, vec![full.clone()])]);
        self.effect.apply("alter-materialized-view", when, &roles, extent, &values([("table", full.to_string())]));
    }

    fn create_table_as(&mut self, name: &ObjectName, rest: &Rest) {
        let full = name.resolve(self.catalog);
        let when = match () {
            () if self.is_relation(&full) => "exists",
            () if rest.has("no data") => "no-data",
            () => "data",
        };
        let values = values([("table", full.to_string())]);
        self.effect.apply("create-table-as", when, &Roles::new(), Extent::default(), &values);
    }

    fn cluster(&mut self, name: &ObjectName) {
        let catalog = self.catalog;
        let full = name.resolve(catalog);
        if catalog.views.iter().any(|v| v.name == full && v.kind == ViewKind::Materialized) {
            let extent = Extent { tables: vec![full.clone()], ..Extent::default() };
            let values = values([("table", full.to_string())]);
            return self.effect.apply("cluster", "always", &roles([(Role::Target, vec![full])]), extent, &values);
        }
        let Some(table) = self.find(name) else { return };
        let when = if table.partition_key.is_some() { "partitioned" } else { "always" };
        self.on_family("cluster", when, table);
    }

    fn grant(&mut self, op: &str, name: &ObjectName) {
        let full = name.resolve(self.catalog);
        if !self.is_relation(&full) {
            self.effect.refuse(format!("there is no table `{name}` (42P01)"));
        }
        self.simply(op, &[full]);
    }

    pub(super) fn reindex_index(&mut self, op: &str, target: Option<&ObjectName>) {
        let Some((table, index)) = target.and_then(|t| self.index(t)) else {
            return self.effect.refuse(format!(
                "there is no index `{}` (42P01)",
                target.map(ToString::to_string).unwrap_or_default()
            ));
        };
        let concurrently = op.ends_with("concurrently");
        let excludes =
            || index.definition.to_ascii_lowercase().contains("exclude") || self.enforces_exclusion(table, index);
        if concurrently && excludes() {
            self.effect.refuse(format!("`{}` enforces an exclusion: it is not built concurrently (0A000)", index.name));
        }
        let partitioned = table.partition_key.is_some();
        let of = |t: &&Table| {
            let shares = t
                .indexes
                .iter()
                .filter(|i| i.name == index.name || (partitioned && i.keys == index.keys && i.unique == index.unique));
            shares.map(|i| t.name.sibling(&i.name.0)).collect::<Vec<_>>()
        };
        let leaves: Vec<&Table> =
            relations::family(self.catalog, table).into_iter().filter(|t| t.partition_key.is_none()).collect();
        let built: Vec<TableName> = leaves.iter().flat_map(of).collect();
        let mut roles = roles([
            (Role::Target, vec![table.name.clone()]),
            (Role::Index, if partitioned { Vec::new() } else { built.clone() }),
            (Role::Rebuilt, built),
        ]);
        if partitioned {
            roles.insert(Role::Children, relations::names(relations::descendants(self.catalog, &table.name)));
        }
        let when = if partitioned { "partitioned" } else { "plain" };
        self.effect.tables.push(table.name.clone());
        self.effect.apply(op, when, &roles, Extent::of(leaves), &values([("table", table.name.to_string())]));
    }

    fn enforces_exclusion(&self, table: &Table, index: &crate::model::Index) -> bool {
        let constraint = index.constraint.as_ref().and_then(|c| table.constraint(c));
        constraint.is_some_and(|c| c.kind == crate::model::ConstraintKind::Exclusion)
    }

    fn reindex_table(&mut self, op: &str, target: Option<&ObjectName>) {
        let Some(table) = target.and_then(|t| self.find(t)) else { return };
        let concurrently = op.ends_with("concurrently");
        let partitioned = table.partition_key.is_some();
        let family = if partitioned { relations::family(self.catalog, table) } else { vec![table] };
        let mut roles = roles([
            (Role::Target, vec![table.name.clone()]),
            (Role::Children, relations::names(family.iter().copied().skip(1))),
        ]);
        let leaves = family.iter().filter(|t| t.partition_key.is_none());
        // Invalid indexes and exclusions are left out with a warning.
        let skipped = |t: &Table, i: &crate::model::Index| concurrently && (!i.valid || self.enforces_exclusion(t, i));
        let indexes: Vec<TableName> = leaves
            .flat_map(|t| t.indexes.iter().filter(|i| !skipped(t, i)).map(|i| t.name.sibling(&i.name.0)))
            .collect();
        roles.insert(Role::Index, indexes.clone());
        roles.insert(Role::Rebuilt, indexes.clone());
        let when = match () {
            () if partitioned => "partitioned",
            () if indexes.is_empty() => "nothing",
            () => "plain",
        };
        self.effect.tables.push(table.name.clone());
        self.effect.apply(op, when, &roles, Extent::of(family), &values([("table", table.name.to_string())]));
    }
}

/// The operation whose facts hold for one of another name.
fn family_of(op: &str) -> &str {
    match op {
        "alter-view" | "alter-foreign-table" => "owner-to",
        "alter-statistics" => "alter-type",
        "copy-to" | "explain" | "fetch" | "declare" | "close" | "move" => "select",
        "merge" => "copy",
        "alter-function" | "alter-procedure" | "alter-routine" | "create-procedure" => "create-function",
        "drop-procedure" | "drop-routine" => "drop-function",
        "alter-system" | "create-database" | "drop-database" | "create-tablespace" | "drop-tablespace" => {
            "cluster-wide"
        }
        "reindex-schema-concurrently" | "reindex-database-concurrently" | "reindex-database" | "reindex-system" => {
            "reindex-schema"
        }
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

impl Rest {
    /// Everything before the words.
    fn words_before(&self, words: &str) -> String {
        let text = format!(" {}", self.text());
        let at = text.to_ascii_lowercase().find(words).unwrap_or(text.len());
        text.get(..at).unwrap_or(&text).to_owned()
    }
}

/// Kinds of objects whose changes touch no table.
const WITHOUT_TABLES: [&str; 22] = [
    "access-method",
    "aggregate",
    "cast",
    "collation",
    "conversion",
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
    "text-search-configuration",
    "text-search-dictionary",
    "text-search-parser",
    "text-search-template",
    "transform",
    "user",
    "user-mapping",
];
/// Commands about the session or its channels.
const SESSION: [&str; 13] = [
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
];

/// Operations that name a table, so that an unknown one is refused.
const NEEDS_TABLE: [&str; 7] =
    ["analyze", "copy", "copy-to", "create-statistics", "select-for-update", "vacuum", "vacuum-full"];
