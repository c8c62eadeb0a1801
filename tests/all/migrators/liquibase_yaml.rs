//! Liquibase with YAML.

use super::{Migrator, Project};
use std::process::Command;

pub struct LiquibaseYaml;
pub static TOOL: LiquibaseYaml = LiquibaseYaml;

impl Migrator for LiquibaseYaml {
    fn format(&self) -> &'static str {
        "liquibase-yaml"
    }
    fn folder(&self) -> &'static str {
        "changelog"
    }
    fn prepare(&self, project: &Project) {
        super::liquibase::prepare(project);
    }
    fn up(&self, project: &Project) -> Command {
        super::liquibase::up(project)
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(super::liquibase::down(project))
    }
    fn forget(&self) -> Option<&'static str> {
        Some(super::liquibase::FORGET)
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        super::liquibase::forget_on_mysql()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        super::liquibase::OWN_TABLES
    }
}
