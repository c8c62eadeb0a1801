//! ALTER TABLE in all its specifications, CREATE INDEX and DROP INDEX, which the server runs as one.

use super::Reading;
use super::statement::{Action, AlterTable, ColumnDef, IndexKind, Position, Spec, Statement, Written};
use super::{column, index, options, partition};
use crate::sql::cursor::{Cursor, Read};
use crate::sql::statement::{ObjectName, Problem};

pub(super) fn empty(table: ObjectName, written: Written) -> AlterTable {
    AlterTable {
        table,
        written,
        if_exists: false,
        ignore: false,
        wait: None,
        settings: Vec::new(),
        specs: Vec::new(),
        algorithm: None,
        lock: None,
    }
}

/// The words of MariaDB before the specifications: `NOWAIT`, `WAIT 5`.
pub(super) fn wait(c: &mut Cursor<'_>) -> Option<String> {
    let from = c.at;
    if c.eat("wait") {
        c.at += 1;
    } else if !c.eat("nowait") {
        return None;
    }
    Some(c.since(from).to_owned())
}

/// Behind `ALTER TABLE`.
pub(super) fn alter_table(
    c: &mut Cursor<'_>,
    ignore: bool,
    reading: Reading,
    problems: &mut Vec<Problem>,
) -> Read<Statement> {
    let if_exists = c.is("if exists");
    if if_exists && !reading.mariadb {
        return Err(only_mariadb(c, "IF EXISTS"));
    }
    c.eat("if exists");
    if c.is("only")
        && !c.shown(1).is_empty()
        && !["add", "drop", "."].contains(&c.shown(1).to_ascii_lowercase().as_str())
    {
        return Err(c.problem("`ONLY` is PostgreSQL's").hint("Leave it out: a table has no tables under it here."));
    }
    let table = c.name("the table's name")?;
    let mut alter = AlterTable { if_exists, ignore, ..empty(table, Written::AlterTable) };
    alter.wait = wait(c);
    let pieces = c.split_commas_from();
    let mut at = 0;
    let mut start = c.at;
    while let Some(piece) = pieces.get(at) {
        // A list of names holds commas itself.
        let mut end = start + piece.tokens.len();
        at += 1;
        if piece.ended() {
            if pieces.len() == 1 {
                break;
            }
            return Err(piece.missing("a specification"));
        }
        if partition::starts(piece) {
            end = c.tokens.len();
            at = pieces.len();
        } else if piece.is("order by") {
            while let Some(next) = pieces.get(at).filter(|p| is_order_part(p)) {
                end += 1 + next.tokens.len();
                at += 1;
            }
        }
        let mut spec = c.part(start, end);
        if let Err(problem) = specs(&mut spec, &mut alter, reading) {
            problems.push(problem);
        }
        start = end + 1;
    }
    c.at = c.tokens.len();
    Ok(Statement::AlterTable(alter))
}

fn is_order_part(piece: &Cursor<'_>) -> bool {
    let mut piece = piece.clone();
    piece.name("a column").is_ok() && {
        let _ = piece.eat("asc") || piece.eat("desc");
        piece.ended()
    }
}

/// What stands between two commas: one specification, or options side by side.
fn specs(c: &mut Cursor<'_>, alter: &mut AlterTable, reading: Reading) -> Read<()> {
    let mut first = true;
    while first || !c.ended() {
        if options::clause(c, &mut alter.algorithm, &mut alter.lock)? {
            first = false;
            continue;
        }
        let from = c.at;
        let actions = match action(c, reading, first)? {
            Some(actions) => actions,
            None => return Err(c.unexpected()),
        };
        let tokens = c.tokens.get(from..c.at).unwrap_or(&[]);
        let span = tokens.first().map_or(c.place().start, |t| t.start)..tokens.last().map_or(0, |t| t.end);
        let text = c.since(from).to_owned();
        alter.specs.extend(actions.into_iter().map(|action| Spec { span: span.clone(), text: text.clone(), action }));
        first = false;
    }
    Ok(())
}

pub(super) fn only_mariadb(c: &Cursor<'_>, what: &str) -> Problem {
    c.problem(format!("`{what}` here is MariaDB's, not MySQL's"))
        .hint("Leave it out: MySQL refuses the whole statement for it.")
}

/// IF EXISTS or IF NOT EXISTS within a specification.
fn exists(c: &mut Cursor<'_>, words: &str, reading: Reading) -> Read<bool> {
    if c.is(words) && !reading.mariadb {
        return Err(only_mariadb(c, &words.to_ascii_uppercase()));
    }
    Ok(c.eat(words))
}

/// One specification; several actions for `ADD (a INT, b INT)`.
fn action(c: &mut Cursor<'_>, reading: Reading, first: bool) -> Read<Option<Vec<Action>>> {
    if partition::starts(c) {
        // These two stand behind the specifications without a comma, too.
        if !first && !c.is_any(&["partition by", "remove partitioning"]) {
            return Ok(None);
        }
        return Ok(Some(vec![Action::Partition(partition::action(c)?)]));
    }
    if first && let Some(actions) = change(c, reading)? {
        return Ok(Some(actions));
    }
    if let Some((name, value)) = options::option(c)? {
        return Ok(Some(vec![Action::Option { name, value }]));
    }
    if !first {
        return Ok(None);
    }
    if c.peek().is_some_and(|t| t.kind == crate::sql::lex::Kind::Word) && (c.grammar.stranger)(c.shown(0)).is_none() {
        if let Some(problem) = postgresql(c) {
            return Err(problem);
        }
        let because = format!("`{}` is not known in ALTER TABLE", crate::sql::brief(c.shown(0)));
        c.rest();
        return Ok(Some(vec![Action::Unknown { because }]));
    }
    Ok(None)
}

/// What PostgreSQL has in ALTER TABLE and these do not.
fn postgresql(c: &Cursor<'_>) -> Option<Problem> {
    const HINTS: &[(&str, &str)] = &[
        ("validate constraint", "Constraints are checked when they are added."),
        ("owner to", "Tables have no owner here: GRANT gives the rights."),
        ("set schema", "Write `RENAME TABLE a.t TO b.t`."),
        ("attach partition", "Write `EXCHANGE PARTITION p WITH TABLE t`."),
        ("detach partition", "Write `EXCHANGE PARTITION p WITH TABLE t`."),
        ("enable trigger", "Triggers cannot be switched off here."),
        ("disable trigger", "Triggers cannot be switched off here."),
        ("replica identity", "Leave it out."),
        ("enable row level", "Leave it out."),
        ("set (", "Leave it out."),
        ("inherit", "Leave it out."),
    ];
    let (words, hint) = HINTS.iter().find(|(words, _)| c.is(words))?;
    let shown = words.to_ascii_uppercase();
    Some(c.problem(format!("`{shown}` in ALTER TABLE is PostgreSQL's, not {}'s", c.grammar.engine)).hint(*hint))
}

fn change(c: &mut Cursor<'_>, reading: Reading) -> Read<Option<Vec<Action>>> {
    let action = if c.eat("add") {
        return add(c, reading).map(Some);
    } else if c.eat("drop") {
        drop(c, reading)?
    } else if c.eat("modify") {
        c.eat("column");
        let if_exists = exists(c, "if exists", reading)?;
        let name = c.ident("the column's name")?;
        let column = Box::new(column::definition(c, name)?);
        Action::ModifyColumn { column, position: position(c)?, if_exists }
    } else if c.eat("change") {
        c.eat("column");
        let if_exists = exists(c, "if exists", reading)?;
        let from = c.ident("the column's name")?;
        let name = c.ident("the column's new name")?;
        let column = Box::new(column::definition(c, name)?);
        Action::ChangeColumn { from, column, position: position(c)?, if_exists }
    } else if c.eat("alter") {
        alter(c, reading)?
    } else if c.eat("rename") {
        rename(c, reading)?
    } else if c.eat("convert to") {
        if !(c.eat("character set") || c.eat("char set") || c.eat("charset")) {
            return Err(c.missing("`CHARACTER SET`"));
        }
        let charset = column::word(c, "a character set")?;
        let collation = if c.eat("collate") {
            c.eat_mark("=");
            Some(column::word(c, "a collation")?)
        } else {
            None
        };
        Action::ConvertCharset { charset, collation }
    } else if c.eat("force") {
        Action::Force
    } else if c.eat("order by") {
        if c.ended() {
            return Err(c.missing("a column"));
        }
        Action::OrderBy { columns: c.rest().to_owned() }
    } else if c.eat("enable keys") {
        Action::EnableKeys { enable: true }
    } else if c.eat("disable keys") {
        Action::EnableKeys { enable: false }
    } else if c.eat("discard tablespace") {
        Action::Tablespace { import: false }
    } else if c.eat("import tablespace") {
        Action::Tablespace { import: true }
    } else {
        return Ok(None);
    };
    Ok(Some(vec![action]))
}

fn position(c: &mut Cursor<'_>) -> Read<Option<Position>> {
    if c.eat("first") {
        return Ok(Some(Position::First));
    }
    if c.eat("after") {
        return Ok(Some(Position::After(c.ident("a column")?)));
    }
    Ok(None)
}

fn add(c: &mut Cursor<'_>, reading: Reading) -> Read<Vec<Action>> {
    if c.eat("system versioning") {
        return Ok(vec![Action::SystemVersioning { add: true }]);
    }
    if c.eat("period") {
        return Ok(vec![Action::Period { add: true, text: c.rest().to_owned() }]);
    }
    if let Some(item) = index::item(c)? {
        let guarded = match &item {
            index::Item::Index(def) | index::Item::Primary(def) => def.if_not_exists,
            index::Item::Foreign(def) => def.if_not_exists,
            index::Item::Check(def) => def.if_not_exists,
        };
        if guarded && !reading.mariadb {
            return Err(only_mariadb(c, "IF NOT EXISTS"));
        }
        return Ok(vec![match item {
            index::Item::Index(def) => Action::AddIndex(def),
            index::Item::Primary(def) => Action::AddPrimaryKey(def),
            index::Item::Foreign(def) => Action::AddForeignKey(def),
            index::Item::Check(def) => Action::AddCheck(def),
        }]);
    }
    c.eat("column");
    let if_not_exists = exists(c, "if not exists", reading)?;
    if c.is_mark("(") {
        let mut actions = Vec::new();
        for mut piece in c.parens()?.split_commas() {
            if let Some(item) = index::item(&mut piece)? {
                actions.push(match item {
                    index::Item::Index(def) => Action::AddIndex(def),
                    index::Item::Primary(def) => Action::AddPrimaryKey(def),
                    index::Item::Foreign(def) => Action::AddForeignKey(def),
                    index::Item::Check(def) => Action::AddCheck(def),
                });
            } else {
                let column = Box::new(named(&mut piece)?);
                actions.push(Action::AddColumn { column, position: position(&mut piece)?, if_not_exists });
            }
            piece.done()?;
        }
        return Ok(actions);
    }
    let column = Box::new(named(c)?);
    Ok(vec![Action::AddColumn { column, position: position(c)?, if_not_exists }])
}

/// A column's name and definition.
pub(super) fn named(c: &mut Cursor<'_>) -> Read<ColumnDef> {
    let name = c.ident("the column's name")?;
    column::definition(c, name)
}

fn drop(c: &mut Cursor<'_>, reading: Reading) -> Read<Action> {
    let action = if c.eat("primary key") {
        Action::DropPrimaryKey
    } else if c.eat("foreign key") {
        let if_exists = exists(c, "if exists", reading)?;
        Action::DropForeignKey { name: c.ident("the foreign key's name")?, if_exists }
    } else if c.eat("index") || c.eat("key") {
        let if_exists = exists(c, "if exists", reading)?;
        primary_or_index(c, if_exists)?
    } else if c.eat("constraint") || c.eat("check") {
        let if_exists = exists(c, "if exists", reading)?;
        if c.eat("primary") {
            return Ok(Action::DropPrimaryKey);
        }
        Action::DropConstraint { name: c.ident("the constraint's name")?, if_exists }
    } else if c.eat("system versioning") {
        Action::SystemVersioning { add: false }
    } else if c.is("period for") {
        c.at += 1;
        Action::Period { add: false, text: c.rest().to_owned() }
    } else {
        c.eat("column");
        let if_exists = exists(c, "if exists", reading)?;
        Action::DropColumn { column: c.ident("the column's name")?, if_exists }
    };
    // Read by both, and without effect.
    let _ = c.eat("restrict") || c.eat("cascade");
    Ok(action)
}

fn primary_or_index(c: &mut Cursor<'_>, if_exists: bool) -> Read<Action> {
    if c.eat("primary") {
        return Ok(Action::DropPrimaryKey);
    }
    let name = c.ident("the index's name")?;
    Ok(if name.as_str().eq_ignore_ascii_case("primary") {
        Action::DropPrimaryKey
    } else {
        Action::DropIndex { name, if_exists }
    })
}

/// Behind `ALTER` within ALTER TABLE.
fn alter(c: &mut Cursor<'_>, reading: Reading) -> Read<Action> {
    if c.eat("index") || c.eat("key") {
        let if_exists = exists(c, "if exists", reading)?;
        let name = c.ident("the index's name")?;
        let visible = if c.eat("visible") || c.eat("not ignored") {
            true
        } else if c.eat("invisible") || c.eat("ignored") {
            false
        } else {
            return Err(c.missing("VISIBLE or INVISIBLE"));
        };
        return Ok(Action::SetIndexVisible { name, visible, if_exists });
    }
    if c.eat("check") || c.eat("constraint") {
        let name = c.ident("the constraint's name")?;
        let enforced = !c.eat("not");
        c.expect("enforced")?;
        return Ok(Action::SetCheckEnforced { name, enforced });
    }
    c.eat("column");
    let if_exists = exists(c, "if exists", reading)?;
    let column = c.ident("the column's name")?;
    if c.eat("set default") {
        return Ok(Action::SetDefault { column, default: column::value(c)?, if_exists });
    }
    if c.eat("drop default") {
        return Ok(Action::DropDefault { column, if_exists });
    }
    if c.eat("set visible") {
        return Ok(Action::SetColumnVisible { column, visible: true });
    }
    if c.eat("set invisible") {
        return Ok(Action::SetColumnVisible { column, visible: false });
    }
    if c.is_any(&["type", "set data type", "set not null", "drop not null", "add generated", "set statistics"]) {
        let engine = c.grammar.engine;
        return Err(c
            .problem(format!("`ALTER COLUMN … {}` is PostgreSQL's, not {engine}'s", c.shown(0).to_ascii_uppercase()))
            .hint("Write `MODIFY COLUMN name type …` with all the column is to keep: NOT NULL, DEFAULT, COMMENT."));
    }
    Err(c.missing("SET DEFAULT or DROP DEFAULT"))
}

fn rename(c: &mut Cursor<'_>, reading: Reading) -> Read<Action> {
    if c.eat("column") {
        let if_exists = exists(c, "if exists", reading)?;
        let from = c.ident("the column's name")?;
        c.expect("to")?;
        return Ok(Action::RenameColumn { from, to: c.ident("the new name")?, if_exists });
    }
    if c.eat("index") || c.eat("key") {
        let if_exists = exists(c, "if exists", reading)?;
        let from = c.ident("the index's name")?;
        c.expect("to")?;
        return Ok(Action::RenameIndex { from, to: c.ident("the new name")?, if_exists });
    }
    if c.is("constraint") {
        let hint = "Drop it, and add it under the new name in the same ALTER TABLE.";
        return Err(c.problem("constraints cannot be renamed here").hint(hint));
    }
    let _ = c.eat("to") || c.eat("as") || c.eat_mark("=");
    Ok(Action::RenameTable { to: c.name("the new name")? })
}

/// Behind `CREATE [UNIQUE|FULLTEXT|SPATIAL] INDEX`.
pub(super) fn create_index(c: &mut Cursor<'_>, kind: IndexKind, reading: Reading) -> Read<Statement> {
    let start = c.at;
    if c.is("concurrently") {
        return Err(c
            .problem(format!("`CONCURRENTLY` is PostgreSQL's, not {}'s", c.grammar.engine))
            .hint("Leave it out: `ALGORITHM=INPLACE, LOCK=NONE` lets writes go on."));
    }
    let if_not_exists = exists(c, "if not exists", reading)?;
    let name = c.ident("the index's name")?;
    let before = c.at;
    if c.eat("using") || c.eat("type") {
        c.ident("an index type")?;
    }
    let method = c.since(before).to_owned();
    c.expect("on")?;
    let table = c.name("the table's name")?;
    let mut alter = empty(table, Written::CreateIndex);
    alter.wait = wait(c);
    let mut def = index::definition(c, kind, Some(name), if_not_exists)?;
    if !method.is_empty() {
        def.options = format!("{method} {}", def.options).trim_end().to_owned();
    }
    let behind = c.at;
    while options::clause(c, &mut alter.algorithm, &mut alter.lock)? {
        c.eat_mark(",");
    }
    if !c.ended() {
        return Err(c.unexpected());
    }
    let end = behind.checked_sub(1).and_then(|n| c.tokens.get(n)).map_or(0, |t| t.end);
    let span = c.tokens.get(start).map_or(0, |t| t.start)..end;
    alter.specs.push(Spec { span, text: String::new(), action: Action::AddIndex(def) });
    Ok(Statement::AlterTable(alter))
}

/// Behind `DROP INDEX`.
pub(super) fn drop_index(c: &mut Cursor<'_>, reading: Reading) -> Read<Statement> {
    let start = c.at;
    if c.is("concurrently") {
        return Err(c
            .problem(format!("`CONCURRENTLY` is PostgreSQL's, not {}'s", c.grammar.engine))
            .hint("Leave it out."));
    }
    let if_exists = exists(c, "if exists", reading)?;
    let action = primary_or_index(c, if_exists)?;
    let span = c.tokens.get(start).map_or(0, |t| t.start)..c.tokens.get(c.at - 1).map_or(0, |t| t.end);
    if !c.is("on") {
        return Err(c
            .missing("`ON` and the table")
            .hint("An index belongs to a table: write `DROP INDEX name ON table`."));
    }
    c.expect("on")?;
    let mut alter = empty(c.name("the table's name")?, Written::DropIndex);
    alter.wait = wait(c);
    while options::clause(c, &mut alter.algorithm, &mut alter.lock)? {
        c.eat_mark(",");
    }
    c.done()?;
    alter.specs.push(Spec { span, text: String::new(), action });
    Ok(Statement::AlterTable(alter))
}
