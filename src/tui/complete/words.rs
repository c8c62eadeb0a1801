//! The statement around the cursor as words: enough to guess what comes next in a text that is not whole yet.

use crate::sql::comment_len;
use std::ops::Range;

/// Farther back nobody looks: a text of megabytes costs no more than a short one.
const WINDOW: usize = 8_192;

/// A name, quoted or not, a number, a string, or one other character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'t> {
    pub text: &'t str,
    pub start: usize,
}

impl<'t> Word<'t> {
    pub fn end(self) -> usize {
        self.start + self.text.len()
    }
    pub fn is(self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }
    pub fn is_any(self, keywords: &[&str]) -> bool {
        keywords.iter().any(|k| self.is(k))
    }
    pub fn is_name(self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '"' | '`'))
    }
    /// The name as the catalog has it.
    pub fn name(self) -> String {
        let quoted = |quote: char| {
            let inner = self.text.strip_prefix(quote)?;
            let doubled: String = [quote, quote].iter().collect();
            Some(inner.strip_suffix(quote).unwrap_or(inner).replace(&doubled, &quote.to_string()))
        };
        quoted('"').or_else(|| quoted('`')).unwrap_or_else(|| self.text.to_lowercase())
    }
}

/// The statement that the cursor is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around<'t> {
    /// All words before the one at the cursor.
    pub before: Vec<Word<'t>>,
    pub after: Vec<Word<'t>>,
    /// What is typed of the word at the cursor, a quote that opens it included; empty between words.
    pub typed: Range<usize>,
    /// Parentheses that are open at the cursor.
    pub depth: usize,
}

/// None inside a comment, a string or a number.
pub fn around(text: &str, at: usize) -> Option<Around<'_>> {
    let mut from = at.saturating_sub(WINDOW);
    if from > 0 {
        from = text.get(..from).map_or(from, str::len);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        from += text.get(from..at)?.find('\n').map_or(0, |i| i + 1);
    }
    let mut to = (at + WINDOW).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let mut found = Around { before: Vec::new(), after: Vec::new(), typed: at..at, depth: 0 };
    let mut place = from;
    while place < to {
        let rest = text.get(place..to)?;
        let (len, kind) = token(rest);
        let end = place + len;
        let word = Word { text: rest.get(..len)?, start: place };
        let inside = place < at && at < end;
        match kind {
            Kind::Comment if inside || (end == at && !word.text.ends_with("*/")) => return None,
            Kind::Space | Kind::Comment => {}
            Kind::Text if end == at && (len < 2 || !word.text.ends_with('\'')) => return None,
            Kind::Text | Kind::Number if inside || (end == at && kind == Kind::Number) => return None,
            Kind::Name if place < at && at <= end => {
                // A quote that nobody closed takes the whole rest with it.
                let quote = word.text.chars().next().filter(|c| matches!(c, '"' | '`'));
                let closed = quote.is_none_or(|q| word.text.len() > 1 && word.text.ends_with(q));
                if closed && quote.is_some() && end == at {
                    found.before.push(word);
                } else {
                    found.typed = place..at;
                    if !closed {
                        return Some(found);
                    }
                }
            }
            _ if word.text == ";" && end <= at => {
                found.before.clear();
                found.depth = 0;
            }
            _ if word.text == ";" => return Some(found),
            _ if end <= at => {
                match word.text {
                    "(" => found.depth += 1,
                    ")" => found.depth = found.depth.saturating_sub(1),
                    _ => {}
                }
                found.before.push(word);
            }
            _ => found.after.push(word),
        }
        place = end;
    }
    Some(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Comment,
    Text,
    Number,
    Name,
    Other,
}

fn token(rest: &str) -> (usize, Kind) {
    let first = rest.chars().next().unwrap_or(' ');
    let until = |stop: fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
    match first {
        c if c.is_whitespace() => (until(|c| !c.is_whitespace()), Kind::Space),
        '-' if rest.starts_with("--") => (until(|c| c == '\n'), Kind::Comment),
        '/' if rest.starts_with("/*") => (comment_len(rest).unwrap_or(rest.len()), Kind::Comment),
        '#' if rest.starts_with("# ") => (until(|c| c == '\n'), Kind::Comment),
        '\'' | '"' | '`' => {
            let mut quotes = rest.match_indices(first).skip(1).peekable();
            let mut end = rest.len();
            while let Some((at, _)) = quotes.next() {
                if quotes.next_if(|(next, _)| *next == at + 1).is_none() {
                    end = at + 1;
                    break;
                }
            }
            (end, if first == '\'' { Kind::Text } else { Kind::Name })
        }
        c if c.is_ascii_digit() => (until(|c| !c.is_ascii_digit() && c != '.'), Kind::Number),
        c if c.is_alphabetic() || c == '_' => (until(|c| !c.is_alphanumeric() && c != '_' && c != '$'), Kind::Name),
        c => (c.len_utf8(), Kind::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cursor stands at `|`.
    fn at(marked: &str) -> Option<(Vec<String>, String, usize)> {
        let place = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        around(&text, place).map(|a| {
            let before = a.before.iter().map(|w| w.text.to_owned()).collect();
            (before, text[a.typed.clone()].to_owned(), a.after.len())
        })
    }

    #[test]
    fn words_of_the_statement_at_the_cursor() {
        let words = |w: &[&str]| w.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(at("x; ALTER TABLE us|; y"), Some((words(&["ALTER", "TABLE"]), "us".to_owned(), 0)));
        assert_eq!(at("a \"b c|"), Some((words(&["a"]), "\"b c".to_owned(), 0)));
        assert_eq!(at("a \"b\"|"), Some((words(&["a", "\"b\""]), String::new(), 0)));
        assert_eq!(at("a `b c|"), Some((words(&["a"]), "`b c".to_owned(), 0)));
        assert_eq!(at("a # b|"), None);
        assert_eq!(Word { text: "`a``b`", start: 0 }.name(), "a`b");
        assert_eq!(at("a.|b c"), Some((words(&["a", "."]), String::new(), 2)));
        assert_eq!(at("SELECT 'a; b'; DROP |"), Some((words(&["DROP"]), String::new(), 0)));
        assert_eq!(at("a 'b |"), None);
        assert_eq!(at("a -- b|"), None);
        assert_eq!(at("a /* b| */"), None);
        assert_eq!(at("12|"), None);
        assert_eq!(at("日本|"), Some((words(&[]), "日本".to_owned(), 0)));
        let long = format!("{}é|", "é\n".repeat(20_000));
        assert!(at(&long).is_some());
    }
}
