//! Knex.

use super::{Migrator, Project};
use std::process::Command;

pub struct Knex;
pub static TOOL: Knex = Knex;

impl Migrator for Knex {
    fn format(&self) -> &'static str {
        "knex"
    }
    fn folder(&self) -> &'static str {
        "migrations"
    }
    fn prepare(&self, project: &Project) {
        let client = if project.is_mysql() { "mysql2" } else { "pg" };
        let file = format!("module.exports = {{ client: '{client}', connection: '{}' }};\n", project.url());
        project.write("knexfile.js", &file);
        let team = "exports.up = async () => {};\nexports.down = async () => {};\n";
        project.write("migrations/20250101000000_team.js", team);
    }
    fn up(&self, project: &Project) -> Command {
        knex(project, "migrate:latest")
    }
    fn recover(&self, project: &Project, _said: &str) -> Vec<Command> {
        vec![knex(project, "migrate:unlock")]
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(knex(project, "migrate:down"))
    }
    fn forget(&self) -> Option<&'static str> {
        Some("DELETE FROM knex_migrations WHERE id = (SELECT max(id) FROM knex_migrations)")
    }
    fn history(&self) -> Option<&'static str> {
        Some("knex_migrations")
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM knex_migrations ORDER BY id DESC LIMIT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["knex_migrations", "knex_migrations_lock"]
    }
}

fn knex(project: &Project, what: &str) -> Command {
    let mut command = project.command("knex");
    command.arg(what);
    command
}
