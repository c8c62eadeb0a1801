//! Queries: harmless, or hiding a change.

use super::cursor::Cursor;
use super::known::known;
use super::lex::Kind;
use super::session::plain;
use super::statement::Statement;

pub(super) fn opaque(because: &str) -> Statement {
    Statement::Opaque { because: because.to_owned() }
}

pub(super) fn with(c: &Cursor<'_>) -> Statement {
    let mut walk = c.clone();
    while !walk.ended() {
        let update = walk.is("update") && !walk.is("update of") && walk.at > 0;
        if walk.is_any(&["insert into", "delete from", "merge into"]) || (update && sets(&walk)) {
            return opaque("a statement within WITH changes rows");
        }
        walk.at += 1;
    }
    Statement::Select
}

/// `UPDATE t [alias] SET`, not `FOR UPDATE`.
fn sets(c: &Cursor<'_>) -> bool {
    (2..8).any(|n| c.shown(n).eq_ignore_ascii_case("set"))
}

pub(super) fn select(c: &mut Cursor<'_>) -> Statement {
    let mut into = c.clone();
    into.skip_to(&["into", "from"]);
    if into.eat("into") {
        while into.is_any(&["temp", "temporary", "unlogged", "local", "table"]) {
            into.at += 1;
        }
        return known("select-into", into.name("a table").ok());
    }
    if into.eat("from") {
        let table = into.clone().name("a table").ok();
        into.skip_to(&["for update", "for no key update", "for share", "for key share"]);
        return if into.ended() { Statement::Select } else { known("select-for-update", table) };
    }
    // Without FROM: a call for its effect.
    let mut call = c.clone();
    let Ok(function) = call.name("a function") else { return Statement::Select };
    if !call.is_mark("(") {
        return Statement::Select;
    }
    let name = function.name.as_str();
    if name == "set_config"
        && let Ok(arguments) = call.parens()
    {
        let mut values = arguments.split_commas().into_iter().map(|mut piece| plain(piece.rest(), Some(Kind::Text)));
        if let (Some(name), Some(value), Some(local)) = (values.next(), values.next(), values.next()) {
            return Statement::Set {
                local: local.eq_ignore_ascii_case("true"),
                name: name.to_ascii_lowercase(),
                value,
            };
        }
    }
    let builtin = function.schema.as_ref().is_some_and(|s| s.as_str() == "pg_catalog")
        || name.starts_with("pg_")
        || [
            "setval",
            "nextval",
            "currval",
            "now",
            "version",
            "count",
            "current_setting",
            "to_regclass",
            "coalesce",
            "exists",
        ]
        .contains(&name);
    if builtin { Statement::Select } else { opaque(&format!("`{}` may change anything", super::brief(name))) }
}
