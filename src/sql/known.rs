//! Statements that are known by verb and object only: the fact's name and what they touch. They pass through verbatim.

use super::create::{create, on_table};
use super::cursor::{Cursor, Read};
use super::statement::{ObjectName, Problem, Statement};
use super::words;

/// Whose name says which relation or type is touched. A schema or a function may be called like a table: no target.
#[derive(Clone, Copy, PartialEq)]
enum Named {
    Itself,
    /// `… ON table`.
    OnTable,
    No,
}

use Named::{Itself, No, OnTable};

/// Longest first where one starts another.
const OBJECTS: &[(&str, Named)] = &[
    ("access method", No),
    ("aggregate", No),
    ("cast", No),
    ("collation", No),
    ("conversion", No),
    ("default conversion", No),
    ("database", No),
    ("default privileges", No),
    ("domain", Itself),
    ("event trigger", No),
    ("extension", No),
    ("foreign data wrapper", No),
    ("foreign table", Itself),
    ("function", No),
    ("group", No),
    ("large object", No),
    ("materialized view", Itself),
    ("operator class", No),
    ("operator family", No),
    ("operator", No),
    ("owned", No),
    ("policy", OnTable),
    ("procedural language", No),
    ("trusted language", No),
    ("trusted procedural language", No),
    ("language", No),
    ("procedure", No),
    ("publication", No),
    ("role", No),
    ("routine", No),
    ("rule", OnTable),
    ("schema", No),
    ("sequence", Itself),
    ("server", No),
    ("statistics", No),
    ("subscription", No),
    ("system", No),
    ("table", Itself),
    ("tablespace", No),
    ("text search configuration", No),
    ("text search dictionary", No),
    ("text search parser", No),
    ("text search template", No),
    ("transform", No),
    ("trigger", OnTable),
    ("type", Itself),
    ("user mapping", No),
    ("user", No),
    ("view", Itself),
    ("index", No),
    ("column", No),
    ("constraint", OnTable),
];

pub(super) fn known(op: impl Into<String>, target: Option<ObjectName>) -> Statement {
    Statement::Known { op: op.into(), target, also: Vec::new(), rest: String::new(), text: String::new() }
}

/// With all its targets.
pub(super) fn known_all(op: impl Into<String>, mut targets: Vec<ObjectName>) -> Statement {
    let target = if targets.is_empty() { None } else { Some(targets.remove(0)) };
    Statement::Known { op: op.into(), target, also: targets, rest: String::new(), text: String::new() }
}

/// The object's words, eaten: `materialized-view`.
fn object(c: &mut Cursor<'_>, verb: &str) -> Read<(String, Named)> {
    if c.ended() {
        return Err(c.missing(&format!("what to {verb}")));
    }
    for (words, named) in OBJECTS {
        if c.eat(words) {
            return Ok((words.replace(' ', "-"), *named));
        }
    }
    if c.is_any(&["event", "fulltext", "spatial"]) {
        let word = c.shown(0).to_ascii_uppercase();
        return Err(c
            .problem(format!("`{word}` is MySQL's, not PostgreSQL's"))
            .hint("Write the change as PostgreSQL spells it."));
    }
    let shown = c.shown(0);
    let problem = c.problem(format!("`{}` is nothing that {} knows", super::brief(shown), verb.to_ascii_uppercase()));
    let kinds: Vec<&str> = OBJECTS.iter().map(|(words, _)| *words).collect();
    Err(match words::nearest(&kinds, shown) {
        Some(near) => problem.hint(format!("Did you mean `{}`?", near.to_ascii_uppercase())),
        None => problem.hint(format!("Write what to {verb}: TABLE, INDEX, VIEW …")),
    })
}

/// Behind `CREATE`.
pub(super) fn create_any(c: &mut Cursor<'_>, problems: &mut Vec<Problem>) -> Read<Statement> {
    let or_replace = c.eat("or replace");
    while c.is_any(&["temp", "temporary", "local", "global", "unlogged"]) {
        c.at += 1;
    }
    if let Some(statement) = create(c, or_replace, problems)? {
        return Ok(statement);
    }
    let (kind, named) = object(c, "create")?;
    let target = match kind.as_str() {
        "type" => return super::data_type::create_type(c),
        "domain" => return super::data_type::create_domain(c),
        "rule" => {
            c.ident("the rule's name")?;
            c.skip_to(&["to"]);
            c.expect("to")?;
            Some(c.name("the table's name")?)
        }
        "statistics" => {
            c.skip_to(&["from"]);
            c.expect("from")?;
            Some(c.name("the table's name")?)
        }
        "publication" => {
            let from = c.at;
            c.ident("the publication's name")?;
            let tables = if c.eat("for table") { listed(c) } else { Vec::new() };
            return Ok(with_rest(c, from, known_all("create-publication", tables)));
        }
        _ => {
            let from = c.at;
            let target = target(c, named)?;
            let statement = known(format!("create-{kind}"), target);
            return Ok(if named == OnTable { with_rest(c, from, statement) } else { statement });
        }
    };
    Ok(known(format!("create-{kind}"), target))
}

/// The rest begins with the name of what hangs on the table (a policy, a rule), which is no target.
fn with_rest(c: &mut Cursor<'_>, from: usize, mut statement: Statement) -> Statement {
    c.at = from;
    if let Statement::Known { rest, .. } = &mut statement {
        c.rest().clone_into(rest);
    }
    statement
}

/// Names up to the first thing that is none: `a, ONLY b (x) WHERE …, c`.
fn listed(c: &mut Cursor<'_>) -> Vec<ObjectName> {
    let mut names = Vec::new();
    loop {
        c.eat("table");
        c.eat("only");
        let Ok(name) = c.name("a table") else { break };
        names.push(name);
        c.eat_mark("*");
        c.skip_to(&[","]);
        if !c.eat_mark(",") {
            break;
        }
    }
    names
}

fn target(c: &mut Cursor<'_>, named: Named) -> Read<Option<ObjectName>> {
    c.eat("if not exists");
    match named {
        Itself => {
            c.eat("if exists");
            c.name("a name").map(Some)
        }
        OnTable => on_table(c, "a name").map(|(_, table, _)| Some(table)),
        No if c.ended() => Err(c.missing("a name")),
        No => Ok(None),
    }
}

/// Behind `ALTER`, where it is neither TABLE nor INDEX.
pub(super) fn alter_any(c: &mut Cursor<'_>) -> Read<Statement> {
    let (kind, named) = object(c, "alter")?;
    let start = c.at;
    let if_exists = c.eat("if exists");
    if let Some(moved) = super::moves::moved(c, &kind) {
        return Ok(moved);
    }
    match kind.as_str() {
        "sequence" => {
            let name = c.name("the sequence's name")?;
            if c.ended() {
                return Err(c.missing("what to change"));
            }
            return Ok(Statement::AlterSequence { name, options: super::sequence::options(c)? });
        }
        "type" => {
            let name = c.name("the type's name")?;
            return super::data_type::alter_type(c, name);
        }
        "domain" => return super::data_type::alter_domain(c),
        "materialized-view" if c.eat("all in tablespace") => {
            return Ok(known("alter-materialized-view-all-in-tablespace", None));
        }
        "publication" => {
            c.ident("the publication's name")?;
            let tables = if c.is_any(&["add table", "drop table", "set table"]) {
                c.at += 2;
                listed(c)
            } else {
                Vec::new()
            };
            return Ok(with_rest(c, start, known_all("alter-publication", tables)));
        }
        _ => {}
    }
    let target = if if_exists && named == OnTable {
        c.ident("a name")?;
        c.expect("on")?;
        Some(c.name("the table's name")?)
    } else {
        target(c, named)?
    };
    if c.ended() && named != No {
        return Err(c.missing("what to change"));
    }
    let statement = known(format!("alter-{kind}"), target);
    Ok(if named == Itself && !if_exists { statement } else { with_rest(c, start, statement) })
}

pub(super) fn type_op(c: &mut Cursor<'_>) -> Read<&'static str> {
    for (words, op) in [
        ("add value", "add-value"),
        ("rename value", "rename-value"),
        ("rename attribute", "rename-attribute"),
        ("rename to", "rename"),
        ("add attribute", "add-attribute"),
        ("drop attribute", "drop-attribute"),
        ("alter attribute", "alter-attribute"),
        ("owner to", "owner-to"),
        ("set schema", "set-schema"),
        ("set", "set-options"),
    ] {
        if c.eat(words) {
            return if c.ended() { Err(c.missing("a value or name")) } else { Ok(op) };
        }
    }
    Err(c.missing("ADD VALUE, RENAME VALUE, RENAME TO, OWNER TO or SET"))
}

/// Behind `DROP`, where it is no index.
pub(super) fn drop_any(c: &mut Cursor<'_>) -> Read<Statement> {
    let (kind, named) = object(c, "drop")?;
    let start = c.at;
    if kind == "trigger" {
        let (name, table, if_exists) = on_table(c, "the trigger's name")?;
        cascade(c)?;
        return Ok(Statement::DropTrigger { name, table, if_exists });
    }
    let if_exists = c.eat("if exists");
    if named == Itself {
        let names = c.names("a name")?;
        let from = c.at;
        let cascade = cascade(c)?;
        return Ok(match kind.as_str() {
            "table" => Statement::DropTable { tables: names, if_exists, cascade },
            "view" | "materialized-view" => {
                Statement::DropView { names, materialized: kind != "view", if_exists, cascade }
            }
            // It takes columns along.
            "type" | "domain" if cascade => known_all(format!("drop-{kind}-cascade"), names),
            _ => {
                c.at = if if_exists { start } else { from };
                known_all(format!("drop-{kind}"), names)
            }
        });
    }
    if kind == "function" {
        let name = c.name("the function's name")?;
        if c.is_mark("(") {
            c.skip_balanced();
        }
        if c.is_mark(",") {
            return Ok(known("drop-function", None));
        }
        return Ok(Statement::DropFunction { name, if_exists, cascade: cascade(c)? });
    }
    if if_exists && named == OnTable {
        c.ident("a name")?;
        c.expect("on")?;
        let statement = known(format!("drop-{kind}"), Some(c.name("the table's name")?));
        return Ok(with_rest(c, start, statement));
    }
    let target = target(c, named)?;
    Ok(with_rest(c, start, known(format!("drop-{kind}"), target)))
}

fn cascade(c: &mut Cursor<'_>) -> Read<bool> {
    let cascade = c.eat("cascade");
    if !cascade {
        c.eat("restrict");
    }
    c.done()?;
    Ok(cascade)
}

/// Behind `COMMENT`.
pub(super) fn comment(c: &mut Cursor<'_>) -> Read<Statement> {
    c.expect("on")?;
    let (on, named) = object(c, "comment on")?;
    let table = match on.as_str() {
        "column" => {
            let column = c.name("the column's name, as `table.column`")?;
            match column.schema {
                // Three parts keep the last two: the table is the one in the middle.
                Some(table) => Some(column_table(c, table)),
                None => return Err(c.missing("`.` and the column's name")),
            }
        }
        "constraint" => {
            c.ident("the constraint's name")?;
            c.expect("on")?;
            if c.eat("domain") { None } else { Some(c.name("the table's name")?) }
        }
        "domain" | "type" | "sequence" => None,
        _ => target(c, named)?,
    };
    c.skip_to(&["is"]);
    c.expect("is")?;
    if c.ended() {
        return Err(c.missing("a text or NULL"));
    }
    c.at = c.tokens.len();
    Ok(Statement::Comment { on, table, text: c.since(0).to_owned() })
}

/// `schema.table.column` before the cursor: with the schema if it was written.
fn column_table(c: &Cursor<'_>, table: crate::model::Ident) -> ObjectName {
    let before = |n: usize| c.at.checked_sub(n).and_then(|at| c.tokens.get(at));
    let schema = match (before(5), before(4)) {
        (Some(schema), Some(dot)) if dot.of(c.text) == "." => Some(super::cursor::fold(schema.of(c.text))),
        _ => None,
    };
    ObjectName { schema, name: table }
}
