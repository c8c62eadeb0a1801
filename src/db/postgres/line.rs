//! One attempt to open a session over PostgreSQL's protocol, and what its failures mean.

use crate::db::connect::{Failed, chain};
use crate::db::error::Error;
use crate::db::target::{Binding, Conninfo, Host, SessionAttrs, SslMode, Wire};
use crate::db::tls;
use crate::model::Version;
use std::error::Error as _;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, Config, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The connection itself.
pub struct Line {
    pub client: Client,
    pub version: Version,
    driver: JoinHandle<()>,
    cancel: CancelToken,
    tls: Option<MakeRustlsConnect>,
}

impl Line {
    /// Best effort: if it does not arrive, the statement ends by its own timeout.
    pub fn cancel(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (cancel, tls) = (self.cancel.clone(), self.tls.take());
        runtime.spawn(tokio::time::timeout(Duration::from_secs(2), async move {
            let _ = match tls {
                Some(tls) => cancel.cancel_query(tls).await,
                None => cancel.cancel_query(NoTls).await,
            };
        }));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

pub async fn attempt(conninfo: &Conninfo, host: &Host, encrypted: bool) -> Result<Line, Failed> {
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
        line(client, connection, Some(tls), host).map_err(final_error)
    } else {
        config.ssl_mode(tokio_postgres::config::SslMode::Disable);
        let (client, connection) = config.connect(NoTls).await.map_err(told)?;
        line(client, connection, None, host).map_err(final_error)
    }
}

fn line<S>(
    client: Client,
    connection: tokio_postgres::Connection<tokio_postgres::Socket, S>,
    tls: Option<MakeRustlsConnect>,
    host: &Host,
) -> Result<Line, Error>
where
    S: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
{
    let version = connection.parameter("server_version").unwrap_or_default().parse();
    let version =
        version.map_err(|because| Error::NotAServer { at: host.to_string(), because, wire: Wire::Postgresql })?;
    let cancel = client.cancel_token();
    let driver = tokio::spawn(async move {
        // What ends the connection is told by the query that was running on it.
        let _ = connection.await;
    });
    Ok(Line { client, version, driver, cancel, tls })
}

pub async fn has_role(line: &Line, at: &str, wanted: SessionAttrs) -> Result<bool, Error> {
    if wanted == SessionAttrs::Any {
        return Ok(true);
    }
    let sql = "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')";
    let rows = line.client.simple_query(sql).await.map_err(|e| lost(&e, at))?;
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

pub fn lost(error: &tokio_postgres::Error, at: &str) -> Error {
    Error::Lost { at: at.to_owned(), because: chain(error) }
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
            Error::Auth { at, user, because, wire: Wire::Postgresql }
        } else if *code == SqlState::INVALID_CATALOG_NAME {
            Error::UnknownDatabase { at, database: conninfo.database.clone(), wire: Wire::Postgresql }
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
        Failed { error: Error::PasswordNeeded { at, user, wire: Wire::Postgresql }, again: false }
    } else if starts("authentication") || starts("invalid configuration") {
        Failed { error: Error::Auth { at, user, because: cause, wire: Wire::Postgresql }, again: false }
    } else if starts("error communicating") || starts("connection closed") {
        // A server that hangs up on a TLS request may still talk without.
        Failed { error: Error::NotAServer { at, because: cause, wire: Wire::Postgresql }, again: true }
    } else {
        Failed { error: Error::NotAServer { at, because: cause, wire: Wire::Postgresql }, again: false }
    }
}
