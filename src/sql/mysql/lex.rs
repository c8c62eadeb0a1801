//! Words of MySQL's and MariaDB's lexical grammar with exact byte places: comments that are executed by some versions,
//! escapes, names that begin with digits, the client's delimiter. What no server would read is a [`Problem`].

use super::Reading;
use super::runs::{number_len, operator_len, word_len, word_start};
use crate::sql::lex::{Kind, Token};
use crate::sql::statement::Problem;
use std::ops::Range;

pub(super) enum Item {
    Token(Token),
    /// `-- …` or `# …`, without the line's end.
    Comment(Range<usize>),
    /// The delimiter that the client was told, if it is another than `;`.
    Delimiter,
    /// A command of the client from its backslash on.
    Client(Range<usize>),
}

type Next = Option<Result<Item, Problem>>;

pub(super) struct Lexer<'t> {
    pub text: &'t str,
    pub at: usize,
    pub reading: Reading,
    /// Where it is not `;`.
    pub delimiter: Option<String>,
    /// What no server reads: marks of executable comments, and whole ones of later versions.
    pub blanks: Vec<Range<usize>>,
    /// Executable comments that are read, marks included.
    pub regions: Vec<Range<usize>>,
    /// Where those that are open begin.
    open: Vec<usize>,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str, reading: Reading) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, at, reading, delimiter: None, blanks: Vec::new(), regions: Vec::new(), open: Vec::new() }
    }

    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn problem(&mut self, span: Range<usize>, message: impl Into<String>, hint: &str) -> Next {
        self.at = span.end.max(self.at);
        Some(Err(Problem::at(self.text, span, message).hint(hint)))
    }

    fn token(&mut self, kind: Kind, len: usize) -> Next {
        let start = self.at;
        self.at = (start + len).min(self.text.len());
        Some(Ok(Item::Token(Token { kind, start, end: self.at })))
    }

    fn unterminated(&mut self, message: &str, hint: &str) -> Next {
        let start = self.at;
        self.at = self.text.len();
        let first = self.text.get(start..).and_then(|r| r.lines().next()).map_or(0, str::len);
        Some(Err(Problem::at(self.text, start..start + first, message).hint(hint)))
    }

    fn is_delimiter(&self, rest: &str) -> Option<usize> {
        self.delimiter.as_deref().filter(|d| rest.starts_with(*d)).map(str::len)
    }

    /// The next thing in the text; after a problem it goes on behind it.
    pub fn next(&mut self) -> Next {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).len();
            if blank > 0 {
                self.at += blank;
            } else if let Some(len) = self.is_delimiter(rest) {
                self.at += len;
                return Some(Ok(Item::Delimiter));
            } else if rest.starts_with("*/") && !self.open.is_empty() {
                self.blanks.push(self.at..self.at + 2);
                self.at += 2;
                self.regions.extend(self.open.pop().map(|from| from..self.at));
            } else if rest.starts_with('#') || dashes(rest) {
                let len = rest.find('\n').unwrap_or(rest.len());
                let span = self.at..self.at + len;
                self.at = span.end;
                return Some(Ok(Item::Comment(span)));
            } else if rest.starts_with("/*") {
                if let Some(problem) = self.comment(rest) {
                    return Some(problem);
                }
            } else {
                break;
            }
        }
        self.word()
    }

    /// A block comment: skipped, or opened where this server executes it.
    fn comment(&mut self, rest: &str) -> Option<Result<Item, Problem>> {
        if let Some(mark) = self.reading.executes(rest) {
            self.open.push(self.at);
            self.blanks.push(self.at..self.at + mark);
            self.at += mark;
            return None;
        }
        let foreign = rest.starts_with("/*!") || rest.starts_with("/*M!");
        match comment_len(rest, foreign) {
            Some(len) => {
                if foreign {
                    self.blanks.push(self.at..self.at + len);
                }
                self.at += len;
                None
            }
            None => self.unterminated("this comment is never closed", "Add `*/` where the comment ends."),
        }
    }

    fn word(&mut self) -> Next {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            let open = self.open.pop()?;
            self.open.clear();
            self.at = open;
            return self.unterminated("this comment is never closed", "Add `*/` where the comment ends.");
        };
        let second = rest.get(first.len_utf8()..).and_then(|r| r.chars().next());
        match (first, second) {
            ('\'', _) => self.string(rest, 0, '\''),
            ('n' | 'N' | 'x' | 'X' | 'b' | 'B', Some('\'')) => self.string(rest, 1, '\''),
            ('"', _) if self.reading.ansi_quotes => self.quoted(rest, '"'),
            ('"', _) => self.string(rest, 0, '"'),
            ('`', _) => self.quoted(rest, '`'),
            ('@', _) => self.variable(rest),
            ('?', _) => self.token(Kind::Param, 1),
            ('$', _) => self.dollar(rest),
            ('{', _) => self.brace(rest),
            ('\\', _) => self.client(rest),
            (':', _) => self.colon(rest),
            ('(' | ')' | '[' | ']' | ',' | ';', _) => self.token(Kind::Mark, 1),
            ('.', Some(digit)) if digit.is_ascii_digit() && !self.behind_name() => {
                self.token(Kind::Number, number_len(rest))
            }
            ('.', _) => self.token(Kind::Mark, 1),
            (digit, _) if digit.is_ascii_digit() => {
                let (number, word) = (number_len(rest), word_len(rest));
                if word > number { self.name(word) } else { self.token(Kind::Number, number) }
            }
            (start, _) if word_start(start) => self.name(word_len(rest)),
            ('<', Some('%')) if rest.starts_with("<%=") => self.template(rest.find("%>").map_or(3, |n| n + 2)),
            _ => match operator_len(rest) {
                0 => self.stray(first),
                len => self.token(Kind::Op, len),
            },
        }
    }

    /// An identifier or keyword, which the delimiter ends even where its characters could go on.
    fn name(&mut self, len: usize) -> Next {
        let word = self.rest().get(..len).unwrap_or("");
        let cut = self.delimiter.as_deref().and_then(|d| word.find(d)).filter(|at| *at > 0);
        self.token(Kind::Word, cut.unwrap_or(len))
    }

    /// Is the character before this one part of a name? Then `.1a` is the name's next part.
    fn behind_name(&self) -> bool {
        let before = self.text.get(..self.at).and_then(|t| t.chars().next_back());
        before.is_some_and(|c| word_start(c) || c.is_ascii_digit() || c == '`')
    }

    fn stray(&mut self, c: char) -> Next {
        let shown = if c.is_control() || c.is_whitespace() || crate::model::name::is_hostile(c) {
            format!("the character U+{:04X} is not SQL", u32::from(c))
        } else {
            format!("`{c}` is not SQL")
        };
        let hint = match c {
            '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => "Use straight quotes: ' for text, ` for names.",
            '\u{fffd}' => "The text was not UTF-8 when it was read.",
            _ => "Remove it, or put it in quotes if it belongs to a name or a text.",
        };
        self.problem(self.at..self.at + c.len_utf8(), shown, hint)
    }

    fn template(&mut self, len: usize) -> Next {
        let span = self.at..(self.at + len).min(self.text.len());
        let shown = self.text.get(span.clone()).unwrap_or("").to_owned();
        self.problem(
            span,
            format!("`{shown}` is a template's placeholder"),
            "Render the template first: a plan needs the names that the database will see.",
        )
    }

    fn string(&mut self, rest: &str, prefix: usize, quote: char) -> Next {
        let escapes = !self.reading.no_backslash_escapes;
        let mut chars = rest.char_indices().skip_while(|(at, _)| *at <= prefix).peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\\' && escapes {
                chars.next();
            } else if c == quote {
                if chars.peek().is_some_and(|(_, n)| *n == quote) {
                    chars.next();
                } else {
                    return self.token(Kind::Text, at + 1);
                }
            }
        }
        let hint =
            format!("Add the closing `{quote}`; a quote inside a text is doubled, or stands behind a backslash.");
        self.unterminated("this text is never closed", &hint)
    }

    fn quoted(&mut self, rest: &str, quote: char) -> Next {
        let mut chars = rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c != quote {
                continue;
            }
            if chars.peek().is_some_and(|(_, n)| *n == quote) {
                chars.next();
                continue;
            }
            let name = rest.get(1..at).unwrap_or("");
            let placeholder =
                |open, close| name.find(open).is_some_and(|n| name.get(n..).is_some_and(|r| r.contains(close)));
            if placeholder("{{", "}}") || placeholder("${", "}") {
                return self.template(at + 1);
            }
            if name.is_empty() {
                let span = self.at..self.at + at + 1;
                return self.problem(span, "a name cannot be empty", "Write the name between the quotes.");
            }
            return self.token(Kind::Quoted, at + 1);
        }
        self.unterminated("this quoted name is never closed", &format!("Add the closing `{quote}`."))
    }

    /// `@v`, `@'v'`, `@@global.x`; also the host of an account.
    fn variable(&mut self, rest: &str) -> Next {
        let marks = if rest.starts_with("@@") { 2 } else { 1 };
        let after = rest.get(marks..).unwrap_or("");
        match after.chars().next() {
            Some(quote @ ('\'' | '"' | '`')) => match after.get(1..).and_then(|r| r.find(quote)) {
                Some(close) => self.token(Kind::Param, marks + close + 2),
                None => self.unterminated("this quoted name is never closed", &format!("Add the closing `{quote}`.")),
            },
            _ => {
                let inside = |c: char| word_start(c) || c.is_ascii_digit() || c == '.' || c == '$';
                let len = after.len() - after.trim_start_matches(inside).len();
                let whole = rest.get(..marks + len).unwrap_or("");
                let cut = self.delimiter.as_deref().and_then(|d| whole.find(d)).filter(|at| *at > 0);
                self.token(Kind::Param, cut.unwrap_or(marks + len))
            }
        }
    }

    fn dollar(&mut self, rest: &str) -> Next {
        if rest.starts_with("${") {
            return self.template(rest.find('}').map_or(2, |n| n + 1));
        }
        if rest.starts_with("$%") {
            return self.template(rest.find("%$").map_or(2, |n| n + 2));
        }
        let word = word_len(rest);
        let body = rest.get(1..).unwrap_or("");
        let tag = body.find('$').filter(|end| *end < word).map(|end| end + 2);
        // A body in another language (MySQL 9), or PostgreSQL's.
        let whole = tag.and_then(|tag| {
            let open = rest.get(..tag)?;
            rest.get(tag..)?.find(open).map(|at| at + 2 * tag)
        });
        match whole {
            Some(len) => self.token(Kind::Text, len),
            None => self.name(word.max(1)),
        }
    }

    fn brace(&mut self, rest: &str) -> Next {
        // ODBC's escapes are read by the server: `{d '2020-01-01'}`, `{fn now()}`.
        let word = rest.get(1..).unwrap_or("").trim_start();
        if ["d ", "t ", "ts ", "fn ", "oj ", "d'", "t'", "ts'"].iter().any(|w| starts(word, w)) {
            return self.token(Kind::Op, 1);
        }
        for (open, close) in [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("{", "}")] {
            if rest.starts_with(open) {
                let line = rest.lines().next().map_or(1, str::len);
                return self.template(rest.find(close).map_or(line, |n| n + close.len()));
            }
        }
        None
    }

    fn client(&mut self, rest: &str) -> Next {
        let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let len = match rest.chars().nth(1) {
            Some('g' | 'G' | 'c' | 'p' | 'q' | 'w' | 'W' | 's' | 'e') => 2,
            _ => line,
        };
        let span = self.at..self.at + len;
        self.at = span.end;
        Some(Ok(Item::Client(span)))
    }

    fn colon(&mut self, rest: &str) -> Next {
        if rest.starts_with("::") || rest.starts_with(":=") {
            return self.token(Kind::Op, 2);
        }
        let after = rest.get(1..).unwrap_or("");
        let len = match after.chars().next() {
            Some('{') => after.find('}').map(|n| n + 2),
            // A label's colon stands right behind its name.
            Some(c) if word_start(c) && !self.behind_name() => Some(1 + word_len(after)),
            _ => None,
        };
        let Some(len) = len else { return self.token(Kind::Op, 1) };
        let shown = rest.get(..len).unwrap_or(":").to_owned();
        self.problem(
            self.at..self.at + len,
            format!("`{shown}` is a variable that a driver fills in"),
            "Write the value or name itself: a plan needs what the database will see.",
        )
    }
}

fn starts(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix))
}

/// `--` begins a comment only before a blank or the end.
fn dashes(rest: &str) -> bool {
    rest.strip_prefix("--").is_some_and(|r| r.chars().next().is_none_or(|c| c.is_whitespace() || c.is_control()))
}

/// Comments do not nest, but for a plain one in an executable one.
fn comment_len(rest: &str, nests: bool) -> Option<usize> {
    let close = |from: usize| rest.get(from..).and_then(|r| r.find("*/")).map(|at| from + at + 2);
    let mut end = close(2)?;
    if !nests {
        return Some(end);
    }
    let mut from = 2;
    while let Some(inner) = rest.get(from..end - 2).and_then(|r| r.find("/*")) {
        from = close(from + inner + 2)?;
        end = close(from)?;
    }
    Some(end)
}
