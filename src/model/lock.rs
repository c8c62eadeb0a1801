//! Table-level locks and what each blocks. Source: PostgreSQL manual, "Explicit Locking", table 13.2.

use serde::{Deserialize, Serialize};
use std::fmt;

/// PostgreSQL's eight table-level modes, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LockMode {
    #[serde(rename = "ACCESS SHARE")]
    AccessShare,
    #[serde(rename = "ROW SHARE")]
    RowShare,
    #[serde(rename = "ROW EXCLUSIVE")]
    RowExclusive,
    #[serde(rename = "SHARE UPDATE EXCLUSIVE")]
    ShareUpdateExclusive,
    #[serde(rename = "SHARE")]
    Share,
    #[serde(rename = "SHARE ROW EXCLUSIVE")]
    ShareRowExclusive,
    #[serde(rename = "EXCLUSIVE")]
    Exclusive,
    #[serde(rename = "ACCESS EXCLUSIVE")]
    AccessExclusive,
}

/// What other sessions cannot do while a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blocks {
    Reads,
    Writes,
    Ddl,
}

impl LockMode {
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// Reads: plain `SELECT`. Writes: `INSERT`, `UPDATE`, `DELETE`. Ddl: other schema changes, `VACUUM`, index builds.
    pub fn blocks(self) -> &'static [Blocks] {
        match self {
            Self::AccessShare | Self::RowShare => &[],
            Self::RowExclusive => &[],
            Self::ShareUpdateExclusive => &[Blocks::Ddl],
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => &[Blocks::Writes, Blocks::Ddl],
            Self::AccessExclusive => &[Blocks::Reads, Blocks::Writes, Blocks::Ddl],
        }
    }

    /// True if two sessions cannot hold these two at once.
    pub fn conflicts(self, other: Self) -> bool {
        use LockMode::*;
        let weakest_conflict = match self {
            AccessShare => AccessExclusive,
            RowShare => Exclusive,
            RowExclusive => Share,
            ShareUpdateExclusive => ShareUpdateExclusive,
            Share => RowExclusive,
            ShareRowExclusive => RowExclusive,
            Exclusive => RowShare,
            AccessExclusive => AccessShare,
        };
        // SHARE is the one mode that does not conflict with itself although it conflicts with weaker ones.
        other >= weakest_conflict && !(self == Share && other == Share)
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One lock that a statement takes. `object` is for people (`public.users`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lock {
    pub object: String,
    pub mode: LockMode,
    pub blocks: Vec<Blocks>,
}

impl Lock {
    pub fn new(object: impl fmt::Display, mode: LockMode) -> Self {
        Self { object: object.to_string(), mode, blocks: mode.blocks().to_vec() }
    }
    pub fn blocks_traffic(&self) -> bool {
        self.blocks.iter().any(|b| *b != Blocks::Ddl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The conflict matrix of the manual (table 13.2), row by row, weakest mode first; `x` conflicts.
    #[test]
    fn conflicts_are_the_manuals_table() {
        let table = ["       x", "      xx", "    xxxx", "   xxxxx", "  xx xxx", "  xxxxxx", " xxxxxxx", "xxxxxxxx"];
        for (a, row) in LockMode::ALL.into_iter().zip(table) {
            for (b, mark) in LockMode::ALL.into_iter().zip(row.chars()) {
                assert_eq!(a.conflicts(b), mark == 'x', "{a} against {b}");
            }
        }
    }
}
