//! Catalog objects beside tables: views, sequences, types, functions, triggers, policies, replication, activity.

use super::catalog::Volatility;
use super::name::{Ident, TableName};
use super::stored::Stored;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViewKind {
    View,
    Materialized,
    /// A rule on a table other than a view's own `_RETURN`.
    Rule,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub name: TableName,
    pub kind: ViewKind,
    /// What it shows, in order; empty for a rule, and where it could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ViewColumn>,
    /// The body, as `pg_get_viewdef` prints it.
    pub definition: String,
    /// Tables and views it reads, with the columns.
    pub uses: Vec<ColumnUse>,
    /// The relation that a write through it reaches, once that was read out of the definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes_to: Option<TableName>,
    #[serde(default)]
    pub owner: Option<Ident>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(default)]
    pub bytes: u64,
    /// INSTEAD OF triggers, and those of a statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// The table or view that a rule is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_on: Option<TableName>,
    /// A materialised view that is filled and has a unique index over plain columns.
    #[serde(default, skip_serializing_if = "is_false")]
    pub refreshes_concurrently: bool,
    /// Of a materialised view; none in a catalog that was read before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<Box<Stored>>,
    /// What else would have to go with it, as the server describes it: functions over its row type, policies …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_by: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewColumn {
    pub name: Ident,
    /// As `format_type` prints it; empty if it is not known.
    #[serde(default)]
    pub data_type: String,
    /// The column of [`View::writes_to`] that it shows unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Ident>,
    /// `ALTER VIEW … ALTER COLUMN … SET DEFAULT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
}

impl ViewColumn {
    pub fn new(name: Ident, data_type: impl Into<String>) -> Self {
        Self { name, data_type: data_type.into(), source: None, default: None, comment: None, grants: Vec::new() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnUse {
    pub table: TableName,
    pub columns: Vec<Ident>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: TableName,
    /// `integer`, `bigint`, `smallint`.
    pub data_type: String,
    #[serde(default)]
    pub last_value: Option<i64>,
    pub max_value: i64,
    /// `None`: owned by no column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<OwnedBy>,
    /// As CREATE SEQUENCE spells them, only where they differ from the type's own: `INCREMENT BY 2`, `CACHE 20`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedBy {
    pub table: TableName,
    pub column: Ident,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataType {
    pub name: TableName,
    #[serde(flatten)]
    pub kind: DataTypeKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Ident>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum DataTypeKind {
    Enum {
        labels: Vec<String>,
    },
    Domain {
        base: String,
        #[serde(default)]
        not_null: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
        /// CHECK constraints by name, as the server prints them.
        #[serde(default)]
        checks: Vec<String>,
        /// Their names, in the same order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        constraints: Vec<Ident>,
    },
    /// A row type of its own, not a table's.
    Composite {
        attributes: Vec<Attribute>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    pub name: Ident,
    pub data_type: String,
}

/// An extension that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub name: Ident,
    pub version: String,
    pub schema: Ident,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    pub name: TableName,
    /// Argument types, to tell overloads apart.
    #[serde(default)]
    pub arguments: String,
    pub language: String,
    #[serde(default)]
    pub volatility: Volatility,
    /// Tables whose names stand in the text of the body.
    #[serde(default)]
    pub names_tables: Vec<TableName>,
    /// Columns that its `BEGIN ATOMIC` body holds on to (14+): they cannot change under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<ColumnUse>,
    /// `CREATE OR REPLACE FUNCTION …` as `pg_get_functiondef` prints it: the way back from a new body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
}

/// Bare function names by the worst volatility of their overloads (`pg_proc.provolatile`), each list sorted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Volatilities {
    pub immutable: Vec<String>,
    pub stable: Vec<String>,
    pub volatile: Vec<String>,
    /// Names with a volatile overload and another that is not: which one is called decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mixed: Vec<String>,
    /// Operators, and types that are cast to, with a volatile function behind them; a built-in one of the same name may be meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub casts: Vec<String>,
}

impl Volatilities {
    /// `name` in lower case without schema; [`Volatility::Unknown`] for a function the catalog does not list.
    pub fn of(&self, name: &str) -> Volatility {
        let has = |list: &[String]| list.binary_search_by(|n| n.as_str().cmp(name)).is_ok();
        if has(&self.volatile) {
            Volatility::Volatile
        } else if has(&self.stable) {
            Volatility::Stable
        } else if has(&self.immutable) {
            Volatility::Immutable
        } else {
            Volatility::Unknown
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    pub name: Ident,
    /// As `pg_get_triggerdef` prints it.
    pub definition: String,
    pub function: TableName,
    /// Columns of `UPDATE OF` and of `WHEN`: a type change of these is refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Ident>,
    /// `origin`, `disabled`, `replica`, `always`.
    #[serde(default)]
    pub enabled: Option<String>,
    #[serde(default)]
    pub fires_on_update: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub name: Ident,
    /// `ALL`, `SELECT`, …
    pub command: String,
    /// Columns that USING and WITH CHECK read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Ident>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub using: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Ident>,
    #[serde(default)]
    pub permissive: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartitionKey {
    /// As `pg_get_partkeydef` prints it: `RANGE (created_at)`.
    pub definition: String,
    /// Plain columns in it.
    pub columns: Vec<Ident>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partition {
    pub parent: TableName,
    /// `FOR VALUES FROM … TO …`, `DEFAULT`; empty for plain inheritance.
    pub bounds: String,
    /// A DETACH CONCURRENTLY was interrupted: FINALIZE ends it, nothing else of its kind can start before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detach_pending: bool,
}

impl Partition {
    pub fn new(parent: TableName, bounds: impl Into<String>) -> Self {
        Self { parent, bounds: bounds.into(), detach_pending: false }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    pub name: Ident,
    #[serde(default)]
    pub all_tables: bool,
    #[serde(default)]
    pub tables: Vec<PublishedTable>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedTable {
    pub table: TableName,
    /// Column list (15+); empty: all columns.
    #[serde(default)]
    pub columns: Vec<Ident>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_filter: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    pub name: Ident,
    pub enabled: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    pub name: Ident,
    /// `physical` or `logical`.
    pub kind: String,
    pub active: bool,
    /// WAL the slot holds back, in bytes.
    #[serde(default)]
    pub retained_bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replica {
    pub name: String,
    pub state: String,
    #[serde(default)]
    pub lag_bytes: Option<u64>,
    #[serde(default)]
    pub lag_s: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransactionKind {
    Session,
    Prepared,
    /// A vacuum to prevent wraparound: it does not give way to DDL.
    Wraparound,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transaction {
    pub kind: TransactionKind,
    /// Backend process, or none for a prepared transaction.
    #[serde(default)]
    pub pid: Option<i32>,
    /// Seconds since it began.
    pub age_s: f64,
    /// `active`, `idle in transaction`, …
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub user: Option<String>,
    /// `application_name`, or the prepared transaction's identifier.
    #[serde(default)]
    pub application: Option<String>,
    /// User tables it holds locks on.
    #[serde(default)]
    pub tables: Vec<TableName>,
}

/// How many transactions and multixacts the database has used since its oldest row was frozen; at about two thousand
/// million the server stops taking writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wraparound {
    pub xid_age: u64,
    pub multixact_age: u64,
}

/// Part of the catalog that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub what: String,
    pub because: String,
}

fn is_false(value: &bool) -> bool {
    !value
}
