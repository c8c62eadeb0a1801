//! dbmate.

use super::{Migrator, Project};
use std::process::Command;

pub struct Dbmate;
pub static TOOL: Dbmate = Dbmate;

impl Migrator for Dbmate {
    fn format(&self) -> &'static str {
        "dbmate"
    }
    fn folder(&self) -> &'static str {
        "db/migrations"
    }
    fn prepare(&self, project: &Project) {
        project
            .write("db/migrations/20250101000000_team.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n");
    }
    fn up(&self, project: &Project) -> Command {
        dbmate(project, "migrate")
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(dbmate(project, "rollback"))
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM schema_migrations ORDER BY version DESC LIMIT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["schema_migrations"]
    }
}

fn dbmate(project: &Project, what: &str) -> Command {
    let mut command = project.command("dbmate");
    let url = if project.is_mysql() { project.url().to_owned() } else { format!("{}?sslmode=disable", project.url()) };
    command.args(["--no-dump-schema", "--url", &url, what]);
    command
}
