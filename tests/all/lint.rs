//! `sidestep lint`: files in order on one catalog, comments that ignore, baselines, SARIF; and never a false alarm on what
//! sidestep itself has exported.

use super::mysql_plans;
use crate::support::case;
use crate::support::sandbox::Sandbox;
use serde_json::Value;
use sidestep::change;
use sidestep::export::{ExportOptions, export};
use sidestep::model::Catalog;
use sidestep::plan::Plan;

#[test]
fn our_own_files_raise_no_alarm() {
    let formats = ["psql", "flyway"];
    let wanted = std::env::var("SIDESTEP_CASE").unwrap_or_default();
    let mut checked = 0;
    for case in case::all().into_iter().filter(|c| c.id().contains(&wanted)) {
        let Some(major) = case.versions.last() else { continue };
        let catalog = case.catalog(*major);
        let Ok(plan) = change::plan(&case.wish, &catalog, &case.policy) else { continue };
        checked += formats.iter().filter(|format| raises_no_alarm(&case.id(), &plan, &catalog, format)).count();
        if checked > 1 && checked % 40 == 0 {
            // Edited by hand, a file is like any other; without a TARGET it is read all the same.
            let files = export(&plan, "psql", &ExportOptions::default()).unwrap();
            let step = |p: &str| ["expand/", "contract/"].iter().any(|f| p.starts_with(f)) && p.ends_with(".sql");
            let (name, text) = files.iter().find(|(p, _)| step(p)).unwrap();
            let sandbox = Sandbox::new();
            sandbox.write(name, text);
            assert!(sandbox.run(&["lint", name, "--fail-on", "note"]).starts_with("exit: 0\n"), "{name}");
            let edited = format!("{}ALTER TABLE t ALTER COLUMN a TYPE numeric;\n", first_lines(text));
            sandbox.write(name, edited);
            assert!(sandbox.run(&["lint", name]).starts_with("exit: 1\n"), "{name}");
        }
    }
    assert!(checked > 80 || !wanted.is_empty(), "{checked}");
}

/// The files of one export, linted in their order; false if the plan cannot be said in that format.
fn raises_no_alarm(id: &str, plan: &Plan, catalog: &Catalog, format: &str) -> bool {
    let Ok(files) = export(plan, format, &ExportOptions::default()) else { return false };
    let sandbox = Sandbox::new();
    sandbox.write("catalog.json", serde_json::to_string(catalog).unwrap());
    let mut names: Vec<&String> = files.keys().filter(|p| p.ends_with(".sql")).collect();
    // In the order of the plan: by number, the way back last.
    names.sort_by_key(|p| (p.starts_with("undo"), p.rsplit('/').next().unwrap().to_owned()));
    for name in &names {
        sandbox.write(name, &files[*name]);
    }
    if names.is_empty() {
        return false;
    }
    let mut arguments = vec!["lint", "catalog.json"];
    arguments.extend(names.iter().map(|n| n.as_str()));
    arguments.extend(["--fail-on", "note", "--format", "github"]);
    let told = sandbox.run(&arguments);
    assert!(told.starts_with("exit: 0\n"), "{id} as {format}:\n{told}");
    assert!(!told.contains("::error") && !told.contains("::warning"), "{id} as {format}:\n{told}");
    true
}

#[test]
fn our_own_files_for_mysql_raise_no_alarm() {
    let wanted = std::env::var("SIDESTEP_CASE").unwrap_or_default();
    let mut checked = 0;
    for case in mysql_plans::every_case().into_iter().filter(|c| c.name.contains(&wanted)) {
        let Some(server) = case.servers.last() else { continue };
        let catalog = mysql_plans::catalog(&case, server);
        let Ok(plan) = change::plan(&case.wish, &catalog, &case.policy) else { continue };
        checked += ["mysql", "flyway"].iter().filter(|f| raises_no_alarm(&case.name, &plan, &catalog, f)).count();
    }
    assert!(checked > 80 || !wanted.is_empty(), "{checked}");
}

fn first_lines(text: &str) -> String {
    text.lines().take(2).map(|l| format!("{l}\n")).collect()
}

#[test]
fn a_table_that_an_earlier_file_makes_is_known_new_and_empty() {
    let sandbox = Sandbox::new();
    sandbox.write("001.sql", "CREATE TABLE notes (id bigint, user_id bigint, body text)");
    sandbox.write(
        "002.sql",
        "BEGIN;\nALTER TABLE notes ADD PRIMARY KEY (id);\nCREATE INDEX notes_user ON notes (user_id);\n\
         ALTER TABLE notes ALTER COLUMN body SET NOT NULL, ADD CHECK (length(body) > 0), ADD COLUMN n int NOT NULL;\n\
         ALTER TABLE notes RENAME COLUMN body TO words;\nUPDATE notes SET words = 'x';\nALTER TABLE notes RENAME TO remarks;\n\
         DROP INDEX notes_user;\nDELETE FROM remarks;\nTRUNCATE remarks;\nDROP TABLE remarks;\nCOMMIT;\n",
    );
    for target in [&["lint", "demo"][..], &["lint"]] {
        let told = sandbox.run(&[target, &["001.sql", "002.sql", "--fail-on", "warning"]].concat());
        assert!(told.starts_with("exit: 0\n"), "{told}");
    }
    // What ties the new table to an old one still says so.
    sandbox.write("003.sql", "CREATE TABLE tags (id int, user_id bigint REFERENCES users);\n");
    let told = sandbox.run(&["lint", "demo", "003.sql", "--fail-on", "warning"]);
    assert!(told.starts_with("exit: 1\n") && told.contains("public.users"), "{told}");
}

#[test]
fn places_are_right_behind_begin_and_set() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sql", "BEGIN;\nSET lock_timeout = '1s';\n\n  ALTER TABLE users DROP COLUMN name;\nCOMMIT;\n");
    let told = sandbox.run(&["lint", "demo", "a.sql"]);
    assert!(told.contains("a.sql:4:3\n"), "{told}");
}

#[test]
fn a_file_ends_what_was_open_in_the_one_before_it() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "1.sql",
        "-- +goose Up\nALTER TABLE users ADD COLUMN a int;\n-- +goose Down\nALTER TABLE users DROP COLUMN a;\n",
    );
    sandbox.write("2.sql", "ALTER TABLE users DROP COLUMN name");
    let told = sandbox.run(&["lint", "demo", "1.sql", "2.sql"]);
    assert!(told.contains("2.sql:1:1") && !told.contains("1.sql:4:1"), "{told}");
    let told = sandbox.run(&["plan", "demo", "1.sql", "2.sql", "--sync", "app"]);
    assert!(told.starts_with("exit: 0\n") && told.contains("DROP COLUMN name"), "{told}");
    // The way back has a file of its own with some tools.
    sandbox.write("m/1_x.up.sql", "ALTER TABLE users ADD COLUMN a int;");
    sandbox.write("m/1_x.down.sql", "ALTER TABLE users DROP COLUMN name;");
    let told = sandbox.run(&["lint", "demo", "m/1_x.down.sql", "m/1_x.up.sql"]);
    assert!(told.starts_with("exit: 0\n") && told.contains("1 file is the way back"), "{told}");
}

#[test]
fn a_comment_ignores_one_hazard_of_one_statement() {
    let sandbox = Sandbox::new();
    let drop = "ALTER TABLE users DROP COLUMN name;";
    let ignore =
        "-- sidestep:ignore drop-loses-data a backup is kept\n-- sidestep:ignore breaks-running-code: nobody reads it";
    sandbox.write("a.sql", format!("{ignore}\n{drop} -- sidestep:ignore lock-queue the night is quiet\n"));
    let told = sandbox.run(&["lint", "demo", "a.sql"]);
    assert!(told.starts_with("exit: 0\n"), "{told}");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for reason in ["a backup is kept", "nobody reads it", "the night is quiet"] {
        assert!(words.contains(&format!("Ignored, because: {reason}")), "{told}");
    }
    // The next statement is another one.
    sandbox.write("b.sql", format!("{ignore}\n{drop}\nALTER TABLE users DROP COLUMN email;\n"));
    assert!(sandbox.run(&["lint", "demo", "b.sql"]).starts_with("exit: 1\n"));
    let mut all = String::new();
    for comment in ["drop-loses-data", "drop-loses-dat a reason", ""] {
        sandbox.write("c.sql", format!("{drop}\n\n-- sidestep:ignore {comment}\n{drop}"));
        let told = sandbox.run(&["lint", "demo", "c.sql"]);
        assert!(told.starts_with("exit: 2\n"), "{told}");
        all.push_str(&told);
    }
    insta::assert_snapshot!("ignore_comments", all);
}

#[test]
fn a_baseline_lets_only_new_hazards_fail() {
    let sandbox = Sandbox::new();
    sandbox.write("db/1.sql", "DROP TABLE sessions;\nCREATE INDEX i ON orders (note);\n");
    let lint = |file: &str, extra: &[&str]| {
        sandbox.run(&[&["lint", "demo", file, "--baseline", "known.json"], extra].concat())
    };
    assert!(lint("db/1.sql", &[]).contains("`--write-baseline` makes the file"));
    assert!(lint("db/1.sql", &["--write-baseline"]).starts_with("exit: 0\n"));
    assert!(lint("db/1.sql", &[]).starts_with("exit: 0\n"));
    // Moved by some lines and laid out anew, it is the same.
    sandbox.write("other/1.sql", "-- a note\n\n\nDROP TABLE  sessions;\nCREATE INDEX i\n  ON orders (note);\n");
    assert!(lint("other/1.sql", &[]).starts_with("exit: 0\n"));
    sandbox.write(
        "db/1.sql",
        "DROP TABLE sessions;\nCREATE INDEX i ON orders (note);\nCREATE INDEX j ON orders (status);\n",
    );
    let told = lint("db/1.sql", &["--format", "github"]);
    assert!(told.starts_with("exit: 1\n") && told.contains("line=3") && !told.contains("line=1,"), "{told}");
    sandbox.write("known.json", "[]");
    assert!(lint("db/1.sql", &[]).starts_with("exit: 2\n"));
    assert!(sandbox.run(&["lint", "demo", "db/1.sql", "--write-baseline"]).starts_with("exit: 2\n"));
}

#[test]
fn sarif_has_the_shape_of_2_1_0() {
    let sandbox = Sandbox::new();
    sandbox.write("a b/1.sql", "CREATE INDEX i ON orders (note);\nDO $$ BEGIN END $$;\nDROP TABLE users;\n");
    let output = sandbox
        .command()
        .args(["lint", "demo", "a b/1.sql", "--format", "sarif", "--ignore", "opaque=it is empty"])
        .output()
        .unwrap();
    let sarif: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        for text in [
            &rule["shortDescription"]["text"],
            &rule["fullDescription"]["text"],
            &rule["help"]["text"],
            &rule["help"]["markdown"],
        ] {
            assert!(text.as_str().is_some_and(|t| !t.is_empty()), "{rule}");
        }
        assert!(rule["helpUri"].as_str().unwrap().starts_with("https://"));
        assert!(
            ["none", "note", "warning", "error"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
        );
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 5);
    let mut prints = std::collections::BTreeSet::new();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/1.sql");
        assert!(
            place["region"]["startLine"].as_u64().unwrap() >= 1
                && place["region"]["startColumn"].as_u64().unwrap() >= 1
        );
        assert!(prints.insert(result["partialFingerprints"]["sidestep/v1"].as_str().unwrap().to_owned()));
        let suppressed = result.get("suppressions").is_some();
        assert_eq!(suppressed, result["ruleId"] == "opaque", "{result}");
        if suppressed {
            assert_eq!(result["suppressions"][0]["kind"], "external");
            assert_eq!(result["suppressions"][0]["justification"], "it is empty");
        }
    }
}

#[test]
fn mysql_is_read_as_its_server_would() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "1.sql",
        "ALTER TABLE users ADD COLUMN `nick``name` varchar(40) DEFAULT 'it\\'s -- none';\n\
         # sidestep:ignore drop-loses-data a backup is kept\n\
         ALTER TABLE users DROP COLUMN name; # sidestep:ignore breaks-running-code nobody reads it\n\
         DELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW BEGIN SET NEW.email = 'x'; END//\nDELIMITER ;\n\
         CREATE TABLE made (id int primary key);\nALTER TABLE made MODIFY id bigint, ALGORITHM=COPY;\n\
         ALTER TABLE orders MODIFY COLUMN total decimal(14,2) NOT NULL;\n",
    );
    for arguments in [
        &["lint", "demo:mysql"][..],
        &["lint", "demo:mariadb"],
        &["lint", "--engine", "mysql"],
        &["lint", "--engine", "mariadb", "--assume", "10.6"],
        &["lint", "--engine", "mysql", "--assume", "5.7"],
    ] {
        let told = sandbox.run(&[arguments, &["1.sql", "--format", "github"]].concat());
        assert!(told.starts_with("exit: 1\n"), "{told}");
        let lines: Vec<&str> = told.lines().filter(|l| l.starts_with("::error")).collect();
        // The last statement copies the table; what is ignored, and what a new table suffers, is no error.
        assert!(!lines.is_empty() && lines.iter().all(|l| l.contains("line=9")), "{arguments:?}:\n{told}");
    }
    sandbox.write("2.sql", "ALTER TABLE users ADD COLUMN a int,;\n");
    let told = sandbox.run(&["lint", "demo:mysql", "2.sql"]);
    assert!(told.starts_with("exit: 4\n") && told.contains("2.sql:1:"), "{told}");
    // PostgreSQL's words are no MySQL.
    sandbox.write("3.sql", "ALTER TABLE users ALTER COLUMN name TYPE text;\n");
    assert!(sandbox.run(&["lint", "demo:mysql", "3.sql"]).starts_with("exit: 4\n"));
    let told = sandbox.run(&["lint", "1.sql"]);
    assert!(told.starts_with("exit: 4\n"), "{told}");
}
