//! What goes wrong in the middle of a plan: a metadata lock that is not granted, a backfill and a copy that are killed, rows that
//! clients hold. The same file run again always ends right.

use super::app::World;
use super::case::{Case, all};
use super::files::{Ready, prepared, structure};
use super::journey::after;
use super::on_each;
use super::traffic::Traffic;
use crate::mysql_inspect::load;
use crate::support::{MysqlServer, MysqlSession};
use sidestep::plan::{Act, Executor, Step};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn the_case(name: &str, rows: u32) -> Case {
    let mut case = all().into_iter().find(|c| c.name == name).unwrap();
    case.policy.lock_timeout_ms = 1000;
    // Doubled until there are enough.
    case.rows = "INSERT INTO users (email, name, age) VALUES ('a@x', 'Ann', 30);\n".to_owned();
    let mut there = 1;
    while there < rows {
        case.rows.push_str(
            "INSERT INTO users (email, name, age) SELECT CONCAT('u', id, '@x'), CONCAT('n', id), 30 FROM users;\n",
        );
        there *= 2;
    }
    case
}

fn run_until(ready: &Ready, end: usize) {
    for (path, content, step) in ready.steps().into_iter().take(end) {
        ready.run(content, step).unwrap_or_else(|why| panic!("{} {path}: {why}", ready.server.name));
    }
}

fn run_from(ready: &Ready, start: usize) {
    for (path, content, step) in ready.steps().into_iter().skip(start) {
        ready.run(content, step).unwrap_or_else(|why| panic!("{} {path}: {why}", ready.server.name));
    }
}

/// Kills the statement of another session of the database whose text begins so, as soon as there is one.
fn kill(sql: &mut MysqlSession, database: &str, beginning: &str, how: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let found = sql.column(&format!(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{database}' AND ID <> CONNECTION_ID() AND INFO REGEXP '^({beginning})'"
        ));
        if let Some(id) = found.first() {
            return sql.try_run(&format!("{how} {id}")).is_ok();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

#[test]
fn a_step_that_gets_no_lock_gives_up_and_clients_go_on() {
    on_each(|server| {
        let case = the_case("rename-column", 8);
        let ready = prepared(server, &case).unwrap();
        let before = load(&ready.database);
        let after = after(server, &case, &ready);
        let world = Arc::new(World::new(&case, &ready.plan, before, after, &mut ready.database.session()));
        let traffic = Traffic::start(&case, &world, &ready.database);
        let mut reader = ready.database.session();
        let mut held = 0;
        for (path, content, step) in ready.steps() {
            let row = ready.plan.grid_row(&step.id).unwrap();
            traffic.serve(ready.plan.releases.iter().filter(|r| row.running.contains(&r.id)).cloned().collect());
            let brief = step.timeouts().is_some_and(|t| t.lock_ms == case.policy.lock_timeout_ms);
            if brief && matches!(step.act, Act::Sql { .. }) {
                reader.run("START TRANSACTION; SELECT COUNT(*) FROM users");
                let shape = structure(&ready.database, true);
                let began = Instant::now();
                let why = ready.run(content, step).unwrap_err();
                assert!(why.contains("1205"), "{} {path}: {why}", server.name);
                assert!(began.elapsed() < Duration::from_secs(4), "{} {path}: {:?}", server.name, began.elapsed());
                traffic.settle().unwrap_or_else(|why| panic!("{} {path}: {why}", server.name));
                reader.run("COMMIT");
                assert_eq!(structure(&ready.database, true), shape, "{} {path}", server.name);
                held += 1;
            }
            ready.run(content, step).unwrap_or_else(|why| panic!("{} {path}: {why}", server.name));
            traffic.check().unwrap_or_else(|why| panic!("{} {path}: {why}", server.name));
        }
        assert!(held >= 3, "{}: {held} steps waited", server.name);
    });
}

fn backfill(ready: &Ready) -> (usize, String, Step) {
    let steps = ready.steps();
    let at = steps.iter().position(|(_, _, s)| matches!(s.act, Act::Backfill { .. })).unwrap();
    (at, steps[at].1.clone(), steps[at].2.clone())
}

#[test]
fn a_backfill_that_was_killed_goes_on_where_it_was() {
    on_each(|server| {
        let mut case = the_case("rename-column", 2_000);
        (case.policy.batch_rows, case.policy.batch_pause_ms) = (50, 40);
        let ready = prepared(server, &case).unwrap();
        let (at, content, step) = backfill(&ready);
        run_until(&ready, at);
        let mut sql = ready.database.session();
        let filled = "SELECT COUNT(*) FROM users WHERE full_name IS NOT NULL";
        let mut before = 0;
        for how in ["KILL QUERY", "KILL"] {
            let child = ready.client().start(&content, "");
            while sql.value(filled).parse::<u64>().unwrap() <= before + 100 {
                std::thread::sleep(Duration::from_millis(2));
            }
            assert!(
                kill(&mut sql, &ready.database.name, "CALL|IF SLEEP|SLEEP|UPDATE|SELECT COUNT|SELECT .id. INTO", how),
                "{}: nothing to kill",
                server.name
            );
            let ended = child.wait_with_output().unwrap();
            let now: u64 = sql.value(filled).parse().unwrap();
            assert!(!ended.status.success(), "{}: the client goes on after {how}", server.name);
            assert!(now > before && now < 2_000, "{}: {before}, then {now} rows are filled", server.name);
            assert_eq!(ready.is_done(&step), Some(false), "{}", server.name);
            before = now;
        }
        ready.run(&content, &step).unwrap();
        assert_eq!(ready.is_done(&step), Some(true), "{}", server.name);
        run_from(&ready, at + 1);
        assert!(!structure(&ready.database, true).iter().any(|l| l.starts_with("routine")), "{}", server.name);
    });
}

#[test]
fn a_copy_that_was_killed_leaves_nothing_and_is_run_again() {
    on_each(|server| {
        let mut case = the_case("widen-number", 60_000);
        case.policy.executor = Executor::Native;
        let ready = prepared(server, &case).unwrap();
        let steps = ready.steps();
        let at = steps.iter().position(|(_, _, s)| s.sql().iter().any(|q| q.starts_with("ALTER TABLE"))).unwrap();
        run_until(&ready, at);
        let (path, content, step) = steps[at];
        let shape = structure(&ready.database, true);
        let child = ready.client().start(content, &ready.confirmed(step));
        let mut sql = ready.database.session();
        assert!(kill(&mut sql, &ready.database.name, "ALTER TABLE", "KILL QUERY"), "{} {path}", server.name);
        assert!(!child.wait_with_output().unwrap().status.success(), "{} {path}", server.name);
        assert_eq!(structure(&ready.database, true), shape, "{} {path}", server.name);
        assert_eq!(ready.is_done(step), Some(false), "{} {path}", server.name);
        run_from(&ready, at);
        assert_eq!(ready.is_done(step), Some(true), "{} {path}", server.name);
    });
}

/// Two rows in one transaction, against the order of the key, while batches go along the key.
fn against_the_order(server: &MysqlServer) -> Result<u64, String> {
    let mut case = the_case("rename-column", 16_000);
    case.policy.batch_rows = 100;
    let ready = prepared(server, &case).unwrap();
    let (at, content, step) = backfill(&ready);
    run_until(&ready, at);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let mut sql = ready.database.session();
            let ids: Vec<u64> =
                sql.column("SELECT id FROM users ORDER BY id").iter().map(|i| i.parse().unwrap()).collect();
            let mut rounds = 0;
            while !over.load(Ordering::Relaxed) {
                let pair = rounds as usize * 13 % (ids.len() - 40);
                let (low, high) = (ids[pair], ids[pair + 37]);
                for text in [
                    "START TRANSACTION".to_owned(),
                    format!("UPDATE users SET age = {} WHERE id = {high}", rounds % 90),
                    format!("UPDATE users SET age = {} WHERE id = {low}", rounds % 90),
                    "COMMIT".to_owned(),
                ] {
                    sql.try_run(&text).map_err(|why| format!("{} {} in {text}", why.code, why.message))?;
                }
                rounds += 1;
            }
            Ok::<u64, String>(rounds)
        });
        ready.run(&content, &step).unwrap_or_else(|why| panic!("{}: {why}", server.name));
        over.store(true, Ordering::Relaxed);
        client.join().unwrap()
    })
}

#[test]
fn clients_are_no_victims_of_a_backfill() {
    for (server, outcome) in on_each(against_the_order) {
        match outcome {
            Ok(rounds) => assert!(rounds > 50, "{server}: {rounds} rounds"),
            // It has no way to ask for a lock without waiting; the plan says so.
            Err(why) => assert!(server == "mysql-5.6" && why.starts_with("1213"), "{server}: {why}"),
        }
    }
}
