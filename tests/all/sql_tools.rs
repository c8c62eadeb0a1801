//! Exports for tools that take SQL files: held against the rules by which each tool reads and sends a file, and in folders where
//! others work too.

use crate::support::sandbox::sample_plan;
use sidestep::export::manifest::Manifest;
use sidestep::export::{ExportError, ExportOptions, package};
use sidestep::model::Engine;
use sidestep::plan::{Act, Plan};
use std::collections::BTreeMap;

type Folder = BTreeMap<String, String>;

fn sample() -> Plan {
    serde_json::from_str(&std::fs::read_to_string(sample_plan()).unwrap()).unwrap()
}

/// Writes into the folder as the command line does.
fn write(
    format: &str,
    folder: &mut Folder,
    earlier: Option<&Manifest>,
    promote: bool,
) -> Result<Manifest, ExportError> {
    let options = ExportOptions { present: folder.clone(), ..ExportOptions::default() };
    let package = package(&sample(), &[format], &options, earlier, promote)?;
    folder.extend(package.migrations);
    Ok(package.manifest)
}

/// The whole plan, all stages promoted, in an empty folder.
fn whole(format: &str) -> Folder {
    let mut folder = Folder::new();
    let mut manifest = write(format, &mut folder, None, false).unwrap();
    while manifest.stages.iter().any(|s| s.first.is_none()) {
        manifest = write(format, &mut folder, Some(&manifest), true).unwrap();
    }
    folder
}

fn statements(sql: &str) -> Vec<String> {
    let script = sidestep::sql::parse(sql, Engine::Postgresql).unwrap_or_else(|p| panic!("{}: {sql}", p[0]));
    script.statements.into_iter().map(|s| s.text).collect()
}

/// PostgreSQL runs it outside a transaction only.
fn refuses(statement: &str) -> bool {
    let concurrent = ["CREATE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY"];
    statement.lines().any(|line| concurrent.iter().any(|c| line.starts_with(c))) || statement.contains("COMMIT;")
}

/// A file that is sent as one query, outside the tool's transaction, holds one statement, and no other sets a plain timeout.
fn one_query(name: &str, sql: &str, outside: bool) {
    let statements = statements(sql);
    assert!(!outside || statements.len() == 1, "{name}: {statements:?}");
    assert!(outside || !statements.iter().any(|s| refuses(s)), "{name} has to run outside a transaction");
    assert!(!statements.iter().any(|s| s.starts_with("SET ") && !s.starts_with("SET LOCAL")), "{name} leaks a timeout");
    assert!(!sql.contains('\r'), "{name}");
}

#[test]
fn what_refuses_a_transaction_stands_alone_where_a_file_is_one_query() {
    let mut outside = 0;
    for (name, text) in whole("dbmate") {
        let (up, down) = text.split_once("\n-- migrate:down").unwrap();
        let (head, up) = up.split_once("\n-- migrate:up").unwrap();
        assert!(head.lines().all(|l| l.is_empty() || l.starts_with("--")), "{name}");
        for half in [up, down] {
            let (switch, sql) = half.split_once('\n').unwrap();
            assert!(["", " transaction:false"].contains(&switch));
            one_query(&name, sql, !switch.is_empty());
            outside += usize::from(!switch.is_empty());
        }
    }
    for (name, text) in whole("sqlx") {
        one_query(&name, &text, text.starts_with("-- no-transaction\n"));
        assert!(name.ends_with(".up.sql") || name.ends_with(".down.sql"));
    }
    let diesel = whole("diesel");
    for (name, text) in diesel.iter().filter(|(name, _)| name.ends_with(".sql")) {
        let folder = name.split('/').next().unwrap();
        let metadata = diesel.get(&format!("{folder}/metadata.toml"));
        assert!(metadata.is_none_or(|m| m.ends_with("\nrun_in_transaction = false\n")));
        // Both files share the switch: one of them may be a transaction of its own, as one query always is.
        let refuses = statements(text).iter().any(|s| refuses(s));
        one_query(name, text, refuses);
        assert!(!refuses || metadata.is_some(), "{name}");
    }
    for (name, text) in whole("graphile-migrate") {
        let (head, body) = text.split_once("\n\n").unwrap();
        assert_eq!(head.lines().count(), 3, "{name}");
        one_query(&name, body, body.starts_with("--! no-transaction\n"));
    }
    for (name, text) in whole("golang-migrate") {
        let refuses = statements(&text).iter().any(|s| refuses(s));
        one_query(&name, &text, refuses);
    }
    for (name, text) in whole("atlas").iter().filter(|(name, _)| name.ends_with(".sql")) {
        one_query(name, text, text.starts_with("-- atlas:txmode none\n\n"));
        assert_eq!(text.matches("atlas:").count(), usize::from(text.starts_with("-- atlas:txmode none")), "{name}");
    }
    for (name, text) in whole("refinery") {
        one_query(&name, &text, false);
    }
    assert!(outside > 3);
}

/// By the rules of goose's `internal/sqlparser`: lines; comments ahead of a statement do not count; a statement ends with a line
/// whose last word ends in a semicolon, or with its `StatementEnd`.
pub fn goose(text: &str, up: bool) -> (Vec<String>, bool) {
    let (mut found, mut buffer, mut transaction) = (Vec::new(), String::new(), true);
    let (mut side, mut whole): (Option<bool>, bool) = (None, false);
    for line in text.lines() {
        let mut ends = false;
        if let Some(rest) = line.strip_prefix("--") {
            match rest.trim() {
                "+goose Up" => side = Some(true),
                "+goose Down" => {
                    assert!(buffer.trim().is_empty(), "unfinished: {buffer}");
                    side = Some(false);
                }
                "+goose StatementBegin" => whole = true,
                "+goose StatementEnd" => (whole, ends) = (false, true),
                "+goose NO TRANSACTION" => transaction = false,
                other => assert!(!other.starts_with("+goose"), "{other}"),
            }
            if rest.trim().starts_with("+goose") && !ends {
                continue;
            }
        }
        if !ends {
            if buffer.is_empty() && (line.trim().starts_with("--") || line.is_empty()) {
                continue;
            }
            assert!(side.is_some(), "before Up: {line}");
            buffer.push_str(line);
            buffer.push('\n');
            let last = line.split_whitespace().take_while(|w| !w.starts_with("--")).last();
            ends = !whole && last.is_some_and(|w| w.ends_with(';'));
        }
        if ends {
            let statement = std::mem::take(&mut buffer);
            if side == Some(up) {
                found.push(statement.trim().to_owned());
            }
        }
    }
    assert!(!whole && buffer.trim().is_empty(), "unfinished: {buffer}");
    (found, transaction)
}

#[test]
fn goose_cuts_its_files_where_statements_end() {
    let mut outside = 0;
    for (name, text) in whole("goose") {
        for up in [true, false] {
            let (sent, transaction) = goose(&text, up);
            assert!(!sent.is_empty(), "{name}: goose would record nothing to do");
            for sql in &sent {
                assert_eq!(statements(sql).len(), 1, "{name}: {sql}");
                assert!(transaction || !sql.starts_with("SET LOCAL"), "{name}: no transaction to be local to");
                assert!(!(transaction && refuses(sql)), "{name}: {sql}");
            }
            let plain = |what: &str| sent.iter().filter(|s| s.starts_with(what)).count();
            assert_eq!(plain("SET lock_timeout"), plain("RESET lock_timeout"), "{name} leaks a timeout");
            outside += usize::from(!transaction);
        }
    }
    assert!(outside > 1);
}

#[test]
fn a_line_that_a_tool_would_obey_is_refused() {
    for (format, line) in [
        ("dbmate", "-- migrate:down"),
        ("goose", "-- +goose Down"),
        ("graphile-migrate", "--! no-transaction"),
        ("graphile-migrate", "':DATABASE_NAME'"),
        ("liquibase", "--changeset a:b"),
        ("liquibase", "--  Rollback DROP TABLE users"),
        ("liquibase", "'${user.name}'"),
        ("liquibase-yaml", "'${user.name}'"),
    ] {
        let mut plan = sample();
        let step =
            plan.phases.iter_mut().flat_map(|p| &mut p.steps).find(|s| matches!(s.act, Act::Sql { .. })).unwrap();
        if let Act::Sql { sql, .. } = &mut step.act {
            *sql = vec![format!(
                "COMMENT ON TABLE users IS\n{}",
                if line.starts_with('-') { format!("'\n{line}\n'") } else { line.to_owned() }
            )];
        }
        let made = package(&plan, &[format], &ExportOptions::default(), None, false);
        assert!(matches!(made, Err(ExportError::Unsendable { .. })), "{format}: {line}");
    }
}

/// A colleague's migrations land between the export and the promotion, and the same export is made again at the end.
fn with_a_colleague(format: &str, before: Folder, colleague: fn(&mut Folder)) -> Folder {
    let mut folder = before;
    let mut manifest = write(format, &mut folder, None, false).unwrap();
    colleague(&mut folder);
    while manifest.stages.iter().any(|s| s.first.is_none()) {
        manifest = write(format, &mut folder, Some(&manifest), true).unwrap();
    }
    let mut again = folder.clone();
    let same = write(format, &mut again, Some(&manifest), false).unwrap();
    assert_eq!(again, folder, "{format}: the same export again changes nothing");
    assert_eq!(same, manifest);
    folder
}

#[test]
fn numbers_go_on_behind_a_colleague() {
    for (format, first, colleague) in [
        ("golang-migrate", "0007_old.up.sql", "0020_new.up.sql"),
        ("goose", "00007_old.sql", "00020_new.sql"),
        ("dbmate", "007_old.sql", "020_new.sql"),
        ("sqlx", "20250101000000_old.up.sql", "20270101000000_new.up.sql"),
        ("diesel", "2025-01-01-000000_old/up.sql", "2027-01-01-000000_new/up.sql"),
        ("refinery", "V7__old.sql", "V20__new.sql"),
        ("flyway", "V1.2__old.sql", "V20260301.7__new.sql"),
        ("liquibase", "007_old.sql", "020_new.sql"),
    ] {
        let mut folder = Folder::from([(first.to_owned(), String::new())]);
        let mut manifest = write(format, &mut folder, None, false).unwrap();
        let shared = |path: &&String| !path.starts_with("db.changelog");
        let expand: Vec<String> = folder.keys().filter(shared).filter(|p| *p != first).cloned().collect();
        assert!(expand.iter().all(|p| p.as_str() > first || p.starts_with('V')), "{format}: {expand:?}");
        folder.insert(colleague.to_owned(), String::new());
        while manifest.stages.iter().any(|s| s.first.is_none()) {
            manifest = write(format, &mut folder, Some(&manifest), true).unwrap();
        }
        let later = manifest.stages.iter().skip(1).flat_map(|s| s.migrations.keys());
        let later: Vec<&String> = later.collect();
        assert!(later.iter().all(|p| p.as_str() > colleague), "{format}: {later:?}");
        let mut again = folder.clone();
        write(format, &mut again, Some(&manifest), false).unwrap();
        assert_eq!(again, folder, "{format}");
    }
}

#[test]
fn the_chain_of_graphile_migrate_holds_whoever_commits_in_between() {
    let folder = with_a_colleague("graphile-migrate", Folder::new(), |folder| {
        // By the tool's rule, with `SELECT 1;` as the body.
        let newest = folder.values().next_back().unwrap().lines().nth(1).unwrap().strip_prefix("--! Hash: ").unwrap();
        let hash = sha1(&format!("{newest}\nSELECT 1;\n"));
        let text = format!("--! Previous: {newest}\n--! Hash: {hash}\n--! Message: c\n\nSELECT 1;\n");
        let number = folder.len() + 1;
        folder.insert(format!("{number:06}-colleague.sql"), text);
    });
    let mut previous = "-".to_owned();
    for (name, text) in &folder {
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(format!("--! Previous: {previous}").as_str()), "{name}");
        previous = lines.next().unwrap().strip_prefix("--! Hash: ").unwrap().to_owned();
    }
    assert!(folder.keys().any(|n| n.contains("colleague")) && folder.len() > 6);
}

fn sha1(text: &str) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("sha1sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    format!("sha1:{}", out.split_whitespace().next().unwrap())
}

#[test]
fn sqitch_goes_on_at_the_end_of_the_plan_file() {
    let before = "%syntax-version=1.0.0\n%project=shop\n\nusers 2026-05-01T10:00:00Z A B <a@b> # ours: [x] @y\n";
    let folder = with_a_colleague("sqitch", Folder::from([("sqitch.plan".to_owned(), before.to_owned())]), |folder| {
        let plan = folder.get_mut("sqitch.plan").unwrap();
        plan.push_str("colleague [users] 2026-06-01T10:00:00Z A B <a@b>\n");
    });
    let plan = &folder["sqitch.plan"];
    assert!(plan.starts_with(before));
    let stamps: Vec<&str> = plan.lines().filter_map(|l| l.split(' ').find(|w| w.starts_with("2026-"))).collect();
    assert!(stamps.is_sorted(), "{plan}");
    let at = |what: &str| plan.lines().position(|l| l.contains(what)).unwrap();
    assert!(at("_expand ") < at("colleague") && at("colleague") < at("_contract "), "{plan}");
    let deploys = folder.keys().filter(|p| p.starts_with("deploy/")).count();
    assert_eq!(plan.lines().filter(|l| l.starts_with("p87e929_") || l.starts_with('p')).count(), deploys, "{plan}");
    for path in folder.keys().filter(|p| p.starts_with("deploy/")) {
        assert!(folder.contains_key(&path.replacen("deploy", "revert", 1)));
        assert!(folder.contains_key(&path.replacen("deploy", "verify", 1)));
    }
    let torn = Folder::from([("sqitch.plan".to_owned(), format!("{before}<<<<<<< HEAD\n"))]);
    assert!(matches!(write("sqitch", &mut torn.clone(), None, false), Err(ExportError::Foreign { .. })));
}

#[test]
fn the_sum_of_atlas_covers_the_whole_folder() {
    let folder = with_a_colleague("atlas", Folder::new(), |folder| {
        // A colleague's file with the sum as `atlas migrate hash` would write it: the export of a folder that holds both.
        folder.remove("atlas.sum");
        folder.insert("20260501000000_colleague.sql".to_owned(), "SELECT 1;\n".to_owned());
        let sum = atlas_sum(folder);
        folder.insert("atlas.sum".to_owned(), sum);
    });
    assert_eq!(folder["atlas.sum"], atlas_sum(&folder));
    let mut edited = folder.clone();
    edited.insert("20260501000000_colleague.sql".to_owned(), "SELECT 2;\n".to_owned());
    assert!(matches!(write("atlas", &mut edited, None, false), Err(ExportError::Foreign { .. })));
}

/// As the facts give it, with other programs.
fn atlas_sum(folder: &Folder) -> String {
    let script = "import sys,json,hashlib,base64\nf=json.load(sys.stdin)\nh=hashlib.sha256();rows=[]\n\
        for n in sorted(x for x in f if x.endswith('.sql')):\n h.update(n.encode());h.update(f[n].encode())\n \
        rows.append((n,base64.b64encode(h.digest()).decode()))\n\
        t=hashlib.sha256(b''.join(n.encode()+s.encode() for n,s in rows))\n\
        sys.stdout.write('h1:'+base64.b64encode(t.digest()).decode()+'\\n'+''.join(f'{n} h1:{s}\\n' for n,s in rows))";
    use std::io::Write;
    let mut child = std::process::Command::new("python3")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(serde_json::to_string(folder).unwrap().as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn a_master_changelog_includes_each_stage_once() {
    let master = "# ours\ndatabaseChangeLog:\n- include:\n    file: 007_old.sql\n";
    let before = Folder::from([
        ("db.changelog-master.yaml".to_owned(), master.to_owned()),
        ("007_old.sql".to_owned(), String::new()),
    ]);
    for format in ["liquibase", "liquibase-yaml"] {
        let folder = with_a_colleague(format, before.clone(), |folder| {
            folder.get_mut("db.changelog-master.yaml").unwrap().push_str("- include: {file: colleague.sql}\n");
        });
        let text = &folder["db.changelog-master.yaml"];
        assert!(text.starts_with(master));
        for path in folder.keys().filter(|p| p.contains("_p")) {
            assert_eq!(text.matches(path.as_str()).count(), 1, "{text}");
        }
        assert_eq!(text.matches("include:").count(), 2 + folder.keys().filter(|p| p.contains("_p")).count());
    }
    // Led by a file of another kind: that one is the team's to write.
    let xml = Folder::from([("db.changelog-root.xml".to_owned(), String::new())]);
    let mut folder = xml.clone();
    write("liquibase", &mut folder, None, false).unwrap();
    assert!(!folder.contains_key("db.changelog-master.yaml"));
}
