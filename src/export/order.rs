//! `ORDER.md`: the files in the order they are run, with the deploys and approvals between them.

use super::layout::{MARK, Placed};
use super::manifest::StageRecord;
use super::markdown::{block, cell, code, inline};
use super::tool::{self, Sends, Stage, Tool};
use crate::engine::emit::speech::Asks;
use crate::plan::{About, Act, Plan, Undo};
use std::fmt::Write;

pub(super) struct Entry<'p> {
    pub placed: Placed<'p>,
    pub file: String,
    pub undo: Option<String>,
}

/// How one tool's files are run.
pub(super) const PSQL: &str = "\
Run the files one by one, in the order of their numbers, `expand/` and `contract/` together:

```console
psql -X -f expand/01_….sql
```

- psql 11 or later; the server may be older. Connection as always: `PGHOST`, `PGSERVICE`, or a URL after `-X`.
- Each file asks the database first whether its step is done. After a failure run the same file again.
  Leave the files of earlier steps alone: a later step may rightly have taken back what they made. Where that can be
  asked of the database, the file says so and does nothing.
- Each file stops when the step before it is not done, and says which.
- A deploy, a wait or a command outside the database is a file too: it stops until it is run with `-v confirmed=STEP`.
- An approval, and every step without a way back, stops until it is run with `-v approved=HASH` of this plan.
- Never use `psql -1` or `psql -c`: they wrap everything into one transaction.
- Going back: the files of `undo/` in the order of their numbers, beginning with the last step that was begun.
  Each asks whether its step is done; running one twice does no harm.
";

pub(super) const MYSQL: &str = "\
Run the files one by one, in the order of their numbers, `expand/` and `contract/` together:

```console
mysql DATABASE < expand/01_….sql
```

- The `mysql` client or `mariadb`; host, user and password from an option file (`--defaults-extra-file=FILE`), never on the command line.
- The database is named once, on the command line: the files hold no name of it, and may run in databases of other names.
- No DDL of this server can be rolled back, and each commits what is open. So a step is a file, and each asks the database first
  whether it is done. After a failure run the same file again. Leave the files of earlier steps alone.
- Each file stops when the step before it is not done. A stop is an error 1064 whose text ends with the reason: `near 'sidestep: …'`.
- A deploy, a wait or a command outside the database is a file too: it stops until it is run with
  `--init-command=\"SET @sidestep_confirmed = 'STEP'\"`.
- An approval, and every step without a way back, stops until the same variable is the HASH of this plan.
- Going back: the files of `undo/` in the order of their numbers, beginning with the last step that was begun.
";

/// How one migration tool runs the stages.
pub(super) fn stages(stages: &[Stage<'_>], records: &[StageRecord], tool: &Tool, plan: &Plan) -> String {
    let mut out = format!("{}\n\n", tool.how(plan).trim_end());
    if tool.sends == Sends::Wishes {
        return out;
    }
    if tool::asks(plan) == Asks::Prepared {
        out.push_str(
            "On this server every statement commits by itself, whatever the tool puts around it: so a step is a file, and each file asks\n\
             the database first whether its step is done. After a failure it may be run again. A stop is an error 1064 whose text ends\n\
             with the reason: `near 'sidestep: …'`. Answers stand in variables of the session, and lock timeouts are the session's: what is\n\
             in one file is sent on one connection, and sets back what it has set.\n\n",
        );
    }
    out.push_str(
        "The tool runs everything in its folder. What has to wait stands beside it, in a folder per stage, and is moved in by\n\
         `sidestep promote DIR` (this directory) when its time has come: only then does it get its numbers. Each stage begins by\n\
         asking the database whether the steps before it are done.\n\n",
    );
    for (stage, record) in stages.iter().zip(records) {
        let there = if record.first.is_some() { ", in the tool's folder" } else { "" };
        let when = stage.when().map_or_else(|| "first".to_owned(), |when| format!("when {when}"));
        let _ = writeln!(out, "1. `{}`{there}: {when}", stage.name);
    }
    out
}

pub(super) fn page(plan: &Plan, entries: &[Entry<'_>], how: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# {}\n\n{MARK}{}, for {}\n\n{how}",
        inline(&plan.title),
        plan.id,
        inline(&plan.server.to_string())
    );
    let data: Vec<_> = plan.preflight.iter().filter(|q| q.about == About::Data).collect();
    if !data.is_empty() {
        out.push_str("Before the first file, on a replica if there is one: rows that would make a step fail.\n\n");
        for query in data {
            let _ = writeln!(out, "{}. Good: {}.\n", inline(&query.title), inline(&query.good));
            out.push_str(&block("sql", &format!("{};", query.sql)));
            out.push('\n');
        }
    }
    if entries.is_empty() {
        return out;
    }
    out.push_str("| # | step | what | file | blocks traffic | takes | undo |\n|--:|---|---|---|---|---|---|\n");
    for Entry { placed, file, undo } in entries {
        let step = placed.step;
        let what = match &step.act {
            Act::Deploy { release } => format!("**{}** · deploy {release}", cell(&step.title)),
            Act::Approve { .. } => format!("**{}** · approval", cell(&step.title)),
            Act::External { .. } => format!("**{}** · outside the database", cell(&step.title)),
            _ => cell(&step.title),
        };
        let (blocked, wall) = if step.changes_database() {
            (step.blocked.to_string(), step.wall.to_string())
        } else {
            ("–".to_owned(), "–".to_owned())
        };
        let undo = match (&step.undo, undo.as_deref()) {
            (Undo::PointOfNoReturn { .. }, _) if step.changes_database() => "**no way back**".to_owned(),
            (_, Some(file)) => code(file),
            (_, None) => "nothing to undo".to_owned(),
        };
        let file = if file.is_empty() { "–".to_owned() } else { code(file) };
        let _ = writeln!(out, "| {} | {} | {what} | {file} | {blocked} | {wall} | {undo} |", placed.number, step.id);
    }
    out
}
