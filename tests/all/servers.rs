//! The harness itself: servers start, databases are apart, refusals carry their code.

use crate::support::{MysqlServer, Server, majors, mysqls, on_each_mysql};

#[test]
fn every_major_of_this_run_answers() {
    for major in majors() {
        let database = Server::major(major).fresh_database();
        let mut sql = database.session();
        let number: u32 = sql.value("SHOW server_version_num").parse().unwrap();
        assert_eq!(number / 10_000, u32::from(major));
        assert_eq!(sql.value("SHOW timezone"), "UTC");
        sql.run("DO $$ BEGIN RAISE NOTICE 'heard'; END $$");
        assert_eq!(sql.notices(), ["heard"]);
        assert_eq!(sql.try_run("SELECT nope").unwrap_err().code, "42703");
    }
}

#[test]
fn a_database_can_be_copied_and_a_private_server_has_its_own_settings() {
    let server = Server::private(15, &[("lock_timeout", "7s")], None);
    let first = server.fresh_database();
    first.session().run("CREATE TABLE t AS SELECT 1 AS a");
    let copy = server.copy_of(&first.name);
    assert_eq!(copy.session().value("SELECT a FROM t"), "1");
    assert_eq!(copy.session().value("SHOW lock_timeout"), "7s");
    let dir = server.dir.clone();
    drop(server);
    assert!(!dir.exists());
}

#[test]
fn every_mysql_and_mariadb_of_this_run_answers() {
    let answered = on_each_mysql(|server| {
        let database = server.fresh_database();
        let mut sql = database.session();
        let (major, minor) = server.version();
        let version = sql.value("SELECT version()");
        assert!(version.starts_with(&format!("{major}.{minor}.")), "{version}");
        assert_eq!(version.contains("MariaDB"), server.is_mariadb());
        let settings = sql.rows(
            "SELECT @@performance_schema, @@log_bin, @@binlog_format, @@event_scheduler, @@time_zone, DATABASE()",
        );
        assert_eq!(settings[0], ["1", "1", "ROW", "OFF", "+00:00", &database.name]);
        sql.run("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO t VALUES (1), (2)");
        assert_eq!(sql.column("SELECT id FROM t ORDER BY id"), ["1", "2"]);
        assert_eq!(sql.try_run("SELECT nope").unwrap_err().code, 1054);
        let pid = std::fs::read_to_string(server.dir.join("pid")).unwrap();
        let uid = std::fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap();
        assert!(!uid.contains("Uid:\t0\t"), "no test server runs as root");
    });
    assert_eq!(answered.len(), mysqls().len());
}

#[test]
fn a_private_mysql_has_its_own_options_and_leaves_nothing() {
    let Some(name) = mysqls().into_iter().find(|n| n.starts_with("mariadb")) else { return };
    let server = MysqlServer::private(name, &["--lower-case-table-names=1"]);
    let dir = server.dir.clone();
    assert_eq!(server.fresh_database().session().value("SELECT @@lower_case_table_names"), "1");
    drop(server);
    assert!(!dir.exists());
}

/// Two of the engines encrypt tables: the tests of their facts need it.
#[test]
fn tables_can_be_encrypted() {
    for name in mysqls().into_iter().filter(|n| *n != "mysql-5.6") {
        let option = if name.starts_with("mysql") { "ENCRYPTION='Y'" } else { "ENCRYPTED=YES" };
        let mut sql = MysqlServer::of(name).fresh_database().session();
        sql.run(&format!("CREATE TABLE t (id INT PRIMARY KEY) {option}"));
    }
}
