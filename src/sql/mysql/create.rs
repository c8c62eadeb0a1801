//! CREATE TABLE whole, views and triggers.

use super::statement::{CreateTable, IndexKind, Statement};
use super::{Reading, alter, index, options};
use crate::sql::cursor::{Cursor, Read};
use crate::sql::dml::tables_read;
use crate::sql::statement::Problem;

/// Behind `CREATE [OR REPLACE] [TEMPORARY] TABLE`.
pub(super) fn table(
    c: &mut Cursor<'_>,
    or_replace: bool,
    temporary: bool,
    problems: &mut Vec<Problem>,
) -> Read<Statement> {
    let if_not_exists = c.eat("if not exists");
    let table = c.name("the table's name")?;
    let mut create = CreateTable {
        table,
        if_not_exists,
        or_replace,
        temporary,
        columns: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        options: Vec::new(),
        partition_by: None,
        like: None,
        select_from: None,
    };
    if c.eat("like") {
        create.like = Some(c.name("a table")?);
        c.done()?;
        return Ok(Statement::CreateTable(create));
    }
    if c.is_mark("(") {
        let mut inner = c.parens()?;
        if inner.eat("like") {
            create.like = Some(inner.name("a table")?);
            inner.done()?;
            c.done()?;
            return Ok(Statement::CreateTable(create));
        }
        if inner.is("select") || inner.is("with") || inner.is_mark("(") {
            create.select_from = Some(tables_read(&mut inner));
        } else {
            for mut piece in inner.split_commas() {
                if let Err(problem) = part(&mut piece, &mut create) {
                    problems.push(problem);
                }
            }
        }
    }
    tail(c, &mut create)?;
    if create.columns.is_empty() && create.select_from.is_none() && problems.is_empty() {
        return Err(c.missing("`(` and the columns"));
    }
    Ok(Statement::CreateTable(create))
}

/// A column, a key or a constraint.
fn part(c: &mut Cursor<'_>, create: &mut CreateTable) -> Read<()> {
    if c.ended() {
        return Err(c.missing("a column"));
    }
    if c.is("period for") {
        create.options.push(("period".into(), c.rest().to_owned()));
        return Ok(());
    }
    match index::item(c)? {
        Some(index::Item::Index(def) | index::Item::Primary(def)) => create.indexes.push(def),
        Some(index::Item::Foreign(def)) => create.foreign_keys.push(def),
        Some(index::Item::Check(def)) => create.checks.push(def),
        None => create.columns.push(alter::named(c)?),
    }
    c.done()
}

/// Options, PARTITION BY, AS SELECT.
fn tail(c: &mut Cursor<'_>, create: &mut CreateTable) -> Read<()> {
    loop {
        if let Some(option) = options::option(c)? {
            create.options.push(option);
            c.eat_mark(",");
        } else if c.is("partition by") {
            let from = c.at;
            c.skip_to(&["as", "select", "ignore", "replace"]);
            create.partition_by = Some(c.since(from).to_owned());
        } else {
            break;
        }
    }
    let _ = c.eat("ignore") || c.eat("replace");
    let said = c.eat("as");
    if c.is("select") || c.is("with") || c.is("table") || c.is("values") || (said && c.is_mark("(")) {
        let read = if c.eat("table") { c.names("a table")? } else { tables_read(c) };
        create.select_from = Some(read);
        c.at = c.tokens.len();
    }
    if c.is_any(&["inherits", "tablespace", "without oids"]) {
        return Err(c.problem(format!("`{}` is PostgreSQL's", c.shown(0).to_ascii_uppercase())));
    }
    c.done()
}

/// Behind `CREATE … VIEW`.
pub(super) fn view(c: &mut Cursor<'_>, or_replace: bool) -> Read<Statement> {
    c.eat("if not exists");
    let name = c.name("the view's name")?;
    let columns = if c.is_mark("(") { c.columns()? } else { Vec::new() };
    c.expect("as")?;
    if c.ended() {
        return Err(c.missing("a query"));
    }
    let from = tables_read(c);
    Ok(Statement::CreateView { name, or_replace, columns, from })
}

/// Behind `CREATE … TRIGGER`.
pub(super) fn trigger(c: &mut Cursor<'_>) -> Read<Statement> {
    c.eat("if not exists");
    let name = c.name("the trigger's name")?;
    if !(c.eat("before") || c.eat("after")) {
        return Err(c.missing("BEFORE or AFTER"));
    }
    if !(c.eat("insert") || c.eat("update") || c.eat("delete")) {
        return Err(c.missing("INSERT, UPDATE or DELETE"));
    }
    while c.eat("or") {
        c.at += 1;
    }
    c.expect("on")?;
    let table = c.name("the table's name")?;
    if c.is_any(&["for each statement", "for each row execute", "execute"]) {
        return Err(c
            .problem("a trigger that calls a function is PostgreSQL's")
            .hint("Write its body behind `FOR EACH ROW`: one statement, or BEGIN … END."));
    }
    c.expect("for each row")?;
    if c.ended() {
        return Err(c.missing("the trigger's body"));
    }
    c.at = c.tokens.len();
    Ok(Statement::CreateTrigger { name, table })
}

/// Behind `CREATE`: `UNIQUE INDEX` and its like; eaten up to INDEX.
pub(super) fn index_kind(c: &mut Cursor<'_>) -> Option<IndexKind> {
    [
        ("unique index", IndexKind::Unique),
        ("unique key", IndexKind::Unique),
        ("fulltext index", IndexKind::Fulltext),
        ("fulltext key", IndexKind::Fulltext),
        ("spatial index", IndexKind::Spatial),
        ("spatial key", IndexKind::Spatial),
        ("vector index", IndexKind::Vector),
        ("vector key", IndexKind::Vector),
        ("index", IndexKind::Plain),
        ("key", IndexKind::Plain),
    ]
    .into_iter()
    .find(|(words, _)| c.eat(words))
    .map(|(_, kind)| kind)
}

/// Behind `DROP`: tables, views, triggers, indexes; none of them: nothing is eaten.
pub(super) fn drop(c: &mut Cursor<'_>, reading: Reading) -> Read<Option<Statement>> {
    let temporary = c.is("temporary table");
    if temporary {
        c.at += 1;
    }
    if c.eat("table") || c.eat("tables") {
        let if_exists = c.eat("if exists");
        let tables = c.names("a table")?;
        let _ = alter::wait(c);
        let _ = c.eat("restrict") || c.eat("cascade");
        c.done()?;
        return Ok(Some(Statement::DropTable { tables, if_exists, temporary }));
    }
    if c.eat("view") {
        let if_exists = c.eat("if exists");
        let names = c.names("a view")?;
        let _ = c.eat("restrict") || c.eat("cascade");
        c.done()?;
        return Ok(Some(Statement::DropView { names, if_exists }));
    }
    if c.eat("trigger") {
        let if_exists = c.eat("if exists");
        let name = c.name("the trigger's name")?;
        if c.is("on") {
            return Err(c
                .problem("`ON table` behind DROP TRIGGER is PostgreSQL's")
                .hint("Leave it out: a trigger's name is the database's here."));
        }
        c.done()?;
        return Ok(Some(Statement::DropTrigger { name, if_exists }));
    }
    if c.eat("index") {
        return alter::drop_index(c, reading).map(Some);
    }
    Ok(None)
}
