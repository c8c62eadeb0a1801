//! What hangs on a table's columns: indexes, constraints, extended statistics.

use super::mysql::MysqlIndex;
use super::name::{Ident, TableName};
use serde::{Deserialize, Serialize};

fn yes() -> bool {
    true
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    pub name: Ident,
    /// `CREATE INDEX …` as `pg_get_indexdef` prints it.
    pub definition: String,
    /// `btree`, `gin`, …
    pub method: String,
    /// Key parts in order: a column, or `None` for an expression.
    pub keys: Vec<Option<Ident>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<Ident>,
    /// Every column the index needs: keys, INCLUDE, expressions, predicate.
    pub uses: Vec<Ident>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_expressions: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub primary: bool,
    #[serde(default = "yes")]
    pub valid: bool,
    #[serde(default = "yes")]
    pub ready: bool,
    #[serde(default)]
    pub bytes: u64,
    #[serde(default)]
    pub scans: Option<u64>,
    /// The constraint that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Ident>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Where it is not the database's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tablespace: Option<Ident>,
    /// `CLUSTER` without a name would use it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub clustered: bool,
    /// Statistics targets of expression keys: (place of the key from 1, target).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statistics: Vec<(i16, i32)>,
    /// On MySQL and MariaDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mysql: Option<Box<MysqlIndex>>,
}

impl Index {
    /// A plain unique index over exactly these columns that can enforce uniqueness today.
    pub fn is_plain_unique_on(&self, columns: &[Ident]) -> bool {
        self.unique
            && self.valid
            && self.predicate.is_none()
            && self.keys.len() == columns.len()
            && columns.iter().all(|c| self.keys.iter().any(|k| k.as_ref() == Some(c)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    ForeignKey,
    Check,
    /// PostgreSQL 18's named NOT NULL constraints; older servers have only [`Column::not_null`].
    NotNull,
    Exclusion,
    Trigger,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    pub name: Ident,
    pub kind: ConstraintKind,
    /// Columns of this table (for a CHECK: those the expression reads), in the constraint's order.
    pub columns: Vec<Ident>,
    /// As `pg_get_constraintdef` prints it.
    pub definition: String,
    #[serde(default = "yes")]
    pub valid: bool,
    #[serde(default = "yes")]
    pub enforced: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub deferrable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    pub table: TableName,
    pub columns: Vec<Ident>,
}

impl Constraint {
    /// The primary key that `index` is, where an engine has it as an index alone.
    pub fn primary_key(index: &Index) -> Self {
        Self {
            name: index.name.clone(),
            kind: ConstraintKind::PrimaryKey,
            columns: index.keys.iter().flatten().cloned().collect(),
            definition: index.definition.clone(),
            valid: true,
            enforced: true,
            deferrable: false,
            references: None,
            comment: None,
        }
    }
}

/// `CREATE STATISTICS`: what the planner knows of columns together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtendedStatistics {
    pub name: TableName,
    /// As `pg_get_statisticsobjdef` prints it.
    pub definition: String,
    /// Every column it reads, those in expressions (14+) too.
    pub columns: Vec<Ident>,
    /// Where it has one of its own (13+).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<i32>,
    #[serde(default)]
    pub owner: Option<Ident>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}
