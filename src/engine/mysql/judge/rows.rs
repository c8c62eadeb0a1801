//! INSERT, UPDATE, DELETE; views and triggers.

use super::Judge;
use crate::engine::mysql::known;
use crate::model::{Ident, LockMode, Table, TableName};
use crate::sql::ObjectName;
use crate::sql::mysql::statement::Rows;

impl<'a> Judge<'a> {
    pub(super) fn change_rows(&mut self, op: &'static str, rows: &Rows) {
        let full = rows.table.resolve(self.catalog());
        if self.is_view(&full) {
            return self.opaque(&[], "the view hands the rows on to the tables that it reads");
        }
        let Some(table) = self.expect(&rows.table) else { return };
        let missing = rows.assignments.iter().find(|(c, _)| known::column(table, c).is_none());
        if let (Some((missing, _)), true) = (missing, rows.joined.is_empty()) {
            self.effect.refuse(format!("`{}` has no column `{missing}` (1054)", table.name));
        }
        let when = if reaches_by_key(table, rows) { "by-key" } else { "all" };
        self.apply(op, when, std::slice::from_ref(&table.name), "");
        let catalog = self.catalog();
        for other in rows.joined.iter().filter_map(|t| t.table(catalog)) {
            self.effect.lock(&other.name, LockMode::MetadataRead);
        }
        if when == "all" {
            let what = if rows.filter.is_some() { "the rows that it finds" } else { "every row" };
            let more = "the undo log grows".to_owned();
            let values = [("table", table.name.to_string()), ("what", what.to_owned()), ("more", more)];
            self.effect.raise("unbatched-update", &values);
            self.triggers_fire(table);
        }
        if op == "delete" {
            self.effect.raise("drop-loses-data", &[("name", table.name.to_string())]);
        }
    }

    fn triggers_fire(&mut self, table: &Table) {
        if table.triggers.is_empty() {
            return;
        }
        let triggers = table.triggers.iter().map(|t| format!("`{}`", t.name)).collect::<Vec<_>>().join(", ");
        let values = [("table", table.name.to_string()), ("triggers", triggers)];
        self.effect.raise("user-triggers-fire", &values);
    }

    pub(super) fn insert(&mut self, name: &ObjectName, columns: &[Ident], from: &[ObjectName]) {
        let full = name.resolve(self.catalog());
        if self.is_view(&full) {
            return self.opaque(&[], "the view hands the rows on to the table that it reads");
        }
        let Some(table) = self.expect(name) else { return };
        if let Some(missing) = columns.iter().find(|c| known::column(table, c).is_none()) {
            self.effect.refuse(format!("`{}` has no column `{missing}` (1054)", table.name));
        }
        let mut sources: Vec<&Table> = Vec::new();
        for source in from {
            let full = source.resolve(self.catalog());
            if !self.is_view(&full) {
                sources.extend(self.expect(source));
            }
        }
        let when = if from.is_empty() { "values" } else { "select" };
        self.apply("insert", when, std::slice::from_ref(&table.name), "");
        for source in sources {
            self.effect.lock(&source.name, LockMode::MetadataRead);
        }
    }

    pub(super) fn create_view(&mut self, name: &ObjectName, or_replace: bool) {
        let full = name.resolve(self.catalog());
        let taken = self.catalog().table(&full).is_some() || (self.is_view(&full) && !or_replace);
        if taken {
            self.effect.refuse(format!("there is a table or view `{full}` already (1050)"));
        }
        self.apply("create-view", "always", &[], "");
        self.effect.lock(&full, LockMode::MetadataExclusive);
    }

    pub(super) fn drop_views(&mut self, names: &[ObjectName], if_exists: bool) {
        self.apply("drop-view", "always", &[], "");
        for name in names {
            let full = name.resolve(self.catalog());
            if self.is_view(&full) {
                self.effect.lock(&full, LockMode::MetadataExclusive);
                self.effect.raise("breaks-running-code", &[("name", full.to_string())]);
            } else if !if_exists {
                let code = if self.known.is_mariadb() { "4092" } else { "1051" };
                self.effect.refuse(format!("there is no view `{full}` ({code})"));
            }
        }
    }

    pub(super) fn create_trigger(&mut self, name: &ObjectName, table: &ObjectName) {
        let Some(table) = self.expect(table) else { return };
        if self.catalog().tables.iter().any(|t| t.triggers.iter().any(|g| g.name == name.name)) {
            self.effect.refuse(format!("there is a trigger `{name}` already (1359)"));
        }
        self.apply("create-trigger", "always", std::slice::from_ref(&table.name), "");
        self.queue(&table.name);
    }

    pub(super) fn drop_trigger(&mut self, name: &ObjectName, if_exists: bool) {
        let table: Option<TableName> = self
            .catalog()
            .tables
            .iter()
            .find(|t| t.triggers.iter().any(|g| known::same(&g.name, &name.name)))
            .map(|t| t.name.clone());
        let Some(table) = table else {
            if if_exists {
                self.effect.say(format!("there is no trigger `{name}`: nothing changes"));
            } else {
                self.effect.refuse(format!("there is no trigger `{name}` (1360)"));
            }
            return;
        };
        self.apply("drop-trigger", "always", std::slice::from_ref(&table), "");
        self.queue(&table);
    }
}

/// `WHERE id = 1`, `WHERE id IN (…)`, `WHERE id BETWEEN …`, a LIMIT: an index finds few rows.
fn reaches_by_key(table: &Table, rows: &Rows) -> bool {
    if rows.tail.to_ascii_lowercase().contains("limit") {
        return true;
    }
    let Some(filter) = &rows.filter else { return false };
    let text = filter.to_ascii_lowercase();
    if text.contains(" or ") || !rows.joined.is_empty() {
        return false;
    }
    table.indexes.iter().filter(|i| i.primary || i.unique).any(|i| {
        i.keys.first().is_some_and(|k| {
            k.as_ref().is_some_and(|k| {
                known::reads(filter, k) && ["=", " in ", " in(", " between "].iter().any(|o| text.contains(o))
            })
        })
    })
}
