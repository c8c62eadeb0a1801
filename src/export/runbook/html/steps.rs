//! The steps on the page: command, locks and who waits, both times, what to watch, when to stop, the way back, when it is done.

use super::super::super::header::work;
use super::super::super::layout::{Placed, place};
use super::super::super::text::load_lines;
use super::super::words;
use super::sections::{capital, open};
use super::tag::{block, code, prose, text};
use super::{anchor, field};
use crate::engine::emit::speech::Client;
use crate::plan::{Act, Plan, Severity, Step, Timeouts, TransactionMode, Undo};
use std::fmt::Write;

pub(super) fn section(out: &mut String, plan: &Plan) {
    open(out, "steps", "Steps");
    let mut phase = None;
    for placed in place(plan) {
        if phase != Some(placed.phase) {
            phase = Some(placed.phase);
            let _ = writeln!(out, "<h3>{}</h3>", placed.phase.title());
        }
        step(out, plan, &placed);
    }
    out.push_str("</section>\n");
}

fn step(out: &mut String, plan: &Plan, placed: &Placed<'_>) {
    let step = placed.step;
    let key = anchor(step);
    let _ = writeln!(
        out,
        "<article class=\"step\" id=\"{key}\" aria-labelledby=\"{key}-h\">\n<h4 id=\"{key}-h\"><span class=\"num\">{}</span> {}</h4>",
        text(&step.id),
        prose(&step.title)
    );
    if !step.why.is_empty() {
        let _ = writeln!(out, "<p class=\"why\">{}</p>", prose(&step.why));
    }
    for hazard in &step.hazards {
        let class = if hazard.counts() { hazard.severity } else { Severity::Note };
        let _ = writeln!(
            out,
            "<p class=\"note {class}\"><strong>{}</strong> {}</p>",
            capital(&hazard.label()),
            prose(&hazard.told())
        );
    }
    match &step.act {
        Act::Sql { transaction, timeouts, .. } | Act::Backfill { transaction, timeouts, .. } => {
            facts(out, step, *transaction, *timeouts, words::client(plan));
        }
        Act::Verify { .. } => out.push_str("<p>Read only. Every query must answer <code>true</code>.</p>\n"),
        Act::Deploy { release } => {
            let title = plan.release(release).map_or("", |r| r.title.as_str());
            let _ = writeln!(
                out,
                "<p>Deploy <strong>{}</strong> ({}) everywhere, workers and scheduled jobs too, and wait until no older process runs.</p>",
                text(release),
                prose(title)
            );
        }
        Act::Approve { question } => {
            let _ = writeln!(out, "<p><strong>{}</strong></p>", prose(question));
        }
        Act::Wait { until, .. } => {
            let _ = writeln!(out, "<p>Wait until {}.</p>", prose(until));
        }
        Act::External { command, .. } => {
            out.push_str("<h5>Outside the database</h5>\n");
            block(out, command);
        }
    }
    if !step.sql().is_empty() {
        out.push_str("<h5>Command</h5>\n");
        block(out, &words::sent(step, words::client(plan)));
    }
    let (export, file) = words::file(plan, placed);
    let _ = writeln!(out, "<p class=\"small\">From the {export} export: {}</p>", code(&file));
    if let Some(other) = words::beside(step) {
        let _ = writeln!(out, "<p class=\"small\">{}</p>", prose(&other));
    }
    if let Some(check) = &step.done_when {
        let _ = writeln!(out, "<h5>Done when this answers {}</h5>", code(&check.expect));
        block(out, &format!("{};", words::bare(&check.sql)));
    }
    watch(out, step);
    if !step.abort_if.is_empty() {
        out.push_str("<h5>Stop and go back if</h5>\n<ul>\n");
        for line in &step.abort_if {
            let _ = writeln!(out, "<li>{}</li>", prose(&capital(line)));
        }
        out.push_str("</ul>\n");
    }
    if step.changes_database() {
        undo(out, step, words::client(plan));
    }
    let word = if matches!(step.act, Act::Approve { .. }) { "Approved" } else { "Done" };
    let _ = writeln!(
        out,
        "<p class=\"done\"><label class=\"tick\"><input type=\"checkbox\" id=\"{key}-done\"> <span>{word}</span></label> <span>at {}</span> <span>by {}</span></p>\n</article>",
        field(&format!("{key}-done-at"), &format!("Step {}: {} at", step.id, word.to_lowercase())),
        field(&format!("{key}-done-by"), &format!("Step {}: {} by", step.id, word.to_lowercase()))
    );
}

fn watch(out: &mut String, step: &Step) {
    match step.watch.as_slice() {
        [] => return,
        [only] => {
            let _ = writeln!(out, "<details open><summary>Watch: {}</summary>", prose(&only.title.to_lowercase()));
            block(out, &format!("{};", words::bare(&only.sql)));
        }
        several => {
            out.push_str("<details open><summary>Watch</summary>\n");
            for watch in several {
                let _ = writeln!(out, "<p>{}</p>", prose(&capital(&watch.title)));
                block(out, &format!("{};", words::bare(&watch.sql)));
            }
        }
    }
    out.push_str("</details>\n");
}

fn facts(out: &mut String, step: &Step, mode: TransactionMode, timeouts: Timeouts, client: Client) {
    let mut rows = vec![
        ("Blocks traffic", words::estimate(&step.blocked)),
        ("Takes", words::estimate(&step.wall)),
        ("Work", work(step)),
        ("Sent", words::how_sent(mode, client).to_owned()),
    ];
    rows.extend(load_lines(&step.load).into_iter().map(|(what, figure, because)| match what {
        "disk at its peak" => ("Disk at its peak", format!("{figure} ({because})")),
        "lock queue" => ("Lock queue", format!("{figure} ({because})")),
        _ => ("WAL", format!("{figure} ({because})")),
    }));
    out.push_str("<dl class=\"facts\">\n");
    for (name, value) in rows {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", prose(&value));
    }
    out.push_str("</dl>\n");
    if step.locks.is_empty() {
        out.push_str("<p>Locks: none on a table.</p>\n");
    } else {
        let _ = writeln!(
            out,
            "<table class=\"locks\">\n<caption>Locks of step {}</caption>\n<thead><tr><th scope=\"col\">On</th><th scope=\"col\">Lock</th>\
             <th scope=\"col\">Who waits</th></tr></thead>\n<tbody>",
            text(&step.id)
        );
        for lock in &step.locks {
            let class = if lock.blocks_traffic() { " class=\"blocks\"" } else { "" };
            let _ = writeln!(
                out,
                "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                code(&lock.object),
                lock.mode,
                prose(&words::who_waits(lock, client))
            );
        }
        out.push_str("</tbody>\n</table>\n");
    }
    if timeouts.lock_ms > 0 && mode == TransactionMode::Single {
        let _ = writeln!(out, "<p class=\"small\">{}</p>", prose(words::RETRY));
    }
}

fn undo(out: &mut String, step: &Step, client: Client) {
    match &step.undo {
        Undo::Nothing { because } => {
            let _ = writeln!(out, "<h5>Rollback</h5>\n<p>Nothing to take back: {}</p>", prose(because));
        }
        Undo::PointOfNoReturn { because } => {
            let _ = writeln!(
                out,
                "<h5>Rollback</h5>\n<p class=\"note danger\"><strong>No rollback from here on.</strong> {}</p>",
                prose(&capital(because))
            );
        }
        Undo::Sql { sql, because, transaction, .. } => {
            let alone = words::alone(*transaction, client);
            let _ = writeln!(out, "<h5>Rollback{alone}</h5>\n<p>{}</p>", prose(because));
            block(out, &sql.iter().map(|s| format!("{};\n", words::bare(s))).collect::<String>());
        }
    }
}

pub(super) fn halfway(out: &mut String, plan: &Plan) {
    let backfills = plan.steps().filter_map(|(_, s)| match &s.act {
        Act::Backfill { backfill, .. } => Some((s, backfill)),
        _ => None,
    });
    let backfills: Vec<_> = backfills.collect();
    if backfills.is_empty() {
        return;
    }
    open(out, "halfway", "When a backfill stops halfway");
    let _ = writeln!(out, "<p>{}</p>", text(words::HALFWAY));
    for (step, backfill) in backfills {
        let _ = writeln!(
            out,
            "<p><a href=\"#{}\">Step {}</a>: batches of {} rows, {} ms apart; it waits while a replica is more than {} s behind. What remains:</p>",
            anchor(step),
            text(&step.id),
            backfill.batch_rows,
            backfill.pause_ms,
            backfill.max_lag_s
        );
        block(out, &format!("{};", words::bare(&backfill.remaining)));
    }
    out.push_str("</section>\n");
}

pub(super) fn way_back(out: &mut String, plan: &Plan) {
    open(out, "way-back", "The way back");
    out.push_str(
        "<p>Begin with the last step that was begun and go up the plan.</p>\n<div class=\"wide\"><table class=\"plain\">\n\
         <caption>What takes each step back, last step first</caption>\n\
         <thead><tr><th scope=\"col\">Step</th><th scope=\"col\">Way back</th></tr></thead>\n<tbody>\n",
    );
    let steps: Vec<&Step> = plan.steps().map(|(_, s)| s).collect();
    for step in steps.into_iter().rev() {
        let way = match (&step.act, &step.undo) {
            (Act::Deploy { release }, _) => format!("Deploy the release before {} again", text(release)),
            (_, Undo::PointOfNoReturn { because }) => {
                format!("<strong class=\"flag\">none</strong> {}", prose(because))
            }
            (_, Undo::Sql { because, .. }) => prose(&capital(because)),
            (_, Undo::Nothing { because }) if step.changes_database() => format!("Nothing: {}", prose(because)),
            _ => continue,
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><a href=\"#{}\">{}</a> {}</th><td>{way}</td></tr>",
            anchor(step),
            text(&step.id),
            prose(&step.title)
        );
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
}
