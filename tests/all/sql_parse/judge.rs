//! The server as judge: what we read is valid to it, types are spelled as it spells them.
//!
//! `DO $$ BEGIN RETURN; <statement>; END $$` has the server's own grammar look at any statement without running it.

use super::classes::CONSTRUCTS;
use crate::support::{Server, majors};
use sidestep::sql::canonical_type;

/// Words that plpgsql understands in its own way.
const PLPGSQL: &[&str] = &["BEGIN", "START", "COMMIT", "ROLLBACK", "EXECUTE", "CALL", "DO", "SELECT * INTO", "(SELECT"];

#[test]
fn the_server_takes_every_construct_for_sql() {
    let newest = majors().into_iter().max().unwrap();
    let database = Server::major(newest).fresh_database();
    let mut session = database.session();
    for (sql, _) in CONSTRUCTS {
        if newest < 18 || PLPGSQL.iter().any(|word| sql.starts_with(word)) {
            continue;
        }
        let judged = session.try_run(&format!("DO $judge$ BEGIN RETURN; {sql}; END $judge$"));
        assert!(judged.is_ok(), "{sql}: {judged:?}");
    }
    assert_eq!(session.try_run("DO $judge$ BEGIN RETURN; ALTER TABLE t ADD; END $judge$").unwrap_err().code, "42601");
}

#[test]
fn types_are_spelled_as_the_newest_server_spells_them() {
    let newest = majors().into_iter().max().unwrap();
    if newest < 17 {
        return;
    }
    let database = Server::major(newest).fresh_database();
    let mut session = database.session();
    for written in [
        "varchar(255)",
        "VARCHAR",
        "int",
        "int2",
        "int4",
        "int8",
        "timestamptz(3)",
        "timestamp",
        "timestamp (3) with time zone",
        "timestamp without time zone",
        "time",
        "timetz(2)",
        "time(3) with time zone",
        "bool",
        "decimal(10, 2)",
        "decimal",
        "numeric(10)",
        "numeric(5,-2)",
        "float8",
        "float4",
        "float",
        "float(24)",
        "float(25)",
        "double   precision",
        "char",
        "char(3)",
        "bpchar",
        "bpchar(5)",
        "national character varying(3)",
        "nchar(4)",
        "varbit",
        "varbit(3)",
        "bit",
        "bit(3)",
        "bit varying(8)",
        "text[]",
        "int[][]",
        "int[3]",
        "int array[4]",
        "varchar(3)[]",
        "pg_catalog.int4",
        "pg_catalog.varchar(3)",
        "\"char\"",
        "\"timestamptz\"",
        "interval(3)",
        "interval year to month",
        "interval day to second(3)",
        "JSONB",
        "tstzrange",
        "numeric[]",
    ] {
        let printed =
            session.value(&format!("SELECT format_type(to_regtype($t${written}$t$), to_regtypemod($t${written}$t$))"));
        assert_eq!(canonical_type(written), printed, "{written}");
    }
}
