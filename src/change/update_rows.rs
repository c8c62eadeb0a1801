//! An UPDATE of a whole table as a batched data migration.

use super::form::Spec;
use super::recipe::table::{user_triggers, walkable};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::backfill::Write;
use crate::model::catalog::Volatility;
use crate::model::{Ident, Table, TableName};
use crate::plan::batches::Pass;
use crate::plan::build::{Builder, Fill, Guarded, listed};
use crate::plan::{Severity, Undo};
use crate::sql::rows::{conjuncts, equality, one_table};
use crate::sql::{Expression, Statement, Update, rename_column_in};

#[derive(Debug, Clone, PartialEq)]
pub struct UpdateRows {
    table: TableName,
    update: Update,
}

impl Kind for UpdateRows {
    const NAME: &'static str = "update-rows";
    const TITLE: &'static str = "Update rows in batches";
    const FORMS: &'static [Spec] = &[(
        "",
        "UPDATE {table:table=users} SET {column:column=name} = {value:sql='nobody'}[ WHERE {where:sql=name IS NULL}];",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::Update(update) => {
                    let table = update.table.resolve(wish.catalog);
                    Some(Claim::one(at, Self { table, update: update.clone() }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let columns: Vec<Ident> = self.update.assignments.iter().map(|a| a.column.clone()).collect();
        format!("Update {} of `{}`", listed(&columns), self.table)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        walkable(b, table)?;
        let update = &self.update;
        let by_hand = "Run it by hand in key ranges, or write it over the row's own columns.";
        if update.from.is_some() {
            return self.joined(b, table);
        }
        if update.assignments.iter().any(|a| a.value.has_subquery || !a.value.understood) {
            return Err(Refusal::new(
                format!(
                    "the UPDATE of `{}` reads other tables by a subquery; only a row's own columns, or a FROM, are batched",
                    self.table
                ),
                "Write the other table behind FROM, joined by its key.",
            ));
        }
        let assigned: Vec<Ident> = update.assignments.iter().map(|a| a.column.clone()).collect();
        if let Some(again) = update.assignments.iter().find(|a| a.value.columns.iter().any(|c| assigned.contains(c))) {
            return Err(Refusal::new(
                format!(
                    "`{}` is computed from columns that the UPDATE itself changes, so a batch could not be told from one that was done",
                    again.column
                ),
                by_hand,
            ));
        }
        if let Some(volatile) =
            update.assignments.iter().find(|a| super::add_column::volatility(&a.value, b) > Volatility::Stable)
        {
            return Err(Refusal::new(
                format!(
                    "`{}` gets another value at each run, so a batch could not be told from one that was done",
                    volatile.column
                ),
                by_hand,
            ));
        }
        let own = |e: &Expression| self.own(b, e);
        let mut values = Vec::new();
        for assignment in &update.assignments {
            values.push((assignment.column.clone(), own(&assignment.value)?));
        }
        let differs = values
            .iter()
            .map(|(column, value)| format!("{} IS DISTINCT FROM ({value})", b.id(column)))
            .collect::<Vec<_>>()
            .join(" OR ");
        let needed = match &update.filter {
            Some(filter) => format!("({}) AND ({differs})", own(filter)?),
            None => differs,
        };
        b.fill(
            &self.table,
            Fill {
                assignments: values,
                needed,
                why: "One UPDATE of the whole table would lock every row until its end and leave as many dead ones."
                    .to_owned(),
                guarded: Guarded::Yes,
            },
        );
        user_triggers(b, table);
        Ok("online: in batches, each committed by itself".to_owned())
    }
}

impl UpdateRows {
    /// The expression without the alias that only the user's statement knows.
    fn own(&self, b: &Builder, expression: &Expression) -> Result<String, Refusal> {
        if self.update.alias.is_none() {
            return Ok(expression.sql.clone());
        }
        rename_column_in(expression, &|c| Some(b.id(c))).ok_or_else(|| {
            Refusal::new(
                format!("`{}` could not be read, so the alias cannot be taken out of it", expression.sql),
                "Write the UPDATE without an alias for its table.",
            )
        })
    }

    /// `UPDATE t SET c = o.c FROM o WHERE o.key = t.x`: one row of the other table at most for each row.
    fn joined(&self, b: &mut Builder, table: &Table) -> Result<String, Refusal> {
        let update = &self.update;
        let unclear = |why: &str| {
            Refusal::new(
                format!("the UPDATE of `{}` from other tables cannot be cut into batches: {why}", self.table),
                "Join one table behind FROM by its primary key or a unique one (`o.id = t.o_id`), or run it by hand in key ranges.",
            )
        };
        let from = update.from.clone().unwrap_or_default();
        let (other, other_alias) = one_table(&from).ok_or_else(|| unclear("FROM names more than one table"))?;
        let other_name = other.resolve(b.catalog);
        let other_table = b.catalog.table(&other_name).ok_or_else(|| unclear("the other table is not there today"))?;
        let filter = update.filter.as_ref().ok_or_else(|| unclear("nothing joins the two"))?;
        // What the user's text calls the two.
        let mine = update.alias.clone().unwrap_or_else(|| self.table.name.clone());
        let theirs = other_alias.clone().unwrap_or_else(|| other_name.name.clone());
        let mut joined: Vec<Ident> = Vec::new();
        for (left, right) in conjuncts(&filter.sql).iter().filter_map(|p| equality(p)) {
            for (a, c) in [(&left, &right), (&right, &left)] {
                if a.schema.as_ref() == Some(&theirs) && c.schema.as_ref() == Some(&mine) {
                    joined.push(a.name.clone());
                }
            }
        }
        let unique = |columns: &[Ident]| !columns.is_empty() && columns.iter().all(|c| joined.contains(c));
        let keyed = other_table.primary_key().is_some_and(|k| unique(&k.columns))
            || other_table.indexes.iter().any(|i| {
                let columns: Vec<Ident> = i.keys.iter().flatten().cloned().collect();
                i.unique && i.valid && i.predicate.is_none() && columns.len() == i.keys.len() && unique(&columns)
            });
        if !keyed {
            return Err(unclear("more than one row of the other table may match a row, and which one wins is chance"));
        }
        if update.assignments.iter().any(|a| super::add_column::volatility(&a.value, b) > Volatility::Stable) {
            return Err(unclear("a value is another at each run, so a batch could not be told from one that was done"));
        }
        if let Some(bad) = update.assignments.iter().find(|a| !a.value.understood) {
            return Err(unclear(&format!("`{}` could not be read", bad.value.sql)));
        }
        let differs = update
            .assignments
            .iter()
            .map(|a| format!("{}.{} IS DISTINCT FROM ({})", b.id(&mine), b.id(&a.column), a.value.sql))
            .collect::<Vec<_>>()
            .join(" OR ");
        let from = format!("{} AS {}", b.name(&other_name), b.id(&theirs));
        let pass = Pass {
            table: self.table.clone(),
            key: b.walk_key(table).unwrap_or_default(),
            assignments: update.assignments.iter().map(|a| (a.column.clone(), a.value.sql.clone())).collect(),
            needed: format!("EXISTS (SELECT 1 FROM {from} WHERE ({}) AND ({differs}))", filter.sql),
            write: Write::Update,
            alias: Some(mine),
            joined: Some((from, filter.sql.clone())),
        };
        let columns: Vec<Ident> = update.assignments.iter().map(|a| a.column.clone()).collect();
        let why = "One UPDATE of the whole table would lock every row until its end and leave as many dead ones.";
        let draft = b.batched(
            pass,
            format!("Backfill {} of `{}` from `{other_name}`", listed(&columns), self.table),
            why.to_owned(),
        );
        let mut draft = draft.undo(Undo::PointOfNoReturn {
            because: format!(
                "What stood in {} is overwritten batch by batch; only a backup brings it back.",
                listed(&columns)
            ),
        });
        // The application does not compute the value: what it writes meanwhile keeps what it wrote.
        draft.done_when = None;
        b.push(draft);
        user_triggers(b, table);
        b.finding(Severity::Warning, format!("What the application writes into {} of `{}` while it runs is not compared with `{other_name}`: deploy a release that writes the right value first, or run the step again afterwards; it takes up only rows that differ.", listed(&columns), self.table));
        Ok("online: in batches, each committed by itself".to_owned())
    }
}
