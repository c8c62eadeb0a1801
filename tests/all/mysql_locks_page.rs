//! `docs/locks-mysql.md` and `docs/locks-mariadb.md`: the fact tables as pages. `SIDESTEP_BLESS=1 cargo test locks_page` writes them;
//! a stale page fails.

use super::locks_page::sections;
use crate::support::mysql_shape::mysql_shapes;
use sidestep::engine::facts::Source;
use sidestep::engine::mysql::facts::{self, Class, Clause, Fact, Held};
use sidestep::model::{Engine, Version, Work};
use std::fmt::Write;

fn versions(row: &Fact) -> String {
    match (row.since, row.before) {
        (None, None) => "all".to_owned(),
        (Some(since), None) => format!("from {since}"),
        (None, Some(before)) => format!("before {before}"),
        (Some(since), Some(before)) => format!("from {since}, before {before}"),
    }
}

/// What the clauses say that make the server refuse rather than do more.
fn way(row: &Fact, engine: Engine) -> &'static str {
    match row.class {
        Class::None => "nothing changes",
        Class::Instant => "INSTANT",
        Class::Metadata | Class::Build if engine == Engine::Mariadb => "NOCOPY",
        Class::Metadata | Class::Build => "INPLACE",
        Class::Rebuild => "INPLACE, table written anew",
        Class::Copy => "COPY",
        Class::Swap | Class::Read | Class::Rows => "takes no clause",
    }
}

fn others(row: &Fact) -> &'static str {
    match (row.class, row.held()) {
        (Class::None, _) => "all",
        (Class::Rows, _) => "read, and write other rows",
        (_, Held::None) => "read and write",
        (_, Held::Shared) => "read",
        (Class::Swap, Held::Exclusive) => "wait for a moment",
        (_, Held::Exclusive) => "wait",
    }
}

fn work(row: &Fact) -> &'static str {
    match row.work() {
        Work::None | Work::Catalog => "no rows touched",
        Work::Scan => "reads every row",
        Work::IndexBuild => "builds indexes",
        Work::Rewrite => "writes every row",
        Work::Unknown => "unknown",
    }
}

fn clause(row: &Fact) -> &'static str {
    match row.clause {
        Clause::Kept => "",
        Clause::Refused => "; ALGORITHM and LOCK are a syntax error beside it",
        Clause::Leading => "; ALGORITHM and LOCK are taken only in front",
        Clause::LeadingBare => "; ALGORITHM and LOCK are taken only in front, without a comma",
        Clause::NoPromise => "; ALGORITHM and LOCK are accepted and not kept",
        Clause::LockNoPromise => "; LOCK is accepted and not kept",
    }
}

/// The series of the tests that confirm it.
fn measured(row: &Fact, engine: Engine) -> String {
    if row.source == Source::Manual {
        return format!("no: {}", row.reason);
    }
    let on = |series: &&(u16, u16)| {
        row.speaks_of(Version::new(series.0, series.1))
            || row.speaks_of(Version { patch: 99, ..Version::new(series.0, series.1) })
    };
    let on: Vec<String> = facts::measured(engine).iter().filter(on).map(|(a, b)| format!("{a}.{b}")).collect();
    if on.is_empty() { "no: the manual's word".to_owned() } else { on.join(", ") }
}

/// The row's words without its placeholders.
fn words(row: &Fact) -> String {
    let mut text = row.fails.clone().unwrap_or_else(|| row.why.clone());
    let spelled = [
        ("table", "the table"),
        ("other", "the other"),
        ("column", "the column"),
        ("index", "the index"),
        ("engine", "the storage engine"),
        ("name", "the name"),
        ("from", "the old type"),
        ("to", "the new type"),
    ];
    for (name, words) in spelled {
        text = text.replace(&format!("`{{{name}}}`"), words).replace(&format!("{{{name}}}"), words);
    }
    text.replace('|', "\\|")
}

fn line(op: &str, row: &Fact, engine: Engine) -> String {
    let condition = if row.when == "always" { String::new() } else { format!(", {}", row.when.replace('-', " ")) };
    let refused = row.fails.is_some();
    let cell = |text: &str| if refused { String::new() } else { text.to_owned() };
    let version = Version::new(99, 0);
    format!(
        "| {}{condition} | {} | {} | {} | {} | {}{} | {} | [manual]({}) |",
        op.replace('-', " ").to_uppercase(),
        versions(row),
        if refused { "refused".to_owned() } else { way(row, engine).to_owned() },
        cell(others(row)),
        cell(work(row)),
        words(row),
        if refused { "" } else { clause(row) },
        measured(row, engine),
        facts::page(engine, version, &row.doc),
    )
}

fn page(engine: Engine, file: &str) -> String {
    let table = facts::all(engine).unwrap();
    let rows: Vec<&Fact> = table.values().flatten().collect();
    let asked = rows.iter().filter(|r| !measured(r, engine).starts_with("no")).count();
    let series: Vec<String> = facts::measured(engine).iter().map(|(a, b)| format!("{a}.{b}")).collect();
    let mut page = format!(
        "<!-- Written by `SIDESTEP_BLESS=1 cargo test locks_page` from {file}. -->\n\
# How {engine} changes a table, and who waits\n\n\
The dearest thing that the server does for each operation: the ALGORITHM, what others can do meanwhile, and the work. {asked} of \
{} rows are measured: {} statements run on {engine} {} with every clause from the best to the first that the server takes, and \
every difference from this page fails the tests. The rest say why they are not.\n\n\
Every operation also takes an exclusive metadata lock for a moment, at its beginning, its end or both: it waits behind the longest \
transaction that has used the table, and all that comes later waits behind it, for at most `lock_wait_timeout`.\n\n\
`sidestep` decides from the catalog which row holds. The operations of one ALTER TABLE run together, in the way of the dearest.\n",
        rows.len(),
        mysql_shapes().len(),
        series.join(", "),
    );
    for (section, ops) in sections(file) {
        let mut name = section.clone();
        name.get_mut(..1).unwrap().make_ascii_uppercase();
        let _ = writeln!(page, "\n## {name}\n");
        let _ = writeln!(
            page,
            "| Operation | {engine} | How | Others | Work | Why | Measured on | |\n|---|---|---|---|---|---|---|---|"
        );
        for op in ops {
            for row in &table[&op] {
                let _ = writeln!(page, "{}", line(&op, row, engine));
            }
        }
    }
    page
}

#[test]
fn the_pages_are_fresh() {
    for (engine, name) in [(Engine::Mysql, "mysql"), (Engine::Mariadb, "mariadb")] {
        let page = page(engine, &format!("assets/engines/{name}.toml"));
        let path = format!("docs/locks-{name}.md");
        if std::env::var_os("SIDESTEP_BLESS").is_some() {
            std::fs::write(&path, &page).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == page, "{path} is stale: SIDESTEP_BLESS=1 cargo test locks_page");
        assert!(!page.contains('{'), "{path}: a placeholder is left: {:?}", page.lines().find(|l| l.contains('{')));
    }
}
