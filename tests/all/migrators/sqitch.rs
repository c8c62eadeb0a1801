//! Sqitch.

use super::{Migrator, Project};
use std::process::Command;

pub struct Sqitch;
pub static TOOL: Sqitch = Sqitch;

impl Migrator for Sqitch {
    fn format(&self) -> &'static str {
        "sqitch"
    }
    fn folder(&self) -> &'static str {
        "sqitch"
    }
    fn prepare(&self, project: &Project) {
        project.write(
            "sqitch.conf",
            "[core]\n\tengine = pg\n\ttop_dir = sqitch\n[deploy]\n\tmode = change\n\tverify = true\n",
        );
        project.write(
            "sqitch/sqitch.plan",
            "%syntax-version=1.0.0\n%project=shop\n\nteam 2025-01-01T00:00:00Z Team <team@localhost> # ours\n",
        );
        project.write("sqitch/deploy/team.sql", "SELECT 1;\n");
        project.write("sqitch/revert/team.sql", "SELECT 1;\n");
    }
    fn up(&self, project: &Project) -> Command {
        sqitch(project, &["deploy"])
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(sqitch(project, &["revert", "-y", "--to", "@HEAD^"]))
    }
    fn count(&self, files: &[&str]) -> usize {
        files.iter().filter(|f| f.starts_with("deploy/")).count()
    }
    fn forget(&self) -> Option<&'static str> {
        Some(
            "WITH newest AS (SELECT change_id FROM sqitch.changes ORDER BY committed_at DESC LIMIT 1), \
             t AS (DELETE FROM sqitch.tags WHERE change_id IN (SELECT change_id FROM newest)), \
             d AS (DELETE FROM sqitch.dependencies WHERE change_id IN (SELECT change_id FROM newest)) \
             DELETE FROM sqitch.changes WHERE change_id IN (SELECT change_id FROM newest)",
        )
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["sqitch"]
    }
}

fn sqitch(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command("sqitch");
    command.args(arguments).arg("--target").arg(project.url().replacen("postgres://", "db:pg://", 1));
    command.env("SQITCH_FULLNAME", "Team").env("SQITCH_EMAIL", "team@localhost").env("HOME", project.dir.path());
    command
}
