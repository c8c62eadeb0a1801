//! A table copied into another one of another partitioning, which takes its name: rows written meanwhile would be lost, and
//! readers would wait for the copy. Recognised as a whole, so that the refusal names what remains.

use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::model::{TableKind, TableName};
use crate::plan::build::Builder;
use crate::sql::{Alter, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct CopyTable {
    table: TableName,
    copy: TableName,
    /// The table is partitioned today.
    was_partitioned: bool,
}

impl Kind for CopyTable {
    const NAME: &'static str = "copy-table";
    const TITLE: &'static str = "Copy a table into another partitioning";

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(_, statement)| match statement {
                Statement::Insert { table, from, .. } => {
                    let copy = table.resolve(wish.catalog);
                    let source = from.iter().map(|f| f.resolve(wish.catalog)).find(|f| wish.table(f).is_some())?;
                    claim(wish, &source, &copy)
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Copy `{}` into `{}`, which takes its place", self.table, self.copy)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, _: &mut Builder) -> Result<String, Refusal> {
        let message = format!(
            "`{}` would be copied into `{}` and replaced by it: rows written during the copy are lost, or all writers wait for it",
            self.table, self.copy
        );
        let hint = if self.was_partitioned {
            "Another partitioning needs a second table that the application writes as well, filled in batches until both are the same. To grow out of a bad cut, attach new partitions with other bounds from now on; or detach the old ones one by one, copy each, and attach the copies."
        } else {
            "Partition it in place instead, without copying: `ALTER TABLE t RENAME TO t_old; CREATE TABLE t (LIKE t_old INCLUDING ALL) PARTITION BY …; ALTER TABLE t ATTACH PARTITION t_old FOR VALUES FROM (MINVALUE) TO (…);` with an upper bound that new rows do not reach yet. The old rows can be cut smaller later, partition by partition."
        };
        Err(Refusal::new(message, hint))
    }
}

/// Everything in the script that is about the two tables, if the copy takes the place of the table and one is partitioned.
fn claim(wish: &Wish, table: &TableName, copy: &TableName) -> Option<Claim<CopyTable>> {
    let was_partitioned = wish.table(table)?.kind == TableKind::Partitioned;
    let becomes = wish.target.table(table)?;
    let renamed = wish
        .alters()
        .any(|(_, on, action)| on == copy && matches!(action, Alter::RenameTable { to } if *to == table.name));
    let other = was_partitioned || becomes.kind == TableKind::Partitioned;
    if !renamed || !other || wish.table(copy).is_some() {
        return None;
    }
    let about = |name: &TableName| name == table || name == copy;
    let atoms = wish.atoms.iter().enumerate().filter(|(_, atom)| match &atom.part {
        Part::Alter { table, .. } | Part::Spec { table, .. } => about(table),
        Part::Whole(whole) => whole.objects().iter().any(|o| about(&o.resolve(wish.catalog))),
    });
    let atoms = atoms.map(|(at, _)| at).collect();
    Some(Claim { atoms, change: CopyTable { table: table.clone(), copy: copy.clone(), was_partitioned } })
}
