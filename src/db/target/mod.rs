//! What a catalog can be read from: a server, a saved catalog, the demo. Parsing connects to nothing.

mod conninfo;
mod env;
mod found;
mod mysql;
mod pgpass;
mod service;
mod settings;
mod text;
mod tls;
mod wire;

pub use conninfo::{Conninfo, Host, Secret, SessionAttrs};
pub use env::Env;
pub use found::{Found, found};
pub use tls::{Binding, Roots, SslMode, TlsChoice};
pub use wire::{Wire, Words};

use super::demo::Demo;
use super::error::Error;
use crate::model::name::shown;
use settings::Settings;
use std::fmt;
use std::path::PathBuf;

#[derive(Clone, PartialEq)]
pub enum Target {
    Server(Box<ServerTarget>),
    /// A saved catalog.
    File(PathBuf),
    Demo(&'static Demo),
}

#[derive(Clone, PartialEq)]
pub struct ServerTarget {
    pub conninfo: Conninfo,
    origin: Vec<Origin>,
    warnings: Vec<String>,
}

/// One setting of a connection and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// As libpq calls it: `host`, `sslmode`, …
    pub what: &'static str,
    /// `…` for a password.
    pub value: String,
    /// `PGHOST`, `the URL`, `default`, …
    pub source: String,
}

/// Reads a target as it is typed: a URL, `key=value` pairs, `$DATABASE_URL`, a path, or `demo`.
/// An empty text means what the environment says.
pub fn parse(given: &str, env: &Env) -> Result<Target, Error> {
    let given = given.trim();
    if let Some(demo) = Demo::named(given) {
        return Ok(Target::Demo(demo));
    }
    if let Some(name) = given.strip_prefix('$') {
        let value =
            env.var(name).ok_or_else(|| Error::Target { because: format!("the variable `{name}` is not set") })?;
        let (pairs, _) = settings::read(value).map_err(|_| Error::Target {
            because: format!(
                "the value of `{name}` is neither a `postgresql://` or `mysql://` URL nor a `key=value` string"
            ),
        })?;
        return server(pairs, name, text::wire(value).unwrap_or(Wire::Postgresql), env);
    }
    if given.is_empty() || text::is_url(given) || text::is_pairs(given) {
        let (pairs, from) = settings::read(given)?;
        return server(pairs, from, text::wire(given).unwrap_or(Wire::Postgresql), env);
    }
    if let Some((scheme, _)) = given.split_once("://") {
        let because = format!(
            "`{}://` is not a scheme that sidestep knows; a server is `postgresql://…`, `mysql://…` or `mariadb://…`",
            shown(scheme)
        );
        return Err(Error::Target { because });
    }
    if given.contains(['/', '\\', '.']) {
        return Ok(Target::File(PathBuf::from(given)));
    }
    let given = shown(given);
    Err(Error::Target {
        because: format!(
            "`{given}` is no profile, URL (`postgresql://…`), `key=value` string or catalog file; a file in this folder is `./{given}`, a database `dbname={given}`"
        ),
    })
}

fn server(pairs: Vec<text::Pair>, from: &str, wire: Wire, env: &Env) -> Result<Target, Error> {
    let mut warnings = Vec::new();
    let (settings, conninfo) = match wire {
        Wire::Postgresql => {
            let mut settings = Settings::gather(pairs, from, env)?;
            let conninfo = conninfo::resolve(&mut settings, env, &mut warnings)?;
            (settings, conninfo)
        }
        Wire::Mysql => {
            let mut settings = mysql::gather(pairs, from, env, &mut warnings)?;
            let conninfo = mysql::resolve(&mut settings, env)?;
            (settings, conninfo)
        }
    };
    let mut origin: Vec<Origin> = settings
        .iter()
        .map(|(what, value)| Origin {
            what,
            value: if what == "password" { "…".to_owned() } else { value.text.clone() },
            source: value.source.clone(),
        })
        .collect();
    if conninfo.hosts.iter().any(|h| h.password.is_some()) {
        let source = "the password file".to_owned();
        origin.push(Origin { what: "password", value: "…".to_owned(), source });
    }
    Ok(Target::Server(Box::new(ServerTarget { conninfo, origin, warnings })))
}

impl Target {
    /// Where each setting of a connection came from, for the connect screen.
    pub fn origin(&self) -> &[Origin] {
        match self {
            Self::Server(server) => &server.origin,
            _ => &[],
        }
    }
    /// What was passed over, and why (a password file that others can read).
    pub fn warnings(&self) -> &[String] {
        match self {
            Self::Server(server) => &server.warnings,
            _ => &[],
        }
    }
    /// The same target with the password that a person typed.
    pub fn with_password(mut self, password: impl Into<String>) -> Self {
        if let Self::Server(server) = &mut self {
            server.conninfo.password = Some(Secret::new(password));
        }
        self
    }
    pub fn is_server(&self) -> bool {
        matches!(self, Self::Server(_))
    }
}

/// Safe to show and to log: `postgresql://ann@db1:5432/shop`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Demo(demo) => f.write_str(demo.word),
            Self::File(path) => f.write_str(&shown(&path.display().to_string())),
            Self::Server(server) => {
                let c = &server.conninfo;
                let hosts: Vec<String> = c.hosts.iter().map(Host::to_string).collect();
                let scheme = c.wire.words().scheme;
                write!(f, "{scheme}://{}@{}/{}", shown(&c.user), shown(&hosts.join(",")), shown(&c.database))
            }
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

#[cfg(test)]
mod tests;
