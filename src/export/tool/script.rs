//! Which JavaScript the team's migrations are written in.

use super::super::FileSet;
use super::text::{Comment, head};
use super::{Job, Unit};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Dialect {
    /// `exports.up = …`
    CommonJs,
    /// `export const up = …`
    Module,
    TypeScript,
}

/// The dialect of the newest migration, and the end of its name; `usual` in an empty folder.
fn dialect(job: &Job<'_>, usual: (Dialect, &'static str)) -> (Dialect, &'static str) {
    newest(&job.standing).or_else(|| newest(job.present)).unwrap_or(usual)
}

/// One program per unit. `program` makes the name behind the number, and what stands below the head.
pub(in super::super) fn programs(
    job: &Job<'_>,
    usual: (Dialect, &'static str),
    program: impl Fn(&str, &Unit<'_>, Dialect) -> (String, String),
) -> FileSet {
    let (dialect, extension) = dialect(job, usual);
    let file = |(number, unit): (String, &Unit<'_>)| {
        let (name, text) = program(&number, unit, dialect);
        (format!("{number}{name}.{extension}"), format!("{}\n{text}", head(job, unit, Comment::Slashes)))
    };
    job.numbered().map(file).collect()
}

fn newest(files: &BTreeMap<String, String>) -> Option<(Dialect, &'static str)> {
    files.iter().rev().filter(|(path, _)| !path.ends_with(".d.ts")).find_map(|(path, text)| {
        let module = || text.lines().any(|l| l.starts_with("export ") || l.starts_with("import "));
        match path.rsplit_once('.')?.1 {
            "ts" => Some((Dialect::TypeScript, "ts")),
            "mts" => Some((Dialect::TypeScript, "mts")),
            "cts" => Some((Dialect::TypeScript, "cts")),
            "mjs" => Some((Dialect::Module, "mjs")),
            "cjs" => Some((Dialect::CommonJs, "cjs")),
            "js" if module() => Some((Dialect::Module, "js")),
            "js" => Some((Dialect::CommonJs, "js")),
            _ => None,
        }
    })
}
