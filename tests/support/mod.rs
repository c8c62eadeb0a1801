//! What several groups of tests share.
pub mod sample_catalog;
pub mod sample_plan;
pub mod screens;
