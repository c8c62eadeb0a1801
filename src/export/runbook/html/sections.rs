//! The sections around the steps: summary, what needs attention, people, preflight, deploys, compatibility, load, the script as
//! it was written, signatures.

use super::super::super::text::{load_lines, reasons};
use super::super::{review, words};
use super::tag::{block, code, prose, text};
use super::{anchor, field, filled, tick};
use crate::model::{Ident, Rows};
use crate::plan::review::Spoken;
use crate::plan::{About, Act, Estimate, Plan, Preflight, Release, Severity};
use std::fmt::Write;

/// A section with its heading; `contents` finds both.
pub(super) fn open(out: &mut String, id: &str, title: &str) {
    let _ = writeln!(out, "<section id=\"{id}\" aria-labelledby=\"{id}-h\">\n<h2 id=\"{id}-h\">{title}</h2>");
}

/// A table up to its first row.
pub(super) fn table(out: &mut String, class: &str, caption: &str, heads: &[&str]) {
    let heads: String = heads.iter().map(|h| format!("<th scope=\"col\">{h}</th>")).collect();
    let _ = writeln!(
        out,
        "<div class=\"wide\"><table class=\"{class}\">\n<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>"
    );
}

pub(super) const CLOSE: &str = "</tbody>\n</table></div>\n";

pub(super) fn summary(out: &mut String, plan: &Plan) {
    open(out, "summary", "Summary");
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let deploys = plan.steps().filter(|(_, s)| matches!(s.act, Act::Deploy { .. })).count();
    let failing = plan.as_written.iter().filter(|w| w.fails.is_some()).count();
    let wall = Estimate::sum(plan.as_written.iter().map(|w| &w.wall));
    let fails = if failing == 0 { String::new() } else { format!(", {failing} of them fail") };
    let rows = [
        ("As written", "bad", plan.blocked_as_written(), wall, count(plan.as_written.len(), "statement") + &fails),
        (
            "Planned",
            "good",
            plan.longest_blocked(),
            plan.wall(),
            format!("{}, {}", count(plan.steps().count(), "step"), count(deploys, "deploy")),
        ),
    ];
    table(out, "verdict", "The script as written, against this plan", &["Way", "Blocks traffic", "Takes", "In"]);
    for (name, class, blocked, wall, parts) in rows {
        let _ = writeln!(
            out,
            "<tr class=\"{class}\"><th scope=\"row\">{name}</th><td><strong>{}</strong></td><td>{}</td><td>{parts}</td></tr>",
            text(&blocked.to_string()),
            text(&wall.to_string())
        );
    }
    out.push_str(CLOSE);
    out.push_str("<p class=\"small\">Times of the plan leave out deploys and waits. Its blocked time is the longest single window.</p>\n");
    if !plan.wanted.is_empty() {
        out.push_str("<h3>What was asked for</h3>\n<ul>\n");
        for wanted in &plan.wanted {
            let because =
                if wanted.because.is_empty() { String::new() } else { format!(": {}", prose(&wanted.because)) };
            let _ = writeln!(out, "<li>{}{because}</li>", prose(&wanted.title));
        }
        out.push_str("</ul>\n");
    }
    let asked: Vec<&str> = plan.as_written.iter().map(|w| words::bare(&w.sql)).collect();
    block(out, &(asked.join(";\n") + ";"));
    out.push_str("</section>\n");
}

pub(super) fn attention(out: &mut String, plan: &Plan) {
    let (all, ignored) = (words::attention(plan), words::ignored(plan));
    if all.is_empty() && ignored.is_empty() {
        return;
    }
    open(out, "attention", "What needs attention");
    if !all.is_empty() {
        out.push_str("<ul class=\"notes\">\n");
        for item in all {
            let step = item.step.map(|s| format!(", step {}", text(&s))).unwrap_or_default();
            let _ = writeln!(
                out,
                "<li class=\"note {}\"><strong>{}{step}</strong> {}</li>",
                item.severity,
                capital(&item.label),
                prose(&item.text)
            );
        }
        out.push_str("</ul>\n");
    }
    if !ignored.is_empty() {
        table(out, "plain", "Hazards that somebody decided to ignore", &["Hazard", "Where", "What", "Ignored because"]);
        for i in ignored {
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}<br><span class=\"small\">{}</span></th><td>{}</td><td>{}</td><td>{}</td></tr>",
                code(i.id),
                i.severity,
                text(i.step),
                prose(i.text),
                text(i.because)
            );
        }
        out.push_str(CLOSE);
    }
    out.push_str("</section>\n");
}

pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

pub(super) fn people(out: &mut String, said: &Spoken) {
    open(out, "people", "People");
    table(out, "fields", "Who is reached how", &["Role", "Name", "Reached by"]);
    for (key, role) in words::PEOPLE {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{role}</th><td>{}</td><td>{}</td></tr>",
            filled(&format!("{key}-name"), &format!("{role}: name"), review::person(said, key)),
            field(&format!("{key}-reach"), &format!("{role}: reached by"))
        );
    }
    out.push_str(CLOSE);
    out.push_str("</section>\n");
}

pub(super) fn preflight(out: &mut String, plan: &Plan) {
    open(out, "preflight", "Before you begin");
    out.push_str("<ul class=\"ticks\">\n");
    for (i, line) in words::before(plan).iter().enumerate() {
        tick(out, &format!("before-{}", i + 1), &prose(&capital(line)));
    }
    out.push_str("</ul>\n");
    let mut number = 0;
    for (about, title) in [(About::Data, "Rows that would make a step fail"), (About::Server, "The server")] {
        let queries: Vec<&Preflight> = plan.preflight.iter().filter(|q| q.about == about).collect();
        if queries.is_empty() {
            continue;
        }
        let _ = writeln!(out, "<h3>{title}</h3>");
        if about == About::Data {
            out.push_str("<p>They read whole tables: run them on a replica if there is one.</p>\n");
        }
        for query in queries {
            number += 1;
            out.push_str("<div class=\"query\">\n<ul class=\"ticks\">\n");
            tick(
                out,
                &format!("query-{number}"),
                &format!("<strong>{}</strong> Good: {}.", prose(&query.title), prose(&query.good)),
            );
            let _ = writeln!(out, "</ul>\n<p class=\"small\">{}</p>", prose(&query.why));
            block(out, &format!("{};", words::bare(&query.sql)));
            out.push_str("</div>\n");
        }
    }
    out.push_str("</section>\n");
}

pub(super) fn deploys(out: &mut String, plan: &Plan, said: &Spoken) {
    let deploys = plan.steps().filter_map(|(_, s)| match &s.act {
        Act::Deploy { release } => Some((s, plan.release(release)?)),
        _ => None,
    });
    let deploys: Vec<_> = deploys.collect();
    if deploys.is_empty() {
        return;
    }
    open(out, "deploys", "Deploys");
    out.push_str("<p>In this order, and never two at once.</p>\n");
    table(
        out,
        "fields",
        "The releases in the order they go out",
        &["Step", "Release", "What", "Pull request", "Owner", "Deployed at"],
    );
    for (step, release) in &deploys {
        let id = text(&release.id);
        let key = anchor(step);
        let note = said.releases.get(&release.id).cloned().unwrap_or_default();
        let cell = |what: &str, name: &str, value: &str| {
            filled(&format!("{key}-{what}"), &format!("{}: {name}", release.id), value)
        };
        let _ = writeln!(
            out,
            "<tr><td><a href=\"#{key}\">{}</a></td><th scope=\"row\">{id}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text(&step.id),
            prose(&release.title),
            cell("pr", "pull request", &note.pull_request),
            cell("owner", "owner", &note.owner),
            cell("at", "deployed at", "")
        );
    }
    out.push_str(CLOSE);
    for (_, release) in &deploys {
        if let Some(note) = said.releases.get(&release.id).filter(|n| !n.note.is_empty()) {
            let _ = writeln!(out, "<p>{}: {}</p>", text(&release.id), prose(&note.note));
        }
    }
    plan.releases.iter().for_each(|r| release(out, r));
    out.push_str("</section>\n");
}

fn release(out: &mut String, release: &Release) {
    let _ = writeln!(out, "<h3 id=\"release-{0}\">{0}: {1}</h3>", text(&release.id), prose(&release.title));
    let columns = |list: &[Ident]| match list {
        [] => "nothing".to_owned(),
        list => list.iter().map(|c| code(c.as_str())).collect::<Vec<_>>().join(", "),
    };
    out.push_str("<ul>\n");
    for line in &release.instructions {
        let _ = writeln!(out, "<li>{}</li>", prose(line));
    }
    for usage in &release.tables {
        let _ = writeln!(
            out,
            "<li class=\"small\">{}: reads {}; writes {}</li>",
            code(&usage.table.to_string()),
            columns(&usage.reads),
            columns(&usage.writes)
        );
    }
    for (orm, hints) in &release.orm_hints {
        for hint in hints {
            let _ = writeln!(out, "<li class=\"small\">{}: {}</li>", text(orm), code(hint));
        }
    }
    out.push_str("</ul>\n");
    if !release.sql_shapes.is_empty() {
        block(out, &release.sql_shapes.join("\n"));
    }
}

pub(super) fn grid(out: &mut String, plan: &Plan) {
    if plan.releases.len() < 2 || plan.grid.is_empty() {
        return;
    }
    open(out, "grid", "Compatibility");
    out.push_str("<p>Does each release work on the schema as it is after each step? A framed cell is a release that may be running then.</p>\n");
    let heads: Vec<String> = plan.releases.iter().map(|r| text(&r.id)).collect();
    let mut all = vec!["After step"];
    all.extend(heads.iter().map(String::as_str));
    table(out, "grid", "Releases against steps", &all);
    for row in &plan.grid {
        let title = plan.step(&row.step).map_or("", |(_, s)| s.title.as_str());
        let _ =
            write!(out, "<tr><th scope=\"row\"><span class=\"num\">{}</span> {}</th>", text(&row.step), prose(title));
        for release in &plan.releases {
            let (class, mark, word) = match row.works.get(&release.id) {
                Some(true) => ("yes", "✓", "works"),
                Some(false) => ("no", "✗", "does not work"),
                None => ("none", "·", "not known"),
            };
            let running = row.running.contains(&release.id);
            let (frame, also) = if running { (" running", ", may be running") } else { ("", "") };
            let _ = write!(
                out,
                "<td class=\"{class}{frame}\"><span aria-hidden=\"true\">{mark}</span><span class=\"heard\">{word}{also}</span></td>"
            );
        }
        out.push_str("</tr>\n");
    }
    out.push_str(CLOSE);
    let reasons = reasons(plan);
    if !reasons.is_empty() {
        out.push_str("<ul class=\"small\">\n");
        for (because, releases) in reasons {
            let _ = writeln!(out, "<li>{} does not work: {}</li>", text(&releases.join(", ")), prose(because));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</section>\n");
}

pub(super) fn load(out: &mut String, plan: &Plan) {
    let loaded: Vec<_> = plan.steps().filter(|(_, s)| !s.load.is_empty()).collect();
    if loaded.is_empty() && plan.tables.is_empty() {
        return;
    }
    open(out, "load", "Load");
    if !plan.tables.is_empty() {
        table(out, "plain", "The tables, as the catalog knew them", &["Table", "Rows", "With indexes"]);
        for size in &plan.tables {
            let rows = size.rows.map_or_else(|| "unknown".to_owned(), |r| Rows(r).to_string());
            let flag = if words::is_large(size.rows) { " <strong class=\"flag\">large</strong>" } else { "" };
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}{flag}</th><td>{rows}</td><td>{}</td></tr>",
                code(&size.table.to_string()),
                size.bytes
            );
        }
        out.push_str(CLOSE);
    }
    if !loaded.is_empty() {
        table(
            out,
            "plain",
            "What the steps ask of the server beside time",
            &["Step", "Disk at its peak", "WAL", "Lock queue"],
        );
        for (_, step) in loaded {
            let lines = load_lines(&step.load);
            let of = |name: &str| {
                lines.iter().find(|(what, ..)| *what == name).map_or_else(|| "–".to_owned(), |(_, f, _)| text(f))
            };
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\"><a href=\"#{}\">{}</a> {}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
                anchor(step),
                text(&step.id),
                prose(&step.title),
                of("disk at its peak"),
                of("WAL"),
                of("lock queue")
            );
        }
        out.push_str(CLOSE);
        out.push_str("<p class=\"small\">What each figure rests on stands at its step. A dash: nothing worth a figure, or not known.</p>\n");
    }
    out.push_str("</section>\n");
}

pub(super) fn as_written(out: &mut String, plan: &Plan) {
    if plan.as_written.is_empty() {
        return;
    }
    open(out, "as-written", "Why not run it as written");
    table(
        out,
        "plain",
        "What each statement would do",
        &["Statement", "Locks that block traffic", "Blocks", "Takes", "What goes wrong"],
    );
    for written in &plan.as_written {
        let locks = written.locks.iter().filter(|l| l.blocks_traffic());
        let locks: Vec<String> = locks.map(|l| format!("{} on {}", l.mode, code(&l.object))).collect();
        let locks = if locks.is_empty() { "none".to_owned() } else { locks.join("<br>") };
        let mut wrong: Vec<String> = written
            .fails
            .iter()
            .map(|f| format!("<p class=\"danger\"><strong>Fails:</strong> {}</p>", prose(f)))
            .collect();
        wrong.extend(written.hazards.iter().map(|h| {
            let class = if h.counts() { h.severity } else { Severity::Note };
            format!("<p class=\"{class}\"><strong>{}:</strong> {}</p>", capital(&h.label()), prose(&h.told()))
        }));
        let wrong = if wrong.is_empty() { "–".to_owned() } else { wrong.concat() };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{locks}</td><td>{}</td><td>{}</td><td>{wrong}</td></tr>",
            code(&words::one_line(&written.sql)),
            text(&written.blocked.to_string()),
            text(&written.wall.to_string())
        );
    }
    out.push_str(CLOSE);
    out.push_str("</section>\n");
}
