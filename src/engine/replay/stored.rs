//! Materialised views as relations with rows: their indexes, whether they are filled, how their columns are kept.

use super::index::{from_statement, key_name};
use super::rename;
use crate::engine::names;
use crate::model::objects::View;
use crate::model::{Catalog, Ident, Index, Stored, StoredColumn, TableName};
use crate::sql::{CreateIndex, ObjectName, Reader};

fn with(catalog: &mut Catalog, name: &TableName, change: impl FnOnce(&mut Stored)) {
    if let Some(stored) = catalog.views.iter_mut().find(|v| v.name == *name).and_then(|v| v.stored.as_mut()) {
        change(stored);
    }
}

/// Whether REFRESH CONCURRENTLY is possible: filled, with a unique index over plain columns.
fn settle(view: &mut View) {
    let Some(stored) = &view.stored else { return };
    let plain = |i: &Index| i.unique && i.valid && i.predicate.is_none() && !i.has_expressions;
    view.refreshes_concurrently = stored.populated && stored.indexes.iter().any(plain);
}

fn settled(catalog: &mut Catalog, name: &TableName) {
    catalog.views.iter_mut().filter(|v| v.name == *name).for_each(settle);
}

pub(super) fn create_index(catalog: &mut Catalog, create: &CreateIndex) {
    let view = create.table.resolve(catalog);
    let columns: Vec<Ident> = create.keys.iter().map(key_name).collect();
    let name = create.name.clone().unwrap_or_else(|| names::for_index(catalog, &view, &columns, "idx"));
    if names::relation_taken(catalog, &view.sibling(&name.0)) {
        return;
    }
    let index = from_statement(catalog, &view, name, create);
    with(catalog, &view, |s| {
        let at = s.indexes.partition_point(|i| i.name < index.name);
        s.indexes.insert(at, index);
    });
    settled(catalog, &view);
}

fn owner(catalog: &Catalog, name: &ObjectName) -> Option<TableName> {
    catalog.view_of_index(name.schema.as_ref(), &name.name).map(|(v, _)| v.name.clone())
}

pub(super) fn drop_index(catalog: &mut Catalog, name: &ObjectName) {
    let Some(view) = owner(catalog, name) else { return };
    with(catalog, &view, |s| s.indexes.retain(|i| i.name != name.name));
    settled(catalog, &view);
}

/// Changes one index.
pub(super) fn index(catalog: &mut Catalog, name: &ObjectName, change: impl Fn(&mut Index)) {
    let Some(view) = owner(catalog, name) else { return };
    with(catalog, &view, |s| {
        s.indexes.iter_mut().filter(|i| i.name == name.name).for_each(change);
        s.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    });
}

/// Whether there was such an index.
pub(super) fn rename_index(catalog: &mut Catalog, name: &ObjectName, to: &Ident) -> bool {
    let found = owner(catalog, name).is_some();
    index(catalog, name, |i| rename::rename_index(i, to));
    found
}

/// The view has another name, or is in another schema.
pub(super) fn moved(catalog: &mut Catalog, from: &TableName, to: &TableName) {
    with(catalog, from, |s| s.indexes.iter_mut().for_each(|i| rename::index_of(i, to)));
}

/// Statements that are known by their verb.
pub(super) fn known(catalog: &mut Catalog, op: &str, target: Option<&ObjectName>, text: &str) {
    let Some(name) = target.map(|t| t.resolve(catalog)) else { return };
    match op {
        "refresh-materialized-view" | "refresh-materialized-view-concurrently" => {
            let populated = !text.to_lowercase().trim_end().trim_end_matches(';').ends_with("no data");
            with(catalog, &name, |s| s.populated = populated);
            settled(catalog, &name);
        }
        "alter-materialized-view" => alter(catalog, &name, text),
        _ => {}
    }
}

fn alter(catalog: &mut Catalog, name: &TableName, text: &str) {
    let mut words = Reader::new(text);
    words.eat("alter materialized view");
    words.eat("if exists");
    words.name();
    if words.eat("cluster on") {
        let index = words.ident();
        return with(catalog, name, |s| {
            s.indexes.iter_mut().for_each(|i| i.clustered = Some(&i.name) == index.as_ref())
        });
    }
    if words.eat("owner to") {
        let owner = words.ident();
        return catalog.views.iter_mut().filter(|v| v.name == *name).for_each(|v| v.owner.clone_from(&owner));
    }
    if !words.eat("alter") {
        return;
    }
    words.eat("column");
    let Some(column) = words.ident() else { return };
    with(catalog, name, |s| {
        let mut kept = s.columns.iter().find(|c| c.name == column).cloned().unwrap_or(StoredColumn {
            name: column.clone(),
            storage: None,
            statistics: None,
            compression: None,
            options: Vec::new(),
        });
        if words.eat("set statistics") {
            kept.statistics = words.rest().trim().parse().ok().filter(|n: &i32| *n >= 0);
        } else if words.eat("set storage") {
            kept.storage = Some(words.rest().trim().to_lowercase());
        } else if words.eat("set compression") {
            kept.compression = Some(words.rest().trim().to_lowercase()).filter(|m| m != "default");
        } else if words.eat("set") {
            let list = words.parens().map(crate::sql::pieces).unwrap_or_default();
            kept.options = list.into_iter().map(|o| o.replace(" = ", "=")).collect();
        }
        s.columns.retain(|c| c.name != column);
        s.columns.push(kept);
        s.columns.retain(StoredColumn::says_something);
    });
}
