//! What decides beside the statement: the server's kind and version, the session's settings, and what a table is made of.

use super::types;
use crate::engine::Session;
use crate::model::catalog::GeneratedKind;
use crate::model::{Catalog, Column, Engine, Ident, Index, Table, Version};

/// Server and session.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub catalog: &'a Catalog,
    pub session: &'a Session,
}

impl<'a> Known<'a> {
    pub fn engine(self) -> Engine {
        self.catalog.server.engine
    }
    pub fn version(self) -> Version {
        self.catalog.server.version
    }
    pub fn is_mariadb(self) -> bool {
        self.engine() == Engine::Mariadb
    }
    /// True on MySQL from that version on.
    pub fn mysql_since(self, major: u16, minor: u16, patch: u16) -> bool {
        !self.is_mariadb() && self.version() >= Version::exact(major, minor, patch)
    }

    pub fn setting(self, name: &str) -> Option<&'a str> {
        let own = self.session.settings.get(name).or_else(|| self.catalog.server.settings.get(name));
        own.map(String::as_str)
    }

    fn sql_mode_has(self, mode: &str, by_default: bool) -> bool {
        match self.setting("sql_mode") {
            Some(modes) => modes.to_ascii_uppercase().split(',').any(|m| m.trim() == mode || m.trim() == "TRADITIONAL"),
            None => by_default,
        }
    }
    /// Impossible values are refused rather than bent.
    pub fn is_strict(self) -> bool {
        let by_default = self.is_mariadb() || self.mysql_since(5, 7, 0);
        self.sql_mode_has("STRICT_TRANS_TABLES", by_default) || self.sql_mode_has("STRICT_ALL_TABLES", false)
    }
    /// `0000-00-00` is no date.
    pub fn refuses_zero_dates(self) -> bool {
        self.is_strict() && self.sql_mode_has("NO_ZERO_DATE", self.mysql_since(5, 7, 0))
    }
    pub fn checks_foreign_keys(self) -> bool {
        !self.setting("foreign_key_checks").is_some_and(|v| matches!(v.to_ascii_lowercase().as_str(), "0" | "off"))
    }
    /// How many instant additions and drops of columns a table bears before it has to be rebuilt; none: any number.
    pub fn row_version_limit(self) -> Option<u32> {
        match () {
            () if self.mysql_since(9, 1, 0) => Some(255),
            () if self.mysql_since(8, 0, 29) => Some(64),
            () => None,
        }
    }
    /// Instant additions and drops of columns can damage the table when the server has to recover from a crash.
    pub fn has_instant_bug(self) -> bool {
        self.mysql_since(8, 0, 29) && !self.mysql_since(8, 0, 32)
    }
    /// The collation that a character set brings with it; none where that is not known.
    pub fn default_collation(self, charset: &str) -> Option<String> {
        match types::charset(charset) {
            "utf8mb4" if self.mysql_since(8, 0, 0) => Some("utf8mb4_0900_ai_ci".into()),
            "utf8mb4" if self.is_mariadb() && self.version() >= Version::new(11, 5) => {
                Some("utf8mb4_uca1400_ai_ci".into())
            }
            "latin1" => Some("latin1_swedish_ci".into()),
            "utf8mb3" if self.is_mariadb() && self.version() >= Version::new(11, 5) => {
                Some("utf8mb3_uca1400_ai_ci".into())
            }
            charset @ ("utf8mb4" | "utf8mb3" | "ascii" | "ucs2") => Some(format!("{charset}_general_ci")),
            "binary" => Some("binary".into()),
            _ => None,
        }
    }
}

/// Names are compared without regard to case, as the server does with columns and indexes.
pub fn same(a: &Ident, b: &Ident) -> bool {
    a == b || a.as_str().to_lowercase() == b.as_str().to_lowercase()
}

pub fn column<'t>(table: &'t Table, name: &Ident) -> Option<&'t Column> {
    table.columns.iter().find(|c| same(&c.name, name))
}

pub fn index<'t>(table: &'t Table, name: &Ident) -> Option<&'t Index> {
    table.indexes.iter().find(|i| same(&i.name, name))
}

/// InnoDB, or nothing known of another.
pub fn is_innodb(table: &Table) -> bool {
    table.mysql.as_ref().is_none_or(|m| m.engine.is_empty() || m.engine.eq_ignore_ascii_case("innodb"))
}

pub fn engine_name(table: &Table) -> String {
    table.mysql.as_ref().map(|m| m.engine.clone()).filter(|e| !e.is_empty()).unwrap_or_else(|| "InnoDB".into())
}

pub fn row_format_is(table: &Table, format: &str) -> bool {
    table.mysql.as_ref().is_some_and(|m| m.row_format.eq_ignore_ascii_case(format))
}

pub fn is_partitioned(table: &Table) -> bool {
    table
        .mysql
        .as_ref()
        .is_some_and(|m| m.partitioning.is_some() || m.options.iter().any(|o| o.eq_ignore_ascii_case("partitioned")))
}

/// The text that says how rows find their partition reads `column`.
pub fn partitions_by(table: &Table, column: &Ident) -> bool {
    let Some(partitioning) = table.mysql.as_ref().and_then(|m| m.partitioning.as_ref()) else { return false };
    reads(&partitioning.expression, column) || partitioning.sub_expression.as_ref().is_some_and(|e| reads(e, column))
}

pub fn is_virtual(column: &Column) -> bool {
    column.generated.as_ref().is_some_and(|g| g.kept == GeneratedKind::Virtual)
}

pub fn is_auto_increment(column: &Column) -> bool {
    column.mysql.as_ref().is_some_and(|m| m.auto_increment)
}

/// Indexes that have the column among their parts.
pub fn indexes_of<'t>(table: &'t Table, name: &'t Ident) -> impl Iterator<Item = &'t Index> {
    table
        .indexes
        .iter()
        .filter(move |i| i.keys.iter().flatten().any(|k| same(k, name)) || i.uses.iter().any(|k| same(k, name)))
}

pub fn has_indexed_virtual(table: &Table, without: &[Ident]) -> bool {
    table
        .columns
        .iter()
        .filter(|c| is_virtual(c) && !without.iter().any(|w| same(w, &c.name)))
        .any(|c| indexes_of(table, &c.name).any(|i| !without.iter().any(|w| same(w, &i.name))))
}

/// True if `expression` names the column: bare or in backticks, outside of strings.
pub fn reads(expression: &str, column: &Ident) -> bool {
    let wanted = column.as_str().to_lowercase();
    let mut rest = expression.chars().peekable();
    while let Some(c) = rest.next() {
        let mut word = String::new();
        match c {
            '\'' | '"' => {
                while let Some(inside) = rest.next() {
                    match inside {
                        '\\' => {
                            rest.next();
                        }
                        other if other == c => break,
                        _ => {}
                    }
                }
            }
            '`' => {
                while let Some(inside) = rest.next() {
                    if inside == '`' {
                        if rest.peek() != Some(&'`') {
                            break;
                        }
                        rest.next();
                    }
                    word.push(inside);
                }
            }
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                word.push(c);
                while let Some(next) = rest.peek().copied().filter(|n| n.is_alphanumeric() || matches!(n, '_' | '$')) {
                    word.push(next);
                    rest.next();
                }
                // A function of that name is no column.
                if rest.peek() == Some(&'(') {
                    continue;
                }
            }
            _ => {}
        }
        if !word.is_empty() && word.to_lowercase() == wanted {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_read_where_it_is_named() {
        let a = Ident("a".into());
        for yes in ["a + 1", "(`a` > 0)", "lower(A)", "b*`A`"] {
            assert!(reads(yes, &a), "{yes}");
        }
        for no in ["'a' + b", "aa + 1", "a(b)", "`a``b`", "_a", "'it''s a'"] {
            assert!(!reads(no, &a), "{no}");
        }
    }
}
