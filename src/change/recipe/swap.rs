//! A second column that takes over the first one's name in one short transaction, and can give it back.

use super::dependents::Dependents;
use super::twins::{self, Twin, What};
use crate::change::Refusal;
use crate::engine::emit::sync::{SyncTrigger, without_equality};
use crate::engine::emit::{dollar_quote, probe};
use crate::model::{Column, Constraint, ConstraintKind, Ident, Table, TableKind};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::Filled;
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{Expression, rename_column_in};

pub struct Swap<'a> {
    pub table: &'a Table,
    pub column: &'a Column,
    /// Name of the second column before the swap, of the first one after it.
    pub new: Ident,
    pub old: Ident,
    pub forward: Expression,
    /// The new type, as the catalog spells it.
    pub to: String,
    /// Over the new column, called like the old one; none: a plain cast.
    pub back: Option<Expression>,
    /// A value may come that does not fit the new type.
    pub risky: bool,
    /// Of the new column once it has the name.
    pub default: Option<String>,
}

impl Swap<'_> {
    fn names(&self, suffix: &str) -> (crate::model::TableName, Ident) {
        // Both directions need their own function; the names follow from the column, so undo and redo find them.
        let max = 63usize.saturating_sub(suffix.len() + 1);
        let stem = crate::engine::dialect::fit_name(
            &["sidestep", self.table.name.name.as_str(), self.column.name.as_str()],
            max.saturating_sub(3),
            |_| false,
        );
        (self.table.name.sibling(format!("{stem}_{suffix}")), Ident(format!("zz_{stem}_{suffix}")))
    }

    fn forward_trigger(&self, b: &Builder) -> Result<SyncTrigger, Refusal> {
        let text = rename_column_in(&self.forward, &|c| Some(format!("NEW.{}", b.id(c)))).ok_or_else(|| {
            Refusal::new(
                format!("`{}` could not be read, so it cannot be written into a trigger", self.forward.sql),
                "Write USING as a simpler expression over the row's own columns.",
            )
        })?;
        let (function, trigger) = self.names("fwd");
        let sides = [(&self.column.name, self.column.data_type.as_str()), (&self.new, self.to.as_str())];
        Ok(SyncTrigger {
            table: self.table.name.clone(),
            function,
            trigger,
            forward: vec![(self.new.clone(), text)],
            back: Vec::new(),
            reads: self.forward.columns.clone(),
            guarded: if self.risky { vec![self.new.clone()] } else { Vec::new() },
            by_text: sides.into_iter().filter(|(_, t)| without_equality(t)).map(|(c, _)| c.clone()).collect(),
            first: None,
        })
    }

    /// The trigger of the Expand phase: the second column follows the first.
    ///
    /// # Errors
    /// [`Refusal`] where the table cannot carry it.
    pub fn follow(&self, b: &mut Builder) -> Result<Key, Refusal> {
        if self.table.kind == TableKind::Partitioned && !b.since(13) {
            return Err(Refusal::new(
                format!(
                    "PostgreSQL {} has no BEFORE row triggers on the partitioned table `{}`",
                    b.catalog.server.version.major, self.table.name
                ),
                "Change the type in a maintenance window with `--strategy direct`.",
            ));
        }
        let trigger = self.forward_trigger(b)?;
        let table = &self.table.name;
        let why = if self.risky {
            "Whoever writes the column gets its successor written too; a value that does not fit stays NULL there, and the check before the swap finds it."
        } else {
            "Whoever writes the column gets its successor written too."
        };
        Ok(b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::Trigger,
                format!("Let `{}` of `{table}` follow `{}`", self.new, self.column.name),
                trigger.create(&b.catalog.server),
                b.brief(),
            )
            .why(why)
            .on(table)
            .undo(b.undo_sql(trigger.drop(), "DROP TRIGGER waits for readers too; brief lock."))
            .done(probe::trigger_exists(table, &trigger.trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(table))
            .abort_if("Writers fail with a conversion error: a value does not fit the new type; take the step back."),
        ))
    }

    /// True for rows whose new column does not follow from the old one.
    pub fn differs(&self, b: &Builder) -> String {
        let n = b.id(&self.new);
        if without_equality(&self.to) {
            return format!("{n}::text IS DISTINCT FROM ({})::text", self.forward.sql);
        }
        format!("{n} IS DISTINCT FROM ({})", self.forward.sql)
    }

    pub fn agree(&self, b: &mut Builder) {
        let t = b.name(&self.table.name);
        let differs = self.differs(b);
        b.push(
            Draft::verify(
                PhaseName::Migrate,
                Rank::Verify,
                format!("`{}` of `{}` agrees with `{}`", self.new, self.table.name, self.column.name),
                format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {differs})"),
            )
            .why("Reads the whole table. After the swap the new column is the truth.")
            .on(&self.table.name)
            .watch("Rows that differ", format!("SELECT count(*) FROM {t} WHERE {differs}")),
        );
    }

    /// True where every value of the new type has a text in the old one: the old column can stay NOT NULL.
    fn always_back(&self) -> bool {
        matches!(self.column.data_type.as_str(), "text" | "character varying")
            || self.back.as_ref().is_some_and(|b| b.functions == ["timezone"])
    }

    fn reverse(&self, b: &Builder) -> (Vec<String>, Vec<String>, Ident) {
        let (function, trigger) = self.names("rev");
        let (f, t) = (b.name(&function), b.name(&self.table.name));
        let (new, old) = (b.id(&self.column.name), b.id(&self.old));
        let own = self.back.as_ref().and_then(|e| rename_column_in(e, &|_| Some(format!("NEW.{new}"))));
        let cast = match own {
            Some(text) => format!("NEW.{old} := {text};"),
            None => format!("NEW.{old} := NEW.{new}::{};", self.column.data_type),
        };
        let body = if self.always_back() {
            format!("BEGIN\n  {cast}\n  RETURN NEW;\nEND")
        } else {
            format!(
                "BEGIN\n  BEGIN\n    {cast}\n  EXCEPTION WHEN data_exception THEN\n    NEW.{old} := NULL;\n  END;\n  RETURN NEW;\nEND"
            )
        };
        let execute = if b.since(11) { "FUNCTION" } else { "PROCEDURE" };
        let create = vec![
            format!("CREATE OR REPLACE FUNCTION {f}() RETURNS trigger LANGUAGE plpgsql AS {}", dollar_quote(&body)),
            format!(
                "CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {t} FOR EACH ROW EXECUTE {execute} {f}()",
                b.id(&trigger)
            ),
        ];
        let drop = vec![format!("DROP TRIGGER {} ON {t}", b.id(&trigger)), format!("DROP FUNCTION {f}()")];
        (create, drop, trigger)
    }

    /// The cut-over: names change hands in one transaction, and what reads the column by number is bound to the new one.
    pub fn swap(&self, b: &mut Builder, follows: Key, twins: &[Twin], dependents: &Dependents) -> Key {
        let table = &self.table.name;
        let t = b.name(table);
        let (name, new, old) = (b.id(&self.column.name), b.id(&self.new), b.id(&self.old));
        let forward = self.forward_trigger(b).ok();
        let (create, drop, reverse) = self.reverse(b);
        let (off, on) = (dependents.off(b), dependents.on(b));
        let marks = twins::marks(b, self.table, twins, twins::By::Old);
        let mut sql = off;
        sql.extend(forward.as_ref().map(SyncTrigger::drop).unwrap_or_default());
        sql.push(format!("ALTER TABLE {t} RENAME COLUMN {name} TO {old}"));
        sql.push(format!("ALTER TABLE {t} RENAME COLUMN {new} TO {name}"));
        sql.extend(twins::step_in(b, table, twins));
        // Before NOT NULL goes, which an index that identifies rows needs.
        sql.extend(marks.iter().cloned());
        let mut undo = dependents.off_again(b);
        undo.extend(drop);
        undo.extend(twins::step_back(b, table, twins));
        if let Some(default) = &self.column.default {
            sql.push(format!("ALTER TABLE {t} ALTER COLUMN {old} DROP DEFAULT"));
            undo.push(format!("ALTER TABLE {t} ALTER COLUMN {old} SET DEFAULT {}", default.sql));
        }
        if let Some(default) = &self.default {
            sql.push(format!("ALTER TABLE {t} ALTER COLUMN {name} SET DEFAULT {default}"));
            undo.insert(
                undo.len().saturating_sub(usize::from(self.column.default.is_some())),
                format!("ALTER TABLE {t} ALTER COLUMN {name} DROP DEFAULT"),
            );
        }
        let strict = self.column.not_null && !self.always_back();
        let identity = |sql: &&String| sql.contains(" REPLICA IDENTITY ");
        let unidentified = strict && marks.iter().any(|m| identity(&m));
        undo.extend(marks.iter().filter(|m| !(strict && identity(m))).cloned());
        if unidentified {
            undo.push(format!("ALTER TABLE {t} REPLICA IDENTITY FULL"));
        }
        if strict {
            sql.push(format!("ALTER TABLE {t} ALTER COLUMN {old} DROP NOT NULL"));
        }
        for sequence in &b.catalog.sequences {
            let owned = sequence.owned_by.as_ref().is_some_and(|o| o.table == *table && o.column == self.column.name);
            if owned {
                let s = b.name(&sequence.name);
                sql.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{name}"));
                undo.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{old}"));
            }
        }
        sql.extend(on.iter().cloned());
        sql.extend(create);
        undo.push(format!("ALTER TABLE {t} RENAME COLUMN {name} TO {new}"));
        undo.push(format!("ALTER TABLE {t} RENAME COLUMN {old} TO {name}"));
        undo.extend(dependents.on_as_before(b));
        undo.extend(forward.map(|f| f.create(&b.catalog.server)).unwrap_or_default());
        let mut costs = "Gives the name back; values written since the swap were carried along by the reverse trigger, NULL where they do not fit the old type.".to_owned();
        if strict {
            costs.push_str(&format!(" `{}` comes back without NOT NULL: prove it and set it again.", self.column.name));
        }
        if unidentified {
            costs.push_str(
                " Until then no index over it can identify rows: REPLICA IDENTITY is FULL, which writes more WAL.",
            );
        }
        let mut why = "The one short moment in which the table is locked: catalog only. From here the old column follows the new one.".to_owned();
        if !dependents.is_empty() {
            why.push_str(&format!(
                " Bound anew, since they would go on reading the old column: {}.",
                dependents.listed()
            ));
        }
        dependents.notes(b);
        let draft = Draft::sql(
            PhaseName::Switch,
            Rank::Swap,
            format!("Swap `{}` and `{}` of `{table}`", self.new, self.column.name),
            sql,
            b.brief(),
        )
        .why(why)
        .on(table)
        .undo(b.undo_sql(undo, &costs))
        // Not the type: another collation, or a USING, may leave it as it was.
        .done(probe::trigger_exists(table, &reverse))
        .watch("Who holds a lock on the table", probe::lock_holders(table))
        .abort_if("The lock is not granted within the timeout five times in a row: find the holder first.");
        let swapped = b.push(draft);
        b.filled(Filled { table: table.clone(), column: self.new.clone(), from: follows, until: swapped });
        swapped
    }

    pub fn retire(&self, b: &mut Builder, swapped: Key, twins: &[Twin], dependents: &Dependents) {
        let table = &self.table.name;
        let (_, drop, trigger) = self.reverse(b);
        // Rows come without the old column from here on: nothing of it may refuse that.
        let t = b.name(table);
        let mut retire = Vec::new();
        if self.column.not_null && self.always_back() {
            retire.push(format!("ALTER TABLE {t} ALTER COLUMN {} DROP NOT NULL", b.id(&self.old)));
        }
        let checks = self
            .table
            .constraints
            .iter()
            .filter(|c| c.kind == ConstraintKind::Check && c.columns.contains(&self.column.name));
        // Its successor bears its name since the swap.
        let named = |c: &Constraint| {
            let twin = twins.iter().find(|w| w.what == What::Constraint && w.old == c.name);
            b.id(twin.map_or(&c.name, |w| &w.late))
        };
        retire.extend(checks.map(|c| format!("ALTER TABLE {t} DROP CONSTRAINT {}", named(c))));
        retire.extend(drop);
        dependents.views.retire(b);
        let off = b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::RetireTrigger,
                format!("Stop filling `{}` of `{table}`", self.old),
                retire,
                b.brief(),
            )
            .why("No one will go back to the old type.")
            .on(table)
            .undo(Undo::PointOfNoReturn {
                because: format!("Rows written from here on carry nothing in `{}`.", self.old),
            })
            .done(probe::trigger_gone(table, &trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(table)),
        );
        b.filled(Filled { table: table.clone(), column: self.old.clone(), from: swapped, until: off });
        b.drop_column(table, &self.old, "The old type is not needed any more.");
        b.finding(Severity::Note, format!("`{}` moves to the end of `{table}`'s column order.", self.column.name));
    }
}
