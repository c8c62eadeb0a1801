//! DROP INDEX, without blocking writers.

use super::form::Spec;
use super::recipe::index::{self, Unique};
use super::recipe::partitioned;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, direct_step};
use crate::engine::emit::probe;
use crate::model::{Ident, Index, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, TransactionMode, Undo};
use crate::sql::Statement;

#[derive(Debug, Clone, PartialEq)]
pub struct DropIndex {
    /// Table and index; the table is the one that owns it today.
    indexes: Vec<(TableName, Ident)>,
    cascade: bool,
}

impl Kind for DropIndex {
    const NAME: &'static str = "drop-index";
    const TITLE: &'static str = "Drop an index";
    const FORMS: &'static [Spec] = &[("", "DROP INDEX {index:index=reviews_stars_idx};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::DropIndex { names, cascade, .. } => {
                    let indexes = names
                        .iter()
                        .filter_map(|n| wish.catalog.index_owner(n.schema.as_ref(), &n.name))
                        .map(|(t, i)| (t.name.clone(), i.name.clone()))
                        .collect();
                    Some(Claim::one(at, Self { indexes, cascade: *cascade }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let names: Vec<Ident> = self.indexes.iter().map(|(_, i)| i.clone()).collect();
        match self.indexes.first() {
            Some((table, _)) => format!("Drop index {} of `{table}`", listed(&names)),
            None => "Drop an index that does not exist".to_owned(),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.indexes.iter().map(|(t, _)| t.clone()).collect()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if self.cascade {
            return Err(Refusal::new(
                "DROP INDEX … CASCADE would drop foreign keys that lean on the index",
                "Drop those foreign keys by name, in the script, and leave CASCADE out.",
            ));
        }
        let mut because = "nothing to do: the index does not exist".to_owned();
        for (table, name) in &self.indexes {
            let Some(owner) = b.catalog.table(table) else { continue };
            let Some(found) = owner.index(name) else { continue };
            allowed(b, owner, found)?;
            if let Some(whole) = owner.partition_of.as_ref().and_then(|p| b.catalog.table(&p.parent)) {
                part_of(owner, found, whole)?;
            }
            let full = table.sibling(name.0.clone());
            if let Some(scans) = found.scans.filter(|s| *s > 0) {
                b.finding(
                    crate::plan::Severity::Warning,
                    format!("Index `{name}` was used by {scans} scans since the counters were reset; replicas count for themselves."),
                );
            }
            if owner.kind == TableKind::Partitioned {
                because = whole(b, owner, found);
                continue;
            }
            let direct = b.direct(owner);
            if let Some(reason) = direct {
                direct_step(
                    b,
                    PhaseName::Contract,
                    Rank::DropIndex,
                    &format!("Drop index `{name}` of `{table}`"),
                    table,
                    vec![format!("DROP INDEX {}", b.name(&full))],
                    vec![found.definition.clone()],
                    probe::relation_gone(&full),
                );
                because = reason;
            } else {
                index::drop(
                    b,
                    table,
                    name,
                    &found.definition,
                    PhaseName::Contract,
                    "Queries that need it become slow: watch them.",
                );
                because = "online: dropped concurrently".to_owned();
            }
        }
        Ok(because)
    }
}

/// An index of a partitioned table goes with all its parts under one brief lock; there is no concurrent way.
fn whole(b: &mut Builder, owner: &Table, found: &Index) -> String {
    let table = &owner.name;
    let full = table.sibling(found.name.0.clone());
    let unique = if found.unique { Unique::Yes } else { Unique::No };
    let definition = partitioned::tail(&found.definition).to_owned();
    let new = index::NewIndex { name: found.name.clone(), unique, definition, why: String::new() };
    let draft = Draft::sql(
        PhaseName::Contract,
        Rank::DropIndex,
        format!("Drop index `{}` of `{table}` and of its partitions", found.name),
        vec![format!("DROP INDEX {}", b.name(&full))],
        b.brief(),
    )
    .why("DROP INDEX CONCURRENTLY is refused here, and a part cannot be taken out of the whole: all partitions are locked at once, for a moment. The timeouts make it give way; try again in a quiet minute.")
    .on(table)
    .undo(Undo::Sql {
        sql: partitioned::index_again(b, owner, &found.name, &new, None),
        transaction: TransactionMode::None,
        timeouts: b.unlimited(),
        because: "Builds the index anew, partition by partition; queries that need it are slow until it is done.".to_owned(),
    })
    .done(probe::relation_gone(&full))
    .watch("Who holds a lock on the table", probe::lock_holders(table));
    b.push(draft);
    "direct: an index of a partitioned table cannot be dropped concurrently; the lock is brief".to_owned()
}

/// An index that may go: no constraint is it, and no foreign key or replica leans on it.
///
/// # Errors
/// [`Refusal`] naming what leans on it.
pub fn allowed(b: &Builder, table: &Table, index: &Index) -> Result<(), Refusal> {
    if let Some(constraint) = &index.constraint {
        return Err(Refusal::new(
            format!(
                "`{}` belongs to constraint `{constraint}` of `{}`; the server refuses to drop it alone",
                index.name, table.name
            ),
            format!("Write `ALTER TABLE … DROP CONSTRAINT {constraint}` instead."),
        ));
    }
    // A foreign key may point at columns that only a plain unique index keeps unique.
    let leaning = b.catalog.referenced_by(&table.name).find(|(_, key)| {
        let columns = key.references.as_ref().map(|r| r.columns.as_slice()).unwrap_or_default();
        let others = |i: &&Index| i.name != index.name && i.is_plain_unique_on(columns);
        index.is_plain_unique_on(columns) && !table.indexes.iter().any(|i| others(&i))
    });
    if let Some((other, key)) = leaning {
        return Err(Refusal::new(
            format!(
                "foreign key `{}` of `{}` leans on `{}`; the server refuses to drop it (2BP01)",
                key.name, other.name, index.name
            ),
            "Drop that foreign key first, or keep the index.",
        ));
    }
    if table.replica_identity.as_deref() == Some(&format!("index {}", index.name)) {
        return Err(Refusal::new(
            format!(
                "`{}` identifies the rows of `{}` to replicas: without it every UPDATE and DELETE of the published table fails",
                index.name, table.name
            ),
            format!("Choose another way first: `ALTER TABLE {} REPLICA IDENTITY …`.", b.name(&table.name)),
        ));
    }
    Ok(())
}

/// A partition's share in an index of its parent cannot be dropped alone.
fn part_of(owner: &Table, found: &Index, parent: &Table) -> Result<(), Refusal> {
    let looks =
        |i: &&Index| i.keys == found.keys && partitioned::tail(&i.definition) == partitioned::tail(&found.definition);
    let twins = owner.indexes.iter().filter(looks).count();
    match parent.indexes.iter().find(looks) {
        Some(whole) if twins == 1 => Err(Refusal::new(
            format!(
                "`{}` is the share of `{}` in index `{}` of `{}`; the server refuses to drop it alone",
                found.name, owner.name, whole.name, parent.name
            ),
            format!(
                "Drop `{}`, which takes the shares of all partitions along, or detach the partition first.",
                whole.name
            ),
        )),
        _ => Ok(()),
    }
}
