//! An UPDATE of a whole table as a batched data migration.

use super::recipe::table::{user_triggers, walkable};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::model::{Ident, TableName};
use crate::plan::build::{Builder, Fill, Guarded, listed};
use crate::sql::{Statement, Update};

#[derive(Debug, Clone, PartialEq)]
pub struct UpdateRows {
    table: TableName,
    update: Update,
}

impl Kind for UpdateRows {
    const NAME: &'static str = "update-rows";
    const TITLE: &'static str = "Update rows in batches";

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
        if update.from.is_some() || update.assignments.iter().any(|a| a.value.has_subquery || !a.value.understood) {
            return Err(Refusal::new(
                format!(
                    "the UPDATE of `{}` reads other tables; only updates over a row's own columns are batched",
                    self.table
                ),
                by_hand,
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
        if let Some(volatile) = update
            .assignments
            .iter()
            .find(|a| super::add_column::volatility(&a.value, b) > crate::model::catalog::Volatility::Stable)
        {
            return Err(Refusal::new(
                format!(
                    "`{}` gets another value at each run, so a batch could not be told from one that was done",
                    volatile.column
                ),
                by_hand,
            ));
        }
        let differs = update
            .assignments
            .iter()
            .map(|a| format!("{} IS DISTINCT FROM ({})", b.id(&a.column), a.value.sql))
            .collect::<Vec<_>>()
            .join(" OR ");
        let needed = match &update.filter {
            Some(filter) => format!("({}) AND ({differs})", filter.sql),
            None => differs,
        };
        b.fill(
            &self.table,
            Fill {
                assignments: update.assignments.iter().map(|a| (a.column.clone(), a.value.sql.clone())).collect(),
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
