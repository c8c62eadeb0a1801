//! Drawing of the SQL editor: colours, soft-wrapped lines, line numbers, the cursor, the selection and the places of errors.
//! The editing itself is the text area's.

use super::{Cursor, sql};
use crate::tui::canvas::{Canvas, Focus, part};
use crate::tui::text;
use crate::tui::theme::Role;
use ratatui::layout::Rect;
use ratatui_textarea::{CursorMove, TextArea};
use std::ops::Range;

/// A line as it is drawn: a part of a line of the text.
struct Row {
    line: usize,
    /// Bytes of the line.
    bytes: Range<usize>,
}

pub struct Look<'a> {
    /// First row that shows; see [`top`].
    pub top: usize,
    pub focus: Focus,
    /// Byte ranges of errors in the lines joined by line breaks.
    pub errors: &'a [Range<usize>],
    pub placeholder: &'a str,
}

/// Columns of the line numbers and the gap after them.
fn gutter(lines: usize) -> u16 {
    u16::try_from(lines.max(10).to_string().len()).unwrap_or(3) + 2
}

fn rows(lines: &[String], width: u16) -> Vec<Row> {
    // One column stays free for the cursor behind the last character.
    let room = usize::from(width.saturating_sub(1)).max(1);
    let mut rows = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let mut from = 0;
        loop {
            let rest = line.get(from..).unwrap_or("");
            // Most lines are short and plain: their width need not be measured.
            let plain = rest.get(..room.min(rest.len())).filter(|r| r.is_ascii() && !r.contains(char::is_control));
            let head = plain.unwrap_or_else(|| text::head(rest, room));
            if head.len() == rest.len() {
                rows.push(Row { line: number, bytes: from..line.len() });
                break;
            }
            let one = rest.chars().next().map_or(1, char::len_utf8);
            let word = head.rfind(' ').map(|space| space + 1).filter(|cut| *cut * 3 > head.len());
            let cut = from + word.unwrap_or(head.len()).max(one);
            rows.push(Row { line: number, bytes: from..cut });
            from = cut;
            if from >= line.len() {
                break;
            }
        }
    }
    rows
}

/// The row the cursor is in, and its byte in the line.
fn cursor_row(editor: &TextArea<'_>, rows: &[Row]) -> (usize, usize) {
    let (line, column) = (editor.cursor().0, editor.cursor().1);
    let content = editor.lines().get(line).map_or("", String::as_str);
    let byte = content.char_indices().nth(column).map_or(content.len(), |(i, _)| i);
    let row = rows.iter().rposition(|r| r.line == line && r.bytes.start <= byte).unwrap_or(0);
    (row, byte)
}

fn text_room(editor: &TextArea<'_>, area: Rect) -> Rect {
    part(area, gutter(editor.lines().len()), 0, area.width, area.height)
}

/// First row that shows; `before` is where the view stood.
pub fn top(editor: &TextArea<'_>, before: usize, area: Rect) -> usize {
    let rows = rows(editor.lines(), text_room(editor, area).width);
    let (at, _) = cursor_row(editor, &rows);
    Cursor { at, top: before }.window(rows.len(), area.height)
}

pub fn draw(editor: &TextArea<'_>, look: &Look<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let lines = editor.lines();
    if lines.iter().all(String::is_empty) {
        placeholder(editor, look, canvas, area);
        return;
    }
    let room = text_room(editor, area);
    let rows = rows(lines, room.width);
    let (cursor_at, cursor_byte) = cursor_row(editor, &rows);
    let top = Cursor { at: cursor_at, top: look.top }.window(rows.len(), area.height);
    let starts: Vec<usize> = lines
        .iter()
        .scan(0, |next, line| {
            let start = *next;
            *next += line.len() + 1;
            Some(start)
        })
        .collect();
    let shows = |row: usize| rows.get(row.min(rows.len().saturating_sub(1))).map_or(0, |r| r.line);
    let spans = colours(lines, &starts, shows(top)..shows(top + usize::from(area.height)) + 1);
    let paint = Paint { spans, errors: look.errors, selection: selected(editor, &starts) };
    for (y, (number, row)) in (0..area.height).zip(rows.iter().enumerate().skip(top)) {
        let Some(line) = lines.get(row.line) else { continue };
        let here = look.focus == Focus::Here && number == cursor_at;
        if row.bytes.start == 0 {
            let role =
                if look.focus == Focus::Here && row.line == editor.cursor().0 { Role::Accent } else { Role::Dim };
            canvas.put_right(area, room.x - area.x - 1, y, &(row.line + 1).to_string(), role);
        }
        let start = starts.get(row.line).copied().unwrap_or(0);
        paint.line(line, start, row, canvas, room, y);
        if here {
            let before = line.get(row.bytes.start..cursor_byte).unwrap_or("");
            let under = line.get(cursor_byte..).and_then(|l| l.chars().next()).unwrap_or(' ').to_string();
            let x = u16::try_from(text::width(before)).unwrap_or(u16::MAX);
            canvas.put(room, x, y, &under, Role::Cursor);
        }
    }
}

/// Lines before the first that shows which are read for its colours: a string or a comment may have begun there.
const READ_BACK: usize = 300;

/// The colours of `shown` lines, at their places in the whole text. A text of megabytes is not read for a screenful.
fn colours(lines: &[String], starts: &[usize], shown: Range<usize>) -> Vec<(Range<usize>, Role)> {
    let first = shown.start.saturating_sub(READ_BACK);
    let base = starts.get(first).copied().unwrap_or(0);
    let text = lines.get(first..shown.end.min(lines.len())).unwrap_or_default().join("\n");
    let mut spans = sql::spans(&text);
    for (range, _) in &mut spans {
        *range = range.start + base..range.end + base;
    }
    spans
}

/// Column and line of the cursor on the screen, if it shows.
pub fn cursor_place(editor: &TextArea<'_>, before: usize, area: Rect) -> Option<(u16, u16)> {
    let room = text_room(editor, area);
    let rows = rows(editor.lines(), room.width);
    let (at, byte) = cursor_row(editor, &rows);
    let top = Cursor { at, top: before }.window(rows.len(), area.height);
    let row = rows.get(at)?;
    let line = editor.lines().get(row.line)?;
    let x = u16::try_from(text::width(line.get(row.bytes.start..byte)?)).ok()?;
    let y = u16::try_from(at.checked_sub(top)?).ok()?;
    Some((room.x + x, area.y + y))
}

fn placeholder(editor: &TextArea<'_>, look: &Look<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let room = text_room(editor, area);
    let lines = look.placeholder.lines().flat_map(|l| text::wrap(l, usize::from(room.width.saturating_sub(1))));
    for (y, line) in (0..area.height).zip(lines) {
        canvas.put(room, 0, y, &line, Role::Placeholder);
    }
    if look.focus == Focus::Here {
        let first = look.placeholder.chars().next().unwrap_or(' ').to_string();
        canvas.put(room, 0, 0, &first, Role::Cursor);
    }
}

/// What gives a byte of the text its look.
struct Paint<'a> {
    spans: Vec<(Range<usize>, Role)>,
    errors: &'a [Range<usize>],
    selection: Option<Range<usize>>,
}

impl Paint<'_> {
    /// Draws one row of a line that begins at byte `start` of the text.
    fn line(&self, line: &str, start: usize, row: &Row, canvas: &mut Canvas<'_>, area: Rect, y: u16) {
        let (from, to) = (start + row.bytes.start, start + row.bytes.end);
        let first = self.spans.partition_point(|(r, _)| r.end <= from);
        let near = self.spans.iter().skip(first).map(|(r, _)| r).take_while(|r| r.start < to);
        let ranges = near.chain(self.errors).chain(&self.selection);
        let mut cuts: Vec<usize> = ranges.flat_map(|r| [r.start, r.end]).filter(|c| (from..to).contains(c)).collect();
        cuts.extend([from, to]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut x = 0;
        for pair in cuts.windows(2) {
            let [a, b] = pair else { continue };
            let slice = line.get(a - start..b - start).unwrap_or("");
            x += canvas.put(area, x, y, slice, self.role(&(*a..*b)));
        }
        // What is missing at the end of the text still needs a place to be seen.
        if self.errors.iter().any(|e| e.start >= e.end && e.start == to) {
            canvas.put(area, x, y, " ", Role::ErrorSpan);
        }
    }

    fn role(&self, bytes: &Range<usize>) -> Role {
        let within = |r: &Range<usize>| r.start <= bytes.start && bytes.end <= r.end;
        if self.selection.as_ref().is_some_and(within) {
            return Role::Selected;
        }
        if self.errors.iter().any(within) {
            return Role::ErrorSpan;
        }
        let place = self.spans.partition_point(|(r, _)| r.end <= bytes.start);
        self.spans.get(place).map_or(Role::Text, |(_, role)| *role)
    }
}

fn selected(editor: &TextArea<'_>, starts: &[usize]) -> Option<Range<usize>> {
    let ((a, b), (c, d)) = editor.selection_range()?;
    let byte = |line: usize, column: usize| {
        let content = editor.lines().get(line).map_or("", String::as_str);
        let start = starts.get(line).copied().unwrap_or(0);
        start + content.char_indices().nth(column).map_or(content.len(), |(i, _)| i)
    };
    Some(byte(a, b)..byte(c, d))
}

/// Puts the cursor where a click points.
pub fn click(editor: &mut TextArea<'_>, top_row: usize, area: Rect, column: u16, row: u16) {
    let room = text_room(editor, area);
    let rows = rows(editor.lines(), room.width);
    let at = top(editor, top_row, area) + usize::from(row.saturating_sub(area.y));
    let Some(row) = rows.get(at).or(rows.last()) else { return };
    let line = editor.lines().get(row.line).map_or("", String::as_str);
    let shown = line.get(row.bytes.clone()).unwrap_or("");
    let byte = row.bytes.start + text::head(shown, usize::from(column.saturating_sub(room.x))).len();
    let characters = line.get(..byte).unwrap_or("").chars().count();
    let (line, characters) =
        (u16::try_from(row.line).unwrap_or(u16::MAX), u16::try_from(characters).unwrap_or(u16::MAX));
    editor.cancel_selection();
    editor.move_cursor(CursorMove::Jump(line, characters));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words() {
        let shown = |text: &str, width| {
            let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            let rows = rows(&lines, width);
            rows.iter().map(|r| lines[r.line][r.bytes.clone()].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(shown("ALTER TABLE users\n\nx", 13), ["ALTER TABLE ", "users", "", "x"]);
        assert_eq!(shown("日本語", 2), ["日", "本", "語"]);
        assert_eq!(shown("abcdef", 4), ["abc", "def"]);
    }
}
