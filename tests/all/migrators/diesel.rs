//! diesel.

use super::{Migrator, Project};
use std::process::Command;

pub struct Diesel;
pub static TOOL: Diesel = Diesel;

impl Migrator for Diesel {
    fn format(&self) -> &'static str {
        "diesel"
    }
    fn folder(&self) -> &'static str {
        "migrations"
    }
    fn prepare(&self, project: &Project) {
        project.write("diesel.toml", "");
        project.write("migrations/2025-01-01-000000_team/up.sql", "SELECT 1;\n");
        project.write("migrations/2025-01-01-000000_team/down.sql", "SELECT 1;\n");
    }
    fn up(&self, project: &Project) -> Command {
        diesel(project, "run")
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(diesel(project, "revert"))
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM __diesel_schema_migrations ORDER BY version DESC LIMIT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["__diesel_schema_migrations"]
    }
}

fn diesel(project: &Project, what: &str) -> Command {
    let mut command = project.command("diesel");
    command.args(["migration", what, "--migration-dir", "migrations", "--database-url", project.url()]);
    command
}
