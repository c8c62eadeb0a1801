//! Plan → files. Pure: a [`FileSet`] is a value, writing it is one function of the command line.
//! A format is one file here plus its `mod` line and one word in `formats!`.

mod alembic;
mod atlas;
mod backfill;
mod changelog;
mod dbmate;
mod detach;
mod diesel;
mod django;
mod drizzle;
pub mod explain;
mod flyway;
mod gate;
mod golang_migrate;
mod goose;
mod graphile_migrate;
mod header;
mod index;
mod job;
mod json;
mod knex;
mod layout;
mod liquibase;
mod liquibase_yaml;
pub mod manifest;
pub mod markdown;
mod mysql_client;
mod node_pg_migrate;
mod order;
mod package;
mod page;
mod pgroll;
mod pipeline;
mod prepared;
mod prisma;
mod psql;
mod rails;
mod rails_strong_migrations;
mod refinery;
mod runbook;
mod scan;
mod seal;
mod serves;
mod sqitch;
mod sqlx;
pub mod text;
mod tool;
mod typeorm;
mod undo;
mod yaml;

pub use package::{Package, package};
pub use seal::sealed_plan;

use pipeline::{github, gitlab};

use crate::engine::emit::speech::Asks;
use crate::model::Engine;
use crate::plan::Plan;
use crate::plan::review::Spoken;
use std::collections::{BTreeMap, BTreeSet};

/// Relative path → content. Paths use `/`, hold no `..`, and are safe file names.
pub type FileSet = BTreeMap<String, String>;

/// What `--list-formats` and the app's export screen show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatInfo {
    pub name: &'static str,
    pub title: &'static str,
    /// What to know before choosing it, a few words each.
    pub traits: &'static [&'static str],
    /// Versions of the tool whose runs of such files were tested; what stands there instead if none could be had.
    pub ran: &'static str,
}

/// What the plan itself does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// Number of the first migration for tools that number their files; without it the number after the newest one that is
    /// there. Never taken from a clock: the same plan, options and directory make the same bytes.
    pub start_version: Option<u64>,
    /// What the migration tool's folder holds: text by path inside it.
    pub present: BTreeMap<String, String>,
    /// Those of them that make room for this export: migrations of a plan that it replaces.
    pub gone: BTreeSet<String>,
    /// The tool's folder as seen from the export's directory; none for the tool's usual one below it.
    pub folder: Option<String>,
    /// Name of the directory that holds the tool's folder: Django's app.
    pub above: Option<String>,
    /// The migration tool that is served by the same export, as `--format` names it: a pipeline then runs that.
    pub beside: Option<&'static str>,
    /// What author and reviewer said of this very plan.
    pub review: Option<Spoken>,
}

/// Why a plan cannot become files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    #[error("there is no export format `{name}`")]
    UnknownFormat { name: String },
    #[error("step {step} cannot be written as a file: {because}")]
    Unsendable { step: String, because: String },
    #[error("the plan is damaged: {because}")]
    Damaged { because: String },
    #[error("two of the formats write `{path}`")]
    Twice { path: String },
    #[error("`{name}` is the second migration tool of this export")]
    TwoTools { name: String },
    #[error("every stage of this export is in the tool's folder already")]
    NothingToPromote,
    /// The tool's folder holds something that cannot be continued.
    #[error("`{path}` in the migrations folder cannot be continued: {because}")]
    Foreign { path: String, because: String },
    #[error("{tool} cannot express this plan: {because}")]
    Inexpressible { tool: &'static str, because: String },
}

type Files = fn(&Plan, &ExportOptions) -> Result<FileSet, ExportError>;

/// A format: files that stand for themselves, or migrations of a tool.
#[derive(Clone, Copy)]
struct Format {
    info: FormatInfo,
    files: Option<Files>,
    tool: Option<&'static tool::Tool>,
}

// The `mod` lines stay outside the macro, or rustfmt would not see the files.
macro_rules! formats {
    (whole: $($whole:ident),+; tools: $($tool:ident),+ $(,)?) => {
        /// Every format, in the order it is offered.
        pub const FORMATS: &[FormatInfo] = &[$($whole::INFO,)+ $($tool::INFO),+];

        const ALL: &[Format] = &[
            $(Format { info: $whole::INFO, files: Some($whole::files), tool: None },)+
            $(Format { info: $tool::INFO, files: None, tool: Some(&$tool::TOOL) }),+
        ];
    };
}

formats! {
    whole: psql, runbook, backfill, mysql_client, github, gitlab, json;
    tools: flyway, liquibase, liquibase_yaml, golang_migrate, goose, dbmate, atlas, sqitch, sqlx, diesel, refinery,
        graphile_migrate, alembic, django, rails, rails_strong_migrations, prisma, drizzle, knex, node_pg_migrate,
        typeorm, pgroll,
}

fn entry(name: &str) -> Result<&'static Format, ExportError> {
    ALL.iter().find(|f| f.info.name == name).ok_or_else(|| ExportError::UnknownFormat { name: name.to_owned() })
}

/// Where the tool of this format looks for migrations, below a project; none for formats without a tool.
///
/// # Errors
/// [`ExportError::UnknownFormat`].
pub fn folder_of(format: &str) -> Result<Option<&'static str>, ExportError> {
    Ok(entry(format)?.tool.map(|tool| tool.folder))
}

/// What to know of a format: its own words, and what follows from how its tool works.
pub fn traits(info: &FormatInfo) -> Vec<String> {
    let tool = ALL.iter().find(|f| f.info.name == info.name).and_then(|f| f.tool);
    info.traits.iter().map(|t| (*t).to_owned()).chain(tool.iter().flat_map(|t| t.traits())).collect()
}

/// The files of `plan` in one format, all in one directory.
///
/// # Errors
/// [`ExportError`] for an unknown format, or a plan that cannot be written safely.
pub fn export(plan: &Plan, format: &str, options: &ExportOptions) -> Result<FileSet, ExportError> {
    layout::sound(plan)?;
    serves(plan, entry(format)?)?;
    let Format { files: Some(files), .. } = entry(format)? else {
        let package = package(plan, &[format], options, None, false)?;
        let folder = folder_of(format)?.unwrap_or_default();
        let mut files = package.files;
        files.extend(package.migrations.into_iter().map(|(path, content)| (format!("{folder}/{path}"), content)));
        return Ok(files);
    };
    let mut files = files(plan, options)?;
    seal_all(&mut files);
    Ok(files)
}

/// The formats that serve an engine, in the order they are offered.
pub fn formats(engine: Engine) -> Vec<FormatInfo> {
    ALL.iter().filter(|f| f.cannot(engine).is_none()).map(|f| f.info).collect()
}

/// The engines that a format serves.
pub fn engines(info: &FormatInfo) -> Vec<Engine> {
    let served = |e: &Engine| ALL.iter().any(|f| f.info.name == info.name && f.cannot(*e).is_none());
    Engine::ALL.into_iter().filter(served).collect()
}

/// What ran such files, on each of the servers that the format serves.
pub fn ran(info: &FormatInfo) -> String {
    let tool = ALL.iter().find(|f| f.info.name == info.name).and_then(|f| f.tool);
    match tool.and_then(|t| t.mysql.as_ref().ok()) {
        Some(there) => format!("PostgreSQL: {}; MySQL and MariaDB: {}", info.ran, there.ran),
        None => info.ran.to_owned(),
    }
}

impl Format {
    /// Why it has no words for the engine, if it has none.
    fn cannot(&self, engine: Engine) -> Option<&'static str> {
        let speech = crate::engine::dialect(engine).speech();
        let name = self.info.name;
        match (self.tool, speech.asks()) {
            (Some(tool), Asks::Prepared) => tool.mysql.as_ref().err().copied(),
            (Some(_), Asks::Block) => None,
            (None, _) if ["runbook", "json"].contains(&name) || speech.formats().contains(&name) => None,
            (None, Asks::Block) if name != mysql_client::INFO.name => None,
            (None, _) => Some("it has no words for that server"),
        }
    }
}

fn serves(plan: &Plan, format: &Format) -> Result<(), ExportError> {
    let engine = plan.server.engine;
    let Some(why) = format.cannot(engine) else { return Ok(()) };
    let known: Vec<String> = formats(engine).iter().map(|f| format!("`{}`", f.name)).collect();
    let because = format!("it is for {engine}, and {why}. Formats for {engine}: {}", known.join(", "));
    Err(ExportError::Inexpressible { tool: format.info.name, because })
}

fn seal_all(files: &mut FileSet) {
    for (_, content) in files.iter_mut().filter(|(path, _)| path.ends_with(".sql")) {
        *content = seal::seal(content);
    }
}

/// The plan a file was made from, if sidestep made it: the sixteen hex digits after the mark in its first lines,
/// or a `plan.json`'s own id. Files without it are foreign and never touched.
pub fn plan_of(content: &str) -> Option<&str> {
    let head = content.lines().take(8);
    for line in head {
        for mark in [layout::MARK, "\"id\": \"", "\"plan\": \""] {
            let Some((_, after)) = line.split_once(mark) else { continue };
            let hash = after.get(..16).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
            if hash.is_some() {
                return hash;
            }
        }
    }
    None
}
