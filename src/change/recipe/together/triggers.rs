//! The columns, and the triggers that fill them: the new ones before the cut-over, the old ones after it.

use super::super::properties::{self, Same};
use super::{Back, Moving, Part, Sync};
use crate::change::Refusal;
use crate::engine::emit::{dollar_quote, probe};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::{PhaseName, TransactionMode, Undo};
use crate::sql::rename_column_in;

impl Moving<'_> {
    /// A constant that fills the column of old rows without touching them; the trigger and the backfill replace it.
    pub(super) fn placeholder(&self) -> Option<&'static str> {
        self.column.not_null.then_some(match self.back {
            Back::LowBits => "0",
            Back::Text => "'00000000-0000-0000-0000-000000000000'",
        })
    }
    /// The old column's value, made from the new one's.
    pub(super) fn back_value(&self, value: &str) -> String {
        match (self.back, self.column.data_type.as_str()) {
            (Back::LowBits, "smallint") => format!("(({value}::bit(32)::integer << 16) >> 16)::smallint"),
            (Back::Text, data_type) => format!("{value}::{data_type}"),
            (Back::LowBits, _) => format!("{value}::bit(32)::integer"),
        }
    }
}

impl Sync {
    pub(super) fn create(&self, b: &Builder, table: &crate::model::TableName, body: &str) -> Vec<String> {
        let (f, t) = (b.name(&self.function), b.name(table));
        let execute = if b.since(11) { "FUNCTION" } else { "PROCEDURE" };
        vec![
            format!(
                "CREATE OR REPLACE FUNCTION {f}() RETURNS trigger LANGUAGE plpgsql AS {}",
                dollar_quote(&format!("BEGIN\n  {body}\n  RETURN NEW;\nEND"))
            ),
            format!(
                "CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {t} FOR EACH ROW EXECUTE {execute} {f}()",
                b.id(&self.trigger)
            ),
        ]
    }
    pub(super) fn drop(&self, b: &Builder, table: &crate::model::TableName) -> Vec<String> {
        vec![
            format!("DROP TRIGGER {} ON {}", b.id(&self.trigger), b.name(table)),
            format!("DROP FUNCTION {}()", b.name(&self.function)),
        ]
    }
}

impl Part<'_> {
    pub(super) fn add(&self, b: &mut Builder) {
        for moving in &self.moving {
            let (n, t) = (b.id(&moving.new), &moving.data_type);
            let (definition, why) = match moving.placeholder() {
                Some(value) => (
                    format!("{n} {t} NOT NULL DEFAULT {value}"),
                    "NOT NULL from the start with a constant that no one reads: nothing has to be proved later, and no row is touched now.",
                ),
                None => (format!("{n} {t}"), "Nullable and without a default, so no row is touched."),
            };
            b.add_column(&self.table.name, &moving.new, &definition, why);
            properties::give(b, self.table, moving.column, &moving.new, Same::NotType);
        }
    }

    /// The new columns follow the old ones.
    pub(super) fn follow(&self, b: &mut Builder) -> Result<Key, Refusal> {
        let table = &self.table.name;
        let create = self.create_forward(b)?;
        let new: Vec<_> = self.moving.iter().map(|m| m.new.clone()).collect();
        let old: Vec<_> = self.moving.iter().map(|m| m.column.name.clone()).collect();
        Ok(b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::Trigger,
                format!("Let {} of `{table}` follow {}", listed(&new), listed(&old)),
                create,
                b.brief(),
            )
            .why("Whoever writes the old column gets its successor written too, so that no row escapes the backfill.")
            .on(table)
            .undo(self.unfollow(b))
            .done(probe::trigger_exists(table, &self.forward.trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(table))
            .abort_if("Writers fail with an error that names the trigger's function: take the step back."),
        ))
    }

    /// CHECKs that the way back from the cut-over has brought back NOT VALID are proved here.
    fn unfollow(&self, b: &Builder) -> Undo {
        let table = &self.table.name;
        let checks: Vec<String> = self
            .checks()
            .filter(|c| c.valid)
            .map(|c| format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", b.name(table), b.id(&c.name)))
            .collect();
        if checks.is_empty() {
            return b.undo_sql(self.forward.drop(b, table), "DROP TRIGGER waits for readers too; brief lock.");
        }
        Undo::Sql {
            sql: checks.into_iter().chain(self.forward.drop(b, table)).collect(),
            transaction: TransactionMode::None,
            timeouts: b.validating(),
            because: "Proves the CHECKs again if the way back from the cut-over has brought them back NOT VALID, which blocks nobody; then a brief lock.".to_owned(),
        }
    }

    pub(super) fn create_forward(&self, b: &Builder) -> Result<Vec<String>, Refusal> {
        let mut body = Vec::new();
        for moving in &self.moving {
            let value = rename_column_in(&moving.forward, &|c| Some(format!("NEW.{}", b.id(c)))).ok_or_else(|| {
                Refusal::new(
                    format!("`{}` could not be read, so it cannot be written into a trigger", moving.forward.sql),
                    "Write USING as a simpler expression over the column.",
                )
            })?;
            body.push(format!("NEW.{} := {value};", b.id(&moving.new)));
        }
        Ok(self.forward.create(b, &self.table.name, &body.join("\n  ")))
    }

    pub(super) fn create_reverse(&self, b: &Builder) -> Vec<String> {
        let body: Vec<String> = self
            .moving
            .iter()
            .map(|m| {
                let value = m.back_value(&format!("NEW.{}", b.id(&m.column.name)));
                format!("NEW.{} := {value};", b.id(&m.old))
            })
            .collect();
        self.reverse.create(b, &self.table.name, &body.join("\n  "))
    }
}
