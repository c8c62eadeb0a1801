//! Django migrations: `RunSQL` with a list, since one text with two statements would be one transaction. The dependency is the
//! newest migration of the app. Models are the team's: what they say about the change is left to `state_operations`.

use super::tool::{
    Comment, Down, History, Job, Numbering, OnMysql, Sends, Tool, Unit, Way, head, no_settings, pysource, python,
};
use super::{ExportError, FileSet, FormatInfo};
use crate::model::name::shown;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "django",
    title: "Django",
    traits: &["`RunSQL`; the models are yours"],
    ran: "Django 5.2.19 with psycopg 3",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::Native,
    folder: "app/migrations",
    numbering: Numbering::Sequence { width: 4, from: 1 },
    shared: &[],
    migrations,
    settings: no_settings,
    command: "python manage.py migrate",
    how: "\
- Export with `--migrations` pointing to the app's own `migrations` folder: the app's label and the migration to continue are
  read there.
- `python manage.py migrate`, after a failure again: each migration is done or not at all, or may be run again. Killing it does
  not stop a running index build: look for it in `pg_stat_activity` first.
- One runner at a time: Django has no lock, two would run the same migration.
- sidestep does not know the models. The last migration of each stage has an empty list `state_operations`: change `models.py`,
  look at `makemigrations --dry-run -v 3`, and put the operations it shows into that list instead of a migration of their own.
  Afterwards `makemigrations --check` has nothing to say. A field that is dropped leaves the models in the release before the
  contract stage.
- `python manage.py migrate APP NUMBER` goes back to that migration; what cannot be taken back stops it.",
    mysql: Ok(OnMysql {
        command: "python manage.py migrate",
        how: "\
- Export with `--migrations` pointing to the app's own `migrations` folder: the app's label and the migration to continue are
  read there.
- `python manage.py migrate`, after a failure again. A migration is noted once all of it ran.
- One runner at a time: Django has no lock, two would run the same migration.
- sidestep does not know the models. The last migration of each stage has an empty list `state_operations`: change `models.py`,
  look at `makemigrations --dry-run -v 3`, and put the operations it shows into that list instead of a migration of their own.
  Afterwards `makemigrations --check` has nothing to say. A field that is dropped leaves the models in the release before the
  contract stage.
- `python manage.py migrate APP NUMBER` goes back to that migration; what cannot be taken back stops it.",
        ran: "Django 5.2.19 with PyMySQL on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    let mut depends = match standing(job) {
        Some(before) => before,
        None => newest(job)?,
    };
    let last = job.stage.units.len().saturating_sub(1);
    for (at, (number, unit)) in job.numbered().enumerate() {
        let name = format!("{number}_{}", job.name(unit));
        let label = label(job, depends.as_ref());
        let text = file(&head(job, unit, Comment::Hash), depends.as_ref(), unit, job, at == last);
        files.insert(format!("{name}.py"), text);
        depends = Some((label, name));
    }
    Ok(files)
}

fn file(head: &str, depends: Option<&(String, String)>, unit: &Unit<'_>, job: &Job<'_>, last: bool) -> String {
    let (up, down) = (Way::up(unit, job), Way::down(unit, job));
    let alone = up.is_alone() || down.is_alone();
    let mut out = format!("{head}from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n");
    if alone {
        out.push_str("    atomic = False  # every statement commits on its own\n");
    }
    let depends = depends.map(|(label, name)| format!("({}, {})", python(label), python(name))).unwrap_or_default();
    let _ = write!(
        out,
        "    dependencies = [{depends}]\n    operations = [\n        migrations.RunSQL(\n{}",
        list("            ", &up, !alone)
    );
    match &down {
        Way::Refuse(because) => {
            let _ = writeln!(out, "            # no reverse_sql. {}", shown(because));
        }
        Way::Nothing => out.push_str("            reverse_sql=migrations.RunSQL.noop,\n"),
        down => out.push_str(&list("            reverse_sql=", down, !alone)),
    }
    if last {
        out.push_str(
            "            # What the models say about this change: operations of `makemigrations --dry-run -v 3` go here.\n\
             \x20           state_operations=[],\n",
        );
    }
    out.push_str("        ),\n    ]\n");
    out
}

fn list(before: &str, way: &Way, transaction: bool) -> String {
    let mut out = format!("{before}[\n");
    for sql in way.sent(transaction) {
        let _ = writeln!(out, "                {},", python(&sql));
    }
    out + "            ],\n"
}

/// The app's own migrations: what each depends on inside the app, and which ones it replaces.
struct App {
    label: Option<String>,
    links: BTreeMap<String, (Vec<String>, Vec<String>)>,
}

fn app(files: &BTreeMap<String, String>) -> App {
    let name =
        |path: &str| path.strip_suffix(".py").filter(|n| !n.contains('/') && *n != "__init__").map(str::to_owned);
    let names: BTreeSet<String> = files.keys().filter_map(|path| name(path)).collect();
    let mut app = App { label: None, links: BTreeMap::new() };
    for (path, text) in files {
        let Some(name) = name(path).filter(|_| text.contains("Migration")) else { continue };
        let mut own = |what: &str| -> Vec<String> {
            let pairs = pysource::assigned(text, what).map(pysource::pairs).unwrap_or_default();
            let pairs = pairs.into_iter().filter(|(_, name)| names.contains(name));
            // Another app may have a migration of the same name: the label that most of them use is this app's.
            pairs
                .map(|(label, name)| (app.label.get_or_insert(label.clone()).clone(), label, name))
                .filter(|(app, label, _)| app == label)
                .map(|(_, _, name)| name)
                .collect()
        };
        let links = (own("dependencies"), own("replaces"));
        app.links.insert(name, links);
    }
    app
}

/// What the stage's first migration depends on, where it is written already.
fn standing(job: &Job<'_>) -> Option<Option<(String, String)>> {
    let first = job.standing.iter().find(|(path, _)| path.ends_with(".py"))?;
    Some(pysource::assigned(first.1, "dependencies").map(pysource::pairs).unwrap_or_default().pop())
}

fn newest(job: &Job<'_>) -> Result<Option<(String, String)>, ExportError> {
    let app = app(job.present);
    // A squashed migration stands for those it replaces.
    let squashed: BTreeMap<&String, &String> =
        app.links.iter().flat_map(|(name, (_, replaces))| replaces.iter().map(move |r| (r, name))).collect();
    let stands = |name: &String| -> String { squashed.get(name).map_or_else(|| name.clone(), |s| (*s).clone()) };
    let continued: BTreeSet<String> = app
        .links
        .iter()
        .flat_map(|(name, (depends, _))| depends.iter().map(stands).filter(move |d| *d != stands(name)))
        .collect();
    let mut leaves = app.links.keys().filter(|n| stands(n) == **n && !continued.contains(*n));
    let Some(leaf) = leaves.next() else { return Ok(None) };
    if let Some(other) = leaves.next() {
        return Err(ExportError::Foreign {
            path: format!("{other}.py"),
            because: format!(
                "`{}` and `{}` are both the app's newest: join them with `makemigrations --merge` first",
                shown(leaf),
                shown(other)
            ),
        });
    }
    Ok(Some((label(job, None), leaf.clone())))
}

/// The app's label: as its migrations call it, else the name of the folder above `migrations`.
fn label(job: &Job<'_>, depends: Option<&(String, String)>) -> String {
    if let Some((label, _)) = depends {
        return label.clone();
    }
    let above = |path: &str| path.trim_end_matches('/').rsplit('/').nth(1).map(str::to_owned);
    let usual = || job.options.folder.as_deref().and_then(above).filter(|l| l != "..");
    let found = app(job.present).label.or_else(|| job.options.above.clone()).or_else(usual);
    found.or_else(|| above(TOOL.folder)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_read_from_their_own_migrations() {
        let migration = |depends: &str, replaces: &str| {
            format!(
                "class Migration(migrations.Migration):\n    replaces = [{replaces}]\n    dependencies = [{depends}]\n"
            )
        };
        let files = BTreeMap::from([
            ("0001_initial.py".to_owned(), migration("('auth', '0012_x')", "")),
            ("0002_a.py".to_owned(), migration("('shop', '0001_initial'),", "")),
            ("__init__.py".to_owned(), String::new()),
        ]);
        let app = app(&files);
        assert_eq!(app.label.as_deref(), Some("shop"));
        assert_eq!(app.links["0002_a"].0, ["0001_initial"]);
        assert!(app.links["0001_initial"].0.is_empty());
    }
}
