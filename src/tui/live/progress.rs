//! Where the plan stands, by what the database itself says: every step's own question, the rows that a backfill has left.

use super::{Answers, Question};
use crate::plan::{Act, Plan};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Yes,
    /// It has no question of its own, but a later step that changes the database is done.
    Passed,
    No,
    /// The server refused the question.
    Unknown(String),
}

impl Done {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Yes | Self::Passed)
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// By step.
    pub done: BTreeMap<String, Done>,
    /// The first step that is not done.
    pub current: Option<String>,
    /// How much of the current backfill is done, 0 to 1.
    pub share: Option<f64>,
    pub remaining: Option<u64>,
}

/// Counting the rest of a large table may take its time.
const REMAINING_MS: u64 = 8_000;

pub fn questions(plan: &Plan, limit_ms: u64) -> Vec<Question> {
    let mut all = Vec::new();
    for (_, step) in plan.steps() {
        if let Some(check) = &step.done_when {
            all.push(Question::new(format!("done {}", step.id), check.sql.clone(), limit_ms));
        }
        if let Some(past) = &step.superseded_by {
            all.push(Question::new(format!("past {}", step.id), past.since.sql.clone(), limit_ms));
        }
        if let Act::Backfill { backfill, .. } = &step.act {
            all.push(Question::new(format!("left {}", step.id), backfill.remaining.clone(), REMAINING_MS));
        }
    }
    all
}

pub fn read(plan: &Plan, answers: &Answers) -> Progress {
    let says = |key: String, expect: &str| -> Option<Result<bool, String>> {
        let answer = answers.get(&key)?;
        Some(answer.as_ref().map(|a| a.value().is_some_and(|v| is(v, expect))).map_err(Clone::clone))
    };
    let mut done: BTreeMap<String, Done> = BTreeMap::new();
    let mut later = false;
    let steps: Vec<_> = plan.steps().map(|(_, s)| s).collect();
    for step in steps.iter().rev() {
        let past = step.superseded_by.as_ref().and_then(|s| says(format!("past {}", step.id), &s.since.expect));
        let own = step.done_when.as_ref().and_then(|check| says(format!("done {}", step.id), &check.expect));
        let verdict = match (past, own) {
            (Some(Ok(true)), _) | (_, Some(Ok(true))) => Done::Yes,
            (_, None) if later => Done::Passed,
            (_, Some(Err(why))) => Done::Unknown(why),
            _ => Done::No,
        };
        later |= step.changes_database() && verdict == Done::Yes;
        done.insert(step.id.clone(), verdict);
    }
    let current = steps.iter().find(|s| !done.get(&s.id).is_some_and(Done::is_done));
    let mut progress = Progress { current: current.map(|s| s.id.clone()), done, ..Progress::default() };
    if let Some(step) = current
        && let Act::Backfill { backfill, .. } = &step.act
        && let Some(Ok(answer)) = answers.get(&format!("left {}", step.id))
    {
        progress.remaining = answer.value().and_then(|v| v.parse().ok());
        if let (Some(left), Some(all)) = (progress.remaining, backfill.rows.filter(|n| *n > 0)) {
            progress.share = Some((1.0 - left as f64 / all as f64).clamp(0.0, 1.0));
        }
    }
    progress
}

fn is(value: &str, expect: &str) -> bool {
    value == expect || matches!((value, expect), ("t", "true") | ("f", "false"))
}

impl Progress {
    /// `5 of 14 done, backfill 62 %`.
    pub fn words(&self) -> String {
        let done = self.done.values().filter(|d| d.is_done()).count();
        let mut text = format!("{done} of {} done", self.done.len());
        match (self.share, self.remaining) {
            // Ninety-nine and a half is not done.
            (Some(share), _) => text.push_str(&format!(", backfill {:.0} %", (share * 100.0).floor())),
            (None, Some(left)) => text.push_str(&format!(", rows left: {left}")),
            _ => {}
        }
        text
    }
}
