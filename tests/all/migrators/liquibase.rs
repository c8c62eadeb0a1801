//! Liquibase with formatted SQL.

use super::{Migrator, Project};
use std::process::Command;

pub struct Liquibase;
pub static TOOL: Liquibase = Liquibase;

impl Migrator for Liquibase {
    fn format(&self) -> &'static str {
        "liquibase"
    }
    fn folder(&self) -> &'static str {
        "changelog"
    }
    fn prepare(&self, project: &Project) {
        prepare(project);
    }
    fn up(&self, project: &Project) -> Command {
        up(project)
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(down(project))
    }
    fn forget(&self) -> Option<&'static str> {
        Some(FORGET)
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        forget_on_mysql()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        OWN_TABLES
    }
}

pub fn forget_on_mysql() -> String {
    "DELETE FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED DESC LIMIT 1".to_owned()
}

pub const FORGET: &str =
    "DELETE FROM databasechangelog WHERE orderexecuted = (SELECT max(orderexecuted) FROM databasechangelog)";
pub const OWN_TABLES: &[&str] =
    &["DATABASECHANGELOG", "DATABASECHANGELOGLOCK", "databasechangelog", "databasechangeloglock"];

pub fn prepare(project: &Project) {
    project.write("liquibase.properties", "changelogFile=changelog/db.changelog-master.yaml\n");
    project.write(
        "changelog/db.changelog-master.yaml",
        "databaseChangeLog:\n  - include: {file: 001_team.sql, relativeToChangelogFile: true}\n",
    );
    project.write(
        "changelog/001_team.sql",
        "--liquibase formatted sql\n--changeset team:one\nSELECT 1;\n--rollback empty\n",
    );
}

pub fn up(project: &Project) -> Command {
    liquibase(project, &["update"])
}

/// All changesets of the plan, newest first: a file holds many of them.
pub fn down(project: &Project) -> Command {
    let log = if project.is_mysql() { "DATABASECHANGELOG" } else { "databasechangelog" };
    let count = project.value(&format!("SELECT count(*) FROM {log} WHERE author = 'sidestep'"));
    liquibase(project, &["rollback-count", &count])
}

fn liquibase(project: &Project, arguments: &[&str]) -> Command {
    let (host, port, name) = project.address();
    let mut command = project.command("liquibase");
    if project.is_mysql() {
        // MariaDB's driver, which comes with Liquibase, for both.
        let url = format!("--url=jdbc:mariadb://{host}:{port}/{name}?allowPublicKeyRetrieval=true");
        command.args([url.as_str(), "--username=tester", "--password=tester"]);
    } else {
        command.args([&format!("--url=jdbc:postgresql://{host}:{port}/{name}"), "--username=postgres", "--password=x"]);
    }
    command.args(["--show-banner=false"]).args(arguments);
    // Short runs: most of the time goes into starting the virtual machine, and a third of that into verifying its classes.
    let quick =
        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote";
    command.env("JAVA_OPTS", quick);
    command
}
