//! Columns of several tables that get a successor and change hands in one transaction: a key and all that references it.
//!
//! Each column gets a second one beside it that a trigger fills; keys, indexes and foreign keys are built on the second
//! ones; one short transaction exchanges the names; from there on a trigger fills the old ones, so that all can go back.

mod build;
mod counters;
mod cutover;
mod retire;
mod triggers;

pub use counters::{add_identity, counter, go_on};

use super::carry::parse_constraint;
use super::dependents::All;
use super::measure::measure;
use super::table::{user_triggers, walkable};
use super::twins::Twin;
use crate::change::Refusal;
use crate::model::{Column, Constraint, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::Key;
use crate::sql::Expression;

/// The columns that change hands, by table.
pub struct Together<'a> {
    pub parts: Vec<Part<'a>>,
    /// Foreign keys whose referenced columns are among them.
    links: Vec<Link<'a>>,
    /// What reads the columns by number.
    dependents: All<'a>,
}

pub struct Part<'a> {
    pub table: &'a Table,
    pub moving: Vec<Moving<'a>>,
    twins: Vec<Twin>,
    key: Option<KeySwap>,
    forward: Sync,
    reverse: Sync,
}

/// One column.
pub struct Moving<'a> {
    pub column: &'a Column,
    pub data_type: String,
    /// Over the columns of the row.
    pub forward: Expression,
    pub back: Back,
    /// Name of the second column before the cut-over, of the first one after it.
    new: Ident,
    old: Ident,
}

/// How the old column gets a value from the new one after the cut-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// The low bits, with their sign: the value itself where it fits. Beyond, some other value of the old type, so that
    /// NOT NULL and a unique index on the old column refuse nothing that the new one bears.
    LowBits,
    /// The value as text: every value has one.
    Text,
}

/// A primary key that holds a moving column.
struct KeySwap {
    name: Ident,
    /// Index on the new columns.
    new: Ident,
    /// Second index on the old columns: makes the way back as brief as the way there.
    spare: Ident,
    trailer: String,
}

/// A foreign key that has to point at the new columns.
struct Link<'a> {
    table: &'a Table,
    constraint: &'a Constraint,
    /// Its successor's name before the cut-over.
    new: Ident,
}

/// A trigger and its function.
struct Sync {
    function: TableName,
    trigger: Ident,
}

/// One column before the names are chosen.
pub struct Wanted<'a> {
    pub table: &'a Table,
    pub column: &'a Column,
    pub data_type: String,
    pub forward: Expression,
    pub back: Back,
}

impl<'a> Together<'a> {
    /// # Errors
    /// [`Refusal`] where a table or a column cannot take part.
    pub fn new(b: &mut Builder<'a>, wanted: Vec<Wanted<'a>>) -> Result<Self, Refusal> {
        let mut parts: Vec<Part<'a>> = Vec::new();
        for one in wanted {
            able(b, one.table, one.column)?;
            let (name, c) = (&one.table.name, one.column.name.as_str());
            let moving = Moving {
                new: b.fresh(name, &[c, "new"]),
                old: b.fresh(name, &[c, "old"]),
                column: one.column,
                data_type: one.data_type,
                forward: one.forward,
                back: one.back,
            };
            match parts.iter_mut().find(|p| p.table.name == one.table.name) {
                Some(part) => part.moving.push(moving),
                None => {
                    let (forward, reverse) = (Sync::named(b, one.table, c, "fwd"), Sync::named(b, one.table, c, "rev"));
                    parts.push(Part {
                        table: one.table,
                        moving: vec![moving],
                        twins: Vec::new(),
                        key: None,
                        forward,
                        reverse,
                    });
                }
            }
        }
        // One order of locks for every transaction of the plan.
        parts.sort_by(|x, y| x.table.name.cmp(&y.table.name));
        for part in &mut parts {
            part.key = KeySwap::of(b, part)?;
        }
        let columns: Vec<(&Table, &Ident)> =
            parts.iter().flat_map(|p| p.moving.iter().map(move |m| (p.table, &m.column.name))).collect();
        let dependents = All::of(b, &columns)?;
        let mut made = Self { parts, links: Vec::new(), dependents };
        made.links = made.find_links(b)?;
        Ok(made)
    }

    /// Everything up to the last drop; answers the cut-over.
    ///
    /// # Errors
    /// [`Refusal`] where something on a column cannot be built on its successor.
    pub fn plan(mut self, b: &mut Builder) -> Result<Key, Refusal> {
        for part in &self.parts {
            part.add(b);
        }
        let follows: Vec<Key> = self.parts.iter().map(|p| p.follow(b)).collect::<Result<_, _>>()?;
        for part in &self.parts {
            for moving in &part.moving {
                let (n, value) = (b.id(&moving.new), &moving.forward.sql);
                b.fill(
                    &part.table.name,
                    Fill {
                        assignments: vec![(moving.new.clone(), value.clone())],
                        needed: format!("{n} IS DISTINCT FROM ({value})"),
                        why: format!("Copies `{}` in the rows that were there before.", moving.column.name),
                        guarded: Guarded::No,
                    },
                );
            }
            user_triggers(b, part.table);
        }
        self.build(b)?;
        for part in &self.parts {
            measure(b, part.table, &part.pairs(), &part.twins);
        }
        self.agree(b);
        let moving: Vec<_> = self.parts.iter().map(|p| (p.table.name.clone(), p.pairs())).collect();
        self.dependents.views.prepare(b, &moving);
        let swapped = self.cut_over(b, &follows);
        self.dependents.views.retire(b);
        self.retire(b, swapped);
        Ok(swapped)
    }

    pub fn tables(&self) -> Vec<TableName> {
        self.parts.iter().map(|p| p.table.name.clone()).collect()
    }

    /// Old and new names of the moving columns of a table.
    fn pairs(&self, table: &TableName) -> Vec<(Ident, Ident)> {
        self.parts.iter().find(|p| p.table.name == *table).map(Part::pairs).unwrap_or_default()
    }

    fn find_links(&self, b: &mut Builder<'a>) -> Result<Vec<Link<'a>>, Refusal> {
        let mut links = Vec::new();
        for part in &self.parts {
            for (table, constraint) in b.catalog.referenced_by(&part.table.name) {
                let Some(reference) = &constraint.references else { continue };
                if !part.moving.iter().any(|m| reference.columns.contains(&m.column.name)) {
                    continue;
                }
                if !constraint.enforced {
                    return Err(Refusal::new(
                        format!("foreign key `{}` of `{}` is NOT ENFORCED", constraint.name, table.name),
                        "Drop it first, and add it again after this change.",
                    ));
                }
                if table.kind == TableKind::Partitioned || table.partition_of.is_some() {
                    return Err(partitioned(table));
                }
                let new = b.fresh(&table.name, &[constraint.name.as_str(), "new"]);
                links.push(Link { table, constraint, new });
            }
        }
        Ok(links)
    }

    fn is_link(&self, table: &Table, constraint: &Constraint) -> bool {
        self.links.iter().any(|l| l.table.name == table.name && l.constraint.name == constraint.name)
    }
}

impl Part<'_> {
    fn pairs(&self) -> Vec<(Ident, Ident)> {
        self.moving.iter().map(|m| (m.column.name.clone(), m.new.clone())).collect()
    }
    fn old_pairs(&self) -> Vec<(Ident, Ident)> {
        self.moving.iter().map(|m| (m.column.name.clone(), m.old.clone())).collect()
    }
}

impl KeySwap {
    fn of(b: &mut Builder, part: &Part) -> Result<Option<Self>, Refusal> {
        let table = part.table;
        let Some(key) = table.primary_key().filter(|k| part.moving.iter().any(|m| k.columns.contains(&m.column.name)))
        else {
            return Ok(None);
        };
        let trailer = parse_constraint(&key.definition).map(|p| p.trailer).unwrap_or_default();
        Ok(Some(Self {
            name: key.name.clone(),
            new: b.fresh(&table.name, &[key.name.as_str(), "new"]),
            spare: b.fresh(&table.name, &[key.name.as_str(), "old"]),
            trailer,
        }))
    }
}

impl Sync {
    fn named(b: &mut Builder, table: &Table, column: &str, suffix: &str) -> Self {
        let name = table.name.name.as_str();
        let function = b.fresh(&table.name, &["sidestep", name, column, suffix]);
        let trigger = b.fresh(&table.name, &["zz_sidestep", name, column, suffix]);
        Self { function: table.name.sibling(function.0), trigger }
    }
}

/// A table and a column of it that can take part.
fn able(b: &Builder, table: &Table, column: &Column) -> Result<(), Refusal> {
    if table.kind == TableKind::Partitioned || table.partition_of.is_some() {
        return Err(partitioned(table));
    }
    walkable(b, table)?;
    if column.generated.is_some() {
        return Err(Refusal::new(
            format!("`{}.{}` is a generated column", table.name, column.name),
            "Change what it is computed from.",
        ));
    }
    let strict = column.not_null || table.primary_key().is_some_and(|k| k.columns.contains(&column.name));
    if strict && !b.since(11) {
        return Err(Refusal::new(
            format!(
                "PostgreSQL {} reads the whole table under ACCESS EXCLUSIVE to make a new key column of `{}` NOT NULL",
                b.catalog.server.version.major, table.name
            ),
            "Upgrade the server first, or change it in a maintenance window with `--strategy direct`.",
        ));
    }
    let odd = table
        .constraints
        .iter()
        .find(|c| c.columns.contains(&column.name) && (c.kind == ConstraintKind::Exclusion || !c.enforced));
    if let Some(odd) = odd {
        return Err(Refusal::new(
            format!("constraint `{}` of `{}` cannot be built on a new column beside the old one", odd.name, table.name),
            "Drop it first, and add it again after this change.",
        ));
    }
    Ok(())
}

fn partitioned(table: &Table) -> Refusal {
    Refusal::new(
        format!(
            "`{}` is partitioned or a partition: its keys cannot be attached to indexes built beforehand, so a key column cannot be exchanged online",
            table.name
        ),
        "Change it in a maintenance window with `--strategy direct`, or move the rows to a new partitioned table.",
    )
}
