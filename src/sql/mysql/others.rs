//! Statements that are known by verb and object only, settings, transactions.

use super::names;
use super::statement::{Maintenance, Statement};
use crate::sql;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::lex::Kind;
use crate::sql::statement::{ObjectName, Problem};
use crate::sql::words::nearest;
use std::ops::Range;

pub(super) fn known(op: impl Into<String>, target: Option<ObjectName>) -> Statement {
    Statement::Other { op: op.into(), target }
}

/// Longest first where one starts another; true: the name that follows is a table's, view's or sequence's.
const OBJECTS: &[(&str, bool)] = &[
    ("database", false),
    ("schema", false),
    ("event", false),
    ("aggregate function", false),
    ("function", false),
    ("procedure", false),
    ("package body", false),
    ("package", false),
    ("logfile group", false),
    ("resource group", false),
    ("role", false),
    ("server", false),
    ("spatial reference system", false),
    ("undo tablespace", false),
    ("tablespace", false),
    ("user", false),
    ("view", true),
    ("sequence", true),
    ("instance", false),
    ("catalog", false),
    ("library", false),
    ("prepare", false),
    ("json", false),
];

/// PostgreSQL's objects, and what stands for them.
const POSTGRESQL: &[(&str, &str)] = &[
    ("type", "Write an ENUM column: `status ENUM('new', 'done')`."),
    ("domain", "Write the type and a CHECK at each column."),
    ("extension", "There are none here: leave it out."),
    ("materialized view", "Make a table and fill it."),
    ("policy", "There is no row security here: leave it out."),
    ("sequence", "Write AUTO_INCREMENT at the column."),
    ("rule", "Write a trigger."),
    ("publication", "Replication is set up outside of the schema here."),
    ("subscription", "Replication is set up outside of the schema here."),
    ("statistics", "Write `ANALYZE TABLE t UPDATE HISTOGRAM ON a, b`."),
    ("unlogged table", "Leave UNLOGGED out."),
];

/// Behind CREATE, ALTER, DROP, where it is no table, index, view or trigger of the tree's own.
pub(super) fn object(c: &mut Cursor<'_>, verb: &str) -> Read<Statement> {
    if c.ended() {
        return Err(c.missing(&format!("what to {verb}")));
    }
    for (words, named) in OBJECTS {
        if *words == "sequence" && c.grammar.engine != "MariaDB" || !c.eat(words) {
            continue;
        }
        let op = format!("{verb}-{}", words.replace(' ', "-"));
        if c.ended() {
            return Err(c.missing("a name"));
        }
        if !named {
            c.at = c.tokens.len();
            return Ok(known(op, None));
        }
        let _ = c.eat("if not exists") || c.eat("if exists");
        let target = c.name("a name")?;
        c.at = c.tokens.len();
        return Ok(known(op, Some(target)));
    }
    for (words, hint) in POSTGRESQL {
        if c.is(words) {
            let (shown, engine) = (words.to_ascii_uppercase(), c.grammar.engine);
            return Err(c.problem(format!("`{shown}` is PostgreSQL's, not {engine}'s")).hint(*hint));
        }
    }
    let shown = c.shown(0);
    let problem = c.problem(format!("`{}` is nothing that {} knows", sql::brief(shown), verb.to_ascii_uppercase()));
    let kinds: Vec<&str> =
        OBJECTS.iter().map(|(words, _)| *words).chain(["table", "index", "trigger", "temporary table"]).collect();
    Err(match nearest(&kinds, shown) {
        Some(near) => problem.hint(format!("Did you mean `{}`?", near.to_ascii_uppercase())),
        None => problem.hint(format!("Write what to {verb}: TABLE, INDEX, VIEW …")),
    })
}

/// Behind OPTIMIZE, ANALYZE, CHECK, REPAIR.
pub(super) fn maintain(c: &mut Cursor<'_>, verb: Maintenance) -> Read<Statement> {
    let _ = c.eat("no_write_to_binlog") || c.eat("local");
    if !c.eat("table") {
        c.expect("tables")?;
    }
    let tables = c.names("a table")?;
    c.at = c.tokens.len();
    Ok(Statement::Maintain { verb, tables })
}

/// Behind `SET`: each assignment in its own place.
pub(super) fn set(c: &mut Cursor<'_>, start: usize) -> Read<Vec<(Range<usize>, sql::Statement)>> {
    let end = c.tokens.last().map_or(start, |t| t.end);
    let one = |statement: Statement| vec![(start..end, sql::Statement::Mysql(Box::new(statement)))];
    if c.ended() {
        return Err(c.missing("a setting's name"));
    }
    for (words, op) in [
        ("transaction", "set-transaction"),
        ("session transaction", "set-transaction"),
        ("local transaction", "set-transaction"),
        ("global transaction", "set-global"),
        ("password", "set-password"),
        ("role", "set-role"),
        ("default role", "set-role"),
        ("resource group", "set-resource-group"),
    ] {
        if c.is(words) {
            return Ok(one(known(op, None)));
        }
    }
    for words in ["names", "character set", "charset"] {
        if c.eat(words) {
            let value = c.rest().to_owned();
            if value.is_empty() {
                return Err(c.missing("a character set"));
            }
            let statement = sql::Statement::Set { local: false, name: "names".into(), value };
            return Ok(vec![(start..end, statement)]);
        }
    }
    let mut found = Vec::new();
    for mut piece in c.split_commas_from() {
        let from = if found.is_empty() { start } else { piece.place().start };
        let statement = assignment(&mut piece)?;
        let end = piece.tokens.last().map_or(from, |t| t.end);
        found.push((from..end, statement));
    }
    Ok(found)
}

/// `[GLOBAL|SESSION|…] name = value`, `@@session.name = value`, `@v := value`.
fn assignment(c: &mut Cursor<'_>) -> Read<sql::Statement> {
    let mut wide = c.is_any(&["global", "persist", "persist_only"]) && c.shown(1) != "=";
    if wide || (c.is_any(&["session", "local"]) && c.shown(1) != "=") {
        c.at += 1;
    }
    let Some(token) = c.peek() else { return Err(c.missing("a setting's name")) };
    let name = match token.kind {
        Kind::Param => {
            c.at += 1;
            let raw = token.of(c.text).to_ascii_lowercase();
            let system = raw.strip_prefix("@@");
            wide |= system.is_some_and(|s| s.starts_with("global.") || s.starts_with("persist"));
            match system {
                Some(system) => system.trim_start_matches("session.").trim_start_matches("local.").to_owned(),
                None => raw,
            }
        }
        _ => {
            let name = c.name("a setting's name")?;
            match name.schema {
                Some(schema) => format!("{schema}.{}", name.name).to_ascii_lowercase(),
                None => name.name.as_str().to_ascii_lowercase(),
            }
        }
    };
    if !c.eat_mark("=") && !c.eat_mark(":=") {
        if c.is("to") {
            return Err(c.problem("`SET name TO value` is PostgreSQL's").hint("Write `SET name = value`."));
        }
        return Err(c.missing("`=`"));
    }
    if c.ended() {
        return Err(c.missing("a value"));
    }
    let alone = c.tokens.len() == c.at + 1;
    let raw = c.rest();
    if wide {
        return Ok(sql::Statement::Mysql(Box::new(known("set-global", None))));
    }
    let value = if alone { names::literal(raw).unwrap_or_else(|| raw.to_owned()) } else { raw.to_owned() };
    Ok(sql::Statement::Set { local: false, name, value })
}

/// MariaDB: behind `SET STATEMENT`, up to and with FOR.
pub(super) fn statement_settings(c: &mut Cursor<'_>) -> Read<Vec<(String, String)>> {
    let mut settings = Vec::new();
    loop {
        let name = c.ident("a setting's name")?;
        c.expect_mark("=")?;
        let from = c.at;
        c.skip_to(&[",", "for"]);
        settings.push((name.as_str().to_ascii_lowercase(), c.since(from).to_owned()));
        if !c.eat_mark(",") {
            break;
        }
    }
    c.expect("for")?;
    Ok(settings)
}

/// First words of PostgreSQL's statements, and typing errors.
pub(super) fn unknown_verb(c: &Cursor<'_>, first: &str) -> Problem {
    let engine = c.grammar.engine;
    let problem = c.problem(format!("`{}` starts no statement of {engine}", sql::brief(first)));
    if super::words::POSTGRESQL_VERBS.iter().any(|v| first.eq_ignore_ascii_case(v)) {
        return problem.hint(format!("`{}` is PostgreSQL's.", first.to_ascii_uppercase()));
    }
    match nearest(super::words::VERBS, first) {
        Some(near) => problem.hint(format!("Did you mean `{}`?", near.to_ascii_uppercase())),
        None => problem.hint("A statement starts with a verb: ALTER, CREATE, DROP, UPDATE …"),
    }
}
