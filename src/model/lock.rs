//! Table-level locks and what each blocks. Sources: PostgreSQL manual, "Explicit Locking", table 13.2; MySQL manual, "The
//! metadata_locks Table" and "Metadata Locking".

use serde::{Deserialize, Serialize};
use std::fmt;

/// PostgreSQL's eight table-level modes, then the metadata locks of MySQL and MariaDB, each family weakest first: no server knows both.
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
    /// Held by a statement that reads, to the end of its transaction.
    #[serde(rename = "SHARED_READ")]
    MetadataRead,
    #[serde(rename = "SHARED_WRITE")]
    MetadataWrite,
    /// `LOCK=NONE`: others read and write. It is upgraded to EXCLUSIVE for a moment at the start and at the end.
    #[serde(rename = "SHARED_UPGRADABLE")]
    MetadataUpgradable,
    /// `LOCK=SHARED`: others read.
    #[serde(rename = "SHARED_NO_WRITE")]
    MetadataNoWrite,
    /// `LOCK TABLES … WRITE`.
    #[serde(rename = "SHARED_NO_READ_WRITE")]
    MetadataNoReadWrite,
    #[serde(rename = "EXCLUSIVE METADATA")]
    MetadataExclusive,
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
    /// PostgreSQL's.
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
            Self::MetadataRead => "SHARED_READ",
            Self::MetadataWrite => "SHARED_WRITE",
            Self::MetadataUpgradable => "SHARED_UPGRADABLE",
            Self::MetadataNoWrite => "SHARED_NO_WRITE",
            Self::MetadataNoReadWrite => "SHARED_NO_READ_WRITE",
            Self::MetadataExclusive => "EXCLUSIVE METADATA",
        }
    }

    /// Reads: plain `SELECT`. Writes: `INSERT`, `UPDATE`, `DELETE`. Ddl: other schema changes, `VACUUM`, index builds.
    pub fn blocks(self) -> &'static [Blocks] {
        match self {
            Self::AccessShare | Self::RowShare | Self::RowExclusive => &[],
            // They hold off an EXCLUSIVE request, and so every schema change.
            Self::MetadataRead | Self::MetadataWrite => &[],
            Self::ShareUpdateExclusive | Self::MetadataUpgradable => &[Blocks::Ddl],
            Self::Share | Self::ShareRowExclusive | Self::Exclusive | Self::MetadataNoWrite => {
                &[Blocks::Writes, Blocks::Ddl]
            }
            Self::AccessExclusive | Self::MetadataNoReadWrite | Self::MetadataExclusive => {
                &[Blocks::Reads, Blocks::Writes, Blocks::Ddl]
            }
        }
    }

    /// True if two sessions cannot hold these two at once; of two modes of the same family.
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
            MetadataRead => MetadataNoReadWrite,
            MetadataWrite => MetadataNoWrite,
            MetadataUpgradable => MetadataUpgradable,
            MetadataNoWrite => MetadataWrite,
            MetadataNoReadWrite | MetadataExclusive => MetadataRead,
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
