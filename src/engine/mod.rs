//! How a server behaves: quoting, what each statement locks and costs, what the catalog looks like after it. Pure.

pub mod dialect;
pub mod emit;
mod stub;
pub mod verdict;

pub use dialect::{Dialect, dialect};
pub use stub::{hazard, judge, replay};
pub use verdict::{Raised, Sending, Session, Verdict};
