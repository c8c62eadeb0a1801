//! Bytes and rows: arithmetic and the only formatting for people.

use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rows(pub u64);

impl std::ops::Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self(0), |a, b| a + b)
    }
}

/// `3.4 GB`, binary steps as PostgreSQL's `pg_size_pretty` counts them.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        scaled(f, self.0, 1024.0, &["B", "kB", "MB", "GB", "TB", "PB"], " ")
    }
}

/// `150 M`, `4.0 k`, `17`.
impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        scaled(f, self.0, 1000.0, &["", "k", "M", "G", "T"], " ")
    }
}

fn scaled(f: &mut fmt::Formatter<'_>, value: u64, step: f64, units: &[&str], gap: &str) -> fmt::Result {
    let mut scaled = value as f64;
    let mut unit = units.first().copied().unwrap_or("");
    for next in units.iter().skip(1) {
        if scaled < step - 0.5 {
            break;
        }
        scaled /= step;
        unit = next;
    }
    let text = if value as f64 == scaled || scaled >= 99.95 { format!("{scaled:.0}") } else { format!("{scaled:.1}") };
    let text = format!("{text}{}{unit}", if unit.is_empty() { "" } else { gap });
    f.pad(&text)
}

/// Seconds for people: `0.2 s`, `45 s`, `14 min`, `3.5 h`, `2.1 d`.
pub fn seconds(value: f64) -> String {
    let short = |v: f64, unit: &str| {
        if v < 9.95 && v.fract().abs() > 0.049 { format!("{v:.1} {unit}") } else { format!("{v:.0} {unit}") }
    };
    match value {
        v if v < 0.0095 => format!("{:.0} ms", (v * 1000.0).max(1.0)),
        v if v < 0.95 => format!("{:.0} ms", v * 1000.0),
        v if v < 99.5 => short(v, "s"),
        v if v < 99.5 * 60.0 => short(v / 60.0, "min"),
        v if v < 48.0 * 3600.0 => short(v / 3600.0, "h"),
        v => short(v / 86400.0, "d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_three_digits_at_most() {
        let shown: Vec<String> = [0, 17, 1023, 1024, 10_240, 150_000_000, 1_319_413_953_331]
            .into_iter()
            .map(|b| Bytes(b).to_string())
            .collect();
        assert_eq!(shown, ["0 B", "17 B", "1023 B", "1.0 kB", "10.0 kB", "143 MB", "1.2 TB"]);
        assert_eq!(
            [4_000, 150_000_000, 500_000_000, 17].map(|r| Rows(r).to_string()),
            ["4.0 k", "150 M", "500 M", "17"]
        );
        assert_eq!(
            [0.002, 0.2, 3.25, 45.0, 840.0, 12_600.0].map(seconds),
            ["2 ms", "200 ms", "3.2 s", "45 s", "14 min", "3.5 h"]
        );
    }
}
