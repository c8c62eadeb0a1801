//! The opening of an inspection: the transaction, its guards, and the server's own description of itself.

use super::provider::{Hints, provider};
use super::query::{Query, SESSION};
use crate::db::target::Wire;
use crate::db::{Error, journal};
use crate::model::engine::Role;
use crate::model::{Engine, Ident, Server, Version};
use std::collections::BTreeMap;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

pub struct Opened {
    pub server: Server,
    pub database: String,
    pub captured_at: String,
    pub search_path: Vec<Ident>,
}

/// Opens the transaction. The session's own `search_path` and timeouts are read first, then replaced: with
/// `pg_catalog` alone no object of a user's schema can stand in for a function or an operator of ours, and what
/// the server prints (types, defaults, view bodies) comes with its schema.
fn batch(major: u16) -> String {
    let jit = if major >= 11 { "SET LOCAL jit = off;" } else { "" };
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
         SELECT pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text AS path;
         SET LOCAL search_path = pg_catalog;
         {}; {jit}
         SET LOCAL default_transaction_read_only = on;
         SET LOCAL lock_timeout = '1s';
         SET LOCAL statement_timeout = '30s';
         SET LOCAL idle_in_transaction_session_timeout = '30s'",
        SESSION.sql(major)
    )
}

pub async fn open(client: &Client, major: u16) -> Result<Opened, Error> {
    let sql = batch(major);
    let sent = journal::timed(&sql, client.simple_query(&sql), |answer| {
        answer.iter().filter(|message| matches!(message, SimpleQueryMessage::Row(_))).count()
    });
    let answer = sent.await.map_err(|e| failed(SESSION, &e))?;
    let mut rows = answer.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let (Some(path), Some(row)) = (rows.next(), rows.next()) else {
        return Err(Error::Query { what: SESSION.name.to_owned(), because: "the server sent no row".to_owned() });
    };
    let text = |name: &str| text(row, name);
    let version: Version =
        text("version").parse().map_err(|because| Error::Query { what: SESSION.name.to_owned(), because })?;
    let hints = Hints {
        banner: text("banner"),
        aurora: text("aurora") == "t",
        rds: text("rds") == "t",
        prefixes: json(&text("prefixes")),
        roles: json(&text("roles")),
    };
    let settings: BTreeMap<String, String> = serde_json::from_str(&text("settings")).unwrap_or_default();
    Ok(Opened {
        server: Server {
            engine: Engine::Postgresql,
            version,
            provider: provider(&hints),
            role: if text("standby") == "t" { Role::Standby } else { Role::Primary },
            settings,
        },
        database: text("database"),
        captured_at: text("captured_at"),
        search_path: json(&self::text(path, "path")).into_iter().map(Ident).collect(),
    })
}

fn text(row: &SimpleQueryRow, name: &str) -> String {
    row.try_get(name).ok().flatten().unwrap_or_default().to_owned()
}

fn json(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

pub fn failed(query: Query, error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(db) if super::is_privilege(db.code()) => Error::NoPrivilege {
            what: query.about.to_owned(),
            because: db.message().to_owned(),
            wire: Wire::Postgresql,
        },
        Some(_) => Error::Query { what: query.name.to_owned(), because: reason(error) },
        None => Error::Lost { at: "the server".to_owned(), because: reason(error) },
    }
}

/// What the server said, in one line.
pub fn reason(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match error.as_db_error() {
        Some(db) => db.message().to_owned(),
        None => error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
    }
}
