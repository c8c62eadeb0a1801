//! The adapter between networks, files and the catalog: whatever a target is, a [`Catalog`](crate::model::Catalog)
//! comes out. Knows `model` only; nothing here changes a database.

mod demo;
mod error;
pub mod postgres;
pub mod snapshot;

pub use demo::demo;
pub use error::Error;
pub use snapshot::{from_json, to_json};
