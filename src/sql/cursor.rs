//! A walk over one statement's words: keywords, names, balanced pieces. Everything it hands out is a slice of the text.

use super::lex::{Kind, Token, covered};
use super::statement::{ObjectName, Problem};
use super::words;
use crate::model::Ident;
use std::ops::Range;

pub(super) type Read<T> = Result<T, Problem>;

/// What one engine's words mean to a walk.
pub(super) struct Grammar {
    /// For people.
    pub engine: &'static str,
    /// May not be a name without quotes.
    pub is_reserved: fn(&str) -> bool,
    pub is_verb: fn(&str) -> bool,
    /// The engine that a word gives away, where it is not this one.
    pub stranger: fn(&str) -> Option<&'static str>,
    /// A name as the server stores it.
    pub fold: fn(&str) -> Ident,
    /// A name as it must be written to be one.
    pub quoted: fn(&str) -> String,
}

pub(super) static POSTGRESQL: Grammar = Grammar {
    engine: "PostgreSQL",
    is_reserved: words::is_reserved,
    is_verb: words::is_verb,
    stranger: |word| words::is_mysql(word).then_some("MySQL"),
    fold,
    quoted: |name| format!("\"{}\"", name.to_ascii_lowercase()),
};

#[derive(Clone)]
pub(super) struct Cursor<'t> {
    pub text: &'t str,
    pub grammar: &'static Grammar,
    pub tokens: &'t [Token],
    pub at: usize,
    /// The place in the text where the tokens would stand if there is none.
    edge: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str, tokens: &'t [Token]) -> Self {
        Self::of(&POSTGRESQL, text, tokens)
    }

    pub fn of(grammar: &'static Grammar, text: &'t str, tokens: &'t [Token]) -> Self {
        Self { text, grammar, tokens, at: 0, edge: tokens.first().map_or(0, |t| t.start) }
    }

    /// The word gives another engine away.
    fn is_stranger(&self, token: Token) -> bool {
        token.kind == Kind::Word && (self.grammar.stranger)(token.of(self.text)).is_some()
    }

    pub fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    pub fn ended(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The token `ahead`, as written; empty behind the end.
    pub fn shown(&self, ahead: usize) -> &'t str {
        self.tokens.get(self.at + ahead).map_or("", |t| t.of(self.text))
    }

    fn word_at(&self, index: usize, keyword: &str) -> bool {
        self.tokens.get(index).is_some_and(|t| t.kind == Kind::Word && t.of(self.text).eq_ignore_ascii_case(keyword))
    }

    /// Do these keywords (blank between) come next?
    pub fn is(&self, keywords: &str) -> bool {
        keywords.split(' ').enumerate().all(|(n, keyword)| self.word_at(self.at + n, keyword))
    }

    pub fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|k| self.is(k))
    }

    pub fn eat(&mut self, keywords: &str) -> bool {
        let found = self.is(keywords);
        if found {
            self.at += keywords.split(' ').count();
        }
        found
    }

    pub fn expect(&mut self, keywords: &str) -> Read<()> {
        if self.eat(keywords) { Ok(()) } else { Err(self.missing(&format!("`{keywords}`"))) }
    }

    pub fn is_mark(&self, mark: &str) -> bool {
        self.peek().is_some_and(|t| matches!(t.kind, Kind::Mark | Kind::Op) && t.of(self.text) == mark)
    }

    pub fn eat_mark(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        self.at += usize::from(found);
        found
    }

    pub fn expect_mark(&mut self, mark: &str) -> Read<()> {
        if self.eat_mark(mark) { Ok(()) } else { Err(self.missing(&format!("`{mark}`"))) }
    }

    /// Where the cursor stands: the token, or the place behind the last one.
    pub fn place(&self) -> Range<usize> {
        match self.peek() {
            Some(token) => token.span(),
            None => {
                let end = self.tokens.last().map_or(self.edge, |t| t.end);
                end..end
            }
        }
    }

    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::at(self.text, self.place(), message)
    }

    /// `what` should stand here and does not.
    pub fn missing(&self, what: &str) -> Problem {
        match self.peek() {
            None => self.problem(format!("the statement ends where {what} is expected")),
            Some(token) if self.is_stranger(token) => self.unexpected(),
            Some(token) => self.problem(format!("{what} is expected before `{}`", super::brief(token.of(self.text)))),
        }
    }

    pub fn unexpected(&self) -> Problem {
        let shown = self.shown(0);
        if let Some(other) = (self.grammar.stranger)(shown) {
            let engine = self.grammar.engine;
            return self
                .problem(format!("`{}` is {other}'s, not {engine}'s", shown.to_ascii_uppercase()))
                .hint(format!("Write the change as {engine} spells it."));
        }
        let problem = self.problem(format!("`{}` is not expected here", super::brief(shown)));
        if self.peek().is_some_and(|t| t.kind == Kind::Word) && (self.grammar.is_verb)(shown) {
            return problem.hint(format!("If a new statement starts with `{shown}`, end the one before it with `;`."));
        }
        problem
    }

    /// Nothing may be left.
    pub fn done(&self) -> Read<()> {
        if self.ended() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Is the next token a name? Reserved words are names only in quotes.
    pub fn is_ident(&self) -> bool {
        self.peek().is_some_and(|t| match t.kind {
            Kind::Quoted | Kind::UnicodeQuoted => true,
            Kind::Word => !(self.grammar.is_reserved)(t.of(self.text)),
            _ => false,
        })
    }

    pub fn ident(&mut self, what: &str) -> Read<Ident> {
        let Some(token) = self.peek() else { return Err(self.missing(what)) };
        match token.kind {
            Kind::UnicodeQuoted => {
                return Err(self
                    .problem("names with `U&` escapes are not read yet")
                    .hint("Write the characters themselves: \"é\"."));
            }
            Kind::Word if (self.grammar.is_reserved)(token.of(self.text)) => {
                let shown = token.of(self.text);
                if self.is_stranger(token) {
                    return Err(self.unexpected());
                }
                return Err(self
                    .problem(format!("{what} is expected before the key word `{shown}`"))
                    .hint(format!("If it is a name, quote it: {}.", (self.grammar.quoted)(shown))));
            }
            Kind::Quoted | Kind::Word => {}
            _ => return Err(self.missing(what)),
        }
        self.at += 1;
        Ok((self.grammar.fold)(token.of(self.text)))
    }

    /// A label that may be any keyword: behind a dot the grammar takes all words.
    fn label(&mut self, what: &str) -> Read<Ident> {
        match self.peek() {
            Some(token) if token.kind == Kind::Word => {
                self.at += 1;
                Ok((self.grammar.fold)(token.of(self.text)))
            }
            _ => self.ident(what),
        }
    }

    /// `name` or `schema.name`; a leading database name is dropped.
    pub fn name(&mut self, what: &str) -> Read<ObjectName> {
        let mut parts = vec![self.ident(what)?];
        while self.eat_mark(".") {
            parts.push(self.label(what)?);
        }
        if parts.len() > 3 {
            self.at -= 1;
            return Err(self.problem("the name has too many parts"));
        }
        let name = parts.pop().unwrap_or_else(|| "".into());
        Ok(ObjectName { schema: parts.pop(), name })
    }

    pub fn names(&mut self, what: &str) -> Read<Vec<ObjectName>> {
        let mut names = vec![self.name(what)?];
        while self.eat_mark(",") {
            names.push(self.name(what)?);
        }
        Ok(names)
    }

    /// `(a, b)`.
    pub fn columns(&mut self) -> Read<Vec<Ident>> {
        let mut inner = self.parens()?;
        let mut columns = vec![inner.ident("a column")?];
        while inner.eat_mark(",") {
            columns.push(inner.ident("a column")?);
        }
        inner.done()?;
        Ok(columns)
    }

    /// The inside of the parenthesis that starts here; the cursor goes behind it.
    pub fn parens(&mut self) -> Read<Cursor<'t>> {
        if !self.is_mark("(") {
            return Err(self.missing("`(`"));
        }
        let from = self.at + 1;
        self.skip_balanced();
        let inner = self.tokens.get(from..self.at.saturating_sub(1).max(from)).unwrap_or(&[]);
        if inner.is_empty() {
            self.at = from;
            return Err(self.missing("something inside the parenthesis"));
        }
        Ok(Cursor::of(self.grammar, self.text, inner))
    }

    /// One token, or a whole `(…)` or `[…]`.
    pub fn skip_balanced(&mut self) {
        let mut depth = 0usize;
        while let Some(token) = self.peek() {
            self.at += 1;
            if token.kind == Kind::Mark {
                match token.of(self.text) {
                    "(" | "[" => depth += 1,
                    ")" | "]" => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes on to the first of the marks or keywords outside parentheses, or to the end.
    pub fn skip_to(&mut self, stops: &[&str]) {
        while !self.ended() && !stops.iter().any(|s| self.is_mark(s) || self.is(s)) {
            self.skip_balanced();
        }
    }

    /// The text from token `from` to before the cursor.
    pub fn since(&self, from: usize) -> &'t str {
        covered(self.text, self.tokens.get(from..self.at.min(self.tokens.len())).unwrap_or(&[]))
    }

    /// Everything that is left, as written.
    pub fn rest(&mut self) -> &'t str {
        let from = self.at;
        self.at = self.tokens.len();
        self.since(from)
    }

    /// A walk over the tokens from `from` to before `to`.
    pub fn part(&self, from: usize, to: usize) -> Cursor<'t> {
        let edge = from.checked_sub(1).and_then(|n| self.tokens.get(n)).map_or(self.edge, |t| t.end);
        let tokens = self.tokens.get(from..to.min(self.tokens.len())).unwrap_or(&[]);
        Cursor { text: self.text, grammar: self.grammar, tokens, at: 0, edge }
    }

    /// Like [`Self::split_commas`], of what is left.
    pub fn split_commas_from(&self) -> Vec<Cursor<'t>> {
        self.part(self.at, self.tokens.len()).split_commas()
    }

    /// Pieces between commas outside parentheses.
    pub fn split_commas(&self) -> Vec<Cursor<'t>> {
        let mut pieces = Vec::new();
        let mut walk = self.clone();
        loop {
            let from = walk.at;
            walk.skip_to(&[","]);
            pieces.push(self.part(from, walk.at));
            if !walk.eat_mark(",") {
                return pieces;
            }
        }
    }
}

/// A name as the server stores it: folded if unquoted, cut to 63 bytes.
pub(super) fn fold(raw: &str) -> Ident {
    let name = match raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => raw.to_ascii_lowercase(),
    };
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    Ident::new(name.get(..end).unwrap_or(""))
}
