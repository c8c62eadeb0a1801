//! Locks of a partitioned table in the order in which its readers take them: the parent, then the partitions.

use crate::engine::dialect;
use crate::model::{Catalog, TableKind, TableName};
use crate::sql::{self, Statement};

/// DROP TRIGGER takes ACCESS EXCLUSIVE on the partitions before it takes it on their parent, where a reader goes the other
/// way: one of the two would be cancelled as a deadlock. `sql` is one transaction; it locks such a parent first.
pub(super) fn parent_first(statements: &mut Vec<String>, catalog: &Catalog) {
    if !catalog.tables.iter().any(|t| t.kind == TableKind::Partitioned) {
        return;
    }
    let engine = catalog.server.engine;
    let mut parents: Vec<TableName> = Vec::new();
    for text in statements.iter() {
        let Ok(script) = sql::parse(text, engine) else { continue };
        for located in &script.statements {
            let Statement::DropTrigger { table, .. } = &located.statement else { continue };
            let parent = table.table(catalog).filter(|t| t.kind == TableKind::Partitioned);
            parents.extend(parent.map(|t| t.name.clone()).filter(|name| !parents.contains(name)));
        }
    }
    parents.sort();
    let names: Vec<String> = parents.iter().map(|t| dialect(engine).name(t)).collect();
    if names.is_empty() || statements.first().is_some_and(|s| s.starts_with("LOCK TABLE ")) {
        return;
    }
    statements.insert(0, format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", ")));
}
