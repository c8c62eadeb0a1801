//! Pipelines: `github-actions.yml` and `gitlab-ci.yml` lint, rehearse on a copy with the times, apply stage by stage, and wait for
//! people before what cannot be taken back. Beside a migration tool (`--format flyway,github-actions`) they run that. All that depends on the plan is in `pipeline.sh`, which both call and which is run
//! and linted by itself; no name of a database stands in a value of the YAML, where `${{ }}` or `$NAME` would mean something.

pub(super) mod github;
pub(super) mod gitlab;
mod stages;
mod tool;

use super::backfill::{heredoc, word};
use super::layout::MARK;
use super::{ExportError, ExportOptions, FileSet, psql, serves};
use crate::model::name::shown;
use crate::plan::Plan;
use stages::Stage;
use std::fmt::Write;

const BODY: &str = include_str!("../../../assets/templates/pipeline.sh");
const PSQL: &str = include_str!("../../../assets/templates/pipeline-psql.sh");

/// What the stages are run by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    /// The psql files, which the pipeline's export holds.
    Psql,
    /// The migration tool of the same export, whose later stages have to be promoted first.
    Tool,
}

/// The script, what `made` makes of the stages, and the psql files where no migration tool does the work.
fn files(
    plan: &Plan,
    options: &ExportOptions,
    name: &str,
    made: impl Fn(&Plan, &[Stage<'_>], Runner) -> String,
) -> Result<FileSet, ExportError> {
    if let Some(beside) = options.beside {
        return tool::files(plan, options, beside, name, made);
    }
    let mut files = psql::files(plan, options)?;
    let stages = stages::cut(plan);
    files.insert("pipeline.sh".to_owned(), script(plan, &stages));
    files.insert(name.to_owned(), made(plan, &stages, Runner::Psql));
    Ok(files)
}

/// The head of a script for any runner.
fn opening(plan: &Plan, needs: &str, stages: &[Stage<'_>]) -> String {
    let names: Vec<&str> = stages.iter().map(|s| s.name.as_str()).collect();
    format!(
        "#!/usr/bin/env bash\n# {MARK}{}: what its pipeline does\n# {}\n#\n# bash 4 or later, {needs}.\nset -uo pipefail\n\nASSUME={}.{}\nSTAGES=({})\n",
        plan.id,
        shown(&plan.title),
        plan.server.version.major,
        plan.server.version.minor,
        names.join(" ")
    )
}

fn script(plan: &Plan, stages: &[Stage<'_>]) -> String {
    let mut out = opening(plan, "psql 11 or later, sidestep", stages);
    out.push_str("\nrun_stage() {\n  case $1 in\n");
    for stage in stages {
        let _ = writeln!(out, "    {})", stage.name);
        for line in &stage.after {
            let _ = writeln!(out, "      # {}", shown(line));
        }
        if let Some((release, query)) = stage.serves.and_then(|r| Some((r, serves::missing_columns(plan, r)?))) {
            heredoc(&mut out, &format!("      serves {release} "), &query, "");
        }
        for placed in &stage.steps {
            let say = psql::confirmation(plan, placed).unwrap_or_default();
            let file = format!("{}/{}.sql", placed.folder(), placed.stem());
            let _ = writeln!(out, "      step {} {} {}", placed.step.id, word(&file), word(&say));
        }
        out.push_str("      ;;\n");
    }
    out.push_str("    *) return 1 ;;\n  esac\n}\n\n");
    out.push_str(PSQL);
    out.push_str(BODY);
    out
}
