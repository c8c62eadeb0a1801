//! Conditions about what `information_schema` holds, and the SELECT that answers one with `true` or `false`.

use super::{id, is_here, literal};
use crate::model::{Catalog, Ident, TableName};

/// The query that answers whether the condition holds. NULL is no.
pub fn answer(condition: &str) -> String {
    format!("SELECT IF({condition}, 'true', 'false')")
}

/// All of them.
pub fn all(conditions: &[String]) -> String {
    match conditions {
        [] => "TRUE".to_owned(),
        [one] => one.clone(),
        many => many.join(" AND "),
    }
}

/// Questions about the database that the catalog describes.
#[derive(Clone, Copy)]
pub struct Ask<'a>(pub &'a Catalog);

impl Ask<'_> {
    fn database(&self, name: &TableName) -> String {
        if is_here(self.0, &name.schema) { "DATABASE()".to_owned() } else { literal(name.schema.as_str()) }
    }

    /// Rows of one view of `information_schema` that belong to the table.
    pub fn exists(&self, view: &str, table: &TableName, condition: &str) -> String {
        format!(
            "EXISTS (SELECT 1 FROM information_schema.{view} WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}{condition})",
            self.database(table),
            literal(table.name.as_str())
        )
    }

    pub fn column(&self, table: &TableName, column: &Ident, condition: &str) -> String {
        self.exists("COLUMNS", table, &format!(" AND COLUMN_NAME = {}{condition}", literal(column.as_str())))
    }
    pub fn column_gone(&self, table: &TableName, column: &Ident) -> String {
        format!("NOT {}", self.column(table, column, ""))
    }
    /// As a number, the first being 1.
    pub fn place(&self, table: &TableName, column: &Ident) -> String {
        format!(
            "(SELECT ORDINAL_POSITION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND COLUMN_NAME = {})",
            self.database(table),
            literal(table.name.as_str()),
            literal(column.as_str())
        )
    }
    pub fn not_null(&self, table: &TableName, column: &Ident, not_null: bool) -> String {
        let yes = if not_null { "NO" } else { "YES" };
        self.column(table, column, &format!(" AND IS_NULLABLE = '{yes}'"))
    }
    pub fn has_default(&self, table: &TableName, column: &Ident, has: bool) -> String {
        // MariaDB says NULL as a text for a column that may be NULL and has no default of its own.
        let none = "(COLUMN_DEFAULT IS NULL OR COLUMN_DEFAULT = 'NULL')";
        self.column(table, column, &format!(" AND {}{none}", if has { "NOT " } else { "" }))
    }
    /// MySQL prints a default without quotes, MariaDB as it would be written.
    pub fn default_is(&self, table: &TableName, column: &Ident, written: &str) -> String {
        let bare = unquoted(written);
        // A DECIMAL(10,2) says 0.00 where 0 was written.
        let number = match bare.to_ascii_uppercase().as_str() {
            "TRUE" => Some("1".to_owned()),
            "FALSE" => Some("0".to_owned()),
            text => text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|_| bare.clone()),
        };
        if let Some(number) = number {
            let said = "TRIM(BOTH '''' FROM COLUMN_DEFAULT)";
            let same = format!(" AND {said} REGEXP '^[-+.0-9eE]+$' AND {said} + 0 = {number}");
            return self.column(table, column, &same);
        }
        let (bare, written) = (literal(&bare), literal(written));
        self.column(
            table,
            column,
            &format!(" AND (COLUMN_DEFAULT = {bare} OR COLUMN_DEFAULT = {written} OR CONCAT('(', COLUMN_DEFAULT, ')') = {written})"),
        )
    }

    pub fn table(&self, table: &TableName) -> String {
        self.exists("TABLES", table, "")
    }
    pub fn table_gone(&self, table: &TableName) -> String {
        format!("NOT {}", self.table(table))
    }
    pub fn base_table(&self, table: &TableName) -> String {
        self.exists("TABLES", table, " AND TABLE_TYPE <> 'VIEW'")
    }
    pub fn table_where(&self, table: &TableName, condition: &str) -> String {
        self.exists("TABLES", table, &format!(" AND {condition}"))
    }
    pub fn view(&self, view: &TableName) -> String {
        self.exists("VIEWS", view, "")
    }

    pub fn index(&self, table: &TableName, index: &Ident) -> String {
        self.exists("STATISTICS", table, &format!(" AND INDEX_NAME = {}", literal(index.as_str())))
    }
    pub fn index_gone(&self, table: &TableName, index: &Ident) -> String {
        format!("NOT {}", self.index(table, index))
    }
    /// An index whose first columns are these, whatever its name.
    pub fn index_over(&self, table: &TableName, name: &Ident, columns: &[Ident]) -> String {
        let each: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(i, c)| {
                self.exists(
                    "STATISTICS",
                    table,
                    &format!(
                        " AND INDEX_NAME = {} AND SEQ_IN_INDEX = {} AND COLUMN_NAME = {}",
                        literal(name.as_str()),
                        i + 1,
                        literal(c.as_str())
                    ),
                )
            })
            .collect();
        let more = self.exists(
            "STATISTICS",
            table,
            &format!(" AND INDEX_NAME = {} AND SEQ_IN_INDEX > {}", literal(name.as_str()), columns.len()),
        );
        format!("{} AND NOT {more}", all(&each))
    }
    /// MySQL says `IS_VISIBLE`, MariaDB `IGNORED`.
    pub fn index_visible(&self, table: &TableName, index: &Ident, mariadb: bool, visible: bool) -> String {
        let condition = match (mariadb, visible) {
            (true, true) => "IGNORED = 'NO'",
            (true, false) => "IGNORED = 'YES'",
            (false, true) => "IS_VISIBLE = 'YES'",
            (false, false) => "IS_VISIBLE = 'NO'",
        };
        self.exists("STATISTICS", table, &format!(" AND INDEX_NAME = {} AND {condition}", literal(index.as_str())))
    }
    /// `kind`: `FOREIGN KEY`, `CHECK`, `UNIQUE`, `PRIMARY KEY`.
    pub fn constraint(&self, table: &TableName, name: &Ident, kind: &str) -> String {
        self.exists(
            "TABLE_CONSTRAINTS",
            table,
            &format!(" AND CONSTRAINT_TYPE = '{kind}' AND CONSTRAINT_NAME = {}", literal(name.as_str())),
        )
    }
    pub fn constraint_gone(&self, table: &TableName, name: &Ident, kind: &str) -> String {
        format!("NOT {}", self.constraint(table, name, kind))
    }
    pub fn trigger(&self, table: &TableName, name: &Ident) -> String {
        format!(
            "EXISTS (SELECT 1 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {} AND TRIGGER_NAME = {} AND EVENT_OBJECT_TABLE = {})",
            self.database(table),
            literal(name.as_str()),
            literal(table.name.as_str())
        )
    }
    /// Of whatever table.
    pub fn trigger_named(&self, name: &TableName) -> String {
        format!(
            "EXISTS (SELECT 1 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {} AND TRIGGER_NAME = {})",
            self.database(name),
            literal(name.name.as_str())
        )
    }
    pub fn partition(&self, table: &TableName, partition: &Ident) -> String {
        self.exists("PARTITIONS", table, &format!(" AND PARTITION_NAME = {}", literal(partition.as_str())))
    }
    pub fn partitioned(&self, table: &TableName) -> String {
        self.exists("PARTITIONS", table, " AND PARTITION_NAME IS NOT NULL")
    }
    /// No two rows have the same values; rows with a NULL among them never do.
    pub fn no_duplicates(&self, table: &TableName, columns: &[String]) -> String {
        let set: Vec<String> = columns.iter().map(|c| format!("{c} IS NOT NULL")).collect();
        format!(
            "NOT EXISTS (SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING COUNT(*) > 1)",
            self.name(table),
            set.join(" AND "),
            columns.join(", ")
        )
    }
    /// No row of `table` points at nothing.
    pub fn no_orphans(&self, table: &TableName, columns: &[Ident], other: &TableName, referenced: &[Ident]) -> String {
        let pairs: Vec<String> =
            columns.iter().zip(referenced).map(|(c, r)| format!("p.{} = c.{}", id(r), id(c))).collect();
        let set: Vec<String> = columns.iter().map(|c| format!("c.{} IS NOT NULL", id(c))).collect();
        format!(
            "NOT EXISTS (SELECT 1 FROM {} AS c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {}))",
            self.name(table),
            set.join(" AND "),
            self.name(other),
            pairs.join(" AND ")
        )
    }
    pub fn no_row(&self, table: &TableName, condition: &str) -> String {
        format!("NOT EXISTS (SELECT 1 FROM {} WHERE {condition})", self.name(table))
    }
    pub fn name(&self, table: &TableName) -> String {
        use crate::engine::emit::speech::Speech;
        super::Mysql.table(self.0, table)
    }
}

/// A string literal's value; everything else as it is.
fn unquoted(written: &str) -> String {
    let bare = written.trim();
    match bare.strip_prefix('\'').and_then(|b| b.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'").replace("\\\\", "\\").replace("\\'", "'"),
        None => bare.to_owned(),
    }
}
