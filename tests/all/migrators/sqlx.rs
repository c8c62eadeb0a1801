//! sqlx.

use super::{Migrator, Project};
use std::process::Command;

pub struct Sqlx;
pub static TOOL: Sqlx = Sqlx;

impl Migrator for Sqlx {
    fn format(&self) -> &'static str {
        "sqlx"
    }
    fn folder(&self) -> &'static str {
        "migrations"
    }
    fn prepare(&self, project: &Project) {
        project.write("migrations/20250101000000_team.up.sql", "SELECT 1;\n");
        project.write("migrations/20250101000000_team.down.sql", "SELECT 1;\n");
    }
    fn up(&self, project: &Project) -> Command {
        sqlx(project, "run")
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(sqlx(project, "revert"))
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM _sqlx_migrations ORDER BY version DESC LIMIT 1".to_owned()
    }
    fn recover(&self, project: &Project, said: &str) -> Vec<Command> {
        if project.is_mysql() && said.contains("partially applied") {
            project.run("DELETE FROM _sqlx_migrations WHERE success = FALSE");
        }
        Vec::new()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["_sqlx_migrations"]
    }
}

fn sqlx(project: &Project, what: &str) -> Command {
    let mut command = project.command("sqlx");
    command.args(["migrate", what, "--source", "migrations", "--database-url", project.url()]);
    command
}
