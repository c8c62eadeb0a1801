//! What is stored as text and names tables: views, procedures and functions, events.

use super::query;
use super::rows::Row;
use super::text::{account, columns_in, names, quoted, reads};
use super::{Error, Reader};
use crate::model::catalog::Volatility;
use crate::model::objects::{ColumnUse, Function, View};
use crate::model::{Catalog, Ident, TableName};

pub async fn read(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let views = reader.read(query::VIEWS).await?;
    let bodies: Vec<(TableName, Row<'_>)> =
        views.iter().map(|row| (TableName::new(catalog.database.clone(), row.text("name")), row)).collect();
    let readable: Vec<(TableName, Vec<Ident>)> = catalog
        .tables
        .iter()
        .map(|t| (t.name.clone(), t.columns.iter().map(|c| c.name.clone()).collect()))
        .chain(catalog.views.iter().map(|v| (v.name.clone(), v.columns.iter().map(|c| c.name.clone()).collect())))
        .collect();
    for (name, row) in bodies {
        if let Some(view) = catalog.views.iter_mut().find(|v| v.name == name) {
            fill(view, &row, &readable);
        }
    }
    for (query, kind) in [(query::ROUTINES, None), (query::EVENTS, Some("EVENT"))] {
        let rows = reader.read(query).await?;
        for row in rows.iter() {
            let function = function(catalog, &row, kind.unwrap_or(row.text("type")));
            catalog.functions.extend(function);
        }
    }
    Ok(())
}

fn fill(view: &mut View, row: &Row<'_>, readable: &[(TableName, Vec<Ident>)]) {
    let body = row.text("body");
    view.owner = Some(Ident(account(row.text("definer"))));
    view.options.push(format!("SQL SECURITY {}", row.text("security")));
    if let Some(algorithm) = row.opt("algorithm").filter(|a| *a != "UNDEFINED") {
        view.options.push(format!("ALGORITHM={algorithm}"));
    }
    let check = row.text("check_option");
    if check != "NONE" && !check.is_empty() {
        view.options.push(format!("WITH {check} CHECK OPTION"));
    }
    view.definition = body.to_owned();
    view.uses = readable
        .iter()
        .filter(|(table, _)| *table != view.name && reads(body, table))
        .map(|(table, columns)| ColumnUse { table: table.clone(), columns: columns_in(body, columns.iter()) })
        .collect();
    if let ([only], true) = (view.uses.as_slice(), row.is_yes("updatable")) {
        view.writes_to = Some(only.table.clone());
        for column in &mut view.columns {
            column.source = source(body, &column.name);
        }
    }
}

/// The column that stands unchanged before `` AS `name` `` in the canonical text.
fn source(body: &str, name: &Ident) -> Option<Ident> {
    let (before, _) = body.split_once(&format!(" AS {}", quoted(name)))?;
    let inner = before.strip_suffix('`')?;
    // From the end: a doubled backtick is part of the name.
    let mut from = inner.len();
    let mut chars = inner.char_indices().rev().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '`' {
            if chars.peek().is_some_and(|(_, next)| *next == '`') {
                from = chars.next().map_or(at, |(at, _)| at);
                continue;
            }
            break;
        }
        from = at;
    }
    let name = inner.get(from..)?.replace("``", "`");
    // A function's argument or an operand would not stand behind a comma or `select`.
    let head = inner.get(..from)?.strip_suffix('`')?;
    head.ends_with('.').then_some(Ident(name))
}

/// Kept if it names a table or a view of this database.
fn function(catalog: &Catalog, row: &Row<'_>, kind: &str) -> Option<Function> {
    let body = row.opt("body").filter(|b| !b.is_empty())?;
    let all = catalog.tables.iter().map(|t| &t.name).chain(catalog.views.iter().map(|v| &v.name));
    let names_tables: Vec<TableName> = all.filter(|t| names(body, &t.name)).cloned().collect();
    if names_tables.is_empty() {
        return None;
    }
    Some(Function {
        name: TableName::new(catalog.database.clone(), row.text("name")),
        arguments: String::new(),
        language: format!("SQL {}", kind.to_lowercase()),
        volatility: if row.is_yes("same_each_time") { Volatility::Immutable } else { Volatility::Unknown },
        names_tables,
        uses: Vec::new(),
        definition: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_views_column() {
        let body = "select `d`.`t`.`id` AS `key`,`d`.`t`.`a``b` AS `c`,concat(`d`.`t`.`x`) AS `x` from `d`.`t`";
        assert_eq!(source(body, &"key".into()), Some("id".into()));
        assert_eq!(source(body, &"c".into()), Some("a`b".into()));
        assert_eq!((source(body, &"x".into()), source(body, &"none".into())), (None, None));
    }
}
