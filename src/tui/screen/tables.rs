//! All tables of the catalog, by size: where the big ones and the busy ones are.

use super::table::TableScreen;
use super::{Part, Place, Reply, Screen};
use crate::model::quantity::seconds;
use crate::model::{Bytes, Catalog, Table, TableKind, objects::TransactionKind};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, Piece, below, part, piece};
use crate::tui::keymap::{Key, Scope};
use crate::tui::measure::{Measure, count, percent, rate, spare_title};
use crate::tui::state::{App, Opened};
use crate::tui::text::width;
use crate::tui::theme::Role;
use crate::tui::widget::{Cursor, Echo, Field, filter, meter};
use ratatui::layout::Rect;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    #[default]
    Size,
    Rows,
    Writes,
    Spare,
    Name,
}

impl SortKey {
    const ALL: [Self; 5] = [Self::Size, Self::Rows, Self::Writes, Self::Spare, Self::Name];
    fn title(self, catalog: &Catalog) -> &'static str {
        match self {
            Self::Size => "Size",
            Self::Rows => "Rows",
            Self::Writes => "Writes/s",
            Self::Spare => spare_title(catalog),
            Self::Name => "Table",
        }
    }
    fn next(self) -> Self {
        let at = Self::ALL.iter().position(|k| *k == self).unwrap_or(0);
        Self::ALL.get((at + 1) % Self::ALL.len()).copied().unwrap_or_default()
    }
}

/// Big figures first and names from A, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    Natural,
    Reversed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Typing {
    #[default]
    No,
    Filter,
}

#[derive(Debug, Clone, Default)]
pub struct Tables {
    cursor: Cursor,
    filter: Field,
    typing: Typing,
    sort: SortKey,
    direction: Direction,
    /// Places in the catalog's table list, in the order shown.
    rows: Vec<usize>,
}

struct Areas {
    facts: Rect,
    titles: Rect,
    rows: Rect,
}

fn layout(body: Rect) -> Areas {
    Areas { facts: part(body, 0, 0, body.width, 2), titles: part(body, 0, 2, body.width, 1), rows: below(body, 3) }
}

impl Tables {
    pub fn new(app: &App) -> Self {
        let mut tables = Self::default();
        tables.refresh(app);
        tables
    }

    /// Lists anew after a change of filter or order.
    fn refresh(&mut self, app: &App) {
        let Some(opened) = &app.opened else { return };
        self.rows = opened.names.matching(self.filter.text());
        let measure = |at: &usize| opened.measures.get(*at).copied().unwrap_or_default();
        let figure = |m: Measure| match self.sort {
            SortKey::Size => Some(m.bytes as f64),
            SortKey::Rows => m.rows.map(|r| r as f64),
            SortKey::Writes => m.writes_per_s,
            SortKey::Spare => m.spare_share(),
            SortKey::Name => None,
        };
        if self.sort != SortKey::Name {
            // Stable, so that equals stay in the order of names; unknown comes last.
            self.rows.sort_by(|a, b| {
                let key = |at| figure(measure(at)).unwrap_or(-1.0);
                key(b).total_cmp(&key(a))
            });
        }
        if self.direction == Direction::Reversed {
            self.rows.reverse();
        }
        self.cursor.clamp(self.rows.len());
    }

    fn selected<'a>(&self, opened: &'a Opened) -> Option<&'a Table> {
        opened.catalog.tables.get(*self.rows.get(self.cursor.at)?)
    }
}

impl Part for Tables {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let height = layout(body).rows.height;
        if self.cursor.act(action, self.rows.len(), height) {
            return Reply::none();
        }
        match action {
            Action::Filter => self.typing = Typing::Filter,
            Action::Sort => {
                self.sort = self.sort.next();
                self.direction = Direction::Natural;
                self.cursor = Cursor::default();
                self.refresh(app);
            }
            Action::SortReverse => {
                self.direction = match self.direction {
                    Direction::Natural => Direction::Reversed,
                    Direction::Reversed => Direction::Natural,
                };
                self.cursor = Cursor::default();
                self.refresh(app);
            }
            Action::Back if !self.filter.text().is_empty() => {
                self.filter.take();
                self.typing = Typing::No;
                self.refresh(app);
            }
            Action::Back if self.typing == Typing::Filter => self.typing = Typing::No,
            Action::Open if self.typing == Typing::Filter && self.filter.text().is_empty() => self.typing = Typing::No,
            Action::Open => {
                self.typing = Typing::No;
                if let Some(table) = app.opened.as_ref().and_then(|o| self.selected(o)) {
                    return Reply::push(Screen::Table(TableScreen::new(table.name.clone())));
                }
            }
            Action::Change => {
                if let Some(name) = app.opened.as_ref().and_then(|o| self.selected(o)).map(|t| t.name.clone()) {
                    super::begin_change(app, &name);
                    return Reply::to(Place::Change);
                }
            }
            Action::Form => {
                let name = app.opened.as_ref().and_then(|o| self.selected(o)).map(|t| t.name.clone());
                return Reply::push(Screen::Form(super::form::FormScreen::new(app, name.as_ref())));
            }
            Action::Copy => {
                let name = app.opened.as_ref().and_then(|o| self.selected(o)).map(|t| t.name.to_string());
                return name.map_or_else(Reply::none, |name| Reply::copy(app, &format!("`{name}`"), name.clone()));
            }
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn key(&mut self, app: &mut App, key: Key) -> Reply {
        if self.filter.key(key) {
            self.cursor = Cursor::default();
            self.refresh(app);
        }
        Reply::none()
    }

    fn paste(&mut self, app: &mut App, text: &str) -> Reply {
        if self.typing == Typing::Filter && self.filter.insert(text) {
            self.refresh(app);
        }
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let area = layout(body).rows;
        if !area.contains((column, row).into()) {
            return Reply::none();
        }
        let at = self.cursor.window(self.rows.len(), area.height) + usize::from(row - area.y);
        if at == self.cursor.at {
            return self.act(app, body, Action::Open);
        }
        if at < self.rows.len() {
            self.cursor.to(at, self.rows.len(), area.height);
        }
        Reply::none()
    }

    fn wheel(&mut self, _app: &mut App, body: Rect, _column: u16, _row: u16, lines: i32) {
        self.cursor.by(lines as isize, self.rows.len(), layout(body).rows.height);
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let Some(opened) = &app.opened else { return };
        let areas = layout(body);
        self.draw_facts(opened, canvas, areas.facts);
        let columns = Columns::for_width(body.width);
        self.draw_titles(&opened.catalog, canvas, areas.titles, &columns);
        let biggest = opened.measures.iter().map(|m| m.bytes).max().unwrap_or(0);
        let top = self.cursor.window(self.rows.len(), areas.rows.height);
        for (y, at) in (0..areas.rows.height).zip(self.rows.iter().skip(top)) {
            let (Some(table), Some(measure)) = (opened.catalog.tables.get(*at), opened.measures.get(*at)) else {
                continue;
            };
            columns.draw(canvas, areas.rows, y, table, measure, biggest, self.filter.text());
            if top + usize::from(y) == self.cursor.at {
                canvas.tint(areas.rows, y, Role::Selected);
            }
        }
        if self.rows.is_empty() {
            let why =
                if opened.catalog.tables.is_empty() { "This database has no user tables" } else { "No table matches" };
            canvas.put(areas.rows, 3, 0, why, Role::Dim);
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        match self.typing {
            Typing::Filter => vec![Scope::Filter],
            Typing::No => vec![Scope::Tables, Scope::List],
        }
    }

    fn is_typing(&self, _app: &App) -> bool {
        self.typing == Typing::Filter
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![
            Action::Open,
            Action::Filter,
            Action::Change,
            Action::Form,
            Action::Sort,
            Action::SortReverse,
            Action::Copy,
            Action::Reload,
        ]
    }

    fn available(&self, _app: &App, action: Action) -> Result<(), String> {
        match action {
            Action::Open | Action::Change | Action::Copy if self.rows.is_empty() && self.typing == Typing::No => {
                Err("No table is selected".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl Tables {
    fn draw_facts(&self, opened: &Opened, canvas: &mut Canvas<'_>, area: Rect) {
        let catalog = &opened.catalog;
        let all = catalog.tables.len();
        let used = if self.typing == Typing::Filter || !self.filter.text().is_empty() {
            let x = canvas.put(area, 1, 0, "/ ", Role::Key) + 1;
            let room = part(area, x, 0, 24, 1);
            let focus = Focus::when(self.typing == Typing::Filter);
            self.filter.draw(canvas, room, 0, Echo::Plain, focus, "");
            let x = x + u16::try_from(width(self.filter.text())).unwrap_or(24).min(24) + 2;
            x + canvas.put(area, x, 0, &format!("{} of {all} tables", self.rows.len()), Role::Dim)
        } else {
            let total: Bytes = catalog.tables.iter().map(|t| t.stats.total()).sum();
            let noun = if all == 1 { "table" } else { "tables" };
            1 + canvas.pieces(
                area,
                1,
                0,
                &[piece(format!("{all} {noun}"), Role::Text), piece(format!("  {total}"), Role::Dim)],
            )
        };
        let alerts = alerts(opened);
        let wide: usize = alerts.iter().map(|(t, _)| width(t)).sum();
        if usize::from(used) + wide + 3 <= usize::from(area.width) {
            canvas.pieces_right(part(area, 0, 0, area.width - 1, 1), 0, &alerts);
        } else {
            canvas.pieces(area, 1, 1, &alerts);
        }
    }

    fn draw_titles(&self, catalog: &Catalog, canvas: &mut Canvas<'_>, area: Rect, columns: &Columns) {
        let arrow = match self.direction {
            Direction::Natural => canvas.glyphs.pick("▼", "v"),
            Direction::Reversed => canvas.glyphs.pick("▲", "^"),
        };
        for (key, end) in columns.ends() {
            let sorted = key == self.sort;
            let role = if sorted { Role::Accent } else { Role::Dim };
            let title = if sorted { format!("{} {arrow}", key.title(catalog)) } else { key.title(catalog).to_owned() };
            match end {
                Some(end) => canvas.put_right(area, end, 0, &title, role),
                None => {
                    canvas.put(area, 2, 0, &title, role);
                }
            }
        }
    }
}

/// What on the server would get in the way of a migration right now.
fn alerts(opened: &Opened) -> Vec<Piece<'static>> {
    let catalog = &opened.catalog;
    let mut facts: Vec<Piece<'static>> = Vec::new();
    if catalog.server.role == crate::model::engine::Role::Standby {
        facts.push(piece("standby", Role::Warn));
    }
    let longest = catalog.transactions.iter().max_by(|a, b| a.age_s.total_cmp(&b.age_s));
    if let Some(longest) = longest {
        let role = if longest.age_s >= 60.0 { Role::Warn } else { Role::Dim };
        let noun = match longest.kind {
            TransactionKind::Session => "longest transaction",
            TransactionKind::Prepared => "prepared transaction",
            TransactionKind::Wraparound => "wraparound vacuum",
        };
        facts.push(piece(format!("{noun} {}", seconds(longest.age_s)), role));
    }
    if !catalog.replicas.is_empty() {
        let lag = catalog
            .replicas
            .iter()
            .filter_map(|r| r.lag_s)
            .fold(None, |a: Option<f64>, b| Some(a.map_or(b, |a| a.max(b))));
        facts.push(match lag {
            Some(lag) => {
                piece(format!("replica lag {}", seconds(lag)), if lag >= 10.0 { Role::Warn } else { Role::Dim })
            }
            None => piece("replica lag unknown", Role::Dim),
        });
    }
    match catalog.gaps.len() {
        0 => {}
        1 => facts.push(piece("1 gap", Role::Warn)),
        n => facts.push(piece(format!("{n} gaps"), Role::Warn)),
    }
    let mut line = Vec::new();
    for (i, fact) in facts.into_iter().enumerate() {
        if i > 0 {
            line.push(piece(" · ", Role::Dim));
        }
        line.push(fact);
    }
    line
}

/// Where the columns of the list end, from the right; narrow terminals have fewer.
struct Columns {
    name: u16,
    size: u16,
    bar: (u16, u16),
    rows: Option<u16>,
    writes: Option<u16>,
    spare: Option<u16>,
}

impl Columns {
    fn for_width(width: u16) -> Self {
        let right = width.saturating_sub(2);
        let (spare, right) = if width >= 72 { (Some(right), right.saturating_sub(8)) } else { (None, right) };
        let (writes, right) = if width >= 60 { (Some(right), right.saturating_sub(11)) } else { (None, right) };
        let (rows, right) = if width >= 48 { (Some(right), right.saturating_sub(9)) } else { (None, right) };
        let bar = if width >= 100 { 16 } else { 8 };
        let bar_at = right.saturating_sub(bar);
        let size = bar_at.saturating_sub(1);
        Self { name: size.saturating_sub(10), size, bar: (bar_at, bar), rows, writes, spare }
    }

    /// The titles that show, with the right edge of each figure's column.
    fn ends(&self) -> impl Iterator<Item = (SortKey, Option<u16>)> {
        let figures = [
            (SortKey::Size, Some(self.size)),
            (SortKey::Rows, self.rows),
            (SortKey::Writes, self.writes),
            (SortKey::Spare, self.spare),
        ];
        let shown = figures.into_iter().filter(|(_, end)| end.is_some());
        std::iter::once((SortKey::Name, None)).chain(shown)
    }

    #[allow(clippy::too_many_arguments)]
    fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        y: u16,
        table: &Table,
        m: &Measure,
        biggest: u64,
        pattern: &str,
    ) {
        let name = table.name.to_string();
        let room = part(area, 2, 0, self.name.saturating_sub(2), area.height);
        let used = canvas.put(room, 0, y, &name, Role::Text);
        if !pattern.is_empty() {
            let hits = filter::hits(pattern, &name);
            for (i, (at, c)) in name.char_indices().enumerate() {
                if hits.binary_search(&i).is_ok() {
                    let x = u16::try_from(width(name.get(..at).unwrap_or(""))).unwrap_or(u16::MAX);
                    if x < used {
                        canvas.put(room, x, y, &c.to_string(), Role::Match);
                    }
                }
            }
        }
        let own = table.mysql.as_ref().and_then(|m| m.partitioning.as_ref());
        let tag = match table.kind {
            _ if own.is_some() => format!("  {} partitions", own.map_or(0, |p| p.partitions.len())),
            TableKind::Partitioned => format!("  {} partitions", m.partitions),
            TableKind::Foreign => "  foreign".to_owned(),
            TableKind::Ordinary if table.partition_of.is_some() => "  partition".to_owned(),
            TableKind::Ordinary => String::new(),
        };
        if usize::from(used) + width(&tag) <= usize::from(room.width) {
            canvas.put(room, used, y, &tag, Role::Dim);
        }
        canvas.put_right(area, self.size, y, &Bytes(m.bytes).to_string(), Role::Text);
        let share = if biggest == 0 { 0.0 } else { m.bytes as f64 / biggest as f64 };
        let (at, wide) = self.bar;
        let bar = meter::bar(share, wide, canvas.glyphs);
        canvas.put(part(area, at, 0, wide, area.height), 0, y, &bar, Role::Bar);
        if let Some(end) = self.rows {
            canvas.put_right(area, end, y, &count(m.rows), Role::Text);
        }
        if let Some(end) = self.writes {
            canvas.put_right(area, end, y, &rate(m.writes_per_s), Role::Text);
        }
        if let Some(end) = self.spare {
            let role = if m.spare_share().is_some_and(|d| d >= 0.2) { Role::Warn } else { Role::Dim };
            canvas.put_right(area, end, y, &percent(m.spare_share()), role);
        }
    }
}
