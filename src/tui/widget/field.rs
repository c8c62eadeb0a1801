//! A text field of one line: the text, the place in it, and the keys that readline users expect.

use crate::tui::canvas::{Canvas, Focus};
use crate::tui::keymap::Key;
use crate::tui::text;
use crate::tui::theme::Role;
use crossterm::event::KeyCode;
use ratatui::layout::Rect;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    text: String,
    /// Byte offset, always between two characters.
    at: usize,
}

/// Whether the characters of a field are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    Plain,
    Hidden,
}

impl Field {
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { at: text.len(), text }
    }
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn take(&mut self) -> String {
        self.at = 0;
        std::mem::take(&mut self.text)
    }
    fn before(&self) -> &str {
        self.text.get(..self.at).unwrap_or("")
    }
    fn after(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// True if the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        if let Some(c) = key.typed() {
            return self.insert(&c.to_string());
        }
        let back = self.before().chars().next_back().map_or(0, char::len_utf8);
        let forth = self.after().chars().next().map_or(0, char::len_utf8);
        match (key.code, key.ctrl) {
            (KeyCode::Backspace, false) | (KeyCode::Char('h'), true) => self.remove(self.at - back, self.at),
            (KeyCode::Delete, _) => self.remove(self.at, self.at + forth),
            (KeyCode::Char('w'), true) | (KeyCode::Backspace, true) => {
                let trimmed = self.before().trim_end();
                let start = trimmed.rfind(char::is_whitespace).map_or(0, |i| i + 1);
                self.remove(start, self.at)
            }
            (KeyCode::Char('u'), true) => self.remove(0, self.at),
            (KeyCode::Char('k'), true) => self.remove(self.at, self.text.len()),
            (KeyCode::Left, _) | (KeyCode::Char('b'), true) => self.go(self.at - back),
            (KeyCode::Right, _) | (KeyCode::Char('f'), true) => self.go(self.at + forth),
            (KeyCode::Home, _) | (KeyCode::Char('a'), true) => self.go(0),
            (KeyCode::End, _) | (KeyCode::Char('e'), true) => self.go(self.text.len()),
            _ => false,
        }
    }

    /// Line breaks and control characters of pasted text are left out.
    pub fn insert(&mut self, text: &str) -> bool {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        self.text.insert_str(self.at, &text);
        self.at += text.len();
        !text.is_empty()
    }

    fn remove(&mut self, from: usize, to: usize) -> bool {
        self.text.replace_range(from..to, "");
        self.at = from;
        from != to
    }

    fn go(&mut self, at: usize) -> bool {
        self.at = at;
        false
    }

    /// Draws the field on one line, scrolled so that the cursor shows.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, y: u16, echo: Echo, focus: Focus, placeholder: &str) {
        let show = |part: &str| match echo {
            Echo::Plain => crate::model::name::shown(part).into_owned(),
            Echo::Hidden => "•".repeat(part.chars().count()),
        };
        let (before, after) = (show(self.before()), show(self.after()));
        let room = usize::from(area.width.saturating_sub(1));
        let hidden = text::width(&before).saturating_sub(room);
        let x = canvas.put(area, 0, y, text::tail(&before, hidden), Role::Text);
        canvas.put(area, x, y, &after, Role::Text);
        if self.text.is_empty() {
            canvas.put(area, 0, y, placeholder, Role::Placeholder);
        }
        if focus == Focus::Here && area.width > 0 {
            let under = after.chars().next().map_or(" ".to_owned(), String::from);
            let under =
                if self.text.is_empty() { placeholder.chars().next().map_or(" ".into(), String::from) } else { under };
            canvas.put(area, x.min(area.width - 1), y, &under, Role::Cursor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(field: &mut Field, keys: &str) {
        for key in keys.split(' ') {
            field.key(Key::parse(key).unwrap());
        }
    }

    #[test]
    fn edits_like_readline() {
        let mut f = Field::new("postgres://é");
        keys(&mut f, "left x end y");
        assert_eq!(f.text(), "postgres://xéy");
        keys(&mut f, "ctrl-a delete ctrl-e backspace backspace");
        assert_eq!(f.text(), "ostgres://x");
        f.insert(" two\nthree");
        keys(&mut f, "ctrl-w");
        assert_eq!(f.text(), "ostgres://x ");
        keys(&mut f, "home ctrl-k");
        assert_eq!(f.text(), "");
        keys(&mut f, "backspace left right delete ctrl-w ctrl-u");
        assert_eq!(f.take(), "");
    }
}
