//! `RUNBOOK.md`: what a second engineer reviews and the one at the keyboard follows.

use super::{ExportError, ExportOptions, FileSet, FormatInfo};
use crate::plan::Plan;

pub(super) const INFO: FormatInfo =
    FormatInfo { name: "runbook", title: "Runbook in Markdown", traits: &["for people", "sign-off for two"] };

pub(super) fn files(plan: &Plan, _options: &ExportOptions) -> Result<FileSet, ExportError> {
    Ok(FileSet::from([("RUNBOOK.md".to_owned(), format!("{}{}\n", super::layout::MARK, plan.id))]))
}
