//! Django, one app.

use super::{Migrator, Project};
use std::process::Command;

pub struct Django;
pub static TOOL: Django = Django;

const MANAGE: &str = "\
import os, sys
os.environ['DJANGO_SETTINGS_MODULE'] = 'settings'
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
";

impl Migrator for Django {
    fn format(&self) -> &'static str {
        "django"
    }
    fn folder(&self) -> &'static str {
        "shop/migrations"
    }
    fn prepare(&self, project: &Project) {
        let (host, port, name) = project.address();
        // PyMySQL stands in for mysqlclient, whose version Django asks for.
        let (before, engine, user) = match project.is_mysql() {
            true => (
                "import pymysql\npymysql.version_info = (2, 2, 7, 'final', 0)\npymysql.install_as_MySQLdb()\n",
                "mysql",
                "'USER': 'tester', 'PASSWORD': 'tester'",
            ),
            false => ("", "postgresql", "'USER': 'postgres'"),
        };
        project.write(
            "settings.py",
            &format!(
                "{before}SECRET_KEY = 'x'\nINSTALLED_APPS = ['shop']\nUSE_TZ = True\nDATABASES = {{'default': {{'ENGINE': \
                 'django.db.backends.{engine}', 'HOST': '{host}', 'PORT': '{port}', 'NAME': '{name}', {user}}}}}\n"
            ),
        );
        project.write("manage.py", MANAGE);
        project.write("shop/__init__.py", "");
        project.write("shop/models.py", "");
        project.write("shop/migrations/__init__.py", "");
        let team = "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    initial = True\n    \
                    dependencies = []\n    operations = []\n";
        project.write("shop/migrations/0001_initial.py", team);
    }
    fn up(&self, project: &Project) -> Command {
        manage(project, &["migrate"])
    }
    fn down(&self, project: &Project) -> Option<Command> {
        let query = "SELECT COALESCE((SELECT name FROM django_migrations WHERE app = 'shop' ORDER BY id DESC LIMIT 1 OFFSET 1), 'zero')";
        let before = project.value(query);
        Some(manage(project, &["migrate", "shop", &before]))
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM django_migrations ORDER BY id DESC LIMIT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["django_migrations"]
    }
}

fn manage(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command("migrators-python");
    command.arg("manage.py").args(arguments);
    command
}
