//! Drizzle Kit: SQL cut at breakpoints, and a journal that says what there is. Drizzle runs all that is pending in one
//! transaction and has no switch: each file ends that transaction and opens the one its own history row lands in.

use super::tool::{Comment, Down, History, Job, Numbering, OnMysql, Sends, Tool, Unit, Way, head, no_settings};
use super::{ExportError, FileSet, FormatInfo};
use crate::engine::emit::speech::Asks;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "drizzle",
    title: "Drizzle Kit",
    traits: &["journal goes on", "the schema file is yours"],
    ran: "drizzle-kit 0.31.11 with drizzle-orm 0.45.4 and pg",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::None,
    folder: "drizzle",
    numbering: Numbering::Sequence { width: 4, from: 0 },
    shared: &[JOURNAL],
    migrations,
    settings: no_settings,
    command: "npx drizzle-kit migrate",
    how: "\
- `drizzle-kit migrate`, after a failure again: each file is done or not at all, or may be run again. drizzle-kit prints no
  error when a statement fails: the exit code is 1, the message is in the server's log.
- One runner at a time: Drizzle has no lock. Killing it does not stop a running index build: look for it in `pg_stat_activity`
  first.
- Each file begins with `COMMIT`, since Drizzle would run all that is pending in one transaction: do not run these files with
  anything that needs that transaction.
- The schema file follows in the same change as each stage. Then `drizzle-kit generate` writes one more migration: keep its
  snapshot and put `SELECT 1;` in the place of its SQL, which would lock.
- `when` in the journal counts on from the newest entry: a migration of another branch with an earlier one would be skipped in
  silence.
- Drizzle has no undo: the files of `undo/` are for psql, in the order of their numbers, beginning with the last step that was
  begun.",
    mysql: Ok(OnMysql {
        command: "npx drizzle-kit migrate",
        how: "\
- `drizzle-kit migrate`, after a failure again. drizzle-kit prints no error when a statement fails: the exit code is 1, and what
  was refused is known to the server alone.
- One runner at a time: Drizzle has no lock.
- The schema file follows in the same change as each stage. Then `drizzle-kit generate` writes one more migration: keep its
  snapshot and put `SELECT 1;` in the place of its SQL, which would lock.
- `when` in the journal counts on from the newest entry: a migration of another branch with an earlier one would be skipped in
  silence.
- Drizzle has no undo: the files of `undo/` are for the mysql client, in the order of their numbers, beginning with the last step
  that was begun.",
        ran: "drizzle-kit 0.31.11 with drizzle-orm 0.45.4 and mysql2 on MariaDB 10.11 and MySQL 9.7",
    }),
};

const JOURNAL: &str = "meta/_journal.json";
const BREAK: &str = "--> statement-breakpoint";
/// Milliseconds since 1970 where nothing is there to count on from.
const FIRST: u64 = 1_767_225_600_000;

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    if job.present.keys().any(|path| path.ends_with("/migration.sql")) && !job.present.contains_key(JOURNAL) {
        return Err(ExportError::Foreign {
            path: "migration.sql".to_owned(),
            because: "one folder per migration and no journal: this layout of Drizzle Kit 1.0 is not served".to_owned(),
        });
    }
    let mut files = FileSet::new();
    let mut tags = Vec::new();
    for (number, unit) in job.numbered() {
        let tag = format!("{number}_{}", job.name(unit));
        files.insert(format!("{tag}.sql"), text(job, unit)?);
        tags.push(tag);
    }
    let there = job.present.get(JOURNAL).map(|text| without(text, &job.options.gone)).transpose()?;
    files.insert(JOURNAL.to_owned(), journal(there.as_deref(), &tags, job.asks())?);
    Ok(files)
}

fn text(job: &Job<'_>, unit: &Unit<'_>) -> Result<String, ExportError> {
    let way = Way::up(unit, job);
    // On servers whose schema changes commit by themselves it notes the migration before this one for good.
    let mut sent = vec!["COMMIT".to_owned()];
    if !way.is_alone() {
        sent.push("START TRANSACTION".to_owned());
    }
    sent.extend(way.sent(true));
    if way.is_alone() && job.asks() == Asks::Block {
        sent.push("START TRANSACTION".to_owned());
    }
    // Drizzle cuts wherever it finds the mark, in a comment and in a string too.
    if sent.iter().any(|sql| sql.contains(BREAK)) {
        return Err(ExportError::Unsendable {
            step: unit.placed.step.id.clone(),
            because: format!("its text holds `{BREAK}`, where Drizzle cuts: choose the format `psql`"),
        });
    }
    let closed = |sql: &String| match sql.lines().last().is_some_and(|l| l.contains("--")) {
        true => format!("{sql}\n;"),
        false => format!("{sql};"),
    };
    let body = sent.iter().map(closed).collect::<Vec<_>>().join(&format!("{BREAK}\n"));
    Ok(format!("{}\n{body}\n", head(job, unit, Comment::Sql).replace("statement-breakpoint", "statement breakpoint")))
}

/// The journal without entries of migrations that make room for this export.
fn without(text: &str, gone: &BTreeSet<String>) -> Result<String, ExportError> {
    let mut journal: Value = serde_json::from_str(text).map_err(|_| foreign("it is not JSON"))?;
    let leaves = |entry: &Value| {
        entry.get("tag").and_then(Value::as_str).is_some_and(|tag| gone.contains(&format!("{tag}.sql")))
    };
    match journal.get_mut("entries").and_then(Value::as_array_mut) {
        Some(entries) if entries.iter().any(leaves) => entries.retain(|entry| !leaves(entry)),
        _ => return Ok(text.to_owned()),
    }
    // `entries` last, where the next ones are put.
    let (Some(all), Some(entries)) = (journal.as_object(), journal.get("entries")) else { return Ok(text.to_owned()) };
    let rest: String = all.iter().filter(|(k, _)| *k != "entries").map(|(k, v)| format!("  \"{k}\": {v},\n")).collect();
    let entries = serde_json::to_string_pretty(entries).unwrap_or_default().replace('\n', "\n  ");
    Ok(format!("{{\n{rest}  \"entries\": {entries}\n}}\n"))
}

fn foreign(because: &str) -> ExportError {
    ExportError::Foreign { path: JOURNAL.to_owned(), because: because.to_owned() }
}

/// The journal with these tags behind what it holds; what is there keeps its bytes.
fn journal(present: Option<&str>, tags: &[String], asks: Asks) -> Result<String, ExportError> {
    let (dialect, usual) = match asks {
        Asks::Block => ("postgresql", "7"),
        Asks::Prepared => ("mysql", "5"),
    };
    let empty = format!("{{\n  \"version\": \"7\",\n  \"dialect\": \"{dialect}\",\n  \"entries\": []\n}}\n");
    let text = present.unwrap_or(&empty);
    let value: Value = serde_json::from_str(text).map_err(|_| foreign("it is not JSON"))?;
    if value.get("dialect").and_then(Value::as_str) != Some(dialect) {
        return Err(foreign(&format!("its `dialect` is not `{dialect}`")));
    }
    let entries = value.get("entries").and_then(Value::as_array).ok_or_else(|| foreign("it has no `entries`"))?;
    let known = |tag: &String| entries.iter().any(|e| e.get("tag").and_then(Value::as_str) == Some(tag));
    let number = |key: &str| entries.iter().filter_map(|e| e.get(key)?.as_u64()).max();
    let (mut index, mut when) = (number("idx").map_or(0, |i| i + 1), number("when").unwrap_or(FIRST));
    let version = entries.last().and_then(|e| e.get("version")?.as_str()).unwrap_or(usual).to_owned();
    let mut added = Vec::new();
    for tag in tags.iter().filter(|tag| !known(tag)) {
        when += 1;
        let entry = json!({"idx": index, "version": version, "when": when, "tag": tag, "breakpoints": true});
        let keys = ["idx", "version", "when", "tag", "breakpoints"];
        let line = |key: &&str| Some(format!("      \"{key}\": {}", entry.get(*key)?));
        let lines: Vec<String> = keys.iter().filter_map(line).collect();
        added.push((format!("    {{\n{}\n    }}", lines.join(",\n")), entry));
        index += 1;
    }
    if added.is_empty() {
        return Ok(text.to_owned());
    }
    let at = text.rfind(']').ok_or_else(|| foreign("it has no `entries`"))?;
    let (before, after) = text.split_at(at);
    let comma = if entries.is_empty() { "\n" } else { ",\n" };
    let new: Vec<&str> = added.iter().map(|(text, _)| text.as_str()).collect();
    let made = format!("{}{comma}{}\n  {after}", before.trim_end(), new.join(",\n"));
    let mut wanted = value.clone();
    if let Some(all) = wanted.get_mut("entries").and_then(Value::as_array_mut) {
        all.extend(added.into_iter().map(|(_, entry)| entry));
    }
    match serde_json::from_str::<Value>(&made) {
        Ok(read) if read == wanted => Ok(made),
        _ => Err(foreign("`entries` is not its last part")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_goes_on() {
        let more = |there: Option<&str>, tags: &[String]| journal(there, tags, Asks::Block);
        let first = more(None, &["0000_a".to_owned()]).unwrap();
        let second = more(Some(&first), &["0001_b".to_owned(), "0002_c".to_owned()]).unwrap();
        let value: Value = serde_json::from_str(&second).unwrap();
        let entries = value["entries"].as_array().unwrap();
        assert_eq!(entries.iter().map(|e| e["idx"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(entries.windows(2).all(|w| w[0]["when"].as_u64() < w[1]["when"].as_u64()));
        assert_eq!(more(Some(&second), &["0001_b".to_owned()]).unwrap(), second);
        assert!(second.starts_with(first.split("\n  ]").next().unwrap()));
        let gone = BTreeSet::from(["0001_b.sql".to_owned()]);
        let less = without(&second, &gone).unwrap();
        let tags = |text: &str| -> Vec<String> {
            let value: Value = serde_json::from_str(text).unwrap();
            value["entries"].as_array().unwrap().iter().map(|e| e["tag"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(tags(&less), ["0000_a", "0002_c"]);
        assert_eq!(tags(&more(Some(&less), &["0003_d".to_owned()]).unwrap()), ["0000_a", "0002_c", "0003_d"]);
        assert_eq!(without(&second, &BTreeSet::new()).unwrap(), second);
        assert!(more(Some("{"), &[]).is_err());
        let mysql = "{\"entries\": [], \"dialect\": \"mysql\"}";
        assert!(more(Some(mysql), &[]).is_err() && journal(Some(mysql), &[], Asks::Prepared).is_ok());
    }
}
