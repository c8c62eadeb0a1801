//! A plan's exported files, the real client that runs them, and what a database looks like afterwards.

use super::case::Case;
use crate::mysql_inspect::load;
use crate::support::{MysqlDatabase, MysqlServer};
use sidestep::change;
use sidestep::export::{self, ExportOptions, FileSet};
use sidestep::plan::{Act, Plan, Step};
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

pub struct Client<'s> {
    pub server: &'s MysqlServer,
    pub database: &'s MysqlDatabase,
}

impl Client<'_> {
    pub fn run(&self, sql: &str, confirmed: &str) -> Result<String, String> {
        let out = self.start(sql, confirmed).wait_with_output().unwrap();
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
    }

    /// The client at work on the file.
    pub fn start(&self, sql: &str, confirmed: &str) -> Child {
        let port = self.database.url.rsplit(':').next().unwrap().split('/').next().unwrap();
        let mut child = Command::new(self.server.client())
            .args(["-h127.0.0.1", "-utester", "--default-character-set=utf8mb4", "-P", port])
            .arg(format!("--init-command=SET @sidestep_confirmed = '{confirmed}'"))
            .arg(&self.database.name)
            .env("MYSQL_PWD", "tester")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, sql.as_bytes()).unwrap();
        drop(stdin);
        child
    }
}

/// A database of the case, its plan and the files.
pub struct Ready<'s> {
    pub server: &'s MysqlServer,
    pub database: MysqlDatabase,
    pub plan: Plan,
    pub files: FileSet,
}

/// The case's tables and rows.
pub fn filled(server: &MysqlServer, case: &Case) -> MysqlDatabase {
    let database = server.fresh_database();
    let client = Client { server, database: &database };
    client.run(&case.setup, "").unwrap_or_else(|e| panic!("{}: {e}", case.name));
    client.run(&case.rows, "").unwrap_or_else(|e| panic!("{}: {e}", case.name));
    database
}

pub fn prepared<'s>(server: &'s MysqlServer, case: &Case) -> Result<Ready<'s>, String> {
    let database = filled(server, case);
    let plan = change::plan(&case.wish, &load(&database), &case.policy).map_err(|e| format!("not planned: {e}"))?;
    let files = export::export(&plan, "mysql", &ExportOptions::default()).map_err(|e| e.to_string())?;
    Ok(Ready { server, database, plan, files })
}

impl Ready<'_> {
    pub fn client(&self) -> Client<'_> {
        Client { server: self.server, database: &self.database }
    }

    /// Path and content of the steps' files, with the steps.
    pub fn steps(&self) -> Vec<(&String, &String, &Step)> {
        let number = |p: &String| p.rsplit('/').next().unwrap().split('_').next().unwrap().to_owned();
        let mut all: Vec<_> =
            self.files.iter().filter(|(p, _)| p.ends_with(".sql") && !p.starts_with("undo/")).collect();
        all.sort_by_key(|(p, _)| number(p));
        all.into_iter().zip(self.plan.steps()).map(|((path, content), (_, step))| (path, content, step)).collect()
    }

    pub fn undo_of(&self, path: &str) -> Option<&String> {
        let number = path.rsplit('/').next().unwrap().split('_').next().unwrap();
        self.files.keys().find(|p| p.starts_with("undo/") && p.contains(&format!("_undo_{number}_")))
    }

    /// Runs the step's file as `ORDER.md` says, confirmed and approved.
    pub fn run(&self, content: &str, step: &Step) -> Result<String, String> {
        self.client().run(content, &self.confirmed(step))
    }

    pub fn confirmed(&self, step: &Step) -> String {
        match &step.act {
            Act::Deploy { .. } | Act::External { .. } | Act::Wait { .. } => step.id.clone(),
            _ => self.plan.id.clone(),
        }
    }

    /// What the database says about the step; none if the step has no check.
    pub fn is_done(&self, step: &Step) -> Option<bool> {
        let check = step.done_when.as_ref()?;
        Some(self.database.session().value(&check.sql) == check.expect)
    }
}

/// The tables as the server prints them, without counters; their lines in the order of the letters, since an index that comes
/// back comes back last. With `exact` also the order of the columns.
pub fn structure(database: &MysqlDatabase, exact: bool) -> Vec<String> {
    let mut sql = database.session();
    let mut all = Vec::new();
    let kinds = sql.rows(
        "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1",
    );
    for row in kinds {
        let shown = sql.rows(&format!("SHOW CREATE TABLE `{}`", row[0].replace('`', "``")))[0][1].clone();
        let shown = shown.replace(&format!("`{}`.", database.name), "");
        let lines = shown
            .lines()
            .map(|l| l.replace(" CHARACTER SET utf8mb4", ""))
            .map(|l| without_counter(l.trim().trim_end_matches(',')));
        let (columns, mut rest): (Vec<_>, Vec<_>) = lines.partition(|l| l.starts_with('`'));
        rest.sort();
        let mut columns = columns;
        if !exact {
            columns.sort();
        }
        all.extend(columns.into_iter().chain(rest).map(|line| format!("{}: {line}", row[0])));
    }
    all.extend(sql.column(
        "SELECT CONCAT('trigger ', TRIGGER_NAME) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY 1",
    ));
    all.extend(sql.column(
        "SELECT CONCAT('routine ', ROUTINE_NAME) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY 1",
    ));
    all
}

fn without_counter(line: &str) -> String {
    let Some((before, after)) = line.split_once(" AUTO_INCREMENT=") else { return line.to_owned() };
    format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Lines of one that the other does not have, both ways.
pub fn differences(wanted: &[String], found: &[String]) -> Vec<String> {
    let missing = wanted.iter().filter(|l| !found.contains(l)).map(|l| format!("- {l}"));
    let more = found.iter().filter(|l| !wanted.contains(l)).map(|l| format!("+ {l}"));
    let mut all: Vec<String> = missing.chain(more).collect();
    if all.is_empty() && wanted != found {
        all.push(format!("another order: {wanted:?} and {found:?}"));
    }
    all
}

/// Rows by their primary key, columns in the order of their names; tables without a key and views are left out.
pub fn rows(database: &MysqlDatabase) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut sql = database.session();
    let mut all = BTreeMap::new();
    let catalog = load(database);
    for table in &catalog.tables {
        let Some(key) = table.primary_key() else { continue };
        let id = super::app::ID;
        let mut columns: Vec<_> = table.columns.iter().filter(|c| c.generated.is_none()).map(|c| &c.name).collect();
        columns.sort();
        let keys: Vec<String> = key.columns.iter().map(id).collect();
        let values: Vec<String> =
            columns.iter().map(|c| format!("'{}', HEX({})", c.as_str().replace('\'', ""), id(c))).collect();
        let query = format!(
            "SELECT CONCAT_WS(',', {}), CONCAT_WS(' ', {}) FROM {}",
            keys.join(", "),
            values.join(", "),
            id(&table.name.name)
        );
        let found = sql.rows(&query).into_iter().map(|mut r| (r.remove(0), r.remove(0)));
        all.insert(table.name.name.to_string(), found.collect());
    }
    all
}
