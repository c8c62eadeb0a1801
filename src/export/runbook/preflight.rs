//! What is looked at before the first step: read-only queries about the tables of the plan and the server around them.

use super::super::markdown::block;
use crate::engine::dialect;
use crate::model::TableName;
use crate::plan::Plan;
use std::collections::BTreeSet;
use std::fmt::Write;

pub(super) fn section(out: &mut String, plan: &Plan) {
    let dialect = dialect(plan.server.engine);
    let tables: BTreeSet<&TableName> = plan.steps().flat_map(|(_, s)| &s.tables).collect();
    let regclasses: Vec<String> =
        tables.iter().map(|t| format!("to_regclass({})", dialect.literal(&dialect.name(t)))).collect();
    let list = regclasses.join(", ");
    out.push_str("## Before you begin\n\n");
    out.push_str("- [ ] one person runs, another watches; nobody else runs migrations\n");
    out.push_str("- [ ] free disk on the server and on every replica: at least the work of the largest step, twice\n");
    let _ = writeln!(out, "- [ ] the server is still {}, and this is its primary", plan.server.version);
    out.push_str("- [ ] each query below was run and its answer is good\n\n");
    if regclasses.is_empty() {
        return;
    }
    let queries = [
        (
            "Transactions that hold locks on the tables; the first locking step waits for all of them. Should be empty or young:",
            format!(
                "SELECT DISTINCT a.pid, a.usename, a.state, now() - a.xact_start AS age, left(a.query, 60) AS query\n  \
                 FROM pg_locks l JOIN pg_stat_activity a USING (pid)\n \
                 WHERE l.granted AND l.relation IN ({list}) AND a.pid <> pg_backend_pid()\n ORDER BY age DESC"
            ),
        ),
        (
            "Old snapshots anywhere in the database; CREATE INDEX CONCURRENTLY waits for them. Should be younger than an hour:",
            "SELECT pid, usename, state, now() - xact_start AS age FROM pg_stat_activity\n \
             WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 10"
                .to_owned(),
        ),
        (
            "Prepared transactions; they hold locks until somebody ends them. Should be empty:",
            "SELECT gid, prepared, owner, database FROM pg_prepared_xacts".to_owned(),
        ),
        (
            "Vacuum to prevent wraparound; it does not give way. Should be empty:",
            format!(
                "SELECT pid, now() - xact_start AS age, query FROM pg_stat_activity\n WHERE query LIKE 'autovacuum:%to prevent wraparound%' AND pid IN\n       (SELECT pid FROM pg_locks WHERE relation IN ({list}))"
            ),
        ),
        (
            "Invalid indexes left by earlier attempts. Should be empty:",
            format!("SELECT indexrelid::regclass, indrelid::regclass FROM pg_index WHERE NOT indisvalid AND indrelid IN ({list})"),
        ),
        (
            "Replicas and how far they are behind. Should be seconds:",
            "SELECT application_name, state, replay_lag FROM pg_stat_replication".to_owned(),
        ),
        (
            "Slots and the WAL they hold back. An inactive one fills the disk during a backfill:",
            "SELECT slot_name, slot_type, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS held FROM pg_replication_slots"
                .to_owned(),
        ),
    ];
    for (what, sql) in queries {
        let _ = writeln!(out, "{what}\n");
        out.push_str(&block("sql", &format!("{sql};")));
        out.push('\n');
    }
}
