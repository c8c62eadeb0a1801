//! What the reader should know of the database before the first step, and what to ask it on the day.

mod data;

use super::step::{Finding, Severity};
use crate::engine::dialect;
use crate::engine::emit::speech::Client;
use crate::engine::emit::speech::Question;
use crate::model::engine::Role;
use crate::model::name::shown;
use crate::model::objects::TransactionKind;
use crate::model::quantity::Rows;
use crate::model::quantity::seconds;
use crate::model::{Bytes, Catalog, Table, TableName};
use crate::sql::Statement;
use serde::{Deserialize, Serialize};

/// A read-only query to run before the first step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub about: About,
    pub title: String,
    /// What fails, or waits, if the answer is another.
    pub why: String,
    pub sql: String,
    /// The answer that lets the plan begin, for people: `no row`.
    pub good: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// Rows that would make a later step fail.
    Data,
    /// Sessions, replicas, leftovers.
    Server,
}

impl Preflight {
    fn of_server(Question { title, why, sql, good }: Question) -> Self {
        Self { about: About::Server, title, why, sql, good }
    }
}

fn query(title: impl Into<String>, sql: impl Into<String>, good: &str, why: &str) -> Preflight {
    Preflight { about: About::Data, title: title.into(), why: why.to_owned(), sql: sql.into(), good: good.to_owned() }
}

/// Everything to ask before the first step: the data first, since mending it takes longest.
pub fn queries<'s>(
    statements: impl Iterator<Item = &'s Statement>,
    catalog: &Catalog,
    tables: &[TableName],
) -> Vec<Preflight> {
    let server =
        dialect(catalog.server.engine).speech().preflight(catalog, tables).into_iter().map(Preflight::of_server);
    data::queries(statements, catalog).into_iter().chain(server).collect()
}

/// What stands in the way today, as the catalog saw it: to be looked at again before the first step.
pub fn preflight(catalog: &Catalog, tables: &[TableName]) -> Vec<Finding> {
    let held_up = dialect(catalog.server.engine).speech().open_transaction();
    let mut findings = Vec::new();
    let mut say = |severity, text: String| findings.push(Finding { severity, text });
    for transaction in &catalog.transactions {
        let on: Vec<String> =
            transaction.tables.iter().filter(|t| tables.contains(t)).map(|t| format!("`{t}`")).collect();
        let who = match (transaction.kind, transaction.pid) {
            (TransactionKind::Prepared, _) => {
                format!("Prepared transaction `{}`", shown(transaction.application.as_deref().unwrap_or("?")))
            }
            (TransactionKind::Wraparound, _) => "Autovacuum to prevent wraparound, which does not give way,".to_owned(),
            (TransactionKind::Session, Some(pid)) => {
                format!("Session {pid} ({})", shown(transaction.application.as_deref().unwrap_or("no name")))
            }
            (TransactionKind::Session, None) => "A session".to_owned(),
        };
        let age = seconds(transaction.age_s);
        if on.is_empty() {
            say(Severity::Note, format!("{who} has been open for {age}: {held_up}."));
        } else {
            say(
                Severity::Warning,
                format!("{who} has held a lock on {} for {age}: every locking step waits behind it.", on.join(", ")),
            );
        }
    }
    for replica in &catalog.replicas {
        if let Some(lag) = replica.lag_s.filter(|s| *s >= 1.0) {
            say(
                Severity::Note,
                format!(
                    "Replica `{}` was {} behind when the catalog was read; {}.",
                    shown(&replica.name),
                    seconds(lag),
                    match dialect(catalog.server.engine).speech().client() {
                        Client::Psql => "backfills wait for it",
                        Client::Mysql => "a backfill waits for it only where `backfill.sh --replica` runs it",
                    }
                ),
            );
        }
    }
    for slot in catalog.slots.iter().filter(|s| !s.active) {
        let kept = slot.retained_bytes.map_or_else(String::new, |b| format!(" and holds back {}", Bytes(b)));
        say(
            Severity::Warning,
            format!(
                "Replication slot `{}` is inactive{kept}: what a backfill writes stays on disk until it is read.",
                slot.name
            ),
        );
    }
    for table in tables.iter().filter_map(|t| catalog.table(t)) {
        for index in table.indexes.iter().filter(|i| !i.valid) {
            say(
                Severity::Warning,
                format!(
                    "Index `{}` of `{}` is invalid: a concurrent build was cancelled; it costs writes and serves no query.",
                    index.name, table.name
                ),
            );
        }
        let parts = catalog.partitions_of(&table.name).chain([table]);
        for (part, of) in parts.filter_map(|t| Some((t, t.partition_of.as_ref().filter(|p| p.detach_pending)?))) {
            say(
                Severity::Warning,
                format!(
                    "The detaching of `{}` from `{}` was interrupted: end it first, with `ALTER TABLE … DETACH PARTITION … FINALIZE`; until then no other partition can be detached concurrently.",
                    part.name, of.parent
                ),
            );
        }
        if table.stats.rows.is_none() {
            say(
                Severity::Warning,
                format!(
                    "`{}` has never been analysed: its size is unknown, times are too. Run ANALYZE and read the catalog again.",
                    table.name
                ),
            );
        }
    }
    for text in wraparound(catalog, tables).into_iter().chain(lock_table(catalog, tables)) {
        say(Severity::Warning, text);
    }
    if catalog.server.role == Role::Standby {
        say(Severity::Warning, "The catalog was read from a standby: counters and index scans are the standby's own, the steps run on the primary.".to_owned());
    }
    findings
}

fn setting(catalog: &Catalog, name: &str) -> Option<u64> {
    catalog.server.settings.get(name)?.parse().ok()
}

/// A vacuum that is about to begin by itself, or a database that is close to standing still.
fn wraparound(catalog: &Catalog, tables: &[TableName]) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(vacuum_at) = setting(catalog, "autovacuum_freeze_max_age").filter(|n| *n > 0) {
        for table in tables.iter().filter_map(|t| catalog.table(t)) {
            let Some(age) = table.stats.xid_age.filter(|age| *age as f64 >= 0.9 * vacuum_at as f64) else { continue };
            said.push(format!(
                "`{}` is {} transactions from its last freeze; at {} autovacuum reads all of it and does not give way to a lock. Run VACUUM (FREEZE) on it first.",
                table.name,
                Rows(age),
                Rows(vacuum_at)
            ));
        }
    }
    if let Some(far) = catalog.wraparound.filter(|w| w.xid_age.max(w.multixact_age) > 1_000_000_000) {
        said.push(format!(
            "The database is {} transactions ({} multixacts) from its last freeze; near 2.1 G it stops taking writes. Vacuum comes before this plan: every batch uses a transaction.",
            Rows(far.xid_age),
            Rows(far.multixact_age)
        ));
    }
    said
}

/// A statement on a partitioned table locks every partition and every index of theirs at once.
fn lock_table(catalog: &Catalog, tables: &[TableName]) -> Vec<String> {
    let (Some(per), Some(connections)) =
        (setting(catalog, "max_locks_per_transaction"), setting(catalog, "max_connections"))
    else {
        return Vec::new();
    };
    let slots = per.saturating_mul(connections + setting(catalog, "max_prepared_transactions").unwrap_or(0));
    let relations = |t: &&Table| 1 + t.indexes.len() as u64;
    let mut said = Vec::new();
    for table in tables {
        let mut family: Vec<&Table> = catalog.partitions_of(table).collect();
        let mut at = 0;
        while let Some(one) = family.get(at) {
            let more: Vec<&Table> = catalog.partitions_of(&one.name).collect();
            family.extend(more);
            at += 1;
        }
        let needed: u64 = family.iter().map(relations).sum();
        // The table of locks is shared by all sessions: half of it for one statement leaves little for the others.
        if needed * 2 > slots {
            said.push(format!(
                "A statement on all of `{table}` locks {needed} partitions and indexes at once, and the server has room for about {slots} locks in all (`max_locks_per_transaction` {per} × connections): it may fail with \"out of shared memory\", and other sessions with it. Raise the setting (it needs a restart), or work partition by partition."
            ));
        }
    }
    said
}

/// A finding about what the catalog could not tell.
pub fn gap_findings(catalog: &Catalog) -> Vec<Finding> {
    catalog
        .gaps
        .iter()
        .map(|g| Finding { severity: Severity::Note, text: format!("Not read: {} ({}).", g.what, g.because) })
        .collect()
}
