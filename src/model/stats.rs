//! What is known of a table's size and traffic.

use super::quantity::Bytes;
use serde::{Deserialize, Serialize};

/// Sizes in bytes and counters since `stats_since`; `None` is "not known", never zero.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TableStats {
    /// Estimated live rows (`pg_class.reltuples`); unknown before the first ANALYZE.
    pub rows: Option<u64>,
    #[serde(default)]
    pub heap_bytes: u64,
    #[serde(default)]
    pub index_bytes: u64,
    #[serde(default)]
    pub toast_bytes: u64,
    #[serde(default)]
    pub dead_rows: Option<u64>,
    #[serde(default)]
    pub inserts: Option<u64>,
    #[serde(default)]
    pub updates: Option<u64>,
    #[serde(default)]
    pub hot_updates: Option<u64>,
    #[serde(default)]
    pub deletes: Option<u64>,
    #[serde(default)]
    pub seq_scans: Option<u64>,
    #[serde(default)]
    pub index_scans: Option<u64>,
    /// Seconds over which the counters were collected.
    #[serde(default)]
    pub counted_for_s: Option<f64>,
    /// Transactions since its oldest row was frozen.
    #[serde(default)]
    pub xid_age: Option<u64>,
    #[serde(default)]
    pub last_vacuum: Option<String>,
    #[serde(default)]
    pub last_analyze: Option<String>,
}

impl TableStats {
    pub fn total(&self) -> Bytes {
        Bytes(self.heap_bytes.saturating_add(self.index_bytes).saturating_add(self.toast_bytes))
    }
    /// Rows inserted, updated and deleted per second, averaged over the counters' life.
    pub fn writes_per_s(&self) -> Option<f64> {
        let writes = self.inserts? + self.updates? + self.deletes?;
        self.counted_for_s.filter(|s| *s > 0.0).map(|s| writes as f64 / s)
    }
}
