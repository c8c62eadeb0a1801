//! What goes wrong in the middle of a plan: locks that are not granted, cancelled backfills and builds, files run twice,
//! out of order or unapproved. The same file run again always ends right.

use super::app::App;
use super::drive::{Drive, make_plan};
use super::journey::{prepared, read};
use super::shape::{Names, shape};
use crate::support::case::{self, Case};
use crate::support::{Database, Server, majors};
use sidestep::plan::{Act, Step};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn the_case() -> Case {
    let mut case = case::all().into_iter().find(|c| c.id() == "replace-columns/split-users").unwrap();
    case.policy.batch_rows = 500;
    case.policy.batch_pause_ms = 10;
    case.policy.lock_timeout_ms = 300;
    case
}

fn ready(case: &Case, major: u16, label: &str) -> (Database, Drive) {
    let database = prepared(case, major).unwrap();
    let plan = make_plan(case, &read(&database)).unwrap();
    let drive = Drive::new(plan, &database, label).unwrap();
    (database, drive)
}

fn position(drive: &Drive, wanted: impl Fn(&Step) -> bool) -> usize {
    drive.steps().iter().position(wanted).unwrap()
}

fn run_until(drive: &Drive, end: usize) {
    (0..end).for_each(|i| drop(drive.run_file(i).unwrap()));
}

fn wait_for(drive: &mut Drive, query: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while drive.sql.value(query) != "t" {
        assert!(Instant::now() < deadline, "never true: {query}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Ends the statement that psql is running for this step.
fn cancel(drive: &mut Drive, step: &Step, how: &str) {
    drive.sql.run(&format!(
        "SELECT {how}(pid) FROM pg_stat_activity WHERE application_name = 'sidestep {}' AND datname = current_database()",
        step.id
    ));
}

fn some(candidates: &[u16]) -> Vec<u16> {
    majors().into_iter().filter(|m| candidates.contains(m)).collect()
}

#[test]
fn a_backfill_that_was_stopped_goes_on_where_it_was() {
    for major in some(&[10, 15]) {
        let (_database, mut drive) = ready(&the_case(), major, "backfill");
        let at = position(&drive, |s| matches!(s.act, Act::Backfill { .. }));
        run_until(&drive, at);
        let step = drive.steps()[at].clone();
        for how in ["pg_cancel_backend", "pg_terminate_backend"] {
            let before: u64 =
                drive.sql.value("SELECT count(*) FROM users WHERE first_name IS NOT NULL").parse().unwrap();
            let mut child = drive.psql_command(drive.file(at), &[]).spawn().unwrap();
            wait_for(
                &mut drive,
                &format!("SELECT count(*) >= {} FROM users WHERE first_name IS NOT NULL", before + 1_000),
            );
            // Between two statements there is nothing to cancel.
            let ended = loop {
                cancel(&mut drive, &step, how);
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                std::thread::sleep(Duration::from_millis(3));
            };
            assert!(!ended.success(), "{major}: psql goes on after {how}");
            let after: u64 =
                drive.sql.value("SELECT count(*) FROM users WHERE first_name IS NOT NULL").parse().unwrap();
            assert!(after > before && after < 50_000, "{major}: {before} then {after} rows are filled");
            assert_eq!(drive.is_done(&step), Ok(Some(false)), "{major}");
        }
        drive.run_file(at).unwrap();
        assert_eq!(drive.is_done(&step), Ok(Some(true)), "{major}");
        for i in at + 1..drive.steps().len() {
            drive.run_file(i).unwrap();
        }
    }
}

#[test]
fn a_cancelled_index_build_is_healed_by_the_same_file() {
    for major in some(&[10, 12, 18]) {
        let (database, mut drive) = ready(&the_case(), major, "index");
        let at = position(&drive, |s| s.sql().iter().any(|q| q.contains("INDEX CONCURRENTLY")));
        run_until(&drive, at);
        let step = drive.steps()[at].clone();
        // The build waits for this transaction with its index half done.
        let mut old = database.session();
        old.run("BEGIN; UPDATE users SET email = email WHERE id = 1");
        let child = drive.psql_command(drive.file(at), &[]).spawn().unwrap();
        wait_for(&mut drive, "SELECT EXISTS (SELECT 1 FROM pg_index WHERE NOT indisvalid)");
        cancel(&mut drive, &step, "pg_cancel_backend");
        assert!(!child.wait_with_output().unwrap().status.success(), "{major}");
        assert_eq!(drive.sql.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "1", "{major}");
        assert_eq!(drive.is_done(&step), Ok(Some(false)), "{major}");
        old.run("ROLLBACK");
        drive.run_file(at).unwrap();
        assert_eq!(drive.sql.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0", "{major}");
        assert_eq!(drive.is_done(&step), Ok(Some(true)), "{major}");
    }
}

#[test]
fn a_step_that_gets_no_lock_changes_nothing_and_can_be_run_again() {
    for major in some(&[10, 18]) {
        let (database, drive) = ready(&the_case(), major, "locks");
        let mut reader = database.session();
        for (at, step) in drive.steps().iter().enumerate() {
            // Any of these would wait for a reader.
            let strong = step.locks.iter().any(|l| l.mode == sidestep::model::LockMode::AccessExclusive);
            let brief = step.timeouts().is_some_and(|t| t.lock_ms > 0);
            if matches!(step.act, Act::Sql { .. }) && strong && brief {
                let before = shape(&read(&database), Names::Exact);
                reader.run("BEGIN; SELECT count(*) FROM users");
                let began = Instant::now();
                let why = drive.run_file(at).unwrap_err();
                assert!(why.contains("lock timeout"), "{major} {}: {why}", step.id);
                assert!(began.elapsed() < Duration::from_secs(8), "{major} {}: {:?}", step.id, began.elapsed());
                reader.run("ROLLBACK");
                assert_eq!(shape(&read(&database), Names::Exact), before, "{major} {}", step.id);
            }
            drive.run_file(at).unwrap();
        }
    }
}

#[test]
fn files_run_twice_do_nothing_and_out_of_order_they_stop() {
    for major in some(&[12]) {
        let (database, drive) = ready(&the_case(), major, "order");
        let steps = drive.steps();
        for (at, step) in steps.iter().enumerate() {
            let changes = step.changes_database();
            if let Some(later) = (at + 1..steps.len()).find(|i| changes && steps[*i].changes_database()) {
                let before = shape(&read(&database), Names::Exact);
                assert!(drive.run_file(later).is_err(), "{} ran before {}", steps[later].id, step.id);
                assert_eq!(shape(&read(&database), Names::Exact), before, "{}", steps[later].id);
            }
            let asks = matches!(step.act, Act::Deploy { .. } | Act::Approve { .. } | Act::Wait { .. })
                || matches!(step.undo, sidestep::plan::Undo::PointOfNoReturn { .. });
            if asks {
                let plain = drive.psql(drive.file(at), &[]);
                assert!(!plain.status.success(), "{} runs unconfirmed", step.id);
            }
            drive.run_file(at).unwrap();
            let before = shape(&read(&database), Names::Exact);
            drive.run_file(at).unwrap_or_else(|why| panic!("{} a second time: {why}", step.id));
            assert_eq!(shape(&read(&database), Names::Exact), before, "{}", step.id);
        }
    }
}

#[test]
fn the_application_never_stops_while_the_plan_runs() {
    for major in some(&[10, 15]) {
        let mut case = the_case();
        case.policy.batch_pause_ms = 0;
        let (database, drive) = ready(&case, major, "traffic");
        let naive = Server::major(major).fresh_database();
        naive.session().run(&format!("{}{}", case.setup, case.wish));
        let mut app = App::new(&case, &drive.plan, database.session(), &mut naive.session()).unwrap();
        app.promises = false;
        let serving = Mutex::new(vec!["R0".to_owned()]);
        let (over, rounds) = (AtomicBool::new(false), Mutex::new(0));
        let outcome = std::thread::scope(|scope| {
            let application = scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let now = serving.lock().unwrap();
                    for id in now.iter() {
                        app.work(drive.plan.release(id).unwrap())?;
                    }
                    *rounds.lock().unwrap() += 1;
                    drop(now);
                    std::thread::sleep(Duration::from_millis(2));
                }
                Ok::<Duration, String>(app.slowest)
            });
            for (at, step) in drive.steps().iter().enumerate() {
                serving.lock().unwrap().clone_from(&drive.plan.grid_row(&step.id).unwrap().running);
                // Traffic may keep a brief lock from being granted; that is what "run it again" is for.
                let mut tries = 0;
                while let Err(why) = drive.run_file(at) {
                    tries += 1;
                    if application.is_finished() || tries > 50 || !why.contains("lock timeout") {
                        over.store(true, Ordering::Relaxed);
                        return Err(format!("step {}: {why}", step.id));
                    }
                }
            }
            over.store(true, Ordering::Relaxed);
            application.join().unwrap()
        });
        let slowest = outcome.unwrap_or_else(|why| panic!("{major}: {why}"));
        // A writer waits at most for the lock timeout and what stands in the queue before it.
        assert!(slowest < Duration::from_secs(5), "{major}: a statement took {slowest:?}");
        assert!(*rounds.lock().unwrap() > 5);
    }
}

#[test]
fn a_detaching_that_was_interrupted_is_ended_by_the_same_file() {
    for major in some(&[15, 18]) {
        let case = case::all().into_iter().find(|c| c.id() == "detach-partition/plain").unwrap();
        let (database, mut drive) = ready(&case, major, "detach");
        let at = position(&drive, |s| s.sql().iter().any(|q| q.contains(" CONCURRENTLY")));
        run_until(&drive, at);
        let step = drive.steps()[at].clone();
        // It waits for this transaction with the partition marked as leaving.
        let mut old = database.session();
        old.run("BEGIN; SELECT count(*) FROM orders");
        let child = drive.psql_command(drive.file(at), &[]).spawn().unwrap();
        wait_for(&mut drive, "SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhdetachpending)");
        cancel(&mut drive, &step, "pg_cancel_backend");
        assert!(!child.wait_with_output().unwrap().status.success(), "{major}");
        old.run("COMMIT");
        assert_eq!(drive.is_done(&step), Ok(Some(false)), "{major}");
        // Planned anew, the catalog tells.
        let again = make_plan(&case, &read(&database)).unwrap();
        assert!(again.findings.iter().any(|f| f.text.contains("was interrupted")), "{major}: {:?}", again.findings);
        assert!(again.steps().any(|(_, s)| s.sql().iter().any(|q| q.contains("FINALIZE"))), "{major}");
        drive.run_file(at).unwrap();
        assert_eq!(drive.is_done(&step), Ok(Some(true)), "{major}");
    }
}

/// What takes something away asks whether it is gone, and so would find itself done where the plan never began.
#[test]
fn contract_files_take_nothing_away_where_the_plan_never_ran() {
    for (id, major) in [
        ("replace-columns/split-users", 15),
        ("rename-column/plain", 18),
        ("key-type/serial-family", 12),
        ("change-type/int-to-bigint", 10),
    ] {
        if !majors().contains(&major) {
            continue;
        }
        let case = case::all().into_iter().find(|c| c.id() == id).unwrap();
        let (database, drive) = ready(&case, major, "never");
        let start = shape(&read(&database), Names::Exact);
        let contract = drive
            .plan
            .steps()
            .enumerate()
            .filter(|(_, (phase, step))| *phase == sidestep::plan::PhaseName::Contract && step.changes_database());
        let contract: Vec<usize> = contract.map(|(i, _)| i).collect();
        assert!(!contract.is_empty(), "{id}");
        for position in contract {
            let _ = drive.run_file(position);
        }
        assert_eq!(shape(&read(&database), Names::Exact), start, "{id} on {major}");
    }
}
