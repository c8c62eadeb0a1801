//! DELETE of many rows: in batches by key, after the children's foreign keys have their index.

use super::form::Spec;
use super::recipe::index::{NewIndex, Unique, build};
use super::recipe::table::walkable;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::backfill::Write;
use crate::engine::judge;
use crate::model::catalog::Volatility;
use crate::model::{Constraint, Table, TableKind, TableName, Work};
use crate::plan::batches::Pass;
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::rows::{DeleteParts, delete_parts};
use crate::sql::{Expression, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct DeleteRows {
    table: TableName,
    parts: DeleteParts,
    sql: String,
    statement: Statement,
}

impl Kind for DeleteRows {
    const NAME: &'static str = "delete-rows";
    const TITLE: &'static str = "Delete rows in batches";
    const FORMS: &'static [Spec] =
        &[("", "DELETE FROM {table:table=events} WHERE {where:sql=created_at < '2020-01-01'};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let read = |(at, statement): (usize, &Statement)| {
            let Statement::Delete { table, .. } = statement else { return None };
            let sql = wish.atoms.get(at)?.text.trim().to_owned();
            let parts = delete_parts(&sql)?;
            let change = Self { table: table.resolve(wish.catalog), parts, sql, statement: statement.clone() };
            Some(Claim::one(at, change))
        };
        wish.statements().filter_map(read).collect()
    }

    fn title(&self) -> String {
        match self.parts.filter {
            Some(_) => format!("Delete rows of `{}`", self.table),
            None => format!("Delete all rows of `{}`", self.table),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let moving = self.moving(b)?;
        let few = judge(&self.statement, b.catalog, b.session).work == Work::None;
        let reason = if few { Some("direct: the rows are found by key".to_owned()) } else { b.direct(table) };
        if let Some(reason) = reason {
            let filter = self.filter().unwrap_or_else(|| "true".to_owned());
            let mut draft =
                Draft::sql(PhaseName::Contract, Rank::DropObject, self.title(), vec![self.sql.clone()], b.brief())
                    .why("Few rows: one short transaction.")
                    .on(&self.table)
                    .undo(gone());
            if self.parts.using.is_none() && !moving {
                draft = draft.done(format!("SELECT NOT EXISTS (SELECT 1 FROM {} WHERE {filter})", self.source(b)));
            }
            b.push(draft);
            return Ok(reason);
        }
        if self.parts.using.is_some() {
            return Err(Refusal::new(
                format!(
                    "the DELETE of `{}` reads other tables by USING; only a condition over its own rows is cut into batches",
                    self.table
                ),
                "Write it as `WHERE EXISTS (SELECT …)`, without USING.",
            ));
        }
        if self.parts.only && b.catalog.partitions_of(&self.table).next().is_some() {
            return Err(Refusal::new(
                format!("`ONLY {}` leaves its children out, which a batched pass does not", self.table),
                "Name the tables whose rows are to go, one DELETE each.",
            ));
        }
        walkable(b, table)?;
        self.children(b, table)?;
        let filter = self.filter().unwrap_or_else(|| "true".to_owned());
        let pass = Pass {
            table: self.table.clone(),
            key: b.walk_key(table).unwrap_or_default(),
            assignments: Vec::new(),
            needed: filter,
            write: Write::Delete,
            alias: self.parts.alias.clone(),
            joined: None,
        };
        let why =
            "One DELETE would keep every row locked until its end, and hold back vacuum and replicas for as long.";
        let mut draft = b.batched(pass, format!("{} in batches", self.title()), why.to_owned()).undo(gone());
        draft.phase = PhaseName::Contract;
        draft.rank = Rank::DropObject;
        if moving || self.parts.filter.is_none() {
            // Rows come due, or are written, while it runs.
            draft.done_when = None;
        }
        b.push(draft);
        self.notes(b, table, moving);
        Ok("online: in batches, each committed by itself".to_owned())
    }
}

fn gone() -> Undo {
    Undo::PointOfNoReturn {
        because: "The rows are gone batch by batch; only a backup or an archive brings them back.".to_owned(),
    }
}

impl DeleteRows {
    fn source(&self, b: &Builder) -> String {
        let table = b.name(&self.table);
        self.parts.alias.as_ref().map_or_else(|| table.clone(), |a| format!("{table} AS {}", b.id(a)))
    }

    fn filter(&self) -> Option<String> {
        self.parts.filter.as_ref().map(|f| f.sql.clone())
    }

    /// Does the condition hold for other rows as time goes by?
    fn moving(&self, b: &Builder) -> Result<bool, Refusal> {
        let Some(filter) = &self.parts.filter else { return Ok(false) };
        let worst = self.clock(filter, b);
        if worst > Volatility::Stable {
            return Err(Refusal::new(
                format!(
                    "`{}` answers differently at each call, so a batch could not be told from one that was done",
                    filter.sql
                ),
                "Write a condition that stays the same for a row.",
            ));
        }
        Ok(worst == Volatility::Stable)
    }

    fn clock(&self, filter: &Expression, b: &Builder) -> Volatility {
        super::add_column::volatility(filter, b)
    }

    /// What hangs on the rows that go.
    fn children(&self, b: &mut Builder, table: &Table) -> Result<(), Refusal> {
        let hanging: Vec<(Table, Constraint)> =
            b.catalog.referenced_by(&self.table).map(|(t, c)| (t.clone(), c.clone())).collect();
        for (child, key) in hanging {
            // A partition's own copy of its parent's key says the same again.
            let copied = child.partition_of.as_ref().and_then(|p| b.catalog.table(&p.parent));
            if copied.is_some_and(|p| p.constraint(&key.name).is_some()) {
                continue;
            }
            let does = key.definition.split_once(" ON DELETE ").map_or("", |(_, rest)| rest);
            let indexed = child.indexes.iter().any(|i| {
                let leading: Vec<_> = i.keys.iter().take(key.columns.len()).flatten().collect();
                i.valid && i.predicate.is_none() && key.columns.iter().all(|c| leading.contains(&c))
            });
            if !indexed {
                let name = b.fresh(&child.name, &[child.name.name.as_str(), key.name.as_str(), "idx"]);
                let why = format!(
                    "Without it the server reads all of `{}` for every row of `{}` that goes: foreign key `{}` has no index.",
                    child.name, self.table, key.name
                );
                let new = NewIndex {
                    name: name.clone(),
                    unique: Unique::No,
                    definition: format!("({})", b.ids(&key.columns)),
                    why,
                };
                build(b, &child, &new)?;
                let text = format!(
                    "The plan builds index `{name}` on {} of `{}`, which the script does not ask for, and leaves it there: every later DELETE needs it as well.",
                    listed(&key.columns),
                    child.name
                );
                b.ends_otherwise(&child.name, key.columns.first(), text);
            }
            let there = child
                .stats
                .rows
                .map_or_else(String::new, |r| format!(" ({} rows today)", crate::model::quantity::Rows(r)));
            if does.starts_with("CASCADE") {
                b.finding(Severity::Danger, format!("Each batch also deletes the rows of `{}`{there} that point at its rows: `{}` is ON DELETE CASCADE. If one row has very many, delete those first, by a DELETE of their own.", child.name, key.name));
            } else if does.starts_with("SET") {
                b.finding(Severity::Warning, format!("Each batch also changes the rows of `{}`{there} that point at its rows: `{}` is ON DELETE {does}.", child.name, key.name));
            } else {
                self.unreferenced(b, table, &child, &key);
            }
        }
        Ok(())
    }

    /// A row that another points at would make its batch fail.
    fn unreferenced(&self, b: &mut Builder, table: &Table, child: &Table, key: &Constraint) {
        let filter = self.filter().unwrap_or_else(|| "true".to_owned());
        let own = self.parts.alias.as_ref().map_or_else(|| b.name(&self.table), |a| b.id(a));
        let columns = key.references.as_ref().map(|r| r.columns.clone()).unwrap_or_default();
        let columns = if columns.is_empty() {
            table.primary_key().map(|k| k.columns.clone()).unwrap_or_default()
        } else {
            columns
        };
        let joined = key
            .columns
            .iter()
            .zip(&columns)
            .map(|(c, p)| format!("sidestep_child.{} = {own}.{}", b.id(c), b.id(p)))
            .collect::<Vec<_>>()
            .join(" AND ");
        let from = format!(
            "FROM {} WHERE ({filter}) AND EXISTS (SELECT 1 FROM {} AS sidestep_child WHERE {joined})",
            self.source(b),
            b.name(&child.name)
        );
        b.push(
            Draft::verify(
                PhaseName::Prepare,
                Rank::Check,
                format!("No row of `{}` points at a row of `{}` that goes", child.name, self.table),
                format!("SELECT NOT EXISTS (SELECT 1 {from})"),
            )
            .why(format!(
                "Foreign key `{}` would make the batch fail (23503). On a large table run this on a replica.",
                key.name
            ))
            .on(&self.table)
            .watch("Rows in the way", format!("SELECT count(*) {from}")),
        );
    }

    fn notes(&self, b: &mut Builder, table: &Table, moving: bool) {
        let name = &self.table;
        if moving {
            b.finding(Severity::Note, format!("The condition moves with the clock: rows of `{name}` that come due while it runs may be left for the next run."));
        }
        let firing: Vec<String> = table
            .triggers
            .iter()
            .filter(|t| t.definition.to_uppercase().contains("DELETE") && t.enabled.as_deref() != Some("disabled"))
            .map(|t| format!("`{}`", t.name))
            .collect();
        if !firing.is_empty() {
            b.finding(
                Severity::Warning,
                format!("Triggers of `{name}` fire for every row that goes: {}.", firing.join(", ")),
            );
        }
        let filter = self.filter().map_or_else(String::new, |f| format!(" WHERE {f}"));
        b.finding(
            Severity::Note,
            format!(
                "To keep the rows, copy them first: `CREATE TABLE archive AS SELECT * FROM {}{filter}`.",
                self.source(b)
            ),
        );
        b.finding(Severity::Note, format!("The space of `{name}` is used again by new rows after autovacuum has passed; pg_repack gives it back to the disk."));
        if self.parts.filter.is_none() {
            b.finding(Severity::Note, format!("TRUNCATE empties `{name}` at once, under a lock that stops reads for a moment; what is written while the batches run may stay."));
        }
        if table.kind == TableKind::Partitioned {
            b.finding(Severity::Note, format!("Where the rows that go make up whole partitions of `{name}`, detaching and dropping those is instant."));
        }
    }
}
