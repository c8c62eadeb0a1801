//! sqlx: a pair of files, each sent as one query, inside a transaction unless its very first bytes say otherwise.

use super::tool::{
    Back, Body, Comment, Down, FIRST_STAMP, History, Job, NOTHING, Numbering, OnMysql, Sends, Tool, back_statements,
    head, no_settings, script, sheet, statements,
};
use super::{ExportError, FileSet, FormatInfo};
use crate::engine::emit::speech::Asks;

pub(super) const INFO: FormatInfo = FormatInfo { name: "sqlx", title: "sqlx", traits: &[], ran: "sqlx-cli 0.9.0" };

pub(super) const TOOL: Tool = Tool {
    sends: Sends::OneQuery,
    history: History::Same,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Sequence { width: 4, from: FIRST_STAMP },
    shared: &[],
    migrations,
    settings: no_settings,
    command: r#"sqlx migrate run --source "$MIGRATIONS""#,
    how: "\
- `sqlx migrate run`, and after a failure the same again: every file may be run again.
- One runner at a time: `sqlx` takes no lock; the library's `Migrator` waits in one that a concurrent build waits for.
- A file that ran must stay as it is and where it is: sqlx compares its SHA-384.
- Files outside a transaction cannot set timeouts: the role that runs them must have no `lock_timeout` or `statement_timeout`
  of its own. A lock timeout leaves an invalid index behind.
- `sqlx migrate revert` takes one file back. The way back of a step that cannot be undone raises, and nothing changes.",
    mysql: Ok(OnMysql {
        command: r#"sqlx migrate run --source "$MIGRATIONS""#,
        how: "\
- `sqlx migrate run`. After a failure sqlx may say that a migration is partially applied: take its note out with
  `DELETE FROM _sqlx_migrations WHERE success = FALSE`, then run the same again: the file asks what is done already.
- One runner at a time. A file that ran must stay as it is and where it is: sqlx compares its SHA-384.
- `sqlx migrate revert` takes one file back. The way back of a step that cannot be undone stops, and nothing changes.",
        ran: "sqlx-cli 0.9.0 on MariaDB 10.11 and MySQL 9.7",
    }),
};

/// Nothing may stand before it.
const OUTSIDE: &str = "-- no-transaction\n";

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        let path = format!("{number}_{}", job.name(unit));
        let head = head(job, unit, Comment::Sql);
        let file = |outside: bool, statements: &[String]| {
            // On servers whose schema changes commit by themselves the transaction is none, but a failed note may go with it.
            let outside = outside && job.asks() == Asks::Block;
            format!("{}{}", if outside { OUTSIDE } else { "" }, sheet(&head, &script(statements)))
        };
        let up = file(matches!(unit.body, Body::Alone { .. }), &statements(unit, job.plan, job.history));
        let back = back_statements(unit, job.plan).unwrap_or_else(|| vec![NOTHING.to_owned()]);
        let down = file(matches!(unit.back, Back::Alone { .. }), &back);
        files.insert(format!("{path}.up.sql"), up);
        files.insert(format!("{path}.down.sql"), down);
    }
    Ok(files)
}
