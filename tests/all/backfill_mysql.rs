//! `backfill.sh` by the real client of MySQL and MariaDB: to the end beside writers, killed and resumed, held back by load and by
//! replicas, and what it does to hostile names.

use crate::support::sandbox::Sandbox;
use crate::support::script::{Ended, ended, exported, script};
use crate::support::{MysqlDatabase, MysqlServer, MysqlSession, linters, mysqls};
use sidestep::plan::{Act, Plan};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

struct Stage {
    home: Sandbox,
    sql: MysqlSession,
    database: MysqlDatabase,
    port: u16,
    plan: Plan,
}

const USERS: &str = "CREATE TABLE users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, born DATE) ENGINE=InnoDB";
const SPLIT: &str = "ALTER TABLE users ADD COLUMN upper_name VARCHAR(60); UPDATE users SET upper_name = UPPER(name);";

fn filled() -> String {
    let rows: Vec<String> = (1..=2000).map(|i| format!("('First{i} Last', '0000-00-00')")).collect();
    format!("SET SESSION sql_mode = ''; {USERS}; INSERT INTO users (name, born) VALUES {}", rows.join(", "))
}

impl Stage {
    fn new(server: &MysqlServer, setup: &str, wish: &str) -> Self {
        let database = server.fresh_database();
        let mut sql = database.session();
        sql.run(setup);
        let home = Sandbox::new();
        let plan = exported(&home, &database.url, wish, "mysql,backfill");
        home.write("conf", "[client]\nuser=tester\npassword=tester\n");
        fs::set_permissions(home.path("conf"), PermissionsExt::from_mode(0o600)).unwrap();
        Self { home, sql, database, port: server.port, plan }
    }

    /// What stands before the first backfill.
    fn go_up_to_the_backfill(&mut self) {
        for (_, step) in self.plan.steps() {
            match &step.act {
                Act::Backfill { .. } => return,
                Act::Sql { sql, .. } => sql.iter().for_each(|s| self.sql.run(s)),
                _ => {}
            }
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = script(&self.home, arguments);
        command.process_group(0).env("MYSQL", "mariadb");
        command.env("MYSQL_HOST", "127.0.0.1").env("MYSQL_TCP_PORT", self.port.to_string());
        command.env("MYSQL_DATABASE", &self.database.name).env("MYSQL_CONF", self.home.path("conf"));
        command
    }
    fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).spawn().unwrap())
    }
    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }
    fn filled(&mut self) -> u32 {
        self.sql.value("SELECT COUNT(upper_name) FROM users").parse().unwrap()
    }
    fn until(&mut self, condition: &str) {
        let begun = Instant::now();
        while self.sql.value(&format!("SELECT ({condition})")) != "1" {
            assert!(begun.elapsed() < Duration::from_secs(120), "never true: {condition}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// As a terminal does: to all of the group.
fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, "--", &format!("-{}", child.id())]).status().unwrap().success());
}

fn servers() -> Vec<&'static MysqlServer> {
    let some = ["mariadb-10.11", "mysql-9.7", "mysql-5.6"];
    mysqls().into_iter().filter(|n| some.contains(n)).map(MysqlServer::of).collect()
}

#[test]
fn it_runs_to_the_end_beside_writers() {
    for server in servers() {
        let mut stage = Stage::new(server, &filled(), SPLIT);
        stage.run(&[]).with(6, &["is not done: run it first"]);
        stage.go_up_to_the_backfill();
        stage.run(&["--verify"]).with(1, &["2000\n"]);
        stage.run(&["--dry-run", "--batch", "500"]).with(0, &["batches of 500 rows", "from 1 to 500"]);
        assert_eq!(stage.filled(), 0, "a dry run changes nothing");
        let url = stage.database.url.clone();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let writer = std::thread::spawn(move || {
            let mut sql = MysqlSession::open(&url);
            let mut written = 0;
            while stopped.try_recv().is_err() {
                sql.run("INSERT INTO users (name, upper_name) VALUES ('new', 'NEW')");
                sql.run("DELETE FROM users WHERE name = 'new' ORDER BY id LIMIT 1");
                written += 1;
            }
            written
        });
        stage
            .run(&["--every", "0", "--batch", "500", "--pause", "0"])
            .with(0, &["500 rows done", "done: no row is left"]);
        stop.send(()).unwrap();
        assert!(writer.join().unwrap() > 0);
        assert_eq!(stage.sql.value("SELECT COUNT(*) FROM users WHERE NOT (upper_name <=> UPPER(name))"), "0");
        stage.run(&[]).with(0, &["0 rows done", "no row is left"]);
        assert_eq!(linters::shellcheck(&stage.home.path("out/backfill.sh")), Ok(()));
        assert_eq!(linters::kubernetes(&stage.home.path("out/job.yaml")), Ok(()));
    }
}

#[test]
fn killed_in_the_middle_it_goes_on() {
    for server in servers().into_iter().filter(|s| s.name != "mysql-5.6") {
        let mut stage = Stage::new(server, &filled(), SPLIT);
        stage.go_up_to_the_backfill();
        for name in ["-KILL", "-TERM", "-INT"] {
            let before = stage.filled();
            let child = stage.start(&["--batch", "20", "--pause", "20"]);
            stage.until(&format!("SELECT COUNT(upper_name) > {} FROM users", before + 60));
            signal(&child, name);
            let end = ended(child);
            match name {
                "-KILL" => assert_eq!(end.status, None),
                "-TERM" => drop(end.with(143, &["stopped by a signal", "rows done"])),
                _ => drop(end.with(130, &["stopped by a signal"])),
            }
            stage.until("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()");
            let filled = stage.filled();
            assert!(filled > before && filled < 2_000 && filled.is_multiple_of(20), "{filled}");
        }
        stage.run(&["--pause", "0"]).with(0, &["going on after", "no row is left"]);
        assert_eq!(stage.filled(), 2_000);
    }
}

/// Keys of several columns of several types whose values hold what shells and clients are made of; names of the same kind.
#[test]
fn hostile_names_and_keys_stay_data() {
    const TABLE: &str = r#"`s'$(touch pwned) "t`"#;
    let keys = [
        "",
        "a''b",
        "a\\nsidestep:over\\nb",
        "back\\\\slash",
        "$(touch pwned)",
        "é",
        "\\r\\n",
        "\"",
        "x\\nsidestep:hi\\ny",
        "end\\n",
        "A",
        "😀",
    ];
    let values: Vec<String> = keys
        .iter()
        .flat_map(|k| {
            (1..=5u64)
                .map(move |i| format!("('{k}', {}, X'00FF{i:02}', '2020-01-0{i} 00:00:00', 'v{i}')", u64::MAX - i))
        })
        .collect();
    let setup = format!(
        "SET NAMES utf8mb4; CREATE TABLE {TABLE} (`k 1` VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, `k;2` BIGINT UNSIGNED NOT NULL, `k\\3` VARBINARY(8) NOT NULL, `when` DATETIME NOT NULL, `na'me :lo` VARCHAR(30) NOT NULL, PRIMARY KEY (`k 1`, `k;2`, `k\\3`, `when`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4; \
         INSERT INTO {TABLE} VALUES {}",
        values.join(", ")
    );
    let wish = format!(
        "ALTER TABLE {TABLE} ADD COLUMN `new ;\"x` VARCHAR(40); UPDATE {TABLE} SET `new ;\"x` = CONCAT(UPPER(`na'me :lo`), ' \\\\ :hi;');"
    );
    for server in servers() {
        let mut stage = Stage::new(server, &setup, &wish);
        stage.go_up_to_the_backfill();
        stage.run(&["--batch", "4", "--pause", "0", "--every", "0"]).with(0, &["60 rows done", "no row is left"]);
        let wrong =
            format!("SELECT COUNT(*) FROM {TABLE} WHERE NOT (`new ;\"x` <=> CONCAT(UPPER(`na'me :lo`), ' \\\\ :hi;'))");
        assert_eq!(stage.sql.value(&wrong), "0", "{}", server.name);
        assert!(!stage.home.path("pwned").exists() && !stage.home.path("out/pwned").exists());
        assert_eq!(linters::shellcheck(&stage.home.path("out/backfill.sh")), Ok(()));
    }
}

#[test]
fn it_waits_for_load_and_replicas_and_says_no_in_its_own_words() {
    let Some(server) = servers().into_iter().find(|s| s.name == "mariadb-10.11") else { return };
    let mut stage = Stage::new(server, &filled(), SPLIT);
    stage.go_up_to_the_backfill();
    // A server that is nobody's replica is one that nothing is known of.
    let port = server.port;
    let child = stage.start(&["--batch", "500", "--replica", &format!("127.0.0.1:{port}"), "--max-lag", "7"]);
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(stage.filled(), 0, "not one batch while a replica is not known to follow");
    signal(&child, "-TERM");
    ended(child).with(143, &["replicates from nobody", "waiting: replica lag"]);
    ended(stage.command(&[]).env("MYSQL_TCP_PORT", "1").spawn().unwrap()).with(3, &["Can't connect"]);
    ended(
        stage
            .command(&[])
            .env_remove("MYSQL_CONF")
            .env("MYSQL_USER", "tester")
            .env("MYSQL_PWD", "wrong")
            .spawn()
            .unwrap(),
    )
    .with(3, &["Access denied"]);
    stage.run(&["--nonsense"]).with(2, &["usage: bash backfill.sh", "--replica HOST[:PORT]", "MYSQL_CONF"]);
    // A row that somebody else holds: it tries again.
    let mut holder = stage.database.session();
    holder.run("START TRANSACTION; UPDATE users SET name = 'held' WHERE id = 17");
    let script = fs::read_to_string(stage.home.path("out/backfill.sh")).unwrap();
    stage.home.write("out/backfill.sh", script.replace("LOCK_MS=5000", "LOCK_MS=900"));
    stage.run(&["--retries", "0"]).with(5, &["gave up after 0 retries", "Lock wait timeout"]);
    let child = stage.start(&[]);
    std::thread::sleep(Duration::from_millis(1500));
    holder.run("COMMIT");
    ended(child).with(0, &["no row is left"]);
    stage.sql.run(
        "CREATE TRIGGER never BEFORE UPDATE ON users FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'never'",
    );
    stage.sql.run("INSERT INTO users (name) VALUES ('x')");
    stage.run(&[]).with(4, &["ERROR 1644 (45000)", "never"]);
}

#[test]
fn a_replica_that_lags_holds_it_back() {
    let Some(name) = mysqls().into_iter().find(|n| *n == "mariadb-10.11") else { return };
    let source = MysqlServer::private(name, &[]);
    let replica = MysqlServer::private(name, &["--server-id=2"]);
    let mut stage = Stage::new(&source, &filled(), SPLIT);
    stage.go_up_to_the_backfill();
    let mut behind = MysqlSession::open(&replica.url("mysql"));
    behind.run(&format!(
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={}, MASTER_USER='tester', MASTER_PASSWORD='tester', MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=4; START SLAVE",
        source.port
    ));
    let count = format!("SELECT COUNT(*) FROM {}.users", stage.database.name);
    let deadline = Instant::now() + Duration::from_secs(30);
    while !behind.try_rows(&count).is_ok_and(|r| r[0][0] == "2000") {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(50));
    }
    let replicas = format!("127.0.0.1:{}", replica.port);
    let child = stage.start(&["--batch", "100", "--pause", "20", "--replica", &replicas, "--max-lag", "2"]);
    stage.until("SELECT COUNT(upper_name) > 100 FROM users");
    behind.run("STOP SLAVE SQL_THREAD");
    std::thread::sleep(Duration::from_millis(2500));
    let filled = stage.filled();
    std::thread::sleep(Duration::from_millis(1000));
    assert_eq!(stage.filled(), filled, "it stands still between two batches");
    assert!(filled < 2000);
    behind.run("START SLAVE SQL_THREAD");
    ended(child).with(0, &["stands still", "waiting: replica lag", "going on", "no row is left"]);
}
