//! Plans for MySQL and MariaDB: every case of `tests/cases-mysql` as text for each server it names, compared with `<name>.plan` beside it
//! (`SIDESTEP_BLESS=1` writes them); and the exported files run by the real client on the real servers, twice, and back.

use super::mysql_inspect::load;
use crate::support::{MysqlDatabase, MysqlServer, on_each_mysql};
use sidestep::engine::replay;
use sidestep::export::{self, ExportOptions, FileSet};
use sidestep::model::{Catalog, Engine, Version};
use sidestep::plan::{Act, Plan, Policy, Strategy, Undo};
use sidestep::{change, sql};
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub struct Case {
    pub name: String,
    servers: Vec<String>,
    big: Vec<String>,
    refused: Option<String>,
    offline: bool,
    pub setup: String,
    pub rows: String,
    pub wish: String,
}

const SERVERS: &str = "mysql-8.4.3 mysql-9.7.0 mariadb-10.11.6 mariadb-11.8.2";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases-mysql")
}

/// Those that `SIDESTEP_CASE` asks for.
fn cases() -> Vec<Case> {
    let only = std::env::var("SIDESTEP_CASE").unwrap_or_default();
    every_case().into_iter().filter(|c| c.name.contains(&only)).collect()
}

pub fn every_case() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let sql = paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "sql"));
    sql.map(|p| {
        let name = p.file_stem().unwrap().to_string_lossy().into_owned();
        parse(name, &std::fs::read_to_string(p).unwrap())
    })
    .collect()
}

pub fn parse(name: String, text: &str) -> Case {
    let words = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut case = Case {
        name,
        servers: words(SERVERS),
        big: Vec::new(),
        refused: None,
        offline: false,
        setup: String::new(),
        rows: String::new(),
        wish: String::new(),
    };
    let mut section = "";
    for line in text.lines() {
        match line {
            "-- setup" | "-- rows" | "-- wish" => section = &line[3..],
            _ if section.is_empty() => match line.trim_start_matches("-- ").split_once(": ") {
                Some(("servers", value)) => case.servers = words(value),
                Some(("big", value)) => case.big = words(value),
                Some(("refused", value)) => case.refused = Some(value.to_owned()),
                Some(("offline", _)) => case.offline = true,
                _ => {}
            },
            _ => {
                let part = match section {
                    "setup" => &mut case.setup,
                    "rows" => &mut case.rows,
                    _ => &mut case.wish,
                };
                part.push_str(line);
                part.push('\n');
            }
        }
    }
    case
}

pub fn policy() -> Policy {
    Policy { strategy: Strategy::Online, batch_rows: 2, batch_pause_ms: 0, ..Policy::default() }
}

/// The database after `setup`, made without a server.
fn catalog(case: &Case, server: &str) -> Catalog {
    let (engine, version) = server.split_once('-').unwrap();
    let engine = if engine == "mysql" { Engine::Mysql } else { Engine::Mariadb };
    let mut catalog = Catalog::empty(engine, version.parse::<Version>().unwrap());
    catalog.database = "shop".into();
    catalog.search_path = vec!["shop".into()];
    catalog.captured_at = "2026-01-15T12:00:00Z".into();
    for (name, value) in [("sql_mode", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"), ("foreign_key_checks", "1")] {
        catalog.server.settings.insert(name.into(), value.into());
    }
    for located in &sql::parse(&case.setup, engine).unwrap_or_else(|p| panic!("{}: {}", case.name, p[0])).statements {
        replay(&mut catalog, &located.statement).unwrap_or_else(|e| panic!("{} on {server}: {e}", case.name));
    }
    for table in &mut catalog.tables {
        let big = case.big.contains(&table.name.name.to_string());
        let (rows, bytes) = if big { (40_000_000, 6 << 30) } else { (200_000, 30 << 20) };
        table.stats.rows = Some(rows);
        table.stats.heap_bytes = bytes;
        table.stats.index_bytes = bytes / 3;
    }
    catalog
}

fn golden(case: &Case) -> String {
    let mut groups: Vec<(Vec<String>, String)> = Vec::new();
    for server in &case.servers {
        let text = match change::plan(&case.wish, &catalog(case, server), &policy()) {
            Ok(plan) => export::text::plan(&plan, 110),
            Err(why) => format!("not planned: {why}\n"),
        };
        // A plan's hash and its server's name differ where nothing else does.
        let text =
            text.lines().map(plain).filter(|l| !l.contains(" · plan ")).fold(String::new(), |t, l| t + &l + "\n");
        match groups.iter_mut().find(|(_, t)| *t == text) {
            Some((servers, _)) => servers.push(server.clone()),
            None => groups.push((vec![server.clone()], text)),
        }
    }
    groups.into_iter().map(|(servers, text)| format!("== {}\n{text}\n", servers.join(", "))).collect()
}

/// Without colours.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(|c| *c == 'm');
        } else {
            out.push(c);
        }
    }
    out
}

#[test]
fn plans_are_the_golden_ones() {
    let mut stale = Vec::new();
    for case in cases() {
        let path = folder().join(format!("{}.plan", case.name));
        let text = golden(&case);
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        if std::env::var_os("SIDESTEP_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        } else if old != text {
            let changed = text.lines().zip(old.lines().chain(std::iter::repeat(""))).find(|(new, old)| new != old);
            stale.push(format!("{}: {changed:?}", case.name));
        }
        let refused = text.contains("not planned:");
        if refused != case.refused.is_some() {
            stale.push(format!("{}: {text}", case.name));
        }
    }
    assert!(stale.is_empty(), "golden plans differ (SIDESTEP_BLESS=1 writes them):\n{}", stale.join("\n"));
}

pub struct Client<'s> {
    pub server: &'s MysqlServer,
    pub database: &'s MysqlDatabase,
}

impl Client<'_> {
    pub fn run(&self, sql: &str, confirmed: &str) -> Result<String, String> {
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
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), sql.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
    }
}

/// The tables as the server prints them, without counters, columns in the order of their names.
pub fn structure(database: &MysqlDatabase) -> Vec<String> {
    let mut sql = database.session();
    let mut all = Vec::new();
    for name in
        sql.column("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1")
    {
        let shown = sql.rows(&format!("SHOW CREATE TABLE `{}`", name.replace('`', "``")))[0][1].clone();
        let mut lines: Vec<String> = shown
            .lines()
            .map(|l| l.replace(" CHARACTER SET utf8mb4", ""))
            .map(|l| l.trim().trim_end_matches(',').split(" AUTO_INCREMENT=").next().unwrap().to_owned())
            .collect();
        lines.sort();
        all.push(lines.join("\n"));
    }
    all.extend(
        sql.column("SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY 1"),
    );
    all
}

fn prepared<'s>(server: &'s MysqlServer, case: &Case, database: &'s MysqlDatabase) -> Result<(Plan, FileSet), String> {
    let client = Client { server, database };
    client.run(&case.setup, "").unwrap_or_else(|e| panic!("{}: {e}", case.name));
    client.run(&case.rows, "").unwrap_or_else(|e| panic!("{}: {e}", case.name));
    let plan = change::plan(&case.wish, &load(database), &policy()).map_err(|e| format!("not planned: {e}"))?;
    let files = export::export(&plan, "mysql", &ExportOptions::default()).map_err(|e| e.to_string())?;
    Ok((plan, files))
}

fn in_order(files: &FileSet) -> Vec<(&String, &String)> {
    let number = |p: &String| p.rsplit('/').next().unwrap().split('_').next().unwrap().to_owned();
    let mut all: Vec<_> = files.iter().filter(|(p, _)| p.ends_with(".sql") && !p.starts_with("undo/")).collect();
    all.sort_by_key(|(p, _)| number(p));
    all
}

fn forward(server: &MysqlServer, case: &Case) -> Result<usize, String> {
    let database = server.fresh_database();
    let client = Client { server, database: &database };
    let (plan, files) = prepared(server, case, &database)?;
    let mut ran = 0;
    for ((path, content), (_, step)) in in_order(&files).into_iter().zip(plan.steps()) {
        let at = |what: &str, why: &str| format!("{path}: {what}: {why}");
        let confirmed = match &step.act {
            Act::Deploy { .. } | Act::External { .. } | Act::Wait { .. } => step.id.clone(),
            _ => plan.id.clone(),
        };
        let done = |database: &MysqlDatabase| step.done_when.as_ref().map(|c| database.session().value(&c.sql));
        let changes = step.changes_database();
        if changes && done(&database).as_deref() == Some("true") {
            return Err(at("done before it ran", &step.done_when.as_ref().unwrap().sql));
        }
        client.run(content, &confirmed).map_err(|e| at("failed", &e))?;
        if changes && done(&database).is_some_and(|d| d != "true") {
            return Err(at("not done after it ran", &step.done_when.as_ref().unwrap().sql));
        }
        client.run(content, &confirmed).map_err(|e| at("failed the second time", &e))?;
        ran += 1;
    }
    Ok(ran)
}

fn and_back(server: &MysqlServer, case: &Case) -> Result<usize, String> {
    let database = server.fresh_database();
    let client = Client { server, database: &database };
    let (plan, files) = prepared(server, case, &database)?;
    let start = structure(&database);
    let mut undo: Vec<&String> = Vec::new();
    for ((path, content), (_, step)) in in_order(&files).into_iter().zip(plan.steps()) {
        if matches!(step.undo, Undo::PointOfNoReturn { .. }) {
            break;
        }
        let confirmed = if matches!(step.act, Act::Approve { .. }) { &plan.id } else { &step.id };
        client.run(content, confirmed).map_err(|e| format!("{path}: {e}"))?;
        let number = path.rsplit('/').next().unwrap().split('_').next().unwrap();
        undo.extend(files.keys().filter(|p| p.starts_with("undo/") && p.contains(&format!("_undo_{number}_"))));
    }
    for path in undo.iter().rev() {
        client.run(&files[*path], "").map_err(|e| format!("{path}: {e}"))?;
        client.run(&files[*path], "").map_err(|e| format!("{path} the second time: {e}"))?;
    }
    let end = structure(&database);
    if start == end { Ok(undo.len()) } else { Err(format!("the way back ends elsewhere:\n{start:#?}\n{end:#?}")) }
}

#[test]
fn files_run_twice_and_lead_back() {
    let found = on_each_mysql(|server| {
        let mut wrong = Vec::new();
        let mut ran = (0, 0, 0);
        for case in cases().iter().filter(|c| !c.offline && c.refused.is_none()) {
            match forward(server, case) {
                Ok(n) => ran = (ran.0 + 1, ran.1 + n, ran.2),
                // What an old server does not have is refused in words.
                Err(why) if why.starts_with("not planned") && server.name == "mysql-5.6" => continue,
                Err(why) => wrong.push(format!("{}: {why}", case.name)),
            }
            match and_back(server, case) {
                Ok(n) => ran.2 += n,
                Err(why) => wrong.push(format!("{} back: {why}", case.name)),
            }
        }
        (ran, wrong)
    });
    for (server, ((plans, steps, undone), wrong)) in &found {
        eprintln!("{server}: {plans} plans, {steps} steps, {undone} undone, {} wrong", wrong.len());
        for line in wrong {
            eprintln!("  {server} {line}");
        }
    }
    assert!(found.iter().all(|(_, (_, wrong))| wrong.is_empty()));
}
