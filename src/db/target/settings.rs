//! Which settings a connection has, and where each comes from: the text, then the service file, then `PG*`
//! variables. What a setting means is `conninfo`'s business.

use super::env::Env;
use super::service;
use super::text::{self, Pair};
use crate::db::Error;
use std::collections::BTreeMap;

/// A setting's value and the place it was found, in words (`PGHOST`, `the URL`).
#[derive(Clone, PartialEq)]
pub struct Value {
    pub text: String,
    pub source: String,
}

#[derive(Clone, Default, PartialEq)]
pub struct Settings(BTreeMap<&'static str, Value>);

enum Kind {
    Used,
    /// Tunes what cannot change the answer.
    Ignored,
    /// Guards something that would go unguarded if we passed over it.
    Refused,
}

use Kind::{Ignored, Refused, Used};

/// libpq's settings with their variables.
const KNOWN: [(&str, &str, Kind); 49] = [
    ("host", "PGHOST", Used),
    ("hostaddr", "PGHOSTADDR", Used),
    ("port", "PGPORT", Used),
    ("dbname", "PGDATABASE", Used),
    ("user", "PGUSER", Used),
    ("password", "PGPASSWORD", Used),
    ("passfile", "PGPASSFILE", Used),
    ("service", "PGSERVICE", Used),
    ("options", "PGOPTIONS", Used),
    ("sslmode", "PGSSLMODE", Used),
    ("sslrootcert", "PGSSLROOTCERT", Used),
    ("sslcert", "PGSSLCERT", Used),
    ("sslkey", "PGSSLKEY", Used),
    ("sslnegotiation", "PGSSLNEGOTIATION", Used),
    ("channel_binding", "PGCHANNELBINDING", Used),
    ("connect_timeout", "PGCONNECT_TIMEOUT", Used),
    ("target_session_attrs", "PGTARGETSESSIONATTRS", Used),
    ("requirepeer", "PGREQUIREPEER", Refused),
    ("require_auth", "PGREQUIREAUTH", Refused),
    ("sslcrl", "PGSSLCRL", Refused),
    ("sslcrldir", "PGSSLCRLDIR", Refused),
    ("sslpassword", "", Refused),
    ("ssl_min_protocol_version", "", Ignored),
    ("ssl_max_protocol_version", "", Ignored),
    ("sslcompression", "", Ignored),
    ("sslsni", "", Ignored),
    ("application_name", "", Ignored),
    ("fallback_application_name", "", Ignored),
    ("client_encoding", "", Ignored),
    ("load_balance_hosts", "", Ignored),
    ("gssencmode", "", Ignored),
    ("gsslib", "", Ignored),
    ("gssdelegation", "", Ignored),
    ("krbsrvname", "", Ignored),
    ("keepalives", "", Ignored),
    ("keepalives_idle", "", Ignored),
    ("keepalives_interval", "", Ignored),
    ("keepalives_count", "", Ignored),
    ("tcp_user_timeout", "", Ignored),
    // What pools and mappers put into `DATABASE_URL`.
    ("schema", "", Ignored),
    ("connection_limit", "", Ignored),
    ("pool_timeout", "", Ignored),
    ("pool", "", Ignored),
    ("pgbouncer", "", Ignored),
    ("prepareThreshold", "", Ignored),
    ("prepared_statements", "", Ignored),
    ("statement_cache_size", "", Ignored),
    ("socket_timeout", "", Ignored),
    ("sslaccept", "", Ignored),
];

impl Settings {
    /// `given` is what the text said; `from` names it in messages.
    pub fn gather(given: Vec<Pair>, from: &str, env: &Env) -> Result<Self, Error> {
        let mut settings = Self::default();
        // The last of two wins, in a string as in a URL.
        for (key, value) in given.into_iter().rev() {
            settings.put(&key, value, from)?;
        }
        let service =
            settings.get("service").map(|v| v.text.clone()).or_else(|| env.var("PGSERVICE").map(str::to_owned));
        if let Some(service) = service {
            let (pairs, path) = service::find(&service, env)?;
            for (key, value) in pairs {
                settings.put(&key, value, &format!("the service `{service}` in {}", path.display()))?;
            }
        }
        for (key, variable, kind) in &KNOWN {
            if let (Used | Refused, Some(value)) = (kind, env.var(variable)) {
                settings.put(key, value.to_owned(), variable)?;
            }
        }
        Ok(settings)
    }

    fn put(&mut self, key: &str, text: String, source: &str) -> Result<(), Error> {
        let refuse = |because: String| Err(Error::Target { because });
        let Some((key, _, kind)) = KNOWN.iter().find(|(known, ..)| *known == key) else {
            return refuse(format!("{source} has a setting `{key}` that PostgreSQL clients do not know"));
        };
        match kind {
            Ignored => Ok(()),
            Refused => refuse(format!("{source} sets `{key}`, which sidestep cannot honour; leave it out")),
            Used => {
                if !text.is_empty() {
                    self.0.entry(key).or_insert(Value { text, source: source.to_owned() });
                }
                Ok(())
            }
        }
    }

    /// The first place that is looked at wins.
    pub fn offer(&mut self, key: &'static str, text: String, source: &str) {
        if !text.is_empty() {
            self.0.entry(key).or_insert(Value { text, source: source.to_owned() });
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// A value that no place gave.
    pub fn or_default(&mut self, key: &'static str, text: impl FnOnce() -> Option<String>, source: &str) {
        if !self.0.contains_key(key)
            && let Some(text) = text()
        {
            self.0.insert(key, Value { text, source: source.to_owned() });
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(k, v)| (*k, v))
    }
}

/// The pairs of a URL or of a `key=value` string, and how to call it.
pub fn read(given: &str) -> Result<(Vec<Pair>, &'static str), Error> {
    let (pairs, from) =
        if text::is_url(given) { (text::url(given), "the URL") } else { (text::pairs(given), "the connection string") };
    Ok((pairs.map_err(|because| Error::Target { because })?, from))
}
