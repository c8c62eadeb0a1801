//! The list of completions beside the cursor: what fits, what is chosen, and where it is drawn.

use super::Cursor;
use crate::tui::canvas::{Canvas, part};
use crate::tui::complete::{Candidate, Offers};
use crate::tui::text;
use crate::tui::theme::Role;
use ratatui::layout::Rect;

/// Rows that show at most.
const ROWS: u16 = 8;

#[derive(Debug, Clone)]
pub struct Suggest {
    pub offers: Offers,
    /// Nothing is chosen before the user moves: enter is still a line break.
    chosen: Option<usize>,
}

impl Suggest {
    pub fn new(offers: Offers) -> Self {
        Self { offers, chosen: None }
    }
    pub fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }
    /// What tab takes.
    pub fn best(&self) -> Option<&Candidate> {
        self.offers.list.get(self.chosen.unwrap_or(0))
    }
    /// Moves the choice; past an end it goes on at the other.
    pub fn by(&mut self, lines: isize) {
        let len = self.offers.list.len().max(1);
        self.chosen = Some(match (self.chosen, lines < 0) {
            (None, false) => 0,
            (None, true) | (Some(0), true) => len - 1,
            (Some(at), true) => at - 1,
            (Some(at), false) => (at + 1) % len,
        });
    }

    /// Below column `x` of line `y`, or above it where there is more room.
    pub fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, x: u16, y: u16) {
        let list = &self.offers.list;
        let wide = |of: fn(&Candidate) -> &str| list.iter().map(|c| text::width(of(c))).max().unwrap_or(0);
        let names = u16::try_from(wide(|c| &c.text)).unwrap_or(u16::MAX).min(36);
        let details = u16::try_from(wide(Candidate::said)).unwrap_or(u16::MAX).min(28);
        let width = (names + details + 5).clamp(16, body.width.max(16)).min(body.width);
        let (below, above) = (body.bottom().saturating_sub(y + 1), y.saturating_sub(body.y));
        let wanted = u16::try_from(list.len()).unwrap_or(ROWS).min(ROWS) + 2;
        let down = below >= wanted || below >= above;
        let height = wanted.min(if down { below } else { above });
        if height < 3 {
            return;
        }
        let top = if down { y + 1 } else { y - height };
        let left = x.min(body.right().saturating_sub(width)).max(body.x);
        let inner = canvas.frame(Rect::new(left, top, width, height), "");
        let first = Cursor { at: self.chosen.unwrap_or(0), top: 0 }.window(list.len(), inner.height);
        for (row, (at, candidate)) in (0..inner.height).zip(list.iter().enumerate().skip(first)) {
            let name = part(inner, 0, 0, names + 1, inner.height);
            canvas.put(name, 0, row, &candidate.text, Role::Text);
            let detail = part(inner, names + 2, 0, inner.width, inner.height);
            canvas.put(detail, 0, row, candidate.said(), Role::Dim);
            match self.chosen {
                Some(chosen) if chosen == at => canvas.tint(inner, row, Role::Selected),
                None if at == 0 => canvas.tint(inner, row, Role::SelectedIdle),
                _ => {}
            }
        }
    }
}
