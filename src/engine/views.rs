//! Views as relations: what they show, what they read, and which table's columns a write through one reaches.

use super::relations::refuses_null;
use crate::model::objects::{ColumnUse, View, ViewColumn, ViewKind};
use crate::model::{Catalog, Column, Ident, TableName};
use crate::sql::{ColumnRef, CreateView, FromItem, ObjectName, Output, ViewQuery, view_query};

/// Views on views on views: deeper ones are taken to be read-only.
const DEEPEST: usize = 16;

/// A relation as a client meets it by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The table that rows come from and go to; the view itself where the server lets no write through.
    pub table: TableName,
    /// What it shows, with the column of [`Self::table`] that a write reaches; none for what is computed.
    pub columns: Vec<(Ident, Option<Ident>)>,
    /// All columns of [`Self::table`]; NOT NULL where a CHECK says so, too.
    pub below: Vec<Column>,
}

impl Seen {
    pub fn shows(&self, name: &Ident) -> bool {
        self.columns.iter().any(|(c, _)| c == name)
    }
    /// The column below that a write to `name` reaches.
    pub fn reaches(&self, name: &Ident) -> Option<&Ident> {
        self.columns.iter().find(|(c, _)| c == name).and_then(|(_, below)| below.as_ref())
    }
}

/// The table or view of this name.
pub fn seen(catalog: &Catalog, name: &TableName) -> Option<Seen> {
    seen_at(catalog, name, 0)
}

fn seen_at(catalog: &Catalog, name: &TableName, depth: usize) -> Option<Seen> {
    if let Some(table) = catalog.table(name) {
        let columns = table.columns.iter().map(|c| (c.name.clone(), Some(c.name.clone()))).collect();
        let below = table.columns.iter().map(|c| Column { not_null: refuses_null(table, c), ..c.clone() }).collect();
        return Some(Seen { table: name.clone(), columns, below });
    }
    let view = view(catalog, name)?;
    let sources: Vec<Option<Ident>> = match &view.writes_to {
        Some(_) => view.columns.iter().map(|c| c.source.clone()).collect(),
        None => Vec::new(),
    };
    let read = match &view.writes_to {
        Some(table) => Some((table.clone(), sources)),
        None => read(catalog, view),
    };
    let found = read.filter(|_| depth < DEEPEST).and_then(|(table, sources)| {
        let base = seen_at(catalog, &table, depth + 1)?;
        let reaches = |source: Option<Ident>| source.and_then(|s| base.reaches(&s).cloned());
        let columns = view.columns.iter().map(|c| c.name.clone()).zip(sources.into_iter().map(reaches)).collect();
        Some(Seen { columns, table: base.table, below: base.below })
    });
    Some(found.unwrap_or_else(|| Seen {
        table: name.clone(),
        columns: view.columns.iter().map(|c| (c.name.clone(), None)).collect(),
        below: Vec::new(),
    }))
}

/// Notes in every view on `name` what its text says, before names below it change and the text no longer fits.
pub(super) fn pin(catalog: &mut Catalog, name: &TableName) {
    let noted: Vec<(usize, TableName, Vec<Option<Ident>>)> = catalog
        .views
        .iter()
        .enumerate()
        .filter(|(_, v)| v.writes_to.is_none() && v.uses.iter().any(|u| u.table == *name))
        .filter_map(|(at, v)| read(catalog, v).map(|(table, sources)| (at, table, sources)))
        .collect();
    for (at, table, sources) in noted {
        let Some(view) = catalog.views.get_mut(at) else { continue };
        view.columns.iter_mut().zip(sources).for_each(|(column, source)| column.source = source);
        view.writes_to = Some(table);
    }
}

/// The relation below a view and the columns it shows of it, from the view's text.
fn read(catalog: &Catalog, view: &View) -> Option<(TableName, Vec<Option<Ident>>)> {
    if view.kind != ViewKind::View {
        return None;
    }
    below(catalog, &view_query(&view.definition), view.columns.len(), &view.uses)
}

/// The relation that a query lets writes through to, with the source of each of its `count` columns.
pub(super) fn below(
    catalog: &Catalog,
    query: &ViewQuery,
    count: usize,
    uses: &[ColumnUse],
) -> Option<(TableName, Vec<Option<Ident>>)> {
    let [from] = query.from.as_slice() else { return None };
    if !query.writable {
        return None;
    }
    let table = base_name(uses, from)?;
    let mut sources: Vec<Option<Ident>> = Vec::new();
    for output in query.outputs.iter().flatten() {
        match output {
            Output::All { .. } => sources.extend(shown(catalog, &table)?.into_iter().map(|c| Some(c.name))),
            Output::Column { source, .. } => sources.push(source.as_ref().map(|s| s.column.clone())),
        }
    }
    // `*` was spelled out when the view was made: a table that has changed since leaves no way to tell.
    (sources.len() == count).then_some((table, sources))
}

/// The one relation that a view reads: the catalog knows it by identity, the text only by a name.
fn base_name(uses: &[ColumnUse], from: &FromItem) -> Option<TableName> {
    let called = |u: &&ColumnUse| u.table.name == from.relation.name;
    let schema = |u: &&ColumnUse| from.relation.schema.as_ref().is_none_or(|s| u.table.schema == *s);
    match uses {
        [one] => Some(one.table.clone()),
        many => many.iter().filter(called).find(schema).map(|u| u.table.clone()),
    }
}

fn view<'c>(catalog: &'c Catalog, name: &TableName) -> Option<&'c View> {
    catalog.views.iter().find(|v| v.name == *name && v.kind != ViewKind::Rule)
}

/// Name and type of what a relation shows; none if there is no such relation.
fn shown(catalog: &Catalog, name: &TableName) -> Option<Vec<ViewColumn>> {
    let plain = |name: &Ident, data_type: &str| ViewColumn::new(name.clone(), data_type);
    match catalog.table(name) {
        Some(table) => Some(table.columns.iter().map(|c| plain(&c.name, &c.data_type)).collect()),
        None => view(catalog, name).map(|v| v.columns.iter().map(|c| plain(&c.name, &c.data_type)).collect()),
    }
}

/// The relation that a name in FROM means.
fn relation(catalog: &Catalog, name: &ObjectName) -> Option<TableName> {
    let full = name.resolve(catalog);
    (catalog.table(&full).is_some() || view(catalog, &full).is_some()).then_some(full)
}

/// The columns of a view that is about to be made; empty if the select list could not be read.
pub fn columns_of(catalog: &Catalog, create: &CreateView) -> Vec<ViewColumn> {
    let query = &create.query;
    let from: Vec<(&FromItem, Vec<ViewColumn>)> = query
        .from
        .iter()
        .filter_map(|item| Some((item, shown(catalog, &relation(catalog, &item.relation)?)?)))
        .collect();
    let mut columns: Vec<ViewColumn> = Vec::new();
    for output in query.outputs.iter().flatten() {
        match output {
            Output::All { of } => {
                // Of a relation that is not known nobody can say what it shows.
                if from.len() != query.from.len() {
                    columns.clear();
                    break;
                }
                let meant = from.iter().filter(|(item, _)| of.as_ref().is_none_or(|of| item.is_called(of)));
                columns.extend(meant.flat_map(|(_, shown)| shown.iter().cloned()));
            }
            Output::Column { name, source } => {
                let typed = source.as_ref().and_then(|s| source_of(&from, s));
                let data_type = typed.map(|c| c.data_type.clone()).unwrap_or_default();
                columns.push(ViewColumn::new(name.clone(), data_type));
            }
        }
    }
    if columns.is_empty() {
        return create.columns.iter().map(|name| ViewColumn::new(name.clone(), "")).collect();
    }
    for (column, name) in columns.iter_mut().zip(&create.columns) {
        name.clone_into(&mut column.name);
    }
    columns
}

fn source_of<'f>(from: &'f [(&FromItem, Vec<ViewColumn>)], source: &ColumnRef) -> Option<&'f ViewColumn> {
    from.iter()
        .filter(|(item, _)| source.of.as_ref().is_none_or(|of| item.is_called(of)))
        .find_map(|(_, shown)| shown.iter().find(|c| c.name == source.column))
}

/// The relations that a query reads, each with the columns; more than all of them where the query is not understood.
pub fn uses_of(catalog: &Catalog, query: &ViewQuery) -> Vec<ColumnUse> {
    let mut uses: Vec<ColumnUse> = Vec::new();
    if query.understood {
        let everything = |item: &FromItem| {
            query
                .outputs
                .iter()
                .flatten()
                .any(|o| matches!(o, Output::All { of } if of.as_ref().is_none_or(|of| item.is_called(of))))
        };
        for item in &query.from {
            let Some(table) = relation(catalog, &item.relation) else { continue };
            let all = shown(catalog, &table).unwrap_or_default();
            let named = |c: &Ident| {
                query.columns.iter().any(|r| r.column == *c && r.of.as_ref().is_none_or(|of| item.is_called(of)))
            };
            let star = everything(item);
            let columns = all.into_iter().map(|c| c.name).filter(|c| star || named(c)).collect();
            note(&mut uses, ColumnUse { table, columns });
        }
    } else {
        let star = query.sql.contains('*');
        for name in &query.names {
            let Some(table) = relation(catalog, name) else { continue };
            let all = shown(catalog, &table).unwrap_or_default();
            let named = |c: &Ident| query.names.iter().any(|n| n.name == *c);
            let columns = all.into_iter().map(|c| c.name).filter(|c| star || named(c)).collect();
            note(&mut uses, ColumnUse { table, columns });
        }
    }
    uses.sort_by(|a, b| a.table.cmp(&b.table));
    uses
}

fn note(uses: &mut Vec<ColumnUse>, one: ColumnUse) {
    match uses.iter_mut().find(|u| u.table == one.table) {
        Some(found) => {
            let more: Vec<Ident> = one.columns.into_iter().filter(|c| !found.columns.contains(c)).collect();
            found.columns.extend(more);
        }
        None => uses.push(one),
    }
}
