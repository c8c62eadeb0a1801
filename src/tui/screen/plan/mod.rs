//! The plan: phases and steps with what they block, every detail of a step, the script as written, the grid, the releases.

pub mod detail;
mod draw;
mod layout;
mod views;
mod watch;

use super::hazards;
use super::table::TableScreen;
use super::{Part, Place, Reply, Screen, review};
use crate::plan::{Hazard, Plan, Step, Strategy, Sync};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Piece};
use crate::tui::highlight::{self, Highlight};
use crate::tui::keymap::Scope;
use crate::tui::live;
use crate::tui::msg::Note;
use crate::tui::state::App;
use crate::tui::widget::lanes::Lanes;
use crate::tui::widget::{Cursor, Scroll, doc::Doc, steps};
pub use detail::Tab;
pub use draw::tabs;
use layout::{detail_text, layout};
use ratatui::layout::Rect;

/// What the screen shows of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    #[default]
    Steps,
    Timeline,
    AsWritten,
    Grid,
    Releases,
    Notes,
    Checks,
}

impl View {
    const ALL: [(Self, Action); 7] = [
        (Self::Steps, Action::Steps),
        (Self::Timeline, Action::Timeline),
        (Self::AsWritten, Action::AsWritten),
        (Self::Grid, Action::Grid),
        (Self::Releases, Action::Releases),
        (Self::Notes, Action::Notes),
        (Self::Checks, Action::Checks),
    ];
    fn title(self) -> &'static str {
        match self {
            Self::Steps => "Steps",
            Self::Timeline => "Timeline",
            Self::AsWritten => "As written",
            Self::Grid => "Grid",
            Self::Releases => "Releases",
            Self::Notes => "Notes",
            Self::Checks => "Checks",
        }
    }
    fn beside(self, places: isize) -> Self {
        let at = Self::ALL.iter().position(|(v, _)| *v == self).unwrap_or(0);
        let at = at.saturating_add_signed(places).min(Self::ALL.len() - 1);
        Self::ALL.get(at).map_or(self, |(v, _)| *v)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    List,
    Detail,
}

#[derive(Debug, Clone, Default)]
pub struct PlanScreen {
    cursor: Cursor,
    view: View,
    pane: Pane,
    tab: Tab,
    scroll: Scroll,
}

impl PlanScreen {
    /// With this step selected.
    pub fn at(cursor: Cursor) -> Self {
        Self { cursor, ..Self::default() }
    }

    fn step<'p>(&self, plan: &'p Plan) -> Option<&'p Step> {
        plan.steps().nth(self.cursor.at).map(|(_, s)| s)
    }

    /// The step in front.
    pub fn step_id(&self, app: &App) -> Option<String> {
        app.plan().and_then(|plan| self.step(plan)).map(|s| s.id.clone())
    }

    /// The text that scrolls now and its room.
    fn page(&self, app: &App, plan: &Plan, body: Rect) -> (Doc, Rect) {
        let areas = layout(plan, body, self.view, self.pane);
        let room = if self.view == View::Steps { detail_text(&areas) } else { areas.page };
        (self.doc(app, plan, room.width), room)
    }

    /// Whether the keys that move go from step to step.
    fn moves_steps(&self) -> bool {
        self.view == View::Timeline || self.view == View::Steps && self.pane == Pane::List
    }

    /// Hazards of what is in front: of the script as written, or of the step.
    fn hazards(&self, plan: &Plan) -> (String, Vec<Hazard>) {
        let (of, mut hazards) = match (self.view, self.step(plan)) {
            (View::AsWritten, _) | (_, None) => {
                ("the script".to_owned(), plan.as_written.iter().flat_map(|w| w.hazards.clone()).collect::<Vec<_>>())
            }
            (_, Some(step)) => (format!("step {}", step.id), step.hazards.clone()),
        };
        // The policy ignores by id: each once.
        let mut seen = std::collections::BTreeSet::new();
        hazards.retain(|h| seen.insert(h.id.clone()));
        (of, hazards)
    }

    fn ignore(&self, plan: &Plan) -> Reply {
        let (of, hazards) = self.hazards(plan);
        match hazards.as_slice() {
            [] => Reply::none(),
            [one] => Reply::push(hazards::question(one)),
            _ => Reply::push(Screen::Hazards(hazards::Hazards::new(of, hazards))),
        }
    }

    fn show(&mut self, view: View) {
        self.view = view;
        self.scroll = Scroll::default();
        self.pane = Pane::List;
    }
}

/// Turns a switch of the policy and plans anew.
pub fn turn(app: &mut App, action: Action) {
    highlight::turn(app, |policy| match action {
        Action::Sync => {
            policy.sync = match policy.sync {
                Sync::Trigger => Sync::App,
                Sync::App => Sync::Trigger,
            }
        }
        _ => {
            policy.strategy = match policy.strategy {
                Strategy::Auto => Strategy::Online,
                Strategy::Online => Strategy::Direct,
                Strategy::Direct => Strategy::Auto,
            }
        }
    });
    let came = app.highlight.told();
    app.say(Note::good(format!("{} · {came}", policy_words(app))));
}

fn policy_words(app: &App) -> String {
    let sync = match app.policy.sync {
        Sync::Trigger => "trigger",
        Sync::App => "app",
    };
    let strategy = match app.policy.strategy {
        Strategy::Auto => "auto",
        Strategy::Direct => "direct",
        Strategy::Online => "online",
    };
    format!("sync {sync} · strategy {strategy}")
}

impl Part for PlanScreen {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let Some(plan) = app.plan() else { return Reply::unhandled() };
        let areas = layout(plan, body, self.view, self.pane);
        let moves_on =
            !matches!(action, Action::Sync | Action::Strategy | Action::Options | Action::Copy | Action::Ignore);
        if moves_on && app.highlight != Highlight::default() {
            app.highlight = Highlight::default();
            return self.act(app, body, action);
        }
        if self.moves_steps() {
            let before = self.cursor.at;
            let height = if self.view == View::Steps { areas.list.height.saturating_sub(1) } else { 10 };
            if steps::act(&mut self.cursor, plan, action, height) {
                if self.cursor.at != before {
                    self.scroll = Scroll::default();
                }
                return Reply::none();
            }
        } else {
            let (doc, room) = self.page(app, plan, body);
            if self.scroll.act(action, doc.lines.len(), room.height) {
                return Reply::none();
            }
        }
        if action == Action::Checks && self.view == View::Checks {
            if let Some(reason) = live::obstacle(app) {
                app.say(Note::reason(reason));
                return Reply::none();
            }
            return Reply::effects(live::preflight(app));
        }
        if let Some((view, _)) = View::ALL.iter().find(|(_, a)| *a == action) {
            self.show(*view);
            return Reply::none();
        }
        match action {
            Action::NextPane | Action::PreviousPane if self.view == View::Steps => {
                self.pane = if self.pane == Pane::List { Pane::Detail } else { Pane::List };
            }
            Action::Open if self.view == View::Steps && self.pane == Pane::List => self.pane = Pane::Detail,
            Action::Left | Action::Right if self.view == View::Steps => {
                self.tab = self.tab.beside(if action == Action::Left { -1 } else { 1 });
                self.scroll = Scroll::default();
            }
            Action::Open if self.view == View::Timeline => {
                self.show(View::Steps);
                self.pane = Pane::Detail;
            }
            Action::Left => self.show(self.view.beside(-1)),
            Action::Right => self.show(self.view.beside(1)),
            Action::Open | Action::NextPane | Action::PreviousPane => {}
            Action::Back if self.pane == Pane::Detail => self.pane = Pane::List,
            Action::Back if self.view != View::Steps => self.show(View::Steps),
            Action::Sync | Action::Strategy => turn(app, action),
            Action::Live => {
                if !app.live.on {
                    self.show(View::Steps);
                    self.tab = Tab::Watch;
                    app.live.step = self.step_id(app).unwrap_or_default();
                }
                return Reply::effects(live::toggle(app));
            }
            Action::Progress => {
                self.show(View::Steps);
                return Reply::effects(live::where_are_we(app));
            }
            Action::Options => return Reply::push(Screen::Options(super::options::Options::default())),
            Action::Ignore => return self.ignore(plan),
            Action::JumpTable => {
                let table = self
                    .step(plan)
                    .and_then(|s| s.tables.iter().find(|t| app.catalog().is_some_and(|c| c.table(t).is_some())));
                return table.map_or(Reply::none(), |t| Reply::push(Screen::Table(TableScreen::new(t.clone()))));
            }
            Action::DeployNotes => {
                return self.step(plan).cloned().map_or(Reply::none(), |s| review::note_release(app, &s));
            }
            Action::CopyStep => {
                let Some(step) = self.step(plan) else { return Reply::none() };
                let (what, text) = (format!("step {} as a whole", step.id), detail::whole(plan, step));
                return Reply::copy(app, &what, text);
            }
            Action::Edit => return Reply::to(Place::Change),
            Action::Export => return Reply::to(Place::Export),
            Action::Copy => {
                let (what, text) = match (self.view, self.step(plan)) {
                    (View::Steps, Some(step)) if !step.sql().is_empty() => {
                        (format!("the SQL of step {}", step.id), format!("{};\n", step.sql().join(";\n")))
                    }
                    _ => ("what is shown".to_owned(), plain(&self.page(app, plan, body).0)),
                };
                return Reply::copy(app, &what, text);
            }
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let Some(plan) = app.plan() else { return Reply::none() };
        let areas = layout(plan, body, self.view, self.pane);
        let place = (column, row).into();
        if areas.views.contains(place) {
            if let Some(view) = hit(column.saturating_sub(areas.views.x), View::ALL.iter().map(|(v, _)| v.title())) {
                self.show(View::ALL.get(view).map_or(View::Steps, |(v, _)| *v));
            }
        } else if areas.lanes.contains(place) {
            let lanes = Lanes::of(plan, areas.lanes.width);
            let lines = usize::from(Lanes::height(plan));
            let top = draw::lanes_top(&lanes, self.cursor.at, lines, areas.lanes.height);
            let (line, column) = (usize::from(row - areas.lanes.y), usize::from(column - areas.lanes.x));
            if let Some(step) = lanes.step_at(top + line, column) {
                self.cursor.at = step;
                steps::settle(&mut self.cursor, plan, areas.list.height.saturating_sub(1));
                self.scroll = Scroll::default();
            }
        } else if self.view == View::Steps && areas.list.contains(place) && row > areas.list.y {
            self.pane = Pane::List;
            let line = row - areas.list.y - 1;
            if let Some(step) = steps::step_at(self.cursor, plan, areas.list.height.saturating_sub(1), line) {
                self.cursor.at = step;
                self.scroll = Scroll::default();
            }
        } else if self.view == View::Steps && areas.detail.contains(place) {
            self.pane = Pane::Detail;
            let text = detail_text(&areas);
            if row + 2 == text.y {
                let title = Tab::ALL.iter().map(|t| t.title());
                if let Some(tab) = hit(column.saturating_sub(text.x).saturating_add(1), title) {
                    self.tab = Tab::ALL.get(tab).copied().unwrap_or_default();
                }
            }
        }
        Reply::none()
    }

    fn wheel(&mut self, app: &mut App, body: Rect, column: u16, row: u16, lines: i32) {
        let Some(plan) = app.plan() else { return };
        let areas = layout(plan, body, self.view, self.pane);
        if self.view == View::Timeline || self.view == View::Steps && areas.list.contains((column, row).into()) {
            steps::by(&mut self.cursor, plan, lines, areas.list.height.max(2) - 1);
        } else {
            let (doc, room) = self.page(app, plan, body);
            self.scroll.by(lines, doc.lines.len(), room.height);
        }
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        self.draw_all(app, canvas, body);
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Plan, Scope::List, Scope::Panes]
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        let mut hints = vec![Action::Export];
        if self.view == View::Steps {
            hints.extend([Action::Right, Action::NextPane]);
        }
        hints.extend(View::ALL.iter().filter(|(v, _)| *v != self.view).map(|(_, a)| *a));
        hints.insert(1, Action::Options);
        hints.extend([Action::Live, Action::Progress, Action::Edit, Action::JumpTable, Action::Ignore, Action::Copy]);
        hints
    }

    fn available(&self, app: &App, action: Action) -> Result<(), String> {
        match action {
            Action::Copy if app.plan().is_none() => Err("There is no plan to copy from".to_owned()),
            Action::Sync | Action::Strategy | Action::Options => highlight::fixed(app).map_or(Ok(()), Err),
            Action::Live if app.live.on => Ok(()),
            Action::Live | Action::Progress => live::obstacle(app).map_or(Ok(()), Err),
            Action::Ignore => match (highlight::fixed(app), app.plan().map(|p| self.hazards(p))) {
                (Some(reason), _) => Err(reason),
                (None, Some((of, hazards))) if hazards.is_empty() => Err(format!("There is no hazard in {of}")),
                _ => Ok(()),
            },
            Action::DeployNotes => review::no_release(app, app.plan().and_then(|p| self.step(p))),
            Action::JumpTable => {
                let tables = app.plan().and_then(|p| self.step(p)).map_or(&[][..], |s| s.tables.as_slice());
                match app.catalog() {
                    _ if tables.is_empty() => Err("The step touches no table".to_owned()),
                    None => Err("No database is open to show the table of".to_owned()),
                    Some(c) if tables.iter().all(|t| c.table(t).is_none()) => {
                        Err("The table is not there yet: an earlier step makes it".to_owned())
                    }
                    Some(_) => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

/// Which title of a row that begins in the second column is at `column`.
pub fn hit<'t>(column: u16, titles: impl Iterator<Item = &'t str>) -> Option<usize> {
    let mut from = 1;
    for (i, title) in titles.enumerate() {
        let end = from + u16::try_from(title.len()).unwrap_or(0);
        if (from..end).contains(&column) {
            return Some(i);
        }
        from = end + 2;
    }
    None
}

/// A text without its colours.
pub fn plain(doc: &Doc) -> String {
    let line = |pieces: &Vec<Piece<'static>>| pieces.iter().map(|(t, _)| t.as_ref()).collect::<String>();
    doc.lines.iter().map(|l| line(l).trim_end().to_owned() + "\n").collect()
}
