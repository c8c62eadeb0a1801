//! Real PostgreSQL servers for tests: one cluster per major and test process, a database per test.
//! A server lives as long as the test process: a watchdog shell holds the other end of a pipe.

use super::Session;
use super::daemon::{Watchdog, as_owner, cached, free_port, make_private, sweep};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const PREFIX: &str = "sidestep-pg-";
const FIRST: u16 = 10;

/// The majors that this run tests against: `SIDESTEP_MAJORS`, or four that differ most.
pub fn majors() -> Vec<u16> {
    let listed = std::env::var("SIDESTEP_MAJORS").unwrap_or_else(|_| "10 12 15 18".into());
    listed.split_whitespace().map(|m| m.parse().expect("SIDESTEP_MAJORS is a list of numbers")).collect()
}

/// The majors that the fact table is compared with: `SIDESTEP_FACT_MAJORS`, or those of every other test.
pub fn fact_majors() -> Vec<u16> {
    match std::env::var("SIDESTEP_FACT_MAJORS") {
        Ok(listed) => listed.split_whitespace().map(|m| m.parse().expect("a list of numbers")).collect(),
        Err(_) => majors(),
    }
}

/// Runs `work` for each major, two at a time (the machines that run the tests have two cores); in the order of the majors.
pub fn on_each<T: Send>(majors: &[u16], work: impl Fn(u16) -> T + Sync) -> Vec<(u16, T)> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let take = || majors.get(next.fetch_add(1, Ordering::Relaxed)).copied();
        std::iter::from_fn(take).map(|major| (major, work(major))).collect::<Vec<_>>()
    };
    let mut done: Vec<(u16, T)> = std::thread::scope(|scope| {
        let running = [scope.spawn(worker), scope.spawn(worker)];
        running.into_iter().flat_map(|r| r.join().unwrap()).collect()
    });
    done.sort_by_key(|(major, _)| *major);
    done
}

/// A running cluster, superuser `postgres`, `trust` on loopback and on its own socket directory.
pub struct Server {
    pub major: u16,
    pub port: u16,
    /// Holds the unix socket, the data directory and the log.
    pub dir: PathBuf,
    databases: AtomicU32,
    watchdog: Option<Watchdog>,
}

/// A database of its own; left to die with its server.
pub struct Database {
    pub name: String,
    pub url: String,
}

impl Server {
    /// The cluster of this major that all tests of the process share.
    pub fn major(major: u16) -> &'static Self {
        static SHARED: [OnceLock<Server>; 10] = [const { OnceLock::new() }; 10];
        SHARED[usize::from(major - FIRST)].get_or_init(|| Self::private(major, &[], None))
    }

    /// A cluster for one test alone, with settings and `pg_hba.conf` of its own; stopped when dropped.
    pub fn private(major: u16, settings: &[(&str, &str)], hba: Option<&str>) -> Self {
        static SWEPT: OnceLock<()> = OnceLock::new();
        SWEPT.get_or_init(|| sweep(PREFIX, "data/postmaster.pid"));
        for _ in 0..3 {
            match Self::start(major, settings, hba) {
                Ok(server) => return server,
                // Another process took the port between our look and the server's.
                Err(why) if why.contains("Address already in use") => {}
                Err(why) => panic!("PostgreSQL {major} does not start: {why}"),
            }
        }
        panic!("no free port for PostgreSQL {major}")
    }

    fn start(major: u16, settings: &[(&str, &str)], hba: Option<&str>) -> Result<Self, String> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let bin = binaries(major);
        let nth = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("{PREFIX}{}-{nth}-{major}", std::process::id()));
        make_private(&dir);
        let data = dir.join("data");
        let initdb = as_owner(&bin.join("initdb"))
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .current_dir(&dir)
            .output()
            .expect("initdb starts");
        assert!(initdb.status.success(), "initdb of {major}: {}", String::from_utf8_lossy(&initdb.stderr));
        if let Some(hba) = hba {
            fs::write(data.join("pg_hba.conf"), hba).unwrap();
        }
        let port = free_port();
        write_settings(&data, &dir, port, settings);
        let watchdog = Some(Watchdog::over(&bin.join("postgres"), &["-D".into(), data.into()], &dir, "QUIT"));
        let server = Self { major, port, dir, databases: AtomicU32::new(0), watchdog };
        server.wait_until_ready().map(|()| server)
    }

    /// The first argument of a connection by unix socket (`host=`).
    pub fn socket_dir(&self) -> &Path {
        &self.dir
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// An empty database.
    pub fn fresh_database(&self) -> Database {
        self.copy_of("template0")
    }

    /// A copy of a database that nobody is connected to: for a fixture that is loaded once.
    pub fn copy_of(&self, template: &str) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut sql = Session::open(&self.url("postgres"));
        // The server itself looks at a template for a moment after a session left it.
        let deadline = Instant::now() + Duration::from_secs(10);
        while let Err(why) = sql.try_run(&format!("CREATE DATABASE {name} TEMPLATE {template}")) {
            assert!(why.code == "55006" && Instant::now() < deadline, "{why:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Database { url: self.url(&name), name }
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(30);
        // The log says it before a connection could: a test's own `pg_hba.conf` may let nobody in.
        while !self.log().contains("database system is ready to accept connections") {
            if Instant::now() > deadline || self.log().contains("database system is shut down") {
                return Err(self.log());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.take());
    }
}

impl Database {
    pub fn session(&self) -> Session {
        Session::open(&self.url)
    }
}

/// The folder with `initdb` and `postgres`. `tests/run` fills the same place.
fn binaries(major: u16) -> PathBuf {
    cached(&major.to_string(), "bin/postgres", &format!("SIDESTEP_MAJORS={major}")).join("bin")
}

fn write_settings(data: &Path, dir: &Path, port: u16, more: &[(&str, &str)]) {
    let (port, socket) = (port.to_string(), dir.display().to_string());
    let own = [
        ("listen_addresses", "127.0.0.1"),
        ("port", &port),
        ("unix_socket_directories", &socket),
        ("max_connections", "60"),
        ("shared_buffers", "64MB"),
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
        ("wal_level", "logical"),
        ("max_prepared_transactions", "10"),
        // A statistics run in the middle of a test would hold locks that no test asked for.
        ("autovacuum", "off"),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
    ];
    let path = data.join("postgresql.auto.conf");
    let mut file = fs::File::create(path).unwrap();
    for (name, value) in own.iter().chain(more) {
        writeln!(file, "{name} = '{}'", value.replace('\'', "''")).unwrap();
    }
}
