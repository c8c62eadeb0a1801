//! How MySQL and MariaDB behave: what each statement locks and costs, what the catalog looks like after it.

mod judge;
mod replay;

pub use judge::judge;
pub use replay::replay;
