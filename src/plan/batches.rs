//! A pass over a table in batches, as a step: statements for a plain client, parts for a driver, what to watch.

use super::build::Builder;
use super::draft::{Draft, Rank};
use super::step::{Act, Backfill, PhaseName, TransactionMode};
use crate::engine::emit::backfill::{BatchedUpdate, Write};
use crate::engine::emit::{probe, regclass};
use crate::model::{Ident, TableName};

/// What a pass walks and does. `key`: columns of the primary key or of a unique index over NOT NULL columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    pub table: TableName,
    pub key: Vec<Ident>,
    pub assignments: Vec<(Ident, String)>,
    /// True for rows that still need it, false for the same row afterwards.
    pub needed: String,
    pub write: Write,
    /// The name that `needed` and the assignments call the table by, if they do.
    pub alias: Option<Ident>,
    /// `FROM` and the whole `WHERE` of an UPDATE that reads other tables.
    pub joined: Option<(String, String)>,
}

impl Builder<'_> {
    /// A step of the Migrate phase that commits after every batch and may be stopped, and started again, at any of them.
    pub fn batched(&self, pass: Pass, title: String, why: String) -> Draft {
        let stopped = "It may be stopped at any batch: finished batches stay, and running it again goes on with the rows that are left.";
        let table = pass.table.clone();
        let rows = self.catalog.table(&table).and_then(|t| t.stats.rows);
        let update = BatchedUpdate {
            table: pass.table,
            key: pass.key,
            assignments: pass.assignments,
            needed: pass.needed,
            write: pass.write,
            alias: pass.alias,
            joined: pass.joined,
            batch_rows: self.policy.batch_rows,
            pause_ms: self.policy.batch_pause_ms,
            lock_timeout_ms: self.policy.validate_lock_timeout_ms,
            max_lag_s: self.policy.max_lag_s,
        };
        let act = Act::Backfill {
            sql: update.statements(&self.catalog.server),
            transaction: TransactionMode::PerBatch,
            timeouts: self.unlimited(),
            backfill: Box::new(Backfill {
                table: table.clone(),
                key: update.key.iter().map(|c| c.0.clone()).collect(),
                start_key: update.start_key(),
                resume_key: update.resume_key(),
                end_key: update.end_key(),
                next_key: update.next_key(),
                batch: update.batch(),
                remaining: update.remaining(),
                batch_rows: update.batch_rows,
                pause_ms: update.pause_ms,
                max_lag_s: update.max_lag_s,
                rows,
                generates_statements: !self.since(11),
            }),
        };
        let mut draft = Draft::new(PhaseName::Migrate, Rank::Backfill, title, act)
            .why(format!("{why} {stopped}"))
            .on(&table)
            .done(update.done_when())
            .watch("Rows left", update.remaining())
            .watch("Replica lag", probe::replica_lag())
            .watch(
                "Dead rows",
                format!(
                    "SELECT n_live_tup, n_dead_tup, last_autovacuum FROM pg_catalog.pg_stat_all_tables WHERE relid = {}",
                    regclass(&table)
                ),
            )
            .abort_if(format!("A replica stays more than {} s behind although the backfill waits.", self.policy.max_lag_s))
            .abort_if("Dead rows grow faster than autovacuum removes them: stop, let it finish, go on.".to_owned());
        if let Write::Insert { into } | Write::Spread { into, .. } = &update.write {
            draft = draft.on(into);
        }
        draft
    }
}
