//! `sidestep export`: a saved plan as files in a directory.

use super::args::ExportArgs;
use super::output::{Output, say};
use super::write::{self, Replace};
use super::{Outcome, source};
use crate::error::{Problem, ProblemKind};
use crate::export::{self, ExportError, ExportOptions, FORMATS, FileSet};
use crate::plan::Plan;
use crate::plan::assemble::content_hash;
use crate::plan::step::PLAN_FORMAT;
use serde_json::json;
use sha2::{Digest, Sha256};

pub fn run(args: &ExportArgs, output: &mut Output) -> Result<Outcome, Problem> {
    if args.list_formats {
        return list(args.json, output);
    }
    let (Some(plan), Some(out)) = (&args.plan, &args.out) else {
        return Err(Problem::usage("a plan and --out are needed"));
    };
    let plan = read_plan(plan)?;
    let options = ExportOptions { start_version: args.start_version };
    let mut files = FileSet::new();
    for format in &args.format {
        for (path, content) in export::export(&plan, format, &options).map_err(|e| cannot_export(&e))? {
            if files.insert(path.clone(), content).is_some() {
                return Err(Problem::usage(format!("two of the formats write `{path}`"))
                    .hint("export them into directories of their own"));
            }
        }
    }
    let replace = if args.replace { Replace::Ours } else { Replace::Nothing };
    write::files(out, &files, replace)?;
    if args.json {
        let paths: Vec<&String> = files.keys().collect();
        return output.json(&json!({"format": 1, "plan": plan.id, "directory": out, "files": paths}));
    }
    let names: String = files.keys().map(|path| format!("{}\n", out.join(path).display())).collect();
    output.data(&names)?;
    say(&format!("plan {} is in {}", plan.id, out.display()));
    Ok(Outcome::Fine)
}

fn list(as_json: bool, output: &mut Output) -> Result<Outcome, Problem> {
    if as_json {
        let formats: Vec<_> =
            FORMATS.iter().map(|f| json!({"name": f.name, "title": f.title, "traits": f.traits})).collect();
        return output.json(&json!({"format": 1, "formats": formats}));
    }
    let lines = FORMATS.iter().map(|f| format!("{:<10} {:<24} {}\n", f.name, f.title, f.traits.join("; ")));
    output.data(&lines.collect::<String>())
}

fn read_plan(name: &str) -> Result<Plan, Problem> {
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
        assert_ne!(hash_of(&text.replace("2s", "3s").replace("text", "int"), &plan.id), plan.id);
    }
}
