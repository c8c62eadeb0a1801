//! Exports: golden files, the writing of directories, and names that want out of them.

use crate::support::sandbox::{Sandbox, sample_plan};
use proptest::prelude::*;
use sidestep::export::{ExportError, ExportOptions, FORMATS, FileSet, export, package, plan_of};
use sidestep::plan::{Act, Plan, Undo};
use std::fs;

/// As a plan of today: the file is from before a backfill said where it begins.
fn sample() -> Plan {
    let mut plan: Plan = serde_json::from_str(&fs::read_to_string(sample_plan()).unwrap()).unwrap();
    for step in plan.phases.iter_mut().flat_map(|p| &mut p.steps) {
        if let Act::Backfill { backfill, .. } = &mut step.act {
            let needed = "name IS NOT NULL AND first_name IS NULL";
            backfill.start_key = format!("SELECT id FROM public.users WHERE {needed} ORDER BY id LIMIT 1");
            backfill.resume_key =
                format!("SELECT id FROM public.users WHERE id > :hi AND ({needed}) ORDER BY id LIMIT 1");
            backfill.end_key = "SELECT id FROM (SELECT id FROM public.users WHERE id >= :lo ORDER BY id LIMIT :n) AS batch ORDER BY id DESC LIMIT 1".to_owned();
        }
    }
    plan
}

/// The files; none where the tool has no words for the plan and says so.
fn exported(plan: &Plan, format: &str) -> Option<FileSet> {
    match export(plan, format, &ExportOptions::default()) {
        Ok(files) => Some(files),
        Err(ExportError::Inexpressible { .. }) => None,
        Err(why) => panic!("{format}: {why}"),
    }
}

fn listing(files: &FileSet) -> String {
    let known = |path: &str| path == "plan.json" || path == "sidestep.json";
    files
        .iter()
        .filter(|(path, _)| !known(path))
        .map(|(path, content)| format!("==> {path} <==\n{content}\n"))
        .collect()
}

/// Style and script of the page stand in `assets/`, and are looked at in a browser.
fn without_assets(text: &str) -> String {
    let mut out = text.to_owned();
    for (from, to) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("style-src 'sha256-", "'; script"),
        ("script-src 'sha256-", "'; base"),
    ] {
        if let Some(start) = out.find(from).map(|at| at + from.len())
            && let Some(length) = out[start..].find(to)
        {
            out.replace_range(start..start + length, "[…]");
        }
    }
    out
}

#[test]
fn golden_files_of_every_format() {
    for format in FORMATS.iter().filter(|f| f.name != "json") {
        let Some(files) = exported(&sample(), format.name) else { continue };
        insta::assert_snapshot!(format!("export_{}", format.name), without_assets(&listing(&files)));
    }
}

#[test]
fn every_file_carries_the_hash_and_json_is_the_plan() {
    let plan = sample();
    for format in FORMATS {
        let Some(files) = exported(&plan, format.name) else { continue };
        assert_eq!(files, export(&plan, format.name, &ExportOptions::default()).unwrap());
        let package = package(&plan, &[format.name], &ExportOptions::default(), None, false).unwrap();
        for (path, content) in package.files.iter().chain(&package.migrations) {
            // What a tool keeps about all its files is the tool's.
            assert!(package.shared.contains(path) || plan_of(content) == Some(plan.id.as_str()), "{path}");
            // That is how `lint` knows that a file is still what was reviewed.
            let sealed = !path.ends_with(".sql") || sidestep::export::sealed_plan(content).is_some();
            assert!(package.shared.contains(path) || sealed, "{} {path}", format.name);
        }
    }
    let json = export(&plan, "json", &ExportOptions::default()).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json["plan.json"]).unwrap(), plan);
}

#[test]
fn flyway_counts_from_the_version_that_was_given() {
    let options = ExportOptions { start_version: Some(20_261_121_000_001), ..ExportOptions::default() };
    let files = export(&sample(), "flyway", &options).unwrap();
    let first = files.keys().find(|p| p.starts_with("sql/V")).unwrap();
    assert!(first.starts_with("sql/V20261121000001__"), "{first}");
}

#[test]
fn what_a_client_would_take_for_its_own_command_is_refused() {
    let mut plan = sample();
    for sql in ["DO $$ BEGIN END $$ \\! touch /tmp/x", "SELECT 1; DROP TABLE users", ""] {
        if let Act::Sql { sql: statements, .. } = &mut plan.phases[0].steps[0].act {
            *statements = vec![sql.to_owned()];
        }
        assert!(export(&plan, "psql", &ExportOptions::default()).is_err(), "{sql}");
    }
}

#[test]
fn a_damaged_plan_is_refused() {
    for change in [
        |p: &mut Plan| p.id = "../../etc/passwd".to_owned(),
        |p: &mut Plan| p.phases[0].steps[0].id = "1'; \\! sh".to_owned(),
        |p: &mut Plan| p.releases[0].id = "R0\n".to_owned(),
    ] {
        let mut plan = sample();
        change(&mut plan);
        for format in FORMATS {
            assert!(export(&plan, format.name, &ExportOptions::default()).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever a table, a title or a reason is called, the files stay in their directory and comments stay comments.
    #[test]
    fn hostile_names_stay_inside(text in any::<String>()) {
        let mut plan = sample();
        plan.title = text.clone();
        plan.database = text.clone();
        for step in plan.phases.iter_mut().flat_map(|p| &mut p.steps) {
            step.title = text.clone();
            step.why = text.clone();
            step.abort_if = vec![text.clone()];
            if let Undo::PointOfNoReturn { because } = &mut step.undo {
                *because = text.clone();
            }
            if let Act::Approve { question } = &mut step.act {
                *question = text.clone();
            }
        }
        for release in &mut plan.releases {
            release.title = text.clone();
            release.instructions = vec![text.clone()];
        }
        for format in FORMATS {
            let Some(files) = exported(&plan, format.name) else { continue };
            for (path, content) in &files {
                prop_assert!(path.split('/').all(|part| !part.is_empty() && !part.starts_with('.')), "{path}");
                let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
                prop_assert!(path.chars().all(safe), "{path}");
                prop_assert!(path.len() < 200);
                if format.name != "json" && !path.ends_with(".sql") {
                    let escape = char::from(27);
                    let scripts = usize::from(path.ends_with(".html"));
                    prop_assert!(!content.contains(escape) && content.matches("<script").count() == scripts);
                }
            }
        }
        // A SQL file has as many lines as with harmless names: nothing broke out of its comment.
        let lines = |plan: &Plan| -> Vec<usize> {
            export(plan, "psql", &ExportOptions::default()).unwrap().into_iter()
                .filter(|(p, _)| p.ends_with(".sql")).map(|(_, c)| c.lines().count()).collect()
        };
        let mut tame = plan.clone();
        for step in tame.phases.iter_mut().flat_map(|p| &mut p.steps) {
            step.title = "x".to_owned();
            step.why = if text.is_empty() { String::new() } else { "x".to_owned() };
            step.abort_if = vec!["x".to_owned()];
        }
        let (mut a, mut b) = (lines(&plan), lines(&tame));
        a.sort_unstable();
        b.sort_unstable();
        prop_assert_eq!(a, b);
    }
}

#[test]
fn an_export_is_whole_or_not_there() {
    let sandbox = Sandbox::new();
    let plan = sample_plan().to_str().unwrap();
    let go = |out: &str, more: &[&str]| {
        let mut arguments = vec!["export", plan, "--format", "psql,runbook,json", "--out", out];
        arguments.extend(more);
        sandbox.run(&arguments)
    };
    assert!(go("deep/er/out", &[]).starts_with("exit: 0\n"));
    let before = tree(&sandbox, "deep/er/out");
    assert!(go("deep/er/out", &[]).starts_with("exit: 0\n"), "the same again is fine");
    assert_eq!(tree(&sandbox, "deep/er/out"), before);
    assert_eq!(fs::read_dir(sandbox.path("deep/er")).unwrap().count(), 1, "nothing is left beside it");

    // Somebody filled in the runbook.
    let runbook = sandbox.path("deep/er/out/RUNBOOK.md");
    fs::write(&runbook, format!("{}\nPR 17\n", fs::read_to_string(&runbook).unwrap())).unwrap();
    insta::assert_snapshot!(go("deep/er/out", &[]), @r"
    exit: 2
    --- stderr
    error: `deep/er/out` holds this export, but `deep/er/out/RUNBOOK.md` was changed
      hint: `sidestep verify DIR` lists them; give --out another directory, or --replace to write them again
    ");
    assert!(go("deep/er/out", &["--replace"]).starts_with("exit: 0\n"));
    assert_eq!(tree(&sandbox, "deep/er/out"), before);

    // Another plan: its files do not mix with these.
    sandbox.run(&["plan", "demo", "--sql", "ALTER TABLE users ADD COLUMN x int", "-o", "other.json"]);
    assert!(
        sandbox.run(&["export", "other.json", "--format", "psql", "--out", "deep/er/out"]).starts_with("exit: 2\n")
    );
    let told = sandbox.run(&["export", "other.json", "--format", "psql", "--out", "deep/er/out", "--replace"]);
    assert!(told.starts_with("exit: 0\n"), "{told}");
    assert!(!sandbox.path("deep/er/out/contract").exists() && !runbook.exists());
}

#[test]
fn foreign_files_are_never_touched() {
    let sandbox = Sandbox::new();
    let plan = sample_plan().to_str().unwrap();
    sandbox.write("out/ORDER.md", "mine");
    sandbox.write("out/deep/mine.txt", "mine");
    insta::assert_snapshot!(sandbox.run(&["export", plan, "--format", "psql", "--out", "out", "--replace"]), @r"
    exit: 2
    --- stderr
    error: `out` holds files that sidestep did not write: `ORDER.md`, `deep/mine.txt`
      hint: give --out a new or empty directory, and move the files from there
    ");
    assert_eq!(
        tree(&sandbox, "out"),
        [("ORDER.md".to_owned(), "mine".to_owned()), ("deep/mine.txt".into(), "mine".into())]
    );
    sandbox.write("file", "");
    insta::assert_snapshot!(sandbox.run(&["export", plan, "--format", "psql", "--out", "file"]), @r"
    exit: 2
    --- stderr
    error: `file` is not a directory
    ");
    fs::create_dir(sandbox.path("linked")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("out"), sandbox.path("linked/expand")).unwrap();
    assert!(sandbox.run(&["export", plan, "--format", "psql", "--out", "linked"]).starts_with("exit: 2\n"));
}

#[test]
fn a_directory_that_cannot_be_written_stays_as_it_is() {
    let sandbox = Sandbox::new();
    let plan = sample_plan().to_str().unwrap();
    // Root may write anywhere, but nobody can create a directory below a file.
    sandbox.write("file", "");
    insta::assert_snapshot!(sandbox.run(&["export", plan, "--format", "psql", "--out", "file/out"]), @r"
    exit: 2
    --- stderr
    error: cannot look into `file/out`
      because: Not a directory (os error 20)
    ");
    let told = sandbox.run(&["export", plan, "--format", "psql", "--out", "/proc/sidestep"]);
    assert!(told.starts_with("exit: 2\n--- stderr\nerror: cannot write into `/proc/sidestep`"), "{told}");
}

fn tree(sandbox: &Sandbox, root: &str) -> Vec<(String, String)> {
    let root = sandbox.path(root);
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(&root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(entry.path()).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_database_that_has_changed_since_is_told() {
    let sandbox = Sandbox::new();
    sandbox.run(&["inspect", "demo", "-o", "then.json"]);
    let told =
        sandbox.run(&["plan", "then.json", "--sql", "CREATE INDEX orders_note ON orders (note)", "-o", "p.json"]);
    assert!(told.starts_with("exit: 0\n"), "{told}");
    let go = |out: &str, target: &str| {
        sandbox.run(&["export", "p.json", "--format", "psql,json", "--out", out, "--target", target])
    };
    assert!(!go("same", "then.json").contains("warning"), "nothing has changed");
    let mut now: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(sandbox.path("then.json")).unwrap()).unwrap();
    let text = serde_json::to_string(&now).unwrap();
    let newer = text.replace("\"15.4\"", "\"12.3\"");
    assert_ne!(text, newer);
    now = serde_json::from_str(&newer).unwrap();
    sandbox.write("now.json", serde_json::to_string(&now).unwrap());
    let told = go("other", "now.json");
    assert!(told.starts_with("exit: 0\n"), "a warning stops nothing: {told}");
    assert!(told.contains("the plan is for PostgreSQL 15.4, the server is PostgreSQL 12.3"), "{told}");
    let told = sandbox.run(&["verify", "other", "--target", "now.json"]);
    assert!(told.starts_with("exit: 1\n") && told.contains("the server is PostgreSQL 12.3"), "{told}");
    assert!(sandbox.run(&["verify", "other", "--target", "then.json"]).starts_with("exit: 0\n"));
}

#[test]
fn stages_are_promoted_one_by_one_and_number_themselves_then() {
    let sandbox = Sandbox::new();
    sandbox.run(&["plan", "demo", "--sql", "ALTER TABLE products RENAME COLUMN price TO cost", "-o", "p.json"]);
    sandbox.write("db/migrations/000041_team.up.sql", "SELECT 1;\n");
    let export = ["export", "p.json", "--format", "golang-migrate", "--out", "change", "--migrations", "db/migrations"];
    let told = sandbox.run(&export);
    assert!(told.contains("db/migrations/000042_"), "{told}");
    let before = tree(&sandbox, "");
    assert!(sandbox.run(&export).starts_with("exit: 0\n"));
    assert_eq!(tree(&sandbox, ""), before, "the same again changes nothing");
    let count = fs::read_dir(sandbox.path("db/migrations")).unwrap().count();
    assert!(!before.iter().any(|(path, content)| path.starts_with("db/") && content.contains("DROP COLUMN price")));

    // The team goes on meanwhile.
    sandbox.write("db/migrations/000900_team.up.sql", "SELECT 1;\n");
    let told = sandbox.run(&["promote", "change"]);
    assert!(
        told.contains("db/migrations/000901_") && told.contains("run it only when release R1 is deployed"),
        "{told}"
    );
    assert!(!sandbox.path("change/contract").exists());
    assert!(fs::read_dir(sandbox.path("db/migrations")).unwrap().count() > count + 1);
    assert!(sandbox.run(&["verify", "change"]).starts_with("exit: 0\n"));
    assert!(sandbox.run(&["promote", "change"]).contains("in the tool's folder already"));
    let again = tree(&sandbox, "");
    assert!(sandbox.run(&export).starts_with("exit: 0\n"));
    assert_eq!(tree(&sandbox, ""), again, "nor does it after a promotion");

    // Edited, taken away, damaged.
    let first = again.iter().find(|(path, _)| path.starts_with("db/migrations/000042_")).unwrap();
    sandbox.write(&first.0, format!("{}\n-- edited\n", first.1));
    let told = sandbox.run(&["verify", "change"]);
    assert!(told.starts_with("exit: 1\n") && told.contains("was changed"), "{told}");
    assert!(sandbox.run(&export).starts_with("exit: 2\n"));
    fs::remove_file(sandbox.path(&first.0)).unwrap();
    assert!(sandbox.run(&["verify", "change"]).contains("is missing"));
    let manifest = fs::read_to_string(sandbox.path("change/sidestep.json")).unwrap();
    sandbox.write("change/sidestep.json", manifest.replace("ORDER.md", "../../ORDER.md"));
    assert!(sandbox.run(&["verify", "change"]).contains("names a file outside"));
    sandbox.write("change/sidestep.json", "{");
    assert!(sandbox.run(&["promote", "change"]).starts_with("exit: 3\n"));
    assert!(sandbox.run(&["promote", "nowhere"]).contains("holds no export"));
}

/// Each kind of wrong input has its own words and its own exit code: 2 for how it was called, 3 for a plan that is none, 4 for
/// what cannot be done.
#[test]
fn what_is_wrong_with_the_input_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("wish.sql", "ALTER TABLE users RENAME COLUMN email TO mail");
    assert!(sandbox.run(&["plan", "demo", "wish.sql", "-o", "plan.json"]).starts_with("exit: "));
    let text = fs::read_to_string(sandbox.path("plan.json")).unwrap();
    sandbox.write("newer.json", text.replacen("\"format\": 1", "\"format\": 99", 1));
    sandbox.write("edited.json", text.replacen("Rename", "Retain", 1));
    sandbox.write("atlas/atlas.sum", "h1:nonsense=\n");
    sandbox.write("atlas/20250101000000_a.sql", "SELECT 1;\n");
    sandbox.write("drizzle/meta/_journal.json", "nonsense");
    sandbox.write("theirs/notes.txt", "ours");
    let told: Vec<String> = [
        "plan.json --format flyway,goose --out out",
        "plan.json --format pgroll,github-actions --out out",
        "plan.json --format psql --migrations db --out out",
        "plan.json --format flyway --out theirs",
        "plan.json --format atlas --out out --migrations atlas",
        "plan.json --format drizzle --out out --migrations drizzle",
        "newer.json --format psql --out out",
        "edited.json --format psql --out out",
        "wish.sql --format psql --out out",
    ]
    .iter()
    .map(|words| {
        let arguments: Vec<&str> = std::iter::once("export").chain(words.split(' ')).collect();
        format!("$ sidestep export {words}\n{}", sandbox.run(&arguments))
    })
    .collect();
    assert!(!sandbox.path("out").exists(), "nothing is written");
    // A saved plan that is another one is found too.
    sandbox.write("wish2.sql", "COMMENT ON TABLE users IS 'people'");
    assert!(sandbox.run(&["plan", "demo", "wish2.sql", "-o", "other.json"]).starts_with("exit: 0\n"));
    assert!(sandbox.run(&["export", "plan.json", "--format", "flyway", "--out", "out"]).starts_with("exit: 0\n"));
    fs::copy(sandbox.path("other.json"), sandbox.path("out/plan.json")).unwrap();
    assert!(sandbox.run(&["verify", "out"]).contains("is another plan"));
    assert!(sandbox.run(&["promote", "out"]).starts_with("exit: 3\n"));
    insta::assert_snapshot!(told.join("\n"));
}
