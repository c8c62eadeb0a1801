//! Real MySQL and MariaDB servers for tests: one per engine and test process, a database per test.
//! A server starts from a copy of the data directory that `tests/run` made (`tests/setup/mysql.sh`) and ends with the process.

use super::MysqlSession;
use super::daemon::{Watchdog, as_owner, cached, free_port, make_private, sweep};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PREFIX: &str = "sidestep-my-";
/// Every server that can be had.
pub const EVERY_MYSQL: [&str; 5] = ["mariadb-10.5", "mariadb-10.11", "mariadb-11.8", "mysql-9.7", "mysql-5.6"];

/// The servers that this run tests against: `SIDESTEP_MYSQL`, or all.
pub fn mysqls() -> Vec<&'static str> {
    let Ok(listed) = std::env::var("SIDESTEP_MYSQL") else { return EVERY_MYSQL.to_vec() };
    let known = |name| *EVERY_MYSQL.iter().find(|e| **e == name).expect("SIDESTEP_MYSQL is a list of names");
    listed.split_whitespace().map(known).collect()
}

/// Runs `work` for each server of this run, two at a time; in the order of the names.
pub fn on_each_mysql<T: Send>(work: impl Fn(&'static MysqlServer) -> T + Sync) -> Vec<(&'static str, T)> {
    let names = mysqls();
    let next = AtomicUsize::new(0);
    let worker = || {
        let take = || names.get(next.fetch_add(1, Ordering::Relaxed)).copied();
        std::iter::from_fn(take).map(|name| (name, work(MysqlServer::of(name)))).collect::<Vec<_>>()
    };
    let mut done: Vec<(&str, T)> = std::thread::scope(|scope| {
        let running = [scope.spawn(worker), scope.spawn(worker)];
        running.into_iter().flat_map(|r| r.join().unwrap()).collect()
    });
    done.sort_by_key(|(name, _)| names.iter().position(|n| n == name));
    done
}

/// A running server. The account `tester`, password `tester`, has all rights from everywhere; `root` has no password and
/// comes by the socket only.
pub struct MysqlServer {
    /// `mariadb-10.11`.
    pub name: &'static str,
    pub port: u16,
    /// Holds the socket `s`, the data directory `data` and the log.
    pub dir: PathBuf,
    databases: AtomicU32,
    watchdog: Option<Watchdog>,
}

/// A database of its own; left to die with its server.
pub struct MysqlDatabase {
    pub name: String,
    pub url: String,
}

impl MysqlServer {
    /// The server of this name that all tests of the process share.
    pub fn of(name: &str) -> &'static Self {
        static SHARED: [OnceLock<MysqlServer>; EVERY_MYSQL.len()] = [const { OnceLock::new() }; EVERY_MYSQL.len()];
        let at = EVERY_MYSQL.iter().position(|e| *e == name).unwrap_or_else(|| panic!("no server is called {name}"));
        SHARED[at].get_or_init(|| Self::private(name, &[]))
    }

    /// A server for one test alone, with more options (`--lower-case-table-names=1`); stopped when dropped.
    pub fn private(name: &str, options: &[&str]) -> Self {
        static SWEPT: OnceLock<()> = OnceLock::new();
        SWEPT.get_or_init(|| sweep(PREFIX, "pid"));
        for _ in 0..3 {
            match Self::start(name, options) {
                Ok(server) => return server,
                // Another process took the port between our look and the server's.
                Err(why) if why.contains("Address already in use") => {}
                Err(why) => panic!("{name} does not start: {why}"),
            }
        }
        panic!("no free port for {name}")
    }

    fn start(name: &str, more: &[&str]) -> Result<Self, String> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let name = *EVERY_MYSQL.iter().find(|e| **e == name).expect("a known name");
        let home = binaries(name);
        let nth = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("{PREFIX}{}-{nth}-{name}", std::process::id()));
        make_private(&dir);
        let data = dir.join("data");
        let copied = as_owner(Path::new("cp")).arg("-r").arg(home.join("template")).arg(&data).status();
        assert!(copied.is_ok_and(|s| s.success()), "the data directory of {name} cannot be copied");
        make_private(&dir.join("tmp"));
        let port = free_port();
        let mut options = own_options(name, &dir, port);
        options.extend(more.iter().map(OsString::from));
        let watchdog = Some(Watchdog::over(&home.join("bin/mysqld"), &options, &dir, "KILL"));
        let server = Self { name, port, dir, databases: AtomicU32::new(0), watchdog };
        server.wait_until_ready().map(|()| server)
    }

    pub fn is_mariadb(&self) -> bool {
        self.name.starts_with("mariadb")
    }

    /// `(10, 11)`.
    pub fn version(&self) -> (u16, u16) {
        let numbers = self.name.rsplit('-').next().unwrap_or_default();
        let (major, minor) = numbers.split_once('.').unwrap();
        (major.parse().unwrap(), minor.parse().unwrap())
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.join("s")
    }

    /// The command-line client for this server: of its own packages, or MariaDB's where they have none.
    pub fn client(&self) -> PathBuf {
        let own = binaries(self.name).join("bin/mysql");
        if own.exists() { own } else { binaries("mariadb-10.11").join("bin/mysql") }
    }

    pub fn url(&self, database: &str) -> String {
        format!("mysql://tester:tester@127.0.0.1:{}/{database}", self.port)
    }

    /// An empty database.
    pub fn fresh_database(&self) -> MysqlDatabase {
        let name = format!("db_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let charset = "CHARACTER SET utf8mb4";
        MysqlSession::open(&self.url("mysql")).run(&format!("CREATE DATABASE {name} {charset}"));
        MysqlDatabase { url: self.url(&name), name }
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.dir.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.log().contains("ready for connections") {
            let log = self.log();
            if Instant::now() > deadline || log.contains("Aborting") || log.contains("Shutdown complete") {
                return Err(log);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for MysqlServer {
    fn drop(&mut self) {
        drop(self.watchdog.take());
    }
}

impl MysqlDatabase {
    pub fn session(&self) -> MysqlSession {
        MysqlSession::open(&self.url)
    }
}

/// The folder with `bin/mysqld` and `template`. `tests/run` fills the same place.
fn binaries(name: &str) -> PathBuf {
    cached(&format!("mysql/{name}"), "bin/mysqld", &format!("SIDESTEP_MYSQL={name}"))
}

fn own_options(name: &str, dir: &Path, port: u16) -> Vec<OsString> {
    let at = |option: &str, place: &str| format!("--{option}={}", dir.join(place).display());
    let mut options = vec![
        at("datadir", "data"),
        at("socket", "s"),
        at("pid-file", "pid"),
        at("tmpdir", "tmp"),
        at("log-bin", "data/binlog"),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        "--server-id=1".to_owned(),
        "--max-connections=100".to_owned(),
        "--performance-schema=ON".to_owned(),
        "--event-scheduler=OFF".to_owned(),
        "--default-time-zone=+00:00".to_owned(),
        "--innodb-buffer-pool-size=64M".to_owned(),
        // Nothing of a test server has to survive its machine.
        "--innodb-flush-log-at-trx-commit=0".to_owned(),
        "--innodb-doublewrite=0".to_owned(),
        "--sync-binlog=0".to_owned(),
    ];
    if name == "mysql-9.7" {
        // The key ring asks for a whole path, and each copy of the data directory has its own.
        let path = dir.join("keyring");
        let settings = format!("{{\"path\":\"{}\",\"read_only\":false}}", path.display());
        fs::write(dir.join("data/component_keyring_file.cnf"), settings).unwrap();
        options.push("--innodb-redo-log-capacity=16M".to_owned());
    } else {
        options.extend(["--binlog-format=ROW".to_owned(), "--innodb-log-file-size=16M".to_owned()]);
    }
    if name != "mysql-5.6" {
        // MariaDB and older releases of MySQL record no metadata locks unless they are told to.
        options.push("--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON".to_owned());
    }
    options.into_iter().map(OsString::from).collect()
}
