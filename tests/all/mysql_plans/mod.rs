//! Plans for MySQL and MariaDB: every case of `tests/cases-mysql` as text for each server it names, compared with `<name>.plan` beside it
//! (`SIDESTEP_BLESS=1` writes them); and the exported files run by the real client on the real servers while clients of the
//! running releases work, twice, and back. `SIDESTEP_CASE=part-of-a-name,another` runs some, `SIDESTEP_MYSQL=mysql-9.7` one server.

mod app;
mod case;
mod failure;
mod files;
mod journey;
mod traffic;

use crate::support::{MysqlServer, mysqls, on_each_mysql};
pub use case::{Case, all as every_case, parse, policy};
use case::{cases, folder};
pub use files::Client;
use sidestep::engine::replay;
use sidestep::export;
use sidestep::model::{Catalog, Engine, Version};
use sidestep::{change, sql};
use std::sync::OnceLock;

/// The database after `setup`, made without a server.
pub fn catalog(case: &Case, server: &str) -> Catalog {
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
    catalog.server.settings.extend(case.settings.iter().cloned());
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
        let text = match change::plan(&case.wish, &catalog(case, server), &case.policy) {
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
        let not: Vec<&str> = text.lines().filter(|l| l.starts_with("not planned:")).collect();
        let groups = text.lines().filter(|l| l.starts_with("== ")).count();
        let right = match &case.refused {
            Some(because) => not.len() == groups && text.contains(because.as_str()),
            None => not.is_empty(),
        };
        if !right {
            stale.push(format!("{}: {not:?}", case.name));
        }
    }
    assert!(stale.is_empty(), "golden plans differ (SIDESTEP_BLESS=1 writes them):\n{}", stale.join("\n"));
}

/// Runs `work` on servers that no other tests share: what others measure is not to wait for these plans, nor these for them.
fn on_each<T: Send>(work: impl Fn(&'static MysqlServer) -> T + Sync) -> Vec<(&'static str, T)> {
    static OWN: [OnceLock<MysqlServer>; 5] = [const { OnceLock::new() }; 5];
    let names = mysqls();
    on_each_mysql(|server| {
        let at = names.iter().position(|n| *n == server.name).unwrap();
        work(OWN[at].get_or_init(|| MysqlServer::private(server.name, &[])))
    })
}

/// Neighbouring cases take other servers, two each, so that all are met; all with `SIDESTEP_EVERY` (`tests/run --all`) or a
/// case's name.
fn runs_on(server: &str) -> Vec<Case> {
    let every = std::env::var_os("SIDESTEP_EVERY").is_some() || std::env::var_os("SIDESTEP_CASE").is_some();
    let servers = mysqls();
    let all = cases().into_iter().filter(|c| !c.offline && c.refused.is_none());
    let mut here = Vec::new();
    for (nth, case) in all.enumerate() {
        let meant: Vec<&str> =
            servers.iter().copied().filter(|s| case.only.is_empty() || case.only.iter().any(|o| o == s)).collect();
        let chosen = |i: usize| meant.get((nth + i * meant.len().div_ceil(2)) % meant.len().max(1)) == Some(&server);
        if meant.contains(&server) && (every || chosen(0) || chosen(1)) {
            here.push(case);
        }
    }
    here
}

#[test]
fn files_run_twice_under_traffic_and_lead_back() {
    let found = on_each(|server| {
        let mut wrong = Vec::new();
        let mut ran = (0, 0, 0);
        for case in &runs_on(server.name) {
            let mut tell = |what: &str, why: String| {
                // Seen at once with --nocapture: a run takes minutes.
                eprintln!("FAILS {} {}{what}: {why}", server.name, case.name);
                wrong.push(format!("{}{what}: {why}", case.name));
            };
            if case.unplanned.iter().any(|s| s == server.name) {
                if !files::prepared(server, case).is_err_and(|why| why.starts_with("not planned")) {
                    tell("", "is planned, though the case says that it is not".to_owned());
                }
                continue;
            }
            match journey::forward(server, case) {
                Ok(n) => ran = (ran.0 + 1, ran.1 + n, ran.2),
                Err(why) => tell("", why),
            }
            match journey::back(server, case) {
                Ok(n) => ran.2 += n,
                Err(why) => tell(" back", why),
            }
        }
        (ran, wrong)
    });
    for (server, ((plans, steps, undone), wrong)) in &found {
        eprintln!("{server}: {plans} plans, {steps} steps, {undone} undone, {} wrong", wrong.len());
    }
    let all: Vec<String> =
        found.iter().flat_map(|(s, (_, w))| w.iter().map(move |line| format!("{s} {line}"))).collect();
    assert!(all.is_empty(), "{} fail:\n{}", all.len(), all.join("\n"));
}

/// Servers that read SQL in another way, or hold names in another case: a plan's own statements mean the same there.
#[test]
fn servers_of_another_mind() {
    let wanted =
        ["rename-column", "not-null", "strange-names", "add-foreign-key", "rename-table", "modify-keeps", "trigger"];
    let minds = [
        ("mariadb-10.11", "--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES"),
        ("mysql-9.7", "--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES"),
        ("mariadb-10.11", "--lower-case-table-names=1"),
    ];
    let mut wrong = Vec::new();
    for (name, option) in minds.into_iter().filter(|(n, _)| mysqls().contains(n)) {
        let server = MysqlServer::private(name, &[option]);
        for case in cases().iter().filter(|c| wanted.contains(&c.name.as_str())) {
            let ran = journey::forward(&server, case).and_then(|_| journey::back(&server, case));
            wrong.extend(ran.err().map(|why| format!("{name} {option} {}: {why}", case.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a database looks like, for those who run the same plans another way.
pub fn structure(database: &crate::support::MysqlDatabase) -> Vec<String> {
    files::structure(database, false)
}
