//! What the house sends beside a plan's own statements, in the words of an engine: names, questions, who stands in the way.

use super::{mysql, probe, regclass};
use crate::engine::dialect;
use crate::model::{Catalog, Engine, Ident, LockMode, Server, TableName};
use std::collections::BTreeSet;

/// A read-only question to be asked on the day, before the first step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub title: String,
    /// What fails, or waits, if the answer is another.
    pub why: String,
    pub sql: String,
    /// The answer that lets the plan begin, for people: `no row`.
    pub good: String,
}

/// The locks of steps whose statements are not judged one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowLocks {
    pub read: LockMode,
    /// Reads rows and locks them.
    pub lock: LockMode,
    pub write: LockMode,
}

/// Words for how a step is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// Each statement by itself.
    pub alone: &'static str,
    pub lock_timeout: &'static str,
    /// None where the server bounds no such statement.
    pub statement_timeout: Option<&'static str>,
}

/// The vital signs of a server in one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// One row: `longest` (seconds of the oldest transaction), `blocked` (sessions), `lag` (seconds; negative: not known here), `replicas`.
    pub vitals: &'static str,
    /// Who waits for whom: `pid`, `waits_for` (numbers with blanks between), `for_s`, `state`, `query`.
    pub queue: String,
}

/// Something that was there.
#[derive(Debug, Clone, Copy)]
pub enum Was<'a> {
    Column(&'a TableName, &'a Ident),
    Constraint(&'a TableName, &'a Ident),
    Trigger(&'a TableName, &'a Ident),
    Index(&'a TableName),
    /// A column that is of this type now.
    Typed(&'a TableName, &'a Ident, &'a str),
}

/// How a file asks the server, and stops where the answer is no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// By an anonymous block, in a transaction like any statement.
    Block,
    /// By a text that is prepared if the answer is yes. Schema changes commit by themselves, whatever is around them.
    Prepared,
}

/// The command-line client that scripts talk to the server by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    Psql,
    Mysql,
}

/// Beside [`crate::engine::Dialect`], which spells: what an engine is asked.
pub trait Speech: Sync {
    /// A table's name in a plan's statements.
    fn table(&self, catalog: &Catalog, name: &TableName) -> String;
    /// Who is in the way of a lock on `table`.
    fn lock_holders(&self, server: &Server, table: &TableName) -> String;
    /// Replicas and how far behind they are.
    fn replica_lag(&self) -> String;
    fn glance(&self, server: &Server) -> Glance;
    /// What to ask of the server and the tables before the first step.
    fn preflight(&self, catalog: &Catalog, tables: &[TableName]) -> Vec<Question>;
    fn row_locks(&self) -> RowLocks;
    /// How statements are sent, for people.
    fn sending(&self) -> Sending;
    /// A CHECK may stand for NOT NULL, since setting NOT NULL would read the table under a strong lock.
    fn check_stands_for_not_null(&self, server: &Server) -> bool;
    /// What a transaction that has been open for long holds up.
    fn open_transaction(&self) -> &'static str;
    /// Settings of a session that a step may make for itself, and that decide what its later statements do.
    fn decides(&self, setting: &str) -> bool;
    /// Export formats beside the neutral ones that have words for it; empty: all but those of others.
    fn formats(&self) -> &'static [&'static str];
    fn asks(&self) -> Asks;
    fn client(&self) -> Client;
    /// Used columns that the database does not have, as what stands behind FROM: `used_table`, `used_column`.
    fn absent(&self, here: &str, used: &BTreeSet<(TableName, Ident)>) -> String;
    /// A query that answers `true` once it is gone; none where the engine cannot be asked.
    fn gone(&self, catalog: &Catalog, was: Was) -> Option<String>;
    /// A query that answers `true` where the condition holds.
    fn answer(&self, condition: &str) -> String;
    /// What a rebuild and a backfill write goes into a log of about the same size, which replicas read.
    fn logs_pages(&self) -> bool;
}

pub(super) struct Postgres;

impl Speech for Postgres {
    fn table(&self, _catalog: &Catalog, name: &TableName) -> String {
        dialect(Engine::Postgresql).name(name)
    }
    fn lock_holders(&self, _server: &Server, table: &TableName) -> String {
        probe::lock_holders(table)
    }
    fn replica_lag(&self) -> String {
        probe::replica_lag()
    }
    fn glance(&self, _server: &Server) -> Glance {
        Glance {
            vitals: "SELECT (SELECT extract(epoch FROM max(pg_catalog.now() - xact_start)) FROM pg_catalog.pg_stat_activity \
             WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()) AS longest, \
             (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pg_catalog.cardinality(pg_catalog.pg_blocking_pids(pid)) > 0) AS blocked, \
             (SELECT extract(epoch FROM max(replay_lag)) FROM pg_catalog.pg_stat_replication) AS lag, \
             (SELECT count(*) FROM pg_catalog.pg_stat_replication) AS replicas",
            queue: "WITH a AS (SELECT pid, pg_catalog.pg_blocking_pids(pid) AS waits_for, state, query, query_start, xact_start \
             FROM pg_catalog.pg_stat_activity WHERE pid <> pg_catalog.pg_backend_pid()) \
             SELECT pid, pg_catalog.array_to_string(waits_for, ' ') AS waits_for, \
             extract(epoch FROM pg_catalog.clock_timestamp() - CASE WHEN pg_catalog.cardinality(waits_for) > 0 THEN query_start ELSE xact_start END) AS for_s, \
             state, left(query, 120) AS query FROM a \
             WHERE pg_catalog.cardinality(waits_for) > 0 OR pid IN (SELECT pg_catalog.unnest(waits_for) FROM a) ORDER BY query_start LIMIT 50"
                .to_owned(),
        }
    }
    fn preflight(&self, catalog: &Catalog, tables: &[TableName]) -> Vec<Question> {
        preflight(catalog, tables)
    }
    fn sending(&self) -> Sending {
        Sending {
            alone: "outside any transaction",
            lock_timeout: "lock timeout",
            statement_timeout: Some("statement timeout"),
        }
    }
    fn row_locks(&self) -> RowLocks {
        RowLocks { read: LockMode::AccessShare, lock: LockMode::RowShare, write: LockMode::RowExclusive }
    }
    fn check_stands_for_not_null(&self, server: &Server) -> bool {
        !server.since(12)
    }
    fn open_transaction(&self) -> &'static str {
        "concurrent index builds wait for it"
    }
    fn decides(&self, _setting: &str) -> bool {
        false
    }
    fn formats(&self) -> &'static [&'static str] {
        &[]
    }
    fn asks(&self) -> Asks {
        Asks::Block
    }
    fn client(&self) -> Client {
        Client::Psql
    }
    fn absent(&self, _here: &str, used: &BTreeSet<(TableName, Ident)>) -> String {
        let d = dialect(Engine::Postgresql);
        let mut rows: Vec<(String, &str)> = used.iter().map(|(t, c)| (d.name(t), c.as_str())).collect();
        rows.sort();
        let rows: Vec<String> = rows.iter().map(|(t, c)| format!("({}, {})", d.literal(t), d.literal(c))).collect();
        format!(
            "(VALUES\n  {}\n) AS used(used_table, used_column)\n\
             WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(used_table)\n  \
             AND attname::text = used_column AND attnum > 0 AND NOT attisdropped)",
            rows.join(",\n  ")
        )
    }
    fn gone(&self, _catalog: &Catalog, was: Was) -> Option<String> {
        Some(match was {
            Was::Column(table, column) => probe::columns_gone(table, std::slice::from_ref(column)),
            Was::Constraint(table, name) => probe::constraint_gone(table, name),
            Was::Trigger(table, name) => probe::trigger_gone(table, name),
            Was::Index(name) => probe::relation_gone(name),
            Was::Typed(table, column, data_type) => probe::column_type_is(table, column, data_type, None),
        })
    }
    fn answer(&self, condition: &str) -> String {
        format!("SELECT {condition}")
    }
    fn logs_pages(&self) -> bool {
        true
    }
}

/// PostgreSQL and MySQL speak; [`crate::engine::Dialect::speech`] knows which.
pub static POSTGRES: &dyn Speech = &Postgres;
pub static MYSQL: &dyn Speech = &mysql::Mysql;

fn query(title: &str, sql: impl Into<String>, good: &str, why: &str) -> Question {
    Question { title: title.to_owned(), why: why.to_owned(), sql: sql.into(), good: good.to_owned() }
}

/// Who stands in the way, what is left over, what is about to begin by itself.
fn preflight(catalog: &Catalog, tables: &[TableName]) -> Vec<Question> {
    let since = |major| catalog.server.since(major);
    let list = tables.iter().map(regclass).collect::<Vec<_>>().join(", ");
    let list = if list.is_empty() { "NULL::pg_catalog.regclass".to_owned() } else { list };
    let mut all = vec![
        query(
            "Transactions that hold locks on the tables",
            format!(
                "SELECT DISTINCT a.pid, a.usename, a.state, now() - a.xact_start AS age, left(a.query, 60) AS query\n  \
                 FROM pg_locks l JOIN pg_stat_activity a USING (pid)\n \
                 WHERE l.granted AND l.relation IN ({list}) AND a.pid <> pg_backend_pid()\n ORDER BY age DESC"
            ),
            "no row, or young transactions",
            "The first locking step waits for all of them, and every query of the table waits behind it.",
        ),
        query(
            "Sessions idle in a transaction, and old snapshots anywhere in the database",
            "SELECT pid, usename, application_name, state, now() - xact_start AS age FROM pg_stat_activity\n \
             WHERE pid <> pg_backend_pid() AND (backend_xmin IS NOT NULL OR state LIKE 'idle in transaction%')\n ORDER BY xact_start LIMIT 10",
            "younger than an hour",
            "CREATE INDEX CONCURRENTLY waits for them, and vacuum cannot remove what a backfill leaves behind.",
        ),
        query(
            "Prepared transactions",
            "SELECT gid, prepared, owner, database FROM pg_prepared_xacts",
            "no row",
            "They hold their locks until somebody ends them.",
        ),
        query(
            "Vacuum to prevent wraparound on the tables",
            format!(
                "SELECT pid, now() - xact_start AS age, query FROM pg_stat_activity\n WHERE query LIKE 'autovacuum:%to prevent wraparound%' AND pid IN\n       (SELECT pid FROM pg_locks WHERE relation IN ({list}))"
            ),
            "no row",
            "It does not give way to a waiting lock.",
        ),
        query(
            "How far the tables and the database are from such a vacuum",
            format!(
                "SELECT c.oid::regclass, age(c.relfrozenxid) AS table_age, age(d.datfrozenxid) AS database_age,\n       \
                 mxid_age(d.datminmxid) AS multixact_age, current_setting('autovacuum_freeze_max_age')::int AS vacuum_at\n  \
                 FROM pg_class c, pg_database d WHERE c.oid IN ({list}) AND d.datname = current_database() AND c.relkind = 'r'"
            ),
            "`table_age` well below `vacuum_at`; `database_age` below 1000000000",
            "A vacuum that begins in the middle of a step holds SHARE UPDATE EXCLUSIVE for as long as it takes: VACUUM (FREEZE) first.",
        ),
        query(
            "Invalid indexes left by earlier attempts",
            format!(
                "SELECT indexrelid::regclass, indrelid::regclass FROM pg_index WHERE NOT indisvalid AND indrelid IN ({list})"
            ),
            "no row",
            "They slow writes down, and IF NOT EXISTS takes one for the real index.",
        ),
        query(
            "Replicas and how far they are behind",
            "SELECT application_name, state, replay_lag FROM pg_stat_replication",
            "seconds",
            "Every step's WAL comes on top.",
        ),
        query(
            "Slots and the WAL they hold back",
            "SELECT slot_name, slot_type, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS held FROM pg_replication_slots",
            "every slot active, little held",
            "An inactive slot keeps all that a backfill writes, until the disk is full.",
        ),
    ];
    if since(14) && tables.iter().any(|t| catalog.partitions_of(t).next().is_some()) {
        all.push(query(
            "Partitions whose detaching was begun and not finished",
            format!("SELECT inhrelid::regclass, inhparent::regclass FROM pg_inherits WHERE inhdetachpending AND inhparent IN ({list})"),
            "no row",
            "The next DETACH CONCURRENTLY of the table is refused until it is finished: ALTER TABLE … DETACH PARTITION … FINALIZE.",
        ));
    }
    all
}
