//! Whether the schema serves a release: a question about its columns. What a step's own check cannot tell ("not yet" from "taken
//! back"), this can: no release is deployed before its columns are there, and none of them goes while it runs.

use crate::engine::dialect;
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
    Some(Check { sql: format!("SELECT NOT EXISTS (SELECT 1 FROM {absent})"), expect: "true".to_owned() })
}

/// Used columns that are not there, as what stands behind FROM; none for a release that uses none.
fn absent(plan: &Plan, release: &str) -> Option<String> {
    let dialect = dialect(plan.server.engine);
    let tables = &plan.release(release)?.tables;
    let used: BTreeSet<(String, &str)> = tables
        .iter()
        .flat_map(|u| u.reads.iter().chain(&u.writes).map(|c| (dialect.name(&u.table), c.as_str())))
        .collect();
    let rows: Vec<String> = used
        .iter()
        .map(|(table, column)| format!("({}, {})", dialect.literal(table), dialect.literal(column)))
        .collect();
    (!rows.is_empty()).then(|| {
        format!(
            "(VALUES\n  {}\n) AS used(used_table, used_column)\n\
             WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(used_table)\n  \
             AND attname::text = used_column AND attnum > 0 AND NOT attisdropped)",
            rows.join(",\n  ")
        )
    })
}
