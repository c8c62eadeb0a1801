//! A file → the statements that the server will see: the client's own commands, delimiters, the Down half of a migration
//! file are left out, bodies of routines stay whole; what cannot be cut cleanly is a [`Problem`].

use super::Reading;
use super::body::Body;
use super::lex::{Item, Lexer};
use crate::sql::lex::{Kind, Token};
use crate::sql::split::{MOST_PROBLEMS, Marker, marker, skip_to_up};
use crate::sql::statement::Problem;
use std::ops::Range;

/// The text in pieces, and what of it no server reads.
pub(super) struct Cut {
    /// The words of each statement.
    pub pieces: Vec<Vec<Token>>,
    pub problems: Vec<Problem>,
    pub blanks: Vec<Range<usize>>,
    pub regions: Vec<Range<usize>>,
}

struct Splitter<'t> {
    text: &'t str,
    pieces: Vec<Vec<Token>>,
    problems: Vec<Problem>,
    tokens: Vec<Token>,
    open: Vec<Range<usize>>,
    body: Body,
    broken: bool,
    down_only: bool,
    /// As the server has them; a script may set others for a while.
    modes: Reading,
}

pub(super) fn split(text: &str, reading: Reading) -> Cut {
    if let Some(at) = text.find('\0') {
        let problem = Problem::at(text, at..at + 1, "this is not a text: it holds a NUL byte");
        let problems = vec![problem.hint("Give the SQL as UTF-8 text.")];
        return Cut { pieces: Vec::new(), problems, blanks: Vec::new(), regions: Vec::new() };
    }
    let mut splitter = Splitter {
        text,
        pieces: Vec::new(),
        problems: Vec::new(),
        tokens: Vec::new(),
        open: Vec::new(),
        body: Body::default(),
        broken: false,
        down_only: false,
        modes: reading,
    };
    let mut lexer = Lexer::new(text, reading);
    while let Some(item) = lexer.next() {
        match item {
            Ok(Item::Token(token)) => splitter.token(&mut lexer, token),
            Ok(Item::Comment(span)) => splitter.comment(&mut lexer, span),
            Ok(Item::Delimiter) => splitter.finish(&mut lexer),
            Ok(Item::Client(span)) => splitter.client(&mut lexer, span),
            Err(problem) => {
                splitter.broken = true;
                splitter.problems.push(problem);
            }
        }
        if splitter.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    splitter.finish(&mut lexer);
    if splitter.pieces.is_empty() && splitter.problems.is_empty() {
        let problem = Problem::at(text, 0..0, "there is no statement");
        splitter.problems.push(if splitter.down_only {
            problem.hint("Only the way back (the Down half) holds statements; it is never planned.")
        } else {
            problem.hint("Write the change as SQL, for example `ALTER TABLE orders ADD COLUMN note text`.")
        });
    }
    Cut { pieces: splitter.pieces, problems: splitter.problems, blanks: lexer.blanks, regions: lexer.regions }
}

impl Splitter<'_> {
    fn token(&mut self, lexer: &mut Lexer<'_>, token: Token) {
        let raw = token.of(self.text);
        if token.kind == Kind::Word && self.command(lexer, token) {
            return;
        }
        if token.kind == Kind::Mark {
            self.body.settle();
            match raw {
                "(" => self.open.push(token.span()),
                ")" if self.open.pop().is_none() => {
                    self.broken = true;
                    let problem = Problem::at(self.text, token.span(), "this `)` closes nothing");
                    self.problems.push(problem.hint("Remove it, or add the `(` that it belongs to."));
                }
                ";" if !self.body.holds(lexer.delimiter.is_some()) => {
                    self.finish(lexer);
                    return;
                }
                _ => {}
            }
        }
        self.body.word(token.kind, raw);
        self.tokens.push(token);
    }

    /// A command of the `mysql` client, which is no statement.
    fn command(&mut self, lexer: &mut Lexer<'_>, token: Token) -> bool {
        let raw = token.of(self.text);
        if !self.tokens.is_empty() && !raw.eq_ignore_ascii_case("delimiter") {
            return false;
        }
        let line = self.text.get(..token.start).and_then(|t| t.rsplit('\n').next()).unwrap_or("");
        let first = self.tokens.is_empty();
        let alone = line.trim().is_empty();
        let rest = lexer.rest().lines().next().unwrap_or("");
        if raw.eq_ignore_ascii_case("delimiter") && (first || alone) && rest.starts_with([' ', '\t']) {
            if !first {
                self.finish(lexer);
            }
            lexer.at += rest.len();
            self.delimiter(lexer, rest);
            return true;
        }
        if !first || !alone {
            return false;
        }
        let command = raw.to_ascii_lowercase();
        let span = token.start..token.end + rest.trim_end().len();
        match command.as_str() {
            // `source` and its like take the rest of the line, and are names nowhere at a statement's start.
            "source" => {
                let problem = Problem::at(self.text, span, "`source` reads another file");
                self.problems.push(problem.hint("Give that file in its place."));
            }
            "system" => {
                let problem = Problem::at(self.text, span, "`system` runs on the client's side and cannot be planned");
                self.problems.push(problem.hint("Take it out: a plan holds statements for the server only."));
            }
            "tee" | "notee" | "pager" | "nopager" | "prompt" | "warnings" | "nowarning" | "rehash" | "status"
            | "charset" | "connect" | "exit" | "quit" | "ego" | "print" | "clear" => {}
            _ => return false,
        }
        lexer.at += rest.len();
        true
    }

    fn delimiter(&mut self, lexer: &mut Lexer<'_>, rest: &str) {
        let word = rest.split_whitespace().next().unwrap_or(";").trim_matches(['\'', '"', '`']);
        let word = if word.is_empty() { ";" } else { word };
        // Some files set a delimiter and never use it: then `;` it is, as their authors must have run them.
        let region = lexer.rest();
        let next = region.match_indices('\n').map(|(at, _)| at + 1).find(|at| {
            let line = region.get(*at..).unwrap_or("").trim_start_matches([' ', '\t']);
            line.get(..10)
                .is_some_and(|w| w.eq_ignore_ascii_case("delimiter ") || w.eq_ignore_ascii_case("delimiter\t"))
        });
        let used = region.get(..next.unwrap_or(region.len())).is_some_and(|r| r.contains(word));
        lexer.delimiter = (word != ";" && used).then(|| word.to_owned());
    }

    /// Ends the statement at hand.
    fn finish(&mut self, lexer: &mut Lexer<'_>) {
        if let Some(open) = self.open.first() {
            self.broken = true;
            let problem = Problem::at(self.text, open.clone(), "this `(` is never closed");
            self.problems.push(problem.hint("Add the `)` before the statement ends."));
        }
        let mut tokens = std::mem::take(&mut self.tokens);
        // `END;` before the delimiter.
        while tokens.last().is_some_and(|t| t.kind == Kind::Mark && t.of(self.text) == ";") {
            tokens.pop();
        }
        self.body.settle();
        if self.body.is_open() && !self.broken {
            self.broken = true;
            let place = tokens.last().map_or(0..0, Token::span);
            let problem = Problem::at(self.text, place, "the body that BEGIN opens is never ended");
            self.problems.push(problem.hint("Add `END`."));
        }
        if !tokens.is_empty() && !self.broken {
            self.modes(lexer, &tokens);
            self.pieces.push(tokens);
        }
        self.open.clear();
        self.body = Body::default();
        self.broken = false;
    }

    /// `SET sql_mode` changes how what follows is read.
    fn modes(&self, lexer: &mut Lexer<'_>, tokens: &[Token]) {
        let is = |token: &Token, word: &str| token.of(self.text).eq_ignore_ascii_case(word);
        if !tokens.first().is_some_and(|t| is(t, "set")) {
            return;
        }
        let named = tokens.iter().position(|t| is(t, "sql_mode") || is(t, "@@sql_mode") || is(t, "@@session.sql_mode"));
        let Some(value) = named.and_then(|n| tokens.get(n + 1..)) else { return };
        let written: String = value.iter().map(|t| t.of(self.text).to_ascii_uppercase()).collect();
        let literal = value.iter().any(|t| t.kind == Kind::Text);
        lexer.reading = if literal { self.modes.under(&written) } else { self.modes };
    }

    fn client(&mut self, lexer: &mut Lexer<'_>, span: Range<usize>) {
        let line = self.text.get(span.clone()).unwrap_or("");
        let refuse = |what: &str, hint: &str| Problem::at(self.text, span.clone(), what.to_owned()).hint(hint);
        let hint = "Take it out: a plan holds statements for the server only.";
        match line.chars().nth(1) {
            Some('g' | 'G') => self.finish(lexer),
            Some('c') => {
                self.tokens.clear();
                self.finish(lexer);
            }
            Some('d') => {
                let rest = line.get(2..).unwrap_or("").to_owned();
                self.delimiter(lexer, &rest);
            }
            Some('.') => self.problems.push(refuse("`\\.` reads another file", "Give that file in its place.")),
            Some('!') => self.problems.push(refuse("`\\!` runs on the client's side and cannot be planned", hint)),
            // A shell's line end, copied along.
            None => {}
            Some(c) if c.is_whitespace() => {}
            _ if self.tokens.is_empty() => {}
            _ => {
                self.broken = true;
                let hint = "End the statement with `;` before a command of the client.";
                self.problems.push(refuse("a command of the client is not SQL", hint));
            }
        }
    }

    fn comment(&mut self, lexer: &mut Lexer<'_>, span: Range<usize>) {
        let line = self.text.get(span).unwrap_or("").trim_start_matches('#');
        match marker(line) {
            Some(Marker::Up | Marker::End) => self.finish(lexer),
            Some(Marker::Down) => {
                self.finish(lexer);
                self.down_only = self.pieces.is_empty();
                lexer.at = skip_to_up(self.text, lexer.at);
            }
            None => {}
        }
    }
}
