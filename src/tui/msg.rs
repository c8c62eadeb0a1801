//! What comes into `update` and what goes out of it: plain values, so that sessions can be tested on paper.

use super::action::Action;
use super::keep::Kept;
use super::keymap::Key;
use super::live::{Answers, Question};
use super::state::Planner;
use crate::change::CannotPlan;
use crate::db::journal::Sent;
use crate::error::Problem;
use crate::export::FileSet;
use crate::model::Catalog;
use crate::plan::{Plan, Policy};
use std::fmt;
use std::sync::Arc;

/// Names one start of a task; the result of any other start is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(pub u64);

#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    Act(Action),
    /// A key that no binding takes, while a text field has the focus.
    Type(Key),
    Paste(String),
    Wheel {
        lines: i32,
        column: u16,
        row: u16,
    },
    Click {
        column: u16,
        row: u16,
    },
    Resize(u16, u16),
    /// Milliseconds since the start; comes only while a task runs.
    Tick(u64),
    Done(TaskId, Outcome),
    /// The text as the user's editor left it.
    Edited(Result<String, Problem>),
    /// What an earlier session kept for the database of this name; see [`super::keep`].
    Recalled(String, Result<Option<Kept>, Problem>),
    /// Queries that went to a server.
    Sent(Vec<Sent>),
    /// Something the runner did on its own account, to be told.
    Told(Note),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Start(TaskId, Task),
    Cancel(TaskId),
    /// Open `text` in the user's editor.
    Edit(String),
    Copy(String),
    Suspend,
    Redraw,
    Quit,
}

/// Work that the runner does outside `update`.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    FindSources,
    Connect {
        target: String,
        password: Option<Secret>,
    },
    Write {
        directory: String,
        files: FileSet,
    },
    /// Only if the file still is as it was seen.
    SaveReview {
        path: String,
        seen: Option<String>,
        text: String,
    },
    ReadReview {
        path: String,
    },
    /// Read-only questions to the server of `target`, one after the other over a session that is kept.
    Ask {
        target: String,
        questions: Vec<Question>,
    },
    /// A draft too long to be planned at every key.
    Plan(Box<Job>),
}

/// All that a plan is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub sql: String,
    pub catalog: Arc<Catalog>,
    pub policy: Policy,
    pub planner: Plans,
}

/// The road to the plan; one is as good as another.
#[derive(Debug, Clone, Copy)]
pub struct Plans(pub Planner);

impl PartialEq for Plans {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Sources(Vec<Source>),
    Catalog(Box<Catalog>),
    Planned(Result<Box<Plan>, CannotPlan>),
    /// The server wants a password and none was found.
    PasswordNeeded(Problem),
    /// The directory, absolute, and how many files.
    Written {
        directory: String,
        files: usize,
    },
    /// The review as it was written.
    ReviewSaved(String),
    ReviewRead(Option<String>),
    Answers(Answers),
    Failed(Problem),
}

/// A database that was found on this machine, and where its name came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As the user would type it, without a password.
    pub target: String,
    /// `host:port/database`, for people.
    pub title: String,
    /// `DATABASE_URL`, `pg_service.conf [prod]`.
    pub from: String,
    /// Each setting of the connection: name, value, where it came from.
    pub settings: Vec<[String; 3]>,
    pub care: Care,
}

/// Whether a mistake would hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Care {
    #[default]
    Normal,
    /// A profile with `production = true`: the header says so in red.
    Production,
}

/// A password on its way to the driver: never printed, not even in a debug line.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// One line for the status bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub text: String,
    pub kind: NoteKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    Good,
    /// Why an action does nothing here.
    Reason,
    Bad,
}

impl Note {
    pub fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: NoteKind::Good }
    }
    pub fn reason(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: NoteKind::Reason }
    }
    pub fn bad(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: NoteKind::Bad }
    }
}
