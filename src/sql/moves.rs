//! `ALTER <object> name RENAME TO other` and `SET SCHEMA other`, for objects that are no table and no index.

use super::cursor::Cursor;
use super::statement::{ObjectName, Statement};
use crate::model::{Ident, TableName};

/// A new name, or a new schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// `view`, `materialized-view`, `foreign-table`, `sequence`, `domain`, `function`, `procedure`, `schema` …
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

impl Destination {
    /// Where a relation, type or function of that name is afterwards.
    pub fn of(&self, from: &TableName) -> TableName {
        match self {
            Self::Name(name) => TableName { schema: from.schema.clone(), name: name.clone() },
            Self::Schema(schema) => TableName { schema: schema.clone(), name: from.name.clone() },
        }
    }
}

const MOVABLE: &[&str] = &[
    "view",
    "materialized-view",
    "foreign-table",
    "sequence",
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

/// The names in `DROP <object> [IF EXISTS] a, b [CASCADE]`.
pub fn dropped(text: &str) -> Vec<ObjectName> {
    let mut tokens = Vec::new();
    let mut lexer = super::lex::Lexer::new(text);
    while let Some(item) = lexer.next() {
        if let Ok(super::lex::Item::Token(token)) = item {
            tokens.push(token);
        }
    }
    let mut c = Cursor::new(text, &tokens);
    c.eat("drop");
    // The object is one word, for those that are asked for.
    c.at += 1;
    c.eat("if exists");
    let mut names = Vec::new();
    while let Ok(name) = c.name("a name") {
        names.push(name);
        if !c.eat_mark(",") {
            break;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_names_are_found() {
        let names = dropped("DROP SCHEMA IF EXISTS \"Old Things\", b CASCADE");
        assert_eq!(names.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["Old Things", "b"]);
    }
}
