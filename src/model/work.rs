//! The kind of work a statement makes the server do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a statement makes the server do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    None,
    Catalog,
    Scan,
    IndexBuild,
    Rewrite,
    Unknown,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "no work",
            Self::Catalog => "catalog only",
            Self::Scan => "scan",
            Self::IndexBuild => "index build",
            Self::Rewrite => "rewrite",
            Self::Unknown => "unknown",
        })
    }
}
