//! Columns that come, go and change their names.

use super::Gather;
use crate::engine::mysql::known::{self, same};
use crate::engine::mysql::types::DataType;
use crate::model::catalog::GeneratedKind;
use crate::model::{ConstraintKind, Ident};
use crate::sql::mysql::statement::{Action, ColumnDef, IndexDef, IndexKind, KeyPart, Position};

impl<'a> Gather<'a> {
    pub(super) fn add_column(&mut self, column: &'a ColumnDef, position: Option<&Position>, if_not_exists: bool) {
        let name = &column.name;
        if if_not_exists && !self.known.is_mariadb() {
            return self.find_of("add-column", "exists", name);
        }
        if known::column(self.table, name).is_some() && !self.dropped(name) && !self.renamed_away(name) {
            if if_not_exists {
                return self.find_of("add-column", "exists", name);
            }
            return self.refuse(format!("`{}` has a column `{name}` already (1060)", self.table.name));
        }
        if let Some(Position::After(other)) = position
            && known::column(self.table, other).is_none()
            && !self.added(other)
        {
            return self.refuse(format!("`{}` has no column `{other}` (1054)", self.table.name));
        }
        let last = match position {
            None => true,
            Some(Position::First) => false,
            Some(Position::After(other)) => {
                self.table.columns.last().is_none_or(|c| same(&c.name, other)) || self.added(other)
            }
        };
        let when = self.adding(column, position, last);
        self.find_of("add-column", when, name);
        if column.not_null == Some(true)
            && column.default.is_none()
            && column.generated.is_none()
            && !column.auto_increment
        {
            self.raise("inserts-fail-without-value", &[self.table_value(), ("column", name.to_string())]);
        }
        self.beside_the_column(column);
    }

    /// The condition of an addition.
    fn adding(&self, column: &ColumnDef, position: Option<&Position>, last: bool) -> &'static str {
        let data_type = DataType::read(&column.data_type);
        let dated = data_type.is_temporal_date();
        if column.auto_increment || data_type.base == "serial" {
            return "auto-increment";
        }
        match &column.generated {
            Some((_, GeneratedKind::Stored)) => return "stored",
            Some((_, GeneratedKind::Virtual)) => {
                return if known::is_partitioned(self.table) {
                    "virtual-partitioned"
                } else if self.beside_others() {
                    "virtual-beside-others"
                } else if position == Some(&Position::First) {
                    "virtual-first"
                } else {
                    "virtual"
                };
            }
            None => {}
        }
        match column.default.as_deref().map(default_kind) {
            Some(DefaultKind::Unsafe) => return "unsafe-default",
            Some(DefaultKind::Constant) => return "constant-expression-default",
            Some(DefaultKind::Expression) => return "expression-default",
            Some(DefaultKind::Plain) | None => {}
        }
        if column.not_null == Some(true) && column.default.is_none() && dated {
            let empty = self.table.stats.rows == Some(0);
            return if self.known.refuses_zero_dates() && !empty { "zero-date-refused" } else { "zero-date" };
        }
        if self.known.is_mariadb() && !last && known::has_indexed_virtual(self.table, &[]) && self.is_innodb() {
            return "around-indexed-virtual";
        }
        if last { "last" } else { "elsewhere" }
    }

    /// What stands behind a new column's type and makes an index, a key or a check.
    fn beside_the_column(&mut self, column: &'a ColumnDef) {
        if column.unique && !column.primary {
            let part = KeyPart { column: Some(column.name.clone()), prefix: None, expression: None, descending: false };
            self.add_index(&IndexDef {
                kind: IndexKind::Unique,
                name: None,
                if_not_exists: false,
                parts: vec![part],
                invisible: false,
                options: String::new(),
            });
        }
        if column.primary {
            if self.table.primary_key().is_some() && !self.drops_primary() {
                self.refuse(format!("`{}` has a primary key already (1068)", self.table.name));
            }
            self.find("add-primary-key", "plain");
        }
        if let Some(check) = &column.check {
            if !check.enforced {
                self.find("add-check", "not-enforced");
            } else {
                self.find("add-check", "inline");
                self.unlooked_check(&column.name);
            }
        }
        if let Some(key) = &column.references {
            self.add_foreign_key(key, true);
        }
    }

    /// MariaDB believes the rows that are there when a CHECK stands behind a column.
    pub(super) fn unlooked_check(&mut self, column: &Ident) {
        if self.known.is_mariadb() {
            self.raise("check-not-validated", &[self.table_value(), ("column", column.to_string())]);
        }
    }

    pub(super) fn drop_column(&mut self, name: &'a Ident, if_exists: bool) {
        if if_exists && !self.known.is_mariadb() {
            return self.find_of("drop-column", "absent", name);
        }
        let Some(column) = known::column(self.table, name) else {
            if if_exists {
                return self.find_of("drop-column", "absent", name);
            }
            return self.refuse(format!("`{}` has no column `{name}` to drop (1091)", self.table.name));
        };
        let reader = self.table.columns.iter().find(|c| {
            !same(&c.name, name)
                && !self.dropped(&c.name)
                && c.generated.as_ref().is_some_and(|g| known::reads(&g.sql, name))
        });
        if let Some(reader) = reader {
            let values = [("column", name.to_string()), ("other", reader.name.to_string())];
            return self.find_with("drop-column", "read-by-generated", &values);
        }
        if known::partitions_by(self.table, name) {
            return self.find_of("drop-column", "partition-key", name);
        }
        if self.needed_by_keys(name) || self.needed_by_checks(name) {
            return;
        }
        let (innodb, virtual_) = (self.is_innodb(), known::is_virtual(column));
        let indexes: Vec<_> = known::indexes_of(self.table, name).filter(|i| !self.drops_index(&i.name)).collect();
        let primary_alone = indexes.iter().any(|i| i.primary && i.keys.len() == 1) && !self.drops_primary();
        let alone = indexes.iter().all(|i| i.keys.len() == 1 && !(i.method.eq_ignore_ascii_case("fulltext")));
        let when = if !innodb {
            "plain"
        } else if primary_alone {
            "primary"
        } else if virtual_ && !indexes.is_empty() && alone {
            "virtual-indexed"
        } else if virtual_ {
            // MariaDB drops several columns at once as it drops one; beside anything else it copies.
            if self.actions.iter().any(|a| !matches!(a, Action::DropColumn { .. })) {
                "virtual-beside-others"
            } else {
                "virtual"
            }
        } else if self.known.is_mariadb() && known::has_indexed_virtual(self.table, &[]) {
            "around-indexed-virtual"
        } else if indexes.is_empty() {
            "plain"
        } else if alone {
            "indexed-alone"
        } else {
            "key-part"
        };
        self.find_of("drop-column", when, name);
        self.raise("drop-loses-data", &[("name", format!("{}.{name}", self.table.name))]);
        self.raise("breaks-running-code", &[("name", format!("{}.{name}", self.table.name))]);
    }

    /// A foreign key on the column, here or pointing here, refuses its drop.
    fn needed_by_keys(&mut self, name: &Ident) -> bool {
        let own = self.table.constraints.iter().find(|c| {
            c.kind == ConstraintKind::ForeignKey
                && c.columns.iter().any(|k| same(k, name))
                && !self.drops_foreign_key(&c.name)
        });
        if let Some(key) = own {
            let newer = self.known.mysql_since(8, 0, 0);
            let code = if newer { "1828" } else { "1553, 1828" };
            self.refuse(format!("the foreign key `{}` needs `{name}`: drop it first ({code})", key.name));
            return true;
        }
        let table = self.table;
        let pointing = self.known.catalog.referenced_by(&table.name).find(|(child, c)| {
            c.references.as_ref().is_some_and(|r| r.columns.iter().any(|k| same(k, name)))
                && !(child.name == table.name && self.drops_foreign_key(&c.name))
        });
        if let Some((child, key)) = pointing {
            let code = if self.known.mysql_since(8, 0, 0) { "1829" } else { "1553, 1829" };
            let (child, key) = (child.name.to_string(), key.name.to_string());
            self.refuse(format!("the foreign key `{key}` of `{child}` points at `{name}`: drop it first ({code})"));
            return true;
        }
        false
    }

    /// A check that reads other columns, too, refuses the drop; one that reads only this column goes with it.
    fn needed_by_checks(&mut self, name: &Ident) -> bool {
        let needed = self.table.constraints.iter().find(|c| {
            c.kind == ConstraintKind::Check
                && known::reads(&c.definition, name)
                && self
                    .table
                    .columns
                    .iter()
                    .any(|o| !same(&o.name, name) && !self.dropped(&o.name) && known::reads(&c.definition, &o.name))
                && !self.drops_foreign_key(&c.name)
        });
        let Some(check) = needed else { return false };
        let code = if self.known.is_mariadb() { "1054" } else { "3959" };
        self.refuse(format!("the check `{}` reads `{name}` and other columns: drop it first ({code})", check.name));
        true
    }

    pub(super) fn rename_column(&mut self, from: &Ident, to: &Ident) {
        if !self.expect_column(from) {
            return;
        }
        if !same(from, to) && known::column(self.table, to).is_some() && !self.dropped(to) && !self.renamed_away(to) {
            return self.refuse(format!("`{}` has a column `{to}` already (1060)", self.table.name));
        }
        let table = self.table;
        let generated = table
            .columns
            .iter()
            .find(|c| !same(&c.name, from) && c.generated.as_ref().is_some_and(|g| known::reads(&g.sql, from)));
        let checked = table.constraints.iter().find(|c| {
            c.kind == ConstraintKind::Check && known::reads(&c.definition, from) && !self.drops_foreign_key(&c.name)
        });
        let referenced = self
            .known
            .catalog
            .referenced_by(&table.name)
            .any(|(_, c)| c.references.as_ref().is_some_and(|r| r.columns.iter().any(|k| same(k, from))));
        let (when, other) = if let Some(generated) = generated {
            ("read-by-generated", generated.name.to_string())
        } else if let Some(check) = checked {
            ("read-by-check", check.name.to_string())
        } else if known::partitions_by(table, from) {
            ("partition-key", String::new())
        } else if referenced {
            ("referenced", String::new())
        } else {
            ("plain", String::new())
        };
        self.find_with("rename-column", when, &[("column", from.to_string()), ("other", other)]);
        self.raise("breaks-running-code", &[("name", format!("{}.{from}", table.name))]);
    }

    fn renamed_away(&self, name: &Ident) -> bool {
        self.actions.iter().any(|a| match a {
            Action::RenameColumn { from, to, .. } => same(from, name) && !same(to, name),
            Action::ChangeColumn { from, column, .. } => same(from, name) && !same(&column.name, name),
            _ => false,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DefaultKind {
    /// A literal, CURRENT_TIMESTAMP.
    Plain,
    /// An expression of literals.
    Constant,
    Expression,
    /// Another value for every row, which a replica would make otherwise.
    Unsafe,
}

fn default_kind(default: &str) -> DefaultKind {
    let text = default.trim().to_ascii_lowercase();
    let now = ["current_timestamp", "now", "localtime", "localtimestamp"].iter().any(|n| {
        text.strip_prefix(n).is_some_and(|rest| {
            rest.trim().is_empty() || (rest.trim_start().starts_with('(') && rest.trim_end().ends_with(')'))
        })
    });
    let literal = text.starts_with('\'') && !text.contains('(') || text.starts_with("b'") || text.starts_with("x'");
    if now || literal || !text.contains('(') {
        return DefaultKind::Plain;
    }
    if ["uuid(", "uuid_short(", "rand(", "random_bytes(", "sysdate(", "connection_id("].iter().any(|f| text.contains(f))
    {
        return DefaultKind::Unsafe;
    }
    let words = text.chars().any(|c| c.is_alphabetic() || c == '`' || c == '_');
    if words { DefaultKind::Expression } else { DefaultKind::Constant }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_told_apart() {
        use DefaultKind::*;
        for (text, kind) in [
            ("5", Plain),
            ("'a(b)'", Expression),
            ("'abc'", Plain),
            ("CURRENT_TIMESTAMP(6)", Plain),
            ("now()", Plain),
            ("(1 + 2)", Constant),
            ("(b + 1)", Expression),
            ("(UUID())", Unsafe),
            ("uuid()", Unsafe),
        ] {
            assert_eq!(default_kind(text), kind, "{text}");
        }
    }
}
