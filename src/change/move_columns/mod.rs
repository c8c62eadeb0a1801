//! Columns that move to another table, a table that is split, tables that are merged: the script creates a table and fills
//! it from another, or adds columns and fills them by UPDATE … FROM, and drops the old place. Both places are kept in step by
//! triggers from the first moment, so that a release may use either.

mod recipe;
mod recognise;
mod triggers;

use super::form::Spec;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal};
use crate::model::{Ident, Table, TableName};
use crate::plan::build::{Builder, listed};

#[derive(Debug, Clone, PartialEq)]
pub struct MoveColumns {
    /// Where the columns are today.
    from: TableName,
    /// Where they will be.
    to: TableName,
    /// The table they move to, as the script leaves it.
    target: Table,
    way: Way,
    /// Today's column, tomorrow's column.
    moved: Vec<(Ident, Ident)>,
    /// What tells which row belongs to which: key of today's table, key of tomorrow's.
    keys: Vec<(Ident, Ident)>,
    /// The old table goes as a whole.
    drops_table: bool,
    /// What the script writes that the recipe does not carry over.
    unclear: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Way {
    /// The statement that creates the table.
    NewTable(String),
    /// Definitions of the columns that are added.
    NewColumns(Vec<(Ident, String)>),
}

impl Kind for MoveColumns {
    const NAME: &'static str = "move-columns";
    const TITLE: &'static str = "Move columns to another table, split or merge tables";
    const FORMS: &'static [Spec] = &[(
        "Move columns to a new table",
        "CREATE TABLE {new table:new table=user_profiles} ({key:new=user_id} bigint PRIMARY KEY REFERENCES {table:table=users} ({table's key:column=id}), {column:column=name} {type:type=varchar(100)});\nINSERT INTO {new table} SELECT {table's key}, {column} FROM {table};\nALTER TABLE {table} DROP COLUMN {column};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = recognise::into_new_tables(wish);
        claims.extend(recognise::into_tables_there(wish));
        claims
    }

    fn title(&self) -> String {
        if self.drops_table {
            return format!("Merge `{}` into `{}`", self.from, self.to);
        }
        format!("Move {} of `{}` to `{}`", listed(&self.olds()), self.from, self.to)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.from.clone(), self.to.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        recipe::plan(self, b)?;
        Ok("online: both places are kept in step until no release uses the old one".to_owned())
    }
}

impl MoveColumns {
    fn olds(&self) -> Vec<Ident> {
        self.moved.iter().map(|(old, _)| old.clone()).collect()
    }
    fn news(&self) -> Vec<Ident> {
        self.moved.iter().map(|(_, new)| new.clone()).collect()
    }
    fn to_keys(&self) -> Vec<Ident> {
        self.keys.iter().map(|(_, key)| key.clone()).collect()
    }
    fn new_table(&self) -> bool {
        matches!(self.way, Way::NewTable(_))
    }
}
