//! DETACH PARTITION, and DROP TABLE of a partition, which is detached first: the parent is then locked as little as can be,
//! and what still needs the rows shows before they are gone.

use super::form::Spec;
use super::recipe::partition::{self, Leaving};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::{Catalog, Ident, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Undo};
use crate::sql::{Alter, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct DetachPartition {
    parent: TableName,
    child: TableName,
    concurrently: bool,
}

impl Kind for DetachPartition {
    const NAME: &'static str = "detach-partition";
    const TITLE: &'static str = "Detach a partition";
    const FORMS: &'static [Spec] =
        &[("", "ALTER TABLE {table:table=page_views} DETACH PARTITION {partition:table=page_views_2024_07};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, parent, action)| match action {
                Alter::DetachPartition { partition, concurrently } => {
                    let child = partition.resolve(wish.catalog);
                    (wish.table(parent).is_some() && wish.table(&child).is_some())
                        .then(|| Claim::one(at, Self { parent: parent.clone(), child, concurrently: *concurrently }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Detach `{}` from `{}`", self.child, self.parent)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.parent.clone(), self.child.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let parent = b.catalog.table(&self.parent).ok_or_else(|| created_here(&self.parent))?;
        let child = b.catalog.table(&self.child).ok_or_else(|| created_here(&self.child))?;
        pending(b.catalog, parent, child)?;
        let leaving =
            Leaving { parent, child, phase: PhaseName::Settle, rank: Rank::Withdraw, tidy: !self.concurrently };
        let (key, how) = partition::detach(b, &leaving);
        without(b, parent, child, key);
        Ok(how)
    }
}

/// Another detaching that was interrupted stands in the way.
fn pending(catalog: &Catalog, parent: &Table, child: &Table) -> Result<(), Refusal> {
    let interrupted = |t: &&Table| t.name != child.name && t.partition_of.as_ref().is_some_and(|p| p.detach_pending);
    match catalog.partitions_of(&parent.name).find(interrupted) {
        Some(other) => Err(Refusal::new(
            format!("the detaching of `{}` from `{}` was interrupted and is pending", other.name, parent.name),
            "End it with `ALTER TABLE … DETACH PARTITION … FINALIZE`, read the catalog again, then plan this.",
        )),
        None => Ok(()),
    }
}

/// The release that no longer looks for the rows in the parent.
fn without(b: &mut Builder, parent: &Table, child: &Table, key: Key) {
    let (p, c) = (&parent.name, &child.name);
    b.need(
        Need::new(Slot::Unused, Placement::Fixed, p)
            .say(format!("No longer read or write the rows of `{c}` through `{p}`: they leave it.")),
    );
    b.rule(Rule::Older {
        than: Slot::Unused,
        from: Mark::After(key),
        because: format!(
            "may still look for rows of `{c}` in `{p}`, or write some: a row without a partition is refused"
        ),
    });
}

#[derive(Debug, Clone, PartialEq)]
pub struct DropPartition {
    parent: TableName,
    child: TableName,
}

impl Kind for DropPartition {
    const NAME: &'static str = "drop-partition";
    const TITLE: &'static str = "Drop a partition";
    const FORMS: &'static [Spec] = &[("", "DROP TABLE {partition:table=page_views_2024_07};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::DropTable { tables, cascade: false, .. } => {
                    let [one] = tables.as_slice() else { return None };
                    let child = wish.table(&one.resolve(wish.catalog))?;
                    let of = child.partition_of.as_ref().filter(|p| !p.bounds.is_empty())?;
                    wish.table(&of.parent)?;
                    Some(Claim::one(at, Self { parent: of.parent.clone(), child: child.name.clone() }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Drop partition `{}` of `{}`", self.child, self.parent)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.parent.clone(), self.child.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let parent = b.catalog.table(&self.parent).ok_or_else(|| created_here(&self.parent))?;
        let child = b.catalog.table(&self.child).ok_or_else(|| created_here(&self.child))?;
        pending(b.catalog, parent, child)?;
        let leaving = Leaving { parent, child, phase: PhaseName::Settle, rank: Rank::Withdraw, tidy: false };
        let (key, how) = partition::detach(b, &leaving);
        without(b, parent, child, key);
        self.forget(b, child);
        let draft = Draft::sql(
            PhaseName::Contract,
            Rank::DropObject,
            format!("Drop `{}`", self.child),
            vec![format!("DROP TABLE {}", b.name(&self.child))],
            b.brief(),
        )
        .why("Detached as it is, dropping it locks nothing that the application uses.")
        .on(&self.child)
        .undo(Undo::PointOfNoReturn { because: "The rows are gone; only a backup brings them back.".to_owned() })
        .done(probe::relation_gone(&self.child));
        b.push(draft);
        Ok(how)
    }
}

impl DropPartition {
    /// It and what hangs under it are to be named by nobody.
    fn forget(&self, b: &mut Builder, child: &Table) {
        let mut going: Vec<&Table> = vec![child];
        let mut at = 0;
        while let Some(parent) = going.get(at) {
            going.extend(b.catalog.partitions_of(&parent.name));
            at += 1;
        }
        for table in going {
            let columns: Vec<Ident> = table.columns.iter().map(|c| c.name.clone()).collect();
            b.need(
                Need::new(Slot::Unused, Placement::Fixed, &table.name)
                    .stops_reading(&columns)
                    .stops_writing(&columns)
                    .say(format!("No longer read or write `{}` itself.", table.name)),
            );
        }
    }
}
