//! ALTER TABLE … ALTER COLUMN c: what may stand behind the column.

use super::column::qualified;
use super::cursor::{Cursor, Read};
use super::expr::read_expression;
use super::lex::Kind;
use super::statement::Alter;
use super::types::data_type;
use crate::model::Ident;
use crate::model::catalog::Identity;

pub(super) fn alter_column(c: &mut Cursor<'_>) -> Read<Alter> {
    // `ALTER COLUMN 1 SET STATISTICS` counts the columns of an index.
    let column = match c.peek() {
        Some(token) if token.kind == Kind::Number => {
            c.at += 1;
            Ident::new(token.of(c.text))
        }
        _ => c.ident("the column's name")?,
    };
    if c.eat("set data type") || c.eat("type") {
        return set_type(c, column);
    }
    if c.eat("set default") {
        let from = c.at;
        c.at = c.tokens.len();
        return Ok(Alter::SetDefault { column, default: read_expression(c, from, "the default's value")? });
    }
    if c.eat("add generated") {
        let identity = if c.eat("always") {
            Identity::Always
        } else {
            c.expect("by default")?;
            Identity::ByDefault
        };
        c.expect("as identity")?;
        let options = if c.is_mark("(") { super::sequence::options(&mut c.parens()?)? } else { Vec::new() };
        c.done()?;
        return Ok(Alter::AddIdentity { column, identity, options });
    }
    for (words, action) in [
        ("drop default", Alter::DropDefault { column: column.clone() }),
        ("set not null", Alter::SetNotNull { column: column.clone() }),
        ("drop not null", Alter::DropNotNull { column: column.clone() }),
        ("drop identity", Alter::DropIdentity { column: column.clone() }),
    ] {
        if !c.is("drop identity if exists") && c.eat(words) {
            c.done()?;
            return Ok(action);
        }
    }
    // From the verb on: it tells `SET STORAGE` from `SET STATISTICS` no better than `op`, but all values stand behind it.
    let rest = c.clone().rest().to_owned();
    let other = |op: &str| Ok(Alter::Other { op: op.to_owned(), column: Some(column.clone()), rest: rest.clone() });
    for (words, op) in
        [("set statistics", "set-statistics"), ("set storage", "set-storage"), ("set compression", "set-compression")]
    {
        if c.eat(words) {
            if c.ended() {
                return Err(c.missing("a value"));
            }
            c.eat_mark("-");
            c.at += 1;
            c.done()?;
            return other(op);
        }
    }
    for (words, op) in [
        ("drop expression if exists", "drop-expression"),
        ("drop expression", "drop-expression"),
        ("drop identity if exists", "drop-identity"),
    ] {
        if c.eat(words) {
            c.done()?;
            return other(op);
        }
    }
    if c.eat("set expression as") {
        c.parens()?;
        c.done()?;
        return other("set-expression");
    }
    if c.is("set") && c.shown(1) == "(" {
        c.at += 1;
        c.parens()?;
        c.done()?;
        return other("set-column-options");
    }
    if c.eat("reset") {
        c.parens()?;
        c.done()?;
        return other("reset-column-options");
    }
    if c.eat("options") {
        c.parens()?;
        c.done()?;
        return other("set-foreign-options");
    }
    if c.is("set generated") {
        return other("set-generated");
    }
    if c.is("restart") {
        return other("restart-identity");
    }
    let sequence = ["increment", "minvalue", "maxvalue", "no", "start", "cache", "cycle", "sequence"];
    if c.is("set") && sequence.iter().any(|w| c.shown(1).eq_ignore_ascii_case(w)) {
        return other("set-identity-options");
    }
    if c.ended() || !c.is_any(&["set", "drop", "add"]) {
        return Err(c.missing("TYPE, SET, DROP or ADD GENERATED"));
    }
    c.at += 1;
    if c.ended() {
        return Err(c.missing("what to set or drop"));
    }
    Err(c.unexpected())
}

fn set_type(c: &mut Cursor<'_>, column: Ident) -> Read<Alter> {
    let data_type = data_type(c)?.to_owned();
    let collation = if c.eat("collate") { Some(qualified(c, "a collation")?) } else { None };
    let using = if c.eat("using") {
        let from = c.at;
        c.at = c.tokens.len();
        Some(read_expression(c, from, "an expression")?)
    } else {
        None
    };
    c.done()?;
    Ok(Alter::SetType { column, data_type, collation, using })
}
