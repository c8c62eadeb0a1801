//! What exists: servers, catalogs, locks, quantities. Plain data with serde; no IO, no SQL text is made here.

pub mod attached;
pub mod catalog;
pub mod engine;
mod excerpt;
pub mod lock;
pub mod mysql;
pub mod name;
pub mod objects;
pub mod quantity;
pub mod stats;
pub mod stored;
pub mod work;

pub use attached::{Constraint, ConstraintKind, ExtendedStatistics, Index};
pub use catalog::{Catalog, Column, Table, TableKind};
pub use engine::{Engine, Server, Version};
pub use lock::{Blocks, Lock, LockMode};
pub use name::{Ident, TableName};
pub use quantity::{Bytes, Rows};
pub use stats::TableStats;
pub use stored::{Stored, StoredColumn};
pub use work::Work;
