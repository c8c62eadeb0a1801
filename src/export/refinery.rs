//! refinery: every migration in a transaction, without a way out. What refuses one is done by psql, and a migration waits for it.

use super::tool::{Comment, Down, History, Job, Numbering, Sends, Tool, head, no_settings, script, statements};
use super::{ExportError, FileSet, FormatInfo};

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "refinery",
    title: "refinery",
    traits: &["psql for concurrent builds and backfills"],
    ran: "refinery_cli 0.10.0",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Transaction,
    history: History::Apart,
    down: Down::None,
    folder: "migrations",
    numbering: Numbering::Sequence { width: 1, from: 1 },
    shared: &[],
    migrations,
    settings: no_settings,
    command: r#"refinery migrate -e DATABASE_URL -p "$MIGRATIONS""#,
    how: "\
- `refinery migrate -p migrations` goes on until a migration says which file of `psql/` is to be run first:
  `psql -X -f psql/….sql`, then `refinery migrate` again. After any failure do the same again.
- Do not use `--grouped`: all migrations would share one transaction, and hold each other's locks.
- One runner at a time.
- refinery has no undo: the files of `undo/` are for psql, in the order of their numbers, beginning with the last step that
  was begun.",
    mysql: Err("it takes a migration of several statements for done when any but the first has failed, and no step is one statement"),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        let content =
            format!("{}\n{}", head(job, unit, Comment::Sql), script(&statements(unit, job.plan, job.history)));
        files.insert(format!("V{number}__{}.sql", job.name(unit)), content);
    }
    Ok(files)
}
