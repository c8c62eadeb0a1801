//! Drawing on a [`Buffer`] by role. All text passes through [`shown`] here, so that no name from a database can move the cursor.

use super::text;
use super::theme::{Role, Theme};
use crate::model::name::shown;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Line characters, or their ASCII stand-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    #[default]
    Unicode,
    Ascii,
}

impl Glyphs {
    pub fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }
    pub fn ellipsis(self) -> &'static str {
        self.pick("…", "~")
    }
}

/// A piece of a line: text and its role.
pub type Piece<'t> = (std::borrow::Cow<'t, str>, Role);

/// Shorthand for a [`Piece`].
pub fn piece<'t>(text: impl Into<std::borrow::Cow<'t, str>>, role: Role) -> Piece<'t> {
    (text.into(), role)
}

pub struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub theme: &'a Theme,
    pub glyphs: Glyphs,
}

impl Canvas<'_> {
    /// Writes `text` at column `x` of line `y` of `area`, cut at its right edge; answers the columns used.
    pub fn put(&mut self, area: Rect, x: u16, y: u16, text: &str, role: Role) -> u16 {
        self.put_styled(area, x, y, text, self.theme.style(role))
    }

    pub fn put_styled(&mut self, area: Rect, x: u16, y: u16, content: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if y >= area.height || x >= area.width {
            return 0;
        }
        let room = usize::from(area.width - x);
        let safe = shown(content);
        let cut = text::fit(&safe, room, self.glyphs.ellipsis());
        let cut = match self.glyphs {
            Glyphs::Unicode => cut,
            Glyphs::Ascii => to_ascii(cut),
        };
        let (end, _) = self.buffer.set_stringn(area.x + x, area.y + y, cut, room, style);
        end.saturating_sub(area.x + x)
    }

    /// Pieces one after the other; what does not fit is cut with a mark.
    pub fn pieces(&mut self, area: Rect, x: u16, y: u16, pieces: &[Piece<'_>]) -> u16 {
        let mut at = x;
        for (text, role) in pieces {
            if at >= area.width {
                // The piece before filled the line to its end: the cut must still show.
                if !text.trim().is_empty() && area.width > 0 {
                    self.put(area, area.width - 1, y, self.glyphs.ellipsis(), *role);
                }
                break;
            }
            at += self.put(area, at, y, text, *role);
        }
        at - x
    }

    /// Pieces that end at the right edge of `area`, cut on the left side of nothing: dropped if they do not fit.
    pub fn pieces_right(&mut self, area: Rect, y: u16, pieces: &[Piece<'_>]) -> u16 {
        let wide: usize = pieces.iter().map(|(t, _)| text::width(t)).sum();
        let Ok(wide) = u16::try_from(wide) else { return 0 };
        if wide > area.width {
            return 0;
        }
        self.pieces(area, area.width - wide, y, pieces)
    }

    /// `text` against the right edge of a column that ends before `end`.
    pub fn put_right(&mut self, area: Rect, end: u16, y: u16, content: &str, role: Role) {
        let wide = u16::try_from(text::width(content)).unwrap_or(u16::MAX);
        self.put(area, end.saturating_sub(wide), y, content, role);
    }

    /// Gives a whole line of `area` a style, over what stands there.
    pub fn tint(&mut self, area: Rect, y: u16, role: Role) {
        let area = area.intersection(self.buffer.area);
        if y < area.height {
            let style = self.theme.style(role);
            let line = Rect::new(area.x, area.y + y, area.width, 1);
            // The line's own colours would vanish on the background or shine through it.
            if style.bg.is_some() {
                for x in line.left()..line.right() {
                    if let Some(cell) = self.buffer.cell_mut((x, line.y)) {
                        cell.fg = ratatui::style::Color::Reset;
                    }
                }
            }
            self.buffer.set_style(line, style);
        }
    }

    /// A horizontal rule with a title in it: `── Plan ─────`.
    pub fn rule(&mut self, area: Rect, y: u16, title: &str, focused: Focus) {
        let role = focused.pick(Role::BorderFocused, Role::Border);
        let line = self.glyphs.pick("─", "-").repeat(usize::from(area.width));
        self.put(area, 0, y, &line, role);
        if !title.is_empty() {
            let room = usize::from(area.width.saturating_sub(6));
            let title = format!(" {} ", text::fit(&shown(title), room, self.glyphs.ellipsis()));
            self.put(area, 2, y, &title, focused.pick(Role::Accent, Role::Title));
        }
    }

    /// A vertical line down the first column of `area`, with `head` (`┬`, `╭`) where a rule meets it.
    pub fn post(&mut self, area: Rect, head: &'static str) {
        for y in 0..area.height {
            let line = if y == 0 { self.glyphs.pick(head, "+") } else { self.glyphs.pick("│", "|") };
            self.put(area, 0, y, line, Role::Border);
        }
    }

    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A box with a title; answers the room inside.
    pub fn frame(&mut self, area: Rect, title: &str) -> Rect {
        let area = area.intersection(self.buffer.area);
        if area.width < 2 || area.height < 2 {
            return Rect { width: 0, height: 0, ..area };
        }
        self.clear(area);
        let [tl, tr, bl, br, h, v] = match self.glyphs {
            Glyphs::Unicode => ["╭", "╮", "╰", "╯", "─", "│"],
            Glyphs::Ascii => ["+", "+", "+", "+", "-", "|"],
        };
        let line = h.repeat(usize::from(area.width - 2));
        self.put(area, 0, 0, &format!("{tl}{line}{tr}"), Role::BorderFocused);
        self.put(area, 0, area.height - 1, &format!("{bl}{line}{br}"), Role::BorderFocused);
        for y in 1..area.height - 1 {
            self.put(area, 0, y, v, Role::BorderFocused);
            self.put(area, area.width - 1, y, v, Role::BorderFocused);
        }
        if !title.is_empty() {
            self.put(Rect { width: area.width - 1, ..area }, 2, 0, &format!(" {title} "), Role::Title);
        }
        Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
    }
}

/// Whether a pane has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Here,
    Elsewhere,
}

impl Focus {
    pub fn when(here: bool) -> Self {
        if here { Self::Here } else { Self::Elsewhere }
    }
    pub fn pick<T>(self, here: T, elsewhere: T) -> T {
        match self {
            Self::Here => here,
            Self::Elsewhere => elsewhere,
        }
    }
}

/// Our own punctuation in ASCII; names of the database stay as they are.
fn to_ascii(text: std::borrow::Cow<'_, str>) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    text.chars()
        .map(|c| match c {
            '─' | '–' | '—' => '-',
            '│' | '▌' | '▎' => '|',
            '┬' | '╭' => '+',
            '…' => '~',
            '·' | '∙' => '.',
            '•' => '*',
            '→' | '▸' | '›' => '>',
            '✓' => 'y',
            '✗' => 'x',
            '▲' => '^',
            '▼' => 'v',
            '≋' | '├' | '┤' => '=',
            '░' => '-',
            '▓' | '▮' => 'X',
            '×' => 'x',
            '█' | '▉' | '▊' | '▋' => '#',
            other => other,
        })
        .collect::<String>()
        .into()
}

/// A part of `area`, clipped to it.
pub fn part(area: Rect, x: u16, y: u16, width: u16, height: u16) -> Rect {
    let x = x.min(area.width);
    let y = y.min(area.height);
    Rect::new(area.x + x, area.y + y, width.min(area.width - x), height.min(area.height - y))
}

/// `area` without its first `n` lines.
pub fn below(area: Rect, n: u16) -> Rect {
    part(area, 0, n, area.width, area.height)
}

/// A centred box of at most this size.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}
