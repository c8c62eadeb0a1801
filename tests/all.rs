//! The one integration test binary: each extra one would link the drivers again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "all/sql_parse.rs"]
mod sql_parse;
//! The one integration test binary: every further binary would link the drivers again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

#[path = "all/servers.rs"]
mod servers;
//! The one integration test binary: every further binary would link the drivers again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

#[path = "all/screens.rs"]
mod screens;
mod support;
