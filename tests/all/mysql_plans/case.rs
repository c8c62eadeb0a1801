//! A case of `tests/cases-mysql`: a wish, the database it is for, and what clients send while its plan runs.
//!
//! ```sql
//! -- title: what it shows
//! -- base: shop                     tables and rows of `tests/cases-mysql/base/shop.sql`, before the case's own
//! -- servers: mysql-9.7.0           versions that the golden plans are for; four if left out
//! -- big: users                     tables of 40 million rows, for the golden plans
//! -- policy: batch_rows=3 lock_timeout_ms=1000
//! -- refused: part of the reason    the wish is not planned on any of `servers`, and that is right
//! -- offline: why                   golden plans only
//! -- only: mariadb-10.11 mysql-9.7  servers of the tests that run it; all that plan it if left out
//! -- unplanned: mysql-5.6           servers of the tests on which it is refused, and that is right
//! -- setting: sql_mode=ANSI_QUOTES  of the offline catalog
//! -- value: users.status = 'x{n}'   what clients send; `{n}` is another number each time
//! -- quiet: orders                  rows of this table go or change by the plan: what clients read of it is not compared
//! -- differs: DEFAULT               a line with this part may differ from the script run as it was written
//! -- setup / -- rows / -- wish / -- compare: queries that answer 1 in the end
//! ```

use sidestep::plan::{Policy, Strategy};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Clone)]
pub struct Case {
    pub name: String,
    pub servers: Vec<String>,
    pub big: Vec<String>,
    pub refused: Option<String>,
    pub offline: bool,
    pub only: Vec<String>,
    pub unplanned: Vec<String>,
    pub policy: Policy,
    /// Settings of the offline catalog.
    pub settings: Vec<(String, String)>,
    pub values: BTreeMap<String, String>,
    pub quiet: Vec<String>,
    pub differs: Vec<String>,
    pub setup: String,
    pub rows: String,
    pub wish: String,
    pub compare: String,
}

const SERVERS: &str = "mysql-8.4.3 mysql-9.7.0 mariadb-10.11.6 mariadb-11.8.2";

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases-mysql")
}

/// Those that `SIDESTEP_CASE` names a part of, or all.
pub fn cases() -> Vec<Case> {
    let only = std::env::var("SIDESTEP_CASE").unwrap_or_default();
    all().into_iter().filter(|c| only.split(',').any(|part| c.name.contains(part))).collect()
}

pub fn all() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let sql = paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "sql"));
    sql.map(|p| {
        let name = p.file_stem().unwrap().to_string_lossy().into_owned();
        parse(name, &std::fs::read_to_string(p).unwrap())
    })
    .collect()
}

pub fn policy() -> Policy {
    Policy { strategy: Strategy::Online, batch_rows: 2, batch_pause_ms: 0, ..Policy::default() }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

pub fn parse(name: String, text: &str) -> Case {
    let mut case = Case {
        name,
        servers: words(SERVERS),
        big: Vec::new(),
        refused: None,
        offline: false,
        only: Vec::new(),
        unplanned: Vec::new(),
        policy: policy(),
        settings: Vec::new(),
        values: BTreeMap::new(),
        quiet: Vec::new(),
        differs: Vec::new(),
        setup: String::new(),
        rows: String::new(),
        wish: String::new(),
        compare: String::new(),
    };
    read(&mut case, text);
    case
}

fn read(case: &mut Case, text: &str) {
    let mut section = "";
    for line in text.lines() {
        match line {
            "-- setup" | "-- rows" | "-- wish" | "-- compare" => section = &line[3..],
            _ if section.is_empty() => header(case, line),
            _ => {
                let part = match section {
                    "setup" => &mut case.setup,
                    "rows" => &mut case.rows,
                    "wish" => &mut case.wish,
                    _ => &mut case.compare,
                };
                part.push_str(line);
                part.push('\n');
            }
        }
    }
}

fn header(case: &mut Case, line: &str) {
    let Some((key, value)) = line.trim_start_matches("-- ").split_once(": ") else { return };
    match key {
        "title" => {}
        "base" => {
            let base = folder().join("base").join(format!("{value}.sql"));
            read(case, &std::fs::read_to_string(base).unwrap());
        }
        "servers" => case.servers = words(value),
        "big" => case.big = words(value),
        "refused" => case.refused = Some(value.to_owned()),
        "offline" => case.offline = true,
        "unplanned" => case.unplanned = words(value),
        "only" => case.only = words(value),
        "policy" => {
            let mut policy = serde_json::to_value(&case.policy).unwrap();
            for pair in value.split_whitespace() {
                let (key, value) = pair.split_once('=').unwrap();
                policy[key] = serde_json::from_str(value).unwrap_or_else(|_| value.into());
            }
            case.policy = serde_json::from_value(policy).unwrap();
        }
        "setting" => {
            let (name, value) = value.split_once('=').unwrap();
            case.settings.push((name.to_owned(), value.to_owned()));
        }
        "value" => {
            let (column, sql) = value.split_once(" = ").unwrap();
            case.values.insert(column.to_owned(), sql.to_owned());
        }
        "quiet" => case.quiet.extend(words(value)),
        "differs" => case.differs.push(value.to_owned()),
        _ => panic!("{}: `{key}` is no key of a case", case.name),
    }
}
