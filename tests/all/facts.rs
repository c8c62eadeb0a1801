//! The fact table against real servers: every shape is judged from the inspected catalog, then run, and both must agree
//! on refusal, on the locks of every relation at any moment, on new files and on what is read. Any difference fails with
//! what was expected and what was measured.

use crate::inspect::inspect;
use crate::support::measure::{Alone, Before, Locks, Measured, asks_for_more, in_transaction};
use crate::support::shape::{Shape, fixture, shapes};
use crate::support::{Server, Session, fact_majors, on_each};
use sidestep::engine::facts::{self, Source};
use sidestep::engine::hazard;
use sidestep::engine::{Sending, Session as Settings, Verdict, judge};
use sidestep::model::{Catalog, Engine, LockMode, TableName, Work};
use sidestep::sql::{Statement, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

pub fn statement(sql: &str) -> Statement {
    let script = parse(sql, Engine::Postgresql).unwrap_or_else(|why| panic!("{sql}: {why:?}"));
    script.statements[0].statement.clone()
}

/// A database with the fixture.
pub fn prepared(major: u16) -> crate::support::Database {
    let server = Server::major(major);
    // Part of the cluster, not of the database; a second test finds it there.
    let mut sql = Session::open(&server.url("postgres"));
    let _ = sql.try_run("SET allow_in_place_tablespaces = on");
    let _ = sql.try_run("CREATE TABLESPACE elsewhere LOCATION ''");
    let database = server.fresh_database();
    database.session().run(&fixture(major));
    database
}

fn verdict(catalog: &Catalog, shape: &Shape) -> Verdict {
    let settings = shape.setting.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    judge(&statement(shape.sql), catalog, &Settings { settings })
}

/// One major's sessions and what it had before.
struct Bench {
    url: String,
    worker: Session,
    watcher: Session,
    blocker: Session,
    before: Before,
    /// A statement has changed files for good.
    stale: bool,
    catalog: Catalog,
}

impl Bench {
    fn new(major: u16) -> Self {
        let database = prepared(major);
        let mut worker = database.session();
        worker.run("SET max_parallel_workers_per_gather = 0; ANALYZE");
        let mut watcher = database.session();
        let before = Before::read(&mut watcher);
        let catalog = inspect(&database.url);
        assert!(catalog.gaps.is_empty(), "{:?}", catalog.gaps);
        let blocker = database.session();
        Self { url: database.url, worker, watcher, blocker, before, stale: false, catalog }
    }

    fn measure(&mut self, shape: &Shape, verdict: &Verdict) -> Measured {
        if std::mem::take(&mut self.stale) {
            self.before = Before::read(&mut self.watcher);
        }
        let claimed = claimed(verdict);
        let local = |scope: &str| shape.setting.map_or(String::new(), |(n, v)| format!("SET {scope} {n} = '{v}';"));
        let set = local("LOCAL");
        let mut measured = in_transaction(&mut self.worker, &mut self.watcher, &self.before, &set, shape.sql);
        match (&measured.refused, verdict.sending) {
            (None, Sending::OutsideTransaction) => {
                measured.asked.push("expected to be refused inside a transaction, it worked".to_owned());
            }
            (None, Sending::Any) if verdict.fails.is_none() => {
                let (worker, blocker) = (&mut self.worker, &mut self.blocker);
                measured.asked.extend(asks_for_more(worker, blocker, &self.before, &claimed, &set, shape.sql));
            }
            (Some(refused), _) if refused.code == "25001" && verdict.fails.is_some() => {
                // The transaction is refused first; sent alone, the server says what it has against the statement itself.
                measured.refused = self.worker.try_run(shape.sql).err();
            }
            (Some(refused), Sending::OutsideTransaction) if refused.code == "25001" => {
                measured = self.alone(shape, verdict, &claimed, &local("SESSION"));
            }
            _ => {}
        }
        measured
    }

    fn alone(&mut self, shape: &Shape, verdict: &Verdict, claimed: &Locks, set: &str) -> Measured {
        let reads = verdict.work == Work::Scan;
        let mut measured = self.once(shape, claimed, set, reads, None);
        // What was claimed and not seen while it waited for others is held against it.
        let unseen: Vec<(&String, &LockMode)> =
            claimed.iter().filter(|(n, m)| measured.locks.get(*n) < Some(*m) && measured.refused.is_none()).collect();
        for (name, _) in unseen {
            // A materialised view or an index cannot be held by LOCK TABLE.
            if matches!(self.before.kind(name), 'm' | 'i') {
                measured.locks.insert(name.clone(), claimed[name]);
                continue;
            }
            let again = self.once(shape, claimed, set, false, Some(name));
            measured.locks.extend(again.locks.into_iter().filter(|(n, _)| n == name));
            measured.asked.extend(again.asked);
        }
        self.stale = true;
        measured
    }

    fn once(&mut self, shape: &Shape, claimed: &Locks, set: &str, reads: bool, stop_at: Option<&str>) -> Measured {
        let (url, watcher) = (self.url.as_str(), &mut self.watcher);
        // Files change for good.
        self.before = Before::read(watcher);
        let alone = Alone { url, watcher, before: &self.before, claimed, expects_reads: reads };
        let measured = { alone }.run(set, shape.sql, stop_at);
        if let Some(undo) = shape.undo {
            self.worker.run(undo);
        }
        measured
    }
}

fn claimed(verdict: &Verdict) -> Locks {
    let told = verdict.locks.iter().filter(|l| l.mode > LockMode::AccessShare);
    told.map(|l| (l.object.clone(), l.mode)).collect()
}

/// Where verdict and server differ, one line each; empty if they agree.
fn differences(verdict: &Verdict, measured: &Measured, bench: &Bench) -> Vec<String> {
    let before = &bench.before;
    let mut found = measured.asked.clone();
    match (&verdict.fails, &measured.refused) {
        (None, Some(refused)) => {
            found.push(format!("expected to work, refused: {} {}", refused.code, refused.message));
        }
        (Some(fails), None) => found.push(format!("expected to be refused ({fails}), it worked")),
        (Some(fails), Some(refused)) if !fails.contains(&refused.code) => {
            found.push(format!("expected refusal: {fails}, measured: {} {}", refused.code, refused.message));
        }
        _ => {}
    }
    if measured.refused.is_some() || verdict.fails.is_some() {
        return found;
    }
    let expected = claimed(verdict);
    let is_table = |name: &str| !matches!(before.kind(name), 'i' | 'I' | 'S' | 'c');
    let strongest = measured.locks.iter().filter(|(n, _)| is_table(n)).map(|(_, m)| *m).max();
    for name in expected.keys().chain(measured.locks.keys()).collect::<BTreeSet<_>>() {
        let (want, got) = (expected.get(name).copied(), measured.locks.get(name).copied());
        // Indexes and sequences: only what a row claims, and what the lock on their table does not cover.
        let cover = before.table_of(name).map_or(strongest, |table| measured.locks.get(table).copied());
        // Row locks fall on the rows' own partition and on partners only where a key changes: they block nothing.
        let spared = want.is_some_and(|m| m <= LockMode::RowExclusive) && got.is_none();
        let unsaid = want.is_none() && !is_table(name) && (got <= cover || got < Some(LockMode::Share));
        if want != got && !unsaid && !spared {
            let mode = |m: Option<LockMode>| m.map_or("no lock", LockMode::name);
            found.push(format!("{name}: expected {}, measured {}", mode(want), mode(got)));
        }
    }
    let rests_on_manual = verdict.grounds.iter().any(|g| row(g).iter().any(|r| r.source == Source::Manual));
    // Nothing to measure on an empty table.
    if !rests_on_manual && verdict.rows != Some(0) && verdict.work != Work::Unknown {
        found.extend(work_differences(verdict, measured, bench));
    }
    found
}

fn row(ground: &str) -> Vec<&'static facts::Fact> {
    let (op, when) = ground.split_once('/').unwrap();
    facts::rows(op).iter().filter(|r| r.when == when).collect()
}

fn work_differences(verdict: &Verdict, measured: &Measured, bench: &Bench) -> Vec<String> {
    let before = &bench.before;
    let mut found = Vec::new();
    let coarse = |work: Work| if work == Work::None { Work::Catalog } else { work };
    if coarse(verdict.work) != measured.work() {
        found.push(format!("expected {}, measured {}", verdict.work, measured.work()));
    }
    // There is nothing to see in an empty table.
    let empty = |n: &TableName| bench.catalog.table(n).is_some_and(|t| t.stats.rows == Some(0));
    let names =
        |list: &[TableName]| list.iter().filter(|n| !empty(n)).map(ToString::to_string).collect::<BTreeSet<_>>();
    let (reads, rewrites, builds) = (names(&verdict.reads), names(&verdict.rewrites), names(&verdict.builds));
    let mut compare = |what: &str, expected: &BTreeSet<String>, measured: &BTreeSet<String>| {
        if expected != measured {
            found.push(format!("{what}: expected {expected:?}, measured {measured:?}"));
        }
    };
    compare("new files", &rewrites, &measured.rewrites);
    // Indexes of materialised views are not in the catalog.
    let of_table = |i: &&String| before.table_of(i).is_none_or(|t| before.kind(t) != 'm');
    compare("indexes built anew", &builds, &measured.builds.iter().filter(of_table).cloned().collect());
    let target = verdict.tables.first().map(ToString::to_string);
    let covered = |name: &String| {
        reads.contains(name)
            || rewrites.contains(name)
            || verdict.tables.is_empty()
            || verdict.grounds.iter().any(|g| g.starts_with("insert/"))
            || measured.indexed.contains(name)
            || measured.builds.iter().any(|i| before.table_of(i) == Some(name.as_str()))
            || target.as_ref().is_some_and(|t| t != name && verdict.tables.iter().any(|o| o.to_string() == **name))
    };
    let unsaid: BTreeSet<String> = measured.reads.iter().filter(|n| !covered(n)).cloned().collect();
    compare("tables read", &BTreeSet::new(), &unsaid);
    let missed: BTreeSet<String> = reads.difference(&measured.reads).cloned().collect();
    compare("tables that would be read", &missed, &BTreeSet::new());
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

#[derive(Default)]
struct Report {
    tried: usize,
    differences: Vec<String>,
    /// Rows of the fact table that the verdicts rested on.
    grounds: BTreeSet<String>,
}

/// Every shape on one major.
fn conformance(major: u16) -> Report {
    let mut bench = Bench::new(major);
    let mut report = Report::default();
    let only = std::env::var("SIDESTEP_SHAPE").unwrap_or_default();
    let chosen = |s: &&Shape| only.split('|').any(|part| s.sql.contains(part));
    for shape in shapes("shapes.sql").iter().filter(|s| s.is_for(major)).filter(chosen) {
        let verdict = verdict(&bench.catalog, shape);
        let measured = bench.measure(shape, &verdict);
        let mut found = Vec::new();
        if let Some(code) = shape.refused {
            let measured = measured.refused.map_or_else(|| "no refusal".to_owned(), |r| r.code);
            let foreseen = verdict.fails.as_ref().is_some_and(|f| !f.contains(code));
            if measured != code || foreseen {
                found.push(format!("expected refusal {code}, measured {measured}, verdict {:?}", verdict.fails));
            }
        } else if may_be_opaque(shape.sql) {
            // Nothing is claimed.
        } else {
            found.extend(wordless(&verdict));
            found.extend(differences(&verdict, &measured, &bench));
        }
        if verdict.hazards.iter().any(|h| h.id == "opaque") && !may_be_opaque(shape.sql) {
            found.push(format!("no fact is known: {}", verdict.because));
        }
        for difference in found {
            report.differences.push(format!("{} [{major}] {difference}; rests on {:?}", shape.sql, verdict.grounds));
        }
        report.tried += 1;
        report.grounds.extend(verdict.grounds);
    }
    report
}

/// What may do anything.
fn may_be_opaque(sql: &str) -> bool {
    ["DO ", "CALL ", "EXECUTE "].iter().any(|verb| sql.starts_with(verb))
}

#[test]
fn verdicts_are_what_servers_do() {
    let done = on_each(&fact_majors(), conformance);
    let tried: usize = done.iter().map(|(_, r)| r.tried).sum();
    let mut differences: Vec<&String> = done.iter().flat_map(|(_, r)| &r.differences).collect();
    differences.sort();
    let shapes = shapes("shapes.sql").len();
    let line =
        format!("facts: {shapes} shapes × {} majors = {tried} tried, {} differences\n", done.len(), differences.len());
    // Past the test's captured output: the count is worth a line in every run.
    let _ = std::io::stderr().write_all(line.as_bytes());
    let lines: Vec<&str> = differences.iter().map(|d| d.as_str()).collect();
    assert!(differences.is_empty(), "{line}{}", lines.join("\n"));
    if std::env::var_os("SIDESTEP_SHAPE").is_none() {
        untried(&done);
    }
}

/// Every row that says `measured` is tried on every major it speaks of.
fn untried(done: &[(u16, Report)]) {
    let mut untried = Vec::new();
    for (op, rows) in facts::all().unwrap() {
        for row in rows.iter().filter(|r| r.source == Source::Measured) {
            let ground = format!("{op}/{}", row.when);
            let on = done.iter().filter(|(m, r)| (row.since..=row.until).contains(m) && !r.grounds.contains(&ground));
            let on: Vec<String> = on.map(|(m, _)| m.to_string()).collect();
            if !on.is_empty() {
                untried.push(format!("{ground} on {}", on.join(", ")));
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
    // The linter's own: a verdict's refusal is no hazard of a plan.
    raised.insert("fails".to_owned());
    let described: BTreeSet<String> = hazard::all().unwrap().keys().cloned().collect();
    assert_eq!(raised, described);
}

/// The shapes are many enough to mean something, and each is written once.
#[test]
fn shapes_are_many_and_different() {
    let all = shapes("shapes.sql");
    let different: BTreeSet<String> = all.iter().map(|s| format!("{s:?}")).collect();
    assert!(all.len() >= 1300, "{}", all.len());
    let mut seen = BTreeMap::new();
    for shape in &all {
        *seen.entry(format!("{shape:?}")).or_insert(0) += 1;
    }
    let twice: Vec<_> = seen.into_iter().filter(|(_, n)| *n > 1).collect();
    assert_eq!(all.len(), different.len(), "{twice:?}");
}
