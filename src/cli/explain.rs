//! `sidestep explain`: the page of a hazard, or the list of all.

use super::Outcome;
use super::args::ExplainArgs;
use super::output::Output;
use crate::config::nearest;
use crate::engine::hazard::{self, Entry};
use crate::error::{Problem, ProblemKind};
use crate::export::explain;
use crate::model::name::shown;
use crate::plan::{Policy, Severity};
use serde_json::{Value, json};

pub fn run(args: &ExplainArgs, output: &mut Output) -> Result<Outcome, Problem> {
    let all = hazard::all().map_err(|why| Problem::new(ProblemKind::Bug, why))?;
    let Some(id) = &args.id else {
        if args.json {
            let entries: Vec<Value> = all.iter().map(|(id, entry)| page(id, entry)).collect();
            return output.json(&json!({"format": 1, "hazards": entries}));
        }
        return output.data(&explain::list(all, output.width()));
    };
    match all.get(id) {
        Some(entry) if args.json => output.json(&page(id, entry)),
        Some(entry) => output.data(&explain::page(id, entry, output.width())),
        None => Err(known(id)
            .err()
            .map_or_else(|| Problem::usage("no such hazard"), Problem::usage)
            .hint("`sidestep explain` lists all hazards")),
    }
}

fn page(id: &str, entry: &Entry) -> Value {
    let severity: Severity = entry.severity.into();
    json!({
        "format": 1,
        "id": id,
        "severity": severity,
        "text": entry.text,
        "happens": entry.happens,
        "example": entry.example,
        "remedy": entry.remedy,
        "versions": entry.versions,
        "manual": entry.manual_url(),
    })
}

/// Whether there is a hazard of that id.
///
/// # Errors
/// In words, with the nearest id.
pub(super) fn known(id: &str) -> Result<(), String> {
    let all = hazard::all().map_err(str::to_owned)?;
    if all.contains_key(id) {
        return Ok(());
    }
    let near = nearest(id, all.keys().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(format!("there is no hazard `{}`{near}", shown(id)))
}

/// Every id that the configuration ignores exists, and has its reason.
///
/// # Errors
/// In words, with the id.
pub(super) fn sound(policy: &Policy) -> Result<(), String> {
    for (id, reason) in &policy.ignore {
        known(id)?;
        if reason.trim().is_empty() {
            return Err(format!("`ignore.{id}` has no reason: say why, for whoever reads the plan"));
        }
    }
    Ok(())
}
