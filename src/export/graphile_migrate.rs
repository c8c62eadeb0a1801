//! graphile-migrate: committed migrations in a chain of hashes, each sent as one query.

use super::tool::{
    Body, Comment, Down, History, Job, Numbering, Sends, Tool, commented, head, no_directive, no_settings, script,
    sheet, statements,
};
use super::{ExportError, FileSet, FormatInfo, seal};
use crate::model::name::shown;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

pub(super) const INFO: FormatInfo =
    FormatInfo { name: "graphile-migrate", title: "graphile-migrate", traits: &[], ran: "graphile-migrate 1.4.1" };

pub(super) const TOOL: Tool = Tool {
    sends: Sends::OneQuery,
    history: History::Same,
    down: Down::None,
    folder: "migrations/committed",
    numbering: Numbering::Sequence { width: 6, from: 1 },
    shared: &[],
    migrations,
    settings: no_settings,
    command: "graphile-migrate migrate",
    how: "\
- `graphile-migrate migrate`, and after a failure the same again: every file may be run again. `migrations/current.sql` has
  to be there; it may be empty.
- Each file names the hash of the one before it: nothing may be committed in between. Migrations that a colleague commits
  before this is merged: export again.
- Files outside a transaction cannot set timeouts: the role that runs them must have no `lock_timeout` or `statement_timeout`
  of its own. A lock timeout leaves an invalid index behind.
- graphile-migrate has no undo: the files of `undo/` are for psql, in the order of their numbers, beginning with the last
  step that was begun.",
    mysql: Err("graphile-migrate speaks to PostgreSQL only"),
};

pub(super) const PREVIOUS: &str = "--! Previous: ";
const HASH: &str = "--! Hash: ";

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    // What stands in the folder already keeps the place it has in the chain.
    let mut previous = match job.standing.values().next() {
        Some(first) => {
            first.lines().next().and_then(|l| l.strip_prefix(PREVIOUS)).filter(|p| *p != "-").map(str::to_owned)
        }
        None => newest(job.present)?,
    };
    for (number, unit) in job.numbered() {
        let sent = statements(unit, job.plan, job.history);
        no_directive(unit, &sent, "graphile-migrate", directive)?;
        let outside = if matches!(unit.body, Body::Alone { .. }) { "--! no-transaction\n" } else { "" };
        // Its placeholders begin with a colon and capital letters.
        let comments = head(job, unit, Comment::Sql).replace(":DATABASE_", ": DATABASE_");
        // The tool's hash is one of the seal too.
        let body = seal::seal(&format!("{outside}{}", sheet(&comments, &script(&sent))));
        let name = job.name(unit).replace('_', "-");
        let hash = hash(&body, previous.as_deref());
        let content = format!(
            "{PREVIOUS}{}\n{HASH}{hash}\n--! Message: {}\n\n{body}",
            previous.as_deref().unwrap_or("-"),
            name.replace('-', " ")
        );
        files.insert(format!("{number}-{name}.sql"), content);
        previous = Some(hash);
    }
    Ok(files)
}

fn directive(line: &str) -> bool {
    line.trim_start().starts_with("--!")
        || commented(line).is_some_and(|text| text.starts_with("! "))
        || line.contains(":DATABASE_NAME")
        || line.contains(":DATABASE_OWNER")
}

fn hash(body: &str, previous: Option<&str>) -> String {
    let text = format!("{}\n{}", previous.unwrap_or_default(), body.trim());
    let digest = Sha1::digest(format!("{}\n", text.trim()).as_bytes());
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha1:{hex}")
}

/// The hash that the next migration has to name.
fn newest(present: &BTreeMap<String, String>) -> Result<Option<String>, ExportError> {
    let committed = present.iter().filter_map(|(path, text)| {
        let digits: String = path.chars().take_while(char::is_ascii_digit).collect();
        let migration = digits.len() >= 6 && path.ends_with(".sql") && !path.contains('/');
        migration.then(|| Some((digits.parse::<u64>().ok()?, path, text))).flatten()
    });
    let Some((_, path, text)) = committed.max_by_key(|(number, ..)| *number) else { return Ok(None) };
    let text = text.replace("\r\n", "\n");
    let foreign = |because: &str| ExportError::Foreign { path: shown(path).into_owned(), because: because.to_owned() };
    let mut lines = text.lines();
    let previous = lines.next().and_then(|l| l.strip_prefix(PREVIOUS)).map(|p| Some(p).filter(|p| *p != "-"));
    let told = lines.next().and_then(|l| l.strip_prefix(HASH));
    let (Some(previous), Some(told)) = (previous, told) else {
        return Err(foreign(
            "it has no `--! Previous:` and `--! Hash:` at its head, which the next one would have to name",
        ));
    };
    // The header ends with an empty line.
    let body = text.split_once("\n\n").map_or("", |(_, body)| body);
    if hash(body, previous) != told {
        return Err(foreign("its `--! Hash:` is not that of its text: it was edited after it was committed"));
    }
    Ok(Some(told.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chain as graphile-migrate 1.4.1 took it.
    const FIRST: &str = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN account_id bigint;\n";
    const FIRST_HASH: &str = "sha1:69306bfc09d196fa6eb1f97f3d66ee318de46201";

    #[test]
    fn hashes_are_those_of_the_tool() {
        assert_eq!(hash(FIRST, None), FIRST_HASH);
        assert_eq!(
            hash(
                "--! no-transaction\nCREATE INDEX CONCURRENTLY idx_orders_account_id ON orders(account_id);\n",
                Some("sha1:96a45df403ce1a68a35708a38c3d9bf263b79e1f")
            ),
            "sha1:b90144fa5886bf62f9d6d28ed0ae7cc2317cf53d"
        );
    }

    #[test]
    fn a_folder_is_continued_only_if_it_is_whole() {
        let file = |hash: &str| {
            let text = format!("--! Previous: -\n--! Hash: {hash}\n--! Message: m\n\n{FIRST}");
            BTreeMap::from([("000001-m.sql".to_owned(), text), ("README.md".to_owned(), String::new())])
        };
        assert_eq!(newest(&file(FIRST_HASH)), Ok(Some(FIRST_HASH.to_owned())));
        assert!(matches!(newest(&file("sha1:0")), Err(ExportError::Foreign { .. })));
        let bare = BTreeMap::from([("000001.sql".to_owned(), FIRST.to_owned())]);
        assert!(matches!(newest(&bare), Err(ExportError::Foreign { .. })));
        assert_eq!(newest(&BTreeMap::new()), Ok(None));
    }
}
