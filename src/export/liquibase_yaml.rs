//! Liquibase's YAML: one file per stage, one change set per unit, one change per statement.

use super::changelog::{self, AUTHOR, MASTER};
use super::layout::MARK;
use super::tool::{Back, Body, BothWays, Comment, History, Job, Sends, Tool, both_ways, head, no_directive};
use super::{ExportError, FileSet, FormatInfo};
use crate::model::name::shown;
use std::fmt::Write;

pub(super) const INFO: FormatInfo =
    FormatInfo { name: "liquibase-yaml", title: "Liquibase, YAML", traits: &[], ran: "Liquibase 4.28.0" };

/// What is said of formatted SQL, but for the splitter: changes are statements here.
pub(super) const TOOL: Tool = Tool { sends: Sends::Statements, migrations, ..super::liquibase::TOOL };

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let name = format!("{}.yaml", changelog::stem(job));
    let mut text = String::new();
    for (i, unit) in job.stage.units.iter().enumerate() {
        let done = changelog::done(job, unit, false);
        let history = if done.is_some() { History::Same } else { job.history };
        let BothWays { outside, up, down } = both_ways(job, unit, history);
        no_directive(unit, &up, "Liquibase", changelog::expression)?;
        if !matches!(unit.back, Back::Refuse { .. }) {
            no_directive(unit, down.as_deref().unwrap_or_default(), "Liquibase", changelog::expression)?;
        }
        if i == 0 {
            let _ = writeln!(text, "# {MARK}{} · stage {}\ndatabaseChangeLog:", job.plan.id, job.stage.name);
        }
        // Its first line is for languages that look for an encoding.
        text.extend(head(job, unit, Comment::Hash).lines().skip(1).map(|line| format!("  {line}\n")));
        let _ = writeln!(text, "  - changeSet:\n      id: {}\n      author: {AUTHOR}", job.name(unit));
        let dbms = changelog::dbms(job);
        let _ = writeln!(text, "      dbms: {dbms}\n      labels: \"sidestep,{}\"", job.stage.name);
        let title = changelog::inert(&shown(&unit.placed.step.title));
        let _ = writeln!(text, "      comment: {}", quoted(&title));
        if outside {
            text.push_str("      runInTransaction: false\n");
        }
        if let Some(done) = done {
            text.push_str(
                "      preConditions:\n        - onFail: MARK_RAN\n        - onError: HALT\n        - sqlCheck:\n",
            );
            let _ = writeln!(text, "            expectedResult: \"0\"\n            sql: {}", scalar(&done, 12));
        }
        let (set, reset) = match &unit.body {
            Body::Alone { frame, .. } => frame.around(),
            Body::Atomic { .. } => Default::default(),
        };
        text.push_str("      changes:\n");
        set.iter().chain(&up).chain(&reset).filter(|sql| !sql.is_empty()).for_each(|sql| change(&mut text, sql));
        match (&unit.back, down) {
            // Without a rollback Liquibase refuses to go back.
            (Back::Refuse { .. }, _) => {}
            (_, None) => text.push_str("      rollback: []\n"),
            (_, Some(down)) => {
                text.push_str("      rollback:\n");
                down.iter().for_each(|sql| change(&mut text, sql));
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

fn change(text: &mut String, sql: &str) {
    let _ = writeln!(
        text,
        "        - sql:\n            splitStatements: false\n            stripComments: false\n            sql: {}",
        scalar(sql, 12)
    );
}

/// A YAML scalar behind a key that stands at `indent`: as it is where YAML keeps it so, else quoted.
fn scalar(text: &str, indent: usize) -> String {
    let plain = |c: char| c == '\n' || !(c.is_control() || odd(c));
    if text.is_empty() || text.ends_with([' ', '\n']) || !text.chars().all(plain) {
        return quoted(text);
    }
    let mut out = "|2-".to_owned();
    for line in text.lines() {
        let _ = match line.is_empty() {
            true => writeln!(out),
            false => write!(out, "\n{:indent$}{line}", "", indent = indent + 2),
        };
    }
    out
}

fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let escape = |c: char| match c {
        c if c.is_control() || odd(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    json.chars().map(escape).collect()
}

/// YAML would break a line here, or drop it.
fn odd(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_every_character() {
        assert_eq!(scalar("a: 'b'\n\n  # c", 2), "|2-\n    a: 'b'\n\n      # c");
        assert_eq!(scalar("a\r\n\u{2028}\"\\", 2), "\"a\\r\\n\\u2028\\\"\\\\\"");
        assert_eq!(scalar("", 2), "\"\"");
    }
}
