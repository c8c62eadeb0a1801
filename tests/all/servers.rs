//! The harness itself: servers start, databases are apart, refusals carry their code.

use crate::support::{Server, majors};

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
