//! Checks inside exported files: ask the database itself whether a step is done, and stop when it may not run yet.

use crate::engine::{Dialect, dialect};
use crate::model::Engine;
use crate::plan::{Act, Check, Plan, Step};
use std::fmt::Write;

/// A condition that must hold, and what to say if it does not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gate {
    pub check: Check,
    pub otherwise: String,
}

/// What must be true before the step at `position` (from 0) may run: the step that changed the database last is done,
/// and the read-only checks since then still answer yes. Older steps are not asked: later ones may rightly have
/// undone what they made (a helper constraint), and each was asked for by the one after it.
pub(super) fn gates_before(plan: &Plan, position: usize) -> Vec<Gate> {
    let before: Vec<&Step> = plan.steps().map(|(_, s)| s).take(position).collect();
    let last_change = before.iter().rposition(|s| s.changes_database());
    let mut gates = Vec::new();
    if let Some((step, check)) =
        last_change.and_then(|i| before.get(i)).and_then(|s| s.done_when.as_ref().map(|c| (s, c)))
    {
        gates.push(Gate { check: check.clone(), otherwise: format!("step {} is not done: run it first", step.id) });
    }
    for step in before.iter().skip(last_change.map_or(0, |i| i + 1)) {
        let (Act::Verify { sql } | Act::Wait { sql, .. }) = &step.act else { continue };
        gates.extend(sql.iter().map(|sql| Gate {
            check: Check { sql: sql.clone(), expect: "true".to_owned() },
            otherwise: format!("the check of step {} does not answer true", step.id),
        }));
    }
    let mut asked: Vec<Check> = Vec::new();
    gates.retain(|gate| {
        let fresh = !asked.contains(&gate.check);
        asked.push(gate.check.clone());
        fresh
    });
    gates
}

/// `query` as an expression that is true or false, never NULL; its last line may be a comment.
pub(super) fn holds(check: &Check, dialect: &dyn Dialect) -> String {
    let sql = check.sql.trim().trim_end_matches(';');
    format!("COALESCE(((\n{sql}\n))::text = {}, false)", dialect.literal(&check.expect))
}

/// A statement that raises `message` unless the condition holds. Works in every client, inside a transaction or not.
pub(super) fn raise_unless(check: &Check, message: &str, engine: Engine) -> String {
    let dialect = dialect(engine);
    let body = format!(
        "BEGIN\n  IF NOT {} THEN\n    RAISE EXCEPTION USING MESSAGE = {};\n  END IF;\nEND",
        holds(check, dialect),
        dialect.literal(&format!("sidestep: {message}"))
    );
    anonymous(&body)
}

/// A statement that always raises.
pub(super) fn raise(message: &str, engine: Engine) -> String {
    let message = dialect(engine).literal(&format!("sidestep: {message}"));
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
