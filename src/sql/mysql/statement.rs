//! The tree of MySQL's and MariaDB's statements. Like [`crate::sql::Statement`], every piece of user text is a verbatim slice.
//! It is a tree of its own because an ALTER TABLE is one unit here: its specifications run together, in the class of the worst.

use crate::model::Ident;
use crate::model::catalog::GeneratedKind;
use crate::sql::ObjectName;
use std::ops::Range;

/// `schema` of an [`ObjectName`] is the database.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    AlterTable(AlterTable),
    CreateTable(CreateTable),
    DropTable {
        tables: Vec<ObjectName>,
        if_exists: bool,
        temporary: bool,
    },
    /// `RENAME TABLE a TO b, c TO d`: all or nothing.
    RenameTables {
        pairs: Vec<(ObjectName, ObjectName)>,
    },
    Truncate {
        table: ObjectName,
    },
    Update(Rows),
    Delete(Rows),
    Insert {
        table: ObjectName,
        columns: Vec<Ident>,
        /// Tables its SELECT reads; empty for VALUES.
        from: Vec<ObjectName>,
        /// REPLACE, or ON DUPLICATE KEY UPDATE: it may change rows that are there.
        replaces: bool,
        /// INSERT IGNORE.
        ignore: bool,
    },
    /// Its definition stands in the text.
    CreateTrigger {
        name: ObjectName,
        table: ObjectName,
    },
    DropTrigger {
        name: ObjectName,
        if_exists: bool,
    },
    CreateView {
        name: ObjectName,
        or_replace: bool,
        /// As listed behind its name; empty: those of the query.
        columns: Vec<Ident>,
        from: Vec<ObjectName>,
    },
    DropView {
        names: Vec<ObjectName>,
        if_exists: bool,
    },
    /// OPTIMIZE, ANALYZE, CHECK, REPAIR TABLE.
    Maintain {
        verb: Maintenance,
        tables: Vec<ObjectName>,
    },
    /// Known by verb and object (`create-procedure`, `grant`, `create-database`, …), planned by no kind.
    Other {
        op: String,
        target: Option<ObjectName>,
    },
}

impl Statement {
    /// The table that it creates.
    pub fn makes(&self) -> Option<&ObjectName> {
        match self {
            Self::CreateTable(create) => Some(&create.table),
            _ => None,
        }
    }

    /// Tables that get another name: from, to.
    pub fn renames(&self) -> Vec<(&ObjectName, &ObjectName)> {
        match self {
            Self::RenameTables { pairs } => pairs.iter().map(|(from, to)| (from, to)).collect(),
            Self::AlterTable(alter) => alter
                .specs
                .iter()
                .filter_map(|s| match &s.action {
                    Action::RenameTable { to } => Some((&alter.table, to)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maintenance {
    Optimize,
    Analyze,
    Check,
    Repair,
}

/// ALTER TABLE, and CREATE INDEX and DROP INDEX, which the server runs as one.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterTable {
    pub table: ObjectName,
    pub written: Written,
    /// MariaDB.
    pub if_exists: bool,
    /// MariaDB: `ALTER IGNORE TABLE`, which drops rows that break a new key.
    pub ignore: bool,
    /// MariaDB: `NOWAIT`, `WAIT n`, as written.
    pub wait: Option<String>,
    /// MariaDB: of `SET STATEMENT name = value FOR`; name in lower case.
    pub settings: Vec<(String, String)>,
    pub specs: Vec<Spec>,
    pub algorithm: Option<Algorithm>,
    pub lock: Option<LockClause>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    AlterTable,
    CreateIndex,
    DropIndex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    Default,
    Instant,
    /// MariaDB.
    Nocopy,
    Inplace,
    Copy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockClause {
    Default,
    None,
    Shared,
    Exclusive,
}

/// One comma-separated specification of an ALTER TABLE. `ADD (a INT, b INT)` is two of the same span.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Byte range in the script's text.
    pub span: Range<usize>,
    pub text: String,
    pub action: Action,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    AddColumn {
        column: Box<ColumnDef>,
        position: Option<Position>,
        if_not_exists: bool,
    },
    DropColumn {
        column: Ident,
        if_exists: bool,
    },
    ModifyColumn {
        column: Box<ColumnDef>,
        position: Option<Position>,
        if_exists: bool,
    },
    ChangeColumn {
        from: Ident,
        column: Box<ColumnDef>,
        position: Option<Position>,
        if_exists: bool,
    },
    RenameColumn {
        from: Ident,
        to: Ident,
        if_exists: bool,
    },
    /// As written behind SET DEFAULT; with its parentheses if it has any.
    SetDefault {
        column: Ident,
        default: String,
        if_exists: bool,
    },
    DropDefault {
        column: Ident,
        if_exists: bool,
    },
    SetColumnVisible {
        column: Ident,
        visible: bool,
    },
    AddIndex(IndexDef),
    DropIndex {
        name: Ident,
        if_exists: bool,
    },
    RenameIndex {
        from: Ident,
        to: Ident,
        if_exists: bool,
    },
    /// MySQL's INVISIBLE, MariaDB's IGNORED.
    SetIndexVisible {
        name: Ident,
        visible: bool,
        if_exists: bool,
    },
    AddPrimaryKey(IndexDef),
    DropPrimaryKey,
    AddForeignKey(ForeignKeyDef),
    DropForeignKey {
        name: Ident,
        if_exists: bool,
    },
    AddCheck(CheckDef),
    SetCheckEnforced {
        name: Ident,
        enforced: bool,
    },
    /// DROP CONSTRAINT, DROP CHECK: a check, a key or a foreign key.
    DropConstraint {
        name: Ident,
        if_exists: bool,
    },
    RenameTable {
        to: ObjectName,
    },
    ConvertCharset {
        charset: String,
        collation: Option<String>,
    },
    /// Name in lower case, words joined by a blank: `engine`, `row_format`, `comment`, `auto_increment`, `default character set`,
    /// `default collate`, `encryption`, `stats_persistent`, …; value verbatim.
    Option {
        name: String,
        value: String,
    },
    Force,
    OrderBy {
        columns: String,
    },
    EnableKeys {
        enable: bool,
    },
    /// DISCARD (`import` false) or IMPORT TABLESPACE.
    Tablespace {
        import: bool,
    },
    Partition(PartitionAction),
    /// MariaDB: ADD or DROP SYSTEM VERSIONING.
    SystemVersioning {
        add: bool,
    },
    /// MariaDB: ADD or DROP PERIOD FOR …; from FOR on, as written.
    Period {
        add: bool,
        text: String,
    },
    /// Not understood: the strongest lock, unknown work.
    Unknown {
        because: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    First,
    After(Ident),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDef {
    pub name: Ident,
    /// Verbatim, with UNSIGNED and ZEROFILL, without character set and collation: `varchar(32)`, `int unsigned`.
    pub data_type: String,
    pub charset: Option<String>,
    pub collation: Option<String>,
    /// `NOT NULL` true, `NULL` false.
    pub not_null: Option<bool>,
    /// Verbatim, with its parentheses if it has any.
    pub default: Option<String>,
    pub on_update: Option<String>,
    pub auto_increment: bool,
    pub invisible: bool,
    pub generated: Option<(String, GeneratedKind)>,
    /// Inline UNIQUE [KEY].
    pub unique: bool,
    /// Inline PRIMARY KEY.
    pub primary: bool,
    pub check: Option<CheckDef>,
    /// Inline REFERENCES: MySQL up to 8.x reads it and does nothing, MariaDB 10.5+ and MySQL 9 make a foreign key.
    pub references: Option<ForeignKeyDef>,
    /// The literal's value.
    pub comment: Option<String>,
    /// What else was written, word by word: `COLUMN_FORMAT FIXED`, `SRID 4326`, `COMPRESSED`, `WITHOUT SYSTEM VERSIONING`.
    pub extra: Vec<String>,
    /// All that stands behind the name, without FIRST and AFTER.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    Plain,
    Unique,
    Fulltext,
    Spatial,
    /// MariaDB 11.7.
    Vector,
    Primary,
}

#[derive(Debug, Clone, PartialEq)]
pub struct IndexDef {
    pub kind: IndexKind,
    /// None: the server names it after its first column.
    pub name: Option<Ident>,
    pub if_not_exists: bool,
    pub parts: Vec<KeyPart>,
    pub invisible: bool,
    /// `USING BTREE COMMENT 'x'` …, verbatim.
    pub options: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct KeyPart {
    /// None for an expression.
    pub column: Option<Ident>,
    pub prefix: Option<u32>,
    /// With its parentheses.
    pub expression: Option<String>,
    pub descending: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKeyDef {
    /// Of CONSTRAINT; the server makes one up (`t_ibfk_1`).
    pub name: Option<Ident>,
    /// MariaDB.
    pub if_not_exists: bool,
    /// The index's name between FOREIGN KEY and the columns.
    pub index: Option<Ident>,
    pub columns: Vec<Ident>,
    pub table: ObjectName,
    pub referenced: Vec<Ident>,
    /// `ON DELETE …`, `ON UPDATE …`, `MATCH …`, verbatim.
    pub actions: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CheckDef {
    pub name: Option<Ident>,
    /// MariaDB.
    pub if_not_exists: bool,
    /// Without the outer parentheses.
    pub expression: String,
    pub enforced: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PartitionAction {
    /// From PARTITION BY on.
    By {
        text: String,
    },
    Remove,
    /// `PARTITIONS n` of HASH or KEY has no names.
    Add {
        names: Vec<Ident>,
        text: String,
        if_not_exists: bool,
    },
    Drop {
        names: Vec<Ident>,
        if_exists: bool,
    },
    /// No names: ALL.
    Truncate {
        names: Vec<Ident>,
    },
    Coalesce {
        count: String,
    },
    Reorganize {
        names: Vec<Ident>,
        text: String,
    },
    Exchange {
        name: Ident,
        table: ObjectName,
        validation: bool,
    },
    /// ANALYZE, CHECK, OPTIMIZE, REBUILD, REPAIR; no names: ALL.
    Maintain {
        verb: String,
        names: Vec<Ident>,
    },
    /// DISCARD or IMPORT … TABLESPACE.
    Tablespace {
        import: bool,
        names: Vec<Ident>,
    },
    /// MariaDB: CONVERT PARTITION p TO TABLE t.
    ConvertOut {
        name: Ident,
        table: ObjectName,
    },
    /// MariaDB: CONVERT TABLE t TO PARTITION p …
    ConvertIn {
        table: ObjectName,
        name: Ident,
        text: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    pub table: ObjectName,
    pub if_not_exists: bool,
    /// MariaDB: OR REPLACE, which drops a table of that name.
    pub or_replace: bool,
    pub temporary: bool,
    pub columns: Vec<ColumnDef>,
    pub indexes: Vec<IndexDef>,
    pub foreign_keys: Vec<ForeignKeyDef>,
    pub checks: Vec<CheckDef>,
    /// Like those of [`Action::Option`].
    pub options: Vec<(String, String)>,
    /// From PARTITION BY on.
    pub partition_by: Option<String>,
    pub like: Option<ObjectName>,
    /// Tables that its SELECT reads; none without one.
    pub select_from: Option<Vec<ObjectName>>,
}

/// UPDATE or DELETE.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub table: ObjectName,
    pub alias: Option<Ident>,
    /// Of UPDATE: column and value, verbatim.
    pub assignments: Vec<(Ident, String)>,
    /// Tables joined to it, as written; empty for one table.
    pub joined: Vec<ObjectName>,
    /// Behind WHERE.
    pub filter: Option<String>,
    /// ORDER BY and LIMIT as written; empty if none.
    pub tail: String,
}
