//! An export as a whole: the files beside, the migrations of the stages whose turn has come, the record of both.

use super::layout::{Placed, place};
use super::manifest::{MANIFEST, Manifest, StageRecord, fingerprint};
use super::tool::{self, Body, Down, Job, Sends, Stage, Tool};
use super::{ExportError, ExportOptions, FileSet, entry, json, mysql_client, order, psql, undo};
use crate::engine::emit::speech::Asks;
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// What is written where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Into the export's own directory.
    pub files: FileSet,
    /// Into the migration tool's folder.
    pub migrations: FileSet,
    /// Those of `migrations` that the tool keeps about all its files, and that are therefore rewritten.
    pub shared: BTreeSet<String>,
    pub manifest: Manifest,
}

/// The files of `formats`, of which at most one is a migration tool. `earlier` is the record of an export of the same plan and
/// formats into the same directory: its numbers are kept. `promote` moves one more stage into the tool's folder.
///
/// # Errors
/// [`ExportError`] for an unknown format, two migration tools, nothing left to promote, or a plan that cannot be written safely.
pub fn package(
    plan: &Plan,
    formats: &[&str],
    options: &ExportOptions,
    earlier: Option<&Manifest>,
    promote: bool,
) -> Result<Package, ExportError> {
    super::layout::sound(plan)?;
    let mut files = FileSet::new();
    let mut made: Option<Made> = None;
    let mut whole = options.clone();
    for name in formats {
        let format = entry(name)?;
        whole.beside = whole.beside.or(format.tool.map(|_| format.info.name));
    }
    for name in formats {
        let format = entry(name)?;
        super::serves(plan, format)?;
        let written = match format.tool {
            None => super::export(plan, name, &whole)?,
            Some(_) if made.is_some() => return Err(ExportError::TwoTools { name: (*name).to_owned() }),
            Some(tool) => {
                let made = made.insert(make(plan, tool, options, earlier, promote)?);
                std::mem::take(&mut made.beside)
            }
        };
        for (path, content) in written {
            if let Some(other) = files.insert(path.clone(), content.clone())
                && other != content
            {
                return Err(ExportError::Twice { path });
            }
        }
    }
    if made.is_none() && promote {
        return Err(ExportError::NothingToPromote);
    }
    let mut manifest = Manifest::new(plan, formats, &files);
    let mut package =
        Package { files, migrations: FileSet::new(), shared: BTreeSet::new(), manifest: manifest.clone() };
    if let Some(made) = made {
        manifest.stages = made.stages;
        manifest.start_version = options.start_version;
        manifest.migrations = Some(options.folder.clone().unwrap_or_else(|| made.folder.to_owned()));
        (package.migrations, package.shared) = (made.migrations, made.shared);
    }
    package.files.insert(MANIFEST.to_owned(), manifest.text());
    package.manifest = manifest;
    Ok(package)
}

struct Made {
    beside: FileSet,
    migrations: FileSet,
    shared: BTreeSet<String>,
    stages: Vec<StageRecord>,
    folder: &'static str,
}

fn make(
    plan: &Plan,
    tool: &Tool,
    options: &ExportOptions,
    earlier: Option<&Manifest>,
    promote: bool,
) -> Result<Made, ExportError> {
    let stages = tool::stages(plan, tool)?;
    let before = earlier.map_or(0, Manifest::promoted);
    let due = match (earlier, promote) {
        (_, true) if before >= stages.len() => return Err(ExportError::NothingToPromote),
        (_, true) => before + 1,
        (Some(_), false) => before,
        (None, false) => usize::from(stages.first().is_some_and(|s| s.after.is_empty())),
    };
    // A stage that is being written is not there yet; the files of stages before it are.
    let recorded = |at: usize| earlier.and_then(|m| m.stages.get(at)).filter(|s| s.first.is_some());
    let own: BTreeSet<&String> =
        earlier.iter().flat_map(|m| m.stages.iter().flat_map(|s| s.migrations.keys())).collect();
    let mut present: BTreeMap<String, String> = options.present.clone();
    present.retain(|path, _| !options.gone.contains(path));
    if !promote {
        present.retain(|path, _| !own.contains(path));
    }
    let mut made = Made {
        beside: FileSet::new(),
        migrations: FileSet::new(),
        shared: BTreeSet::new(),
        stages: Vec::new(),
        folder: tool.folder,
    };
    let mut settings = FileSet::new();
    if due == 0 && !options.gone.is_empty() {
        without_gone(plan, tool, options, &present, &mut made)?;
    }
    for (at, stage) in stages.iter().enumerate() {
        if let (Some(record), true) = (recorded(at), promote) {
            made.stages.push(record.clone());
            continue;
        }
        let first = match (recorded(at).and_then(|r| r.first), options.start_version) {
            (Some(first), _) => first,
            (None, Some(start)) if at == 0 && !promote => start,
            _ => tool.numbering.after(present.keys().map(String::as_str)),
        };
        let numbering = match recorded(at) {
            Some(record) => tool.numbering.as_written(record.migrations.keys().map(String::as_str)),
            None => tool.numbering.like(present.keys().map(String::as_str)),
        };
        let standing = recorded(at).map(|r| &r.migrations).into_iter().flatten();
        let job = Job {
            plan,
            stage,
            first,
            numbering,
            history: tool.history,
            present: &present,
            standing: standing
                .filter_map(|(path, _)| Some((path.clone(), options.present.get(path)?.clone())))
                .collect(),
            options,
        };
        let mut written = (tool.migrations)(&job)?;
        super::seal_all(&mut written);
        settings.extend((tool.settings)(&job));
        let is_shared = |path: &String| tool.shared.contains(&path.as_str());
        let mut record = StageRecord {
            name: stage.name.clone(),
            after: stage.after.clone(),
            first: None,
            migrations: BTreeMap::new(),
        };
        if at < due {
            record.first = Some(first);
            let mine = written.iter().filter(|(path, _)| !is_shared(path));
            record.migrations = mine.map(|(path, content)| (path.clone(), fingerprint(content))).collect();
            made.shared.extend(written.keys().filter(|p| is_shared(p)).cloned());
            made.migrations.extend(written.clone());
        } else {
            let waiting = written.iter().filter(|(path, _)| !is_shared(path));
            made.beside.extend(waiting.map(|(path, content)| (format!("{}/{path}", stage.name), content.clone())));
        }
        present.extend(written);
        made.stages.push(record);
    }
    made.beside.extend(settings);
    beside(plan, tool, &stages, &mut made)?;
    Ok(made)
}

/// Where a plan makes room for one that has to wait, what the tool keeps about all its files forgets the old ones.
fn without_gone(
    plan: &Plan,
    tool: &Tool,
    options: &ExportOptions,
    present: &BTreeMap<String, String>,
    made: &mut Made,
) -> Result<(), ExportError> {
    let stage = Stage { name: String::new(), after: Vec::new(), units: Vec::new() };
    let standing = BTreeMap::new();
    let (numbering, history) = (tool.numbering, tool.history);
    let job = Job { plan, stage: &stage, first: 0, numbering, history, present, standing, options };
    let written = (tool.migrations)(&job)?.into_iter().filter(|(path, _)| tool.shared.contains(&path.as_str()));
    for (path, content) in written {
        made.shared.insert(path.clone());
        made.migrations.insert(path, content);
    }
    Ok(())
}

/// The undo file of a step, for the server's own client.
fn way_back(plan: &Plan, placed: &Placed<'_>) -> Result<Option<(String, String)>, ExportError> {
    match tool::asks(plan) {
        Asks::Block => undo::file(plan, placed),
        Asks::Prepared => Ok(mysql_client::undo(plan, placed)),
    }
}

/// The plan, what psql has to do, the way back, and the order of all.
fn beside(plan: &Plan, tool: &Tool, stages: &[Stage<'_>], made: &mut Made) -> Result<(), ExportError> {
    made.beside.extend(json::files(plan, &ExportOptions::default())?);
    let mut entries = Vec::new();
    // A tool with steps of its own is not told how to take ours back.
    let steps = if tool.sends == Sends::Wishes { Vec::new() } else { place(plan) };
    for (position, placed) in steps.iter().enumerate() {
        if tool::by_hand(placed, tool.sends) {
            let path = tool::hand_file(placed);
            let mut file = FileSet::from([(path.clone(), psql::step_file(plan, placed, position, &path)?)]);
            super::seal_all(&mut file);
            made.beside.extend(file);
        }
        let units: Vec<_> = stages.iter().flat_map(|s| &s.units).filter(|u| u.placed.number == placed.number).collect();
        let refused = units.iter().any(|u| matches!(u.back, tool::Back::Refuse { .. }));
        let mut undo = None;
        if (tool.down == Down::None || refused)
            && let Some((path, content)) = way_back(plan, placed)?
        {
            let mut file = FileSet::from([(path.clone(), content)]);
            super::seal_all(&mut file);
            made.beside.extend(file);
            undo = Some(path);
        } else if units.iter().any(|u| matches!(u.back, tool::Back::Atomic { .. } | tool::Back::Alone { .. })) {
            undo = Some("the tool's own".to_owned());
        }
        let stage = stages.iter().find(|s| s.units.iter().any(|u| u.placed.number == placed.number));
        let alone = units.iter().filter(|u| matches!(u.body, Body::Alone { .. })).count();
        let file = match (stage, units.len()) {
            (None, _) => String::new(),
            (Some(stage), 1) => stage.name.clone(),
            (Some(stage), n) => format!("{} ({n} files, {alone} outside a transaction)", stage.name),
        };
        entries.push(order::Entry { placed: *placed, file, undo });
    }
    let how = order::stages(stages, &made.stages, tool, plan);
    made.beside.insert("ORDER.md".to_owned(), order::page(plan, &entries, &how));
    Ok(())
}
