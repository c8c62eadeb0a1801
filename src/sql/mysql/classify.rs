//! One statement's words → a statement of the tree. What starts with a verb of the engine always gets one; the rest is a
//! [`Problem`].

use super::others::known;
use super::statement::{Maintenance, Statement};
use super::{Reading, alter, create, others, rows, words};
use crate::sql;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::lex::Kind;
use crate::sql::seam;
use crate::sql::statement::Problem;
use std::ops::Range;

pub(super) type Found = Vec<(Range<usize>, sql::Statement)>;

pub(super) fn classify(c: &mut Cursor<'_>, reading: Reading, problems: &mut Vec<Problem>) -> Read<Found> {
    let before = problems.len();
    let found = by_verb(c, reading, problems);
    for problem in problems.iter_mut().skip(before) {
        hint(problem, c.text);
    }
    found.map_err(|mut problem| {
        hint(&mut problem, c.text);
        problem
    })
}

/// Habits of other engines that show in many places.
fn hint(problem: &mut Problem, text: &str) {
    let here = text.get(problem.span.start..).unwrap_or("");
    if here.starts_with("::") {
        problem.hint = Some("`::` casts in PostgreSQL: write `CAST(… AS type)`, or leave it out.".into());
    } else if problem.hint.is_none() && here.starts_with('"') && problem.message.contains("expected before") {
        problem.hint = Some("Double quotes are for texts: write the name plain or in backticks.".into());
    } else if problem.hint.is_none() && here.starts_with("$") {
        problem.hint = Some("`$$` quotes texts in PostgreSQL: write the body itself, between BEGIN and END.".into());
    }
}

fn by_verb(c: &mut Cursor<'_>, reading: Reading, problems: &mut Vec<Problem>) -> Read<Found> {
    let span = c.tokens.first().map_or(0, |t| t.start)..c.tokens.last().map_or(0, |t| t.end);
    let first = c.shown(0);
    if c.is_mark("(") {
        return Ok(vec![(span, sql::Statement::Select)]);
    }
    let verb = c.peek().is_some_and(|t| t.kind == Kind::Word) && words::is_verb(first);
    if !verb {
        return Err(others::unknown_verb(c, first));
    }
    if !is_routine(c)
        && let Some(problem) = seam(c)
    {
        return Err(problem);
    }
    if c.is("set") && !c.is("set statement") {
        c.at = 1;
        return others::set(c, span.start);
    }
    let mut settings = Vec::new();
    if reading.mariadb && c.eat("set statement") {
        settings = others::statement_settings(c)?;
    } else if c.is("set statement") {
        return Err(alter::only_mariadb(c, "SET STATEMENT"));
    }
    let statement = match shared(c)? {
        Some(statement) => statement,
        None => {
            let mut statement = own(c, reading, problems)?;
            if let Statement::AlterTable(alter) = &mut statement {
                alter.settings = settings;
            }
            sql::Statement::Mysql(Box::new(statement))
        }
    };
    Ok(vec![(span, statement)])
}

/// A body may hold anything.
fn is_routine(c: &Cursor<'_>) -> bool {
    let mut walk = c.clone();
    if !(walk.eat("create") || walk.eat("alter") || walk.is("begin not atomic")) {
        return false;
    }
    walk.is("begin")
        || (0..12).any(|_| {
            let object = walk.is_any(&["procedure", "function", "trigger", "event", "package"]);
            walk.at += 1;
            object
        })
}

fn seam(c: &Cursor<'_>) -> Option<Problem> {
    if c.is_any(&["show", "explain", "describe", "desc", "prepare", "handler", "grant", "revoke"]) {
        return None;
    }
    seam::seam(c)
}

/// What the common tree has a place for.
fn shared(c: &mut Cursor<'_>) -> Read<Option<sql::Statement>> {
    let first = c.shown(0).to_ascii_lowercase();
    let statement = match first.as_str() {
        "begin" if c.is("begin not atomic") => {
            sql::Statement::Opaque { because: "a block of statements that decides at run time".into() }
        }
        "begin" | "commit" | "rollback" | "savepoint" | "release" => sql::Statement::Transaction { verb: first },
        "start" if c.is("start transaction") => sql::Statement::Transaction { verb: first },
        "select" | "show" | "describe" | "desc" | "explain" | "values" | "help" | "checksum" => select(c),
        "table" if c.tokens.len() > 1 => sql::Statement::Select,
        "with" => match with(c)? {
            Some(statement) => sql::Statement::Mysql(Box::new(statement)),
            None => sql::Statement::Select,
        },
        "use" => {
            c.at += 1;
            let name = c.ident("the database's name")?;
            c.done()?;
            sql::Statement::Set { local: false, name: "database".into(), value: name.0 }
        }
        "prepare" | "execute" | "deallocate" => {
            sql::Statement::Opaque { because: "what it runs is made at run time".into() }
        }
        "call" => sql::Statement::Opaque { because: "a procedure may change anything".into() },
        "do" if c.shown(1).starts_with('$') => {
            return Err(c
                .problem(format!("`DO $$ … $$` is PostgreSQL's, not {}'s", c.grammar.engine))
                .hint("Write the statements themselves, or a procedure."));
        }
        "do" => sql::Statement::Select,
        "lock" if c.is("lock instance") => return Ok(None),
        _ => return Ok(None),
    };
    Ok(Some(statement))
}

fn select(c: &Cursor<'_>) -> sql::Statement {
    let mut walk = c.clone();
    walk.skip_to(&["into"]);
    if walk.is_any(&["into outfile", "into dumpfile"]) {
        return sql::Statement::Mysql(Box::new(known("select-into-file", None)));
    }
    let mut walk = c.clone();
    walk.skip_to(&["for update", "for share", "lock in share mode"]);
    if c.is("select") && !walk.ended() {
        let mut from = c.clone();
        from.skip_to(&["from"]);
        let table = if from.eat("from") { from.name("a table").ok() } else { None };
        return sql::Statement::Mysql(Box::new(known("select-for-update", table)));
    }
    sql::Statement::Select
}

/// `WITH x AS (…) UPDATE …`; none for a query.
fn with(c: &mut Cursor<'_>) -> Read<Option<Statement>> {
    let start = c.at;
    c.skip_to(&["update", "delete", "select"]);
    if c.eat("update") {
        return rows::update(c).map(Some);
    }
    if c.eat("delete") {
        return rows::delete(c).map(Some);
    }
    c.at = start;
    Ok(None)
}

fn own(c: &mut Cursor<'_>, reading: Reading, problems: &mut Vec<Problem>) -> Read<Statement> {
    let first = c.shown(0).to_ascii_lowercase();
    let start = c.at;
    c.at += 1;
    match first.as_str() {
        "alter" => alter_any(c, reading, problems),
        "create" => create_any(c, reading, problems),
        "drop" => match create::drop(c, reading)? {
            Some(statement) => Ok(statement),
            None => others::object(c, "drop"),
        },
        "rename" if c.eat("table") || c.eat("tables") => {
            c.eat("if exists");
            let mut pairs = Vec::new();
            loop {
                let from = c.name("the table's name")?;
                let _ = alter::wait(c);
                c.expect("to")?;
                pairs.push((from, c.name("the new name")?));
                if !c.eat_mark(",") {
                    break;
                }
            }
            c.done()?;
            Ok(Statement::RenameTables { pairs })
        }
        "truncate" => {
            c.eat("table");
            let table = c.name("the table's name")?;
            if c.is_mark(",") {
                return Err(c.problem("TRUNCATE takes one table here").hint("Write one TRUNCATE per table."));
            }
            let _ = alter::wait(c);
            c.done()?;
            Ok(Statement::Truncate { table })
        }
        "update" => rows::update(c),
        "delete" => rows::delete(c),
        "insert" => rows::insert(c, false),
        "replace" => rows::insert(c, true),
        "optimize" => others::maintain(c, Maintenance::Optimize),
        "analyze" if c.is_any(&["table", "tables", "local", "no_write_to_binlog"]) => {
            others::maintain(c, Maintenance::Analyze)
        }
        "check" => others::maintain(c, Maintenance::Check),
        "repair" if !c.is("view") => others::maintain(c, Maintenance::Repair),
        "load" => {
            let op = if c.is("data") { "load-data" } else { "load" };
            c.skip_to(&["into table"]);
            let target = if c.eat("into table") { Some(c.name("the table's name")?) } else { None };
            c.at = c.tokens.len();
            Ok(known(op, target))
        }
        "lock" if c.eat("table") || c.eat("tables") => {
            let target = c.name("the table's name")?;
            c.at = c.tokens.len();
            Ok(known("lock-tables", Some(target)))
        }
        "unlock" => Ok(known("unlock-tables", None)),
        _ => {
            if c.at - start > 1 {
                c.at = start + 1;
            }
            if c.ended() && !matches!(first.as_str(), "binlog" | "shutdown" | "restart") {
                return Err(c.missing("more of the statement"));
            }
            c.at = c.tokens.len();
            Ok(known(first, None))
        }
    }
}

fn alter_any(c: &mut Cursor<'_>, reading: Reading, problems: &mut Vec<Problem>) -> Read<Statement> {
    let online = c.is("online table") || c.is("online ignore table");
    if online && !reading.mariadb {
        return Err(alter::only_mariadb(c, "ALTER ONLINE TABLE"));
    }
    c.eat("online");
    let ignore = c.is("ignore table");
    if ignore {
        c.at += 1;
    }
    if c.eat("table") {
        let mut statement = alter::alter_table(c, ignore, reading, problems)?;
        if let (true, Statement::AlterTable(alter)) = (online, &mut statement) {
            alter.lock.get_or_insert(super::statement::LockClause::None);
        }
        return Ok(statement);
    }
    if c.is("index") {
        return Err(c
            .problem(format!("`ALTER INDEX` is PostgreSQL's, not {}'s", c.grammar.engine))
            .hint("Write `ALTER TABLE t RENAME INDEX a TO b`."));
    }
    // ALGORITHM, DEFINER, SQL SECURITY before VIEW and EVENT.
    if c.is_any(&["algorithm", "definer", "sql security"]) {
        c.skip_to(&["view", "event"]);
    }
    others::object(c, "alter")
}

fn create_any(c: &mut Cursor<'_>, reading: Reading, problems: &mut Vec<Problem>) -> Read<Statement> {
    let or_replace = c.eat("or replace");
    if c.is("temp table") {
        return Err(c.problem("`TEMP` is PostgreSQL's").hint("Write `TEMPORARY`."));
    }
    let temporary = c.is("temporary table") || c.is("temporary sequence");
    if temporary {
        c.at += 1;
    }
    if c.eat("table") {
        return create::table(c, or_replace, temporary, problems);
    }
    let mark = c.at;
    if let Some(kind) = create::index_kind(c) {
        return alter::create_index(c, kind, reading);
    }
    c.at = mark;
    if c.is_any(&["algorithm", "definer", "sql security"]) {
        c.skip_to(&["view", "trigger", "event", "procedure", "function", "aggregate", "package"]);
    }
    if c.eat("view") {
        return create::view(c, or_replace);
    }
    if c.eat("trigger") {
        return create::trigger(c);
    }
    if c.is_any(&["function", "procedure"]) {
        let dollars = c.tokens.iter().any(|t| t.kind == Kind::Text && t.of(c.text).starts_with('$'));
        let postgresql = c.tokens.windows(2).any(|w| match w {
            [a, b] => {
                a.of(c.text).eq_ignore_ascii_case("language")
                    && ["plpgsql", "sql"].iter().any(|l| b.of(c.text).trim_matches('\'').eq_ignore_ascii_case(l))
            }
            _ => false,
        });
        if dollars && postgresql {
            return Err(c
                .problem(format!("a body between `$$` is PostgreSQL's, not {}'s", c.grammar.engine))
                .hint("Write the body itself: one statement, or BEGIN … END."));
        }
    }
    others::object(c, "create")
}
