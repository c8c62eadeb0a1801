//! Sqitch: a plan file, and scripts that psql runs one by one. The plan file is continued; what stands in it stays as it is,
//! because a change is known by the hash of its line.

use super::gate::{holds, stops_unless};
use super::layout::{MARK, slug};
use super::tool::{
    Back, Body, Comment, Down, History, Job, NOTHING, Numbering, OnMysql, Sends, Tool, Unit, back_statements, head,
    script, statements,
};
use super::{ExportError, FileSet, FormatInfo, prepared};
use crate::engine::dialect;
use crate::engine::emit::speech::Asks;
use crate::model::name::shown;
use crate::plan::{Act, Check, Plan};
use std::collections::BTreeSet;
use std::fmt::Write;

pub(super) const INFO: FormatInfo =
    FormatInfo { name: "sqitch", title: "Sqitch", traits: &["a tag before each gate"], ran: "Sqitch 1.3.1" };

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Apart,
    down: Down::Native,
    folder: "sqitch",
    numbering: Numbering::Chain,
    shared: &[PLAN],
    migrations,
    settings,
    command: "sqitch deploy --mode change db:pg:",
    how: "\
- `sqitch deploy --mode change`, or `mode = change` in `sqitch.conf` (it stands here to be merged): the default mode `all`
  takes back every change of the run when one fails, and with them columns and backfilled values.
- After a failure `sqitch deploy` again: every script may be run again.
- One runner at a time: a second one that waits for Sqitch's lock holds a snapshot that a concurrent build waits for.
- A tag stands behind each stage: `sqitch deploy --to @TAG`, `sqitch revert --to @TAG`.
- `sqitch.plan` is continued at its end. After a merge that moved its lines: export again.",
    mysql: Ok(OnMysql {
        command: "sqitch deploy --mode change db:mysql:",
        how: "\
- `sqitch deploy --mode change`, or `mode = change` in `sqitch.conf` (it stands here to be merged): the default mode `all`
  takes back every change of the run when one fails, and with them columns and backfilled values.
- After a failure `sqitch deploy` again. Each script is run by the mysql client, in a session of its own.
- One runner at a time. A tag stands behind each stage: `sqitch deploy --to @TAG`, `sqitch revert --to @TAG`.
- `sqitch.plan` is continued at its end. After a merge that moved its lines: export again.",
        ran: "Sqitch 1.3.1 on MariaDB 10.11 and MySQL 9.7",
    }),
};

const PLAN: &str = "sqitch.plan";
const PLANNER: &str = "sidestep <sidestep@localhost>";

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    let mut names = Vec::new();
    for unit in &job.stage.units {
        let name = job.name(unit);
        let head = head(job, unit, Comment::Sql);
        for (folder, body) in
            [("deploy", deploy(job, unit)), ("revert", revert(job, unit)), ("verify", verify(job, unit))]
        {
            files.insert(format!("{folder}/{name}.sql"), format!("{head}\n{body}"));
        }
        names.push((name, unit));
    }
    files.insert(PLAN.to_owned(), continued(job, &names)?);
    Ok(files)
}

/// psql sends what stands outside BEGIN and COMMIT statement by statement; each script has a session of its own.
fn deploy(job: &Job<'_>, unit: &Unit<'_>) -> String {
    let sent = statements(unit, job.plan, job.history);
    if job.asks() == Asks::Prepared {
        return client(&sent);
    }
    let sent = script(&sent);
    match &unit.body {
        Body::Atomic { .. } => format!("BEGIN;\n{sent}COMMIT;\n"),
        Body::Alone { frame, .. } => format!("{}{sent}", script(&frame.around().0)),
    }
}

/// For the mysql client, which speaks the character set of its machine unless it is told another.
fn client(sent: &[String]) -> String {
    format!("SET NAMES utf8mb4;\n{}", prepared::script(sent))
}

fn revert(job: &Job<'_>, unit: &Unit<'_>) -> String {
    let sent = back_statements(unit, job.plan);
    if let (Some(sent), Asks::Prepared) = (&sent, job.asks()) {
        return client(sent);
    }
    let sent = sent.map(|s| script(&s));
    match (&unit.back, sent) {
        (Back::Atomic { .. }, Some(sent)) => format!("BEGIN;\n{sent}COMMIT;\n"),
        (_, Some(sent)) => sent,
        (_, None) => format!("{NOTHING};\n"),
    }
}

/// Holds from now on: also when a later step has rightly taken away what this one made. A backfill's own check reads the whole
/// table and may become untrue with the next release: the step behind it asks in time.
fn verify(job: &Job<'_>, unit: &Unit<'_>) -> String {
    let engine = job.plan.server.engine;
    let dialect = dialect(engine);
    let step = unit.placed.step;
    let (Some(done), Act::Sql { .. }) = (&step.done_when, &step.act) else {
        return "SELECT 'nothing to verify';\n".to_owned();
    };
    let past = step.superseded_by.as_ref().map(|past| format!("\n OR {}", holds(&past.since, dialect)));
    let sql = dialect.speech().answer(&format!("{}{}", holds(done, dialect), past.unwrap_or_default()));
    let check = Check { sql, expect: "true".to_owned() };
    script(&stops_unless(&check, &format!("step {} is not done", step.id), job.plan))
}

/// The plan file with the changes of this stage at its end, unless they stand in it already.
fn continued(job: &Job<'_>, names: &[(String, &Unit<'_>)]) -> Result<String, ExportError> {
    let mut text = match job.present.get(PLAN) {
        Some(text) => without(&text.replace("\r\n", "\n"), &job.options.gone),
        None => format!("%syntax-version=1.0.0\n%project={}\n\n", slug(&job.plan.database)),
    };
    let lines = read(&text)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let stamps: Vec<String> = lines.iter().map(|line| line.stamp.clone()).collect();
    let first = Numbering::Stamp.after(stamps.iter().map(String::as_str));
    let own = prefix(job.plan);
    let mut before = lines.iter().rev().find(|l| !l.tag && l.name.starts_with(&own)).map(|l| l.name.clone());
    let mut added = 0;
    for (name, unit) in names {
        if lines.iter().any(|line| !line.tag && line.name == *name) {
            continue;
        }
        let requires = before.map(|name| format!(" [{name}]")).unwrap_or_default();
        let note = shown(&unit.placed.step.title).replace('\\', "\\\\");
        let _ = writeln!(text, "{name}{requires} {} {PLANNER} # {note}", stamp(first, added));
        before = Some(name.clone());
        added += 1;
    }
    let tag = format!("{own}{}", job.stage.name);
    if added > 0 && !lines.iter().any(|line| line.tag && line.name == tag) {
        let _ = writeln!(text, "@{tag} {} {PLANNER} # end of stage {}", stamp(first, added), job.stage.name);
    }
    Ok(text)
}

/// `pe12d0c_`: what the names of all changes of a plan begin with.
fn prefix(plan: &Plan) -> String {
    format!("p{}_", plan.id.chars().take(6).collect::<String>())
}

/// `2026-01-01T00:00:01Z`.
fn stamp(first: u64, nth: usize) -> String {
    let digits = Numbering::Stamp.spell(first, nth);
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        out.push_str(match i {
            4 | 6 => "-",
            8 => "T",
            10 | 12 => ":",
            _ => "",
        });
        out.push(c);
    }
    out + "Z"
}

struct Line {
    tag: bool,
    name: String,
    /// Fourteen digits.
    stamp: String,
}

/// Changes and tags of a plan file.
fn read(text: &str) -> Result<Vec<Line>, ExportError> {
    let foreign = |because: String| ExportError::Foreign { path: PLAN.to_owned(), because };
    if !text.lines().any(|line| line.trim_start().starts_with('%') && line.contains("project")) {
        return Err(foreign("it has no `%project` line: run `sqitch init`, or mend it".to_owned()));
    }
    let mut lines = Vec::new();
    for line in text.lines() {
        let bare = line.split('#').next().unwrap_or_default().trim();
        if bare.is_empty() || bare.starts_with('%') {
            continue;
        }
        let Some(stamp) = bare.split_whitespace().find_map(digits) else {
            return Err(foreign(format!("its line `{}` is neither a change nor a tag: mend it", shown(line))));
        };
        let name = bare.split_whitespace().next().unwrap_or_default().trim_start_matches('+');
        lines.push(Line { tag: name.starts_with('@'), name: name.trim_start_matches('@').to_owned(), stamp });
    }
    Ok(lines)
}

/// The digits of `2026-01-01T00:00:01Z`.
fn digits(word: &str) -> Option<String> {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let shape = word.len() == 20 && word.ends_with('Z') && word.get(10..11) == Some("T");
    (shape && digits.len() == 14).then_some(digits)
}

/// Without the changes whose scripts make room, and their tags.
fn without(text: &str, gone: &BTreeSet<String>) -> String {
    let names: BTreeSet<&str> =
        gone.iter().filter_map(|path| path.strip_prefix("deploy/")?.strip_suffix(".sql")).collect();
    let plans: BTreeSet<&str> = names.iter().filter_map(|name| name.split_once('_')).map(|(plan, _)| plan).collect();
    let kept = text.lines().filter(|line| {
        let name = line.split_whitespace().next().unwrap_or_default();
        let tag = name.strip_prefix('@').and_then(|tag| tag.split_once('_'));
        !names.contains(name) && !tag.is_some_and(|(plan, _)| plans.contains(plan))
    });
    kept.map(|line| format!("{line}\n")).collect()
}

fn settings(job: &Job<'_>) -> FileSet {
    let engine = if job.asks() == Asks::Prepared { "mysql" } else { "pg" };
    let text = format!(
        "# {MARK}{}\n# Merge these settings into your own configuration.\n[core]\n\tengine = {engine}\n\ttop_dir = sqitch\n\
         [deploy]\n\t# The default takes every change of a run back when one fails.\n\tmode = change\n\tverify = true\n",
        job.plan.id
    );
    FileSet::from([("sqitch.conf".to_owned(), text)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "%syntax-version=1.0.0\n%project=shop\n\nusers 2026-03-01T09:30:00Z A B <a@b> # x: [y]\n\
        @v1 2026-03-01T09:30:59Z A B <a@b> # tag\npabcdef_01_x [users] 2026-03-02T00:00:00Z s <s@l> # own\n\
        @pabcdef_expand 2026-03-02T00:00:01Z s <s@l>\nlate [@v1] 2026-03-01T00:00:00Z A B <a@b>\n";

    #[test]
    fn a_plan_file_is_read() {
        let lines = read(TEXT).unwrap();
        let names: Vec<_> = lines.iter().map(|l| (l.tag, l.name.as_str())).collect();
        assert_eq!(
            names,
            [(false, "users"), (true, "v1"), (false, "pabcdef_01_x"), (true, "pabcdef_expand"), (false, "late")]
        );
        let next = Numbering::Stamp.after(lines.iter().map(|l| l.stamp.as_str()));
        assert_eq!(stamp(next, 58), "2026-03-02T00:01:00Z");
        for odd in ["", "%project=x\n\n<<<<<<< ours\n", "%project=x\n\nusers\n"] {
            assert!(matches!(read(odd), Err(ExportError::Foreign { .. })), "{odd}");
        }
    }

    #[test]
    fn what_is_replaced_leaves_the_plan_file() {
        let gone = BTreeSet::from(["deploy/pabcdef_01_x.sql".to_owned(), "revert/pabcdef_01_x.sql".to_owned()]);
        let left = without(TEXT, &gone);
        assert!(!left.contains("pabcdef") && left.contains("late") && left.contains("@v1"), "{left}");
        assert_eq!(without(TEXT, &BTreeSet::new()), TEXT);
    }
}
