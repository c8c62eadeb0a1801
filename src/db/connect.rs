//! From a resolved target to a session: hosts in turn, TLS with its fall-backs. What one attempt is, each protocol knows.

use super::error::{CONNECTING, CONNECTING_TO_MYSQL, Error};
use super::target::{Conninfo, Host, SessionAttrs, SslMode, Wire};
use super::{mysql, postgres, probe};
use crate::model::{Engine, Version};

/// An open connection. Dropped while a query runs, it closes the socket and asks the server to stop.
pub struct Session {
    pub(super) line: Line,
    pub version: Version,
    /// `db1:5432`, for messages.
    pub at: String,
    pub(super) idle: bool,
}

pub(super) enum Line {
    Postgres(Box<postgres::Line>),
    Mysql(mysql::Line),
}

impl Session {
    pub fn engine(&self) -> Engine {
        match &self.line {
            Line::Postgres(_) => Engine::Postgresql,
            Line::Mysql(line) => line.engine,
        }
    }
    /// False in the middle of a question that nobody waits for any more.
    pub fn is_idle(&self) -> bool {
        self.idle
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.idle {
            return;
        }
        match &mut self.line {
            Line::Postgres(line) => line.cancel(),
            Line::Mysql(line) => line.cancel(),
        }
    }
}

/// Why an attempt came to nothing.
pub(super) struct Failed {
    pub error: Error,
    /// The other of TLS and plain may fare better.
    pub again: bool,
}

async fn attempt(conninfo: &Conninfo, host: &Host, encrypted: bool) -> Result<Session, Failed> {
    let (version, line) = match conninfo.wire {
        Wire::Postgresql => {
            let line = postgres::attempt(conninfo, host, encrypted).await?;
            (line.version, Line::Postgres(Box::new(line)))
        }
        Wire::Mysql => {
            let line = mysql::attempt(conninfo, host, encrypted).await?;
            (line.version, Line::Mysql(line))
        }
    };
    Ok(Session { line, version, at: host.to_string(), idle: true })
}

async fn has_role(session: &mut Session, wanted: SessionAttrs) -> Result<bool, Error> {
    match &mut session.line {
        Line::Postgres(line) => postgres::has_role(line, &session.at, wanted).await,
        // No client of MySQL asks for a role.
        Line::Mysql(_) => Ok(true),
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
        let mut session = with_fallback(conninfo, host).await?;
        if !has_role(&mut session, wanted).await? {
            return Err(Error::WrongRole { at: host.to_string(), wanted: wanted.name().to_owned() });
        }
        Ok(session)
    };
    let limit = conninfo.connect_timeout;
    match tokio::time::timeout(limit, opening).await {
        Ok(opened) => match opened {
            Err(Error::NotAServer { at, because, wire }) => Err(stranger(host, at, because, wire).await),
            other => other,
        },
        Err(_) => {
            let doing = match conninfo.wire {
                Wire::Postgresql => CONNECTING,
                Wire::Mysql => CONNECTING_TO_MYSQL,
            };
            let silent = Error::Timeout { at: host.to_string(), doing: doing.to_owned(), seconds: limit.as_secs() };
            Err(match probe::listens(host).await {
                Some(other) if other != conninfo.wire => probe::told(host, other),
                _ => silent,
            })
        }
    }
}

/// What speaks another protocol is told by its name, if it is one that we know.
async fn stranger(host: &Host, at: String, because: String, wire: Wire) -> Error {
    match probe::listens(host).await {
        Some(other) if other != wire => probe::told(host, other),
        _ => Error::NotAServer { at, because, wire },
    }
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
                // MySQL refuses TLS before it knows who asks: without it the same login gets its answer.
                Error::Auth { .. } | Error::Refused { .. } if conninfo.wire == Wire::Mysql => other.error,
                _ => error,
            }),
            None => Err(error),
        },
        other => other.map_err(|failed| failed.error),
    }
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
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
