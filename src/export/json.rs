//! `plan.json`: the plan itself, the contract that other programs rely on (`assets/plan.schema.json`).

use super::{ExportError, ExportOptions, FileSet, FormatInfo};
use crate::plan::Plan;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "json",
    title: "The plan as JSON",
    traits: &["for other programs", "input of `sidestep export`"],
    ran: "",
};

pub(super) fn files(plan: &Plan, _options: &ExportOptions) -> Result<FileSet, ExportError> {
    let json = serde_json::to_string_pretty(plan).map_err(|e| ExportError::Damaged { because: e.to_string() })?;
    Ok(FileSet::from([("plan.json".to_owned(), json + "\n")]))
}
