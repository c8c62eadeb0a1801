//! ALTER TABLE: one action per comma, each read on its own, so that one that is not known does not hide its neighbours.

use super::alter_column::alter_column;
use super::column::{at_constraint, column_def, table_constraint};
use super::create::{bounds, mysql_index};
use super::cursor::{Cursor, Read};
use super::split::MOST_PROBLEMS;
use super::statement::{Alter, AlterAction, Problem, Statement};
use super::words;

/// First words of ALTER TABLE's actions.
const ACTIONS: &[&str] = &[
    "add", "alter", "attach", "cluster", "detach", "disable", "drop", "enable", "force", "inherit", "merge", "no",
    "not", "of", "options", "owner", "rename", "replica", "reset", "set", "split", "validate",
];

/// Behind `ALTER TABLE`.
pub(super) fn alter_table(c: &mut Cursor<'_>, problems: &mut Vec<Problem>) -> Read<Statement> {
    if c.eat("all in tablespace") {
        return Ok(super::known::known("alter-table-all-in-tablespace", None));
    }
    let if_exists = c.eat("if exists");
    let only = c.eat("only");
    let table = c.name("the table's name")?;
    c.eat_mark("*");
    if c.ended() {
        return Err(c.missing("what to change"));
    }
    let mut actions = Vec::new();
    let pieces = Cursor::new(c.text, c.tokens.get(c.at..).unwrap_or(&[])).split_commas();
    let alone = pieces.len() == 1;
    for mut piece in pieces {
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
        if piece.ended() {
            problems.push(piece.problem("an action is missing beside this comma"));
            continue;
        }
        let span = piece.place().start..piece.tokens.last().map_or(0, |t| t.end);
        let text = c.text.get(span.clone()).unwrap_or("").to_owned();
        match action(&mut piece) {
            Ok(action) if !alone && stands_alone(&action) => problems.push(
                Problem::at(c.text, span, "this action cannot be combined with others in one ALTER TABLE")
                    .hint("Write it as a statement of its own."),
            ),
            Ok(action) => actions.push(AlterAction { span, text, action }),
            Err(problem) => problems.push(problem),
        }
    }
    Ok(Statement::AlterTable { table, only, if_exists, actions })
}

/// The grammar allows these only by themselves.
fn stands_alone(action: &Alter) -> bool {
    match action {
        Alter::RenameColumn { .. }
        | Alter::RenameConstraint { .. }
        | Alter::RenameTable { .. }
        | Alter::SetSchema { .. }
        | Alter::AttachPartition { .. }
        | Alter::DetachPartition { .. } => true,
        Alter::Other { op, .. } => op == "detach-partition-finalize",
        _ => false,
    }
}

fn other(op: &str, rest: &str) -> Alter {
    Alter::Other { op: op.to_owned(), column: None, rest: rest.to_owned() }
}

fn action(c: &mut Cursor<'_>) -> Read<Alter> {
    let first = c.shown(0);
    if !ACTIONS.iter().any(|a| c.is(a)) {
        return Err(unknown_action(c, first));
    }
    if c.eat("add") {
        return add(c);
    }
    if c.eat("drop") {
        return drop(c);
    }
    if c.eat("alter constraint") {
        let from = c.at;
        c.ident("the constraint's name")?;
        c.at = c.tokens.len();
        return Ok(other("alter-constraint", c.since(from)));
    }
    if c.eat("alter") {
        if c.is("index") && !words::is_verb(c.shown(1)) && !c.is("index type") {
            return Err(mysql(c, "ALTER INDEX within ALTER TABLE"));
        }
        c.eat("column");
        return alter_column(c);
    }
    if c.eat("rename") {
        return rename(c);
    }
    if c.eat("set schema") {
        let schema = c.ident("the schema")?;
        c.done()?;
        return Ok(Alter::SetSchema { schema });
    }
    if c.eat("validate constraint") {
        let name = c.ident("the constraint's name")?;
        c.done()?;
        return Ok(Alter::ValidateConstraint { name });
    }
    if c.eat("attach partition") {
        let partition = c.name("the partition's name")?;
        let from = c.at;
        bounds(c)?;
        c.done()?;
        return Ok(Alter::AttachPartition { partition, bounds: c.since(from).to_owned() });
    }
    if c.eat("detach partition") {
        let partition = c.name("the partition's name")?;
        if c.eat("finalize") {
            c.done()?;
            return Ok(other("detach-partition-finalize", &partition.to_string()));
        }
        let concurrently = c.eat("concurrently");
        c.done()?;
        return Ok(Alter::DetachPartition { partition, concurrently });
    }
    table_option(c)
}

fn unknown_action(c: &Cursor<'_>, first: &str) -> Problem {
    let mysql = words::is_mysql(first)
        || c.is_any(&[
            "convert to",
            "order by",
            "comment",
            "character set",
            "default character set",
            "default",
            "lock",
            "discard",
            "import",
            "collate",
            "truncate partition",
            "optimize",
            "analyze",
            "check",
            "remove",
        ]);
    if mysql {
        return c
            .problem(format!("`{}` in ALTER TABLE is MySQL's, not PostgreSQL's", first.to_ascii_uppercase()))
            .hint(match first.to_ascii_lowercase().as_str() {
                "modify" | "change" => "Write `ALTER COLUMN name TYPE …`, and `RENAME COLUMN a TO b` for a new name.",
                _ => "Write the change as PostgreSQL spells it.",
            });
    }
    let problem = c.problem(format!("`{}` is no action of ALTER TABLE", super::brief(first)));
    match words::nearest(ACTIONS, first) {
        Some(near) => problem.hint(format!("Did you mean `{}`?", near.to_ascii_uppercase())),
        None if words::is_verb(first) => {
            problem.hint("If a new statement starts here, end the one before it with `;`.")
        }
        None => problem.hint("Actions are ADD, DROP, ALTER, RENAME, SET, VALIDATE …"),
    }
}

fn mysql(c: &Cursor<'_>, what: &str) -> Problem {
    c.problem(format!("`{what}` is MySQL's, not PostgreSQL's")).hint("Write the change as PostgreSQL spells it.")
}

fn add(c: &mut Cursor<'_>) -> Read<Alter> {
    if at_constraint(c) {
        if temporal(c) {
            let op = if c.tokens.iter().any(|t| t.of(c.text).eq_ignore_ascii_case("references")) {
                "add-temporal-foreign-key"
            } else {
                "add-temporal-key"
            };
            return Ok(other(op, c.rest()));
        }
        return Ok(Alter::AddConstraint(table_constraint(c)?));
    }
    if let Some(problem) = mysql_index(c) {
        return Err(problem);
    }
    if c.is("partition") && c.shown(2).eq_ignore_ascii_case("values") {
        return Err(mysql(c, "ADD PARTITION"));
    }
    let named = c.eat("column");
    if c.is_mark("(") {
        return Err(mysql(c, "ADD (…)").hint("Write one `ADD COLUMN` per column."));
    }
    let if_not_exists = c.eat("if not exists");
    if c.ended() && !named {
        return Err(c.missing("what to add"));
    }
    let column = column_def(c)?;
    Ok(Alter::AddColumn { if_not_exists, column: Box::new(column) })
}

pub(super) fn temporal(c: &Cursor<'_>) -> bool {
    let words: Vec<&str> = c.tokens.iter().map(|t| t.of(c.text)).collect();
    words.windows(2).any(|pair| match pair {
        [a, b] => {
            (a.eq_ignore_ascii_case("without") && b.eq_ignore_ascii_case("overlaps"))
                || (matches!(*a, "(" | ",") && b.eq_ignore_ascii_case("period"))
        }
        _ => false,
    }) && words.iter().any(|w| ["unique", "primary", "foreign"].iter().any(|k| w.eq_ignore_ascii_case(k)))
        && !words.iter().any(|w| w.eq_ignore_ascii_case("check"))
}

/// `CASCADE` or `RESTRICT` at the end.
fn cascade(c: &mut Cursor<'_>) -> Read<bool> {
    let cascade = c.eat("cascade");
    if !cascade {
        c.eat("restrict");
    }
    c.done()?;
    Ok(cascade)
}

fn drop(c: &mut Cursor<'_>) -> Read<Alter> {
    if c.eat("constraint") {
        let if_exists = c.eat("if exists");
        let name = c.ident("the constraint's name")?;
        return Ok(Alter::DropConstraint { name, if_exists, cascade: cascade(c)? });
    }
    if c.is_any(&["primary key", "foreign key"]) {
        return Err(mysql(c, "DROP PRIMARY KEY or FOREIGN KEY").hint("Write `DROP CONSTRAINT name`."));
    }
    let two =
        c.tokens.len() > c.at + 1 && !c.is_any(&["index cascade", "index restrict", "key cascade", "key restrict"]);
    if two && c.is_any(&["index", "key", "check"]) {
        return Err(
            mysql(c, "DROP INDEX within ALTER TABLE").hint("Write `DROP INDEX name`, or `DROP CONSTRAINT name`.")
        );
    }
    c.eat("column");
    let if_exists = c.eat("if exists");
    let column = c.ident("the column's name")?;
    Ok(Alter::DropColumn { column, if_exists, cascade: cascade(c)? })
}

fn rename(c: &mut Cursor<'_>) -> Read<Alter> {
    let action = if c.eat("to") {
        Alter::RenameTable { to: c.ident("the new name")? }
    } else if c.eat("constraint") {
        let from = c.ident("the constraint's name")?;
        c.expect("to")?;
        Alter::RenameConstraint { from, to: c.ident("the new name")? }
    } else {
        if (c.is("index") || c.is("key")) && c.tokens.len() == c.at + 4 {
            return Err(mysql(c, "RENAME INDEX within ALTER TABLE").hint("Write `ALTER INDEX a RENAME TO b`."));
        }
        let named = c.eat("column");
        let from = c.ident("the column's name")?;
        if c.ended() && !named {
            return Err(c
                .missing("`TO` and the new name")
                .hint("Write `RENAME TO new_table` or `RENAME COLUMN a TO b`."));
        }
        c.expect("to")?;
        Alter::RenameColumn { from, to: c.ident("the new name")? }
    };
    c.done()?;
    Ok(action)
}

/// Actions that no recipe looks into: the fact's name by the leading words; `name` wants a name behind.
fn table_option(c: &mut Cursor<'_>) -> Read<Alter> {
    const NAMED: &[(&str, &str)] = &[
        ("set access method", "set-access-method"),
        ("set tablespace", "set-tablespace"),
        ("cluster on", "cluster-on"),
        ("inherit", "inherit"),
        ("no inherit", "no-inherit"),
        ("of", "of-type"),
        ("owner to", "owner-to"),
        ("enable replica trigger", "enable-trigger"),
        ("enable always trigger", "enable-trigger"),
        ("enable trigger", "enable-trigger"),
        ("disable trigger", "disable-trigger"),
        ("enable replica rule", "enable-rule"),
        ("enable always rule", "enable-rule"),
        ("enable rule", "enable-rule"),
        ("disable rule", "disable-rule"),
    ];
    const BARE: &[(&str, &str)] = &[
        ("set logged", "set-logged"),
        ("set unlogged", "set-unlogged"),
        ("set without cluster", "set-without-cluster"),
        ("set without oids", "set-without-oids"),
        ("set with oids", "set-with-oids"),
        ("not of", "not-of"),
        ("enable row level security", "enable-row-level-security"),
        ("disable row level security", "disable-row-level-security"),
        ("no force row level security", "no-force-row-level-security"),
        ("force row level security", "force-row-level-security"),
    ];
    for (words, op) in BARE {
        if c.eat(words) {
            c.done()?;
            return Ok(other(op, ""));
        }
    }
    for (words, op) in NAMED {
        if c.eat(words) {
            let from = c.at;
            let role = c.is_any(&["current_user", "current_role", "session_user", "all", "user", "default"]);
            if role {
                c.at += 1
            } else {
                c.name("a name").map(drop_name)?
            }
            let named = c.since(from);
            c.eat("nowait");
            c.done()?;
            return Ok(other(op, named));
        }
    }
    if c.eat("replica identity") {
        let from = c.at;
        if c.eat("using index") {
            c.ident("the index's name")?;
        } else if !(c.eat("default") || c.eat("full") || c.eat("nothing")) {
            return Err(c.missing("DEFAULT, FULL, NOTHING or USING INDEX"));
        }
        c.done()?;
        return Ok(other("replica-identity", c.since(from)));
    }
    for (word, op) in [("set", "set-options"), ("reset", "reset-options"), ("options", "set-foreign-options")] {
        if c.is(word) && c.shown(1) == "(" {
            c.at += 1;
            let from = c.at;
            c.parens()?;
            c.done()?;
            return Ok(other(op, c.since(from)));
        }
    }
    let newer = c.is_any(&["set", "merge", "split"]) && c.tokens.len() > c.at + 1;
    if !newer {
        c.at += 1;
        return Err(if c.ended() { c.missing("the rest of this action") } else { c.unexpected() });
    }
    Ok(Alter::Opaque { because: format!("`{}` is an action that sidestep does not know", super::brief(c.rest())) })
}

fn drop_name(_: super::statement::ObjectName) {}
