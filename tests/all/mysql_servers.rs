//! Servers and accounts that are not like others: without rights, with another `sql_mode`, without case, replicas, busy ones.

use super::mysql_inspect::{Kind, definitions, kind, load, rich, table, try_load};
use crate::support::{MysqlServer, MysqlSession, mysqls, on_each_mysql};
use sidestep::engine::dialect;
use sidestep::model::Ident;
use sidestep::model::engine::Role;
use sidestep::model::objects::Transaction;
use std::time::{Duration, Instant};

#[test]
fn an_account_without_rights_gets_gaps() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        let mut sql = database.session();
        rich(&mut sql, server);
        let (name, port) = (&database.name, server.port);
        sql.run(&format!(
            "CREATE USER weak_{name}@'%' IDENTIFIED BY 'w'; GRANT SELECT ON {name}.orders TO weak_{name}@'%'"
        ));
        let catalog = try_load(&format!("mysql://weak_{name}:w@127.0.0.1:{port}/{name}")).unwrap();
        assert_eq!(catalog.tables.iter().map(|t| t.name.name.as_str()).collect::<Vec<_>>(), ["orders"]);
        let gaps: Vec<&str> = catalog.gaps.iter().map(|g| g.what.as_str()).collect();
        for missing in [
            "tables that this account may not see",
            "triggers",
            "events",
            "long transactions",
            "sizes of indexes",
            "sessions of others",
        ] {
            assert!(gaps.contains(&missing), "{}: {missing} in {gaps:?}", server.name);
        }
        assert_eq!(catalog.tables[0].mysql.as_ref().unwrap().fulltext_id, None);
        assert!(catalog.tables[0].triggers.is_empty() && !catalog.tables[0].indexes.is_empty());
    });
}

#[test]
fn who_is_in_the_way_is_seen() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        let mut owner = database.session();
        owner.run("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO t VALUES (1)");
        let mut idle = database.session();
        idle.run("START TRANSACTION; SELECT * FROM t");
        let url = database.url.clone();
        let waiting = std::thread::spawn(move || {
            let mut sql = MysqlSession::open(&url);
            sql.run("SET SESSION lock_wait_timeout = 30");
            sql.try_run("ALTER TABLE t ADD COLUMN a INT")
        });
        let is = |pid: u32, t: &Transaction| t.pid == i32::try_from(pid).ok();
        let waits = |t: &Transaction| t.state.as_deref() == Some("waits for a metadata lock");
        let deadline = Instant::now() + Duration::from_secs(20);
        let catalog = loop {
            let catalog = load(&database);
            let old = catalog.transactions.iter().any(|t| is(idle.id, t) && t.age_s >= 5.0);
            if old && catalog.transactions.iter().any(waits) {
                break catalog;
            }
            assert!(Instant::now() < deadline, "{}: {:?}", server.name, catalog.transactions);
            std::thread::sleep(Duration::from_millis(200));
        };
        let culprit = catalog.transactions.iter().find(|t| is(idle.id, t)).unwrap();
        assert_eq!(culprit.state.as_deref(), Some("idle in transaction"), "{}", server.name);
        assert_eq!(culprit.user.as_deref(), Some("tester"));
        if kind(server) != Kind::Old {
            assert_eq!(culprit.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["t"], "{}", server.name);
        }
        // The app's one look says the same.
        let glance = dialect(catalog.server.engine).speech().glance(&catalog.server);
        let vitals = glance.vitals;
        let seen = owner.value(&format!("SELECT CONCAT(blocked, ' ', `lag`, ' ', longest >= 5) FROM ({vitals}) v"));
        assert_eq!(seen, "1 -1 1", "{}", server.name);
        // And who waits for whom, where the server shows who holds a metadata lock.
        let queue = owner.rows(&glance.queue);
        let of = |pid: String| queue.iter().find(|row| row[0] == pid).cloned();
        let waiter = queue
            .iter()
            .find(|row| row[4].contains("ADD COLUMN a INT"))
            .unwrap_or_else(|| panic!("{}: {queue:?}", server.name));
        assert!(waiter[3].contains("metadata lock"), "{queue:?}");
        if kind(server) != Kind::Old {
            assert_eq!(waiter[1], idle.id.to_string(), "{}: {queue:?}", server.name);
            let root = of(idle.id.to_string()).unwrap();
            assert_eq!((root[1].as_str(), root[3].as_str()), ("", "idle in transaction"), "{}", server.name);
        }
        idle.run("COMMIT");
        waiting.join().unwrap().unwrap();
    });
}

/// `sql_mode` of the server changes what `"` is, and how the server prints its own texts: not for us.
#[test]
fn ansi_quotes_as_the_servers_mode() {
    for name in mysqls().into_iter().filter(|n| ["mariadb-10.11", "mysql-9.7"].contains(n)) {
        let server = MysqlServer::private(name, &["--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT"]);
        let database = server.fresh_database();
        let mut sql = database.session();
        sql.run(
            r#"CREATE TABLE "t" (id INT PRIMARY KEY, a INT, b VARCHAR(9) DEFAULT 'x\\y', c VARCHAR(20) AS ('it''s' || b) VIRTUAL, KEY k (a))"#,
        );
        sql.run(r#"CREATE VIEW v AS SELECT "id" FROM "t""#);
        let catalog = load(&database);
        assert!(catalog.gaps.is_empty(), "{:?}", catalog.gaps);
        let t = table(&catalog, "t");
        assert_eq!(definitions(t), ["PRIMARY KEY (`id`)", "KEY `k` (`a`)", "PRIMARY KEY (`id`)"]);
        assert_eq!(t.columns[2].default.as_ref().unwrap().sql, r"'x\\y'");
        assert_eq!(catalog.views[0].uses.len(), 1, "{:?}", catalog.views);
        assert!(catalog.server.settings["sql_mode"].contains("ANSI_QUOTES"));
    }
}

#[test]
fn names_without_case() {
    let Some(name) = mysqls().into_iter().find(|n| n.starts_with("mariadb")) else { return };
    let server = MysqlServer::private(name, &["--lower-case-table-names=1"]);
    let database = server.fresh_database();
    database.session().run("CREATE TABLE Users (Id INT PRIMARY KEY) ENGINE=InnoDB");
    let catalog = load(&database);
    assert_eq!(catalog.server.settings["lower_case_table_names"], "1");
    assert_eq!(catalog.resolve(None, &"USERS".into()).unwrap().name.name.as_str(), "users");
    let schema = Ident(database.name.to_uppercase());
    assert!(catalog.resolve(Some(&schema), &"Users".into()).is_some());
    let other = MysqlServer::of(name).fresh_database();
    other.session().run("CREATE TABLE users (id INT PRIMARY KEY)");
    assert!(load(&other).resolve(None, &"USERS".into()).is_none());
}

#[test]
fn a_replica_and_its_source_know_each_other() {
    let Some(name) = mysqls().into_iter().find(|n| *n == "mariadb-10.11") else { return };
    let source = MysqlServer::private(name, &[]);
    let replica = MysqlServer::private(name, &["--server-id=2", "--read-only=1"]);
    let database = source.fresh_database();
    database.session().run("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB");
    let mut sql = MysqlSession::open(&replica.url("mysql"));
    sql.run(&format!(
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={}, MASTER_USER='tester', MASTER_PASSWORD='tester', \
         MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=4; START SLAVE",
        source.port
    ));
    let deadline = Instant::now() + Duration::from_secs(20);
    while sql.try_run(&format!("SELECT * FROM {}.t", database.name)).is_err() {
        assert!(Instant::now() < deadline, "{:?}", sql.rows("SHOW SLAVE STATUS"));
        std::thread::sleep(Duration::from_millis(50));
    }
    let catalog = try_load(&replica.url(&database.name)).unwrap();
    assert_eq!((catalog.server.role, catalog.tables.len()), (Role::Standby, 1));
    let setting = |name: &str| catalog.server.settings[name].as_str();
    let said = [setting("source_host"), setting("replica_sql_running"), setting("read_only")];
    assert_eq!(said, ["127.0.0.1", "Yes", "ON"]);
    assert!(setting("seconds_behind_source").parse::<u32>().is_ok());
    let catalog = load(&database);
    assert_eq!((catalog.server.role, catalog.replicas.len()), (Role::Primary, 1));
    assert!(catalog.replicas[0].name.starts_with("tester@127.0.0.1"), "{:?}", catalog.replicas);
}

/// Who reads as of before a change finds the table too young (1412): measured, and foretold for the same changes.
#[test]
fn a_snapshot_from_before() {
    on_each_mysql(|server| {
        let changes = [
            "ALTER TABLE t FORCE, ALGORITHM=INPLACE",
            "ALTER TABLE t FORCE, ALGORITHM=COPY",
            "ALTER TABLE t ADD INDEX k (a)",
            "ALTER TABLE t ADD COLUMN z INT",
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t MODIFY COLUMN a INT NOT NULL",
            "ALTER TABLE t MODIFY COLUMN s VARCHAR(30)",
            "ALTER TABLE t ALTER COLUMN a SET DEFAULT 5",
            "ALTER TABLE t CHANGE COLUMN b c INT",
            "ALTER TABLE t DROP INDEX old",
        ];
        let mut wrong = Vec::new();
        for change in changes {
            let database = server.fresh_database();
            let mut owner = database.session();
            owner.run(
                "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, s VARCHAR(20), KEY old (b)) ENGINE=InnoDB;
                 CREATE TABLE other (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO t VALUES (1, 1, 1, 'x'), (2, 2, 2, 'y')",
            );
            let catalog = load(&database);
            let script = sidestep::sql::parse_for(change, &catalog.server).unwrap();
            let session = sidestep::engine::Session::default();
            let verdict = sidestep::engine::judge(&script.statements[0].statement, &catalog, &session);
            let foretold = verdict.hazards.iter().any(|h| h.id == "old-snapshot");
            let mut reader = database.session();
            reader.run("START TRANSACTION WITH CONSISTENT SNAPSHOT");
            reader.rows("SELECT * FROM other");
            owner.run(change);
            // By the new index where there is one.
            let read = reader.try_rows(if change.contains("INDEX k") {
                "SELECT a FROM t FORCE INDEX (k) WHERE a = 1"
            } else {
                "SELECT id FROM t"
            });
            let refused = read.as_ref().is_err_and(|why| why.code == 1412);
            if refused != foretold {
                wrong.push(format!("{} {change}: foretold {foretold}, {read:?}", server.name));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
