//! How long: instant, a range with its basis, or unknown with the reason. Never zero for unknown.

use super::policy::Policy;
use super::step::Backfill;
use crate::engine::{Sending, Verdict};
use crate::model::quantity::{Rows, seconds};
use crate::model::{Bytes, Lock, LockMode, Table, Work};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Estimate {
    /// Milliseconds, once the lock is granted.
    Instant,
    Range {
        low_s: f64,
        high_s: f64,
        /// What the figures rest on.
        basis: String,
    },
    Unknown {
        because: String,
    },
}

impl Estimate {
    pub fn range(low_s: f64, high_s: f64, basis: impl Into<String>) -> Self {
        Self::Range { low_s, high_s, basis: basis.into() }
    }
    pub fn unknown(because: impl Into<String>) -> Self {
        Self::Unknown { because: because.into() }
    }
    /// One after the other: unknown wins, instants vanish.
    pub fn then(&self, next: &Self) -> Self {
        match (self, next) {
            (Self::Unknown { .. }, _) | (_, Self::Instant) => self.clone(),
            (Self::Instant, _) | (_, Self::Unknown { .. }) => next.clone(),
            (Self::Range { low_s: a, high_s: b, basis }, Self::Range { low_s: c, high_s: d, .. }) => {
                Self::Range { low_s: a + c, high_s: b + d, basis: basis.clone() }
            }
        }
    }
    /// The worst known case in seconds; none if unknown.
    pub fn high_s(&self) -> Option<f64> {
        match self {
            Self::Instant => Some(0.0),
            Self::Range { high_s, .. } => Some(*high_s),
            Self::Unknown { .. } => None,
        }
    }
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::Instant, |a, b| a.then(b))
    }
}

/// Work and both times of a statement or a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    pub work: Work,
    pub bytes: Option<Bytes>,
    pub blocked: Estimate,
    pub wall: Estimate,
}

/// Shorter than this is not worth a figure.
const INSTANT_S: f64 = 0.02;

/// What a verdict costs under the policy's throughput assumptions.
pub fn cost(verdict: &Verdict, policy: &Policy) -> Cost {
    let wall = match verdict.work {
        Work::None | Work::Catalog => Estimate::Instant,
        Work::Scan => by_rate(verdict.bytes.map(|b| b.0), policy.scan_bytes_per_s, |n, [low, high]| {
            format!("{} read at {}–{}/s", Bytes(n), Bytes(low as u64), Bytes(high as u64))
        }),
        Work::Rewrite => by_rate(verdict.bytes.map(|b| b.0), policy.rewrite_bytes_per_s, |n, [low, high]| {
            format!("{} rewritten at {}–{}/s", Bytes(n), Bytes(low as u64), Bytes(high as u64))
        }),
        Work::IndexBuild => {
            // A concurrent build (SHARE UPDATE EXCLUSIVE) reads the table twice and waits for older transactions; MySQL's in place does not.
            let concurrent = verdict.locks.iter().any(|l| l.mode == LockMode::ShareUpdateExclusive);
            let alone = verdict.sending == Sending::OutsideTransaction;
            let passes = if alone && concurrent { 2.0 } else { 1.0 };
            by_rate(verdict.rows, policy.index_rows_per_s.map(|r| r / passes), |n, [low, high]| {
                format!("{} rows indexed at {}–{} rows/s", Rows(n), Rows(low as u64), Rows(high as u64))
            })
        }
        Work::Unknown => Estimate::unknown(verdict.because.clone()),
    };
    // Work that nobody can see may take locks that nobody can see.
    let blocks = verdict.work == Work::Unknown || verdict.locks.iter().any(Lock::blocks_traffic);
    let rows_locked = verdict.hazards.iter().any(|h| h.id == "unbatched-update");
    let blocked = match (&wall, blocks) {
        (_, true) => wall.clone(),
        (Estimate::Range { high_s, .. }, false) if rows_locked => {
            Estimate::range(0.0, *high_s, "writers of a changed row wait until the whole statement commits")
        }
        _ => Estimate::Instant,
    };
    Cost { work: verdict.work, bytes: verdict.bytes, blocked, wall }
}

fn by_rate(amount: Option<u64>, rate: [f64; 2], basis: impl Fn(u64, [f64; 2]) -> String) -> Estimate {
    let [low, high] = rate;
    match amount {
        None => Estimate::unknown("the catalog holds no statistics for the table: run ANALYZE"),
        Some(n) if n as f64 / low <= INSTANT_S => Estimate::Instant,
        Some(n) => Estimate::range(n as f64 / high, n as f64 / low, basis(n, rate)),
    }
}

impl Cost {
    pub fn nothing() -> Self {
        Self { work: Work::None, bytes: None, blocked: Estimate::Instant, wall: Estimate::Instant }
    }
    /// Nobody waits for it; how long it takes is not known.
    #[must_use]
    pub fn taking(self, because: &str) -> Self {
        Self { wall: Estimate::unknown(because), ..self }
    }
    /// One statement after another; `held`: an earlier lock that blocks traffic is held until the end.
    #[must_use]
    pub fn then(&self, next: &Self, held: bool) -> Self {
        let blocked = if held { &next.wall } else { &next.blocked };
        Self {
            work: self.work.max(next.work),
            bytes: match (self.bytes, next.bytes) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            },
            blocked: self.blocked.then(blocked),
            wall: self.wall.then(&next.wall),
        }
    }
    /// A batched pass over the table: it blocks nobody, it takes its time.
    pub fn backfill(backfill: &Backfill, table: Option<&Table>, wal: Option<[f64; 2]>, policy: &Policy) -> Self {
        let wall = by_rate(backfill.rows, policy.backfill_rows_per_s, |n, [low, high]| {
            format!(
                "{} rows in batches of {} at {}–{} rows/s, pauses included",
                Rows(n),
                Rows(policy.batch_rows),
                Rows(low as u64),
                Rows(high as u64)
            )
        });
        // Wide rows are held up by the WAL they write, not by their number.
        let wall = match (wall, wal) {
            (Estimate::Range { low_s, high_s, basis }, Some([fast_s, slow_s])) if slow_s > high_s => {
                let [low, high] = policy.wal_bytes_per_s;
                let basis = format!("{basis}; its WAL at {}–{}/s takes longer", Bytes(low as u64), Bytes(high as u64));
                Estimate::range(low_s.max(fast_s), slow_s, basis)
            }
            (wall, _) => wall,
        };
        Self { work: Work::Rewrite, bytes: table.map(|t| Bytes(t.stats.heap_bytes)), blocked: Estimate::Instant, wall }
    }
}

/// `instant`, `4–12 min`, `45 s–3 min`, `unknown`.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Instant => "instant".to_owned(),
            Self::Unknown { .. } => "unknown".to_owned(),
            Self::Range { low_s, high_s, .. } => {
                let (low, high) = (seconds(*low_s), seconds(*high_s));
                match (low.split_once(' '), high.split_once(' ')) {
                    _ if low == high => high,
                    _ if *low_s <= 0.0 => format!("up to {high}"),
                    (Some((low, a)), Some((_, b))) if a == b => format!("{low}–{high}"),
                    _ => format!("{low}–{high}"),
                }
            }
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_a_range_once() {
        assert_eq!(Estimate::range(240.0, 720.0, "").to_string(), "4–12 min");
        assert_eq!(Estimate::range(45.0, 180.0, "").to_string(), "45 s–3 min");
        assert_eq!(Estimate::range(0.0, 720.0, "").to_string(), "up to 12 min");
        assert_eq!(Estimate::Instant.then(&Estimate::unknown("no statistics")).to_string(), "unknown");
    }
}
