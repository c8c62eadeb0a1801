//! DROP CONSTRAINT: what stops holding, who relied on it, and how it comes back.

use super::form::Spec;
use super::recipe::way_back;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::engine::relations;
use crate::model::{Constraint, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::Alter;

#[derive(Debug, Clone, PartialEq)]
pub struct DropConstraint {
    table: TableName,
    name: Ident,
    cascade: bool,
    missing: bool,
}

impl Kind for DropConstraint {
    const NAME: &'static str = "drop-constraint";
    const TITLE: &'static str = "Drop a constraint";
    const FORMS: &'static [Spec] =
        &[("", "ALTER TABLE {table:table=reviews} DROP CONSTRAINT {constraint:constraint=reviews_stars_check};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| {
                let Alter::DropConstraint { name, if_exists, cascade } = action else { return None };
                // One that the script itself adds is its own affair.
                let there = wish.table(table)?.constraint(name).is_some();
                let change =
                    Self { table: table.clone(), name: name.clone(), cascade: *cascade, missing: *if_exists && !there };
                (there || *if_exists).then(|| Claim::one(at, change))
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Drop constraint `{}` of `{}`", self.name, self.table)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if self.missing {
            return Ok("nothing to do: the constraint does not exist".to_owned());
        }
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let constraint = table.constraint(&self.name).ok_or_else(|| created_here(&self.table))?;
        self.possible(b, table, constraint)?;
        match constraint.kind {
            ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion => {
                self.key(b, table, constraint)
            }
            _ => self.rule(b, table, constraint),
        }
    }
}

/// Foreign keys of any table that need this key.
pub fn dependent_keys<'c>(
    b: &Builder<'c>,
    table: &'c Table,
    key: &'c Constraint,
) -> impl Iterator<Item = (&'c Table, &'c Constraint)> {
    b.catalog.referenced_by(&table.name).filter(move |(_, fk)| {
        fk.references
            .as_ref()
            .is_some_and(|r| r.columns.len() == key.columns.len() && r.columns.iter().all(|c| key.columns.contains(c)))
    })
}

impl DropConstraint {
    fn possible(&self, b: &Builder, table: &Table, constraint: &Constraint) -> Result<(), Refusal> {
        if let Some((parent, theirs)) = relations::whole(b.catalog, table, constraint) {
            return Err(Refusal::new(
                format!("`{}` of `{}` is its share in `{}` of `{}`", self.name, self.table, theirs.name, parent.name),
                format!("Drop it on `{}`: it goes on every partition with it.", parent.name),
            ));
        }
        if !matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique) {
            return Ok(());
        }
        let needed: Vec<String> =
            dependent_keys(b, table, constraint).map(|(t, fk)| format!("`{}` of `{}`", fk.name, t.name)).collect();
        // Another key over the same columns would serve, but a foreign key stays with the index it was made with.
        if !needed.is_empty() {
            let word = if self.cascade { "CASCADE would silently drop" } else { "is needed by" };
            return Err(Refusal::new(
                format!("`{}` of `{}` {word} the foreign keys {}", self.name, self.table, needed.join(", ")),
                "Drop those foreign keys by name first, or say in the same script which key takes its place (ADD PRIMARY KEY or UNIQUE): they are pointed at it.",
            ));
        }
        let identity = table.replica_identity.as_deref();
        let by_index = identity
            .and_then(|i| i.strip_prefix("index "))
            .is_some_and(|i| table.index(&Ident::new(i)).and_then(|i| i.constraint.as_ref()) == Some(&constraint.name));
        let by_default = constraint.kind == ConstraintKind::PrimaryKey && identity.is_none_or(|i| i == "default");
        let published: Vec<String> = b
            .catalog
            .publications
            .iter()
            .filter(|p| p.all_tables || p.tables.iter().any(|t| t.table == self.table))
            .map(|p| format!("`{}`", p.name))
            .collect();
        if (by_index || by_default) && !published.is_empty() {
            return Err(Refusal::new(
                format!(
                    "`{}` is published by {}, and `{}` is what tells its rows apart there: without it every UPDATE and DELETE fails",
                    self.table,
                    published.join(", "),
                    self.name
                ),
                "Set REPLICA IDENTITY USING INDEX of another unique index over NOT NULL columns (or FULL) first.",
            ));
        }
        Ok(())
    }

    /// A key: statements rely on it by its columns or by its name.
    fn key(&self, b: &mut Builder, table: &Table, constraint: &Constraint) -> Result<String, Refusal> {
        let columns = listed(&constraint.columns);
        let mut need = Need::new(Slot::Unused, Placement::Fixed, &self.table).say(format!(
            "No longer rely on {columns} of `{}` being unique: no `ON CONFLICT ({})`, no `ON CONFLICT ON CONSTRAINT {}`, no look-up that expects one row.",
            self.table,
            b.ids(&constraint.columns),
            b.id(&self.name)
        ));
        if constraint.kind == ConstraintKind::PrimaryKey {
            need = need.say(format!(
                "No `GROUP BY {}` beside columns that only the primary key allows to be left out; no ORM that needs a key.",
                b.ids(&constraint.columns)
            ));
        }
        b.need(need);
        let undo = if table.kind == TableKind::Partitioned {
            let add = format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {}",
                b.name(&self.table),
                b.id(&self.name),
                constraint.definition
            );
            Undo::Sql {
                sql: vec![add],
                transaction: crate::plan::TransactionMode::Single,
                timeouts: crate::plan::Timeouts { lock_ms: b.brief().lock_ms, statement_ms: 0 },
                because: "Builds the index of every partition anew while writes are blocked; duplicates written in between make that fail.".to_owned(),
            }
        } else {
            way_back::constraint_again(b, table, constraint)
        };
        let step = self.step(b, PhaseName::Contract, undo).why(
            "Its index goes with it, and whatever that index made quick. It goes last: a release that relies on it fails at once.",
        );
        let key = b.push(step);
        b.rule(Rule::Older {
            than: Slot::Unused,
            from: Mark::After(key),
            because: format!("may rely on {columns} of `{}` being unique", self.table),
        });
        let scans =
            table.indexes.iter().find(|i| i.constraint.as_ref() == Some(&constraint.name)).and_then(|i| i.scans);
        if let Some(scans) = scans.filter(|s| *s > 0) {
            b.finding(
                Severity::Warning,
                format!("The index of `{}` was used by {scans} scans since the counters were reset: build a plain index first if queries need it.", self.name),
            );
        }
        Ok("online: what relies on the key goes first".to_owned())
    }

    /// A CHECK, a foreign key, a named NOT NULL: without it more is allowed, and nothing that runs breaks.
    fn rule(&self, b: &mut Builder, table: &Table, constraint: &Constraint) -> Result<String, Refusal> {
        let undo = way_back::constraint_again(b, table, constraint);
        let mut step = self.step(b, PhaseName::Settle, undo);
        if let Some(reference) = &constraint.references {
            step = step
                .why("The other table is locked as strongly as this one, if only for a moment: nobody reads or writes either of them meanwhile.")
                .on(&reference.table)
                .watch("Who holds a lock on the referenced table", probe::lock_holders(&reference.table));
            b.finding(
                Severity::Note,
                format!(
                    "Without `{}` rows of `{}` may be deleted while rows of `{}` still name them{}.",
                    self.name,
                    reference.table,
                    self.table,
                    if constraint.definition.contains("ON DELETE CASCADE") {
                        ", and are no longer deleted with them"
                    } else {
                        ""
                    }
                ),
            );
        } else {
            step = step.why("Catalog only; from here on the rows are not checked.");
        }
        b.push(step);
        Ok("catalog only, under a brief lock".to_owned())
    }

    fn step(&self, b: &Builder, phase: PhaseName, undo: Undo) -> Draft {
        let sql = format!("ALTER TABLE {} DROP CONSTRAINT {}", b.name(&self.table), b.id(&self.name));
        Draft::sql(phase, Rank::DropConstraint, self.title(), vec![sql], b.brief())
            .on(&self.table)
            .undo(undo)
            .done(probe::constraint_gone(&self.table, &self.name))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table))
    }
}
