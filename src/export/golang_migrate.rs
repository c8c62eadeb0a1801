//! golang-migrate: `000042_name.up.sql` and `.down.sql`. It never opens a transaction; a file is one query, which is one
//! transaction wherever its statements allow it.

use super::tool::{
    Comment, Down, History, Job, NOTHING, Numbering, OnMysql, Sends, Tool, back_statements, head, no_settings, script,
    sheet, statements,
};
use super::{ExportError, FileSet, FormatInfo};

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "golang-migrate",
    title: "golang-migrate",
    traits: &["without x-multi-statement"],
    ran: "not run: files held against 4.19's rules",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::OneQuery,
    history: History::Apart,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Sequence { width: 6, from: 1 },
    shared: &[],
    migrations,
    settings: no_settings,
    command: r#"migrate -path "$MIGRATIONS" -database "$DATABASE_URL" up"#,
    how: "\
- Leave `x-multi-statement` out of the database URL: it cuts files at every semicolon, those inside a DO block too.
- One runner at a time: a second one that waits for the lock holds a snapshot that a concurrent build waits for.
- After a failure the version is dirty: `migrate force N` with the number before the failed file, then `migrate up`. Every
  file may be run again.
- `migrate down 1` takes one file back. The way back of a step that cannot be undone raises: then `migrate force` with its
  number, since nothing was changed.",
    mysql: Ok(OnMysql {
        command: r#"migrate -path "$MIGRATIONS" -database "$DATABASE_URL" up"#,
        how: "\
- The database URL needs `multiStatements=true`: a file is one packet of several statements. Without it the server refuses the
  whole file.
- After a failure the version is dirty: `migrate force N` with the number before the failed file, then `migrate up`.
- One runner at a time: `migrate` holds a lock by name, which the next one waits for.
- `migrate down 1` takes one file back. The way back of a step that cannot be undone stops: then `migrate force` with its
  number, since nothing was changed.",
        ran: "not run: files sent as 4.19's driver sends them",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        let path = format!("{number}_{}", job.name(unit));
        let head = head(job, unit, Comment::Sql);
        files.insert(format!("{path}.up.sql"), sheet(&head, &script(&statements(unit, job.plan, job.history))));
        let down = back_statements(unit, job.plan).unwrap_or_else(|| vec![NOTHING.to_owned()]);
        files.insert(format!("{path}.down.sql"), sheet(&head, &script(&down)));
    }
    Ok(files)
}
