//! Clients that write beside a tool, and what the table has to hold in the end.

use super::ROWS;
use crate::support::MysqlSession;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

pub type Rows = BTreeMap<u64, (String, u64)>;

/// Clients that insert, update and delete, each its own rows, and know what the table has to hold.
pub struct Writers {
    stop: std::sync::Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<(Rows, u32)>>,
}

impl Writers {
    pub fn start(url: &str, table: &str, count: u64) -> Self {
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let threads = (0..count)
            .map(|me| {
                let (url, table, stop) = (url.to_owned(), table.to_owned(), stop.clone());
                std::thread::spawn(move || write(&url, &table, me, count, &stop))
            })
            .collect();
        Self { stop, threads }
    }

    /// Every row there has to be, and how many writes were done.
    pub fn end(self) -> (Rows, u32) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().map(|t| t.join().unwrap()).fold((Rows::new(), 0), |(mut rows, n), (mine, done)| {
            rows.extend(mine);
            (rows, n + done)
        })
    }
}

fn write(url: &str, table: &str, me: u64, count: u64, stop: &AtomicBool) -> (Rows, u32) {
    let mut sql = MysqlSession::open(url);
    sql.run("SET SESSION lock_wait_timeout = 20");
    let mut rows: Rows = (1..=ROWS).filter(|i| i % count == me).map(|i| (i, (format!("u{i}"), 0))).collect();
    let (mut turn, mut next, mut done) = (me, 1_000_000 + me, 0);
    while !stop.load(Ordering::Relaxed) {
        turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (turn >> 33) % ROWS;
        let mine = at - at % count + me;
        let known = rows.range(mine..).next().map(|(id, row)| (*id, row.clone()));
        let statement = match (turn >> 20) % 4 {
            0 => format!("INSERT INTO {table} (id, email, n) VALUES ({next}, 'w{next}', 1)"),
            1 => match &known {
                Some((id, _)) => format!("DELETE FROM {table} WHERE id = {id}"),
                None => continue,
            },
            _ => match &known {
                Some((id, (_, n))) => format!("UPDATE {table} SET n = {} WHERE id = {id}", n + 1),
                None => continue,
            },
        };
        match sql.try_run(&statement) {
            Ok(()) => {}
            // What the plan says of a tool with triggers: to be tried again.
            Err(e) if [1213, 1205].contains(&e.code) => continue,
            Err(e) => panic!("{statement}: {e:?}"),
        }
        done += 1;
        match ((turn >> 20) % 4, known) {
            (0, _) => {
                rows.insert(next, (format!("w{next}"), 1));
                next += count;
            }
            (1, Some((id, _))) => {
                rows.remove(&id);
            }
            (_, Some((id, (email, n)))) => {
                rows.insert(id, (email, n + 1));
            }
            _ => {}
        }
    }
    (rows, done)
}

pub fn held(sql: &mut MysqlSession, table: &str) -> Rows {
    let rows = sql.rows(&format!("SELECT id, email, n FROM {table}"));
    rows.into_iter().map(|r| (r[0].parse().unwrap(), (r[1].clone(), r[2].parse().unwrap()))).collect()
}

pub fn assert_same(server: &str, mut found: Rows, mut wanted: Rows) {
    let (a, b) = (found.len(), wanted.len());
    let same: Vec<u64> = found.iter().filter(|(id, row)| wanted.get(id) == Some(row)).map(|(id, _)| *id).collect();
    same.iter().for_each(|id| {
        found.remove(id);
        wanted.remove(id);
    });
    assert!(
        found.is_empty() && wanted.is_empty(),
        "{server}: {a} rows, {b} wanted; found {found:?}, wanted {wanted:?}"
    );
}
