//! The fact tables of MySQL and MariaDB: operation × condition × version → class, lock, work, words. Rows live in
//! `assets/engines/{mysql,mariadb}.toml`; which condition holds is decided by the code that judges, never here.

use crate::model::{Engine, Version, Work};
use serde::Deserialize;
use std::sync::LazyLock;

use crate::engine::facts::{self, Row, parse};

pub use crate::engine::facts::Source;

/// How the server does it, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Nothing changes.
    None,
    /// ALGORITHM=INSTANT.
    Instant,
    /// In place, no row is touched.
    Metadata,
    /// In place, an index is built.
    Build,
    /// In place, the table is written anew.
    Rebuild,
    Copy,
    /// Takes no ALGORITHM: an exclusive lock for a moment.
    Swap,
    /// Rows are read.
    Read,
    /// Rows are changed.
    Rows,
}

impl Class {
    pub fn work(self) -> Work {
        match self {
            Self::None => Work::None,
            Self::Instant | Self::Metadata | Self::Swap => Work::Catalog,
            Self::Build => Work::IndexBuild,
            Self::Rebuild | Self::Copy | Self::Rows => Work::Rewrite,
            Self::Read => Work::Scan,
        }
    }
}

/// The weakest LOCK that the server grants, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// Others read and write.
    None,
    /// Others read.
    Shared,
    Exclusive,
}

/// Whether ALGORITHM and LOCK can be written beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clause {
    #[default]
    Kept,
    /// A syntax error (1064).
    Refused,
    /// Only in front: `ALTER TABLE t ALGORITHM=…, LOCK=…, ADD PARTITION …`.
    Leading,
    /// In front and without a comma behind it: `ALTER TABLE t ALGORITHM=… REMOVE PARTITIONING`.
    LeadingBare,
    /// Accepted and not kept: the kind decides, not the clause.
    NoPromise,
    /// ALGORITHM is kept, LOCK is accepted and not kept.
    LockNoPromise,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fact {
    #[serde(default = "always")]
    pub when: String,
    /// The first version it speaks of; none: the oldest known.
    #[serde(default)]
    pub since: Option<Version>,
    /// The first version it does not speak of.
    #[serde(default)]
    pub before: Option<Version>,
    #[serde(default = "nothing")]
    pub class: Class,
    #[serde(default)]
    pub lock: Option<Held>,
    /// The class where the whole statement cannot be INSTANT.
    #[serde(default)]
    pub otherwise: Option<Class>,
    #[serde(default)]
    pub work: Option<Work>,
    #[serde(default)]
    pub clause: Clause,
    /// The server refuses it: why, in our words, with its code.
    #[serde(default)]
    pub fails: Option<String>,
    /// With `{placeholders}`.
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub source: Source,
    /// Why no server of the tests was asked.
    #[serde(default)]
    pub reason: String,
    /// Page of the manual; filled in from the operation.
    #[serde(default)]
    pub doc: String,
}

impl Fact {
    pub fn speaks_of(&self, version: Version) -> bool {
        self.since.is_none_or(|since| version >= since) && self.before.is_none_or(|before| version < before)
    }
    /// True if a server of this very series confirms it in the tests.
    pub fn is_measured(&self, engine: Engine, version: Version) -> bool {
        self.source == Source::Measured && measured(engine).contains(&(version.major, version.minor))
    }
    pub fn held(&self) -> Held {
        self.lock.unwrap_or(match self.class {
            Class::Swap => Held::Exclusive,
            Class::Copy => Held::Shared,
            _ => Held::None,
        })
    }
    pub fn work(&self) -> Work {
        self.work.unwrap_or(self.class.work())
    }
}

/// The series that the tests run.
pub fn measured(engine: Engine) -> &'static [(u16, u16)] {
    if engine == Engine::Mariadb { &[(10, 5), (10, 11), (11, 8)] } else { &[(5, 6), (9, 7)] }
}

/// The oldest version that the table answers for.
pub fn first(engine: Engine) -> Version {
    if engine == Engine::Mariadb { Version::new(10, 5) } else { Version::new(5, 6) }
}

/// Where the manual says it.
pub fn page(engine: Engine, version: Version, doc: &str) -> String {
    if engine == Engine::Mariadb {
        return format!("https://mariadb.com/kb/en/{doc}/");
    }
    let edition = match (version.major, version.minor) {
        (5, 6 | 7) => "5.7",
        (8, 0 | 1) => "8.0",
        (8, _) => "8.4",
        _ => "9.7",
    };
    format!("https://dev.mysql.com/doc/refman/{edition}/en/{doc}")
}

impl Row for Fact {
    fn doc(&mut self) -> &mut String {
        &mut self.doc
    }
}

type Table = facts::Table<Fact>;

static MYSQL: LazyLock<Result<Table, String>> =
    LazyLock::new(|| parse(include_str!("../../../assets/engines/mysql.toml")));
static MARIADB: LazyLock<Result<Table, String>> =
    LazyLock::new(|| parse(include_str!("../../../assets/engines/mariadb.toml")));

/// The row for an operation under a condition. A server newer than the table is taken to behave like the newest known, one that is
/// older than the table has no row.
pub fn fact(engine: Engine, op: &str, when: &str, version: Version) -> Option<&'static Fact> {
    if version < first(engine) {
        return None;
    }
    rows(engine, op).iter().find(|f| f.when == when && f.speaks_of(version))
}

/// All rows of one operation; none for an unknown one.
pub fn rows(engine: Engine, op: &str) -> &'static [Fact] {
    all(engine).ok().and_then(|t| t.get(op)).map_or(&[], Vec::as_slice)
}

/// Every operation with its rows.
///
/// # Errors
/// The parser's words if the embedded table is broken; the tests hold that it is not.
pub fn all(engine: Engine) -> Result<&'static Table, &'static str> {
    let table = if engine == Engine::Mariadb { &MARIADB } else { &MYSQL };
    table.as_ref().map_err(String::as_str)
}

fn always() -> String {
    "always".into()
}

fn nothing() -> Class {
    Class::None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const MYSQL_VERSIONS: &str = "5.6.24 5.7.0 5.7.44 8.0.0 8.0.11 8.0.12 8.0.13 8.0.15 8.0.16 8.0.22 8.0.23 8.0.27 8.0.28 8.0.29 8.0.31 8.0.32 8.0.43 8.4.0 8.4.6 9.0 9.1 9.7.4 10.0";
    const MARIADB_VERSIONS: &str = "10.5.0 10.5.2 10.5.23 10.6 10.6.20 10.7 10.8 10.9 10.10 10.11.0 10.11.19 11.0 11.1 11.2.0 11.3 11.4 11.8.6 12.0";

    fn versions(engine: Engine) -> Vec<Version> {
        let text = if engine == Engine::Mariadb { MARIADB_VERSIONS } else { MYSQL_VERSIONS };
        text.split(' ').map(|v| v.parse().unwrap()).collect()
    }

    /// For every operation, condition and version: exactly one row.
    #[test]
    fn facts_are_total() {
        for engine in [Engine::Mysql, Engine::Mariadb] {
            for (op, rows) in all(engine).unwrap() {
                for when in rows.iter().map(|r| &r.when).collect::<BTreeSet<_>>() {
                    for version in versions(engine) {
                        let found = rows.iter().filter(|r| r.when == *when && r.speaks_of(version)).count();
                        assert_eq!(found, 1, "{engine} {version}: {op} when {when}");
                    }
                }
            }
        }
    }

    /// What can be asked of one engine can be asked of the other.
    #[test]
    fn both_tables_answer_the_same_questions() {
        let keys = |engine| -> BTreeSet<String> {
            let table = all(engine).unwrap();
            table.iter().flat_map(|(op, rows)| rows.iter().map(move |r| format!("{op}/{}", r.when))).collect()
        };
        let (mysql, mariadb) = (keys(Engine::Mysql), keys(Engine::Mariadb));
        let apart: Vec<_> = mysql.symmetric_difference(&mariadb).collect();
        assert!(apart.is_empty(), "{apart:?}");
    }

    #[test]
    fn a_row_says_why_or_why_not() {
        for engine in [Engine::Mysql, Engine::Mariadb] {
            for (op, rows) in all(engine).unwrap() {
                for row in rows {
                    assert!(row.fails.is_some() || !row.why.is_empty(), "{op} {}", row.when);
                    let manual = row.source == Source::Manual;
                    assert_eq!(manual, !row.reason.is_empty(), "{op} {}: what is not measured says why", row.when);
                }
            }
        }
    }
}
