//! What one statement does to the server that the catalog describes.

use crate::model::{Bytes, Lock, TableName, Work};
use std::collections::BTreeMap;

/// Session settings that change a verdict (`timezone`), lower-case names; read from the server and from `SET` in the script.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Session {
    pub settings: BTreeMap<String, String>,
}

/// How a statement may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// Anywhere.
    Any,
    /// Refused inside a transaction block (`CREATE INDEX CONCURRENTLY`).
    OutsideTransaction,
}

/// The answer of [`super::judge`]: from a fact row of the server's version, with the conditions read from the catalog.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Strongest first; one per object. Table locks of ACCESS SHARE are left out except where nothing else is taken.
    pub locks: Vec<Lock>,
    pub work: Work,
    /// Bytes read (scan) or written (rewrite, index build); none if unknown or nothing.
    pub bytes: Option<Bytes>,
    /// Rows scanned, rewritten or indexed; none if unknown or nothing.
    pub rows: Option<u64>,
    /// Tables that are read as a whole, that get a new file, and indexes that get one.
    pub reads: Vec<TableName>,
    pub rewrites: Vec<TableName>,
    pub builds: Vec<TableName>,
    pub sending: Sending,
    /// What the work falls on and why, for people: "rewrites `public.users` and its 4 indexes: the default is volatile".
    pub because: String,
    /// Ids in `assets/hazards.toml` with the values for the text's placeholders.
    pub hazards: Vec<Raised>,
    /// The server would refuse it: its error, in our words, with SQLSTATE where known.
    pub fails: Option<String>,
    /// The manual's page.
    pub doc: Option<String>,
    /// The tables it touches, the target first.
    pub tables: Vec<TableName>,
    /// The rows of the fact table it rests on: `set-not-null/proven`.
    pub grounds: Vec<String>,
}

/// A hazard raised, with the values of its text's `{placeholders}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    pub id: &'static str,
    pub values: BTreeMap<&'static str, String>,
}
