//! Statements that the server refuses inside a transaction: run alone while another session is in their way, so that their
//! locks can be looked at while they wait.

use crate::facts::{Before, fixture, locks, statement};
use crate::inspect::inspect;
use crate::support::{Server, majors};
use sidestep::engine::{Sending, Session as Settings, judge};
use sidestep::model::LockMode;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// (from major, statement, what the other session holds, relations that are locked only after that wait).
const SHAPES: &[(u16, &str, &str, &[&str])] = &[
    (10, "CREATE INDEX CONCURRENTLY n ON np (a)", "LOCK TABLE np IN ROW EXCLUSIVE MODE", &[]),
    (10, "CREATE UNIQUE INDEX CONCURRENTLY n ON t (i4)", "LOCK TABLE t IN ROW EXCLUSIVE MODE", &[]),
    (10, "DROP INDEX CONCURRENTLY t_v_plain", "LOCK TABLE t IN ACCESS SHARE MODE", &[]),
    (12, "REINDEX INDEX CONCURRENTLY t_v_plain", "LOCK TABLE t IN ROW EXCLUSIVE MODE", &[]),
    (12, "REINDEX TABLE CONCURRENTLY np", "LOCK TABLE np IN ROW EXCLUSIVE MODE", &[]),
    (
        14,
        "ALTER TABLE pt DETACH PARTITION pt1 CONCURRENTLY",
        "LOCK TABLE pt IN SHARE UPDATE EXCLUSIVE MODE",
        &["public.pt1"],
    ),
    (10, "VACUUM np", "LOCK TABLE np IN SHARE UPDATE EXCLUSIVE MODE", &[]),
    (10, "VACUUM FULL np", "LOCK TABLE np IN ACCESS SHARE MODE", &[]),
];

#[test]
fn lone_statements_lock_what_their_rows_say() {
    let mut report = Vec::new();
    for major in majors() {
        let template = Server::major(major).fresh_database();
        template.session().run(&fixture(major));
        for (_, sql, obstacle, later) in SHAPES.iter().filter(|(since, ..)| *since <= major) {
            let database = Server::major(major).copy_of(&template.name);
            report.extend(
                try_one(&database.url, sql, obstacle, later).into_iter().map(|d| format!("{major}: {sql}\n      {d}")),
            );
        }
    }
    assert!(report.is_empty(), "{} differences\n{}", report.len(), report.join("\n"));
}

fn try_one(url: &str, sql: &str, obstacle: &str, later: &[&str]) -> Vec<String> {
    let mut report = Vec::new();
    let verdict = judge(&statement(sql), &inspect(url), &Settings::default());
    if verdict.fails.is_some() || verdict.sending != Sending::OutsideTransaction {
        report.push(format!("expected to work, and only outside a transaction: {verdict:?}"));
    }
    let mut watcher = crate::support::Session::open(url);
    let before = Before::read(&mut watcher);
    let mut blocker = crate::support::Session::open(url);
    let mut worker = crate::support::Session::open(url);
    let pid = worker.pid;
    blocker.run(&format!("BEGIN; {obstacle}"));
    let owned = sql.to_owned();
    let running = std::thread::spawn(move || worker.try_run(&owned));
    let deadline = Instant::now() + Duration::from_secs(20);
    let waiting = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND wait_event_type = 'Lock'");
    while watcher.value(&waiting) == "0" && !running.is_finished() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Asked for counts like held: the wait itself may be for the table.
    let measured: BTreeMap<String, LockMode> = locks(&mut watcher, pid, &before);
    if running.is_finished() {
        report.push("it did not wait for the other session".into());
    }
    blocker.run("ROLLBACK");
    if let Err(refused) = running.join().unwrap() {
        report.push(format!("expected to work, refused: {refused:?}"));
    }
    for lock in verdict.locks.iter().filter(|l| !later.contains(&l.object.as_str())) {
        let is_index = matches!(before.kind(&lock.object), 'i' | 'I');
        if measured.get(&lock.object) != Some(&lock.mode) && !is_index {
            report.push(format!("{}: expected {}, measured {:?}", lock.object, lock.mode, measured.get(&lock.object)));
        }
    }
    for (name, mode) in &measured {
        let expected = verdict.locks.iter().any(|l| l.object == *name);
        if !expected && !matches!(before.kind(name), 'i' | 'I' | 'S') {
            report.push(format!("{name}: expected no lock, measured {mode}"));
        }
    }
    report
}
