//! The plan screen as a picture: headline, views, steps, lanes, the step in detail.

use super::layout::{Areas, detail_text, layout};
use super::{Pane, PlanScreen, Tab, View, detail, policy_words, watch};
use crate::plan::{Plan, Step};
use crate::tui::canvas::{Canvas, Focus, Piece, part, piece};
use crate::tui::screen::review::{release_notes, release_of};
use crate::tui::state::App;
use crate::tui::theme::Role;
use crate::tui::widget::doc::{Doc, marked};
use crate::tui::widget::lanes::Lanes;
use crate::tui::widget::{meter, steps};
use crate::tui::words::{self, Stops};
use ratatui::layout::Rect;

/// Columns of a bar in the headline.
const BAR: u16 = 24;

impl PlanScreen {
    pub(super) fn draw_all(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let Some(plan) = app.plan() else {
            canvas.put(body, 2, 1, "There is no plan: the change cannot be planned as it stands.", Role::Dim);
            return;
        };
        let areas = layout(plan, body, self.view, self.pane);
        headline(app, plan, canvas, areas.head);
        self.draw_views(app, plan, canvas, areas.views);
        match self.view {
            View::Steps => {
                if areas.list.height > 0 {
                    let focus = Focus::when(self.pane == Pane::List);
                    steps::draw(plan, self.cursor, focus, canvas, areas.list, app);
                }
                if areas.lanes.height > 0 {
                    let rule = Rect {
                        y: areas.lanes.y.saturating_sub(1),
                        x: areas.list.x,
                        width: areas.list.width,
                        height: 1,
                    };
                    canvas.rule(rule, 0, "Timeline", Focus::Elsewhere);
                    self.draw_lanes(plan, canvas, areas.lanes);
                }
                self.draw_detail(app, plan, canvas, &areas);
            }
            View::Timeline => {
                self.draw_lanes(plan, canvas, areas.lanes);
                if let Some(step) = self.step(plan).filter(|_| areas.detail.height > 0) {
                    card(step, canvas, areas.detail);
                }
            }
            _ => self.doc(app, plan, areas.page.width).draw(canvas, areas.page, self.scroll),
        }
    }

    /// As many lanes as there is room for, the selected step's among them.
    fn draw_lanes(&self, plan: &Plan, canvas: &mut Canvas<'_>, area: Rect) {
        let lanes = Lanes::of(plan, area.width);
        let lines = lanes.lines(Some(self.cursor.at));
        let top = lanes_top(&lanes, self.cursor.at, lines.len(), area.height);
        for (y, line) in (0..area.height).zip(lines.iter().skip(top)) {
            canvas.pieces(area, 0, y, line);
        }
    }

    fn draw_views(&self, app: &App, plan: &Plan, canvas: &mut Canvas<'_>, area: Rect) {
        let titles = View::ALL.iter().map(|(v, _)| (v.title(), *v == self.view));
        let used = canvas.pieces(area, 1, 0, &tabs(titles));
        let words = policy_words(app);
        let room = part(area, used + 1, 0, area.width, 1);
        let forms = [format!("{words} · {} ", plan.id), format!("{words} "), words.replace(" strategy ", " ")];
        forms.into_iter().find(|form| canvas.pieces_right(room, 0, &[piece(form.as_str(), Role::Dim)]) > 0);
    }

    fn draw_detail(&self, app: &App, plan: &Plan, canvas: &mut Canvas<'_>, areas: &Areas) {
        let Some(step) = self.step(plan).filter(|_| areas.detail.height > 0) else { return };
        let focus = Focus::when(self.pane == Pane::Detail);
        let mut area = areas.detail;
        if !areas.stacked {
            canvas.post(area, "╭");
            area = part(area, 1, 0, area.width, area.height);
        }
        canvas.rule(area, 0, &format!("{} {}", step.id, step.title.replace('`', "")), focus);
        let text = detail_text(areas);
        let line = part(text, 0, 0, text.width, 1);
        let line = Rect { y: line.y.saturating_sub(1), ..line };
        canvas.pieces(line, 0, 0, &tabs(Tab::ALL.iter().map(|t| (t.title(), *t == self.tab))));
        self.doc(app, plan, text.width).draw(canvas, text, self.scroll);
    }

    fn step_doc(&self, app: &App, plan: &Plan, step: &Step, width: u16) -> Doc {
        if self.tab == Tab::Watch && app.live.on {
            let mut doc = Doc::new(width);
            watch::step(&mut doc, app, step);
            return doc;
        }
        let mut doc = detail::doc(self.tab, plan, step, width);
        if let (Tab::Deploy, Some(review), Some(release)) = (self.tab, app.desk.review(), release_of(plan, step))
            && review.is_of(plan)
            && review.releases.contains_key(release)
        {
            doc.heading(&format!("Deploy notes of {release}"));
            release_notes(&mut doc, review, release);
        }
        doc
    }

    pub(super) fn doc(&self, app: &App, plan: &Plan, width: u16) -> Doc {
        match self.view {
            View::Steps => self.step(plan).map(|s| self.step_doc(app, plan, s, width)).unwrap_or_default(),
            View::Timeline => Doc::new(width),
            View::Checks => watch::checks(app, plan, width),
            View::AsWritten => super::views::as_written(plan, width),
            View::Grid => super::views::grid(plan, width, app.glyphs),
            View::Releases => super::views::releases(plan, width),
            View::Notes => super::views::notes(plan, width),
        }
    }
}

pub(super) fn lanes_top(lanes: &Lanes, step: usize, lines: usize, height: u16) -> usize {
    let height = usize::from(height);
    let line = lanes.line_of(step);
    // The script as written stays in sight as long as it can.
    let top = if line < height { 0 } else { line + 1 - height };
    top.min(lines.saturating_sub(height))
}

/// Title, then both ways with the time that they block; bars where there is room.
fn headline(app: &App, plan: &Plan, canvas: &mut Canvas<'_>, area: Rect) {
    let [mut written, mut planned] = words::headline(plan);
    if area.width >= 96 {
        let both = [plan.blocked_as_written(), plan.longest_blocked()];
        let most = both.iter().filter_map(crate::plan::Estimate::high_s).fold(0.0, f64::max);
        for (line, estimate) in [&mut written, &mut planned].into_iter().zip(&both) {
            let bar = match estimate.high_s() {
                Some(s) if s > 0.0 && most > 0.0 => meter::bar((s / most).max(0.02), BAR, canvas.glyphs),
                Some(_) => canvas.glyphs.pick("▏", "|").to_owned(),
                None => "?".repeat(usize::from(BAR)),
            };
            let gap = usize::from(BAR + 2).saturating_sub(bar.chars().count());
            let role = words::blocked_role(estimate);
            line.splice(1..1, [piece(bar, role), piece(" ".repeat(gap), Role::Text)]);
        }
    }
    let mut lines = vec![written, planned];
    if let Some(live) = live_line(app, plan) {
        // What goes on now takes the place of what is known already.
        let replaced = if area.height > 2 { 0..0 } else { 0..1 };
        lines.splice(replaced, [live]);
    } else if area.height > 2 {
        let mut inside = false;
        lines.insert(0, marked(&plan.title, Role::Title, &mut inside));
    }
    for (y, line) in (0..area.height).zip(lines) {
        canvas.pieces(area, 0, y, &line);
    }
}

/// Where the plan stands, and how the server is.
fn live_line(app: &App, plan: &Plan) -> Option<Vec<Piece<'static>>> {
    let mut line = Vec::new();
    if let Some(progress) = app.live.progress_of(plan) {
        line.push(piece(progress.words(), Role::Title));
    }
    if app.live.on {
        if !line.is_empty() {
            line.push(piece(" · ", Role::Dim));
        }
        match (&app.live.problem, &app.live.vitals) {
            (Some(_), _) => {
                let again = crate::tui::live::retry_in_s(app);
                line.push(piece(format!("connection lost, again in {again} s"), Role::Bad));
            }
            (None, Some(vitals)) => line.extend(vitals.words()),
            (None, None) => line.push(piece("asking the server…", Role::Dim)),
        }
    }
    if let Some(what) = crate::tui::live::under_way(app) {
        line.push(piece(format!("  {what}…"), Role::Accent));
    }
    (!line.is_empty()).then_some(line)
}

/// The selected step in a few lines, below the lanes.
fn card(step: &Step, canvas: &mut Canvas<'_>, area: Rect) {
    canvas.rule(area, 0, &format!("{} {}", step.id, step.title.replace('`', "")), Focus::Here);
    let text = part(area, 1, 1, area.width.saturating_sub(2), area.height);
    let stops = Stops::of(&step.locks);
    let mut doc = Doc::new(text.width);
    let (takes, blocked) = (step.wall.to_string(), step.blocked.to_string());
    let mut line = vec![piece("takes ", Role::Dim), piece(takes, Role::Text), piece("   ", Role::Text)];
    match step.changes_database() {
        true => {
            line.push(piece(stops.sentence(), stops.role()));
            if stops > Stops::Ddl || step.blocked.high_s() != Some(0.0) {
                line.push(piece(" for ", Role::Dim));
                line.push(piece(blocked, words::blocked_role(&step.blocked)));
            }
        }
        false => line.push(piece("does not touch the database", Role::Dim)),
    }
    doc.line(line);
    doc.text(Role::Text, &step.why);
    for hazard in &step.hazards {
        doc.item(&format!("{}: ", hazard.label()), words::hazard_role(hazard), &hazard.told());
    }
    doc.draw(canvas, text, crate::tui::widget::Scroll::default());
}

/// Titles in a row, the active one set off.
pub fn tabs<'t>(titles: impl Iterator<Item = (&'t str, bool)>) -> Vec<Piece<'t>> {
    let mut line = Vec::new();
    for (title, active) in titles {
        line.push(piece(title, if active { Role::TabActive } else { Role::Tab }));
        line.push(piece("  ", Role::Text));
    }
    line
}
