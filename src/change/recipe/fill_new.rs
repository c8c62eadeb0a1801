//! A new column that an UPDATE of the script fills from the row's other columns, which stay.

use super::not_null::{Writers, not_null};
use super::table::{user_triggers, walkable};
use crate::change::Refusal;
use crate::change::add_column::{Added, type_and_collation, uses};
use crate::engine::emit::probe;
use crate::engine::emit::sync::{FirstValue, SyncTrigger};
use crate::model::{Table, TableKind};
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Filled, Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Sync};
use crate::sql::{Expression, rename_column_in};

/// Adds it empty, keeps new rows filled (by trigger or by the application), fills the old rows, sets NOT NULL last.
///
/// # Errors
/// [`Refusal`] where rows cannot be walked in batches or the expression cannot stand in a trigger.
pub fn fill_new(b: &mut Builder, table: &Table, added: &Added, value: &Expression) -> Result<(), Refusal> {
    walkable(b, table)?;
    let name = &added.column.name;
    let (t, c) = (b.name(&table.name), b.id(name));
    let columns = std::slice::from_ref(name);
    let definition = format!("{c} {}", type_and_collation(&added.column));
    b.add_column(&table.name, name, &definition, "Nullable and without a default, so no row is touched.");
    let by_trigger = b.policy.sync == Sync::Trigger && !value.has_subquery;
    let needed = if value.columns.is_empty() && value.functions.is_empty() {
        format!("{c} IS NULL")
    } else {
        format!("{c} IS NULL AND ({}) IS NOT NULL", value.sql)
    };
    let mut trigger_key = None;
    if by_trigger {
        let trigger = trigger(b, table, added, value)?;
        let on = b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::Trigger,
                format!("Fill `{}.{name}` in rows that releases write which do not know it", table.name),
                trigger.create(&b.catalog.server),
                b.brief(),
            )
            .why("So that no row escapes the backfill.")
            .on(&table.name)
            .undo(b.undo_sql(trigger.drop(), "DROP TRIGGER waits for readers too; brief lock."))
            .done(probe::trigger_exists(&table.name, &trigger.trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(&table.name)),
        );
        let mut retire = trigger.drop();
        if let Some(default) = &added.default {
            retire.insert(0, format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {}", default.sql));
        }
        let off = b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::RetireTrigger,
                format!("Stop filling `{}.{name}` by trigger", table.name),
                retire,
                b.brief(),
            )
            .why("Every running release writes the column itself.")
            .on(&table.name)
            .undo(b.undo_sql(
                trigger.create(&b.catalog.server),
                "Rows written in between without the column stay as they are.",
            ))
            .done(probe::trigger_gone(&table.name, &trigger.trigger)),
        );
        b.filled(Filled { table: table.name.clone(), column: name.clone(), from: on, until: off });
        b.rule(Rule::Older {
            than: Slot::Use,
            from: Mark::After(off),
            because: format!("does not write `{}.{name}`, which nothing fills any more", table.name),
        });
        trigger_key = Some(on);
    } else {
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, &table.name)
                .writes(columns)
                .say(format!("Write `{name}` of `{}` in every INSERT; do not read it yet.", table.name))
                .shape(format!("INSERT INTO {t} ({c}, …) VALUES ({}, …)", value.sql)),
        );
    }
    let key = b.fill(
        &table.name,
        Fill {
            assignments: vec![(name.clone(), value.sql.clone())],
            needed,
            why: format!("Fills `{name}` as the script says, in the rows that were there before."),
            guarded: Guarded::Yes,
        },
    );
    user_triggers(b, table);
    if !by_trigger {
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(key),
            because: format!("inserts rows without `{}.{name}`, which the backfill would miss", table.name),
        });
    }
    if added.not_null {
        if !value.columns.is_empty() {
            super::not_null::no_nulls_after_fill(b, &table.name, name);
        }
        not_null(
            b,
            &table.name,
            name,
            if trigger_key.is_some() { Writers::Safe } else { Writers::Before(Slot::Tolerate) },
        );
    }
    if let (Some(default), false) = (&added.default, by_trigger) {
        b.push(
            Draft::sql(
                PhaseName::Migrate,
                Rank::SetDefault,
                format!("Set the default of `{}.{name}`", table.name),
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {}", default.sql)],
                b.brief(),
            )
            .why("For rows that leave the column out.")
            .on(&table.name)
            .undo(
                b.undo_sql(vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT")], "Catalog only; brief lock."),
            )
            .done(probe::default_changed(&table.name, name, None)),
        );
    }
    uses(b, table, &added.column, Slot::Use, Some(key));
    if by_trigger {
        // The trigger goes in the contract phase: a release that writes the column must stand before it.
        b.need(
            Need::new(Slot::Use, Placement::Fixed, &table.name)
                .reads(columns)
                .writes(columns)
                .say(format!("Write `{name}` of `{}` in every INSERT.", table.name)),
        );
    }
    Ok(())
}

fn trigger(b: &mut Builder, table: &Table, added: &Added, value: &Expression) -> Result<SyncTrigger, Refusal> {
    let name = &added.column.name;
    if table.kind == TableKind::Partitioned && !b.since(13) {
        return Err(Refusal::new(
            format!(
                "PostgreSQL {} has no BEFORE row triggers on the partitioned table `{}`",
                b.catalog.server.version.major, table.name
            ),
            "Plan with `--sync app`: the application writes the column.",
        ));
    }
    let over = |row: &str| {
        rename_column_in(value, &|c| Some(format!("{row}.{}", b.id(c)))).ok_or_else(|| {
            Refusal::new(
                format!("`{}` could not be read, so it cannot be written into a trigger", value.sql),
                "Write a simpler expression over the table's own columns, or plan with `--sync app`.",
            )
        })
    };
    let text = over("NEW")?;
    // What is NOT NULL in the end has a value for every row there is.
    let first = match value.columns.is_empty() || added.not_null {
        true => None,
        false => Some(FirstValue { reads: value.columns.clone(), before: over("OLD")? }),
    };
    let function = b.fresh(&table.name, &["sidestep", table.name.name.as_str(), name.as_str(), "fill"]);
    let trigger = b.fresh(&table.name, &["zz_sidestep", table.name.name.as_str(), name.as_str(), "fill"]);
    Ok(SyncTrigger {
        table: table.name.clone(),
        function: table.name.sibling(function.0),
        trigger,
        forward: vec![(name.clone(), text)],
        back: Vec::new(),
        // The expression is the column's first value, and a release that knows the column may have written another one since:
        // it does not follow the columns that it was made from.
        reads: Vec::new(),
        guarded: Vec::new(),
        by_text: Vec::new(),
        first,
    })
}
