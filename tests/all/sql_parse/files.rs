//! Whole files: sections, psql's commands, data, bodies, missing semicolons.

use super::{problem, read};

fn texts(sql: &str) -> Vec<String> {
    read(sql).statements.into_iter().map(|s| s.text).collect()
}

#[test]
fn what_is_no_statement_is_left_out() {
    for (file, statements) in [
        (
            "-- +goose Up\nALTER TABLE t ADD a int;\n-- +goose Down\nALTER TABLE t DROP a;\n",
            vec!["ALTER TABLE t ADD a int"],
        ),
        (
            "-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\nSELECT 2;\n-- +goose Down\n'",
            vec!["SELECT 1", "SELECT 2"],
        ),
        ("-- +migrate Down\nDROP TABLE t;\n-- +migrate Up\nSELECT 1;", vec!["SELECT 1"]),
        ("-- migrate:up\nSELECT 1;\n\n-- migrate:down\nDROP TABLE t;", vec!["SELECT 1"]),
        ("SELECT 1;\n---- create above / drop below ----\nDROP TABLE t;", vec!["SELECT 1"]),
        ("\\restrict KEY\n\\set ON_ERROR_STOP on\n\\c db\nSELECT 1;\n\\unrestrict KEY\n", vec!["SELECT 1"]),
        ("COPY t (a) FROM stdin;\n1\t'\n; DROP TABLE x;\n\\.\nSELECT 1;", vec!["COPY t (a) FROM stdin", "SELECT 1"]),
        ("SELECT 1 \\g\nSELECT 2", vec!["SELECT 1", "SELECT 2"]),
        (
            "/* a /* b ; */ c */ SELECT ';' || $$;$$ || $x$ $$ ; $x$ || E'\\';' || \";\" -- ;\n;;",
            vec!["SELECT ';' || $$;$$ || $x$ $$ ; $x$ || E'\\';' || \";\""],
        ),
        ("\u{feff}SELECT 1", vec!["SELECT 1"]),
        ("SELECT 'a\\'; SELECT 2", vec!["SELECT 'a\\'", "SELECT 2"]),
        (
            "CREATE RULE r AS ON UPDATE TO t DO (SELECT 1; SELECT 2); SELECT 3",
            vec!["CREATE RULE r AS ON UPDATE TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        ),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; END; SELECT 3",
            vec!["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; END", "SELECT 3"],
        ),
        ("SELECT a[1:n], '{{1}}', '${x}', x::int FROM t", vec!["SELECT a[1:n], '{{1}}', '${x}', x::int FROM t"]),
    ] {
        assert_eq!(texts(file), statements, "{file}");
    }
}

#[test]
fn a_missing_semicolon_is_said() {
    for (text, said) in [
        ("ALTER TABLE t ADD a int\nALTER TABLE t ADD b int;", "line 2, column 1: a `;` is missing before this `ALTER`"),
        ("UPDATE t SET a = 1\nUPDATE t SET b = 2", "line 2, column 1: a `;` is missing before this `UPDATE`"),
        ("UPDATE t SET a = 1 DELETE FROM t", "line 1, column 20: a `;` is missing before this `DELETE`"),
        ("CREATE TABLE t (a int)\nCREATE INDEX ON t (a)", "line 2, column 1: a `;` is missing before this `CREATE`"),
        ("GRANT SELECT ON t TO x\nCREATE TABLE u (a int)", "line 2, column 1: a `;` is missing before this `CREATE`"),
        ("DROP INDEX a\nDROP TABLE t", "line 2, column 1: a `;` is missing before this `DROP`"),
        ("ALTER TABLE t DROP a\nDROP TABLE u", "line 2, column 1: `DROP` is not expected here"),
        ("ALTER TABLE t DROP a\nCOMMIT", "line 2, column 1: a `;` is missing before this `COMMIT`"),
        ("DROP TABLE t SELECT 1", "line 1, column 14: a `;` is missing before this `SELECT`"),
    ] {
        assert_eq!(problem(text), said, "{text}");
    }
}

#[test]
fn broken_files_are_refused_with_every_reason() {
    for (text, said) in [
        ("SELECT 'x", "line 1, column 8: this text is never closed"),
        ("SELECT \"x", "line 1, column 8: this quoted name is never closed"),
        ("SELECT $a$ x $$", "line 1, column 8: the text that `$a$` opens is never closed"),
        ("SELECT 1; /* a /* b */", "line 1, column 11: this comment is never closed"),
        ("SELECT 1);", "line 1, column 9: this `)` closes nothing"),
        ("SELECT (1; SELECT 2", "line 1, column 8: this `(` is never closed"),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;",
            "line 1, column 54: the body that BEGIN ATOMIC opens is never ended",
        ),
        ("\\i other.sql\nSELECT 1;", "line 1, column 1: `\\i` reads another file"),
        (
            "\\if :x\nSELECT 1;\n\\endif",
            "line 1, column 1: `\\if` decides at run time which statements run | line 3, column 1: `\\endif` decides at run time which statements run",
        ),
        ("SELECT \u{a0}1", "line 1, column 8: the character U+00A0 is not SQL"),
        ("ALTER TABLE “t” ADD a int", "line 1, column 13: `“` is not SQL | line 1, column 15: `”` is not SQL"),
        (
            "é; ALTER TABLE x ADD",
            "line 1, column 1: `é` starts no statement of PostgreSQL | line 1, column 21: the statement ends where what to add is expected",
        ),
        ("-- +goose Down\nDROP TABLE t;", "line 1, column 1: there is no statement"),
        ("ALTER TABLE t ADD a int DEFAULT 1 foo", "line 1, column 35: `foo` is not expected here"),
        ("ALTER TABLE t ALTER a SET DEFAULT 1 +", "line 1, column 38: a value is missing behind `+`"),
        ("ALTER TABLE t \\ ADD a int", "line 1, column 15: `\\` is not SQL"),
        ("ALTER TABLE t \\set x\n ADD a int", "line 1, column 15: `\\set` is not SQL"),
        ("ALTER TABLE t ALTER a TYPE int USING a b", "line 1, column 40: `b` is not expected here"),
        ("ALTER TABLE t ADD CHECK (a > > 1)", "line 1, column 30: `>` is not expected here"),
        ("CREATE INDEX ON t (a) WHERE IS NOT NULL", "line 1, column 29: `IS` is not expected here"),
        ("INSERT INTO t VALUES (1, )", "line 1, column 25: a value is missing beside this comma"),
        ("INSERT INTO t (a) VALUES (1 2)", "line 1, column 29: `2` is not expected here"),
        ("ALTER TABLE t ENABLE ROW SECURITY", "line 1, column 22: `ROW` is not expected here"),
        ("ALTER TABLE p ATTACH PARTITION c FOR VALUES (1)", "line 1, column 45: `with` is expected before `(`"),
        (
            "CREATE INDEX IF NOT EXISTS ON t (a)",
            "line 1, column 28: the index's name is expected before the key word `ON`",
        ),
        ("RENAME TABLE a TO b", "line 1, column 1: `RENAME` starts no statement of PostgreSQL"),
        ("UPDATE t SET a = WHERE b", "line 1, column 18: a value is expected before `WHERE`"),
        ("UPDATE t SET a = 1 WHERE", "line 1, column 25: the statement ends where a condition is expected"),
        ("ALTER TABLE t ADD a int, , ADD b int", "line 1, column 25: an action is missing beside this comma"),
        (
            "ALTER TABLE t RENAME a TO b, ADD c int",
            "line 1, column 15: this action cannot be combined with others in one ALTER TABLE",
        ),
        (
            "ALTER TABLE t FROBNICATE, ADD c",
            "line 1, column 15: `FROBNICATE` is no action of ALTER TABLE | line 1, column 32: the statement ends where a type is expected",
        ),
        ("CREATE TABEL t (a int)", "line 1, column 8: `TABEL` is nothing that CREATE knows"),
        (
            "ALTER TABLE select ADD a int",
            "line 1, column 13: the table's name is expected before the key word `select`",
        ),
        ("ALTER TABLE t ADD INDEX i (a)", "line 1, column 19: `INDEX` beside the columns is MySQL's, not PostgreSQL's"),
        (
            "ALTER TABLE t DROP PRIMARY KEY",
            "line 1, column 20: `DROP PRIMARY KEY or FOREIGN KEY` is MySQL's, not PostgreSQL's",
        ),
        ("CREATE TABLE t (a int) ENGINE=InnoDB", "line 1, column 24: `ENGINE` is MySQL's, not PostgreSQL's"),
        (
            "CREATE TABLE t (a int, KEY k (a))",
            "line 1, column 24: `KEY` beside the columns is MySQL's, not PostgreSQL's",
        ),
        ("DROP INDEX i ON t", "line 1, column 14: `DROP INDEX … ON table` is MySQL's, not PostgreSQL's"),
        ("DELETE FROM t LIMIT 5", "line 1, column 15: `LIMIT` in an UPDATE or DELETE is MySQL's, not PostgreSQL's"),
        ("ALTER TABLE U&\"t\" ADD a int", "line 1, column 13: names with `U&` escapes are not read yet"),
    ] {
        assert_eq!(problem(text), said, "{text}");
    }
}
