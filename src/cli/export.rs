//! `sidestep export`: a saved plan as files in a directory.

use super::args::ExportArgs;
use super::drifted;
use super::home::Home;
use super::output::{Output, say};
use super::package::Destination;
use super::write::Replace;
use super::{Outcome, source};
use crate::error::{Problem, ProblemKind};
use crate::export::{self, ExportError, FORMATS};
use crate::model::Engine;
use crate::plan::Plan;
use crate::plan::assemble::content_hash;
use crate::plan::step::PLAN_FORMAT;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt::Write;

pub fn run(args: &ExportArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    if args.list_formats {
        return list(args.json, output);
    }
    let (Some(plan), Some(out)) = (&args.plan, &args.out) else {
        return Err(Problem::usage("a plan and --out are needed"));
    };
    let plan = read_plan(plan)?;
    let changed = match &args.target {
        Some(word) => drifted::since(&plan, word, home)?,
        None => Vec::new(),
    };
    changed.iter().for_each(|line| say(&format!("warning: the database is not as it was planned for: {line}")));
    let formats: Vec<&str> = args.format.iter().map(String::as_str).collect();
    let replace = if args.replace { Replace::Ours } else { Replace::Nothing };
    let target = Destination::new(out, &formats, args.migrations.as_deref())?;
    let earlier = target.manifest()?;
    let same = earlier.as_ref().filter(|m| m.plan == plan.id && m.formats == args.format);
    if let (Some(same), Replace::Nothing) = (same, replace) {
        target.untouched(same)?;
    }
    let mut options = target.options(args.start_version.or(same.and_then(|m| m.start_version)))?;
    options.review = reviewed(args.plan.as_deref().unwrap_or_default(), &plan)?;
    let gone = earlier.as_ref().filter(|_| replace == Replace::Ours);
    if let Some(gone) = gone {
        options.gone = Destination::room(gone, &options.present);
    }
    let made = export::package(&plan, &formats, &options, same, false).map_err(|e| cannot_export(&e))?;
    target.write(&made, gone, replace)?;
    let names = target.names(&made);
    if args.json {
        return output
            .json(&json!({"format": 1, "plan": plan.id, "directory": out, "files": names, "changed": changed}));
    }
    output.data(&names.iter().map(|name| format!("{name}\n")).collect::<String>())?;
    say(&format!("plan {} is in {}", plan.id, out.display()));
    Ok(Outcome::Fine)
}

/// What author and reviewer said in the file beside the plan; of a review of another plan nothing is printed.
fn reviewed(path: &str, plan: &Plan) -> Result<Option<crate::plan::review::Spoken>, Problem> {
    let path = crate::tui::review::beside(path);
    let Some((review, _)) = crate::tui::review_file::open(std::path::Path::new(&path))? else { return Ok(None) };
    if !review.is_of(plan) {
        say(&format!(
            "warning: `{path}` is the review of plan {}, not of this one: nothing of it is printed",
            review.plan
        ));
    }
    Ok(review.spoken(plan))
}

fn list(as_json: bool, output: &mut Output) -> Result<Outcome, Problem> {
    if as_json {
        let formats: Vec<_> = FORMATS
            .iter()
            .map(|f| {
                let (traits, ran, servers) = (export::traits(f), export::ran(f), export::engines(f));
                json!({"name": f.name, "title": f.title, "traits": traits, "ran": ran, "servers": servers})
            })
            .collect();
        return output.json(&json!({"format": 1, "formats": formats}));
    }
    let mut lines = String::new();
    for format in FORMATS {
        let ran = Some(export::ran(format)).filter(|ran| !ran.is_empty());
        let servers: Vec<String> = export::engines(format).iter().map(ToString::to_string).collect();
        let servers = (servers.len() < Engine::ALL.len()).then(|| format!("{} only", servers.join(" and ")));
        let known = servers.into_iter().chain(export::traits(format)).chain(ran).collect::<Vec<_>>().join("; ");
        let _ = writeln!(lines, "{:<24} {}\n    {known}", format.name, format.title);
    }
    output.data(&lines)
}

pub fn read_plan(name: &str) -> Result<Plan, Problem> {
    let text = source::read(name)?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
        Problem::unreadable(format!("`{name}` is not JSON"))
            .because(&error)
            .hint("a plan is made by `sidestep plan … -o plan.json`")
    })?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format > u64::from(PLAN_FORMAT) => {
            return Err(Problem::unreadable(format!(
                "`{name}` has plan format {format}; this sidestep reads up to {PLAN_FORMAT}"
            ))
            .hint("use a newer sidestep"));
        }
        Some(_) if value.get("phases").is_some() => {}
        _ => {
            return Err(Problem::unreadable(format!("`{name}` is not a plan"))
                .hint("a plan is made by `sidestep plan … -o plan.json`"));
        }
    }
    let plan: Plan = serde_json::from_value(value)
        .map_err(|error| Problem::unreadable(format!("`{name}` is not a plan")).because(&error))?;
    // The text is asked first: a plan of an older sidestep lacks fields that this one would write.
    if plan.id != hash_of(&text, &plan.id) && plan.id != content_hash(&plan) {
        let id = crate::model::name::shown(&plan.id);
        return Err(Problem::unreadable(format!("`{name}` was changed after it was made: it is no longer plan {id}"))
            .hint("what was reviewed is what is run: make the plan again with `sidestep plan … -o plan.json`"));
    }
    Ok(plan)
}

/// The content hash of a plan's text: white space between tokens and the id itself do not count.
fn hash_of(text: &str, id: &str) -> String {
    let mut compact = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        if quoted || !c.is_ascii_whitespace() {
            compact.push(c);
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    let bare = compact.replacen(&format!("\"id\":\"{id}\""), "\"id\":\"\"", 1);
    Sha256::digest(bare.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

pub fn cannot_export(error: &ExportError) -> Problem {
    match error {
        ExportError::UnknownFormat { name } => {
            let known: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
            let problem = Problem::usage(error.to_string());
            match crate::config::nearest(name, known.iter().copied()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint(format!("formats: {}", known.join(", "))),
            }
        }
        ExportError::Twice { .. } => {
            Problem::usage(error.to_string()).hint("export them into directories of their own")
        }
        ExportError::TwoTools { .. } => {
            Problem::usage(error.to_string()).hint("give each tool a directory of its own: one export for each")
        }
        ExportError::NothingToPromote => Problem::usage(error.to_string()),
        ExportError::Foreign { .. } => {
            Problem::usage(error.to_string()).hint("mend the file, or give --migrations another folder")
        }
        ExportError::Inexpressible { .. } => Problem::new(ProblemKind::CannotPlan, error.to_string())
            .hint("choose another format: `sidestep export --list-formats`"),
        ExportError::Unsendable { .. } => Problem::new(ProblemKind::CannotPlan, error.to_string()),
        ExportError::Damaged { .. } => {
            Problem::unreadable(error.to_string()).hint("make the plan again with `sidestep plan … -o plan.json`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_known_by_its_text() {
        let catalog = crate::db::demo();
        let plan = crate::change::plan(
            "ALTER TABLE users ADD COLUMN \"a \\ \"\"b\" text",
            &catalog,
            &crate::plan::Policy::default(),
        );
        let plan = plan.unwrap();
        let text = serde_json::to_string_pretty(&plan).unwrap();
        assert_eq!(hash_of(&text, &plan.id), plan.id);
        assert_eq!(content_hash(&plan), plan.id);
        // Read and written again it is the same text, estimates and all.
        for low in ["107.30427733333333", "0.1", "1e-7"] {
            let read: f64 = serde_json::from_str(low).unwrap();
            assert_eq!(read.to_bits(), low.parse::<f64>().unwrap().to_bits(), "{low}");
        }
        assert_ne!(hash_of(&text.replace("2s", "3s").replace("text", "int"), &plan.id), plan.id);
    }
}
