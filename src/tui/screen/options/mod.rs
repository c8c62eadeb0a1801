//! The options of the plan in a panel over it: each change plans anew, and the plan behind shows at once what came of it.

mod rows;

use super::{Part, Reply};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, part, piece};
use crate::tui::highlight;
use crate::tui::keymap::{Key, Scope};
use crate::tui::msg::Note;
use crate::tui::state::App;
use crate::tui::theme::Role;
use crate::tui::widget::{Cursor, Echo, Field};
use ratatui::layout::Rect;
use rows::{ROWS, Row};

#[derive(Debug, Clone, Default)]
pub struct Options {
    cursor: Cursor,
    /// A value that is being typed.
    field: Option<Field>,
}

const WIDTH: u16 = 58;
const NAME: u16 = 18;

/// In the lower right corner, so that the headline and the steps stay in sight.
fn panel(body: Rect) -> Rect {
    let width = WIDTH.min(body.width);
    let wanted = u16::try_from(ROWS.len()).unwrap_or(20) + 4;
    let height = if body.width >= 100 { wanted.min(body.height) } else { wanted.min(body.height * 3 / 5).max(7) };
    let height = height.min(body.height);
    part(body, body.width - width, body.height - height, width, height)
}

fn list_height(body: Rect) -> u16 {
    panel(body).height.saturating_sub(4)
}

impl Options {
    fn row(&self) -> Option<&'static Row> {
        ROWS.get(self.cursor.at)
    }

    fn step(&self, app: &mut App, up: bool) {
        if let Some(row) = self.row() {
            highlight::turn(app, |policy| row.step(policy, up));
        }
    }
}

impl Part for Options {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        if let Some(field) = &self.field {
            match action {
                Action::Open => {
                    let mut policy = app.policy.clone();
                    match self.row().map(|row| row.set(&mut policy, field.text())) {
                        Some(Err(expected)) => app.say(Note::bad(expected)),
                        _ => {
                            self.field = None;
                            highlight::turn(app, |p| *p = policy);
                        }
                    }
                }
                Action::Back => self.field = None,
                _ => return Reply::unhandled(),
            }
            return Reply::none();
        }
        if matches!(action, Action::Open) {
            match self.row() {
                Some(row) if row.is_choice() => self.step(app, true),
                Some(row) => self.field = Some(Field::new(row.value(&app.policy))),
                None => {}
            }
            return Reply::none();
        }
        if self.cursor.act(action, ROWS.len(), list_height(body)) {
            return Reply::none();
        }
        match action {
            Action::Left | Action::Right => self.step(app, action == Action::Right),
            Action::Back | Action::Options => return Reply::pop(),
            Action::NextPane | Action::PreviousPane => {}
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn key(&mut self, _app: &mut App, key: Key) -> Reply {
        if let Some(field) = &mut self.field {
            field.key(key);
        }
        Reply::none()
    }

    fn paste(&mut self, _app: &mut App, text: &str) -> Reply {
        if let Some(field) = &mut self.field {
            field.insert(text);
        }
        Reply::none()
    }

    fn click(&mut self, _app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let panel = panel(body);
        if !panel.contains((column, row).into()) {
            return Reply::pop();
        }
        let top = self.cursor.window(ROWS.len(), list_height(body));
        let at = top + usize::from(row.saturating_sub(panel.y + 1));
        if at < ROWS.len() && row > panel.y && self.field.is_none() {
            self.cursor.at = at;
        }
        Reply::none()
    }

    fn wheel(&mut self, _app: &mut App, body: Rect, _column: u16, _row: u16, lines: i32) {
        self.cursor.by(lines as isize, ROWS.len(), list_height(body));
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let inner = canvas.frame(panel(body), "Options: h l change, enter types");
        let inner = part(inner, 1, 0, inner.width.saturating_sub(2), inner.height);
        let height = list_height(body);
        let top = self.cursor.window(ROWS.len(), height);
        for (y, (at, row)) in (0..height).zip(ROWS.iter().enumerate().skip(top)) {
            canvas.put(inner, 0, y, row.title, Role::Text);
            let value = part(inner, NAME, 0, inner.width, inner.height);
            match self.field.as_ref().filter(|_| at == self.cursor.at) {
                Some(field) => field.draw(canvas, value, y, Echo::Plain, Focus::Here, ""),
                None => {
                    canvas.put(value, 0, y, &row.value(&app.policy), Role::Accent);
                }
            }
            if at == self.cursor.at && self.field.is_none() {
                canvas.tint(inner, y, Role::Selected);
            }
        }
        let about = self.row().map_or("", |row| row.about);
        canvas.put(inner, 0, height, about, Role::Dim);
        let came = match app.plan() {
            Some(_) => app.highlight.told(),
            None => "the change cannot be planned so".to_owned(),
        };
        canvas.pieces(inner, 0, height + 1, &[piece(came, Role::Warn)]);
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        if self.field.is_some() { vec![Scope::Field] } else { vec![Scope::Panes, Scope::List, Scope::Options] }
    }

    fn is_typing(&self, _app: &App) -> bool {
        self.field.is_some()
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        if self.field.is_some() { vec![Action::Open] } else { vec![Action::Back] }
    }
}
