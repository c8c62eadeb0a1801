//! Checks inside exported files: ask the database itself whether a step is done, and stop when it may not run yet.

use super::index::{IndexWork, index_work};
use super::prepared::{self, Prepared};
use super::serves;
use crate::engine::emit::probe::spelled_index_not_invalid;
use crate::engine::emit::speech::Asks;
use crate::engine::{Dialect, dialect};
use crate::model::Engine;
use crate::model::name::shown;
use crate::plan::{Act, Check, PhaseName, Plan, Step, Sync};
use std::fmt::Write;

/// A condition that must hold, and what to say if it does not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gate {
    pub check: Check,
    pub otherwise: String,
    pub holds: Holds,
}

/// How long a condition stays true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    OnAndOn,
    /// The release that is deployed next may write what the check does not foresee: it is asked before, not after.
    UntilDeploy,
}

/// What must be true before the step at `position` (from 0) may run.
///
/// - The step that changed the database last is done. Older steps are not asked: later ones may rightly have undone what
///   they made (a helper constraint), and each was asked for by the one after it.
/// - What commands outside the database were to do since then is done, where the database can be asked.
/// - The read-only checks since the last change or deploy still answer yes. A release that was deployed after a check
///   may write what the check does not foresee.
/// - The first change of the contract phase: every backfill since the last deploy is complete.
/// - Any change of the contract phase: the release that was deployed last finds all its columns.
pub(super) fn gates_before(plan: &Plan, position: usize) -> Vec<Gate> {
    let steps: Vec<(PhaseName, &Step)> = plan.steps().collect();
    let before = steps.get(..position).unwrap_or(&steps);
    let last_change = before.iter().rposition(|(_, s)| s.changes_database());
    let barrier = before.iter().rposition(|(_, s)| is_barrier(s));
    let mut gates = Vec::new();
    if let Some((_, step)) = last_change.and_then(|i| before.get(i))
        && !(matches!(step.act, Act::Backfill { .. }) && barrier > last_change)
    {
        gates.extend(done(step));
    }
    // What a command outside the database was to do, the database may know.
    let outside = before.iter().skip(last_change.map_or(0, |i| i + 1));
    gates.extend(outside.filter(|(_, s)| matches!(s.act, Act::External { .. })).filter_map(|(_, step)| done(step)));
    for (_, step) in before.iter().skip(barrier.map_or(0, |i| i + 1)) {
        let (Act::Verify { sql } | Act::Wait { sql, .. }) = &step.act else { continue };
        gates.extend(sql.iter().map(|sql| Gate {
            check: Check { sql: sql.clone(), expect: "true".to_owned() },
            otherwise: format!("the check of step {} does not answer true", step.id),
            holds: Holds::UntilDeploy,
        }));
    }
    let contracts = |(phase, step): &(PhaseName, &Step)| *phase == PhaseName::Contract && step.changes_database();
    if steps.get(position).is_some_and(contracts) && !before.iter().any(contracts) && plan.policy.sync == Sync::Trigger
    {
        // After a switch the names in a backfill's check mean other columns; after a deploy a release may rightly write
        // what the check takes for a row that was left out, and the plan's own comparison stands before that deploy.
        let over =
            |(phase, step): &(PhaseName, &Step)| *phase == PhaseName::Switch || matches!(step.act, Act::Deploy { .. });
        let since = before.iter().rposition(over).map_or(0, |i| i + 1);
        let backfills = before.iter().skip(since).filter(|(_, s)| matches!(s.act, Act::Backfill { .. }));
        gates.extend(backfills.filter_map(|(_, step)| done(step)));
    }
    if steps.get(position).is_some_and(contracts) {
        // A check of something that is taken away answers yes where it never was: what the newest release needs tells the two
        // apart, and without it nothing may be dropped.
        let deployed = before.iter().rev().find_map(|(_, s)| match &s.act {
            Act::Deploy { release } => Some(release),
            _ => None,
        });
        let served = deployed.and_then(|release| Some((release, serves::all_columns(plan, release)?)));
        gates.extend(served.map(|(release, check)| Gate {
            check,
            otherwise: format!(
                "columns that release {release} uses are not there: the steps before this one have not run"
            ),
            holds: Holds::OnAndOn,
        }));
    }
    // What a cancelled build leaves behind is this step's own to clear away: its file may be run again.
    let own: Vec<String> = steps.get(position).map(|(_, step)| leftovers(step, plan.server.engine)).unwrap_or_default();
    let mut asked: Vec<Check> = Vec::new();
    gates.retain(|gate| {
        let fresh = !asked.contains(&gate.check) && !own.contains(&gate.check.sql);
        asked.push(gate.check.clone());
        fresh
    });
    gates
}

/// The checks that ask for a half-built index which the step itself builds.
fn leftovers(step: &Step, engine: Engine) -> Vec<String> {
    let names = step.sql().iter().filter_map(|sql| match index_work(sql, engine)? {
        IndexWork::BuildConcurrently { index, .. } => Some(spelled_index_not_invalid(&index)),
        IndexWork::Drop { .. } => None,
    });
    names.collect()
}

fn done(step: &Step) -> Option<Gate> {
    let otherwise = format!("step {} is not done: run it first", step.id);
    let holds = if matches!(step.act, Act::Backfill { .. }) { Holds::UntilDeploy } else { Holds::OnAndOn };
    step.done_when.as_ref().map(|check| Gate { check: check.clone(), otherwise, holds })
}

fn is_barrier(step: &Step) -> bool {
    step.changes_database() || matches!(step.act, Act::Deploy { .. } | Act::External { .. })
}

/// `query` as an expression that is true or false, never NULL; its last line may be a comment.
pub(super) fn holds(check: &Check, dialect: &dyn Dialect) -> String {
    let (sql, expect) = (check.sql.trim().trim_end_matches(';'), dialect.literal(&check.expect));
    match dialect.speech().asks() {
        Asks::Block => format!("COALESCE(((\n{sql}\n))::text = {expect}, false)"),
        Asks::Prepared => format!("COALESCE((\n{sql}\n) = {expect}, FALSE)"),
    }
}

/// Raises `message` unless the check holds, as lines of a block's body.
pub(super) fn stop_unless(check: &Check, message: &str, dialect: &dyn Dialect) -> String {
    format!(
        "  IF NOT {} THEN\n    RAISE EXCEPTION USING MESSAGE = {};\n  END IF;\n",
        holds(check, dialect),
        dialect.literal(&format!("sidestep: {message}"))
    )
}

/// A statement that raises `message` unless the condition holds. Works in every client, inside a transaction or not.
pub(super) fn raise_unless(check: &Check, message: &str, engine: Engine) -> String {
    anonymous(&format!("BEGIN\n{}END", stop_unless(check, message, dialect(engine))))
}

/// The same as statements of which one stops, in the engine's way.
pub(super) fn stops_unless(check: &Check, message: &str, plan: &Plan) -> Vec<String> {
    match dialect(plan.server.engine).speech().asks() {
        Asks::Block => vec![raise_unless(check, message, plan.server.engine)],
        Asks::Prepared => {
            let mut all = Prepared::new(plan);
            all.stop_unless(check, message);
            all.sent()
        }
    }
}

/// A statement that always raises.
pub(super) fn raise(message: &str, engine: Engine) -> String {
    if dialect(engine).speech().asks() == Asks::Prepared {
        return prepared::stop(message, engine);
    }
    // In one line: reasons are a plan's own words, and some tools obey lines.
    let message = dialect(engine).literal(&format!("sidestep: {}", shown(message)));
    anonymous(&format!("BEGIN\n  RAISE EXCEPTION USING MESSAGE = {message};\nEND"))
}

/// `DO` with a dollar quote that the body does not hold.
pub(super) fn anonymous(body: &str) -> String {
    let mut tag = "$sidestep$".to_owned();
    let mut number = 0u32;
    while body.contains(&tag) {
        number += 1;
        tag = format!("$sidestep{number}$");
    }
    format!("DO {tag}\n{body}\n{tag}")
}

/// A statement with its semicolon; on a line of its own where a comment would swallow it.
pub(super) fn statement(out: &mut String, sql: &str) {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let in_comment = sql.lines().last().is_some_and(|line| line.contains("--"));
    let _ = writeln!(out, "{sql}{};", if in_comment { "\n" } else { "" });
}
