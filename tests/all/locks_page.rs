//! `docs/locks.md`: the fact table as a page. `SIDESTEP_BLESS=1 cargo test locks_page` writes it; a stale page fails.

use crate::support::shape::shapes;
use sidestep::engine::facts::{self, FIRST, Fact, LAST, Role, Source};
use sidestep::model::{Blocks, LockMode, Work};
use std::fmt::Write;

const PAGE: &str = "docs/locks.md";

/// Where the operation's words are not the statement's.
const SPELLED: &[(&str, &str)] = &[
    ("add-column-check", "ADD COLUMN … CHECK"),
    ("add-column-unique", "ADD COLUMN … UNIQUE or PRIMARY KEY"),
    ("add-column-references", "ADD COLUMN … REFERENCES"),
    ("set-type", "ALTER COLUMN … TYPE"),
    ("set-not-null", "ALTER COLUMN … SET NOT NULL"),
    ("drop-not-null", "ALTER COLUMN … DROP NOT NULL"),
    ("set-default", "ALTER COLUMN … SET DEFAULT"),
    ("drop-default", "ALTER COLUMN … DROP DEFAULT"),
    ("add-identity", "ALTER COLUMN … ADD GENERATED … AS IDENTITY"),
    ("set-generated", "ALTER COLUMN … SET GENERATED"),
    ("restart-identity", "ALTER COLUMN … RESTART"),
    ("drop-identity", "ALTER COLUMN … DROP IDENTITY"),
    ("set-column-options", "ALTER COLUMN … SET (n_distinct = …)"),
    ("add-not-null-constraint", "ADD CONSTRAINT … NOT NULL"),
    ("add-temporal-key", "ADD UNIQUE or PRIMARY KEY (… WITHOUT OVERLAPS)"),
    ("add-temporal-foreign-key", "ADD FOREIGN KEY (…, PERIOD …)"),
    ("add-exclusion", "ADD CONSTRAINT … EXCLUDE"),
    ("set-options", "SET (fillfactor = …)"),
    ("reset-options", "RESET (fillfactor)"),
    ("attach-scans-default", "… with a DEFAULT partition beside"),
    ("attach-builds-indexes", "… with indexes that the partition lacks"),
    ("attach-adopts-foreign-key", "… with a foreign key that the partition has"),
    ("detach-locks-default", "DETACH PARTITION with a DEFAULT partition beside"),
    ("checks-children", "UPDATE or DELETE of a key, foreign key without index"),
    ("attach-index", "ALTER INDEX … ATTACH PARTITION"),
    ("rename-index", "ALTER INDEX … RENAME"),
    ("rename-trigger", "ALTER TRIGGER … RENAME"),
    ("create-partition", "CREATE TABLE … PARTITION OF"),
    ("add-value", "ALTER TYPE … ADD VALUE"),
    ("rename-value", "ALTER TYPE … RENAME VALUE"),
    ("alter-attribute", "ALTER TYPE … ADD, DROP, ALTER, RENAME ATTRIBUTE"),
    ("cluster-wide", "ALTER SYSTEM, CREATE DATABASE, CREATE TABLESPACE …"),
    ("other-object", "CREATE, ALTER, DROP of roles, casts, operators, servers …; session commands"),
    ("select-for-update", "SELECT … FOR UPDATE or FOR SHARE"),
    ("create-table-as", "CREATE TABLE … AS, SELECT INTO"),
];

fn title(op: &str) -> String {
    let spelled = SPELLED.iter().find(|(o, _)| *o == op).map(|(_, t)| (*t).to_owned());
    spelled.unwrap_or_else(|| op.replace('-', " ").to_uppercase())
}

/// Sections and their operations, in the order of the file.
pub fn sections(file: &str) -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# --- ") {
            found.push((name.trim_end_matches(['-', ' ']).to_owned(), Vec::new()));
        } else if let Some(op) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            found.last_mut().unwrap().1.push(op.to_owned());
        }
    }
    found
}

fn versions(row: &Fact) -> String {
    match (row.since, row.until) {
        (FIRST, LAST) => "all".into(),
        (FIRST, until) => format!("to {until}"),
        (since, LAST) => format!("from {since}"),
        (since, until) if since == until => since.to_string(),
        (since, until) => format!("{since} to {until}"),
    }
}

fn whom(role: Role) -> &'static str {
    match role {
        Role::Target => "the table",
        Role::Children => "partitions, heirs",
        Role::Parent => "its parent",
        Role::Referenced => "tables it references",
        Role::Referencing => "tables that reference it",
        Role::Partition => "the partition",
        Role::DefaultPartition => "the DEFAULT partition",
        Role::Index => "the index",
        Role::Rebuilt => "indexes built anew",
        Role::Sequence => "the sequence",
        Role::Users => "tables that use it",
        Role::Views => "views that go along",
    }
}

fn blocked(mode: LockMode) -> &'static str {
    match mode.blocks() {
        [] => "nothing",
        blocks if blocks.contains(&Blocks::Reads) => "reads and writes",
        blocks if blocks.contains(&Blocks::Writes) => "writes",
        _ => "other schema changes and VACUUM",
    }
}

/// The row's words without its placeholders.
fn words(row: &Fact) -> String {
    let mut text = row.fails.clone().unwrap_or_else(|| row.why.clone());
    let spelled = [
        ("table", "the table"),
        ("other", "the other table"),
        ("others", "its sources"),
        ("column", "the column"),
        ("type", "the type"),
        ("from", "the old type"),
        ("to", "the new type"),
        ("indexes", "those on the column"),
        ("constraint", "the constraint"),
        ("default", "in question"),
    ];
    for (name, words) in spelled {
        text = text.replace(&format!("`{{{name}}}`"), words).replace(&format!("{{{name}}}"), words);
    }
    if row.source == Source::Manual {
        let _ = write!(text, " (not measured: {})", row.reason);
    }
    text.replace('|', "\\|")
}

fn line(op: &str, row: &Fact) -> String {
    let condition = if row.when == "always" { String::new() } else { format!(", {}", row.when.replace('-', " ")) };
    let mode = |m: facts::Mode| LockMode::from(m);
    let target = row.locks.get(&Role::Target).map(|m| mode(*m));
    let others: Vec<String> = row
        .locks
        .iter()
        .filter(|(role, _)| **role != Role::Target)
        .map(|(role, m)| format!("{}: {}", whom(*role), mode(*m)))
        .collect();
    let strongest = row.locks.values().map(|m| mode(*m)).max();
    let refused = row.fails.is_some();
    let cell = |text: String| if refused { String::new() } else { text };
    format!(
        "| {}{condition} | {} | {} | {} | {} | {} | {} | {} | [{}](https://www.postgresql.org/docs/current/{}) |",
        title(op),
        versions(row),
        cell(target.map_or_else(|| "none".into(), |m| m.to_string())),
        cell(others.join("; ")),
        cell(strongest.map_or("nothing", blocked).to_owned()),
        if refused { "refused".to_owned() } else { work(row.work) },
        cell(if row.alone { "no" } else { "yes" }.to_owned()),
        words(row),
        row.doc.trim_end_matches(".html").trim_start_matches("sql-"),
        row.doc,
    )
}

fn work(work: Work) -> String {
    match work {
        Work::None | Work::Catalog => "no rows touched".into(),
        Work::Scan => "reads every row".into(),
        Work::IndexBuild => "builds indexes".into(),
        Work::Rewrite => "writes every row".into(),
        Work::Unknown => "unknown".into(),
    }
}

fn page() -> String {
    let table = facts::all().unwrap();
    let rows: usize = table.values().map(Vec::len).sum();
    let measured = table.values().flatten().filter(|r| r.source == Source::Measured).count();
    let shapes = shapes("shapes.sql").len();
    let mut page = format!(
        "<!-- Written by `SIDESTEP_BLESS=1 cargo test locks_page` from assets/engines/postgres.toml. -->\n\
# What PostgreSQL {FIRST} to {LAST} locks\n\n\
What a statement locks, what that blocks, and how much work is done meanwhile. {measured} of {rows} rows are measured: \
{shapes} statements run on a server of each major version that knows them, and every difference from this page fails the \
tests. A lock is compared on every table and view, not only on the one that is named; that nothing stronger is asked for in \
between is shown by running each statement against a session that lets pass what is written here and nothing more. The rest \
say why they are not measured.\n\n\
`sidestep` decides from the catalog which row holds. A statement of several actions takes the strongest lock and the \
heaviest work of them.\n\n## The modes\n\n| Lock | What waits for it |\n|---|---|\n"
    );
    for mode in LockMode::ALL.into_iter().rev() {
        let _ = writeln!(page, "| {mode} | {} |", blocked(mode));
    }
    page.push_str(
        "\nReads are plain `SELECT`, writes are `INSERT`, `UPDATE` and `DELETE`. A statement that waits for its lock makes \
everything behind it wait that the lock would block.\n",
    );
    for (section, ops) in sections("assets/engines/postgres.toml") {
        let mut name = section.clone();
        name.get_mut(..1).unwrap().make_ascii_uppercase();
        let _ = writeln!(page, "\n## {name}\n");
        page.push_str("| Operation | PostgreSQL | Lock on the table | Other locks | Blocks | Work | In a transaction | Why | Manual |\n");
        page.push_str("|---|---|---|---|---|---|---|---|---|\n");
        for op in ops {
            for row in &table[&op] {
                let _ = writeln!(page, "{}", line(&op, row));
            }
        }
    }
    page
}

#[test]
fn the_page_of_locks_is_fresh() {
    let page = page();
    if std::env::var_os("SIDESTEP_BLESS").is_some() {
        std::fs::create_dir_all("docs").unwrap();
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page, "{PAGE} is stale: SIDESTEP_BLESS=1 cargo test locks_page");
}

/// What is not measured, counted: each row says why (`engine::facts` holds that), and they stay few. A refusal that no
/// server here was asked for is not among them: it claims no lock.
#[test]
fn few_rows_are_not_measured() {
    let rows: Vec<String> = facts::all()
        .unwrap()
        .iter()
        .flat_map(|(op, rows)| rows.iter().map(move |r| (op, r)))
        .filter(|(_, r)| r.source == Source::Manual && r.fails.is_none())
        .map(|(op, r)| format!("{op}/{} {} to {}: {}", r.when, r.since, r.until, r.reason))
        .collect();
    assert!(rows.len() <= 36, "{} rows are not measured:\n{}", rows.len(), rows.join("\n"));
}
