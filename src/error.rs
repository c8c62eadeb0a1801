//! What went wrong, for people: one shape that the command line and the app show alike, and the exit code it means.

use std::fmt;

/// The kinds that a caller can tell apart; each is one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The command, a file it names, or the configuration is wrong.
    Usage,
    /// A server or a snapshot cannot be read.
    Unreadable,
    /// The change cannot be read or planned.
    CannotPlan,
    /// A fault of sidestep itself.
    Bug,
}

impl ProblemKind {
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Unreadable => 3,
            Self::CannotPlan => 4,
            Self::Bug => 70,
        }
    }
}

/// A place in a text, with the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// `change.sql:3:14`.
    pub place: String,
    pub line: usize,
    /// The source line, control characters stripped.
    pub source: String,
    /// Characters before the marked part, and its length in characters (at least 1).
    pub before: usize,
    pub length: usize,
    pub message: String,
    pub hint: Option<String>,
}

/// Message, causes from the nearest to the deepest, places in a text, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    pub message: String,
    pub causes: Vec<String>,
    pub excerpts: Vec<Excerpt>,
    pub hints: Vec<String>,
}

impl Problem {
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), excerpts: Vec::new(), hints: Vec::new() }
    }
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Usage, message)
    }
    pub fn unreadable(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unreadable, message)
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
    /// Adds `error` and what caused it; a cause that only repeats the one above is left out.
    pub fn because(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(cause) = next {
            let text = cause.to_string();
            if self.causes.last().is_none_or(|last| !last.contains(&text)) {
                self.causes.push(text);
            }
            next = cause.source();
        }
        self
    }
}

impl std::error::Error for Problem {}

/// Plain text, as the command line prints it without colour.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        for cause in &self.causes {
            write!(f, "\n  because: {cause}")?;
        }
        for excerpt in &self.excerpts {
            let gutter = excerpt.line.to_string();
            let margin = " ".repeat(gutter.len());
            write!(f, "\n\n  {}: {}", excerpt.place, excerpt.message)?;
            write!(f, "\n  {gutter} | {}", excerpt.source)?;
            write!(f, "\n  {margin} | {}{}", " ".repeat(excerpt.before), "^".repeat(excerpt.length.max(1)))?;
            if let Some(hint) = &excerpt.hint {
                write!(f, "\n  {margin} = {hint}")?;
            }
        }
        if !self.excerpts.is_empty() && !self.hints.is_empty() {
            writeln!(f)?;
        }
        for hint in &self.hints {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}
