//! `sidestep verify`: whether files are still what a plan wrote, and which plan.

use super::Outcome;
use super::args::VerifyArgs;
use super::drifted;
use super::export::read_plan;
use super::home::Home;
use super::output::{Output, say};
use super::package::Destination;
use crate::error::Problem;
use crate::model::name::shown;
use serde_json::json;
use std::fmt::Write;

pub fn run(args: &VerifyArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    let (target, manifest) = Destination::of_export(&args.directory, args.migrations.as_deref())?;
    let mut odd = target.differences(&manifest);
    let saved = args.directory.join("plan.json");
    let plan = if saved.is_file() { Some(read_plan(&saved.display().to_string())?) } else { None };
    if plan.as_ref().is_some_and(|p| p.id != manifest.plan) {
        odd.push((saved.display().to_string(), "is another plan"));
    }
    let changed = match (&args.target, &plan) {
        (None, _) => Vec::new(),
        (Some(word), Some(plan)) => drifted::since(plan, word, home)?,
        (Some(_), None) => {
            return Err(Problem::usage(
                "this export holds no plan.json, so there is nothing to compare the database with",
            )
            .hint("export with `--format json` beside the others"));
        }
    };
    let count = manifest.files.len() + manifest.stages.iter().map(|s| s.migrations.len()).sum::<usize>();
    let waiting: Vec<&str> = manifest.stages.iter().filter(|s| s.first.is_none()).map(|s| s.name.as_str()).collect();
    let outcome = if odd.is_empty() && changed.is_empty() { Outcome::Fine } else { Outcome::Hazards };
    if args.json {
        let differing: Vec<_> = odd.iter().map(|(path, wrong)| json!({"path": path, "what": wrong})).collect();
        output.json(&json!({
            "format": 1, "plan": manifest.plan, "title": manifest.title, "files": count,
            "differing": differing, "waiting": waiting, "changed": changed,
        }))?;
        return Ok(outcome);
    }
    let mut out = format!("plan {} · {}\n", shown(&manifest.plan), shown(&manifest.title));
    for (path, wrong) in &odd {
        let _ = writeln!(out, "{} {wrong}", shown(path));
    }
    for line in &changed {
        let _ = writeln!(out, "the database is not as it was planned for: {}", shown(line));
    }
    for stage in manifest.stages.iter().filter(|s| s.first.is_none()) {
        let _ =
            writeln!(out, "stage `{}` waits: not before {}", shown(&stage.name), shown(&stage.after.join(", and ")));
    }
    output.data(&out)?;
    say(&match odd.len() {
        0 => format!("{count} files are as they were exported"),
        n => format!("{n} of {count} files are not as they were exported"),
    });
    Ok(outcome)
}
