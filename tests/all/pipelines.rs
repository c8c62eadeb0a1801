//! Pipelines: public linters accept them, no name of a plan means anything in them, and their script really lints, verifies,
//! rehearses and applies.

use crate::support::linters;
use crate::support::sandbox::{Sandbox, sample_plan};
use crate::support::{Database, Server, majors};
use sidestep::export::{ExportOptions, export, folder_of, package};
use sidestep::plan::{Act, Plan, Policy};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

fn sample() -> Plan {
    serde_json::from_str(&fs::read_to_string(sample_plan()).unwrap()).unwrap()
}

/// Names that mean something to YAML, GitHub, GitLab and the shell.
fn hostile() -> Plan {
    let text = "x' \" ${{ github.token }} $CI_JOB_TOKEN `touch pwned` $(touch pwned)\n    - run: evil # : & * !!x \u{85}\u{2028}";
    let mut plan = sample();
    plan.title = text.to_owned();
    plan.database = text.to_owned();
    for release in &mut plan.releases {
        release.title = text.to_owned();
    }
    for step in plan.phases.iter_mut().flat_map(|p| &mut p.steps) {
        step.title = text.to_owned();
        match &mut step.act {
            Act::Approve { question } => *question = text.to_owned(),
            Act::Wait { until, .. } => *until = text.to_owned(),
            _ => {}
        }
    }
    plan
}

fn written(plan: &Plan, format: &str) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    for (path, content) in export(plan, format, &ExportOptions::default()).unwrap() {
        let to = directory.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, content).unwrap();
    }
    let name = if format == "github-actions" { "github-actions.yml" } else { "gitlab-ci.yml" };
    let file = directory.path().join(name);
    (directory, file)
}

#[test]
fn public_linters_accept_them() {
    let demo = |sql: &str| sidestep::change::plan(sql, &sidestep::db::demo(), &Policy::default()).unwrap();
    let plans = [
        sample(),
        hostile(),
        demo("ALTER TABLE users RENAME COLUMN email TO mail"),
        demo("COMMENT ON TABLE users IS 'people'"),
        demo("ALTER TABLE users DROP COLUMN name"),
    ];
    for plan in plans {
        let (directory, file) = written(&plan, "github-actions");
        assert_eq!(linters::actionlint(&file), Ok(()), "{}", plan.title);
        assert_eq!(linters::schema("vendor.github-workflows", &file), Ok(()), "{}", plan.title);
        assert_eq!(linters::shellcheck(&directory.path().join("pipeline.sh")), Ok(()), "{}", plan.title);
        let (_directory, file) = written(&plan, "gitlab-ci");
        assert_eq!(linters::schema("vendor.gitlab-ci", &file), Ok(()), "{}", plan.title);
    }
}

fn beside(plan: &Plan, tool: &str, pipeline: &str) -> Result<sidestep::export::FileSet, sidestep::export::ExportError> {
    package(plan, &[tool, pipeline], &ExportOptions::default(), None, false).map(|p| p.files)
}

#[test]
fn beside_a_migration_tool_they_run_that() {
    let demo = |sql: &str| sidestep::change::plan(sql, &sidestep::db::demo(), &Policy::default()).unwrap();
    let plans = [
        sample(),
        hostile(),
        demo("ALTER TABLE users DROP COLUMN name"),
        demo("ALTER TABLE orders ALTER id TYPE bigint"),
    ];
    for tool in sidestep::export::FORMATS.iter().map(|f| f.name).filter(|f| folder_of(f).unwrap().is_some()) {
        if tool == "pgroll" {
            let why = beside(&demo("ALTER TABLE users DROP COLUMN name"), tool, "gitlab-ci").unwrap_err();
            assert!(why.to_string().contains("pgroll has steps of its own"), "{why}");
            continue;
        }
        for (at, plan) in plans.iter().enumerate() {
            let directory = TempDir::new().unwrap();
            let keep = |name: &str, text: &str| {
                fs::write(directory.path().join(name), text).unwrap();
                directory.path().join(name)
            };
            let github = beside(plan, tool, "github-actions").unwrap();
            let gitlab = beside(plan, tool, "gitlab-ci").unwrap();
            assert!(!github.keys().any(|p| p.starts_with("expand/")), "no psql files beside {tool}");
            let script = &github["pipeline.sh"];
            assert_eq!(*script, gitlab["pipeline.sh"]);
            // The same before and after every promotion: what runs is what was reviewed.
            let first = package(plan, &[tool, "gitlab-ci"], &ExportOptions::default(), None, false).unwrap();
            if first.manifest.stages.iter().any(|s| s.first.is_none()) {
                let options = ExportOptions { present: first.migrations.clone(), ..ExportOptions::default() };
                let then = package(plan, &[tool, "gitlab-ci"], &options, Some(&first.manifest), true).unwrap();
                assert_eq!(then.files["pipeline.sh"], *script);
                assert_eq!(then.files["gitlab-ci.yml"], gitlab["gitlab-ci.yml"]);
            }
            // Every tool has its command; the files of two tools differ in nothing else that a linter reads.
            if at == 0 || tool == "refinery" {
                assert_eq!(linters::shellcheck(&keep("pipeline.sh", script)), Ok(()), "{tool} {}", plan.title);
            }
            if tool == "flyway" && at > 0 {
                let file = keep("github-actions.yml", &github["github-actions.yml"]);
                assert_eq!(linters::actionlint(&file), Ok(()), "{tool} {}", plan.title);
                assert_eq!(linters::schema("vendor.github-workflows", &file), Ok(()), "{tool} {}", plan.title);
                let file = keep("gitlab-ci.yml", &gitlab["gitlab-ci.yml"]);
                assert_eq!(linters::schema("vendor.gitlab-ci", &file), Ok(()), "{tool} {}", plan.title);
            }
        }
    }
    let text = |format: &str, file: &str| beside(&sample(), "flyway", format).unwrap()[file].clone();
    insta::assert_snapshot!("pipeline_github_of_a_tool", text("github-actions", "github-actions.yml"));
    insta::assert_snapshot!("pipeline_gitlab_of_a_tool", text("gitlab-ci", "gitlab-ci.yml"));
}

/// What a linter of YAML reads of a hostile plan is what it reads of a tame one: names are in comments only.
#[test]
fn names_mean_nothing_in_a_pipeline() {
    let values = |plan: &Plan, format: &str, file: &str| -> Vec<String> {
        let files = export(plan, format, &ExportOptions::default()).unwrap();
        files[file].lines().filter(|l| !l.trim_start().starts_with('#')).map(str::to_owned).collect()
    };
    for (format, file) in [("github-actions", "github-actions.yml"), ("gitlab-ci", "gitlab-ci.yml")] {
        assert_eq!(values(&hostile(), format, file), values(&sample(), format, file));
    }
    let (directory, _) = written(&hostile(), "gitlab-ci");
    let told = Command::new("bash").arg(directory.path().join("pipeline.sh")).arg("stages").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stdout), "expand\nafter_r1\ncontract\n");
    assert!(!directory.path().join("pwned").exists());
}

fn pipeline(home: &Sandbox, database: &Database, arguments: &[&str]) -> (Option<i32>, String) {
    let (_, rest) = database.url.split_once('@').unwrap();
    let (address, name) = rest.split_once('/').unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let binary = assert_cmd::cargo::cargo_bin("sidestep");
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .arg("out/pipeline.sh")
        .args(arguments)
        .current_dir(home.path(""))
        .env_clear()
        .envs([
            ("PATH", path.as_str()),
            ("PGHOST", host),
            ("PGPORT", port),
            ("PGDATABASE", name),
            ("PGUSER", "postgres"),
        ])
        .env("HOME", home.path(""))
        .env("GITHUB_STEP_SUMMARY", home.path("summary.md"))
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn its_script_rehearses_and_applies() {
    let server = Server::major(majors().into_iter().max().unwrap());
    let (clone, production) = (server.fresh_database(), server.fresh_database());
    for database in [&clone, &production] {
        let mut sql = database.session();
        sql.run("CREATE TABLE users (id bigserial PRIMARY KEY, name text)");
        sql.run("INSERT INTO users (name) SELECT 'First' || i || ' Last' FROM generate_series(1, 100) i");
    }
    let home = Sandbox::new();
    home.write("wish.sql", "ALTER TABLE users ADD COLUMN first_name text, ADD COLUMN last_name text; \
        UPDATE users SET first_name = split_part(name, ' ', 1), last_name = split_part(name, ' ', 2); ALTER TABLE users DROP COLUMN name");
    let told = home.run(&["plan", &production.url, "wish.sql", "--strategy", "online", "-o", "plan.json"]);
    assert!(told.starts_with("exit: 0"), "{told}");
    let told = home.run(&["export", "plan.json", "--format", "psql,json,github-actions,gitlab-ci", "--out", "out"]);
    assert!(told.starts_with("exit: 0"), "{told}");

    let ok = |database, arguments: &[&str]| {
        let (status, told) = pipeline(&home, database, arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {told}");
        told
    };
    let stages: Vec<String> = ok(&production, &["stages"]).lines().map(str::to_owned).collect();
    assert!(stages.len() > 1 && stages[0] == "expand" && stages.last().unwrap().starts_with("contract"), "{stages:?}");
    ok(&production, &["verify"]);
    ok(&production, &["lint"]);

    let columns = |database: &Database| {
        database.session().value("SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped")
    };
    let told = ok(&clone, &["rehearse"]);
    assert!(told.contains("== stage expand took") && told.contains("Time: "), "{told}");
    assert_eq!(columns(&clone), "first_name id last_name");
    let summary = fs::read_to_string(home.path("summary.md")).unwrap();
    assert!(summary.contains("| step of expand | took |\n|---|---|\n| 1.1 | "), "{summary}");

    // Out of turn nothing happens; in turn everything, and twice does no harm.
    let (status, told) = pipeline(&home, &production, &["stage", stages.last().unwrap()]);
    assert!(
        status == Some(1) && told.contains("release R1 uses public.users.first_name, public.users.last_name"),
        "{told}"
    );
    assert_eq!(columns(&production), "id name");
    for stage in &stages {
        ok(&production, &["stage", stage]);
        ok(&production, &["stage", stage]);
    }
    assert_eq!(columns(&production), "first_name id last_name");
    assert_eq!(pipeline(&home, &production, &["stage", "nonsense"]).0, Some(2));

    // An edited file is no longer what was reviewed, and a dangerous one is found.
    home.write("out/expand/99_more.sql", "ALTER TABLE users ADD COLUMN c int DEFAULT random(); VACUUM FULL users");
    let (status, told) = pipeline(&home, &production, &["lint"]);
    assert!(status == Some(1) && told.contains("danger"), "{told}");
    let plan: Plan = serde_json::from_str(&fs::read_to_string(home.path("plan.json")).unwrap()).unwrap();
    let first = export(&plan, "psql", &ExportOptions::default())
        .unwrap()
        .into_keys()
        .find(|p| p.starts_with("expand/"))
        .unwrap();
    home.write(&format!("out/{first}"), "SELECT 1;\n");
    assert_eq!(pipeline(&home, &production, &["verify"]).0, Some(1));
}
