//! Options of CREATE and ALTER SEQUENCE and of identity columns. Read loosely: what is not known stands as text.

use super::cursor::{Cursor, Read};
use super::statement::ObjectName;
use crate::model::Ident;

/// One option, in the order written.
#[derive(Debug, Clone, PartialEq)]
pub enum SequenceOption {
    /// `AS bigint`, as written.
    As(String),
    /// `OWNED BY table.column`; none: `OWNED BY NONE`.
    OwnedBy(Option<(ObjectName, Ident)>),
    /// `RESTART [WITH n]`.
    Restart(Option<i64>),
    Start(i64),
    Increment(i64),
    /// `NO MINVALUE` is none.
    Min(Option<i64>),
    Max(Option<i64>),
    Cache(i64),
    Cycle(bool),
    RenameTo(Ident),
    SetSchema(Ident),
    /// `SEQUENCE NAME n`, of an identity column.
    Name(ObjectName),
    /// Anything else, by its words: `owner to app`, `set logged`.
    Other(String),
}

/// Up to the end of the cursor.
pub(super) fn options(c: &mut Cursor<'_>) -> Read<Vec<SequenceOption>> {
    let mut all = Vec::new();
    while !c.ended() {
        all.push(option(c)?);
    }
    Ok(all)
}

fn option(c: &mut Cursor<'_>) -> Read<SequenceOption> {
    // `SET` stands before each option of an identity column.
    if c.is("set") && !c.is_any(&["set schema", "set logged", "set unlogged"]) {
        c.at += 1;
    }
    if c.eat("as") {
        return Ok(SequenceOption::As(super::types::data_type(c)?.to_owned()));
    }
    if c.eat("owned by none") {
        return Ok(SequenceOption::OwnedBy(None));
    }
    if c.eat("owned by") {
        return Ok(SequenceOption::OwnedBy(Some(column(c)?)));
    }
    if c.eat("sequence name") {
        return Ok(SequenceOption::Name(c.name("the sequence's name")?));
    }
    if c.eat("rename to") {
        return Ok(SequenceOption::RenameTo(c.ident("the new name")?));
    }
    if c.eat("set schema") {
        return Ok(SequenceOption::SetSchema(c.ident("the schema")?));
    }
    for (words, option) in [
        ("no minvalue", SequenceOption::Min(None)),
        ("no maxvalue", SequenceOption::Max(None)),
        ("no cycle", SequenceOption::Cycle(false)),
        ("cycle", SequenceOption::Cycle(true)),
    ] {
        if c.eat(words) {
            return Ok(option);
        }
    }
    if c.eat("restart") {
        c.eat("with");
        return Ok(SequenceOption::Restart(number(c)));
    }
    let from = c.at;
    for (words, make) in NUMBERED {
        if c.eat(words) {
            for filler in ["by", "with"] {
                c.eat(filler);
            }
            if let Some(n) = number(c) {
                return Ok(make(n));
            }
            c.at = from;
        }
    }
    Ok(SequenceOption::Other(c.rest().to_ascii_lowercase()))
}

type Make = fn(i64) -> SequenceOption;

const NUMBERED: &[(&str, Make)] = &[
    ("start", SequenceOption::Start),
    ("increment", SequenceOption::Increment),
    ("minvalue", |n| SequenceOption::Min(Some(n))),
    ("maxvalue", |n| SequenceOption::Max(Some(n))),
    ("cache", SequenceOption::Cache),
];

/// `-12`; the cursor stays if it is none.
fn number(c: &mut Cursor<'_>) -> Option<i64> {
    let from = c.at;
    let sign = if c.eat_mark("-") {
        "-"
    } else {
        c.eat_mark("+");
        ""
    };
    let read = c.peek().and_then(|t| format!("{sign}{}", t.of(c.text)).parse().ok());
    c.at = if read.is_some() { c.at + 1 } else { from };
    read
}

/// `[schema.]table.column`.
fn column(c: &mut Cursor<'_>) -> Read<(ObjectName, Ident)> {
    let mut parts = vec![c.ident("the column")?];
    while c.eat_mark(".") {
        parts.push(c.ident("the column")?);
    }
    let column = parts.pop().unwrap_or_else(|| "".into());
    let name = parts.pop().ok_or_else(|| c.missing("the table and its column"))?;
    Ok((ObjectName { schema: parts.pop(), name }, column))
}
