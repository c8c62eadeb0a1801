//! A resolved connection: hosts, login, TLS and the rest, with libpq's defaults filled in.

use super::env::Env;
use super::pgpass;
use super::settings::Settings;
use super::tls::{self, TlsChoice};
use super::wire::Wire;
use crate::db::Error;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A password. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    pub(in crate::db) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Conninfo {
    pub wire: Wire,
    pub hosts: Vec<Host>,
    pub user: String,
    pub database: String,
    /// Given by the text, a service, `PGPASSWORD` or the prompt: for every host.
    pub password: Option<Secret>,
    pub tls: TlsChoice,
    pub connect_timeout: Duration,
    pub session: SessionAttrs,
    pub options: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// A name, an address, or the directory of a unix socket (of MySQL: the socket itself).
    pub name: String,
    pub address: Option<IpAddr>,
    /// 0 for a socket that needs none.
    pub port: u16,
    /// From the password file.
    pub password: Option<Secret>,
}

impl Host {
    pub fn is_socket(&self) -> bool {
        self.name.starts_with('/')
    }
}

/// `db1:5433`, `/var/run/postgresql:5432`.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.port == 0 {
            f.write_str(&self.name)
        } else if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionAttrs {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl SessionAttrs {
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::ReadWrite => "read-write",
            Self::ReadOnly => "read-only",
            Self::Primary => "primary",
            Self::Standby => "standby",
            Self::PreferStandby => "prefer-standby",
        }
    }
}

/// Fills in the defaults (so that the settings can be shown) and reads what they mean.
pub fn resolve(settings: &mut Settings, env: &Env, warnings: &mut Vec<String>) -> Result<Conninfo, Error> {
    settings.or_default("user", || env.os_user.clone(), "the operating system's user");
    let user = text(settings, "user").ok_or_else(|| bad("no user is given; set `PGUSER` or name one in the URL"))?;
    settings.or_default("dbname", || Some(user.clone()), "the same name as the user");
    settings.or_default("port", || Some("5432".to_owned()), "default");
    let ports = ports(&text(settings, "port").unwrap_or_default())?;
    if settings.get("hostaddr").is_none() {
        settings.or_default("host", || Some(default_host(env, &ports)), "default");
    }
    let database = text(settings, "dbname").unwrap_or_default();
    let mut hosts = hosts(settings, &ports)?;
    let password = settings.get("password").map(|v| Secret::new(v.text.clone()));
    if password.is_none() {
        from_passfile(&mut hosts, &user, &database, settings, env, warnings);
    }
    Ok(Conninfo {
        wire: Wire::Postgresql,
        tls: tls::choose(settings, env)?,
        hosts,
        user,
        database,
        password,
        connect_timeout: timeout(settings)?,
        session: session(settings)?,
        options: text(settings, "options"),
    })
}

fn text(settings: &Settings, key: &str) -> Option<String> {
    settings.get(key).map(|v| v.text.clone())
}

pub fn bad(because: impl Into<String>) -> Error {
    Error::Target { because: because.into() }
}

fn ports(text: &str) -> Result<Vec<u16>, Error> {
    text.split(',')
        .map(|port| match port.trim() {
            "" => Ok(5432),
            port => port
                .parse()
                .ok()
                .filter(|p| *p > 0)
                .ok_or_else(|| bad(format!("`{port}` is not a port; ports are 1 to 65535"))),
        })
        .collect()
}

/// The first socket that is there, as a client built for this system would; else `localhost`.
fn default_host(env: &Env, ports: &[u16]) -> String {
    let port = ports.first().copied().unwrap_or(5432);
    env.socket_dirs
        .iter()
        .find(|dir| dir.join(format!(".s.PGSQL.{port}")).exists())
        .map_or_else(|| "localhost".to_owned(), |dir| dir.display().to_string())
}

fn hosts(settings: &Settings, ports: &[u16]) -> Result<Vec<Host>, Error> {
    let list = |key| text(settings, key).map(|t| t.split(',').map(|h| h.trim().to_owned()).collect::<Vec<_>>());
    let addresses = list("hostaddr");
    let names = list("host").or_else(|| addresses.clone()).unwrap_or_default();
    if addresses.as_ref().is_some_and(|a| a.len() != names.len()) {
        return Err(bad("`host` and `hostaddr` do not list the same number of hosts"));
    }
    if ports.len() > 1 && ports.len() != names.len() {
        return Err(bad("`port` lists neither one port nor one for each host"));
    }
    let mut hosts = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let address = match addresses.as_ref().and_then(|a| a.get(at)).filter(|a| !a.is_empty()) {
            Some(address) => {
                Some(address.parse().map_err(|_| bad(format!("`hostaddr` {address} is not an IP address")))?)
            }
            None => None,
        };
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        let name = if name.is_empty() { "localhost".to_owned() } else { name };
        hosts.push(Host { name, address, port, password: None });
    }
    Ok(hosts)
}

fn from_passfile(
    hosts: &mut [Host],
    user: &str,
    database: &str,
    settings: &Settings,
    env: &Env,
    warnings: &mut Vec<String>,
) {
    let Some(path) = text(settings, "passfile").map(PathBuf::from).or_else(|| env.at_home(".pgpass")) else { return };
    match pgpass::read(&path) {
        Ok(Some(file)) => {
            for host in hosts {
                // The file calls the default socket `localhost`.
                let default_socket = env.socket_dirs.iter().any(|d| d.as_os_str() == host.name.as_str());
                let name = if default_socket { "localhost" } else { &host.name };
                let wanted = pgpass::Wanted { host: name, port: host.port, database, user };
                host.password = pgpass::password(&file, &wanted).map(Secret::new);
            }
        }
        Ok(None) => {}
        Err(warning) => warnings.push(warning),
    }
}

pub fn timeout(settings: &Settings) -> Result<Duration, Error> {
    let Some(value) = settings.get("connect_timeout") else { return Ok(Duration::from_secs(10)) };
    match value.text.trim().parse::<i64>() {
        // libpq waits for ever at 0; a tool that must not hang takes an hour.
        Ok(seconds) if seconds <= 0 => Ok(Duration::from_secs(3600)),
        Ok(seconds) => Ok(Duration::from_secs(seconds.unsigned_abs())),
        Err(_) => Err(bad(format!("`connect_timeout` of {} is not a number of seconds", value.source))),
    }
}

fn session(settings: &Settings) -> Result<SessionAttrs, Error> {
    use SessionAttrs::*;
    let Some(value) = settings.get("target_session_attrs") else { return Ok(Any) };
    [Any, ReadWrite, ReadOnly, Primary, Standby, PreferStandby]
        .into_iter()
        .find(|attrs| attrs.name() == value.text)
        .ok_or_else(|| bad(format!("`target_session_attrs` cannot be `{}`", value.text)))
}
