//! The review: each step ticked, remarked on, questioned; two names, two signatures; what changed since.

use super::ask::{self, Ask, Purpose, ReleasePart};
use super::plan::{Tab, detail, plain};
use super::{Part, Place, Reply, Screen};
use crate::plan::review::{Person, RemarkKind, Signer};
use crate::plan::{Act, Plan, Review, Step};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, Piece, below, part, piece};
use crate::tui::keymap::Scope;
use crate::tui::review;
use crate::tui::state::App;
use crate::tui::theme::Role;
use crate::tui::widget::doc::{Doc, marked};
use crate::tui::widget::{Cursor, Scroll};
use crate::tui::words::{self, Stops};
use ratatui::layout::Rect;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    Steps,
    Detail,
}

#[derive(Debug, Clone, Default)]
pub struct ReviewScreen {
    cursor: Cursor,
    pane: Pane,
    /// The differences stand in the place of the step.
    differences: bool,
    scroll: Scroll,
}

struct Areas {
    head: Rect,
    list: Rect,
    detail: Rect,
    stacked: bool,
}

fn layout(body: Rect, pane: Pane) -> Areas {
    let head = part(body, 1, 0, body.width.saturating_sub(2), 3);
    let rest = below(body, 3);
    let stacked = body.width < 100;
    let nothing = Rect { height: 0, ..rest };
    let (list, detail) = if stacked && rest.height < 12 {
        if pane == Pane::Steps { (rest, nothing) } else { (nothing, rest) }
    } else if stacked {
        (part(rest, 0, 0, rest.width, rest.height / 2), below(rest, rest.height / 2))
    } else {
        (part(rest, 0, 0, rest.width / 2, rest.height), part(rest, rest.width / 2 + 1, 0, rest.width, rest.height))
    };
    Areas { head, list, detail, stacked }
}

fn detail_text(areas: &Areas) -> Rect {
    let inset = if areas.stacked { 1 } else { 2 };
    part(areas.detail, inset, 1, areas.detail.width.saturating_sub(inset + 1), areas.detail.height)
}

impl ReviewScreen {
    fn step<'p>(&self, plan: &'p Plan) -> Option<&'p Step> {
        plan.steps().nth(self.cursor.at).map(|(_, s)| s)
    }

    fn doc(&self, app: &App, plan: &Plan, width: u16) -> Doc {
        let mut doc = Doc::new(width);
        let Some(review) = app.desk.review() else { return doc };
        if self.differences {
            differences(&mut doc, app, plan, review);
        } else if let Some(step) = self.step(plan) {
            said(&mut doc, review, plan, step);
            for tab in [Tab::Why, Tab::Sql, Tab::Locks, Tab::Undo, Tab::Watch] {
                doc.heading(&format!("── {}", tab.title()));
                doc.lines.extend(detail::doc(tab, plan, step, width).lines);
            }
        }
        doc
    }

    fn ask(&self, plan: &Plan, kind: RemarkKind) -> Reply {
        let Some(step) = self.step(plan) else { return Reply::none() };
        let (title, about) = match kind {
            RemarkKind::Comment => ("Comment on step", "It stands in the review and in the runbook."),
            RemarkKind::Question => ("Question about step", "Nobody can sign before it is answered."),
        };
        let purpose = Purpose::Remark { step: step.id.clone(), kind };
        Reply::push(Screen::Ask(Ask::new(purpose, format!("{title} {}", step.id), about, "")))
    }
}

/// The release whose notes go with a step: its own, or the next that is deployed.
pub fn release_of<'p>(plan: &'p Plan, step: &Step) -> Option<&'p str> {
    let from = plan.steps().position(|(_, s)| s.id == step.id)?;
    plan.steps()
        .skip(from)
        .find_map(|(_, s)| if let Act::Deploy { release } = &s.act { Some(release.as_str()) } else { None })
}

/// Asks for the notes on the release of a step.
pub fn note_release(app: &App, step: &Step) -> Reply {
    match app.plan().and_then(|plan| release_of(plan, step)) {
        Some(release) => Reply::push(Screen::Ask(ask::release(app, release, ReleasePart::PullRequest))),
        None => Reply::none(),
    }
}

pub fn no_release(app: &App, step: Option<&Step>) -> Result<(), String> {
    match (app.plan(), step) {
        (Some(plan), Some(step)) if release_of(plan, step).is_none() => {
            Err("No release is deployed at this step or after it".to_owned())
        }
        _ => Ok(()),
    }
}

/// Tick, remarks and, for a deploy, what the team knows of the release.
fn said(doc: &mut Doc, review: &Review, plan: &Plan, step: &Step) {
    let said = review.said_of(plan, step);
    match said.and_then(|s| s.ticked_by.as_ref()).filter(|_| review.holds(plan, step)) {
        Some(by) => doc.text(Role::Good, &format!("✓ ticked by {by}")),
        None => doc.text(Role::Dim, "not ticked"),
    }
    if let Act::Deploy { release } = &step.act {
        release_notes(doc, review, release);
    }
    for remark in said.map_or(&[][..], |s| s.remarks.as_slice()) {
        let (lead, role) = match (remark.kind, remark.is_open()) {
            (RemarkKind::Comment, _) => ("said", Role::Text),
            (RemarkKind::Question, true) => ("asks", Role::Warn),
            (RemarkKind::Question, false) => ("asked", Role::Text),
        };
        doc.item(&format!("{} {lead}: ", remark.by), role, &remark.text);
        if let Some([by, text]) = &remark.answer {
            doc.item(&format!("  {by} answered: "), Role::Good, text);
        }
    }
}

/// Pull request, owner, note.
pub fn release_notes(doc: &mut Doc, review: &Review, release: &str) {
    let Some(note) = review.releases.get(release) else { return };
    for (name, value) in [("PR", &note.pull_request), ("owner", &note.owner), ("note", &note.note)] {
        if !value.is_empty() {
            doc.pair(name, Role::Accent, value);
        }
    }
}

fn differences(doc: &mut Doc, app: &App, plan: &Plan, review: &Review) {
    if review.is_of(plan) {
        doc.text(Role::Good, "The plan is the one that is reviewed here: nothing is otherwise.");
        return;
    }
    doc.text(Role::Warn, &format!("This review is of plan {}. In plan {} this is otherwise:", review.plan, plan.id));
    doc.blank();
    for line in review.changes(plan) {
        doc.item("· ", Role::Text, &line);
    }
    doc.blank();
    let key = app.keymap.keys(&[Scope::Review], Action::TakeUp).join(" ");
    doc.text(
        Role::Dim,
        &format!("`{key}` takes the review up for the new plan: ticks stay with steps that do the same, remarks with their steps; both sign anew."),
    );
}

fn people(app: &App, review: &Review) -> Vec<Piece<'static>> {
    let mut line = Vec::new();
    for person in [Person::Author, Person::Reviewer] {
        let Signer { name, signed } = review.signer(person);
        let speaks = app.desk.speaks == person;
        line.push(piece(if speaks { "▸ " } else { "  " }, Role::Accent));
        line.push(piece(format!("{} ", person.word()), Role::Dim));
        let name = if name.is_empty() { "no name".to_owned() } else { name.clone() };
        line.push(piece(name, if speaks { Role::Title } else { Role::Text }));
        line.push(match signed.as_deref() {
            Some("") => piece(" ✓ signed", Role::Good),
            Some(day) => piece(format!(" ✓ signed {day}"), Role::Good),
            None => piece(" not signed", Role::Dim),
        });
        line.push(piece("   ", Role::Text));
    }
    line
}

fn status(app: &App, plan: &Plan, review: &Review) -> Vec<Piece<'static>> {
    if let Some(problem) = &app.desk.problem {
        let hint = problem.hints.first().map(|h| format!("; {h}")).unwrap_or_default();
        return vec![piece(format!("not saved: {}{hint}", problem.message).replace('`', ""), Role::Bad)];
    }
    if !review.is_of(plan) {
        let n = review.changes(plan).len();
        return vec![
            piece("stale: the plan changed since this review", Role::Warn),
            piece(format!(" (differences: {n})"), Role::Dim),
        ];
    }
    let steps = plan.steps().count();
    let mut line = vec![piece(format!("{} of {steps} steps ticked", review.ticked(plan)), Role::Text)];
    if review.open_questions() > 0 {
        line.push(piece(format!(" · open questions: {}", review.open_questions()), Role::Warn));
    }
    if review.is_complete(plan) {
        line.push(piece(" · signed by both", Role::Good));
    }
    line.push(match &app.desk.place {
        Some(place) => piece(format!(" · {}", place.path), Role::Dim),
        None => piece(" · saved beside the export", Role::Dim),
    });
    line
}

impl Part for ReviewScreen {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let Some(plan) = app.plan() else { return Reply::unhandled() };
        let areas = layout(body, self.pane);
        let step = self.step(plan).cloned();
        if self.pane == Pane::Steps {
            let before = self.cursor.at;
            let movement = self.cursor.act(action, plan.steps().count(), areas.list.height);
            if self.cursor.at != before {
                (self.scroll, self.differences) = (Scroll::default(), false);
            }
            if movement {
                return Reply::none();
            }
        } else {
            let room = detail_text(&areas);
            if self.scroll.act(action, self.doc(app, plan, room.width).lines.len(), room.height) {
                return Reply::none();
            }
        }
        match action {
            Action::Tick => {
                let Some(step) = step else { return Reply::none() };
                let effects = review::edit(app, |r, by, _| r.tick(&step.id, by));
                // On to the next, as with any list of ticks.
                let steps = app.plan().map_or(0, |p| p.steps().count());
                if app.desk.review().is_some_and(|r| r.is_ticked(&step.id)) {
                    self.cursor.act(Action::Down, steps, areas.list.height);
                    self.scroll = Scroll::default();
                }
                return Reply::effects(effects);
            }
            Action::Comment => return self.ask(plan, RemarkKind::Comment),
            Action::Question => return self.ask(plan, RemarkKind::Question),
            Action::Answer => {
                let Some(step) = step else { return Reply::none() };
                let asked = app
                    .desk
                    .review()
                    .and_then(|r| r.step(&step.id))
                    .and_then(|s| s.remarks.iter().find(|r| r.is_open()));
                let Some(asked) = asked else { return Reply::none() };
                let about = format!("{} asks: {}", asked.by, asked.text);
                let ask =
                    Ask::new(Purpose::Answer { step: step.id.clone() }, format!("Answer, step {}", step.id), about, "");
                return Reply::push(Screen::Ask(ask));
            }
            Action::Person => app.desk.speaks = app.desk.speaks.other(),
            Action::NamePerson => {
                let person = app.desk.speaks;
                let name = app.desk.review().map(|r| r.signer(person).name.clone()).unwrap_or_default();
                let about = "It stands in the review file and in the runbook. A new name takes the signature back.";
                let ask = Ask::new(Purpose::Name(person), format!("Name of the {}", person.word()), about, &name);
                return Reply::push(Screen::Ask(ask));
            }
            Action::Sign => return Reply::effects(review::sign(app)),
            Action::Changes => {
                self.differences = !self.differences;
                self.scroll = Scroll::default();
            }
            Action::TakeUp => {
                self.differences = false;
                return Reply::effects(review::edit(app, |r, _, plan| r.take_up(plan)));
            }
            Action::DeployNotes => return step.map_or(Reply::none(), |s| note_release(app, &s)),
            Action::Reload => return Reply::effects(review::reload(app)),
            Action::NextPane | Action::PreviousPane => {
                self.pane = if self.pane == Pane::Steps { Pane::Detail } else { Pane::Steps };
            }
            Action::Open => self.pane = Pane::Detail,
            Action::Left | Action::Right => {}
            Action::Back if self.differences => self.differences = false,
            Action::Back if self.pane == Pane::Detail => self.pane = Pane::Steps,
            Action::Export => return Reply::to(Place::Export),
            Action::Copy => {
                let text = plain(&self.doc(app, plan, 100));
                return Reply::copy(app, "what is shown", text);
            }
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let Some(plan) = app.plan() else { return Reply::none() };
        let areas = layout(body, self.pane);
        if areas.list.contains((column, row).into()) {
            let steps = plan.steps().count();
            let at = self.cursor.window(steps, areas.list.height) + usize::from(row - areas.list.y);
            if at < steps {
                (self.cursor.at, self.pane, self.scroll) = (at, Pane::Steps, Scroll::default());
                self.differences = false;
                if column < 5 {
                    return self.act(app, body, Action::Tick);
                }
            }
        } else if areas.detail.contains((column, row).into()) {
            self.pane = Pane::Detail;
        }
        Reply::none()
    }

    fn wheel(&mut self, app: &mut App, body: Rect, column: u16, row: u16, lines: i32) {
        let Some(plan) = app.plan() else { return };
        let areas = layout(body, self.pane);
        if areas.list.contains((column, row).into()) {
            self.cursor.by(lines as isize, plan.steps().count(), areas.list.height);
        } else {
            let room = detail_text(&areas);
            self.scroll.by(lines, self.doc(app, plan, room.width).lines.len(), room.height);
        }
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let (Some(plan), Some(review)) = (app.plan(), app.desk.review()) else {
            canvas.put(body, 2, 1, "There is no plan to review.", Role::Dim);
            return;
        };
        let areas = layout(body, self.pane);
        let mut title = marked(&plan.title, Role::Title, &mut false);
        title.insert(0, piece("Review: ", Role::Dim));
        canvas.pieces(areas.head, 0, 0, &title);
        canvas.pieces(areas.head, 0, 1, &people(app, review));
        canvas.pieces(areas.head, 0, 2, &status(app, plan, review));
        let top = self.cursor.window(plan.steps().count(), areas.list.height);
        for (y, (at, (_, step))) in (0..areas.list.height).zip(plan.steps().enumerate().skip(top)) {
            row(review, plan, step, canvas, areas.list, y);
            if at == self.cursor.at {
                let role = if self.pane == Pane::Steps { Role::Selected } else { Role::SelectedIdle };
                canvas.tint(areas.list, y, role);
            }
        }
        if areas.detail.height == 0 {
            return;
        }
        let mut area = areas.detail;
        if !areas.stacked {
            canvas.post(area, "╭");
            area = part(area, 1, 0, area.width, area.height);
        }
        let title = match self.step(plan) {
            _ if self.differences => "Differences".to_owned(),
            Some(step) => format!("{} {}", step.id, step.title.replace('`', "")),
            None => String::new(),
        };
        canvas.rule(area, 0, &title, Focus::when(self.pane == Pane::Detail));
        let text = detail_text(&areas);
        self.doc(app, plan, text.width).draw(canvas, text, self.scroll);
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Review, Scope::List, Scope::Panes]
    }

    fn hints(&self, app: &App) -> Vec<Action> {
        let stale = app.plan().zip(app.desk.review()).is_some_and(|(plan, review)| !review.is_of(plan));
        let mut hints = if stale { vec![Action::Changes, Action::TakeUp] } else { Vec::new() };
        hints.extend([Action::Tick, Action::Comment, Action::Question, Action::Answer, Action::Sign, Action::Person]);
        hints.extend([Action::NamePerson, Action::DeployNotes, Action::NextPane]);
        hints
    }

    fn available(&self, app: &App, action: Action) -> Result<(), String> {
        let (Some(plan), Some(review)) = (app.plan(), app.desk.review()) else { return Ok(()) };
        let step = self.step(plan);
        match action {
            Action::Tick | Action::Comment | Action::Question if !review.is_of(plan) => {
                Err("The plan changed since this review: take it up for the new plan first".to_owned())
            }
            Action::Answer => {
                let said = step.and_then(|s| review.step(&s.id));
                match said.is_some_and(|s| s.remarks.iter().any(crate::plan::review::Remark::is_open)) {
                    true => Ok(()),
                    false => Err("The step has no open question".to_owned()),
                }
            }
            Action::Sign if review.signer(app.desk.speaks).signed.is_none() => {
                review.obstacle(app.desk.speaks, plan).map_or(Ok(()), Err)
            }
            Action::TakeUp if review.is_of(plan) => Err("The review is of this very plan".to_owned()),
            Action::DeployNotes => no_release(app, step),
            Action::Reload if app.desk.place.is_none() => {
                Err("The review is not in a file yet: it is saved beside the export".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn row(review: &Review, plan: &Plan, step: &Step, canvas: &mut Canvas<'_>, area: Rect, y: u16) {
    let ticked = review.holds(plan, step);
    let tick = if ticked { "[x]" } else { "[ ]" };
    canvas.put(area, 1, y, tick, if ticked { Role::Good } else { Role::Dim });
    let remarks = review.said_of(plan, step).map_or(&[][..], |s| s.remarks.as_slice());
    let open = remarks.iter().filter(|r| r.is_open()).count();
    let mut right = Vec::new();
    if open > 0 {
        right.push(piece(format!("?{open} "), Role::Warn));
    }
    if remarks.len() > open {
        right.push(piece(format!("\"{} ", remarks.len() - open), Role::Dim));
    }
    if step.changes_database() && area.width >= 60 {
        let stops = Stops::of(&step.locks);
        right.push(piece(format!("{:>6} ", stops.short_chip()), stops.role()));
    }
    let used = canvas.pieces_right(area, y, &right);
    let room = part(area, 0, 0, area.width.saturating_sub(used + 1), area.height);
    let x = 5 + canvas.put(room, 5, y, &step.id, Role::Dim);
    let deploys = matches!(step.act, Act::Deploy { .. });
    canvas.put(room, x + 1, y, words::mark(step), if deploys { Role::Deploy } else { Role::Dim });
    let title = part(room, x + 3, 0, room.width, room.height);
    canvas.pieces(title, 0, y, &marked(&step.title, if deploys { Role::Deploy } else { Role::Text }, &mut false));
}
