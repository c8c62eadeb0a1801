//! The catalog of one database: what `inspect` reads, what a snapshot file holds, what plans are made from.

use super::engine::{Engine, Server, Version};
use super::name::{Ident, TableName};
use super::objects::{
    DataType, Function, Gap, Partition, PartitionKey, Policy, Publication, Replica, Sequence, Slot, Subscription,
    Transaction, Trigger, View, Volatilities, Wraparound,
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
    /// Enum and domain types.
    #[serde(default)]
    pub types: Vec<DataType>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
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
            comment: None,
            grants: Vec::new(),
        }
    }
}

/// A default or generation expression with the worst volatility of the functions in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DefaultValue {
    pub sql: String,
    #[serde(default)]
    pub volatility: Volatility,
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
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    pub table: TableName,
    pub columns: Vec<Ident>,
}

fn yes() -> bool {
    true
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
            partition_key: None,
            partition_of: None,
            row_security: false,
            unlogged: false,
            owner: None,
            comment: None,
            options: Vec::new(),
            replica_identity: None,
            grants: Vec::new(),
        }
    }
    pub fn column(&self, name: &Ident) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == *name)
    }
    pub fn index(&self, name: &Ident) -> Option<&Index> {
        self.indexes.iter().find(|i| i.name == *name)
    }
    pub fn constraint(&self, name: &Ident) -> Option<&Constraint> {
        self.constraints.iter().find(|c| c.name == *name)
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
        match schema {
            Some(schema) => self.table(&TableName { schema: schema.clone(), name: name.clone() }),
            None => {
                self.search_path.iter().find_map(|s| self.table(&TableName { schema: s.clone(), name: name.clone() }))
            }
        }
    }
    /// The table that owns an index of this name.
    pub fn index_owner(&self, schema: Option<&Ident>, index: &Ident) -> Option<(&Table, &Index)> {
        self.tables
            .iter()
            .filter(|t| schema.map_or_else(|| self.search_path.contains(&t.name.schema), |s| t.name.schema == *s))
            .find_map(|t| t.index(index).map(|i| (t, i)))
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
    /// The part of the catalog that a plan about `names` can meet: these tables, their partitions and parents, both ends of
    /// their foreign keys, and every object that is not a table. Keeps a plan's cost independent of the catalog's size.
    #[must_use]
    pub fn excerpt(&self, names: &std::collections::BTreeSet<TableName>) -> Self {
        let parent = |t: &Table| t.partition_of.as_ref().map(|p| p.parent.clone());
        let mut near = names.clone();
        near.extend(self.tables.iter().filter(|t| names.contains(&t.name)).filter_map(parent));
        // Partitions of partitions: until nothing is added.
        loop {
            let before = near.len();
            let more: Vec<TableName> = self
                .tables
                .iter()
                .filter(|t| parent(t).is_some_and(|p| near.contains(&p)))
                .map(|t| t.name.clone())
                .collect();
            near.extend(more);
            if near.len() == before {
                break;
            }
        }
        let mut partners = near.clone();
        for table in &self.tables {
            for (_, reference) in table.foreign_keys() {
                if near.contains(&table.name) {
                    partners.insert(reference.table.clone());
                } else if near.contains(&reference.table) {
                    partners.insert(table.name.clone());
                }
            }
        }
        Self {
            tables: self.tables.iter().filter(|t| partners.contains(&t.name)).cloned().collect(),
            format: self.format,
            database: self.database.clone(),
            captured_at: self.captured_at.clone(),
            server: self.server.clone(),
            search_path: self.search_path.clone(),
            views: self.views.clone(),
            sequences: self.sequences.clone(),
            types: self.types.clone(),
            functions: self.functions.clone(),
            volatilities: self.volatilities.clone(),
            publications: self.publications.clone(),
            subscriptions: self.subscriptions.clone(),
            slots: self.slots.clone(),
            replicas: self.replicas.clone(),
            transactions: self.transactions.clone(),
            wraparound: self.wraparound,
            gaps: self.gaps.clone(),
        }
    }
}
