//! A place in a list and the part of the list that shows: arithmetic that every list shares.

use crate::tui::action::Action;

/// Where a list stands. `top` is a wish: [`Cursor::window`] says what really shows at a given height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    pub at: usize,
    pub top: usize,
}

impl Cursor {
    /// First line to show so that the cursor is visible and no room is wasted.
    pub fn window(self, len: usize, height: u16) -> usize {
        let height = usize::from(height).max(1);
        let at = self.at.min(len.saturating_sub(1));
        let highest = self.top.min(at);
        let lowest = (at + 1).saturating_sub(height);
        highest.max(lowest).min(len.saturating_sub(height))
    }

    /// Moves by an action; `false` if the action is no movement.
    pub fn act(&mut self, action: Action, len: usize, height: u16) -> bool {
        let page = isize::from(i16::try_from(height).unwrap_or(i16::MAX)).max(1);
        match action {
            Action::Up => self.by(-1, len, height),
            Action::Down => self.by(1, len, height),
            Action::HalfUp => self.by(-(page + 1) / 2, len, height),
            Action::HalfDown => self.by((page + 1) / 2, len, height),
            Action::PageUp => self.by(-page, len, height),
            Action::PageDown => self.by(page, len, height),
            Action::First => self.by(isize::MIN / 2, len, height),
            Action::Last => self.by(isize::MAX / 2, len, height),
            _ => return false,
        }
        true
    }

    pub fn by(&mut self, lines: isize, len: usize, height: u16) {
        self.to(self.at.saturating_add_signed(lines), len, height);
    }

    pub fn to(&mut self, at: usize, len: usize, height: u16) {
        self.at = at.min(len.saturating_sub(1));
        self.top = self.window(len, height);
    }

    /// Keeps the cursor inside a list that became shorter.
    pub fn clamp(&mut self, len: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        self.top = self.top.min(self.at);
    }
}

/// The first line that shows of a text without a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll(pub usize);

impl Scroll {
    pub fn top(self, len: usize, height: u16) -> usize {
        self.0.min(len.saturating_sub(usize::from(height)))
    }
    pub fn act(&mut self, action: Action, len: usize, height: u16) -> bool {
        let height_lines = usize::from(height).max(1);
        let top = self.top(len, height);
        self.0 = match action {
            Action::Up => top.saturating_sub(1),
            Action::Down => top + 1,
            Action::HalfUp => top.saturating_sub(height_lines.div_ceil(2)),
            Action::HalfDown => top + height_lines.div_ceil(2),
            Action::PageUp => top.saturating_sub(height_lines),
            Action::PageDown => top + height_lines,
            Action::First => 0,
            Action::Last => len,
            _ => return false,
        };
        self.0 = self.top(len, height);
        true
    }
    pub fn by(&mut self, lines: i32, len: usize, height: u16) {
        let top = self.top(len, height);
        let lines = isize::try_from(lines).unwrap_or(0);
        self.0 = Self(top.saturating_add_signed(lines)).top(len, height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_in_the_window() {
        for len in 0..12 {
            for height in 0..6 {
                for at in 0..14 {
                    for top in 0..14 {
                        let first = Cursor { at, top }.window(len, height);
                        let at = at.min(len.saturating_sub(1));
                        assert!(first <= at && at < first + usize::from(height).max(1), "{len} {height} {at} {top}");
                    }
                }
            }
        }
    }

    #[test]
    fn moving_stays_inside() {
        let mut c = Cursor::default();
        c.act(Action::Last, 10, 4);
        assert_eq!(c, Cursor { at: 9, top: 6 });
        c.act(Action::HalfUp, 10, 4);
        assert_eq!(c, Cursor { at: 7, top: 6 });
        c.act(Action::First, 10, 4);
        assert_eq!(c, Cursor { at: 0, top: 0 });
        c.act(Action::Up, 0, 4);
        assert_eq!(c, Cursor::default());
    }
}
