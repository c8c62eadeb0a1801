//! Drizzle Kit with the driver `pg`.

use super::{Migrator, Project};
use std::process::Command;

pub struct Drizzle;
pub static TOOL: Drizzle = Drizzle;

const JOURNAL: &str = r#"{"version": "7", "dialect": "DIALECT", "entries": [
  {"idx": 0, "version": "7", "when": 1735689600000, "tag": "0000_team", "breakpoints": true}
]}
"#;

impl Migrator for Drizzle {
    fn format(&self) -> &'static str {
        "drizzle"
    }
    fn folder(&self) -> &'static str {
        "drizzle"
    }
    fn prepare(&self, project: &Project) {
        let dialect = if project.is_mysql() { "mysql" } else { "postgresql" };
        let config = format!(
            "module.exports = {{ dialect: '{dialect}', out: './drizzle', schema: './schema.js', \
             dbCredentials: {{ url: '{}' }} }};\n",
            project.url()
        );
        project.write("drizzle.config.js", &config);
        project.write("schema.js", "module.exports = {};\n");
        project.write("drizzle/0000_team.sql", "SELECT 1;\n");
        project.write("drizzle/meta/_journal.json", &JOURNAL.replace("DIALECT", dialect));
    }
    fn up(&self, project: &Project) -> Command {
        let mut command = project.command("drizzle-kit");
        command.arg("migrate");
        command
    }
    fn is_silent(&self) -> bool {
        true
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM __drizzle_migrations ORDER BY id DESC LIMIT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["__drizzle_migrations", "drizzle"]
    }
}
