//! Queries about the server and the tables of a plan, to be run on the day: who stands in the way, what is left over, what
//! is about to begin by itself.

use super::{Preflight, query};
use crate::engine::emit::regclass;
use crate::model::{Catalog, TableName};

pub(super) fn queries(catalog: &Catalog, tables: &[TableName]) -> Vec<Preflight> {
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
