//! Rails with the gem strong_migrations, which refuses every `execute` that is not vouched for.

use super::tool::{Job, Tool};
use super::{ExportError, FileSet, FormatInfo, rails};

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "rails-strong_migrations",
    title: "Rails with strong_migrations",
    traits: &["bodies in `safety_assured`"],
    ran: "ActiveRecord 6.1.7; the gem itself was stood in for",
};

pub(super) const TOOL: Tool = Tool { migrations, ..rails::TOOL };

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    Ok(rails::migrations(job, true))
}
