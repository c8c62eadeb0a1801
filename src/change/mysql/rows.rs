//! Rows that change: passes in key order that commit after every batch.

use super::On;
use super::expression::columns_in;
use crate::change::Refusal;
use crate::engine::emit::mysql::backfill::{GivesWay, Pass, Write};
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::answer;
use crate::model::{Catalog, Ident, Table};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::{Act, Backfill, PhaseName, TransactionMode, Undo};
use crate::sql::mysql::statement::Rows;

/// A pass that sets columns.
pub struct Fill {
    pub assignments: Vec<(Ident, String)>,
    /// True for rows that still need it, false for the same row afterwards.
    pub needed: String,
    pub title: String,
    pub why: String,
    pub undo: Undo,
}

/// # Errors
/// The table has no key to walk by.
pub fn fill(b: &mut Builder, grown: &(Catalog, Table), fill: Fill) -> Result<Key, Refusal> {
    let on = On { before: &grown.0, table: &grown.1 };
    let write = Write::Update(fill.assignments);
    pass(b, on, write, fill.needed, fill.title, fill.why, fill.undo)
}

fn pass(
    b: &mut Builder,
    on: On,
    write: Write,
    needed: String,
    title: String,
    why: String,
    undo: Undo,
) -> Result<Key, Refusal> {
    let table = on.name().clone();
    if GivesWay::of(&on.before.server) == GivesWay::Not {
        b.finding(
            crate::plan::Severity::Warning,
            format!("{} has no way to take a row's lock without waiting: a transaction that changes several rows of `{table}` in another order than the key's may become the victim of a deadlock with a batch (1213) and has to be tried again. Small batches make it rare.", on.before.server),
        );
    }
    let key = b.walk_key(on.table).ok_or_else(|| {
        Refusal::new(
            format!("`{table}` has no primary key and no unique index over NOT NULL columns to walk by"),
            "Add a primary key first, or write the statement with a LIMIT and run it until it changes nothing.",
        )
    })?;
    let procedure = b.fresh(&table, &["sidestep", table.name.as_str(), "batches"]);
    let pass = Pass {
        table: on.table,
        name: b.name(&table),
        procedure: procedure.clone(),
        key,
        write,
        needed,
        batch_rows: b.policy.batch_rows,
        pause_ms: b.policy.batch_pause_ms,
        lock_timeout_ms: b.policy.validate_lock_timeout_ms,
        gives_way: GivesWay::of(&on.before.server),
    };
    let act = Act::Backfill {
        sql: pass.statements(),
        transaction: TransactionMode::PerBatch,
        timeouts: b.validating(),
        backfill: Box::new(Backfill {
            table: table.clone(),
            key: pass.key.iter().map(|c| c.0.clone()).collect(),
            start_key: pass.start_key(),
            resume_key: pass.resume_key(),
            end_key: pass.end_key(),
            next_key: pass.next_key(),
            batch: pass.batch(),
            remaining: pass.remaining(),
            batch_rows: pass.batch_rows,
            pause_ms: pass.pause_ms,
            max_lag_s: b.policy.max_lag_s,
            rows: on.table.stats.rows,
            generates_statements: false,
        }),
    };
    let draft = Draft::new(PhaseName::Migrate, Rank::Backfill, title, act)
        .why(format!(
            "{why} A stored procedure that is made for it, called and dropped commits after every batch. It may be stopped at any batch: finished batches stay, and running it again goes on with the rows that are left. It pauses between batches, but cannot see how far a replica is behind: look at the replicas meanwhile."
        ))
        .on(&table)
        .done(answer(&pass.done()))
        .watch("Rows left", pass.remaining())
        .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, &table))
        .abort_if(format!(
            "A replica stays more than {} s behind: stop it (KILL QUERY), let the replica catch up, run it again with a longer pause.",
            b.policy.max_lag_s
        ))
        .undo(undo);
    Ok(b.push(draft))
}

fn plain(rows: &Rows) -> Result<(), Refusal> {
    if !rows.joined.is_empty() {
        return Err(Refusal::new(
            "a statement that reads other tables is not cut into batches",
            "Write the value as an expression over the row's own columns, or keep the keys of the rows in a table and run it in batches by hand.",
        ));
    }
    if !rows.tail.is_empty() {
        return Err(Refusal::new(
            format!("`{}` says which rows are taken, and in which order: batches have their own", rows.tail.trim()),
            "Leave ORDER BY and LIMIT out: the plan walks the rows by their key, in batches.",
        ));
    }
    Ok(())
}

pub fn update(b: &mut Builder, on: On, rows: &Rows) -> Result<String, Refusal> {
    plain(rows)?;
    let table = on.name().clone();
    let columns: Vec<Ident> = rows.assignments.iter().map(|(c, _)| c.clone()).collect();
    let values: Vec<&str> = rows.assignments.iter().map(|(_, e)| e.as_str()).collect();
    if let Some(own) = columns_in(on.table, &values).into_iter().find(|c| columns.contains(c)) {
        return Err(Refusal::new(
            format!("`{own}` is set from its own value: a batch that is run again would do it twice"),
            "Write the result into a new column, from which it can be told which rows are done.",
        ));
    }
    if let Some(call) = values.iter().find(|v| drifts(v)) {
        return Err(Refusal::new(
            format!("`{}` has another value each time: nobody can tell which rows are done", super::names::brief(call)),
            "Add a condition that no longer holds for a row that was changed (`WHERE c IS NULL`), and set a constant.",
        ));
    }
    let key = b.walk_key(on.table).unwrap_or_default();
    if let Some(moved) = columns.iter().find(|c| key.contains(c)) {
        return Err(Refusal::new(
            format!("`{moved}` is part of the key that the rows are walked by"),
            "Change keys by a new column and a switch, not in place.",
        ));
    }
    let differs = rows
        .assignments
        .iter()
        .map(|(c, e)| super::same::holds(on.table, c, e).map(|same| format!("NOT ({same})")))
        .collect::<Result<Vec<_>, _>>()?;
    let filter = strip_alias(rows);
    let needed = match filter {
        Some(filter) => format!("({filter}) AND ({})", differs.join(" OR ")),
        None => differs.join(" OR "),
    };
    let undo = Undo::PointOfNoReturn {
        because: format!(
            "What stood in {} is overwritten batch by batch; only a backup brings it back.",
            listed(&columns)
        ),
    };
    pass(
        b,
        on,
        Write::Update(rows.assignments.clone()),
        needed,
        format!("Set {} of `{table}` in batches", listed(&columns)),
        "One UPDATE of all rows would lock them until it commits, and be one transaction for every replica.".to_owned(),
        undo,
    )?;
    Ok("in batches: one statement would lock every row until it commits".to_owned())
}

pub fn delete(b: &mut Builder, on: On, rows: &Rows) -> Result<String, Refusal> {
    plain(rows)?;
    let table = on.name().clone();
    let Some(filter) = strip_alias(rows) else {
        return Err(Refusal::new(
            format!("a DELETE without WHERE empties `{table}` row by row"),
            format!("Write `TRUNCATE TABLE {}`: it takes a moment.", b.name(&table)),
        ));
    };
    let cascades: Vec<String> = b.catalog.referenced_by(&table).map(|(t, _)| format!("`{}`", t.name)).collect();
    if !cascades.is_empty() {
        b.finding(
            crate::plan::Severity::Warning,
            format!("Foreign keys of {} point at `{table}`: a DELETE fails at a row that is pointed at, or takes the other rows along without firing their triggers.", cascades.join(", ")),
        );
    }
    pass(
        b,
        on,
        Write::Delete,
        filter,
        format!("Delete rows of `{table}` in batches"),
        "One DELETE of all rows would lock them until it commits, and be one transaction for every replica. The space goes back to the table, not to the disk.".to_owned(),
        Undo::PointOfNoReturn { because: "Deleted rows come back from a backup only.".to_owned() },
    )?;
    Ok("in batches: one statement would lock every row until it commits".to_owned())
}

/// The filter; none if there is none. An alias of the table is read as the table.
fn strip_alias(rows: &Rows) -> Option<String> {
    let filter = rows.filter.clone()?;
    let Some(alias) = &rows.alias else { return Some(filter) };
    let (bare, quoted) = (format!("{alias}."), format!("{}.", id(alias)));
    Some(filter.replace(&quoted, "").replace(&bare, ""))
}

fn drifts(expression: &str) -> bool {
    let upper = expression.to_uppercase();
    [
        "NOW(",
        "CURRENT_TIMESTAMP",
        "RAND(",
        "UUID(",
        "SYSDATE(",
        "CURDATE(",
        "CURTIME(",
        "CURRENT_DATE",
        "LAST_INSERT_ID(",
    ]
    .iter()
    .any(|call| upper.contains(call))
}
