//! How a server behaves: quoting, what each statement locks and costs, what the catalog looks like after it. Pure.

pub mod bounds;
pub mod dialect;
mod effect;
pub mod emit;
pub mod facts;
mod freed;
pub mod hazard;
mod judge;
pub mod mysql;
pub mod names;
pub(crate) mod relations;
mod replay;
mod types;
pub mod user_types;
pub mod verdict;
pub mod views;
mod volatility;

pub use dialect::{Dialect, dialect};
pub use freed::{freed, replay_freed};
pub use judge::judge;
pub use replay::{replay, search_path};
pub use verdict::{Raised, Sending, Session, Verdict};
