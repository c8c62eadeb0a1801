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
        let engine = if project.is_mysql() { "mysql" } else { "pg" };
        let more = match project.is_mysql() {
            true => format!("[engine \"mysql\"]\n\tregistry = {}\n", registry(project)),
            false => String::new(),
        };
        project.write(
            "sqitch.conf",
            &format!(
                "[core]\n\tengine = {engine}\n\ttop_dir = sqitch\n{more}[deploy]\n\tmode = change\n\tverify = true\n"
            ),
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
    fn forget_on_mysql(&self, project: &Project) -> String {
        let all = registry(project);
        let newest = format!("SELECT change_id FROM {all}.changes ORDER BY committed_at DESC LIMIT 1");
        let rest =
            ["tags", "dependencies", "changes"].map(|t| format!("DELETE FROM {all}.{t} WHERE change_id = @newest"));
        format!("SET @newest = ({newest}); {}", rest.join("; "))
    }
    fn keeps_more_than_notes(&self) -> bool {
        true
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["sqitch"]
    }
}

/// Sqitch's own database on MySQL, which all projects of a server would share.
fn registry(project: &Project) -> String {
    format!("{}_sqitch", project.address().2)
}

fn sqitch(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command("sqitch");
    let url = project.url().replacen("postgres://", "db:pg://", 1).replacen("mysql://", "db:mysql://", 1);
    command.args(arguments).arg("--target").arg(url);
    command.env("SQITCH_FULLNAME", "Team").env("SQITCH_EMAIL", "team@localhost").env("HOME", project.dir.path());
    command
}
