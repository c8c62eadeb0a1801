//! node-pg-migrate.

use super::{Migrator, Project};
use std::process::Command;

pub struct NodePgMigrate;
pub static TOOL: NodePgMigrate = NodePgMigrate;

impl Migrator for NodePgMigrate {
    fn format(&self) -> &'static str {
        "node-pg-migrate"
    }
    fn folder(&self) -> &'static str {
        "migrations"
    }
    fn prepare(&self, project: &Project) {
        let team = "exports.up = () => {};\nexports.down = () => {};\n";
        project.write("migrations/1735689600000_team.js", team);
    }
    fn up(&self, project: &Project) -> Command {
        migrate(project, "up")
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(migrate(project, "down"))
    }
    fn forget(&self) -> Option<&'static str> {
        Some("DELETE FROM pgmigrations WHERE id = (SELECT max(id) FROM pgmigrations)")
    }
    fn history(&self) -> Option<&'static str> {
        Some("pgmigrations")
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["pgmigrations"]
    }
}

fn migrate(project: &Project, what: &str) -> Command {
    let mut command = project.command("node-pg-migrate");
    command.arg(what).env("DATABASE_URL", project.url());
    command
}
