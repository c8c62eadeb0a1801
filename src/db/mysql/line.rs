//! A session over MySQL's protocol: how it is opened, what its failures mean, how it is asked and stopped.

use super::rows::{Rows, text};
use super::tls;
use crate::db::connect::{Failed, chain};
use crate::db::error::Error;
use crate::db::journal;
use crate::db::target::{Conninfo, Host, SslMode, Wire};
use crate::model::{Engine, Version};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, IoError, Opts, OptsBuilder};
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

/// The connection itself.
pub struct Line {
    conn: Conn,
    opts: Opts,
    pub engine: Engine,
    pub version: Version,
    /// `10.11.6-MariaDB-log`, as the server says it.
    pub banner: String,
    pub at: String,
}

/// The server's refusal, or the end of the connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    Server { code: u16, message: String },
    Lost(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server { message, .. } => f.write_str(message),
            Self::Lost(because) => f.write_str(because),
        }
    }
}

impl Refusal {
    /// "You may not", as against "this failed".
    pub fn is_privilege(&self) -> bool {
        matches!(self, Self::Server { code: 1044 | 1045 | 1142 | 1143 | 1227 | 1370, .. })
    }
}

impl From<mysql_async::Error> for Refusal {
    fn from(error: mysql_async::Error) -> Self {
        match error {
            // The server ends the session with these: it is shut down, or somebody killed the connection.
            mysql_async::Error::Server(e) if [1053, 1927, 3032, 3169].contains(&e.code) => Self::Lost(e.message),
            mysql_async::Error::Server(e) => Self::Server { code: e.code, message: e.message },
            other => Self::Lost(chain(&other)),
        }
    }
}

/// What every session is set to: our queries only read, wait for nobody, and mean the same under any `sql_mode`.
const SETUP: [&str; 6] = [
    "SET NAMES utf8mb4",
    "SET SESSION sql_mode = ''",
    "SET SESSION autocommit = 1",
    "SET SESSION lock_wait_timeout = 2",
    "SET SESSION innodb_lock_wait_timeout = 2",
    "SET SESSION TRANSACTION READ ONLY",
];

pub async fn attempt(conninfo: &Conninfo, host: &Host, encrypted: bool) -> Result<Line, Failed> {
    let base = options(conninfo, host);
    let (base, opts) = if encrypted {
        let opts: Opts = base.clone().ssl_opts(tls::options(&conninfo.tls).map_err(failed)?).into();
        (base, opts)
    } else {
        (base.clone(), base.into())
    };
    let mut opened = Conn::new(opts.clone()).await.map(|conn| (conn, opts));
    if let (SslMode::VerifyCa, true, Err(error)) = (conninfo.tls.mode, encrypted, &opened)
        && let Some(name) = tls::name_that_it_has(error)
    {
        // The driver checks a name where only the authority is to be checked: one that this certificate has will do.
        let ssl = tls::options(&conninfo.tls).map_err(failed)?.with_danger_tls_hostname_override(Some(name));
        let opts: Opts = base.ssl_opts(ssl).into();
        opened = Conn::new(opts.clone()).await.map(|conn| (conn, opts));
    }
    let (conn, opts) = opened.map_err(|error| told(&error, conninfo, host))?;
    let at = host.to_string();
    let (engine, version) = (Engine::Mysql, Version::new(0, 0));
    let mut line = Line { conn, opts, engine, version, banner: String::new(), at };
    line.introduce().await.map_err(failed)?;
    Ok(line)
}

fn failed(error: Error) -> Failed {
    Failed { error, again: false }
}

fn options(conninfo: &Conninfo, host: &Host) -> OptsBuilder {
    let password = conninfo.password.as_ref().or(host.password.as_ref());
    let database = Some(conninfo.database.clone()).filter(|d| !d.is_empty());
    let options = OptsBuilder::default()
        .user(Some(conninfo.user.clone()))
        .pass(password.map(|p| p.reveal().to_owned()))
        .db_name(database)
        .prefer_socket(false)
        .stmt_cache_size(0)
        // Otherwise the driver would ask the server for both.
        .max_allowed_packet(Some(64 << 20))
        .wait_timeout(Some(28_800))
        .connect_attribute("program_name", "sidestep");
    if host.is_socket() {
        options.ip_or_hostname("localhost").socket(Some(host.name.clone()))
    } else {
        options.ip_or_hostname(host.name.clone()).tcp_port(host.port)
    }
}

impl Line {
    /// One statement; its rows as text.
    pub async fn query(&mut self, sql: &str) -> Result<Rows, Refusal> {
        journal::timed(sql, Self::rows(&mut self.conn, sql), |rows| rows.rows.len()).await
    }

    async fn rows(conn: &mut Conn, sql: &str) -> Result<Rows, Refusal> {
        let mut result = conn.query_iter(sql).await?;
        let columns = result.columns_ref().iter().map(|c| c.name_str().into_owned()).collect();
        let mut rows = Vec::new();
        if let Some(stream) = result.stream::<mysql_async::Row>().await? {
            use futures_util::TryStreamExt as _;
            let mut stream = stream;
            while let Some(row) = stream.try_next().await? {
                rows.push(row.unwrap_raw().into_iter().map(|value| value.and_then(text)).collect());
            }
        }
        result.drop_result().await?;
        Ok(Rows { columns, rows })
    }

    /// Learns who the server is, and sets the session up.
    async fn introduce(&mut self) -> Result<(), Error> {
        for sql in SETUP {
            // An old or a managed server may not take one of them; that the session reads is our own doing, too.
            if let Err(Refusal::Lost(because)) = self.query(sql).await {
                return Err(Error::Lost { at: self.at.clone(), because });
            }
        }
        let because = match self.query("SELECT VERSION() AS version").await {
            Ok(rows) => {
                self.banner = rows.first().map(|r| r.owned("version")).unwrap_or_default();
                match self.banner.parse() {
                    Ok(version) => {
                        self.version = version;
                        self.engine = if self.banner.contains("MariaDB") { Engine::Mariadb } else { Engine::Mysql };
                        return self.limit(Duration::from_secs(30)).await;
                    }
                    Err(because) => because,
                }
            }
            Err(refusal) => refusal.to_string(),
        };
        Err(Error::NotAServer { at: self.at.clone(), because, wire: Wire::Mysql })
    }

    /// How long a query may take on the server, where it has such a limit (MySQL 5.6 has none).
    pub async fn limit(&mut self, limit: Duration) -> Result<(), Error> {
        let sql = if self.is(Engine::Mariadb, Version::new(10, 1)) {
            format!("SET SESSION max_statement_time = {:.3}", limit.as_secs_f64())
        } else if self.is(Engine::Mysql, Version::exact(5, 7, 8)) {
            format!("SET SESSION max_execution_time = {}", limit.as_millis())
        } else {
            return Ok(());
        };
        match self.query(&sql).await {
            Err(Refusal::Lost(because)) => Err(Error::Lost { at: self.at.clone(), because }),
            _ => Ok(()),
        }
    }

    pub fn is(&self, engine: Engine, since: Version) -> bool {
        self.engine == engine && self.version >= since
    }

    /// Asks the server to stop what it does for us, over a connection of its own. Best effort: where it does not arrive the query
    /// ends by its limit, if this server has one.
    pub fn cancel(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (opts, id) = (self.opts.clone(), self.conn.id());
        runtime.spawn(tokio::time::timeout(Duration::from_secs(2), async move {
            if let Ok(mut conn) = Conn::new(opts).await {
                let _ = conn.query_drop(format!("KILL QUERY {id}")).await;
                let _ = conn.disconnect().await;
            }
        }));
    }
}

fn told(error: &mysql_async::Error, conninfo: &Conninfo, host: &Host) -> Failed {
    let at = host.to_string();
    let user = conninfo.user.clone();
    let wire = Wire::Mysql;
    let had_password = conninfo.password.is_some() || host.password.is_some();
    let (error, again) = match error {
        mysql_async::Error::Server(refusal) => {
            let because = refusal.message.clone();
            match refusal.code {
                1045 | 1698 if !had_password => (Error::PasswordNeeded { at, user, wire }, false),
                1044 | 1045 | 1130 | 1698 | 1820 | 1862 | 3118 => (Error::Auth { at, user, because, wire }, false),
                1049 => (Error::UnknownDatabase { at, database: conninfo.database.clone(), wire }, false),
                // The server wants TLS.
                3159 => (Error::Refused { at, because }, true),
                _ => (Error::Refused { at, because }, false),
            }
        }
        mysql_async::Error::Driver(driver) => match driver {
            DriverError::NoClientSslFlagFromServer => {
                (Error::Tls { at, because: "the server offers no TLS".to_owned() }, true)
            }
            DriverError::UnknownAuthPlugin { name } => {
                let because = format!("it asks for the login method `{name}`, which sidestep does not know");
                (Error::Auth { at, user, because, wire }, false)
            }
            DriverError::MysqlOldPasswordDisabled | DriverError::CleartextPluginDisabled => {
                let because = "it asks for a login method that would give the password away".to_owned();
                (Error::Auth { at, user, because, wire }, false)
            }
            other => (Error::NotAServer { at, because: chain(other), wire }, false),
        },
        mysql_async::Error::Io(IoError::Tls(e)) => (Error::Tls { at, because: chain(e) }, true),
        mysql_async::Error::Io(IoError::Io(e)) => {
            let because = match conninfo.tls.mode {
                SslMode::VerifyCa if tls::names_nobody(error) => tls::NAMES_NOBODY.to_owned(),
                _ => chain(e),
            };
            let tls = e.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
            match e.kind() {
                _ if tls => (Error::Tls { at, because }, true),
                // The driver's own word for packets that make no sense is `Other`.
                ErrorKind::Other
                | ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::BrokenPipe
                | ErrorKind::InvalidData => (Error::NotAServer { at, because, wire }, false),
                _ => (Error::Unreachable { at, because }, false),
            }
        }
        other => (Error::NotAServer { at, because: chain(other), wire }, false),
    };
    Failed { error, again }
}
