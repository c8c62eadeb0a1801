//! Another key in the place of a key, in one ALTER TABLE over an index that stands; foreign keys are pointed at it.

use super::carry::{definition_on, parse_constraint};
use super::constraint::{Rows, no_duplicates};
use super::index::{NewIndex, Unique, build, drop, leftover_check};
use super::lock_all;
use super::not_null::{Writers, no_nulls, not_null};
use crate::change::Refusal;
use crate::change::drop_constraint::dependent_keys;
use crate::engine::emit::probe;
use crate::model::{Constraint, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, TransactionMode, Undo};

pub struct KeySwap<'a> {
    pub table: &'a Table,
    pub old: &'a Constraint,
    pub new: NewKey,
    pub also: Option<NewKey>,
    /// Foreign keys that need the old key.
    pub links: Vec<Relink<'a>>,
    /// Columns that other changes of the wish make NOT NULL.
    pub proved: Vec<Ident>,
    pub rows: Rows,
}

/// A foreign key that needs the old key, and what the script puts in its place.
pub struct Relink<'a> {
    pub table: &'a Table,
    pub old: &'a Constraint,
    pub new: Option<NewLink>,
}

pub struct NewLink {
    pub name: Ident,
    /// From FOREIGN KEY on, without NOT VALID.
    pub body: String,
    pub valid: bool,
}

pub struct NewKey {
    pub name: Ident,
    pub columns: Vec<Ident>,
    pub include: Vec<Ident>,
    pub nulls_not_distinct: bool,
    pub primary: bool,
    pub trailer: String,
}

impl NewKey {
    fn definition(&self, b: &Builder) -> String {
        let include =
            if self.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", b.ids(&self.include)) };
        let nulls = if self.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
        format!("({}){include}{nulls}", b.ids(&self.columns))
    }
    fn add(&self, b: &Builder, index: &Ident) -> String {
        let kind = if self.primary { "PRIMARY KEY" } else { "UNIQUE" };
        let text = format!("ADD CONSTRAINT {} {kind} USING INDEX {} {}", b.id(&self.name), b.id(index), self.trailer);
        text.trim_end().to_owned()
    }
}

impl<'a> KeySwap<'a> {
    /// # Errors
    /// [`Refusal`] where foreign keys would lose what they point at, or no index can be built beforehand.
    pub fn plan(self, b: &mut Builder<'a>) -> Result<(), Refusal> {
        let table = &self.table.name;
        self.possible(b)?;
        self.not_null(b)?;
        let mut actions = vec![format!("DROP CONSTRAINT {}", b.id(&self.old.name))];
        for key in std::iter::once(&self.new).chain(&self.also) {
            if self.rows == Rows::Existing {
                no_duplicates(b, table, &key.columns, key.nulls_not_distinct);
            }
            let index = b.fresh(table, &[key.name.as_str(), "new"]);
            let definition = key.definition(b);
            let why = format!(
                "Becomes the index of `{}`, which then reads nothing. It refuses duplicates already while it is being built.",
                key.name
            );
            build(b, self.table, &NewIndex { name: index.clone(), unique: Unique::Yes, definition, why })?;
            actions.push(key.add(b, &index));
        }
        let spare = self.spare(b)?;
        self.release(b);
        self.exchange(b, actions, &spare);
        for link in &self.links {
            if let Some(new) = link.new.as_ref().filter(|n| n.valid) {
                self.prove(b, &link.table.name, &new.name);
            }
        }
        let again = self.spare_sql(b, &spare).unwrap_or_default().replacen(" CONCURRENTLY", "", 1);
        let why = "It was for the way back.";
        drop(b, table, &spare, &again, PhaseName::Contract, why);
        Ok(())
    }

    fn possible(&self, b: &mut Builder) -> Result<(), Refusal> {
        let table = self.table;
        if table.kind == TableKind::Partitioned || table.partition_of.is_some() {
            return Err(Refusal::new(
                format!(
                    "`{}` is partitioned or a partition: a key cannot be attached to an index built beforehand",
                    table.name
                ),
                "Exchange the keys in a maintenance window with `--strategy direct`.",
            ));
        }
        let serves = |columns: &[Ident]| {
            columns.len() == self.old.columns.len() && columns.iter().all(|c| self.old.columns.contains(c))
        };
        let kept = serves(&self.new.columns)
            || self.also.as_ref().is_some_and(|k| serves(&k.columns))
            || table
                .indexes
                .iter()
                .any(|i| i.constraint.as_ref() != Some(&self.old.name) && i.is_plain_unique_on(&self.old.columns));
        let left = dependent_keys(b, table, self.old)
            .find(|(t, key)| !self.links.iter().any(|l| l.table.name == t.name && l.old.name == key.name));
        let pointed = self.links.iter().find(|l| l.new.is_some() && !kept).map(|l| (l.table, l.old));
        if let Some((child, key)) = left.or(pointed) {
            return Err(Refusal::new(
                format!(
                    "foreign key `{}` of `{}` points at {} of `{}`, which nothing would keep unique any more",
                    key.name,
                    child.name,
                    listed(&self.old.columns),
                    table.name
                ),
                format!(
                    "Say in the script what becomes of it (DROP CONSTRAINT, and ADD CONSTRAINT again), and keep the columns unique: `ADD UNIQUE ({})`.",
                    b.ids(&self.old.columns)
                ),
            ));
        }
        if let Some(link) = self.links.iter().find(|l| l.table.kind == TableKind::Partitioned && !b.since(18)) {
            return Err(Refusal::new(
                format!(
                    "PostgreSQL {} refuses NOT VALID for the foreign key of the partitioned table `{}`",
                    b.catalog.server.version.major, link.table.name
                ),
                "Exchange the keys in a maintenance window with `--strategy direct`.",
            ));
        }
        let identity = table.replica_identity.as_deref().and_then(|i| i.strip_prefix("index "));
        if identity
            .and_then(|i| table.index(&Ident::new(i)))
            .is_some_and(|i| i.constraint.as_ref() == Some(&self.old.name))
        {
            return Err(Refusal::new(
                format!("`{}` is the replica identity of `{}`", self.old.name, table.name),
                "Set REPLICA IDENTITY to another index first, in a plan of its own.",
            ));
        }
        let published: Vec<String> = b
            .catalog
            .publications
            .iter()
            .filter(|p| p.all_tables || p.tables.iter().any(|t| t.table == table.name))
            .map(|p| format!("`{}`", p.name))
            .collect();
        if !published.is_empty() && self.old.kind == ConstraintKind::PrimaryKey {
            if !self.new.primary {
                return Err(Refusal::new(
                    format!(
                        "`{}` is published by {}: without a primary key every UPDATE and DELETE fails",
                        table.name,
                        published.join(", ")
                    ),
                    "Set REPLICA IDENTITY FULL or USING INDEX first, in a plan of its own.",
                ));
            }
            b.finding(
                Severity::Warning,
                format!(
                    "`{}` is published by {}: from the exchange on its rows are told apart by {}. Subscribers need an index on that first.",
                    table.name,
                    published.join(", "),
                    listed(&self.new.columns)
                ),
            );
        }
        Ok(())
    }

    fn not_null(&self, b: &mut Builder) -> Result<(), Refusal> {
        if !self.new.primary {
            return Ok(());
        }
        let table = self.table;
        let nullable = |c: &&Ident| table.column(c).is_none_or(|c| !c.not_null);
        let open: Vec<Ident> = self.new.columns.iter().filter(nullable).cloned().collect();
        if !open.is_empty() && !b.since(12) {
            return Err(Refusal::new(
                format!(
                    "PostgreSQL {} reads the whole table under ACCESS EXCLUSIVE to make {} NOT NULL, which a primary key needs",
                    b.catalog.server.version.major,
                    listed(&open)
                ),
                "A unique constraint and a validated CHECK serve until the server is upgraded.",
            ));
        }
        for column in open.iter().filter(|c| !self.proved.contains(c)) {
            b.need(
                Need::new(Slot::Tolerate, Placement::Fixed, &table.name)
                    .say(format!("Send a value other than NULL for `{column}` of `{}`.", table.name)),
            );
            no_nulls(b, &table.name, column);
            not_null(b, &table.name, column, Writers::Before(Slot::Tolerate));
        }
        Ok(())
    }

    fn release(&self, b: &mut Builder) {
        let (old, table) = (listed(&self.old.columns), &self.table.name);
        let mut need = Need::new(Slot::Tolerate, Placement::Fixed, table)
            .say(format!("No longer name `{}` of `{table}` in `ON CONFLICT ON CONSTRAINT`.", self.old.name));
        if self.old.kind == ConstraintKind::PrimaryKey {
            need = need.say(format!(
                "No `GROUP BY {}` of `{table}` beside columns that only the primary key allows to be left out.",
                b.ids(&self.old.columns)
            ));
        }
        let stays = |k: &NewKey| k.columns.iter().all(|c| self.old.columns.contains(c));
        if !stays(&self.new) && !self.also.as_ref().is_some_and(stays) {
            need = need.say(format!(
                "No longer rely on {old} of `{table}` being unique: no `ON CONFLICT ({})`, no look-up that expects one row.",
                b.ids(&self.old.columns)
            ));
        }
        b.need(need);
    }

    /// The index that lets the old key come back at once.
    fn spare_sql(&self, b: &Builder, name: &Ident) -> Option<String> {
        let index = self.table.indexes.iter().find(|i| i.constraint.as_ref() == Some(&self.old.name))?;
        let body = definition_on(b, self.table, index, &[]).ok()?;
        Some(format!("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {body}", b.id(name), b.name(&self.table.name)))
    }

    fn spare(&self, b: &mut Builder) -> Result<Ident, Refusal> {
        let table = &self.table.name;
        let name = b.fresh(table, &[self.old.name.as_str(), "old"]);
        let full = table.sibling(name.0.clone());
        let sql = self.spare_sql(b, &name).ok_or_else(|| {
            Refusal::new(
                format!("the index of `{}` of `{table}` could not be read", self.old.name),
                "Please report it with the table's definition.",
            )
        })?;
        leftover_check(b, table, &name);
        let mut back: Vec<String> = self
            .links
            .iter()
            .filter(|l| l.old.valid)
            .map(|l| format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", b.name(&l.table.name), b.id(&l.old.name)))
            .collect();
        let because = if back.is_empty() {
            "Drops the index without blocking writers; nothing to do if the way back from the exchange has used it."
        } else {
            "Proves the foreign keys again that the way back from the exchange has brought back NOT VALID, which blocks nobody; then drops the index unless it was used."
        };
        back.push(format!("DROP INDEX CONCURRENTLY IF EXISTS {}", b.name(&full)));
        b.push(
            Draft::alone(
                PhaseName::Migrate,
                Rank::Link,
                format!("Build the spare index `{name}` on the old key of `{table}`"),
                sql,
                b.unlimited(),
            )
            .why("For the way back: the exchange drops the old key with its index, and with this one it stands again at once.")
            .on(table)
            .undo(Undo::Sql {
                sql: back,
                transaction: TransactionMode::None,
                timeouts: b.unlimited(),
                because: because.to_owned(),
            })
            .done(probe::index_valid(&full))
            .abort_if("It stops with an error: the index is left invalid; drop it with DROP INDEX CONCURRENTLY, then build again."),
        );
        Ok(name)
    }

    fn exchange(&self, b: &mut Builder, actions: Vec<String>, spare: &Ident) {
        let table = &self.table.name;
        let t = b.name(table);
        let mut tables: Vec<&TableName> = self.links.iter().map(|l| &l.table.name).chain([table]).collect();
        tables.sort();
        tables.dedup();
        let (mut there, mut back) = (Vec::new(), Vec::new());
        if !self.links.is_empty() {
            let lock = lock_all(b, tables.iter().map(|t| (*t).clone()).collect());
            there.push(lock.clone());
            back.push(lock);
        }
        for link in &self.links {
            let drop =
                |name: &Ident| format!("ALTER TABLE {} DROP CONSTRAINT {}", b.name(&link.table.name), b.id(name));
            there.push(drop(&link.old.name));
            back.extend(link.new.as_ref().map(|n| drop(&n.name)));
        }
        there.push(format!("ALTER TABLE {t} {}", actions.join(", ")));
        let late = parse_constraint(&self.old.definition).map(|p| p.trailer).unwrap_or_default();
        let kind = if self.old.kind == ConstraintKind::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
        let mut undone: Vec<String> = std::iter::once(&self.new)
            .chain(&self.also)
            .map(|k| format!("DROP CONSTRAINT {}", b.id(&k.name)))
            .collect();
        undone.push(
            format!("ADD CONSTRAINT {} {kind} USING INDEX {} {late}", b.id(&self.old.name), b.id(spare))
                .trim_end()
                .to_owned(),
        );
        back.push(format!("ALTER TABLE {t} {}", undone.join(", ")));
        for link in &self.links {
            let add = |name: &Ident, body: &str| {
                format!("ALTER TABLE {} ADD CONSTRAINT {} {body} NOT VALID", b.name(&link.table.name), b.id(name))
            };
            there.extend(link.new.as_ref().map(|n| add(&n.name, &n.body)));
            back.push(add(&link.old.name, link.old.definition.trim_end_matches(" NOT VALID")));
        }
        let mut why = "One ALTER TABLE over indexes that stand: catalog only.".to_owned();
        if !self.links.is_empty() {
            why.push_str(" A foreign key stays with the index it was made with, so those that point at the old key are made anew in the same transaction, NOT VALID, and proved afterwards: new rows are never unchecked.");
        }
        let mut step = Draft::sql(
            PhaseName::Switch,
            Rank::Swap,
            format!("Exchange the keys of `{table}`"),
            there,
            b.brief(),
        )
        .why(why)
        .undo(b.undo_sql(back, "The old key stands again over the spare index; nothing is read. Fails if rows written in between broke it."))
        .done(self.exchanged(b));
        for table in tables {
            step = step.on(table).watch(&format!("Who holds a lock on `{table}`"), probe::lock_holders(table));
        }
        let exchanged = b.push(step);
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(exchanged),
            because: format!("may rely on the old key `{}` of `{table}`", self.old.name),
        });
    }

    /// The new key is there with its columns: its name may be the old one's.
    fn exchanged(&self, b: &Builder) -> String {
        let names: Vec<String> = self.new.columns.iter().map(|c| b.dialect().literal(c.as_str())).collect();
        format!(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint c WHERE conrelid = {} AND conname = {} AND contype = '{}' \
             AND ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY AS k(n, o) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.o) = ARRAY[{}])",
            crate::engine::emit::regclass(&self.table.name),
            b.dialect().literal(self.new.name.as_str()),
            if self.new.primary { "p" } else { "u" },
            names.join(", ")
        )
    }

    fn prove(&self, b: &mut Builder, table: &TableName, name: &Ident) {
        let mut step = Draft::sql(
            PhaseName::Settle,
            Rank::Validate,
            format!("Validate `{name}` of `{table}` again"),
            vec![format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", b.name(table), b.id(name))],
            b.validating(),
        )
        .why("It was made anew without reading the rows. Reads and writes go on while they are read now.")
        .on(table)
        .done(probe::constraint_valid(table, name));
        step.undo = Undo::Nothing { because: "A proof takes nothing away.".to_owned() };
        b.push(step);
    }
}
