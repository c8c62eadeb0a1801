//! SQL in colours. A light scanner of our own: a text that is being typed is rarely whole, and must still have its colours.

use crate::sql::comment_len;
use crate::tui::canvas::{Piece, piece};
use crate::tui::text::width;
use crate::tui::theme::Role;
use std::ops::Range;

/// Sorted; the words that carry a statement, not every reserved word.
const KEYWORDS: &[&str] = &[
    "access",
    "add",
    "after",
    "algorithm",
    "all",
    "alter",
    "always",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "attach",
    "auto_increment",
    "before",
    "begin",
    "between",
    "by",
    "call",
    "cascade",
    "case",
    "change",
    "character",
    "charset",
    "check",
    "collate",
    "column",
    "comment",
    "commit",
    "concurrently",
    "conflict",
    "constraint",
    "convert",
    "create",
    "cross",
    "cube",
    "data",
    "database",
    "declare",
    "default",
    "deferrable",
    "delete",
    "delimiter",
    "desc",
    "detach",
    "disable",
    "distinct",
    "do",
    "domain",
    "drop",
    "duplicate",
    "each",
    "else",
    "elseif",
    "enable",
    "end",
    "engine",
    "enum",
    "event",
    "except",
    "exchange",
    "exclude",
    "execute",
    "exists",
    "extension",
    "false",
    "fetch",
    "first",
    "for",
    "force",
    "foreign",
    "from",
    "full",
    "fulltext",
    "function",
    "generated",
    "grant",
    "group",
    "handler",
    "having",
    "identity",
    "if",
    "ignore",
    "in",
    "include",
    "index",
    "initially",
    "inner",
    "inplace",
    "insert",
    "instant",
    "instead",
    "interval",
    "into",
    "invisible",
    "is",
    "iterate",
    "join",
    "key",
    "language",
    "last",
    "leave",
    "left",
    "like",
    "limit",
    "local",
    "lock",
    "loop",
    "match",
    "materialized",
    "modify",
    "nocopy",
    "not",
    "null",
    "nulls",
    "of",
    "on",
    "only",
    "optimize",
    "or",
    "order",
    "outer",
    "over",
    "owner",
    "partition",
    "perform",
    "plpgsql",
    "policy",
    "primary",
    "procedure",
    "purge",
    "raise",
    "references",
    "refresh",
    "reindex",
    "rename",
    "reorganize",
    "repair",
    "repeat",
    "replace",
    "reset",
    "restrict",
    "return",
    "returning",
    "returns",
    "revoke",
    "right",
    "role",
    "rollback",
    "row",
    "rows",
    "rule",
    "schema",
    "select",
    "sequence",
    "session",
    "set",
    "share",
    "show",
    "signal",
    "spatial",
    "sqlstate",
    "start",
    "statistics",
    "storage",
    "stored",
    "table",
    "tablespace",
    "temporary",
    "then",
    "to",
    "transaction",
    "trigger",
    "true",
    "truncate",
    "type",
    "union",
    "unique",
    "unlock",
    "unsigned",
    "until",
    "update",
    "use",
    "using",
    "vacuum",
    "valid",
    "validate",
    "values",
    "view",
    "virtual",
    "visible",
    "when",
    "where",
    "while",
    "with",
];

/// Byte ranges with their roles, in order, covering the whole text.
pub fn spans(text: &str) -> Vec<(Range<usize>, Role)> {
    let mut spans: Vec<(Range<usize>, Role)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or("");
        let (len, role) = token(rest);
        let end = (at + len.max(1)).min(text.len());
        match spans.last_mut() {
            Some((last, same)) if *same == role => last.end = end,
            _ => spans.push((at..end, role)),
        }
        at = end;
    }
    spans
}

/// Length in bytes and role of the first token.
fn token(rest: &str) -> (usize, Role) {
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '-' if rest.starts_with("--") => (rest.find('\n').unwrap_or(rest.len()), Role::SqlComment),
        '/' if rest.starts_with("/*") => (comment_len(rest).unwrap_or(rest.len()), Role::SqlComment),
        // MySQL's; PostgreSQL's operator of that sign rarely has a blank behind it.
        '#' if rest.starts_with("# ") => (rest.find('\n').unwrap_or(rest.len()), Role::SqlComment),
        '\'' => (quoted(rest, '\'', 1), Role::SqlString),
        'e' | 'E' if rest.get(1..2) == Some("'") => (escaped(rest), Role::SqlString),
        '"' | '`' => (quoted(rest, first, 1), Role::Text),
        '$' => match dollar_tag(rest) {
            Some(len) => (len, Role::SqlString),
            None => (1, Role::Text),
        },
        c if c.is_ascii_digit() => {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            (end, Role::SqlNumber)
        }
        c if c.is_alphabetic() || c == '_' => {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or("").to_ascii_lowercase();
            let role = if KEYWORDS.binary_search(&word.as_str()).is_ok() { Role::SqlKeyword } else { Role::Text };
            (end, role)
        }
        c => (c.len_utf8(), Role::Text),
    }
}

/// To the closing quote; a doubled quote is part of the text.
fn quoted(rest: &str, quote: char, from: usize) -> usize {
    let mut chars = rest.char_indices().skip_while(|(i, _)| *i < from).peekable();
    while let Some((i, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return i + 1;
        }
    }
    rest.len()
}

fn escaped(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(2);
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '\'' => return i + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `$$` or `$tag$`; the text between two of them is coloured as the code it is.
fn dollar_tag(rest: &str) -> Option<usize> {
    let inner = rest.get(1..)?;
    let end = inner.find('$')?;
    let tag = inner.get(..end)?;
    let fits = tag.chars().all(|c| c.is_alphanumeric() || c == '_') && !tag.starts_with(|c: char| c.is_ascii_digit());
    fits.then_some(end + 2)
}

/// Coloured lines of at most `room` columns; a line that is broken goes on two columns further in.
pub fn lines(text: &str, room: usize) -> Vec<Vec<Piece<'static>>> {
    let text = text.replace('\t', "    ");
    let room = room.max(8);
    let spans = spans(&text);
    let mut lines = Vec::new();
    let mut start = 0;
    for source in text.split('\n') {
        let end = start + source.len();
        let indent = source.len() - source.trim_start().len();
        let mut line: Vec<Piece<'static>> = Vec::new();
        let mut used = 0;
        for (range, role) in spans.iter().filter(|(r, _)| r.start < end && r.end > start) {
            let slice = text.get(range.start.max(start)..range.end.min(end)).unwrap_or("");
            for word in slice.split_inclusive(' ') {
                let mut word = word;
                if used > indent && used + width(word.trim_end()) > room {
                    lines.push(std::mem::take(&mut line));
                    used = (indent + 2).min(room / 2);
                    line.push(piece(" ".repeat(used), Role::Text));
                }
                while used + width(word.trim_end()) > room {
                    let head = crate::tui::text::head(word, room - used);
                    if head.is_empty() {
                        break;
                    }
                    line.push(piece(head.to_owned(), *role));
                    lines.push(std::mem::take(&mut line));
                    word = word.get(head.len()..).unwrap_or("");
                    used = 0;
                }
                used += width(word);
                match line.last_mut() {
                    Some((last, same)) if same == role => last.to_mut().push_str(word),
                    _ => line.push(piece(word.to_owned(), *role)),
                }
            }
        }
        lines.push(line);
        start = end + 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(text: &str) -> Vec<(&str, Role)> {
        spans(text).into_iter().map(|(r, role)| (text.get(r).unwrap(), role)).collect()
    }

    #[test]
    fn colours_what_is_whole_and_what_is_not() {
        use Role::*;
        assert_eq!(
            coloured("ALTER users -- x\nSET 'it''s' 1.5"),
            [
                ("ALTER", SqlKeyword),
                (" users ", Text),
                ("-- x", SqlComment),
                ("\n", Text),
                ("SET", SqlKeyword),
                (" ", Text),
                ("'it''s'", SqlString),
                (" ", Text),
                ("1.5", SqlNumber)
            ]
        );
        assert_eq!(coloured("`a``drop` # b\n`x"), [("`a``drop` ", Text), ("# b", SqlComment), ("\n`x", Text)]);
        assert_eq!(coloured("'open"), [("'open", SqlString)]);
        assert_eq!(coloured("/* a /* b */ c */x"), [("/* a /* b */ c */", SqlComment), ("x", Text)]);
        assert_eq!(coloured("$f$ BEGIN $f$")[0], ("$f$", SqlString));
        assert_eq!(coloured("E'\\'' \"drop\""), [("E'\\''", SqlString), (" \"drop\"", Text)]);
        assert_eq!(coloured("é$1"), [("é$1", Text)]);
    }

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.windows(2).all(|w| w[0] < w[1]), "{:?}", KEYWORDS.windows(2).find(|w| w[0] >= w[1]));
    }

    #[test]
    fn long_lines_go_on_further_in() {
        let shown: Vec<String> = lines("  SELECT alpha, beta FROM gamma\nx", 18)
            .iter()
            .map(|l| l.iter().map(|(t, _)| t.as_ref()).collect::<String>())
            .collect();
        assert_eq!(shown, ["  SELECT alpha, ", "    beta FROM ", "    gamma", "x"]);
    }
}
