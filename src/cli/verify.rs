//! `sidestep verify`: whether files are still what a plan wrote, and which plan.

use super::Outcome;
use super::args::VerifyArgs;
use super::export::read_plan;
use super::output::{Output, say};
use super::package::Destination;
use crate::error::Problem;
use crate::model::name::shown;
use serde_json::json;
use std::fmt::Write;

pub fn run(args: &VerifyArgs, output: &mut Output) -> Result<Outcome, Problem> {
    let (target, manifest) = Destination::of_export(&args.directory, args.migrations.as_deref())?;
    let mut odd = target.differences(&manifest);
    let saved = args.directory.join("plan.json");
    if saved.is_file() && read_plan(&saved.display().to_string())?.id != manifest.plan {
        odd.push((saved.display().to_string(), "is another plan"));
    }
    let count = manifest.files.len() + manifest.stages.iter().map(|s| s.migrations.len()).sum::<usize>();
    let waiting: Vec<&str> = manifest.stages.iter().filter(|s| s.first.is_none()).map(|s| s.name.as_str()).collect();
    let outcome = if odd.is_empty() { Outcome::Fine } else { Outcome::Hazards };
    if args.json {
        let differing: Vec<_> = odd.iter().map(|(path, wrong)| json!({"path": path, "what": wrong})).collect();
        output.json(&json!({
            "format": 1, "plan": manifest.plan, "title": manifest.title, "files": count,
            "differing": differing, "waiting": waiting,
        }))?;
        return Ok(outcome);
    }
    let mut out = format!("plan {} · {}\n", shown(&manifest.plan), shown(&manifest.title));
    for (path, wrong) in &odd {
        let _ = writeln!(out, "{} {wrong}", shown(path));
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
