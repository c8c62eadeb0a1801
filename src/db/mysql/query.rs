//! The catalog queries: the SQL in `assets/sql/mysql`, cut to the server.
//!
//! A line that ends in `-- on mysql 8.0.13, mariadb 10.6` is kept only on these, from these versions on (`5.7..8.0`: and before
//! 8.0); `-- not on …` is kept everywhere else. `:db` stands for the database's name as a literal, `:file` for the name of its folder as a literal, `:here`
//! for the rows that are asked for. A file whose lines are all left out is not asked.

use crate::model::{Engine, Version};
use std::fmt::Write;

/// One catalog query; its name stands in messages and gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    pub name: &'static str,
    /// What a person misses when it cannot be read.
    pub about: &'static str,
    text: &'static str,
}

macro_rules! query {
    ($name:literal, $about:literal) => {
        Query { name: $name, about: $about, text: include_str!(concat!("../../../assets/sql/mysql/", $name, ".sql")) }
    };
}

pub const SESSION: Query = query!("session", "the server's own description");
pub const SETTINGS: Query = query!("settings", "settings");
pub const STATUS: Query = query!("status", "how long the server has been up");
pub const TABLES: Query = query!("tables", "tables and their sizes");
pub const COLUMNS: Query = query!("columns", "columns");
pub const INDEXES: Query = query!("indexes", "indexes");
pub const FOREIGN_KEYS: Query = query!("foreign_keys", "foreign keys");
pub const RULES: Query = query!("rules", "what foreign keys do ON DELETE and ON UPDATE");
pub const REFERENCING: Query = query!("referencing", "foreign keys of other databases that point here");
pub const CHECKS: Query = query!("checks", "check constraints");
pub const TRIGGERS: Query = query!("triggers", "triggers");
pub const VIEWS: Query = query!("views", "views");
pub const ROUTINES: Query = query!("routines", "procedures and functions");
pub const EVENTS: Query = query!("events", "events");
pub const PARTITIONS: Query = query!("partitions", "partitions");
pub const ROW_VERSIONS: Query = query!("row_versions", "how many instant changes tables hold");
pub const FULLTEXT: Query = query!("fulltext", "which tables have a hidden FTS_DOC_ID");
pub const FILES: Query = query!("files", "sizes of the tables' files");
pub const INDEX_SIZES: Query = query!("index_sizes", "sizes of indexes");
pub const COUNTERS: Query = query!("counters", "writes by table");
pub const INDEX_USE: Query = query!("index_use", "use of indexes");
pub const TRANSACTIONS: Query = query!("transactions", "long transactions");
pub const LOCKS: Query = query!("locks", "who holds and who awaits metadata locks");
pub const INSTRUMENT: Query = query!("instrument", "whether metadata locks are recorded");
pub const PROCESSES: Query = query!("processes", "replicas that read the binary log");
pub const GRANTS: Query = query!("grants", "what this account may do");

/// Every query of an inspection, in the order they are sent: their number does not depend on the database. Where tables of other
/// databases point here, [`TABLES`] and [`COLUMNS`] are asked once more for those; replication is asked by one SHOW.
pub const QUERIES: [Query; 26] = [
    SESSION,
    SETTINGS,
    STATUS,
    GRANTS,
    TABLES,
    COLUMNS,
    INDEXES,
    FOREIGN_KEYS,
    RULES,
    REFERENCING,
    CHECKS,
    TRIGGERS,
    VIEWS,
    ROUTINES,
    EVENTS,
    PARTITIONS,
    ROW_VERSIONS,
    FULLTEXT,
    FILES,
    INDEX_SIZES,
    COUNTERS,
    INDEX_USE,
    TRANSACTIONS,
    INSTRUMENT,
    LOCKS,
    PROCESSES,
];

/// What the placeholders stand for.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    pub db: String,
    pub file: String,
    pub here: String,
}

/// A literal as every `sql_mode` without NO_BACKSLASH_ESCAPES reads it; our sessions have none.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

impl Query {
    /// The statement for this server, if there is one. `sidestep:name` in it tells our queries apart in the server's log.
    pub fn sql(&self, engine: Engine, version: Version, scope: &Scope) -> Option<String> {
        let mut sql = String::new();
        for line in self.text.lines().filter(|line| !line.starts_with("--") && holds(line, engine, version)) {
            let line = line.rsplit_once("-- ").map_or(line, |(sql, _)| sql.trim_end());
            let _ = writeln!(sql, "{line}");
        }
        if sql.trim().is_empty() {
            return None;
        }
        // The comment stands behind the first word: behind a leading comment some proxies do not see what a statement is.
        let (word, rest) = sql.trim().split_once(char::is_whitespace)?;
        let sql = format!("{word} /* sidestep:{} */ {rest}", self.name);
        Some(filled(&sql, scope))
    }
}

/// In one pass: a name may hold what looks like a placeholder.
fn filled(sql: &str, scope: &Scope) -> String {
    let mut out = String::new();
    let mut rest = sql;
    while let Some(at) = rest.find(':') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let places = [(":db", literal(&scope.db)), (":file", literal(&scope.file)), (":here", scope.here.clone())];
        match places.iter().find(|(place, _)| after.starts_with(place)) {
            Some((place, value)) => {
                out.push_str(value);
                rest = after.strip_prefix(place).unwrap_or_default();
            }
            None => {
                out.push(':');
                rest = after.strip_prefix(':').unwrap_or_default();
            }
        }
    }
    out + rest
}

fn holds(line: &str, engine: Engine, version: Version) -> bool {
    let Some((_, mark)) = line.rsplit_once("-- ") else { return true };
    let (listed, wanted) = match (mark.strip_prefix("on "), mark.strip_prefix("not on ")) {
        (Some(listed), _) => (listed, true),
        (_, Some(listed)) => (listed, false),
        _ => return true,
    };
    let of = |one: &str| {
        let (name, since) = one.trim().split_once(' ').unwrap_or((one.trim(), "0"));
        let name_fits = engine.to_string().eq_ignore_ascii_case(name);
        let (since, before) = since.split_once("..").map_or((since, None), |(since, before)| (since, Some(before)));
        let is = |text: &str, holds: fn(&Version, &Version) -> bool| text.parse().is_ok_and(|v| holds(&version, &v));
        name_fits && is(since, Version::ge) && before.is_none_or(|before| is(before, Version::lt))
    };
    listed.split(',').any(of) == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_chosen_by_engine_and_version() {
        let old = (Engine::Mysql, Version::exact(8, 0, 12));
        let new = (Engine::Mysql, Version::exact(8, 0, 13));
        let maria = (Engine::Mariadb, Version::exact(10, 6, 1));
        let on = |line: &str, (engine, version)| holds(line, engine, version);
        assert!(on("a", old) && on("a, -- on mysql", old) && !on("a, -- on mariadb", old));
        assert!(on("a, -- on mysql 8.0.13", new) && !on("a, -- on mysql 8.0.13", old));
        assert!(
            on("a, -- on mysql 8.0.13, mariadb 10.6", maria) && !on("a, -- not on mysql 8.0.13, mariadb 10.6", maria)
        );
        assert!(on("a, -- not on mysql 8.0.13", old));
        assert!(on("a, -- on mysql 5.7..8.0.13", old) && !on("a, -- on mysql 5.7..8.0.13", new));
    }

    #[test]
    fn names_do_not_reach_into_the_statement() {
        let scope = Scope { db: "a':file\\".into(), file: "x".into(), here: "1 = 1".into() };
        assert_eq!(
            filled("WHERE d = :db AND f = :file AND :here", &scope),
            "WHERE d = 'a'':file\\\\' AND f = 'x' AND 1 = 1"
        );
        let sql = TABLES.sql(Engine::Mysql, Version::new(5, 6), &scope).unwrap();
        assert!(sql.starts_with("SELECT /* sidestep:tables */ ") && sql.trim_end().ends_with("1 = 1"), "{sql}");
        assert!(CHECKS.sql(Engine::Mysql, Version::new(5, 7), &scope).is_none());
    }
}
