//! Building and dropping indexes without blocking writers (manual: CREATE INDEX, "Building Indexes Concurrently").

use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::{Ident, Index, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::{PhaseName, TransactionMode, Undo};

/// An index to be built: `definition` is all after `ON table`, from USING or the parenthesis on.
#[derive(Debug, Clone, PartialEq)]
pub struct NewIndex {
    pub name: Ident,
    pub unique: Unique,
    pub definition: String,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    Yes,
    No,
}

/// Builds the index concurrently in the Migrate phase; on a partitioned table leaf by leaf.
///
/// # Errors
/// [`Refusal`] as [`super::partitioned::index`] has them.
pub fn build(b: &mut Builder, table: &Table, index: &NewIndex) -> Result<Key, Refusal> {
    if table.kind == TableKind::Partitioned {
        return super::partitioned::index(b, table, index);
    }
    leftover_check(b, &table.name, &index.name);
    Ok(b.push(concurrent(b, &table.name, index, format!("Build index `{}` on `{}`", index.name, table.name))))
}

pub fn concurrent(b: &Builder, table: &TableName, index: &NewIndex, title: String) -> Draft {
    let full = table.sibling(index.name.0.clone());
    let unique = if index.unique == Unique::Yes { "UNIQUE " } else { "" };
    let sql =
        format!("CREATE {unique}INDEX CONCURRENTLY {} ON {} {}", b.id(&index.name), b.name(table), index.definition);
    let mut draft = Draft::alone(PhaseName::Migrate, Rank::Index, title, sql, b.unlimited())
        .why(format!(
            "{} Reads and writes go on during the build. No timeouts: a lock timeout would leave an invalid index behind.",
            index.why
        ))
        .on(table)
        .undo(b.undo_alone(format!("DROP INDEX CONCURRENTLY IF EXISTS {}", b.name(&full)), "Drops the index without blocking writers."))
        .done(probe::index_valid(&full))
        .watch("Old transactions it waits for", "SELECT pid, state, now() - xact_start AS open_for, left(query, 80) AS query FROM pg_catalog.pg_stat_activity WHERE backend_xmin IS NOT NULL ORDER BY xact_start".to_owned())
        .abort_if("It stops with an error: the index is left invalid; drop it with DROP INDEX CONCURRENTLY, then build again.");
    if b.since(12) {
        draft = draft.watch("Progress", probe::index_progress());
    }
    if index.unique == Unique::Yes {
        draft = draft
            .abort_if("It fails with 23505: duplicates are left; resolve them, drop the invalid index, build again.");
    }
    draft
}

pub fn leftover_check(b: &mut Builder, table: &TableName, index: &Ident) {
    let full = table.sibling(index.0.clone());
    b.push(
        Draft::verify(
            PhaseName::Prepare,
            Rank::Check,
            format!("No half-built index `{index}` is in the way"),
            probe::index_not_invalid(&full),
        )
        .why("A concurrent build that was cancelled leaves an invalid index of the same name: drop it first with DROP INDEX CONCURRENTLY.")
        .on(table),
    );
}

/// Drops an index without blocking writers.
pub fn drop(b: &mut Builder, table: &TableName, name: &Ident, recreate: &str, phase: PhaseName, why: &str) -> Key {
    let full = table.sibling(name.0.clone());
    let draft = Draft::alone(
        phase,
        Rank::DropIndex,
        format!("Drop index `{name}` of `{table}`"),
        format!("DROP INDEX CONCURRENTLY {}", b.name(&full)),
        b.unlimited(),
    )
    .why(why)
    .on(table)
    .undo(Undo::Sql {
        sql: vec![concurrently(recreate)],
        transaction: TransactionMode::None,
        timeouts: b.unlimited(),
        because: "Builds the index anew; queries that need it are slow until it is done.".to_owned(),
    })
    .done(probe::relation_gone(&full))
    .watch("Who holds a lock on the table", probe::lock_holders(table));
    b.push(draft)
}

/// `CREATE INDEX …` as the server prints it, with CONCURRENTLY.
pub fn concurrently(definition: &str) -> String {
    definition.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1)
}

/// Builds `new` beside `old`, gives it the old one's name in one brief transaction, and drops the old one last.
///
/// # Errors
/// [`Refusal`] where the new index cannot be built beside the traffic.
pub fn swap_in(b: &mut Builder, table: &Table, old: &Index, new: &NewIndex) -> Result<(), Refusal> {
    build(b, table, new)?;
    let aside = b.fresh(&table.name, &[old.name.as_str(), "old"]);
    let rename = |b: &Builder, from: &Ident, to: &Ident| {
        format!("ALTER INDEX {} RENAME TO {}", b.name(&table.name.sibling(from.0.clone())), b.id(to))
    };
    let swap = vec![rename(b, &old.name, &aside), rename(b, &new.name, &old.name)];
    let back = vec![rename(b, &old.name, &new.name), rename(b, &aside, &old.name)];
    b.push(
        Draft::sql(PhaseName::Switch, Rank::Swap, format!("Give the new index the name `{}`", old.name), swap, b.brief())
            .why("Names only. Queries may use either index; who names an index (REINDEX, hints, monitoring) meets the new one from here on.")
            .on(&table.name)
            .undo(b.undo_sql(back, "Names only."))
            .done(probe::relation_exists(&table.name.sibling(aside.0.clone())))
            .watch("Who holds a lock on the table", probe::lock_holders(&table.name)),
    );
    let full = table.name.sibling(aside.0.clone());
    let recreate =
        old.definition.replacen(&format!("INDEX {} ON", b.id(&old.name)), &format!("INDEX {} ON", b.id(&aside)), 1);
    let draft = Draft::alone(
        PhaseName::Contract,
        Rank::DropIndex,
        format!("Drop the old index, now `{aside}`"),
        format!("DROP INDEX CONCURRENTLY {}", b.name(&full)),
        b.unlimited(),
    )
    .why("The new one serves its queries.")
    .on(&table.name)
    .undo(Undo::Sql {
        sql: vec![concurrently(&recreate)],
        transaction: TransactionMode::None,
        timeouts: b.unlimited(),
        because: "Builds the old index anew; it takes its time.".to_owned(),
    })
    .done(probe::relation_gone(&full))
    .watch("Who holds a lock on the table", probe::lock_holders(&table.name));
    b.push(draft);
    Ok(())
}
