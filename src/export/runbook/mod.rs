//! `RUNBOOK.md` and `runbook.html`: what a second engineer reviews and the one at the keyboard follows. Nothing in them needs
//! sidestep. The Markdown is here, the page in `html`, the words of both in `words`.

mod html;
mod preflight;
mod review;
mod steps;
mod words;

use super::layout::MARK;
use super::markdown::{block, cell, code, inline};
use super::text::{load_lines, reasons};
use super::{ExportError, ExportOptions, FileSet, FormatInfo};
use crate::model::{Ident, Rows};
use crate::plan::review::Spoken;
use crate::plan::{Act, Estimate, Plan, Release};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "runbook",
    title: "Runbook to read and print",
    traits: &["for people", "Markdown and one HTML page", "sign-off for two"],
    ran: "looked at in Chromium",
};

pub(super) fn files(plan: &Plan, options: &ExportOptions) -> Result<FileSet, ExportError> {
    let none = Spoken::default();
    let said = options.review.as_ref().unwrap_or(&none);
    let mut out = String::new();
    summary(&mut out, plan);
    as_written(&mut out, plan);
    attention(&mut out, plan);
    people(&mut out, said);
    preflight::section(&mut out, plan);
    deploys(&mut out, plan, said);
    steps::section(&mut out, plan);
    halfway(&mut out, plan);
    grid(&mut out, plan);
    steps::rollback(&mut out, plan);
    load(&mut out, plan);
    review::remarks(&mut out, plan, said);
    review::sign_off(&mut out, plan, said);
    Ok(FileSet::from([
        ("RUNBOOK.md".to_owned(), format!("{}\n", out.trim_end())),
        ("runbook.html".to_owned(), html::page(plan, said)),
    ]))
}

fn summary(out: &mut String, plan: &Plan) {
    let _ = writeln!(out, "# Runbook: {}\n", inline(&plan.title));
    let database = code(&plan.database);
    let _ = writeln!(out, "{MARK}{} · {} · database {database}\n", plan.id, inline(&plan.server.to_string()));
    let deploys = plan.steps().filter(|(_, s)| matches!(s.act, Act::Deploy { .. })).count();
    let wall = Estimate::sum(plan.as_written.iter().map(|w| &w.wall));
    out.push_str("| | blocks traffic | takes | |\n|---|---|---|---|\n");
    let failing = plan.as_written.iter().filter(|w| w.fails.is_some()).count();
    let fails = if failing == 0 { String::new() } else { format!(", {failing} of them fail") };
    let statements = plan.as_written.len();
    let blocked = plan.blocked_as_written();
    let _ = writeln!(out, "| **As written** | {blocked} | {wall} | statements: {statements}{fails} |");
    let (blocked, wall, steps) = (plan.longest_blocked(), plan.wall(), plan.steps().count());
    let _ = writeln!(out, "| **Planned** | {blocked} | {wall} | steps: {steps}, deploys: {deploys} |\n");
    out.push_str("Times for the plan leave out deploys and waits. A blocked time is the longest single window.\n\n");
    out.push_str("What was asked for:\n\n");
    for wanted in &plan.wanted {
        let because = if wanted.because.is_empty() { String::new() } else { format!(": {}", inline(&wanted.because)) };
        let _ = writeln!(out, "- {}{because}", inline(&wanted.title));
    }
    out.push('\n');
    let asked: Vec<&str> = plan.as_written.iter().map(|w| w.sql.as_str()).collect();
    out.push_str(&block("sql", &(asked.join(";\n") + ";")));
    out.push('\n');
}

fn as_written(out: &mut String, plan: &Plan) {
    out.push_str("## Why not run it as written\n\n| statement | locks that block traffic | blocks | takes | what goes wrong |\n|---|---|---|---|---|\n");
    for written in &plan.as_written {
        let locks: Vec<String> = written
            .locks
            .iter()
            .filter(|l| l.blocks_traffic())
            .map(|l| format!("{} on {}", l.mode, code(&l.object)))
            .collect();
        let locks = if locks.is_empty() { "none".to_owned() } else { locks.join("; ") };
        let mut wrong: Vec<String> = written.fails.iter().map(|f| format!("fails: {}", cell(f))).collect();
        wrong.extend(written.hazards.iter().map(|h| format!("{}: {}", h.label(), cell(&h.told()))));
        let wrong = if wrong.is_empty() { "–".to_owned() } else { wrong.join("; ") };
        let sql = code(&words::one_line(&written.sql));
        let _ = writeln!(out, "| {sql} | {locks} | {} | {} | {wrong} |", written.blocked, written.wall);
    }
    out.push('\n');
}

fn attention(out: &mut String, plan: &Plan) {
    let (all, ignored) = (words::attention(plan), words::ignored(plan));
    if !all.is_empty() {
        out.push_str("## What needs attention\n\n");
        for item in all {
            let step = item.step.map(|s| format!(", step {s}")).unwrap_or_default();
            let _ = writeln!(out, "- **{}**{step}: {}", item.label, inline(&item.text));
        }
        out.push('\n');
    }
    if !ignored.is_empty() {
        out.push_str(
            "## What somebody decided to ignore\n\n| hazard | where | what | ignored because |\n|---|---|---|---|\n",
        );
        for i in ignored {
            let (id, text, because) = (code(i.id), cell(i.text), cell(i.because));
            let _ = writeln!(out, "| {id} ({}) | {} | {text} | {because} |", i.severity, i.step);
        }
        out.push('\n');
    }
}

fn people(out: &mut String, said: &Spoken) {
    out.push_str("## People\n\n| role | name | reached by |\n|---|---|---|\n");
    for (key, role) in words::PEOPLE {
        let _ = writeln!(out, "| {role} | {} |  |", cell(review::person(said, key)));
    }
    out.push('\n');
}

fn load(out: &mut String, plan: &Plan) {
    let loaded: Vec<_> = plan.steps().filter(|(_, s)| !s.load.is_empty()).collect();
    if loaded.is_empty() && plan.tables.is_empty() {
        return;
    }
    out.push_str("## Load\n\n");
    if !plan.tables.is_empty() {
        out.push_str("| table | rows | with indexes |\n|---|---|---|\n");
        for size in &plan.tables {
            let rows = size.rows.map_or_else(|| "unknown".to_owned(), |r| Rows(r).to_string());
            let flag = if words::is_large(size.rows) { " **large**" } else { "" };
            let _ = writeln!(out, "| {}{flag} | {rows} | {} |", code(&size.table.to_string()), size.bytes);
        }
        out.push('\n');
    }
    if !loaded.is_empty() {
        out.push_str("| step | disk at its peak | WAL | lock queue |\n|---|---|---|---|\n");
        for (_, step) in loaded {
            let lines = load_lines(&step.load);
            let of =
                |name| lines.iter().find(|(what, ..)| *what == name).map_or("–", |(_, figure, _)| figure.as_str());
            let [disk, wal, queue] = [of("disk at its peak"), of("WAL"), of("lock queue")];
            let _ = writeln!(out, "| {} {} | {disk} | {wal} | {queue} |", step.id, cell(&step.title));
        }
        out.push('\n');
    }
}

fn deploys(out: &mut String, plan: &Plan, said: &Spoken) {
    let steps: Vec<_> = plan
        .steps()
        .filter_map(
            |(_, s)| if let Act::Deploy { release } = &s.act { Some((s, plan.release(release)?)) } else { None },
        )
        .collect();
    if steps.is_empty() {
        return;
    }
    out.push_str("## Deploys\n\nIn this order, and never two at once.\n\n| step | release | what | pull request | owner | deployed at |\n|---|---|---|---|---|---|\n");
    for (step, release) in &steps {
        let note = said.releases.get(&release.id).cloned().unwrap_or_default();
        let [pull, owner] = [cell(&note.pull_request), cell(&note.owner)];
        let _ = writeln!(out, "| {} | {} | {} | {pull} | {owner} |  |", step.id, release.id, cell(&release.title));
    }
    for (_, release) in &steps {
        if let Some(note) = said.releases.get(&release.id).filter(|n| !n.note.is_empty()) {
            let _ = writeln!(out, "\n{}: {}", release.id, inline(&note.note));
        }
    }
    out.push('\n');
    for release in &plan.releases {
        self::release(out, release);
    }
}

fn release(out: &mut String, release: &Release) {
    let _ = writeln!(out, "### {}: {}\n", release.id, inline(&release.title));
    for usage in &release.tables {
        let columns = |list: &[Ident]| match list {
            [] => "nothing".to_owned(),
            list => list.iter().map(|c| code(c.as_str())).collect::<Vec<_>>().join(", "),
        };
        let table = code(&usage.table.to_string());
        let _ = writeln!(out, "- {table}: reads {}; writes {}", columns(&usage.reads), columns(&usage.writes));
    }
    for line in &release.instructions {
        let _ = writeln!(out, "- {}", inline(line));
    }
    for (orm, hints) in &release.orm_hints {
        for hint in hints {
            let _ = writeln!(out, "- {}: {}", inline(orm), code(hint));
        }
    }
    out.push('\n');
    if !release.sql_shapes.is_empty() {
        out.push_str(&block("sql", &release.sql_shapes.join("\n")));
        out.push('\n');
    }
}

fn halfway(out: &mut String, plan: &Plan) {
    let backfills: Vec<_> = plan
        .steps()
        .filter_map(|(_, s)| if let Act::Backfill { backfill, .. } = &s.act { Some((s, backfill)) } else { None })
        .collect();
    if backfills.is_empty() {
        return;
    }
    out.push_str("## When the backfill stops halfway\n\n");
    let _ = writeln!(out, "{}\n", words::HALFWAY);
    for (step, backfill) in backfills {
        let rows = backfill.batch_rows;
        let pause = backfill.pause_ms;
        let _ = writeln!(
            out,
            "Step {}: batches of {rows} rows, {pause} ms apart; it waits while a replica is more than {} s behind. What remains:\n",
            step.id, backfill.max_lag_s
        );
        out.push_str(&block("sql", &format!("{};", backfill.remaining)));
        out.push('\n');
    }
}

fn grid(out: &mut String, plan: &Plan) {
    if plan.releases.len() < 2 || plan.grid.is_empty() {
        return;
    }
    out.push_str("## Compatibility\n\nDoes each release work on the schema as it is after each step? **Bold** marks what may be running then.\n\n");
    let ids: Vec<&str> = plan.releases.iter().map(|r| r.id.as_str()).collect();
    let _ = writeln!(out, "| after step | {} |\n|---|{}", ids.join(" | "), ":-:|".repeat(ids.len()));
    for row in &plan.grid {
        let cells = ids.iter().map(|id| {
            let mark = match row.works.get(*id) {
                Some(true) => "✓",
                Some(false) => "✗",
                None => "·",
            };
            if row.running.iter().any(|r| r == id) { format!("**{mark}**") } else { mark.to_owned() }
        });
        let _ = writeln!(out, "| {} | {} |", cell(&row.step), cells.collect::<Vec<_>>().join(" | "));
    }
    out.push('\n');
    for (because, releases) in reasons(plan) {
        let _ = writeln!(out, "- ✗ {}: {}", releases.join(", "), inline(because));
    }
    out.push('\n');
}
