//! A key and the columns that hold its values: which belong together when its type changes, and how values go there and back.

use super::carry::parse_constraint;
use super::together::Back;
use crate::change::wish::Wish;
use crate::model::{Catalog, Constraint, Ident, Table, TableName};
use crate::sql::{Alter, ConstraintBody, canonical_type};
use std::collections::BTreeSet;

/// The column and the type that the action gives it: a wider integer, or `uuid` for a text that spells one.
pub fn conversion(catalog: &Catalog, table: &TableName, action: &Alter) -> Option<(Ident, String)> {
    let Alter::SetType { column, data_type, collation: None, using } = action else { return None };
    let found = catalog.table(table)?.column(column)?;
    let to = canonical_type(data_type);
    let plain = using.as_ref().is_none_or(|u| {
        u.understood && u.functions.is_empty() && !u.has_subquery && canonical_cast(&u.sql, column, &to)
    });
    (plain && back(&found.data_type, &to).is_some()).then(|| (column.clone(), to))
}

/// How a value of the new type is written into a column of the old one; none: not every value can be.
pub fn back(from: &str, to: &str) -> Option<Back> {
    if let (Some(from), Some(to)) = (width(from), width(to)) {
        return (to > from).then_some(Back::LowBits);
    }
    (to == "uuid" && holds_uuid(from)).then_some(Back::Text)
}

/// A text type that every `uuid` fits into.
fn holds_uuid(data_type: &str) -> bool {
    let limit =
        data_type.strip_prefix("character varying(").and_then(|t| t.strip_suffix(')')).and_then(|n| n.parse().ok());
    matches!(data_type, "text" | "character varying") || limit.is_some_and(|n: u32| n >= 36)
}

/// `USING id::bigint` says nothing new.
fn canonical_cast(text: &str, column: &Ident, to: &str) -> bool {
    let text = text.trim();
    match text.split_once("::") {
        Some((value, cast)) => value.trim().trim_matches('"') == column.as_str() && canonical_type(cast.trim()) == to,
        None => text.trim_matches('"') == column.as_str(),
    }
}

fn width(data_type: &str) -> Option<u8> {
    match data_type {
        "smallint" => Some(2),
        "integer" => Some(4),
        "bigint" => Some(8),
        _ => None,
    }
}

/// A column that a second one cannot take over without more: others reference it, or it is part of the primary key.
pub fn is_key(catalog: &Catalog, table: &TableName, column: &Ident) -> bool {
    let Some(found) = catalog.table(table) else { return false };
    found.primary_key().is_some_and(|k| k.columns.contains(column))
        || found.column(column).is_some_and(|c| c.identity.is_some())
        || referencing(catalog, table, column).next().is_some()
}

/// Columns whose foreign key points at the column.
pub fn referencing<'c>(
    catalog: &'c Catalog,
    table: &'c TableName,
    column: &'c Ident,
) -> impl Iterator<Item = (&'c Table, &'c Ident)> {
    catalog.referenced_by(table).filter_map(move |(child, key)| {
        let at = key.references.as_ref()?.columns.iter().position(|c| c == column)?;
        Some((child, key.columns.get(at)?))
    })
}

/// The column and everything of a type to be changed that references it, at any depth.
pub fn downwards(catalog: &Catalog, table: &TableName, column: &Ident, to: &str) -> BTreeSet<(TableName, Ident)> {
    let mut found = BTreeSet::from([(table.clone(), column.clone())]);
    let mut open = vec![(table.clone(), column.clone())];
    while let Some((table, column)) = open.pop() {
        for (child, c) in referencing(catalog, &table, &column) {
            let narrower = child.column(c).is_some_and(|c| back(&c.data_type, to).is_some());
            let member = (child.name.clone(), c.clone());
            if narrower && found.insert(member.clone()) {
                open.push(member);
            }
        }
    }
    found
}

/// What the script does to a foreign key between columns of the family: dropped first and added again just so, since a
/// server would not change the types under it. Their places among the script's atoms.
pub fn put_aside(wish: &Wish, child: &Table, key: &Constraint) -> Vec<usize> {
    let dropped = wish.alters().find_map(|(at, t, action)| match action {
        Alter::DropConstraint { name, .. } if *t == child.name && *name == key.name => Some(at),
        _ => None,
    });
    let added = wish.alters().find_map(|(at, t, action)| match action {
        Alter::AddConstraint(c) if *t == child.name && !c.not_valid && again(wish.catalog, key, &c.body) => Some(at),
        _ => None,
    });
    match (dropped, added) {
        (Some(dropped), Some(added)) => vec![dropped, added],
        _ => Vec::new(),
    }
}

fn again(catalog: &Catalog, key: &Constraint, body: &ConstraintBody) -> bool {
    let (ConstraintBody::ForeignKey { columns, table, referenced, actions }, Some(reference)) = (body, &key.references)
    else {
        return false;
    };
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    let before = parse_constraint(&key.definition).and_then(|c| match c.body {
        ConstraintBody::ForeignKey { actions, .. } => Some(words(&actions)),
        _ => None,
    });
    *columns == key.columns
        && table.resolve(catalog) == reference.table
        && (referenced.is_empty() || *referenced == reference.columns)
        && before == Some(words(actions))
}
