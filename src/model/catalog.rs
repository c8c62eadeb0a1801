//! The catalog of one database: what `inspect` reads, what a snapshot file holds, what plans are made from.

use super::attached::ExtendedStatistics;
pub use super::attached::{Constraint, ConstraintKind, Index, Reference};
use super::engine::{Engine, Server, Version};
use super::mysql::{MysqlColumn, MysqlTable};
use super::name::{Ident, TableName};
use super::objects::{
    DataType, Extension, Function, Gap, Partition, PartitionKey, Policy, Publication, Replica, Sequence, Slot,
    Subscription, Transaction, Trigger, View, Volatilities, Wraparound,
};
use super::stats::TableStats;
use serde::{Deserialize, Serialize};

/// Version of the snapshot's shape; a file with a larger number is refused.
pub const CATALOG_FORMAT: u32 = 1;

/// Everything known of one database at one moment. Every list is sorted by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    pub format: u32,
    pub database: String,
    /// The server's own clock when it was read, ISO 8601 in UTC.
    pub captured_at: String,
    pub server: Server,
    /// Schemas that unqualified names are looked up in, in order (the session's `search_path`, resolved).
    #[serde(default)]
    pub search_path: Vec<Ident>,
    pub tables: Vec<Table>,
    #[serde(default)]
    pub views: Vec<View>,
    #[serde(default)]
    pub sequences: Vec<Sequence>,
    /// Enum, domain and row types.
    #[serde(default)]
    pub types: Vec<DataType>,
    #[serde(default)]
    pub extensions: Vec<Extension>,
    /// User functions that are trigger functions or whose text names a user table.
    #[serde(default)]
    pub functions: Vec<Function>,
    /// Volatility of every function the database knows, by bare name.
    #[serde(default)]
    pub volatilities: Volatilities,
    #[serde(default)]
    pub publications: Vec<Publication>,
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
    #[serde(default)]
    pub slots: Vec<Slot>,
    #[serde(default)]
    pub replicas: Vec<Replica>,
    /// Long-running and prepared transactions.
    #[serde(default)]
    pub transactions: Vec<Transaction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wraparound: Option<Wraparound>,
    /// What could not be read, and why.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableKind {
    #[default]
    Ordinary,
    /// A partitioned parent: no rows of its own.
    Partitioned,
    Foreign,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub name: TableName,
    #[serde(default)]
    pub kind: TableKind,
    #[serde(default)]
    pub stats: TableStats,
    /// In the table's own order (attnum), dropped ones left out.
    pub columns: Vec<Column>,
    #[serde(default)]
    pub indexes: Vec<Index>,
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    #[serde(default)]
    pub policies: Vec<Policy>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statistics: Vec<ExtendedStatistics>,
    /// For a partitioned parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_key: Option<PartitionKey>,
    /// For a partition (or an inheritance child): its parent and bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<Partition>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub row_security: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub unlogged: bool,
    #[serde(default)]
    pub owner: Option<Ident>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Storage options, `fillfactor=90`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// `default`, `index <name>`, `full`, `nothing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_identity: Option<String>,
    /// Access privileges as the server prints them (`app=arwd/owner`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// On MySQL and MariaDB; there [`TableName::schema`] is the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mysql: Option<Box<MysqlTable>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: Ident,
    /// As `format_type` prints it: `character varying(255)`, `timestamp with time zone`.
    pub data_type: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub not_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<DefaultValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// Only where it differs from the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// `plain`, `main`, `external`, `extended`; only where it differs from the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<i32>,
    /// `pglz` or `lz4`, where the column has a method of its own (14+).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// `n_distinct=5`, `n_distinct_inherited=5`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// On MySQL and MariaDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mysql: Option<Box<MysqlColumn>>,
}

impl Column {
    pub fn new(name: impl Into<String>, data_type: impl Into<String>) -> Self {
        Self {
            name: Ident(name.into()),
            data_type: data_type.into(),
            not_null: false,
            default: None,
            identity: None,
            generated: None,
            collation: None,
            storage: None,
            statistics: None,
            compression: None,
            options: Vec::new(),
            comment: None,
            grants: Vec::new(),
            mysql: None,
        }
    }
    /// Whether a row that is inserted without it gets a value all the same.
    pub fn fills_itself(&self) -> bool {
        self.default.as_ref().is_some_and(|d| !d.is_null())
            || self.identity.is_some()
            || self.generated.is_some()
            || self.mysql.as_ref().is_some_and(|m| m.auto_increment)
    }
}

/// A default or generation expression with the worst volatility of the functions in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DefaultValue {
    pub sql: String,
    #[serde(default)]
    pub volatility: Volatility,
}

impl DefaultValue {
    /// `NULL`, which the server keeps as `NULL::bpchar` where the type has a length.
    pub fn is_null(&self) -> bool {
        let word = self.sql.split("::").next().unwrap_or("");
        word.trim().eq_ignore_ascii_case("null")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
    /// A function that the catalog does not know.
    #[default]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    Always,
    ByDefault,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generated {
    pub sql: String,
    pub kept: GeneratedKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeneratedKind {
    Stored,
    Virtual,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Table {
    /// An empty ordinary table with nothing known of its size.
    pub fn new(name: TableName, columns: Vec<Column>) -> Self {
        Self {
            name,
            kind: TableKind::Ordinary,
            stats: TableStats::default(),
            columns,
            indexes: Vec::new(),
            constraints: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
            statistics: Vec::new(),
            partition_key: None,
            partition_of: None,
            row_security: false,
            unlogged: false,
            owner: None,
            comment: None,
            options: Vec::new(),
            replica_identity: None,
            grants: Vec::new(),
            mysql: None,
        }
    }
    pub fn column(&self, name: &Ident) -> Option<&Column> {
        self.columns.iter().find(|c| self.means(&c.name, name))
    }
    pub fn index(&self, name: &Ident) -> Option<&Index> {
        self.indexes.iter().find(|i| self.means(&i.name, name))
    }
    pub fn constraint(&self, name: &Ident) -> Option<&Constraint> {
        self.constraints.iter().find(|c| self.means(&c.name, name))
    }
    /// MySQL and MariaDB take names of columns, indexes and constraints in any case.
    fn means(&self, own: &Ident, said: &Ident) -> bool {
        own == said || (self.mysql.is_some() && own.is_like(said))
    }
    pub fn primary_key(&self) -> Option<&Constraint> {
        self.constraints.iter().find(|c| c.kind == ConstraintKind::PrimaryKey)
    }
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&Constraint, &Reference)> {
        self.constraints.iter().filter_map(|c| c.references.as_ref().map(|r| (c, r)))
    }
}

impl Catalog {
    pub fn empty(engine: Engine, version: Version) -> Self {
        Self {
            format: CATALOG_FORMAT,
            database: String::new(),
            captured_at: String::new(),
            server: Server::new(engine, version),
            search_path: vec!["public".into()],
            tables: Vec::new(),
            views: Vec::new(),
            sequences: Vec::new(),
            types: Vec::new(),
            extensions: Vec::new(),
            functions: Vec::new(),
            volatilities: Volatilities::default(),
            publications: Vec::new(),
            subscriptions: Vec::new(),
            slots: Vec::new(),
            replicas: Vec::new(),
            transactions: Vec::new(),
            wraparound: None,
            gaps: Vec::new(),
        }
    }
    /// Tables are sorted by name, so this is a binary search.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        self.tables.binary_search_by(|t| t.name.cmp(name)).ok().and_then(|i| self.tables.get(i))
    }
    pub fn table_mut(&mut self, name: &TableName) -> Option<&mut Table> {
        let i = self.tables.binary_search_by(|t| t.name.cmp(name)).ok()?;
        self.tables.get_mut(i)
    }
    /// Keeps the order by name; replaces a table of the same name.
    pub fn put_table(&mut self, table: Table) {
        match self.tables.binary_search_by(|t| t.name.cmp(&table.name)) {
            Ok(i) => {
                if let Some(slot) = self.tables.get_mut(i) {
                    *slot = table;
                }
            }
            Err(i) => self.tables.insert(i, table),
        }
    }
    /// The table an unqualified or qualified name means, by `search_path`.
    pub fn resolve(&self, schema: Option<&Ident>, name: &Ident) -> Option<&Table> {
        let called = |schema: &Ident| {
            let exact = self.table(&TableName { schema: schema.clone(), name: name.clone() });
            // On a server that keeps its tables in files whose names have no case.
            exact.or_else(|| {
                let like = |t: &&Table| t.name.schema.is_like(schema) && t.name.name.is_like(name);
                self.tables.iter().filter(|_| self.server.folds_table_names()).find(like)
            })
        };
        match schema {
            Some(schema) => called(schema),
            None => self.search_path.iter().find_map(called),
        }
    }
    /// The table that owns an index of this name.
    pub fn index_owner(&self, schema: Option<&Ident>, index: &Ident) -> Option<(&Table, &Index)> {
        self.tables
            .iter()
            .filter(|t| schema.map_or_else(|| self.search_path.contains(&t.name.schema), |s| t.name.schema == *s))
            .find_map(|t| t.index(index).map(|i| (t, i)))
    }
    /// The materialised view that owns an index of this name.
    pub fn view_of_index(&self, schema: Option<&Ident>, index: &Ident) -> Option<(&View, &Index)> {
        self.views
            .iter()
            .filter(|v| schema.map_or_else(|| self.search_path.contains(&v.name.schema), |s| v.name.schema == *s))
            .find_map(|v| v.stored.as_ref()?.indexes.iter().find(|i| i.name == *index).map(|i| (v, i)))
    }
    /// Foreign keys of other tables (and its own) that point at `table`.
    pub fn referenced_by<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = (&'a Table, &'a Constraint)> {
        self.tables
            .iter()
            .flat_map(move |t| t.foreign_keys().filter(move |(_, r)| r.table == *table).map(move |(c, _)| (t, c)))
    }
    pub fn partitions_of<'a>(&'a self, parent: &'a TableName) -> impl Iterator<Item = &'a Table> {
        self.tables.iter().filter(move |t| t.partition_of.as_ref().is_some_and(|p| p.parent == *parent))
    }
    /// Views, materialised views and rules that read any of `columns` of `table` (all columns if empty).
    pub fn views_using<'a>(&'a self, table: &'a TableName, columns: &'a [Ident]) -> impl Iterator<Item = &'a View> {
        self.views.iter().filter(move |v| {
            v.uses
                .iter()
                .any(|u| u.table == *table && (columns.is_empty() || u.columns.iter().any(|c| columns.contains(c))))
        })
    }
    /// Functions whose text names the table: they break at call time, not at DDL time.
    pub fn functions_naming<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().filter(move |f| f.names_tables.contains(table))
    }
}
