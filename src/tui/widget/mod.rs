//! Parts that several screens draw with.

pub mod cursor;
pub mod field;
pub mod filter;
pub mod frame;
pub mod meter;

pub use cursor::{Cursor, Scroll};
pub use field::{Echo, Field};
