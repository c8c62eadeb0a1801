//! One question with a line to answer in, over the screen that asks it.

use super::{Part, Reply};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, centred, part};
use crate::tui::highlight;
use crate::tui::keymap::{Key, Scope};
use crate::tui::msg::Note;
use crate::tui::state::App;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::{Echo, Field};
use ratatui::layout::Rect;

/// What the answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Why the hazard of this id does not matter here; an empty answer lets it count again.
    Ignore(String),
}

#[derive(Debug, Clone)]
pub struct Ask {
    purpose: Purpose,
    title: String,
    /// A sentence or two above the line.
    about: String,
    field: Field,
}

impl Ask {
    pub fn new(purpose: Purpose, title: impl Into<String>, about: impl Into<String>, answer: &str) -> Self {
        Self { purpose, title: title.into(), about: about.into(), field: Field::new(answer) }
    }

    fn answer(&self, app: &mut App) -> Reply {
        let text = self.field.text().trim().to_owned();
        match &self.purpose {
            Purpose::Ignore(id) => {
                highlight::turn(app, |policy| {
                    if text.is_empty() {
                        policy.ignore.remove(id);
                    } else {
                        policy.ignore.insert(id.clone(), text.clone());
                    }
                });
                let told =
                    if text.is_empty() { "counts again" } else { "is ignored; the reason stands in notes and runbook" };
                app.say(Note::good(format!("Hazard `{id}` {told}")));
            }
        }
        Reply::pop()
    }
}

impl Part for Ask {
    fn act(&mut self, app: &mut App, _body: Rect, action: Action) -> Reply {
        match action {
            Action::Open => self.answer(app),
            Action::Back => Reply::pop(),
            _ => Reply::unhandled(),
        }
    }

    fn key(&mut self, _app: &mut App, key: Key) -> Reply {
        self.field.key(key);
        Reply::none()
    }

    fn paste(&mut self, _app: &mut App, text: &str) -> Reply {
        self.field.insert(text);
        Reply::none()
    }

    fn draw(&self, _app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let width = 70.min(body.width);
        let about = text::wrap(&self.about, usize::from(width.saturating_sub(4)));
        let height = u16::try_from(about.len()).unwrap_or(4).min(body.height.saturating_sub(4)) + 4;
        let inner = canvas.frame(centred(body, width, height), &self.title);
        let inner = part(inner, 1, 0, inner.width.saturating_sub(2), inner.height);
        let lines = inner.height.saturating_sub(2);
        for (y, line) in (0..lines).zip(&about) {
            canvas.put(inner, 0, y, line, Role::Dim);
        }
        let field = part(inner, 2, 0, inner.width, inner.height);
        canvas.put(inner, 0, inner.height.saturating_sub(1), "›", Role::Accent);
        self.field.draw(canvas, field, inner.height.saturating_sub(1), Echo::Plain, Focus::Here, "");
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Field]
    }

    fn is_typing(&self, _app: &App) -> bool {
        true
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Open, Action::Back]
    }
}
