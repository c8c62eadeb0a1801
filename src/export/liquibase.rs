//! Liquibase's formatted SQL: one file per stage, one changeset per unit, each sent as it stands. Liquibase's own splitter takes
//! quoted bodies apart, so it is switched off.

use super::changelog::{self, AUTHOR, MASTER};
use super::layout::MARK;
use super::tool::{
    Back, BothWays, Comment, Down, History, Job, Numbering, OnMysql, Sends, Tool, Unit, both_ways, head, no_directive,
    no_settings, script,
};
use super::{ExportError, FileSet, FormatInfo};
use crate::engine::emit::speech::Asks;
use std::fmt::Write;

pub(super) const INFO: FormatInfo =
    FormatInfo { name: "liquibase", title: "Liquibase, formatted SQL", traits: &[], ran: "Liquibase 4.28.0" };

pub(super) const TOOL: Tool = Tool {
    sends: Sends::OneQuery,
    history: History::Apart,
    down: Down::Native,
    folder: "changelog",
    numbering: Numbering::Sequence { width: 3, from: 1 },
    shared: &[MASTER],
    migrations,
    settings: no_settings,
    command: r#"liquibase --url="jdbc:postgresql://$PGHOST:${PGPORT:-5432}/$PGDATABASE" --username="$PGUSER" --password="$PGPASSWORD" update"#,
    how: "\
- `liquibase update`, and after a failure the same again: every changeset may be run again. After the tool was killed:
  `liquibase release-locks` first.
- One runner at a time. Labels name the stage, but they are no gate: a run without a label filter runs everything it sees.
- A changeset is known by its path: files stay where they are. `db.changelog-master.yaml` includes one file per stage; if your
  master is another file, include them there, with `relativeToChangelogFile`.
- `liquibase rollback-count 1` takes one changeset back. A step that cannot be undone has no rollback, so Liquibase refuses.
- What an earlier run has done without a note of it is marked as ran (`MARK_RAN`).",
    mysql: Ok(OnMysql {
        command: r#"liquibase --url="jdbc:mariadb://$MYSQL_HOST:${MYSQL_TCP_PORT:-3306}/$MYSQL_DATABASE" --username="$MYSQL_USER" --password="$MYSQL_PWD" update"#,
        how: "\
- `liquibase update`, and after a failure the same again. After the tool was killed: `liquibase release-locks` first.
- `jdbc:mariadb://…` serves both: MariaDB's driver comes with Liquibase, MySQL's does not. On MySQL it asks for
  `allowPublicKeyRetrieval=true` or TLS.
- One runner at a time. Labels name the stage, but they are no gate: a run without a label filter runs everything it sees.
- A changeset is known by its path: files stay where they are. `db.changelog-master.yaml` includes one file per stage; if your
  master is another file, include them there, with `relativeToChangelogFile`.
- `liquibase rollback-count 1` takes one changeset back. A step that cannot be undone has no rollback, so Liquibase refuses.",
        ran: "Liquibase 4.28.0 on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let name = format!("{}.sql", changelog::stem(job));
    let mut text = format!("--liquibase formatted sql\n-- {MARK}{} · stage {}\n", job.plan.id, job.stage.name);
    for unit in &job.stage.units {
        let done = changelog::done(job, unit, true);
        // A changeset that Liquibase can ask about needs no question inside.
        let history = if done.is_some() { History::Same } else { job.history };
        let BothWays { outside, up, down } = both_ways(job, unit, history);
        let down = down.unwrap_or_default();
        no_directive(unit, &up, "Liquibase", directive)?;
        if !matches!(unit.back, Back::Refuse { .. }) {
            no_directive(unit, &down, "Liquibase", directive)?;
        }
        let transaction = if outside { " runInTransaction:false" } else { "" };
        let written = Written::of(job);
        written.sound(unit, up.iter().chain(&down))?;
        let _ = writeln!(
            text,
            "\n--changeset {AUTHOR}:{} dbms:{} labels:sidestep,{}{transaction} {}",
            job.name(unit),
            changelog::dbms(job),
            job.stage.name,
            written.cut()
        );
        if let Some(done) = done {
            let _ = writeln!(
                text,
                "--preconditions onFail:MARK_RAN onError:HALT\n--precondition-sql-check expectedResult:0 {done}"
            );
        }
        text.push_str(&changelog::inert(&head(job, unit, Comment::Sql)));
        text.push_str(&written.script(&up));
        match &unit.back {
            Back::Nothing => text.push_str("--rollback empty\n"),
            // Without a rollback Liquibase refuses to go back.
            Back::Refuse { .. } => {}
            Back::Atomic { .. } | Back::Alone { .. } => {
                for line in written.script(&down).lines() {
                    let _ = writeln!(text, "--rollback {line}");
                }
            }
        }
    }
    let mut files = FileSet::new();
    if let Some(master) = changelog::master(job, &name)? {
        files.insert(MASTER.to_owned(), master);
    }
    files.insert(name, text);
    Ok(files)
}

/// How the statements of a changeset are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// Not at all: it is one query.
    Whole,
    /// By a line of slashes, since a driver takes one statement a call.
    Slashes,
}

impl Written {
    fn of(job: &Job<'_>) -> Self {
        if job.asks() == Asks::Prepared { Self::Slashes } else { Self::Whole }
    }
    fn cut(self) -> &'static str {
        match self {
            Self::Whole => "splitStatements:false stripComments:false rollbackSplitStatements:false",
            Self::Slashes => "endDelimiter:// stripComments:false rollbackEndDelimiter://",
        }
    }
    fn script(self, statements: &[String]) -> String {
        match self {
            Self::Whole => script(statements),
            Self::Slashes => statements.iter().map(|sql| format!("{sql}\n//\n")).collect(),
        }
    }
    /// Liquibase's splitter does not see where a text ends whose last character is a backslash, nor slashes outside of texts.
    fn sound<'s>(self, unit: &Unit<'_>, mut sent: impl Iterator<Item = &'s String>) -> Result<(), ExportError> {
        if self == Self::Slashes && sent.any(|sql| sql.contains("\\'") || sql.contains("//")) {
            return Err(ExportError::Unsendable {
                step: unit.placed.step.id.clone(),
                because: "Liquibase would cut it at `//` or behind a backslash: choose the format `liquibase-yaml`"
                    .to_owned(),
            });
        }
        Ok(())
    }
}

/// What Liquibase reads at the head of a line, with one dash or more.
fn directive(line: &str) -> bool {
    let line = line.trim_start().to_ascii_lowercase();
    let words =
        ["changeset", "rollback", "precondition", "property", "comment", "validchecksum", "ignore", "liquibase"];
    let text = line.trim_start_matches('-').trim_start();
    (line.starts_with('-') && words.iter().any(|word| text.starts_with(word)))
        || (line.starts_with("/*") && line.contains("liquibase"))
        || changelog::expression(&line)
}
