//! A text made of headings, paragraphs and SQL, laid out for a width and scrolled by lines.

use super::{Scroll, sql};
use crate::model::name::shown;
use crate::tui::canvas::{Canvas, Piece, piece};
use crate::tui::text;
use crate::tui::theme::Role;
use ratatui::layout::Rect;

#[derive(Debug, Clone, Default)]
pub struct Doc {
    width: usize,
    pub lines: Vec<Vec<Piece<'static>>>,
}

impl Doc {
    pub fn new(width: u16) -> Self {
        Self { width: usize::from(width), lines: Vec::new() }
    }
    pub fn width(&self) -> usize {
        self.width
    }
    /// An empty line, unless one stands there already or nothing does.
    pub fn blank(&mut self) {
        if self.lines.last().is_some_and(|l| !l.is_empty()) {
            self.lines.push(Vec::new());
        }
    }
    pub fn heading(&mut self, title: &str) {
        self.blank();
        self.lines.push(vec![piece(title.to_owned(), Role::Accent)]);
    }
    pub fn line(&mut self, pieces: Vec<Piece<'static>>) {
        self.lines.push(pieces);
    }
    /// A paragraph, wrapped; what stands in backticks is set off.
    pub fn text(&mut self, role: Role, content: &str) {
        self.item("", role, content);
    }
    /// A paragraph after a lead (`· `, `try: `), continuation lines under its text.
    pub fn item(&mut self, lead: &str, role: Role, content: &str) {
        let indent = text::width(lead);
        let mut inside = false;
        for (i, line) in text::wrap(content, self.width.saturating_sub(indent)).iter().enumerate() {
            let start = if i == 0 { lead.to_owned() } else { " ".repeat(indent) };
            let mut pieces = vec![piece(start, Role::Dim)];
            pieces.extend(marked(line, role, &mut inside));
            self.lines.push(pieces);
        }
    }
    pub fn sql(&mut self, statement: &str) {
        self.lines.extend(sql::lines(statement, self.width));
    }
    /// `name  value`, values under each other.
    pub fn pair(&mut self, name: &str, role: Role, value: &str) {
        let lead = format!("{name:<9} ");
        self.item(&lead, role, value);
    }

    /// Cells under each other; the last column has what is left and is wrapped in it.
    pub fn table(&mut self, rows: &[Vec<Piece<'static>>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..columns.saturating_sub(1))
            .map(|c| rows.iter().filter_map(|r| r.get(c)).map(|(t, _)| text::width(t)).max().unwrap_or(0))
            .collect();
        // Half of the line at most for all but the last column; the widest gives first.
        while widths.iter().map(|w| w + 2).sum::<usize>() > self.width * 3 / 4 {
            let Some(widest) = widths.iter_mut().max().filter(|w| **w > 6) else { break };
            *widest -= 1;
        }
        let indent: usize = widths.iter().map(|w| w + 2).sum();
        for row in rows {
            let mut line = Vec::new();
            for ((cell, role), width) in row.iter().zip(&widths) {
                let shown = shown(cell);
                let cut = text::fit(&shown, *width, "…").into_owned();
                let gap = width + 2 - text::width(&cut);
                line.extend([piece(cut, *role), piece(" ".repeat(gap), Role::Text)]);
            }
            match row.get(widths.len()) {
                Some((last, role)) => {
                    for (i, part) in text::wrap(last, self.width.saturating_sub(indent)).into_iter().enumerate() {
                        let mut line = if i == 0 {
                            std::mem::take(&mut line)
                        } else {
                            vec![piece(" ".repeat(indent), Role::Text)]
                        };
                        line.push(piece(part, *role));
                        self.lines.push(line);
                    }
                }
                None => self.lines.push(line),
            }
        }
    }

    /// Draws what shows; marks in the margin right of `area` say that there is more.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, scroll: Scroll) {
        let top = scroll.top(self.lines.len(), area.height);
        for (y, line) in (0..area.height).zip(self.lines.iter().skip(top)) {
            canvas.pieces(area, 0, y, line);
        }
        let margin = Rect { width: area.width + 1, ..area };
        if top > 0 {
            canvas.put(margin, area.width, 0, "▲", Role::Dim);
        }
        if area.height > 0 && self.lines.len() > top + usize::from(area.height) {
            canvas.put(margin, area.width, area.height - 1, "▼", Role::Dim);
        }
    }
}

/// Splits at backticks, which say "a name" and are not shown; `inside` carries over from line to line.
pub fn marked(line: &str, role: Role, inside: &mut bool) -> Vec<Piece<'static>> {
    let mut pieces = Vec::new();
    for (i, text) in line.split('`').enumerate() {
        if i > 0 {
            *inside = !*inside;
        }
        if !text.is_empty() {
            pieces.push(piece(text.to_owned(), if *inside && role == Role::Text { Role::Accent } else { role }));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_set_off_across_lines() {
        let mut doc = Doc::new(12);
        doc.item("· ", Role::Text, "drop `long name` now");
        let flat: Vec<String> =
            doc.lines.iter().map(|l| l.iter().map(|(t, r)| format!("{t}{r:?};")).collect()).collect();
        assert_eq!(flat, ["· Dim;drop Text;longAccent;", "  Dim;nameAccent; nowText;"]);
    }
}
