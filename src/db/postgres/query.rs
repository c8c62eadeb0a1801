//! The catalog queries: the SQL in `assets/sql/postgres`, cut to the server's version.
//!
//! A line that ends in `-- since N` or `-- before N` is kept only from, or up to, that major version: so the
//! one statement per file stays readable beside the manual's catalog pages.

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
        Query {
            name: $name,
            about: $about,
            text: include_str!(concat!("../../../assets/sql/postgres/", $name, ".sql")),
        }
    };
}

pub const SESSION: Query = query!("session", "the server's version and settings");
pub const TABLES: Query = query!("tables", "tables and their sizes");
pub const COLUMNS: Query = query!("columns", "columns");
pub const INDEXES: Query = query!("indexes", "indexes");
pub const CONSTRAINTS: Query = query!("constraints", "constraints");
pub const ATTACHED: Query = query!("attached", "triggers, policies and publications");
pub const VIEWS: Query = query!("views", "views and rules");
pub const OBJECTS: Query = query!("objects", "sequences, enum types and domains");
pub const FUNCTIONS: Query = query!("functions", "functions");
pub const ACTIVITY: Query = query!("activity", "replication and running transactions");

/// Every query of an inspection, in the order they are sent. Their number does not depend on the database.
pub const QUERIES: [Query; 10] =
    [SESSION, TABLES, COLUMNS, INDEXES, CONSTRAINTS, ATTACHED, VIEWS, OBJECTS, FUNCTIONS, ACTIVITY];

impl Query {
    /// The statement for a server of this major version. `sidestep:name` in it tells our queries apart in the
    /// server's log.
    pub fn sql(&self, major: u16) -> String {
        self.parts(major).join("UNION ALL\n")
    }

    /// A file of several `-- next part` pieces is one statement unless a piece fails; then they run alone.
    pub fn parts(&self, major: u16) -> Vec<String> {
        self.text
            .split("-- next part\n")
            .map(|part| {
                let mut sql = format!("/* sidestep:{} */\n", self.name);
                for line in part.lines().filter(|line| !line.starts_with("--") && holds(line, major)) {
                    let _ = writeln!(sql, "{line}");
                }
                sql
            })
            .collect()
    }
}

fn holds(line: &str, major: u16) -> bool {
    let Some((_, mark)) = line.rsplit_once("-- ") else { return true };
    let version = |word: &str| mark.strip_prefix(word).and_then(|n| n.trim().parse::<u16>().ok());
    match (version("since "), version("before ")) {
        (Some(since), _) => major >= since,
        (_, Some(before)) => major < before,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_chosen_by_version() {
        assert!(holds("SELECT a", 10) && holds("a, -- since 12", 12) && !holds("a, -- since 12", 11));
        assert!(holds("a, -- before 12", 11) && !holds("a, -- before 12", 12));
        assert!(COLUMNS.sql(11).contains("'' AS generated") && !COLUMNS.sql(11).contains("attgenerated"));
        assert!(COLUMNS.sql(12).contains("attgenerated") && !COLUMNS.sql(12).contains("'' AS generated"));
    }

    #[test]
    fn ten_queries_at_most() {
        assert!(QUERIES.len() <= 10);
        assert_eq!(ACTIVITY.parts(15).len(), 7);
    }
}
