//! Building blocks that several kinds share: each pushes the steps of one safe way of doing one thing.

pub mod carry;
pub mod castable;
pub mod compat_view;
pub mod computed;
pub mod constraint;
pub mod conversion;
pub mod dependents;
pub mod dual_name;
pub mod fill_new;
pub mod grants;
pub mod index;
pub mod key_family;
pub mod key_swap;
pub mod measure;
pub mod not_null;
pub mod numbered;
pub mod partition;
pub mod partitioned;
pub mod properties;
pub mod rebind;
pub mod second_views;
pub mod shadow;
pub mod swap;
pub mod table;
pub mod together;
pub mod twins;
pub mod type_again;
pub mod views;
pub mod way_back;

/// `LOCK TABLE` for several tables in the order of their names, at the head of a step that would otherwise hold one while it waits
/// for the next.
pub fn lock_all(b: &crate::plan::build::Builder, mut tables: Vec<crate::model::TableName>) -> String {
    tables.sort();
    tables.dedup();
    let names: Vec<String> = tables.iter().map(|t| b.name(t)).collect();
    format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", "))
}
