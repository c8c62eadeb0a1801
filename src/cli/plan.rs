//! `sidestep plan`: a script against a catalog.

use super::args::{PlanArgs, PlanFormat};
use super::home::Home;
use super::output::{Output, say};
use super::source::Source;
use super::{Outcome, target, write};
use crate::change::{self, CannotPlan};
use crate::error::{Problem, ProblemKind};
use crate::export::{self, ExportOptions};
use crate::plan::{Plan, Severity};

pub fn run(args: &PlanArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    let source = match &args.sql {
        Some(sql) => Source::inline(sql)?,
        None => Source::files(&args.files)?,
    };
    let config = home.config()?;
    let catalog = target::catalog(&args.target, &config)?;
    let policy = args.policy.apply(config.policy);
    let plan = change::plan(&source.text, &catalog, &policy).map_err(|error| cannot_plan(&error, &source))?;
    if let Some(path) = &args.output {
        write::replace_file(path, &(json(&plan)?))?;
        say(&format!("wrote {}", path.display()));
    }
    let format = if args.json { PlanFormat::Json } else { args.format };
    output.data(&match format {
        PlanFormat::Text => export::text::plan(&plan, output.width()),
        PlanFormat::Json => json(&plan)?,
        PlanFormat::Markdown => markdown(&plan)?,
    })?;
    let worst = worst(&plan);
    Ok(match args.fail_on.threshold() {
        Some(threshold) if worst.is_some_and(|w| w >= threshold) => Outcome::Hazards,
        _ => Outcome::Fine,
    })
}

/// The worst thing that is left in the plan itself.
fn worst(plan: &Plan) -> Option<Severity> {
    let hazards = plan.steps().flat_map(|(_, s)| &s.hazards).map(|h| h.severity);
    hazards.chain(plan.findings.iter().map(|f| f.severity)).max()
}

fn json(plan: &Plan) -> Result<String, Problem> {
    one_file(plan, "json")
}

fn markdown(plan: &Plan) -> Result<String, Problem> {
    one_file(plan, "runbook")
}

fn one_file(plan: &Plan, format: &str) -> Result<String, Problem> {
    let files =
        export::export(plan, format, &ExportOptions::default()).map_err(|e| super::export::cannot_export(&e))?;
    Ok(files.into_values().next().unwrap_or_default())
}

/// Every reason with its place: file, line, column, the line itself.
pub fn cannot_plan(error: &CannotPlan, source: &Source) -> Problem {
    let mut problem = Problem::new(ProblemKind::CannotPlan, "this change cannot be planned");
    problem.excerpts = error.problems.iter().map(|p| source.excerpt(p)).collect();
    problem
}
