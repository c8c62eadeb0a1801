//! What an option did to the plan: which steps are new or otherwise, until the user moves on.

use super::msg::Note;
use super::state::App;
use crate::plan::{Plan, Policy, Step};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    New,
    Otherwise,
}

/// Steps by id in the plan as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlight {
    marks: BTreeMap<String, Mark>,
    gone: usize,
}

impl Highlight {
    /// Steps are the same by title; of several with one title the first goes with the first.
    pub fn between(old: &Plan, new: &Plan) -> Self {
        let mut before: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
        for (_, step) in old.steps() {
            before.entry(step.title.as_str()).or_default().push(step);
        }
        let mut marks = BTreeMap::new();
        for (_, step) in new.steps() {
            let known = before.get_mut(step.title.as_str()).filter(|s| !s.is_empty()).map(|s| s.remove(0));
            let mark = match known {
                None => Mark::New,
                Some(known) if alike(known, step) => continue,
                Some(_) => Mark::Otherwise,
            };
            marks.insert(step.id.clone(), mark);
        }
        Self { marks, gone: before.values().map(Vec::len).sum() }
    }

    pub fn mark(&self, step: &str) -> Option<Mark> {
        self.marks.get(step).copied()
    }

    /// `2 steps new, 1 otherwise`.
    pub fn told(&self) -> String {
        let count = |mark| self.marks.values().filter(|m| **m == mark).count();
        let figures = [(count(Mark::New), "new"), (count(Mark::Otherwise), "otherwise"), (self.gone, "gone")];
        let parts: Vec<String> =
            figures.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if parts.is_empty() { "no step changes".to_owned() } else { format!("steps: {}", parts.join(", ")) }
    }
}

/// Its number is not what a step is.
fn alike(a: &Step, b: &Step) -> bool {
    let b = Step { id: a.id.clone(), superseded_by: a.superseded_by.clone(), ..b.clone() };
    *a == b
}

/// Why the options of the plan cannot be changed here.
pub fn fixed(app: &App) -> Option<String> {
    app.opened.is_none().then(|| {
        "This plan was read from a file: change options and hazards where the plan is made, with its database open"
            .to_owned()
    })
}

/// Changes the policy, plans anew and marks what came of it.
pub fn turn(app: &mut App, change: impl FnOnce(&mut Policy)) {
    if let Some(reason) = fixed(app) {
        app.say(Note::reason(reason));
        return;
    }
    let old = app.plan().cloned();
    change(&mut app.policy);
    app.replan();
    app.highlight = match (old, app.plan()) {
        (Some(old), Some(new)) => Highlight::between(&old, new),
        _ => Highlight::default(),
    };
}
