//! Lines of a fixed width with a role each: wrapping, two right-hand columns, styles.

use crate::model::name::shown;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// What a line is; the style follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    Phase,
    Step,
    Plain,
    Dim,
    Lock,
    Good,
    Bad,
}

impl Role {
    fn codes(self) -> &'static str {
        match self {
            Self::Title | Self::Step => "1",
            Self::Phase => "1;36",
            Self::Plain => "",
            Self::Dim => "2",
            Self::Lock => "33",
            Self::Good => "32",
            Self::Bad => "31",
        }
    }
}

pub(super) struct Page {
    width: usize,
    out: String,
}

/// Width of each right-hand column.
const COLUMN: usize = 16;

impl Page {
    pub fn new(width: usize) -> Self {
        Self { width: width.clamp(60, 160), out: String::new() }
    }
    pub fn finish(self) -> String {
        format!("{}\n", self.out.trim_end())
    }
    /// At most one empty line in a row.
    pub fn blank(&mut self) {
        if !self.out.ends_with("\n\n") && !self.out.is_empty() {
            self.out.push('\n');
        }
    }
    pub fn line(&mut self, role: Role, indent: usize, text: &str) {
        let text = shown(text);
        let text = text.trim_end();
        let codes = role.codes();
        let _ = match codes {
            "" => writeln!(self.out, "{:indent$}{text}", ""),
            _ => writeln!(self.out, "{:indent$}\x1b[{codes}m{text}\x1b[0m", ""),
        };
    }
    /// Breaks at spaces; later lines hang under the first.
    pub fn wrapped(&mut self, role: Role, indent: usize, text: &str) {
        for line in wrap(&shown(text), self.width.saturating_sub(indent)) {
            self.line(role, indent, &line);
        }
    }
    /// SQL and commands: never broken, each line kept.
    pub fn code(&mut self, indent: usize, text: &str) {
        for line in text.trim_matches('\n').lines() {
            let _ = writeln!(self.out, "{:indent$}{}", "", shown(&line.replace('\t', "    ")).trim_end());
        }
    }
    /// Text on the left, two figures in columns on the right. Further lines of the text hang under its first column,
    /// after `label`.
    pub fn labelled(&mut self, role: Role, indent: usize, label: &str, text: &str, figures: [&str; 2]) {
        let [second, third] = figures;
        let columns = if second.is_empty() && third.is_empty() { 0 } else { 2 * COLUMN };
        let hang = indent + label.width();
        let room = self.width.saturating_sub(hang + columns).max(20);
        let mut lines = wrap(&shown(text), room).into_iter();
        let first = lines.next().unwrap_or_default();
        let pad = room.saturating_sub(first.width());
        let right = |s: &str| format!("{}{s}", " ".repeat(COLUMN.saturating_sub(s.width())));
        let figures = if columns == 0 { String::new() } else { format!("{}{}", right(second), right(third)) };
        self.line(role, indent, &format!("{label}{first}{}{figures}", " ".repeat(pad)));
        for line in lines {
            self.line(role, hang, &line);
        }
    }
    pub fn row(&mut self, role: Role, indent: usize, text: &str, second: &str, third: &str) {
        self.labelled(role, indent, "", text, [second, third]);
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let hang = text.len() - text.trim_start_matches("- ").len();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if !line.is_empty() && line.width() + word.trim_end().width() > width {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(hang);
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_columns() {
        let mut page = Page::new(60);
        page.row(Role::Plain, 2, "a title that is too long for the room it has", "instant", "4–12 min");
        assert_eq!(
            page.finish(),
            "  a title that is too long           instant        4–12 min\n  for the room it has\n"
        );
    }

    #[test]
    fn wraps_at_spaces_only() {
        assert_eq!(wrap("- one two three", 9), ["- one two", "  three"]);
        assert_eq!(wrap("", 9), [""]);
        assert_eq!(wrap("unbreakable", 3), ["unbreakable"]);
    }
}
