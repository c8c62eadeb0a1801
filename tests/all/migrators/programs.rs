//! Every exported program of every case is read by the language itself.

use super::tools;
use crate::mysql_plans;
use crate::support::case;
use sidestep::export::{ExportOptions, export};
use sidestep::plan::Plan;
use std::collections::BTreeMap;
use std::process::Command;

/// Every case of PostgreSQL that has a plan, by its place.
fn plans() -> Vec<(String, Plan)> {
    let planned = |case: case::Case| {
        let major = case.versions.last().copied()?;
        let plan = sidestep::change::plan(&case.wish, &case.catalog(major), &case.policy).ok()?;
        Some((format!("{}/{}", case.kind, case.name), plan))
    };
    case::all().into_iter().filter_map(planned).collect()
}

/// The same of MySQL and MariaDB.
fn plans_for_mysql() -> Vec<(String, Plan)> {
    let planned = |case: mysql_plans::Case| {
        let catalog = mysql_plans::catalog(&case, case.servers.last()?);
        let plan = sidestep::change::plan(&case.wish, &catalog, &mysql_plans::policy()).ok()?;
        Some((case.name, plan))
    };
    let cases = mysql_plans::every_case().into_iter().chain([super::mysql::the_case("hostile")]);
    cases.filter_map(planned).collect()
}

/// Writes the exports of all cases, as into a folder that holds `there`, and runs `program` over them.
fn reads(format: &str, there: Option<(&str, &str)>, program: &str, arguments: &[&str]) {
    let least = if format == "pgroll" { 30 } else { 500 };
    reads_all(plans(), least, format, there, program, arguments);
}

fn reads_all(
    plans: Vec<(String, Plan)>,
    least: usize,
    format: &str,
    there: Option<(&str, &str)>,
    program: &str,
    arguments: &[&str],
) {
    let dir = tempfile::tempdir().unwrap();
    let present = BTreeMap::from_iter(there.map(|(path, text)| (path.to_owned(), text.to_owned())));
    let options = ExportOptions { present, ..ExportOptions::default() };
    let mut count = 0;
    for (place, plan) in plans {
        let Ok(files) = export(&plan, format, &options) else { continue };
        for (path, text) in files
            .iter()
            .filter(|(p, _)| ["py", "rb", "js", "ts", "mjs", "yaml"].iter().any(|e| p.ends_with(&format!(".{e}"))))
        {
            let (folder, name) = path.rsplit_once('/').unwrap();
            let path = dir.path().join(format!("{place}/{folder}"));
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join(name), text).unwrap();
            count += 1;
        }
    }
    assert!(count > least, "only {count} files");
    let mut command = Command::new(program);
    command.args(arguments).arg(dir.path()).env("NODE_PATH", tools().join("node/node_modules"));
    let said = super::run(command).unwrap_or_else(|why| panic!("{format}: {why}"));
    assert_eq!(said.trim(), count.to_string(), "{format}");
}

const PYTHON: &str = "
import sys, pathlib
files = list(pathlib.Path(sys.argv[1]).rglob('*.py'))
for file in files:
    compile(file.read_bytes(), str(file), 'exec')
print(len(files))
";

/// CommonJS by node's own reader, as `require` wraps it; the rest by esbuild, which comes with drizzle-kit.
const NODE: &str = "
const fs = require('fs'), path = require('path'), vm = require('vm');
let count = 0;
const walk = (dir) => {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) { walk(file); continue; }
    const text = fs.readFileSync(file, 'utf8');
    if (file.endsWith('.js')) new vm.Script('(function (exports, require, module) {' + text + '\\n})', { filename: file });
    else require('esbuild').transformSync(text, { loader: file.endsWith('.ts') ? 'ts' : 'js', sourcefile: file });
    count += 1;
  }
};
walk(process.argv[1]);
console.log(count);
";

/// pgroll cannot be had: what its JSON schema of May 2026 knows and asks for.
const PGROLL: &str = "
import sys, pathlib, yaml
column = {'name', 'type', 'default', 'nullable', 'pk', 'unique', 'check', 'references'}
known = {
    'add_column': ({'table', 'column'}, {'up'}),
    'alter_column': ({'table', 'column', 'up', 'down'}, {'type', 'nullable', 'default'}),
    'rename_column': ({'table', 'from', 'to'}, set()),
    'rename_table': ({'from', 'to'}, set()),
    'rename_constraint': ({'table', 'from', 'to'}, set()),
    'drop_column': ({'table', 'column'}, {'down'}),
    'create_index': ({'name', 'table', 'columns'}, {'predicate', 'method', 'unique'}),
    'drop_index': ({'name'}, set()),
    'create_table': ({'name', 'columns'}, {'constraints'}),
    'drop_table': ({'name'}, set()),
    'create_constraint': ({'name', 'table', 'type', 'up', 'down'}, {'columns', 'check', 'references'}),
}
files = list(pathlib.Path(sys.argv[1]).rglob('*.yaml'))
for file in files:
    migration = yaml.safe_load(file.read_text())
    assert list(migration) == ['operations'] and len(migration['operations']) == 1, file
    [(name, body)] = migration['operations'][0].items()
    needed, more = known[name]
    assert needed <= set(body) <= needed | more, (file, body)
    new = body['columns'] if name == 'create_table' else [body['column']] if name == 'add_column' else []
    assert all({'name', 'type'} <= set(c) <= column for c in new), (file, body)
print(len(files))
";

#[test]
fn pgrolls_grammar_is_kept() {
    reads("pgroll", None, tools().join("bin/migrators-python").to_str().unwrap(), &["-c", PGROLL]);
}

const RUBY: &str = "
files = Dir.glob(File.join(ARGV[0], '**', '*.rb'))
files.each { |file| RubyVM::InstructionSequence.compile(File.read(file, encoding: 'utf-8'), file) }
puts files.length
";

#[test]
fn python_reads_what_is_exported() {
    reads("alembic", None, "python3", &["-c", PYTHON]);
    reads("django", None, "python3", &["-c", PYTHON]);
}

#[test]
fn node_reads_what_is_exported() {
    reads("knex", None, "node", &["-e", NODE]);
    reads("node-pg-migrate", None, "node", &["-e", NODE]);
    reads("typeorm", Some(("1-a.js", "module.exports = class {};")), "node", &["-e", NODE]);
}

#[test]
fn typescript_and_modules_are_read() {
    for (format, there) in [
        ("knex", "1_a.ts"),
        ("node-pg-migrate", "1_a.ts"),
        ("typeorm", "1_a.ts"),
        ("knex", "1_a.mjs"),
        ("typeorm", "1_a.mjs"),
    ] {
        reads(format, Some((there, "export const up = 1;")), "node", &["-e", NODE]);
    }
}

#[test]
#[ignore = "tests/run --exports"]
fn ruby_reads_what_is_exported() {
    reads("rails", None, "ruby", &["-e", RUBY]);
    reads("rails-strong_migrations", None, "ruby", &["-e", RUBY]);
}

#[test]
fn programs_for_mysql_are_read() {
    for (format, there) in [
        ("alembic", None),
        ("django", None),
        ("knex", None),
        ("knex", Some("1_a.ts")),
        ("knex", Some("1_a.mjs")),
        ("typeorm", Some("1_a.ts")),
        ("typeorm", Some("1_a.mjs")),
    ] {
        let there = there.map(|name| (name, "export const up = 1;"));
        let (program, arguments) =
            if ["alembic", "django"].contains(&format) { ("python3", ["-c", PYTHON]) } else { ("node", ["-e", NODE]) };
        reads_all(plans_for_mysql(), 40, format, there, program, &arguments);
    }
}
