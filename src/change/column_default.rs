//! SET DEFAULT and DROP DEFAULT.

use super::form::Spec;
use super::said::{last_word, of_default};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::{Ident, TableName};
use crate::plan::PhaseName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::sql::{Alter, Expression};

#[derive(Debug, Clone, PartialEq)]
pub struct SetDefault {
    pub table: TableName,
    pub column: Ident,
    pub default: Expression,
}

impl Kind for SetDefault {
    const NAME: &'static str = "set-default";
    const TITLE: &'static str = "Set a column's default";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TABLE {table:table=users} ALTER COLUMN {column:column=name} SET DEFAULT {default:sql='nobody'};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::SetDefault { column, default } => {
                    let atoms = last_word(wish, at, table, column, of_default)?;
                    let change = Self { table: table.clone(), column: column.clone(), default: default.clone() };
                    Some(Claim { atoms, change })
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Set the default of `{}.{}`", self.table, self.column)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let before = table.column(&self.column).and_then(|c| c.default.as_ref()).map(|d| d.sql.clone());
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        let back = match &before {
            Some(old) => format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {old}"),
            None => format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"),
        };
        b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::SetDefault,
                self.title(),
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {}", self.default.sql)],
                b.brief(),
            )
            .why("Catalog only: it applies to rows inserted from now on that leave the column out. Existing rows stay as they are.")
            .on(&self.table)
            .undo(b.undo_sql(vec![back], "Catalog only; brief lock."))
            .done(probe::default_changed(&self.table, &self.column, before.as_deref()))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        Ok("catalog only".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct DropDefault {
    table: TableName,
    column: Ident,
}

impl Kind for DropDefault {
    const NAME: &'static str = "drop-default";
    const TITLE: &'static str = "Drop a column's default";
    const FORMS: &'static [Spec] =
        &[("", "ALTER TABLE {table:table=users} ALTER COLUMN {column:column=created_at} DROP DEFAULT;")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::DropDefault { column } => {
                    let atoms = last_word(wish, at, table, column, of_default)?;
                    Some(Claim { atoms, change: Self { table: table.clone(), column: column.clone() } })
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Drop the default of `{}.{}`", self.table, self.column)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let Some(column) = table.column(&self.column) else { return Err(created_here(&self.table)) };
        let Some(default) = column.default.as_ref().map(|d| d.sql.clone()) else {
            return Ok("nothing to do: the column has no default".to_owned());
        };
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        // A running release may leave a NOT NULL column out and live on its default.
        let (phase, placement) = if column.not_null {
            (PhaseName::Migrate, Placement::Fixed)
        } else {
            (PhaseName::Expand, Placement::Earliest)
        };
        if column.not_null {
            b.need(Need::new(Slot::Tolerate, placement, &self.table).say(format!(
                "Send a value for `{}` in every INSERT into `{}`: its default goes.",
                self.column, self.table
            )));
        }
        b.push(
            Draft::sql(
                phase,
                Rank::SetDefault,
                self.title(),
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT")],
                b.brief(),
            )
            .why("Catalog only. Rows inserted from now on without the column get NULL.")
            .on(&self.table)
            .undo(b.undo_sql(
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {default}")],
                "Catalog only; brief lock.",
            ))
            .done(probe::default_gone(&self.table, &self.column))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        Ok("catalog only".to_owned())
    }
}
