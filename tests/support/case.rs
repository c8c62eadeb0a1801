//! One wish with its schema, rows and proof, read from `tests/cases/<kind>/<name>.sql`: the golden plans and the runs on
//! real servers are made from the same file. `tests/cases/README.md` has the format.

use sidestep::engine;
use sidestep::model::{Catalog, Engine, TableName, Version};
use sidestep::plan::Policy;
use sidestep::sql;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of `tests/cases`.
#[derive(Debug, Clone)]
pub struct Case {
    /// Name of its folder: a name in `change::KINDS`.
    pub kind: String,
    pub name: String,
    pub title: String,
    pub versions: Vec<u16>,
    pub policy: Policy,
    /// Figures that the offline catalog gets; a real server has its own.
    pub stats: Vec<Stats>,
    /// What may differ from the naive script's result on a real server.
    pub differs: Vec<String>,
    /// A part of the reason why the wish is not planned.
    pub refused: Option<String>,
    /// Why no server can run it here: a tool or a disk that tests do not have.
    pub offline: Option<String>,
    /// SQL of the value the application sends for a column of that name; `{n}` is another number each time.
    pub values: BTreeMap<String, String>,
    pub setup: String,
    pub rows: String,
    pub wish: String,
    /// What a person would run where the wish fails as written; the plan's end is compared with that.
    pub by_hand: String,
    /// Queries that answer true once the last step is done.
    pub compare: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Stats {
    pub table: TableName,
    pub rows: u64,
    pub heap: u64,
    pub index: u64,
    pub toast: u64,
    /// Rows written per second.
    pub writes: f64,
}

/// Counters of the offline catalog run for this long.
const COUNTED_FOR_S: f64 = 86_400.0;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Every case, by kind and name.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in sorted(&folder()).into_iter().filter(|p| p.is_dir()) {
        for file in sorted(&kind).into_iter().filter(|p| p.extension().is_some_and(|e| e == "sql")) {
            cases.push(read(&file));
        }
    }
    cases
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    entries
}

fn read(path: &Path) -> Case {
    let text = fs::read_to_string(path).unwrap();
    let part = |p: Option<&std::ffi::OsStr>| p.unwrap().to_string_lossy().into_owned();
    let name = part(path.file_stem());
    let kind = part(path.parent().unwrap().file_name());
    parse(&kind, &name, &text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn parse(kind: &str, name: &str, text: &str) -> Result<Case, String> {
    let mut case = Case {
        kind: kind.to_owned(),
        name: name.to_owned(),
        title: String::new(),
        versions: vec![10, 12, 15, 18],
        policy: policy("")?,
        stats: Vec::new(),
        differs: Vec::new(),
        refused: None,
        offline: None,
        values: BTreeMap::new(),
        setup: String::new(),
        rows: String::new(),
        wish: String::new(),
        by_hand: String::new(),
        compare: Vec::new(),
    };
    let mut compare = String::new();
    let mut section = "";
    for line in text.lines() {
        match line.trim_end() {
            "-- setup" => section = "setup",
            "-- rows" => section = "rows",
            "-- wish" => section = "wish",
            "-- by hand" => section = "by hand",
            "-- compare" => section = "compare",
            line => match section {
                "" => header(&mut case, line)?,
                "setup" => push(&mut case.setup, line),
                "rows" => push(&mut case.rows, line),
                "wish" => push(&mut case.wish, line),
                "by hand" => push(&mut case.by_hand, line),
                _ => push(&mut compare, line),
            },
        }
    }
    if case.title.is_empty() || case.setup.is_empty() || case.wish.is_empty() {
        return Err("`-- title:`, `-- setup` and `-- wish` are needed".into());
    }
    if !compare.trim().is_empty() {
        let script = sql::parse(&compare, Engine::Postgresql).map_err(|p| format!("compare: {}", p[0]))?;
        case.compare = script.statements.into_iter().map(|l| l.text).collect();
    }
    Ok(case)
}

fn push(section: &mut String, line: &str) {
    section.push_str(line);
    section.push('\n');
}

fn header(case: &mut Case, line: &str) -> Result<(), String> {
    let Some(rest) = line.strip_prefix("--") else {
        return if line.is_empty() { Ok(()) } else { Err(format!("`{line}` stands in no section")) };
    };
    // A line without a known key is a remark.
    let Some((key, value)) = rest.trim().split_once(':') else { return Ok(()) };
    let value = value.trim();
    match key {
        "title" => case.title = value.to_owned(),
        "versions" => {
            case.versions = value
                .split_whitespace()
                .map(|v| v.parse().map_err(|_| format!("version `{v}`")))
                .collect::<Result<_, _>>()?;
        }
        "policy" => case.policy = policy(value)?,
        "stats" => case.stats.push(stats(value)?),
        "refused" => case.refused = Some(value.to_owned()),
        "offline" => case.offline = Some(value.to_owned()),
        "value" => {
            let (column, sql) = value.split_once(" = ").ok_or_else(|| format!("value `{value}`"))?;
            case.values.insert(column.to_owned(), sql.to_owned());
        }
        "differs" => case.differs.push(value.to_owned()),
        _ => {}
    }
    Ok(())
}

/// `sync=app batch_rows=100`; cases plan online and without pauses unless they say otherwise.
fn policy(text: &str) -> Result<Policy, String> {
    let mut policy = serde_json::to_value(Policy::default()).unwrap();
    policy["strategy"] = "online".into();
    policy["batch_pause_ms"] = 0.into();
    for pair in text.split_whitespace() {
        let (key, value) = pair.split_once('=').ok_or_else(|| format!("policy `{pair}`"))?;
        policy[key] = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    }
    serde_json::from_value(policy).map_err(|why| why.to_string())
}

/// `public.users rows=150000000 heap=14GB index=9GB writes=120`
fn stats(text: &str) -> Result<Stats, String> {
    let at = text.find(" rows=").ok_or("stats without rows=")?;
    let name = serde_json::Value::from(text[..at].trim());
    let table = serde_json::from_value(name).map_err(|why| why.to_string())?;
    let mut stats = Stats { table, rows: 0, heap: 0, index: 0, toast: 0, writes: 0.0 };
    for pair in text[at..].split_whitespace() {
        let (key, value) = pair.split_once('=').ok_or_else(|| format!("stats `{pair}`"))?;
        let bad = || format!("stats `{pair}`");
        match key {
            "rows" => stats.rows = value.replace('_', "").parse().map_err(|_| bad())?,
            "heap" => stats.heap = bytes(value).ok_or_else(bad)?,
            "index" => stats.index = bytes(value).ok_or_else(bad)?,
            "toast" => stats.toast = bytes(value).ok_or_else(bad)?,
            "writes" => stats.writes = value.parse().map_err(|_| bad())?,
            _ => return Err(bad()),
        }
    }
    Ok(stats)
}

fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit {
        "" | "B" => 0,
        "kB" => 10,
        "MB" => 20,
        "GB" => 30,
        "TB" => 40,
        _ => return None,
    };
    Some(number.parse::<u64>().ok()? << shift)
}

impl Case {
    /// The script that leads to the wanted end.
    pub fn naive(&self) -> &str {
        if self.by_hand.is_empty() { &self.wish } else { &self.by_hand }
    }

    /// `replace-columns/split-users`
    pub fn id(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// What may differ on this major: a part of the line that tells the difference, or `data public.t.c`.
    pub fn differing(&self, major: u16) -> impl Iterator<Item = &str> {
        self.differs.iter().filter_map(move |text| {
            let what = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
            let versions = &text[..text.len() - what.len()];
            let meant = versions.is_empty() || versions.split_whitespace().any(|v| v.parse() == Ok(major));
            meant.then_some(what)
        })
    }

    pub fn may_differ(&self, major: u16, what: &str) -> bool {
        self.differing(major).any(|d| d == what)
    }

    /// The catalog after `setup` as a server of this major would show it, made without one.
    pub fn catalog(&self, major: u16) -> Catalog {
        let mut catalog = Catalog::empty(Engine::Postgresql, Version::new(major, 4));
        catalog.database = "shop".into();
        catalog.captured_at = "2026-01-15T12:00:00Z".into();
        catalog.volatilities = sidestep::db::demo().volatilities;
        replay(&mut catalog, &self.setup).unwrap_or_else(|why| panic!("{}: setup on {major}: {why}", self.id()));
        for stats in &self.stats {
            let table = catalog.table_mut(&stats.table).unwrap_or_else(|| panic!("{}: no {}", self.id(), stats.table));
            let writes = (stats.writes * COUNTED_FOR_S) as u64;
            table.stats.rows = Some(stats.rows);
            table.stats.heap_bytes = stats.heap;
            table.stats.index_bytes = stats.index;
            table.stats.toast_bytes = stats.toast;
            table.stats.inserts = Some(writes / 2);
            table.stats.updates = Some(writes - writes / 2);
            table.stats.deletes = Some(0);
            table.stats.counted_for_s = Some(COUNTED_FOR_S);
        }
        catalog
    }
}

/// Runs a script on a model catalog.
pub fn replay(catalog: &mut Catalog, script: &str) -> Result<(), String> {
    let script = sql::parse(script, Engine::Postgresql).map_err(|problems| problems[0].to_string())?;
    for located in &script.statements {
        engine::replay(catalog, &located.statement).map_err(|why| format!("{why}, in `{}`", located.text))?;
    }
    Ok(())
}
