//! The one integration test binary: each extra one would link the drivers again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

#[path = "all/demo.rs"]
mod demo;
#[path = "all/facts.rs"]
mod facts;
#[path = "all/facts_alone.rs"]
mod facts_alone;
#[path = "all/inspect.rs"]
mod inspect;
#[path = "all/servers.rs"]
mod servers;
#[path = "all/sql_parse.rs"]
mod sql_parse;
mod support;
