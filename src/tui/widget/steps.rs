//! The list of phases and steps: the plan at a glance, with what each step blocks and both times.

use super::Cursor;
use super::doc::marked;
use crate::plan::{Act, Phase, Plan, Severity, Step};
use crate::tui::canvas::{Canvas, Focus, part};
use crate::tui::highlight::Mark;
use crate::tui::live::progress::Done;
use crate::tui::state::App;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::words::{self, Stops};
use ratatui::layout::Rect;

/// A line of the list.
enum Row<'p> {
    Phase(usize, &'p Phase),
    Step(&'p Step),
}

fn rows(plan: &Plan) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (n, phase) in plan.phases.iter().enumerate() {
        rows.push(Row::Phase(n + 1, phase));
        rows.extend(phase.steps.iter().map(Row::Step));
    }
    rows
}

/// The cursor counts steps; the window counts lines, with phase titles among them.
fn line_of(rows: &[Row<'_>], step: usize) -> usize {
    let steps = rows.iter().enumerate().filter(|(_, r)| matches!(r, Row::Step(_)));
    steps.map(|(line, _)| line).nth(step).unwrap_or(0)
}

/// The first line that shows, and how many lines there are.
fn window(rows: &[Row<'_>], cursor: Cursor, height: u16) -> usize {
    let at = line_of(rows, cursor.at);
    // A phase's title comes into view with its first step.
    let at_top = if at > 0 && matches!(rows.get(at - 1), Some(Row::Phase(..))) { at - 1 } else { at };
    let top = cursor.top.min(at_top);
    Cursor { at, top }.window(rows.len(), height)
}

/// Moves by an action; `false` if it is no movement.
pub fn act(cursor: &mut Cursor, plan: &Plan, action: crate::tui::action::Action, height: u16) -> bool {
    let moved = cursor.act(action, plan.steps().count(), height);
    settle(cursor, plan, height);
    moved
}

pub fn by(cursor: &mut Cursor, plan: &Plan, lines: i32, height: u16) {
    cursor.by(lines as isize, plan.steps().count(), height);
    settle(cursor, plan, height);
}

/// Keeps the cursor inside the plan after the plan changed.
pub fn settle(cursor: &mut Cursor, plan: &Plan, height: u16) {
    cursor.at = cursor.at.min(plan.steps().count().saturating_sub(1));
    cursor.top = window(&rows(plan), *cursor, height);
}

/// The step at a line of the drawn list.
pub fn step_at(cursor: Cursor, plan: &Plan, height: u16, line: u16) -> Option<usize> {
    let rows = rows(plan);
    let at = window(&rows, cursor, height) + usize::from(line);
    matches!(rows.get(at), Some(Row::Step(_)))
        .then(|| rows.iter().take(at).filter(|r| matches!(r, Row::Step(_))).count())
}

/// Where columns end; as wide as what stands in them, so that titles get the rest.
struct Columns {
    /// The widest id.
    id: u16,
    title: u16,
    /// Where the chip begins, and whether its short form must do.
    chip: Option<(u16, Chips)>,
    blocked: u16,
    takes: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chips {
    Long,
    Short,
}

/// A title of this many columns says what the step is.
const TITLE_ROOM: u16 = 34;

impl Columns {
    fn of(plan: &Plan, width: u16) -> Self {
        let widest = |word: &str, texts: &mut dyn Iterator<Item = String>| {
            let wide = texts.map(|t| text::width(&t)).max().unwrap_or(0).max(word.len());
            u16::try_from(wide).unwrap_or(16)
        };
        let steps = || plan.steps().map(|(_, s)| s).filter(|s| s.changes_database());
        let takes = widest("Takes", &mut plan.steps().map(|(_, s)| takes(s)));
        let blocked = widest("for", &mut steps().map(blocked));
        let long = widest("Blocks", &mut steps().map(|s| Stops::of(&s.locks).chip().to_owned()));
        let forms = [
            (Some((long, Chips::Long)), Some(takes)),
            (Some((6, Chips::Short)), Some(takes)),
            (Some((6, Chips::Short)), None),
            (None, None),
        ];
        let id = plan.steps().map(|(_, s)| s.id.len()).max().unwrap_or(0);
        let id = u16::try_from(id).unwrap_or(3);
        let mut columns = Self { id, title: width, chip: None, blocked: width, takes: None };
        for (chip, takes) in forms {
            let mut right = width.saturating_sub(1);
            columns.takes = takes.map(|wide| {
                let end = right;
                right = right.saturating_sub(wide + 2);
                end
            });
            columns.blocked = right;
            right = right.saturating_sub(blocked + 1);
            columns.chip = chip.map(|(wide, form)| {
                right = right.saturating_sub(wide + 1);
                (right + 1, form)
            });
            columns.title = right.saturating_sub(1);
            if columns.title >= TITLE_ROOM {
                break;
            }
        }
        columns
    }
}

fn takes(step: &Step) -> String {
    match step.wall {
        crate::plan::Estimate::Instant if !step.changes_database() => String::new(),
        _ => step.wall.to_string(),
    }
}

fn blocked(step: &Step) -> String {
    match Stops::of(&step.locks) <= Stops::Ddl && step.blocked.high_s() == Some(0.0) {
        true => String::new(),
        false => step.blocked.to_string(),
    }
}

/// What the database said of the step: done, or the one that is next.
fn stands(app: &App, plan: &Plan, columns: &Columns, step: &Step, canvas: &mut Canvas<'_>, area: Rect, y: u16) {
    let Some(progress) = app.live.progress_of(plan) else { return };
    if progress.current.as_ref() == Some(&step.id) {
        canvas.put(area, 0, y, "▸", Role::Accent);
    }
    match progress.done.get(&step.id) {
        Some(Done::Yes) => canvas.put(area, columns.id + 3, y, "✓", Role::Good),
        Some(Done::Passed) => canvas.put(area, columns.id + 3, y, "✓", Role::Dim),
        _ => 0,
    };
}

/// The worst hazard that nobody ignores; a note is no reason for a mark.
fn worst_hazard(step: &Step) -> Option<Severity> {
    step.hazards.iter().filter(|h| h.counts()).map(|h| h.severity).max().filter(|s| *s > Severity::Note)
}

pub fn draw(plan: &Plan, cursor: Cursor, focus: Focus, canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let columns = Columns::of(plan, area.width);
    let rows = rows(plan);
    let list = part(area, 0, 1, area.width, area.height);
    titles(&columns, canvas, area);
    let top = window(&rows, cursor, list.height);
    let selected = line_of(&rows, cursor.at);
    for (y, (line, row)) in (0..list.height).zip(rows.iter().enumerate().skip(top)) {
        match row {
            Row::Phase(n, phase) => {
                canvas.put(list, 1, y, &format!("{n} {}", phase.name.title()), Role::Title);
            }
            Row::Step(step) => {
                step_line(&columns, step, canvas, list, y);
                stands(app, plan, &columns, step, canvas, list, y);
                if let Some(mark) = app.highlight.mark(&step.id) {
                    let glyph = if mark == Mark::New { "+" } else { "~" };
                    canvas.put(list, 0, y, glyph, Role::Match);
                    canvas.put(list, 2, y, &step.id, Role::Match);
                }
            }
        }
        if line == selected {
            canvas.tint(list, y, focus.pick(Role::Selected, Role::SelectedIdle));
        }
    }
}

fn titles(columns: &Columns, canvas: &mut Canvas<'_>, area: Rect) {
    canvas.put(area, 1, 0, "Step", Role::Dim);
    if let Some((at, _)) = columns.chip {
        canvas.put(area, at, 0, "Blocks", Role::Dim);
    }
    canvas.put_right(area, columns.blocked, 0, "for", Role::Dim);
    if let Some(takes) = columns.takes {
        canvas.put_right(area, takes, 0, "Takes", Role::Dim);
    }
}

fn step_line(columns: &Columns, step: &Step, canvas: &mut Canvas<'_>, area: Rect, y: u16) {
    // What the database does not do blocks nothing: its title has the room of those columns.
    let title_end = match (step.changes_database(), columns.takes) {
        (true, _) => columns.title,
        (false, Some(end)) => end.saturating_sub(14).max(columns.title),
        (false, None) => area.width.saturating_sub(1),
    };
    let room = part(area, 0, 0, title_end, area.height);
    let deploys = matches!(step.act, Act::Deploy { .. });
    if let Some(severity) = worst_hazard(step) {
        canvas.put(room, 1, y, "!", words::severity_role(severity));
    }
    canvas.put(room, 2, y, &step.id, Role::Dim);
    let id = 2 + columns.id;
    canvas.put(room, id + 1, y, words::mark(step), if deploys { Role::Deploy } else { Role::Dim });
    let title = part(room, id + 3, 0, room.width, room.height);
    let mut inside = false;
    let pieces = marked(&step.title, if deploys { Role::Deploy } else { Role::Text }, &mut inside);
    canvas.pieces(title, 0, y, &pieces);
    if let Some(end) = columns.takes {
        canvas.put_right(area, end, y, &takes(step), if step.changes_database() { Role::Text } else { Role::Dim });
    }
    if !step.changes_database() {
        return;
    }
    let stops = Stops::of(&step.locks);
    if let Some((at, form)) = columns.chip {
        let chip = if form == Chips::Long { stops.chip() } else { stops.short_chip() };
        canvas.put(area, at, y, chip, stops.role());
    }
    canvas.put_right(area, columns.blocked, y, &blocked(step), words::blocked_role(&step.blocked));
}
