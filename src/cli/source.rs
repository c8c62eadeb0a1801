//! The script to plan: files, an argument or standard input, and the way from a place in it back to the file.

use crate::error::{Excerpt, Problem, ProblemKind};
use crate::model::name::shown;
use std::io::Read;

/// One text made of named pieces.
pub struct Source {
    pub text: String,
    /// Name and first line (from 1) of each piece.
    pieces: Vec<(String, usize)>,
}

/// No schema change is that long; a dump or a binary may be.
const MOST_BYTES: u64 = 8 << 20;

impl Source {
    pub fn inline(sql: &str) -> Result<Self, Problem> {
        Self::of(vec![("--sql".to_owned(), sql.to_owned())])
    }

    pub fn files(names: &[String]) -> Result<Self, Problem> {
        let pieces = names.iter().map(|name| Ok((display_name(name), read(name)?)));
        Self::of(pieces.collect::<Result<_, Problem>>()?)
    }

    fn of(pieces: Vec<(String, String)>) -> Result<Self, Problem> {
        let mut source = Self { text: String::new(), pieces: Vec::new() };
        for (name, text) in pieces {
            if text.trim().is_empty() {
                return Err(Problem::new(ProblemKind::CannotPlan, format!("{name}: there is no SQL in it")));
            }
            if !source.text.is_empty() {
                // A file ends what was open in the one before it: a statement without `;`, a Down half.
                source.text.push_str("-- migrate:up\n");
            }
            source.pieces.push((name, source.text.matches('\n').count() + 1));
            source.text.push_str(&text);
            if !source.text.ends_with('\n') {
                source.text.push('\n');
            }
        }
        Ok(source)
    }

    /// Name and line within its piece of a line of the whole text.
    pub fn place(&self, line: usize) -> (&str, usize) {
        let piece = self.pieces.iter().rev().find(|(_, first)| *first <= line);
        piece.map_or(("", line), |(name, first)| (name.as_str(), line - first + 1))
    }

    /// Name, line and column of a byte of the whole text.
    pub fn locate(&self, byte: usize) -> (&str, usize, usize) {
        let at = crate::sql::Problem::at(&self.text, byte..byte, "");
        let (name, line) = self.place(at.line);
        (name, line, at.column)
    }

    /// A place with its line and a caret under it.
    pub fn excerpt(&self, problem: &crate::sql::Problem) -> Excerpt {
        let (name, line) = self.place(problem.line);
        let raw = self.text.lines().nth(problem.line.saturating_sub(1)).unwrap_or("");
        let before = problem.column.saturating_sub(1);
        let spanned = self.text.get(problem.span.clone()).unwrap_or("");
        let length = spanned.lines().next().unwrap_or("").chars().count().clamp(1, 60);
        // A long line is cut to what stands around the place.
        let skipped = before.saturating_sub(60);
        let cut: String = raw.chars().skip(skipped).take(120).map(|c| if c == '\t' { ' ' } else { c }).collect();
        Excerpt {
            place: format!("{name}:{line}:{}", problem.column),
            line,
            source: shown(&cut).into_owned(),
            before: before - skipped,
            length,
            message: problem.message.clone(),
            hint: problem.hint.clone(),
        }
    }
}

fn display_name(name: &str) -> String {
    if name == "-" { "standard input".to_owned() } else { shown(name).into_owned() }
}

/// The whole of a text file, or of standard input for `-`.
pub fn read(name: &str) -> Result<String, Problem> {
    let shown = display_name(name);
    let unreadable = |error: &std::io::Error| Problem::usage(format!("cannot read `{shown}`")).because(error);
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(name).map_err(|e| unreadable(&e))?.take(MOST_BYTES + 1).read_to_end(&mut bytes)
    };
    read.map_err(|e| unreadable(&e))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Problem::usage(format!("`{shown}` is larger than 8 MB: a schema change is not")));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(_) => Err(Problem::usage(format!("`{shown}` is a binary file, not SQL"))),
        Err(error) => {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|b| **b == b'\n').count() + 1;
            Err(Problem::usage(if error.as_bytes().contains(&0) {
                format!("`{shown}` is a binary file, not SQL")
            } else {
                format!("`{shown}` is not UTF-8: line {line}")
            }))
        }
    }
}
