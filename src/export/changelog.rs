//! What both of Liquibase's formats share: the master changelog that includes one file per stage, and what it takes for an expression.

use super::ExportError;
use super::gate::holds;
use super::tool::{Body, Job, Unit};
use crate::engine::dialect;
use crate::engine::emit::speech::Asks;
use std::collections::BTreeSet;

pub(super) const MASTER: &str = "db.changelog-master.yaml";
pub(super) const AUTHOR: &str = "sidestep";

/// `003_pe12d0c_expand`: of a stage's file.
pub(super) fn stem(job: &Job<'_>) -> String {
    let id: String = job.plan.id.chars().take(6).collect();
    format!("{}_p{id}_{}", job.numbering.spell(job.first, 0), job.stage.name)
}

/// The master with `file` included at its end; none where the folder is led by a file of another kind.
pub(super) fn master(job: &Job<'_>, file: &str) -> Result<Option<String>, ExportError> {
    let other = |path: &String| {
        let name = path.to_ascii_lowercase();
        !name.contains('/') && (name.contains("master") || name.contains("root")) && path != MASTER
    };
    match job.present.get(MASTER) {
        None if job.present.keys().any(other) => Ok(None),
        None => Ok(Some(format!("databaseChangeLog:\n{}", include("  ", file)))),
        Some(text) => continued(text, file, &job.options.gone).map(Some),
    }
}

fn include(indent: &str, file: &str) -> String {
    format!("{indent}- include: {{file: {file}, relativeToChangelogFile: true}}\n")
}

fn continued(text: &str, file: &str, gone: &BTreeSet<String>) -> Result<String, ExportError> {
    let foreign = || ExportError::Foreign {
        path: MASTER.to_owned(),
        because: "it is not one list below `databaseChangeLog:`, to whose end an include could be added".to_owned(),
    };
    let makes_room = |line: &str| gone.iter().any(|path| line.contains("include:") && line.contains(path.as_str()));
    let kept = text.lines().filter(|line| !makes_room(line));
    let mut text: String = kept.map(|line| format!("{}\n", line.trim_end())).collect();
    let bare = |line: &&str| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#') && line != "---"
    };
    let mut lines = text.lines().filter(bare);
    if lines.next() != Some("databaseChangeLog:") {
        return Err(foreign());
    }
    let indent = match lines.next() {
        Some(first) if first.trim_start().starts_with("- ") => {
            first.get(..first.len() - first.trim_start().len()).unwrap_or_default().to_owned()
        }
        None => "  ".to_owned(),
        Some(_) => return Err(foreign()),
    };
    let inside = |line: &str| line.strip_prefix(indent.as_str()).is_some_and(|rest| rest.starts_with(['-', ' ']));
    if !lines.all(inside) {
        return Err(foreign());
    }
    if !text.lines().any(|line| line.contains("include:") && line.contains(file)) {
        text.push_str(&include(&indent, file));
    }
    Ok(text)
}

/// The servers that a changeset is for; on others Liquibase passes it over.
pub(super) fn dbms(job: &Job<'_>) -> &'static str {
    match job.asks() {
        Asks::Block => "postgresql",
        Asks::Prepared => "mysql,mariadb",
    }
}

/// `${…}` is replaced wherever Liquibase knows the name, Java's own properties among them, and nothing makes it text again.
pub(super) fn expression(line: &str) -> bool {
    line.contains("${")
}

/// The same in a comment, where a space does no harm.
pub(super) fn inert(comment: &str) -> String {
    comment.replace("${", "$ {")
}

/// A query that answers 1 once the unit has nothing to do any more. In one line, if it must be and can be.
pub(super) fn done(job: &Job<'_>, unit: &Unit<'_>, one_line: bool) -> Option<String> {
    let check = unit.done.as_ref().filter(|c| matches!(unit.body, Body::Atomic { .. }) && !expression(&c.sql))?;
    let holds = holds(check, dialect(job.plan.server.engine));
    if one_line && (check.sql.contains("--") || check.sql.contains('\'')) && check.sql.contains('\n') {
        return None;
    }
    let holds = if one_line { holds.replace('\n', " ") } else { holds };
    Some(format!("SELECT CASE WHEN {holds} THEN 1 ELSE 0 END"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_is_continued_as_it_is_written() {
        let none = BTreeSet::new();
        let more = |text: &str| continued(text, "2_x.sql", &none);
        assert_eq!(
            more("# ours\ndatabaseChangeLog:\n- include:\n    file: a.sql\n").unwrap(),
            "# ours\ndatabaseChangeLog:\n- include:\n    file: a.sql\n- include: {file: 2_x.sql, relativeToChangelogFile: true}\n"
        );
        let twice = more("databaseChangeLog:\n    - include: {file: a.sql}").unwrap();
        assert_eq!(more(&twice).unwrap(), twice);
        assert!(twice.contains("\n    - include: {file: 2_x.sql"));
        let gone = BTreeSet::from(["2_x.sql".to_owned()]);
        assert_eq!(continued(&twice, "3_y.sql", &gone).unwrap(), twice.replace("2_x.sql", "3_y.sql"));
        assert!(more("databaseChangeLog: []").is_err());
        assert!(more("databaseChangeLog:\n  - a: b\nother:\n  - c\n").is_err());
    }
}
