//! Hazards: their pages, and what happens to one that is ignored with a reason.

use crate::support::sandbox::Sandbox;
use sidestep::engine::hazard;
use sidestep::export::explain;
use std::path::Path;

/// `SIDESTEP_BLESS=1` writes the page.
#[test]
fn the_page_of_hazards_is_made_from_the_hazards() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hazards.md");
    let page = explain::markdown(hazard::all().unwrap());
    if std::env::var_os("SIDESTEP_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == page,
        "docs/hazards.md is old: SIDESTEP_BLESS=1 writes it"
    );
}

#[test]
fn every_hazard_is_explained() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["explain"]);
    for (id, entry) in hazard::all().unwrap() {
        assert!(list.contains(&format!("  {id}\n")), "{id} is not listed");
        let page = sandbox.run(&["explain", id]);
        assert!(page.starts_with(&format!("exit: 0\n--- stdout\n{id} (")), "{page}");
        assert!(page.contains(&entry.manual_url()));
    }
    insta::assert_snapshot!("explain", sandbox.run(&["explain", "cached-plans"]));
    let json = sandbox.command().args(["explain", "--json"]).output().unwrap().stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["hazards"].as_array().unwrap().len(), hazard::all().unwrap().len());
}

const UPDATE: &str = "UPDATE users SET name = trim(name); ALTER TABLE users ADD COLUMN tenant text UNIQUE;";

#[test]
fn an_ignored_hazard_stays_with_its_reason_and_counts_no_more() {
    let sandbox = Sandbox::new();
    sandbox.write("m.sql", UPDATE);
    let lint = |extra: &[&str]| sandbox.run(&[&["lint", "demo", "m.sql"], extra].concat());
    assert!(lint(&[]).starts_with("exit: 1\n"));
    let ids = ["unbatched-update", "reads-blocked", "index-build-blocks-writes"];
    let flags: Vec<String> = ids.iter().map(|id| format!("--ignore={id}=we looked at it")).collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let told = lint(&flags);
    assert!(told.starts_with("exit: 0\n"), "{told}");
    assert!(told.contains("ignored danger: "), "{told}");
    assert!(told.contains("Ignored, because: we looked at it"), "{told}");
    // The configuration says the same, and the plan keeps it.
    let config: String = ids.iter().map(|id| format!("{id} = 'we looked at it'\n")).collect();
    sandbox.write("config/sidestep/config.toml", format!("[policy.ignore]\n{config}"));
    assert!(lint(&[]).starts_with("exit: 0\n"));
    let plan = ["plan", "demo", "--strategy", "direct", "--sql", "ALTER TABLE users ADD COLUMN phone text", "--json"];
    let told =
        sandbox.command().args(plan).args(["--ignore", "cached-plans=no prepared statements here"]).output().unwrap();
    let json = String::from_utf8(told.stdout).unwrap();
    assert!(json.contains("\"ignored\": \"no prepared statements here\""), "{json}");
    let plan = ["plan", "demo", "--strategy", "direct", "--sql", "ALTER TABLE users ADD COLUMN phone text"];
    for format in ["text", "markdown"] {
        let told =
            sandbox.run(&[&plan[..], &["--format", format, "--ignore", "cached-plans=none is prepared"]].concat());
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("Ignored, because: none is prepared"), "{told}");
    }
}

#[test]
fn an_ignored_hazard_needs_an_id_and_a_reason() {
    let sandbox = Sandbox::new();
    for (config, expected) in [
        ("lock-queu = 'x'", "there is no hazard `lock-queu`; did you mean `lock-queue`?"),
        ("lock-queue = ' '", "`ignore.lock-queue` has no reason"),
    ] {
        sandbox.write("config/sidestep/config.toml", format!("[policy.ignore]\n{config}\n"));
        let told = sandbox.run(&["inspect", "demo"]);
        assert!(told.starts_with("exit: 2\n") && told.contains(expected), "{told}");
    }
}
