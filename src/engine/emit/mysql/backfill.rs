//! A pass over a table in key order that commits after every batch: a stored procedure for a plain client, parts for a driver.

use super::{id, ids, literal};
use crate::model::{Engine, Ident, Server, Table};

/// One pass over a table.
#[derive(Debug, Clone)]
pub struct Pass<'a> {
    pub table: &'a Table,
    /// As a plan's statements write it.
    pub name: String,
    pub procedure: Ident,
    /// Columns of the primary key or of a unique index over NOT NULL columns, in index order.
    pub key: Vec<Ident>,
    pub write: Write,
    /// True for rows that still need it, false for the same row afterwards.
    pub needed: String,
    pub batch_rows: u64,
    pub pause_ms: u64,
    pub lock_timeout_ms: u64,
    pub gives_way: GivesWay,
}

/// How a batch takes all its rows or none, and so never waits while it holds some: then no statement of the application can be the
/// victim of a deadlock with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GivesWay {
    /// `FOR UPDATE NOWAIT` first: MySQL 8.0.
    First,
    /// MariaDB takes no NOWAIT inside a procedure, but a timeout of 0: 10.3.
    Always,
    /// Older ones wait for a second at least.
    Not,
}

impl GivesWay {
    pub fn of(server: &Server) -> Self {
        let v = server.version;
        match server.engine {
            Engine::Mariadb if (v.major, v.minor) >= (10, 3) => Self::Always,
            Engine::Mysql if v.major >= 8 => Self::First,
            _ => Self::Not,
        }
    }
}

#[derive(Debug, Clone)]
pub enum Write {
    /// Column := expression over the row's own columns.
    Update(Vec<(Ident, String)>),
    Delete,
}

impl Pass<'_> {
    fn vars(&self, stem: &str) -> Vec<String> {
        (1..=self.key.len()).map(|i| format!("sidestep_{stem}_{i}")).collect()
    }
    fn user_vars(&self, stem: &str) -> Vec<String> {
        (1..=self.key.len()).map(|i| format!("@sidestep_{stem}_{i}")).collect()
    }

    fn statement(&self, lo: &[String], hi: &[String]) -> String {
        let range = self.range(lo, hi);
        match &self.write {
            Write::Update(assignments) => {
                let set: Vec<String> = assignments.iter().map(|(c, e)| format!("{} = {e}", id(c))).collect();
                format!("UPDATE {} SET {} WHERE {range}", self.name, set.join(", "))
            }
            Write::Delete => format!("DELETE FROM {} WHERE {range}", self.name),
        }
    }

    fn range(&self, lo: &[String], hi: &[String]) -> String {
        format!("{} AND {} AND ({})", self.after(lo, true), self.before(hi), self.needed)
    }

    /// Behind `values` in key order. A comparison of rows is no range to MySQL: the first column bounds it once more.
    fn after(&self, values: &[String], inclusive: bool) -> String {
        self.compare(values, '>', inclusive)
    }
    fn before(&self, values: &[String]) -> String {
        self.compare(values, '<', true)
    }
    fn compare(&self, values: &[String], way: char, inclusive: bool) -> String {
        let mut condition = String::new();
        let last = self.key.len().saturating_sub(1);
        for (at, (column, value)) in self.key.iter().zip(values).enumerate().rev() {
            let c = id(column);
            condition = if at == last {
                format!("{c} {way}{} {value}", if inclusive { "=" } else { "" })
            } else {
                format!("({c} {way} {value} OR ({c} = {value} AND {condition}))")
            };
        }
        match (self.key.first(), values.first(), self.key.len()) {
            (Some(first), Some(value), n) if n > 1 => format!("{} {way}= {value} AND {condition}", id(first)),
            _ => condition,
        }
    }

    fn descending(&self) -> String {
        self.key.iter().map(|c| format!("{} DESC", id(c))).collect::<Vec<_>>().join(", ")
    }

    /// Text of a type that a variable has the same values with.
    fn type_of(&self, column: &Ident) -> String {
        let Some(column) = self.table.column(column) else { return "varchar(255)".to_owned() };
        let words = column.mysql.as_ref();
        let mut text = column.data_type.clone();
        if let Some(charset) = words.and_then(|m| m.charset.as_ref()) {
            text.push_str(&format!(" CHARACTER SET {charset}"));
        }
        if let Some(collation) = words.and_then(|m| m.collation.as_ref()) {
            text.push_str(&format!(" COLLATE {collation}"));
        }
        text
    }

    /// `DROP PROCEDURE`, `CREATE PROCEDURE`, `CALL`, `DROP PROCEDURE`: each sent alone, in this order.
    pub fn statements(&self) -> Vec<String> {
        let procedure = id(&self.procedure);
        let drop = format!("DROP PROCEDURE IF EXISTS {procedure}");
        vec![drop.clone(), self.create(), format!("CALL {procedure}()"), drop]
    }

    /// It answers with no rows: some drivers cannot send anything behind a call that does. How many it wrote is the session's
    /// `@sidestep_rows`.
    fn create(&self) -> String {
        let (lo, hi) = (self.vars("from"), self.vars("to"));
        let declared: String = lo
            .iter()
            .zip(&hi)
            .zip(&self.key)
            .map(|((lo, hi), c)| format!("  DECLARE {lo}, {hi} {};\n", self.type_of(c)))
            .collect();
        let (keys, lock_s) = (ids(&self.key), self.lock_timeout_ms.div_ceil(1000).max(1));
        format!(
            "CREATE PROCEDURE {procedure}()\nBEGIN\n{declared}  DECLARE sidestep_rows bigint DEFAULT 0;\n  DECLARE sidestep_batch bigint DEFAULT 0;\n  \
             DECLARE sidestep_end tinyint DEFAULT 0;\n  DECLARE sidestep_busy tinyint DEFAULT 0;\n  DECLARE sidestep_tries int DEFAULT 0;\n  \
             DECLARE CONTINUE HANDLER FOR NOT FOUND SET sidestep_end = 1;\n  \
             DECLARE CONTINUE HANDLER FOR {busy} SET sidestep_busy = 1;\n  \
             SET SESSION innodb_lock_wait_timeout = {lock_s};\n  \
             SELECT {keys} INTO {from} FROM {table} WHERE {needed} ORDER BY {keys} LIMIT 1;\n  \
             WHILE sidestep_end = 0 DO\n    \
             SELECT {keys} INTO {to} FROM (SELECT {keys} FROM {table} WHERE {from_on} ORDER BY {keys} LIMIT {rows}) AS sidestep_rows_of_batch \
             ORDER BY {descending} LIMIT 1;\n    \
             START TRANSACTION;\n    \
             SET sidestep_busy = 0, sidestep_batch = 0;\n    \
             {take}\
             IF sidestep_busy = 0 THEN\n      \
             {update};\n      \
             SET sidestep_batch = ROW_COUNT();\n    \
             END IF;\n    \
             IF sidestep_busy = 0 THEN\n      \
             COMMIT;\n      \
             SET sidestep_rows = sidestep_rows + sidestep_batch, sidestep_tries = 0;\n      \
             IF SLEEP({pause}) THEN {stop} END IF;\n      \
             SELECT {keys} INTO {from} FROM {table} WHERE {behind} AND ({needed}) ORDER BY {keys} LIMIT 1;\n    \
             ELSE\n      \
             ROLLBACK;\n      \
             SET sidestep_tries = sidestep_tries + 1;\n      \
             IF sidestep_tries > 100 THEN\n        \
             SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'sidestep: rows stay locked, run it again later';\n      \
             END IF;\n      \
             IF SLEEP(0.02) THEN {stop} END IF;\n    \
             END IF;\n  \
             END WHILE;\n  \
             SET @sidestep_rows = sidestep_rows;\nEND",
            procedure = id(&self.procedure),
            from = lo.join(", "),
            to = hi.join(", "),
            table = self.name,
            needed = self.needed,
            from_on = self.after(&lo, true),
            rows = self.batch_rows,
            descending = self.descending(),
            update = self.statement(&lo, &hi),
            // A lock that is not granted, a deadlock; MySQL says of NOWAIT what MariaDB says of a timeout.
            busy = if self.gives_way == GivesWay::First { "1205, 1213, 3572" } else { "1205, 1213" },
            take = match self.gives_way {
                GivesWay::First => format!(
                    "IF sidestep_tries < 50 THEN\n      SELECT COUNT(*) INTO sidestep_batch FROM {} WHERE {} FOR UPDATE NOWAIT;\n    END IF;\n    ",
                    self.name,
                    self.range(&lo, &hi)
                ),
                GivesWay::Always => {
                    format!("SET SESSION innodb_lock_wait_timeout = IF(sidestep_tries < 50, 0, {lock_s});\n    ")
                }
                GivesWay::Not => String::new(),
            },
            // KILL QUERY wakes a SLEEP, and some servers go on behind it.
            stop = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'sidestep: stopped between two batches';",
            pause = self.pause_ms as f64 / 1000.0,
            behind = self.after(&hi, false),
        )
    }

    /// The statements for a driver; bounds are the session's `@sidestep_lo_1` … and `@sidestep_hi_1` ….
    pub fn batch(&self) -> String {
        self.statement(&self.user_vars("lo"), &self.user_vars("hi"))
    }
    pub fn start_key(&self) -> String {
        let keys = ids(&self.key);
        format!("SELECT {keys} FROM {} WHERE {} ORDER BY {keys} LIMIT 1", self.name, self.needed)
    }
    pub fn resume_key(&self) -> String {
        let (keys, behind) = (ids(&self.key), self.after(&self.user_vars("hi"), false));
        format!("SELECT {keys} FROM {} WHERE {behind} AND ({}) ORDER BY {keys} LIMIT 1", self.name, self.needed)
    }
    pub fn end_key(&self) -> String {
        self.last_of(&self.after(&self.user_vars("lo"), true))
    }
    pub fn next_key(&self) -> String {
        self.last_of(&self.after(&self.user_vars("lo"), false))
    }
    fn last_of(&self, condition: &str) -> String {
        let keys = ids(&self.key);
        format!(
            "SELECT {keys} FROM (SELECT {keys} FROM {} WHERE {condition} ORDER BY {keys} LIMIT {}) AS sidestep_batch ORDER BY {} LIMIT 1",
            self.name,
            self.batch_rows,
            self.descending()
        )
    }
    pub fn remaining(&self) -> String {
        format!("SELECT COUNT(*) FROM {} WHERE {}", self.name, self.needed)
    }
    pub fn done(&self) -> String {
        format!("NOT EXISTS (SELECT 1 FROM {} WHERE {})", self.name, self.needed)
    }
}

/// A comparison that holds for equal values and for two NULLs.
pub fn same(a: &str, b: &str) -> String {
    format!("{a} <=> {b}")
}

/// A name as a string.
pub fn quoted(name: &Ident) -> String {
    literal(name.as_str())
}
