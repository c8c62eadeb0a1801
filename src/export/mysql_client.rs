//! Files that the `mysql` and `mariadb` clients run, one per step: each asks whether its step is done, stops when it may not run, and
//! can be run again after any failure. No condition is known to the client: see [`super::prepared`].

use super::gate::gates_before;
use super::header::{comment, header};
use super::layout::{MARK, Placed, place, slug};
use super::prepared::{self, Prepared};
use super::{ExportError, ExportOptions, FileSet, FormatInfo, order};
use crate::plan::{Act, Check, Plan, Undo};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "mysql",
    title: "Numbered files for the mysql client",
    traits: &[
        "a file per step that asks whether it is done",
        "undo files",
        "needs nothing but the mysql or mariadb client",
    ],
    ran: "MariaDB's client 10.11",
};

pub(super) fn files(plan: &Plan, _options: &ExportOptions) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    let mut entries = Vec::new();
    for (position, placed) in place(plan).iter().enumerate() {
        let path = format!("{}/{}.sql", placed.folder(), placed.stem());
        files.insert(path.clone(), File::new(plan).step(placed, position, &path));
        let undo = undo(plan, placed).map(|(path, content)| {
            files.insert(path.clone(), content);
            path
        });
        entries.push(order::Entry { placed: *placed, file: path, undo });
    }
    files.insert("ORDER.md".to_owned(), order::page(plan, &entries, order::MYSQL));
    Ok(files)
}

/// Path and content of the way back; none where there is nothing to take back.
pub(super) fn undo(plan: &Plan, placed: &Placed<'_>) -> Option<(String, String)> {
    File::new(plan).undo(placed)
}

/// One file in the making.
struct File<'p> {
    plan: &'p Plan,
    out: String,
}

impl<'p> File<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self { plan, out: String::new() }
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    fn step(mut self, placed: &Placed<'_>, position: usize, path: &str) -> String {
        let (plan, step) = (self.plan, placed.step);
        header(&mut self.out, plan, placed);
        let confirmed = confirmation(plan, placed);
        let init =
            confirmed.map(|c| format!(" --init-command=\"SET @sidestep_confirmed = '{c}'\"")).unwrap_or_default();
        comment(&mut self.out, &format!("run: mysql{init} DATABASE < {path}"));
        self.preamble();
        let gates = gates_before(plan, position);
        match &step.act {
            Act::Sql { sql, timeouts, .. } | Act::Backfill { sql, timeouts, .. } => {
                self.ask(|p| {
                    p.ask_done(step.done_when.as_ref());
                    if let Some(past) = &step.superseded_by {
                        p.ask("@sidestep_past", &past.since);
                        let words =
                            format!("step {} is behind you, step {} has taken away what it makes", step.id, past.step);
                        p.stop_if("@sidestep_past AND NOT @sidestep_done", &words);
                    }
                    p.gates(&gates, true);
                });
                if let Undo::PointOfNoReturn { because } = &step.undo
                    && placed.folder() == "contract"
                {
                    comment(&mut self.out, &format!("no way back: {because}"));
                    self.confirm(&plan.id, &format!("step {} has no way back", step.id), true);
                }
                self.ask(|p| {
                    p.patience(*timeouts);
                    p.body(sql, step.tables.first());
                    if matches!(step.act, Act::Backfill { .. }) {
                        p.send("SELECT CONCAT('sidestep: ', @sidestep_rows, ' rows') AS sidestep");
                    }
                    p.prove(step.done_when.as_ref(), &step.id);
                });
                self.line(&format!("SELECT IF(@sidestep_done, 'step {0} is done already: nothing to do', 'step {0} is done') AS sidestep;", step.id));
            }
            Act::Verify { sql } => {
                self.ask(|p| p.gates(&gates, false));
                for (i, sql) in sql.iter().enumerate() {
                    let check = Check { sql: sql.clone(), expect: "true".to_owned() };
                    let words = format!("check {} of step {} does not answer true", i + 1, step.id);
                    self.ask(|p| p.stop_unless(&check, &words));
                }
                self.line(&format!("SELECT 'step {} holds' AS sidestep;", step.id));
            }
            Act::Wait { until, sql } => {
                comment(&mut self.out, &format!("wait until: {until}"));
                self.ask(|p| p.gates(&gates, false));
                for sql in sql {
                    let check = Check { sql: sql.clone(), expect: "true".to_owned() };
                    let words = format!("step {}: not yet, run this file again later", step.id);
                    self.ask(|p| p.stop_unless(&check, &words));
                }
                if sql.is_empty() {
                    self.confirm(&step.id, &format!("wait of step {}", step.id), false);
                }
            }
            Act::Deploy { release } => {
                let release = plan.release(release);
                comment(&mut self.out, &format!("deploy {}", release.map_or("", |r| r.title.as_str())));
                for line in release.iter().flat_map(|r| &r.instructions) {
                    comment(&mut self.out, &format!("  {line}"));
                }
                self.ask(|p| p.gates(&gates, false));
                self.confirm(&step.id, &format!("deploy of step {}", step.id), false);
            }
            Act::Approve { question } => {
                comment(&mut self.out, question);
                self.ask(|p| p.gates(&gates, false));
                self.confirm(&plan.id, &format!("approval of step {}", step.id), false);
            }
            Act::External { command, .. } => {
                comment(&mut self.out, "run outside the database:");
                for line in command.lines() {
                    comment(&mut self.out, &format!("  {line}"));
                }
                self.ask(|p| {
                    p.ask_done(step.done_when.as_ref());
                    p.gates(&gates, true);
                });
                self.confirm(&step.id, &format!("command of step {}", step.id), true);
                if let Some(check) = &step.done_when {
                    let words = format!("step {} is not done: run the command above", step.id);
                    self.ask(|p| p.stop_unless(check, &words));
                }
            }
        }
        self.out
    }

    fn undo(mut self, placed: &Placed<'_>) -> Option<(String, String)> {
        let (plan, step) = (self.plan, placed.step);
        let from_the_end = plan.steps().count() + 1 - placed.number;
        let path = format!(
            "undo/{from_the_end:0width$}_undo_{}_{}.sql",
            placed.digits(),
            slug(&step.title),
            width = placed.width
        );
        comment(&mut self.out, &format!("{MARK}{} · undo of step {} · {}", plan.id, step.id, step.title));
        match &step.undo {
            Undo::Nothing { .. } => return None,
            Undo::PointOfNoReturn { because } => {
                comment(&mut self.out, &format!("no way back: {because}"));
                self.preamble();
                self.ask(|p| {
                    p.ask_done(step.done_when.as_ref());
                    p.stop_if("@sidestep_done", &format!("step {} cannot be undone", step.id));
                });
            }
            Undo::Sql { sql, timeouts, because, .. } => {
                comment(&mut self.out, because);
                comment(&mut self.out, &format!("run: mysql DATABASE < {path}"));
                self.preamble();
                self.ask(|p| {
                    p.patience(*timeouts);
                    p.back(step.done_when.as_ref(), step.sql(), sql, step.tables.first());
                });
            }
        }
        Some((path, self.out))
    }

    /// Values that do not fit are refused, and nothing waits for a day.
    fn preamble(&mut self) {
        self.ask(|p| {
            p.send("SET NAMES utf8mb4");
            p.send(prepared::strict());
            p.send("SET SESSION lock_wait_timeout = 5");
        });
        self.out.push('\n');
    }

    /// What asks and stops, as the client sends it.
    fn ask(&mut self, asked: impl FnOnce(&mut Prepared<'p>)) {
        let mut all = Prepared::new(self.plan);
        asked(&mut all);
        self.out.push_str(&prepared::script(&all.sent()));
    }

    fn confirm(&mut self, value: &str, what: &str, done: bool) {
        let unless = if done { " AND NOT @sidestep_done" } else { "" };
        let condition = format!("COALESCE(@sidestep_confirmed, '') <> '{value}'{unless}");
        self.ask(|p| p.stop_if(&condition, &format!("{what}: not confirmed, see the line with run: above")));
    }
}

/// What `@sidestep_confirmed` has to be for the file to go on, if it asks for it.
pub(super) fn confirmation(plan: &Plan, placed: &Placed<'_>) -> Option<String> {
    let step = placed.step;
    match &step.act {
        Act::Approve { .. } => Some(plan.id.clone()),
        Act::Deploy { .. } | Act::External { .. } => Some(step.id.clone()),
        Act::Wait { sql, .. } if sql.is_empty() => Some(step.id.clone()),
        Act::Sql { .. } | Act::Backfill { .. }
            if placed.folder() == "contract" && matches!(step.undo, Undo::PointOfNoReturn { .. }) =>
        {
            Some(plan.id.clone())
        }
        _ => None,
    }
}
