//! `sidestep lint`: what existing migrations would do if they were run as they are.

mod assume;
mod machine;

use super::args::{LintArgs, LintFormat};
use super::home::Home;
use super::output::{Output, say};
use super::source::Source;
use super::{Outcome, plan, target};
use crate::change::CannotPlan;
use crate::config::Config;
use crate::error::Problem;
use crate::export;
use crate::model::{Catalog, Engine, Version};
use crate::plan::{AsWritten, Policy, Severity};
use crate::sql::Script;
use serde::Serialize;

/// One statement in its file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Judged {
    pub file: String,
    pub line: usize,
    pub column: usize,
    #[serde(flatten)]
    pub written: AsWritten,
}

impl Judged {
    fn worst(&self) -> Option<Severity> {
        let fails = self.written.fails.as_ref().map(|_| Severity::Danger);
        self.written.hazards.iter().filter(|h| h.counts()).map(|h| h.severity).chain(fails).max()
    }
}

pub fn run(args: &LintArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    let config = home.config()?;
    let (target, files) = split(&args.inputs, &config);
    if files.is_empty() {
        return Err(Problem::usage("there is no SQL file to lint").hint("usage: sidestep lint [TARGET] FILE…"));
    }
    let source = Source::files(files)?;
    let catalog = target.map(|t| target::catalog(t, &config)).transpose()?;
    let engine = catalog.as_ref().map_or(Engine::Postgresql, |c| c.server.engine);
    let script = crate::sql::parse(&source.text, engine)
        .map_err(|problems| plan::cannot_plan(&CannotPlan { problems }, &source))?;
    let policy = args.policy.apply(config.policy);
    let judged = match &catalog {
        Some(catalog) => judge(&script, catalog, &policy, &source),
        None => {
            let version: Version = args.assume.parse().map_err(|e: String| Problem::usage(e))?;
            say(&format!("no TARGET: PostgreSQL {version} is assumed, and tables of unknown size"));
            let assumed = assume::catalog(&script, version);
            let mut judged = judge(&script, &assumed, &policy, &source);
            // What the assumed catalog lacks says nothing of the real one.
            judged.iter_mut().for_each(|j| j.written.fails = None);
            judged
        }
    };
    let format = if args.json { LintFormat::Json } else { args.format };
    match format {
        LintFormat::Text => {
            let entries: Vec<(String, &AsWritten)> =
                judged.iter().map(|j| (format!("{}:{}:{}", j.file, j.line, j.column), &j.written)).collect();
            output.data(&export::text::lint(&entries, output.width()))?
        }
        LintFormat::Json => output.json(&serde_json::json!({"format": 1, "statements": judged}))?,
        LintFormat::Sarif => output.json(&machine::sarif(&judged))?,
        LintFormat::Github => output.data(&machine::github(&judged))?,
    };
    let worst = judged.iter().filter_map(Judged::worst).max();
    Ok(match args.fail_on.threshold() {
        Some(threshold) if worst.is_some_and(|w| w >= threshold) => Outcome::Hazards,
        _ => Outcome::Fine,
    })
}

/// The first word is a TARGET if it can be nothing else: no migration is called like a URL, a catalog or a profile.
fn split<'a>(inputs: &'a [String], config: &Config<Policy>) -> (Option<&'a str>, &'a [String]) {
    match inputs.split_first() {
        Some((first, rest)) if target::is_target(first, config) => (Some(first), rest),
        _ => (None, inputs),
    }
}

fn judge(script: &Script, catalog: &Catalog, policy: &Policy, source: &Source) -> Vec<Judged> {
    let written = crate::change::judge_script(script, catalog, policy);
    script
        .statements
        .iter()
        .zip(written)
        .map(|(located, written)| {
            let (file, line, column) = source.locate(located.span.start);
            Judged { file: file.to_owned(), line, column, written }
        })
        .collect()
}
