//! The steps: the new place, both triggers, the copy in batches, the proof, one release, and the old place goes.

use super::{MoveColumns, Way, triggers};
use crate::change::recipe::index;
use crate::change::recipe::table::{drop_column_notes, user_triggers, walkable};
use crate::change::{Refusal, created_here, drop_column};
use crate::engine::emit::backfill::Write;
use crate::engine::emit::probe;
use crate::model::catalog::ConstraintKind;
use crate::model::{Column, Ident, Table, TableKind};
use crate::plan::batches::Pass;
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Undo};

pub fn plan(change: &MoveColumns, b: &mut Builder) -> Result<(), Refusal> {
    let from = b.catalog.table(&change.from).ok_or_else(|| created_here(&change.from))?;
    possible(change, b, from)?;
    match &change.way {
        Way::NewTable(create) => {
            fits(change, from)?;
            b.push(
                Draft::sql(
                    PhaseName::Expand,
                    Rank::CreateObject,
                    format!("Create `{}`", change.to),
                    vec![create.clone()],
                    b.brief(),
                )
                .why("Empty, and no release knows it yet. A foreign key in it waits for open writers of the table it points at.")
                .on(&change.to)
                .undo(b.undo_sql(
                    vec![format!("DROP TABLE {}", b.name(&change.to))],
                    "Drops the new table with what was copied into it.",
                ))
                .done(probe::relation_exists(&change.to)),
            );
        }
        Way::NewColumns(added) => {
            for (column, definition) in added {
                b.add_column(
                    &change.to,
                    column,
                    definition,
                    "Nullable and without a default, so no row is touched. Running releases do not know the column.",
                );
            }
        }
    }
    let off = keep_in_step(change, b, from);
    copy(change, b, from);
    prove(change, b);
    release(change, b, from);
    retire(change, b, from, off);
    Ok(())
}

/// What stands against it, each with what to do.
fn possible(change: &MoveColumns, b: &Builder, from: &Table) -> Result<(), Refusal> {
    let refuse = |why: String, hint: &str| Err(Refusal::new(why, hint));
    if let Some(unclear) = &change.unclear {
        return refuse(
            format!("the move from `{}` to `{}` is more than a copy: {unclear}", change.from, change.to),
            "Move the columns as they are, by their key; what else changes, plan in a second script.",
        );
    }
    walkable(b, from)?;
    let unique = |table: &Table, columns: &[Ident]| {
        !columns.is_empty()
            && (table.primary_key().is_some_and(|k| same(&k.columns, columns))
                || table.indexes.iter().any(|i| i.is_plain_unique_on(columns)))
    };
    let (today, tomorrow): (Vec<Ident>, Vec<Ident>) = change.keys.iter().cloned().unzip();
    if !unique(from, &today) || !unique(&change.target, &tomorrow) {
        return refuse(
            format!(
                "nothing tells which one row of `{}` belongs to which one row of `{}`: both need a primary or unique key of the same columns",
                change.to, change.from
            ),
            "Give the new table the key of the old one, and copy it along; where one row belongs to many, the values cannot be kept in step both ways.",
        );
    }
    if (from.kind == TableKind::Partitioned || change.target.kind == TableKind::Partitioned) && !b.since(11) {
        return refuse(
            format!("PostgreSQL {} has no row triggers on partitioned tables", b.catalog.server.version.major),
            "Upgrade, or have the application write both tables.",
        );
    }
    for old in &change.olds() {
        if change.drops_table {
            break;
        }
        drop_column::droppable(b, from, old)?;
    }
    if change.drops_table {
        let views: Vec<String> = b.catalog.views_using(&change.from, &[]).map(|v| format!("`{}`", v.name)).collect();
        if !views.is_empty() {
            return refuse(
                format!("`{}` cannot be dropped: {} read it", change.from, views.join(", ")),
                "Replace or drop those views first, then plan this change.",
            );
        }
        if let Some((other, key)) = b.catalog.referenced_by(&change.from).find(|(t, _)| t.name != change.from) {
            return refuse(
                format!("`{}` cannot be dropped: `{}` of `{}` points at it", change.from, key.name, other.name),
                "Point that foreign key at the other table first, then plan this change.",
            );
        }
        let needs = |c: &&Column| c.not_null && !c.fills_itself();
        let known: Vec<Ident> = today.iter().cloned().chain(change.olds()).collect();
        if let Some(column) = from.columns.iter().filter(needs).find(|c| !known.contains(&c.name)) {
            return refuse(
                format!(
                    "a row of `{}` cannot be made for the release of today: `{}` is NOT NULL, has no default and does not move",
                    change.from, column.name
                ),
                "Move that column as well, or give it a default first.",
            );
        }
    }
    Ok(())
}

fn same(a: &[Ident], b: &[Ident]) -> bool {
    a.len() == b.len() && a.iter().all(|c| b.contains(c))
}

/// The new table must take every row that the old one takes: the release of today writes it without knowing.
fn fits(change: &MoveColumns, from: &Table) -> Result<(), Refusal> {
    let target = &change.target;
    let breaks = |what: String, hint: String| {
        Err(Refusal::new(format!("writes of the release of today would fail: {what}"), hint))
    };
    let filled: Vec<Ident> = change.news().into_iter().chain(change.to_keys()).collect();
    let bare = |c: &&Column| c.not_null && !c.fills_itself();
    if let Some(column) = target.columns.iter().filter(bare).find(|c| !filled.contains(&c.name)) {
        return breaks(
            format!("`{}.{}` is NOT NULL and nothing fills it", change.to, column.name),
            "Give it a default, or leave NOT NULL for a later plan.".to_owned(),
        );
    }
    let old_of = |new: &Ident| change.moved.iter().chain(&change.keys).find(|(_, n)| n == new).map(|(o, _)| o.clone());
    for (old, new) in change.moved.iter().chain(&change.keys) {
        let (Some(today), Some(tomorrow)) = (from.column(old), target.column(new)) else { continue };
        if today.data_type != tomorrow.data_type {
            return breaks(
                format!(
                    "`{}.{old}` is `{}`, `{}.{new}` is `{}`",
                    change.from, today.data_type, change.to, tomorrow.data_type
                ),
                "Move the column with the type it has; change the type in a second plan.".to_owned(),
            );
        }
        if tomorrow.not_null && !today.not_null {
            return breaks(
                format!("`{}.{new}` is NOT NULL, and `{}.{old}` may be NULL", change.to, change.from),
                format!("Make `{old}` NOT NULL first, or leave NOT NULL for a later plan."),
            );
        }
    }
    let olds = |columns: &[Ident]| columns.iter().map(old_of).collect::<Option<Vec<Ident>>>();
    let moves = |columns: &[Ident]| columns.iter().any(|c| change.moved.iter().any(|(_, n)| n == c));
    for constraint in target.constraints.iter().filter(|c| moves(&c.columns)) {
        let there = |o: &crate::model::Constraint| match constraint.kind {
            ConstraintKind::NotNull => true,
            ConstraintKind::Check => {
                o.kind == ConstraintKind::Check && squeezed(&o.definition) == squeezed(&constraint.definition)
            }
            ConstraintKind::ForeignKey => {
                o.references == constraint.references && olds(&constraint.columns).is_some_and(|c| c == o.columns)
            }
            _ => false,
        };
        let plain_unique = matches!(constraint.kind, ConstraintKind::Unique | ConstraintKind::PrimaryKey)
            && olds(&constraint.columns).is_some_and(|c| from.indexes.iter().any(|i| i.is_plain_unique_on(&c)));
        if constraint.kind != ConstraintKind::NotNull && !plain_unique && !from.constraints.iter().any(there) {
            return breaks(
                format!(
                    "`{}` of `{}` ({}) does not hold for `{}`",
                    constraint.name, change.to, constraint.definition, change.from
                ),
                format!(
                    "Add the same constraint to `{}` first, or add it to the new table in a later plan.",
                    change.from
                ),
            );
        }
    }
    Ok(())
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '(' && *c != ')').collect::<String>().to_lowercase()
}

/// Both triggers; answers the statements that take them away.
fn keep_in_step(
    change: &MoveColumns,
    b: &mut Builder,
    from: &Table,
) -> Vec<(crate::model::TableName, Ident, Vec<String>)> {
    let cascades = change.target.constraints.iter().any(|c| {
        c.references.as_ref().is_some_and(|r| r.table == change.from)
            && c.definition.to_uppercase().contains("ON DELETE CASCADE")
    });
    let deletes = if change.new_table() { !cascades } else { change.drops_table };
    let there = triggers::forward(change, b, deletes);
    let back = triggers::back(change, b);
    let mut off = Vec::new();
    for (sync, title, why) in [
        (
            there,
            format!("Carry writes of `{}` over to `{}`", change.from, change.to),
            "From here on whoever writes the old place fills the new one in the same transaction. The function runs as its owner: the application's role need not know the other table yet.",
        ),
        (
            back,
            format!("Carry writes of `{}` back to `{}`", change.to, change.from),
            "What the next release writes to the new place reaches the old one, so that today's release reads it and may come back. The comparison in both functions ends the echo.",
        ),
    ] {
        b.push(
            Draft::sql(PhaseName::Expand, Rank::Trigger, title, sync.create, b.brief())
                .why(why)
                .on(&sync.table)
                .undo(b.undo_sql(sync.drop.clone(), "DROP TRIGGER waits for readers too; brief lock."))
                .done(probe::trigger_exists(&sync.table, &sync.trigger))
                .watch("Who holds a lock on the table", probe::lock_holders(&sync.table))
                .abort_if("Writers fail with an error that names the trigger's function: take the step back."),
        );
        off.push((sync.table, sync.trigger, sync.drop));
    }
    user_triggers(b, from);
    b.finding(
        Severity::Warning,
        format!("While two releases run side by side, one that writes a row of `{}` and one that writes its half in `{}` at the same moment lock the two in opposite order: the server ends one of them with 40P01, and the application has to try again. Whoever writes both in one transaction writes `{}` first.", change.from, change.to, change.from),
    );
    if !b.catalog.subscriptions.is_empty() {
        b.finding(Severity::Warning, format!("This database has subscriptions: rows that replication applies to `{}` do not fire the triggers that keep both tables in step.", change.from));
    }
    off
}

/// For every row of the old table that has none, or another, in the new place.
fn copy(change: &MoveColumns, b: &mut Builder, from: &Table) {
    let (f, t) = (b.name(&change.from), b.name(&change.to));
    let title = format!("Copy {} of `{}` to `{}` in batches", listed(&change.olds()), change.from, change.to);
    let why = "For the rows that were there before the triggers.".to_owned();
    let joined = pairs(b, &change.keys, |o, k| format!("sidestep_there.{k} = {f}.{o}"), " AND ");
    let (needed, write) = if change.new_table() {
        let needed = format!("NOT EXISTS (SELECT 1 FROM {t} AS sidestep_there WHERE {joined})");
        (needed, Write::Insert { into: change.to.clone() })
    } else {
        let differs = |o: &str, n: &str| format!("sidestep_there.{n}::text IS DISTINCT FROM {f}.{o}::text");
        let differs = pairs(b, &change.moved, differs, " OR ");
        let needed = format!("EXISTS (SELECT 1 FROM {t} AS sidestep_there WHERE {joined} AND ({differs}))");
        (needed, Write::Spread { into: change.to.clone(), keys: change.to_keys() })
    };
    let assignments =
        change.keys.iter().chain(&change.moved).map(|(o, n)| (n.clone(), format!("{f}.{}", b.id(o)))).collect();
    let key = b.walk_key(from).unwrap_or_default();
    let pass = Pass { table: change.from.clone(), key, assignments, needed, write, alias: None, joined: None };
    let mut draft = b.batched(pass, title, why);
    draft.undo = Undo::Nothing { because: "What was copied does no harm; it goes with the new place.".to_owned() };
    b.push(draft);
}

fn pairs(b: &Builder, list: &[(Ident, Ident)], f: impl Fn(&str, &str) -> String, join: &str) -> String {
    list.iter().map(|(o, n)| f(&b.id(o), &b.id(n))).collect::<Vec<_>>().join(join)
}

fn prove(change: &MoveColumns, b: &mut Builder) {
    let joined = pairs(b, &change.keys, |o, k| format!("sidestep_there.{k} = sidestep_here.{o}"), " AND ");
    let differs = pairs(
        b,
        &change.moved,
        |o, n| format!("sidestep_here.{o}::text IS DISTINCT FROM sidestep_there.{n}::text"),
        " OR ",
    );
    let (join, missing) = if change.new_table() {
        let strict: Vec<(Ident, Ident)> = change.keys.iter().take(1).cloned().collect();
        ("LEFT JOIN", format!("{} OR ", pairs(b, &strict, |_, k| format!("sidestep_there.{k} IS NULL"), "")))
    } else {
        ("JOIN", String::new())
    };
    let wrong = format!(
        "FROM {} AS sidestep_here {join} {} AS sidestep_there ON {joined} WHERE {missing}{differs}",
        b.name(&change.from),
        b.name(&change.to)
    );
    let draft = Draft::verify(
        PhaseName::Migrate,
        Rank::Verify,
        format!("{} of `{}` agree with `{}`", listed(&change.news()), change.to, change.from),
        format!("SELECT NOT EXISTS (SELECT 1 {wrong})"),
    )
    .why("Reads both tables. From the next release on the new place is the truth; afterwards this check no longer applies.")
    .on(&change.from)
    .watch("Rows that are wrong", format!("SELECT count(*) {wrong}"));
    let agreed = b.push(draft);
    if change.drops_table {
        orphans(change, b);
    }
    for new in change.news() {
        b.rule(Rule::NotReady {
            table: change.to.clone(),
            because: format!("reads `{}.{new}` before it is proved that every row has it", change.to),
            column: new,
            until: agreed,
        });
    }
}

/// Rows of the table that goes which belong to nothing.
fn orphans(change: &MoveColumns, b: &mut Builder) {
    let joined = pairs(b, &change.keys, |o, k| format!("sidestep_there.{k} = sidestep_here.{o}"), " AND ");
    let lost = format!(
        "FROM {} AS sidestep_here WHERE NOT EXISTS (SELECT 1 FROM {} AS sidestep_there WHERE {joined})",
        b.name(&change.from),
        b.name(&change.to)
    );
    let draft = Draft::verify(
        PhaseName::Prepare,
        Rank::Check,
        format!("Every row of `{}` belongs to one of `{}`", change.from, change.to),
        format!("SELECT NOT EXISTS (SELECT 1 {lost})"),
    )
    .why("A row that belongs to none would be lost with its table.")
    .on(&change.from)
    .watch("Rows that would be lost", format!("SELECT count(*) {lost}"));
    b.push(draft);
}

fn strict(change: &MoveColumns, from: &Table) -> Vec<Ident> {
    let bare = |c: &&Ident| from.column(c).is_some_and(|c| c.not_null && !c.fills_itself());
    if change.drops_table { Vec::new() } else { change.olds().iter().filter(bare).cloned().collect() }
}

fn release(change: &MoveColumns, b: &mut Builder, from: &Table) {
    let f = b.name(&change.from);
    for old in strict(change, from) {
        let alter = |what: &str| format!("ALTER TABLE {f} ALTER COLUMN {} {what} NOT NULL", b.id(&old));
        b.push(
            Draft::sql(
                PhaseName::Switch,
                Rank::Relax,
                format!("Let `{}.{old}` be NULL", change.from),
                vec![alter("DROP")],
                b.brief(),
            )
            .why("The next release inserts the row without it, and the other table's row behind it: the trigger fills it then.")
            .on(&change.from)
            .undo(b.undo_sql(vec![alter("SET")], "Reads the whole table under ACCESS EXCLUSIVE: only while the table is quiet."))
            .done(probe::column_nullable(&change.from, &old)),
        );
    }
    let (olds, news) = (change.olds(), change.news());
    let gone: Vec<Ident> =
        if change.drops_table { from.columns.iter().map(|c| c.name.clone()).collect() } else { olds.clone() };
    b.need(
        Need::new(Slot::Use, Placement::Fixed, &change.from)
            .stops_reading(&gone)
            .stops_writing(&gone)
            .say(if change.drops_table {
                format!("No longer read or write `{}`: the triggers keep it as it was.", change.from)
            } else {
                format!("No longer read or write {} of `{}`: the triggers fill the old place.", listed(&olds), change.from)
            })
            .orm("rails", "self.ignored_columns for the old columns in this release, before they are dropped")
            .orm("django", "SeparateDatabaseAndState: take the old fields out of the state now, out of the database in the contract phase"),
    );
    let columns: Vec<Ident> = change.to_keys().into_iter().chain(news.clone()).collect();
    let t = b.name(&change.to);
    let mut uses = Need::new(Slot::Use, Placement::Fixed, &change.to);
    if change.new_table() {
        let set = news.iter().map(|c| format!("{0} = EXCLUDED.{0}", b.id(c))).collect::<Vec<_>>().join(", ");
        uses = uses
            .reads(&columns)
            .writes(&columns)
            .say(format!("Read and write {} of `{}` instead. In the transaction that inserts a row of `{}`, write the row of `{}` behind it, with ON CONFLICT DO UPDATE: the trigger may have made it already.", listed(&news), change.to, change.from, change.to))
            .say(format!("Give the application's role the rights on `{}` that it has on `{}`.", change.to, change.from))
            .shape(format!("INSERT INTO {t} ({}) VALUES (…) ON CONFLICT ({}) DO UPDATE SET {set}", b.ids(&columns), b.ids(&change.to_keys())));
    } else {
        uses = uses.reads(&news).writes(&news).say(format!(
            "Read and write {} of `{}` instead.",
            listed(&news),
            change.to
        ));
    }
    b.need(uses);
}

fn retire(
    change: &MoveColumns,
    b: &mut Builder,
    from: &Table,
    off: Vec<(crate::model::TableName, Ident, Vec<String>)>,
) {
    for (at, (table, trigger, drop)) in off.into_iter().enumerate() {
        let first = at == 0;
        let key = b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::RetireTrigger,
                format!("Stop carrying writes of `{table}` over"),
                drop,
                b.brief(),
            )
            .why("No running release uses the old place any more.")
            .on(&table)
            .undo(Undo::PointOfNoReturn {
                because: format!(
                    "Rows written from here on carry nothing between `{}` and `{}`.",
                    change.from, change.to
                ),
            })
            .done(probe::trigger_gone(&table, &trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(&table)),
        );
        if first {
            b.rule(Rule::Older {
                than: Slot::Use,
                from: Mark::After(key),
                because: format!(
                    "writes {} of `{}`, which nothing carries over any more",
                    listed(&change.olds()),
                    change.from
                ),
            });
        }
    }
    if change.drops_table {
        let staying: Vec<Ident> = from
            .columns
            .iter()
            .map(|c| c.name.clone())
            .filter(|c| !change.olds().contains(c) && !change.keys.iter().any(|(k, _)| k == c))
            .collect();
        if !staying.is_empty() {
            b.finding(
                Severity::Danger,
                format!("{} of `{}` do not move: their values go with the table.", listed(&staying), change.from),
            );
        }
        b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::DropObject,
                format!("Drop `{}`", change.from),
                vec![format!("DROP TABLE {}", b.name(&change.from))],
                b.brief(),
            )
            .why("No release reads or writes it any more. It also waits for the users of the tables that it points at.")
            .on(&change.from)
            .undo(Undo::PointOfNoReturn { because: "The rows are gone; only a backup brings them back.".to_owned() })
            .done(probe::relation_gone(&change.from)),
        );
        return;
    }
    let olds = change.olds();
    let apart = from.kind == TableKind::Ordinary && from.partition_of.is_none();
    let using =
        from.indexes.iter().filter(|i| i.constraint.is_none() && i.valid && i.uses.iter().any(|u| olds.contains(u)));
    for i in using.filter(|_| apart) {
        let why = "It would go with the column; dropped beforehand, its file is removed outside the strong lock.";
        index::drop(b, &change.from, &i.name, &i.definition, PhaseName::Contract, why);
    }
    for old in &olds {
        b.drop_column(&change.from, old, "No release reads or writes it any more.");
    }
    drop_column_notes(b, from, &olds);
}
