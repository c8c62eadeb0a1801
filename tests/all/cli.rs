//! The command line as users meet it: help, data on stdout, talk on stderr, exit codes.

use crate::support::sandbox::{Sandbox, sample_plan};
use std::fs;

#[test]
fn help_of_every_command_is_the_reference() {
    let sandbox = Sandbox::new();
    let commands = ["", "demo", "inspect", "plan", "export", "lint", "config", "completions", "man"];
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
        .take_while(|l| !l.contains("[target"))
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
