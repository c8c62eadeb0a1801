//! dbmate: one file for both ways, cut at its `migrate:` lines. Each half is sent as one query, inside a transaction unless its
//! line says otherwise.

use super::tool::{
    Back, Body, Comment, Down, FIRST_STAMP, History, Job, NOTHING, Numbering, OnMysql, Sends, Tool, back_statements,
    commented, head, no_directive, no_settings, script, statements,
};
use super::{ExportError, FileSet, FormatInfo};

pub(super) const INFO: FormatInfo = FormatInfo { name: "dbmate", title: "dbmate", traits: &[], ran: "dbmate 2.36.0" };

pub(super) const TOOL: Tool = Tool {
    sends: Sends::OneQuery,
    history: History::Same,
    down: Down::Native,
    folder: "db/migrations",
    // It compares versions as text.
    numbering: Numbering::Sequence { width: 14, from: FIRST_STAMP },
    shared: &[],
    migrations,
    settings: no_settings,
    command: r#"dbmate --no-dump-schema --migrations-dir "$MIGRATIONS" up"#,
    how: "\
- `dbmate up`, and after a failure `dbmate up` again: every file may be run again. It prints `Applied` before the error.
- One runner at a time: dbmate takes no lock. `dbmate --no-dump-schema up` where no `pg_dump` of the server's version is at hand.
- Files outside a transaction cannot set timeouts: the role that runs them must have no `lock_timeout` or `statement_timeout`
  of its own. A lock timeout leaves an invalid index behind.
- `dbmate rollback` takes one file back. The way back of a step that cannot be undone raises, and nothing changes.",
    mysql: Ok(OnMysql {
        command: r#"dbmate --no-dump-schema --migrations-dir "$MIGRATIONS" up"#,
        how: "\
- `dbmate up`, and after a failure `dbmate up` again. dbmate sends a file as one packet of several statements, and sets
  `multiStatements` for that by itself.
- One runner at a time: dbmate takes no lock. `dbmate --no-dump-schema up` where no `mysqldump` is at hand.
- `dbmate rollback` takes one file back. The way back of a step that cannot be undone stops, and nothing changes.",
        ran: "dbmate 2.36.0 on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        let up = statements(unit, job.plan, job.history);
        let down = back_statements(unit, job.plan).unwrap_or_else(|| vec![NOTHING.to_owned()]);
        no_directive(unit, &up, "dbmate", directive)?;
        no_directive(unit, &down, "dbmate", directive)?;
        let outside = |is: bool| if is { " transaction:false" } else { "" };
        let content = format!(
            "{}\n-- migrate:up{}\n{}\n-- migrate:down{}\n{}",
            head(job, unit, Comment::Sql),
            outside(matches!(unit.body, Body::Alone { .. })),
            script(&up),
            outside(matches!(unit.back, Back::Alone { .. })),
            script(&down)
        );
        files.insert(format!("{number}_{}.sql", job.name(unit)), content);
    }
    Ok(files)
}

fn directive(line: &str) -> bool {
    line.trim_start().starts_with("migrate:") || commented(line).is_some_and(|text| text.starts_with("migrate:"))
}
