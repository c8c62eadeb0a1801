//! The one question the app asks before it ends: a change was written and not exported.

use super::{Part, Reply};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, centred, part, piece};
use crate::tui::keymap::Scope;
use crate::tui::msg::Effect;
use crate::tui::state::App;
use crate::tui::theme::Role;
use ratatui::layout::Rect;

#[derive(Debug, Clone, Default)]
pub struct Confirm;

impl Part for Confirm {
    fn act(&mut self, _app: &mut App, _body: Rect, action: Action) -> Reply {
        match action {
            Action::Quit => Reply::effect(Effect::Quit),
            Action::Back => Reply::pop(),
            _ => Reply::unhandled(),
        }
    }

    fn draw(&self, _app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let inner = canvas.frame(centred(body, 52, 6), "Quit");
        let inner = part(inner, 1, 0, inner.width.saturating_sub(2), inner.height);
        canvas.put(inner, 0, 1, "The change is not exported; its draft is kept.", Role::Text);
        let line = [
            piece("y", Role::Key),
            piece(" quits   ", Role::Text),
            piece("esc", Role::Key),
            piece(" stays", Role::Text),
        ];
        canvas.pieces(inner, 0, 2, &line);
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Confirm]
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Quit, Action::Back]
    }
}
