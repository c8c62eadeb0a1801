//! `sidestep promote`: the next stage of an export gets its numbers and goes where the migration tool looks.

use super::Outcome;
use super::args::PromoteArgs;
use super::export::{cannot_export, read_plan};
use super::output::{Output, say};
use super::package::Destination;
use super::write::Replace;
use crate::error::Problem;
use crate::export;
use serde_json::json;

pub fn run(args: &PromoteArgs, output: &mut Output) -> Result<Outcome, Problem> {
    let (target, manifest) = Destination::of_export(&args.directory, args.migrations.as_deref())?;
    let plan = read_plan(&args.directory.join("plan.json").display().to_string())?;
    if plan.id != manifest.plan {
        return Err(Problem::unreadable(format!(
            "`{}` holds plan {}, but its files are of plan {}",
            args.directory.display(),
            plan.id,
            crate::model::name::shown(&manifest.plan)
        ))
        .hint("export again into a new directory"));
    }
    target.untouched(&manifest)?;
    let formats: Vec<&str> = manifest.formats.iter().map(String::as_str).collect();
    let options = target.options(manifest.start_version)?;
    let made = export::package(&plan, &formats, &options, Some(&manifest), true).map_err(|e| cannot_export(&e))?;
    target.write(&made, None, Replace::Ours)?;
    let stage = made.manifest.stages.iter().rfind(|s| s.first.is_some());
    let (name, after) = stage.map(|s| (s.name.clone(), s.after.clone())).unwrap_or_default();
    let names = target.migrations(&made);
    if args.json {
        return output.json(&json!({"format": 1, "plan": plan.id, "stage": name, "after": after, "files": names}));
    }
    output.data(&names.iter().map(|name| format!("{name}\n")).collect::<String>())?;
    let when = if after.is_empty() { String::new() } else { format!("; run it only when {}", after.join(", and ")) };
    say(&format!("stage `{name}` of plan {} is in the migrations folder{when}", plan.id));
    Ok(Outcome::Fine)
}
