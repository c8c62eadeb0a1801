//! App releases: which columns each reads and writes, what its developers must do, and where it works.

use crate::model::{Ident, TableName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One version of the application as the schema sees it. `R0` runs today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// `R0`, `R1`, …
    pub id: String,
    pub title: String,
    /// Only tables that the wish touches.
    pub tables: Vec<TableUse>,
    /// What an app developer does in this release, one instruction per entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instructions: Vec<String>,
    /// SQL shapes of the writes and reads that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sql_shapes: Vec<String>,
    /// By ORM or driver: `rails` → `self.ignored_columns += ["name"]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub orm_hints: BTreeMap<String, Vec<String>>,
}

/// Columns of one table that a release names in its SQL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableUse {
    pub table: TableName,
    pub reads: Vec<Ident>,
    pub writes: Vec<Ident>,
}

/// One row of the compatibility grid: the schema **after** `step`, against each release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GridRow {
    pub step: String,
    pub works: BTreeMap<String, bool>,
    /// Why not, for each release that does not work.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub because: BTreeMap<String, String>,
    /// Releases that may be running at this step if the plan is followed.
    #[serde(default)]
    pub running: Vec<String>,
}
