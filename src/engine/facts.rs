//! The fact table of a server: operation × condition × major version → locks, work, words. Rows live in `assets/engines/*.toml`;
//! which condition holds is decided by the code that judges, never here.

use crate::model::{LockMode, Work};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Majors the table answers for.
pub const FIRST: u16 = 10;
pub const LAST: u16 = 18;

/// Where a claim comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// `tests/all/facts.rs` compares it with real servers.
    #[default]
    Measured,
    /// The manual's word alone.
    Manual,
}

/// Objects beside the target that a statement locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Target,
    /// Partitions and inheriting tables, all levels down.
    Children,
    Parent,
    /// Tables that a foreign key in question points at, and their partitions.
    Referenced,
    /// Tables whose foreign keys point here.
    Referencing,
    /// The table being attached or detached, and its partitions.
    Partition,
    DefaultPartition,
    Index,
    /// Indexes that are built anew; the lock on their table covers them.
    Rebuilt,
    Sequence,
    /// Tables that use a type or function.
    Users,
    /// Views that go along (CASCADE).
    Views,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fact {
    #[serde(default = "always")]
    pub when: String,
    #[serde(default = "first")]
    pub since: u16,
    #[serde(default = "last")]
    pub until: u16,
    #[serde(default)]
    pub locks: BTreeMap<Role, Mode>,
    #[serde(default = "catalog")]
    pub work: Work,
    /// Refused inside a transaction block.
    #[serde(default)]
    pub alone: bool,
    /// The server refuses it: why, in our words.
    #[serde(default)]
    pub fails: Option<String>,
    /// What the work falls on and why, with `{placeholders}`.
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub source: Source,
    /// Why it is not measured.
    #[serde(default)]
    pub reason: String,
    /// Page of the manual; filled in from the operation.
    #[serde(default)]
    pub doc: String,
}

/// A lock mode in the table's shorthand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Mode {
    AS,
    RS,
    RX,
    SUE,
    S,
    SRX,
    X,
    AX,
}

impl From<Mode> for LockMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::AS => Self::AccessShare,
            Mode::RS => Self::RowShare,
            Mode::RX => Self::RowExclusive,
            Mode::SUE => Self::ShareUpdateExclusive,
            Mode::S => Self::Share,
            Mode::SRX => Self::ShareRowExclusive,
            Mode::X => Self::Exclusive,
            Mode::AX => Self::AccessExclusive,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation<F> {
    doc: String,
    rows: Vec<F>,
}

/// Rows by operation.
pub type Table<F> = BTreeMap<String, Vec<F>>;

/// A row of any engine's table.
pub(super) trait Row: DeserializeOwned {
    /// Page of the manual, which the operation may say for all of its rows.
    fn doc(&mut self) -> &mut String;
}

impl Row for Fact {
    fn doc(&mut self) -> &mut String {
        &mut self.doc
    }
}

static POSTGRES: LazyLock<Result<Table<Fact>, String>> =
    LazyLock::new(|| parse(include_str!("../../assets/engines/postgres.toml")));

pub(super) fn parse<F: Row>(text: &str) -> Result<Table<F>, String> {
    let operations: BTreeMap<String, Operation<F>> = toml::from_str(text).map_err(|why| why.to_string())?;
    let rows = operations.into_iter().map(|(op, operation)| {
        let Operation { doc, mut rows } = operation;
        for row in rows.iter_mut().map(F::doc).filter(|own| own.is_empty()) {
            row.clone_from(&doc);
        }
        (op, rows)
    });
    Ok(rows.collect())
}

/// The row for an operation under a condition. A server newer than the table is taken to behave like the newest known.
pub fn fact(op: &str, when: &str, major: u16) -> Option<&'static Fact> {
    let major = major.clamp(FIRST, LAST);
    rows(op).iter().find(|f| f.when == when && (f.since..=f.until).contains(&major))
}

/// All rows of one operation; none for an unknown one.
pub fn rows(op: &str) -> &'static [Fact] {
    POSTGRES.as_ref().ok().and_then(|t| t.get(op)).map_or(&[], Vec::as_slice)
}

/// Rows of the operations that go by these words: `add column`, `detach`.
pub fn find(words: &str) -> Vec<(&'static str, &'static Fact)> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let by = |op: &str| words.iter().all(|w| op.split('-').any(|part| part == w));
    let table = POSTGRES.as_ref().ok();
    let found = table.into_iter().flatten().filter(|(op, _)| by(op));
    found.flat_map(|(op, rows)| rows.iter().map(move |row| (op.as_str(), row))).collect()
}

/// Every operation with its rows.
///
/// # Errors
/// The parser's words if the embedded table is broken; the tests hold that it is not.
pub fn all() -> Result<&'static BTreeMap<String, Vec<Fact>>, &'static str> {
    POSTGRES.as_ref().map_err(String::as_str)
}

fn always() -> String {
    "always".into()
}

fn first() -> u16 {
    FIRST
}

fn last() -> u16 {
    LAST
}

fn catalog() -> Work {
    Work::Catalog
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For every operation, condition and major: exactly one row.
    #[test]
    fn facts_are_total() {
        for (op, rows) in all().unwrap() {
            let conditions: std::collections::BTreeSet<_> = rows.iter().map(|r| &r.when).collect();
            for when in conditions {
                for major in FIRST..=LAST {
                    let found = rows.iter().filter(|r| r.when == *when && (r.since..=r.until).contains(&major)).count();
                    assert_eq!(found, 1, "{op} when {when} on {major}");
                }
            }
        }
    }

    #[test]
    fn operations_are_found_by_their_words() {
        let found: std::collections::BTreeSet<_> = find("Add column").into_iter().map(|(op, _)| op).collect();
        assert!(found.contains("add-column") && found.contains("add-column-check") && !found.contains("drop-column"));
        assert!(find("no such thing").is_empty());
    }

    #[test]
    fn a_row_says_why_or_why_not() {
        for (op, rows) in all().unwrap() {
            for row in rows {
                assert!(row.fails.is_some() || !row.why.is_empty(), "{op} {}", row.when);
                assert!(row.doc.ends_with(".html"), "{op}: {}", row.doc);
                let manual = row.source == Source::Manual;
                assert_eq!(manual, !row.reason.is_empty(), "{op} {}: what is not measured says why", row.when);
            }
        }
    }
}
