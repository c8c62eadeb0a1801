//! What a statement does on a real MySQL or MariaDB: accepted or refused, and whether the table got new files.

use super::mysql_shape::{MysqlShape, by_table};
use super::{MysqlRefused, MysqlSession};
use std::collections::{BTreeMap, BTreeSet};

/// Tables that hang together by foreign keys are made anew together.
const FAMILY: [&str; 3] = ["parent", "child", "cascading"];
/// What shapes leave behind.
const LEFT: [&str; 5] = ["x", "v2", "other2", "parent2", "vw2"];

pub struct MysqlBench {
    pub sql: MysqlSession,
    database: String,
    fixture: Vec<(String, String)>,
    newer: bool,
}

/// Of a table or its partitions: name and number.
type Files = BTreeMap<String, String>;

#[derive(Debug)]
pub struct Done {
    pub refused: Option<MysqlRefused>,
    /// Tables with another number in the dictionary than before: they were written anew.
    pub rebuilt: BTreeSet<String>,
    /// Tables of which that can be told.
    pub seen: BTreeSet<String>,
}

impl MysqlBench {
    pub fn new(mut sql: MysqlSession, database: String, fixture: Vec<(String, String)>, newer: bool) -> Self {
        sql.run("SET SESSION foreign_key_checks = 0");
        for (_, statement) in &fixture {
            sql.run(statement);
        }
        let tables: BTreeSet<&str> = fixture.iter().map(|(t, _)| t.as_str()).filter(|t| *t != "vw").collect();
        sql.run(&format!("ANALYZE TABLE {}", tables.into_iter().collect::<Vec<_>>().join(", ")));
        Self { sql, database, fixture, newer }
    }

    /// Runs it; what it changed stays until [`Self::restore`].
    pub fn run(&mut self, shape: &MysqlShape, statement: &str) -> Done {
        self.sql.run("SET SESSION sql_mode = DEFAULT, foreign_key_checks = 1, lock_wait_timeout = 5");
        if let Some((name, value)) = &shape.setting {
            let value = if name == "sql_mode" { format!("'{value}'") } else { value.clone() };
            self.sql.run(&format!("SET SESSION {name} = {value}"));
        }
        let before = self.numbers();
        let refused = self.sql.try_run(statement).err();
        let after = self.numbers();
        // A partition that stays keeps its number; where no file is left of those before, all are new.
        let anew = |old: &Files, new: &Files| {
            let mut kept = old.iter().filter_map(|(file, number)| new.get(file).map(|n| n == number)).peekable();
            kept.peek().is_none() || kept.any(|same| !same)
        };
        let rebuilt = before.iter().filter(|(t, old)| after.get(*t).is_none_or(|new| anew(old, new)));
        Done { refused, rebuilt: rebuilt.map(|(t, _)| t.clone()).collect(), seen: before.keys().cloned().collect() }
    }

    /// The dictionary's numbers of each table: of its partitions together.
    fn numbers(&mut self) -> BTreeMap<String, Files> {
        let view = if self.newer { "INNODB_TABLES" } else { "INNODB_SYS_TABLES" };
        let rows = self.sql.rows(&format!(
            "SELECT NAME, TABLE_ID FROM information_schema.{view} WHERE NAME LIKE '{}/%'",
            self.database.replace('_', "\\_")
        ));
        let mut found: BTreeMap<String, Files> = BTreeMap::new();
        for row in rows {
            let name = row[0].rsplit('/').next().unwrap().to_owned();
            let table = name.split('#').next().unwrap().to_owned();
            found.entry(table).or_default().insert(name, row[1].clone());
        }
        found
    }

    /// Makes the tables that the statement names as they were.
    pub fn restore(&mut self, statement: &str) {
        self.sql.run("SET SESSION sql_mode = DEFAULT, foreign_key_checks = 0");
        let tables = by_table(&self.fixture);
        let words = statement.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut named: BTreeSet<&str> = words.filter_map(|w| tables.get_key_value(w)).map(|(t, _)| *t).collect();
        if FAMILY.iter().any(|f| named.contains(f)) {
            named.extend(FAMILY);
        }
        if named.contains("other") || statement.contains("vw") {
            named.extend(["other", "numbers", "vw"]);
        }
        // Each of these is a write to the disk: only what the statement can have left.
        let mut list: Vec<String> = Vec::new();
        let says = |name: &&str| statement.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == *name);
        let left: Vec<&str> = LEFT.into_iter().filter(says).collect();
        let views = left.iter().chain(named.get("vw")).filter(|n| n.starts_with('v'));
        list.extend(views.map(|name| format!("DROP VIEW IF EXISTS {name}")));
        let tables: Vec<&str> =
            named.iter().copied().chain(left.iter().copied()).filter(|n| !n.starts_with('v')).collect();
        if !tables.is_empty() {
            list.push(format!("DROP TABLE IF EXISTS {}", tables.join(", ")));
        }
        if statement.contains("tr_x") {
            list.push("DROP TRIGGER IF EXISTS tr_x".to_owned());
        }
        let made = self.fixture.iter().filter(|(t, _)| named.contains(t.as_str()));
        list.extend(made.map(|(_, sql)| sql.clone()));
        for sql in list {
            // A view that is none, a table that is a view.
            if let Err(why) = self.sql.try_run(&sql) {
                assert!(sql.starts_with("DROP"), "{} {}\nin: {sql}", why.code, why.message);
            }
        }
    }
}
