//! How MySQL and MariaDB behave: what each statement locks and costs, what the catalog looks like after it.

mod best;
pub mod facts;
mod gather;
mod judge;
mod known;
mod replay;
mod types;
mod weigh;

pub use best::{Best, best};
pub use judge::{judge, judge_common};
pub use replay::replay;
