//! What a server does with a statement: the locks it asks for, the files it makes new, the tables it reads, its refusal.
//!
//! In a transaction that is rolled back a second session reads the locks at its end. Then the statement runs again while a
//! third session holds, on every table, the strongest lock that lets pass what was claimed: if the statement waits, it
//! asked for more at some moment than it held at the end. A statement that cannot run in a transaction is stopped at each
//! place where it waits for such a session, and looked at there.

use super::{Refused, Session};
use sidestep::model::{LockMode, Work};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Relation → strongest mode, from ROW SHARE up; relations that were there before.
pub type Locks = BTreeMap<String, LockMode>;

/// What a server did.
#[derive(Debug, Default)]
pub struct Measured {
    pub refused: Option<Refused>,
    pub locks: Locks,
    /// Tables with a new file that is not empty.
    pub rewrites: BTreeSet<String>,
    /// Indexes that were there before and have a new file.
    pub builds: BTreeSet<String>,
    /// Tables of which every block was read.
    pub reads: BTreeSet<String>,
    /// Tables that got a new index.
    pub indexed: BTreeSet<String>,
    /// Modes asked for beyond what was claimed, in words.
    pub asked: Vec<String>,
}

impl Measured {
    pub fn work(&self) -> Work {
        match () {
            () if !self.rewrites.is_empty() => Work::Rewrite,
            () if !self.builds.is_empty() || !self.indexed.is_empty() => Work::IndexBuild,
            () if !self.reads.is_empty() => Work::Scan,
            () => Work::Catalog,
        }
    }
}

/// Relations as they were before the statement.
pub struct Before {
    /// oid → (name, kind)
    names: BTreeMap<String, (String, char)>,
    /// name → file
    files: BTreeMap<String, String>,
    /// name → oid
    oids: BTreeMap<String, String>,
    /// Index → its table.
    tables: BTreeMap<String, String>,
}

const RELATIONS: &str =
    "SELECT c.oid, n.nspname || '.' || c.relname, c.relkind, coalesce(pg_relation_filenode(c.oid), 0),
    coalesce(i.indrelid, 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i
    ON i.indexrelid = c.oid WHERE n.nspname IN ('public', 'other')";
/// Blocks read by this transaction and blocks there are, rows written by it and rows there are.
const COUNTERS: &str = "SELECT c.oid, pg_stat_get_xact_blocks_fetched(c.oid), pg_relation_size(c.oid) / 8192,
    pg_stat_get_xact_tuples_updated(c.oid), c.reltuples::bigint FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'other') AND c.relkind IN ('r', 'm')";
const COUNTED: &str = "SELECT c.oid, pg_stat_get_blocks_fetched(c.oid), pg_relation_size(c.oid) / 8192 FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'other') AND c.relkind IN ('r', 'm')";

impl Before {
    pub fn read(sql: &mut Session) -> Self {
        let (mut names, mut files, mut oids) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut owners = Vec::new();
        for row in sql.rows(RELATIONS) {
            let [oid, name, kind, file, table] = <[String; 5]>::try_from(row).unwrap();
            files.insert(name.clone(), file);
            oids.insert(name.clone(), oid.clone());
            owners.push((name.clone(), table));
            names.insert(oid, (name, kind.chars().next().unwrap()));
        }
        let table = |oid: &String| names.get(oid).map(|(name, _): &(String, char)| name.clone());
        let tables = owners.into_iter().filter_map(|(index, oid)| Some((index, table(&oid)?))).collect();
        Self { names, files, oids, tables }
    }

    pub fn kind(&self, name: &str) -> char {
        self.oids.get(name).map_or('?', |oid| self.names[oid].1)
    }

    /// The table of an index.
    pub fn table_of(&self, index: &str) -> Option<&str> {
        self.tables.get(index).map(String::as_str)
    }

    /// Tables that `LOCK TABLE` takes.
    fn lockable(&self) -> impl Iterator<Item = &str> {
        self.names.values().filter(|(_, kind)| matches!(kind, 'r' | 'p')).map(|(name, _)| name.as_str())
    }
}

/// The locks that `pid` holds or waits for; and what it waits for, if it does: a relation's mode or something else.
fn locks_of(watcher: &mut Session, pid: i32, before: &Before) -> (Locks, Option<Wait>) {
    let sql = format!("SELECT locktype, coalesce(relation, 0), mode, granted FROM pg_locks WHERE pid = {pid}");
    let (mut locks, mut wait) = (BTreeMap::new(), None);
    for row in watcher.rows(&sql) {
        let granted = row[3] == "t";
        if row[0] != "relation" {
            if !granted {
                wait = Some(Wait::Transaction);
            }
            continue;
        }
        let Some((name, _)) = before.names.get(&row[1]) else { continue };
        let spelled = |m: &LockMode| m.name().replace(' ', "") + "LOCK";
        let mode = LockMode::ALL.into_iter().find(|m| spelled(m) == row[2].to_uppercase()).unwrap();
        if !granted {
            wait = Some(Wait::Relation(name.clone(), mode));
        }
        if mode > LockMode::AccessShare {
            let strongest = locks.entry(name.clone()).or_insert(mode);
            *strongest = (*strongest).max(mode);
        }
    }
    (locks, wait)
}

#[derive(Debug, Clone, PartialEq)]
enum Wait {
    Relation(String, LockMode),
    /// Another transaction's end.
    Transaction,
}

fn blocks(sql: &mut Session, query: &str) -> BTreeMap<String, Vec<u64>> {
    let number = |text: &String| text.parse::<i64>().map_or(0, |n| u64::try_from(n).unwrap_or(0));
    sql.rows(query).into_iter().map(|r| (r[0].clone(), r[1..].iter().map(number).collect())).collect()
}

/// Runs `sql` in a transaction that is rolled back.
pub fn in_transaction(worker: &mut Session, watcher: &mut Session, before: &Before, set: &str, sql: &str) -> Measured {
    worker.run(&format!("BEGIN; {set}"));
    let start = blocks(worker, COUNTERS);
    if let Err(refused) = worker.try_run(sql) {
        worker.run("ROLLBACK");
        return Measured { refused: Some(refused), ..Measured::default() };
    }
    let (locks, _) = locks_of(watcher, worker.pid, before);
    let end = blocks(worker, COUNTERS);
    let mut measured = Measured { locks, ..changed(worker, before) };
    worker.run("ROLLBACK");
    for (oid, counted) in &end {
        let (Some((name, _)), Some(first)) = (before.names.get(oid), start.get(oid)) else { continue };
        if first[1] > 3 && counted[0].saturating_sub(first[0]) >= first[1] {
            measured.reads.insert(name.clone());
        }
        // Every row written anew fills as much as a new file.
        // The counters of a session run on until they are sent: only the difference is this statement's.
        let written = counted[2].saturating_sub(first[2]);
        if written > 0 && written >= first[3] {
            measured.rewrites.insert(name.clone());
        }
    }
    measured
}

/// Files that are new; a relation that was replaced by one of its name counts as the same.
fn changed(sql: &mut Session, before: &Before) -> Measured {
    let mut measured = Measured::default();
    // A truncated table has a new file too, but nothing is in it.
    let filled = sql.column(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('public', 'other') AND c.relkind IN ('r', 'm') AND pg_relation_size(c.oid) > 0",
    );
    let filled: BTreeSet<String> = filled.into_iter().collect();
    let rows = sql.rows(RELATIONS);
    let names: BTreeMap<&str, &str> = rows.iter().map(|r| (r[0].as_str(), r[1].as_str())).collect();
    for row in &rows {
        let (name, kind, file, table) = (&row[1], row[2].as_str(), &row[3], &row[4]);
        // Renamed relations keep their file; it is looked for by file, not by name.
        if file == "0" || before.files.values().any(|f| f == file) {
            continue;
        }
        let was_there = before.names.contains_key(&row[0]) || before.files.contains_key(name);
        match kind {
            "r" | "m" if was_there && filled.contains(name) => {
                measured.rewrites.insert(before.names.get(&row[0]).map_or(name, |(old, _)| old).clone());
            }
            "i" => {
                let Some(table) = names.get(table.as_str()).filter(|t| filled.contains(**t)) else { continue };
                if was_there {
                    measured.builds.insert(name.clone());
                } else if before.names.contains_key(&row[4]) {
                    measured.indexed.insert((*table).to_owned());
                }
            }
            _ => {}
        }
    }
    measured
}

/// The mode that conflicts with everything stronger than `mode`, and with as little else as possible.
fn guard(mode: Option<LockMode>) -> Option<LockMode> {
    match mode {
        None | Some(LockMode::AccessShare) => Some(LockMode::Exclusive),
        Some(LockMode::RowShare) => Some(LockMode::ShareRowExclusive),
        Some(LockMode::RowExclusive) => Some(LockMode::ShareUpdateExclusive),
        Some(LockMode::ShareUpdateExclusive) => Some(LockMode::RowExclusive),
        Some(LockMode::Share) => Some(LockMode::Share),
        Some(LockMode::ShareRowExclusive) => Some(LockMode::RowShare),
        Some(LockMode::Exclusive) => Some(LockMode::AccessShare),
        // Nothing is stronger; the metadata locks are another engine's.
        Some(_) => None,
    }
}

/// `LOCK TABLE` for the guards of every table for which `wanted` answers true.
fn guards(before: &Before, claimed: &Locks, wanted: impl Fn(&str) -> bool) -> String {
    let mut by_mode: BTreeMap<LockMode, Vec<String>> = BTreeMap::new();
    for name in before.lockable().filter(|n| wanted(n)) {
        if let Some(mode) = guard(claimed.get(name).copied()) {
            by_mode.entry(mode).or_default().push(format!("ONLY {}", quoted(name)));
        }
    }
    let lock =
        |(mode, tables): (LockMode, Vec<String>)| format!("LOCK TABLE {} IN {} MODE;", tables.join(", "), mode.name());
    by_mode.into_iter().map(lock).collect()
}

/// `public.a table` → `"public"."a table"`.
fn quoted(name: &str) -> String {
    let (schema, table) = name.split_once('.').unwrap();
    format!("\"{schema}\".\"{}\"", table.replace('"', "\"\""))
}

/// The statement again, while `blocker` lets nothing pass but what was claimed. In words what it asked for beyond.
pub fn asks_for_more(
    worker: &mut Session,
    blocker: &mut Session,
    before: &Before,
    claimed: &Locks,
    set: &str,
    sql: &str,
) -> Option<String> {
    // A query on a table keeps ACCESS SHARE on its indexes: whoever wants more than a query lets be wants ACCESS EXCLUSIVE.
    let dropped = claimed.iter().any(|(n, m)| *m == LockMode::AccessExclusive && before.table_of(n).is_some());
    let kept: Vec<&str> = claimed
        .iter()
        .filter(|(_, mode)| **mode < LockMode::AccessExclusive && !dropped)
        .filter_map(|(index, _)| before.table_of(index))
        .filter(|table| claimed.get(*table).is_none_or(|m| *m < LockMode::AccessExclusive))
        .collect();
    let queries: String = kept.iter().map(|t| format!("SELECT FROM {} LIMIT 0;", quoted(t))).collect();
    blocker.run(&format!("BEGIN; {} {queries}", guards(before, claimed, |_| true)));
    worker.run(&format!("BEGIN; {set} SET LOCAL lock_timeout = '500ms'"));
    let answer = worker.try_run(sql);
    worker.run("ROLLBACK");
    blocker.run("ROLLBACK");
    let refused = answer.err()?;
    Some(if refused.code == "55P03" {
        "asks for a stronger lock than claimed before it ends".to_owned()
    } else {
        format!("behaves otherwise the second time: {} {}", refused.code, refused.message)
    })
}

/// Runs a statement that wants no transaction, stopped wherever it waits for another one.
pub struct Alone<'a> {
    pub url: &'a str,
    pub watcher: &'a mut Session,
    pub before: &'a Before,
    pub claimed: &'a Locks,
    /// Whether a table read as a whole is looked for: the counters take their time.
    pub expects_reads: bool,
}

impl Alone<'_> {
    /// `stop_at` is held by another session in a mode that conflicts with what is claimed for it, until it is asked for.
    pub fn run(&mut self, set: &str, sql: &str, stop_at: Option<&str>) -> Measured {
        let (before, claimed) = (self.before, self.claimed);
        let mut still = Session::open(self.url);
        let mut holders = [Session::open(self.url), Session::open(self.url)];
        holders.iter_mut().for_each(|h| h.run("SET lock_timeout = '200ms'"));
        let mut worker = Session::open(self.url);
        worker.run(set);
        let start = blocks(self.watcher, COUNTED);
        // Modes that two sessions can hold at once change hands at every wait; the others stay.
        let is_shared = |name: &str| {
            claimed.contains_key(name)
                && stop_at != Some(name)
                && guard(claimed.get(name).copied()).is_some_and(|g| !g.conflicts(g))
        };
        still.run(&format!("BEGIN; {}", guards(before, claimed, |n| !is_shared(n) && stop_at != Some(n))));
        // Where ACCESS EXCLUSIVE is claimed it has to be asked for: a reader makes it visible.
        let strongest: Vec<String> = claimed
            .iter()
            .filter(|(n, m)| stop_at.map_or(**m == LockMode::AccessExclusive, |stop| stop == n.as_str()))
            .filter(|(n, _)| matches!(before.kind(n), 'r' | 'p'))
            .filter_map(|(n, m)| {
                let weakest = LockMode::ALL.into_iter().find(|o| o.conflicts(*m))?;
                Some(format!("LOCK TABLE ONLY {} IN {} MODE;", quoted(n), weakest.name()))
            })
            .collect();
        let mut reader = Session::open(self.url);
        reader.run(&format!("BEGIN; {}", strongest.concat()));
        let shared = format!("BEGIN; {}", guards(before, claimed, is_shared));
        holders[0].run(&shared);
        let (pid, owned) = (worker.pid, sql.to_owned());
        let running = std::thread::spawn(move || {
            let answer = worker.try_run(&owned);
            // Its counters are sent when it leaves.
            drop(worker);
            answer
        });
        let mut measured = Measured::default();
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut turn = 0;
        while !running.is_finished() {
            let (locks, wait) = locks_of(self.watcher, pid, before);
            // Only where it stands still: on its way it may lock what it has put out of use before.
            for (name, mode) in locks.into_iter().filter(|_| wait.is_some()) {
                let strongest = measured.locks.entry(name).or_insert(mode);
                *strongest = (*strongest).max(mode);
            }
            match wait {
                None => std::thread::sleep(Duration::from_millis(1)),
                Some(Wait::Transaction) => {
                    // What the statement has locked by now may keep the next holder out.
                    if holders[1 - turn].try_run(&shared).is_err() {
                        holders[1 - turn].run("ROLLBACK");
                    }
                    holders[turn].run("ROLLBACK");
                    turn = 1 - turn;
                    self.let_it_see(pid, &mut reader);
                }
                Some(Wait::Relation(name, mode)) => {
                    if claimed.get(&name).is_none_or(|c| *c < mode) {
                        measured.asked.push(format!("asks for {mode} on {name}"));
                        still.run("ROLLBACK");
                    }
                    reader.run("ROLLBACK");
                    holders.iter_mut().for_each(|h| h.run("ROLLBACK"));
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            if Instant::now() > deadline {
                measured.asked.push("it never ended".to_owned());
                let _ = self.watcher.try_run(&format!("SELECT pg_terminate_backend({pid})"));
                break;
            }
        }
        still.run("ROLLBACK");
        reader.run("ROLLBACK");
        holders.iter_mut().for_each(|h| h.run("ROLLBACK"));
        measured.refused = running.join().unwrap().err();
        let files = changed(self.watcher, before);
        (measured.rewrites, measured.builds, measured.indexed) = (files.rewrites, files.builds, files.indexed);
        if self.expects_reads {
            measured.reads = self.read_since(&start, pid);
            // Other sessions send their counters late.
            measured.reads.retain(|name| claimed.contains_key(name));
        }
        measured
    }

    /// Waits until the statement no longer waits for the holder that has just left; lets the reader go if it waits on.
    fn let_it_see(&mut self, pid: i32, reader: &mut Session) {
        for _ in 0..150 {
            if !matches!(locks_of(self.watcher, pid, self.before).1, Some(Wait::Transaction)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        reader.run("ROLLBACK");
    }

    /// Tables read as a whole, from the counters that the session sent when it left.
    fn read_since(&mut self, start: &BTreeMap<String, Vec<u64>>, pid: i32) -> BTreeSet<String> {
        let gone = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}");
        // Up to 14 the counters go through a collector, by datagrams and a file: seconds on a busy machine.
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            self.watcher.run("SELECT pg_stat_clear_snapshot()");
            let left = self.watcher.value(&gone) == "0";
            let end = blocks(self.watcher, COUNTED);
            let read: BTreeSet<String> = end
                .iter()
                .filter_map(|(oid, counted)| {
                    let first = start.get(oid)?;
                    let (name, _) = self.before.names.get(oid)?;
                    (first[1] > 3 && counted[0].saturating_sub(first[0]) >= first[1]).then(|| name.clone())
                })
                .collect();
            if (left && !read.is_empty()) || Instant::now() > deadline {
                return read;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
