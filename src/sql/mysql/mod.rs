//! MySQL and MariaDB: the dialect as people write it, into a tree of its own.

mod alter;
mod body;
pub mod charset;
mod classify;
mod column;
mod create;
mod expr;
mod index;
mod lex;
mod names;
mod options;
mod others;
mod partition;
mod rows;
mod runs;
mod split;
pub mod statement;
pub mod types;
mod words;

pub use words::is_reserved;

pub use expr::{expression, rename_column_in};
pub use names::literal;
pub use types::{DataType, canonical_type};

use super::cursor::{Cursor, Grammar};
use super::lex::Token;
use super::statement::{Located, Problem};
use crate::model::{Engine, Server, Version};
use std::ops::Range;

/// What of the server decides how a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub mariadb: bool,
    pub version: Version,
    /// `sql_mode` ANSI_QUOTES: `"…"` is a name.
    pub ansi_quotes: bool,
    /// `sql_mode` NO_BACKSLASH_ESCAPES.
    pub no_backslash_escapes: bool,
}

impl Reading {
    /// The newest server that is known, as it is installed.
    pub fn newest(engine: Engine) -> Self {
        let mariadb = engine == Engine::Mariadb;
        let version = if mariadb { Version::new(11, 8) } else { Version::new(9, 7) };
        Self { mariadb, version, ansi_quotes: false, no_backslash_escapes: false }
    }

    pub fn of(server: &Server) -> Self {
        let newest = Self { version: server.version, ..Self::newest(server.engine) };
        newest.under(server.settings.get("sql_mode").map_or("", String::as_str))
    }

    /// With an `sql_mode` like this.
    fn under(self, sql_mode: &str) -> Self {
        let mode = sql_mode.to_ascii_uppercase();
        Self { ansi_quotes: mode.contains("ANSI"), no_backslash_escapes: mode.contains("NO_BACKSLASH_ESCAPES"), ..self }
    }

    /// The length of the mark that opens a comment which this server executes: `/*!50701`.
    fn executes(self, rest: &str) -> Option<usize> {
        let own = rest.starts_with("/*M!");
        let mark = if own { 4 } else { 3 };
        if !(rest.starts_with("/*!") || own && self.mariadb) {
            return None;
        }
        let digits = rest.get(mark..).unwrap_or("").bytes().take(6).take_while(u8::is_ascii_digit).count();
        if digits < 5 {
            return Some(mark);
        }
        let asked: u32 = rest.get(mark..mark + digits).and_then(|d| d.parse().ok()).unwrap_or(u32::MAX);
        let Version { major, minor, patch } = self.version;
        let here = u32::from(major) * 10_000 + u32::from(minor) * 100 + u32::from(patch);
        // MariaDB leaves out what MySQL has from 5.7 on: it may have it otherwise.
        let others = self.mariadb && !own && (50_700..=99_999).contains(&asked);
        (asked <= here && !others).then_some(mark + digits)
    }

    fn grammar(self) -> &'static Grammar {
        if self.mariadb { &MARIADB } else { &MYSQL }
    }
}

static MYSQL: Grammar = Grammar {
    engine: "MySQL",
    is_reserved,
    is_verb: words::is_verb,
    stranger: words::stranger,
    fold: names::unquoted,
    quoted: names::quoted,
};

static MARIADB: Grammar = Grammar {
    engine: "MariaDB",
    is_reserved,
    is_verb: words::is_verb,
    stranger: words::stranger,
    fold: names::unquoted,
    quoted: names::quoted,
};

/// Every statement that can be read, and what cannot, both in the order of the text; as the newest server would read it.
pub fn read(text: &str, engine: Engine) -> (Vec<Located>, Vec<Problem>) {
    read_as(text, Reading::newest(engine))
}

/// As a server like this reads it.
pub fn read_as(text: &str, reading: Reading) -> (Vec<Located>, Vec<Problem>) {
    let cut = split::split(text, reading);
    let seen = blanked(text, &cut.blanks);
    let mut problems = cut.problems;
    let mut statements = Vec::new();
    let spans: Vec<Range<usize>> = cut.pieces.iter().map(|tokens| span_of(tokens)).collect();
    for (tokens, span) in cut.pieces.iter().zip(&spans) {
        // Its text could not be sent without the other statement's.
        let shared =
            |region: &&Range<usize>| cuts(span, region) && spans.iter().filter(|s| meets(s, region)).count() > 1;
        if let Some(region) = cut.regions.iter().find(shared) {
            let problem = Problem::at(text, region.clone(), "this comment holds parts of several statements");
            problems.push(problem.hint("Leave out the marks `/*!` and `*/` around it."));
            continue;
        }
        let mut cursor = Cursor::of(reading.grammar(), &seen, tokens);
        match classify::classify(&mut cursor, reading, &mut problems) {
            Ok(found) => {
                for (span, statement) in found {
                    let span = whole(span, &cut.regions);
                    let verbatim = text.get(span.clone()).unwrap_or("").to_owned();
                    statements.push(Located { text: verbatim, span, statement });
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    for located in &mut statements {
        verbatim(&mut located.statement, text, &cut.regions);
    }
    // Places were counted in the blanked text: the bytes are the same, the characters are not.
    for problem in problems.iter_mut().filter(|_| !cut.blanks.is_empty()) {
        let hint = problem.hint.take();
        *problem = Problem::at(text, problem.span.clone(), std::mem::take(&mut problem.message));
        problem.hint = hint;
    }
    problems.sort_by_key(|p| (p.span.start, p.span.end));
    (statements, problems)
}

/// The text as the server sees it, every byte in its place.
fn blanked(text: &str, blanks: &[Range<usize>]) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut from = 0;
    let mut ordered = blanks.to_vec();
    ordered.sort_by_key(|b| b.start);
    for blank in ordered {
        seen.push_str(text.get(from..blank.start).unwrap_or(""));
        let inside = text.get(blank.clone()).unwrap_or("");
        for byte in inside.bytes() {
            seen.push(if byte == b'\n' { '\n' } else { ' ' });
        }
        from = blank.end.max(from);
    }
    seen.push_str(text.get(from..).unwrap_or(""));
    seen
}

fn span_of(tokens: &[Token]) -> Range<usize> {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

fn meets(span: &Range<usize>, region: &Range<usize>) -> bool {
    region.start < span.end && span.start < region.end
}

/// Does the place begin or end within the executable comment?
fn cuts(span: &Range<usize>, region: &Range<usize>) -> bool {
    let inside = region.start <= span.start && span.end <= region.end;
    let around = span.start <= region.start && region.end <= span.end;
    meets(span, region) && !inside && !around
}

/// A place that cuts an executable comment in two takes all of it.
fn whole(span: Range<usize>, regions: &[Range<usize>]) -> Range<usize> {
    let mut whole = span;
    for region in regions.iter() {
        if cuts(&whole, region) {
            whole = whole.start.min(region.start)..whole.end.max(region.end);
        }
    }
    whole
}

/// The specifications' texts, as the user wrote them.
fn verbatim(statement: &mut super::Statement, text: &str, regions: &[Range<usize>]) {
    if let super::Statement::Mysql(inner) = statement
        && let statement::Statement::AlterTable(alter) = inner.as_mut()
    {
        for spec in &mut alter.specs {
            spec.span = whole(spec.span.clone(), regions);
            text.get(spec.span.clone()).unwrap_or("").clone_into(&mut spec.text);
        }
    }
}
/// The comments to the end of the line with the byte each begins at, marks included.
pub fn comments(text: &str, reading: Reading) -> Vec<(usize, &str)> {
    let mut lexer = lex::Lexer::new(text, reading);
    let mut found = Vec::new();
    while let Some(item) = lexer.next() {
        if let Ok(lex::Item::Comment(span)) = item {
            found.push((span.start, text.get(span).unwrap_or("")));
        }
    }
    found
}
