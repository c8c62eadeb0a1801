//! New names, followed into everything that knows an object by its identity: indexes, constraints, views, sequences, publications.
//! Texts of functions keep the old name, as on the server.

use super::with_table;
use crate::engine::names::renamed;
use crate::engine::views::pin;
use crate::model::{Catalog, Constraint, Ident, TableName};
use crate::sql::{Destination, Move, ObjectName};

pub(super) fn column(catalog: &mut Catalog, table: &TableName, from: &Ident, to: &Ident) {
    pin(catalog, table);
    let swap = |name: &mut Ident| {
        if name == from {
            to.clone_into(name);
        }
    };
    let reword = |text: &mut String| *text = renamed(text, from, to);
    with_table(catalog, table, |t| {
        for column in &mut t.columns {
            swap(&mut column.name);
            if let Some(generated) = &mut column.generated {
                reword(&mut generated.sql);
            }
        }
        for index in &mut t.indexes {
            if !index.uses.contains(from) {
                continue;
            }
            index.keys.iter_mut().flatten().for_each(swap);
            index.include.iter_mut().for_each(swap);
            index.uses.iter_mut().for_each(swap);
            index.predicate.iter_mut().for_each(reword);
            // Only behind the table's name: the index or the table may be called like the column.
            if let Some(at) = index.definition.find(" USING ") {
                let parts = index.definition.split_off(at);
                index.definition.push_str(&renamed(&parts, from, to));
            }
        }
        for constraint in t.constraints.iter_mut().filter(|c| c.columns.contains(from)) {
            constraint.columns.iter_mut().for_each(swap);
            let at = constraint.definition.find(" REFERENCES ").unwrap_or(constraint.definition.len());
            let foreign = constraint.definition.split_off(at);
            reword(&mut constraint.definition);
            constraint.definition.push_str(&foreign);
        }
        if let Some(key) = &mut t.partition_key {
            key.columns.iter_mut().for_each(swap);
            reword(&mut key.definition);
        }
        for trigger in t.triggers.iter_mut().filter(|g| g.columns.contains(from)) {
            trigger.columns.iter_mut().for_each(swap);
            reword(&mut trigger.definition);
        }
        for statistics in t.statistics.iter_mut().filter(|s| s.columns.contains(from)) {
            statistics.columns.iter_mut().for_each(swap);
            reword(&mut statistics.definition);
        }
        for policy in t.policies.iter_mut().filter(|p| p.columns.contains(from)) {
            policy.columns.iter_mut().for_each(swap);
            policy.using.iter_mut().for_each(reword);
            policy.check.iter_mut().for_each(reword);
        }
    });
    for constraint in references_to(catalog, table) {
        if let Some(reference) = &mut constraint.references {
            reference.columns.iter_mut().for_each(swap);
        }
        if let Some(at) = constraint.definition.find(" REFERENCES ") {
            // Only behind the table's name, which may be called like the column.
            let at = constraint
                .definition
                .get(at..)
                .and_then(|r| r.rfind(")").and_then(|end| r.get(..end)?.rfind("(")).map(|p| at + p));
            let Some(at) = at else { continue };
            let foreign = constraint.definition.split_off(at);
            constraint.definition.push_str(&renamed(&foreign, from, to));
        }
    }
    for view in &mut catalog.views {
        view.uses.iter_mut().filter(|u| u.table == *table).flat_map(|u| &mut u.columns).for_each(swap);
        if view.writes_to.as_ref() == Some(table) {
            view.columns.iter_mut().filter_map(|c| c.source.as_mut()).for_each(swap);
        }
    }
    for owned in catalog.sequences.iter_mut().filter_map(|s| s.owned_by.as_mut()).filter(|o| o.table == *table) {
        swap(&mut owned.column);
    }
    for published in catalog.publications.iter_mut().flat_map(|p| &mut p.tables).filter(|p| p.table == *table) {
        published.columns.iter_mut().for_each(swap);
        published.row_filter.iter_mut().for_each(reword);
    }
}

/// Foreign keys of any table that point at `table`.
fn references_to<'c>(catalog: &'c mut Catalog, table: &TableName) -> impl Iterator<Item = &'c mut Constraint> {
    let table = table.clone();
    catalog
        .tables
        .iter_mut()
        .flat_map(|t| &mut t.constraints)
        .filter(move |c| c.references.as_ref().is_some_and(|r| r.table == table))
}

pub(super) fn constraint(catalog: &mut Catalog, table: &TableName, from: &Ident, to: &Ident) {
    with_table(catalog, table, |t| {
        t.constraints.iter_mut().filter(|c| c.name == *from).for_each(|c| to.clone_into(&mut c.name));
        for index in t.indexes.iter_mut().filter(|i| i.constraint.as_ref() == Some(from)) {
            index.constraint = Some(to.clone());
            rename_index(index, to);
        }
        t.constraints.sort_by(|a, b| a.name.cmp(&b.name));
        t.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    });
}

pub(super) fn rename_index(index: &mut crate::model::Index, to: &Ident) {
    if let Some(at) = index.definition.find(" ON ") {
        let rest = index.definition.split_off(at);
        index.definition = renamed(&index.definition, &index.name, to);
        index.definition.push_str(&rest);
    }
    to.clone_into(&mut index.name);
}

/// An index whose table or view has this name now.
pub(super) fn index_of(index: &mut crate::model::Index, to: &TableName) {
    if let (Some(on), Some(using)) = (index.definition.find(" ON "), index.definition.find(" USING ")) {
        let only =
            if index.definition.get(on..using).is_some_and(|t| t.starts_with(" ON ONLY ")) { "ONLY " } else { "" };
        let name = crate::engine::dialect(crate::model::Engine::Postgresql).name(to);
        let tail = index.definition.split_off(using);
        index.definition.truncate(on);
        index.definition.push_str(&format!(" ON {only}{name}{tail}"));
    }
}

/// A trigger's text with the table's new name behind its ON: the first one, for events hold no such word.
pub(super) fn retargeted(definition: &str, to: &TableName) -> String {
    let found = definition.to_ascii_uppercase().find(" ON ").and_then(|at| definition.split_at_checked(at + 4));
    let Some((head, rest)) = found else { return definition.to_owned() };
    let mut quoted = false;
    let end = rest.find(|c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    });
    let name = crate::engine::dialect(crate::model::Engine::Postgresql).name(to);
    format!("{head}{name}{}", end.and_then(|at| rest.get(at..)).unwrap_or_default())
}

/// A table under a new name or in another schema.
pub(super) fn table(catalog: &mut Catalog, from: &TableName, to: &TableName) {
    pin(catalog, from);
    let Some(at) = catalog.tables.iter().position(|t| t.name == *from) else { return };
    let mut moved = catalog.tables.remove(at);
    to.clone_into(&mut moved.name);
    moved.indexes.iter_mut().for_each(|i| index_of(i, to));
    for trigger in &mut moved.triggers {
        trigger.definition = retargeted(&trigger.definition, to);
    }
    catalog.put_table(moved);
    let swap = |name: &mut TableName| {
        if name == from {
            to.clone_into(name);
        }
    };
    for table in &mut catalog.tables {
        if let Some(partition) = &mut table.partition_of {
            swap(&mut partition.parent);
        }
        for constraint in &mut table.constraints {
            let Some(reference) = constraint.references.as_mut().filter(|r| r.table == *from) else { continue };
            swap(&mut reference.table);
            if let Some(at) = constraint.definition.find(" REFERENCES ") {
                let foreign = constraint.definition.split_off(at);
                let (head, tail) = foreign.split_once('(').unwrap_or((&foreign, ""));
                let head = renamed(head, &from.name, &to.name);
                constraint.definition.push_str(&format!("{head}({tail}"));
            }
        }
    }
    catalog.sequences.iter_mut().filter_map(|s| s.owned_by.as_mut()).for_each(|o| swap(&mut o.table));
    catalog.publications.iter_mut().flat_map(|p| &mut p.tables).for_each(|p| swap(&mut p.table));
    if from.schema != to.schema {
        // Sequences that a column owns move along with the table.
        for sequence in catalog.sequences.iter_mut().filter(|s| s.owned_by.as_ref().is_some_and(|o| o.table == *to)) {
            to.schema.clone_into(&mut sequence.name.schema);
        }
        catalog.sequences.sort_by(|a, b| a.name.cmp(&b.name));
    }
    moved_below_views(catalog, from, to);
    catalog.transactions.iter_mut().flat_map(|t| &mut t.tables).for_each(swap);
}

/// `ALTER VIEW … RENAME TO` and its like.
pub(super) fn moved(catalog: &mut Catalog, moved: &Move) {
    let name = moved.name.resolve(catalog);
    match moved.object.as_str() {
        "foreign-table" => table(catalog, &name, &moved.to.of(&name)),
        "view" | "materialized-view" | "sequence" => relation(catalog, &moved.name, &moved.to),
        "function" | "procedure" | "routine" => {
            for found in catalog.functions.iter_mut().filter(|f| f.name == name) {
                found.name = moved.to.of(&name);
            }
            catalog.functions.sort_by(|a, b| a.name.cmp(&b.name));
        }
        _ => {}
    }
}

/// An index, a view or a sequence under a new name or in another schema.
pub(super) fn relation(catalog: &mut Catalog, name: &ObjectName, to: &Destination) {
    let full = name.resolve(catalog);
    if let (Some((owner, _)), Destination::Name(to)) = (catalog.index_owner(name.schema.as_ref(), &name.name), to) {
        let owner = owner.name.clone();
        return with_table(catalog, &owner, |t| {
            let owned = t.index(&name.name).and_then(|i| i.constraint.clone());
            for index in t.indexes.iter_mut().filter(|i| i.name == name.name) {
                index.constraint = index.constraint.as_ref().map(|_| to.clone());
                rename_index(index, to);
            }
            t.constraints
                .iter_mut()
                .filter(|c| Some(&c.name) == owned.as_ref())
                .for_each(|c| to.clone_into(&mut c.name));
            t.constraints.sort_by(|a, b| a.name.cmp(&b.name));
            t.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        });
    }
    if let Destination::Name(to) = to
        && super::stored::rename_index(catalog, name, to)
    {
        return;
    }
    let moved = to.of(&full);
    super::stored::moved(catalog, &full, &moved);
    pin(catalog, &full);
    for view in catalog.views.iter_mut().filter(|v| v.name == full) {
        view.name.clone_from(&moved);
    }
    moved_below_views(catalog, &full, &moved);
    for sequence in catalog.sequences.iter_mut().filter(|s| s.name == full) {
        sequence.name.clone_from(&moved);
    }
    catalog.views.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.sequences.sort_by(|a, b| a.name.cmp(&b.name));
}

/// Views know what they read by identity; their text in the catalog keeps the old name, so what it says is noted before.
fn moved_below_views(catalog: &mut Catalog, from: &TableName, to: &TableName) {
    let swap = |name: &mut TableName| {
        if name == from {
            to.clone_into(name);
        }
    };
    for view in &mut catalog.views {
        view.uses.iter_mut().for_each(|u| swap(&mut u.table));
        view.writes_to.iter_mut().for_each(swap);
    }
}
