//! NOT NULL without a scan under a blocking lock (manual: ALTER TABLE, "SET NOT NULL").

use crate::engine::emit::probe;
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Mark, Rule, Slot};
use crate::plan::{PhaseName, Severity, Watch};

/// Who may still write NULL when the constraint appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// Nobody: a default or a trigger fills the column.
    Safe,
    /// Releases before the one that always sends a value.
    Before(Slot),
    /// Releases before the one that sends only values that fit: from another one a trigger makes NULL.
    Unfit(Slot),
}

/// Pushes the steps of the Migrate phase; answers the step after which NULL can no longer be written.
pub fn not_null(b: &mut Builder, table: &TableName, column: &Ident, writers: Writers) -> Key {
    // Two changes of one script may need it.
    if let Some(key) = b.proved(table, column) {
        return key;
    }
    let key = prove(b, table, column, writers);
    b.prove(table, column, key);
    key
}

fn prove(b: &mut Builder, table: &TableName, column: &Ident, writers: Writers) -> Key {
    let name = b.fresh(table, &[table.name.as_str(), column.as_str(), "not_null"]);
    steps(b, table, column, writers, &[], name)
}

/// The same under a name that the script gives: from 18 on NOT NULL has one.
pub fn not_null_named(b: &mut Builder, table: &TableName, column: &Ident, writers: Writers, name: Ident) -> Key {
    steps(b, table, column, writers, &[], name)
}

/// The same before a primary key of a partitioned table: from 18 on that makes the NOT NULL of a partition its own, which
/// outlives the parent's.
pub fn not_null_for_key(b: &mut Builder, table: &TableName, column: &Ident, writers: Writers) -> Key {
    let parts: Vec<TableName> = super::partitioned::leaves(b.catalog, table).iter().map(|t| t.name.clone()).collect();
    let name = b.fresh(table, &[table.name.as_str(), column.as_str(), "not_null"]);
    steps(b, table, column, writers, &parts, name)
}

fn steps(
    b: &mut Builder,
    table: &TableName,
    column: &Ident,
    writers: Writers,
    parts: &[TableName],
    name: Ident,
) -> Key {
    let (t, c) = (b.name(table), b.id(column));
    let n = b.id(&name);
    let native = b.since(18);
    let body = if native { format!("NOT NULL {c}") } else { format!("CHECK ({c} IS NOT NULL)") };
    let undo_first = if native {
        std::iter::once(t.clone())
            .chain(parts.iter().map(|t| b.name(t)))
            .map(|t| format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL"))
            .collect()
    } else {
        vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}")]
    };
    let first = Draft::sql(
        PhaseName::Migrate,
        Rank::AddConstraint,
        format!("Refuse new NULLs in `{table}.{column}`"),
        vec![format!("ALTER TABLE {t} ADD CONSTRAINT {n} {body} NOT VALID")],
        b.brief(),
    )
    .why("NOT VALID checks new and updated rows only, so no row is read now. It comes after the backfill: a row that is still NULL could not be updated at all.")
    .on(table)
    .undo(b.undo_sql(undo_first, "Catalog only; brief lock."))
    .done(probe::constraint_exists(table, &name))
    .watch("Who holds a lock on the table", probe::lock_holders(table))
    .abort_if(format!("Writers fail with 23514 or 23502 on `{column}`: an instance still sends NULL; take the step back."));
    let key = b.push(first);
    let what = match writers {
        Writers::Safe => None,
        Writers::Before(slot) => Some((slot, format!("may write NULL to `{table}.{column}`"))),
        Writers::Unfit(slot) => Some((slot, format!("may write a value that does not fit `{table}.{column}`"))),
    };
    if let Some((than, what)) = what {
        let because = format!("{what}, which is refused from here on");
        b.rule(Rule::Older { than, from: Mark::After(key), because });
    }
    let validate = Draft::sql(
        PhaseName::Migrate,
        Rank::Validate,
        format!("Prove that `{table}.{column}` holds no NULL"),
        vec![format!("ALTER TABLE {t} VALIDATE CONSTRAINT {n}")],
        b.validating(),
    )
    .why("Reads the whole table under a lock that lets reads and writes pass.")
    .on(table)
    .done(probe::constraint_valid(table, &name))
    .watch("Progress by waits", "SELECT pid, state, wait_event_type, wait_event, now() - query_start AS running FROM pg_catalog.pg_stat_activity WHERE query LIKE 'ALTER TABLE%VALIDATE%'".to_owned())
    .abort_if("It fails with 23514: NULLs are left; run the backfill again.");
    let mut validate = validate;
    validate.undo = crate::plan::Undo::Nothing {
        because: "A proof takes nothing away; the step before is undone instead.".to_owned(),
    };
    let proved = b.push(validate);
    if native {
        return proved;
    }
    if !b.since(12) {
        b.finding(
            Severity::Warning,
            format!(
                "On PostgreSQL {} SET NOT NULL reads the whole table under ACCESS EXCLUSIVE, even with a proof at hand. \
                 The plan enforces `{table}.{column}` by the validated CHECK `{name}` instead, which refuses NULL all the same. \
                 From 12 on, SET NOT NULL uses it and is free.",
                b.catalog.server.version.major
            ),
        );
        return proved;
    }
    let set = Draft::sql(
        PhaseName::Migrate,
        Rank::Attach,
        format!("Set NOT NULL on `{table}.{column}`"),
        vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL")],
        b.brief(),
    )
    .why("The validated CHECK proves it, so no row is read. It is a statement of its own: dropping the CHECK in the same ALTER TABLE would bring the scan back.")
    .on(table)
    .undo(b.undo_sql(vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL")], "Catalog only; brief lock."))
    .done(probe::column_not_null(table, column))
    .watch("Who holds a lock on the table", probe::lock_holders(table));
    let set = b.push(set);
    let drop = Draft::sql(
        PhaseName::Migrate,
        Rank::DropHelper,
        format!("Drop the helper constraint of `{table}.{column}`"),
        vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}")],
        b.brief(),
    )
    .why("NOT NULL itself refuses NULL now.")
    .on(table)
    .undo(b.undo_sql(
        vec![format!("ALTER TABLE {t} ADD CONSTRAINT {n} CHECK ({c} IS NOT NULL) NOT VALID")],
        "Catalog only; brief lock. It comes back unproved, which changes nothing while NOT NULL stands.",
    ))
    .done(probe::constraint_gone(table, &name));
    b.push(drop);
    set
}

/// The check that no row is NULL, before anything depends on it.
pub fn no_nulls(b: &mut Builder, table: &TableName, column: &Ident) {
    let (t, c) = (b.name(table), b.id(column));
    let draft = Draft::verify(
        PhaseName::Migrate,
        Rank::Backfill,
        format!("`{table}.{column}` holds no NULL"),
        format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {c} IS NULL)"),
    )
    .why("What the column should hold instead of NULL is not in the script: fill the rows first, then go on.")
    .on(table);
    let mut draft = draft;
    draft
        .watch
        .push(Watch { title: "Rows with NULL".to_owned(), sql: format!("SELECT count(*) FROM {t} WHERE {c} IS NULL") });
    b.push(draft);
}

/// After a backfill whose expression may itself be NULL: stop before the constraint would refuse updates of such rows.
pub fn no_nulls_after_fill(b: &mut Builder, table: &TableName, column: &Ident) {
    let (t, c) = (b.name(table), b.id(column));
    b.push(
        Draft::verify(
            PhaseName::Migrate,
            Rank::Index,
            format!("The backfill left no NULL in `{table}.{column}`"),
            format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {c} IS NULL)"),
        )
        .why("The expression may be NULL for some rows; a row that is still NULL could not be updated at all once the constraint stands.")
        .on(table),
    );
}
