//! What could be connected to, as far as the environment tells: for the connect screen. Connects to nothing.

use super::env::Env;
use super::{mysql, parse, service, text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// For people, without a password.
    pub label: String,
    /// What [`parse`] takes.
    pub target: String,
    /// `DATABASE_URL`, `PGHOST`, a file.
    pub source: String,
}

/// Variables that hold a URL, then `PG*` and `MYSQL_*`, then option files and services, then sockets of local servers.
pub fn found(env: &Env) -> Vec<Found> {
    let mut all = Vec::new();
    let mut urls: Vec<&str> = env.vars().filter(|(_, v)| text::is_url(v)).map(|(k, _)| k).collect();
    urls.sort_by_key(|name| (*name != "DATABASE_URL", *name));
    for name in urls {
        add(&mut all, format!("${name}"), name.to_owned(), env);
    }
    let set = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER"];
    let set: Vec<&str> = set.into_iter().filter(|name| env.var(name).is_some()).collect();
    if !set.is_empty() {
        add(&mut all, "postgresql://".to_owned(), set.join(", "), env);
    }
    let set: Vec<&str> = mysql::VARIABLES.into_iter().filter(|name| env.var(name).is_some()).collect();
    if !set.is_empty() {
        add(&mut all, "mysql://".to_owned(), set.join(", "), env);
    }
    for path in mysql::files_with_a_client(env) {
        add(&mut all, "mysql://".to_owned(), path.display().to_string(), env);
    }
    for (name, path) in service::names(env) {
        let quoted = name.replace('\\', "\\\\").replace('\'', "\\'");
        add(&mut all, format!("service='{quoted}'"), path.display().to_string(), env);
    }
    for dir in &env.socket_dirs {
        let Ok(entries) = std::fs::read_dir(dir) else { continue };
        let mut ports: Vec<u16> =
            entries.flatten().filter_map(|e| e.file_name().to_str()?.strip_prefix(".s.PGSQL.")?.parse().ok()).collect();
        ports.sort_unstable();
        for port in ports {
            let socket = dir.join(format!(".s.PGSQL.{port}"));
            add(&mut all, format!("host={} port={port}", dir.display()), socket.display().to_string(), env);
        }
    }
    for socket in env.mysql_sockets.iter().filter(|s| s.exists()) {
        let target = format!("mysql://?socket={}", text::encode(&socket.display().to_string()));
        add(&mut all, target, socket.display().to_string(), env);
    }
    all
}

fn add(all: &mut Vec<Found>, target: String, source: String, env: &Env) {
    // A source that does not parse is shown with the reason: the person would look for it otherwise.
    let label = match parse(&target, env) {
        Ok(parsed) => parsed.to_string(),
        Err(error) => error.to_string(),
    };
    all.push(Found { label, target, source });
}
