//! What the runner does for [`Task`]s: the bridge to the adapters. Each answers with an [`Outcome`], never with an error of its own.

use super::msg::{Outcome, Task, Trouble};

pub async fn perform(task: Task) -> Outcome {
    match task {
        Task::FindSources => Outcome::Sources(Vec::new()),
        Task::Connect { target, .. } => connect(&target),
        Task::Write { .. } => Outcome::Failed(Trouble::new("Writing is not built yet")),
    }
}

fn connect(target: &str) -> Outcome {
    let text = match std::fs::read_to_string(target) {
        Ok(text) => text,
        Err(error) => return Outcome::Failed(Trouble::from_error(&error)),
    };
    match serde_json::from_str(&text) {
        Ok(catalog) => Outcome::Catalog(Box::new(catalog)),
        Err(error) => Outcome::Failed(Trouble::from_error(&error)),
    }
}
