//! CHECKs that nobody validated stand in a backfill's way: a row that breaks one cannot be updated at all.

use super::build::Builder;
use super::draft::{Draft, Rank};
use super::step::PhaseName;
use crate::model::{Constraint, ConstraintKind, TableName};

/// Asks before the plan begins whether a row of `table` breaks such a CHECK, whichever column the batches write.
pub(super) fn unproved_checks(b: &mut Builder<'_>, table: &TableName) {
    let catalog = b.catalog;
    let unproved = |c: &&Constraint| c.kind == ConstraintKind::Check && !c.valid && c.enforced;
    for check in catalog.table(table).iter().flat_map(|t| t.constraints.iter().filter(unproved)) {
        let rule = check.definition.trim_end_matches(" NOT VALID").trim_start_matches("CHECK ");
        let mut draft = Draft::verify(
            PhaseName::Prepare,
            Rank::Check,
            format!("No row of `{table}` breaks `{}`, which was never validated", check.name),
            format!("SELECT NOT EXISTS (SELECT 1 FROM {} WHERE NOT {rule})", b.name(table)),
        )
        .why("The backfill would stop at such a row: an UPDATE checks it whatever column it writes. Mend the rows, or drop the constraint.")
        .on(table);
        draft.key = b.new_key();
        b.drafts.push(draft);
    }
}
