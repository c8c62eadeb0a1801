//! Online schema change tools: the commands that a plan generates, run as they stand, by the real pt-online-schema-change (and by gh-ost
//! where `SIDESTEP_GH_OST` names it) on real servers, beside clients that write; to the end, and stopped half way.

mod gh_ost;
mod refused;
mod writers;

use super::mysql_inspect::load;
use crate::support::{MysqlDatabase, MysqlServer, MysqlSession, mysqls};
use sidestep::change;
use sidestep::plan::{Act, Executor, Plan, Policy, Step, Strategy, Undo};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use writers::{Writers, assert_same, held};

const PASSWORD: &str = "pa55-w0rd,of=osc";
const ROWS: u64 = 6_000;

/// A database, the tool's account, and the environment that its commands are written for.
struct Bench<'s> {
    server: &'s MysqlServer,
    database: MysqlDatabase,
    dir: PathBuf,
}

impl<'s> Bench<'s> {
    fn new(server: &'s MysqlServer, setup: &str) -> Self {
        Self::named(server, server.fresh_database(), setup)
    }

    fn named(server: &'s MysqlServer, database: MysqlDatabase, setup: &str) -> Self {
        static NTH: AtomicU32 = AtomicU32::new(0);
        let dir = server.dir.join(format!("tool-{}", NTH.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(dir.join("run")).unwrap();
        let mut sql = database.session();
        for host in ["%", "localhost"] {
            let _ = sql.try_run(&format!("CREATE USER osc@'{host}' IDENTIFIED BY '{PASSWORD}'"));
            sql.run(&format!("GRANT ALL PRIVILEGES ON *.* TO osc@'{host}'"));
        }
        // A full exchange of caching_sha2_password goes over TLS; the tools find it done.
        let mut first = Command::new(server.client());
        first.args(["-h127.0.0.1", "-uosc", "-P", &server.port.to_string(), "-e", "DO 0"]).env("MYSQL_PWD", PASSWORD);
        let out = first.output().unwrap();
        assert!(out.status.success(), "{}: {}", server.name, String::from_utf8_lossy(&out.stderr));
        sql.run(setup);
        let option = format!("[client]\nuser=osc\npassword='{PASSWORD}'\n");
        std::fs::write(dir.join("conf"), option).unwrap();
        std::fs::set_permissions(dir.join("conf"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        Self { server, database, dir }
    }

    fn plan(&self, wish: &str, executor: Executor) -> Plan {
        let policy = Policy { strategy: Strategy::Online, executor, ..Policy::default() };
        change::plan(wish, &load(&self.database), &policy)
            .unwrap_or_else(|e| panic!("{}: {wish}: {e}", self.server.name))
    }

    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("bash");
        shell.args(["-c", command]).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell.env("PT_CONF", self.dir.join("conf")).env("GHOST_CONF", self.dir.join("conf"));
        shell.env("MYSQL_HOST", "127.0.0.1").env("MYSQL_PORT", self.server.port.to_string());
        shell.env("SIDESTEP_RUN", self.dir.join("run")).env("MYSQL", "mariadb");
        if let Some(gh_ost) = gh_ost() {
            let path = std::env::var("PATH").unwrap_or_default();
            shell.env("PATH", format!("{}:{path}", gh_ost.parent().unwrap().display()));
        }
        shell
    }

    fn run(&self, command: &str) -> Output {
        self.shell(command).output().unwrap()
    }

    /// Runs the command of a step; the step's check is true behind it.
    fn step(&self, step: &Step) {
        let Act::External { command, .. } = &step.act else { return };
        let out = self.run(command);
        assert!(out.status.success(), "{} {}: {}", self.server.name, step.title, said(&out));
        if let Some(check) = &step.done_when {
            assert_eq!(self.database.session().value(&check.sql), check.expect, "{}", step.title);
        }
    }

    fn count(&self, view: &str, condition: &str) -> String {
        let schema = if view == "TRIGGERS" { "TRIGGER_SCHEMA" } else { "TABLE_SCHEMA" };
        let sql = format!("SELECT COUNT(*) FROM information_schema.{view} WHERE {schema} = DATABASE() AND {condition}");
        self.database.session().value(&sql)
    }

    fn assert_clean(&self, tables: &[&str]) {
        let mut sql = self.database.session();
        assert_eq!(sql.column("SHOW TABLES"), tables, "{}", self.server.name);
        assert_eq!(self.count("TRIGGERS", "TRIGGER_NAME LIKE 'pt\\_osc%'"), "0");
    }
}

fn said(out: &Output) -> String {
    format!("{:?}\n{}\n{}", out.status, String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

fn gh_ost() -> Option<PathBuf> {
    std::env::var_os("SIDESTEP_GH_OST").map(PathBuf::from)
}

fn the<'p>(plan: &'p Plan, what: &str) -> &'p Step {
    let titles: Vec<&str> = plan.steps().map(|(_, s)| s.title.as_str()).collect();
    plan.steps()
        .map(|(_, s)| s)
        .find(|s| s.title.ends_with(what))
        .unwrap_or_else(|| panic!("no step {what} in {titles:?}"))
}

fn command(step: &Step) -> &str {
    let Act::External { command, .. } = &step.act else { panic!("{} is no command", step.title) };
    command
}

const USERS: &str = "CREATE TABLE users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(40) NOT NULL, n INT NOT NULL DEFAULT 0, UNIQUE KEY users_email (email)) ENGINE=InnoDB";

fn filled(create: &str) -> String {
    let values: Vec<String> = (1..=ROWS).map(|i| format!("({i}, 'u{i}', 0)")).collect();
    format!("{create}; INSERT INTO users (id, email, n) VALUES {}", values.join(", "))
}

fn servers() -> Vec<&'static MysqlServer> {
    mysqls().into_iter().filter(|n| *n != "mariadb-11.8").map(MysqlServer::of).collect()
}

/// Waits until the copy stands still before the first row: its triggers are there.
fn wait_for_triggers(bench: &Bench, child: &mut Child) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while bench.count("TRIGGERS", "TRIGGER_NAME LIKE 'pt\\_osc%'") != "3" {
        assert!(child.try_wait().unwrap().is_none(), "{}: the tool ended", bench.server.name);
        assert!(Instant::now() < deadline, "{}: no triggers", bench.server.name);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_generated_commands_run_to_the_end_beside_writers() {
    for server in servers() {
        let bench = Bench::new(server, &filled(USERS));
        let plan = bench.plan("ALTER TABLE users MODIFY COLUMN id BIGINT NOT NULL AUTO_INCREMENT", Executor::PtOsc);
        let writers = Writers::start(&bench.database.url, "users", 2);
        bench.step(the(&plan, ": try it"));
        bench.assert_clean(&["users"]);
        bench.step(the(&plan, ": copy, and keep in step"));
        bench.step(the(&plan, ": compare, and switch"));
        let (rows, done) = writers.end();
        let mut sql = bench.database.session();
        assert_same(server.name, held(&mut sql, "users"), rows);
        assert!(done > 20, "{}: {done} writes", server.name);
        assert_eq!(sql.column("SHOW TABLES"), ["_users_old", "users"]);
        // A second time it renames nothing.
        assert!(!bench.run(command(the(&plan, ": compare, and switch"))).status.success());
        bench.step(the(&plan, ": drop the old table"));
        bench.assert_clean(&["users"]);
        eprintln!("{}: {done} writes beside the run", server.name);
    }
}

#[test]
fn stopped_half_way_it_is_cleared_away_and_runs_again() {
    for (server, how) in servers().into_iter().zip(["INT", "KILL", "INT", "KILL"]) {
        let bench = Bench::new(server, &filled(USERS));
        let plan = bench.plan("ALTER TABLE users MODIFY COLUMN id BIGINT NOT NULL AUTO_INCREMENT", Executor::PtOsc);
        let copy = the(&plan, ": copy, and keep in step");
        let writers = Writers::start(&bench.database.url, "users", 2);
        let pause = bench.dir.join("run").join(format!("{}.users.pause", bench.database.name));
        std::fs::write(&pause, "").unwrap();
        let mut child = bench.shell(command(copy)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for_triggers(&bench, &mut child);
        no_password_in_sight();
        let group = format!("-{}", child.id());
        assert!(Command::new("kill").args(["-s", how, "--", &group]).status().unwrap().success());
        assert!(!child.wait().unwrap().success());
        std::fs::remove_file(&pause).unwrap();
        assert_eq!(bench.count("TRIGGERS", "TRIGGER_NAME LIKE 'pt\\_osc%'"), "3", "what it leaves");
        assert_eq!(bench.count("TABLES", "TABLE_NAME = '_users_new'"), "1");
        // It sees what it left, and does not begin a second time.
        assert!(!bench.run(command(the(&plan, ": try it"))).status.success());
        assert!(!bench.run(command(copy)).status.success());
        undo(&bench, copy);
        bench.assert_clean(&["users"]);
        for name in [": try it", ": copy, and keep in step", ": compare, and switch", ": drop the old table"] {
            bench.step(the(&plan, name));
        }
        let (rows, _) = writers.end();
        assert_same(server.name, held(&mut bench.database.session(), "users"), rows);
        bench.assert_clean(&["users"]);
    }
}

fn undo(bench: &Bench, step: &Step) {
    let Undo::Sql { sql, .. } = &step.undo else { panic!("{:?}", step.undo) };
    let mut session = bench.database.session();
    sql.iter().for_each(|s| session.run(s));
}

/// Of all processes of this machine, none shows it to others.
fn no_password_in_sight() {
    let shown =
        std::fs::read_dir("/proc").unwrap().filter_map(|e| std::fs::read(e.unwrap().path().join("cmdline")).ok());
    let found: Vec<String> =
        shown.map(|c| String::from_utf8_lossy(&c).into_owned()).filter(|c| c.contains(PASSWORD)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_server_under_load_stops_it() {
    let server = MysqlServer::of("mariadb-10.11");
    let bench = Bench::new(server, &filled(USERS));
    let plan = bench.plan("ALTER TABLE users MODIFY COLUMN id BIGINT NOT NULL AUTO_INCREMENT", Executor::PtOsc);
    let copy = the(&plan, ": copy, and keep in step");
    let low = command(copy)
        .replace("Threads_running=200", "Threads_running=1")
        .replace("Threads_running=50", "Threads_running=1");
    assert_ne!(low, command(copy));
    let writers = Writers::start(&bench.database.url, "users", 3);
    let out = bench.run(&low);
    assert!(!out.status.success(), "{}", said(&out));
    undo(&bench, copy);
    let (rows, _) = writers.end();
    assert_same(server.name, held(&mut bench.database.session(), "users"), rows);
    bench.assert_clean(&["users"]);
}

/// What INSERT IGNORE lets go of without a word is found before the tables change places.
#[test]
fn nothing_is_lost_without_a_word() {
    for server in servers() {
        let text = "CREATE TABLE users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, n INT NOT NULL DEFAULT 0, UNIQUE KEY users_email (email)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; INSERT INTO users (email) VALUES ('a'), ('b'), ('A'), ('long enough')";
        for (wish, mends) in [
            (
                "ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
                "DELETE FROM users WHERE id = 3",
            ),
            (
                "ALTER TABLE users MODIFY COLUMN email VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
                "UPDATE users SET email = 'short' WHERE id = 4",
            ),
        ] {
            let bench = Bench::new(server, text);
            let policy = Policy { strategy: Strategy::Online, executor: Executor::PtOsc, ..Policy::default() };
            let plan = match change::plan(wish, &load(&bench.database), &policy) {
                Ok(plan) if plan.steps().any(|(_, s)| matches!(s.act, Act::External { .. })) => plan,
                other => {
                    eprintln!("{} {wish}: {:?}", server.name, other.map(|p| p.title));
                    continue;
                }
            };
            let copy = the(&plan, ": copy, and keep in step");
            let switch = the(&plan, ": compare, and switch");
            bench.step(copy);
            let out = bench.run(command(switch));
            assert!(!out.status.success() && said(&out).contains("does not hold the rows"), "{wish}: {}", said(&out));
            assert_eq!(bench.database.session().value("SELECT COUNT(*) FROM users"), "4");
            undo(&bench, copy);
            bench.database.session().run(mends);
            bench.step(copy);
            bench.step(switch);
            bench.step(the(&plan, ": drop the old table"));
            bench.assert_clean(&["users"]);
        }
    }
}

const SHOP: &str = "CREATE TABLE users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(40) NOT NULL, n INT NOT NULL DEFAULT 0) ENGINE=InnoDB;
CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, total DECIMAL(10,2) NOT NULL DEFAULT 0, CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE) ENGINE=InnoDB;
INSERT INTO users (email) VALUES ('a'), ('b'), ('c'); INSERT INTO orders (user_id) VALUES (1), (2), (2)";

fn foreign_keys(sql: &mut MysqlSession) -> Vec<Vec<String>> {
    sql.rows("SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME, r.DELETE_RULE FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL")
}

/// Foreign keys to the table, and of the table: the same ones under the same names, and they hold.
#[test]
fn foreign_keys_come_through_under_their_names() {
    for server in servers() {
        for (wish, stays) in [
            ("ALTER TABLE users MODIFY COLUMN n BIGINT NOT NULL DEFAULT 0", "users"),
            ("ALTER TABLE orders MODIFY COLUMN total DECIMAL(12,2) NOT NULL DEFAULT 0", "orders"),
        ] {
            let bench = Bench::new(server, SHOP);
            let before = foreign_keys(&mut bench.database.session());
            let plan = bench.plan(wish, Executor::PtOsc);
            let stop = std::sync::Arc::new(AtomicBool::new(false));
            let buyer = std::thread::spawn({
                let (url, stop) = (bench.database.url.clone(), stop.clone());
                move || buy(&url, &stop)
            });
            for name in [": try it", ": copy, and keep in step", ": compare, and switch"] {
                bench.step(the(&plan, name));
            }
            stop.store(true, Ordering::Relaxed);
            let bought = buyer.join().unwrap();
            let mut sql = bench.database.session();
            assert_eq!(sql.value("SELECT COUNT(*) FROM orders"), (3 + bought).to_string(), "{}", server.name);
            bench.step(the(&plan, ": drop the old table"));
            assert_eq!(foreign_keys(&mut sql), before, "{}: {stays}", server.name);
            assert_eq!(sql.try_run("INSERT INTO orders (user_id) VALUES (123456789)").unwrap_err().code, 1452);
            sql.run("DELETE FROM users WHERE id = 2");
            assert_eq!(sql.value("SELECT COUNT(*) FROM orders WHERE user_id = 2"), "0");
            bench.assert_clean(&["orders", "users"]);
        }
    }
}

/// A new user, and an order of that user, again and again: not one of them may be refused.
fn buy(url: &str, stop: &AtomicBool) -> u32 {
    let mut sql = MysqlSession::open(url);
    let mut bought = 0;
    while !stop.load(Ordering::Relaxed) {
        let statement = "INSERT INTO users (email) VALUES ('x')";
        if sql.try_run(statement).is_err_and(|e| [1213, 1205].contains(&e.code)) {
            continue;
        }
        loop {
            match sql.try_run("INSERT INTO orders (user_id, total) VALUES (LAST_INSERT_ID(), 1)") {
                Ok(()) => break,
                Err(e) if [1213, 1205].contains(&e.code) => {}
                Err(e) => panic!("{e:?}"),
            }
        }
        bought += 1;
    }
    bought
}

#[test]
fn a_table_with_triggers_keeps_them() {
    for server in servers().into_iter().filter(|s| s.name != "mysql-5.6") {
        let setup = format!(
            "{USERS}; CREATE TABLE seen (id INT NOT NULL) ENGINE=InnoDB; CREATE TRIGGER users_seen AFTER INSERT ON users FOR EACH ROW INSERT INTO seen VALUES (NEW.id)"
        );
        let bench = Bench::new(server, &setup);
        let plan = bench.plan("ALTER TABLE users MODIFY COLUMN n BIGINT NOT NULL DEFAULT 0", Executor::PtOsc);
        bench.database.session().run("INSERT INTO users (email) VALUES ('a'), ('b')");
        for name in [": try it", ": copy and switch", ": drop the old table"] {
            bench.step(the(&plan, name));
        }
        let mut sql = bench.database.session();
        sql.run("INSERT INTO users (email) VALUES ('c')");
        assert_eq!(sql.column("SELECT id FROM seen ORDER BY id"), ["1", "2", "3"], "{}", server.name);
        bench.assert_clean(&["seen", "users"]);
    }
}

/// Names that shells, DSNs and files have another idea of.
#[test]
fn names_as_they_come() {
    let long = "n".repeat(64);
    for server in servers().into_iter().filter(|s| ["mariadb-10.11", "mysql-9.7"].contains(&s.name)) {
        for name in ["we ird,$(touch x);t=b", "UPPER", long.as_str()] {
            let bench = Bench::new(
                server,
                &format!(
                    "CREATE TABLE `{name}` (id INT NOT NULL PRIMARY KEY, `a b` INT NOT NULL, `é` INT) ENGINE=InnoDB; INSERT INTO `{name}` VALUES (1, 2, 3), (2, 3, 4)"
                ),
            );
            let wish =
                format!("ALTER TABLE `{name}` MODIFY COLUMN `a b` BIGINT NOT NULL DEFAULT 5 COMMENT 'größe $HOME'");
            let plan = bench.plan(&wish, Executor::PtOsc);
            for what in [": try it", ": copy, and keep in step", ": compare, and switch", ": drop the old table"] {
                bench.step(the(&plan, what));
            }
            bench.assert_clean(&[name]);
            let mut sql = bench.database.session();
            let rows: Vec<String> =
                sql.rows(&format!("SELECT * FROM `{name}`")).into_iter().map(|r| r.join(" ")).collect();
            assert_eq!(rows, ["1 2 3", "2 3 4"], "{} {name}", server.name);
            let shown = sql.rows(&format!("SHOW CREATE TABLE `{name}`"))[0][1].clone();
            assert!(shown.contains("COMMENT 'größe $HOME'"), "{}: {shown}", server.name);
        }
    }
}
