//! A catalog in which nothing but the table itself holds on to a column: what a plan makes of it by taking dependants off
//! and putting them on again.

use super::relations::generated_from;
use super::replay::replay;
use crate::model::{Catalog, Ident, Table, TableName};
use crate::sql::Statement;

/// `catalog` without the views (and views over them), triggers, policies, published columns and computed columns that
/// read `column` of `table`.
pub fn freed(catalog: &Catalog, table: &TableName, column: &Ident) -> Catalog {
    let mut free = catalog.clone();
    let mut gone: Vec<TableName> =
        catalog.views_using(table, std::slice::from_ref(column)).map(|v| v.name.clone()).collect();
    let mut at = 0;
    while let Some(name) = gone.get(at).cloned() {
        let over = catalog.views_using(&name, &[]).map(|v| v.name.clone());
        let more: Vec<TableName> = over.filter(|v| !gone.contains(v)).collect();
        gone.extend(more);
        at += 1;
    }
    free.views.retain(|v| !gone.contains(&v.name));
    for publication in &mut free.publications {
        publication.tables.retain(|t| t.table != *table);
    }
    if let Some(t) = free.table_mut(table) {
        let computed: Vec<Ident> = generated_from(t, column).map(|c| c.name.clone()).collect();
        t.columns.iter_mut().filter(|c| computed.contains(&c.name)).for_each(|c| c.generated = None);
        t.triggers.retain(|g| !g.columns.contains(column));
        t.policies.retain(|p| !p.columns.contains(column));
    }
    free
}

/// Replays a statement about `column` that the server would refuse for what depends on the column, as if that were taken
/// off for the moment.
///
/// # Errors
/// Why the server would refuse it even then; the catalog is unchanged.
pub fn replay_freed(
    catalog: &mut Catalog,
    table: &TableName,
    column: &Ident,
    statement: &Statement,
) -> Result<(), String> {
    let mut after = freed(catalog, table, column);
    replay(&mut after, statement)?;
    let before = std::mem::replace(catalog, after);
    catalog.views = before.views;
    catalog.publications = before.publications;
    let old: Option<&Table> = before.tables.iter().find(|t| t.name == *table);
    if let (Some(now), Some(old)) = (catalog.table_mut(table), old) {
        now.triggers.clone_from(&old.triggers);
        now.policies.clone_from(&old.policies);
        for column in &mut now.columns {
            column.generated = old.column(&column.name).and_then(|c| c.generated.clone());
        }
    }
    Ok(())
}
