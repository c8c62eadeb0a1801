//! Building blocks that several kinds share: each pushes the steps of one safe way of doing one thing.

pub mod carry;
pub mod compat_view;
pub mod computed;
pub mod constraint;
pub mod dependents;
pub mod fill_new;
pub mod grants;
pub mod index;
pub mod key_swap;
pub mod not_null;
pub mod numbered;
pub mod partition;
pub mod partitioned;
pub mod properties;
pub mod rebind;
pub mod shadow;
pub mod swap;
pub mod table;
pub mod together;
pub mod twins;
pub mod type_again;
pub mod views;
pub mod way_back;
