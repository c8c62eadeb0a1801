//! The plan as text for a terminal: headline, steps with locks and both times, releases, grid. Pure; styles are ANSI
//! codes that the caller keeps or strips, and every meaning is in the words, never only in a colour.

use super::header::{blocks_name, work};
use super::page::{Page, Role};
use crate::engine::dialect;
use crate::model::Ident;
use crate::model::name::shown;
use crate::model::quantity::seconds;
use crate::plan::{
    Act, AsWritten, GridRow, Hazard, Load, Plan, Release, Severity, Step, TableUse, Timeouts, TransactionMode, Undo,
};
use std::collections::{BTreeMap, BTreeSet};

/// The whole plan, `width` columns wide.
pub fn plan(plan: &Plan, width: usize) -> String {
    let mut page = Page::new(width);
    headline(&mut page, plan);
    let mut told = BTreeSet::new();
    for phase in &plan.phases {
        page.blank();
        page.row(Role::Phase, 0, phase.name.title(), "blocks traffic", "takes");
        for step in &phase.steps {
            self::step(&mut page, plan, step, &mut told);
        }
    }
    releases(&mut page, plan);
    grid(&mut page, plan);
    page.finish()
}

/// Statements as they stand, each under its place in a file.
pub fn lint(statements: &[(String, &AsWritten)], width: usize) -> String {
    let mut page = Page::new(width);
    page.row(Role::Phase, 0, "", "blocks traffic", "takes");
    for (place, written) in statements {
        page.line(Role::Dim, 0, place);
        statements_of(&mut page, std::slice::from_ref(*written));
        page.blank();
    }
    page.finish()
}

fn headline(page: &mut Page, plan: &Plan) {
    page.wrapped(Role::Title, 0, &plan.title);
    page.wrapped(Role::Dim, 0, &format!("{} · database {} · plan {}", plan.server, shown(&plan.database), plan.id));
    for wanted in plan.wanted.iter().filter(|w| !w.because.is_empty() || plan.wanted.len() > 1) {
        page.wrapped(
            Role::Plain,
            0,
            &match (plan.wanted.len(), wanted.because.as_str()) {
                (1, because) => because.to_owned(),
                (_, "") => format!("- {}", wanted.title),
                (_, because) => format!("- {}: {because}", wanted.title),
            },
        );
    }
    page.blank();
    let failing = plan.as_written.iter().filter(|w| w.fails.is_some()).count();
    let naive = match failing {
        0 => "As written".to_owned(),
        1 => "As written (1 statement fails)".to_owned(),
        n => format!("As written ({n} statements fail)"),
    };
    let wall = crate::plan::Estimate::sum(plan.as_written.iter().map(|w| &w.wall));
    page.row(Role::Phase, 0, "", "blocks traffic", "takes");
    page.row(Role::Bad, 0, &naive, &plan.blocked_as_written().to_string(), &wall.to_string());
    let deploys = plan.steps().filter(|(_, s)| matches!(s.act, Act::Deploy { .. })).count();
    let planned = format!("Planned ({}, {})", count(plan.steps().count(), "step"), count(deploys, "deploy"));
    page.row(Role::Good, 0, &planned, &plan.longest_blocked().to_string(), &plan.wall().to_string());
    if !plan.findings.is_empty() {
        page.blank();
    }
    for finding in &plan.findings {
        page.wrapped(severity_role(finding.severity), 0, &format!("{}: {}", finding.severity, finding.text));
    }
    if plan.as_written.iter().any(|w| w.fails.is_some() || !w.hazards.is_empty()) {
        page.blank();
        page.row(Role::Phase, 0, "The script as written", "blocks traffic", "takes");
        statements_of(page, &plan.as_written);
    }
}

fn statements_of(page: &mut Page, statements: &[AsWritten]) {
    for written in statements {
        let first = written.sql.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim();
        let more = if written.sql.trim().lines().count() > 1 { " …" } else { "" };
        page.row(Role::Step, 2, &format!("{first}{more}"), &written.blocked.to_string(), &written.wall.to_string());
        for lock in written.locks.iter().filter(|l| l.blocks_traffic()) {
            page.wrapped(Role::Dim, 4, &lock_line(lock));
        }
        if let Some(fails) = &written.fails {
            page.wrapped(Role::Bad, 4, &format!("fails: {fails}"));
        }
        for hazard in &written.hazards {
            page.wrapped(hazard_role(hazard), 4, &format!("{}: {}", hazard.label(), hazard.told()));
        }
    }
}

/// `told` holds the notes that an earlier step has shown: most are true of many steps.
fn step<'p>(page: &mut Page, plan: &'p Plan, step: &'p Step, told: &mut BTreeSet<&'p str>) {
    let (blocked, wall) = match step.changes_database() {
        true => (step.blocked.to_string(), step.wall.to_string()),
        false => (String::new(), String::new()),
    };
    page.labelled(Role::Step, 2, &format!("{:<5}", step.id), &step.title, [&blocked, &wall]);
    let inset = 7;
    if !step.why.is_empty() {
        page.wrapped(Role::Plain, inset, &step.why);
    }
    match &step.act {
        Act::Sql { transaction, timeouts, .. } | Act::Backfill { transaction, timeouts, .. } => {
            page.wrapped(Role::Dim, inset, &format!("{} · {}", work(step), sending(plan, *transaction, *timeouts)));
        }
        Act::Deploy { release } => {
            let instructions = plan.release(release).map_or(&[][..], |r| &r.instructions);
            for line in instructions.iter().filter(|line| !step.why.contains(line.as_str())) {
                page.wrapped(Role::Plain, inset, &format!("- {line}"));
            }
        }
        Act::Approve { question } => page.wrapped(Role::Plain, inset, question),
        Act::Wait { until, .. } => page.wrapped(Role::Plain, inset, &format!("until {until}")),
        Act::External { command, .. } => page.code(inset + 2, command),
        Act::Verify { .. } => {}
    }
    for lock in step.locks.iter().filter(|l| !l.blocks.is_empty()) {
        let role = if lock.blocks_traffic() { Role::Lock } else { Role::Dim };
        page.wrapped(role, inset, &lock_line(lock));
    }
    for (what, figure, because) in load_lines(&step.load) {
        page.wrapped(Role::Dim, inset, &format!("{what}: {figure} ({because})"));
    }
    for hazard in &step.hazards {
        if told.insert(&hazard.text) || hazard.severity > Severity::Note {
            let text = format!("{}: {}", hazard.label(), hazard.told());
            page.wrapped(hazard_role(hazard), inset, &text);
        }
    }
    for sql in step.sql() {
        page.code(inset + 2, &format!("{};", sql.trim_end().trim_end_matches(';')));
    }
    match &step.undo {
        Undo::PointOfNoReturn { because } => page.wrapped(Role::Bad, inset, &format!("no way back: {because}")),
        Undo::Sql { because, .. } => page.wrapped(Role::Dim, inset, &format!("undo: {because}")),
        Undo::Nothing { .. } => {}
    }
    page.blank();
}

/// What a step asks of the server beside time: what, how much, and what that rests on.
pub fn load_lines(load: &Load) -> Vec<(&'static str, String, &str)> {
    let figures = [("disk at its peak", &load.disk), ("WAL", &load.wal)];
    let figures =
        figures.into_iter().filter_map(|(what, f)| f.as_ref().map(|f| (what, f.to_string(), f.because.as_str())));
    let queue = load.queue.as_ref().map(|q| ("lock queue", q.to_string(), q.because.as_str()));
    figures.chain(queue).collect()
}

fn lock_line(lock: &crate::model::Lock) -> String {
    let blocks: Vec<&str> = lock.blocks.iter().map(|b| blocks_name(*b)).collect();
    let blocks = if blocks.is_empty() { "nothing".to_owned() } else { blocks.join(", ") };
    format!("{} on {}: blocks {blocks}", lock.mode, shown(&lock.object))
}

fn sending(plan: &Plan, mode: TransactionMode, timeouts: Timeouts) -> String {
    let words = dialect(plan.server.engine).speech().sending();
    let mode = match mode {
        TransactionMode::Single => "one transaction",
        TransactionMode::None => words.alone,
        TransactionMode::PerBatch => "one transaction per batch",
    };
    let timeout = |name: &str, ms: u64| match ms {
        0 => format!("no {name}"),
        ms => format!("{name} {}", seconds(ms as f64 / 1000.0)),
    };
    let statement = words.statement_timeout.map(|name| timeout(name, timeouts.statement_ms));
    let lock = Some(timeout(words.lock_timeout, timeouts.lock_ms));
    [Some(mode.to_owned()), lock, statement].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn releases(page: &mut Page, plan: &Plan) {
    if plan.releases.len() < 2 {
        return;
    }
    page.line(Role::Phase, 0, "Releases");
    let mut before: Option<&Release> = None;
    for release in &plan.releases {
        page.labelled(Role::Step, 2, &format!("{:<5}", release.id), &release.title, ["", ""]);
        for usage in &release.tables {
            let earlier = before.and_then(|r| r.tables.iter().find(|u| u.table == usage.table));
            let text = match earlier {
                None => format!("reads {}; writes {}", names(&usage.reads), names(&usage.writes)),
                Some(earlier) => changes(earlier, usage),
            };
            page.wrapped(Role::Plain, 7, &format!("{}: {text}", usage.table));
        }
        before = Some(release);
        for shape in &release.sql_shapes {
            page.code(9, shape);
        }
        for (orm, hints) in &release.orm_hints {
            hints.iter().for_each(|hint| page.wrapped(Role::Dim, 7, &format!("{orm}: {hint}")));
        }
    }
    page.blank();
}

fn names(list: &[Ident]) -> String {
    match list {
        [] => "nothing".to_owned(),
        list => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// What a release does otherwise than the one before it.
fn changes(earlier: &TableUse, now: &TableUse) -> String {
    let missing = |a: &[Ident], b: &[Ident]| -> Vec<Ident> { a.iter().filter(|c| !b.contains(c)).cloned().collect() };
    let parts = [
        ("also reads", missing(&now.reads, &earlier.reads)),
        ("no longer reads", missing(&earlier.reads, &now.reads)),
        ("also writes", missing(&now.writes, &earlier.writes)),
        ("no longer writes", missing(&earlier.writes, &now.writes)),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(what, list)| format!("{what} {}", names(list)))
        .collect();
    if parts.is_empty() { "the same columns as before".to_owned() } else { parts.join("; ") }
}

fn grid(page: &mut Page, plan: &Plan) {
    if plan.releases.len() < 2 || plan.grid.is_empty() {
        return;
    }
    page.line(
        Role::Phase,
        0,
        "Compatibility: does each release work on the schema after each step? [ ] marks what may be running",
    );
    let ids: Vec<&str> = plan.releases.iter().map(|r| r.id.as_str()).collect();
    let heads: Vec<String> = ids.iter().map(|id| format!("{id:^5}")).collect();
    page.line(Role::Dim, 2, &format!("{:<7}{}", "after", heads.join(" ")));
    for row in &plan.grid {
        let cells: Vec<String> = ids.iter().map(|id| format!("{:^5}", mark(row, id))).collect();
        page.line(Role::Plain, 2, &format!("{:<7}{}", row.step, cells.join(" ")));
    }
    for (because, places) in reasons(plan) {
        page.wrapped(Role::Dim, 2, &format!("✗ {}: {because}", places.join(", ")));
    }
}

fn mark(row: &GridRow, release: &str) -> String {
    let works = match row.works.get(release) {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "·",
    };
    if row.running.iter().any(|r| r == release) { format!("[{works}]") } else { works.to_owned() }
}

/// Each reason once, with the releases it holds for.
pub(super) fn reasons(plan: &Plan) -> BTreeMap<&str, Vec<&str>> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (release, because) in plan.grid.iter().flat_map(|row| &row.because) {
        let places = reasons.entry(because).or_default();
        if !places.contains(&release.as_str()) {
            places.push(release);
        }
    }
    reasons
}

fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Note => Role::Dim,
        Severity::Warning => Role::Lock,
        Severity::Danger => Role::Bad,
    }
}

fn hazard_role(hazard: &Hazard) -> Role {
    if hazard.counts() { severity_role(hazard.severity) } else { Role::Dim }
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
