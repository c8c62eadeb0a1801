//! Verbs without an object of the schema: upkeep (VACUUM, REINDEX …), rights, data, queries, sessions.

use super::cursor::{Cursor, Read};
use super::known::{known, known_all};
use super::lex::Kind;
use super::statement::{ObjectName, Statement};

/// The verb is at the cursor; it is one of PostgreSQL's.
pub(super) fn other_verb(c: &mut Cursor<'_>) -> Read<Statement> {
    let verb = c.shown(0).to_ascii_lowercase();
    c.at += 1;
    match verb.as_str() {
        "truncate" => {
            c.eat("table");
            Ok(known_all("truncate", tables(c)?))
        }
        "lock" => {
            c.eat("table");
            Ok(known_all("lock-table", tables(c)?))
        }
        "vacuum" => vacuum(c),
        "analyze" | "analyse" => {
            options(c, &["verbose"]);
            Ok(known_all("analyze", if c.ended() { Vec::new() } else { tables(c)? }))
        }
        "cluster" => {
            options(c, &["verbose"]);
            let first = if c.ended() { None } else { Some(c.name("the table's name")?) };
            let table = if c.eat("on") { Some(c.name("the table's name")?) } else { first };
            Ok(known("cluster", table))
        }
        "reindex" => reindex(c),
        "refresh" => {
            c.expect("materialized view")?;
            let op = if c.eat("concurrently") {
                "refresh-materialized-view-concurrently"
            } else {
                "refresh-materialized-view"
            };
            Ok(known(op, Some(c.name("the view's name")?)))
        }
        "grant" | "revoke" => Ok(known_all(verb, granted_on(c))),
        "copy" => copy(c),
        "merge" => {
            c.expect("into")?;
            c.eat("only");
            Ok(known("merge", Some(c.name("the table's name")?)))
        }
        "do" => {
            if c.ended() {
                return Err(c.missing("the block's text"));
            }
            Ok(opaque("a DO block may do anything"))
        }
        "call" => Ok(opaque("the body of the procedure that CALL runs is not read")),
        "execute" => Ok(opaque("EXECUTE runs a prepared statement")),
        "prepare" if c.is("transaction") => Ok(Statement::Transaction { verb }),
        "explain" => {
            let runs = c.tokens.iter().any(|t| t.of(c.text).eq_ignore_ascii_case("analyze"));
            Ok(if runs { opaque("EXPLAIN ANALYZE runs the statement that it explains") } else { Statement::Select })
        }
        "with" => Ok(with(c)),
        "select" => Ok(select(c)),
        "values" | "table" | "show" => Ok(Statement::Select),
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" => {
            Ok(Statement::Transaction { verb })
        }
        "set" => set(c),
        "reset" => {
            if c.is("role") || c.is("session authorization") {
                return Ok(known("set-role", None));
            }
            let name = if c.eat("time zone") { "timezone".to_owned() } else { setting(c)? };
            c.done()?;
            Ok(Statement::Set { local: false, name, value: "DEFAULT".into() })
        }
        "import" => Ok(known("import-foreign-schema", None)),
        "reassign" => Ok(known("reassign-owned", None)),
        "security" => Ok(known("security-label", None)),
        other => Ok(known(other, None)),
    }
}

fn opaque(because: &str) -> Statement {
    Statement::Opaque { because: because.to_owned() }
}

/// `[ONLY] a [*] [(columns)], b …`; what follows the list stays.
fn tables(c: &mut Cursor<'_>) -> Read<Vec<ObjectName>> {
    let mut names = Vec::new();
    loop {
        c.eat("only");
        names.push(c.name("the table's name")?);
        c.eat_mark("*");
        if c.is_mark("(") {
            c.skip_balanced();
        }
        if !c.eat_mark(",") {
            return Ok(names);
        }
    }
}

/// The options in parentheses or as bare words; the words found, lower case.
fn options(c: &mut Cursor<'_>, bare: &[&str]) -> Vec<String> {
    let from = c.at;
    if c.is_mark("(") {
        c.skip_balanced();
    }
    while c.is_any(bare) {
        c.at += 1;
    }
    let tokens = c.tokens.get(from..c.at).unwrap_or(&[]);
    tokens.iter().map(|t| t.of(c.text).to_ascii_lowercase()).collect()
}

/// Is the option on? `(FULL)`, `(FULL true)`, `FULL`; not `(FULL off)`.
fn is_on(options: &[String], name: &str) -> bool {
    options.iter().position(|o| o == name).is_some_and(|at| {
        !options.get(at + 1).is_some_and(|value| ["off", "false", "0", "'off'", "'false'"].contains(&value.as_str()))
    })
}

fn vacuum(c: &mut Cursor<'_>) -> Read<Statement> {
    let options = options(c, &["full", "freeze", "verbose", "analyze", "analyse"]);
    let op = if is_on(&options, "full") { "vacuum-full" } else { "vacuum" };
    Ok(known_all(op, if c.ended() { Vec::new() } else { tables(c)? }))
}

fn reindex(c: &mut Cursor<'_>) -> Read<Statement> {
    let options = options(c, &["verbose"]);
    let kind = c.shown(0).to_ascii_lowercase();
    if !["index", "table", "schema", "database", "system"].contains(&kind.as_str()) {
        return Err(c.missing("INDEX, TABLE, SCHEMA, DATABASE or SYSTEM"));
    }
    c.at += 1;
    let concurrently = c.eat("concurrently") || is_on(&options, "concurrently");
    let op = format!("reindex-{kind}{}", if concurrently { "-concurrently" } else { "" });
    if !["index", "table"].contains(&kind.as_str()) {
        return Ok(known(op, None));
    }
    let target = c.name("a name")?;
    c.done()?;
    Ok(known(op, Some(target)))
}

/// The tables or sequences of a GRANT; none for roles, schemas, functions.
fn granted_on(c: &mut Cursor<'_>) -> Vec<ObjectName> {
    c.skip_to(&["on"]);
    if !c.eat("on") {
        return Vec::new();
    }
    let relation = c.eat("table") || c.eat("sequence");
    let other = [
        "all",
        "database",
        "domain",
        "foreign",
        "function",
        "language",
        "large",
        "parameter",
        "procedure",
        "routine",
        "schema",
        "tablespace",
        "type",
    ];
    // `ON schema TO x`: a table called like a kind.
    if !relation && c.is_any(&other) && !c.shown(1).eq_ignore_ascii_case("to") && c.shown(1) != "," {
        return Vec::new();
    }
    c.names("a table").unwrap_or_default()
}

fn copy(c: &mut Cursor<'_>) -> Read<Statement> {
    if c.is_mark("(") {
        return Ok(known("copy-to", None));
    }
    c.eat("binary");
    let table = c.name("the table's name")?;
    if c.is_mark("(") {
        c.skip_balanced();
    }
    if c.eat("to") {
        return Ok(known("copy-to", Some(table)));
    }
    c.expect("from")?;
    Ok(known("copy", Some(table)))
}

fn with(c: &Cursor<'_>) -> Statement {
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

fn select(c: &mut Cursor<'_>) -> Statement {
    let mut into = c.clone();
    into.skip_to(&["into", "from"]);
    if into.eat("into") {
        while into.is_any(&["temp", "temporary", "unlogged", "local", "table"]) {
            into.at += 1;
        }
        return known("select-into", into.name("a table").ok());
    }
    if !into.ended() {
        return Statement::Select;
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

/// Behind `SET`.
fn set(c: &mut Cursor<'_>) -> Read<Statement> {
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
fn plain(raw: &str, kind: Option<Kind>) -> String {
    match kind {
        Some(Kind::Text) => match raw.strip_prefix('\'').and_then(|r| r.strip_suffix('\'')) {
            Some(inner) => inner.replace("''", "'"),
            None => raw.to_owned(),
        },
        Some(Kind::Quoted) => super::cursor::fold(raw).0,
        _ => raw.to_owned(),
    }
}
