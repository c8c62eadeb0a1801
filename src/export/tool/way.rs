//! What a program sends for a unit, there and back.

use super::super::gate::statement;
use super::text::{back_statements, local, statements, trimmed};
use super::unit::{Frame, if_done};
use super::{Back, Body, History, Job, Unit};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Way {
    /// In one transaction; the timeouts, which end with it, come first.
    Together(Vec<String>),
    /// Outside any transaction, one by one and on one connection. The timeouts are the connection's: `reset` takes them back.
    Alone { set: Vec<String>, statements: Vec<String>, reset: Vec<String> },
    /// There is nothing to do.
    Nothing,
    /// The migration's own error, in the program's words.
    Refuse(String),
}

impl Way {
    pub fn up(unit: &Unit<'_>, job: &Job<'_>) -> Self {
        match &unit.body {
            Body::Atomic { .. } => Self::Together(statements(unit, job.plan, job.history)),
            Body::Alone { frame, statements } => Self::alone(frame, statements),
        }
    }

    pub fn down(unit: &Unit<'_>, job: &Job<'_>) -> Self {
        let sent = back_statements(unit, job.plan).unwrap_or_default();
        match (&unit.back, &unit.body) {
            (Back::Nothing, _) => Self::Nothing,
            (Back::Refuse { because }, _) => Self::Refuse(format!("sidestep: {because}")),
            (Back::Atomic { timeouts, statements, .. }, _) => match (&unit.done, job.history) {
                (Some(done), History::Apart) => {
                    let asked = if_done(done, statements, &unit.placed.step.id, job.plan.server.engine);
                    Self::Together(local(*timeouts).into_iter().chain([asked]).collect())
                }
                _ => Self::Together(sent),
            },
            (Back::Alone { frame, statements, .. }, _) if frame.inside => Self::alone(frame, statements),
            (Back::Alone { statements, .. }, Body::Alone { frame, .. }) => Self::alone(frame, statements),
            (Back::Alone { statements, .. }, _) => Self::alone(&Frame::patient(), statements),
        }
    }

    fn alone(frame: &Frame, statements: &[String]) -> Self {
        let statements = statements.iter().map(|s| trimmed(s)).collect();
        Self::Alone { set: frame.set.clone(), statements, reset: frame.reset.clone() }
    }

    pub fn is_alone(&self) -> bool {
        matches!(self, Self::Alone { .. })
    }

    /// Everything that is sent, one by one. Where the tool opens no transaction for this migration (the other way has to do
    /// without), what belongs together is one text: the server makes one transaction of it.
    pub fn sent(&self, transaction: bool) -> Vec<String> {
        match self {
            Self::Together(all) if transaction => all.clone(),
            Self::Together(all) => vec![one_query(all)],
            Self::Alone { set, statements, reset } => [set.as_slice(), statements, reset].concat(),
            Self::Nothing | Self::Refuse(_) => Vec::new(),
        }
    }
}

/// Statements as one text, which the server runs as one transaction.
fn one_query(statements: &[String]) -> String {
    let mut out = String::new();
    for sql in statements {
        statement(&mut out, sql);
    }
    out.trim_end().to_owned()
}

/// `add_first_name` as `AddFirstName`.
pub(in super::super) fn camel(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars)
        })
        .collect()
}
