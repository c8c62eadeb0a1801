//! Constraints after ALTER TABLE and CREATE TABLE, with the indexes that they own.

use super::{column, index, with_table};
use crate::engine::dialect::dialect;
use crate::engine::{names, relations};
use crate::model::catalog::Reference;
use crate::model::{Catalog, Constraint, ConstraintKind, Engine, Ident, TableName};
use crate::sql::statement::PrimaryOrUnique;
use crate::sql::{ConstraintBody, TableConstraint};

/// Adds a constraint; `own` is the column of an inline one, which leaves its columns out.
pub(super) fn add(
    catalog: &mut Catalog,
    table: &TableName,
    family: &[TableName],
    written: &TableConstraint,
    own: &[Ident],
) {
    let or_own = |columns: &[Ident]| if columns.is_empty() { own.to_vec() } else { columns.to_vec() };
    match &written.body {
        ConstraintBody::Check { expression } => {
            let one = if own.is_empty() && expression.columns.len() != 1 { &[][..] } else { &expression.columns };
            let label = if own.is_empty() { one } else { own };
            let made = new(catalog, table, written, ConstraintKind::Check, or_own(&expression.columns), label, "check");
            let made = Constraint { columns: expression.columns.clone(), ..made };
            let made = described(made, format!("CHECK (({}))", expression.sql.trim()), written);
            family.iter().for_each(|t| put(catalog, t, made.clone()));
        }
        ConstraintBody::NotNull { column } => {
            let columns = vec![column.clone()];
            let made = new(catalog, table, written, ConstraintKind::NotNull, columns.clone(), &columns, "not_null");
            let made = described(made, format!("NOT NULL {}", spell(&columns)), written);
            for name in family {
                column::change(catalog, name, column, |c| c.not_null = true);
                put(catalog, name, made.clone());
            }
        }
        ConstraintBody::ForeignKey { columns, table: to, referenced, actions } => {
            let columns = or_own(columns);
            let other = to.resolve(catalog);
            let key = || catalog.table(&other).and_then(|t| t.primary_key()).map(|k| k.columns.clone());
            let referenced = if referenced.is_empty() { key().unwrap_or_default() } else { referenced.clone() };
            // Before 12 the server named it after the first column alone.
            let label = if catalog.server.since(12) { &columns[..] } else { columns.get(..1).unwrap_or(&[]) };
            let label = label.to_vec();
            let made = new(catalog, table, written, ConstraintKind::ForeignKey, columns.clone(), &label, "fkey");
            // The inspector reads with an empty search path: names are qualified.
            let target = dialect(Engine::Postgresql).name(&other);
            let text = format!("FOREIGN KEY ({}) REFERENCES {target}({})", spell(&columns), spell(&referenced));
            let text = if actions.is_empty() { text } else { format!("{text} {actions}") };
            let made = Constraint { references: Some(Reference { table: other, columns: referenced }), ..made };
            let made = described(made, text, written);
            for name in family {
                if name == table || !has_share(catalog, &made, name) {
                    put(catalog, name, made.clone());
                }
            }
        }
        ConstraintBody::Unique { columns, include, nulls_not_distinct } => {
            let distinct = if *nulls_not_distinct { "NULLS NOT DISTINCT " } else { "" };
            key(catalog, family, written, ConstraintKind::Unique, &or_own(columns), include, distinct);
        }
        ConstraintBody::PrimaryKey { columns, include } => {
            key(catalog, family, written, ConstraintKind::PrimaryKey, &or_own(columns), include, "");
        }
        ConstraintBody::UsingIndex { primary, index } => using_index(catalog, table, written, *primary, index),
        ConstraintBody::Exclude { definition } => {
            let columns: Vec<Ident> = catalog
                .table(table)
                .map(|t| {
                    t.columns
                        .iter()
                        .map(|c| c.name.clone())
                        .filter(|c| relations::names_word(definition, c.as_str()))
                        .collect()
                })
                .unwrap_or_default();
            let name = written.name.clone().unwrap_or_else(|| names::for_index(catalog, table, &columns, "excl"));
            let made = constraint(name.clone(), ConstraintKind::Exclusion, columns.clone());
            put(catalog, table, described(made, format!("EXCLUDE {definition}"), written));
            let owned =
                index::Owned { name, columns, include: Vec::new(), unique: false, primary: false, method: "gist" };
            index::add_owned(catalog, table, owned, "");
        }
    }
}

fn new(
    catalog: &Catalog,
    table: &TableName,
    written: &TableConstraint,
    kind: ConstraintKind,
    columns: Vec<Ident>,
    named_after: &[Ident],
    label: &str,
) -> Constraint {
    let name = written.name.clone().unwrap_or_else(|| names::for_constraint(catalog, table, named_after, label));
    constraint(name, kind, columns)
}

/// A valid CHECK.
pub(super) fn check(name: Ident, columns: Vec<Ident>, expression: &str) -> Constraint {
    Constraint { definition: format!("CHECK (({expression}))"), ..constraint(name, ConstraintKind::Check, columns) }
}

fn constraint(name: Ident, kind: ConstraintKind, columns: Vec<Ident>) -> Constraint {
    Constraint {
        name,
        kind,
        columns,
        definition: String::new(),
        valid: true,
        enforced: true,
        deferrable: false,
        references: None,
        comment: None,
    }
}

/// With definition, validity and deferrability as written.
fn described(made: Constraint, text: String, written: &TableConstraint) -> Constraint {
    let trailer = written.trailer.trim();
    let lower = trailer.to_ascii_lowercase();
    let enforced = !lower.contains("not enforced");
    let mut definition = text;
    if !trailer.is_empty() {
        definition.push(' ');
        definition.push_str(trailer);
    }
    let valid = !written.not_valid && enforced;
    if !valid && enforced {
        definition.push_str(" NOT VALID");
    }
    let deferrable = lower.contains("deferrable") && !lower.contains("not deferrable");
    Constraint { definition, valid, enforced, deferrable, ..made }
}

/// UNIQUE and PRIMARY KEY: the constraint and its index, on every table of the family.
fn key(
    catalog: &mut Catalog,
    family: &[TableName],
    written: &TableConstraint,
    kind: ConstraintKind,
    columns: &[Ident],
    include: &[Ident],
    distinct: &str,
) {
    let primary = kind == ConstraintKind::PrimaryKey;
    if primary {
        for column in columns {
            column::set_not_null(catalog, family, column);
        }
    }
    for (nth, table) in family.iter().enumerate() {
        let label = if primary { "pkey" } else { "key" };
        let made_up = || names::for_index(catalog, table, columns, label);
        let name = written.name.clone().filter(|_| nth == 0).unwrap_or_else(made_up);
        let word = if primary { "PRIMARY KEY" } else { "UNIQUE" };
        let mut text = format!("{word} {distinct}({})", spell(columns));
        if !include.is_empty() {
            text.push_str(&format!(" INCLUDE ({})", spell(include)));
        }
        let mut all = columns.to_vec();
        all.extend(include.iter().cloned());
        let made = described(constraint(name.clone(), kind, columns.to_vec()), text, written);
        if nth > 0 && has_share(catalog, &made, table) {
            continue;
        }
        put(catalog, table, made);
        let owned = index::Owned {
            name,
            columns: columns.to_vec(),
            include: include.to_vec(),
            unique: true,
            primary,
            method: "btree",
        };
        index::add_owned(catalog, table, owned, distinct.trim());
    }
}

/// The index takes the constraint's name and belongs to it from now on.
fn using_index(
    catalog: &mut Catalog,
    table: &TableName,
    written: &TableConstraint,
    primary: PrimaryOrUnique,
    index: &Ident,
) {
    let name = written.name.clone().unwrap_or_else(|| index.clone());
    let is_primary = primary == PrimaryOrUnique::PrimaryKey;
    let mut columns = Vec::new();
    with_table(catalog, table, |t| {
        if let Some(found) = t.indexes.iter_mut().find(|i| i.name == *index) {
            columns = found.keys.iter().flatten().cloned().collect();
            found.definition = names::renamed(&found.definition, index, &name);
            found.name = name.clone();
            found.constraint = Some(name.clone());
            found.primary = is_primary;
        }
        t.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    });
    if is_primary {
        for column in &columns {
            column::set_not_null(catalog, std::slice::from_ref(table), column);
        }
    }
    let (word, kind) =
        if is_primary { ("PRIMARY KEY", ConstraintKind::PrimaryKey) } else { ("UNIQUE", ConstraintKind::Unique) };
    let text = format!("{word} ({})", spell(&columns));
    put(catalog, table, described(constraint(name, kind, columns), text, written));
}

/// Keeps the order by name; a constraint of the same name is kept as it is (a partition had it already).
pub(super) fn put(catalog: &mut Catalog, table: &TableName, made: Constraint) {
    with_table(catalog, table, |t| {
        if let Err(at) = t.constraints.binary_search_by(|c| c.name.cmp(&made.name)) {
            t.constraints.insert(at, made);
        } else if t.constraint(&made.name).is_none() {
            t.constraints.push(made);
        }
    });
}

pub(super) fn validate(catalog: &mut Catalog, table: &TableName, name: &Ident) {
    with_table(catalog, table, |t| t.constraints.iter_mut().filter(|c| c.name == *name).for_each(mark_valid));
}

pub(super) fn mark_valid(constraint: &mut Constraint) {
    constraint.valid = true;
    if let Some(text) = constraint.definition.strip_suffix(" NOT VALID") {
        constraint.definition = text.to_owned();
    }
}

pub(super) fn drop(catalog: &mut Catalog, table: &TableName, name: &Ident) {
    let Some(found) = catalog.table(table).and_then(|t| t.constraint(name)).cloned() else { return };
    if found.kind == ConstraintKind::NotNull {
        for column in &found.columns {
            column::change(catalog, table, column, |c| c.not_null = false);
        }
    }
    with_table(catalog, table, |t| {
        t.constraints.retain(|c| c.name != *name);
        t.indexes.retain(|i| i.constraint.as_ref() != Some(name));
    });
    let other = catalog.table(table).and_then(|t| t.primary_key()).is_some_and(|k| k.columns == found.columns);
    if matches!(found.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique) && !other {
        // Foreign keys that need this key were refused unless CASCADE takes them along.
        for other in relations::referencing(catalog, table, &found.columns) {
            with_table(catalog, &other, |t| {
                t.constraints
                    .retain(|c| c.references.as_ref().is_none_or(|r| r.table != *table || r.columns != found.columns));
            });
        }
    }
}

/// The name of a table's share in a constraint of its parent.
pub(super) fn share(catalog: &Catalog, parent: &Constraint, table: &TableName) -> Option<Ident> {
    catalog.table(table).and_then(|t| relations::share(parent, t)).map(|c| c.name.clone())
}

/// True if a partition has just this constraint already, under a name of its own: the server takes that for its share.
fn has_share(catalog: &Catalog, made: &Constraint, part: &TableName) -> bool {
    catalog.table(part).and_then(|t| relations::share(made, t)).is_some_and(|c| c.definition == made.definition)
}

pub(super) fn spell(columns: &[Ident]) -> String {
    dialect(Engine::Postgresql).idents(columns)
}
