//! Indexes: built, dropped, renamed, hidden.

use super::Gather;
use crate::engine::mysql::known::{self, same};
use crate::engine::mysql::types::DataType;
use crate::model::{ConstraintKind, Ident, Index};
use crate::sql::mysql::statement::{Action, IndexDef, IndexKind};

impl<'a> Gather<'a> {
    pub(super) fn add_index(&mut self, index: &IndexDef) {
        if index.if_not_exists && !self.known.is_mariadb() {
            return self.find("add-index", "exists");
        }
        if let Some(name) = &index.name
            && known::index(self.table, name).is_some()
            && !self.drops_index(name)
        {
            if index.if_not_exists {
                self.raise("if-not-exists-hides", &[("name", name.to_string())]);
                return self.find("add-index", "exists");
            }
            return self.refuse(format!("`{}` has an index `{name}` already (1061)", self.table.name));
        }
        if !self.parts_are_there(index) {
            return;
        }
        let unique = matches!(index.kind, IndexKind::Unique | IndexKind::Primary);
        if unique && known::is_partitioned(self.table) && !self.covers_partitioning(index) {
            let table = self.table.name.to_string();
            return self
                .refuse(format!("a unique key of `{table}` has to hold every column that partitions it (1503)"));
        }
        let fulltexts =
            self.actions.iter().filter(|a| matches!(a, Action::AddIndex(i) if i.kind == IndexKind::Fulltext)).count();
        let had = self.table.indexes.iter().any(|i| i.method.eq_ignore_ascii_case("fulltext"))
            || self.table.mysql.as_ref().is_some_and(|m| m.fulltext_id == Some(true));
        let functional = index.parts.iter().any(|p| p.expression.is_some());
        let when = if functional {
            "functional"
        } else if !self.is_innodb() {
            "other-engine"
        } else {
            match index.kind {
                IndexKind::Fulltext if fulltexts > 1 => "fulltext-two",
                IndexKind::Fulltext if had => "fulltext",
                IndexKind::Fulltext => "fulltext-first",
                // MariaDB 11.7: a graph of its own, built as a SPATIAL index is.
                IndexKind::Spatial | IndexKind::Vector => "spatial",
                IndexKind::Unique | IndexKind::Primary => "unique",
                IndexKind::Plain => "plain",
            }
        };
        self.find("add-index", when);
        if unique {
            self.raise("unique-build-may-fail", &[self.table_value()]);
        }
    }

    /// Every part is a column that is there, and one that can be a part.
    fn parts_are_there(&mut self, index: &IndexDef) -> bool {
        for part in &index.parts {
            let Some(name) = &part.column else { continue };
            let Some(column) = known::column(self.table, name) else {
                if self.added(name) {
                    continue;
                }
                self.refuse(format!("`{}` has no column `{name}` (1072)", self.table.name));
                return false;
            };
            let data_type = DataType::read(&column.data_type);
            let unbounded = data_type.base.ends_with("text") || data_type.base.ends_with("blob");
            let whole = part.prefix.is_none() && matches!(index.kind, IndexKind::Plain | IndexKind::Unique);
            // MariaDB cuts the key short by itself, which makes no unique key of it.
            if unbounded && whole && (!self.known.is_mariadb() || index.kind == IndexKind::Unique && !self.hashes()) {
                self.refuse(format!("`{name}` is a `{}`: an index on it needs a length (1170)", column.data_type));
                return false;
            }
        }
        true
    }

    /// MariaDB 10.4+ keeps a unique key over long values by a hash.
    fn hashes(&self) -> bool {
        self.known.is_mariadb()
    }

    fn covers_partitioning(&self, index: &IndexDef) -> bool {
        let read = self.table.columns.iter().filter(|c| known::partitions_by(self.table, &c.name));
        read.into_iter().all(|c| index.parts.iter().any(|p| p.column.as_ref().is_some_and(|k| same(k, &c.name))))
    }

    pub(super) fn drop_index(&mut self, name: &'a Ident, if_exists: bool) {
        if if_exists && !self.known.is_mariadb() {
            return self.find("drop-index", "absent");
        }
        let table = self.table;
        let Some(index) = known::index(table, name) else {
            if if_exists {
                return self.find("drop-index", "absent");
            }
            return self.refuse(format!("`{}` has no index `{name}` to drop (1091)", table.name));
        };
        if let Some(key) = self.needed_by(index) {
            let values = [("index", name.to_string()), ("other", key)];
            return self.find_with("drop-index", "needed", &values);
        }
        let when = if !self.is_innodb() {
            "other-engine"
        } else if index.method.eq_ignore_ascii_case("fulltext") {
            "fulltext"
        } else if table.primary_key().is_none() && self.implicit_primary().is_some_and(|i| i.name == index.name) {
            "implicit-primary"
        } else {
            "plain"
        };
        self.find("drop-index", when);
    }

    /// Without a primary key the rows lie in the order of the first unique key whose columns are NOT NULL.
    fn implicit_primary(&self) -> Option<&'a Index> {
        self.table.indexes.iter().find(|i| self.is_not_null_unique(i))
    }

    pub(super) fn is_not_null_unique(&self, index: &Index) -> bool {
        index.unique
            && !index.primary
            && index.keys.iter().all(|k| {
                k.as_ref()
                    .is_some_and(|k| known::column(self.table, k).is_some_and(|c| c.not_null && !known::is_virtual(c)))
            })
    }

    /// The foreign key that would be left without an index, here or pointing here.
    fn needed_by(&self, index: &Index) -> Option<String> {
        let table = self.table;
        let begins = |keys: &[Option<Ident>], columns: &[Ident]| {
            keys.len() >= columns.len()
                && keys
                    .iter()
                    .take(columns.len())
                    .all(|k| k.as_ref().is_some_and(|k| columns.iter().any(|c| same(c, k))))
        };
        let left = |columns: &[Ident]| {
            let kept = table.indexes.iter().any(|other| {
                other.name != index.name
                    && !(other.primary && self.drops_primary())
                    && !self.drops_index(&other.name)
                    && begins(&other.keys, columns)
            });
            let made = self.actions.iter().any(|a| match a {
                Action::AddIndex(new) | Action::AddPrimaryKey(new) => {
                    let keys: Vec<Option<Ident>> = new.parts.iter().map(|p| p.column.clone()).collect();
                    begins(&keys, columns)
                }
                _ => false,
            });
            kept || made
        };
        let own = table
            .constraints
            .iter()
            .filter(|c| c.kind == ConstraintKind::ForeignKey)
            .find(|c| begins(&index.keys, &c.columns) && !left(&c.columns) && !self.drops_foreign_key(&c.name));
        if let Some(key) = own {
            return Some(key.name.to_string());
        }
        let pointing =
            self.known.catalog.referenced_by(&table.name).find(|(_, c)| {
                c.references.as_ref().is_some_and(|r| begins(&index.keys, &r.columns) && !left(&r.columns))
            });
        pointing.map(|(_, c)| c.name.to_string())
    }

    pub(super) fn rename_index(&mut self, from: &Ident, to: &Ident) {
        if !self.known.is_mariadb() && !self.known.mysql_since(5, 7, 0) {
            return self.find("rename-index", "plain");
        }
        if known::index(self.table, from).is_none() {
            return self.refuse(format!("`{}` has no index `{from}` (1176)", self.table.name));
        }
        if !same(from, to) && known::index(self.table, to).is_some() && !self.drops_index(to) {
            return self.refuse(format!("`{}` has an index `{to}` already (1061)", self.table.name));
        }
        let when = if self.is_innodb() { "plain" } else { "other-engine" };
        self.find("rename-index", when);
    }

    pub(super) fn index_visible(&mut self, name: &Ident) {
        if known::index(self.table, name).is_none() && (self.known.is_mariadb() || self.known.mysql_since(8, 0, 0)) {
            return self.refuse(format!("`{}` has no index `{name}` (1176)", self.table.name));
        }
        let when = if self.is_innodb() { "plain" } else { "other-engine" };
        self.find("set-index-visibility", when);
    }
}
