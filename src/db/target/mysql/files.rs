//! Option files: `[client]` groups of `my.cnf`, with what they include.

use crate::db::target::env::Env;
use std::path::{Path, PathBuf};

pub struct Opt {
    pub key: String,
    pub value: String,
    /// `[client] in /home/ann/.my.cnf`.
    pub source: String,
}

/// Groups that every client of the families reads. `[mysql]` is the command-line client's own, and says more than where to connect.
const GROUPS: [&str; 4] = ["client", "client-server", "client-mariadb", "client-mysql"];
/// A file that includes itself must end.
const DEEPEST: usize = 10;

/// In the order in which they are read: a later one overrides.
pub fn read(env: &Env, warnings: &mut Vec<String>) -> Vec<Opt> {
    let mut all = Vec::new();
    for file in places(env) {
        let begun = all.len();
        one(&file, None, 0, &mut all);
        let has_password = all.iter().skip(begun).any(|o: &Opt| o.key.trim_start_matches("loose-") == "password");
        if has_password && others_can_read(&file) {
            let name = file.display();
            warnings.push(format!("other users can read the password in {name}; run `chmod 600 {name}`"));
        }
    }
    all
}

/// Those that name a host, a socket or a user: a source for the connect screen.
pub fn files_with_a_client(env: &Env) -> Vec<PathBuf> {
    let says = |file: &PathBuf| {
        let mut options = Vec::new();
        one(file, None, 0, &mut options);
        options.iter().any(|o| matches!(o.key.as_str(), "host" | "user" | "password"))
    };
    places(env).into_iter().filter(says).collect()
}

fn places(env: &Env) -> Vec<PathBuf> {
    env.mysql_files.iter().cloned().chain(env.at_home(".my.cnf")).collect()
}

/// `group` is the one that the including file stood in.
fn one(file: &Path, group: Option<&str>, depth: usize, all: &mut Vec<Opt>) {
    // One that is not there or not ours is nothing to the clients either; one that everybody can write they pass over.
    if depth > DEEPEST || everybody_writes(file) {
        return;
    }
    let Ok(bytes) = std::fs::read(file) else { return };
    let text = String::from_utf8_lossy(&bytes);
    let mut group = group.map(str::to_owned);
    for line in text.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("!includedir") {
            let mut files: Vec<PathBuf> = std::fs::read_dir(path.trim())
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                .filter(|p| p.extension().is_some_and(|e| e == "cnf" || e == "ini"))
                .collect();
            files.sort();
            files.iter().for_each(|f| one(f, group.as_deref(), depth + 1, all));
        } else if let Some(path) = line.strip_prefix("!include") {
            one(Path::new(path.trim()), group.as_deref(), depth + 1, all);
        } else if let Some(name) = line.strip_prefix('[').and_then(|l| l.split_once(']')) {
            group = Some(name.0.trim().to_lowercase());
        } else if !line.is_empty() && !line.starts_with(['#', ';']) {
            let Some(group) = group.as_deref().filter(|g| GROUPS.contains(g)) else { continue };
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            let key = key.trim().to_lowercase().replace('_', "-");
            let source = format!("[{group}] in {}", file.display());
            // A switch without a value is on.
            let value = if line.contains('=') { unquoted(value.trim()) } else { "1".to_owned() };
            all.push(Opt { key, value, source });
        }
    }
}

/// A `#` in the middle begins a comment, except inside of quotes; `\s` and the like stand for what cannot be written.
fn unquoted(text: &str) -> String {
    let quote = text.chars().next().filter(|c| *c == '\'' || *c == '"');
    let mut out = String::new();
    let mut chars = text.chars().skip(usize::from(quote.is_some()));
    while let Some(c) = chars.next() {
        match c {
            c if Some(c) == quote => return out,
            '#' if quote.is_none() => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('b') => out.push('\u{8}'),
                Some('s') => out.push(' '),
                Some(c @ ('\\' | '\'' | '"')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out.trim_end().to_owned()
}

#[cfg(unix)]
fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(file).map_or(0, |m| m.mode())
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0
}

fn others_can_read(file: &Path) -> bool {
    mode(file) & 0o044 != 0
}

fn everybody_writes(file: &Path) -> bool {
    mode(file) & 0o002 != 0
}
