//! The house rules that a compiler does not hold: who may import whom, who may touch the world, how long a file is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// `model ← sql ← engine ← plan ← change ← export ← {tui, cli}`; `db` and `config` use `model` only.
/// Each part of the crate and what it may name after `crate::`, beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("sql", &["model"]),
    ("engine", &["model", "sql"]),
    ("plan", &["model", "sql", "engine"]),
    ("change", &["model", "sql", "engine", "plan"]),
    ("export", &["model", "sql", "engine", "plan", "change"]),
    ("db", &["model"]),
    ("config", &["model"]),
    ("error", &["model"]),
    ("tui", &["model", "sql", "engine", "plan", "change", "export", "db", "config", "error"]),
    ("cli", &["model", "sql", "engine", "plan", "change", "export", "db", "config", "error", "tui"]),
    ("lib", &[]),
    ("main", &[]),
];

/// Words of the world outside; only these places may say them.
const WORLD: &[&str] =
    &["tokio::", "std::fs", "std::net", "std::env", "SystemTime", "println!", "std::process::Command", "std::thread"];
const MAY_TOUCH_THE_WORLD: &[&str] = &[
    "tui/run.rs",
    "tui/terminal.rs",
    "tui/tasks.rs",
    "tui/review_file.rs",
    "tui/shelf.rs",
    "tui/lines.rs",
    "db/",
    "cli/",
    "main.rs",
];

/// What clippy does not deny, or only warns of where a line allows it.
const NEVER: &[&str] = &["todo!(", "dbg!(", "unimplemented!(", ".unwrap()", "unsafe "];

struct File {
    /// Below `src/`, with `/`.
    path: String,
    text: String,
}

impl File {
    fn part(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap()
    }
    /// Without the tests at its end, and without comments. A file of tests has none.
    fn code(&self) -> String {
        if self.path.ends_with("/tests.rs") {
            return String::new();
        }
        let product = self.text.split("#[cfg(test)]").next().unwrap();
        product.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(below: &str, extension: &str) -> Vec<File> {
    let top = root().join(below);
    let mut found = Vec::new();
    let mut open = vec![top.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                let name = path.strip_prefix(&top).unwrap().display().to_string();
                found.push(File { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[test]
fn arrows_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut broken = Vec::new();
    for file in files("src", "rs") {
        let part = file.part().to_owned();
        let may = allowed.get(part.as_str()).unwrap_or_else(|| panic!("{part} has no row in MAY_USE"));
        for (number, line) in file.code().lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let names = match used.strip_prefix('{') {
                    Some(group) => group.split(',').map(first_word).collect(),
                    None => vec![first_word(used)],
                };
                for name in names.into_iter().filter(|n| !n.is_empty() && *n != part) {
                    if allowed.contains_key(name) && !may.contains(&name) {
                        broken.push(format!("src/{}:~{}: `{part}` may not use `{name}`", file.path, number + 1));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("")
}

#[test]
fn only_the_edges_touch_the_world() {
    let mut broken = Vec::new();
    for file in files("src", "rs") {
        if MAY_TOUCH_THE_WORLD.iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        let code = file.code();
        broken.extend(WORLD.iter().filter(|w| code.contains(*w)).map(|w| format!("src/{} says `{w}`", file.path)));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn nothing_gives_up() {
    let mut broken = Vec::new();
    for file in files("src", "rs") {
        let code = file.code();
        broken.extend(NEVER.iter().filter(|w| code.contains(*w)).map(|w| format!("src/{} says `{w}`", file.path)));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_own() {
    let mut broken = Vec::new();
    for below in ["src", "tests", "benches"] {
        for file in files(below, "rs") {
            let lines = file.text.lines().count();
            if lines > 500 {
                broken.push(format!("{below}/{} has {lines} lines", file.path));
            }
            if !file.text.starts_with("//!") && !file.path.ends_with("/tests.rs") {
                broken.push(format!("{below}/{} does not begin with what it owns", file.path));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_asset_is_used() {
    let code: String = ["src", "tests", "benches"].iter().flat_map(|d| files(d, "rs")).map(|f| f.text).collect();
    let documents: String =
        ["README.md", "CONTRIBUTING.md"].iter().filter_map(|f| fs::read_to_string(root().join(f)).ok()).collect();
    let mut open = vec![root().join("assets")];
    let mut unused = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap();
            if !code.contains(name) && !documents.contains(name) && !named_by_pattern(&path, &code) {
                unused.push(path.display().to_string());
            }
        }
    }
    assert!(unused.is_empty(), "nobody reads {}", unused.join(", "));
}

/// Files whose names are made: `screens/{name}.svg`, or `concat!("…/postgres/", "tables", ".sql")`.
fn named_by_pattern(path: &Path, code: &str) -> bool {
    let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let part = |p: Option<&std::ffi::OsStr>| p.and_then(|p| p.to_str()).unwrap_or("").to_owned();
    let (stem, extension) = (part(path.file_stem()), part(path.extension()));
    let formatted = code.contains(&format!("{folder}/{{")) && code.contains(&format!("}}.{extension}"));
    let joined = code.contains(&format!("{folder}/\"")) && code.contains(&format!("\"{stem}\""));
    formatted || joined
}

#[test]
fn no_machine_and_no_registry_is_named() {
    let hosts = ["crates.io", "npmjs", "static.crates", "/root/", "/work/"].map(|h| h.to_owned());
    let mut broken = Vec::new();
    for (below, extension) in [("src", "rs"), ("tests", "rs"), ("assets", "toml"), ("benches", "rs")] {
        for file in files(below, extension).iter().filter(|f| f.path != "all/house.rs") {
            broken
                .extend(hosts.iter().filter(|h| file.text.contains(*h)).map(|h| format!("{below}/{}: {h}", file.path)));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The engine decides in three functions, how a script is read, how it is spelled, how a server is reached; everywhere else it is a value.
#[test]
fn few_places_match_on_the_engine() {
    let allowed = ["sql/mod.rs", "engine/dialect.rs", "model/engine.rs"];
    let broken: Vec<String> = files("src", "rs")
        .into_iter()
        .filter(|f| !allowed.contains(&f.path.as_str()) && !f.path.starts_with("db/"))
        .filter(|f| f.code().contains("Engine::Mysql =>") || f.code().contains("Engine::Mysql |"))
        .map(|f| f.path)
        .collect();
    assert!(broken.is_empty(), "{}", broken.join(", "));
}
