//! The comment at the head of every exported SQL file: what it is, what it locks, how it is run and run again.

use super::layout::{MARK, Placed};
use crate::engine::dialect;
use crate::engine::emit::speech::Asks;
use crate::model::Lock;
use crate::model::name::shown;
use crate::plan::{Act, Plan, Severity, Step};
use std::fmt::Write;

/// One comment line; control characters and line ends in `text` cannot leave it.
pub(super) fn comment(out: &mut String, text: &str) {
    let _ = writeln!(out, "-- {}", shown(text));
}

/// The file's first lines, the same for all tools. The first carries the plan's hash.
pub(super) fn header(out: &mut String, plan: &Plan, placed: &Placed<'_>) {
    let step = placed.step;
    comment(out, &format!("{MARK}{} · step {} · {}", plan.id, step.id, step.title));
    comment(out, &format!("for {} · {} phase", plan.server, placed.phase.title().to_lowercase()));
    if !step.why.is_empty() {
        // Words of ours at the head of each line: no text of a plan can pass for a tool's directive.
        comment(out, &format!("why: {}", step.why));
    }
    if step.changes_database() {
        comment(out, &format!("locks: {}", locks(&step.locks)));
        comment(out, &format!("work: {} · blocks traffic: {} · takes: {}", work(step), step.blocked, step.wall));
        for hazard in step.hazards.iter().filter(|h| h.severity > Severity::Note) {
            comment(out, &format!("careful: {}", hazard.told()));
        }
        for abort in &step.abort_if {
            comment(out, &format!("stop if: {abort}"));
        }
        comment(out, retry(&step.act, dialect(plan.server.engine).speech().asks()));
    }
}

/// `ACCESS EXCLUSIVE on public.users (blocks reads, writes, ddl)`.
pub(super) fn locks(locks: &[Lock]) -> String {
    if locks.is_empty() {
        return "none on a table".to_owned();
    }
    let each = locks.iter().map(|lock| {
        let blocks: Vec<&str> = lock.blocks.iter().map(|b| blocks_name(*b)).collect();
        let blocks = if blocks.is_empty() { "nothing".to_owned() } else { blocks.join(", ") };
        format!("{} on {} (blocks {blocks})", lock.mode, lock.object)
    });
    each.collect::<Vec<_>>().join("; ")
}

pub(super) fn blocks_name(blocks: crate::model::Blocks) -> &'static str {
    match blocks {
        crate::model::Blocks::Reads => "reads",
        crate::model::Blocks::Writes => "writes",
        crate::model::Blocks::Ddl => "DDL",
    }
}

/// `rewrite of 3.4 GB`.
pub(super) fn work(step: &Step) -> String {
    match step.bytes {
        Some(bytes) if bytes.0 > 0 => format!("{} of {bytes}", step.work),
        _ => step.work.to_string(),
    }
}

/// What a failure left behind and how to go on.
fn retry(act: &Act, asks: Asks) -> &'static str {
    use crate::plan::TransactionMode::{None, PerBatch, Single};
    match act {
        Act::Sql { .. } if asks == Asks::Prepared => {
            "retry: every statement commits by itself. After `Lock wait timeout exceeded` wait some seconds and run it again: \
             it asks what is done already"
        }
        Act::Sql { transaction: Single, .. } => {
            "retry: it is one transaction. After `canceling statement due to lock timeout` nothing has changed: \
             wait some seconds and run it again"
        }
        Act::Sql { transaction: None | PerBatch, .. } => {
            "retry: outside any transaction. After a failure run it again: what is done is left alone, \
             an invalid leftover index is dropped first"
        }
        _ => {
            "retry: it commits after every batch. Finished batches stay; run it again and it goes on with what remains"
        }
    }
}
