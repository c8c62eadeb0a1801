//! Rails with the gem strong_migrations, which refuses every `execute` that is not vouched for.

use super::tool::{Down, History, Job, Numbering, Sends, Tool, no_settings};
use super::{ExportError, FileSet, FormatInfo, rails};

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "rails-strong_migrations",
    title: "Rails with strong_migrations",
    traits: &["bodies in `safety_assured`"],
    ran: "ActiveRecord 6.1.7; the gem itself was stood in for",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::Native,
    folder: "db/migrate",
    numbering: Numbering::Stamp,
    shared: &[],
    migrations,
    settings: no_settings,
    command: rails::COMMAND,
    how: rails::HOW,
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    Ok(rails::migrations(job, true))
}
