//! Alembic revisions: a chain that begins at the head of the team's revisions. Each revision commits what came before it,
//! since Alembic's usual `env.py` runs all of them in one transaction.

use super::tool::{
    Comment, Down, History, Job, Numbering, OnMysql, Sends, Tool, Way, head, no_settings, pysource, python,
};
use super::{ExportError, FileSet, FormatInfo};
use crate::model::name::shown;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "alembic",
    title: "Alembic",
    traits: &["goes on from the one head", "`--sql` too"],
    ran: "Alembic 1.20.1 with SQLAlchemy 2.1.9 and psycopg 3",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::Native,
    folder: "alembic/versions",
    numbering: Numbering::Chain,
    shared: &[],
    migrations,
    settings: no_settings,
    command: "alembic upgrade head",
    how: "\
- `alembic upgrade head`, after a failure again: each revision commits what came before it and is done or not at all, or may
  be run again. Killing Alembic does not stop a running index build: look for it in `pg_stat_activity` first.
- One runner at a time: Alembic has no lock, two would run the same revision.
- Works with the usual `env.py`, with `transaction_per_migration=True`, and as a script by `alembic upgrade A:B --sql`
  (which writes four spaces for a tab, in a string too). A connection that is in autocommit already does not fit.
- `alembic downgrade -1` takes one revision back; what cannot be taken back raises.",
    mysql: Ok(OnMysql {
        command: "alembic upgrade head",
        how: "\
- `alembic upgrade head`, after a failure again. A revision is noted once all of it ran.
- One runner at a time: Alembic has no lock, two would run the same revision.
- Works with the usual `env.py` and any driver that SQLAlchemy has for the server. A connection that is in autocommit already
  does not fit.
- `alembic downgrade -1` takes one revision back; what cannot be taken back raises.",
        ran: "Alembic 1.20.1 with SQLAlchemy 2.1.9 and PyMySQL on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    let mut before = match standing(job)? {
        Some(parent) => parent,
        None => only_head(job.present)?,
    };
    for (_, unit) in job.numbered() {
        let id: String = job.plan.id.chars().take(6).collect();
        let revision = format!("p{id}_{}{}", unit.placed.digits(), unit.part);
        let (up, down) = (Way::up(unit, job), Way::down(unit, job));
        let text =
            file(&head(job, unit, Comment::Hash), &shown(&unit.placed.step.title), &revision, &before, &up, &down);
        files.insert(format!("{}.py", job.name(unit)), text);
        before = Some(revision);
    }
    Ok(files)
}

fn file(head: &str, title: &str, revision: &str, before: &Option<String>, up: &Way, down: &Way) -> String {
    let mut out = head.to_owned();
    let parent = before.as_deref().map_or_else(|| "None".to_owned(), python);
    let title = python(&format!("{title}\n\nRevision ID: {revision}\nRevises: {}\n", before.as_deref().unwrap_or("")));
    let _ = write!(
        out,
        "{title}\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = {}\ndown_revision = {parent}\n\
         branch_labels = None\ndepends_on = None\n\n\n\
         def _send(sql):\n    # A colon is SQL here, never a parameter.\n    op.execute(sa.text(sql.replace(\":\", \"\\\\:\")))\n\n\n\
         def upgrade() -> None:\n{}\n\ndef downgrade() -> None:\n{}",
        python(revision),
        body(up),
        body(down)
    );
    out
}

fn body(way: &Way) -> String {
    let mut out = String::new();
    match way {
        Way::Nothing => out.push_str("    pass  # nothing to take back\n"),
        Way::Refuse(because) => {
            let _ = writeln!(out, "    raise RuntimeError({})", python(because));
        }
        Way::Together(all) => {
            out.push_str("    with op.get_context().autocommit_block():\n        pass  # commits what came before\n");
            for sql in all {
                let _ = writeln!(out, "    _send({})", python(&closed(sql)));
            }
        }
        Way::Alone { .. } => {
            out.push_str("    with op.get_context().autocommit_block():\n");
            for sql in way.sent(true) {
                let _ = writeln!(out, "        _send({})", python(&closed(&sql)));
            }
        }
    }
    out
}

/// As a script, Alembic puts a semicolon right behind: it must not end up in a comment.
fn closed(sql: &str) -> String {
    let in_comment = sql.lines().last().is_some_and(|line| line.contains("--"));
    if in_comment { format!("{sql}\n/**/") } else { sql.to_owned() }
}

/// What the stage's first revision continues, where it is written already.
fn standing(job: &Job<'_>) -> Result<Option<Option<String>>, ExportError> {
    let links = links(&job.standing)?;
    Ok(links
        .values()
        .find(|link| link.parents.iter().all(|p| !links.contains_key(p)))
        .map(|l| l.parents.first().cloned()))
}

struct Link {
    path: String,
    parents: Vec<String>,
}

/// Revisions by id.
fn links(files: &BTreeMap<String, String>) -> Result<BTreeMap<String, Link>, ExportError> {
    let mut found = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".py")) {
        let Some(value) = pysource::assigned(text, "revision") else { continue };
        let foreign = |because: &str| ExportError::Foreign { path: path.clone(), because: because.to_owned() };
        let id =
            pysource::strings(value).and_then(|mut s| s.pop()).ok_or_else(|| foreign("its `revision` is no text"))?;
        let parents = match pysource::assigned(text, "down_revision") {
            None => Vec::new(),
            Some(value) => pysource::strings(value)
                .ok_or_else(|| foreign("its `down_revision` is not a text, a tuple of texts, or None"))?,
        };
        found.insert(id, Link { path: path.clone(), parents });
    }
    Ok(found)
}

/// The revision that no other one continues; none in an empty folder.
fn only_head(files: &BTreeMap<String, String>) -> Result<Option<String>, ExportError> {
    let links = links(files)?;
    let continued: BTreeSet<&String> = links.values().flat_map(|l| &l.parents).collect();
    let mut heads = links.iter().filter(|(id, _)| !continued.contains(id));
    let Some((head, _)) = heads.next() else { return Ok(None) };
    if let Some((other, link)) = heads.next() {
        return Err(ExportError::Foreign {
            path: link.path.clone(),
            because: format!(
                "`{}` and `{}` are both heads: join them with `alembic merge heads` first",
                shown(head),
                shown(other)
            ),
        });
    }
    Ok(Some(head.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect()
    }

    #[test]
    fn the_head_is_what_nobody_continues() {
        let mut files = folder(&[
            ("a.py", "revision: str = 'a1'\ndown_revision: Union[str, None] = None\n"),
            ("b.py", "revision = \"b2\"\ndown_revision = 'a1'  # x\n"),
            ("c.py", "revision = 'c3'\ndown_revision = (\n    'b2',  # a\n    \"a1\",\n)\n"),
            ("__init__.py", ""),
        ]);
        assert_eq!(only_head(&files).unwrap().as_deref(), Some("c3"));
        files.insert("d.py".into(), "revision = 'd4'\ndown_revision = 'b2'\n".into());
        assert!(only_head(&files).unwrap_err().to_string().contains("`c3` and `d4` are both heads"));
        files.insert("e.py".into(), "revision = 'e5'\ndown_revision = compute()\n".into());
        assert!(only_head(&files).unwrap_err().to_string().contains("`e.py`"));
        assert_eq!(only_head(&folder(&[])).unwrap(), None);
    }
}
