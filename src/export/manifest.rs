//! `sidestep.json`: what an export wrote, from which plan, and which of its stages are in the tool's folder by now.

use crate::export::FileSet;
use crate::plan::Plan;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub const MANIFEST: &str = "sidestep.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The plan's content hash, behind the mark that every file carries.
    pub plan: String,
    pub title: String,
    /// Formats, as `--format` names them.
    pub formats: Vec<String>,
    /// The migration tool's folder, as seen from this file; none where no migration tool is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrations: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_version: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageRecord>,
    /// Files beside this one: path → SHA-256 of the text with plain line ends.
    pub files: BTreeMap<String, String>,
}

/// Migrations that may run once `after` has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRecord {
    pub name: String,
    pub after: Vec<String>,
    /// Number of its first migration, once it is in the tool's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Its migrations in the tool's folder: path → SHA-256. Empty while it waits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub migrations: BTreeMap<String, String>,
}

impl Manifest {
    pub fn new(plan: &Plan, formats: &[&str], files: &FileSet) -> Self {
        Self {
            format: 1,
            plan: plan.id.clone(),
            title: plan.title.clone(),
            formats: formats.iter().map(|f| (*f).to_owned()).collect(),
            migrations: None,
            start_version: None,
            stages: Vec::new(),
            files: files.iter().map(|(path, content)| (path.clone(), fingerprint(content))).collect(),
        }
    }
    /// Stages that are in the tool's folder.
    pub fn promoted(&self) -> usize {
        self.stages.iter().filter(|s| s.first.is_some()).count()
    }
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// SHA-256 in hex; line ends are the working copy's business.
pub fn fingerprint(content: &str) -> String {
    let text = content.replace("\r\n", "\n");
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}
