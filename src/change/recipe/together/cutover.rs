//! The cut-over: every name changes hands in one transaction, and the same transaction backwards.

use super::super::lock_all;
use super::super::twins::{self, By, Twin, What};
use super::{Back, Part, Together};
use crate::engine::emit::{dollar_quote, probe};
use crate::model::{Ident, TableName};
use crate::plan::PhaseName;
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::Filled;

impl Together<'_> {
    pub(super) fn agree(&self, b: &mut Builder) {
        for part in &self.parts {
            let t = b.name(&part.table.name);
            let differs: Vec<String> =
                part.moving.iter().map(|m| format!("{} IS DISTINCT FROM ({})", b.id(&m.new), m.forward.sql)).collect();
            let differs = differs.join(" OR ");
            let new: Vec<Ident> = part.moving.iter().map(|m| m.new.clone()).collect();
            b.push(
                Draft::verify(
                    PhaseName::Migrate,
                    Rank::Verify,
                    format!("{} of `{}` agrees with what it follows", listed(&new), part.table.name),
                    format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {differs})"),
                )
                .why("Reads the whole table. After the cut-over the new columns are the truth.")
                .on(&part.table.name)
                .watch("Rows that differ", format!("SELECT count(*) FROM {t} WHERE {differs}")),
            );
        }
    }

    /// `LOCK TABLE` for all tables in one order, so that two such transactions never wait for each other.
    fn lock(&self, b: &Builder) -> String {
        let mut all: Vec<TableName> = self.tables();
        all.extend(self.links.iter().map(|l| l.table.name.clone()));
        lock_all(b, all)
    }

    pub(super) fn cut_over(&self, b: &mut Builder, follows: &[Key]) -> Key {
        let lock = self.lock(b);
        // Views before their tables: their readers take the locks in that order.
        let mut there = self.dependents.views.drop(b);
        there.push(lock.clone());
        let mut back = self.dependents.views.drop_again(b);
        back.push(lock);
        back.extend(self.still_fits(b));
        for part in &self.parts {
            there.extend(part.forward.drop(b, &part.table.name));
            back.extend(part.reverse.drop(b, &part.table.name));
        }
        there.extend(self.dependents.off(b));
        back.extend(self.dependents.off(b));
        for link in &self.links {
            let (t, n) = (b.name(&link.table.name), b.id(&link.constraint.name));
            there.push(format!("ALTER TABLE {t} DROP CONSTRAINT {n}"));
            back.push(format!("ALTER TABLE {t} DROP CONSTRAINT {n}"));
        }
        for part in &self.parts {
            part.rename_there(b, &mut there);
        }
        let mut renamed_back = Vec::new();
        for part in &self.parts {
            part.rename_back(b, &mut back, &mut renamed_back);
        }
        back.extend(renamed_back);
        for link in &self.links {
            let (t, n) = (b.name(&link.table.name), b.id(&link.constraint.name));
            there.push(format!("ALTER TABLE {t} RENAME CONSTRAINT {} TO {n}", b.id(&link.new)));
            let bare = link.constraint.definition.trim_end_matches(" NOT VALID");
            back.push(format!("ALTER TABLE {t} ADD CONSTRAINT {n} {bare} NOT VALID"));
        }
        there.extend(self.dependents.on(b));
        back.extend(self.dependents.on_as_before(b));
        for part in &self.parts {
            there.extend(part.create_reverse(b));
            back.extend(part.create_forward(b).unwrap_or_default());
        }
        self.dependents.notes(b);
        let step = self.cut_over_draft(b, there, back);
        let swapped = b.push(step);
        for (part, follow) in self.parts.iter().zip(follows) {
            for moving in &part.moving {
                let table = part.table.name.clone();
                b.filled(Filled { table, column: moving.new.clone(), from: *follow, until: swapped });
            }
        }
        swapped
    }

    fn cut_over_draft(&self, b: &Builder, there: Vec<String>, back: Vec<String>) -> Draft {
        let tables = self.tables();
        let names: Vec<String> = tables.iter().map(|t| format!("`{t}`")).collect();
        let mut why = "The one short moment in which all tables of the key are locked at once: catalog only. From here the old columns follow the new ones.".to_owned();
        let bound = self.dependents.listed();
        if !bound.is_empty() {
            why.push_str(&format!(
                " Bound anew, since they would go on reading the old columns: {}.",
                bound.join(", ")
            ));
        }
        let costs = "Gives the names back; no row is read while the tables are locked. Refused once a value is beyond the old type. Foreign keys and CHECKs come back NOT VALID and are proved by the undo of an earlier step.";
        let mut step = Draft::sql(
            PhaseName::Switch,
            Rank::Swap,
            format!("Exchange the key columns of {}", names.join(", ")),
            there,
            b.brief(),
        )
        .why(why)
        .undo(b.undo_sql(back, costs))
        .abort_if("The lock is not granted in many attempts: find the holder first.");
        for part in &self.parts {
            step = step
                .on(&part.table.name)
                .watch(&format!("Who holds a lock on `{}`", part.table.name), probe::lock_holders(&part.table.name));
        }
        match self.parts.last() {
            Some(part) => step.done(probe::trigger_exists(&part.table.name, &part.reverse.trigger)),
            None => step,
        }
    }

    /// The way back ends where a value no longer fits. Only columns that reference nothing in the set can hold new values.
    fn still_fits(&self, b: &Builder) -> Option<String> {
        let mut tests = Vec::new();
        for part in &self.parts {
            for moving in part.moving.iter().filter(|m| m.back == Back::LowBits) {
                let follows_parent = self
                    .links
                    .iter()
                    .any(|l| l.table.name == part.table.name && l.constraint.columns.contains(&moving.column.name));
                let (low, high) = match moving.column.data_type.as_str() {
                    "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
                    _ => (i64::from(i32::MIN), i64::from(i32::MAX)),
                };
                if !follows_parent {
                    let (t, c) = (b.name(&part.table.name), b.id(&moving.column.name));
                    tests.push(format!("(SELECT max({c}) FROM {t}) > {high} OR (SELECT min({c}) FROM {t}) < {low}"));
                }
            }
        }
        if tests.is_empty() {
            return None;
        }
        let message = "a value is beyond the old type: there is no way back any more";
        let body =
            format!("BEGIN\n  IF {} THEN\n    RAISE EXCEPTION '{message}';\n  END IF;\nEND", tests.join("\n    OR "));
        Some(format!("DO {}", dollar_quote(&body)))
    }
}

impl Part<'_> {
    fn rename_there(&self, b: &mut Builder, sql: &mut Vec<String>) {
        let t = b.name(&self.table.name);
        for check in self.checks() {
            sql.push(format!("ALTER TABLE {t} DROP CONSTRAINT {}", b.id(&check.name)));
        }
        for moving in &self.moving {
            let c = b.id(&moving.column.name);
            sql.push(format!("ALTER TABLE {t} RENAME COLUMN {c} TO {}", b.id(&moving.old)));
            sql.push(format!("ALTER TABLE {t} RENAME COLUMN {} TO {c}", b.id(&moving.new)));
        }
        for moving in &self.moving {
            sql.extend(self.hand_over(b, moving).there);
        }
        if let Some(key) = &self.key {
            let n = b.id(&key.name);
            let trailer = if key.trailer.is_empty() { String::new() } else { format!(" {}", key.trailer) };
            sql.push(format!(
                "ALTER TABLE {t} DROP CONSTRAINT {n}, ADD CONSTRAINT {n} PRIMARY KEY USING INDEX {}{trailer}",
                b.id(&key.new)
            ));
        }
        sql.extend(twins::step_in(b, &self.table.name, &self.stays()));
        sql.extend(self.inherited().map(|twin| twin.inherit(b, &self.table.name)));
        sql.extend(twins::marks(b, self.table, &self.twins, By::Old));
    }

    /// First what frees the names and the keys of all tables, then the names themselves.
    fn rename_back(&self, b: &mut Builder, first: &mut Vec<String>, then: &mut Vec<String>) {
        let t = b.name(&self.table.name);
        for twin in self.inherited() {
            let (t, old, new) = (b.name(&self.table.name), b.id(&twin.old), b.id(&twin.new));
            first.push(format!("ALTER TABLE {t} RENAME CONSTRAINT {old} TO {new}"));
        }
        first.extend(twins::step_back(b, &self.table.name, &self.stays()));
        for moving in &self.moving {
            first.extend(self.hand_over(b, moving).back);
        }
        if let Some(key) = &self.key {
            let n = b.id(&key.name);
            first.push(format!("ALTER TABLE {t} DROP CONSTRAINT {n}"));
        }
        for moving in self.moving.iter().rev() {
            let c = b.id(&moving.column.name);
            then.push(format!("ALTER TABLE {t} RENAME COLUMN {c} TO {}", b.id(&moving.new)));
            then.push(format!("ALTER TABLE {t} RENAME COLUMN {} TO {c}", b.id(&moving.old)));
        }
        if let Some(key) = &self.key {
            let n = b.id(&key.name);
            let trailer = if key.trailer.is_empty() { String::new() } else { format!(" {}", key.trailer) };
            then.push(format!(
                "ALTER TABLE {t} ADD CONSTRAINT {n} PRIMARY KEY USING INDEX {}{trailer}",
                b.id(&key.spare)
            ));
        }
        for check in self.checks() {
            let bare = check.definition.trim_end_matches(" NOT VALID");
            then.push(format!("ALTER TABLE {t} ADD CONSTRAINT {} {bare} NOT VALID", b.id(&check.name)));
        }
        then.extend(twins::marks(b, self.table, &self.twins, By::Old));
    }

    /// What the old columns keep until they go; a CHECK they lose at the cut-over.
    fn stays(&self) -> Vec<Twin> {
        self.twins.iter().filter(|t| !self.is_check(t)).cloned().collect()
    }

    fn inherited(&self) -> impl Iterator<Item = &Twin> {
        self.twins.iter().filter(|t| self.is_check(t))
    }

    fn is_check(&self, twin: &Twin) -> bool {
        twin.what == What::Constraint && self.checks().any(|c| c.name == twin.old)
    }
}
