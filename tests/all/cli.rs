//! The command line as users meet it: help, data on stdout, talk on stderr, exit codes.

use crate::support::sandbox::{Sandbox, sample_plan};
use std::fs;

#[test]
fn help_of_every_command_is_the_reference() {
    let sandbox = Sandbox::new();
    let commands =
        ["", "demo", "inspect", "plan", "review", "export", "lint", "explain", "config", "completions", "man"];
    let mut all = String::new();
    for command in commands {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|a| !a.is_empty()).collect();
        all.push_str(&format!("$ sidestep {}\n{}\n", arguments.join(" "), sandbox.run(&arguments)));
    }
    insta::assert_snapshot!("help", all);
}

#[test]
fn wrong_commands_are_usage_errors() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for arguments in [
        &["plan"][..],
        &["plan", "demo"],
        &["plan", "demo", "--sql", "x", "y.sql"],
        &["plan", "demo", "--sql", "x", "--lock-timeout", "soon"],
        &["export", "p.json", "--format", "psql"],
        &["frobnicate", "--now"],
        &["man", "nothing"],
        &["explain", "lock-que"],
        &["plan", "demo", "--sql", "x", "--ignore", "lock-queue"],
        &["plan", "demo", "--sql", "x", "--ignore", "lock-queu=for a reason"],
        &[],
    ] {
        let told = sandbox.run(arguments);
        assert!(told.starts_with("exit: 2\n"), "{arguments:?}: {told}");
        all.push_str(&format!("$ sidestep {}\n{told}\n", arguments.join(" ")));
    }
    insta::assert_snapshot!("usage", all);
}

#[test]
fn formats_completions_and_pages_are_data() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("formats", sandbox.run(&["export", "--list-formats"]));
    for shell in ["bash", "zsh", "fish"] {
        assert!(sandbox.run(&["completions", shell]).starts_with("exit: 0\n--- stdout\n"));
    }
    assert!(sandbox.run(&["man"]).contains(".TH sidestep 1"));
    assert!(sandbox.run(&["man", "plan"]).contains("fail\\-on"));
}

#[test]
fn the_default_configuration_is_a_configuration() {
    let sandbox = Sandbox::new();
    let told = sandbox.run(&["config", "init"]);
    let default = told.strip_prefix("exit: 0\n--- stdout\n").unwrap();
    sandbox.write("config/sidestep/config.toml", default);
    assert!(sandbox.run(&["inspect", "demo", "--json"]).starts_with("exit: 0\n"));
    // Each commented setting, switched on, is the built-in default.
    let all_on: String = default
        .lines()
        .take_while(|l| !l.contains("[target") && !l.contains("[policy.ignore"))
        .map(|l| match l.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") => format!("{rest}\n"),
            _ => format!("{l}\n"),
        })
        .collect();
    let config: sidestep::config::Config<sidestep::plan::Policy> = sidestep::config::parse(&all_on).unwrap();
    assert_eq!(config.policy, sidestep::plan::Policy::default());
}

#[test]
fn a_wrong_configuration_names_file_line_and_neighbour() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("config/sidestep/config.toml", "[policy]\nlock_timout_ms = 5\n");
    insta::assert_snapshot!(sandbox.run(&["inspect", "demo"]), @r"
    exit: 2
    --- stderr
    error: [HOME]/config/sidestep/config.toml:2: there is no setting `lock_timout_ms` here
      hint: did you mean `lock_timeout_ms`?
    ");
    fs::remove_file(file).unwrap();
    insta::assert_snapshot!(sandbox.run(&["--config", "nowhere.toml", "inspect", "demo"]), @r"
    exit: 2
    --- stderr
    error: cannot read the configuration `nowhere.toml`
      because: No such file or directory (os error 2)
    ");
}

#[test]
fn bad_scripts_are_told_with_their_name() {
    let sandbox = Sandbox::new();
    sandbox.write("empty.sql", " \n\n");
    sandbox.write("binary.sql", b"\x7fELF\0\0\x01");
    sandbox.write("latin1.sql", b"ALTER TABLE t\n ADD caf\xe9 int;");
    fs::create_dir(sandbox.path("folder.sql")).unwrap();
    let mut all = String::new();
    for file in ["empty.sql", "binary.sql", "latin1.sql", "folder.sql", "missing.sql", "esc\u{1b}[31m.sql"] {
        all.push_str(&format!("{}\n", sandbox.run(&["plan", "demo", file])));
    }
    all.push_str(&sandbox.told(sandbox.command().args(["plan", "demo", "-"]).write_stdin("")));
    insta::assert_snapshot!("bad_scripts", all);
}

#[test]
fn bad_catalogs_are_told_with_their_name() {
    let sandbox = Sandbox::new();
    sandbox.write("newer.json", "{\"format\": 99}");
    sandbox.write("other.json", "{\"a\": 1}");
    sandbox.write("broken.json", "{\"format\": 1,\n");
    let mut all = String::new();
    for target in ["newer.json", "other.json", "broken.json", "missing.json"] {
        let told = sandbox.run(&["inspect", target]);
        assert!(told.starts_with("exit: 3\n"), "{target}: {told}");
        all.push_str(&format!("{told}\n"));
    }
    insta::assert_snapshot!("bad_catalogs", all);
}

#[test]
fn bad_plans_are_told_with_their_name() {
    let sandbox = Sandbox::new();
    sandbox.write("newer.json", "{\"format\": 2, \"phases\": []}");
    sandbox.write("catalog.json", "{\"format\": 1, \"tables\": []}");
    sandbox.write("text.json", "hello");
    let mut all = String::new();
    for plan in ["newer.json", "catalog.json", "text.json", "missing.json"] {
        all.push_str(&format!("{}\n", sandbox.run(&["export", plan, "--format", "psql", "--out", "x"])));
    }
    let plan = sample_plan().to_str().unwrap();
    all.push_str(&sandbox.run(&["export", plan, "--format", "pqsl", "--out", "x"]));
    assert!(!sandbox.path("x").exists());
    insta::assert_snapshot!("bad_plans", all);
}

#[test]
fn a_saved_catalog_stands_in_for_a_server() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["inspect", "demo", "-o", "shop.json"]), @r"
    exit: 0
    --- stderr
    wrote shop.json
    ");
    assert_eq!(sandbox.run(&["inspect", "shop.json"]), sandbox.run(&["inspect", "demo"]));
    let json = sandbox.command().args(["inspect", "shop.json", "--json"]).output().unwrap().stdout;
    let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(value["format"], 1);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let sandbox = Sandbox::new();
    let binary = assert_cmd::cargo::cargo_bin("sidestep");
    let script = format!("set -o pipefail; '{}' inspect demo --json | head -1", binary.display());
    let output =
        std::process::Command::new("bash").args(["-c", &script]).env("HOME", sandbox.path("")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\n");
}

const SPLIT: &str = "\
ALTER TABLE users ADD COLUMN first_name varchar(100), ADD COLUMN last_name varchar(100);
UPDATE users SET first_name = split_part(name, ' ', 1), last_name = nullif(split_part(name, ' ', 2), '');
ALTER TABLE users DROP COLUMN name;
ALTER TABLE users ADD COLUMN phone varchar(32) UNIQUE;
ALTER TABLE users ADD COLUMN status text NOT NULL DEFAULT 'active';
CREATE INDEX users_status_created_at_idx ON users (status, created_at DESC);
";

#[test]
fn a_plan_is_text_json_and_markdown() {
    let sandbox = Sandbox::new();
    sandbox.write("split.sql", SPLIT);
    let text = sandbox.run(&["plan", "demo", "split.sql", "-o", "plan.json"]);
    assert!(text.starts_with("exit: 0\n--- stdout\n"), "{text}");
    assert!(text.ends_with("--- stderr\nwrote plan.json\n"));
    assert!(!text.contains('\u{1b}'), "no colours into a pipe");
    assert!(text.contains("Compatibility") && text.contains("CREATE INDEX CONCURRENTLY"));
    let json = sandbox.command().args(["plan", "demo", "split.sql", "--json"]).output().unwrap().stdout;
    assert_eq!(json, fs::read(sandbox.path("plan.json")).unwrap(), "the file is what --json prints");
    let plan: sidestep::plan::Plan = serde_json::from_slice(&json).unwrap();
    assert_eq!(plan.format, 1);
    let markdown = sandbox.run(&["plan", "demo", "split.sql", "--format", "markdown"]);
    assert!(markdown.contains("# Runbook: Split"), "{markdown}");
    // The three ways to give SQL are one.
    let piped = sandbox.told(sandbox.command().args(["plan", "demo", "-", "--json"]).write_stdin(SPLIT));
    assert!(piped.contains(&format!("\"id\": \"{}\"", plan.id)));
    let inline = sandbox.run(&["plan", "demo", "--sql", SPLIT.trim_end(), "--json"]);
    assert!(inline.contains(&format!("\"id\": \"{}\"", plan.id)));
    let told = sandbox.run(&["export", "plan.json", "--format", "psql,flyway,runbook,json", "--out", "out"]);
    assert!(told.starts_with("exit: 2"), "psql and flyway both have an ORDER.md: {told}");
    assert!(
        sandbox.run(&["export", "plan.json", "--format", "psql,runbook,json", "--out", "out"]).starts_with("exit: 0")
    );
    // A plan that was edited is not the plan that was reviewed.
    let edited = String::from_utf8(json).unwrap().replace("varchar(32)", "varchar(16)");
    sandbox.write("plan.json", edited);
    let told = sandbox.run(&["export", "plan.json", "--format", "psql", "--out", "out2"]);
    assert!(told.starts_with("exit: 3\n") && told.contains("was changed after it was made"), "{told}");
}

#[test]
fn what_cannot_be_planned_is_shown_where_it_stands() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sql", "ALTER TABLE users ADD COLUMN x int;\n");
    sandbox
        .write("b.sql", "-- second file\nALTER TABLE usres ADD COLUMN y int;\n\nALTER TABLE users DROP COLUMN nmae;\n");
    let mut all = sandbox.run(&["plan", "demo", "a.sql", "b.sql"]);
    for sql in [
        "ALTER TABL users ADD x int",
        "ALTER TABLE users ADD COLUMN",
        "SELECT 1",
        "ALTER TABLE users ADD c text DEFAULT 'it",
    ] {
        let told = sandbox.run(&["plan", "demo", "--sql", sql]);
        assert!(told.starts_with("exit: 4\n--- stderr\n"), "{sql}: {told}");
        all.push_str(&format!("\n{told}"));
    }
    insta::assert_snapshot!("cannot_plan", all);
}

#[test]
fn hazards_decide_the_exit_code() {
    let sandbox = Sandbox::new();
    let drop = ["plan", "demo", "--sql", "ALTER TABLE users DROP COLUMN name", "--fail-on"];
    let code = |severity: &str| {
        let mut arguments = drop.to_vec();
        arguments.push(severity);
        sandbox.command().args(arguments).output().unwrap().status.code()
    };
    assert_eq!(["never", "danger", "warning", "note"].map(code), [Some(0), Some(1), Some(1), Some(1)]);
}

#[test]
fn policy_flags_reach_the_plan() {
    let sandbox = Sandbox::new();
    let flags =
        ["--sync", "app", "--strategy", "online", "--lock-timeout", "1500ms", "--batch-rows", "123", "--max-lag", "7"];
    let mut arguments = vec!["plan", "demo", "--json", "--sql", "ALTER TABLE users ADD COLUMN x int"];
    arguments.extend(flags);
    let plan: sidestep::plan::Plan =
        serde_json::from_slice(&sandbox.command().args(arguments).output().unwrap().stdout).unwrap();
    let policy = plan.policy;
    assert_eq!((policy.lock_timeout_ms, policy.batch_rows, policy.max_lag_s), (1500, 123, 7));
    assert_eq!(policy.sync, sidestep::plan::Sync::App);
}

#[test]
fn lint_judges_files_as_they_are() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001.sql", "-- first\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n");
    sandbox.write("db/002.sql", "CREATE INDEX i ON orders (note);\nCREATE INDEX CONCURRENTLY j ON orders (note);\n");
    let told = sandbox.run(&["lint", "demo", "db/001.sql", "db/002.sql"]);
    assert!(told.starts_with("exit: 1\n"), "{told}");
    insta::assert_snapshot!("lint_text", told);
    insta::assert_snapshot!(
        "lint_github",
        sandbox.run(&["lint", "demo", "db/001.sql", "db/002.sql", "--format", "github"])
    );
    insta::assert_snapshot!(
        "lint_without_target",
        sandbox.run(&["lint", "db/001.sql", "db/002.sql", "--assume", "11"])
    );
    let sarif = sandbox.command().args(["lint", "demo", "db/002.sql", "--format", "sarif"]).output().unwrap().stdout;
    let sarif: serde_json::Value = serde_json::from_slice(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
    let json = sandbox.command().args(["lint", "demo", "db/002.sql", "--json"]).output().unwrap().stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["format"], json["statements"].as_array().unwrap().len()), (&1.into(), 2));
    assert!(sandbox.run(&["lint", "demo", "db/002.sql", "--fail-on", "never"]).starts_with("exit: 0\n"));
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_so() {
    let sandbox = Sandbox::new();
    for (target, code) in [
        ("postgresql://ann:secret@127.0.0.1:1/shop?connect_timeout=2", 3),
        ("postgresql://ann@%2Fnowhere/shop", 3),
        ("mysql://ann:secret@127.0.0.1:1/shop", 3),
        ("oracle://x", 2),
        ("shop", 2),
        ("host=127.0.0.1 port=x", 2),
    ] {
        let told = sandbox.run(&["inspect", target]);
        assert!(told.starts_with(&format!("exit: {code}\n--- stderr\nerror: ")), "{target}: {told}");
        assert!(!told.contains("secret"), "{told}");
    }
}

#[test]
fn profiles_stand_for_targets() {
    let sandbox = Sandbox::new();
    sandbox.run(&["inspect", "demo", "-o", "shop.json"]);
    sandbox.write(
        "config/sidestep/config.toml",
        "[target.shop]\ncatalog = \"shop.json\"\n[target.both]\nurl = \"postgresql://x\"\nservice = \"y\"\n\
         [target.asks]\nurl = \"postgresql://ann@127.0.0.1:1/x\"\npassword_command = [\"false\"]\n",
    );
    assert_eq!(sandbox.run(&["inspect", "shop"]), sandbox.run(&["inspect", "demo"]));
    insta::assert_snapshot!(sandbox.run(&["inspect", "both"]), @r"
    exit: 2
    --- stderr
    error: the profile `both` needs exactly one of `url`, `service` and `catalog`
    ");
    insta::assert_snapshot!(sandbox.run(&["inspect", "asks"]), @r"
    exit: 3
    --- stderr
    error: the `password_command` of profile `asks` gave no password
    ");
    assert!(sandbox.run(&["inspect", "shpo"]).contains("did you mean the profile `shop`?"));
}
