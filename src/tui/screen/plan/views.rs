//! The plan seen as a whole: the script as written, the compatibility grid, the releases.

use super::detail::release_parts;
use crate::plan::{Plan, Step};
use crate::tui::canvas::{Glyphs, Piece, piece};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::doc::Doc;
use crate::tui::widget::sql;
use crate::tui::words::{self, Stops};

/// What would happen if the script were run as it is.
pub fn as_written(plan: &Plan, width: u16) -> Doc {
    let mut doc = Doc::new(width);
    doc.text(Role::Dim, "What the script does if it is run as it is, statement by statement:");
    for (n, statement) in plan.as_written.iter().enumerate() {
        doc.blank();
        let mut number = format!("{}. ", n + 1);
        for mut line in sql::lines(&statement.sql, usize::from(width.saturating_sub(4))) {
            line.insert(0, piece(std::mem::replace(&mut number, "   ".to_owned()), Role::Title));
            doc.line(line);
        }
        let stops = Stops::of(&statement.locks);
        doc.line(match statement.locks.first() {
            Some(lock) => vec![
                piece("   ", Role::Text),
                piece(lock.mode.name(), stops.role()),
                piece(format!(" on {}, {}", lock.object, stops.sentence()), Role::Dim),
            ],
            None => vec![piece("   takes no lock that others would notice", Role::Dim)],
        });
        doc.line(vec![
            piece("   blocked ", Role::Dim),
            piece(statement.blocked.to_string(), words::blocked_role(&statement.blocked)),
            piece("  takes ", Role::Dim),
            piece(statement.wall.to_string(), Role::Text),
            piece(format!("  {}", statement.work), Role::Dim),
        ]);
        if let Some(error) = &statement.fails {
            doc.item("   fails: ", Role::Bad, error);
        }
        for hazard in &statement.hazards {
            doc.item(&format!("   {}: ", hazard.label()), words::hazard_role(hazard), &hazard.told());
        }
    }
    doc
}

/// Steps × releases: where each release works, and which may be running.
pub fn grid(plan: &Plan, width: u16, glyphs: Glyphs) -> Doc {
    let mut doc = Doc::new(width);
    let releases = &plan.releases;
    doc.text(
        Role::Dim,
        "Does a release work with the schema as it is after a step? What may be running is in brackets.",
    );
    doc.blank();
    let cell = 6;
    let widest = plan.steps().map(|(_, s)| text::width(&row_title(s))).max().unwrap_or(0);
    let room = usize::from(width).saturating_sub(releases.len() * cell + 1).min(widest + 3);
    let mut head: Vec<Piece<'static>> = vec![piece(" ".repeat(room), Role::Text)];
    head.extend(releases.iter().map(|r| piece(format!("{:^cell$}", r.id), Role::Title)));
    doc.line(head);
    let mut phase = None;
    for (name, step) in plan.steps() {
        if phase != Some(name) {
            phase = Some(name);
            doc.line(vec![piece(name.title(), Role::Title)]);
        }
        doc.line(grid_row(plan, step, room, cell, glyphs));
    }
    let reasons = plan.grid.iter().flat_map(|row| row.because.iter().map(move |(r, why)| (r, why, &row.step)));
    let mut shown: Vec<(String, String, Vec<String>)> = Vec::new();
    for (release, why, step) in reasons {
        match shown.iter_mut().find(|(r, w, _)| r == release && w == why) {
            Some((_, _, steps)) => steps.push(step.clone()),
            None => shown.push((release.clone(), why.clone(), vec![step.clone()])),
        }
    }
    if !shown.is_empty() {
        doc.heading("Why not");
        for (release, why, steps) in shown {
            let steps = match (steps.first(), steps.last()) {
                (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
                (Some(first), _) => first.clone(),
                _ => String::new(),
            };
            doc.item(&format!("{release}  "), Role::Text, &format!("{why} (after {steps})"));
        }
    }
    doc
}

fn row_title(step: &Step) -> String {
    format!("  {} {}", step.id, step.title.replace('`', ""))
}

fn grid_row(plan: &Plan, step: &Step, room: usize, cell: usize, glyphs: Glyphs) -> Vec<Piece<'static>> {
    let title = row_title(step);
    let title = text::fit(&title, room.saturating_sub(1), glyphs.ellipsis()).into_owned();
    let gap = room.saturating_sub(text::width(&title));
    let mut line = vec![piece(title, Role::Text), piece(" ".repeat(gap), Role::Text)];
    let row = plan.grid_row(&step.id);
    for release in &plan.releases {
        let works = row.and_then(|r| r.works.get(&release.id)).copied();
        let (mark, role) = match works {
            Some(true) => ("✓", Role::Good),
            Some(false) => ("✗", Role::Bad),
            None => ("?", Role::Warn),
        };
        let running = row.is_some_and(|r| r.running.contains(&release.id));
        let shown = if running { format!("[{mark}]") } else { mark.to_owned() };
        // Bold would not show in a colourless grid that a release runs: the brackets do.
        let role = if running || works == Some(false) { role } else { Role::Dim };
        line.push(piece(format!("{shown:^cell$}"), role));
    }
    line
}

/// What each release of the app reads, writes and must do.
pub fn releases(plan: &Plan, width: u16) -> Doc {
    let mut doc = Doc::new(width);
    for release in &plan.releases {
        doc.blank();
        release_parts(&mut doc, release);
    }
    doc
}

/// What was read out of the script, and what belongs to no single step.
pub fn notes(plan: &Plan, width: u16) -> Doc {
    let mut doc = Doc::new(width);
    doc.heading("What was read out of the script");
    for wanted in &plan.wanted {
        doc.item("· ", Role::Text, &wanted.title);
        if !wanted.because.is_empty() {
            doc.item("  ", Role::Dim, &wanted.because);
        }
    }
    doc.heading("To know");
    if plan.findings.is_empty() {
        doc.text(Role::Dim, "Nothing in particular.");
    }
    for finding in &plan.findings {
        doc.item(&format!("{}: ", finding.severity), words::severity_role(finding.severity), &finding.text);
        doc.blank();
    }
    ignored(&mut doc, plan);
    doc
}

/// What somebody decided to ignore, each hazard once, with the reason.
fn ignored(doc: &mut Doc, plan: &Plan) {
    let written = plan.as_written.iter().flat_map(|w| w.hazards.iter().map(|h| ("as written", h)));
    let steps = plan.steps().flat_map(|(_, s)| s.hazards.iter().map(move |h| (s.id.as_str(), h)));
    let mut all: Vec<(&crate::plan::Hazard, Vec<&str>)> = Vec::new();
    for (place, hazard) in written.chain(steps).filter(|(_, h)| !h.counts()) {
        match all.iter_mut().find(|(known, _)| known.id == hazard.id) {
            Some((_, places)) => places.push(place),
            None => all.push((hazard, vec![place])),
        }
    }
    if all.is_empty() {
        return;
    }
    doc.heading("Ignored");
    for (hazard, places) in all {
        doc.item(&format!("{}: ", hazard.id), Role::Dim, &format!("{} ({})", hazard.told(), places.join(", ")));
    }
}
