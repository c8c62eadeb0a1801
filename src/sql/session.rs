//! SET and RESET: settings of the session; some change what a later statement does.

use super::cursor::{Cursor, Read};
use super::known::known;
use super::lex::Kind;
use super::statement::Statement;

/// Behind `SET`.
pub(super) fn set(c: &mut Cursor<'_>) -> Read<Statement> {
    if c.is_any(&["transaction", "session characteristics", "local transaction", "constraints"]) {
        return Ok(known(if c.is("constraints") { "set-constraints" } else { "set-transaction" }, None));
    }
    let local = c.eat("local");
    if !local {
        c.eat("session");
    }
    if c.is("role") || c.is("authorization") || c.is("session authorization") {
        return Ok(known("set-role", None));
    }
    if c.eat("xml option") {
        return Ok(known("set-xml-option", None));
    }
    let name = if c.eat("time zone") {
        "timezone".to_owned()
    } else if c.eat("schema") {
        "search_path".to_owned()
    } else if c.eat("names") {
        "client_encoding".to_owned()
    } else {
        let name = setting(c)?;
        if !c.eat_mark("=") && !c.eat("to") {
            return Err(c.missing("`=` or `TO`"));
        }
        name
    };
    if c.ended() {
        return Err(c.missing("a value"));
    }
    let rest = Cursor::new(c.text, c.tokens.get(c.at..).unwrap_or(&[]));
    let values: Vec<String> = rest
        .split_commas()
        .into_iter()
        .map(|mut piece| {
            let kind = if piece.tokens.len() == 1 { piece.peek().map(|t| t.kind) } else { None };
            plain(piece.rest(), kind)
        })
        .collect();
    Ok(Statement::Set { local, name, value: values.join(", ") })
}

/// `lock_timeout`, `my.setting`; lower case.
fn setting(c: &mut Cursor<'_>) -> Read<String> {
    let from = c.at;
    if !c.eat("all") {
        c.ident("a setting's name")?;
        while c.eat_mark(".") {
            c.ident("a setting's name")?;
        }
    }
    Ok(c.since(from).to_ascii_lowercase())
}

/// A value without its quotes.
pub(super) fn plain(raw: &str, kind: Option<Kind>) -> String {
    match kind {
        Some(Kind::Text) => match raw.strip_prefix('\'').and_then(|r| r.strip_suffix('\'')) {
            Some(inner) => inner.replace("''", "'"),
            None => raw.to_owned(),
        },
        Some(Kind::Quoted) => super::cursor::fold(raw).0,
        _ => raw.to_owned(),
    }
}

/// Behind `RESET`.
pub(super) fn reset(c: &mut Cursor<'_>) -> Read<Statement> {
    if c.is("role") || c.is("session authorization") {
        return Ok(known("set-role", None));
    }
    let name = if c.eat("time zone") { "timezone".to_owned() } else { setting(c)? };
    c.done()?;
    Ok(Statement::Set { local: false, name, value: "DEFAULT".into() })
}
