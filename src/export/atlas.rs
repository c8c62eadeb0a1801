//! Atlas' versioned directory: its sum covers every file, so each export and promotion rewrites it. Atlas splits files itself and
//! goes on inside one after a failure, at the statement that failed: what has to be repeated as a whole stands alone in a file.

use super::tool::{
    Body, Comment, Down, FIRST_STAMP, History, Job, Numbering, Sends, Tool, head, no_settings, script, statements,
};
use super::{ExportError, FileSet, FormatInfo, seal};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "atlas",
    title: "Atlas versioned migrations",
    traits: &["with atlas.sum"],
    ran: "not run: files held against Atlas 1.2's rules, the sum against its library",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::OneQuery,
    history: History::Same,
    down: Down::None,
    folder: "migrations",
    numbering: Numbering::Sequence { width: 14, from: FIRST_STAMP },
    shared: &[SUM],
    migrations,
    settings: no_settings,
    command: r#"atlas migrate apply --url "$DATABASE_URL" --dir "file://$MIGRATIONS""#,
    how: "\
- `atlas migrate apply`, and after a failure the same again. Leave `--tx-mode` at `file`.
- `atlas.sum` covers every file of the folder. When a colleague's migration lands in between: `sidestep promote` and `sidestep
  export` write it anew; after a merge by hand `atlas migrate hash`.
- A database that Atlas does not know yet needs `--baseline` or `--allow-dirty`.
- Files outside a transaction set no timeouts: the role that runs them must have no `lock_timeout` or `statement_timeout` of
  its own. A lock timeout leaves an invalid index behind.
- Atlas' community edition has no undo: the files of `undo/` are for psql, in the order of their numbers, beginning with the
  last step that was begun.",
    mysql: Err("after a failure Atlas goes on inside the file, where what the file has asked and set before is gone"),
};

const SUM: &str = "atlas.sum";

/// Counts only as the first line, with an empty line behind it.
const OUTSIDE: &str = "-- atlas:txmode none\n\n";

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    sound(&job.options.present)?;
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        let outside = if matches!(unit.body, Body::Alone { .. }) { OUTSIDE } else { "" };
        // A directive counts anywhere in a comment at the head of a file.
        let comments = head(job, unit, Comment::Sql).replace("atlas:", "atlas :");
        let content = format!("{outside}{comments}\n{}", script(&statements(unit, job.plan, job.history)));
        // The sum is that of the sealed file.
        files.insert(format!("{number}_{}.sql", job.name(unit)), seal::seal(&content));
    }
    let mut all: BTreeMap<&str, &str> = job.present.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    all.extend(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
    let text = sum(&all);
    files.insert(SUM.to_owned(), text);
    Ok(files)
}

/// The sum of the migrations among `files`; other files do not count.
fn sum(files: &BTreeMap<&str, &str>) -> String {
    let mut so_far = Sha256::new();
    let mut rows = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".sql") && !name.contains('/')) {
        so_far.update(name.as_bytes());
        if ignored(text) {
            continue;
        }
        so_far.update(text.as_bytes());
        rows.push((name, STANDARD.encode(so_far.clone().finalize())));
    }
    let mut total = Sha256::new();
    for (name, hash) in &rows {
        total.update(name.as_bytes());
        total.update(hash.as_bytes());
    }
    let mut out = format!("h1:{}\n", STANDARD.encode(total.finalize()));
    for (name, hash) in rows {
        let _ = writeln!(out, "{name} h1:{hash}");
    }
    out
}

/// `-- atlas:sum ignore` in the first line.
fn ignored(text: &str) -> bool {
    let directive = text.lines().next().and_then(|line| line.split_once("atlas:sum"));
    directive.is_some_and(|(_, mode)| mode.starts_with(' ') && mode.trim() == "ignore")
}

/// A folder whose sum is wrong must not get a right one unseen.
fn sound(present: &BTreeMap<String, String>) -> Result<(), ExportError> {
    let all: BTreeMap<&str, &str> = present.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let any = all.keys().any(|name| name.ends_with(".sql") && !name.contains('/'));
    let because = match all.get(SUM) {
        None if any => "it is missing beside migrations: look through them, then run `atlas migrate hash`",
        Some(told) if told.replace("\r\n", "\n").trim() != sum(&all).trim() => {
            "it is not the sum of the migrations beside it: find out which was changed, then run `atlas migrate hash`"
        }
        _ => return Ok(()),
    };
    Err(ExportError::Foreign { path: SUM.to_owned(), because: because.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `atlas migrate hash` wrote it for these two files.
    #[test]
    fn the_sum_is_that_of_the_tool() {
        let first = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN account_id bigint;\n";
        let name = "20260101000001_orders_account_id_01_add_column.sql";
        let sum = sum(&BTreeMap::from([(name, first), ("README.md", "no migration"), ("sub/1.sql", "not looked at")]));
        assert_eq!(
            sum.lines().nth(1),
            Some(format!("{name} h1:En3nr8YrF/8xR6WJKRMreJzTjXktY6y5IF56/A03w/4=").as_str())
        );
    }

    #[test]
    fn a_folder_that_was_tampered_with_is_not_made_good() {
        let mut folder = BTreeMap::from([("1_a.sql".to_owned(), "SELECT 1;\n".to_owned())]);
        assert!(sound(&folder).is_err(), "no sum");
        let good = sum(&folder.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect());
        folder.insert(SUM.to_owned(), good);
        assert_eq!(sound(&folder), Ok(()));
        folder.insert("1_a.sql".to_owned(), "SELECT 2;\n".to_owned());
        assert!(sound(&folder).is_err(), "an edit");
        assert_eq!(sound(&BTreeMap::new()), Ok(()));
    }

    #[test]
    fn a_file_may_leave_the_sum() {
        assert!(ignored("-- atlas:sum ignore\nSELECT 1;"));
        assert!(!ignored("-- atlas:summary ignore\nSELECT 1;") && !ignored("SELECT 1;\n-- atlas:sum ignore"));
    }
}
