//! The script of a pipeline that runs a migration tool: its command, the stages, the files that psql runs beside it.

use super::super::backfill::word;
use super::super::{ExportError, ExportOptions, FileSet, entry, psql, tool};
use super::stages::{self, Stage};
use super::{BODY, Runner, opening};
use crate::model::name::shown;
use crate::plan::Plan;
use std::fmt::Write;

const TOOL: &str = include_str!("../../../assets/templates/pipeline-tool.sh");

pub(super) fn files(
    plan: &Plan,
    options: &ExportOptions,
    beside: &str,
    name: &str,
    made: impl Fn(&Plan, &[Stage<'_>], Runner) -> String,
) -> Result<FileSet, ExportError> {
    let format = entry(beside)?;
    let Some(tool) = format.tool.filter(|t| !t.command.is_empty()) else {
        return Err(ExportError::Inexpressible {
            tool: "a pipeline",
            because: format!("{} has steps of its own, which are started and completed with it", format.info.title),
        });
    };
    let cut = tool::stages(plan, tool)?;
    let stages = stages::of_tool(plan, &cut, tool.sends);
    let folder = options.folder.as_deref().unwrap_or(tool.folder);
    let script = script(plan, &stages, folder, tool.command(plan));
    Ok(FileSet::from([("pipeline.sh".to_owned(), script), (name.to_owned(), made(plan, &stages, Runner::Tool))]))
}

fn script(plan: &Plan, stages: &[Stage<'_>], folder: &str, command: &str) -> String {
    let by_hand: Vec<_> = stages.iter().flat_map(|s| &s.steps).collect();
    let needs = if by_hand.is_empty() {
        "your migration tool, sidestep"
    } else {
        "your migration tool, psql 11 or later, sidestep"
    };
    let mut out = opening(plan, needs, stages);
    let _ = writeln!(
        out,
        "PLAN={}\n# shellcheck disable=SC2016\nFOLDER={}\n# shellcheck disable=SC2016\nCOMMAND={}",
        plan.id,
        word(folder),
        word(command)
    );
    let files: Vec<String> = by_hand.iter().map(|p| tool::hand_file(p)).collect();
    let _ = writeln!(
        out,
        "HAND=({})\n\nby_hand() {{\n  local say=\n  case $1 in",
        files.iter().map(|f| word(f)).collect::<Vec<_>>().join(" ")
    );
    for (placed, file) in by_hand.iter().zip(&files) {
        if let Some(say) = psql::confirmation(plan, placed) {
            let _ = writeln!(out, "    {}) say={} ;;", word(file), word(&say));
        }
    }
    out.push_str("    *) ;;\n  esac\n  psql -X -w ${say:+-v \"$say\"} -c '\\timing on' -f \"$1\"\n}\n");
    for stage in stages.iter().filter(|s| !s.after.is_empty()) {
        let _ = writeln!(out, "\n# before {}, in this order:", stage.name);
        for line in &stage.after {
            let _ = writeln!(out, "# - {}", shown(line));
        }
    }
    out.push('\n');
    out.push_str(TOOL);
    out.push_str(BODY);
    out
}
