//! refinery.

use super::{Migrator, Project};
use std::process::Command;

pub struct Refinery;
pub static TOOL: Refinery = Refinery;

impl Migrator for Refinery {
    fn format(&self) -> &'static str {
        "refinery"
    }
    fn folder(&self) -> &'static str {
        "migrations"
    }
    fn prepare(&self, project: &Project) {
        let (host, port, name) = project.address();
        project.write(
            "refinery.toml",
            &format!(
                "[main]\ndb_type = \"Postgres\"\ndb_host = \"{host}\"\ndb_port = \"{port}\"\ndb_user = \"postgres\"\n\
                 db_pass = \"x\"\ndb_name = \"{name}\"\n"
            ),
        );
        project.write("migrations/V1__team.sql", "SELECT 1;\n");
    }
    fn up(&self, project: &Project) -> Command {
        refinery(project)
    }
    fn forget(&self) -> Option<&'static str> {
        Some("DELETE FROM refinery_schema_history WHERE version = (SELECT max(version) FROM refinery_schema_history)")
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["refinery_schema_history"]
    }
}

fn refinery(project: &Project) -> Command {
    let mut command = project.command("refinery");
    command.args(["migrate", "-c", "refinery.toml", "-p", "migrations"]);
    command
}
