//! Text cut and wrapped by what a terminal shows, not by bytes or characters.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `text` in at most `room` columns; what is cut is marked by `mark` (one column wide).
pub fn fit<'t>(text: &'t str, room: usize, mark: &str) -> Cow<'t, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    if room == 0 {
        return Cow::Borrowed("");
    }
    let mut kept = head(text, room - 1).to_owned();
    kept.push_str(mark);
    Cow::Owned(kept)
}

/// The longest start of `text` that is at most `room` columns wide.
pub fn head(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > room {
            return text.get(..at).unwrap_or("");
        }
    }
    text
}

/// What is left of `text` after its first `columns` columns; a wide character that is cut in half is left out.
pub fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        if used >= columns {
            return text.get(at..).unwrap_or("");
        }
        used += c.width().unwrap_or(0);
    }
    ""
}

/// Lines of at most `room` columns, broken between words where there is a space, inside where there is none.
/// Line breaks in `text` stay; continuation lines keep the indent of theirs.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    for source in text.split('\n') {
        let source = source.replace('\t', "    ");
        let source = source.trim_end();
        let indent: String = source.chars().take_while(|c| *c == ' ').take(room / 2).collect();
        let mut line = String::new();
        let mut used = 0;
        for word in source.split_inclusive(' ') {
            let bare = width(word.trim_end());
            if used > indent.len() && used + bare > room {
                lines.push(line.trim_end().to_owned());
                line = indent.clone();
                used = indent.len();
            }
            let mut rest = word;
            while used + width(rest.trim_end()) > room {
                let start = head(rest, room.saturating_sub(used));
                // A character wider than the room must still go somewhere.
                let cut = if start.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { start.len() };
                line.push_str(rest.get(..cut).unwrap_or(""));
                lines.push(std::mem::take(&mut line));
                used = 0;
                rest = rest.get(cut..).unwrap_or("");
                if rest.is_empty() {
                    break;
                }
            }
            line.push_str(rest);
            used += width(rest);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_by_columns() {
        assert_eq!(fit("orders", 6, "…"), "orders");
        assert_eq!(fit("orders", 4, "…"), "ord…");
        assert_eq!(fit("日本語", 4, "…"), "日…");
        assert_eq!(fit("x", 0, "…"), "");
        assert_eq!(tail("日本語", 2), "本語");
        assert_eq!(tail("abc", 9), "");
    }

    #[test]
    fn wraps_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("  indented line here", 12), ["  indented", "  line here"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("日本語", 1), ["日", "本", "語", ""]);
        assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
    }
}
