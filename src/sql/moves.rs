//! `ALTER <object> name RENAME TO other` and `SET SCHEMA other`, for objects that are no table and no index.

use super::cursor::Cursor;
use super::statement::{ObjectName, Statement};
use crate::model::Ident;

/// A new name, or a new schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// `view`, `materialized-view`, `foreign-table`, `sequence`, `type`, `domain`, `function`, `procedure`, `schema` …
    pub object: String,
    /// The schema itself, where a schema is renamed.
    pub name: ObjectName,
    /// Of a function: `(integer, text)` as written; empty if left out.
    pub arguments: String,
    pub to: Destination,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    Name(Ident),
    Schema(Ident),
}

const MOVABLE: &[&str] = &[
    "view",
    "materialized-view",
    "foreign-table",
    "sequence",
    "type",
    "domain",
    "function",
    "procedure",
    "routine",
    "aggregate",
    "schema",
];

/// Behind `ALTER <object> [IF EXISTS]`; `None` if the statement does something else.
pub(super) fn moved(c: &mut Cursor<'_>, object: &str) -> Option<Statement> {
    if !MOVABLE.contains(&object) {
        return None;
    }
    let mut walk = c.clone();
    let name = walk.name("a name").ok()?;
    let from = walk.at;
    if walk.is_mark("(") {
        walk.skip_balanced();
    }
    let arguments = walk.since(from).to_owned();
    let to = if walk.eat("rename to") {
        Destination::Name(walk.ident("the new name").ok()?)
    } else if walk.eat("set schema") {
        Destination::Schema(walk.ident("the schema").ok()?)
    } else {
        return None;
    };
    walk.ended().then(|| {
        c.at = walk.at;
        Statement::Move(Move { object: object.to_owned(), name, arguments, to })
    })
}
