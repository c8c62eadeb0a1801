//! A pipeline beside a migration tool: its script runs the tool itself, rehearses on a copy of the project, proposes the stages
//! that wait as commits, and refuses what is out of turn.

use super::{CASES, Migrator, Project, the_case};
use crate::live::journey::prepared;
use crate::support::Server;
use std::path::Path;
use std::process::{Command, Output};

/// What a pipeline has in its environment: the database in parts, sidestep and the tool on the PATH.
fn pipeline(project: &Project, url: &str, arguments: &[&str]) -> Result<String, String> {
    let rest = url.split('@').nth(1).unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let (host, port) = server.split_once(':').unwrap();
    let mut command = project.command("bash");
    let tools =
        command.get_envs().find(|(n, _)| *n == "PATH").and_then(|(_, v)| v).unwrap().to_str().unwrap().to_owned();
    let sidestep = assert_cmd::cargo::cargo_bin("sidestep");
    command
        .arg("change/pipeline.sh")
        .args(arguments)
        .env("PATH", format!("{}:{tools}", sidestep.parent().unwrap().display()))
        .envs([("PGHOST", host), ("PGPORT", port), ("PGDATABASE", name), ("PGUSER", "postgres")])
        .envs([("PGPASSWORD", "p @/%&ä"), ("PGSSLMODE", "disable"), ("HOME", project.dir.path().to_str().unwrap())])
        .env("GITHUB_STEP_SUMMARY", project.path("../summary.md").with_file_name(format!("{name}.md")));
    super::run(command)
}

fn git(at: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(at).args([
        "-c",
        "user.name=Team",
        "-c",
        "user.email=team@localhost",
        "-c",
        "init.defaultBranch=main",
    ]);
    command.args(arguments).env("HOME", at).env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// One plan to its end, with the tool's own command as the format knows it.
fn runs(tool: &'static dyn Migrator, id: &str) {
    let case = the_case(id);
    let (server, source) = (Server::major(super::MAJOR), prepared(&case, super::MAJOR).unwrap());
    let project = Project::on(tool, super::Home::Postgresql(server.copy_of(&source.name)));
    let clone = server.copy_of(&project.database().name);
    let plan = sidestep::change::plan(&case.wish, &project.tables(), &case.policy).unwrap();
    project.write("plan.json", &serde_json::to_string_pretty(&plan).unwrap());
    let formats = format!("{},github-actions,gitlab-ci", tool.format());
    let folder = tool.folder();
    project
        .sidestep(&["export", "plan.json", "--format", &formats, "--out", "change", "--migrations", folder])
        .unwrap();
    let origin = tempfile::tempdir().unwrap();
    git(origin.path(), &["init", "-q", "--bare"]);
    git(project.dir.path(), &["init", "-q"]);
    git(project.dir.path(), &["remote", "add", "origin", origin.path().to_str().unwrap()]);
    git(project.dir.path(), &["add", "-A"]);
    git(project.dir.path(), &["commit", "-q", "-m", "All"]);
    let ok = |url: &str, arguments: &[&str]| {
        pipeline(&project, url, arguments).unwrap_or_else(|why| panic!("{} {arguments:?}: {why}", tool.format()))
    };
    let not = |arguments: &[&str], because: &str| {
        let said = pipeline(&project, project.url(), arguments).expect_err("it was taken");
        assert!(said.contains(because), "{arguments:?}: {said}");
    };
    let url = project.url().to_owned();
    let stages: Vec<String> = ok(&url, &["stages"]).lines().map(str::to_owned).collect();
    assert!(!stages.is_empty());
    ok(&url, &["verify"]);
    ok(&url, &["lint"]);

    let shape = |url: &str| {
        let mut command = project.command("psql");
        command.args(["-XAtc", "SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute JOIN pg_class c ON c.oid = attrelid \
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2", url]);
        super::run(command).unwrap()
    };
    let before = shape(&url);
    let said = ok(&clone.url, &["rehearse"]);
    for stage in &stages {
        assert!(said.contains(&format!("== stage {stage} took")), "{said}");
    }
    assert_ne!(shape(&clone.url), before);
    assert_eq!(shape(&url), before, "the rehearsal has touched the database itself");
    assert!(
        git(project.dir.path(), &["status", "--porcelain"]).stdout.is_empty(),
        "the rehearsal has touched the project"
    );

    for (at, stage) in stages.iter().enumerate() {
        if project.path(&format!("change/{stage}")).exists() {
            not(&["stage", stage], "is not in the folder of your migration tool yet");
            let branch = format!("sidestep-{stage}");
            ok(&url, &["promote", stage, &branch]);
            let log = git(origin.path(), &["log", "--format=%s", &branch]);
            assert!(
                String::from_utf8_lossy(&log.stdout).starts_with(&format!("Promote stage {stage} of plan {}", plan.id))
            );
            assert!(
                git(project.dir.path(), &["status", "--porcelain"]).stdout.is_empty(),
                "all of it is in the commit"
            );
            assert!(ok(&url, &["promote", stage, &branch]).contains("already"));
            if let Some(before) = at.checked_sub(1) {
                assert!(ok(&url, &["stage", &stages[before]]).contains("is in the tool's folder by now"));
            }
        }
        if let Some(later) = stages.get(at + 2) {
            not(&["promote", later], "comes before");
        }
        ok(&url, &["stage", stage]);
        ok(&url, &["stage", stage]);
    }
    assert_eq!(shape(&url), shape(&clone.url));
    ok(&url, &["verify"]);
    not(&["stage", "nonsense"], "usage:");
}

#[test]
fn dbmate_is_run_by_a_pipeline() {
    runs(&super::dbmate::TOOL, CASES[0]);
}

/// The tools whose command needs nothing of the project but a folder and the database; refinery stops for psql.
#[test]
#[ignore = "tests/run --exports"]
fn others_are_run_by_a_pipeline() {
    runs(&super::refinery::TOOL, CASES[1]);
    runs(&super::sqlx::TOOL, CASES[2]);
    runs(&super::diesel::TOOL, CASES[3]);
    runs(&super::sqitch::TOOL, CASES[0]);
    runs(&super::liquibase::TOOL, CASES[0]);
}
