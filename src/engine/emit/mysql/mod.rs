//! SQL that recipes emit for MySQL and MariaDB. Text only, no decisions.
//!
//! A check is one SELECT whose single value is the text `true` or `false`: a client, a migration tool and the app read it alike.

pub mod backfill;
pub mod probe;
mod queue;
mod server;
pub mod trigger;

use super::speech::{Asks, Client, Glance, Question, RowLocks, Sending, Speech, Was};
use crate::engine::dialect;
use crate::model::{Catalog, Engine, Ident, LockMode, Server, TableName};
use std::collections::BTreeSet;

pub(super) struct Mysql;

impl Speech for Mysql {
    /// Without the database where it is the connected one: the same migrations run in databases of other names.
    fn table(&self, catalog: &Catalog, name: &TableName) -> String {
        if is_here(catalog, &name.schema) { id(&name.name) } else { dialect(Engine::Mysql).name(name) }
    }
    fn lock_holders(&self, server: &Server, table: &TableName) -> String {
        server::lock_holders(server, table)
    }
    fn replica_lag(&self) -> String {
        server::REPLICAS.to_owned()
    }
    fn glance(&self, server: &Server) -> Glance {
        Glance { vitals: server::VITALS, queue: queue::query(server) }
    }
    fn preflight(&self, catalog: &Catalog, tables: &[TableName]) -> Vec<Question> {
        server::preflight(catalog, tables)
    }
    fn sending(&self) -> Sending {
        Sending { alone: "commits at once", lock_timeout: "lock_wait_timeout", statement_timeout: None }
    }
    fn row_locks(&self) -> RowLocks {
        RowLocks { read: LockMode::MetadataRead, lock: LockMode::MetadataWrite, write: LockMode::MetadataWrite }
    }
    fn check_stands_for_not_null(&self, _server: &Server) -> bool {
        false
    }
    fn open_transaction(&self) -> &'static str {
        "if it has read one of the tables, every schema change of it waits"
    }
    fn decides(&self, setting: &str) -> bool {
        let bare = setting.trim_start_matches("session.").trim_start_matches("@@session.").trim_start_matches("@@");
        matches!(bare, "foreign_key_checks" | "sql_mode" | "innodb_strict_mode")
    }
    fn formats(&self) -> &'static [&'static str] {
        &["mysql", "backfill"]
    }
    fn client(&self) -> Client {
        Client::Mysql
    }
    fn asks(&self) -> Asks {
        Asks::Prepared
    }
    fn absent(&self, here: &str, used: &BTreeSet<(TableName, Ident)>) -> String {
        let rows: Vec<String> = used
            .iter()
            .map(|(t, c)| {
                let database =
                    if t.schema.as_str() == here { "DATABASE()".to_owned() } else { literal(t.schema.as_str()) };
                let (table, column) = (literal(t.name.as_str()), literal(c.as_str()));
                format!("SELECT {database} AS used_database, {table} AS used_table, {column} AS used_column")
            })
            .collect();
        // Compared as bytes of one character set: a literal's collation is the client's.
        format!(
            "(\n  {}\n) AS used\nWHERE NOT EXISTS (SELECT 1 FROM information_schema.COLUMNS c WHERE LOWER(CONVERT(c.TABLE_SCHEMA USING utf8mb4)) = LOWER(CONVERT(used_database USING utf8mb4)) \
             AND LOWER(CONVERT(c.TABLE_NAME USING utf8mb4)) = LOWER(CONVERT(used_table USING utf8mb4)) AND LOWER(CONVERT(c.COLUMN_NAME USING utf8mb4)) = LOWER(CONVERT(used_column USING utf8mb4)))",
            rows.join("\n  UNION ALL ")
        )
    }
    fn gone(&self, catalog: &Catalog, was: Was) -> Option<String> {
        let ask = probe::Ask(catalog);
        let condition = match was {
            Was::Column(table, column) => ask.column_gone(table, column),
            Was::Trigger(table, name) => format!("NOT {}", ask.trigger(table, name)),
            // Their names are those of a kind or of a table, which is not known here.
            Was::Constraint(..) | Was::Index(_) | Was::Typed(..) => return None,
        };
        Some(probe::answer(&condition))
    }
    fn answer(&self, condition: &str) -> String {
        probe::answer(condition)
    }
    /// A schema change is one event of the binary log.
    fn logs_pages(&self) -> bool {
        false
    }
}

/// A name in backticks.
pub fn id(name: &Ident) -> String {
    dialect(Engine::Mysql).ident(name)
}

pub fn literal(text: &str) -> String {
    dialect(Engine::Mysql).literal(text)
}

/// A table in a statement: with its database where that is not the connected one.
pub fn table_name(catalog: &Catalog, name: &TableName) -> String {
    Mysql.table(catalog, name)
}
pub fn ids(names: &[Ident]) -> String {
    dialect(Engine::Mysql).idents(names)
}

/// The connected database.
pub fn is_here(catalog: &Catalog, database: &Ident) -> bool {
    catalog.search_path.first() == Some(database)
}
