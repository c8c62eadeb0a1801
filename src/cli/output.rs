//! stdout: colours only on a terminal and without NO_COLOR; a reader that has gone away ends the program quietly.

use super::Outcome;
use crate::error::{Problem, ProblemKind};
use std::io::{ErrorKind, IsTerminal, Write};

pub struct Output {
    stdout: anstream::AutoStream<std::io::Stdout>,
}

impl Output {
    pub fn stdout() -> Self {
        Self { stdout: anstream::stdout() }
    }

    /// Writes data; ANSI styles in it are stripped where they are not wanted.
    pub fn data(&mut self, text: &str) -> Result<Outcome, Problem> {
        let written = self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush());
        match written {
            Ok(()) => Ok(Outcome::Fine),
            // `sidestep plan … | head` is no failure.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Outcome::Fine),
            Err(error) => Err(Problem::new(ProblemKind::Usage, "cannot write to standard output").because(&error)),
        }
    }

    /// A value as JSON.
    pub fn json(&mut self, value: &impl serde::Serialize) -> Result<Outcome, Problem> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|e| Problem::new(ProblemKind::Bug, "cannot make JSON").because(&e))?;
        self.data(&(text + "\n"))
    }

    /// Columns to lay text out in: COLUMNS, the terminal's own width, or 100 for a file or a pipe.
    pub fn width(&self) -> usize {
        let set = std::env::var("COLUMNS").ok().and_then(|c| c.trim().parse().ok());
        let terminal = || std::io::stdout().is_terminal().then(crossterm::terminal::size)?.ok();
        set.or_else(|| terminal().map(|(columns, _)| usize::from(columns))).unwrap_or(100)
    }
}

/// A line for people, on stderr.
pub fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
