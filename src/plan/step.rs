//! The plan and its steps: the value that the app, the command line and every export read. Serialises to the `plan.json` contract.

use super::estimate::Estimate;
use super::load::Load;
use super::policy::Policy;
use super::preflight::Preflight;
use super::release::{GridRow, Release};
use super::sizes::Size;
use super::superseded::Superseded;
use crate::model::{Bytes, Lock, Server, TableName, Work};
use serde::{Deserialize, Serialize};

/// Version of `plan.json`. Fields may be added, never renamed.
pub const PLAN_FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub format: u32,
    /// Content hash: first 16 hex digits of SHA-256 over the plan with an empty `id`.
    pub id: String,
    pub title: String,
    pub server: Server,
    pub database: String,
    pub policy: Policy,
    pub wanted: Vec<Wanted>,
    pub as_written: Vec<AsWritten>,
    pub releases: Vec<Release>,
    pub phases: Vec<Phase>,
    pub grid: Vec<GridRow>,
    /// What the reader must know that belongs to no single step.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Read-only queries to run before the first step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preflight: Vec<Preflight>,
    /// How large the tables are that it touches, as the catalog knew it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Size>,
}

/// One change that was recognised in the script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    pub title: String,
    /// The user's own statements, verbatim.
    pub sql: String,
    /// Kind's name, `column-split`.
    pub kind: String,
    pub tables: Vec<TableName>,
    /// Why this way and not another: "direct: 4.0 k rows, below the threshold of 10 k".
    #[serde(default)]
    pub because: String,
}

/// What one statement of the naive script would do if it were run as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AsWritten {
    pub sql: String,
    pub locks: Vec<Lock>,
    pub work: Work,
    pub bytes: Option<Bytes>,
    pub blocked: Estimate,
    pub wall: Estimate,
    pub hazards: Vec<Hazard>,
    /// The error the server would answer with, if it would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhaseName {
    Prepare,
    Expand,
    Migrate,
    Switch,
    Settle,
    Contract,
}

impl PhaseName {
    pub const ALL: [Self; 6] = [Self::Prepare, Self::Expand, Self::Migrate, Self::Switch, Self::Settle, Self::Contract];
    pub fn title(self) -> &'static str {
        match self {
            Self::Prepare => "Prepare",
            Self::Expand => "Expand",
            Self::Migrate => "Migrate",
            Self::Switch => "Switch",
            Self::Settle => "Settle",
            Self::Contract => "Contract",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    pub name: PhaseName,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// `phase.number`, `2.1`; phases are numbered by their place in the plan.
    pub id: String,
    pub title: String,
    pub why: String,
    #[serde(flatten)]
    pub act: Act,
    pub locks: Vec<Lock>,
    pub work: Work,
    pub bytes: Option<Bytes>,
    /// How long other sessions' reads or writes stand still.
    pub blocked: Estimate,
    /// How long the step takes.
    pub wall: Estimate,
    /// What it asks of the server beside time.
    #[serde(default, skip_serializing_if = "Load::is_empty")]
    pub load: Load,
    #[serde(default)]
    pub hazards: Vec<Hazard>,
    pub undo: Undo,
    pub done_when: Option<Check>,
    #[serde(default)]
    pub watch: Vec<Watch>,
    /// Stop and undo when one of these is true.
    #[serde(default)]
    pub abort_if: Vec<String>,
    /// Tables the step touches, for jumping and filtering.
    #[serde(default)]
    pub tables: Vec<TableName>,
    /// The later step that takes away what this one makes: from then on it must not run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<Superseded>,
}

/// How a step's statements are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransactionMode {
    /// All statements in one transaction.
    Single,
    /// Each statement alone, outside any transaction.
    None,
    /// One statement that commits after every batch; sent alone, outside any transaction.
    PerBatch,
}

/// Session timeouts in milliseconds; 0 switches one off, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    pub lock_ms: u64,
    pub statement_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Act {
    Sql {
        /// One statement per entry, no trailing semicolon.
        sql: Vec<String>,
        transaction: TransactionMode,
        timeouts: Timeouts,
    },
    Backfill {
        /// Statements that a plain client runs to the end with a commit per batch.
        sql: Vec<String>,
        transaction: TransactionMode,
        timeouts: Timeouts,
        backfill: Box<Backfill>,
    },
    /// Read-only queries that must all answer `true`.
    Verify { sql: Vec<String> },
    Deploy {
        /// Id of a release in [`Plan::releases`].
        release: String,
    },
    /// A person says yes.
    Approve { question: String },
    Wait {
        /// What to wait for, for people.
        until: String,
        /// Read-only query that answers `true` when the wait is over.
        sql: Vec<String>,
    },
    /// A command outside the database.
    External {
        command: String,
        /// SQL of the same effect on the structure, for whoever replays the plan; nothing sends it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        effect: Vec<String>,
    },
}

/// A backfill as a driver runs it. `:lo`, `:hi` and `:n` are parameters; with several key columns `:lo` and `:hi` are rows.
///
/// `:lo` := [`start_key`](Self::start_key); while there is one: `:hi` := [`end_key`](Self::end_key), run
/// [`batch`](Self::batch), commit, `:lo` := [`resume_key`](Self::resume_key).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backfill {
    pub table: TableName,
    /// Key columns, in order.
    pub key: Vec<String>,
    /// Key of the first row that needs it: the first `:lo`. No row when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub start_key: String,
    /// The same behind `:hi`: the next `:lo`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub resume_key: String,
    /// Key of the last of `:n` rows from `:lo` on, which is the first of them; never without a row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub end_key: String,
    /// Key of the last of `:n` rows behind `:lo`, whether they need it or not; no row at the end of the table.
    pub next_key: String,
    /// The statement for the rows from `:lo` to `:hi`, both included; idempotent.
    pub batch: String,
    /// Counts rows that still need the backfill; 0 when done.
    pub remaining: String,
    pub batch_rows: u64,
    pub pause_ms: u64,
    pub max_lag_s: u64,
    pub rows: Option<u64>,
    /// `true`: the step's `sql` returns the batches as statements, each value to be run alone and in order (PostgreSQL 10).
    #[serde(default)]
    pub generates_statements: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Undo {
    Sql {
        sql: Vec<String>,
        /// Same meaning as the step's own.
        transaction: TransactionMode,
        timeouts: Timeouts,
        /// What the way back costs.
        because: String,
    },
    Nothing {
        because: String,
    },
    PointOfNoReturn {
        because: String,
    },
}

/// A read-only query whose single value tells from the database itself whether the step is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub sql: String,
    /// The value as text that means yes; `true`.
    pub expect: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    pub title: String,
    pub sql: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Note,
    Warning,
    Danger,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Danger => "danger",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hazard {
    /// Id in `assets/hazards.toml`.
    pub id: String,
    pub severity: Severity,
    pub text: String,
    /// Why somebody decided that it does not matter here. It stays in the plan and counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored: Option<String>,
}

/// Something about the wish or the catalog as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    pub text: String,
}

impl Plan {
    pub fn steps(&self) -> impl Iterator<Item = (PhaseName, &Step)> {
        self.phases.iter().flat_map(|p| p.steps.iter().map(move |s| (p.name, s)))
    }
    pub fn step(&self, id: &str) -> Option<(PhaseName, &Step)> {
        self.steps().find(|(_, s)| s.id == id)
    }
    pub fn release(&self, id: &str) -> Option<&Release> {
        self.releases.iter().find(|r| r.id == id)
    }
    pub fn grid_row(&self, step: &str) -> Option<&GridRow> {
        self.grid.iter().find(|row| row.step == step)
    }
    /// Blocked time of the whole plan: the longest single window, since windows do not join up.
    pub fn longest_blocked(&self) -> Estimate {
        longest(self.steps().map(|(_, s)| &s.blocked))
    }
    /// Blocked time of the script as written: its statements run back to back.
    pub fn blocked_as_written(&self) -> Estimate {
        Estimate::sum(self.as_written.iter().map(|w| &w.blocked))
    }
    pub fn wall(&self) -> Estimate {
        Estimate::sum(self.steps().map(|(_, s)| &s.wall))
    }
}

fn longest<'a>(all: impl Iterator<Item = &'a Estimate>) -> Estimate {
    let mut longest = Estimate::Instant;
    for estimate in all {
        match (estimate.high_s(), longest.high_s()) {
            (None, _) => return estimate.clone(),
            (Some(a), Some(b)) if a > b => longest = estimate.clone(),
            _ => {}
        }
    }
    longest
}

impl Step {
    /// The statements, whatever the kind of step.
    pub fn sql(&self) -> &[String] {
        match &self.act {
            Act::Sql { sql, .. } | Act::Backfill { sql, .. } | Act::Verify { sql } | Act::Wait { sql, .. } => sql,
            Act::Deploy { .. } | Act::Approve { .. } | Act::External { .. } => &[],
        }
    }
    /// True for steps that change the database.
    pub fn changes_database(&self) -> bool {
        matches!(self.act, Act::Sql { .. } | Act::Backfill { .. })
    }
    pub fn timeouts(&self) -> Option<Timeouts> {
        match self.act {
            Act::Sql { timeouts, .. } | Act::Backfill { timeouts, .. } => Some(timeouts),
            _ => None,
        }
    }
    pub fn transaction(&self) -> Option<TransactionMode> {
        match self.act {
            Act::Sql { transaction, .. } | Act::Backfill { transaction, .. } => Some(transaction),
            _ => None,
        }
    }
    pub fn kind(&self) -> &'static str {
        match self.act {
            Act::Sql { .. } => "sql",
            Act::Backfill { .. } => "backfill",
            Act::Verify { .. } => "verify",
            Act::Deploy { .. } => "deploy",
            Act::Approve { .. } => "approve",
            Act::Wait { .. } => "wait",
            Act::External { .. } => "external",
        }
    }
}
