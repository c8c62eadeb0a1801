//! Clients of the running releases that never stop while a plan is carried out. They wait for a lock no longer than the
//! plan's own lock timeout and half a second more: the server itself counts, so that a busy machine proves nothing wrong.

use super::app::App;
use crate::support::Session;
use crate::support::case::Case;
use sidestep::plan::{Plan, Release};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

/// Beyond the plan's lock timeout; then the client gives up, and the run fails.
const PATIENCE_MS: u64 = 500;

/// Far from the numbers of the application that works between the steps.
const FIRST_NUMBER: u64 = 1_015_000;

#[derive(Default)]
struct Shared {
    /// Held by the clients while they work, and by the test while nothing may be written.
    serving: Mutex<Vec<Release>>,
    over: AtomicBool,
    failed: Mutex<Option<String>>,
    rounds: AtomicU64,
}

pub struct Traffic {
    shared: Arc<Shared>,
    clients: Option<JoinHandle<()>>,
}

impl Traffic {
    /// Clients of the plan's first release.
    pub fn start(case: &Case, plan: &Plan, mut sql: Session, naive: &mut Session) -> Result<Self, String> {
        let patience = case.policy.lock_timeout_ms + PATIENCE_MS;
        sql.try_run(&format!("SET lock_timeout = {patience}")).map_err(|why| why.message)?;
        let mut app = App::new(case, plan, sql, naive)?;
        app.promises = false;
        app.next = FIRST_NUMBER;
        let shared = Arc::new(Shared::default());
        shared.serving.lock().unwrap().extend(plan.releases.first().cloned());
        let theirs = Arc::clone(&shared);
        let clients = std::thread::spawn(move || {
            while !theirs.over.load(Ordering::Relaxed) {
                let serving = theirs.serving.lock().unwrap();
                let mut outcome = serving.iter().try_for_each(|release| app.work(release));
                // The types that a statement was made for were changed before it was sent: a swap, which the release bears.
                // So was the key that a statement picks its row by, where a view of two names makes room for the table.
                // So was a default that the statement left to the server, where the release itself would have sent a value:
                // of a column that is NOT NULL, or on 10 and 11 held so by a CHECK.
                let late = |why: &String| {
                    let codes = [": 42804 ", ": 42846 ", ": 23502 ", ": 42703 ", ": 23503 "];
                    codes.iter().any(|c| why.contains(c)) || (why.contains(": 23514 ") && why.contains("_not_null\""))
                };
                for _ in 0..3 {
                    if outcome.as_ref().is_err_and(late) {
                        outcome = serving.iter().try_for_each(|release| app.work(release));
                    }
                }
                // Values run out where a type has few; the application between the steps sends each but once.
                // And a row that was picked a moment ago may be one that the plan takes away.
                let meant = |why: &str| why.contains(": 23505 ") || why.contains(": 0 rows");
                if let Err(why) = outcome.or_else(|why| if meant(&why) { Ok(()) } else { Err(why) }) {
                    *theirs.failed.lock().unwrap() = Some(why);
                    return;
                }
                drop(serving);
                theirs.rounds.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(3));
            }
        });
        Ok(Self { shared, clients: Some(clients) })
    }

    /// From now on clients of these releases.
    pub fn serve(&self, releases: Vec<Release>) {
        *self.shared.serving.lock().unwrap() = releases;
    }

    /// No client writes while the guard lives.
    pub fn pause(&self) -> MutexGuard<'_, Vec<Release>> {
        self.shared.serving.lock().unwrap()
    }

    /// What a client met, if one failed.
    pub fn check(&self) -> Result<(), String> {
        match self.shared.failed.lock().unwrap().as_ref() {
            Some(why) => Err(format!("while it ran {why}")),
            None => Ok(()),
        }
    }

    pub fn rounds(&self) -> u64 {
        self.shared.rounds.load(Ordering::Relaxed)
    }

    pub fn stop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(clients) = self.clients.take() {
            drop(clients.join());
        }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.stop();
    }
}
