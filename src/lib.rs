//! sidestep turns a naive schema change into a stepwise zero-downtime plan.
//!
//! One-way rule (held by `tests/all/house.rs`): `model ← sql ← engine ← plan ← change ← export ← {tui, cli}`;
//! `db` and `config` use `model` only. No function that decides does IO; no function that does IO decides.

pub mod change;
pub mod cli;
pub mod config;
pub mod db;
pub mod engine;
pub mod error;
pub mod export;
pub mod model;
pub mod plan;
pub mod sql;
pub mod tui;
