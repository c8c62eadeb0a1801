//! Whether the schema serves a release: a question about its columns. What a step's own check cannot tell ("not yet" from "taken
//! back"), this can: no release is deployed before its columns are there, and none of them goes while it runs.

use crate::engine::dialect;
use crate::model::{Ident, TableName};
use crate::plan::{Check, Plan};
use std::collections::BTreeSet;

/// A query for the columns that the release uses and the database does not have, as one text: NULL when there are all.
pub(super) fn missing_columns(plan: &Plan, release: &str) -> Option<String> {
    let absent = absent(plan, release)?;
    Some(format!("SELECT string_agg(used_table || '.' || used_column, ', ') FROM {absent};"))
}

/// True when the database has every column that the release uses.
pub(super) fn all_columns(plan: &Plan, release: &str) -> Option<Check> {
    let absent = absent(plan, release)?;
    let speech = dialect(plan.server.engine).speech();
    Some(Check { sql: speech.answer(&format!("NOT EXISTS (SELECT 1 FROM {absent})")), expect: "true".to_owned() })
}

/// Used columns that are not there, as what stands behind FROM; none for a release that uses none.
fn absent(plan: &Plan, release: &str) -> Option<String> {
    let tables = &plan.release(release)?.tables;
    let used: BTreeSet<(TableName, Ident)> =
        tables.iter().flat_map(|u| u.reads.iter().chain(&u.writes).map(|c| (u.table.clone(), c.clone()))).collect();
    (!used.is_empty()).then(|| dialect(plan.server.engine).speech().absent(&plan.database, &used))
}
