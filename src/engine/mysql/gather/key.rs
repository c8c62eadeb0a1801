//! Primary keys, foreign keys, checks.

use super::Gather;
use crate::engine::mysql::known::{self, same};
use crate::model::{ConstraintKind, Ident, LockMode};
use crate::sql::mysql::statement::{Action, CheckDef, ForeignKeyDef, IndexDef};

impl<'a> Gather<'a> {
    pub(super) fn add_primary_key(&mut self, index: &IndexDef) {
        let table = self.table;
        if table.primary_key().is_some() && !self.drops_primary() {
            return self.refuse(format!("`{}` has a primary key already (1068)", table.name));
        }
        let mut nullable = false;
        for name in index.parts.iter().filter_map(|p| p.column.as_ref()) {
            match known::column(table, name) {
                Some(column) => nullable |= !column.not_null,
                None if self.added(name) => {}
                None => return self.refuse(format!("`{}` has no column `{name}` (1072)", table.name)),
            }
        }
        if self.drops_primary() && known::is_partitioned(table) {
            return self.find("add-primary-key", "partitioned-again");
        }
        let when = match (nullable, self.known.is_strict()) {
            (false, _) => "plain",
            (true, true) => "nullable",
            (true, false) => "nullable-lax",
        };
        self.find("add-primary-key", when);
        if table.primary_key().is_none() {
            self.raise("unique-build-may-fail", &[self.table_value()]);
        }
    }

    pub(super) fn drop_primary_key(&mut self) {
        let table = self.table;
        let Some(key) = table.primary_key() else {
            return self.refuse(format!("`{}` has no primary key (1091)", table.name));
        };
        let columns = key.columns.clone();
        let replaced = self.adds_primary();
        let pointing = self
            .known
            .catalog
            .referenced_by(&table.name)
            .find(|(_, c)| c.references.as_ref().is_some_and(|r| r.columns == columns));
        let unique_left = table.indexes.iter().any(|i| self.is_not_null_unique(i) && !self.drops_index(&i.name));
        if let Some((child, key)) = pointing {
            let other = table.indexes.iter().any(|i| {
                !i.primary
                    && i.keys.len() >= columns.len()
                    && i.keys.iter().flatten().zip(&columns).all(|(a, b)| same(a, b))
            });
            // MySQL 8.4 wants a unique key of exactly these columns; others are content with an index that begins with them.
            let prefix = self.actions.iter().any(|a| match a {
                Action::AddPrimaryKey(i) | Action::AddIndex(i) => {
                    let keys: Vec<&Ident> = i.parts.iter().filter_map(|p| p.column.as_ref()).collect();
                    keys.len() >= columns.len() && columns.iter().zip(&keys).all(|(a, b)| same(a, b))
                }
                _ => false,
            });
            if !other && (!prefix || self.known.mysql_since(8, 4, 0)) {
                let (child, key) = (child.name.to_string(), key.name.to_string());
                return self.refuse(format!("the foreign key `{key}` of `{child}` needs the primary key (1553)"));
            }
        }
        if replaced {
            return;
        }
        let counting = table.columns.iter().find(|c| known::is_auto_increment(c));
        if let Some(counting) = counting {
            let keyed = table.indexes.iter().any(|i| {
                !i.primary && i.keys.first().is_some_and(|k| k.as_ref().is_some_and(|k| same(k, &counting.name)))
            });
            if !keyed
                && !self.actions.iter().any(|a| {
                    matches!(
                        a,
                        Action::ModifyColumn { .. }
                            | Action::ChangeColumn { .. }
                            | Action::AddIndex(_)
                            | Action::DropColumn { .. }
                    )
                })
            {
                return self.find_of("drop-primary-key", "counts", &counting.name);
            }
        }
        let when = if unique_left { "unique-left" } else { "alone" };
        self.find("drop-primary-key", when);
    }

    pub(super) fn add_foreign_key(&mut self, key: &ForeignKeyDef, inline: bool) {
        let catalog = self.known.catalog;
        let parent = key.table.table(catalog);
        let other = key.table.to_string();
        let checks = self.known.checks_foreign_keys();
        let forgotten = inline && !self.known.is_mariadb() && !self.known.mysql_since(9, 0, 0);
        if forgotten {
            self.raise("reference-forgotten", &[self.table_value(), ("other", other.clone())]);
            return self.find_with("add-foreign-key", "inline", &[("other", other)]);
        }
        if known::is_partitioned(self.table) {
            return self.find("add-foreign-key", "partitioned");
        }
        if !inline {
            let missing = key.columns.iter().find(|c| known::column(self.table, c).is_none() && !self.added(c));
            if let Some(missing) = missing {
                return self.refuse(format!("`{}` has no column `{missing}` (1072)", self.table.name));
            }
        }
        if key.if_not_exists && !self.known.is_mariadb() {
            return self.refuse("`IF NOT EXISTS` on a foreign key is MariaDB's (1064)");
        }
        if let Some(name) = &key.name {
            let taken =
                self.table.constraints.iter().any(|c| c.kind == ConstraintKind::ForeignKey && same(&c.name, name));
            if taken && key.if_not_exists {
                return self.find("drop-foreign-key", "absent");
            }
            if taken && !self.drops_foreign_key(name) {
                return self.find_with("add-foreign-key", "exists", &[("other", name.to_string())]);
            }
        }
        let Some(parent) = parent else {
            if checks {
                return self.find_with("add-foreign-key", "no-table", &[("other", other)]);
            }
            self.raise("foreign-key-not-checked", &[self.table_value(), ("other", other.clone())]);
            return self.find_with("add-foreign-key", "unchecked", &[("other", other)]);
        };
        let strict = self.known.mysql_since(8, 4, 0);
        let keyed = key.referenced.is_empty()
            || parent.indexes.iter().any(|i| {
                let begins = i.keys.len() >= key.referenced.len()
                    && i.keys.iter().zip(&key.referenced).all(|(a, b)| a.as_ref().is_some_and(|a| same(a, b)));
                begins && (!strict || (i.unique || i.primary) && i.keys.len() == key.referenced.len())
            });
        if !keyed && checks {
            return self.find_with("add-foreign-key", "no-key", &[("other", other)]);
        }
        self.others.push((parent.name.clone(), LockMode::MetadataUpgradable));
        self.raise(
            "locks-other-table",
            &[("other", parent.name.to_string()), ("mode", LockMode::MetadataExclusive.to_string())],
        );
        if checks {
            let when = if inline { "inline" } else { "checked" };
            return self.find_with("add-foreign-key", when, &[("other", other)]);
        }
        self.raise("foreign-key-not-checked", &[self.table_value(), ("other", other.clone())]);
        let indexed = self.table.indexes.iter().any(|i| {
            i.keys.len() >= key.columns.len()
                && i.keys.iter().zip(&key.columns).all(|(a, b)| a.as_ref().is_some_and(|a| same(a, b)))
        });
        let when = if indexed && !inline { "unchecked" } else { "unchecked-index" };
        self.find_with("add-foreign-key", when, &[("other", other)]);
    }

    pub(super) fn drop_foreign_key(&mut self, name: &Ident, if_exists: bool) {
        if if_exists && !self.known.is_mariadb() {
            return self.find("drop-foreign-key", "absent");
        }
        let found = self.table.constraints.iter().find(|c| c.kind == ConstraintKind::ForeignKey && same(&c.name, name));
        let Some(key) = found else {
            if if_exists {
                return self.find("drop-foreign-key", "absent");
            }
            return self.refuse(format!("`{}` has no foreign key `{name}` (1091)", self.table.name));
        };
        if let Some(reference) = &key.references {
            self.others.push((reference.table.clone(), LockMode::MetadataUpgradable));
        }
        self.find("drop-foreign-key", "plain");
    }

    pub(super) fn add_check(&mut self, check: &CheckDef) {
        if let Some(name) = &check.name {
            let there = self.table.constraints.iter().any(|c| c.kind == ConstraintKind::Check && same(&c.name, name));
            if check.if_not_exists && !self.known.is_mariadb() {
                return self.find("add-check", "if-not-exists");
            }
            if there && check.if_not_exists {
                return self.find("add-check", "if-not-exists");
            }
            if there && !self.drops_foreign_key(name) {
                return self.find_with("add-check", "exists", &[("other", name.to_string())]);
            }
        }
        let forgotten = !self.known.is_mariadb() && !self.known.mysql_since(8, 0, 16);
        if forgotten {
            self.raise("check-forgotten", &[self.table_value()]);
        }
        self.find("add-check", if check.enforced { "enforced" } else { "not-enforced" });
    }

    pub(super) fn enforce_check(&mut self, name: &Ident, enforced: bool) {
        let there = self.table.constraints.iter().any(|c| c.kind == ConstraintKind::Check && same(&c.name, name));
        if !there && self.known.mysql_since(8, 0, 16) {
            return self.refuse(format!("`{}` has no check `{name}` (3821)", self.table.name));
        }
        self.find("enforce-check", if enforced { "enforce" } else { "relax" });
    }

    pub(super) fn drop_constraint(&mut self, name: &'a Ident, if_exists: bool) {
        if if_exists && !self.known.is_mariadb() {
            return self.find("drop-check", "absent");
        }
        if !self.known.is_mariadb() && !self.known.mysql_since(8, 0, 16) {
            return self.refuse("DROP CONSTRAINT needs MySQL 8.0.19: say what it is (1064)");
        }
        let kind = self.table.constraints.iter().find(|c| same(&c.name, name)).map(|c| c.kind);
        match kind {
            Some(ConstraintKind::ForeignKey) => self.drop_foreign_key(name, if_exists),
            Some(ConstraintKind::Check) => self.find("drop-check", "plain"),
            Some(ConstraintKind::PrimaryKey) => self.drop_primary_key(),
            Some(_) => self.drop_index(name, if_exists),
            None if name.as_str().eq_ignore_ascii_case("primary") => self.drop_primary_key(),
            None if known::index(self.table, name).is_some_and(|i| i.unique) => self.drop_index(name, if_exists),
            None if if_exists => self.find("drop-check", "absent"),
            None => {
                let code = if self.known.is_mariadb() { "1091" } else { "3821, 3940" };
                self.refuse(format!("`{}` has no constraint `{name}` ({code})", self.table.name));
            }
        }
    }
}
