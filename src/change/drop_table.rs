//! DROP TABLE: the releases forget it, then it is put out of reach for the days of the watch, and only then it goes.

use super::form::Spec;
use super::recipe::way_back;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::probe;
use crate::model::{Constraint, Ident, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{Alter, Statement};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq)]
pub struct DropTable {
    /// Those that are there, in the order of the script.
    tables: Vec<TableName>,
    cascade: bool,
    /// Tables and views that other statements of the script drop.
    with_others: BTreeSet<TableName>,
    /// Foreign keys that other statements of the script drop.
    keys_dropped: BTreeSet<(TableName, Ident)>,
}

impl Kind for DropTable {
    const NAME: &'static str = "drop-table";
    const TITLE: &'static str = "Drop a table";
    const FORMS: &'static [Spec] = &[("", "DROP TABLE {table:table=jobs};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut with_others = BTreeSet::new();
        for (_, statement) in wish.statements() {
            let names = match statement {
                Statement::DropTable { tables, .. } => tables,
                Statement::DropView { names, .. } => names,
                _ => continue,
            };
            with_others.extend(names.iter().map(|n| n.resolve(wish.catalog)));
        }
        let keys_dropped: BTreeSet<(TableName, Ident)> = wish
            .alters()
            .filter_map(|(_, table, action)| match action {
                Alter::DropConstraint { name, .. } => Some((table.clone(), name.clone())),
                _ => None,
            })
            .collect();
        wish.statements()
            .filter_map(|(at, statement)| {
                let Statement::DropTable { tables, cascade, .. } = statement else { return None };
                let there: Vec<TableName> =
                    tables.iter().filter_map(|t| t.table(wish.catalog)).map(|t| t.name.clone()).collect();
                Some(Claim::one(
                    at,
                    Self {
                        tables: there,
                        cascade: *cascade,
                        with_others: with_others.clone(),
                        keys_dropped: keys_dropped.clone(),
                    },
                ))
            })
            .collect()
    }

    fn title(&self) -> String {
        match self.tables.as_slice() {
            [] => "Drop a table that does not exist".to_owned(),
            [one] => format!("Drop `{one}`"),
            many => format!("Drop {}", many.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ")),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.tables.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let catalog = b.catalog;
        let tables: Vec<&Table> = self.tables.iter().filter_map(|t| catalog.table(t)).collect();
        if tables.is_empty() {
            return Ok("nothing to do: the table does not exist".to_owned());
        }
        for table in &tables {
            self.droppable(b, table)?;
        }
        for table in &tables {
            forget(b, table);
            for key in table.constraints.iter().filter(|c| c.references.is_some()) {
                self.key_out(b, table, key);
            }
            self.keys_in(b, table);
        }
        let mut now = Vec::new();
        for table in &tables {
            now.extend(self.aside(b, table));
            notes(b, table);
        }
        drop_step(b, &now);
        Ok("online: forgotten by the releases first, then out of reach but there, then dropped".to_owned())
    }
}

/// Partitions go with their parent, level by level; plain inheritance does not count.
fn family<'c>(b: &Builder<'c>, table: &'c Table) -> Vec<&'c Table> {
    let mut all = vec![table];
    let mut at = 0;
    while let Some(parent) = all.get(at).copied() {
        let more = b.catalog.partitions_of(&parent.name).filter(|t| !all.iter().any(|a| a.name == t.name));
        all.extend(more.collect::<Vec<_>>());
        at += 1;
    }
    all
}

fn is_partition(table: &Table) -> bool {
    table.partition_of.as_ref().is_some_and(|p| !p.bounds.is_empty())
}

fn forget(b: &mut Builder, table: &Table) {
    let going: Vec<(TableName, Vec<Ident>)> = family(b, b.catalog.table(&table.name).unwrap_or(table))
        .into_iter()
        .map(|t| (t.name.clone(), t.columns.iter().map(|c| c.name.clone()).collect()))
        .collect();
    for (name, columns) in going {
        b.need(
            Need::new(Slot::Unused, Placement::Fixed, &name)
                .stops_reading(&columns)
                .stops_writing(&columns)
                .say(format!("No longer read or write `{name}`."))
                .orm("rails", "remove the model and its associations (dependent: :destroy asks the table, too)".to_owned())
                .orm("django", "SeparateDatabaseAndState: delete the model from the state in this release, from the database in the contract phase"),
        );
    }
}

fn notes(b: &mut Builder, table: &Table) {
    let naming: Vec<String> = b.catalog.functions_naming(&table.name).map(|f| format!("`{}`", f.name)).collect();
    if !naming.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Functions whose text names `{}` fail once it is out of reach: {}. Replace or drop them before the release that forgets the table.",
                table.name,
                naming.join(", ")
            ),
        );
    }
    let published: Vec<Ident> = b
        .catalog
        .publications
        .iter()
        .filter(|p| p.tables.iter().any(|t| t.table == table.name))
        .map(|p| p.name.clone())
        .collect();
    if !published.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "`{}` is published by {}: it leaves the publication when it is dropped; drop it on the subscribers afterwards, not before.",
                table.name,
                listed(&published)
            ),
        );
    }
    let owned: Vec<Ident> = b
        .catalog
        .sequences
        .iter()
        .filter(|s| s.owned_by.as_ref().is_some_and(|o| o.table == table.name))
        .map(|s| s.name.name.clone())
        .collect();
    if !owned.is_empty() {
        b.finding(Severity::Note, format!("Sequences of `{}` go with it: {}.", table.name, listed(&owned)));
    }
}

/// Does a delete of a referenced row fail while rows point at it?
fn refuses_deletes(key: &Constraint) -> bool {
    !["ON DELETE CASCADE", "ON DELETE SET NULL", "ON DELETE SET DEFAULT"].iter().any(|a| key.definition.contains(a))
}

impl DropTable {
    fn droppable(&self, b: &Builder, table: &Table) -> Result<(), Refusal> {
        let name = &table.name;
        let views: Vec<String> = family(b, table)
            .iter()
            .flat_map(|t| b.catalog.views_using(&t.name, &[]).collect::<Vec<_>>())
            .filter(|v| !self.with_others.contains(&v.name))
            .map(|v| format!("`{}`", v.name))
            .collect();
        if !views.is_empty() {
            return Err(Refusal::new(
                format!("`{name}` cannot be dropped: {} read it", views.join(", ")),
                "Drop those views by name in the script, before the table, or replace them so that they read something else.",
            ));
        }
        let child = b.catalog.partitions_of(name).find(|t| !is_partition(t) && !self.with_others.contains(&t.name));
        if let Some(child) = child {
            return Err(Refusal::new(
                format!("`{name}` cannot be dropped: `{}` inherits from it", child.name),
                "Write `ALTER TABLE … NO INHERIT …` for it first, or drop it in the script, too.",
            ));
        }
        // A sequence goes with the column that owns it, and with it every default that draws from it.
        for sequence in b.catalog.sequences.iter().filter(|s| s.owned_by.as_ref().is_some_and(|o| o.table == *name)) {
            let spelled = [sequence.name.name.0.clone(), sequence.name.to_string(), b.name(&sequence.name)];
            let draws = |c: &crate::model::Column| {
                c.default.as_ref().is_some_and(|d| spelled.iter().any(|s| d.sql.contains(&format!("'{s}'"))))
            };
            let others = b.database().tables.iter().filter(|t| !self.with_others.contains(&t.name));
            let user = others.flat_map(|t| t.columns.iter().filter(|c| draws(c)).map(move |c| (t, c))).next();
            if let Some((other, column)) = user {
                return Err(Refusal::new(
                    format!(
                        "sequence `{}` would go with `{name}`, and `{}` of `{}` draws from it",
                        sequence.name, column.name, other.name
                    ),
                    format!(
                        "Write `ALTER SEQUENCE {} OWNED BY NONE` first, in a plan of its own.",
                        b.name(&sequence.name)
                    ),
                ));
            }
        }
        Ok(())
    }

    /// A foreign key of the table. The next release no longer clears its rows away before it deletes what they point at.
    fn key_out(&self, b: &mut Builder, table: &Table, key: &Constraint) {
        let Some(target) = key.references.as_ref().map(|r| r.table.clone()) else { return };
        // A partition's share in a key of its parent cannot be dropped by itself.
        let parent = table.partition_of.as_ref().and_then(|p| b.catalog.table(&p.parent));
        if parent.is_some_and(|p| p.constraints.iter().any(|c| c.definition == key.definition)) {
            return;
        }
        if self.with_others.contains(&target) || self.keys_dropped.contains(&(table.name.clone(), key.name.clone())) {
            return;
        }
        let (rank, why) = if refuses_deletes(key) {
            (
                Rank::Relax,
                format!(
                    "The next release knows nothing of `{}` and would be refused when it deletes rows of `{target}` that are pointed at. By itself, since it locks both tables, and DROP TABLE would hold the same locks for longer.",
                    table.name
                ),
            )
        } else {
            (
                Rank::Withdraw,
                format!(
                    "By itself: it locks both tables, and DROP TABLE would hold that lock on `{target}` for longer."
                ),
            )
        };
        Self::drop_key(b, table, key, &target, rank, why);
    }

    /// Foreign keys of other tables: CASCADE would drop them without a word.
    fn keys_in(&self, b: &mut Builder, table: &Table) {
        let catalog = b.catalog;
        if !self.cascade {
            return;
        }
        for (other, key) in catalog.referenced_by(&table.name) {
            let gone = self.with_others.contains(&other.name)
                || self.keys_dropped.contains(&(other.name.clone(), key.name.clone()));
            let share = other.partition_of.as_ref().is_some_and(|p| {
                catalog
                    .table(&p.parent)
                    .is_some_and(|parent| parent.constraints.iter().any(|c| c.definition == key.definition))
            });
            if gone || share {
                continue;
            }
            let why = "CASCADE would drop it together with the table: by name, the way back is known.".to_owned();
            Self::drop_key(b, other, key, &table.name, Rank::Withdraw, why);
            b.finding(
                Severity::Warning,
                format!(
                    "`{}` of `{}` keeps the values of {}; nothing keeps them true any more.",
                    key.name,
                    other.name,
                    listed(&key.columns)
                ),
            );
        }
    }

    fn drop_key(b: &mut Builder, table: &Table, key: &Constraint, target: &TableName, rank: Rank, why: String) {
        let sql = format!("ALTER TABLE {} DROP CONSTRAINT {}", b.name(&table.name), b.id(&key.name));
        let draft = Draft::sql(
            PhaseName::Settle,
            rank,
            format!("Drop foreign key `{}` from `{}` to `{target}`", key.name, table.name),
            vec![sql],
            b.brief(),
        )
        .why(why)
        .on(&table.name)
        .on(target)
        .undo(way_back::constraint_again(b, table, key))
        .done(probe::constraint_gone(&table.name, &key.name))
        .watch("Who holds a lock on the table", probe::lock_holders(&table.name))
        .watch("Who holds a lock on the other table", probe::lock_holders(target));
        b.push(draft);
    }

    /// Out of reach, but there; answers the name that it has then.
    fn aside(&self, b: &mut Builder, table: &Table) -> Option<TableName> {
        let name = &table.name;
        let parent_stays =
            table.partition_of.as_ref().filter(|p| !p.bounds.is_empty() && !self.with_others.contains(&p.parent));
        // A partition of a parent that goes is gone with it.
        if is_partition(table) && parent_stays.is_none() {
            return None;
        }
        let (sql, undo, title, why, done, now) = match parent_stays {
            Some(of) => {
                let (t, parent) = (b.name(name), b.name(&of.parent));
                b.finding(
                    Severity::Danger,
                    format!(
                        "Rows of `{name}` leave `{}` with it, and a row that belongs there is refused from then on unless another partition takes it.",
                        of.parent
                    ),
                );
                (
                    format!("ALTER TABLE {parent} DETACH PARTITION {t}"),
                    format!("ALTER TABLE {parent} ATTACH PARTITION {t} {}", of.bounds),
                    format!("Detach `{name}` from `{}`", of.parent),
                    "Its rows are no longer found through the parent, but still there: if something misses them, they are attached again.",
                    probe::not_a_partition(name),
                    name.clone(),
                )
            }
            None => {
                let aside = name.sibling(&b.fresh(name, &[name.name.as_str(), "dropme"]).0);
                (
                    format!("ALTER TABLE {} RENAME TO {}", b.name(name), b.id(&aside.name)),
                    format!("ALTER TABLE {} RENAME TO {}", b.name(&aside), b.id(&name.name)),
                    format!("Put `{name}` out of reach as `{}`", aside.name),
                    "Whatever still uses it fails at once and is seen, while the rows are there: the way back is another rename.",
                    probe::relation_exists(&aside),
                    aside,
                )
            }
        };
        let draft = Draft::sql(PhaseName::Settle, Rank::Withdraw, title, vec![sql], b.brief())
            .why(why)
            .on(name)
            .undo(b.undo_sql(vec![undo], "Brief; the table works as before."))
            .done(done)
            .watch("Who holds a lock on the table", probe::lock_holders(name));
        b.push(draft);
        Some(now)
    }
}

/// Together, as they were written: they may point at each other.
fn drop_step(b: &mut Builder, now: &[TableName]) {
    if now.is_empty() {
        return;
    }
    let shown: Vec<String> = now.iter().map(|t| format!("`{t}`")).collect();
    let names: Vec<String> = now.iter().map(|t| b.name(t)).collect();
    let gone: Vec<String> = now.iter().map(probe::relation_gone).collect();
    let mut draft = Draft::sql(
        PhaseName::Contract,
        Rank::DropObject,
        format!("Drop {}", shown.join(", ")),
        vec![format!("DROP TABLE {}", names.join(", "))],
        b.brief(),
    )
    .why("Nothing has missed it.")
    .done(match gone.as_slice() {
        [one] => one.clone(),
        many => format!("SELECT {}", many.iter().map(|q| format!("({q})")).collect::<Vec<_>>().join(" AND ")),
    });
    draft.undo = Undo::PointOfNoReturn { because: "The rows are gone; only a backup brings them back.".to_owned() };
    for table in now {
        draft = draft.watch("Who holds a lock on the table", probe::lock_holders(table));
    }
    b.push(draft);
}
