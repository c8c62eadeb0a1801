//! What the servers of all engines share: where they are cached, whose they are, and that none outlives its test process.

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Owner of the servers when the tests run as root, which no server does. `tests/run` creates it.
const TEST_USER: &str = "sidestep-test";

/// A server under a shell that stops it and removes its folder as soon as this process is gone, however it died.
pub struct Watchdog {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    /// The shell has a process group of its own: an interrupt at the terminal must not kill it before it has cleaned up.
    /// `signal` stops the server at once; its folder is not needed any more.
    pub fn over(program: &Path, arguments: &[OsString], dir: &Path, signal: &str) -> Self {
        const WATCHDOG: &str = r#"
            dir=$1 signal=$2
            shift 2
            "$@" </dev/null >"$dir/log" 2>&1 &
            server=$!
            cat >/dev/null
            kill -"$signal" $server 2>/dev/null
            wait $server
            cd / && rm -rf "$dir"
        "#;
        let mut shell = as_owner(Path::new("/bin/sh"));
        shell.args(["-c", WATCHDOG, "watchdog"]).arg(dir).arg(signal).arg(program).args(arguments);
        shell.current_dir(dir).process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut shell = shell.spawn().expect("the watchdog starts");
        let pipe = shell.stdin.take();
        Self { shell, pipe }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

/// A folder of the cache that `tests/run` fills; `choose` is the variable that makes it fetch this one.
pub fn cached(name: &str, holding: &str, choose: &str) -> PathBuf {
    let mut places: Vec<PathBuf> = std::env::var_os("SIDESTEP_ENGINES").map(PathBuf::from).into_iter().collect();
    if places.is_empty() {
        places.push("/var/cache/sidestep/engines".into());
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        places
            .extend(std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or(home).map(|c| c.join("sidestep/engines")));
    }
    let found = places.iter().map(|p| p.join(name)).find(|p| p.join(holding).exists());
    found.unwrap_or_else(|| panic!("no `{name}/{holding}` in {places:?}: run `{choose} tests/run --setup` once"))
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
pub fn as_owner(program: &Path) -> Command {
    let mut command = if runs_as_root() {
        let (uid, gid) = test_user();
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into(), "--".into()]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    };
    // Variables of the developer's shell must not lead a test to another server; a preload is not readable for the test user.
    let theirs = |name: &str| name.starts_with("PG") || name.starts_with("MYSQL");
    for (name, _) in std::env::vars_os().filter(|(n, _)| theirs(&n.to_string_lossy())) {
        command.env_remove(name);
    }
    command.env_remove("LD_PRELOAD").env("HOME", "/").stdin(Stdio::null());
    command
}

/// A new folder of the servers' owner.
pub fn make_private(dir: &Path) {
    fs::create_dir(dir).unwrap_or_else(|why| panic!("{}: {why}", dir.display()));
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    if runs_as_root() {
        let (uid, gid) = test_user();
        std::os::unix::fs::chown(dir, Some(uid), Some(gid)).unwrap();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Removes what earlier processes left whose watchdog was killed as well. `pid_file` is below a server's folder.
pub fn sweep(prefix: &str, pid_file: &str) {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(owner) = name.strip_prefix(prefix).and_then(|n| n.split('-').next()) else { continue };
        if Path::new("/proc").join(owner).exists() {
            continue;
        }
        let dir = entry.path();
        let pid = fs::read_to_string(dir.join(pid_file)).unwrap_or_default();
        if let Some(pid) = pid.lines().next()
            && fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|c| c.contains(&*dir.to_string_lossy()))
        {
            let _ = Command::new("kill").args(["-QUIT", pid]).status();
        }
        let _ = fs::remove_dir_all(dir);
    }
}
