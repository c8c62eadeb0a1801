//! Steps that must not run again: a later step takes away what they make. Whether that has happened cannot be asked of what
//! they make (it is missing before them, too), so it is asked of something that was there at the start and is gone for good.

use super::step::Check;
use crate::engine::dialect;
use crate::engine::emit::speech::Was;
use crate::model::{Catalog, Ident, TableName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// From which step on a step is a thing of the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Superseded {
    /// Id of the later step.
    pub step: String,
    /// Answers true from that step on, and only then.
    pub since: Check,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Object {
    Column(TableName, Ident),
    Constraint(TableName, Ident),
    Trigger(TableName, Ident),
    Index(TableName),
    /// A column with its type: a swap keeps the name.
    Typed(TableName, Ident, String),
}

/// What a step could make or take away.
pub(super) fn objects(catalog: &Catalog) -> BTreeSet<Object> {
    let mut all = BTreeSet::new();
    for table in &catalog.tables {
        let name = || table.name.clone();
        for column in &table.columns {
            all.insert(Object::Column(name(), column.name.clone()));
            all.insert(Object::Typed(name(), column.name.clone(), column.data_type.clone()));
        }
        all.extend(table.constraints.iter().map(|c| Object::Constraint(name(), c.name.clone())));
        all.extend(table.triggers.iter().map(|t| Object::Trigger(name(), t.name.clone())));
        all.extend(table.indexes.iter().map(|i| Object::Index(table.name.sibling(&i.name.0))));
    }
    all
}

/// For each step the answer, if there is one. `states` holds the objects before the first step and after each; `makes`
/// tells for each step whether it makes what appears with it.
pub(super) fn superseded(
    catalog: &Catalog,
    states: &[BTreeSet<Object>],
    ids: &[String],
    makes: &[bool],
) -> Vec<Option<Superseded>> {
    (0..ids.len())
        .map(|at| {
            let (before, after) = (states.get(at)?, states.get(at + 1)?);
            if !*makes.get(at)? {
                return None;
            }
            let made: Vec<&Object> = after.difference(before).collect();
            let taken = (at + 1..ids.len()).find(|later| {
                let gone = |o: &&Object| {
                    states.get(*later).is_some_and(|s| s.contains(*o))
                        && states.get(later + 1).is_some_and(|s| !s.contains(*o))
                };
                made.iter().any(gone)
            })?;
            (taken..ids.len()).find_map(|later| {
                let since = marker(catalog, states, later)?;
                Some(Superseded { step: ids.get(later)?.clone(), since })
            })
        })
        .collect()
}

/// A question that is answered yes from this step on and never before.
fn marker(catalog: &Catalog, states: &[BTreeSet<Object>], step: usize) -> Option<Check> {
    let (start, before, after) = (states.first()?, states.get(step)?, states.get(step + 1)?);
    let gone = |was: Was| dialect(catalog.server.engine).speech().gone(catalog, was);
    let sql = before.difference(after).find_map(|object| {
        let always = states.iter().take(step + 1).all(|s| s.contains(object));
        let never = states.iter().skip(step + 1).all(|s| !s.contains(object));
        if !(start.contains(object) && always && never) {
            return None;
        }
        match object {
            Object::Column(table, column) => gone(Was::Column(table, column)),
            Object::Constraint(table, name) => gone(Was::Constraint(table, name)),
            Object::Trigger(table, name) => gone(Was::Trigger(table, name)),
            Object::Index(name) => gone(Was::Index(name)),
            Object::Typed(table, column, _) => {
                let new = after.iter().find_map(|o| match o {
                    Object::Typed(t, c, data_type) if t == table && c == column => Some(data_type),
                    _ => None,
                })?;
                let kept = states
                    .iter()
                    .skip(step + 1)
                    .all(|s| s.contains(&Object::Typed(table.clone(), column.clone(), new.clone())));
                // How the server prints a type that users made is up to the search path of whoever asks.
                if !kept || new.contains('.') {
                    return None;
                }
                gone(Was::Typed(table, column, new))
            }
        }
    })?;
    Some(Check { sql, expect: "true".to_owned() })
}
