//! Plans on real servers: every case is exported as psql files and run to the end with the application at work between
//! any two steps, and taken back from several places. `SIDESTEP_CASE=part-of-a-name` runs some of them.

mod app;
mod drive;
mod failure;
pub mod journey;
mod keys;
mod sample;
pub mod shape;
mod subscribers;
mod traffic;

use crate::support::case::{self, Case};
use crate::support::majors;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Instant;

#[test]
fn every_kind_has_a_case_and_every_case_a_kind() {
    let cases = case::all();
    for case in &cases {
        assert!(sidestep::change::KINDS.iter().any(|k| k.name == case.kind), "{}", case.id());
    }
    for kind in sidestep::change::KINDS {
        assert!(cases.iter().any(|c| c.kind == kind.name), "{} has no case", kind.name);
    }
}

#[test]
fn plans_run_to_the_end_while_the_application_works() {
    for_each_case(2, journey::forward);
}

#[test]
fn plans_are_taken_back() {
    for_each_case(1, journey::back);
}

/// Enough for each run: neighbouring cases take other majors, so that all are met. `SIDESTEP_EVERY` or a case's name takes all.
fn some_of(majors: &[u16], nth: usize, most: usize) -> Vec<u16> {
    let n = majors.len();
    (0..most.min(n)).filter_map(|i| majors.get((nth + i * n / most) % n)).copied().collect()
}

/// Runs `f` for every case on its majors, two at a time, and reports all failures together.
fn for_each_case(most: usize, f: fn(&Case, u16) -> Result<(), String>) {
    let wanted = std::env::var("SIDESTEP_CASE").unwrap_or_default();
    let majors = majors();
    let every = std::env::var_os("SIDESTEP_EVERY").is_some();
    let mut jobs: Vec<(Case, u16)> = Vec::new();
    let cases =
        case::all().into_iter().filter(|c| c.offline.is_none() && wanted.split(',').any(|w| c.id().contains(w)));
    for (nth, case) in cases.enumerate() {
        let between = case.versions.iter().min()..=case.versions.iter().max();
        // With `SIDESTEP_EVERY` also on the majors between those that the case names.
        let meant = |v: &&u16| case.versions.contains(v) || (every && between.contains(&Some(*v)));
        let meant: Vec<u16> = majors.iter().filter(meant).copied().collect();
        let all = every || !wanted.is_empty();
        jobs.extend(if all { meant } else { some_of(&meant, nth, most) }.into_iter().map(|v| (case.clone(), v)));
    }
    // Neighbours on one server would wait for each other's CREATE INDEX CONCURRENTLY only within a database, but for
    // CREATE DATABASE on the whole cluster.
    jobs.sort_by_key(|(case, major)| std::cmp::Reverse((case.id(), *major)));
    let total = jobs.len();
    let queue = Mutex::new(jobs);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((case, major)) = { queue.lock().unwrap().pop() } {
                    let began = Instant::now();
                    let outcome = catch_unwind(AssertUnwindSafe(|| f(&case, major)))
                        .unwrap_or_else(|why| Err(format!("panic: {}", message(&*why))));
                    if std::env::var_os("SIDESTEP_TIMES").is_some() {
                        eprintln!("{:5.1} s  {} on {major}", began.elapsed().as_secs_f64(), case.id());
                    }
                    if let Err(why) = outcome {
                        // Seen at once with --nocapture; a run takes minutes.
                        eprintln!("FAILS {} on {major}: {why}", case.id());
                        failures.lock().unwrap().push(format!("== {} on {major}: {why}", case.id()));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    assert!(failures.is_empty(), "{} of {total} fail:\n{}", failures.len(), failures.join("\n"));
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default()
}
