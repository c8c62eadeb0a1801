//! What will happen: the plan as a value, and the code that makes and checks it. Pure.

pub mod as_written;
pub mod assemble;
pub mod batches;
pub mod build;
pub mod check;
mod copied;
pub mod draft;
pub mod drift;
pub mod estimate;
pub mod grid;
pub mod hazard;
pub mod load;
pub mod needs;
mod parent_first;
pub mod policy;
pub mod preflight;
pub mod reach;
pub mod release;
pub mod review;
mod sizes;
pub mod step;
mod subscribers;
pub mod superseded;
mod unproved;
mod way_back;
mod yielding;

pub use estimate::Estimate;
pub use load::{Figure, Load, Queue};
pub use policy::{Executor, Policy, Rename, Strategy, Sync};
pub use preflight::{About, Preflight};
pub use release::{GridRow, Release, TableUse};
pub use review::Review;
pub use sizes::Size;
pub use step::{
    Act, AsWritten, Backfill, Check, Finding, Hazard, Phase, PhaseName, Plan, Severity, Step, Timeouts,
    TransactionMode, Undo, Wanted, Watch,
};
pub use superseded::Superseded;
