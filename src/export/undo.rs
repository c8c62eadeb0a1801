//! The way back as psql files, numbered from the last step to the first; one begins with the last step that was begun.
//! Running a file twice does no harm. A step's check cannot tell "not yet" from "taken back", so the order is the reader's.

use super::ExportError;
use super::gate::{holds, raise, statement};
use super::header::comment;
use super::index::{IndexWork, index_work};
use super::layout::{MARK, Placed, slug};
use super::psql::{body, build_index, preamble, sendable, timeout};
use crate::engine::dialect;
use crate::plan::{Plan, TransactionMode, Undo};
use std::fmt::Write;

/// Path and content; none where there is nothing to take back.
pub(super) fn file(plan: &Plan, placed: &Placed<'_>) -> Result<Option<(String, String)>, ExportError> {
    let step = placed.step;
    let from_the_end = plan.steps().count() + 1 - placed.number;
    let path =
        format!("undo/{from_the_end:0width$}_undo_{}_{}.sql", placed.digits(), slug(&step.title), width = placed.width);
    let mut out = String::new();
    comment(&mut out, &format!("{MARK}{} · undo of step {} · {}", plan.id, step.id, step.title));
    let mut act = String::new();
    match &step.undo {
        Undo::Nothing { .. } => return Ok(None),
        Undo::PointOfNoReturn { because } => {
            comment(&mut out, &format!("no way back: {because}"));
            statement(&mut act, &raise(&format!("step {} cannot be undone", step.id), plan.server.engine));
        }
        Undo::Sql { sql, transaction, timeouts, because } => {
            sendable(&step.id, sql)?;
            comment(&mut out, because);
            if *transaction == TransactionMode::Single {
                body(&mut act, sql, *transaction, *timeouts, plan);
            } else {
                let _ = writeln!(act, "SET lock_timeout = {};", timeout(timeouts.lock_ms));
                let _ = writeln!(act, "SET statement_timeout = {};", timeout(timeouts.statement_ms));
                sql.iter().for_each(|sql| alone(&mut act, sql, plan));
            }
        }
    }
    comment(&mut out, &format!("run: psql -X -f {path}"));
    preamble(&mut out, &format!("undo {}", step.id));
    // An atomic step is done or was never begun. Any other may be half done, and its undo must run then, too.
    let atomic =
        step.transaction() == Some(TransactionMode::Single) || matches!(step.undo, Undo::PointOfNoReturn { .. });
    match step.done_when.as_ref().filter(|_| atomic) {
        Some(check) => {
            let _ = writeln!(out, "SELECT {} AS sidestep_done\n\\gset", holds(check, dialect(plan.server.engine)));
            let _ = writeln!(out, "\\if :sidestep_done\n\n{act}\n\\else");
            let _ = writeln!(out, "\\echo 'step {} is not done: nothing to undo'\n\\endif", step.id);
        }
        None => out.push_str(&act),
    }
    Ok(Some((path, out)))
}

/// A statement outside any transaction, such that a second run does no harm where that can be known.
fn alone(out: &mut String, sql: &str, plan: &Plan) {
    let dialect = dialect(plan.server.engine);
    match index_work(sql, plan.server.engine) {
        Some(IndexWork::Drop { index }) => {
            let sql = sql.trim().trim_end_matches(';');
            let _ = writeln!(
                out,
                "SELECT {} WHERE to_regclass({}) IS NOT NULL\n\\gexec",
                dialect.literal(sql),
                dialect.literal(&index)
            );
        }
        Some(IndexWork::BuildConcurrently { index, table }) => build_index(out, sql, &index, &table, plan),
        None => statement(out, sql),
    }
}
