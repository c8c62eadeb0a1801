//! Read-only questions about types, domains and extensions whose answer is one boolean: `done_when` of the steps.

use crate::engine::dialect;
use crate::model::{Engine, Ident, TableName};

fn literal(text: &str) -> String {
    dialect(Engine::Postgresql).literal(text)
}

/// The type's object id; NULL if there is none of this name.
pub fn regtype(name: &TableName) -> String {
    format!("pg_catalog.to_regtype({})", literal(&dialect(Engine::Postgresql).name(name)))
}

pub fn type_exists(name: &TableName) -> String {
    format!("SELECT {} IS NOT NULL", regtype(name))
}

pub fn type_gone(name: &TableName) -> String {
    format!("SELECT {} IS NULL", regtype(name))
}

/// `kind` is `typtype`: `e` enum, `d` domain, `c` row type.
pub fn type_is(name: &TableName, kind: char) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_type WHERE oid = {} AND typtype = '{kind}')", regtype(name))
}

pub fn label_exists(name: &TableName, label: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_enum WHERE enumtypid = {} AND enumlabel = {})",
        regtype(name),
        literal(label)
    )
}

/// `role` without quotes.
pub fn type_owner_is(name: &TableName, role: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_type WHERE oid = {} AND typowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = {role}))",
        regtype(name)
    )
}

fn constraint(name: &TableName, constraint: &Ident, condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE contypid = {} AND conname = {}{condition})",
        regtype(name),
        literal(constraint.as_str())
    )
}

pub fn domain_constraint_exists(name: &TableName, one: &Ident) -> String {
    format!("SELECT {}", constraint(name, one, ""))
}

pub fn domain_constraint_valid(name: &TableName, one: &Ident) -> String {
    format!("SELECT {}", constraint(name, one, " AND convalidated"))
}

pub fn domain_constraint_gone(name: &TableName, one: &Ident) -> String {
    format!("SELECT NOT {}", constraint(name, one, ""))
}

fn type_row(name: &TableName, condition: &str) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_type WHERE oid = {} AND {condition})", regtype(name))
}

pub fn domain_not_null(name: &TableName) -> String {
    type_row(name, "typnotnull")
}

pub fn domain_nullable(name: &TableName) -> String {
    type_row(name, "NOT typnotnull")
}

/// True once the default differs from `before` (as the server prints it; none: there was none).
pub fn domain_default_changed(name: &TableName, before: Option<&str>) -> String {
    type_row(name, &format!("typdefault IS DISTINCT FROM {}", before.map_or_else(|| "NULL".to_owned(), literal)))
}

/// `presence`: empty, or `NOT `.
pub fn attribute(name: &TableName, attribute: &Ident, presence: &str) -> String {
    format!(
        "SELECT {presence}EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.typrelid = a.attrelid \
         WHERE t.oid = {} AND a.attname = {} AND NOT a.attisdropped)",
        regtype(name),
        literal(attribute.as_str())
    )
}
