//! A backfill that commits per batch, resumes where it stopped, waits for replicas, and can be run any number of times.

use super::dollar_quote;
use crate::engine::dialect;
use crate::model::{Engine, Ident, Server, TableName};

/// One pass over a table in key order.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchedUpdate {
    pub table: TableName,
    /// Columns of the primary key or of a unique NOT NULL index, in index order.
    pub key: Vec<Ident>,
    /// Column := expression over the row's own columns.
    pub assignments: Vec<(Ident, String)>,
    /// True for rows that still need it, false for the same row afterwards.
    pub needed: String,
    /// What is done to those rows.
    pub write: Write,
    /// The name that expressions call the table by, if they do.
    pub alias: Option<Ident>,
    /// `FROM` and the whole `WHERE` of an UPDATE that reads other tables.
    pub joined: Option<(String, String)>,
    pub batch_rows: u64,
    pub pause_ms: u64,
    pub lock_timeout_ms: u64,
    pub max_lag_s: u64,
}

/// What a batch does. Expressions over the row's columns; in `needed` and here a column may be written `schema.table.column`,
/// and in assignments `target.column`.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Sets [`BatchedUpdate::assignments`].
    Update,
    Delete,
    /// Copies the assignments as a row of another table; a row that is there already is left alone.
    Insert {
        into: TableName,
    },
    /// Sets the assignments in the row of another table that has the same `keys`, which are among them. The walked row is
    /// locked first: in the order in which a trigger that carries it over locks the two.
    Spread {
        into: TableName,
        keys: Vec<Ident>,
    },
}

impl BatchedUpdate {
    fn names(&self) -> Names {
        let d = dialect(Engine::Postgresql);
        let columns: Vec<String> = self.key.iter().map(|c| d.ident(c)).collect();
        let row = |parts: &[String]| match parts {
            [one] => one.clone(),
            many => format!("({})", many.join(", ")),
        };
        let numbered = |stem: &str| (1..=columns.len()).map(|i| format!("{stem}{i}")).collect::<Vec<_>>();
        let table = d.name(&self.table);
        let target = self.alias.as_ref().map_or_else(|| "target".to_owned(), |a| d.ident(a));
        Names {
            source: self.alias.as_ref().map_or_else(|| table.clone(), |a| format!("{table} AS {}", d.ident(a))),
            table,
            list: columns.join(", "),
            descending: columns.iter().map(|c| format!("{c} DESC")).collect::<Vec<_>>().join(", "),
            row: row(&columns),
            from: numbered("sidestep_from_"),
            to: numbered("sidestep_to_"),
            keyed: columns
                .iter()
                .enumerate()
                .map(|(i, c)| format!("{c} AS sidestep_key_{}", i + 1))
                .collect::<Vec<_>>()
                .join(", "),
            joined: columns
                .iter()
                .enumerate()
                .map(|(i, c)| format!("{target}.{c} = batch.sidestep_key_{}", i + 1))
                .collect::<Vec<_>>()
                .join(" AND "),
            columns,
            target,
        }
    }

    fn set(&self) -> String {
        let d = dialect(Engine::Postgresql);
        self.assignments.iter().map(|(c, e)| format!("{} = {e}", d.ident(c))).collect::<Vec<_>>().join(", ")
    }

    /// One batch; `lo` and `hi` are inclusive bounds as SQL. Rows are locked in key order, so that two runners
    /// queue up instead of deadlocking.
    fn update(&self, lo: &str, hi: &str) -> String {
        let n = self.names();
        let d = dialect(Engine::Postgresql);
        let rows = |what: &str, lock: &str| {
            format!(
                "WITH batch AS (SELECT {what} FROM {} WHERE {row} >= {lo} AND {row} <= {hi} AND ({}) ORDER BY {} {lock})",
                n.source,
                self.needed,
                n.list,
                row = n.row,
            )
        };
        match &self.write {
            Write::Update => {
                let (others, and) = match &self.joined {
                    Some((from, filter)) => (format!(", {from}"), format!(" AND ({filter})")),
                    None => (String::new(), String::new()),
                };
                format!(
                    "{} UPDATE {} AS {} SET {} FROM batch{others} WHERE {}{and}",
                    rows(&n.keyed, "FOR NO KEY UPDATE"),
                    n.table,
                    n.target,
                    self.set(),
                    n.joined,
                )
            }
            Write::Delete => format!(
                "{} DELETE FROM {} AS {} USING batch WHERE {}",
                rows(&n.keyed, "FOR UPDATE"),
                n.table,
                n.target,
                n.joined
            ),
            Write::Spread { into, keys } => {
                let numbered =
                    |(i, (c, e)): (usize, &(Ident, String))| (i + 1, d.ident(c), e.clone(), keys.contains(c));
                let all: Vec<_> = self.assignments.iter().enumerate().map(numbered).collect();
                let made =
                    all.iter().map(|(i, _, e, _)| format!("{e} AS sidestep_value_{i}")).collect::<Vec<_>>().join(", ");
                let pair = |of_key: bool, join: &str, before: &str| {
                    let mine = all.iter().filter(|(.., key)| *key == of_key);
                    mine.map(|(i, c, ..)| format!("{before}{c} = sidestep_value_{i}")).collect::<Vec<_>>().join(join)
                };
                format!(
                    "{} UPDATE {} AS sidestep_other SET {} FROM batch WHERE {}",
                    rows(&made, "FOR NO KEY UPDATE"),
                    d.name(into),
                    pair(false, ", ", ""),
                    pair(true, " AND ", "sidestep_other.")
                )
            }
            Write::Insert { into } => {
                let numbered = |(i, (_, e)): (usize, &(Ident, String))| format!("{e} AS sidestep_value_{}", i + 1);
                let made = self.assignments.iter().enumerate().map(numbered).collect::<Vec<_>>().join(", ");
                let columns: Vec<Ident> = self.assignments.iter().map(|(c, _)| c.clone()).collect();
                let values = (1..=columns.len()).map(|i| format!("sidestep_value_{i}")).collect::<Vec<_>>().join(", ");
                format!(
                    "{} INSERT INTO {} ({}) SELECT {values} FROM batch ON CONFLICT DO NOTHING",
                    rows(&made, "FOR NO KEY UPDATE"),
                    d.name(into),
                    d.idents(&columns)
                )
            }
        }
    }

    /// Statements for a plain client: from 11 on a DO block that commits per batch, sent alone and outside a transaction;
    /// on 10, where a block cannot commit, a SELECT that returns the batches as statements.
    pub fn statements(&self, server: &Server) -> Vec<String> {
        if server.since(11) { vec![format!("DO {}", dollar_quote(&self.block()))] } else { vec![self.generator()] }
    }

    fn block(&self) -> String {
        let n = self.names();
        let d = dialect(Engine::Postgresql);
        let row = |parts: &[String]| match parts {
            [one] => one.clone(),
            many => format!("({})", many.join(", ")),
        };
        let declared = n
            .from
            .iter()
            .zip(&n.to)
            .zip(&self.key)
            .map(|((from, to), c)| {
                let of = format!("{}.{}%TYPE", n.table, d.ident(c));
                format!("  {from} {of};\n  {to} {of};\n")
            })
            .collect::<String>();
        let (from_row, to_row) = (row(&n.from), row(&n.to));
        let first = n.from.first().cloned().unwrap_or_default();
        format!(
            "DECLARE\n{declared}  sidestep_batch bigint;\n  sidestep_rows bigint := 0;\nBEGIN\n  \
             SELECT {list} INTO {from} FROM {source} WHERE {needed} ORDER BY {list} LIMIT 1;\n  \
             WHILE {first} IS NOT NULL LOOP\n    \
             PERFORM pg_catalog.set_config('lock_timeout', '{lock}ms', true);\n    \
             SELECT {list} INTO {to} FROM (SELECT {list} FROM {table} WHERE {key_row} >= {from_row} ORDER BY {list} LIMIT {rows}) AS batch \
             ORDER BY {descending} LIMIT 1;\n    \
             {update};\n    \
             GET DIAGNOSTICS sidestep_batch = ROW_COUNT;\n    \
             sidestep_rows := sidestep_rows + sidestep_batch;\n    \
             COMMIT;\n    \
             RAISE NOTICE 'sidestep: % rows {done}', sidestep_rows;\n    \
             PERFORM pg_catalog.pg_sleep({pause});\n    \
             WHILE (SELECT coalesce(max(extract(epoch FROM replay_lag)), 0) > {lag} FROM pg_catalog.pg_stat_replication) LOOP\n      \
             PERFORM pg_catalog.pg_sleep(1);\n    \
             END LOOP;\n    \
             SELECT {list} INTO {from} FROM {source} WHERE {key_row} > {to_row} AND ({needed}) ORDER BY {list} LIMIT 1;\n  \
             END LOOP;\nEND",
            list = n.list,
            from = n.from.join(", "),
            to = n.to.join(", "),
            table = n.table,
            source = n.source,
            needed = self.needed,
            lock = self.lock_timeout_ms,
            key_row = n.row,
            rows = self.batch_rows,
            descending = n.descending,
            update = self.update(&from_row, &to_row),
            done = match self.write {
                Write::Update => "filled",
                Write::Delete => "deleted",
                Write::Insert { .. } | Write::Spread { .. } => "copied",
            },
            pause = seconds(self.pause_ms),
            lag = self.max_lag_s,
        )
    }

    /// For PostgreSQL 10: one row per batch, each value a statement to run alone, in order (`\gexec`).
    fn generator(&self) -> String {
        let d = dialect(Engine::Postgresql);
        let n = self.names();
        let bounds = |side: &str, order: &str| {
            n.columns
                .iter()
                .enumerate()
                .map(|(i, c)| format!("(array_agg({c} ORDER BY {order}))[1] AS sidestep_{side}_{}", i + 1))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let quoted = |side: &str| {
            let parts =
                (1..=n.columns.len()).map(|i| format!("quote_literal(sidestep_{side}_{i})")).collect::<Vec<_>>();
            match parts.as_slice() {
                [one] => one.clone(),
                many => format!("'(' || {} || ')'", many.join(" || ', ' || ")),
            }
        };
        let statement = self.update("\u{1}", "\u{2}");
        let text = statement
            .split('\u{1}')
            .map(|part| {
                part.split('\u{2}').map(|p| d.literal(p)).collect::<Vec<_>>().join(&format!(" || {} || ", quoted("hi")))
            })
            .collect::<Vec<_>>()
            .join(&format!(" || {} || ", quoted("lo")));
        format!(
            "SELECT {text} AS batch, 'SELECT pg_catalog.pg_sleep({pause})' AS pause FROM (SELECT {lo}, {hi} FROM \
             (SELECT {list}, (row_number() OVER (ORDER BY {list}) - 1) / {rows} AS sidestep_batch FROM {source} WHERE {needed}) AS numbered \
             GROUP BY sidestep_batch ORDER BY sidestep_batch) AS batches",
            pause = seconds(self.pause_ms),
            lo = bounds("lo", &n.list),
            hi = bounds("hi", &n.descending),
            list = n.list,
            rows = self.batch_rows,
            source = n.source,
            needed = self.needed,
        )
    }

    /// For a driver, as all below: see [`crate::plan::Backfill`].
    pub fn start_key(&self) -> String {
        let n = self.names();
        format!("SELECT {list} FROM {} WHERE {} ORDER BY {list} LIMIT 1", n.source, self.needed, list = n.list)
    }

    pub fn resume_key(&self) -> String {
        let n = self.names();
        format!(
            "SELECT {list} FROM {} WHERE {} > :hi AND ({}) ORDER BY {list} LIMIT 1",
            n.source,
            n.row,
            self.needed,
            list = n.list
        )
    }

    pub fn end_key(&self) -> String {
        let n = self.names();
        format!(
            "SELECT {list} FROM (SELECT {list} FROM {} WHERE {} >= :lo ORDER BY {list} LIMIT :n) AS batch ORDER BY {} LIMIT 1",
            n.table,
            n.row,
            n.descending,
            list = n.list
        )
    }

    pub fn next_key(&self) -> String {
        let n = self.names();
        format!(
            "SELECT {list} FROM (SELECT {list} FROM {table} WHERE {row} > :lo ORDER BY {list} LIMIT :n) AS batch ORDER BY {desc} LIMIT 1",
            list = n.list,
            table = n.table,
            row = n.row,
            desc = n.descending
        )
    }

    pub fn batch(&self) -> String {
        let n = self.names();
        let set = self.set();
        if self.write != Write::Update || self.joined.is_some() || set.contains("target.") {
            return self.update(":lo", ":hi");
        }
        format!("UPDATE {} SET {set} WHERE {row} >= :lo AND {row} <= :hi AND ({})", n.table, self.needed, row = n.row)
    }

    pub fn remaining(&self) -> String {
        format!("SELECT count(*) FROM {} WHERE {}", self.names().source, self.needed)
    }

    pub fn done_when(&self) -> String {
        format!("SELECT NOT EXISTS (SELECT 1 FROM {} WHERE {})", self.names().source, self.needed)
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

struct Names {
    table: String,
    /// The table with its alias, behind FROM.
    source: String,
    target: String,
    columns: Vec<String>,
    list: String,
    descending: String,
    row: String,
    from: Vec<String>,
    to: Vec<String>,
    keyed: String,
    joined: String,
}
