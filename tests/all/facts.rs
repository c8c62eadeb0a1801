//! The fact table against real servers: every shape is judged from the inspected catalog, then run, and both must agree
//! on refusal, on table locks and on the work. Any difference fails with what was expected and what was measured.

use crate::inspect::inspect;
use crate::support::{Server, Session, majors};
use sidestep::engine::facts::{self, Source};
use sidestep::engine::hazard;
use sidestep::engine::{Sending, Session as Settings, Verdict, judge};
use sidestep::model::{Catalog, Engine, LockMode, Work};
use sidestep::sql::{Statement, parse};
use std::collections::{BTreeMap, BTreeSet};

/// A file of `tests/facts`; read when the test runs, so that a new shape needs no compiling.
pub fn file(name: &str) -> &'static str {
    std::fs::read_to_string(format!("tests/facts/{name}")).unwrap().leak()
}

/// The blocks of the fixture that this major understands.
pub fn fixture(major: u16) -> String {
    let mut parts = file("fixture.sql").split("\n-- since ");
    let common = parts.next().unwrap().to_owned();
    let later = parts.map(|p| p.split_once('\n').unwrap());
    common + &later.filter(|(n, _)| n.trim().parse::<u16>().unwrap() <= major).map(|(_, sql)| sql).collect::<String>()
}

fn shapes(major: u16) -> impl Iterator<Item = &'static str> {
    lines(file("shapes.sql"), major)
}

/// One statement per line; `[12..]` in front limits the majors.
pub fn lines(text: &'static str, major: u16) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("--")).filter_map(move |line| {
        let Some((range, sql)) = line.strip_prefix('[').and_then(|l| l.split_once("] ")) else { return Some(line) };
        let (from, to) = range.split_once("..").unwrap();
        let inside = from.parse::<u16>().unwrap() <= major && to.parse().map_or(true, |to: u16| major <= to);
        inside.then_some(sql)
    })
}

pub fn statement(sql: &str) -> Statement {
    let script = parse(sql, Engine::Postgresql).unwrap_or_else(|why| panic!("{sql}: {why:?}"));
    script.statements[0].statement.clone()
}

/// What a server did.
#[derive(Debug, Default)]
struct Measured {
    refused: Option<String>,
    /// Relation → strongest mode, from ROW SHARE up; relations that were there before.
    locks: BTreeMap<String, LockMode>,
    work: Option<Work>,
}

/// Relations as they were before the statement.
pub struct Before {
    /// oid → (name, kind)
    names: BTreeMap<String, (String, char)>,
    files: BTreeSet<String>,
}

impl Before {
    pub fn read(sql: &mut Session) -> Self {
        let mut before = Self { names: BTreeMap::new(), files: BTreeSet::new() };
        for row in sql.rows(RELATIONS) {
            let [oid, name, kind, file, _] = <[String; 5]>::try_from(row).unwrap();
            before.files.insert(file);
            before.names.insert(oid, (name, kind.chars().next().unwrap()));
        }
        before
    }

    pub fn kind(&self, name: &str) -> char {
        self.names.values().find(|(n, _)| n == name).map_or('?', |(_, kind)| *kind)
    }
}

const RELATIONS: &str =
    "SELECT c.oid, n.nspname || '.' || c.relname, c.relkind, coalesce(pg_relation_filenode(c.oid), 0),
    coalesce(i.indrelid, 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i
    ON i.indexrelid = c.oid WHERE n.nspname IN ('public', 'other')";
/// Blocks read by this transaction and blocks there are; ALTER TABLE's own scans are counted.
const BLOCKS: &str =
    "SELECT c.oid, pg_stat_get_xact_blocks_fetched(c.oid), pg_relation_size(c.oid) / 8192 FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'other') AND c.relkind IN ('r', 'm')";

fn blocks(sql: &mut Session) -> BTreeMap<String, (u64, u64)> {
    sql.rows(BLOCKS).into_iter().map(|r| (r[0].clone(), (r[1].parse().unwrap(), r[2].parse().unwrap()))).collect()
}

/// Runs `sql` in a transaction that is rolled back; `watcher` looks at its locks from outside.
fn measure(worker: &mut Session, watcher: &mut Session, before: &Before, sql: &str) -> Measured {
    worker.run("BEGIN");
    let start = blocks(worker);
    if let Err(refused) = worker.try_run(sql) {
        worker.run("ROLLBACK");
        return Measured { refused: Some(format!("{} {}", refused.code, refused.message)), ..Measured::default() };
    }
    let locks = locks(watcher, worker.pid, before);
    let end = blocks(worker);
    let after = worker.rows(RELATIONS);
    worker.run("ROLLBACK");
    let scanned = end.iter().any(|(oid, (read, _))| {
        start.get(oid).is_some_and(|(first, size)| *size > 3 && read.saturating_sub(*first) >= *size)
    });
    // A truncated table has a new file too, but nothing is in it.
    let filled = |oid: &str| end.get(oid).is_some_and(|(_, size)| *size > 0);
    let fresh = |row: &&Vec<String>| row[3] != "0" && !before.files.contains(&row[3]);
    let old = |oid: &str| before.names.contains_key(oid);
    let rewritten = |r: &Vec<String>| matches!(r[2].as_str(), "r" | "m") && old(&r[0]) && filled(&r[0]);
    let built = |r: &Vec<String>| r[2] == "i" && old(&r[4]) && filled(&r[4]);
    let work = match () {
        () if after.iter().filter(fresh).any(rewritten) => Work::Rewrite,
        () if after.iter().filter(fresh).any(built) => Work::IndexBuild,
        () if scanned => Work::Scan,
        () => Work::Catalog,
    };
    Measured { refused: None, locks, work: Some(work) }
}

pub fn locks(watcher: &mut Session, pid: i32, before: &Before) -> BTreeMap<String, LockMode> {
    let held = format!("SELECT relation, mode FROM pg_locks WHERE pid = {pid} AND locktype = 'relation'");
    let mut locks = BTreeMap::new();
    for row in watcher.rows(&held) {
        let Some((name, _)) = before.names.get(&row[0]) else { continue };
        let spelled = |m: &LockMode| m.name().replace(' ', "") + "LOCK";
        let mode = LockMode::ALL.into_iter().find(|m| spelled(m) == row[1].to_uppercase()).unwrap();
        if mode > LockMode::AccessShare {
            let strongest = locks.entry(name.clone()).or_insert(mode);
            *strongest = (*strongest).max(mode);
        }
    }
    locks
}

/// Where verdict and server differ, one line each; empty if they agree.
fn differences(verdict: &Verdict, measured: &Measured, before: &Before) -> Vec<String> {
    let mut found = Vec::new();
    match (&verdict.fails, &measured.refused) {
        (None, Some(refused)) if verdict.sending == Sending::OutsideTransaction && refused.starts_with("25001") => {
            return found;
        }
        (None, Some(refused)) => found.push(format!("expected to work, refused: {refused}")),
        (Some(fails), None) => found.push(format!("expected to be refused ({fails}), it worked")),
        (Some(fails), Some(refused)) => {
            let code = refused.get(..5).unwrap();
            if !fails.contains(code) {
                found.push(format!("expected refusal: {fails}, measured: {refused}"));
            }
        }
        (None, None) if verdict.sending == Sending::OutsideTransaction => {
            found.push("expected to be refused inside a transaction, it worked".into());
        }
        (None, None) => {}
    }
    if !found.is_empty() || measured.refused.is_some() {
        return found;
    }
    let expected: BTreeMap<&str, LockMode> =
        verdict.locks.iter().filter(|l| l.mode > LockMode::AccessShare).map(|l| (l.object.as_str(), l.mode)).collect();
    let is_table = |name: &str| !matches!(before.kind(name), 'i' | 'I' | 'S');
    let strongest = measured.locks.iter().filter(|(n, _)| is_table(n)).map(|(_, m)| *m).max();
    let names: BTreeSet<&str> = expected.keys().copied().chain(measured.locks.keys().map(String::as_str)).collect();
    for name in names {
        let (want, got) = (expected.get(name).copied(), measured.locks.get(name).copied());
        // Indexes and sequences: only what a row claims, and what would surprise beside the table's lock.
        let unsaid = want.is_none() && !is_table(name) && got <= strongest;
        let weak = want.is_none() && !is_table(name) && got < Some(LockMode::Share);
        if want != got && !unsaid && !weak {
            let mode = |m: Option<LockMode>| m.map_or("no lock", LockMode::name);
            found.push(format!("{name}: expected {}, measured {}", mode(want), mode(got)));
        }
    }
    let measured_rows = verdict.grounds.iter().all(|g| {
        let (op, when) = g.split_once('/').unwrap();
        facts::rows(op).iter().filter(|r| r.when == when).all(|r| r.source == Source::Measured)
    });
    let coarse = |work: Work| if work == Work::None { Work::Catalog } else { work };
    // Nothing to measure on an empty table.
    if measured_rows && verdict.rows != Some(0) && Some(coarse(verdict.work)) != measured.work {
        found.push(format!("expected {}, measured {}", verdict.work, measured.work.unwrap()));
    }
    found
}

/// A verdict has to be told to people: why, where to read on, and hazards whose placeholders are all filled.
fn wordless(verdict: &Verdict) -> Vec<String> {
    let mut found = Vec::new();
    if verdict.fails.is_none() && (verdict.because.is_empty() || verdict.doc.is_none()) {
        found.push("a verdict without words or without a page of the manual".to_owned());
    }
    let known = hazard::all().unwrap();
    for raised in &verdict.hazards {
        let Some(entry) = known.get(raised.id) else {
            found.push(format!("hazard `{}` is not in assets/hazards.toml", raised.id));
            continue;
        };
        let placeholders = entry.text.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|(name, _)| name);
        for name in placeholders.filter(|n| raised.values.get(n).is_none_or(String::is_empty)) {
            found.push(format!("hazard `{}` has no value for {{{name}}}", raised.id));
        }
    }
    found
}

/// Every shape on one major: differences, and the rows of the fact table that the verdicts rested on.
fn conformance(major: u16) -> (Vec<String>, BTreeSet<String>) {
    let database = Server::major(major).fresh_database();
    let mut worker = database.session();
    worker.run(&fixture(major));
    worker.run("SET max_parallel_workers_per_gather = 0; ANALYZE");
    let mut watcher = database.session();
    let before = Before::read(&mut worker);
    let catalog = inspect(&database.url);
    assert!(catalog.gaps.is_empty(), "{:?}", catalog.gaps);
    let mut report = Vec::new();
    let mut grounds = BTreeSet::new();
    for sql in shapes(major) {
        let verdict = verdict(&catalog, sql);
        let mut measured = measure(&mut worker, &mut watcher, &before, sql);
        if verdict.fails.is_some() && measured.refused.as_ref().is_some_and(|r| r.starts_with("25001")) {
            // The transaction is refused first; sent alone, the server says what it has against the statement itself.
            measured.refused = worker.try_run(sql).err().map(|r| format!("{} {}", r.code, r.message));
        }
        report.extend(wordless(&verdict).into_iter().map(|w| format!("{major}: {sql}\n      {w}")));
        for difference in differences(&verdict, &measured, &before) {
            report.push(format!("{major}: {sql}\n      {difference}\n      grounds {:?}", verdict.grounds));
        }
        grounds.extend(verdict.grounds);
    }
    (report, grounds)
}

fn verdict(catalog: &Catalog, sql: &str) -> Verdict {
    judge(&statement(sql), catalog, &Settings::default())
}

#[test]
fn verdicts_are_what_servers_do() {
    let majors = majors();
    let mut rested = BTreeMap::new();
    let mut report = Vec::new();
    // Two at a time: the machine that runs the tests has two cores.
    for pair in majors.chunks(2) {
        let done: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = pair.iter().map(|m| scope.spawn(|| conformance(*m))).collect();
            running.into_iter().map(|r| r.join().unwrap()).collect()
        });
        for (major, (differences, grounds)) in pair.iter().zip(done) {
            report.extend(differences);
            rested.insert(*major, grounds);
        }
    }
    assert!(report.is_empty(), "{} differences\n{}", report.len(), report.join("\n"));
    let mut untried = Vec::new();
    for (op, rows) in facts::all().unwrap() {
        for row in rows.iter().filter(|r| r.source == Source::Measured) {
            let mut tested = rested.iter().filter(|(m, _)| (row.since..=row.until).contains(m)).peekable();
            let ground = format!("{op}/{}", row.when);
            if tested.peek().is_some() && !tested.any(|(_, grounds)| grounds.contains(&ground)) {
                untried.push(format!("{ground} on {} to {}", row.since, row.until));
            }
        }
    }
    assert!(untried.is_empty(), "rows that say `measured` but no shape tries:\n{}", untried.join("\n"));
}

/// The code and the file name the same hazards.
#[test]
fn every_hazard_is_raised_and_described() {
    fn read(dir: &std::path::Path, raised: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            if entry.path().is_dir() {
                read(&entry.path(), raised);
            } else {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                // `raise("id", …)`, wherever the line breaks.
                let calls = text.split("raise(").skip(1).filter_map(|t| t.trim_start().strip_prefix('"'));
                raised.extend(calls.filter_map(|t| t.split_once('"')).map(|(id, _)| id.to_owned()));
            }
        }
    }
    let mut raised = BTreeSet::new();
    read("src".as_ref(), &mut raised);
    let described: BTreeSet<String> = hazard::all().unwrap().keys().cloned().collect();
    assert_eq!(raised, described);
}

/// The shapes are many enough to mean something, and each is written once.
#[test]
fn shapes_are_many_and_different() {
    let all: Vec<&str> = shapes(18).collect();
    let different: BTreeSet<&str> = all.iter().copied().collect();
    assert!(all.len() >= 300, "{}", all.len());
    assert_eq!(all.len(), different.len());
}
