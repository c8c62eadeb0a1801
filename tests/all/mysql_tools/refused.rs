//! What a tool cannot do is said before it is run, from the catalog alone.

use sidestep::change;
use sidestep::model::{Catalog, Engine};
use sidestep::plan::{Act, Executor, Policy, Strategy};

fn refused(engine: Engine, version: &str, setup: &str, wish: &str, executor: Executor) -> String {
    let mut catalog = Catalog::empty(engine, version.parse().unwrap());
    catalog.database = "shop".into();
    catalog.search_path = vec!["shop".into()];
    for (name, value) in [("sql_mode", "STRICT_TRANS_TABLES"), ("foreign_key_checks", "1"), ("binlog_format", "ROW")] {
        catalog.server.settings.insert(name.into(), value.into());
    }
    if let Some(rest) = setup.strip_prefix("SET binlog_format=") {
        catalog.server.settings.insert("binlog_format".into(), rest.split(';').next().unwrap().into());
    }
    let statements = setup.split_once("; ").filter(|(set, _)| set.starts_with("SET")).map_or(setup, |(_, rest)| rest);
    for located in &sidestep::sql::parse(statements, engine).unwrap().statements {
        sidestep::engine::replay(&mut catalog, &located.statement).unwrap();
    }
    for table in &mut catalog.tables {
        table.stats.rows = Some(40_000_000);
        table.stats.heap_bytes = 6 << 30;
    }
    let policy = Policy { strategy: Strategy::Online, executor, ..Policy::default() };
    match change::plan(wish, &catalog, &policy) {
        Ok(plan) => {
            let who = plan.steps().find_map(|(_, s)| match &s.act {
                Act::External { command, .. } if command.contains("gh-ost ") => Some("gh-ost"),
                Act::External { command, .. } if command.contains("pt-online-schema-change ") => Some("pt-osc"),
                _ => None,
            });
            let why = plan.steps().next().map(|(_, s)| s.why.clone()).unwrap_or_default();
            format!("planned by {}: {why}", who.unwrap_or("the server"))
        }
        Err(why) => why.to_string(),
    }
}

#[test]
fn what_a_tool_cannot_do_is_said_before() {
    let (my, maria) = (Engine::Mysql, Engine::Mariadb);
    let plain =
        "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT, b VARCHAR(9) NOT NULL, UNIQUE KEY b (b)) ENGINE=InnoDB";
    let copy = "ALTER TABLE t MODIFY COLUMN a BIGINT";
    let child = "CREATE TABLE p (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB; CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT, p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id)) ENGINE=InnoDB";
    let own = "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT, p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES t (id)) ENGINE=InnoDB";
    let triggers = format!("{plain}; CREATE TRIGGER r AFTER INSERT ON t FOR EACH ROW SET @x = 1");
    let bare = "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT) ENGINE=InnoDB";
    let keyless = "CREATE TABLE t (id INT, a INT) ENGINE=InnoDB";
    for (engine, version, setup, wish, executor, says) in [
        (my, "8.4.3", plain, copy, Executor::Auto, "planned by gh-ost"),
        (my, "8.4.3", child, copy, Executor::Auto, "planned by pt-osc"),
        (my, "8.4.3", child, copy, Executor::GhOst, "gh-ost changes no table that points at another"),
        (my, "8.4.3", own, copy, Executor::PtOsc, "points at the table itself"),
        (my, "8.0.15", plain, copy, Executor::PtOsc, "refuses to run on MySQL 8.0.14 to 8.0.17"),
        (my, "8.0.18", plain, copy, Executor::PtOsc, "planned by pt-osc"),
        (my, "5.6.24", plain, copy, Executor::GhOst, "cut-over loses no write"),
        (my, "5.6.24", &triggers, copy, Executor::PtOsc, "one trigger per event"),
        (my, "8.4.3", &triggers, copy, Executor::GhOst, "it has triggers"),
        (my, "8.4.3", &triggers, copy, Executor::Auto, "planned by pt-osc"),
        (
            my,
            "8.4.3",
            &triggers,
            "ALTER TABLE t CONVERT TO CHARACTER SET latin1",
            Executor::PtOsc,
            "would be lost unseen",
        ),
        (maria, "10.11.6", plain, copy, Executor::Auto, "planned by pt-osc"),
        (maria, "10.11.6", plain, copy, Executor::GhOst, "no release of it up to 1.1.10 knows MariaDB"),
        (my, "8.4.3", keyless, copy, Executor::Auto, "no primary key and no unique index over NOT NULL columns"),
        (
            my,
            "8.4.3",
            "SET binlog_format=STATEMENT; CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT) ENGINE=InnoDB",
            copy,
            Executor::Auto,
            "it needs `binlog_format` = ROW, and the server has STATEMENT",
        ),
        (
            my,
            "8.4.3",
            plain,
            "ALTER TABLE t ADD UNIQUE KEY u (a)",
            Executor::PtOsc,
            "drops the rows that break a new unique key",
        ),
        (maria, "10.11.6", bare, "ALTER TABLE t DROP PRIMARY KEY", Executor::Auto, "stops at DROP PRIMARY KEY"),
        (
            my,
            "8.4.3",
            bare,
            "ALTER TABLE t DROP PRIMARY KEY",
            Executor::GhOst,
            "a unique key that the table has before and after",
        ),
        (my, "8.4.3", plain, "ALTER TABLE t CHANGE COLUMN a c BIGINT", Executor::PtOsc, ""),
    ] {
        let said = refused(engine, version, setup, wish, executor);
        assert!(said.contains(says), "{engine:?} {version} {wish} by {}: {said}", executor.word());
    }
}
