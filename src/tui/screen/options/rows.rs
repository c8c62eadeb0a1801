//! The options of a plan as rows: how each is read, stepped and typed.

use crate::model::{Bytes, Rows, quantity::seconds};
use crate::plan::{Executor, Policy, Rename, Strategy, Sync};

#[derive(Clone, Copy)]
pub struct Row {
    pub title: &'static str,
    pub about: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Choice { words: &'static [&'static str], get: fn(&Policy) -> usize, set: fn(&mut Policy, usize) },
    Whole { unit: Unit, get: fn(&Policy) -> u64, set: fn(&mut Policy, u64) },
    Range { unit: Unit, at: fn(&mut Policy) -> &mut [f64; 2] },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Rows,
    Bytes,
    Ms,
    Seconds,
    PerSecond,
    Days,
}

macro_rules! whole {
    ($title:literal, $about:literal, $unit:ident, $field:ident) => {
        Row {
            title: $title,
            about: $about,
            kind: Kind::Whole { unit: Unit::$unit, get: |p| p.$field as u64, set: |p, v| p.$field = convert(v) },
        }
    };
}

macro_rules! range {
    ($title:literal, $about:literal, $unit:ident, $field:ident) => {
        Row { title: $title, about: $about, kind: Kind::Range { unit: Unit::$unit, at: |p| &mut p.$field } }
    };
}

/// A figure as the field of the policy holds it.
trait Figure {
    fn of(value: u64) -> Self;
}
impl Figure for u64 {
    fn of(value: u64) -> Self {
        value
    }
}
impl Figure for u32 {
    fn of(value: u64) -> Self {
        Self::try_from(value).unwrap_or(Self::MAX)
    }
}
impl Figure for f64 {
    fn of(value: u64) -> Self {
        value as Self
    }
}
fn convert<T: Figure>(value: u64) -> T {
    T::of(value)
}

pub const ROWS: &[Row] = &[
    Row {
        title: "sync",
        about: "who keeps old and new in step while both are used",
        kind: Kind::Choice {
            words: &["trigger", "app"],
            get: |p| usize::from(p.sync == Sync::App),
            set: |p, at| p.sync = if at == 0 { Sync::Trigger } else { Sync::App },
        },
    },
    Row {
        title: "strategy",
        about: "auto: direct below the thresholds, online above",
        kind: Kind::Choice {
            words: &["auto", "direct", "online"],
            get: |p| match p.strategy {
                Strategy::Auto => 0,
                Strategy::Direct => 1,
                Strategy::Online => 2,
            },
            set: |p, at| {
                p.strategy = match at {
                    0 => Strategy::Auto,
                    1 => Strategy::Direct,
                    _ => Strategy::Online,
                }
            },
        },
    },
    Row {
        title: "rename",
        about: "how a column bears two names: copied, or behind a view",
        kind: Kind::Choice {
            words: &["copy", "view"],
            get: |p| usize::from(p.rename == Rename::View),
            set: |p, at| p.rename = if at == 0 { Rename::Copy } else { Rename::View },
        },
    },
    whole!("batch size", "rows of one batch of a backfill", Rows, batch_rows),
    whole!("batch pause", "between two batches", Ms, batch_pause_ms),
    whole!("largest lag", "a backfill waits while a replica is further behind", Seconds, max_lag_s),
    whole!("direct up to", "rows of a table that is changed in one go", Rows, direct_rows),
    whole!("and up to", "bytes of such a table, with its indexes", Bytes, direct_bytes),
    whole!("and below", "rows written to it per second", PerSecond, direct_writes_per_s),
    whole!("lock timeout", "brief DDL gives its place in the queue up", Ms, lock_timeout_ms),
    whole!("statement timeout", "of brief DDL", Ms, statement_timeout_ms),
    whole!("lock, validate", "lock timeout of VALIDATE and of a batch", Ms, validate_lock_timeout_ms),
    whole!("batch timeout", "statement timeout of a batch", Ms, batch_statement_timeout_ms),
    whole!("bake", "days to watch a release before the old is dropped", Days, bake_days),
    range!("scan rate", "bytes read per second, slow–fast", Bytes, scan_bytes_per_s),
    range!("rewrite rate", "bytes rewritten per second, slow–fast", Bytes, rewrite_bytes_per_s),
    range!("index rate", "rows indexed per second, slow–fast", Rows, index_rows_per_s),
    range!("backfill rate", "rows filled per second, slow–fast", Rows, backfill_rows_per_s),
    range!("WAL rate", "bytes of WAL per second beside the traffic, slow–fast", Bytes, wal_bytes_per_s),
    Row {
        title: "executor",
        about: "MySQL, MariaDB: what runs a change that would block",
        kind: Kind::Choice {
            words: &["auto", "native", "gh-ost", "pt-osc", "vitess", "planetscale"],
            get: |p| Executor::ALL.iter().position(|e| *e == p.executor).unwrap_or(0),
            set: |p, at| p.executor = Executor::ALL.get(at).copied().unwrap_or_default(),
        },
    },
];

fn shown(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Rows => Rows(value).to_string(),
        Unit::Bytes => Bytes(value).to_string(),
        Unit::Ms if value == 0 => "0 ms".to_owned(),
        Unit::Ms => seconds(value as f64 / 1000.0),
        Unit::Seconds => format!("{value} s"),
        Unit::PerSecond => format!("{value}/s"),
        Unit::Days => format!("{value} d"),
    }
}

impl Row {
    pub fn value(&self, policy: &Policy) -> String {
        match self.kind {
            Kind::Choice { words, get, .. } => words.get(get(policy)).copied().unwrap_or("?").to_owned(),
            Kind::Whole { unit, get, .. } => shown(unit, get(policy)),
            Kind::Range { unit, at } => {
                let [low, high] = *at(&mut policy.clone());
                format!("{}–{}/s", shown(unit, low as u64), shown(unit, high as u64))
            }
        }
    }

    pub fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice { .. })
    }

    /// The next value up or down: the next word, the next of 1, 2, 5, 10, …, twice or half the rate.
    pub fn step(&self, policy: &mut Policy, up: bool) {
        match self.kind {
            Kind::Choice { words, get, set } => {
                let (at, len) = (get(policy), words.len().max(1));
                set(policy, if up { at + 1 } else { at + len - 1 } % len);
            }
            Kind::Whole { get, set, .. } => {
                let value = get(policy);
                set(policy, ladder(value, up));
            }
            Kind::Range { at, .. } => {
                let factor = if up { 2.0 } else { 0.5 };
                for rate in at(policy) {
                    *rate = (*rate * factor).clamp(1.0, 1e12);
                }
            }
        }
    }

    /// # Errors
    /// Says what is expected.
    pub fn set(&self, policy: &mut Policy, text: &str) -> Result<(), String> {
        match self.kind {
            Kind::Choice { words, set, .. } => match words.iter().position(|w| *w == text.trim()) {
                Some(at) => set(policy, at),
                None => return Err(format!("One of: {}", words.join(", "))),
            },
            Kind::Whole { unit, set, .. } => {
                let value = number(unit, text).ok_or_else(|| expected(unit))?;
                set(policy, value.round() as u64);
            }
            Kind::Range { unit, at } => {
                let bare = text.trim().trim_end_matches("/s");
                let (low, high) = bare.split_once(['–', '-']).unwrap_or((bare, bare));
                let wrong = || "Two rates, slow–fast: 100 MB–400 MB, 20k–60k".to_owned();
                // `20–60 MB`: the unit of the second is that of both.
                let unit_of_high: String = high.trim().chars().skip_while(|c| !c.is_alphabetic()).collect();
                let low =
                    if low.chars().any(char::is_alphabetic) { low.to_owned() } else { format!("{low}{unit_of_high}") };
                let (Some(low), Some(high)) = (number(unit, &low), number(unit, high)) else { return Err(wrong()) };
                if low < 1.0 || high < low {
                    return Err(wrong());
                }
                *at(policy) = [low, high];
            }
        }
        Ok(())
    }
}

fn expected(unit: Unit) -> String {
    match unit {
        Unit::Rows => "A number: 5000, 20k, 1.5M",
        Unit::Bytes => "A size: 16 MB, 1 GB",
        Unit::Ms => "A time: 500 ms, 2 s, 1 min; 0 switches it off",
        Unit::Seconds => "Seconds: 10",
        Unit::PerSecond => "A number per second: 50",
        Unit::Days => "Days: 7",
    }
    .to_owned()
}

fn ladder(value: u64, up: bool) -> u64 {
    let rungs = (0..12u32).flat_map(|power| [1, 2, 5].map(|n| n * 10u64.pow(power)));
    if up {
        rungs.into_iter().find(|rung| *rung > value).unwrap_or(value)
    } else {
        rungs.rev().find(|rung| *rung < value).unwrap_or(0)
    }
}

/// `5000`, `5k`, `16 MB`, `2 s`; bare milliseconds are milliseconds.
fn number(unit: Unit, text: &str) -> Option<f64> {
    let text = text.trim().replace(['_', '\u{a0}', ','], "");
    let cut = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (figure, word) = text.split_at_checked(cut)?;
    let figure: f64 = figure.parse().ok()?;
    let word = word.trim().trim_end_matches("/s").trim();
    let factor = match (unit, word.to_lowercase().as_str()) {
        (_, "") | (Unit::Ms, "ms") | (Unit::Seconds, "s") | (Unit::Days, "d" | "day" | "days") | (Unit::Bytes, "b") => {
            1.0
        }
        (Unit::Rows, "rows") => 1.0,
        (Unit::Ms, "s") => 1e3,
        (Unit::Ms, "min") | (Unit::Ms, "m") => 60e3,
        (Unit::Seconds, "min") => 60.0,
        (Unit::Rows | Unit::PerSecond, "k" | "k rows") => 1e3,
        (Unit::Rows, "m" | "m rows") => 1e6,
        (Unit::Rows, "g") => 1e9,
        // As the sizes are shown: powers of 1024.
        (Unit::Bytes, "k" | "kb") => 1024.0,
        (Unit::Bytes, "m" | "mb") => 1024.0 * 1024.0,
        (Unit::Bytes, "g" | "gb") => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let value = figure * factor;
    (value <= 1e15).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_typed() {
        for row in ROWS {
            let policy = Policy::default();
            let mut typed = policy.clone();
            row.set(&mut typed, &row.value(&policy)).unwrap_or_else(|e| panic!("{}: {e}", row.title));
            assert_eq!(row.value(&typed), row.value(&policy), "{}", row.title);
        }
    }

    #[test]
    fn figures_go_up_and_down_a_ladder() {
        assert_eq!(
            [ladder(5_000, true), ladder(5_000, false), ladder(1, false), ladder(0, true)],
            [10_000, 2_000, 0, 1]
        );
        let mut policy = Policy::default();
        let row = ROWS.iter().find(|r| r.title == "batch size").unwrap();
        assert!(row.set(&mut policy, "many").is_err());
        row.set(&mut policy, "20k").unwrap();
        assert_eq!(policy.batch_rows, 20_000);
    }
}
