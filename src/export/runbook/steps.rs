//! The steps of the runbook: command, locks, how to see that it is done, what to watch, when to stop, the way back.

use super::super::header::work;
use super::super::layout::{Placed, place};
use super::super::markdown::{block, cell, code, inline};
use super::super::text::load_lines;
use super::words;
use crate::engine::emit::speech::Client;
use crate::plan::{Act, Plan, Step, Timeouts, TransactionMode, Undo};
use std::fmt::Write;

pub(super) fn section(out: &mut String, plan: &Plan) {
    out.push_str("## Steps\n\n");
    let mut phase = None;
    for placed in place(plan) {
        if phase != Some(placed.phase) {
            phase = Some(placed.phase);
            let _ = writeln!(out, "### {}\n", placed.phase.title());
        }
        step(out, plan, &placed);
    }
}

fn step(out: &mut String, plan: &Plan, placed: &Placed<'_>) {
    let step = placed.step;
    let _ = writeln!(out, "#### {} {}\n", step.id, inline(&step.title));
    if !step.why.is_empty() {
        let _ = writeln!(out, "{}\n", inline(&step.why));
    }
    match &step.act {
        Act::Sql { transaction, timeouts, .. } | Act::Backfill { transaction, timeouts, .. } => {
            facts(out, step, *transaction, *timeouts, words::client(plan));
        }
        Act::Verify { .. } => out.push_str("Read only. Every query must answer `true`:\n\n"),
        Act::Deploy { release } => {
            let title = plan.release(release).map_or("", |r| r.title.as_str());
            let _ = writeln!(
                out,
                "Deploy **{release}** ({}) everywhere, workers and scheduled jobs too, and wait until no older process runs.\n",
                inline(title)
            );
        }
        Act::Approve { question } => {
            let _ = writeln!(out, "**{}**\n\n- [ ] approved by ________________ at ________\n", inline(question));
        }
        Act::Wait { until, .. } => {
            let _ = writeln!(out, "Wait until {}.\n", inline(until));
        }
        Act::External { command, .. } => {
            out.push_str("Outside the database:\n\n");
            out.push_str(&block("console", command));
            out.push('\n');
        }
    }
    for hazard in &step.hazards {
        let _ = writeln!(out, "> **{}**: {}\n", hazard.label(), inline(&hazard.told()));
    }
    if !step.sql().is_empty() {
        out.push_str(&block("sql", &words::sent(step, words::client(plan))));
        out.push('\n');
    }
    let (export, file) = words::file(plan, placed);
    let _ = writeln!(out, "From the {export} export: {}\n", code(&file));
    if let Some(other) = words::beside(step) {
        let _ = writeln!(out, "{}\n", inline(&other));
    }
    if let Some(check) = &step.done_when {
        let _ = writeln!(out, "Done when this answers {}:\n", code(&check.expect));
        out.push_str(&block("sql", &format!("{};", check.sql.trim_end_matches(';'))));
        out.push('\n');
    }
    for watch in &step.watch {
        let _ = writeln!(out, "Watch {}:\n", inline(&watch.title));
        out.push_str(&block("sql", &format!("{};", watch.sql.trim_end_matches(';'))));
        out.push('\n');
    }
    if !step.abort_if.is_empty() {
        out.push_str("Stop and go back if:\n\n");
        for line in &step.abort_if {
            let _ = writeln!(out, "- {}", inline(line));
        }
        out.push('\n');
    }
    if step.changes_database() {
        undo(out, step, words::client(plan));
    }
    out.push_str("- [ ] done at ________ by ________\n\n");
}

fn facts(out: &mut String, step: &Step, mode: TransactionMode, timeouts: Timeouts, client: Client) {
    out.push_str("| | |\n|---|---|\n");
    let _ = writeln!(out, "| blocks traffic | {} |", cell(&words::estimate(&step.blocked)));
    let _ = writeln!(out, "| takes | {} |", cell(&words::estimate(&step.wall)));
    let _ = writeln!(out, "| work | {} |", work(step));
    for (what, figure, because) in load_lines(&step.load) {
        let _ = writeln!(out, "| {what} | {figure} ({}) |", cell(because));
    }
    if step.locks.is_empty() {
        out.push_str("| locks | none on a table |\n");
    }
    for lock in &step.locks {
        let waits = words::who_waits(lock, client);
        let _ = writeln!(out, "| lock | {} on {}; who waits: {waits} |", lock.mode, code(&lock.object));
    }
    let _ = writeln!(out, "| sent | {} |\n", words::how_sent(mode, client));
    if timeouts.lock_ms > 0 && mode == TransactionMode::Single {
        let _ = writeln!(out, "{}\n", words::RETRY);
    }
}

fn undo(out: &mut String, step: &Step, client: Client) {
    match &step.undo {
        Undo::Nothing { because } => {
            let _ = writeln!(out, "Rollback: nothing to take back; {}.\n", inline(because));
        }
        Undo::PointOfNoReturn { because } => {
            let _ = writeln!(out, "**No rollback from here on**: {}.\n", inline(because));
        }
        Undo::Sql { sql, because, transaction, .. } => {
            let alone = words::alone(*transaction, client);
            let _ = writeln!(out, "Rollback{alone} ({}):\n", inline(because));
            let sql: String = sql.iter().map(|s| format!("{};\n", s.trim_end_matches(';'))).collect();
            out.push_str(&block("sql", &sql));
            out.push('\n');
        }
    }
}

/// The way back from each step, last step first.
pub(super) fn rollback(out: &mut String, plan: &Plan) {
    out.push_str("## The way back\n\nBegin with the last step that was begun and go up the plan.\n\n| step | undo |\n|---|---|\n");
    let steps: Vec<&Step> = plan.steps().map(|(_, s)| s).collect();
    for step in steps.into_iter().rev() {
        let way = match (&step.act, &step.undo) {
            (Act::Deploy { release }, _) => format!("deploy the release before {release} again"),
            (_, Undo::PointOfNoReturn { because }) => format!("**none**: {}", cell(because)),
            (_, Undo::Sql { because, .. }) => cell(because),
            (_, Undo::Nothing { because }) if step.changes_database() => format!("nothing: {}", cell(because)),
            _ => continue,
        };
        let _ = writeln!(out, "| {} {} | {way} |", step.id, cell(&step.title));
    }
    out.push('\n');
}
