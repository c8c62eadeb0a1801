//! TypeORM, in JavaScript: the team's own migration says so.

use super::{Migrator, Project};
use std::process::Command;

pub struct Typeorm;
pub static TOOL: Typeorm = Typeorm;

impl Migrator for Typeorm {
    fn format(&self) -> &'static str {
        "typeorm"
    }
    fn folder(&self) -> &'static str {
        "migrations"
    }
    fn prepare(&self, project: &Project) {
        let source = format!(
            "const {{ DataSource }} = require('typeorm');\nmodule.exports = new DataSource({{ type: '{}', url: '{}', \
             entities: [], migrations: [__dirname + '/migrations/*.js'] }});\n",
            if project.is_mysql() { "mysql" } else { "postgres" },
            project.url()
        );
        project.write("data-source.js", &source);
        let team = "module.exports = class Team1735689600000 {\n    async up() {}\n\n    async down() {}\n};\n";
        project.write("migrations/1735689600000-Team.js", team);
    }
    fn up(&self, project: &Project) -> Command {
        typeorm(project, "migration:run", "each")
    }
    fn down(&self, project: &Project) -> Option<Command> {
        let newest = project.value("SELECT name FROM migrations ORDER BY id DESC LIMIT 1");
        let files = std::fs::read_dir(project.path("migrations")).unwrap().flatten();
        let texts = files.map(|f| std::fs::read_to_string(f.path()).unwrap());
        let alone = texts.filter(|t| t.contains(&newest)).any(|t| t.contains("transaction = false"));
        Some(typeorm(project, "migration:revert", if alone { "none" } else { "each" }))
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM migrations ORDER BY id DESC LIMIT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["migrations"]
    }
}

fn typeorm(project: &Project, what: &str, mode: &str) -> Command {
    let mut command = project.command("typeorm");
    command.args([what, "-d", "data-source.js", "-t", mode]);
    command
}
