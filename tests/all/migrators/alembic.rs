//! Alembic, with the `env.py` of `alembic init`: one transaction around everything.

use super::failures::ends_right;
use super::{Migrator, Project, run, the_case};
use std::process::Command;

pub struct Alembic;
pub static TOOL: Alembic = Alembic;

const ENV: &str = "\
import os
from alembic import context
from sqlalchemy import create_engine, pool

url = os.environ['DATABASE']
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, dialect_opts={'paramstyle': 'named'})
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, target_metadata=None)
        with context.begin_transaction():
            context.run_migrations()
";

impl Migrator for Alembic {
    fn format(&self) -> &'static str {
        "alembic"
    }
    fn folder(&self) -> &'static str {
        "alembic/versions"
    }
    fn prepare(&self, project: &Project) {
        project.write("alembic.ini", "[alembic]\nscript_location = %(here)s/alembic\npath_separator = os\n");
        project.write("alembic/env.py", ENV);
        let team = "revision = 'b00000000000'\ndown_revision = None\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n";
        project.write("alembic/versions/b00000000000_team.py", team);
    }
    fn up(&self, project: &Project) -> Command {
        alembic(project, &["upgrade", "head"])
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(alembic(project, &["downgrade", "-1"]))
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "SELECT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["alembic_version"]
    }
}

fn alembic(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command("alembic");
    let url = project.url().replace("postgres://", "postgresql+psycopg://").replace("mysql://", "mysql+pymysql://");
    command.args(arguments).env("DATABASE", url);
    command
}

/// As a script for psql it does the same.
#[test]
fn alembic_writes_the_same_as_a_script() {
    let case = the_case("set-not-null/filled");
    let project = Project::new(&TOOL, &case);
    let plan = sidestep::change::plan(&case.wish, &project.tables(), &case.policy).unwrap();
    project.export(&plan);
    loop {
        let now = project.value("SELECT version_num FROM alembic_version");
        let output = alembic(&project, &["upgrade", &format!("{now}:head"), "--sql"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        project.write("all.sql", &String::from_utf8(output.stdout).unwrap());
        let mut psql = project.command("psql");
        psql.args(["-X", "-v", "ON_ERROR_STOP=1", "-d", project.url(), "-f", "all.sql"]);
        run(psql).unwrap();
        if project.stages().iter().all(|(_, there)| *there) {
            break;
        }
        project.promote().unwrap();
    }
    ends_right(&project, &case).unwrap();
}
