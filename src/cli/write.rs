//! Writing: one file or a whole set, all or nothing, and never over something that sidestep did not write.

use crate::error::Problem;
use crate::export::{FileSet, plan_of};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Whether files of an earlier export may be replaced when they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    Nothing,
    /// Files that carry sidestep's mark; foreign ones never.
    Ours,
}

/// Writes a file whose name the user gave: to a sibling first, so that a failure leaves the old one whole.
pub fn replace_file(path: &Path, content: &str) -> Result<(), Problem> {
    let problem = |e: &io::Error| Problem::usage(format!("cannot write `{}`", path.display())).because(e);
    let name = path.file_name().ok_or_else(|| Problem::usage(format!("`{}` is not a file name", path.display())))?;
    // A device or a pipe (`/dev/stdout`) is written in place.
    if fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return fs::write(path, content).map_err(|e| problem(&e));
    }
    let sibling = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let written = fs::write(&sibling, content).and_then(|()| fs::rename(&sibling, path));
    written.map_err(|e| {
        let _ = fs::remove_file(&sibling);
        problem(&e)
    })
}

/// Writes `files` under `out`, which is created if it is not there.
/// `apart` is a folder inside it that another tool owns: nothing in there is looked at.
pub fn files(out: &Path, files: &FileSet, replace: Replace, apart: Option<&str>) -> Result<(), Problem> {
    let cannot = |e: &io::Error| Problem::usage(format!("cannot write into `{}`", out.display())).because(e);
    let old = beside(out, apart)?;
    refuse(out, &old, files, replace)?;
    if files.iter().all(|(path, content)| old.get(path).is_some_and(|o| o.as_ref() == Some(content)))
        && old.len() == files.len()
    {
        return Ok(());
    }
    let parent = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|e| cannot(&e))?;
    // Beside the target, so that moving is one rename each; inside it where the parent is closed to us.
    let name = format!(".sidestep-{}", std::process::id());
    let mut stage = parent.join(&name);
    if let Err(error) = fs::create_dir(&stage) {
        stage = out.join(&name);
        if !out.is_dir() || fs::create_dir(&stage).is_err() {
            return Err(cannot(&error));
        }
    }
    let result = write_staged(out, files, &old, &stage);
    let _ = fs::remove_dir_all(&stage);
    result.map_err(|e| cannot(&e))
}

/// What would keep [`files`] from writing.
pub fn check(out: &Path, files: &FileSet, replace: Replace, apart: Option<&str>) -> Result<(), Problem> {
    refuse(out, &beside(out, apart)?, files, replace)
}

fn beside(out: &Path, apart: Option<&str>) -> Result<std::collections::BTreeMap<String, Option<String>>, Problem> {
    let mut old = present(out)?;
    if let Some(apart) = apart {
        old.retain(|path, _| !path.strip_prefix(apart).is_some_and(|rest| rest.starts_with('/')));
    }
    Ok(old)
}

/// More files, or larger ones, are neither an export nor migrations.
const MOST_FILES: usize = 50_000;
const MOST_BYTES: u64 = 16 << 20;

/// Every file under a directory by relative path; `None` for what is not readable text or not a plain file.
pub fn present(out: &Path) -> Result<std::collections::BTreeMap<String, Option<String>>, Problem> {
    let mut found = std::collections::BTreeMap::new();
    match fs::symlink_metadata(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(Problem::usage(format!("cannot look into `{}`", out.display())).because(&error)),
        Ok(_) if !out.is_dir() => return Err(Problem::usage(format!("`{}` is not a directory", out.display()))),
        Ok(_) => {}
    }
    let mut open = vec![(out.to_owned(), String::new())];
    while let Some((directory, prefix)) = open.pop() {
        let entries = fs::read_dir(&directory)
            .map_err(|e| Problem::usage(format!("cannot look into `{}`", directory.display())).because(&e))?;
        for entry in entries.flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push((entry.path(), format!("{name}/"))),
                Ok(kind) if kind.is_file() => {
                    let small = entry.metadata().is_ok_and(|m| m.len() <= MOST_BYTES);
                    found.insert(name, small.then(|| fs::read_to_string(entry.path()).ok()).flatten());
                }
                // Links and devices are foreign: writing through one would leave the directory.
                _ => {
                    found.insert(name, None);
                }
            }
            if found.len() > MOST_FILES {
                return Err(Problem::usage(format!("`{}` holds too many files", out.display())).hint(
                    "give the export a directory of its own, and --migrations the folder that the tool itself reads",
                ));
            }
        }
    }
    Ok(found)
}

fn refuse(
    out: &Path,
    old: &std::collections::BTreeMap<String, Option<String>>,
    files: &FileSet,
    replace: Replace,
) -> Result<(), Problem> {
    let foreign: Vec<&str> =
        old.iter().filter(|(_, c)| c.as_deref().and_then(plan_of).is_none()).map(|(p, _)| p.as_str()).collect();
    if !foreign.is_empty() {
        return Err(Problem::usage(format!(
            "`{}` holds files that sidestep did not write: {}",
            out.display(),
            list(&foreign)
        ))
        .hint("give --out a new or empty directory, and move the files from there"));
    }
    let differing: Vec<&str> = old
        .iter()
        .filter(|(path, content)| files.get(*path) != content.as_ref())
        .map(|(path, _)| path.as_str())
        .collect();
    if replace == Replace::Nothing && !differing.is_empty() {
        return Err(Problem::usage(format!(
            "`{}` holds another export, or one that was edited: {}",
            out.display(),
            list(&differing)
        ))
        .hint("give --out another directory, or --replace to drop what is there"));
    }
    Ok(())
}

fn list(paths: &[&str]) -> String {
    let shown: Vec<String> = paths.iter().take(3).map(|p| format!("`{}`", crate::model::name::shown(p))).collect();
    match paths.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Writes everything to `stage`, sets the old files aside, moves the new ones in; takes all back at the first failure.
fn write_staged(
    out: &Path,
    files: &FileSet,
    old: &std::collections::BTreeMap<String, Option<String>>,
    stage: &Path,
) -> io::Result<()> {
    let (fresh, aside) = (stage.join("new"), stage.join("old"));
    for (path, content) in files {
        put(&fresh.join(path), |to| fs::write(to, content))?;
    }
    if !out.exists() {
        return fs::rename(&fresh, out);
    }
    let mut moves: Vec<(PathBuf, PathBuf)> = old.keys().map(|path| (out.join(path), aside.join(path))).collect();
    moves.extend(files.keys().map(|path| (fresh.join(path), out.join(path))));
    let mut done: Vec<&(PathBuf, PathBuf)> = Vec::new();
    for step in &moves {
        if let Err(error) = put(&step.1, |to| fs::rename(&step.0, to)) {
            for (from, to) in done.into_iter().rev() {
                let _ = fs::rename(to, from);
            }
            remove_empty(out);
            return Err(error);
        }
        done.push(step);
    }
    remove_empty(out);
    Ok(())
}

fn put(to: &Path, act: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    act(to)
}

/// Drops directories that an earlier export needed and this one does not; a directory with files stays.
fn remove_empty(out: &Path) {
    for entry in fs::read_dir(out).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
            let _ = fs::remove_dir(entry.path());
        }
    }
}
