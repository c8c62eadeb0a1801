//! How long: instant, a range with its basis, or unknown with the reason. Never zero for unknown.

use crate::model::quantity::seconds;
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
        assert_eq!(Estimate::Instant.then(&Estimate::unknown("no statistics")).to_string(), "unknown");
    }
}
