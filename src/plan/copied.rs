//! A tool that copies a table takes its triggers along as they were when it began, or refuses; a trigger that a plan makes meanwhile
//! stays on the table that it throws away.

use super::build::Builder;
use super::draft::{Draft, Rank};
use super::step::Act;
use crate::model::TableName;
use std::collections::BTreeSet;

impl Builder<'_> {
    /// Tables that get triggers from one step of the plan and are copied by a tool in another.
    pub fn copied_beside_triggers(&self) -> BTreeSet<TableName> {
        let tables = |wanted: fn(&Draft) -> bool| -> BTreeSet<TableName> {
            self.drafts.iter().filter(|d| wanted(d)).flat_map(|d| d.tables.iter().cloned()).collect()
        };
        let triggered = tables(|d| d.rank == Rank::Trigger);
        let copied = tables(|d| matches!(&d.act, Act::External { effect, .. } if !effect.is_empty()));
        triggered.intersection(&copied).cloned().collect()
    }
}
