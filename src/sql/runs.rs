//! How long a word, number, operator, comment is from where it starts: the rules of the server's scanner.

/// Characters of operators. The backtick is one to the server; here it gives MySQL away.
pub(super) const OPERATOR: &str = "+-*/<>=~!@#%^&|?";

/// The prefix's length where a string constant starts.
pub(super) fn string_prefix(rest: &str) -> Option<usize> {
    let mut chars = rest.chars();
    match (chars.next()?, chars.next(), chars.next()) {
        ('\'', _, _) => Some(0),
        ('e' | 'E' | 'b' | 'B' | 'x' | 'X' | 'n' | 'N', Some('\''), _) => Some(1),
        ('u' | 'U', Some('&'), Some('\'')) => Some(2),
        _ => None,
    }
}

/// Length in bytes of the block comment that `rest` begins with; comments nest. `None` if it is never closed.
pub fn comment_len(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut depth = 0usize;
    let mut at = 0usize;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

pub(super) fn word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && c.is_alphanumeric())
}

pub(super) fn word_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = word_start(c)
            || c.is_ascii_digit()
            || (!c.is_ascii()
                && !c.is_whitespace()
                && !c.is_control()
                && !"\u{2018}\u{2019}\u{201c}\u{201d}\u{fffd}\u{feff}".contains(c))
            || (c == '$' && chars.peek().is_none_or(|(_, n)| *n != '{'));
        if !inside {
            return at;
        }
    }
    rest.len()
}

pub(super) fn number_len(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_digit());
    if matches!(bytes, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', third, ..] if third.is_ascii_hexdigit()) {
        let hex = rest.get(2..).unwrap_or("");
        return rest.len() - hex.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '_').len();
    }
    let mut at = 0;
    while digit(at) || (bytes.get(at) == Some(&b'_') && digit(at + 1)) {
        at += 1;
    }
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1) != Some(&b'.') {
        at += 1;
        while digit(at) {
            at += 1;
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if digit(at + 1 + sign) {
            at += 1 + sign;
            while digit(at) {
                at += 1;
            }
        }
    }
    at
}

/// The server's rule: the longest run, cut before a comment; a trailing sign belongs to it only if it holds a special character.
pub(super) fn operator_len(rest: &str) -> usize {
    let run = rest.len() - rest.trim_start_matches(|c| OPERATOR.contains(c)).len();
    let run = rest.get(..run).unwrap_or("");
    let cut = ["--", "/*"].iter().filter_map(|open| run.find(open)).min().unwrap_or(run.len());
    let mut run = run.get(..cut).unwrap_or("");
    while run.len() > 1 && run.ends_with(['+', '-']) && !run.contains(['~', '!', '@', '#', '%', '^', '&', '|', '?']) {
        run = run.get(..run.len() - 1).unwrap_or("");
    }
    run.len().max(1)
}
