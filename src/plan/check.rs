//! The laws every plan obeys. Run on each plan before it is shown: a plan that breaks one is a bug, and is not printed.

use super::assemble::Broken;
use super::step::{Act, Plan, Severity, Step, TransactionMode, Undo};
use crate::model::Work;

/// Statements that PostgreSQL refuses inside a transaction block stand alone; each step has timeouts; nothing claims to
/// restore what is gone; no running release meets a schema it cannot use; heavy blocking work carries a hazard.
///
/// # Errors
/// The first law broken, with its step.
pub fn laws(plan: &Plan) -> Result<(), Broken> {
    let mut gone = false;
    for (_, step) in plan.steps() {
        sending(step)?;
        if gone && matches!(&step.undo, Undo::Sql { because, .. } if because.contains("start")) {
            return Err(broken(step, "claims a way back to the start after the point of no return"));
        }
        gone |= matches!(step.undo, Undo::PointOfNoReturn { .. });
        let heavy = matches!(step.work, Work::Rewrite | Work::Scan | Work::IndexBuild | Work::Unknown)
            && step.locks.iter().any(crate::model::Lock::blocks_traffic)
            && step.blocked.high_s().is_none_or(|s| s > 1.0);
        if heavy && !step.hazards.iter().any(|h| h.severity >= Severity::Warning) {
            return Err(broken(step, "blocks traffic during heavy work and raises no hazard"));
        }
    }
    running_releases(plan)
}

fn sending(step: &Step) -> Result<(), Broken> {
    let (Act::Sql { sql, transaction, .. } | Act::Backfill { sql, transaction, .. }) = &step.act else { return Ok(()) };
    if sql.is_empty() {
        return Err(broken(step, "has no statement"));
    }
    if sql.iter().any(|s| s.trim().is_empty() || s.trim_end().ends_with(';')) {
        return Err(broken(step, "holds an empty statement or a trailing semicolon"));
    }
    let alone = sql.iter().any(|s| {
        let upper = s.to_uppercase();
        upper.contains(" CONCURRENTLY ") && !upper.starts_with("REFRESH")
    });
    if alone && (*transaction == TransactionMode::Single || sql.len() > 1) {
        return Err(broken(step, "holds a statement that must stand alone outside a transaction"));
    }
    Ok(())
}

fn running_releases(plan: &Plan) -> Result<(), Broken> {
    for row in &plan.grid {
        if let Some(release) = row.running.iter().find(|r| row.works.get(*r) == Some(&false)) {
            let why = row.because.get(release).cloned().unwrap_or_default();
            return Err(Broken {
                step: row.step.clone(),
                what: format!("release {release} may be running and does not work: {why}"),
            });
        }
    }
    Ok(())
}

fn broken(step: &Step, what: &str) -> Broken {
    Broken { step: format!("{} {}", step.id, step.title), what: what.to_owned() }
}
