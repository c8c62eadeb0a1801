//! Keys and constraints: indexes with their parts, foreign keys, checks.

use super::statement::{CheckDef, ForeignKeyDef, IndexDef, IndexKind, KeyPart};
use crate::model::Ident;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::lex::Kind;
use crate::sql::statement::ObjectName;

/// A key or constraint among columns, or behind ADD.
pub(super) enum Item {
    Index(IndexDef),
    Primary(IndexDef),
    Foreign(ForeignKeyDef),
    Check(CheckDef),
}

/// Reads one if one starts here.
pub(super) fn item(c: &mut Cursor<'_>) -> Read<Option<Item>> {
    let start = c.at;
    let mut symbol = None;
    let mut if_not_exists = false;
    let constraint = c.eat("constraint");
    if constraint {
        if_not_exists = c.eat("if not exists");
        if !c.is_any(&["primary key", "unique", "foreign key", "check"]) {
            symbol = Some(c.ident("the constraint's name")?);
        }
    }
    let item = if c.eat("primary key") {
        if_not_exists |= c.eat("if not exists");
        let mut def = index(c, IndexKind::Primary, if_not_exists)?;
        def.name = None;
        Item::Primary(def)
    } else if c.eat("unique") {
        let _ = c.eat("index") || c.eat("key");
        if_not_exists |= c.eat("if not exists");
        let mut def = index(c, IndexKind::Unique, if_not_exists)?;
        def.name = def.name.or(symbol);
        Item::Index(def)
    } else if c.eat("foreign key") {
        let again = c.eat("if not exists");
        let index = if c.is_mark("(") { None } else { Some(c.ident("the foreign key's name")?) };
        let columns = c.columns()?;
        let mut def = references(c, symbol, index, columns)?;
        def.if_not_exists = if_not_exists || again;
        Item::Foreign(def)
    } else if c.is("check") {
        let mut def = check(c, symbol)?;
        def.if_not_exists = if_not_exists;
        Item::Check(def)
    } else if constraint {
        return Err(c.missing("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK"));
    } else {
        match plain(c) {
            Some(kind) => {
                let if_not_exists = c.eat("if not exists");
                Item::Index(index(c, kind, if_not_exists)?)
            }
            None => {
                c.at = start;
                return Ok(None);
            }
        }
    };
    Ok(Some(item))
}

/// `INDEX`, `KEY`, `FULLTEXT [INDEX]` …, eaten.
fn plain(c: &mut Cursor<'_>) -> Option<IndexKind> {
    // `vector` is a name, too.
    let vector = c.is("vector index") || c.is("vector key");
    for (word, kind) in
        [("fulltext", IndexKind::Fulltext), ("spatial", IndexKind::Spatial), ("vector", IndexKind::Vector)]
    {
        if (kind != IndexKind::Vector || vector) && c.eat(word) {
            let _ = c.eat("index") || c.eat("key");
            return Some(kind);
        }
    }
    (c.eat("index") || c.eat("key")).then_some(IndexKind::Plain)
}

/// Behind `INDEX`: `[name] [USING x] (parts) [options]`.
fn index(c: &mut Cursor<'_>, kind: IndexKind, if_not_exists: bool) -> Read<IndexDef> {
    let unnamed = c.is_mark("(") || c.is("using") || c.is("type");
    let name = if unnamed { None } else { Some(c.ident("the index's name")?) };
    definition(c, kind, name, if_not_exists)
}

/// Behind the name.
pub(super) fn definition(
    c: &mut Cursor<'_>,
    kind: IndexKind,
    name: Option<Ident>,
    if_not_exists: bool,
) -> Read<IndexDef> {
    let from = c.at;
    if c.eat("using") || c.eat("type") {
        c.ident("an index type")?;
    }
    let method = c.since(from).to_owned();
    let parts = parts(c)?;
    let from = c.at;
    let mut invisible = false;
    while option(c, &mut invisible)? {}
    let options = [method.as_str(), c.since(from)].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>();
    Ok(IndexDef { kind, name, if_not_exists, parts, invisible, options: options.join(" ") })
}

/// `(a(10), b DESC, (lower(c)))`.
pub(super) fn parts(c: &mut Cursor<'_>) -> Read<Vec<KeyPart>> {
    c.parens()?
        .split_commas()
        .into_iter()
        .map(|mut part| {
            let mut key = KeyPart { column: None, prefix: None, expression: None, descending: false };
            if part.is_mark("(") {
                let from = part.at;
                part.parens()?;
                key.expression = Some(part.since(from).to_owned());
            } else {
                key.column = Some(part.ident("a column")?);
                if part.is_mark("(") && part.tokens.get(part.at + 1).is_some_and(|t| t.kind != Kind::Number) {
                    return Err(part
                        .problem("an expression in an index needs parentheses of its own")
                        .hint("Write `((lower(name)))`: the index's parentheses, and the expression's."));
                }
                if part.is_mark("(") {
                    let length = part.parens()?;
                    let digits = length.shown(0);
                    key.prefix = Some(digits.parse().map_err(|_| length.missing("a length"))?);
                }
            }
            key.descending = part.eat("desc");
            if !key.descending {
                part.eat("asc");
            }
            part.eat("without overlaps");
            part.done()?;
            Ok(key)
        })
        .collect()
}

fn option(c: &mut Cursor<'_>, invisible: &mut bool) -> Read<bool> {
    if c.eat("invisible") || c.eat("ignored") {
        *invisible = true;
    } else if c.eat("visible") || c.eat("not ignored") {
        *invisible = false;
    } else if c.eat("comment") {
        c.eat_mark("=");
        super::column::text(c, "a text")?;
    } else if c.eat("using") || c.eat("type") || c.eat("with parser") {
        c.ident("a name")?;
    } else if c.eat("key_block_size")
        || c.eat("engine_attribute")
        || c.eat("secondary_engine_attribute")
        || (c.grammar.engine == "MariaDB" && c.is_ident() && c.shown(1) == "=" && !c.is("algorithm") && !c.is("lock"))
    {
        if !c.eat_mark("=") && c.shown(1) == "=" {
            c.at += 2;
        }
        if c.ended() {
            return Err(c.missing("a value"));
        }
        c.at += 1;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// From REFERENCES on.
pub(super) fn references(
    c: &mut Cursor<'_>,
    name: Option<Ident>,
    index: Option<Ident>,
    columns: Vec<Ident>,
) -> Read<ForeignKeyDef> {
    c.expect("references")?;
    let table: ObjectName = c.name("a table")?;
    let referenced = if c.is_mark("(") { c.columns()? } else { Vec::new() };
    let from = c.at;
    loop {
        if c.eat("match") {
            if !(c.eat("full") || c.eat("partial") || c.eat("simple")) {
                return Err(c.missing("FULL, PARTIAL or SIMPLE"));
            }
        } else if c.is("on delete") || (c.is("on update") && !c.is("on update current_timestamp")) {
            c.at += 2;
            let known = ["cascade", "restrict", "set null", "set default", "no action"];
            if !known.iter().any(|action| c.eat(action)) {
                return Err(c.missing("CASCADE, RESTRICT, SET NULL, SET DEFAULT or NO ACTION"));
            }
        } else {
            break;
        }
    }
    let actions = c.since(from).to_owned();
    if c.is_any(&["deferrable", "initially", "not deferrable", "not valid"]) {
        let word = c.shown(0).to_ascii_uppercase();
        return Err(c
            .problem(format!("`{word}` is PostgreSQL's"))
            .hint("Leave it out: a key is checked at once here."));
    }
    Ok(ForeignKeyDef { name, if_not_exists: false, index, columns, table, referenced, actions })
}

/// From CHECK on.
pub(super) fn check(c: &mut Cursor<'_>, name: Option<Ident>) -> Read<CheckDef> {
    c.expect("check")?;
    let from = c.at;
    c.parens()?;
    let whole = c.since(from);
    let expression = whole.strip_prefix('(').and_then(|w| w.strip_suffix(')')).unwrap_or(whole).trim().to_owned();
    let enforced = if c.eat("not enforced") {
        false
    } else {
        c.eat("enforced");
        true
    };
    if c.is("not valid") {
        return Err(c.problem("`NOT VALID` is PostgreSQL's").hint("Write `NOT ENFORCED`, and enforce it later."));
    }
    Ok(CheckDef { name, if_not_exists: false, expression, enforced })
}
