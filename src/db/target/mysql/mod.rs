//! Targets of MySQL and MariaDB: settings from the URL, then option files, then variables, as their own clients have it.

mod files;

pub use files::files_with_a_client;

use super::conninfo::{self, Conninfo, Host, Secret, SessionAttrs, bad};
use super::env::Env;
use super::settings::Settings;
use super::text::Pair;
use super::tls::{Binding, Roots, SslMode, TlsChoice};
use super::wire::Wire;
use crate::db::Error;
use std::path::PathBuf;

/// Variables that lead to a server by themselves.
pub const VARIABLES: [&str; 3] = ["MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT"];

/// How each is called in option files, URLs of drivers, and here.
const KNOWN: &[(&str, &[&str])] = &[
    ("host", &["host", "hostname"]),
    ("port", &["port"]),
    ("user", &["user", "username"]),
    ("password", &["password", "pass"]),
    ("database", &["database", "dbname", "db"]),
    ("socket", &["socket", "unix-socket", "unixsocket", "socketpath"]),
    ("protocol", &["protocol"]),
    ("connect_timeout", &["connect-timeout", "connecttimeout"]),
    ("ssl-mode", &["ssl-mode", "sslmode"]),
    ("ssl-ca", &["ssl-ca", "sslca", "sslrootcert", "sslcert-ca"]),
    ("ssl-cert", &["ssl-cert", "sslcert"]),
    ("ssl-key", &["ssl-key", "sslkey"]),
];

/// Says of TLS what `ssl-mode` says in other words: MariaDB's options, and those of drivers.
fn mode_of(key: &str, value: &str) -> Option<&'static str> {
    let yes = !matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "off" | "no");
    Some(match (key, value) {
        ("ssl" | "usessl" | "requiressl", v) if v.starts_with('{') => {
            if v.replace(' ', "").contains("\"rejectUnauthorized\":false") { "REQUIRED" } else { "VERIFY_IDENTITY" }
        }
        ("skip-ssl" | "disable-ssl", _) if yes => "DISABLED",
        ("ssl" | "usessl" | "requiressl", _) => {
            if yes {
                "REQUIRED"
            } else {
                "DISABLED"
            }
        }
        ("ssl-verify-server-cert" | "verifyservercertificate", _) if yes => "VERIFY_IDENTITY",
        ("skip-ssl-verify-server-cert" | "disable-ssl-verify-server-cert", _) if yes => "REQUIRED",
        ("tls", "skip-verify") => "REQUIRED",
        ("tls", "preferred") => "PREFERRED",
        ("tls", _) => {
            if yes {
                "VERIFY_IDENTITY"
            } else {
                "DISABLED"
            }
        }
        ("sslaccept", "strict") => "VERIFY_IDENTITY",
        ("sslaccept", _) => "REQUIRED",
        _ => return None,
    })
}

/// What guards something that would go unguarded if we passed over it.
const REFUSED: [&str; 6] = ["ssl-capath", "ssl-crl", "ssl-crlpath", "ssl-fips-mode", "tls-fp", "ssl-fp"];

pub fn gather(given: Vec<Pair>, from: &str, env: &Env, warnings: &mut Vec<String>) -> Result<Settings, Error> {
    let mut settings = Settings::default();
    // The last of two wins.
    for (key, value) in given.into_iter().rev() {
        offer(&mut settings, &key, value, from)?;
    }
    // Later files override earlier ones, and the user's own is the last.
    for option in files::read(env, warnings).into_iter().rev() {
        offer(&mut settings, &option.key, option.value, &option.source)?;
    }
    for (key, variable) in
        [("host", "MYSQL_HOST"), ("port", "MYSQL_TCP_PORT"), ("socket", "MYSQL_UNIX_PORT"), ("password", "MYSQL_PWD")]
    {
        if let Some(value) = env.var(variable) {
            if key == "password" && settings.get(key).is_none() {
                warnings.push(
                    "the password is taken from `MYSQL_PWD`, which other programs of this machine may be able to read; \
                     a `[client]` group of `~/.my.cnf` keeps it better"
                        .to_owned(),
                );
            }
            settings.offer(key, value.to_owned(), variable);
        }
    }
    Ok(settings)
}

fn offer(settings: &mut Settings, key: &str, value: String, from: &str) -> Result<(), Error> {
    let lower = key.to_ascii_lowercase().replace('_', "-");
    let name = lower.strip_prefix("loose-").unwrap_or(&lower);
    if let Some((known, _)) = KNOWN.iter().find(|(_, names)| names.contains(&name)) {
        settings.offer(known, value, from);
    } else if let Some(mode) = mode_of(name, &value) {
        settings.offer("ssl-mode", mode.to_owned(), from);
    } else if REFUSED.contains(&name) {
        return Err(bad(format!("{from} sets `{name}`, which sidestep cannot honour; leave it out")));
    }
    // Everything else tunes a client or a driver, and there are hundreds of them.
    Ok(())
}

/// Fills in the defaults (so that the settings can be shown) and reads what they mean.
pub fn resolve(settings: &mut Settings, env: &Env) -> Result<Conninfo, Error> {
    settings.or_default("user", || env.os_user.clone(), "the operating system's user");
    let text = |settings: &Settings, key: &str| settings.get(key).map(|v| v.text.clone());
    let user = text(settings, "user")
        .ok_or_else(|| bad("no user is given; name one in the URL: `mysql://USER@HOST/DATABASE`"))?;
    let host = host(settings, env)?;
    Ok(Conninfo {
        wire: Wire::Mysql,
        hosts: vec![host],
        user,
        database: text(settings, "database").unwrap_or_default(),
        password: text(settings, "password").map(Secret::new),
        tls: tls(settings)?,
        connect_timeout: conninfo::timeout(settings)?,
        session: SessionAttrs::Any,
        options: None,
    })
}

/// As the clients: `localhost` without a port is the socket, if there is one.
fn host(settings: &mut Settings, env: &Env) -> Result<Host, Error> {
    let text = |settings: &Settings, key: &str| settings.get(key).map(|v| v.text.clone());
    let by_network = text(settings, "protocol").is_some_and(|p| p.eq_ignore_ascii_case("tcp"));
    let is_local = text(settings, "host").is_none_or(|h| h == "localhost");
    if is_local && !by_network {
        if settings.get("port").is_none() {
            let socket = || env.mysql_sockets.iter().find(|s| s.exists()).map(|s| s.display().to_string());
            settings.or_default("socket", socket, "default");
        }
        // A socket that the same place names as the port, or a nearer one, is meant; the files of all users name both.
        let asked_for =
            settings.get("port").is_none_or(|p| settings.get("socket").is_some_and(|s| s.source == p.source));
        if let Some(socket) = text(settings, "socket").filter(|_| asked_for) {
            if !socket.starts_with('/') {
                return Err(bad(format!("the socket `{socket}` is not a whole path")));
            }
            return Ok(Host { name: socket, address: None, port: 0, password: None });
        }
    }
    settings.or_default("host", || Some("localhost".to_owned()), "default");
    settings.or_default("port", || Some("3306".to_owned()), "default");
    let name = text(settings, "host").unwrap_or_default();
    if name.contains(',') {
        return Err(bad("a target of MySQL is one host; name the one that is to be read"));
    }
    let port = text(settings, "port").unwrap_or_default();
    let port = port
        .trim()
        .parse()
        .ok()
        .filter(|p| *p > 0)
        .ok_or_else(|| bad(format!("`{port}` is not a port; ports are 1 to 65535")))?;
    Ok(Host { name, address: None, port, password: None })
}

fn tls(settings: &Settings) -> Result<TlsChoice, Error> {
    let text = |key: &str| settings.get(key).map(|v| v.text.as_str());
    let path = |key: &str| text(key).map(PathBuf::from);
    let mode = match text("ssl-mode").map(|m| m.to_ascii_uppercase().replace('-', "_")).as_deref() {
        // As MySQL's clients: who names an authority wants it asked.
        None if text("ssl-ca").is_some() => SslMode::VerifyCa,
        None | Some("PREFERRED" | "PREFER") => SslMode::Prefer,
        Some("DISABLED" | "DISABLE") => SslMode::Disable,
        Some("REQUIRED" | "REQUIRE" | "TRUST") => SslMode::Require,
        Some("VERIFY_CA") => SslMode::VerifyCa,
        Some("VERIFY_IDENTITY" | "VERIFY_FULL") => SslMode::VerifyFull,
        Some(other) => {
            return Err(bad(format!(
                "`ssl-mode` cannot be `{other}`; it is one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY"
            )));
        }
    };
    let roots = match text("ssl-ca") {
        None | Some("system") => Roots::System,
        Some(file) => Roots::File(PathBuf::from(file)),
    };
    let client = match (path("ssl-cert"), path("ssl-key")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (Some(certificate), None) => {
            return Err(bad(format!("the client certificate {} has no key; set `ssl-key`", certificate.display())));
        }
        _ => None,
    };
    Ok(TlsChoice { mode, roots, client, direct: false, binding: Binding::Disable })
}

#[cfg(test)]
mod tests;
