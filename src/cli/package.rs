//! Where an export goes: its own directory, and the folder of a migration tool, which may hold the team's own files.

use super::write::{self, Replace};
use crate::error::Problem;
use crate::export::manifest::{MANIFEST, Manifest, fingerprint};
use crate::export::{self, ExportOptions, Package};
use crate::model::name::shown;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

pub struct Destination {
    out: PathBuf,
    /// Of the migration tool, if one of the formats is for one.
    migrations: Option<PathBuf>,
    /// The same as the record spells it: seen from `out`.
    folder: Option<String>,
}

impl Destination {
    /// # Errors
    /// [`Problem`] for an unknown format, or `--migrations` where no format has such a folder.
    pub fn new(out: &Path, formats: &[&str], migrations: Option<&Path>) -> Result<Self, Problem> {
        let mut usual = None;
        for format in formats {
            usual = usual.or(export::folder_of(format).map_err(|e| super::export::cannot_export(&e))?);
        }
        let migrations = match (usual, migrations) {
            (None, Some(_)) => {
                return Err(Problem::usage("--migrations is for the formats of migration tools")
                    .hint("`sidestep export --list-formats` shows them"));
            }
            (Some(_), Some(given)) => Some(given.to_owned()),
            (Some(usual), None) => Some(out.join(usual)),
            (None, None) => None,
        };
        let folder = match &migrations {
            Some(folder) => Some(relative(out, folder)?),
            None => None,
        };
        Ok(Self { out: out.to_owned(), migrations, folder })
    }

    /// From the record of an export; `migrations` if the folder has moved.
    ///
    /// # Errors
    /// [`Problem`] where `directory` holds no export.
    pub fn of_export(directory: &Path, migrations: Option<&Path>) -> Result<(Self, Manifest), Problem> {
        let mut destination = Self { out: directory.to_owned(), migrations: None, folder: None };
        let Some(manifest) = destination.manifest()? else {
            return Err(Problem::usage(format!("`{}` holds no export: there is no {MANIFEST}", directory.display()))
                .hint("it is written by `sidestep export … --out DIR`"));
        };
        if let Some(recorded) = &manifest.migrations {
            let folder = migrations.map_or_else(|| clean(&directory.join(recorded)), Path::to_owned);
            destination.folder = Some(match migrations {
                Some(given) => relative(directory, given)?,
                None => recorded.clone(),
            });
            destination.migrations = Some(folder);
        }
        Ok((destination, manifest))
    }

    /// The record of what is there.
    pub fn manifest(&self) -> Result<Option<Manifest>, Problem> {
        let path = self.out.join(MANIFEST);
        let text = match fs::read_to_string(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(Problem::usage(format!("cannot read `{}`", path.display())).because(&error)),
            Ok(text) => text,
        };
        let manifest: Manifest = serde_json::from_str(&text).map_err(|error| {
            Problem::unreadable(format!("`{}` is not the record of an export", path.display()))
                .because(&error)
                .hint("export again into a new directory")
        })?;
        if manifest.format > 1 {
            return Err(Problem::unreadable(format!("`{}` was written by a newer sidestep", path.display()))
                .hint("use a newer sidestep"));
        }
        let inside = |path: &String| Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
        let all = manifest.files.keys().chain(manifest.stages.iter().flat_map(|s| s.migrations.keys()));
        if let Some(odd) = all.clone().find(|path| !inside(path)) {
            return Err(Problem::unreadable(format!("`{}` names a file outside: `{}`", path.display(), shown(odd))));
        }
        Ok(Some(manifest))
    }

    pub fn options(&self, start_version: Option<u64>) -> Result<ExportOptions, Problem> {
        let present = self.migrations.as_deref().map(write::present).transpose()?.unwrap_or_default();
        let present = present.into_iter().map(|(path, text)| (path, text.unwrap_or_default())).collect();
        let above = self.migrations.as_deref().and_then(|folder| {
            let full = std::path::absolute(folder).ok()?;
            Some(full.canonicalize().unwrap_or(full).parent()?.file_name()?.to_string_lossy().into_owned())
        });
        Ok(ExportOptions { start_version, present, folder: self.folder.clone(), above, ..ExportOptions::default() })
    }

    /// Migrations of an export that is being replaced, if they are still as they were written.
    pub fn room(manifest: &Manifest, present: &BTreeMap<String, String>) -> BTreeSet<String> {
        let old = manifest.stages.iter().flat_map(|s| &s.migrations);
        let same = old.filter(|(path, print)| present.get(*path).is_some_and(|text| fingerprint(text) == **print));
        same.map(|(path, _)| path.clone()).collect()
    }

    /// Every file of the record that is not as it was written, by its path for people, with what is wrong.
    pub fn differences(&self, manifest: &Manifest) -> Vec<(String, &'static str)> {
        let mut odd = Vec::new();
        let mut ask = |root: &Path, path: &str, print: &str| {
            let path = root.join(path);
            let wrong = match fs::read_to_string(&path) {
                Ok(text) if fingerprint(&text) == print => None,
                Ok(_) => Some("was changed"),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is missing"),
                Err(_) => Some("cannot be read"),
            };
            odd.extend(wrong.map(|wrong| (path.display().to_string(), wrong)));
        };
        manifest.files.iter().for_each(|(path, print)| ask(&self.out, path, print));
        if let Some(folder) = &self.migrations {
            let all = manifest.stages.iter().flat_map(|s| &s.migrations);
            all.for_each(|(path, print)| ask(folder, path, print));
        }
        odd
    }

    /// # Errors
    /// [`Problem`] that names the files that were changed or taken away since.
    pub fn untouched(&self, manifest: &Manifest) -> Result<(), Problem> {
        let odd = self.differences(manifest);
        let [(first, wrong), ..] = odd.as_slice() else { return Ok(()) };
        let more = if odd.len() > 1 { format!(", and {} more differ", odd.len() - 1) } else { String::new() };
        Err(Problem::usage(format!("`{}` holds this export, but `{}` {wrong}{more}", self.out.display(), shown(first)))
            .hint("`sidestep verify DIR` lists them; give --out another directory, or --replace to write them again"))
    }

    /// Writes all or nothing. Migrations of `gone` that are still as they were written make room.
    pub fn write(&self, package: &Package, gone: Option<&Manifest>, replace: Replace) -> Result<(), Problem> {
        // Inside the export's directory the tool's folder is the tool's.
        let apart = self.folder.as_deref().filter(|f| !f.starts_with(".."));
        write::check(&self.out, &package.files, replace, apart)?;
        let Some(folder) = &self.migrations else {
            return write::files(&self.out, &package.files, replace, apart);
        };
        let old = gone.iter().flat_map(|m| m.stages.iter().flat_map(|s| &s.migrations));
        let room: BTreeMap<&String, &String> = old.collect();
        for (path, content) in &package.migrations {
            let there = fs::read_to_string(folder.join(path)).ok();
            let ours = there.as_deref().is_some_and(|t| t == content || room.contains_key(path));
            if there.is_some() && !ours && !package.shared.contains(path) {
                return Err(Problem::usage(format!("`{}` is there already", folder.join(path).display()))
                    .hint("sidestep never writes over a migration: move it away, or choose --start-version"));
            }
        }
        let mut done = Undoable::default();
        let result = (|| {
            for (path, print) in room {
                let at = folder.join(path);
                let same = fs::read_to_string(&at).is_ok_and(|text| fingerprint(&text) == *print);
                if same && !package.migrations.contains_key(path) {
                    done.remove(&at)?;
                }
            }
            package.migrations.iter().try_for_each(|(path, content)| done.write(&folder.join(path), content))
        })();
        let result = result
            .map_err(|e: io::Error| Problem::usage(format!("cannot write into `{}`", folder.display())).because(&e));
        let result = result.and_then(|()| write::files(&self.out, &package.files, replace, apart));
        if result.is_err() {
            done.take_back();
        }
        result
    }

    /// Paths of everything that was written, for people and programs.
    pub fn names(&self, package: &Package) -> Vec<String> {
        let beside = package.files.keys().map(|path| self.out.join(path).display().to_string());
        self.migrations(package).into_iter().chain(beside).collect()
    }

    /// The same of the migration tool's folder alone.
    pub fn migrations(&self, package: &Package) -> Vec<String> {
        let folder = self.migrations.clone().unwrap_or_default();
        package.migrations.keys().map(|path| folder.join(path).display().to_string()).collect()
    }
}

/// Files that were written or removed one by one, with what was there before.
#[derive(Default)]
struct Undoable(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Undoable {
    fn write(&mut self, path: &Path, content: &str) -> io::Result<()> {
        let before = fs::read(path).ok();
        if before.as_deref() == Some(content.as_bytes()) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let sibling = path.with_file_name(format!(".{name}.{}", std::process::id()));
        let written = fs::write(&sibling, content).and_then(|()| fs::rename(&sibling, path));
        if written.is_err() {
            let _ = fs::remove_file(&sibling);
            return written;
        }
        self.0.push((path.to_owned(), before));
        Ok(())
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        let before = fs::read(path)?;
        fs::remove_file(path)?;
        // A migration that is a folder leaves it behind.
        let _ = path.parent().map(fs::remove_dir);
        self.0.push((path.to_owned(), Some(before)));
        Ok(())
    }

    fn take_back(self) {
        for (path, before) in self.0.into_iter().rev() {
            let _ = match before {
                Some(bytes) => {
                    let _ = path.parent().map(fs::create_dir_all);
                    fs::write(path, bytes)
                }
                None => fs::remove_file(path),
            };
        }
    }
}

/// The same path without `..` behind a plain folder: for people.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        let plain = matches!(out.components().next_back(), Some(Component::Normal(_)));
        // A link leads elsewhere: then the way is kept as it is.
        match part {
            Component::ParentDir if plain && !out.is_symlink() => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}

/// `to` as seen from `from`, with `/`; neither has to be there yet.
fn relative(from: &Path, to: &Path) -> Result<String, Problem> {
    let full = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        // As much of it as there is, without links.
        let there =
            path.ancestors().find_map(|a| Some((a.canonicalize().ok()?, path.strip_prefix(a).ok()?.to_owned())));
        there.map_or(path, |(real, rest)| real.join(rest))
    };
    let (from, to) = (full(from), full(to));
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared).map(|c| c.as_os_str().to_string_lossy().into_owned());
    let path = up.chain(down).collect::<Vec<_>>().join("/");
    if path.is_empty() {
        return Err(Problem::usage("--out and --migrations are the same directory")
            .hint("give --out a directory of its own: it holds what is not for the migration tool's eyes yet"));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::relative;
    use std::path::Path;

    #[test]
    fn a_folder_as_seen_from_another() {
        let seen = |from: &str, to: &str| relative(Path::new(from), Path::new(to)).unwrap();
        assert_eq!(seen("/nowhere/a", "/nowhere/a/db/migrate"), "db/migrate");
        assert_eq!(seen("/nowhere/change-42", "/nowhere/db/migrate"), "../db/migrate");
        assert!(relative(Path::new("/nowhere/a"), Path::new("/nowhere/a")).is_err());
    }
}
