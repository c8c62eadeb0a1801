//! graphile-migrate.

use super::{Migrator, Project};
use std::process::Command;

pub struct Graphile;
pub static TOOL: Graphile = Graphile;

impl Migrator for Graphile {
    fn format(&self) -> &'static str {
        "graphile-migrate"
    }
    fn folder(&self) -> &'static str {
        "migrations/committed"
    }
    fn prepare(&self, project: &Project) {
        project.write(".gmrc", &format!("{{ \"connectionString\": \"{}\" }}", project.url()));
        project.write("migrations/current.sql", "");
        project.write(
            "migrations/committed/000001-team.sql",
            "--! Previous: -\n--! Hash: sha1:d30d858bf9fa5d8979af2d32c3be5e09b07da877\n--! Message: team\n\nSELECT 1;\n",
        );
    }
    fn up(&self, project: &Project) -> Command {
        let mut command = project.command("graphile-migrate");
        command.arg("migrate");
        command
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["graphile_migrate"]
    }
}
