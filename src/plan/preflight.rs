//! What the reader should know of the database before the first step.

use super::step::{Finding, Severity};
use crate::model::engine::Role;
use crate::model::name::shown;
use crate::model::objects::TransactionKind;
use crate::model::quantity::seconds;
use crate::model::{Bytes, Catalog, TableName};

/// What stands in the way today, as the catalog saw it: to be looked at again before the first step.
pub fn preflight(catalog: &Catalog, tables: &[TableName]) -> Vec<Finding> {
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
            say(Severity::Note, format!("{who} has been open for {age}: concurrent index builds wait for it."));
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
                    "Replica `{}` was {} behind when the catalog was read; backfills wait for it.",
                    shown(&replica.name),
                    seconds(lag)
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
    if catalog.server.role == Role::Standby {
        say(Severity::Warning, "The catalog was read from a standby: counters and index scans are the standby's own, the steps run on the primary.".to_owned());
    }
    findings
}

/// A finding about what the catalog could not tell.
pub fn gap_findings(catalog: &Catalog) -> Vec<Finding> {
    catalog
        .gaps
        .iter()
        .map(|g| Finding { severity: Severity::Note, text: format!("Not read: {} ({}).", g.what, g.because) })
        .collect()
}
