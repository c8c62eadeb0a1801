//! After the last moment to go back: nothing fills the old columns any more, and they go.

use super::{Part, Together};
use crate::engine::emit::probe;
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::Filled;
use crate::plan::{PhaseName, Undo};

impl Together<'_> {
    pub(super) fn retire(&self, b: &mut Builder, swapped: Key) {
        for part in &self.parts {
            part.stop(b, swapped);
        }
        for part in &self.parts {
            for moving in &part.moving {
                b.drop_column(&part.table.name, &moving.old, "The old type is not needed any more.");
            }
        }
    }
}

impl Part<'_> {
    fn stop(&self, b: &mut Builder, swapped: Key) {
        let table = &self.table.name;
        let t = b.name(table);
        let old: Vec<_> = self.moving.iter().map(|m| m.old.clone()).collect();
        let mut sql = Vec::new();
        // The primary key has gone over to the new column, and rows come without the old one from here on.
        for moving in self.moving.iter().filter(|m| m.column.not_null) {
            sql.push(format!("ALTER TABLE {t} ALTER COLUMN {} DROP NOT NULL", b.id(&moving.old)));
        }
        sql.extend(self.reverse.drop(b, table));
        let off = b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::RetireTrigger,
                format!("Stop filling {} of `{table}`", listed(&old)),
                sql,
                b.brief(),
            )
            .why("No one will go back to the old type.")
            .on(table)
            .undo(Undo::PointOfNoReturn {
                because: format!("Rows written from here on carry nothing in {}.", listed(&old)),
            })
            .done(probe::trigger_gone(table, &self.reverse.trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(table)),
        );
        for column in old {
            b.filled(Filled { table: table.clone(), column, from: swapped, until: off });
        }
        if let (Some(key), Some(again)) = (&self.key, self.spare_sql(b, &self.old_pairs())) {
            let why =
                "It was for the way back. Dropped before its column, its file is removed outside the strong lock.";
            let again = again.replacen(" CONCURRENTLY", "", 1);
            super::super::index::drop(b, table, &key.spare, &again, PhaseName::Contract, why);
        }
    }
}
