//! The tables under construction: found by oid while rows of other queries are hung on them.

use crate::db::Error;
use crate::model::{Ident, Table, TableName};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;

#[derive(Default)]
pub struct Relations {
    entries: Vec<Entry>,
    by_oid: HashMap<u32, usize>,
}

pub struct Entry {
    pub table: Table,
    /// Attribute numbers of `table.columns`, in the same order.
    numbers: Vec<i16>,
    /// Partitioning columns, and the parent's oid: resolved when all rows are in.
    pub partition_columns: Vec<i16>,
    pub parent: Option<u32>,
}

impl Entry {
    pub fn new(table: Table) -> Self {
        Self { table, numbers: Vec::new(), partition_columns: Vec::new(), parent: None }
    }
    pub fn add_column(&mut self, number: i16, column: crate::model::Column) {
        self.numbers.push(number);
        self.table.columns.push(column);
    }
    /// The column of an attribute number; none for an expression (0) or a system column.
    pub fn column(&self, number: i16) -> Option<Ident> {
        let at = self.numbers.binary_search(&number).ok()?;
        self.table.columns.get(at).map(|c| c.name.clone())
    }
    pub fn columns(&self, numbers: &[i16]) -> Vec<Ident> {
        numbers.iter().filter_map(|n| self.column(*n)).collect()
    }
}

impl Relations {
    pub fn insert(&mut self, oid: u32, entry: Entry) {
        self.by_oid.insert(oid, self.entries.len());
        self.entries.push(entry);
    }
    /// None for a relation that is not a user table, or that came into being between two queries.
    pub fn get(&self, oid: u32) -> Option<&Entry> {
        self.entries.get(*self.by_oid.get(&oid)?)
    }
    pub fn get_mut(&mut self, oid: u32) -> Option<&mut Entry> {
        self.entries.get_mut(*self.by_oid.get(&oid)?)
    }
    pub fn name(&self, oid: u32) -> Option<&TableName> {
        self.get(oid).map(|e| &e.table.name)
    }
    pub fn names(&self) -> impl Iterator<Item = &TableName> {
        self.entries.iter().map(|e| &e.table.name)
    }
    pub fn in_schema<'a>(&'a self, schema: &'a str) -> impl Iterator<Item = &'a TableName> {
        self.names().filter(move |n| n.schema.as_str() == schema)
    }

    /// Fills in what refers to other tables or to columns, and gives the tables away.
    pub fn into_tables(mut self) -> Vec<Table> {
        for at in 0..self.entries.len() {
            let Some(entry) = self.entries.get(at) else { continue };
            let key = entry.columns(&entry.partition_columns);
            let parent = entry.parent.and_then(|oid| self.name(oid)).cloned();
            let Some(entry) = self.entries.get_mut(at) else { continue };
            if let Some(partition_key) = &mut entry.table.partition_key {
                partition_key.columns = key;
            }
            entry.table.partition_of = match (entry.table.partition_of.take(), parent) {
                (Some(mut of), Some(parent)) => {
                    of.parent = parent;
                    Some(of)
                }
                _ => None,
            };
        }
        self.entries.into_iter().map(|e| e.table).collect()
    }
}

/// A field of a row by its name in the SQL.
pub fn field<T: FromSqlOwned>(row: &Row, name: &str) -> Result<T, Error> {
    row.try_get(name)
        .map_err(|error| Error::Query { what: format!("field {name}"), because: super::session::reason(&error) })
}

/// A JSON text that one of our queries built.
pub fn body<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Query { what: "a JSON field".to_owned(), because: error.to_string() })
}

pub fn idents(names: Option<Vec<String>>) -> Vec<Ident> {
    names.unwrap_or_default().into_iter().map(Ident).collect()
}
