//! The tree that the rest of the code sees. Every piece of user text is a verbatim slice, never re-printed from a parser's tree.

pub use super::create::LikeTable;
use super::data_type::{AlterDomain, AlterType, CreateType};
pub use super::index::AlterIndexAction;
use super::partition::PartitionBy;
pub use super::problem::Problem;
use super::sequence::SequenceOption;
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
        if self.schema.is_none() {
            let other = catalog.search_path.iter().find_map(|schema| {
                let full = TableName { schema: schema.clone(), name: self.name.clone() };
                let there =
                    catalog.views.iter().any(|v| v.name == full && v.kind != crate::model::objects::ViewKind::Rule)
                        || catalog.sequences.iter().any(|s| s.name == full);
                there.then_some(full)
            });
            if let Some(found) = other {
                return found;
            }
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
        /// With `PARTITION OF`: from FOR VALUES or DEFAULT on.
        bounds: String,
        partition_by: Option<PartitionBy>,
        /// `INHERITS (a, b)`.
        inherits: Vec<ObjectName>,
        /// `LIKE table …` among the columns.
        like: Vec<LikeTable>,
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
        /// The statement as written.
        definition: String,
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
    CreateView(super::view::CreateView),
    DropView {
        names: Vec<ObjectName>,
        materialized: bool,
        if_exists: bool,
        cascade: bool,
    },
    /// A new name or schema of an object that is no table and no index.
    Move(super::moves::Move),
    CreateSequence {
        name: ObjectName,
        options: Vec<SequenceOption>,
    },
    AlterSequence {
        name: ObjectName,
        options: Vec<SequenceOption>,
    },
    AlterIndex {
        name: ObjectName,
        if_exists: bool,
        action: AlterIndexAction,
    },
    CreateType(CreateType),
    AlterType(AlterType),
    AlterDomain(AlterDomain),
    Comment {
        /// `table`, `column`, `index`, …
        on: String,
        table: Option<ObjectName>,
        /// The statement as written.
        text: String,
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
        /// The statement as written.
        text: String,
    },
    /// Of a MySQL or MariaDB script.
    Mysql(Box<super::mysql::statement::Statement>),
    /// DO blocks, procedures' bodies, templates, anything unread: strongest lock, unknown work.
    Opaque {
        because: String,
    },
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
        options: Vec<SequenceOption>,
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
    SetSchema {
        schema: Ident,
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
            Self::CreateTable { table, columns, constraints, partition_of, like, .. } => std::iter::once(table)
                .chain(partition_of)
                .chain(like.iter().map(|l| &l.table))
                .chain(constraints.iter().filter_map(TableConstraint::references))
                .chain(columns.iter().flat_map(|c| c.constraints.iter().filter_map(TableConstraint::references)))
                .collect(),
            Self::DropTable { tables, .. } => tables.iter().collect(),
            Self::Comment { table, .. } => table.iter().collect(),
            Self::Known { target, also, .. } => target.iter().chain(also).collect(),
            Self::CreateView(view) => view.query.from.iter().map(|f| &f.relation).collect(),
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
