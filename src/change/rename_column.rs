//! RENAME COLUMN: a new column beside the old one, kept in step, since a rename breaks running code at commit.

use super::recipe::constraint::Rows;
use super::recipe::dependents::Dependents;
use super::recipe::dual_name;
use super::recipe::properties::{self, Same};
use super::recipe::rebind::Rebind;
use super::recipe::shadow::{NewColumn, Shadow};
use super::recipe::table::user_triggers;
use super::recipe::twins;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, drop_column, recipe::carry};
use crate::engine::emit::probe;
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Rename, Sync};
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
        if b.policy.rename == Rename::View {
            return dual_name::plan(b, table, &self.from, &self.to);
        }
        drop_column::key_parts(b, table, &self.from)?;
        twins::can_identify(b, table, &self.from)?;
        let dependents = Dependents::of(b, table, &self.from)?;
        let rebind = Rebind { table, from: &self.from, to: &self.to, dependents: &dependents };
        rebind.possible()?;
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
        let mut twins = Vec::new();
        properties::give(b, table, column, &self.to, Same::Type);
        shadow.plan(b, |b| {
            twins = carry::carry(b, table, &self.from, &self.to, Rows::New)?;
            Ok(())
        })?;
        self.belongings(b);
        rebind.switch(b);
        rebind.finish(b);
        twins::hand_over(b, table, &twins);
        let names = twins.iter().map(|t| t.inherit(b, &self.table)).collect();
        b.after_drop(&self.table, names);
        Ok("online: a rename breaks running code at the moment it commits, whatever the table's size".to_owned())
    }
}

impl RenameColumn {
    /// A sequence would go with the old column.
    fn belongings(&self, b: &mut Builder) {
        let (t, old, new) = (b.name(&self.table), b.id(&self.from), b.id(&self.to));
        let mut sql = Vec::new();
        let mut undo = Vec::new();
        let mut done = Vec::new();
        for sequence in &b.catalog.sequences {
            let owned = sequence.owned_by.as_ref().is_some_and(|o| o.table == self.table && o.column == self.from);
            if owned {
                let s = b.name(&sequence.name);
                sql.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{new}"));
                undo.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{old}"));
                done.push(probe::sequence_owned_by(&sequence.name, &self.table, &self.to));
            }
        }
        if sql.is_empty() {
            return;
        }
        let title = format!("Let `{}` of `{}` own the sequence of `{}`", self.to, self.table, self.from);
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, title, sql, b.brief())
                .why("A sequence is dropped with the column that owns it.")
                .on(&self.table)
                .undo(b.undo_sql(undo, "Catalog only; brief lock."))
                .done(probe::all(&done))
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
    }
}
