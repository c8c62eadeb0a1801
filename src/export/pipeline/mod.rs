//! Pipelines: `github-actions.yml` and `gitlab-ci.yml` lint, rehearse on a copy with the times, apply stage by stage, and wait for
//! people before what cannot be taken back. All that depends on the plan is in `pipeline.sh`, which both call and which is run
//! and linted by itself; no name of a database stands in a value of the YAML, where `${{ }}` or `$NAME` would mean something.

pub(super) mod github;
pub(super) mod gitlab;
mod stages;

use super::backfill::{heredoc, word};
use super::layout::MARK;
use super::{ExportError, ExportOptions, FileSet, psql, serves};
use crate::model::name::shown;
use crate::plan::Plan;
use stages::Stage;
use std::fmt::Write;

const BODY: &str = include_str!("../../../assets/templates/pipeline.sh");

/// The psql files, the script, and what `made` makes of the stages.
fn files(
    plan: &Plan,
    options: &ExportOptions,
    name: &str,
    made: impl Fn(&Plan, &[Stage<'_>]) -> String,
) -> Result<FileSet, ExportError> {
    let mut files = psql::files(plan, options)?;
    let stages = stages::cut(plan);
    files.insert("pipeline.sh".to_owned(), script(plan, &stages));
    files.insert(name.to_owned(), made(plan, &stages));
    Ok(files)
}

fn script(plan: &Plan, stages: &[Stage<'_>]) -> String {
    let mut out = String::from("#!/usr/bin/env bash\n");
    let _ = writeln!(out, "# {MARK}{}: what its pipeline does\n# {}", plan.id, shown(&plan.title));
    out.push_str("#\n# bash 4 or later, psql 11 or later, sidestep.\nset -uo pipefail\n\n");
    let version = format!("{}.{}", plan.server.version.major, plan.server.version.minor);
    let names: Vec<&str> = stages.iter().map(|s| s.name.as_str()).collect();
    let _ = writeln!(out, "ASSUME={version}\nSTAGES=({})\n\nrun_stage() {{\n  case $1 in", names.join(" "));
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
    out.push_str(BODY);
    out
}
