//! One statement's words → a [`Statement`]. What starts with a verb of PostgreSQL always gets one; the rest is a [`Problem`].

use super::alter::alter_table;
use super::cursor::{Cursor, Read};
use super::lex::Kind;
use super::statement::{Problem, Statement};
use super::{dml, index, known, seam, upkeep, words};

pub(super) fn classify(c: &mut Cursor<'_>, problems: &mut Vec<Problem>) -> Read<Statement> {
    let mut statement = by_verb(c, problems)?;
    if let Statement::Known { rest, .. } = &mut statement
        && rest.is_empty()
    {
        c.rest().clone_into(rest);
    }
    Ok(statement)
}

fn by_verb(c: &mut Cursor<'_>, problems: &mut Vec<Problem>) -> Read<Statement> {
    let first = c.shown(0);
    if c.is_mark("(") {
        return Ok(Statement::Select);
    }
    let verb = c.peek().is_some_and(|t| t.kind == Kind::Word) && words::is_verb(first);
    if !verb {
        return Err(unknown_verb(c, first));
    }
    if let Some(problem) = seam::seam(c) {
        return Err(problem);
    }
    if c.eat("alter table") {
        alter_table(c, problems)
    } else if c.is("create index") || c.is("create unique index") {
        c.at += 1;
        index::create_index(c)
    } else if c.eat("drop index") {
        index::drop_index(c)
    } else if c.eat("alter index") {
        index::alter_index(c)
    } else if c.eat("create") {
        known::create_any(c, problems)
    } else if c.eat("alter") {
        known::alter_any(c)
    } else if c.eat("drop") {
        known::drop_any(c)
    } else if c.eat("comment") {
        known::comment(c)
    } else if c.eat("update") {
        dml::update(c)
    } else if c.eat("delete") {
        dml::delete(c)
    } else if c.eat("insert") {
        dml::insert(c)
    } else {
        upkeep::other_verb(c)
    }
}

const MYSQL_VERBS: &[&str] =
    &["delimiter", "describe", "flush", "optimize", "purge", "rename", "repair", "replace", "unlock", "use"];

fn unknown_verb(c: &Cursor<'_>, first: &str) -> Problem {
    let problem = c.problem(format!("`{}` starts no statement of PostgreSQL", super::brief(first)));
    match words::nearest(words::VERBS, first) {
        _ if MYSQL_VERBS.iter().any(|v| first.eq_ignore_ascii_case(v)) => {
            problem.hint(format!("`{}` is MySQL's.", first.to_ascii_uppercase()))
        }
        _ if first.starts_with('#') => problem.hint("Comments start with `--`."),
        Some(near) => problem.hint(format!("Did you mean `{}`?", near.to_ascii_uppercase())),
        None => problem.hint("A statement starts with a verb: ALTER, CREATE, DROP, UPDATE …"),
    }
}
