//! Reading SQL: what people write becomes the right statements, and what cannot be read is said with its place.

mod classes;
mod files;
mod judge;
mod mysql;
mod mysql_grammar;
mod parts;
mod properties;

use sidestep::model::{Engine, Ident};
use sidestep::sql::{self, Alter, Script, Statement};

fn read(text: &str) -> Script {
    sql::parse(text, Engine::Postgresql).unwrap_or_else(|p| panic!("{text}\n{p:#?}"))
}

fn problem(text: &str) -> String {
    match sql::parse(text, Engine::Postgresql) {
        Ok(script) => panic!("read: {text}\n{script:#?}"),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "),
    }
}

fn actions(text: &str) -> Vec<Alter> {
    match read(text).statements.remove(0).statement {
        Statement::AlterTable { actions, .. } => actions.into_iter().map(|a| a.action).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_case_that_must_come_out_right() {
    let text = "ALTER TABLE users ADD COLUMN first_name text, ADD COLUMN last_name text, ADD phone varchar(32) UNIQUE,
        ADD COLUMN status text NOT NULL DEFAULT 'active';
    UPDATE users u SET first_name = split_part(name, ' ', 1), last_name = NULLIF(split_part(u.name, ' ', 2), '');
    ALTER TABLE users DROP COLUMN name;
    CREATE INDEX ON users (status, created_at DESC);";
    let script = read(text);
    assert_eq!(script.statements.len(), 4);
    let Statement::Update(update) = &script.statements[1].statement else { panic!() };
    assert_eq!(update.alias, Some("u".into()));
    assert_eq!(update.assignments[1].value.columns, vec![Ident::from("name")]);
    assert_eq!(update.assignments[1].value.functions, vec!["split_part"]);
    let new =
        sql::rename_column_in(&update.assignments[1].value, &|c| (c.as_str() == "name").then(|| "NEW.name".into()));
    assert_eq!(new.unwrap(), "NULLIF(split_part(NEW.name, ' ', 2), '')");
    let Statement::CreateIndex(index) = &script.statements[3].statement else { panic!() };
    assert_eq!(index.definition, "(status, created_at DESC)");
    assert_eq!(index.keys[1].text, "created_at DESC");
}

#[test]
fn every_action_of_alter_table_has_its_name() {
    for (action, name) in [
        ("ALTER a SET STORAGE EXTERNAL", "set-storage"),
        ("ALTER COLUMN a SET STATISTICS -1", "set-statistics"),
        ("ALTER a SET COMPRESSION lz4", "set-compression"),
        ("ALTER a SET (n_distinct = 5)", "set-column-options"),
        ("ALTER a RESET (n_distinct)", "reset-column-options"),
        ("ALTER a SET GENERATED ALWAYS SET START 5 RESTART", "set-generated"),
        ("ALTER a RESTART WITH 10", "restart-identity"),
        ("ALTER a SET INCREMENT BY 2", "set-identity-options"),
        ("ALTER a SET EXPRESSION AS (b + 1)", "set-expression"),
        ("ALTER a DROP EXPRESSION IF EXISTS", "drop-expression"),
        ("SET (fillfactor = 70, autovacuum_enabled = off)", "set-options"),
        ("RESET (fillfactor)", "reset-options"),
        ("SET LOGGED", "set-logged"),
        ("SET UNLOGGED", "set-unlogged"),
        ("SET TABLESPACE fast NOWAIT", "set-tablespace"),
        ("SET ACCESS METHOD heap", "set-access-method"),
        ("SET ACCESS METHOD DEFAULT", "set-access-method"),
        ("CLUSTER ON i", "cluster-on"),
        ("SET WITHOUT CLUSTER", "set-without-cluster"),
        ("INHERIT p", "inherit"),
        ("NO INHERIT s.p", "no-inherit"),
        ("OF t", "of-type"),
        ("NOT OF", "not-of"),
        ("OWNER TO CURRENT_USER", "owner-to"),
        ("REPLICA IDENTITY USING INDEX i", "replica-identity"),
        ("REPLICA IDENTITY FULL", "replica-identity"),
        ("ENABLE ROW LEVEL SECURITY", "enable-row-level-security"),
        ("DISABLE ROW LEVEL SECURITY", "disable-row-level-security"),
        ("FORCE ROW LEVEL SECURITY", "force-row-level-security"),
        ("NO FORCE ROW LEVEL SECURITY", "no-force-row-level-security"),
        ("ENABLE REPLICA TRIGGER x", "enable-trigger"),
        ("DISABLE TRIGGER ALL", "disable-trigger"),
        ("ENABLE RULE r", "enable-rule"),
        ("DISABLE RULE r", "disable-rule"),
        ("ALTER CONSTRAINT c NOT DEFERRABLE", "alter-constraint"),
        ("DETACH PARTITION p FINALIZE", "detach-partition-finalize"),
    ] {
        match actions(&format!("ALTER TABLE IF EXISTS ONLY s.t * {action};")).as_slice() {
            [Alter::Other { op, .. }] => assert_eq!(op, name, "{action}"),
            other => panic!("{action}: {other:?}"),
        }
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    for (text, said) in [
        ("ALTR TABLE x ADD y int", "line 1, column 1: `ALTR` starts no statement of PostgreSQL"),
        ("ALTER TABLE t ADD COLUMN", "line 1, column 25: the statement ends where the column's name is expected"),
        ("ALTER TABLE t\n  DROP COLUMN a b c", "line 2, column 17: `b` is not expected here"),
        ("ALTER TABLE t ALTER COLUMN c TYPE", "line 1, column 34: the statement ends where a type is expected"),
        ("ALTER TABLE t ADD CHECK (a > 1", "line 1, column 25: this `(` is never closed"),
        ("ALTER TABLE t MODIFY a int", "line 1, column 15: `MODIFY` in ALTER TABLE is MySQL's, not PostgreSQL's"),
        ("ALTER TABLE t ADD a int AUTO_INCREMENT", "line 1, column 25: `AUTO_INCREMENT` is MySQL's, not PostgreSQL's"),
        ("ALTER TABLE `t` ADD a int", "line 1, column 13: backticks quote names in MySQL, not in PostgreSQL"),
        ("ALTER TABLE t ADD a int ENGINE=InnoDB", "line 1, column 25: `ENGINE` is MySQL's, not PostgreSQL's"),
        ("ALTER TABLE t ADD a int AFTER b", "line 1, column 25: `AFTER` places a column in MySQL, not in PostgreSQL"),
        ("ALTER TABLE t ADD a text DEFAULT 'x", "line 1, column 34: this text is never closed"),
        ("ALTER TABLE {{ t }} ADD a int", "line 1, column 13: `{{ t }}` is a template's placeholder"),
        ("ALTER TABLE ${t} ADD a int", "line 1, column 13: `${t}` is a template's placeholder"),
        ("DROP INDEX :'name'", "line 1, column 12: `:'name'` is a variable that psql or a driver fills in"),
        ("", "line 1, column 1: there is no statement"),
        ("-- only words\n", "line 1, column 1: there is no statement"),
        ("\u{7f}ELF\u{1}\0", "line 1, column 6: this is not a text: it holds a NUL byte"),
    ] {
        assert_eq!(problem(text), said, "{text}");
    }
}
