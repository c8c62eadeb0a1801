//! The one integration test binary: every further binary would link the drivers again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "all/backfill_mysql.rs"]
mod backfill_mysql;
#[path = "all/backfill_script.rs"]
mod backfill_script;
#[path = "all/cli.rs"]
mod cli;
#[path = "all/completion.rs"]
mod completion;
#[path = "all/connect.rs"]
mod connect;
#[path = "all/conventions.rs"]
mod conventions;
#[path = "all/demo.rs"]
mod demo;
#[path = "all/drafts.rs"]
mod drafts;
#[path = "all/export.rs"]
mod export;
#[path = "all/export_chains.rs"]
mod export_chains;
#[path = "all/facts.rs"]
mod facts;
#[path = "all/forms.rs"]
mod forms;
#[path = "all/gallery.rs"]
mod gallery;
#[path = "all/golden.rs"]
mod golden;
#[path = "all/hazards.rs"]
mod hazards;
#[path = "all/histories.rs"]
mod histories;
#[path = "all/house.rs"]
mod house;
#[path = "all/inspect.rs"]
mod inspect;
#[path = "all/laws.rs"]
mod laws;
#[path = "all/lint.rs"]
mod lint;
#[path = "all/live/mod.rs"]
mod live;
#[path = "all/locks_page.rs"]
mod locks_page;
#[path = "all/migrators/mod.rs"]
mod migrators;
#[path = "all/mysql_app.rs"]
mod mysql_app;
#[path = "all/mysql_connect.rs"]
mod mysql_connect;
#[path = "all/mysql_facts.rs"]
mod mysql_facts;
#[path = "all/mysql_inspect.rs"]
mod mysql_inspect;
#[path = "all/mysql_locks_page.rs"]
mod mysql_locks_page;
#[path = "all/mysql_plans/mod.rs"]
mod mysql_plans;
#[path = "all/mysql_replay.rs"]
mod mysql_replay;
#[path = "all/mysql_servers.rs"]
mod mysql_servers;
#[path = "all/mysql_tools/mod.rs"]
mod mysql_tools;
#[path = "all/pipelines.rs"]
mod pipelines;
#[path = "all/plan_app.rs"]
mod plan_app;
#[path = "all/plan_schema.rs"]
mod plan_schema;
#[path = "all/preflight.rs"]
mod preflight;
#[path = "all/psql_files.rs"]
mod psql_files;
#[path = "all/pty.rs"]
mod pty;
#[path = "all/random/mod.rs"]
mod random;
#[path = "all/readme.rs"]
mod readme;
#[path = "all/replay.rs"]
mod replay;
#[path = "all/reviews.rs"]
mod reviews;
#[path = "all/runbook_page.rs"]
mod runbook_page;
#[path = "all/screens.rs"]
mod screens;
#[path = "all/servers.rs"]
mod servers;
#[path = "all/sessions.rs"]
mod sessions;
#[path = "all/sql_parse/mod.rs"]
mod sql_parse;
#[path = "all/sql_tools.rs"]
mod sql_tools;
mod support;
#[path = "all/watching.rs"]
mod watching;
