//! `sidestep plan`: a script against a catalog.

use super::args::{PlanArgs, PlanFormat};
use super::home::Home;
use super::output::{Output, say};
use super::source::Source;
use super::{Outcome, target, write};
use crate::change::{self, CannotPlan};
use crate::config::nearest;
use crate::error::{Excerpt, Problem, ProblemKind};
use crate::export::{self, ExportOptions};
use crate::model::Catalog;
use crate::model::name::shown;
use crate::plan::{Plan, Severity};

pub fn run(args: &PlanArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    let source = match &args.sql {
        Some(sql) => Source::inline(sql)?,
        None => Source::files(&args.files)?,
    };
    let config = home.config()?;
    let catalog = target::catalog(&args.target, &config)?;
    let policy = args.policy.apply(config.policy);
    let plan = change::plan(&source.text, &catalog, &policy).map_err(|error| {
        let mut problem = cannot_plan(&error, &source);
        problem.excerpts.iter_mut().for_each(|e| suggest(e, &catalog));
        problem
    })?;
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
    let hazards = plan.steps().flat_map(|(_, s)| &s.hazards).filter(|h| h.counts()).map(|h| h.severity);
    hazards.chain(plan.findings.iter().map(|f| f.severity)).max()
}

fn json(plan: &Plan) -> Result<String, Problem> {
    one_file(plan, "json", "plan.json")
}

fn markdown(plan: &Plan) -> Result<String, Problem> {
    one_file(plan, "runbook", "RUNBOOK.md")
}

fn one_file(plan: &Plan, format: &str, name: &str) -> Result<String, Problem> {
    let mut files =
        export::export(plan, format, &ExportOptions::default()).map_err(|e| super::export::cannot_export(&e))?;
    Ok(files.remove(name).unwrap_or_default())
}

/// Every reason with its place: file, line, column, the line itself.
pub fn cannot_plan(error: &CannotPlan, source: &Source) -> Problem {
    let mut problem = Problem::new(ProblemKind::CannotPlan, "this change cannot be planned");
    problem.excerpts = error.problems.iter().map(|p| source.excerpt(p)).collect();
    problem
}

/// A table or column that is not there may be a slip of the fingers away from one that is.
fn suggest(excerpt: &mut Excerpt, catalog: &Catalog) {
    let named: Vec<&str> = excerpt.message.split('`').skip(1).step_by(2).collect();
    let near = match named.as_slice() {
        [table] if excerpt.message.starts_with("there is no table") => {
            let bare = table.rsplit('.').next().unwrap_or(table);
            nearest(bare, catalog.tables.iter().map(|t| t.name.name.as_str()))
        }
        [table, column] if excerpt.message.contains("has no column") => catalog
            .tables
            .iter()
            .find(|t| t.name.to_string() == **table)
            .and_then(|t| nearest(column, t.columns.iter().map(|c| c.name.as_str()))),
        _ => None,
    };
    if excerpt.hint.is_none() {
        excerpt.hint = near.map(|near| format!("Did you mean `{}`?", shown(near)));
    }
}
