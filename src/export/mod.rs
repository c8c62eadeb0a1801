//! Plan → files. Pure: a [`FileSet`] is a value, writing it is one function of the command line.
//! A format is one file here plus its `mod` line and one word in `formats!`.

mod detach;
pub mod explain;
mod flyway;
mod gate;
mod header;
mod index;
mod json;
mod layout;
pub mod markdown;
mod order;
mod page;
mod psql;
mod runbook;
mod scan;
mod seal;
pub mod text;
mod undo;

pub use seal::sealed_plan;

use crate::plan::Plan;
use std::collections::BTreeMap;

/// Relative path → content. Paths use `/`, hold no `..`, and are safe file names.
pub type FileSet = BTreeMap<String, String>;

/// What `--list-formats` and the app's export screen show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatInfo {
    pub name: &'static str,
    pub title: &'static str,
    /// What to know before choosing it, a few words each.
    pub traits: &'static [&'static str],
}

/// What the plan itself does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// First version number for tools that number their files (Flyway); 1 without it. Never taken from a clock:
    /// the same plan and options make the same bytes.
    pub start_version: Option<u64>,
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
}

// The `mod` lines stay outside the macro, or rustfmt would not see the files.
macro_rules! formats {
    ($($module:ident),+ $(,)?) => {
        /// Every format, in the order it is offered.
        pub const FORMATS: &[FormatInfo] = &[$($module::INFO),+];

        /// The files of `plan` in one format.
        ///
        /// # Errors
        /// [`ExportError`] for an unknown format, or a plan that cannot be written safely.
        pub fn export(plan: &Plan, format: &str, options: &ExportOptions) -> Result<FileSet, ExportError> {
            layout::sound(plan)?;
            let mut files = match format {
                $(name if name == $module::INFO.name => $module::files(plan, options)?,)+
                other => return Err(ExportError::UnknownFormat { name: other.to_owned() }),
            };
            for (_, content) in files.iter_mut().filter(|(path, _)| path.ends_with(".sql")) {
                *content = seal::seal(content);
            }
            Ok(files)
        }
    };
}

formats! { psql, flyway, runbook, json }

/// The plan a file was made from, if sidestep made it: the sixteen hex digits after the mark in its first lines,
/// or a `plan.json`'s own id. Files without it are foreign and never touched.
pub fn plan_of(content: &str) -> Option<&str> {
    let head = content.lines().take(8);
    for line in head {
        for mark in [layout::MARK, "\"id\": \""] {
            let Some((_, after)) = line.split_once(mark) else { continue };
            let hash = after.get(..16).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
            if hash.is_some() {
                return hash;
            }
        }
    }
    None
}
