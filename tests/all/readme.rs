//! The README is true: its console blocks are run, its table of keys is the key map.

use crate::support::sandbox::Sandbox;
use sidestep::export;
use sidestep::tui::action::Action;
use sidestep::tui::keymap::{Keymap, Scope};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// A line `…` stands for any lines, a `…` in a line for any text.
#[test]
fn console_blocks_print_what_they_show() {
    let readme = readme();
    let blocks: Vec<&str> =
        readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 3);
    for block in blocks {
        let sandbox = Sandbox::new();
        for example in block.split("$ ").filter(|e| !e.trim().is_empty()) {
            let (command, expected) = example.split_once('\n').unwrap();
            let shown = run(&sandbox, command);
            let expected: Vec<&str> = expected.lines().collect();
            let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
            assert!(matches(&expected, &lines), "$ {command}\n--- README\n{}\n--- is\n{shown}", expected.join("\n"));
        }
    }
}

fn run(sandbox: &Sandbox, command: &str) -> String {
    let binary = assert_cmd::cargo::cargo_bin("sidestep");
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", command])
        .env_clear()
        .envs([("PATH", path.as_str()), ("COLUMNS", "100")])
        .env("HOME", sandbox.path(""))
        .current_dir(sandbox.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "$ {command}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn matches(expected: &[&str], lines: &[&str]) -> bool {
    match (expected.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((&"…", rest)), _) => (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..])),
        (Some((first, rest)), Some((line, more))) => like(first, line) && matches(rest, more),
        _ => false,
    }
}

fn like(expected: &str, line: &str) -> bool {
    let Some((before, after)) = expected.split_once('…') else { return expected == line };
    line.strip_prefix(before).is_some_and(|rest| after.is_empty() || rest.ends_with(after))
}

/// `SIDESTEP_UPDATE_README=1` writes the table anew.
#[test]
fn the_table_of_keys_is_the_key_map() {
    let keymap = Keymap::built_in();
    let scopes = [Scope::Always, Scope::Global, Scope::Panes, Scope::List];
    let mut table = String::from("| keys | what |\n|---|---|\n");
    for action in keymap.actions(&scopes) {
        let keys: Vec<String> = keymap.keys(&scopes, action).into_iter().map(|k| format!("`{k}`")).collect();
        let _ = writeln!(table, "| {} | {} |", keys.join(" "), Action::title(action));
    }
    generated("docs/keys.md", "keys", &table);
}

/// `SIDESTEP_UPDATE_README=1` writes the table anew.
#[test]
fn the_table_of_formats_is_the_list_of_formats() {
    let mut table = String::from("| `--format` | what it writes | for | run with |\n|---|---|---|---|\n");
    for format in export::FORMATS {
        let words = std::iter::once(format.title).chain(format.traits.iter().copied()).collect::<Vec<_>>().join("; ");
        let servers: Vec<String> = export::engines(format).iter().map(ToString::to_string).collect();
        let servers = if servers.len() == 3 { "all".to_owned() } else { servers.join(", ") };
        let _ = writeln!(table, "| `{}` | {words} | {servers} | {} |", format.name, export::ran(format));
    }
    generated("README.md", "formats", &table);
}

fn generated(file: &str, mark: &str, table: &str) {
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(&open).unwrap();
    let (shown, after) = rest.split_once(&close).unwrap();
    if std::env::var_os("SIDESTEP_UPDATE_README").is_some() {
        std::fs::write(path, format!("{before}{open}{table}{close}{after}")).unwrap();
    } else {
        assert_eq!(shown, table, "run again with SIDESTEP_UPDATE_README=1");
    }
}

#[test]
fn the_readme_is_short_and_its_links_lead_somewhere() {
    let readme = readme();
    assert!(readme.lines().count() <= 200);
    for link in readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        let there = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(link).exists();
        assert!(there || link.starts_with("http"), "{link}");
    }
}
