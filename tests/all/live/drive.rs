//! One plan on one database: its files in a folder of their own, run one by one with the real psql.

use crate::support::case::Case;
use crate::support::{Database, Session};
use sidestep::export::{self, ExportOptions};
use sidestep::model::Catalog;
use sidestep::plan::{Act, Backfill, Plan, Step, TransactionMode, Undo};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A plan, its exported files on disk, and the database it is for.
pub struct Drive {
    pub plan: Plan,
    pub url: String,
    pub sql: Session,
    pub folder: PathBuf,
    /// By position of the step, from 0.
    files: BTreeMap<usize, String>,
    undos: BTreeMap<usize, String>,
}

impl Drop for Drive {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub fn make_plan(case: &Case, catalog: &Catalog) -> Result<Plan, String> {
    sidestep::change::plan(&case.wish, catalog, &case.policy).map_err(|why| format!("no plan: {why}"))
}

impl Drive {
    pub fn new(plan: Plan, database: &Database, label: &str) -> Result<Self, String> {
        let set = export::export(&plan, "psql", &ExportOptions::default()).map_err(|why| format!("export: {why}"))?;
        let port = database.url.rsplit(':').next().unwrap_or_default().replace('/', "-");
        let name = format!("sidestep-live-{}-{label}-{port}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let (mut files, mut undos) = (BTreeMap::new(), BTreeMap::new());
        for (path, content) in &set {
            let at = folder.join(path);
            std::fs::create_dir_all(at.parent().unwrap()).unwrap();
            std::fs::write(at, content).unwrap();
            let Some((folder, file)) = path.split_once('/') else { continue };
            let mut words = file.split('_');
            let number = if folder == "undo" { words.nth(2) } else { words.next() };
            let number: usize = number.unwrap().parse().map_err(|_| format!("file name `{path}`"))?;
            let list = if folder == "undo" { &mut undos } else { &mut files };
            list.insert(number - 1, path.clone());
        }
        let (sql, url) = (database.session(), database.url.clone());
        Ok(Self { plan, url, sql, folder, files, undos })
    }

    pub fn steps(&self) -> Vec<Step> {
        self.plan.steps().map(|(_, s)| s.clone()).collect()
    }

    /// Runs the step's file as its ORDER.md says, confirmed and approved.
    pub fn run_file(&self, position: usize) -> Result<String, String> {
        let step = &self.steps()[position];
        let file = self.files.get(&position).ok_or_else(|| format!("step {} has no file", step.id))?;
        self.ok(file, self.psql(file, &[format!("confirmed={}", step.id), format!("approved={}", self.plan.id)]))
    }

    pub fn run_undo_file(&self, position: usize) -> Result<(), String> {
        match self.undos.get(&position) {
            Some(file) => self.ok(file, self.psql(file, &[])).map(drop),
            None => Ok(()),
        }
    }

    pub fn file(&self, position: usize) -> &str {
        &self.files[&position]
    }

    pub fn psql(&self, file: &str, variables: &[String]) -> Output {
        self.psql_command(file, variables).output().expect("psql starts")
    }

    pub fn psql_command(&self, file: &str, variables: &[String]) -> Command {
        let mut command = Command::new("psql");
        command.args(["-X", "-d", &self.url]).args(variables.iter().flat_map(|v| ["-v", v]));
        command.arg("-f").arg(self.folder.join(file)).stdin(Stdio::null());
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn ok(&self, file: &str, output: Output) -> Result<String, String> {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!(
            "{file} ends with {}:
{said}",
            output.status
        ))
    }

    /// What the database says about the step; none if the step has no check.
    pub fn is_done(&mut self, step: &Step) -> Result<Option<bool>, String> {
        let Some(check) = &step.done_when else { return Ok(None) };
        let sql = format!("SELECT (\n{}\n)::text", check.sql.trim_end_matches(';'));
        let rows = self.sql.try_rows(&sql).map_err(|why| format!("done_when: {why:?} in {sql}"))?;
        match rows.as_slice() {
            [row] => Ok(Some(row[0] == check.expect)),
            _ => Err(format!("done_when answers {} rows: {sql}", rows.len())),
        }
    }

    /// Sends the step's statements as a driver does that reads `plan.json`.
    pub fn send(&mut self, step: &Step) -> Result<(), String> {
        match &step.act {
            Act::Sql { sql, transaction, timeouts } => {
                self.send_all(sql, *transaction, timeouts.lock_ms, timeouts.statement_ms)
            }
            // The psql files run the statements; a driver walks the keys.
            Act::Backfill { backfill, .. } => self.walk(backfill),
            Act::Verify { sql } => {
                for sql in sql {
                    let rows = self.try_rows(&format!("SELECT (\n{}\n)::text", sql.trim_end_matches(';')))?;
                    if rows != [["true"]] {
                        return Err(format!("verify answers {rows:?}: {sql}"));
                    }
                }
                Ok(())
            }
            Act::Deploy { .. } | Act::Approve { .. } | Act::Wait { .. } | Act::External { .. } => Ok(()),
        }
    }

    /// The loop that `plan.json` promises: `:lo` := start_key; `:hi` := end_key, batch, `:lo` := resume_key.
    fn walk(&mut self, backfill: &Backfill) -> Result<(), String> {
        self.timeouts(5_000, 60_000)?;
        let row = |rows: Vec<Vec<String>>| {
            let quoted = |v: &String| format!("E'{}'", v.replace('\\', "\\\\").replace('\'', "''"));
            let parts: Vec<String> = rows.first()?.iter().map(quoted).collect();
            Some(if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(", ")) })
        };
        let with = |sql: &str, lo: &str, hi: &str| {
            let sql = sql.replace(" :n", &format!(" {}", backfill.batch_rows)).replace(" :lo", &format!(" {lo}"));
            sql.replace(" :hi", &format!(" {hi}"))
        };
        let mut next = row(self.try_rows(&backfill.start_key)?);
        while let Some(lo) = next {
            let end = self.try_rows(&with(&backfill.end_key, &lo, ""))?;
            let hi = row(end).ok_or_else(|| format!("no end of a batch from {lo}"))?;
            self.try_run(&with(&backfill.batch, &lo, &hi))?;
            next = row(self.try_rows(&with(&backfill.resume_key, &lo, &hi))?);
        }
        Ok(())
    }

    pub fn send_undo(&mut self, step: &Step) -> Result<(), String> {
        match &step.undo {
            Undo::Sql { sql, transaction, timeouts, .. } => {
                self.send_all(sql, *transaction, timeouts.lock_ms, timeouts.statement_ms)
            }
            Undo::Nothing { .. } => Ok(()),
            Undo::PointOfNoReturn { .. } => Err(format!("step {} cannot be undone", step.id)),
        }
    }

    fn send_all(&mut self, sql: &[String], mode: TransactionMode, lock: u64, statement: u64) -> Result<(), String> {
        self.timeouts(lock, statement)?;
        if mode == TransactionMode::Single {
            self.try_run("BEGIN")?;
            let done = sql.iter().try_for_each(|s| self.try_run(s));
            let end = self.try_run(if done.is_ok() { "COMMIT" } else { "ROLLBACK" });
            return done.and(end);
        }
        sql.iter().try_for_each(|s| self.try_run(s))
    }

    fn timeouts(&mut self, lock: u64, statement: u64) -> Result<(), String> {
        self.try_run(&format!("SET lock_timeout = {lock}"))?;
        self.try_run(&format!("SET statement_timeout = {statement}"))
    }

    pub fn try_run(&mut self, sql: &str) -> Result<(), String> {
        self.try_rows(sql).map(drop)
    }

    pub fn try_rows(&mut self, sql: &str) -> Result<Vec<Vec<String>>, String> {
        self.sql.try_rows(sql).map_err(|why| format!("{} {}\nin: {sql}", why.code, why.message))
    }
}
