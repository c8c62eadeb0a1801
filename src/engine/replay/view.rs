//! Views after CREATE and DROP, with their columns and what they read.

use crate::engine::views::{below, columns_of, uses_of};
use crate::model::objects::{View, ViewKind};
use crate::model::{Catalog, Stored};
use crate::sql::{CreateView, ObjectName};

pub(super) fn create(catalog: &mut Catalog, create: &CreateView) {
    let name = create.name.resolve(catalog);
    let mut columns = columns_of(catalog, create);
    let uses = uses_of(catalog, &create.query);
    let below = if create.materialized { None } else { below(catalog, &create.query, columns.len(), &uses) };
    let writes_to = below.map(|(table, sources)| {
        columns.iter_mut().zip(sources).for_each(|(column, source)| column.source = source);
        table
    });
    let definition = create.query.sql.clone();
    if let Some(found) = catalog.views.iter_mut().find(|v| v.name == name) {
        if create.or_replace {
            (found.columns, found.uses, found.definition) = (columns, uses, definition);
            found.writes_to = writes_to;
            found.options.clone_from(&create.options);
        }
        return;
    }
    let view = View {
        name,
        kind: if create.materialized { ViewKind::Materialized } else { ViewKind::View },
        columns,
        definition,
        uses,
        writes_to,
        owner: None,
        options: create.options.clone(),
        grants: Vec::new(),
        comment: None,
        bytes: 0,
        triggers: Vec::new(),
        rule_on: None,
        held_by: Vec::new(),
        refreshes_concurrently: false,
        stored: create.materialized.then(|| Box::new(Stored { populated: create.filled, ..Stored::default() })),
    };
    let at = catalog.views.partition_point(|v| v.name < view.name);
    catalog.views.insert(at, view);
}

pub(super) fn drop(catalog: &mut Catalog, name: &ObjectName) {
    let name = name.resolve(catalog);
    catalog.views.retain(|v| v.name != name && v.rule_on.as_ref() != Some(&name));
    // With CASCADE, which was asked for or the statement was refused.
    let mut gone = vec![name];
    while let Some(at) = catalog.views.iter().position(|v| v.uses.iter().any(|u| gone.contains(&u.table))) {
        gone.push(catalog.views.remove(at).name);
    }
}
