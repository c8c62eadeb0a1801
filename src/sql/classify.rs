//! One statement's words → a [`Statement`]. What starts with a verb of PostgreSQL always gets one; the rest is a [`Problem`].

use super::alter::alter_table;
use super::cursor::{Cursor, Read};
use super::lex::Kind;
use super::statement::{Problem, Statement};
use super::{dml, index, words};

pub(super) fn classify(c: &mut Cursor<'_>, problems: &mut Vec<Problem>) -> Read<Statement> {
    let first = c.shown(0);
    let query = c.is_mark("(");
    let verb = c.peek().is_some_and(|t| t.kind == Kind::Word) && words::is_verb(first);
    if !query && !verb {
        return Err(unknown_verb(c, first));
    }
    if c.eat("alter table") {
        return alter_table(c, problems);
    }
    if c.is("create index") || c.is("create unique index") {
        c.at += 1;
        return index::create_index(c);
    }
    if c.eat("drop index") {
        return index::drop_index(c);
    }
    if c.eat("alter index") {
        return index::alter_index(c);
    }
    if c.eat("update") {
        return dml::update(c);
    }
    if c.eat("delete") {
        return dml::delete(c);
    }
    if c.eat("insert") {
        return dml::insert(c);
    }
    if c.is_any(&["select", "values", "table"]) || query {
        return Ok(Statement::Select);
    }
    if c.is_any(&["begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"]) {
        return Ok(Statement::Transaction { verb: first.to_ascii_lowercase() });
    }
    if c.eat("set") {
        return set(c);
    }
    Ok(Statement::Opaque { because: format!("sidestep does not look into {} statements", first.to_ascii_uppercase()) })
}

fn unknown_verb(c: &Cursor<'_>, first: &str) -> Problem {
    let problem = c.problem(format!("`{}` starts no statement of PostgreSQL", super::brief(first)));
    match words::nearest(words::VERBS, first) {
        _ if first.eq_ignore_ascii_case("delimiter") => problem.hint("DELIMITER belongs to the mysql client."),
        _ if first == "#" => problem.hint("Comments start with `--`."),
        Some(near) => problem.hint(format!("Did you mean `{}`?", near.to_ascii_uppercase())),
        None => problem.hint("A statement starts with a verb: ALTER, CREATE, DROP, UPDATE …"),
    }
}

/// Behind `SET`.
fn set(c: &mut Cursor<'_>) -> Read<Statement> {
    if c.is_any(&["transaction", "session characteristics", "local transaction", "constraints"]) {
        return Ok(Statement::Known { op: format!("set-{}", c.shown(0).to_ascii_lowercase()), target: None });
    }
    let local = c.eat("local");
    if !local {
        c.eat("session");
    }
    if c.is("role") || c.is("authorization") || c.is("session authorization") {
        return Ok(Statement::Known { op: "set-role".into(), target: None });
    }
    let name = if c.eat("time zone") {
        "timezone".to_owned()
    } else if c.eat("schema") {
        "search_path".to_owned()
    } else {
        let from = c.at;
        c.name("a setting's name")?;
        let name = c.since(from).to_ascii_lowercase();
        if !c.eat_mark("=") && !c.eat("to") {
            return Err(c.missing("`=` or `TO`"));
        }
        name
    };
    if c.ended() {
        return Err(c.missing("a value"));
    }
    let values = c.split_value();
    Ok(Statement::Set { local, name, value: values.join(", ") })
}

impl Cursor<'_> {
    /// The values of a SET, without quotes.
    fn split_value(&mut self) -> Vec<String> {
        let rest = Cursor::new(self.text, self.tokens.get(self.at..).unwrap_or(&[]));
        self.at = self.tokens.len();
        rest.split_commas()
            .into_iter()
            .map(|mut piece| {
                let single = piece.tokens.len() == 1;
                let kind = piece.peek().map(|t| t.kind);
                let raw = piece.rest();
                match kind {
                    Some(Kind::Text) if single && raw.starts_with('\'') => raw.trim_matches('\'').replace("''", "'"),
                    Some(Kind::Quoted) if single => super::cursor::fold(raw).0,
                    _ => raw.to_owned(),
                }
            })
            .collect()
    }
}
