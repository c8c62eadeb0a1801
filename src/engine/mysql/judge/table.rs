//! CREATE, DROP, RENAME, TRUNCATE of tables.

use super::Judge;
use crate::engine::mysql::known;
use crate::model::{LockMode, Table, TableName, Work};
use crate::sql::ObjectName;
use crate::sql::mysql::statement::CreateTable;

impl<'a> Judge<'a> {
    pub(super) fn create_table(&mut self, create: &CreateTable) {
        let full = create.table.resolve(self.catalog());
        let taken = self.catalog().table(&full).is_some() || self.is_view(&full);
        if create.or_replace && self.catalog().table(&full).is_some() {
            self.effect.raise("drop-loses-data", &[("name", full.to_string())]);
        } else if taken && !create.temporary {
            if create.if_not_exists {
                self.effect.raise("if-not-exists-hides", &[("name", full.to_string())]);
                return self.apply("create-table", "exists", &[], "");
            }
            return self.effect.refuse(format!("there is a table `{full}` already (1050)"));
        }
        if let Some(like) = &create.like {
            if self.expect(like).is_none() {
                return;
            }
            return self.apply("create-table", "like", std::slice::from_ref(&full), "");
        }
        if let Some(sources) = &create.select_from {
            let mut read = Vec::new();
            for source in sources {
                let name = source.resolve(self.catalog());
                if !self.is_view(&name) {
                    read.extend(self.expect(source).map(|t| t.name.clone()));
                }
            }
            self.apply("create-table", "select", std::slice::from_ref(&full), "");
            for name in read {
                self.effect.lock(&name, LockMode::MetadataRead);
            }
            self.effect.weigh(Work::Unknown, &crate::engine::effect::Extent::default());
            self.effect.raise("implicit-commit", &[("table", full.to_string())]);
            return;
        }
        let inline = self.known.is_mariadb() || self.known.mysql_since(9, 0, 0);
        let columns = create.columns.iter().filter_map(|c| c.references.as_ref()).filter(|_| inline);
        let keys: Vec<_> = create.foreign_keys.iter().chain(columns).collect();
        if keys.is_empty() {
            return self.apply("create-table", "plain", std::slice::from_ref(&full), "");
        }
        self.apply("create-table", "referencing", std::slice::from_ref(&full), "");
        for key in keys {
            let parent = key.table.resolve(self.catalog());
            if self.catalog().table(&parent).is_some() {
                self.effect.lock(&parent, LockMode::MetadataUpgradable);
                self.queue(&parent);
            } else if parent != full && self.known.checks_foreign_keys() {
                let known = self.known;
                let code = match () {
                    () if known.is_mariadb() => "1005",
                    () if known.mysql_since(8, 0, 0) => "1824",
                    () => "1215",
                };
                self.effect.refuse(format!("there is no table `{parent}` for the foreign key ({code})"));
            }
        }
    }

    pub(super) fn drop_tables(&mut self, tables: &[ObjectName], if_exists: bool, temporary: bool) {
        if temporary {
            return self.effect.say("a temporary table is the session's own".into());
        }
        let full: Vec<TableName> = tables.iter().map(|t| t.resolve(self.catalog())).collect();
        for name in &full {
            let Some(table) = self.catalog().table(name) else {
                if if_exists && !self.is_view(name) {
                    self.apply("drop-table", "absent", &[], "");
                    continue;
                }
                let code = if self.is_view(name) && self.known.is_mariadb() { "1965" } else { "1051" };
                self.effect.refuse(format!("there is no table `{name}` ({code})"));
                continue;
            };
            if let Some(key) = self.pointing_from_outside(table, &full) {
                return self.apply("drop-table", "referenced", std::slice::from_ref(name), &key);
            }
            self.apply("drop-table", "plain", std::slice::from_ref(name), "");
            self.related(table);
            self.queue(name);
            self.effect.raise("drop-loses-data", &[("name", name.to_string())]);
            self.effect.raise("breaks-running-code", &[("name", name.to_string())]);
            for trigger in &table.triggers {
                let values = [("name", name.to_string()), ("what", format!("the trigger `{}`", trigger.name))];
                self.effect.raise("implicit-drop", &values);
            }
        }
    }

    /// A foreign key of a table that stays, while keys are checked.
    fn pointing_from_outside(&self, table: &Table, gone: &[TableName]) -> Option<String> {
        if !self.known.checks_foreign_keys() {
            return None;
        }
        let mut keys = self.catalog().referenced_by(&table.name);
        keys.find(|(child, _)| !gone.contains(&child.name)).map(|(_, c)| c.name.to_string())
    }

    /// Tables at the other end of its foreign keys are locked for the same moment.
    fn related(&mut self, table: &Table) {
        let catalog = self.catalog();
        let parents = table.foreign_keys().map(|(_, r)| r.table.clone());
        let children = catalog.referenced_by(&table.name).map(|(t, _)| t.name.clone());
        let others: Vec<TableName> = parents.chain(children).filter(|o| *o != table.name).collect();
        for other in others.iter().filter(|o| catalog.table(o).is_some()) {
            self.effect.lock(other, LockMode::MetadataExclusive);
            let values = [("other", other.to_string()), ("mode", LockMode::MetadataExclusive.to_string())];
            self.effect.raise("locks-other-table", &values);
        }
    }

    pub(super) fn rename_tables(&mut self, pairs: &[(ObjectName, ObjectName)]) {
        let catalog = self.catalog();
        let (mut gone, mut come): (Vec<TableName>, Vec<TableName>) = (Vec::new(), Vec::new());
        for (from, to) in pairs {
            let (from, to) = (from.resolve(catalog), to.resolve(catalog));
            let is = |name: &TableName, gone: &[TableName], come: &[TableName], this: &Self| {
                come.contains(name) || (!gone.contains(name) && (catalog.table(name).is_some() || this.is_view(name)))
            };
            if !is(&from, &gone, &come, self) {
                let old = !self.known.is_mariadb() && !self.known.mysql_since(5, 7, 0);
                let code = if old { "1017" } else { "1146" };
                return self.effect.refuse(format!("there is no table `{from}` ({code})"));
            }
            if is(&to, &gone, &come, self) {
                return self.effect.refuse(format!("there is a table `{to}` already (1050)"));
            }
            self.apply("rename-table", "rename", std::slice::from_ref(&from), "");
            if let Some(table) = catalog.table(&from) {
                self.related(table);
            }
            if catalog.table(&from).is_some() {
                self.queue(&from);
                self.effect.raise("breaks-running-code", &[("name", from.to_string())]);
            }
            come.retain(|n| *n != from);
            gone.retain(|n| *n != to);
            gone.push(from);
            come.push(to);
        }
    }

    pub(super) fn truncate(&mut self, name: &ObjectName) {
        let Some(table) = self.expect(name) else { return };
        let own = [table.name.clone()];
        if let Some(key) = self.pointing_from_outside(table, &own) {
            return self.apply("truncate-table", "referenced", &own, &key);
        }
        self.apply("truncate-table", "plain", &own, "");
        self.queue(&table.name);
        self.effect.raise("truncate-loses-data", &[("table", table.name.to_string())]);
        self.effect.raise("implicit-commit", &[("table", table.name.to_string())]);
        let counts = table.columns.iter().any(known::is_auto_increment);
        if counts {
            self.effect.say("its AUTO_INCREMENT begins again at 1".into());
        }
    }
}
