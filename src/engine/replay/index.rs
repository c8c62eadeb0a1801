//! Indexes after CREATE, DROP and ALTER INDEX.

use super::{constraint, family, rename, stored, with_table};
use crate::engine::dialect::dialect;
use crate::engine::names;
use crate::model::{Catalog, Engine, Ident, Index, TableName};
use crate::sql::statement::AlterIndexAction;
use crate::sql::{CreateIndex, ObjectName};

/// The index of a constraint.
pub(super) struct Owned {
    pub name: Ident,
    pub columns: Vec<Ident>,
    pub include: Vec<Ident>,
    pub unique: bool,
    pub primary: bool,
    pub method: &'static str,
}

pub(super) fn add_owned(catalog: &mut Catalog, table: &TableName, owned: Owned, distinct: &str) {
    let mut uses = owned.columns.clone();
    uses.extend(owned.include.iter().cloned());
    let mut parts = format!("({})", constraint::spell(&owned.columns));
    if !owned.include.is_empty() {
        parts.push_str(&format!(" INCLUDE ({})", constraint::spell(&owned.include)));
    }
    if !distinct.is_empty() {
        parts.push_str(&format!(" {distinct}"));
    }
    let index = Index {
        definition: definition(catalog, table, &owned.name, owned.unique, owned.method, &parts),
        method: owned.method.to_owned(),
        keys: owned.columns.into_iter().map(Some).collect(),
        include: owned.include,
        uses,
        has_expressions: false,
        predicate: None,
        unique: owned.unique,
        primary: owned.primary,
        valid: true,
        ready: true,
        bytes: 0,
        scans: None,
        constraint: Some(owned.name.clone()),
        comment: None,
        tablespace: None,
        clustered: false,
        statistics: Vec::new(),
        mysql: None,
        name: owned.name,
    };
    put(catalog, table, index);
}

fn definition(catalog: &Catalog, table: &TableName, name: &Ident, unique: bool, method: &str, parts: &str) -> String {
    let d = dialect(Engine::Postgresql);
    let unique = if unique { "UNIQUE " } else { "" };
    let only = if catalog.table(table).is_some_and(|t| t.partition_key.is_some()) { "ONLY " } else { "" };
    format!("CREATE {unique}INDEX {} ON {only}{} USING {method} {parts}", d.ident(name), d.name(table))
}

pub(super) fn put(catalog: &mut Catalog, table: &TableName, index: Index) {
    with_table(catalog, table, |t| {
        let at = t.indexes.partition_point(|i| i.name < index.name);
        t.indexes.insert(at, index);
    });
}

pub(super) fn create(catalog: &mut Catalog, create: &CreateIndex) {
    let Some(table) = create.table.table(catalog) else {
        return stored::create_index(catalog, create);
    };
    let (table, partitioned) = (table.name.clone(), table.partition_key.is_some());
    if create.name.as_ref().is_some_and(|n| names::relation_taken(catalog, &table.sibling(&n.0))) {
        return;
    }
    let tables = if create.only || !partitioned { vec![table.clone()] } else { family(catalog, &table) };
    let columns: Vec<Ident> = create.keys.iter().map(key_name).collect();
    for (nth, name) in tables.iter().enumerate() {
        let made_up = || names::for_index(catalog, name, &columns, "idx");
        let index = create.name.clone().filter(|_| nth == 0).unwrap_or_else(made_up);
        let built = from_statement(catalog, name, index, create);
        // ON ONLY makes the parent's index invalid until every partition has its share.
        let valid = !(create.only && partitioned && family(catalog, &table).len() > 1);
        put(catalog, name, Index { valid, ..built });
    }
}

/// A partition's share in an index of its parent.
pub(super) fn share(catalog: &Catalog, table: &TableName, parent: &Index) -> Index {
    let (_, parts) = parent.definition.split_once(" USING ").unwrap_or(("", ""));
    let (method, parts) = parts.split_once(' ').unwrap_or((&parent.method, parts));
    let label = match (parent.primary, parent.constraint.is_some()) {
        (true, _) => "pkey",
        (false, true) => "key",
        (false, false) => "idx",
    };
    let texts = key_texts(parts);
    let columns: Vec<Ident> = parent
        .keys
        .iter()
        .enumerate()
        .map(|(nth, key)| key.clone().unwrap_or_else(|| names::of_expression(texts.get(nth).copied().unwrap_or(""))))
        .collect();
    let name = names::for_index(catalog, table, &columns, label);
    Index {
        definition: definition(catalog, table, &name, parent.unique, method, parts),
        constraint: parent.constraint.as_ref().map(|_| name.clone()),
        comment: None,
        tablespace: None,
        clustered: false,
        statistics: Vec::new(),
        mysql: None,
        name,
        valid: true,
        bytes: 0,
        scans: None,
        ..parent.clone()
    }
}

/// `(lower(a), b DESC) WHERE …` → `lower(a)`, `b DESC`.
fn key_texts(parts: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0i32, 1);
    let mut texts = Vec::new();
    for (at, c) in parts.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if (c == ',' && depth == 1) || depth == 0 {
            texts.push(parts.get(start..at).unwrap_or("").trim());
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    texts
}

/// The name that a key part lends to a generated index name.
pub(super) fn key_name(key: &crate::sql::statement::IndexKey) -> Ident {
    if let Some(column) = &key.column {
        return column.clone();
    }
    names::of_expression(&key.text)
}

pub(super) fn from_statement(catalog: &Catalog, table: &TableName, name: Ident, create: &CreateIndex) -> Index {
    let mut uses: Vec<Ident> = Vec::new();
    let keys = create.keys.iter().flat_map(|k| k.column.iter().chain(&k.uses));
    let predicate = create.predicate.iter().flat_map(|p| &p.columns);
    for column in keys.chain(&create.include).chain(predicate) {
        if !uses.contains(column) {
            uses.push(column.clone());
        }
    }
    let written = create.definition.trim();
    let parts = written.find('(').and_then(|at| written.get(at..)).unwrap_or(written);
    Index {
        definition: definition(catalog, table, &name, create.unique, &create.method, parts),
        name,
        method: create.method.clone(),
        keys: create.keys.iter().map(|k| k.column.clone()).collect(),
        include: create.include.clone(),
        uses,
        has_expressions: create.keys.iter().any(|k| k.column.is_none()),
        predicate: create.predicate.as_ref().map(|p| p.sql.clone()),
        unique: create.unique,
        primary: false,
        valid: true,
        ready: true,
        bytes: 0,
        scans: None,
        constraint: None,
        comment: None,
        tablespace: None,
        clustered: false,
        statistics: Vec::new(),
        mysql: None,
    }
}

pub(super) fn drop(catalog: &mut Catalog, name: &ObjectName) {
    let Some((table, index)) = catalog.index_owner(name.schema.as_ref(), &name.name) else {
        return stored::drop_index(catalog, name);
    };
    let (table, gone) = (table.name.clone(), index.clone());
    with_table(catalog, &table, |t| t.indexes.retain(|i| i.name != gone.name));
    // The share of every partition goes along; it is known by its keys.
    for child in family(catalog, &table).into_iter().skip(1) {
        with_table(catalog, &child, |t| {
            let share = t.indexes.iter().position(|i| is_share(i, &gone) && i.constraint.is_none());
            if let Some(at) = share {
                t.indexes.remove(at);
            }
        });
    }
}

/// True if `index` of a partition can be its share in `parent`: the same keys in the same order over the same rows.
fn is_share(index: &Index, parent: &Index) -> bool {
    let keys = |i: &Index| {
        i.definition
            .split_once(" USING ")
            .and_then(|(_, rest)| rest.split_once(' '))
            .map(|(_, p)| key_texts(p).join(", "))
    };
    index.keys == parent.keys
        && index.predicate == parent.predicate
        && index.unique == parent.unique
        && (!parent.has_expressions || keys(index) == keys(parent))
}

pub(super) fn alter(catalog: &mut Catalog, name: &ObjectName, action: &AlterIndexAction) {
    match action {
        AlterIndexAction::Rename { to } => rename::relation(catalog, name, &crate::sql::Destination::Name(to.clone())),
        AlterIndexAction::AttachPartition { .. } => complete(catalog, name),
        AlterIndexAction::Other { .. } => {}
    }
}

/// The index of a parent's constraint is not valid before every partition has its share.
pub(super) fn wait(catalog: &mut Catalog, table: &TableName, name: &Ident) {
    with_table(catalog, table, |t| {
        t.indexes.iter_mut().filter(|i| i.constraint.as_ref() == Some(name)).for_each(|i| i.valid = false);
    });
}

/// A parent's index becomes valid with the last partition's share.
fn complete(catalog: &mut Catalog, name: &ObjectName) {
    let Some((table, index)) = catalog.index_owner(name.schema.as_ref(), &name.name) else { return };
    let (table, index) = (table.name.clone(), index.clone());
    let all = family(catalog, &table)
        .iter()
        .skip(1)
        .all(|child| catalog.table(child).is_some_and(|t| t.indexes.iter().any(|i| is_share(i, &index) && i.valid)));
    if all {
        with_table(catalog, &table, |t| {
            t.indexes.iter_mut().filter(|i| i.name == index.name).for_each(|i| i.valid = true);
        });
    }
}
