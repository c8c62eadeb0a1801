//! Words of PostgreSQL's lexical grammar with exact byte places. Whatever the server would not read as text of a
//! statement (placeholders, other engines' quotes, stray characters) is a [`Problem`], never guessed.

use super::runs::{OPERATOR, comment_len, number_len, operator_len, string_prefix, word_len, word_start};
use super::statement::Problem;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Keyword or unquoted identifier.
    Word,
    /// `"…"`.
    Quoted,
    /// `U&"…"`.
    UnicodeQuoted,
    /// Any string constant, with its prefix or dollar tags.
    Text,
    Number,
    /// `$1`.
    Param,
    /// Operators, `::`, `:=`, `:`.
    Op,
    /// One of `( ) [ ] , . ;`.
    Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// The text from the first of the tokens to the last; empty without any.
pub(super) fn covered<'t>(text: &'t str, tokens: &[Token]) -> &'t str {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => text.get(first.start..last.end).unwrap_or(""),
        _ => "",
    }
}

impl Token {
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or("")
    }
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

pub(super) enum Item {
    Token(Token),
    /// A `--` comment, without the line's end.
    LineComment(Range<usize>),
    /// A psql command from its backslash to the end of the line.
    Meta(Range<usize>),
}

pub(super) struct Lexer<'t> {
    pub text: &'t str,
    pub at: usize,
    brackets: usize,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, brackets: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn problem(&mut self, span: Range<usize>, message: impl Into<String>, hint: &str) -> Option<Result<Item, Problem>> {
        self.at = span.end.max(self.at);
        Some(Err(Problem::at(self.text, span, message).hint(hint)))
    }

    fn token(&mut self, kind: Kind, len: usize) -> Option<Result<Item, Problem>> {
        let start = self.at;
        self.at = (start + len).min(self.text.len());
        Some(Ok(Item::Token(Token { kind, start, end: self.at })))
    }

    /// The next thing in the text; after a problem it goes on behind it.
    pub fn next(&mut self) -> Option<Result<Item, Problem>> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with("--") {
                let len = rest.find('\n').unwrap_or(rest.len());
                let span = self.at..self.at + len;
                self.at = span.end;
                return Some(Ok(Item::LineComment(span)));
            } else if rest.starts_with("/*") {
                match comment_len(rest) {
                    Some(len) => self.at += len,
                    None => {
                        return self.unterminated("this comment is never closed", "Add `*/` where the comment ends.");
                    }
                }
            } else {
                break;
            }
        }
        let rest = self.rest();
        let first = rest.chars().next()?;
        if let Some(length) = string_prefix(rest) {
            return self.string(rest, length);
        }
        match first {
            '"' => self.quoted(rest, 0),
            'u' | 'U' if rest.get(1..3) == Some("&\"") => self.quoted(rest, 2),
            '$' => self.dollar(rest),
            '{' => self.brace(rest),
            '\\' => {
                let len = rest.find(['\n', '\r']).unwrap_or(rest.len());
                let span = self.at..self.at + len;
                self.at = span.end;
                Some(Ok(Item::Meta(span)))
            }
            '`' => {
                let len = rest.get(1..).and_then(|r| r.find('`')).map_or(1, |n| n + 2);
                self.problem(
                    self.at..self.at + len,
                    "backticks quote names in MySQL, not in PostgreSQL",
                    "Write the name plain or in double quotes.",
                )
            }
            ':' => self.colon(rest),
            '(' | ')' | ',' | ';' => self.token(Kind::Mark, 1),
            '[' | ']' => {
                self.brackets = if first == '[' { self.brackets + 1 } else { self.brackets.saturating_sub(1) };
                self.token(Kind::Mark, 1)
            }
            '.' if rest.get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())) => {
                self.token(Kind::Number, number_len(rest))
            }
            '.' => self.token(Kind::Mark, 1),
            c if c.is_ascii_digit() => self.token(Kind::Number, number_len(rest)),
            c if word_start(c) => self.token(Kind::Word, word_len(rest)),
            c if OPERATOR.contains(c) => {
                if rest.starts_with("<%=") {
                    let len = rest.find("%>").map_or(3, |n| n + 2);
                    return self.template(len);
                }
                self.token(Kind::Op, operator_len(rest))
            }
            c => {
                let shown = if c.is_control() || c.is_whitespace() || crate::model::name::is_hostile(c) {
                    format!("the character U+{:04X} is not SQL", u32::from(c))
                } else {
                    format!("`{c}` is not SQL")
                };
                let hint = match c {
                    '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => {
                        "Use straight quotes: ' for text, \" for names."
                    }
                    '\u{fffd}' => "The text was not UTF-8 when it was read.",
                    _ => "Remove it, or put it in quotes if it belongs to a name or a text.",
                };
                self.problem(self.at..self.at + c.len_utf8(), shown, hint)
            }
        }
    }

    fn unterminated(&mut self, message: &str, hint: &str) -> Option<Result<Item, Problem>> {
        let start = self.at;
        self.at = self.text.len();
        let first = self.text.get(start..).and_then(|r| r.lines().next()).map_or(0, str::len);
        Some(Err(Problem::at(self.text, start..start + first, message).hint(hint)))
    }

    fn template(&mut self, len: usize) -> Option<Result<Item, Problem>> {
        let span = self.at..(self.at + len).min(self.text.len());
        let shown = self.text.get(span.clone()).unwrap_or("").to_owned();
        self.problem(
            span,
            format!("`{shown}` is a template's placeholder"),
            "Render the template first: a plan needs the names that the database will see.",
        )
    }

    fn string(&mut self, rest: &str, prefix: usize) -> Option<Result<Item, Problem>> {
        let escapes = rest.starts_with(['e', 'E']);
        let mut chars = rest.char_indices().skip_while(|(at, _)| *at <= prefix).peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if escapes => {
                    chars.next();
                }
                '\'' if chars.peek().is_some_and(|(_, n)| *n == '\'') => {
                    chars.next();
                }
                '\'' => return self.token(Kind::Text, at + 1),
                _ => {}
            }
        }
        self.unterminated("this text is never closed", "Add the closing `'`; a quote inside a text is doubled: `''`.")
    }

    fn quoted(&mut self, rest: &str, prefix: usize) -> Option<Result<Item, Problem>> {
        let mut chars = rest.char_indices().skip_while(|(at, _)| *at <= prefix).peekable();
        while let Some((at, c)) = chars.next() {
            if c != '"' {
                continue;
            }
            if chars.peek().is_some_and(|(_, n)| *n == '"') {
                chars.next();
                continue;
            }
            let name = rest.get(prefix + 1..at).unwrap_or("");
            let placeholder =
                |open, close| name.find(open).is_some_and(|n| name.get(n..).is_some_and(|r| r.contains(close)));
            if placeholder("{{", "}}") || placeholder("${", "}") {
                return self.template(at + 1);
            }
            if name.is_empty() {
                return self.problem(
                    self.at..self.at + at + 1,
                    "a name cannot be empty",
                    "Write the name between the quotes.",
                );
            }
            return self.token(if prefix == 0 { Kind::Quoted } else { Kind::UnicodeQuoted }, at + 1);
        }
        self.unterminated("this quoted name is never closed", "Add the closing `\"`.")
    }

    fn dollar(&mut self, rest: &str) -> Option<Result<Item, Problem>> {
        let after = rest.get(1..).unwrap_or("");
        if after.starts_with('{') {
            return self.template(rest.find('}').map_or(2, |n| n + 1));
        }
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            return self.token(Kind::Param, 1 + digits);
        }
        let tag = after.len() - after.trim_start_matches(|c: char| word_start(c) || c.is_ascii_digit()).len();
        if after.get(tag..).is_some_and(|r| r.starts_with('$')) {
            let open = rest.get(..tag + 2).unwrap_or("$$");
            return match rest.get(open.len()..).and_then(|body| body.find(open)) {
                Some(at) => self.token(Kind::Text, at + 2 * open.len()),
                None => self.unterminated(
                    &format!("the text that `{open}` opens is never closed"),
                    &format!("Add the closing `{open}`."),
                ),
            };
        }
        self.problem(
            self.at..self.at + 1 + tag,
            format!("`{}` is not SQL", rest.get(..1 + tag).unwrap_or("$")),
            "If it is a placeholder, render the template first.",
        )
    }

    fn brace(&mut self, rest: &str) -> Option<Result<Item, Problem>> {
        for (open, close) in [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("{", "}")] {
            if rest.starts_with(open) {
                let line = rest.lines().next().map_or(1, str::len);
                return self.template(rest.find(close).map_or(line, |n| n + close.len()));
            }
        }
        None
    }

    fn colon(&mut self, rest: &str) -> Option<Result<Item, Problem>> {
        if rest.starts_with("::") || rest.starts_with(":=") {
            return self.token(Kind::Op, 2);
        }
        let after = rest.get(1..).unwrap_or("");
        let close = match after.chars().next() {
            Some(quote @ ('\'' | '"')) => after.get(1..).and_then(|r| r.find(quote)).map(|n| n + 3),
            Some('{') => after.find('}').map(|n| n + 2),
            // Inside brackets it is an array slice: a[1:n].
            Some(c) if word_start(c) && self.brackets == 0 => Some(1 + word_len(after)),
            _ => None,
        };
        let Some(len) = close else { return self.token(Kind::Op, 1) };
        let shown = rest.get(..len).unwrap_or(":").to_owned();
        self.problem(
            self.at..self.at + len,
            format!("`{shown}` is a variable that psql or a driver fills in"),
            "Write the value or name itself: a plan needs what the database will see.",
        )
    }
}
