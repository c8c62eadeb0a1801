//! Which hazard of a step to ignore: a short list over the plan. Ignoring needs a reason, which [`super::ask`] asks for.

use super::ask::{Ask, Purpose};
use super::{Part, Reply, Screen};
use crate::plan::Hazard;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, centred, part, piece};
use crate::tui::keymap::Scope;
use crate::tui::state::App;
use crate::tui::theme::Role;
use crate::tui::widget::Cursor;
use crate::tui::widget::doc::Doc;
use crate::tui::words;
use ratatui::layout::Rect;

#[derive(Debug, Clone)]
pub struct Hazards {
    of: String,
    hazards: Vec<Hazard>,
    cursor: Cursor,
}

/// The question for the reason.
pub fn question(hazard: &Hazard) -> Screen {
    let about = format!("{} Why does it not matter here? An empty line lets it count again.", hazard.text);
    let answer = hazard.ignored.clone().unwrap_or_default();
    Screen::Ask(Ask::new(Purpose::Ignore(hazard.id.clone()), format!("Ignore {}", hazard.id), about, &answer))
}

impl Hazards {
    pub fn new(of: impl Into<String>, hazards: Vec<Hazard>) -> Self {
        Self { of: of.into(), hazards, cursor: Cursor::default() }
    }

    fn panel(&self, body: Rect) -> Rect {
        let lines = u16::try_from(self.hazards.len()).unwrap_or(8);
        centred(body, 76, (lines + 7).min(body.height))
    }

    fn list_height(&self, body: Rect) -> u16 {
        self.panel(body).height.saturating_sub(7).max(1)
    }
}

impl Part for Hazards {
    fn act(&mut self, _app: &mut App, body: Rect, action: Action) -> Reply {
        let height = self.list_height(body);
        match action {
            Action::Open => match self.hazards.get(self.cursor.at) {
                Some(hazard) => Reply::go(super::Go::Swap(Box::new(question(hazard)))),
                None => Reply::pop(),
            },
            Action::Back => Reply::pop(),
            _ if self.cursor.act(action, self.hazards.len(), height) => Reply::none(),
            _ => Reply::unhandled(),
        }
    }

    fn draw(&self, _app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let inner = canvas.frame(self.panel(body), &format!("Hazards of {}", self.of));
        let inner = part(inner, 1, 0, inner.width.saturating_sub(2), inner.height);
        let height = self.list_height(body);
        let top = self.cursor.window(self.hazards.len(), height);
        for (y, (at, hazard)) in (0..height).zip(self.hazards.iter().enumerate().skip(top)) {
            let label = format!("{:<16} ", hazard.label());
            canvas.pieces(
                inner,
                0,
                y,
                &[piece(label, words::hazard_role(hazard)), piece(hazard.id.as_str(), Role::Text)],
            );
            if at == self.cursor.at {
                canvas.tint(inner, y, Role::Selected);
            }
        }
        if let Some(hazard) = self.hazards.get(self.cursor.at) {
            let mut doc = Doc::new(inner.width);
            doc.text(Role::Dim, &hazard.told());
            doc.draw(
                canvas,
                part(inner, 0, height + 1, inner.width, inner.height),
                crate::tui::widget::Scroll::default(),
            );
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::List]
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Open, Action::Back]
    }
}
