//! What a connection asks of TLS: `sslmode` and its files, with libpq's defaults.

use super::conninfo::bad;
use super::env::Env;
use super::settings::Settings;
use crate::db::Error;
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// No file given and none at the default place.
    None,
    /// The operating system's list.
    System,
    File(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsChoice {
    pub mode: SslMode,
    pub roots: Roots,
    /// Client certificate and key.
    pub client: Option<(PathBuf, PathBuf)>,
    pub direct: bool,
    pub binding: Binding,
}

/// `channel_binding`: ties the password exchange to the TLS session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    Disable,
    Prefer,
    Require,
}

pub fn choose(settings: &Settings, env: &Env) -> Result<TlsChoice, Error> {
    let named = settings.get("sslrootcert").map(|v| v.text.as_str());
    let roots = match named {
        Some("system") => Roots::System,
        Some(path) => Roots::File(PathBuf::from(path)),
        None => match env.at_home(".postgresql/root.crt").filter(|p| p.exists()) {
            Some(path) => Roots::File(path),
            None => Roots::None,
        },
    };
    let mode = match settings.get("sslmode").map(|v| v.text.as_str()) {
        None if roots == Roots::System => SslMode::VerifyFull,
        None | Some("prefer") => SslMode::Prefer,
        Some("disable") => SslMode::Disable,
        Some("allow") => SslMode::Allow,
        // `no-verify` is node's word for it.
        Some("require" | "no-verify") => SslMode::Require,
        Some("verify-ca") => SslMode::VerifyCa,
        Some("verify-full") => SslMode::VerifyFull,
        Some(other) => {
            return Err(bad(format!(
                "`sslmode` cannot be `{other}`; it is one of disable, allow, prefer, require, verify-ca, verify-full"
            )));
        }
    };
    if roots == Roots::System && mode != SslMode::VerifyFull {
        return Err(bad("`sslrootcert=system` needs `sslmode=verify-full`: any public authority would do otherwise"));
    }
    let place = |key, default| {
        settings.get(key).map(|v| PathBuf::from(&v.text)).or_else(|| env.at_home(default).filter(|p| p.exists()))
    };
    let certificate = place("sslcert", ".postgresql/postgresql.crt");
    let client = match (certificate, place("sslkey", ".postgresql/postgresql.key")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (Some(certificate), None) => {
            return Err(bad(format!("the client certificate {} has no key; set `sslkey`", certificate.display())));
        }
        _ => None,
    };
    let binding = match settings.get("channel_binding").map(|v| v.text.as_str()) {
        None | Some("prefer") => Binding::Prefer,
        Some("disable") => Binding::Disable,
        Some("require") => Binding::Require,
        Some(other) => return Err(bad(format!("`channel_binding` cannot be `{other}`"))),
    };
    let direct = match settings.get("sslnegotiation").map(|v| v.text.as_str()) {
        None | Some("postgres") => false,
        Some("direct") if mode >= SslMode::Require => true,
        Some("direct") => return Err(bad("`sslnegotiation=direct` needs `sslmode=require` or stronger")),
        Some(other) => return Err(bad(format!("`sslnegotiation` cannot be `{other}`"))),
    };
    Ok(TlsChoice { mode, roots, client, direct, binding })
}
