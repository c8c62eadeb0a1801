//! Verbs without an object of the schema: upkeep (VACUUM, REINDEX …), rights, data.

use super::cursor::{Cursor, Read};
use super::known::{known, known_all};
use super::query::opaque;
use super::statement::{ObjectName, Statement};
use super::{query, session};

/// The verb is at the cursor; it is one of PostgreSQL's.
pub(super) fn other_verb(c: &mut Cursor<'_>) -> Read<Statement> {
    let verb = c.shown(0).to_ascii_lowercase();
    c.at += 1;
    match verb.as_str() {
        "truncate" => {
            c.eat("table");
            let from = c.at;
            let tables = tables(c)?;
            Ok(of_only(c, from, known_all("truncate", tables)))
        }
        "lock" => {
            c.eat("table");
            let from = c.at;
            let tables = tables(c)?;
            Ok(of_only(c, from, known_all("lock-table", tables)))
        }
        "vacuum" => vacuum(c),
        "analyze" | "analyse" => {
            options(c, &["verbose"]);
            Ok(known_all("analyze", if c.ended() { Vec::new() } else { tables(c)? }))
        }
        "cluster" => {
            options(c, &["verbose"]);
            let first = if c.ended() { None } else { Some(c.name("the table's name")?) };
            let table = if c.eat("on") { Some(c.name("the table's name")?) } else { first };
            Ok(known("cluster", table))
        }
        "reindex" => reindex(c),
        "refresh" => {
            c.expect("materialized view")?;
            let op = if c.eat("concurrently") {
                "refresh-materialized-view-concurrently"
            } else {
                "refresh-materialized-view"
            };
            Ok(known(op, Some(c.name("the view's name")?)))
        }
        "grant" | "revoke" => {
            let from = c.at;
            let on = granted_on(c);
            // The privileges and the roles stand on either side of the relations.
            c.at = from;
            Ok(known_all(verb, on))
        }
        "copy" => copy(c),
        "merge" => {
            c.expect("into")?;
            c.eat("only");
            Ok(known("merge", Some(c.name("the table's name")?)))
        }
        "do" => {
            if c.ended() {
                return Err(c.missing("the block's text"));
            }
            Ok(opaque("a DO block may do anything"))
        }
        "call" => Ok(opaque("the body of the procedure that CALL runs is not read")),
        "execute" => Ok(opaque("EXECUTE runs a prepared statement")),
        "prepare" if c.is("transaction") => Ok(Statement::Transaction { verb }),
        "explain" => {
            let runs = c.tokens.iter().any(|t| t.of(c.text).eq_ignore_ascii_case("analyze"));
            Ok(if runs { opaque("EXPLAIN ANALYZE runs the statement that it explains") } else { Statement::Select })
        }
        "with" => Ok(query::with(c)),
        "select" => Ok(query::select(c)),
        "values" | "table" | "show" => Ok(Statement::Select),
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" => {
            Ok(Statement::Transaction { verb })
        }
        "set" => session::set(c),
        "reset" => session::reset(c),
        "import" => Ok(known("import-foreign-schema", None)),
        "reassign" => Ok(known("reassign-owned", None)),
        "security" => Ok(known("security-label", None)),
        other => Ok(known(other, None)),
    }
}

/// With ONLY before the first table the rest says so.
fn of_only(c: &mut Cursor<'_>, from: usize, mut statement: Statement) -> Statement {
    let only = c.tokens.get(from).is_some_and(|t| t.of(c.text).eq_ignore_ascii_case("only"));
    if let (true, Statement::Known { rest, .. }) = (only, &mut statement) {
        *rest = format!("ONLY {}", c.rest()).trim_end().to_owned();
    }
    statement
}

/// `[ONLY] a [*] [(columns)], b …`; what follows the list stays.
fn tables(c: &mut Cursor<'_>) -> Read<Vec<ObjectName>> {
    let mut names = Vec::new();
    loop {
        c.eat("only");
        names.push(c.name("the table's name")?);
        c.eat_mark("*");
        if c.is_mark("(") {
            c.skip_balanced();
        }
        if !c.eat_mark(",") {
            return Ok(names);
        }
    }
}

/// The options in parentheses or as bare words; the words found, lower case.
fn options(c: &mut Cursor<'_>, bare: &[&str]) -> Vec<String> {
    let from = c.at;
    if c.is_mark("(") {
        c.skip_balanced();
    }
    while c.is_any(bare) {
        c.at += 1;
    }
    let tokens = c.tokens.get(from..c.at).unwrap_or(&[]);
    tokens.iter().map(|t| t.of(c.text).to_ascii_lowercase()).collect()
}

/// Is the option on? `(FULL)`, `(FULL true)`, `FULL`; not `(FULL off)`.
fn is_on(options: &[String], name: &str) -> bool {
    options.iter().position(|o| o == name).is_some_and(|at| {
        !options.get(at + 1).is_some_and(|value| ["off", "false", "0", "'off'", "'false'"].contains(&value.as_str()))
    })
}

fn vacuum(c: &mut Cursor<'_>) -> Read<Statement> {
    let options = options(c, &["full", "freeze", "verbose", "analyze", "analyse"]);
    let op = if is_on(&options, "full") { "vacuum-full" } else { "vacuum" };
    Ok(known_all(op, if c.ended() { Vec::new() } else { tables(c)? }))
}

fn reindex(c: &mut Cursor<'_>) -> Read<Statement> {
    let options = options(c, &["verbose"]);
    let kind = c.shown(0).to_ascii_lowercase();
    if !["index", "table", "schema", "database", "system"].contains(&kind.as_str()) {
        return Err(c.missing("INDEX, TABLE, SCHEMA, DATABASE or SYSTEM"));
    }
    c.at += 1;
    let concurrently = c.eat("concurrently") || is_on(&options, "concurrently");
    let op = format!("reindex-{kind}{}", if concurrently { "-concurrently" } else { "" });
    if !["index", "table"].contains(&kind.as_str()) {
        return Ok(known(op, None));
    }
    let target = c.name("a name")?;
    c.done()?;
    Ok(known(op, Some(target)))
}

/// The tables or sequences of a GRANT; none for roles, schemas, functions.
fn granted_on(c: &mut Cursor<'_>) -> Vec<ObjectName> {
    c.skip_to(&["on"]);
    if !c.eat("on") {
        return Vec::new();
    }
    let relation = c.eat("table") || c.eat("sequence");
    let other = [
        "all",
        "database",
        "domain",
        "foreign",
        "function",
        "language",
        "large",
        "parameter",
        "procedure",
        "routine",
        "schema",
        "tablespace",
        "type",
    ];
    // `ON schema TO x`: a table called like a kind.
    if !relation && c.is_any(&other) && !c.shown(1).eq_ignore_ascii_case("to") && c.shown(1) != "," {
        return Vec::new();
    }
    c.names("a table").unwrap_or_default()
}

fn copy(c: &mut Cursor<'_>) -> Read<Statement> {
    if c.is_mark("(") {
        return Ok(known("copy-to", None));
    }
    c.eat("binary");
    let table = c.name("the table's name")?;
    if c.is_mark("(") {
        c.skip_balanced();
    }
    if c.eat("to") {
        return Ok(known("copy-to", Some(table)));
    }
    c.expect("from")?;
    Ok(known("copy", Some(table)))
}
