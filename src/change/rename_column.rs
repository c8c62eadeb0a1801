//! RENAME COLUMN: a new column beside the old one, kept in step, since a rename breaks running code at commit.

use super::recipe::constraint::Rows;
use super::recipe::shadow::{NewColumn, Shadow};
use super::recipe::table::user_triggers;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, drop_column, recipe::carry};
use crate::model::{Ident, TableName};
use crate::plan::Sync;
use crate::plan::build::Builder;
use crate::sql::{self, Alter};

#[derive(Debug, Clone, PartialEq)]
pub struct RenameColumn {
    table: TableName,
    from: Ident,
    to: Ident,
}

impl Kind for RenameColumn {
    const NAME: &'static str = "rename-column";
    const TITLE: &'static str = "Rename a column";

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::RenameColumn { from, to } => {
                    Some(Claim::one(at, Self { table: table.clone(), from: from.clone(), to: to.clone() }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Rename `{}.{}` to `{}`", self.table, self.from, self.to)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let column = table.column(&self.from).ok_or_else(|| {
            Refusal::new(format!("`{}` has no column `{}`", self.table, self.from), "Check the name.")
        })?;
        drop_column::droppable(b, table, &self.from)?;
        if column.identity.is_some() || column.generated.is_some() {
            return Err(Refusal::new(
                format!(
                    "`{}.{}` is an identity or generated column; renaming one online is not planned yet",
                    self.table, self.from
                ),
                "Rename it in a maintenance window with `--strategy direct`.",
            ));
        }
        let copied = sql::expression(&b.id(&self.from));
        let back = if b.policy.sync == Sync::Trigger {
            vec![(self.from.clone(), sql::expression(&b.id(&self.to)))]
        } else {
            Vec::new()
        };
        let shadow = Shadow {
            table,
            olds: vec![self.from.clone()],
            news: vec![NewColumn {
                name: self.to.clone(),
                data_type: carry::type_of(column),
                forward: copied,
                not_null: column.not_null,
                default: column.default.as_ref().map(|d| d.sql.clone()),
            }],
            back,
        };
        user_triggers(b, table);
        shadow.plan(b, |b| carry::carry(b, table, &self.from, &self.to, Rows::New))?;
        Ok("online: a rename breaks running code at the moment it commits, whatever the table's size".to_owned())
    }
}
