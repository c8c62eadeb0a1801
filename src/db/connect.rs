//! From a resolved target to a session: hosts in turn, TLS with its fall-backs, and every failure told by what it is.

use super::error::{CONNECTING, Error};
use super::target::{Binding, Conninfo, Host, SessionAttrs, SslMode};
use super::tls;
use crate::model::Version;
use std::error::Error as _;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, Config, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// An open connection. Dropped while a query runs, it closes the socket and asks the server to stop.
pub struct Session {
    pub client: Client,
    pub version: Version,
    /// `db1:5432`, for messages.
    pub at: String,
    driver: JoinHandle<()>,
    cancel: CancelToken,
    tls: Option<MakeRustlsConnect>,
    pub(super) idle: bool,
}

impl Session {
    /// False in the middle of a question that nobody waits for any more.
    pub fn is_idle(&self) -> bool {
        self.idle
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
        if self.idle {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (cancel, tls) = (self.cancel.clone(), self.tls.take());
        // Best effort: if it does not arrive, the statement ends by its own timeout.
        runtime.spawn(tokio::time::timeout(Duration::from_secs(2), async move {
            let _ = match tls {
                Some(tls) => cancel.cancel_query(tls).await,
                None => cancel.cancel_query(NoTls).await,
            };
        }));
    }
}

/// Tries the hosts in order, until one answers and has the wanted role.
pub async fn connect(conninfo: &Conninfo) -> Result<Session, Error> {
    let passes: &[SessionAttrs] = match conninfo.session {
        SessionAttrs::PreferStandby => &[SessionAttrs::Standby, SessionAttrs::Any],
        ref one => std::slice::from_ref(one),
    };
    let mut last = Error::Target { because: "no host is given".to_owned() };
    for wanted in passes {
        for host in &conninfo.hosts {
            match one_host(conninfo, host, *wanted).await {
                Ok(session) => return Ok(session),
                // Another host would say the same, and might count it as a second failed login.
                Err(error @ (Error::Auth { .. } | Error::PasswordNeeded { .. } | Error::UnknownDatabase { .. })) => {
                    return Err(error);
                }
                Err(error) => last = error,
            }
        }
    }
    Err(last)
}

async fn one_host(conninfo: &Conninfo, host: &Host, wanted: SessionAttrs) -> Result<Session, Error> {
    let opening = async {
        let session = with_fallback(conninfo, host).await?;
        if !has_role(&session, wanted).await? {
            return Err(Error::WrongRole { at: host.to_string(), wanted: wanted.name().to_owned() });
        }
        Ok(session)
    };
    let limit = conninfo.connect_timeout;
    tokio::time::timeout(limit, opening).await.unwrap_or_else(|_| {
        Err(Error::Timeout { at: host.to_string(), doing: CONNECTING.to_owned(), seconds: limit.as_secs() })
    })
}

/// `allow` and `prefer` are two attempts: libpq changes to the other one when the first is turned away.
async fn with_fallback(conninfo: &Conninfo, host: &Host) -> Result<Session, Error> {
    let mode = if host.is_socket() { SslMode::Disable } else { conninfo.tls.mode };
    let (first, second) = match mode {
        SslMode::Disable => (false, None),
        SslMode::Allow => (false, Some(true)),
        SslMode::Prefer => (true, Some(false)),
        _ => (true, None),
    };
    match attempt(conninfo, host, first).await {
        Err(Failed { again: true, error }) => match second {
            // The first answer says more: the second may only repeat that this kind of connection is refused.
            Some(second) => attempt(conninfo, host, second).await.map_err(|other| match other.error {
                Error::PasswordNeeded { .. } | Error::UnknownDatabase { .. } => other.error,
                _ => error,
            }),
            None => Err(error),
        },
        other => other.map_err(|failed| failed.error),
    }
}

struct Failed {
    error: Error,
    /// The other of TLS and plain may fare better.
    again: bool,
}

async fn attempt(conninfo: &Conninfo, host: &Host, encrypted: bool) -> Result<Session, Failed> {
    let mut config = Config::new();
    config.user(&conninfo.user).dbname(&conninfo.database).port(host.port).application_name("sidestep");
    config.host(&host.name);
    if let Some(address) = host.address {
        config.hostaddr(address);
    }
    if let Some(options) = &conninfo.options {
        config.options(options);
    }
    let password = conninfo.password.as_ref().or(host.password.as_ref());
    if let Some(password) = password {
        config.password(password.reveal());
    }
    config.channel_binding(match conninfo.tls.binding {
        Binding::Disable => tokio_postgres::config::ChannelBinding::Disable,
        Binding::Prefer => tokio_postgres::config::ChannelBinding::Prefer,
        Binding::Require => tokio_postgres::config::ChannelBinding::Require,
    });
    if conninfo.tls.direct {
        config.ssl_negotiation(tokio_postgres::config::SslNegotiation::Direct);
    }
    let told = |error: tokio_postgres::Error| told(&error, conninfo, host, password.is_some());
    let final_error = |error| Failed { error, again: false };
    if encrypted {
        config.ssl_mode(match conninfo.tls.mode {
            SslMode::Prefer => tokio_postgres::config::SslMode::Prefer,
            _ => tokio_postgres::config::SslMode::Require,
        });
        let tls = tls::connector(&conninfo.tls).map_err(final_error)?;
        let (client, connection) = config.connect(tls.clone()).await.map_err(told)?;
        session(client, connection, Some(tls), host).map_err(final_error)
    } else {
        config.ssl_mode(tokio_postgres::config::SslMode::Disable);
        let (client, connection) = config.connect(NoTls).await.map_err(told)?;
        session(client, connection, None, host).map_err(final_error)
    }
}

fn session<S>(
    client: Client,
    connection: tokio_postgres::Connection<tokio_postgres::Socket, S>,
    tls: Option<MakeRustlsConnect>,
    host: &Host,
) -> Result<Session, Error>
where
    S: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
{
    let at = host.to_string();
    let version = connection.parameter("server_version").unwrap_or_default().parse();
    let version = version.map_err(|because| Error::NotAServer { at: at.clone(), because })?;
    let cancel = client.cancel_token();
    let driver = tokio::spawn(async move {
        // What ends the connection is told by the query that was running on it.
        let _ = connection.await;
    });
    Ok(Session { client, version, at, driver, cancel, tls, idle: true })
}

async fn has_role(session: &Session, wanted: SessionAttrs) -> Result<bool, Error> {
    if wanted == SessionAttrs::Any {
        return Ok(true);
    }
    let sql = "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')";
    let rows = session.client.simple_query(sql).await.map_err(|e| lost(&e, &session.at))?;
    let row = rows.iter().find_map(|m| if let SimpleQueryMessage::Row(row) = m { Some(row) } else { None });
    let field = |at| row.and_then(|r| r.try_get(at).ok().flatten()).unwrap_or_default();
    let (standby, read_only) = (field(0) == "t", field(1) == "on");
    Ok(match wanted {
        SessionAttrs::ReadWrite => !read_only,
        SessionAttrs::ReadOnly => read_only,
        SessionAttrs::Primary => !standby,
        SessionAttrs::Standby => standby,
        SessionAttrs::Any | SessionAttrs::PreferStandby => true,
    })
}

pub(super) fn lost(error: &tokio_postgres::Error, at: &str) -> Error {
    Error::Lost { at: at.to_owned(), because: chain(error) }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    // The operating system's number says nothing to a person that its words do not.
    let words = |e: &dyn std::error::Error| e.to_string().split(" (os error").next().unwrap_or_default().to_owned();
    let mut text = words(error);
    let mut cause = error.source();
    while let Some(one) = cause {
        let one_text = words(one);
        if !text.contains(&one_text) {
            text = format!("{text}: {one_text}");
        }
        cause = one.source();
    }
    text
}

/// The driver keeps the kind of its errors to itself: the first words of its message tell it.
fn told(error: &tokio_postgres::Error, conninfo: &Conninfo, host: &Host, had_password: bool) -> Failed {
    let at = host.to_string();
    let user = conninfo.user.clone();
    if let Some(db) = error.as_db_error() {
        let because = db.message().to_owned();
        let code = db.code();
        let refused_by_rule = *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION;
        let error = if *code == SqlState::INVALID_PASSWORD || refused_by_rule {
            Error::Auth { at, user, because }
        } else if *code == SqlState::INVALID_CATALOG_NAME {
            Error::UnknownDatabase { at, database: conninfo.database.clone() }
        } else {
            Error::Refused { at, because }
        };
        return Failed { error, again: refused_by_rule };
    }
    let cause = error.source().map_or_else(|| error.to_string(), chain);
    let text = error.to_string();
    let starts = |words: &str| text.starts_with(words);
    if starts("error connecting") {
        Failed { error: Error::Unreachable { at, because: cause }, again: false }
    } else if starts("error performing TLS") {
        Failed { error: Error::Tls { at, because: cause }, again: true }
    } else if cause.contains("password missing") && !had_password {
        Failed { error: Error::PasswordNeeded { at, user }, again: false }
    } else if starts("authentication") || starts("invalid configuration") {
        Failed { error: Error::Auth { at, user, because: cause }, again: false }
    } else if starts("error communicating") || starts("connection closed") {
        // A server that hangs up on a TLS request may still talk without.
        Failed { error: Error::NotAServer { at, because: cause }, again: true }
    } else {
        Failed { error: Error::NotAServer { at, because: cause }, again: false }
    }
}
