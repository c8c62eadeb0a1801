//! The baseline: hazards that were there before lint was, so that only new ones fail.

use super::Judged;
use crate::cli::{source, write};
use crate::error::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Serialize, Deserialize)]
struct Baseline {
    format: u32,
    hazards: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    fingerprint: String,
    /// For whoever reads the file.
    file: String,
    id: String,
    sql: String,
}

/// Gives every hazard its fingerprint: the file's name without its folder, the hazard, the statement without its layout, and
/// which of several equal ones it is. Lines that move and folders that differ change nothing.
pub(super) fn fingerprint(all: &mut [Judged]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for judged in all {
        let file = judged.file.rsplit(['/', '\\']).next().unwrap_or("").to_owned();
        let sql = judged.written.sql.split_whitespace().collect::<Vec<_>>().join(" ");
        judged.fingerprints = judged
            .written
            .hazards
            .iter()
            .map(|hazard| {
                let key = format!("{file}\n{}\n{sql}", hazard.id);
                let nth = seen.entry(key.clone()).or_default();
                *nth += 1;
                let digest = Sha256::digest(format!("{key}\n{nth}").as_bytes());
                digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
            })
            .collect();
    }
}

pub(super) fn write(path: &Path, all: &[Judged]) -> Result<(), Problem> {
    let mut hazards = Vec::new();
    for judged in all {
        for (hazard, fingerprint) in judged.written.hazards.iter().zip(&judged.fingerprints) {
            if hazard.counts() {
                let sql: String = judged.written.sql.split_whitespace().collect::<Vec<_>>().join(" ");
                hazards.push(Entry {
                    fingerprint: fingerprint.clone(),
                    file: judged.file.clone(),
                    id: hazard.id.clone(),
                    sql: sql.chars().take(120).collect(),
                });
            }
        }
    }
    let count = hazards.len();
    let text = serde_json::to_string_pretty(&Baseline { format: 1, hazards })
        .map_err(|e| Problem::usage("cannot write the baseline").because(&e))?;
    write::replace_file(path, &(text + "\n"))?;
    crate::cli::output::say(&format!("wrote {}: {count} known hazards", path.display()));
    Ok(())
}

/// What the file lists is known: it stays in the report and counts no more.
pub(super) fn apply(path: &Path, all: &mut [Judged]) -> Result<(), Problem> {
    let name = path.display().to_string();
    let text = source::read(&name).map_err(|p| p.hint("`--write-baseline` makes the file"))?;
    let baseline: Baseline = serde_json::from_str(&text)
        .map_err(|e| Problem::usage(format!("`{name}` is not a baseline of sidestep")).because(&e))?;
    let known: BTreeSet<&str> = baseline.hazards.iter().map(|e| e.fingerprint.as_str()).collect();
    for judged in all {
        for (hazard, fingerprint) in judged.written.hazards.iter_mut().zip(&judged.fingerprints) {
            if hazard.counts() && known.contains(fingerprint.as_str()) {
                hazard.ignored = Some(format!("it is in the baseline {name}"));
            }
        }
    }
    Ok(())
}
