//! What a target's resolution may look at beside its text: variables, the home folder, the user. A value, so that
//! every rule is tested without touching the process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Env {
    vars: Vars,
    pub home: Option<PathBuf>,
    /// Name of the operating system's user: the default database user.
    pub os_user: Option<String>,
    /// Where servers put their unix sockets.
    pub socket_dirs: Vec<PathBuf>,
    /// Where servers of MySQL and MariaDB put theirs.
    pub mysql_sockets: Vec<PathBuf>,
    /// Option files of MySQL's clients that all users share.
    pub mysql_files: Vec<PathBuf>,
}

/// Not printed: `PGPASSWORD` is among them.
#[derive(Clone, Default, PartialEq)]
struct Vars(BTreeMap<String, String>);

impl std::fmt::Debug for Vars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Env {
    /// The running process's own.
    pub fn of_process() -> Self {
        let vars: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        let home = vars.get("HOME").filter(|h| !h.is_empty()).map(PathBuf::from);
        let os_user = login_name().or_else(|| vars.get("USER").cloned()).or_else(|| vars.get("LOGNAME").cloned());
        Self {
            vars: Vars(vars),
            home,
            os_user,
            socket_dirs: vec![PathBuf::from("/var/run/postgresql"), PathBuf::from("/tmp")],
            mysql_sockets: ["/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"]
                .map(PathBuf::from)
                .to_vec(),
            mysql_files: ["/etc/my.cnf", "/etc/mysql/my.cnf"].map(PathBuf::from).to_vec(),
        }
    }

    pub fn of_vars<const N: usize>(vars: [(&str, &str); N]) -> Self {
        let vars = vars.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Self { vars: Vars(vars), ..Self::default() }
    }

    /// Adds or replaces a variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.vars.0.insert(name.to_owned(), value.to_owned());
    }

    /// As libpq does, an empty variable counts as one that is not set.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    pub fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vars.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// A file under the home folder.
    pub fn at_home(&self, path: impl AsRef<Path>) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(path))
    }
}

/// The name behind the process's user number: `USER` may say something else after `su`.
#[cfg(target_os = "linux")]
fn login_name() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let number = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(not(target_os = "linux"))]
fn login_name() -> Option<String> {
    None
}
