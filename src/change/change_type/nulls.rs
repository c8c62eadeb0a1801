//! SET NOT NULL and DROP NOT NULL of the column whose type changes: on the second column where there is one.

use super::ChangeType;
use crate::change::not_null::DropNotNull;
use crate::change::recipe::castable::Fits;
use crate::change::recipe::not_null::{Writers, not_null};
use crate::change::said::Nulls;
use crate::change::{Kind, Refusal};
use crate::model::{Column, Ident, Table};
use crate::plan::build::Builder;
use crate::plan::needs::Slot;

impl ChangeType {
    /// Where the type changes in place, the other goes its own way, behind it.
    pub fn nulls_apart(&self, b: &mut Builder) -> Result<(), Refusal> {
        match &self.nulls {
            None => Ok(()),
            Some(Nulls::Allowed) => self.allow_nulls(b),
            Some(refused) => match refused.refused(&self.table, &self.column) {
                Some(change) => change.plan(b).map(|_| ()),
                None => Ok(()),
            },
        }
    }

    fn allow_nulls(&self, b: &mut Builder) -> Result<(), Refusal> {
        DropNotNull { table: self.table.clone(), column: self.column.clone() }.plan(b).map(|_| ())
    }

    /// The table as the second column finds it: NULL is let in before it is there, or asked out of the old rows.
    pub fn after_nulls(&self, b: &mut Builder, table: &Table) -> Result<Table, Refusal> {
        let mut own = table.clone();
        match &self.nulls {
            None => {}
            Some(Nulls::Allowed) => {
                self.allow_nulls(b)?;
                own.columns.iter_mut().filter(|c| c.name == self.column).for_each(|c| c.not_null = false);
            }
            Some(refused) => {
                let open = table.column(&self.column).is_some_and(|c| !c.not_null);
                if let Some(change) = refused.refused(&self.table, &self.column).filter(|_| open) {
                    change.ask(b, table)?;
                }
            }
        }
        Ok(own)
    }

    /// NOT NULL of the second column.
    pub fn refuse_nulls(&self, b: &mut Builder, column: &Column, new: &Ident, fits: &Fits) {
        let asked = matches!(self.nulls, Some(Nulls::Refused { .. })) && !column.not_null;
        if asked || column.not_null {
            // A value that does not fit is NULL in the second column.
            let writers = match fits {
                _ if asked => Writers::Before(Slot::Tolerate),
                Fits::Always => Writers::Safe,
                _ => Writers::Unfit(Slot::Tolerate),
            };
            not_null(b, &self.table, new, writers);
        }
    }
}
