//! What only a MySQL or MariaDB catalog knows of a table, a column, an index.

use super::catalog::Table;
use super::name::Ident;
use serde::{Deserialize, Serialize};

fn is_false(value: &bool) -> bool {
    !value
}

/// Of a table. Sizes and rows stand in [`super::TableStats`]: `heap_bytes` is DATA_LENGTH, `index_bytes` INDEX_LENGTH.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MysqlTable {
    /// `InnoDB`, `MyISAM`, …, as the server spells it.
    pub engine: String,
    /// `Dynamic`, `Compressed`, `Redundant`, …
    #[serde(default)]
    pub row_format: String,
    /// `utf8mb4_0900_ai_ci`; the character set is what stands before its first `_`.
    #[serde(default)]
    pub collation: String,
    /// The next value; none without such a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_increment: Option<u64>,
    #[serde(default)]
    pub free_bytes: u64,
    /// Of the table's own file, where the server tells; the statistics' lengths are estimates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<u64>,
    /// Instant changes of columns since the last rebuild (MySQL 8.0.29+: `INNODB_TABLES.TOTAL_ROW_VERSIONS`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_versions: Option<u32>,
    /// It has or had a FULLTEXT index: the hidden `FTS_DOC_ID` takes INSTANT changes away. None: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulltext_id: Option<bool>,
    /// `CREATE_OPTIONS` word by word: `partitioned`, `encryption='Y'`, `stats_persistent=1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitioning: Option<MysqlPartitioning>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MysqlPartitioning {
    /// `RANGE`, `LIST COLUMNS`, `HASH`, `KEY`, `LINEAR HASH`, …
    pub method: String,
    pub expression: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_expression: Option<String>,
    pub partitions: Vec<MysqlPartition>,
}

/// In the table's own order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MysqlPartition {
    pub name: Ident,
    /// `VALUES LESS THAN (…)` or `IN (…)` without the words; none for HASH and KEY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub rows: Option<u64>,
    #[serde(default)]
    pub bytes: u64,
}

/// Of a column. The type in [`super::Column::data_type`] is COLUMN_TYPE: `int unsigned`, `varchar(255)`, `enum('a','b')`.
/// A generated column's expression stands in [`super::Column::generated`], a default in [`super::Column::default`] as it would be
/// written: `'x'`, `0`, `CURRENT_TIMESTAMP`, `(uuid())`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MysqlColumn {
    /// Of character types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// Always, unlike [`super::Column::collation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub auto_increment: bool,
    /// `CURRENT_TIMESTAMP(6)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_update: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub invisible: bool,
    /// MariaDB's CHECK of the column itself, without the word: a MODIFY that leaves it out drops it. [`super::Table::constraints`] has
    /// only those of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What else EXTRA says that must be written again: `STORAGE …`, `WITHOUT SYSTEM VERSIONING`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
}

/// Of an index. A UNIQUE key is an index and nothing else here; the primary key is an index called `PRIMARY` and a constraint of the
/// same name. Its [`super::Index::method`] is `btree`, `hash`, `fulltext`, `spatial`; its `definition` is what ADD takes:
/// `UNIQUE KEY u (a(10), b DESC) COMMENT 'x'`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MysqlIndex {
    /// MySQL's INVISIBLE, MariaDB's IGNORED: kept up, but no query uses it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub invisible: bool,
    /// For each key part: the characters that are kept, where not the whole column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<Option<u32>>,
}

/// How much of an AUTO_INCREMENT column's numbers is used, from 0 to 1; none without such a column.
pub fn numbers_used(table: &Table) -> Option<(&Ident, f64)> {
    let column = table.columns.iter().find(|c| c.mysql.as_ref().is_some_and(|m| m.auto_increment))?;
    let next = table.mysql.as_ref()?.auto_increment?;
    let data_type = column.data_type.to_lowercase();
    let bits = match data_type.split(['(', ' ']).next()? {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" | "integer" => 32,
        "bigint" => 64,
        _ => return None,
    };
    let bits = if data_type.contains("unsigned") { bits } else { bits - 1 };
    Some((&column.name, next as f64 / 2f64.powi(bits)))
}
