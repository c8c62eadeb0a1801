//! The tree that the rest of the code sees. Every piece of user text is a verbatim slice, never re-printed from a parser's tree.

use crate::model::catalog::{GeneratedKind, Identity};
use crate::model::{Catalog, Ident, Table, TableName};
use std::fmt;
use std::ops::Range;

/// A script as written: statements in order, each with its place in the text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script {
    pub text: String,
    pub statements: Vec<Located>,
}

/// A statement and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Byte range in [`Script::text`], without the semicolon, comments before it left out.
    pub span: Range<usize>,
    /// The statement verbatim.
    pub text: String,
    pub statement: Statement,
}

/// Why a text cannot be read or planned, and where. Lines and columns count from 1; a column counts characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub line: usize,
    pub column: usize,
    /// Byte range in the script.
    pub span: Range<usize>,
    pub message: String,
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl Problem {
    /// Places `span` of `text` by line and column.
    pub fn at(text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self { line, column, span, message: message.into(), hint: None }
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A name as written: schema only if it was given; case folded as the engine folds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName {
    pub schema: Option<Ident>,
    pub name: Ident,
}

impl ObjectName {
    pub fn table<'c>(&self, catalog: &'c Catalog) -> Option<&'c Table> {
        catalog.resolve(self.schema.as_ref(), &self.name)
    }
    /// The full name; an unknown unqualified name is taken to be in the first schema of the search path.
    pub fn resolve(&self, catalog: &Catalog) -> TableName {
        if let Some(table) = self.table(catalog) {
            return table.name.clone();
        }
        let schema =
            self.schema.clone().or_else(|| catalog.search_path.first().cloned()).unwrap_or_else(|| "public".into());
        TableName { schema, name: self.name.clone() }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => self.name.fmt(f),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    AlterTable {
        table: ObjectName,
        only: bool,
        if_exists: bool,
        actions: Vec<AlterAction>,
    },
    CreateIndex(CreateIndex),
    DropIndex {
        names: Vec<ObjectName>,
        concurrently: bool,
        if_exists: bool,
        cascade: bool,
    },
    Update(Update),
    Delete {
        table: ObjectName,
        filter: Option<Expression>,
    },
    Insert {
        table: ObjectName,
        columns: Vec<Ident>,
        /// Tables the SELECT reads; empty for VALUES.
        from: Vec<ObjectName>,
    },
    Select,
    CreateTable {
        table: ObjectName,
        if_not_exists: bool,
        columns: Vec<ColumnDef>,
        constraints: Vec<TableConstraint>,
        /// `PARTITION OF parent`.
        partition_of: Option<ObjectName>,
        partition_by: Option<PartitionBy>,
        /// `FOR VALUES …` or `DEFAULT` of a partition, as written.
        bounds: String,
        /// `INHERITS (a, b)`.
        inherits: Vec<ObjectName>,
    },
    DropTable {
        tables: Vec<ObjectName>,
        if_exists: bool,
        cascade: bool,
    },
    CreateTrigger {
        name: Ident,
        table: ObjectName,
        or_replace: bool,
        function: ObjectName,
        /// Between the name and the call, as written: `BEFORE UPDATE ON t FOR EACH ROW`.
        when: String,
    },
    DropTrigger {
        name: Ident,
        table: ObjectName,
        if_exists: bool,
    },
    CreateFunction {
        name: ObjectName,
        or_replace: bool,
    },
    DropFunction {
        name: ObjectName,
        if_exists: bool,
        cascade: bool,
    },
    CreateView {
        name: ObjectName,
        or_replace: bool,
        materialized: bool,
    },
    DropView {
        names: Vec<ObjectName>,
        materialized: bool,
        if_exists: bool,
        cascade: bool,
    },
    CreateSequence {
        name: ObjectName,
    },
    AlterSequence {
        name: ObjectName,
        /// What is done to it, as written: `OWNED BY t.id`.
        rest: String,
    },
    AlterIndex {
        name: ObjectName,
        if_exists: bool,
        action: AlterIndexAction,
    },
    AlterType {
        name: ObjectName,
        /// `add-value`, `rename-value`, …
        op: String,
    },
    Comment {
        /// `table`, `column`, `index`, …
        on: String,
        table: Option<ObjectName>,
    },
    /// `SET [LOCAL|SESSION] name = value`; the value without quotes.
    Set {
        local: bool,
        name: String,
        value: String,
    },
    /// `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT` …: lower case first word.
    Transaction {
        verb: String,
    },
    /// Read, known by its verb and object, planned by no kind yet: kept verbatim, judged by its facts.
    /// `op` is the fact's name (`truncate`, `refresh-materialized-view-concurrently`, `grant`, `vacuum`, …).
    Known {
        op: String,
        /// The relation or type it touches; none for a role, schema, function … (they may be called like a table).
        target: Option<ObjectName>,
        /// Further targets: `TRUNCATE a, b`.
        also: Vec<ObjectName>,
        /// What stands behind the targets, as written: `RESTART IDENTITY CASCADE`, `ADD CHECK (VALUE > 0)`.
        rest: String,
    },
    /// DO blocks, procedures' bodies, templates, anything unread: strongest lock, unknown work.
    Opaque {
        because: String,
    },
}

/// `PARTITION BY RANGE (created_at)`.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionBy {
    /// From RANGE, LIST or HASH on, as written.
    pub definition: String,
    /// Plain columns among the keys.
    pub columns: Vec<Ident>,
}

/// One comma-separated action of an ALTER TABLE.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterAction {
    /// Byte range in [`Script::text`].
    pub span: Range<usize>,
    pub text: String,
    pub action: Alter,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Alter {
    AddColumn {
        if_not_exists: bool,
        column: Box<ColumnDef>,
    },
    DropColumn {
        column: Ident,
        if_exists: bool,
        cascade: bool,
    },
    RenameColumn {
        from: Ident,
        to: Ident,
    },
    SetType {
        column: Ident,
        /// As written: `varchar(255)`.
        data_type: String,
        collation: Option<String>,
        using: Option<Expression>,
    },
    SetNotNull {
        column: Ident,
    },
    DropNotNull {
        column: Ident,
    },
    SetDefault {
        column: Ident,
        default: Expression,
    },
    DropDefault {
        column: Ident,
    },
    AddIdentity {
        column: Ident,
        identity: Identity,
    },
    DropIdentity {
        column: Ident,
    },
    AddConstraint(TableConstraint),
    ValidateConstraint {
        name: Ident,
    },
    DropConstraint {
        name: Ident,
        if_exists: bool,
        cascade: bool,
    },
    RenameConstraint {
        from: Ident,
        to: Ident,
    },
    RenameTable {
        to: Ident,
    },
    AttachPartition {
        partition: ObjectName,
        bounds: String,
    },
    DetachPartition {
        partition: ObjectName,
        concurrently: bool,
    },
    /// Known by name, without parts that a recipe needs: `op` is the fact's name
    /// (`set-storage`, `set-statistics`, `owner-to`, `enable-row-level-security`, `set-tablespace`, …).
    Other {
        op: String,
        column: Option<Ident>,
        /// What stands behind the words that `op` names, as written: the parent of INHERIT, the trigger's name …
        rest: String,
    },
    /// An action that was not understood.
    Opaque {
        because: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum AlterIndexAction {
    Rename {
        to: Ident,
    },
    AttachPartition {
        index: ObjectName,
    },
    /// `set`, `reset`, `set-tablespace`, `set-statistics`, …
    Other {
        op: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDef {
    pub name: Ident,
    /// As written, without collation: `varchar(32)`, `bigserial`.
    pub data_type: String,
    pub collation: Option<String>,
    pub not_null: bool,
    pub default: Option<Expression>,
    pub identity: Option<Identity>,
    pub generated: Option<(Expression, GeneratedKind)>,
    /// Inline UNIQUE, PRIMARY KEY, CHECK, REFERENCES; their columns are this column.
    pub constraints: Vec<TableConstraint>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableConstraint {
    pub name: Option<Ident>,
    pub body: ConstraintBody,
    pub not_valid: bool,
    /// `DEFERRABLE …`, `NOT ENFORCED`, `NO INHERIT` as written; empty if none.
    pub trailer: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintBody {
    Check {
        expression: Expression,
    },
    Unique {
        columns: Vec<Ident>,
        include: Vec<Ident>,
        /// `NULLS NOT DISTINCT` (15+).
        nulls_not_distinct: bool,
    },
    PrimaryKey {
        columns: Vec<Ident>,
        include: Vec<Ident>,
    },
    ForeignKey {
        columns: Vec<Ident>,
        table: ObjectName,
        /// Empty: the primary key of the referenced table.
        referenced: Vec<Ident>,
        /// `MATCH …`, `ON DELETE …`, `ON UPDATE …` as written.
        actions: String,
    },
    UsingIndex {
        primary: PrimaryOrUnique,
        index: Ident,
    },
    /// PostgreSQL 18: `ADD CONSTRAINT n NOT NULL c`.
    NotNull {
        column: Ident,
    },
    Exclude {
        /// Everything after EXCLUDE.
        definition: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrimaryOrUnique {
    PrimaryKey,
    Unique,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    pub name: Option<Ident>,
    pub table: ObjectName,
    pub unique: bool,
    pub concurrently: bool,
    pub if_not_exists: bool,
    pub only: bool,
    /// `btree` unless USING says otherwise.
    pub method: String,
    /// Key parts as written: `status`, `created_at DESC`, `lower(email)`.
    pub keys: Vec<IndexKey>,
    pub include: Vec<Ident>,
    pub predicate: Option<Expression>,
    /// From the parenthesis of the keys to the end, as written: `(status, created_at DESC) WHERE …`; with USING before it if given.
    pub definition: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct IndexKey {
    pub text: String,
    /// `None` for an expression.
    pub column: Option<Ident>,
    /// Columns an expression reads.
    pub uses: Vec<Ident>,
}

/// An expression: the text, and what could be read out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    pub sql: String,
    /// Columns it names, in order of appearance, each once; qualifiers dropped.
    pub columns: Vec<Ident>,
    /// Functions it calls, lower case, schema dropped; `CURRENT_TIMESTAMP` and its like by their function (`now`).
    pub functions: Vec<String>,
    /// `false`: the parser could not read it, the two lists may be incomplete.
    pub understood: bool,
    /// `true`: it holds a subquery.
    pub has_subquery: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub table: ObjectName,
    pub alias: Option<Ident>,
    pub assignments: Vec<Assignment>,
    /// The FROM clause as written, without the keyword.
    pub from: Option<String>,
    pub filter: Option<Expression>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub column: Ident,
    pub value: Expression,
}

impl Statement {
    /// Tables that the statement names as its target or partner, as written.
    pub fn objects(&self) -> Vec<&ObjectName> {
        match self {
            Self::AlterTable { table, actions, .. } => {
                let mut all = vec![table];
                for action in actions {
                    match &action.action {
                        Alter::AddConstraint(constraint) => all.extend(constraint.references()),
                        Alter::AddColumn { column, .. } => {
                            all.extend(column.constraints.iter().filter_map(TableConstraint::references));
                        }
                        Alter::AttachPartition { partition, .. } | Alter::DetachPartition { partition, .. } => {
                            all.push(partition);
                        }
                        _ => {}
                    }
                }
                all
            }
            Self::CreateIndex(index) => vec![&index.table],
            Self::Update(update) => vec![&update.table],
            Self::Delete { table, .. } | Self::CreateTrigger { table, .. } | Self::DropTrigger { table, .. } => {
                vec![table]
            }
            Self::Insert { table, from, .. } => std::iter::once(table).chain(from).collect(),
            Self::CreateTable { table, columns, constraints, partition_of, .. } => std::iter::once(table)
                .chain(partition_of)
                .chain(constraints.iter().filter_map(TableConstraint::references))
                .chain(columns.iter().flat_map(|c| c.constraints.iter().filter_map(TableConstraint::references)))
                .collect(),
            Self::DropTable { tables, .. } => tables.iter().collect(),
            Self::Comment { table, .. } => table.iter().collect(),
            Self::Known { target, .. } => target.iter().collect(),
            _ => Vec::new(),
        }
    }
}

impl TableConstraint {
    /// The table a foreign key points at.
    pub fn references(&self) -> Option<&ObjectName> {
        match &self.body {
            ConstraintBody::ForeignKey { table, .. } => Some(table),
            _ => None,
        }
    }
}
