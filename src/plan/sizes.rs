//! How large the tables of a plan are, as its catalog knew it: what a reader of the plan must know without asking the server.

use super::step::Plan;
use crate::model::{Bytes, Catalog, TableName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub table: TableName,
    /// None without statistics.
    pub rows: Option<u64>,
    /// With its indexes.
    pub bytes: Bytes,
}

/// Tables that the plan touches and that are there before it, in the order of their names.
pub(super) fn sizes(plan: &Plan, catalog: &Catalog) -> Vec<Size> {
    let touched: BTreeSet<&TableName> =
        plan.steps().flat_map(|(_, s)| &s.tables).chain(plan.wanted.iter().flat_map(|w| &w.tables)).collect();
    let known = touched.into_iter().filter_map(|name| catalog.table(name));
    known.map(|t| Size { table: t.name.clone(), rows: t.stats.rows, bytes: t.stats.total() }).collect()
}
