//! `LIKE table INCLUDING …` among the columns of a new table: what is copied, under which names.

use super::{column, constraint, index, with_table};
use crate::model::{Catalog, Constraint, ConstraintKind, TableName};
use crate::sql::LikeTable;

/// Copies into `table`, which is there already, what the options ask of the other one.
pub(super) fn copy(catalog: &mut Catalog, table: &TableName, like: &LikeTable) {
    let Some(source) = like.table.table(catalog).cloned() else { return };
    // The last word wins: INCLUDING ALL EXCLUDING INDEXES.
    let wants = |what: &str| {
        let said = like.options.iter().rev().find(|o| o.ends_with(" all") || o.ends_with(&format!(" {what}")));
        said.is_some_and(|o| o.starts_with("including"))
    };
    let columns = source.columns.iter().map(|own| {
        let mut made = own.clone();
        made.grants.clear();
        if !wants("defaults") {
            made.default = None;
        }
        if !wants("generated") {
            made.generated = None;
        }
        if !wants("storage") {
            made.storage = None;
        }
        if !wants("comments") {
            made.comment = None;
        }
        made.identity = None;
        made
    });
    let columns: Vec<_> = columns.collect();
    with_table(catalog, table, |t| t.columns.extend(columns.clone()));
    for (own, made) in source.columns.iter().zip(&columns) {
        if let Some(identity) = own.identity.filter(|_| wants("identity")) {
            column::add_identity(catalog, table, &made.name, identity);
        }
    }
    let copied = |c: &&Constraint| {
        c.kind == ConstraintKind::NotNull || (c.kind == ConstraintKind::Check && wants("constraints"))
    };
    for own in source.constraints.iter().filter(copied) {
        // An empty table proves everything.
        let mut made = own.clone();
        constraint::mark_valid(&mut made);
        constraint::put(catalog, table, made);
    }
    if !wants("indexes") {
        return;
    }
    for own in &source.indexes {
        let made = index::share(catalog, table, own);
        if let Some(owner) = own.constraint.as_ref().and_then(|c| source.constraint(c)) {
            constraint::put(catalog, table, Constraint { name: made.name.clone(), ..owner.clone() });
        }
        index::put(catalog, table, made);
    }
}
