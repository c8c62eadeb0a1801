//! A file → the statements that the server will see: psql's own commands, COPY data and the Down half of a migration
//! file are left out; what cannot be cut cleanly is a [`Problem`].

use super::lex::{Item, Kind, Lexer, Token};
use super::statement::Problem;
use std::ops::Range;

/// One statement's words.
pub(super) struct Piece {
    pub tokens: Vec<Token>,
    /// Set where psql does more with the statement than send it.
    pub opaque: Option<&'static str>,
}

impl Piece {
    pub fn span(&self) -> Range<usize> {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => 0..0,
        }
    }
}

/// More would not be read by anyone, and each costs a look at the whole text.
pub(super) const MOST_PROBLEMS: usize = 20;

#[derive(Default)]
struct Splitter {
    pieces: Vec<Piece>,
    problems: Vec<Problem>,
    tokens: Vec<Token>,
    /// Places of the parentheses that are open.
    open: Vec<Range<usize>>,
    /// BEGIN ATOMIC … END, with CASE … END inside.
    body: usize,
    /// The statement at hand has a problem already.
    broken: bool,
    down_only: bool,
}

/// Cuts `text`. Pieces of statements with problems are left out of the first list.
pub(super) fn split(text: &str) -> (Vec<Piece>, Vec<Problem>) {
    if let Some(at) = text.find('\0') {
        let problem = Problem::at(text, at..at + 1, "this is not a text: it holds a NUL byte");
        return (Vec::new(), vec![problem.hint("Give the SQL as UTF-8 text.")]);
    }
    let mut splitter = Splitter::default();
    let mut lexer = Lexer::new(text);
    while let Some(item) = lexer.next() {
        match item {
            Ok(Item::Token(token)) => splitter.token(text, &mut lexer, token),
            Ok(Item::LineComment(span)) => splitter.comment(text, &mut lexer, span),
            Ok(Item::Meta(span)) => splitter.meta(text, span),
            Err(problem) => {
                splitter.broken = true;
                splitter.problems.push(problem);
            }
        }
        if splitter.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    splitter.finish(text);
    if splitter.pieces.is_empty() && splitter.problems.is_empty() {
        let problem = Problem::at(text, 0..0, "there is no statement");
        splitter.problems.push(if splitter.down_only {
            problem.hint("Only the way back (the Down half) holds statements; it is never planned.")
        } else {
            problem.hint("Write the change as SQL, for example `ALTER TABLE orders ADD COLUMN note text`.")
        });
    }
    (splitter.pieces, splitter.problems)
}

impl Splitter {
    fn word(&self, text: &str, index: usize, word: &str) -> bool {
        self.tokens.get(index).is_some_and(|t| t.kind == Kind::Word && t.of(text).eq_ignore_ascii_case(word))
    }

    fn last_is(&self, text: &str, word: &str) -> bool {
        self.tokens.len().checked_sub(1).is_some_and(|last| self.word(text, last, word))
    }

    fn starts(&self, text: &str, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, w)| self.word(text, n, w))
    }

    fn is_rule(&self, text: &str) -> bool {
        self.starts(text, &["create", "rule"]) || self.starts(text, &["create", "or", "replace", "rule"])
    }

    fn token(&mut self, text: &str, lexer: &mut Lexer<'_>, token: Token) {
        let raw = token.of(text);
        if token.kind == Kind::Mark {
            match raw {
                "(" => self.open.push(token.span()),
                ")" if self.open.pop().is_none() => {
                    self.broken = true;
                    let problem = Problem::at(text, token.span(), "this `)` closes nothing");
                    self.problems.push(problem.hint("Remove it, or add the `(` that it belongs to."));
                }
                ";" if self.body == 0 && (self.open.is_empty() || !self.is_rule(text)) => {
                    let data = self.starts(text, &["copy"]) && self.reads_stdin(text);
                    self.finish(text);
                    if data {
                        skip_copy_data(lexer);
                    }
                    return;
                }
                _ => {}
            }
        }
        if token.kind == Kind::Word && self.word(text, 0, "create") {
            if raw.eq_ignore_ascii_case("atomic") && self.last_is(text, "begin") {
                self.body = 1;
            } else if self.body > 0 && raw.eq_ignore_ascii_case("case") {
                self.body += 1;
            } else if self.body > 0 && raw.eq_ignore_ascii_case("end") {
                self.body -= 1;
            }
        }
        self.tokens.push(token);
    }

    fn reads_stdin(&self, text: &str) -> bool {
        (1..self.tokens.len()).any(|n| self.word(text, n, "from") && self.word(text, n + 1, "stdin"))
    }

    /// Ends the statement at hand.
    fn finish(&mut self, text: &str) {
        if let Some(open) = self.open.first() {
            self.broken = true;
            let problem = Problem::at(text, open.clone(), "this `(` is never closed");
            self.problems.push(problem.hint("Add the `)` before the statement ends."));
        }
        let tokens = std::mem::take(&mut self.tokens);
        if self.body > 0 && !self.broken {
            self.broken = true;
            let place = tokens.last().map_or(0..0, Token::span);
            let problem = Problem::at(text, place, "the body that BEGIN ATOMIC opens is never ended");
            self.problems.push(problem.hint("Add `END`."));
        }
        if !tokens.is_empty() && !self.broken {
            self.pieces.push(Piece { tokens, opaque: None });
        }
        self.open.clear();
        self.body = 0;
        self.broken = false;
    }

    fn meta(&mut self, text: &str, span: Range<usize>) {
        let line = text.get(span.clone()).unwrap_or("");
        let command = line.split_whitespace().next().unwrap_or(line);
        let refuse =
            |message: &str, hint: &str| Problem::at(text, span.clone(), format!("`{command}` {message}")).hint(hint);
        match command {
            "\\g" | "\\gx" | "\\gset" | "\\gexec" | "\\gdesc" | "\\crosstabview" | "\\watch" | "\\;" => {
                let runs = command == "\\gexec";
                let before = self.pieces.len();
                self.finish(text);
                if let (true, Some(piece)) = (runs && self.pieces.len() > before, self.pieces.last_mut()) {
                    piece.opaque = Some("psql runs the rows of its answer as statements (`\\gexec`)");
                }
            }
            "\\i" | "\\ir" | "\\include" | "\\include_relative" => {
                self.problems.push(refuse("reads another file", "Give that file in its place."));
            }
            "\\if" | "\\elif" | "\\else" | "\\endif" => {
                self.problems.push(refuse(
                    "decides at run time which statements run",
                    "Keep only the statements that will run.",
                ));
            }
            "\\copy" | "\\!" => {
                let hint = "Take it out: a plan holds statements for the server only.";
                self.problems.push(refuse("runs on psql's side and cannot be planned", hint));
            }
            // A shell's line end, copied along.
            "\\" if line.trim_end() == "\\" => {}
            _ if !self.tokens.is_empty() => {
                self.broken = true;
                self.problems.push(refuse("is not SQL", "End the statement with `;` before a command of psql."));
            }
            // `\set`, `\c`, `\restrict`, `\echo`, `\.` … change nothing in the schema.
            _ => {}
        }
    }

    fn comment(&mut self, text: &str, lexer: &mut Lexer<'_>, span: Range<usize>) {
        match marker(text.get(span).unwrap_or("")) {
            Some(Marker::Up | Marker::End) => self.finish(text),
            Some(Marker::Down) => {
                self.finish(text);
                self.down_only = self.pieces.is_empty();
                lexer.at = skip_to_up(text, lexer.at);
            }
            None => {}
        }
    }
}

pub(super) enum Marker {
    Up,
    Down,
    /// goose's StatementEnd: the statement ends even without `;`.
    End,
}

/// The sections of goose, sql-migrate, dbmate, rambler, tern, MyBatis.
pub(super) fn marker(line: &str) -> Option<Marker> {
    let body = line.trim_start_matches('-').trim().trim_end_matches('-').trim().to_ascii_lowercase();
    let words: Vec<&str> = body.split_whitespace().collect();
    match words.as_slice() {
        ["+goose" | "+migrate" | "rambler", "up", ..] | ["migrate:up", ..] => Some(Marker::Up),
        ["+goose" | "+migrate" | "rambler", "down", ..] | ["migrate:down", ..] | ["//@undo" | "@undo"] => {
            Some(Marker::Down)
        }
        ["create", "above", "/", "drop", "below"] => Some(Marker::Down),
        ["+goose" | "+migrate", "statementend", ..] => Some(Marker::End),
        _ => None,
    }
}

/// The Down half is not read at all: it may hold anything. The next place that is read.
pub(super) fn skip_to_up(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let mut at = from;
    for line in rest.split_inclusive('\n') {
        if line.trim_start().starts_with("--") && matches!(marker(line.trim()), Some(Marker::Up)) {
            break;
        }
        at += line.len();
    }
    at
}

/// Goes behind the line `\.` that ends COPY's data.
fn skip_copy_data(lexer: &mut Lexer<'_>) {
    let rest = lexer.text.get(lexer.at..).unwrap_or("");
    let mut at = lexer.at;
    for line in rest.split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == "\\." {
            break;
        }
    }
    lexer.at = at;
}
