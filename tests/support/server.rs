//! Real PostgreSQL servers for tests: one cluster per major and test process, a database per test.
//! A server lives as long as the test process: a watchdog shell holds the other end of a pipe.

use super::Session;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Owner of the servers when the tests run as root, which PostgreSQL refuses. `tests/run` creates it.
const TEST_USER: &str = "sidestep-test";
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
    watchdog: Option<(Child, ChildStdin)>,
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
        SWEPT.get_or_init(sweep);
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
        let watchdog = Some(spawn(&bin, &dir));
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

    fn stop(&mut self) {
        if let Some((mut watchdog, pipe)) = self.watchdog.take() {
            drop(pipe);
            let _ = watchdog.wait();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Database {
    pub fn session(&self) -> Session {
        Session::open(&self.url)
    }
}

/// The folder with `initdb` and `postgres`. `tests/run` fills the same places.
fn binaries(major: u16) -> PathBuf {
    let mut places: Vec<PathBuf> = std::env::var_os("SIDESTEP_ENGINES").map(PathBuf::from).into_iter().collect();
    if places.is_empty() {
        places.push("/var/cache/sidestep/engines".into());
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        places
            .extend(std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or(home).map(|c| c.join("sidestep/engines")));
    }
    let bin = places.iter().map(|p| p.join(major.to_string()).join("bin")).find(|b| b.join("postgres").exists());
    bin.unwrap_or_else(|| {
        panic!("no PostgreSQL {major} in {places:?}: run `SIDESTEP_MAJORS={major} tests/run --setup` once")
    })
}

fn runs_as_root() -> bool {
    fs::metadata("/proc/self").map(|m| m.uid() == 0).unwrap_or(false)
}

/// User and group number of [`TEST_USER`].
fn test_user() -> (u32, u32) {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let entry = passwd.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f[0] == TEST_USER);
    let entry = entry.unwrap_or_else(|| panic!("no user `{TEST_USER}`: run `tests/run --setup` once"));
    (entry[2].parse().unwrap(), entry[3].parse().unwrap())
}

/// A command that runs as the owner of the servers.
fn as_owner(program: &Path) -> Command {
    let mut command = if runs_as_root() {
        let (uid, gid) = test_user();
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into(), "--".into()]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    };
    // PG* of the developer's shell must not lead a test to another server; a preload is not readable for the test user.
    for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command.env_remove("LD_PRELOAD").env("HOME", "/").stdin(Stdio::null());
    command
}

fn make_private(dir: &Path) {
    fs::create_dir(dir).unwrap_or_else(|why| panic!("{}: {why}", dir.display()));
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    if runs_as_root() {
        let (uid, gid) = test_user();
        std::os::unix::fs::chown(dir, Some(uid), Some(gid)).unwrap();
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
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

/// Starts the server under a shell that stops it and removes its folder as soon as this process is gone, however it died.
/// The shell has a process group of its own: an interrupt at the terminal must not kill it before it has cleaned up.
fn spawn(bin: &Path, dir: &Path) -> (Child, ChildStdin) {
    const WATCHDOG: &str = r#"
        "$1/postgres" -D "$2/data" </dev/null >"$2/log" 2>&1 &
        server=$!
        cat >/dev/null
        kill -QUIT $server 2>/dev/null
        wait $server
        cd / && rm -rf "$2"
    "#;
    let mut watchdog = as_owner(Path::new("/bin/sh"));
    watchdog.args(["-c", WATCHDOG, "watchdog"]).arg(bin).arg(dir).current_dir(dir).process_group(0);
    watchdog.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = watchdog.spawn().expect("the watchdog starts");
    let pipe = child.stdin.take().unwrap();
    (child, pipe)
}

/// Removes what earlier processes left whose watchdog was killed as well.
fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(owner) = name.strip_prefix(PREFIX).and_then(|n| n.split('-').next()) else { continue };
        if Path::new("/proc").join(owner).exists() {
            continue;
        }
        let dir = entry.path();
        let pid = fs::read_to_string(dir.join("data/postmaster.pid")).unwrap_or_default();
        if let Some(pid) = pid.lines().next()
            && fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|c| c.contains(&*dir.to_string_lossy()))
        {
            let _ = Command::new("kill").args(["-QUIT", pid]).status();
        }
        let _ = fs::remove_dir_all(dir);
    }
}
