//! The law of the way back: from the end of every phase before the first point of no return, the undo of each step in
//! reverse can be sent, and leads to the start.

use super::assemble::Broken;
use super::step::{Act, Phase, Step, Undo};
use crate::engine::replay;
use crate::model::Catalog;
use crate::sql;
use std::collections::BTreeSet;

/// Replays the phases on `start` and takes them back.
///
/// # Errors
/// The step whose undo the server would refuse, or after whose undo something is missing or left over.
pub fn way_back(start: &Catalog, phases: &[Phase]) -> Result<(), Broken> {
    let mut now = start.clone();
    let mut done: Vec<&Step> = Vec::new();
    let wanted = parts(start);
    for phase in phases {
        for step in &phase.steps {
            if matches!(step.undo, Undo::PointOfNoReturn { .. }) {
                return Ok(());
            }
            if let Act::Sql { sql, .. } = &step.act {
                run(&mut now, sql).map_err(|what| broken(step, what))?;
                done.push(step);
            }
        }
        let mut back = now.clone();
        let mut without_not_null = false;
        for step in done.iter().rev() {
            let Undo::Sql { sql, because, .. } = &step.undo else { continue };
            // The one loss that a way back may have, and has to say.
            without_not_null |= because.contains("without NOT NULL");
            run(&mut back, sql).map_err(|what| broken(step, format!("taken back after the phase, {what}")))?;
        }
        let found = parts(&back);
        let differs = wanted.symmetric_difference(&found).find(|p| !without_not_null || !p.contains("NOT NULL"));
        if let (Some(part), Some(last)) = (differs, done.last()) {
            let how = if wanted.contains(part) { "does not bring back" } else { "leaves behind" };
            return Err(broken(last, format!("the way back from there {how} {part}")));
        }
    }
    Ok(())
}

fn broken(step: &Step, what: String) -> Broken {
    Broken { step: format!("{} {}", step.id, step.title), what }
}

fn run(catalog: &mut Catalog, statements: &[String]) -> Result<(), String> {
    for text in statements {
        let read = sql::parse(text, catalog.server.engine)
            .map_err(|p| p.first().map(ToString::to_string).unwrap_or_default())?;
        for located in &read.statements {
            replay(catalog, &located.statement).map_err(|why| format!("`{text}` would be refused: {why}"))?;
        }
    }
    Ok(())
}

/// What is there, by name.
fn parts(catalog: &Catalog) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    for table in &catalog.tables {
        let name = &table.name;
        for column in &table.columns {
            parts.insert(format!("`{name}.{}` of type `{}`", column.name, column.data_type));
            if column.not_null {
                parts.insert(format!("NOT NULL of `{name}.{}`", column.name));
            }
        }
        parts.extend(table.indexes.iter().map(|i| format!("index `{}` of `{name}`", i.name)));
        let constraints = table.constraints.iter().filter(|c| c.kind != crate::model::ConstraintKind::NotNull);
        parts.extend(constraints.map(|c| format!("constraint `{}` of `{name}`", c.name)));
        parts.extend(table.triggers.iter().map(|t| format!("trigger `{}` of `{name}`", t.name)));
    }
    for view in &catalog.views {
        let columns: Vec<String> = view.columns.iter().map(|c| c.name.to_string()).collect();
        parts.insert(format!("view `{}` with columns {}", view.name, columns.join(", ")));
    }
    parts
}
