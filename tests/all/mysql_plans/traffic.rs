//! Clients of the running releases that never stop while a plan is carried out. Nothing that they send may fail, and nothing may
//! wait for longer than the plan's own lock timeout and half a second more.

use super::app::{App, World};
use super::case::Case;
use crate::support::MysqlDatabase;
use sidestep::plan::Release;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const CLIENTS: u64 = 2;
/// Beyond the plan's lock timeout.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Shared {
    /// Read by the clients while they work, written by the test while nothing may be sent.
    serving: RwLock<Vec<Release>>,
    over: AtomicBool,
    failed: Mutex<Option<String>>,
    /// The longest that a statement without a table took, in ms: what the machine alone makes everybody wait.
    machine: AtomicU64,
    rounds: AtomicU64,
}

pub struct Traffic {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

impl Traffic {
    pub fn start(case: &Case, world: &Arc<World>, database: &MysqlDatabase) -> Self {
        let shared = Arc::new(Shared::default());
        let bound = Duration::from_millis(case.policy.lock_timeout_ms) + PATIENCE;
        let clients = (0..CLIENTS).map(|nth| {
            let mut app = App::new(world, database.session(), 100_000 * (nth + 1));
            app.shares = nth == 0;
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                while !shared.over.load(Ordering::Relaxed) {
                    let serving = shared.serving.read().unwrap();
                    let mut outcome = serving.iter().try_for_each(|release| app.work(release));
                    drop(serving);
                    let busy = Duration::from_millis(3 * shared.machine.load(Ordering::Relaxed));
                    if outcome.is_ok() && app.slowest.0 > bound + busy {
                        outcome = Err(format!("a statement took {:?}: {}", app.slowest.0, app.slowest.1));
                    }
                    if let Err(why) = outcome {
                        shared.failed.lock().unwrap().get_or_insert(why);
                        return;
                    }
                    shared.rounds.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(2));
                }
            })
        });
        let mut clients: Vec<_> = clients.collect();
        let mut idle = App::new(world, database.session(), 0);
        let theirs = Arc::clone(&shared);
        clients.push(std::thread::spawn(move || {
            while !theirs.over.load(Ordering::Relaxed) {
                let began = Instant::now();
                std::thread::sleep(Duration::from_millis(5));
                let _ = idle.rows("DO 0");
                theirs.machine.fetch_max(began.elapsed().as_millis() as u64 - 5, Ordering::Relaxed);
            }
        }));
        Self { clients, shared }
    }

    /// From now on clients of these releases.
    pub fn serve(&self, releases: Vec<Release>) {
        *self.shared.serving.write().unwrap() = releases;
    }

    /// Nobody sends anything while the guard lives.
    pub fn pause(&self) -> RwLockWriteGuard<'_, Vec<Release>> {
        self.shared.serving.write().unwrap()
    }

    /// What a client met, if one failed.
    pub fn check(&self) -> Result<(), String> {
        match self.shared.failed.lock().unwrap().as_ref() {
            Some(why) => Err(format!("while it ran {why}")),
            None => Ok(()),
        }
    }

    /// Every client has seen what is there now.
    pub fn settle(&self) -> Result<(), String> {
        let seen = self.shared.rounds.load(Ordering::Relaxed) + 2 * CLIENTS;
        for _ in 0..30_000 {
            self.check()?;
            if self.shared.rounds.load(Ordering::Relaxed) >= seen {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err("the clients stand still".to_owned())
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            let _ = client.join();
        }
    }
}
