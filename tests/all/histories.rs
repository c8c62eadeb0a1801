//! Schemas written by others: migration histories of public projects, replayed in order on a model catalog. Every CREATE,
//! ALTER, DROP, UPDATE and DELETE is planned on the catalog as it then stands: planned, or refused with a reason; never a panic,
//! never a fault of sidestep.
//!
//! `tests/run` fetches the packages (`SIDESTEP_HISTORIES`, one folder per project, files in the order of their names).
//! `SIDESTEP_SCHEMAS=DIR` takes other folders of the same shape instead; `SIDESTEP_SHOW=part-of-a-reason` prints the
//! statements behind it; `SIDESTEP_BLESS=1` writes `docs/real-schemas.md`.

use sidestep::change;
use sidestep::engine::{Session, judge, replay};
use sidestep::model::{Catalog, Engine, Version};
use sidestep::plan::{Policy, Strategy};
use sidestep::sql::{self, Statement};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// No statement may take longer to plan, whatever the size of the catalog (a debug build on a busy machine).
const SLOWEST: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Told {
    files: usize,
    statements: usize,
    tables: usize,
    /// Change kind → how many statements were planned as it.
    planned: BTreeMap<String, usize>,
    /// Reason without its names → how many, and one of them.
    refused: BTreeMap<String, (usize, String)>,
    unread: BTreeMap<String, (usize, String)>,
    unreplayed: BTreeMap<String, (usize, String)>,
    opaque: BTreeMap<String, (usize, String)>,
    /// Faults of sidestep.
    faults: Vec<String>,
    slowest: (Duration, String),
}

impl Told {
    fn all_planned(&self) -> usize {
        self.planned.values().sum()
    }
    fn all_refused(&self) -> usize {
        self.refused.values().map(|(n, _)| n).sum()
    }
}

fn count(map: &mut BTreeMap<String, (usize, String)>, reason: &str, of: &str) {
    let reason = without_names(reason);
    if std::env::var("SIDESTEP_SHOW").is_ok_and(|part| reason.contains(&part)) {
        eprintln!("--- {reason}\n{of}");
    }
    let entry = map.entry(reason).or_insert_with(|| (0, of.to_owned()));
    entry.0 += 1;
}

/// The first line, with every name and number replaced: reasons of one sort are counted together.
fn without_names(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or("");
    let line = match line.split_once(": ") {
        Some((place, rest)) if place.starts_with("line ") => rest,
        _ => line,
    };
    let parts: Vec<&str> = line.split('`').collect();
    let bare = parts.iter().enumerate().map(|(i, p)| if i % 2 == 1 { "…" } else { p }).collect::<String>();
    let mut out = String::new();
    let mut in_number = false;
    for c in bare.chars() {
        let digit = c.is_ascii_digit();
        if digit && !in_number {
            out.push('N');
        } else if !digit {
            out.push(c);
        }
        in_number = digit;
    }
    out
}

/// What a team would ask a planner about.
fn is_change(text: &str, statement: &Statement) -> bool {
    let first = text.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or("").to_lowercase();
    match statement {
        Statement::Update(_) | Statement::Delete { .. } => true,
        Statement::Set { .. } | Statement::Transaction { .. } | Statement::Select | Statement::Insert { .. } => false,
        _ => ["create", "alter", "drop", "truncate"].contains(&first.as_str()),
    }
}

fn tell(folder: &Path) -> Told {
    let mut told = Told::default();
    let mut catalog = Catalog::empty(Engine::Postgresql, Version::new(15, 4));
    catalog.volatilities = sidestep::db::demo().volatilities;
    let policy = Policy { strategy: Strategy::Online, ..Policy::default() };
    for file in files(folder) {
        told.files += 1;
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        let (statements, problems) = sql::read(&text);
        // Every file is a session of its own.
        catalog.search_path = vec!["public".into()];
        for problem in &problems {
            let place = text.get(problem.span.start..).unwrap_or("").chars().take(120).collect::<String>();
            count(&mut told.unread, &problem.message, &format!("{}: {place}", file.display()));
        }
        for located in &statements {
            let place = format!("{}: {}", file.file_name().unwrap().to_string_lossy(), located.text);
            if let Statement::Opaque { because } = &located.statement {
                count(&mut told.opaque, because, &place);
            }
            if is_change(&located.text, &located.statement) {
                told.statements += 1;
                one(&mut told, &located.text, &located.statement, &place, &catalog, &policy);
            }
            if let Err(why) = replay(&mut catalog, &located.statement) {
                count(&mut told.unreplayed, &why, &place);
            }
        }
        // Old tables are large: an empty one would be changed as it stands.
        for table in &mut catalog.tables {
            table.stats.rows = Some(20_000_000);
            table.stats.heap_bytes = 4 << 30;
            table.stats.index_bytes = 1 << 30;
        }
    }
    told.tables = catalog.tables.len();
    told
}

fn one(told: &mut Told, text: &str, statement: &Statement, place: &str, catalog: &Catalog, policy: &Policy) {
    let begun = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| {
        judge(statement, catalog, &Session::default());
        change::plan(text, catalog, policy)
    }));
    let took = begun.elapsed();
    if took > told.slowest.0 {
        told.slowest = (took, place.to_owned());
    }
    if took > SLOWEST {
        told.faults.push(format!("took {took:?}: {place}"));
    }
    match answer {
        Err(_) => told.faults.push(format!("panicked: {place}")),
        Ok(Ok(plan)) => {
            for kind in plan.wanted.iter().map(|w| w.kind.clone()).take(1) {
                if std::env::var("SIDESTEP_SHOW").is_ok_and(|part| part == kind) {
                    eprintln!("--- {kind}\n{place}");
                }
                *told.planned.entry(kind).or_default() += 1;
            }
        }
        Ok(Err(why)) => {
            let words = why.to_string();
            if words.contains("fault in sidestep") || words.contains("breaks a law") || words.contains("no safe plan") {
                told.faults.push(format!("{words}\n    {place}"));
            }
            let reason = why.problems.first().map(|p| p.message.clone()).unwrap_or_default();
            count(&mut told.refused, &reason, place);
        }
    }
}

/// In the order of their paths, numbers by their value.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).unwrap().flatten() {
            let path = entry.path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if (name.ends_with(".sql") || name.ends_with(".sql.postgres")) && !name.ends_with("down.sql") {
                found.push(path);
            }
        }
    }
    found.sort_by_key(|p| natural(&p.to_string_lossy()));
    found
}

fn natural(path: &str) -> Vec<(u64, String)> {
    let mut key = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(text);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(end);
        key.push((0, word.to_owned()));
        key.push((number.parse().unwrap_or(0), String::new()));
        rest = tail;
    }
    key
}

fn page(all: &BTreeMap<String, Told>) -> String {
    let mut out = String::from(
        "# Schemas written by others\n\nMigration histories of public projects, replayed in order on a model catalog of PostgreSQL 15 in which \
         every table is large. Every CREATE, ALTER, DROP, TRUNCATE, UPDATE and DELETE is planned on the catalog as it then stands. \
         Written by `SIDESTEP_BLESS=1 cargo test histories`; `tests/run` fetches the packages.\n\n\
         | project | files | tables in the end | statements | planned | of these by a recipe | refused | share planned |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, told) in all {
        let as_written = told.planned.get("as-written").copied().unwrap_or(0);
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} | {:.1} % |",
            told.files,
            told.tables,
            told.statements,
            told.all_planned(),
            told.all_planned() - as_written,
            told.all_refused(),
            100.0 * told.all_planned() as f64 / told.statements.max(1) as f64
        );
        for (reason, (n, _)) in &told.refused {
            *reasons.entry(reason).or_default() += n;
        }
        for (kind, n) in &told.planned {
            *kinds.entry(kind).or_default() += n;
        }
    }
    for (title, counts) in [("Planned, by kind", kinds), ("Refused, by reason", reasons)] {
        let _ = writeln!(out, "\n## {title}\n\n| | statements |\n|---|--:|");
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(what, n)| (std::cmp::Reverse(*n), *what));
        for (what, n) in counts {
            let _ = writeln!(out, "| {} | {n} |", what.replace('|', "\\|"));
        }
    }
    out
}

#[test]
fn histories_of_others_are_planned_or_refused_with_a_reason() {
    let study = std::env::var_os("SIDESTEP_SCHEMAS").map(PathBuf::from);
    let fetched = std::env::var_os("SIDESTEP_HISTORIES").map(PathBuf::from);
    let Some(folder) = study.clone().or(fetched) else {
        eprintln!("skipped: SIDESTEP_HISTORIES is not set (tests/run fetches the packages and sets it)");
        return;
    };
    let mut all = BTreeMap::new();
    let mut projects: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    projects.retain(|p| p.is_dir());
    projects.sort();
    let tell_all = |(name, project): (String, PathBuf)| std::thread::spawn(move || (name, tell(&project)));
    let named = projects.into_iter().map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), p));
    let running: Vec<_> = named.map(tell_all).collect();
    for (name, told) in running.into_iter().map(|t| t.join().unwrap()) {
        eprintln!(
            "== {name}: {} files, {} tables, {} statements: {} planned, {} refused; slowest {:?}",
            told.files,
            told.tables,
            told.statements,
            told.all_planned(),
            told.all_refused(),
            told.slowest.0
        );
        for (kind, n) in &told.planned {
            eprintln!("   planned {n:>5} {kind}");
        }
        for (word, map) in [
            ("refused", &told.refused),
            ("unread", &told.unread),
            ("not replayed", &told.unreplayed),
            ("opaque", &told.opaque),
        ] {
            for (reason, (n, one)) in map {
                let one: String = one.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(150).collect();
                eprintln!("   {word} {n:>5} {reason}\n                 {one}");
            }
        }
        for fault in &told.faults {
            eprintln!("   FAULT {fault}");
        }
        all.insert(name, told);
    }
    let faults: usize = all.values().map(|t| t.faults.len()).sum();
    let statements: usize = all.values().map(|t| t.statements).sum();
    let planned: usize = all.values().map(Told::all_planned).sum();
    eprintln!(
        "{statements} statements of {} histories: {planned} planned ({:.1} %)",
        all.len(),
        100.0 * planned as f64 / statements as f64
    );
    assert_eq!(faults, 0, "faults of sidestep, see above");
    if study.is_none() {
        assert!(statements > 1000 && all.len() >= 3, "{statements} statements of {} histories", all.len());
        assert!(planned * 100 >= statements * 85, "{planned} of {statements} statements are planned");
        if std::env::var_os("SIDESTEP_BLESS").is_some() {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/real-schemas.md"), page(&all)).unwrap();
        }
    }
}
