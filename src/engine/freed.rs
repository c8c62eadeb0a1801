//! A catalog in which nothing but the table itself holds on to a column: what a plan makes of it by taking dependants off
//! and putting them on again.

use super::relations::{descendants, generated_from, names};
use super::replay::replay;
use crate::model::{Catalog, Ident, TableName};
use crate::sql::Statement;

/// `catalog` without the views (and views over them), triggers, policies, published columns and computed columns that
/// read `column` of `table`.
pub fn freed(catalog: &Catalog, table: &TableName, column: &Ident) -> Catalog {
    let mut free = catalog.clone();
    let columns = std::slice::from_ref(column);
    let family = family(catalog, table);
    let mut gone: Vec<TableName> =
        family.iter().flat_map(|t| catalog.views_using(t, columns)).map(|v| v.name.clone()).collect();
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
    for t in free.tables.iter_mut().filter(|t| family.contains(&t.name)) {
        let computed: Vec<Ident> = generated_from(t, column).map(|c| c.name.clone()).collect();
        t.columns.iter_mut().filter(|c| computed.contains(&c.name)).for_each(|c| c.generated = None);
        t.triggers.retain(|g| !g.columns.contains(column));
        t.policies.retain(|p| !p.columns.contains(column));
    }
    free
}

/// The table and its partitions, whose columns change with its own.
fn family(catalog: &Catalog, table: &TableName) -> Vec<TableName> {
    let mut all = names(descendants(catalog, table));
    all.push(table.clone());
    all
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
    let family = family(catalog, table);
    for now in catalog.tables.iter_mut().filter(|t| family.contains(&t.name)) {
        let Some(old) = before.tables.iter().find(|t| t.name == now.name) else { continue };
        now.triggers.clone_from(&old.triggers);
        now.policies.clone_from(&old.policies);
        for column in &mut now.columns {
            column.generated = old.column(&column.name).and_then(|c| c.generated.clone());
        }
    }
    Ok(())
}
