//! diesel: a folder per migration with `up.sql` and `down.sql`, each sent as one query; `metadata.toml` switches the transaction
//! off for both.

use super::layout::MARK;
use super::tool::{
    Comment, Down, History, Job, NOTHING, Numbering, OnMysql, Sends, Tool, back_statements, head, no_settings, script,
    sheet, statements,
};
use super::{ExportError, FileSet, FormatInfo};

pub(super) const INFO: FormatInfo =
    FormatInfo { name: "diesel", title: "diesel", traits: &[], ran: "diesel_cli 2.3.14" };

pub(super) const TOOL: Tool = Tool {
    sends: Sends::OneQuery,
    history: History::Same,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Diesel,
    shared: &[],
    migrations,
    settings: no_settings,
    command: r#"diesel migration run --migration-dir "$MIGRATIONS""#,
    how: "\
- `diesel migration run`, and after a failure the same again: every file may be run again.
- One runner at a time: diesel takes no lock, and two of them run the same migration.
- Migrations outside a transaction cannot set timeouts: the role that runs them must have no `lock_timeout` or
  `statement_timeout` of its own. A lock timeout leaves an invalid index behind.
- `diesel migration revert` takes one back. The way back of a step that cannot be undone raises, and nothing changes.
- `diesel migration redo` is not for production: it takes back what running releases use.",
    mysql: Ok(OnMysql {
        command: r#"diesel migration run --migration-dir "$MIGRATIONS""#,
        how: "\
- `diesel migration run`, and after a failure the same again.
- One runner at a time: diesel takes no lock, and two of them run the same migration.
- `diesel migration revert` takes one back. The way back of a step that cannot be undone stops, and nothing changes.
- `diesel migration redo` is not for production: it takes back what running releases use.",
        ran: "diesel_cli 2.3.14 on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        let path = format!("{number}_{}", job.name(unit));
        let head = head(job, unit, Comment::Sql);
        let outside = unit.outside();
        // One query is one transaction, also where diesel opens none; but then it notes apart that it ran.
        let history = if outside { History::Apart } else { job.history };
        let back = back_statements(unit, job.plan).unwrap_or_else(|| vec![NOTHING.to_owned()]);
        files.insert(format!("{path}/up.sql"), sheet(&head, &script(&statements(unit, job.plan, history))));
        files.insert(format!("{path}/down.sql"), sheet(&head, &script(&back)));
        if outside {
            let text = format!("# {MARK}{}\nrun_in_transaction = false\n", job.plan.id);
            files.insert(format!("{path}/metadata.toml"), text);
        }
    }
    Ok(files)
}
