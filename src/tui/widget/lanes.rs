//! The plan drawn to scale: a lane for each phase and one for the script as written, bars as long as the work takes,
//! windows in which others stand still marked. What takes no time has one column.

use crate::model::quantity::seconds;
use crate::plan::{Act, Estimate, Plan, Step};
use crate::tui::canvas::{Piece, piece};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::words::{self, Stops};

/// One column of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    glyph: char,
    role: Role,
    /// Place of the step in the plan; none for the script as written.
    step: Option<usize>,
}

#[derive(Debug, Clone)]
struct Lane {
    name: String,
    cells: Vec<Option<Cell>>,
    /// How long all of it takes.
    takes: String,
}

/// The drawing for one width.
#[derive(Debug, Clone)]
pub struct Lanes {
    lanes: Vec<Lane>,
    /// Columns of a second; none if nothing takes time.
    per_second: Option<f64>,
    name_width: usize,
    room: usize,
}

/// A step or statement as the scale sees it.
struct Part {
    low_s: f64,
    high_s: Option<f64>,
    blocked_s: Option<f64>,
    stops: Stops,
    mark: char,
    role: Role,
    step: Option<usize>,
}

const UNKNOWN_COLUMNS: f64 = 3.0;

impl Part {
    fn new(wall: &Estimate, blocked: &Estimate, stops: Stops) -> Self {
        let low_s = if let Estimate::Range { low_s, .. } = wall { *low_s } else { 0.0 };
        let (mark, role) = ('│', Role::Bar);
        Self { low_s, high_s: wall.high_s(), blocked_s: blocked.high_s(), stops, mark, role, step: None }
    }

    fn of(step: &Step, at: usize) -> Self {
        let stops = if step.changes_database() { Stops::of(&step.locks) } else { Stops::Nothing };
        let mut part = Self { step: Some(at), ..Self::new(&step.wall, &step.blocked, stops) };
        if !matches!(step.act, Act::Sql { .. } | Act::Backfill { .. }) {
            // People and the app act: that takes no time of the database.
            part.mark = match step.act {
                // A question mark stands for an unknown time here.
                Act::Verify { .. } => '∙',
                _ => words::mark(step).chars().next().unwrap_or('∙'),
            };
            part.role = if matches!(step.act, Act::Deploy { .. }) { Role::Deploy } else { Role::Dim };
            if !matches!(step.act, Act::Verify { .. }) {
                (part.low_s, part.high_s) = (0.0, Some(0.0));
            }
        }
        part
    }

    /// Columns that it needs whatever the scale is.
    fn fixed(&self, seconds_per_column: f64) -> Option<f64> {
        match self.high_s {
            None => Some(UNKNOWN_COLUMNS),
            Some(s) if s < seconds_per_column => Some(1.0),
            Some(_) => None,
        }
    }

    fn blocks(&self) -> bool {
        self.stops >= Stops::Writes || self.blocked_s != Some(0.0)
    }

    /// The glyph in its column `at` of `columns`.
    fn cell(&self, at: f64, columns: f64) -> Cell {
        let blocked_role = if self.stops == Stops::All { Role::ChipReads } else { Role::ChipWrites };
        let (glyph, role) = match self.high_s {
            None => ('?', if self.blocks() { blocked_role } else { Role::Warn }),
            Some(high) if high <= 0.0 || columns <= 1.0 => match self.blocks() {
                true => ('▮', blocked_role),
                false if high > 0.0 => ('█', Role::Bar),
                false => (self.mark, self.role),
            },
            Some(high) => {
                let second = at / columns * high;
                let blocked = self.blocked_s.is_none_or(|b| second < b) && self.blocked_s != Some(0.0);
                let held = self.blocked_s == Some(0.0) && self.stops >= Stops::Writes && at < 1.0;
                match (blocked || held, second < self.low_s.max(high / columns)) {
                    (true, _) => ('▓', blocked_role),
                    (false, true) => ('█', Role::Bar),
                    (false, false) => ('░', Role::Bar),
                }
            }
        };
        Cell { glyph, role, step: self.step }
    }
}

impl Lanes {
    pub fn of(plan: &Plan, width: u16) -> Self {
        let width = usize::from(width);
        let names: Vec<String> =
            plan.phases.iter().enumerate().map(|(n, p)| format!("{} {}", n + 1, p.name.title())).collect();
        let name_width = "as written".len().min(width / 3) + 2;
        let with_times = width >= 72;
        let room = width.saturating_sub(name_width + if with_times { 14 } else { 1 }).max(4);
        let written: Vec<Part> =
            plan.as_written.iter().map(|w| Part::new(&w.wall, &w.blocked, Stops::of(&w.locks))).collect();
        let mut place = 0;
        let phases: Vec<Vec<Part>> = plan
            .phases
            .iter()
            .map(|phase| {
                let parts = phase.steps.iter().zip(place..).map(|(s, at)| Part::of(s, at)).collect();
                place += phase.steps.len();
                parts
            })
            .collect();
        let scale = [Scale::of(&mut written.iter(), room), Scale::of(&mut phases.iter().flatten(), room)];
        // Both ways on one scale: the slower one decides.
        let per_second = scale.iter().filter_map(|s| s.per_second).reduce(f64::min);
        let mut lanes = Vec::new();
        let takes = |parts: &[Part]| -> String {
            match (with_times, parts.iter().try_fold(0.0, |sum, p| p.high_s.map(|h| sum + h))) {
                (false, _) | (true, Some(0.0)) => String::new(),
                (true, None) => "unknown".to_owned(),
                (true, Some(high)) => Estimate::range(parts.iter().map(|p| p.low_s).sum(), high, "").to_string(),
            }
        };
        let mut at = 0.0;
        let [fit_written, fit_planned] = scale.map(|s| s.fit);
        let cells = draw(&written, &mut at, room, per_second, fit_written);
        lanes.push(Lane { name: "as written".to_owned(), cells, takes: takes(&written) });
        at = 0.0;
        for (name, parts) in names.into_iter().zip(&phases) {
            let cells = draw(parts, &mut at, room, per_second, fit_planned);
            lanes.push(Lane { name, cells, takes: takes(parts) });
        }
        Self { lanes, per_second, name_width, room }
    }

    /// Lanes, then the scale and what the glyphs mean; `selected` is set off.
    pub fn lines(&self, selected: Option<usize>) -> Vec<Vec<Piece<'static>>> {
        let mut lines: Vec<Vec<Piece<'static>>> = Vec::new();
        for lane in &self.lanes {
            let here = selected.is_some() && lane.cells.iter().flatten().any(|c| c.step == selected);
            let name = text::fit(&lane.name, self.name_width - 1, "…").into_owned();
            let gap = self.name_width - text::width(&name);
            let role = if here { Role::Title } else { Role::Dim };
            let mut line = vec![piece(name, role), piece(" ".repeat(gap), Role::Text)];
            line.extend(runs(&lane.cells, selected));
            let shown = lane.cells.len().max(self.room);
            line.push(piece(" ".repeat(shown - lane.cells.len()), Role::Text));
            line.push(piece(format!(" {}", lane.takes), Role::Dim));
            lines.push(line);
        }
        lines.push(self.ruler());
        lines
    }

    /// The step drawn at a column of a line, for the mouse.
    pub fn step_at(&self, line: usize, column: usize) -> Option<usize> {
        let lane = self.lanes.get(line)?;
        let column = column.checked_sub(self.name_width);
        let under = column.and_then(|c| lane.cells.get(c).copied().flatten()).and_then(|c| c.step);
        under.or_else(|| lane.cells.iter().flatten().find_map(|c| c.step))
    }

    /// The line of the lane that holds a step.
    pub fn line_of(&self, step: usize) -> usize {
        self.lanes.iter().position(|l| l.cells.iter().flatten().any(|c| c.step == Some(step))).unwrap_or(0)
    }

    pub fn height(plan: &Plan) -> u16 {
        u16::try_from(plan.phases.len()).unwrap_or(6) + 2
    }

    fn ruler(&self) -> Vec<Piece<'static>> {
        let mut line = vec![piece(" ".repeat(self.name_width), Role::Text)];
        let nice = [
            1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 43_200.0,
            86_400.0, 172_800.0, 604_800.0,
        ];
        let fitting = self.per_second.and_then(|per| {
            let columns = |s: &f64| (*s * per).round() as usize;
            let length = nice.iter().find(|s| columns(s) >= (self.room / 6).max(3))?;
            Some((columns(length).min(self.room), *length))
        });
        if let Some((columns, length)) = fitting {
            let bar = format!("├{}┤ ", "─".repeat(columns.saturating_sub(2)));
            line.push(piece(bar, Role::Dim));
            line.push(piece(if length == 3_600.0 { "1 h".to_owned() } else { seconds(length) }, Role::Dim));
            line.push(piece("   ", Role::Dim));
        }
        for (glyph, role, word) in [
            ("▓▮", Role::ChipReads, " blocks   "),
            ("█", Role::Bar, " works   "),
            ("░", Role::Bar, " at worst   "),
            ("▲", Role::Deploy, " deploy"),
        ] {
            line.extend([piece(glyph, role), piece(word, Role::Dim)]);
        }
        line
    }
}

struct Scale {
    per_second: Option<f64>,
    /// By how much the columns of what takes no time shrink, so that hundreds of steps fit.
    fit: f64,
}

impl Scale {
    fn of(parts: &mut dyn Iterator<Item = &Part>, room: usize) -> Self {
        let parts: Vec<&Part> = parts.collect();
        let total: f64 = parts.iter().filter_map(|p| p.high_s).sum();
        let room = room as f64;
        let column = total / room;
        let fixed: f64 = parts.iter().filter_map(|p| p.fixed(column)).sum();
        let fit = if fixed > room / 2.0 { room / 2.0 / fixed } else { 1.0 };
        let rest = room - fixed * fit;
        let long: f64 = parts.iter().filter(|p| p.fixed(column).is_none()).filter_map(|p| p.high_s).sum();
        Self { per_second: (long > 0.0).then(|| rest / long), fit }
    }
}

/// The cells from the left edge on; `at` is where the lane before ended.
fn draw(parts: &[Part], at: &mut f64, room: usize, per_second: Option<f64>, fit: f64) -> Vec<Option<Cell>> {
    let mut cells: Vec<Option<Cell>> = Vec::new();
    let second_per_column = per_second.map_or(f64::INFINITY, |p| 1.0 / p);
    for part in parts {
        let columns = match (part.fixed(second_per_column), part.high_s) {
            (Some(columns), _) => columns * fit,
            (None, high) => high.unwrap_or(0.0) * per_second.unwrap_or(0.0),
        };
        let from = at.round() as usize;
        *at += columns;
        let end = (at.round() as usize).clamp(from + 1, room.max(from + 1));
        for column in from..end.min(room) {
            cells.resize(cells.len().max(column + 1), None);
            if let Some(slot) = cells.get_mut(column) {
                let cell = part.cell((column - from) as f64, (end - from) as f64);
                // Of several steps in one column the one that blocks shows.
                if slot.is_none_or(|old: Cell| !matches!(old.glyph, '▮' | '▓')) {
                    *slot = Some(cell);
                }
            }
        }
    }
    cells
}

/// Equal neighbours as one piece.
fn runs(cells: &[Option<Cell>], selected: Option<usize>) -> Vec<Piece<'static>> {
    let mut pieces: Vec<(String, Role)> = Vec::new();
    for cell in cells {
        let (glyph, role) = match cell {
            None => (' ', Role::Text),
            Some(c) if c.step.is_some() && c.step == selected => (c.glyph, Role::Selected),
            Some(c) => (c.glyph, c.role),
        };
        match pieces.last_mut() {
            Some((text, last)) if *last == role => text.push(glyph),
            _ => pieces.push((glyph.to_string(), role)),
        }
    }
    pieces.into_iter().map(|(text, role)| piece(text, role)).collect()
}
