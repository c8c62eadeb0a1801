//! UPDATE, DELETE, INSERT, REPLACE: the tables and columns they touch.

use super::statement::{Rows, Statement};
use crate::model::Ident;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::dml::tables_read;
use crate::sql::statement::{ObjectName, Problem};

const JOINS: &[&str] = &[
    "join",
    "inner join",
    "cross join",
    "left join",
    "left outer join",
    "right join",
    "right outer join",
    "natural",
    "straight_join",
];

/// Words behind a table that are no alias.
const CLAUSES: &[&str] = &[
    "set",
    "where",
    "order",
    "limit",
    "using",
    "on",
    "partition",
    "use",
    "force",
    "ignore",
    "returning",
    "for",
    "values",
    "value",
    "select",
    "from",
    "as",
    "inner",
    "cross",
    "left",
    "right",
    "natural",
    "join",
    "straight_join",
    "with",
];

/// A table with its alias.
struct Item {
    table: ObjectName,
    alias: Option<Ident>,
}

fn item(c: &mut Cursor<'_>) -> Read<Item> {
    let table = c.name("the table's name")?;
    if c.is("partition") {
        c.at += 1;
        c.parens()?;
    }
    if c.eat("for portion of") {
        c.skip_to(&["set", "where"]);
    }
    let alias = if c.eat("as") || (c.is_ident() && !c.is_any(CLAUSES)) { Some(c.ident("an alias")?) } else { None };
    Ok(Item { table, alias })
}

/// All tables between here and the first of the stops, outside of subqueries.
fn items(c: &mut Cursor<'_>, stops: &[&str]) -> Read<Vec<Item>> {
    let mut found = Vec::new();
    loop {
        if c.is_mark("(") {
            let mut inner = c.parens()?;
            if !inner.is("select") && !inner.is("with") {
                found.extend(items(&mut inner, &[])?);
            }
            c.eat("as");
            if c.is_ident() && !c.is_any(CLAUSES) {
                c.at += 1;
            }
        } else {
            found.push(item(c)?);
        }
        c.skip_to(&[stops, JOINS, &[","]].concat());
        if c.ended() || stops.iter().any(|s| c.is(s)) {
            return Ok(found);
        }
        if !c.eat_mark(",") {
            while !c.ended() && !c.is("join") && !c.is("straight_join") {
                c.at += 1;
            }
            c.at += 1;
        }
        c.eat("lateral");
    }
}

fn modifiers(c: &mut Cursor<'_>) -> bool {
    let mut ignore = false;
    while c.is_any(&["low_priority", "quick", "ignore", "delayed", "high_priority"]) {
        ignore |= c.is("ignore");
        c.at += 1;
    }
    ignore
}

fn returning(c: &Cursor<'_>) -> Problem {
    c.problem(format!("`RETURNING` here is not {}'s", c.grammar.engine)).hint("Leave it out.")
}

/// WHERE, ORDER BY, LIMIT.
fn ending(c: &mut Cursor<'_>) -> Read<(Option<String>, String)> {
    let filter = if c.eat("where") {
        let from = c.at;
        c.skip_to(&["order by", "limit", "returning"]);
        if c.at == from {
            return Err(c.missing("a condition"));
        }
        Some(c.since(from).to_owned())
    } else {
        None
    };
    let from = c.at;
    c.skip_to(&["returning"]);
    let tail = c.since(from).to_owned();
    if !tail.is_empty() && !["order", "limit"].iter().any(|w| tail.get(..5).is_some_and(|t| t.eq_ignore_ascii_case(w)))
    {
        c.at = from;
        return Err(c.unexpected());
    }
    Ok((filter, tail))
}

/// Behind `UPDATE`.
pub(super) fn update(c: &mut Cursor<'_>) -> Read<Statement> {
    modifiers(c);
    let mut tables = items(c, &["set"])?;
    if tables.is_empty() {
        return Err(c.missing("a table"));
    }
    c.expect("set")?;
    let mut assignments = Vec::new();
    let mut qualifier = None;
    loop {
        let from = c.at;
        let name = c.name("a column")?;
        if assignments.is_empty() {
            qualifier.clone_from(&name.schema);
        }
        if c.at - from > 3 {
            qualifier = c.tokens.get(from + 2).map(|t| (c.grammar.fold)(t.of(c.text)));
        }
        if !c.eat_mark("=") {
            c.expect_mark(":=")?;
        }
        let value = c.at;
        c.skip_to(&[",", "where", "order by", "limit", "returning", "from"]);
        if c.at == value {
            return Err(c.missing("a value"));
        }
        assignments.push((name.name, c.since(value).to_owned()));
        if !c.eat_mark(",") {
            break;
        }
    }
    if c.is("from") {
        return Err(c
            .problem("`UPDATE … SET … FROM` is PostgreSQL's")
            .hint("Write `UPDATE a JOIN b ON … SET a.x = b.y`."));
    }
    let (filter, tail) = ending(c)?;
    if c.is("returning") {
        return Err(returning(c));
    }
    // The table that is changed is the one the first assignment names.
    let changed = qualifier
        .and_then(|q| tables.iter().position(|i| i.alias.as_ref().unwrap_or(&i.table.name) == &q || i.table.name == q));
    let main = tables.remove(changed.unwrap_or(0).min(tables.len().saturating_sub(1)));
    let joined = tables.into_iter().map(|i| i.table).collect();
    Ok(Statement::Update(Rows { table: main.table, alias: main.alias, assignments, joined, filter, tail }))
}

/// `a`, `s.a`, `a.*`.
fn target(c: &mut Cursor<'_>) -> Read<ObjectName> {
    let mut name = c.ident("the table's name")?;
    let mut schema = None;
    while c.eat_mark(".") {
        if c.eat_mark("*") {
            break;
        }
        schema = Some(name);
        name = c.ident("the table's name")?;
    }
    Ok(ObjectName { schema, name })
}

/// Behind `DELETE`.
pub(super) fn delete(c: &mut Cursor<'_>) -> Read<Statement> {
    modifiers(c);
    let mut targets: Vec<ObjectName> = Vec::new();
    let mut tables = Vec::new();
    let from = c.eat("from");
    let mut ahead = c.clone();
    ahead.skip_to(&["from", "using", "where", "order by", "limit", "returning"]);
    let many = if from { ahead.is("using") } else { ahead.is("from") };
    if many {
        loop {
            targets.push(target(c)?);
            if !c.eat_mark(",") {
                break;
            }
        }
        if !c.eat("from") {
            c.expect("using")?;
        }
        tables = items(c, &["where", "order by", "limit", "returning"])?;
    } else if from {
        tables.push(item(c)?);
        if c.is_any(JOINS) || c.is_mark(",") {
            return Err(c
                .problem("a DELETE over several tables names those that lose rows")
                .hint("Write `DELETE a FROM a JOIN b ON …`."));
        }
    } else {
        return Err(c.missing("`FROM`"));
    }
    let (filter, tail) = ending(c)?;
    if c.is("returning") {
        if c.grammar.engine != "MariaDB" {
            return Err(returning(c));
        }
        c.at = c.tokens.len();
    }
    let target = targets.first();
    let named = |item: &Item| target.is_some_and(|t| item.alias.as_ref() == Some(&t.name) || item.table.name == t.name);
    let main = tables.iter().position(named).unwrap_or(0).min(tables.len().saturating_sub(1));
    if tables.is_empty() {
        return Err(c.missing("a table"));
    }
    let main = tables.remove(main);
    let joined = tables.into_iter().map(|i| i.table).collect();
    Ok(Statement::Delete(Rows { table: main.table, alias: main.alias, assignments: Vec::new(), joined, filter, tail }))
}

/// Behind `INSERT` or `REPLACE`.
pub(super) fn insert(c: &mut Cursor<'_>, replace: bool) -> Read<Statement> {
    let ignore = modifiers(c);
    c.eat("into");
    let table = c.name("the table's name")?;
    if c.is("partition") {
        c.at += 1;
        c.parens()?;
    }
    let mut columns = Vec::new();
    let mut walk = c.clone();
    let empty = c.is_mark("(") && c.shown(1) == ")";
    if !empty && walk.is_mark("(") && !walk.parens().is_ok_and(|p| p.is("select") || p.is("with") || p.is_mark("(")) {
        // `INSERT INTO t () VALUES ()` names none.
        columns = c.columns()?;
    } else if empty {
        c.at += 2;
    }
    if c.eat("set") {
        for mut piece in c.split_commas_from() {
            match piece.name("a column") {
                Ok(name) => columns.push(name.name),
                Err(_) => break,
            }
        }
    } else if !c.is_any(&["values", "value", "select", "with", "table", "as", "default"]) && !c.is_mark("(") {
        return Err(c.missing("VALUES, SET or SELECT"));
    }
    if c.is("default values") {
        return Err(c.problem("`DEFAULT VALUES` is PostgreSQL's").hint("Write `() VALUES ()`."));
    }
    let mut walk = c.clone();
    let mut replaces = replace;
    walk.skip_to(&["on"]);
    while !walk.ended() {
        if walk.is("on conflict") {
            return Err(walk
                .problem("`ON CONFLICT` is PostgreSQL's")
                .hint("Write `ON DUPLICATE KEY UPDATE …`, or INSERT IGNORE."));
        }
        replaces |= walk.is("on duplicate key update");
        walk.at += 1;
        walk.skip_to(&["on"]);
    }
    let from = tables_read(c);
    Ok(Statement::Insert { table, columns, from, replaces, ignore })
}
