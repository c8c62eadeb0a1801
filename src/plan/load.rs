//! What a step asks of the server beside time: disk at its peak, WAL, and what may pile up in the lock queue. Every figure
//! says what it rests on; what is not known is left out, never zero.

use super::policy::Policy;
use super::step::{Backfill, Timeouts};
use crate::engine::Verdict;
use crate::model::quantity::{Rows, seconds};
use crate::model::{Bytes, Catalog, Ident, Lock, Table, TableName, Work};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Load {
    /// More than the table takes today, at the worst moment of the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<Figure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal: Option<Figure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
}

/// Bytes between two bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    pub low: u64,
    pub high: u64,
    pub because: String,
}

/// What waits while the step waits for its lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// The longest that the table's users stand still: the lock timeout and the step's own time; none if that is unknown.
    pub longest_s: Option<f64>,
    /// Writes that would queue up meanwhile, by the table's traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<u64>,
    pub because: String,
}

impl Load {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what one statement of the step asks for, on the catalog as it is before it.
    pub(super) fn statement(&mut self, verdict: &Verdict, catalog: &Catalog) {
        let target = verdict.tables.first().and_then(|t| catalog.table(t));
        let figure = match (verdict.work, target) {
            (Work::Rewrite, Some(table)) => verdict.bytes.map(|bytes| Figure {
                low: bytes.0 / 2,
                high: bytes.0,
                because: format!(
                    "a new copy of `{}` and its indexes ({bytes}) is written and lies beside the old one until the commit; half if much of it is dead",
                    table.name
                ),
            }),
            (Work::IndexBuild, Some(_)) => verdict.rows.map(|rows| Figure {
                low: rows.saturating_mul(20),
                high: rows.saturating_mul(60),
                because: format!("an index of {} entries of 20 to 60 bytes, and as much again while it is sorted", Rows(rows)),
            }),
            _ => None,
        };
        if let Some(figure) = figure {
            let sorted = if verdict.work == Work::IndexBuild { 2 } else { 1 };
            let peak =
                Figure { low: figure.low, high: figure.high.saturating_mul(sorted), because: figure.because.clone() };
            add(&mut self.disk, peak);
            if logs_pages(catalog) {
                add(&mut self.wal, figure);
            }
        }
    }

    /// A batched pass: every changed row is written anew, into the WAL too, and into each index that the change touches.
    pub(super) fn backfill(&mut self, backfill: &Backfill, columns: &[Ident], catalog: &Catalog) {
        let Some(table) = catalog.table(&backfill.table) else { return };
        let counted = table.stats.heap_bytes > 0 && logs_pages(catalog);
        let (Some(rows), true) = (backfill.rows.filter(|r| *r > 0), counted) else { return };
        let all = table.stats.rows.unwrap_or(rows).max(1);
        let width = (table.stats.heap_bytes / all).max(24);
        let indexes = table.indexes.len() as u64;
        let touched = table.indexes.iter().any(|i| columns.iter().any(|c| i.uses.contains(c)));
        let fillfactor = table.options.iter().find_map(|o| o.strip_prefix("fillfactor=")?.parse::<u64>().ok());
        // Without room on its page a new row version goes elsewhere, and then every index needs a new entry.
        let hot = !touched && fillfactor.unwrap_or(100) < 95;
        let entries = if hot { 0 } else { indexes };
        let heap = rows.saturating_mul(width);
        let because = format!(
            "{} rows of {} bytes, {}",
            Rows(rows),
            width,
            match (hot, indexes) {
                (true, _) => "most of them on their own page (fillfactor), without new index entries".to_owned(),
                (false, 0) => "no index".to_owned(),
                (false, n) => format!("up to {n} index entries for each"),
            }
        );
        let high = heap.saturating_add(rows.saturating_mul(entries).saturating_mul(64));
        add(
            &mut self.wal,
            Figure {
                low: heap,
                high: high.saturating_add(table.stats.heap_bytes),
                because: format!("{because}; up to one full page image of every page after each checkpoint"),
            },
        );
        add(
            &mut self.disk,
            Figure {
                low: heap / 10,
                high,
                because: format!(
                    "{because}; little if autovacuum keeps up, all of it if an old snapshot holds it back"
                ),
            },
        );
    }

    /// What the locks of the whole step make wait.
    pub(super) fn queue(&mut self, locks: &[Lock], own_s: Option<f64>, timeouts: Timeouts, near: &Near) {
        let Some(lock) = locks.iter().find(|l| l.blocks_traffic()) else { return };
        let Some(table) =
            near.tables.iter().filter_map(|t| near.catalog.table(t)).find(|t| t.name.to_string() == lock.object)
        else {
            return;
        };
        let wait_s = timeouts.lock_ms as f64 / 1000.0;
        let holder = near.catalog.transactions.iter().filter(|t| t.tables.contains(&table.name)).map(|t| t.age_s);
        let holder = holder.fold(None, |longest: Option<f64>, age| Some(longest.map_or(age, |l| l.max(age))));
        let longest_s = own_s.filter(|_| timeouts.lock_ms > 0).map(|own| own + wait_s);
        let traffic = traffic(table);
        let mut because = match (holder, timeouts.lock_ms) {
            (Some(age), 0) => format!(
                "a transaction that has been open for {} holds a lock on `{}`: the step waits for it without a timeout, and everybody behind the step",
                seconds(age),
                table.name
            ),
            (Some(age), _) => format!(
                "a transaction that has been open for {} holds a lock on `{}`: unless it ends, the step gives up after {} each time",
                seconds(age),
                table.name,
                seconds(wait_s)
            ),
            (None, 0) => {
                format!("no long transaction held `{}` when the catalog was read; there is no lock timeout", table.name)
            }
            (None, _) => format!(
                "no long transaction held `{}` when the catalog was read; the step gives up after {}",
                table.name,
                seconds(wait_s)
            ),
        };
        because.push_str(&match traffic {
            Some(per_s) => format!("; {per_s:.0} writes/s queue behind it"),
            None => "; the table's traffic is not known".to_owned(),
        });
        let writes = longest_s.zip(traffic).map(|(s, per_s)| (s * per_s).ceil() as u64);
        self.queue = Some(Queue { longest_s, writes, because });
    }
}

fn logs_pages(catalog: &Catalog) -> bool {
    crate::engine::dialect(catalog.server.engine).speech().logs_pages()
}

/// What the forecast of a queue looks at.
pub(super) struct Near<'a> {
    pub catalog: &'a Catalog,
    pub tables: &'a [TableName],
}

fn traffic(table: &Table) -> Option<f64> {
    table.stats.writes_per_s()
}

fn add(total: &mut Option<Figure>, more: Figure) {
    *total = Some(match total.take() {
        Some(one) => Figure {
            low: one.low.saturating_add(more.low),
            high: one.high.saturating_add(more.high),
            because: if one.because == more.because {
                one.because
            } else {
                format!("{}; {}", one.because, more.because)
            },
        },
        None => more,
    });
}

/// Seconds that writing `wal` takes at the policy's rates; none if it is not known.
pub(super) fn wal_seconds(wal: Option<&Figure>, policy: &Policy) -> Option<[f64; 2]> {
    let [slow, fast] = policy.wal_bytes_per_s;
    wal.filter(|_| slow > 0.0 && fast > 0.0).map(|w| [w.low as f64 / fast, w.low as f64 / slow])
}

/// `12.0–34.0 GB`.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (Bytes(self.low).to_string(), Bytes(self.high).to_string());
        let text = match (low.split_once(' '), high.split_once(' ')) {
            _ if low == high => high,
            (Some((number, a)), Some((_, b))) if a == b => format!("{number}–{high}"),
            _ => format!("{low}–{high}"),
        };
        f.pad(&text)
    }
}

/// `up to 2.1 s, 240 writes wait`.
impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.longest_s.map_or_else(|| "unknown".to_owned(), |s| format!("up to {}", seconds(s)));
        match self.writes {
            Some(writes) => f.pad(&format!("{time}, {} writes wait", Rows(writes))),
            None => f.pad(&time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Engine, Version};

    #[test]
    fn wide_rows_weigh_more_than_many() {
        let load = |rows: u64, heap: u64, indexes: usize| {
            let mut catalog = Catalog::empty(Engine::Postgresql, Version::new(15, 4));
            let mut table = Table::new(TableName::new("public", "t"), Vec::new());
            table.stats.rows = Some(rows);
            table.stats.heap_bytes = heap;
            table.options = if indexes == 0 { vec!["fillfactor=80".to_owned()] } else { Vec::new() };
            catalog.put_table(table);
            let backfill = Backfill {
                table: TableName::new("public", "t"),
                key: Vec::new(),
                start_key: String::new(),
                resume_key: String::new(),
                end_key: String::new(),
                next_key: String::new(),
                batch: String::new(),
                remaining: String::new(),
                batch_rows: 1000,
                pause_ms: 0,
                max_lag_s: 1,
                rows: Some(rows),
                generates_statements: false,
            };
            let mut load = Load::default();
            load.backfill(&backfill, &[], &catalog);
            load.wal.unwrap()
        };
        let (narrow, wide) = (load(3_000_000, 133 << 20, 0), load(300_000, 615 << 20, 0));
        assert!(wide.low > 3 * narrow.low, "{narrow:?} {wide:?}");
        assert_eq!(Figure { low: 12 << 30, high: 34 << 30, because: String::new() }.to_string(), "12.0–34.0 GB");
    }
}
