//! Where to begin: databases found on this machine with the place their address came from, a typed target, or a demo.

use super::{Part, Reply};
use crate::db::DEMOS;
use crate::error::Problem;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, below, part, piece};
use crate::tui::keep::without_password;
use crate::tui::keymap::{Key, Scope};
use crate::tui::msg::{Care, Effect, Secret, Source, Task};
use crate::tui::state::{App, Load};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::{Cursor, Echo, Field, Scroll, doc::Doc};
use ratatui::layout::Rect;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    List,
    Target,
    Password,
}

#[derive(Debug, Clone, Default)]
pub struct Connect {
    cursor: Cursor,
    target: Field,
    password: Field,
    mode: Mode,
}

/// Starts looking for databases on this machine.
pub fn find_sources(app: &mut App) -> Effect {
    let (id, effect) = app.start(Task::FindSources, "looking for databases");
    app.sources = Load::Busy(id);
    effect
}

struct Areas {
    list: Rect,
    input: Rect,
    state: Rect,
}

fn layout(app: &App, body: Rect) -> Areas {
    let rows = u16::try_from(entries(app).len()).unwrap_or(u16::MAX).clamp(1, body.height.saturating_sub(10).max(1));
    let list = part(body, 2, 4, body.width.saturating_sub(4), rows);
    let input = part(body, 2, 4 + rows + 1, body.width.saturating_sub(4), 2);
    let state = below(body, 4 + rows + 4);
    Areas { list, input, state: part(state, 2, 0, state.width.saturating_sub(4), state.height) }
}

/// What was found, and the demos.
pub fn entries(app: &App) -> Vec<Source> {
    let mut all = app.profiles.clone();
    if let Load::Ready(found) = &app.sources {
        all.extend(found.iter().cloned());
    }
    if let Some(last) = &app.memory.last {
        last_first(&mut all, last);
    }
    all.extend(DEMOS.iter().map(|demo| Source {
        target: demo.word.to_owned(),
        title: demo.word.to_owned(),
        from: format!("built in: 150 M users on {}; no server needed", demo.engine),
        settings: Vec::new(),
        care: Care::Normal,
    }));
    all
}

/// Where the user was last stands first, under the name that it has on this machine if it has one.
fn last_first(all: &mut Vec<Source>, last: &str) {
    let source = match all.iter().position(|s| without_password(&s.target) == last) {
        Some(at) => {
            let known = all.remove(at);
            Source { from: format!("{}, open last time", known.from), ..known }
        }
        None => Source {
            target: last.to_owned(),
            title: last.to_owned(),
            from: "open last time".to_owned(),
            settings: Vec::new(),
            care: Care::Normal,
        },
    };
    all.insert(0, source);
}

impl Connect {
    pub fn ask_password(&mut self) {
        self.mode = Mode::Password;
        self.password.take();
    }

    pub fn asks_password(&self) -> bool {
        self.mode == Mode::Password
    }

    fn go(&mut self, app: &mut App, target: &str) -> Reply {
        let effects: Vec<Effect> = app.connect(target, None);
        Reply::effects(effects)
    }
}

impl Part for Connect {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let found = entries(app);
        if self.mode == Mode::List && self.cursor.act(action, found.len(), layout(app, body).list.height) {
            return Reply::none();
        }
        match (action, self.mode) {
            (Action::Open, Mode::List) => match found.get(self.cursor.at) {
                Some(source) => return self.go(app, &source.target.clone()),
                None => return Reply::none(),
            },
            (Action::Open, Mode::Target) => {
                if !self.target.text().trim().is_empty() {
                    self.mode = Mode::List;
                    let target = self.target.text().to_owned();
                    return self.go(app, &target);
                }
            }
            (Action::Open, Mode::Password) => {
                self.mode = Mode::List;
                let password = Secret(self.password.take());
                let target = app.attempt.target.clone();
                return Reply::effects(app.connect(&target, Some(password)));
            }
            (Action::Target, _) => self.mode = Mode::Target,
            (Action::Demo, _) => return self.go(app, DEMOS.first().map_or("", |d| d.word)),
            (Action::Retry, _) => {
                let target = app.attempt.target.clone();
                return self.go(app, &target);
            }
            (Action::Copy, _) => {
                if let Load::Failed(problem) = &app.attempt.load {
                    let text = problem.to_string();
                    return Reply::copy(app, "the problem", text);
                }
            }
            (Action::Back, _) if matches!(app.attempt.load, Load::Busy(_)) => {
                return Reply::effects(app.cancel_connect().into_iter().collect());
            }
            (Action::Back, Mode::Target | Mode::Password) => {
                self.password.take();
                self.mode = Mode::List;
            }
            (Action::Back, _) if matches!(app.attempt.load, Load::Failed(_)) => app.attempt.load = Load::Idle,
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn key(&mut self, _app: &mut App, key: Key) -> Reply {
        match self.mode {
            Mode::Target => self.target.key(key),
            Mode::Password => self.password.key(key),
            Mode::List => false,
        };
        Reply::none()
    }

    fn paste(&mut self, _app: &mut App, text: &str) -> Reply {
        match self.mode {
            Mode::Password => self.password.insert(text),
            // A pasted address can only be meant as the target.
            Mode::List | Mode::Target => {
                self.mode = Mode::Target;
                self.target.insert(text.trim())
            }
        };
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let areas = layout(app, body);
        let len = entries(app).len();
        if areas.list.contains((column, row).into()) {
            let at = self.cursor.window(len, areas.list.height) + usize::from(row - areas.list.y);
            self.mode = Mode::List;
            if at == self.cursor.at {
                return self.act(app, body, Action::Open);
            }
            self.cursor.to(at, len, areas.list.height);
        } else if areas.input.contains((column, row).into()) && self.mode != Mode::Password {
            self.mode = Mode::Target;
        }
        Reply::none()
    }

    fn wheel(&mut self, app: &mut App, body: Rect, _column: u16, _row: u16, lines: i32) {
        self.cursor.by(lines as isize, entries(app).len(), layout(app, body).list.height);
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        canvas.put(body, 2, 1, "Open a database", Role::Title);
        canvas.put(body, 2, 2, "Sessions are read-only; a password is never stored.", Role::Dim);
        let areas = layout(app, body);
        let found = entries(app);
        let top = self.cursor.window(found.len(), areas.list.height);
        let column = found.iter().map(|s| text::width(&s.title)).max().unwrap_or(0).clamp(12, 44);
        let column = u16::try_from(column).unwrap_or(44).min(areas.list.width / 2);
        for (y, source) in (0..areas.list.height).zip(found.iter().skip(top)) {
            let title = part(areas.list, 1, 0, column, areas.list.height);
            canvas.put(title, 0, y, &source.title, Role::Text);
            let from = below(part(areas.list, column + 3, 0, areas.list.width, areas.list.height), 0);
            canvas.put(from, 0, y, &source.from, Role::Dim);
            if top + usize::from(y) == self.cursor.at {
                let role = if self.mode == Mode::List { Role::Selected } else { Role::SelectedIdle };
                canvas.tint(areas.list, y, role);
            }
        }
        self.draw_input(app, canvas, areas.input);
        match (&app.attempt.load, found.get(self.cursor.at)) {
            (Load::Busy(_) | Load::Failed(_), _) => draw_attempt(app, canvas, areas.state),
            (_, Some(source)) if self.mode == Mode::List => {
                let mut doc = Doc::new(areas.state.width);
                let rows = source.settings.iter().map(|[what, value, from]| {
                    let from = format!("from {from}");
                    vec![piece(what.clone(), Role::Dim), piece(value.clone(), Role::Text), piece(from, Role::Dim)]
                });
                doc.table(&rows.collect::<Vec<_>>());
                doc.draw(canvas, areas.state, Scroll::default());
            }
            _ => {}
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        match self.mode {
            Mode::List => vec![Scope::Connect, Scope::List],
            Mode::Target | Mode::Password => vec![Scope::Field],
        }
    }

    fn is_typing(&self, _app: &App) -> bool {
        self.mode != Mode::List
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Open, Action::Demo, Action::Target, Action::Retry, Action::Copy, Action::Back]
    }

    fn available(&self, app: &App, action: Action) -> Result<(), String> {
        match action {
            Action::Retry if app.attempt.target.is_empty() => Err("Nothing was tried yet".to_owned()),
            Action::Copy if !matches!(app.attempt.load, Load::Failed(_)) => Err("There is nothing to copy".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Connect {
    fn draw_input(&self, app: &App, canvas: &mut Canvas<'_>, area: Rect) {
        let (title, field, echo) = match self.mode {
            Mode::Password => {
                let target = without_password(&app.attempt.target);
                (format!("Password for {target}"), &self.password, Echo::Hidden)
            }
            _ => ("Or type a target".to_owned(), &self.target, Echo::Plain),
        };
        canvas.put(area, 0, 0, &title, if self.mode == Mode::List { Role::Dim } else { Role::Accent });
        let x = canvas.put(area, 0, 1, canvas.glyphs.pick("› ", "> "), Role::Key);
        let room = part(area, x, 0, area.width, area.height);
        let placeholder = match echo {
            Echo::Plain => "postgresql://user@host:5432/database, key=value, or catalog.json",
            Echo::Hidden => "",
        };
        if self.mode == Mode::List && !self.target.text().is_empty() {
            canvas.put(room, 0, 1, &without_password(self.target.text()), Role::Dim);
        } else {
            field.draw(canvas, room, 1, echo, Focus::when(self.mode != Mode::List), placeholder);
        }
    }
}

fn draw_attempt(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    match &app.attempt.load {
        Load::Busy(id) => {
            let since = app.running.iter().find(|r| r.id == *id).map_or(app.now_ms, |r| r.since_ms);
            let elapsed = app.now_ms.saturating_sub(since) as f64 / 1000.0;
            let what = format!("Reading {}", without_password(&app.attempt.target));
            canvas.pieces(area, 0, 0, &[piece(what, Role::Text), piece(format!("  {elapsed:.1} s"), Role::Dim)]);
            canvas.pieces(area, 0, 1, &[piece("esc", Role::Key), piece(" cancels", Role::Dim)]);
        }
        Load::Failed(problem) => draw_problem(problem, canvas, area),
        _ => {}
    }
}

/// A problem: what happened, why, what to try.
pub fn draw_problem(problem: &Problem, canvas: &mut Canvas<'_>, area: Rect) {
    let mut y = 0;
    let parts = [
        (std::slice::from_ref(&problem.message), "", Role::Bad),
        (problem.causes.as_slice(), "because ", Role::Text),
        (problem.hints.as_slice(), "try: ", Role::Accent),
    ];
    for (texts, lead, role) in parts {
        for text in texts {
            let indent = u16::try_from(lead.len()).unwrap_or(0);
            canvas.put(area, 0, y, lead, Role::Dim);
            for line in text::wrap(text, usize::from(area.width.saturating_sub(indent))) {
                canvas.put(area, indent, y, &line, role);
                y += 1;
            }
        }
    }
}
