//! What the user decides: sync, strategy, thresholds, timeouts, throughput assumptions. Shown wherever an estimate rests on it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How old and new structure are kept in step while both are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sync {
    /// A trigger in the database writes the other side.
    #[default]
    Trigger,
    /// The application writes both sides.
    App,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Direct below the thresholds, online above.
    #[default]
    Auto,
    /// The statements as written, with timeouts.
    Direct,
    /// Always the stepwise plan.
    Online,
}

/// How a column bears two names while both are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rename {
    /// A second column, filled and kept in step.
    #[default]
    Copy,
    /// The table steps behind a view that shows both; no row is copied.
    View,
}

impl Rename {
    /// Plans made before there was a choice keep their hash.
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What runs a change that the server itself could run only by blocking, or with replicas far behind: MySQL and MariaDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Executor {
    /// The server where it can, else the tool that the facts allow.
    #[default]
    Auto,
    /// The server, whatever stands still.
    Native,
    GhOst,
    PtOsc,
    Vitess,
    Planetscale,
}

impl Executor {
    pub const ALL: [Self; 6] = [Self::Auto, Self::Native, Self::GhOst, Self::PtOsc, Self::Vitess, Self::Planetscale];
    /// As it is written in options and in `plan.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Native => "native",
            Self::GhOst => "gh-ost",
            Self::PtOsc => "pt-osc",
            Self::Vitess => "vitess",
            Self::Planetscale => "planetscale",
        }
    }
    /// Plans made before there was a choice keep their hash.
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "the plan's choice",
            Self::Native => "the server",
            Self::GhOst => "gh-ost",
            Self::PtOsc => "pt-online-schema-change",
            Self::Vitess => "Vitess",
            Self::Planetscale => "a deploy request",
        }
    }
}

impl std::str::FromStr for Executor {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|e| e.word() == text).ok_or_else(|| {
            let words = Self::ALL.map(Self::word).join(", ");
            format!("`{}` is none of {words}", crate::model::name::shown(text))
        })
    }
}

/// Options of a plan. Rates are bytes or rows per second; times are milliseconds where the name says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    pub sync: Sync,
    pub strategy: Strategy,
    #[serde(skip_serializing_if = "Rename::is_default")]
    pub rename: Rename,
    #[serde(skip_serializing_if = "Executor::is_default")]
    pub executor: Executor,
    /// A table of at most this many rows…
    pub direct_rows: u64,
    /// …and this many bytes in all…
    pub direct_bytes: u64,
    /// …and at most this many rows written per second is changed directly.
    pub direct_writes_per_s: f64,
    /// Brief locking DDL gives up its place in the lock queue after this long.
    pub lock_timeout_ms: u64,
    pub statement_timeout_ms: u64,
    /// VALIDATE and each backfill batch.
    pub validate_lock_timeout_ms: u64,
    pub batch_statement_timeout_ms: u64,
    pub batch_rows: u64,
    /// Pause between batches.
    pub batch_pause_ms: u64,
    /// The backfill waits while a replica is further behind than this.
    pub max_lag_s: u64,
    /// Sequential read of a heap, low and high.
    pub scan_bytes_per_s: [f64; 2],
    /// Rewrite of heap and indexes, low and high.
    pub rewrite_bytes_per_s: [f64; 2],
    /// Rows indexed per second, low and high.
    pub index_rows_per_s: [f64; 2],
    /// Rows updated per second by a throttled backfill, low and high.
    pub backfill_rows_per_s: [f64; 2],
    /// WAL that the server and its replicas take on beside their traffic, low and high.
    #[serde(skip_serializing_if = "usual_wal")]
    pub wal_bytes_per_s: [f64; 2],
    /// Days to watch a release before the old structure is dropped.
    pub bake_days: u32,
    /// Hazards that do not matter here, by id, each with the reason; they stay in the plan with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ignore: BTreeMap<String, String>,
}

const USUAL_WAL: [f64; 2] = [10e6, 100e6];

/// Plans made before this setting keep their hash.
fn usual_wal(rate: &[f64; 2]) -> bool {
    *rate == USUAL_WAL
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            sync: Sync::Trigger,
            strategy: Strategy::Auto,
            rename: Rename::Copy,
            executor: Executor::Auto,
            direct_rows: 10_000,
            direct_bytes: 16 << 20,
            direct_writes_per_s: 50.0,
            lock_timeout_ms: 2_000,
            statement_timeout_ms: 30_000,
            validate_lock_timeout_ms: 5_000,
            batch_statement_timeout_ms: 60_000,
            batch_rows: 5_000,
            batch_pause_ms: 50,
            max_lag_s: 10,
            scan_bytes_per_s: [150e6, 600e6],
            rewrite_bytes_per_s: [30e6, 120e6],
            index_rows_per_s: [200e3, 800e3],
            backfill_rows_per_s: [10e3, 60e3],
            wal_bytes_per_s: USUAL_WAL,
            bake_days: 7,
            ignore: BTreeMap::new(),
        }
    }
}
