//! UPDATE, DELETE, INSERT: the tables and columns they touch.

use super::cursor::{Cursor, Read};
use super::expr::{expression, read_expression};
use super::statement::{Assignment, Expression, ObjectName, Statement, Update};
use super::words;
use crate::model::Ident;

/// `table [*] [[AS] alias]`.
fn target(c: &mut Cursor<'_>, stop: &[&str]) -> Read<(ObjectName, Option<Ident>)> {
    c.eat("only");
    let table = c.name("the table's name")?;
    c.eat_mark("*");
    let alias = if c.eat("as") || (c.is_ident() && !c.is_any(stop)) { Some(c.ident("an alias")?) } else { None };
    Ok((table, alias))
}

fn clause<'t>(c: &mut Cursor<'t>, what: &str, stops: &[&str]) -> Read<&'t str> {
    let from = c.at;
    c.skip_to(stops);
    if c.at == from { Err(c.missing(what)) } else { Ok(c.since(from)) }
}

fn filter(c: &mut Cursor<'_>) -> Read<Option<Expression>> {
    if !c.eat("where") {
        return Ok(None);
    }
    if c.eat("current of") {
        c.ident("the cursor's name")?;
        return Ok(None);
    }
    let from = c.at;
    skip_value(c, &["returning", "limit", "order by"]);
    Ok(Some(read_expression(c, from, "a condition")?))
}

fn ending(c: &mut Cursor<'_>) -> Read<()> {
    if c.is("limit") || c.is("order by") {
        let word = c.shown(0).to_ascii_uppercase();
        return Err(c
            .problem(format!("`{word}` in an UPDATE or DELETE is MySQL's, not PostgreSQL's"))
            .hint("Leave it out: the plan works in batches by itself."));
    }
    if c.eat("returning") {
        clause(c, "what to return", &[])?;
    }
    c.done()
}

/// Behind `UPDATE`.
pub(super) fn update(c: &mut Cursor<'_>) -> Read<Statement> {
    let (table, alias) = target(c, &["set"])?;
    c.expect("set")?;
    let mut assignments = Vec::new();
    loop {
        assignment(c, &mut assignments)?;
        if !c.eat_mark(",") {
            break;
        }
    }
    let from = if c.eat("from") { Some(clause(c, "a table", &["where", "returning"])?.to_owned()) } else { None };
    let filter = filter(c)?;
    ending(c)?;
    Ok(Statement::Update(Update { table, alias, assignments, from, filter }))
}

fn assignment(c: &mut Cursor<'_>, out: &mut Vec<Assignment>) -> Read<()> {
    const STOPS: &[&str] = &[",", "from", "where", "returning", "limit", "order by"];
    if c.is_mark("(") {
        let columns = c.columns()?;
        c.expect_mark("=")?;
        let row = c.eat("row");
        let from = c.at;
        let values = if c.is_mark("(") {
            let inner = c.parens()?;
            // `(SELECT …)` and `(v.*)` give all the values by themselves.
            let spread = inner.tokens.len() >= 2 && inner.tokens.last().is_some_and(|t| t.of(c.text) == "*");
            let single = inner.is("select") || inner.is("with") || spread;
            (!single).then(|| inner.split_commas())
        } else {
            None
        };
        return match values {
            Some(values) if values.len() == columns.len() => {
                for (column, mut value) in columns.into_iter().zip(values) {
                    value.at = value.tokens.len();
                    out.push(Assignment { column, value: read_expression(&value, 0, "a value")? });
                }
                Ok(())
            }
            Some(_) => Err(c.problem("the two sides of `=` have different lengths")),
            None => {
                if row && c.at == from {
                    return Err(c.missing("`(`"));
                }
                if c.at == from {
                    clause(c, "a row or a subquery", STOPS)?;
                }
                // A subquery gives all of them.
                let value = expression(c.since(from));
                out.extend(columns.into_iter().map(|column| Assignment { column, value: value.clone() }));
                Ok(())
            }
        };
    }
    let column = c.ident("a column")?;
    // A field or an element of the column counts as the column.
    while c.is_mark(".") || c.is_mark("[") {
        if c.eat_mark(".") { c.at += 1 } else { c.skip_balanced() }
    }
    c.expect_mark("=")?;
    let from = c.at;
    skip_value(c, STOPS);
    out.push(Assignment { column, value: read_expression(c, from, "a value")? });
    Ok(())
}

/// To a stop that is no part of an operator: `IS DISTINCT FROM` holds a `FROM`.
fn skip_value(c: &mut Cursor<'_>, stops: &[&str]) {
    loop {
        c.skip_to(stops);
        let distinct = c.is("from")
            && c.at > 0
            && c.tokens.get(c.at - 1).is_some_and(|t| t.of(c.text).eq_ignore_ascii_case("distinct"));
        if !distinct {
            return;
        }
        c.at += 1;
    }
}

/// Behind `DELETE`.
pub(super) fn delete(c: &mut Cursor<'_>) -> Read<Statement> {
    c.expect("from")?;
    let (table, _) = target(c, &["using", "where", "returning"])?;
    let joined = c.eat("using");
    if joined {
        clause(c, "a table", &["where", "returning"])?;
    }
    let mut filter = filter(c)?;
    // Its columns belong to several tables.
    if let Some(filter) = filter.as_mut().filter(|_| joined) {
        filter.understood = false;
    }
    ending(c)?;
    Ok(Statement::Delete { table, filter })
}

/// Behind `INSERT`.
pub(super) fn insert(c: &mut Cursor<'_>) -> Read<Statement> {
    c.expect("into")?;
    let table = c.name("the table's name")?;
    if c.eat("as") {
        c.ident("an alias")?;
    }
    let mut columns = Vec::new();
    if c.is_mark("(") && !c.shown(1).eq_ignore_ascii_case("select") && !c.shown(1).eq_ignore_ascii_case("with") {
        for mut piece in c.parens()?.split_commas() {
            columns.push(piece.ident("a column")?);
            while piece.is_mark(".") || piece.is_mark("[") {
                if piece.eat_mark(".") { piece.at += 1 } else { piece.skip_balanced() }
            }
            piece.done()?;
        }
    }
    if c.ended() {
        return Err(c.missing("VALUES or SELECT"));
    }
    if !c.is_mark("(") && !c.is_any(&["values", "select", "with", "default values", "overriding", "table"]) {
        return Err(c.missing("VALUES or SELECT"));
    }
    rows(&mut c.clone())?;
    let from = tables_read(c);
    Ok(Statement::Insert { table, columns, from })
}

/// Looks at the rows behind VALUES; data that fills more than a screen is not a person's slip.
fn rows(c: &mut Cursor<'_>) -> Read<()> {
    const MOST: usize = 200;
    let _ = c.eat("overriding system value") || c.eat("overriding user value");
    if !c.eat("values") {
        return Ok(());
    }
    for _ in 0..MOST {
        for mut value in c.parens()?.split_commas() {
            value.at = value.tokens.len();
            if value.tokens.is_empty() {
                return Err(value.problem("a value is missing beside this comma"));
            }
            read_expression(&value, 0, "a value")?;
        }
        if !c.eat_mark(",") {
            let more = [
                "on conflict",
                "returning",
                "union",
                "intersect",
                "except",
                "order by",
                "limit",
                "offset",
                "fetch",
                "for",
            ];
            return if c.ended() || c.is_any(&more) { Ok(()) } else { Err(c.unexpected()) };
        }
    }
    Ok(())
}

/// Names behind FROM and JOIN, at any depth; names of WITH queries left out.
pub(super) fn tables_read(c: &mut Cursor<'_>) -> Vec<ObjectName> {
    let mut tables: Vec<ObjectName> = Vec::new();
    let mut own: Vec<Ident> = Vec::new();
    // Per open parenthesis: is it a call whose grammar holds a FROM of its own?
    let mut calls: Vec<bool> = Vec::new();
    while !c.ended() {
        let with = c.is("with") || (c.is_mark(",") && c.shown(2).eq_ignore_ascii_case("as") && c.shown(3) == "(");
        let reads = c.is_any(&["from", "join", "straight_join"]);
        let before = c.at.checked_sub(1).and_then(|n| c.tokens.get(n)).map_or("", |t| t.of(c.text));
        match c.shown(0) {
            "(" => {
                calls.push(["extract", "substring", "trim", "overlay"].iter().any(|f| before.eq_ignore_ascii_case(f)))
            }
            ")" => drop(calls.pop()),
            _ => {}
        }
        c.at += 1;
        if with {
            let mut ahead = c.clone();
            ahead.eat("recursive");
            own.extend(ahead.ident("a name").ok());
        }
        // `extract(year FROM x)`, `IS DISTINCT FROM x` read no table.
        if !reads || before.eq_ignore_ascii_case("distinct") || calls.last() == Some(&true) {
            continue;
        }
        loop {
            c.eat("only");
            c.eat("lateral");
            let mut ahead = c.clone();
            let Ok(name) = ahead.name("a table") else { break };
            if ahead.is_mark("(") {
                break;
            }
            let known = name.schema.is_none() && own.contains(&name.name);
            if !known && !tables.contains(&name) {
                tables.push(name);
            }
            c.at = ahead.at;
            if c.eat("as") || (c.is_ident() && !words::is_verb(c.shown(0))) {
                c.at += 1;
            }
            if !c.eat_mark(",") {
                break;
            }
        }
    }
    tables
}
