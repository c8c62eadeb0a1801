//! Functions: which of them name a table in their text, and how volatile every function is.

use super::relations::{Relations, body, field};
use crate::db::Error;
use crate::model::TableName;
use crate::model::catalog::Volatility;
use crate::model::objects::{ColumnUse, Function, Volatilities};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;

pub struct Functions {
    pub listed: Vec<Listed>,
    pub volatilities: Volatilities,
}

/// A user function with the text that is searched for table names.
pub struct Listed {
    function: Function,
    body: String,
    for_trigger: bool,
    /// Relations that a `BEGIN ATOMIC` body depends on: it has no text.
    depends: Vec<u32>,
    uses: Vec<UseRow>,
}

#[derive(Deserialize)]
struct UseRow {
    table: u32,
    columns: Vec<i32>,
}

pub fn read(rows: &[Row]) -> Result<Functions, Error> {
    let mut listed = Vec::new();
    let mut volatilities = Volatilities::default();
    for row in rows {
        let letter: String = field(row, "volatility")?;
        if let Some(mut names) = field::<Option<Vec<String>>>(row, "names")? {
            names.sort();
            match letter.as_str() {
                "v" => volatilities.volatile = names,
                "s" => volatilities.stable = names,
                "x" => volatilities.mixed = names,
                "o" => volatilities.operators = names,
                "c" => volatilities.casts = names,
                _ => volatilities.immutable = names,
            }
            continue;
        }
        listed.push(Listed {
            function: Function {
                name: TableName::new(field::<String>(row, "schema")?, field::<String>(row, "name")?),
                arguments: field(row, "arguments")?,
                language: field(row, "language")?,
                volatility: match letter.as_str() {
                    "v" => Volatility::Volatile,
                    "s" => Volatility::Stable,
                    _ => Volatility::Immutable,
                },
                names_tables: Vec::new(),
                uses: Vec::new(),
                definition: field::<Option<String>>(row, "definition")?.filter(|d| !d.is_empty()),
            },
            body: field::<Option<String>>(row, "body")?.unwrap_or_default(),
            for_trigger: field(row, "for_trigger")?,
            depends: field::<Option<Vec<u32>>>(row, "depends")?.unwrap_or_default(),
            uses: match field::<Option<String>>(row, "uses")? {
                Some(text) => body(&text)?,
                None => Vec::new(),
            },
        });
    }
    Ok(Functions { listed, volatilities })
}

/// Keeps trigger functions and those that name a table, with the tables.
pub fn naming(listed: Vec<Listed>, relations: &Relations) -> Vec<Function> {
    let mut by_word: BTreeMap<String, Vec<&TableName>> = BTreeMap::new();
    for name in relations.names() {
        by_word.entry(name.name.as_str().to_lowercase()).or_default().push(name);
    }
    listed
        .into_iter()
        .filter_map(|mut listed| {
            let mut tables: BTreeSet<TableName> =
                listed.depends.iter().filter_map(|oid| relations.name(*oid)).cloned().collect();
            for word in words(&listed.body) {
                tables.extend(by_word.get(&word).into_iter().flatten().map(|name| (*name).clone()));
            }
            listed.function.names_tables = tables.into_iter().collect();
            listed.function.uses = uses(&listed.uses, relations);
            (listed.for_trigger || !listed.function.names_tables.is_empty()).then_some(listed.function)
        })
        .collect()
}

fn uses(rows: &[UseRow], relations: &Relations) -> Vec<ColumnUse> {
    let mut uses: Vec<ColumnUse> = rows
        .iter()
        .filter_map(|used| {
            let entry = relations.get(used.table)?;
            let numbers: Vec<i16> = used.columns.iter().filter_map(|n| i16::try_from(*n).ok()).collect();
            Some(ColumnUse { table: entry.table.name.clone(), columns: entry.columns(&numbers) })
        })
        .collect();
    uses.sort_by(|a, b| a.table.cmp(&b.table));
    uses
}

/// Words of a body as a table name could stand there, folded to lower case: bare ones, and whole quoted ones.
/// Dynamic SQL in strings counts, and so do comments: a false hit costs a glance, a miss costs an outage.
fn words(body: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let bare = body.split(|c: char| !is_word(c)).filter(|w| !w.is_empty());
    let quoted = body.split('"').skip(1).step_by(2);
    bare.chain(quoted).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        let found = words("UPDATE public.Users SET x = 1; EXECUTE 'select from \"Odd name\"'; users_old");
        assert!(found.contains("users") && found.contains("odd name") && found.contains("users_old"));
        assert!(!words("superusers").contains("users"));
    }
}
