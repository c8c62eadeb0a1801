//! What changes need of the app's releases, and what decides in the grid whether a release works.

use super::draft::Key;
use crate::model::{Ident, TableName};

/// The three places where a release may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// After Expand: tolerates both structures.
    Tolerate,
    /// After Migrate and Switch: uses the new one.
    Use,
    /// After Settle: the old one is unused.
    Unused,
}

impl Slot {
    pub const ALL: [Self; 3] = [Self::Tolerate, Self::Use, Self::Unused];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Must stand exactly there.
    Fixed,
    /// May join any release from that slot on.
    Earliest,
    /// May join any release up to that slot.
    Latest,
}

/// One change's share of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    pub change: usize,
    pub slot: Slot,
    pub placement: Placement,
    pub table: TableName,
    pub starts_reading: Vec<Ident>,
    pub starts_writing: Vec<Ident>,
    pub stops_reading: Vec<Ident>,
    pub stops_writing: Vec<Ident>,
    pub instructions: Vec<String>,
    pub sql_shapes: Vec<String>,
    /// `rails` → hint.
    pub orm_hints: Vec<(&'static str, String)>,
}

impl Need {
    pub fn new(slot: Slot, placement: Placement, table: &TableName) -> Self {
        Self {
            change: 0,
            slot,
            placement,
            table: table.clone(),
            starts_reading: Vec::new(),
            starts_writing: Vec::new(),
            stops_reading: Vec::new(),
            stops_writing: Vec::new(),
            instructions: Vec::new(),
            sql_shapes: Vec::new(),
            orm_hints: Vec::new(),
        }
    }
    pub fn reads(mut self, columns: &[Ident]) -> Self {
        self.starts_reading.extend_from_slice(columns);
        self
    }
    pub fn writes(mut self, columns: &[Ident]) -> Self {
        self.starts_writing.extend_from_slice(columns);
        self
    }
    pub fn stops_reading(mut self, columns: &[Ident]) -> Self {
        self.stops_reading.extend_from_slice(columns);
        self
    }
    pub fn stops_writing(mut self, columns: &[Ident]) -> Self {
        self.stops_writing.extend_from_slice(columns);
        self
    }
    pub fn say(mut self, instruction: impl Into<String>) -> Self {
        self.instructions.push(instruction.into());
        self
    }
    pub fn shape(mut self, sql: impl Into<String>) -> Self {
        self.sql_shapes.push(sql.into());
        self
    }
    pub fn orm(mut self, orm: &'static str, hint: impl Into<String>) -> Self {
        self.orm_hints.push((orm, hint.into()));
        self
    }
}

/// A moment of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Once this step is done.
    After(Key),
    /// Once this release is deployed.
    Deployed(Slot),
}

/// A reason, beyond the schema itself, why a release does not work from or until a moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Readers of the column find it incomplete until the step is done.
    NotReady { table: TableName, column: Ident, until: Key, because: String },
    /// Readers of the column find it out of date from that moment on.
    Stale { table: TableName, column: Ident, from: Mark, because: String },
    /// Releases before this slot no longer work from that moment on.
    Older { than: Slot, from: Mark, because: String },
}

/// A column that a trigger fills between two steps, so that writers may leave it out.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    pub table: TableName,
    pub column: Ident,
    pub from: Key,
    pub until: Key,
}
