//! What both forms of the runbook say, as plain text in which backticks mark code; how it is set is theirs.

use super::super::layout::Placed;
use super::super::psql::timeout;
use super::super::{mysql_client, psql};
use crate::engine::dialect;
use crate::engine::emit::speech::Client;
use crate::model::{Blocks, Lock, Rows, TableName};
use crate::plan::{Act, Estimate, Plan, Severity, Step, TransactionMode};
use std::collections::BTreeMap;

/// From this many rows on a table gets a warning of its own.
const LARGE_ROWS: u64 = 50_000_000;

/// Something that the reader must not overlook.
pub(super) struct Attention {
    /// `large table`, `warning`, `danger`.
    pub label: String,
    pub severity: Severity,
    pub step: Option<String>,
    pub text: String,
}

/// Large tables first, then what is true of the whole plan, then hazards of the steps above a note.
pub(super) fn attention(plan: &Plan) -> Vec<Attention> {
    let mut all: Vec<Attention> = large(plan)
        .into_iter()
        .filter(|(_, (_, steps))| !steps.is_empty())
        .map(|(table, (rows, steps))| Attention {
            label: "large table".to_owned(),
            severity: Severity::Warning,
            step: None,
            text: format!(
                "`{table}` has {} rows; watch disk, {} and replicas{}",
                Rows(rows),
                log(client(plan)),
                match steps.as_slice() {
                    [one] => format!(" in step {one}"),
                    many => format!(" in the steps {}", many.join(", ")),
                }
            ),
        })
        .collect();
    all.extend(plan.findings.iter().map(|f| Attention {
        label: f.severity.to_string(),
        severity: f.severity,
        step: None,
        text: f.text.clone(),
    }));
    for (_, step) in plan.steps() {
        let loud = step.hazards.iter().filter(|h| h.severity > Severity::Note && h.counts());
        all.extend(loud.map(|h| Attention {
            label: h.label(),
            severity: h.severity,
            step: Some(step.id.clone()),
            text: h.text.clone(),
        }));
    }
    all
}

/// Tables above the threshold with the steps that read or write all their rows.
fn large(plan: &Plan) -> BTreeMap<&TableName, (u64, Vec<&str>)> {
    let mut found: BTreeMap<&TableName, (u64, Vec<&str>)> = BTreeMap::new();
    for size in &plan.tables {
        if let Some(rows) = size.rows.filter(|r| is_large(Some(*r))) {
            found.insert(&size.table, (rows, Vec::new()));
        }
    }
    for (_, step) in plan.steps() {
        match &step.act {
            Act::Backfill { backfill, .. } => {
                if let Some(rows) = backfill.rows.filter(|r| is_large(Some(*r))) {
                    found.entry(&backfill.table).or_insert((rows, Vec::new())).1.push(&step.id);
                }
            }
            // What takes no time touches no rows.
            _ if step.wall != Estimate::Instant => {
                for table in &step.tables {
                    if let Some((_, steps)) = found.get_mut(table) {
                        steps.push(&step.id);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// A hazard that somebody ignores: where, what and why.
pub(super) struct Ignored<'p> {
    pub id: &'p str,
    pub step: &'p str,
    pub severity: Severity,
    pub text: &'p str,
    pub because: &'p str,
}

pub(super) fn ignored(plan: &Plan) -> Vec<Ignored<'_>> {
    let written = plan.as_written.iter().flat_map(|w| w.hazards.iter().map(|h| ("as written", h)));
    let steps = plan.steps().flat_map(|(_, s)| s.hazards.iter().map(move |h| (s.id.as_str(), h)));
    let all = written.chain(steps).filter_map(|(step, h)| {
        Some(Ignored { id: &h.id, step, severity: h.severity, text: &h.text, because: h.ignored.as_deref()? })
    });
    all.collect()
}

/// What must be true before the first step, beside the queries; a tick for each.
pub(super) fn before(plan: &Plan) -> Vec<String> {
    let mut all = vec![
        "one person runs, another watches; nobody else runs migrations".to_owned(),
        "free disk on the server and on every replica: at least the work of the largest step, twice".to_owned(),
        format!("the server is still {}, and this is its primary", plan.server.version),
    ];
    if plan.steps().any(|(_, s)| s.hazards.iter().any(|h| h.id == "cached-plans")) {
        all.push(
            "somebody knows how to recycle the connections after a step that changes columns: prepared `SELECT *` of the drivers, \
             and server connections that PgBouncer keeps (`RECONNECT`)"
                .to_owned(),
        );
    }
    all.push("each query below was run and its answer is good".to_owned());
    all
}

/// Who must be reachable: a key, and the role.
pub(super) const PEOPLE: [(&str, &str); 5] = [
    ("runs", "Runs the steps"),
    ("watches", "Watches the graphs"),
    ("owns", "Owns the database"),
    ("deploys", "Owns the application"),
    ("stops", "May stop it, at any hour"),
];

pub(super) fn is_large(rows: Option<u64>) -> bool {
    rows.is_some_and(|r| r >= LARGE_ROWS)
}

/// What both must have done before they sign.
pub(super) const SIGNING: [&str; 3] = [
    "both have read every step, its undo and its abort criteria",
    "the preflight was run on the server of this plan, on the day",
    "a backup from before the contract phase can be restored",
];

pub(super) const HALFWAY: &str = "Nothing is lost and nobody is blocked: every batch that was committed stays, and rows that were not \
     reached keep their old state, which every release that is running now can use. Find out why it stopped, then run the same step \
     again: it goes on with the rows that remain. To give up instead, undo the steps before it in reverse.";

/// The client of the plan's engine, whose words the page speaks.
pub(super) fn client(plan: &Plan) -> Client {
    dialect(plan.server.engine).speech().client()
}

/// What a change is written to beside the table.
pub(super) fn log(client: Client) -> &'static str {
    match client {
        Client::Psql => "WAL",
        Client::Mysql => "the binary log",
    }
}

/// The export that has a file for the step, and the command that runs it.
pub(super) fn file(plan: &Plan, placed: &Placed<'_>) -> (&'static str, String) {
    let path = format!("{}/{}.sql", placed.folder(), placed.stem());
    match client(plan) {
        Client::Psql => {
            let set = psql::confirmation(plan, placed).map(|v| format!("-v {v} ")).unwrap_or_default();
            ("psql", format!("psql -X {set}-f {path}"))
        }
        Client::Mysql => {
            let set = mysql_client::confirmation(plan, placed);
            let set = set.map(|c| format!("--init-command=\"SET @sidestep_confirmed = '{c}'\" ")).unwrap_or_default();
            ("mysql", format!("mysql {set}DATABASE < {path}"))
        }
    }
}

/// What stands behind "Rollback".
pub(super) fn alone(mode: TransactionMode, client: Client) -> &'static str {
    if mode == TransactionMode::Single || client == Client::Mysql { "" } else { ", outside any transaction" }
}

pub(super) fn how_sent(mode: TransactionMode, client: Client) -> &'static str {
    match mode {
        TransactionMode::PerBatch if client == Client::Mysql => "alone; it commits after every batch",
        _ if client == Client::Mysql => {
            "each statement alone; a schema change commits by itself, and what is open with it"
        }
        TransactionMode::Single => "one transaction",
        TransactionMode::None => "each statement alone, outside any transaction",
        TransactionMode::PerBatch => "alone, outside any transaction; it commits after every batch",
    }
}

pub(super) const RETRY: &str = "If it stops with `canceling statement due to lock timeout`, nothing has changed: wait some seconds and \
     send it again.";

/// The other way to run a backfill.
pub(super) fn beside(step: &Step) -> Option<String> {
    matches!(step.act, Act::Backfill { .. }).then(|| {
        format!(
            "Or from the backfill export, with a stop file and limits for lag and waiting: `bash backfill.sh --step {}`",
            step.id
        )
    })
}

/// A time with what it rests on.
pub(super) fn estimate(estimate: &Estimate) -> String {
    use Estimate::{Instant, Range, Unknown};
    match estimate {
        Instant => "milliseconds, once the lock is granted".to_owned(),
        Range { basis, .. } if basis.is_empty() => estimate.to_string(),
        Range { basis, .. } => format!("{estimate} ({basis})"),
        Unknown { because } => format!("unknown: {because}"),
    }
}

/// Who waits while a lock is held.
pub(super) fn who_waits(lock: &Lock, client: Client) -> String {
    let waits = lock.blocks.iter().map(|b| match b {
        Blocks::Reads => "every `SELECT`",
        Blocks::Writes => "every `INSERT`, `UPDATE` and `DELETE`",
        Blocks::Ddl if client == Client::Mysql => "other schema changes",
        Blocks::Ddl => "other schema changes, `VACUUM` and index builds",
    });
    let waits: Vec<&str> = waits.collect();
    if waits.is_empty() { "nobody".to_owned() } else { waits.join("; ") }
}

/// The statements with the settings they are sent under.
pub(super) fn sent(step: &Step, client: Client) -> String {
    if client == Client::Mysql {
        let seconds = step.timeouts().map_or(0, |t| t.lock_ms).div_ceil(1000);
        let set = format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds};\n");
        let statements: String = step.sql().iter().map(|sql| typed(sql)).collect();
        return if seconds > 0 { set + &statements } else { statements };
    }
    let statements: String = step.sql().iter().map(|sql| format!("{};\n", bare(sql))).collect();
    let (Some(mode), Some(t)) = (step.transaction(), step.timeouts()) else { return statements };
    let (lock, statement) = (timeout(t.lock_ms), timeout(t.statement_ms));
    match mode {
        TransactionMode::Single => format!(
            "BEGIN;\nSET LOCAL lock_timeout = {lock};\nSET LOCAL statement_timeout = {statement};\n{statements}COMMIT;"
        ),
        TransactionMode::None | TransactionMode::PerBatch => {
            format!("SET lock_timeout = {lock};\nSET statement_timeout = {statement};\n{statements}")
        }
    }
}

/// As the mysql client wants it typed: the body of a trigger or a procedure holds semicolons, which would end it.
fn typed(sql: &str) -> String {
    let sql = bare(sql);
    let words: Vec<String> = sql.split_whitespace().take(2).map(str::to_uppercase).collect();
    let whole = matches!(words.as_slice(), [first, what] if first == "CREATE" && ["TRIGGER", "PROCEDURE"].contains(&what.as_str()));
    if !whole || !sql.contains(';') {
        return format!("{sql};\n");
    }
    let mut delimiter = "//".to_owned();
    while sql.contains(&delimiter) {
        delimiter.push('/');
    }
    format!("DELIMITER {delimiter}\n{sql}{delimiter}\nDELIMITER ;\n")
}

/// A statement without its semicolon.
pub(super) fn bare(sql: &str) -> &str {
    sql.trim_end().trim_end_matches(';').trim_end()
}

/// White space folded; long statements cut.
pub(super) fn one_line(sql: &str) -> String {
    let folded = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.chars().count() > 100 { folded.chars().take(99).collect::<String>() + "…" } else { folded }
}
