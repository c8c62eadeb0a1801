//! goose: one file for both ways, split at semicolons that end a line; `StatementBegin` holds together what has more of them.

use super::tool::{
    Body, BothWays, Comment, Down, FIRST_STAMP, History, Job, NOTHING, Numbering, OnMysql, Sends, Tool, both_ways,
    commented, head, no_directive, no_settings,
};
use super::{ExportError, FileSet, FormatInfo};
use crate::engine::emit::speech::Asks;
use std::fmt::Write;

pub(super) const INFO: FormatInfo =
    FormatInfo { name: "goose", title: "goose", traits: &[], ran: "not run: files held against goose 3.27's parser" };

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Sequence { width: 5, from: FIRST_STAMP },
    shared: &[],
    migrations,
    settings: no_settings,
    command: r#"goose -dir "$MIGRATIONS" postgres "$DATABASE_URL" up"#,
    how: "\
- `goose up`, and after a failure `goose up` again: every file may be run again.
- One runner at a time: goose takes no lock, and two of them run the same file.
- `goose down` takes one file back. The way back of a step that cannot be undone raises, and nothing changes.",
    mysql: Ok(OnMysql {
        command: r#"goose -dir "$MIGRATIONS" mysql "$MYSQL_USER:$MYSQL_PWD@tcp($MYSQL_HOST:${MYSQL_TCP_PORT:-3306})/$MYSQL_DATABASE?parseTime=true" up"#,
        how: "\
- `goose up`, and after a failure `goose up` again. `parseTime=true` stands in the database URL, as goose asks for.
- Leave goose's transaction on: it keeps a file's statements on one connection, and changes nothing else here.
- One runner at a time: goose takes no lock, and two of them run the same file.
- `goose down` takes one file back. The way back of a step that cannot be undone stops, and nothing changes.",
        ran: "not run: files sent as goose 3.27's parser cuts them",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        // The switch is for both ways.
        let BothWays { outside, up, down } = both_ways(job, unit, job.history);
        let down = down.unwrap_or_else(|| vec![NOTHING.to_owned()]);
        let up = match &unit.body {
            Body::Alone { frame, .. } => {
                let (set, reset) = frame.around();
                set.into_iter().chain(up).chain(reset).collect()
            }
            Body::Atomic { .. } => up,
        };
        no_directive(unit, &up, "goose", directive)?;
        no_directive(unit, &down, "goose", directive)?;
        // A transaction around schema changes that commit by themselves does nothing, but it keeps to one connection.
        let switch = if outside && job.asks() == Asks::Block { "-- +goose NO TRANSACTION\n" } else { "" };
        let content = format!(
            "{switch}{}\n-- +goose Up\n{}\n-- +goose Down\n{}",
            head(job, unit, Comment::Sql),
            whole(&up),
            whole(&down)
        );
        files.insert(format!("{number}_{}.sql", job.name(unit)), content);
    }
    Ok(files)
}

/// Each statement sent as it stands here. A line that ends in a semicolon, or begins as a comment, would cut it.
fn whole(statements: &[String]) -> String {
    let mut out = String::new();
    for sql in statements {
        let simple = sql.lines().count() == 1 && !sql.contains(';') && !sql.contains("--");
        let _ = match simple {
            true => writeln!(out, "{sql};"),
            false => writeln!(out, "-- +goose StatementBegin\n{sql}\n;\n-- +goose StatementEnd"),
        };
    }
    out
}

fn directive(line: &str) -> bool {
    commented(line).is_some_and(|text| text.starts_with("+goose"))
}
