//! RENAME COLUMN: a new column beside the old one, kept in step, since a rename breaks running code at commit.

use super::recipe::constraint::Rows;
use super::recipe::shadow::{NewColumn, Shadow};
use super::recipe::table::user_triggers;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, drop_column, recipe::carry};
use crate::engine::emit::probe;
use crate::model::{Column, Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Sync, Undo};
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
        self.belongings(b, column);
        Ok("online: a rename breaks running code at the moment it commits, whatever the table's size".to_owned())
    }
}

impl RenameColumn {
    /// What stands on a column and is no constraint: it would stay behind, and a sequence would go with the old column.
    fn belongings(&self, b: &mut Builder, column: &Column) {
        let (t, old, new) = (b.name(&self.table), b.id(&self.from), b.id(&self.to));
        let alter = format!("ALTER TABLE {t} ALTER COLUMN {new}");
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
        if let Some(storage) = &column.storage {
            sql.push(format!("{alter} SET STORAGE {storage}"));
            done.push(probe::column_storage_is(&self.table, &self.to, storage));
        }
        if let Some(statistics) = column.statistics {
            sql.push(format!("{alter} SET STATISTICS {statistics}"));
            undo.push(format!("{alter} SET STATISTICS -1"));
            done.push(probe::column_statistics_are(&self.table, &self.to, statistics));
        }
        if let Some(comment) = &column.comment {
            sql.push(format!("COMMENT ON COLUMN {t}.{new} IS {}", b.dialect().literal(comment)));
            undo.push(format!("COMMENT ON COLUMN {t}.{new} IS NULL"));
            done.push(probe::column_comment_is(&self.table, &self.to, comment));
        }
        if !column.grants.is_empty() {
            b.finding(
                Severity::Warning,
                format!(
                    "`{}.{}` has grants of its own: grant them on `{}` as well before the release that uses it.",
                    self.table, self.from, self.to
                ),
            );
        }
        if sql.is_empty() {
            return;
        }
        let done = match done.as_slice() {
            [one] => one.clone(),
            many => format!("SELECT {}", many.iter().map(|q| format!("({q})")).collect::<Vec<_>>().join(" AND ")),
        };
        let title = format!("Give `{}` of `{}` what else belongs to `{}`", self.to, self.table, self.from);
        let mut draft = Draft::sql(PhaseName::Migrate, Rank::Other, title, sql, b.brief())
            .why("Comment, statistics, storage and the ownership of a sequence do not follow the values.")
            .on(&self.table)
            .done(done)
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
        draft.undo = if undo.is_empty() {
            Undo::Nothing { because: "It goes with the new column.".to_owned() }
        } else {
            b.undo_sql(undo, "Catalog only; brief lock.")
        };
        b.push(draft);
    }
}
