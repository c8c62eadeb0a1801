//! Exports into a team's folder: every tool goes on where the folder ends, a stage continues what landed before its promotion,
//! and the same export again changes nothing.

use crate::support::sandbox::Sandbox;
use std::collections::BTreeMap;
use std::fs;

struct Team {
    format: &'static str,
    folder: &'static str,
    /// What the team has before the export.
    first: (&'static str, &'static str),
    /// What the first migration's name begins with, and what it says about the team's.
    goes_on: (&'static str, &'static str),
    /// What lands between export and promotion; `LAST` is the newest exported name without its extension.
    second: (&'static str, &'static str),
    promoted: (&'static str, &'static str),
}

const RAILS: Team = Team {
    format: "rails",
    folder: "db/migrate",
    first: ("20240228235959_add_api_key.rb", "class AddAPIKey < ActiveRecord::Migration[7.2]\nend\n"),
    goes_on: ("20240229000000_", "ActiveRecord::Migration[7.2]"),
    second: ("20250101000000_more.rb", "class More < ActiveRecord::Migration[8.0]\nend\n"),
    promoted: ("20250101000001_", "ActiveRecord::Migration[8.0]"),
};

const TEAMS: &[Team] = &[
    Team {
        format: "alembic",
        folder: "alembic/versions",
        first: ("b0_team.py", "revision = 'b0'\ndown_revision = None\n"),
        goes_on: ("p", "down_revision = \"b0\""),
        second: ("c1_team.py", "revision = 'c1'\ndown_revision = 'LAST'\n"),
        promoted: ("p", "down_revision = \"c1\""),
    },
    Team {
        format: "django",
        folder: "store/migrations",
        first: (
            "0041_team.py",
            "class Migration(migrations.Migration):\n    dependencies = [\n        ('auth', '0012_x'),\n    ]\n",
        ),
        goes_on: ("0042_", "dependencies = [(\"store\", \"0041_team\")]"),
        second: (
            "0090_team.py",
            "class Migration(migrations.Migration):\n    dependencies = [(\"store\", \"LAST\")]\n",
        ),
        promoted: ("0091_", "dependencies = [(\"store\", \"0090_team\")]"),
    },
    RAILS,
    Team { format: "rails-strong_migrations", ..RAILS },
    Team {
        format: "prisma",
        folder: "prisma/migrations",
        first: ("20240228235959_team/migration.sql", "SELECT 1;\n"),
        goes_on: ("20240229000000_", "SET LOCAL"),
        second: ("20250101000000_team/migration.sql", "SELECT 1;\n"),
        promoted: ("20250101000001_", "SET LOCAL"),
    },
    Team {
        format: "knex",
        folder: "migrations",
        first: ("20240228235959_team.ts", "export async function up() {}\n"),
        goes_on: ("20240229000000_", "export const up = (knex: Knex)"),
        second: ("20250101000000_team.mjs", "export const up = () => {};\n"),
        promoted: ("20250101000001_", "export const up = (knex) =>"),
    },
    Team {
        format: "node-pg-migrate",
        folder: "migrations",
        first: ("1735689600000_team.js", "exports.up = () => {};\n"),
        goes_on: ("1735689600001_", "exports.up = (pgm) =>"),
        second: ("1767225600000_team.js", "export const up = () => {};\n"),
        promoted: ("1767225600001_", "export const up = (pgm) =>"),
    },
    Team {
        format: "typeorm",
        folder: "migrations",
        first: ("1735689600000-Team.js", "module.exports = class Team1735689600000 {};\n"),
        goes_on: ("1735689600001-", "module.exports = class P"),
        second: ("1767225600000-Team.ts", "export class Team1767225600000 {}\n"),
        promoted: ("1767225600001-", "implements MigrationInterface"),
    },
];

fn folder(sandbox: &Sandbox, folder: &str) -> BTreeMap<String, String> {
    let root = sandbox.path(folder);
    let mut found = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(&root).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    found
}

/// The first of the files that are in `now` and not in `before`, and the last one's name.
fn new(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> (String, String, String) {
    let mut new = now.iter().filter(|(path, text)| !before.contains_key(*path) && text.contains("sidestep plan"));
    let (path, text) = new.next().unwrap();
    let last = new.next_back().map_or(path, |(path, _)| path);
    (path.clone(), text.clone(), last.clone())
}

#[test]
fn exports_go_on_where_the_folder_ends_and_stay() {
    for team in TEAMS {
        let sandbox = Sandbox::new();
        sandbox.run(&["plan", "demo", "--sql", "ALTER TABLE products RENAME COLUMN price TO cost", "-o", "p.json"]);
        let at = |name: &str| format!("{}/{name}", team.folder);
        sandbox.write(&at(team.first.0), team.first.1);
        let export = ["export", "p.json", "--format", team.format, "--out", "change", "--migrations", team.folder];
        let before = folder(&sandbox, team.folder);
        let told = sandbox.run(&export);
        assert!(told.starts_with("exit: 0\n"), "{}: {told}", team.format);
        let after = folder(&sandbox, team.folder);
        let (path, text, last) = new(&before, &after);
        assert!(path.starts_with(team.goes_on.0), "{}: {path}", team.format);
        assert!(text.contains(team.goes_on.1), "{}: {text}", team.format);
        let all = folder(&sandbox, "");
        assert!(sandbox.run(&export).starts_with("exit: 0\n"), "{}", team.format);
        assert_eq!(folder(&sandbox, ""), all, "{}: the same again changes nothing", team.format);

        let last = last.trim_end_matches(".py");
        let last = if team.format == "alembic" { &last[..10] } else { last };
        sandbox.write(&at(team.second.0), team.second.1.replace("LAST", last));
        let before = folder(&sandbox, team.folder);
        let told = sandbox.run(&["promote", "change"]);
        assert!(told.starts_with("exit: 0\n"), "{}: {told}", team.format);
        let (path, text, _) = new(&before, &folder(&sandbox, team.folder));
        assert!(path.starts_with(team.promoted.0), "{}: {path}", team.format);
        assert!(text.contains(team.promoted.1), "{}: {text}", team.format);
        assert!(sandbox.run(&["verify", "change"]).starts_with("exit: 0\n"), "{}", team.format);
        while sandbox.run(&["promote", "change"]).starts_with("exit: 0\n") {}
        let all = folder(&sandbox, "");
        let told = sandbox.run(&export);
        assert!(told.starts_with("exit: 0\n"), "{}: {told}", team.format);
        assert_eq!(folder(&sandbox, ""), all, "{}: nor does it after a promotion", team.format);
    }
}

#[test]
fn drizzles_journal_goes_on() {
    let sandbox = Sandbox::new();
    sandbox.run(&["plan", "demo", "--sql", "ALTER TABLE products RENAME COLUMN price TO cost", "-o", "p.json"]);
    let journal = r#"{"version": "7", "dialect": "postgresql", "entries": [
    { "idx": 0, "version": "7", "when": 1795000000000, "tag": "0000_team", "breakpoints": true }
  ]
}
"#;
    sandbox.write("drizzle/meta/_journal.json", journal);
    sandbox.write("drizzle/0000_team.sql", "SELECT 1;\n");
    let export = ["export", "p.json", "--format", "drizzle", "--out", "change", "--migrations", "drizzle"];
    assert!(sandbox.run(&export).starts_with("exit: 0\n"));
    let read = || fs::read_to_string(sandbox.path("drizzle/meta/_journal.json")).unwrap();
    assert!(read().starts_with(journal.split("\n  ]").next().unwrap()), "what was there keeps its bytes: {}", read());
    let entries = || -> Vec<(u64, u64, String)> {
        let value: serde_json::Value = serde_json::from_str(&read()).unwrap();
        let all = value["entries"].as_array().unwrap().iter();
        all.map(|e| (e["idx"].as_u64().unwrap(), e["when"].as_u64().unwrap(), e["tag"].as_str().unwrap().to_owned()))
            .collect()
    };
    let all = folder(&sandbox, "");
    assert!(sandbox.run(&export).starts_with("exit: 0\n"));
    assert_eq!(folder(&sandbox, ""), all);
    let count = entries().len();
    while sandbox.run(&["promote", "change"]).starts_with("exit: 0\n") {}
    assert!(entries().len() > count);
    assert!(entries().windows(2).all(|w| w[0].0 + 1 == w[1].0 && w[0].1 < w[1].1), "{:?}", entries());
    assert!(entries().iter().all(|(_, _, tag)| sandbox.path(&format!("drizzle/{tag}.sql")).exists()));
    let all = folder(&sandbox, "");
    assert!(sandbox.run(&export).starts_with("exit: 0\n"));
    assert_eq!(folder(&sandbox, ""), all);

    // Another plan takes the place of this one: its entries go with its files.
    sandbox.run(&["plan", "demo", "--sql", "ALTER TABLE products ADD COLUMN x int", "-o", "p.json"]);
    let told = sandbox.run(&[export.as_slice(), &["--replace"]].concat());
    assert!(told.starts_with("exit: 0\n"), "{told}");
    assert!(entries().iter().all(|(_, _, tag)| sandbox.path(&format!("drizzle/{tag}.sql")).exists()), "{}", read());
    assert!(entries().windows(2).all(|w| w[0].0 + 1 == w[1].0 && w[0].1 < w[1].1), "{:?}", entries());
}

#[test]
fn a_folder_with_two_ends_is_refused() {
    for (format, files, says) in [
        (
            "alembic",
            [("a.py", "revision = 'a1'\ndown_revision = None\n"), ("b.py", "revision = 'b1'\ndown_revision = None\n")],
            "`a1` and `b1` are both heads: join them with `alembic merge heads` first",
        ),
        (
            "django",
            [
                ("0001_a.py", "class Migration(migrations.Migration):\n    dependencies = []\n"),
                ("0001_b.py", "class Migration(migrations.Migration):\n    dependencies = []\n"),
            ],
            "`0001_a` and `0001_b` are both the app's newest: join them with `makemigrations --merge` first",
        ),
        (
            "prisma",
            [("migration_lock.toml", "provider = \"mysql\"\n"), ("1_a/migration.sql", "")],
            "these migrations are for another provider",
        ),
        (
            "drizzle",
            [("20260101000000_a/migration.sql", "SELECT 1;\n"), ("20260101000000_a/snapshot.json", "{}")],
            "this layout of Drizzle Kit 1.0 is not served",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.run(&["plan", "demo", "--sql", "ALTER TABLE products ADD COLUMN x int", "-o", "p.json"]);
        for (path, text) in files {
            sandbox.write(&format!("there/{path}"), text);
        }
        let told = sandbox.run(&["export", "p.json", "--format", format, "--out", "change", "--migrations", "there"]);
        assert!(told.starts_with("exit: 2\n") && told.contains(says), "{format}: {told}");
        assert!(!sandbox.path("change").exists());
    }
}

/// Drizzle cuts at its mark wherever it stands.
#[test]
fn text_that_a_tool_would_cut_is_refused() {
    let sandbox = Sandbox::new();
    let wish = "ALTER TABLE users ADD COLUMN x text DEFAULT '--> statement-breakpoint'";
    sandbox.run(&["plan", "demo", "--sql", wish, "-o", "p.json"]);
    let told = sandbox.run(&["export", "p.json", "--format", "drizzle", "--out", "change"]);
    assert!(told.contains("where Drizzle cuts"), "{told}");
}

/// pgroll is told what is wanted, one operation per file; what it has no words for is refused.
#[test]
fn pgroll_says_what_the_script_asks_for() {
    let sandbox = Sandbox::new();
    let mut out = String::new();
    let wishes = [
        "ALTER TABLE users RENAME COLUMN email TO mail",
        "ALTER TABLE users ADD COLUMN n int NOT NULL DEFAULT 0, ADD COLUMN t timestamptz DEFAULT clock_timestamp()",
        "ALTER TABLE orders ALTER COLUMN note TYPE varchar(40)",
        "CREATE UNIQUE INDEX orders_n ON orders (note DESC NULLS LAST) WHERE note IS NOT NULL",
        "CREATE TABLE lists (\"Id\" bigint PRIMARY KEY, note text DEFAULT 'a \"b\" \\ c', \
         owner bigint REFERENCES users (id) ON DELETE CASCADE, CONSTRAINT pos CHECK (\"Id\" > 0))",
        "ALTER TABLE orders ADD CONSTRAINT short CHECK (length(note) < 100)",
    ];
    for (i, wish) in wishes.iter().enumerate() {
        sandbox.run(&["plan", "demo", "--sql", wish, "-o", "p.json"]);
        let to = format!("o{i}");
        let told = sandbox.run(&["export", "p.json", "--format", "pgroll", "--out", &to]);
        assert!(told.starts_with("exit: 0\n"), "{wish}: {told}");
        for text in folder(&sandbox, &format!("{to}/migrations")).values() {
            out.extend(text.lines().filter(|l| !l.starts_with("# sidestep plan")).map(|l| format!("{l}\n")));
        }
        assert!(sandbox.run(&["verify", &to]).starts_with("exit: 0\n"));
        assert!(sandbox.run(&["promote", &to]).contains("in the tool's folder already"));
    }
    insta::assert_snapshot!("export_pgroll", out);
    for (wish, says) in [
        ("CREATE INDEX e ON orders (lower(note))", "pgroll indexes columns, not expressions"),
        ("UPDATE orders SET note = 'x' WHERE note IS NULL", "pgroll has no operation for it"),
        ("ALTER TABLE orders ADD CHECK (note <> '')", "pgroll wants a name for the constraint"),
    ] {
        sandbox.run(&["plan", "demo", "--sql", wish, "-o", "p.json"]);
        let told = sandbox.run(&["export", "p.json", "--format", "pgroll", "--out", "no"]);
        assert!(told.contains(says) && told.contains("choose another format"), "{wish}: {told}");
    }
}
