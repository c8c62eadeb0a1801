//! `DETACH PARTITION … CONCURRENTLY`, which leaves the partition pending when it is interrupted: the same file run again ends
//! that detaching instead of beginning another.

use super::gate::statement;
use crate::engine::{Dialect, dialect};
use crate::model::{Engine, TableName};
use crate::sql::{Alter, ObjectName, Statement, parse};
use std::fmt::Write;

/// The partition that leaves concurrently, spelled as SQL.
pub(super) fn leaving(sql: &str, engine: Engine) -> Option<String> {
    let script = parse(sql, engine).ok()?;
    let [only] = script.statements.as_slice() else { return None };
    let Statement::AlterTable { actions, .. } = &only.statement else { return None };
    let [one] = actions.as_slice() else { return None };
    match &one.action {
        Alter::DetachPartition { partition, concurrently: true } => Some(spelled(partition, dialect(engine))),
        _ => None,
    }
}

fn spelled(name: &ObjectName, dialect: &dyn Dialect) -> String {
    match &name.schema {
        Some(schema) => dialect.name(&TableName { schema: schema.clone(), name: name.name.clone() }),
        None => dialect.ident(&name.name),
    }
}

/// Ends a pending detaching; begins one where the table is a partition still.
pub(super) fn detach(out: &mut String, sql: &str, partition: &str, engine: Engine) {
    let name = dialect(engine).literal(partition);
    let _ = writeln!(
        out,
        "SELECT format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', inhparent::regclass, inhrelid::regclass)\n\
         FROM pg_inherits WHERE inhrelid = to_regclass({name}) AND inhdetachpending\n\\gexec"
    );
    let _ = writeln!(
        out,
        "SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass({name})) AS sidestep_detach\n\\gset\n\\if :sidestep_detach"
    );
    statement(out, sql);
    out.push_str("\\endif\n");
}
