//! Units as text: the statements a tool sends, the comment at the head of a file, SQL inside other languages.

use super::super::ExportError;
use super::super::gate::{anonymous, raise, statement};
use super::super::header::{self, comment};
use super::super::layout::MARK;
use super::super::psql::timeout;
use super::unit::{raise_unless, unless_done};
use super::{Back, Body, History, Job, Unit};
use crate::model::name::shown;
use crate::plan::{Plan, Timeouts};

/// How a language begins a comment line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Comment {
    Sql,
    Hash,
    Slashes,
}

/// The first lines of a unit's file. The first carries the plan's hash.
pub(in super::super) fn head(job: &Job<'_>, unit: &Unit<'_>, style: Comment) -> String {
    let mut out = String::new();
    header::header(&mut out, job.plan, &unit.placed);
    if !unit.note.is_empty() {
        comment(&mut out, &format!("this file, {} of the step: {}", unit.part, unit.note));
    }
    let first = job.stage.units.first().is_some_and(|u| u.placed.number == unit.placed.number && u.part == unit.part);
    if let (true, Some(when)) = (first, job.stage.when()) {
        comment(&mut out, &format!("not before: {when}"));
    }
    if let Back::Atomic { because, .. } | Back::Alone { because, .. } = &unit.back {
        comment(&mut out, &format!("way back: {because}"));
    }
    let with = |mark: &str| out.lines().map(|l| format!("{mark}{}\n", l.trim_start_matches("--"))).collect();
    match style {
        Comment::Sql => out,
        // Python and Ruby look for an encoding in the first lines, which hold the user's words: the first one found counts.
        Comment::Hash => format!("# -*- coding: utf-8 -*- {MARK}{}\n{}", job.plan.id, with("#")),
        Comment::Slashes => with("//"),
    }
}

/// A file that is sent as one query: who looks at what the server runs at the moment sees its first kilobyte, so the mark and
/// the statements stand above everything else that `head` says.
pub(in super::super) fn sheet(head: &str, sql: &str) -> String {
    let (mark, rest) = head.split_once('\n').unwrap_or((head, ""));
    format!("{mark}\n\n{sql}\n{rest}")
}

/// The statements of a unit, each of which is complete and has no semicolon behind it.
/// Atomic: one transaction, timeouts that end with it. Alone: as they are; the timeouts are the business of [`super::Frame`].
pub(in super::super) fn statements(unit: &Unit<'_>, plan: &Plan, history: History) -> Vec<String> {
    let mut out = match &unit.body {
        Body::Atomic { timeouts, .. } => local(*timeouts),
        Body::Alone { .. } => Vec::new(),
    };
    out.extend(work(unit, plan, history));
    out
}

/// The same without the timeouts.
fn work(unit: &Unit<'_>, plan: &Plan, history: History) -> Vec<String> {
    let engine = plan.server.engine;
    match &unit.body {
        Body::Atomic { gates, statements, .. } => match (&unit.done, history) {
            (Some(done), History::Apart) if !statements.is_empty() => {
                vec![unless_done(done, gates, statements, &unit.placed.step.id, engine)]
            }
            _ => {
                let asked = gates.iter().map(|g| raise_unless(g, engine));
                asked.chain(statements.iter().map(|s| trimmed(s))).collect()
            }
        },
        Body::Alone { frame, statements } => frame.with(statements.iter().map(|s| trimmed(s)).collect()),
    }
}

/// The same for the way back; none where there is nothing to take back.
pub(in super::super) fn back_statements(unit: &Unit<'_>, plan: &Plan) -> Option<Vec<String>> {
    match &unit.back {
        Back::Atomic { timeouts, statements, .. } => {
            let mut out = local(*timeouts);
            out.extend(statements.iter().map(|s| trimmed(s)));
            Some(out)
        }
        Back::Alone { frame, statements, .. } => Some(frame.with(statements.iter().map(|s| trimmed(s)).collect())),
        Back::Refuse { because } => Some(vec![raise(because, plan.server.engine)]),
        Back::Nothing => None,
    }
}

pub(super) fn local(timeouts: Timeouts) -> Vec<String> {
    vec![
        format!("SET LOCAL lock_timeout = {}", timeout(timeouts.lock_ms)),
        format!("SET LOCAL statement_timeout = {}", timeout(timeouts.statement_ms)),
    ]
}

/// A plain SET would reach every later migration of the run: it is taken back at the end.
pub(super) fn session(timeouts: Timeouts) -> ([String; 2], [String; 2]) {
    let set = [
        format!("SET lock_timeout = {}", timeout(timeouts.lock_ms)),
        format!("SET statement_timeout = {}", timeout(timeouts.statement_ms)),
    ];
    (set, ["RESET lock_timeout".to_owned(), "RESET statement_timeout".to_owned()])
}

/// Statements as a file of SQL.
pub(in super::super) fn script(statements: &[String]) -> String {
    let mut out = String::new();
    for sql in statements {
        statement(&mut out, sql);
    }
    out
}

/// A dollar-quoted text that `sql` does not end.
pub(in super::super) fn quoted(sql: &str) -> String {
    let block = anonymous(sql);
    let tag: String = block.trim_start_matches("DO ").lines().next().unwrap_or("$sidestep$").to_owned();
    let mut tag = tag;
    // An inner quote must differ from the block around it, which `anonymous` picks by its body.
    while sql.contains(&tag) {
        tag.insert(1, 'x');
    }
    format!("{tag}{sql}{tag}")
}

/// Statements that belong together, as one: for files whose tool opens no transaction around them.
fn block(timeouts: Timeouts, statements: &[String]) -> String {
    let mut body = String::from("BEGIN\n");
    for (name, ms) in [("lock_timeout", timeouts.lock_ms), ("statement_timeout", timeouts.statement_ms)] {
        body.push_str(&format!("  PERFORM pg_catalog.set_config('{name}', '{ms}ms', true);\n"));
    }
    for sql in statements {
        body.push_str(&format!("  EXECUTE {};\n", quoted(&trimmed(sql))));
    }
    body.push_str("END");
    anonymous(&body)
}

/// Both ways of a unit whose tool has one switch for them: outside a transaction, what wants one becomes one statement.
pub(in super::super) struct BothWays {
    pub outside: bool,
    pub up: Vec<String>,
    pub down: Option<Vec<String>>,
}

pub(in super::super) fn both_ways(job: &Job<'_>, unit: &Unit<'_>, history: History) -> BothWays {
    let outside = unit.outside();
    let up = match &unit.body {
        // Without its transaction the history is noted apart.
        Body::Atomic { timeouts, .. } if outside => vec![block(*timeouts, &work(unit, job.plan, History::Apart))],
        _ => statements(unit, job.plan, history),
    };
    let down = match &unit.back {
        Back::Atomic { timeouts, statements, .. } if outside => Some(vec![block(*timeouts, statements)]),
        _ => back_statements(unit, job.plan),
    };
    BothWays { outside, up, down }
}

/// What stands in a way back that has nothing to do: some tools refuse an empty one.
pub(in super::super) const NOTHING: &str = "SELECT 'nothing to take back'";

/// Stops where a line inside a statement, of a function's body or a text, would be a directive to the tool.
pub(in super::super) fn no_directive(
    unit: &Unit<'_>,
    statements: &[String],
    tool: &str,
    directive: fn(&str) -> bool,
) -> Result<(), ExportError> {
    match statements.iter().flat_map(|s| s.lines()).find(|line| directive(line)) {
        Some(line) => Err(ExportError::Unsendable {
            step: unit.placed.step.id.clone(),
            because: format!("{tool} would take the line `{}` of its SQL for a directive", shown(line)),
        }),
        None => Ok(()),
    }
}

/// The text behind `--` at the head of a line, where there is one.
pub(in super::super) fn commented(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("--").map(str::trim_start)
}

/// A statement without the semicolon behind it.
pub(super) fn trimmed(sql: &str) -> String {
    sql.trim().trim_end_matches(';').trim_end().to_owned()
}
