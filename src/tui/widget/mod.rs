//! Parts that several screens draw with.

pub mod cursor;
pub mod doc;
pub mod editor;
pub mod field;
pub mod filter;
pub mod frame;
pub mod lanes;
pub mod meter;
pub mod sql;
pub mod steps;
pub mod suggest;
pub mod svg;

pub use cursor::{Cursor, Scroll};
pub use field::{Echo, Field};
