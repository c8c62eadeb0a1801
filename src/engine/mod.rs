//! How a server behaves: quoting, what each statement locks and costs, what the catalog looks like after it. Pure.

mod bounds;
pub mod dialect;
mod effect;
pub mod emit;
pub mod facts;
pub mod hazard;
mod judge;
mod names;
mod relations;
mod replay;
mod types;
pub mod verdict;
mod volatility;

pub use dialect::{Dialect, dialect};
pub use judge::judge;
pub use replay::{replay, search_path};
pub use verdict::{Raised, Sending, Session, Verdict};
