//! The fact tables of MySQL and MariaDB against real servers: every shape is judged from the inspected catalog without a clause
//! and with each ALGORITHM and LOCK, from the best on, until one is accepted. Verdict and server must agree on each refusal and its
//! code, and on whether the table was written anew.

use crate::inspect::inspect;
use crate::support::mysql_measure::{Done, MysqlBench};
use crate::support::mysql_shape::{MysqlShape, mysql_fixture, mysql_shapes};
use crate::support::{MysqlServer, mysqls, on_each_mysql};
use sidestep::engine::hazard;
use sidestep::engine::mysql::facts::{self, Clause};
use sidestep::engine::{Session as Settings, Verdict, judge};
use sidestep::model::{Catalog, Engine, LockMode, Version, Work};
use sidestep::sql::{Statement, parse};
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

/// From the best to the dearest.
const CLAUSES: [(&str, &str); 9] = [
    ("INSTANT", ""),
    ("NOCOPY", "NONE"),
    ("NOCOPY", "SHARED"),
    ("INPLACE", "NONE"),
    ("INPLACE", "SHARED"),
    ("INPLACE", "EXCLUSIVE"),
    ("COPY", "NONE"),
    ("COPY", "SHARED"),
    ("COPY", "EXCLUSIVE"),
];

fn statement(sql: &str, engine: Engine) -> Result<Statement, String> {
    let script = parse(sql, engine).map_err(|why| format!("{why:?}"))?;
    script.statements.first().map(|s| s.statement.clone()).ok_or_else(|| "no statement".to_owned())
}

struct Bench {
    engine: Engine,
    version: Version,
    catalog: Catalog,
    measure: MysqlBench,
}

impl Bench {
    fn new(server: &'static MysqlServer) -> Self {
        let database = server.fresh_database();
        let engine = if server.is_mariadb() { Engine::Mariadb } else { Engine::Mysql };
        let mut sql = database.session();
        let version: Version = sql.value("SELECT VERSION()").parse().unwrap();
        let three = (version.major, version.minor, version.patch);
        let newer = engine == Engine::Mysql && version.major >= 8;
        let fixture = mysql_fixture(server.is_mariadb(), three);
        let measure = MysqlBench::new(sql, database.name.clone(), fixture, newer);
        let mut catalog = inspect(&database.url);
        // What each session of the test sets: the server's own is put back before every shape.
        catalog.server.settings.remove("foreign_key_checks");
        Self { engine, version, catalog, measure }
    }

    fn verdict(&self, shape: &MysqlShape, sql: &str) -> Result<Verdict, String> {
        let settings = shape.setting.clone().into_iter().collect();
        let statement = statement(sql, self.engine)?;
        Ok(judge(&statement, &self.catalog, &Settings { settings }))
    }

    /// The shape with these clauses; none where they cannot be written.
    fn with(&self, sql: &str, place: Clause, (algorithm, lock): (&str, &str)) -> Option<String> {
        let parted =
            [format!("ALGORITHM={algorithm}"), if lock.is_empty() { String::new() } else { format!("LOCK={lock}") }];
        let parts: Vec<&str> = parted.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
        if let Some(rest) = sql.strip_prefix("ALTER TABLE ") {
            let (table, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let clauses = parts.join(", ");
            return match place {
                _ if rest.is_empty() => Some(format!("ALTER TABLE {table} {clauses}")),
                Clause::Leading => Some(format!("ALTER TABLE {table} {clauses}, {rest}")),
                Clause::LeadingBare => Some(format!("ALTER TABLE {table} {clauses} {rest}")),
                _ => Some(format!("{sql}, {clauses}")),
            };
        }
        let index = sql.contains(" INDEX ") && (sql.starts_with("CREATE") || sql.starts_with("DROP"));
        let taken = sql.starts_with("CREATE") || self.engine == Engine::Mysql;
        (index && taken).then(|| format!("{sql} {}", parts.join(" ")))
    }
}

/// Where verdict and server differ; empty if they agree.
fn differences(verdict: &Verdict, done: &Done, shape: &MysqlShape, measured: bool) -> Vec<String> {
    let mut found = Vec::new();
    let code = |r: &crate::support::MysqlRefused| r.code.to_string();
    match (&verdict.fails, &done.refused) {
        (None, Some(refused)) if !shape.refused.contains(&code(refused)) => {
            found.push(format!("expected to work, refused: {} {}", refused.code, refused.message));
        }
        (Some(fails), None) => found.push(format!("expected to be refused ({fails}), it worked")),
        (Some(fails), Some(refused)) if !fails.contains(&code(refused)) && !shape.refused.contains(&code(refused)) => {
            found.push(format!("expected refusal: {fails}, measured: {} {}", refused.code, refused.message));
        }
        _ => {}
    }
    if done.refused.is_none() && verdict.fails.is_none() && measured && shape.sql.starts_with("ALTER") {
        let expected: BTreeSet<String> = verdict.rewrites.iter().map(|t| t.name.to_string()).collect();
        let target = verdict.tables.first().map(|t| t.name.to_string()).unwrap_or_default();
        let (want, got) = (expected.contains(&target), done.rebuilt.contains(&target));
        // One partition gets a new file, or another table's; other engines keep no numbers.
        let unseen = ["TRUNCATE PARTITION", "EXCHANGE PARTITION", " RENAME TO "].iter().any(|k| shape.sql.contains(k));
        if want != got && !unseen && done.seen.contains(&target) {
            let shown = |b: bool| if b { "written anew" } else { "no row touched" };
            found.push(format!("expected {}, measured {}", shown(want), shown(got)));
        }
    }
    found
}

/// A verdict has to be told to people: why, where to read on, and hazards whose placeholders are all filled.
fn wordless(verdict: &Verdict) -> Vec<String> {
    let mut found = Vec::new();
    if verdict.fails.is_none() && verdict.because.is_empty() {
        found.push("a verdict without words".to_owned());
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
    runs: usize,
    differences: Vec<String>,
    /// Rows of the fact table that the verdicts rested on.
    grounds: BTreeSet<String>,
    seconds: f64,
    engine: Option<(Engine, Version)>,
}

fn rows_of(engine: Engine, version: Version, ground: &str) -> Option<&'static facts::Fact> {
    let (op, when) = ground.split_once('/').unwrap();
    facts::fact(engine, op, when, version)
}

/// Every shape on one server.
fn conformance(server: &'static MysqlServer) -> Report {
    let mut bench = Bench::new(server);
    let (engine, version) = (bench.engine, bench.version);
    let mut report = Report { engine: Some((engine, version)), ..Report::default() };
    let only = std::env::var("SIDESTEP_SHAPE").unwrap_or_default();
    let three = (version.major, version.minor, version.patch);
    let began = Instant::now();
    for shape in mysql_shapes() {
        if !shape.is_for(engine == Engine::Mariadb, three) || !only.split('|').any(|part| shape.sql.contains(part)) {
            continue;
        }
        report.tried += 1;
        let mut found = Vec::new();
        let mut place = Clause::Kept;
        let plain = match bench.verdict(&shape, &shape.sql) {
            Ok(verdict) => verdict,
            Err(why) => {
                // What the reader refuses has to be a syntax error for the server as well.
                let done = bench.measure.run(&shape, &shape.sql);
                if done.refused.as_ref().is_none_or(|r| r.code != 1064) {
                    report.differences.push(format!("{} [{}] cannot be read: {why}", shape.sql, server.name));
                    bench.measure.restore(&shape.sql);
                }
                continue;
            }
        };
        let rows: Vec<_> = plain.grounds.iter().filter_map(|g| rows_of(engine, version, g)).collect();
        let measured = rows.iter().all(|r| r.is_measured(engine, version)) && plain.work != Work::Unknown;
        if let Some(row) = rows.iter().find(|r| r.clause != Clause::Kept) {
            place = row.clause;
        }
        found.extend(wordless(&plain));
        // Where clauses can be written, the statement is run with them: what it does then is what it does without.
        let alter = measured
            && plain.fails.is_none()
            && shape.refused.is_empty()
            && place != Clause::Refused
            && place != Clause::NoPromise
            && bench.with(&shape.sql, place, CLAUSES[0]).is_some();
        if !alter {
            let done = bench.measure.run(&shape, &shape.sql);
            report.runs += 1;
            found.extend(differences(&plain, &done, &shape, measured));
            // A DROP of several tables may have dropped some before it was refused.
            if done.refused.is_none() || shape.sql.starts_with("DROP TABLE") {
                bench.measure.restore(&shape.sql);
            }
        }
        let nocopy = |c: &&(&str, &str)| engine == Engine::Mariadb || c.0 != "NOCOPY";
        for clause in CLAUSES.iter().filter(|_| alter).filter(nocopy) {
            let Some(sql) = bench.with(&shape.sql, place, *clause) else { break };
            let verdict = match bench.verdict(&shape, &sql) {
                Ok(verdict) => verdict,
                Err(why) => {
                    found.push(format!("with {clause:?} cannot be read: {why}"));
                    break;
                }
            };
            let done = bench.measure.run(&shape, &sql);
            report.runs += 1;
            found.extend(
                differences(&verdict, &done, &shape, true).into_iter().map(|d| format!("with {clause:?}: {d}")),
            );
            if done.refused.is_none() {
                bench.measure.restore(&shape.sql);
                break;
            }
        }
        if plain.hazards.iter().any(|h| h.id == "opaque") {
            found.push(format!("no fact is known: {}", plain.because));
        }
        for difference in found {
            let line = format!("{} [{}] {difference}; rests on {:?}", shape.sql, server.name, plain.grounds);
            report.differences.push(line.chars().filter(|c| *c != '\n').collect());
        }
        report.grounds.extend(plain.grounds);
    }
    report.seconds = began.elapsed().as_secs_f64();
    report
}

#[test]
fn mysql_verdicts_are_what_servers_do() {
    // They wait for their disks more than for each other.
    let done: Vec<(&str, Report)> = std::thread::scope(|scope| {
        let running: Vec<_> =
            mysqls().into_iter().map(|name| (name, scope.spawn(move || conformance(MysqlServer::of(name))))).collect();
        running.into_iter().map(|(name, one)| (name, one.join().unwrap())).collect()
    });
    let tried: usize = done.iter().map(|(_, r)| r.tried).sum();
    let runs: usize = done.iter().map(|(_, r)| r.runs).sum();
    let mut differences: Vec<&String> = done.iter().flat_map(|(_, r)| &r.differences).collect();
    differences.sort();
    let shapes = mysql_shapes().len();
    let seconds: Vec<String> = done.iter().map(|(name, r)| format!("{name} {:.0} s", r.seconds)).collect();
    let line = format!(
        "mysql facts: {shapes} shapes × {} servers = {tried} tried in {runs} runs, {} differences ({})\n",
        done.len(),
        differences.len(),
        seconds.join(", ")
    );
    let _ = std::io::stderr().write_all(line.as_bytes());
    let lines: Vec<&str> = differences.iter().map(|d| d.as_str()).collect();
    assert!(differences.is_empty(), "{line}{}", lines.join("\n"));
    if std::env::var_os("SIDESTEP_SHAPE").is_none() {
        untried(&done);
    }
}

/// Every row that says `measured` is tried on every server that it speaks of.
fn untried(done: &[(&'static str, Report)]) {
    let mut untried = Vec::new();
    for (name, report) in done {
        let (engine, version) = report.engine.unwrap();
        for (op, rows) in facts::all(engine).unwrap() {
            let spoken = rows.iter().filter(|r| r.speaks_of(version) && r.is_measured(engine, version));
            let ground = |row: &facts::Fact| format!("{op}/{}", row.when);
            untried
                .extend(spoken.map(ground).filter(|g| !report.grounds.contains(g)).map(|g| format!("{g} on {name}")));
        }
    }
    assert!(untried.is_empty(), "rows that say `measured` but no shape tries:\n{}", untried.join("\n"));
}

/// Whoever has read the table in an open transaction holds off each of these: they ask for an exclusive lock, if only for a moment.
/// What a verdict calls EXCLUSIVE METADATA or SHARED_UPGRADABLE waits, what only reads and writes rows does not.
#[test]
fn changes_of_the_schema_wait_for_readers() {
    let asked = on_each_mysql(|server| {
        let mut bench = Bench::new(server);
        let database = bench.measure.sql.value("SELECT DATABASE()");
        let mut reader = crate::support::MysqlSession::open(&server.url(&database));
        reader.run("START TRANSACTION; SELECT * FROM t");
        bench.measure.sql.run("SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1");
        let mut found = Vec::new();
        for sql in [
            "ALTER TABLE t ADD COLUMN x INT",
            "ALTER TABLE t ADD INDEX k_n (n)",
            "ALTER TABLE t MODIFY COLUMN n BIGINT",
            "ALTER TABLE t FORCE",
            "RENAME TABLE t TO t9",
            "TRUNCATE TABLE t",
            "DROP TABLE t",
            "CREATE TRIGGER tr_x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
            "UPDATE t SET a = 7 WHERE id = 1",
        ] {
            let statement = statement(sql, bench.engine).unwrap();
            let verdict = judge(&statement, &bench.catalog, &Settings::default());
            let waits = verdict.locks.iter().any(|l| l.mode >= LockMode::MetadataUpgradable);
            let done = bench.measure.sql.try_run(sql);
            let waited = done.as_ref().is_err_and(|why| why.code == 1205);
            if waits != waited {
                found.push(format!("{sql} [{}] waits: expected {waits}, measured {done:?}", server.name));
            }
        }
        found
    });
    let found: Vec<String> = asked.into_iter().flat_map(|(_, f)| f).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
