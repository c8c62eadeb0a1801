//! Files that the `mysql` and `mariadb` clients run, one per step: each asks whether its step is done, stops when it may not run, and
//! can be run again after any failure. No condition is known to the client: a statement is prepared from the text that is to
//! run, from `DO 0` where there is nothing to do, or from the words of a refusal, which the server then quotes in its error.

use super::gate::{Gate, gates_before};
use super::header::{comment, header};
use super::layout::{MARK, Placed, place, slug};
use super::{ExportError, ExportOptions, FileSet, FormatInfo, order};
use crate::engine::dialect;
use crate::plan::{Act, Check, Plan, Timeouts, Undo};
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
        let undo = File::new(plan).undo(placed).map(|(path, content)| {
            files.insert(path.clone(), content);
            path
        });
        entries.push(order::Entry { placed: *placed, file: path, undo });
    }
    files.insert("ORDER.md".to_owned(), order::page(plan, &entries, order::MYSQL));
    Ok(files)
}

/// One file in the making.
struct File<'p> {
    plan: &'p Plan,
    out: String,
}

/// What a statement is to the client.
enum Sent {
    /// It can be prepared, and so be left out.
    Prepared,
    /// It holds semicolons, and no server prepares it.
    Whole,
    /// Sent as it is; a second time does no harm.
    Plain,
}

fn sent(sql: &str) -> Sent {
    let upper: String = sql.trim_start().chars().take(40).collect::<String>().to_uppercase();
    let words: Vec<&str> = upper.split_whitespace().collect();
    match words.as_slice() {
        ["CREATE", "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT", ..] => Sent::Whole,
        ["CREATE", "OR", "REPLACE", "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT", ..] => Sent::Whole,
        ["CREATE", first, ..] if first.starts_with("DEFINER") => Sent::Whole,
        ["DROP", "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT", ..] | ["SET" | "CALL", ..] => Sent::Plain,
        _ => Sent::Prepared,
    }
}

/// One statement beside settings of the session.
fn single(sql: &[String]) -> bool {
    sql.iter().filter(|s| !matches!(sent(s), Sent::Plain)).count() == 1
}

impl<'p> File<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self { plan, out: String::new() }
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }
    fn literal(&self, text: &str) -> String {
        dialect(self.plan.server.engine).literal(text)
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
                self.ask_done(step.done_when.as_ref());
                if let Some(past) = &step.superseded_by {
                    self.ask("@sidestep_past", &past.since);
                    let words =
                        format!("step {} is behind you, step {} has taken away what it makes", step.id, past.step);
                    self.stop_if("@sidestep_past AND NOT @sidestep_done", &words);
                }
                self.gates(&gates, true);
                if let Undo::PointOfNoReturn { because } = &step.undo
                    && placed.folder() == "contract"
                {
                    comment(&mut self.out, &format!("no way back: {because}"));
                    self.confirm(&plan.id, &format!("step {} has no way back", step.id), true);
                }
                self.body(sql, *timeouts, step.tables.first());
                if let Some(check) = &step.done_when {
                    self.stop_unless(
                        check,
                        &format!("step {} ran, but the database does not say that it is done", step.id),
                    );
                }
                self.line(&format!("SELECT IF(@sidestep_done, 'step {0} is done already: nothing to do', 'step {0} is done') AS sidestep;", step.id));
            }
            Act::Verify { sql } => {
                self.gates(&gates, false);
                for (i, sql) in sql.iter().enumerate() {
                    let check = Check { sql: sql.clone(), expect: "true".to_owned() };
                    self.stop_unless(&check, &format!("check {} of step {} does not answer true", i + 1, step.id));
                }
                self.line(&format!("SELECT 'step {} holds' AS sidestep;", step.id));
            }
            Act::Wait { until, sql } => {
                comment(&mut self.out, &format!("wait until: {until}"));
                self.gates(&gates, false);
                for sql in sql {
                    let check = Check { sql: sql.clone(), expect: "true".to_owned() };
                    self.stop_unless(&check, &format!("step {}: not yet, run this file again later", step.id));
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
                self.gates(&gates, false);
                self.confirm(&step.id, &format!("deploy of step {}", step.id), false);
            }
            Act::Approve { question } => {
                comment(&mut self.out, question);
                self.gates(&gates, false);
                self.confirm(&plan.id, &format!("approval of step {}", step.id), false);
            }
            Act::External { command, .. } => {
                comment(&mut self.out, "run outside the database:");
                for line in command.lines() {
                    comment(&mut self.out, &format!("  {line}"));
                }
                self.ask_done(step.done_when.as_ref());
                self.gates(&gates, true);
                self.confirm(&step.id, &format!("command of step {}", step.id), true);
                if let Some(check) = &step.done_when {
                    self.stop_unless(check, &format!("step {} is not done: run the command above", step.id));
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
                self.ask_done(step.done_when.as_ref());
                self.stop_if("@sidestep_done", &format!("step {} cannot be undone", step.id));
            }
            Undo::Sql { sql, timeouts, because, .. } => {
                comment(&mut self.out, because);
                comment(&mut self.out, &format!("run: mysql DATABASE < {path}"));
                self.preamble();
                // A step of one statement is done or was never begun; any other may be half done, and each of its ways back bears that.
                match step.done_when.as_ref().filter(|_| single(step.sql())) {
                    Some(check) => {
                        self.ask("@sidestep_there", check);
                        self.line("SET @sidestep_done = NOT @sidestep_there;");
                    }
                    None => self.line("SET @sidestep_done = FALSE;"),
                }
                self.body(sql, *timeouts, step.tables.first());
            }
        }
        Some((path, self.out))
    }

    /// Backslashes mean the same on every server, values that do not fit are refused, and nothing waits for a day.
    fn preamble(&mut self) {
        self.line("SET NAMES utf8mb4;");
        self.line(
            "SET SESSION sql_mode = TRIM(BOTH ',' FROM CONCAT(REPLACE(REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ',,', ','), ',STRICT_TRANS_TABLES'));",
        );
        self.line("SET SESSION lock_wait_timeout = 5;\n");
    }

    fn ask(&mut self, variable: &str, check: &Check) {
        let (sql, expect) = (check.sql.trim().trim_end_matches(';'), self.literal(&check.expect));
        // Not `SET @x = (SELECT …)`: InnoDB takes a shared lock on every row that such a query reads.
        self.line(&format!("SELECT COALESCE((\n{sql}\n) = {expect}, FALSE) INTO {variable};"));
    }
    fn ask_done(&mut self, check: Option<&Check>) {
        match check {
            Some(check) => self.ask("@sidestep_done", check),
            None => self.line("SET @sidestep_done = FALSE;"),
        }
    }

    /// Prepares `text` where the condition holds, else nothing.
    fn prepare_if(&mut self, condition: &str, text: &str) {
        let text = self.literal(text);
        self.line(&format!("SET @sidestep_do = IF({condition}, {text}, 'DO 0');"));
        self.line("PREPARE sidestep FROM @sidestep_do;\nEXECUTE sidestep;\nDEALLOCATE PREPARE sidestep;");
    }

    /// What cannot be prepared stops the client: the server's error quotes it.
    fn stop_if(&mut self, condition: &str, message: &str) {
        let message: String = crate::model::name::shown(message).replace(['`', '\'', '"', '\\'], "");
        self.prepare_if(condition, &format!("sidestep: {message}"));
    }
    fn stop_unless(&mut self, check: &Check, message: &str) {
        self.ask("@sidestep_holds", check);
        self.stop_if("NOT @sidestep_holds", message);
    }

    /// `done`: nothing is asked of a step that is done.
    fn gates(&mut self, gates: &[Gate], done: bool) {
        for gate in gates {
            self.ask("@sidestep_holds", &gate.check);
            self.stop_if(
                if done { "NOT @sidestep_holds AND NOT @sidestep_done" } else { "NOT @sidestep_holds" },
                &gate.otherwise,
            );
        }
    }

    fn confirm(&mut self, value: &str, what: &str, done: bool) {
        let unless = if done { " AND NOT @sidestep_done" } else { "" };
        let condition = format!("COALESCE(@sidestep_confirmed, '') <> '{value}'{unless}");
        self.stop_if(&condition, &format!("{what}: not confirmed, see the line with run: above"));
    }

    fn body(&mut self, sql: &[String], timeouts: Timeouts, table: Option<&crate::model::TableName>) {
        let seconds = timeouts.lock_ms.div_ceil(1000);
        if seconds > 0 {
            self.line(&format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds};"));
        }
        for sql in sql {
            let sql = sql.trim().trim_end_matches(';').trim_end();
            match sent(sql) {
                Sent::Prepared => self.prepare_if("NOT @sidestep_done", sql),
                Sent::Plain => self.line(&format!("{sql};")),
                Sent::Whole => self.whole(sql, table),
            }
        }
    }

    /// A trigger is dropped and made again under a lock on its table: no write comes in between.
    fn whole(&mut self, sql: &str, table: Option<&crate::model::TableName>) {
        let name = trigger_name(sql);
        let locked = name.as_ref().zip(table).map(|(name, table)| {
            let d = dialect(self.plan.server.engine);
            let here = table.schema.as_str() == self.plan.database;
            (name.clone(), if here { d.ident(&table.name) } else { d.name(table) })
        });
        if let Some((name, table)) = &locked {
            self.line(&format!("LOCK TABLES {table} WRITE;\nDROP TRIGGER IF EXISTS {name};"));
        }
        let mut delimiter = "//".to_owned();
        while sql.contains(&delimiter) {
            delimiter.push('/');
        }
        self.line(&format!("DELIMITER {delimiter}\n{sql}{delimiter}\nDELIMITER ;"));
        if locked.is_some() {
            self.line("UNLOCK TABLES;");
        }
    }
}

/// The name behind CREATE TRIGGER, as it is written.
fn trigger_name(sql: &str) -> Option<String> {
    let upper = sql.to_uppercase();
    let at = upper.find("TRIGGER ")? + "TRIGGER ".len();
    let rest = sql.get(at..)?.trim_start();
    let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
    if !rest.starts_with('`') {
        return rest.split_whitespace().next().map(str::to_owned);
    }
    let mut end = 1;
    let bytes = rest.as_bytes();
    loop {
        match (bytes.get(end), bytes.get(end + 1)) {
            (Some(b'`'), Some(b'`')) => end += 2,
            (Some(b'`'), Some(b'.')) => end += 3,
            (Some(b'`'), _) => return rest.get(..=end).map(str::to_owned),
            (Some(_), _) => end += 1,
            (None, _) => return None,
        }
    }
}

/// What `@sidestep_confirmed` has to be for the file to go on, if it asks for it.
fn confirmation(plan: &Plan, placed: &Placed<'_>) -> Option<String> {
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
