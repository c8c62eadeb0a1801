//! The files behind [`super::keep`]: one per database, written whole or not at all, readable by this user only.
//! What cannot be read is put aside and told, never thrown away.

use super::keep::{self, FORMAT, Kept, Last};
use super::msg::{Msg, Note};
use super::state::State;
use super::update::update;
use crate::db::Demo;
use crate::error::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// So long after the last key the draft is written.
const PAUSE: Duration = Duration::from_millis(400);
/// Whoever never pauses is written for all the same.
const AT_THE_LATEST: Duration = Duration::from_secs(3);

/// Follows the state and writes what has to be kept.
#[derive(Debug, Default)]
pub struct Shelf {
    /// None: nothing is kept.
    directory: Option<PathBuf>,
    here: Option<String>,
    /// The version of the draft that was last looked at.
    version: u64,
    /// When the first edit was that is not written yet, and when it shall be.
    since: Option<Instant>,
    due: Option<Instant>,
    written: Option<Kept>,
    /// A disk that is full is told of once.
    told: bool,
}

impl Shelf {
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, ..Self::default() }
    }

    /// What the last session left, before the first frame.
    pub fn begin(&mut self, state: &mut State) {
        let Some(path) = self.directory.as_ref().map(|d| d.join("session.json")) else { return };
        match read::<Last>(&path, |last| last.format) {
            Ok(Some(last)) => state.app.memory.last = Some(last.target),
            Ok(None) => {}
            Err(problem) => {
                update(state, Msg::Told(Note::bad(problem.message)));
            }
        }
    }

    /// After every batch of messages: a database that was opened gets its draft, an edit its date.
    pub fn follow(&mut self, state: &mut State) {
        let Some(directory) = self.directory.clone() else { return };
        let key = keep::key(&state.app);
        if key != self.here {
            if self.due.is_some() {
                // The last keys before another database was opened.
                self.save(state);
            }
            self.here.clone_from(&key);
            if let Some(key) = key {
                let kept = read::<Kept>(&draft_path(&directory, &key), |k| k.format);
                self.written = kept.as_ref().ok().cloned().flatten();
                update(state, Msg::Recalled(key, kept));
                self.remember_target(state, &directory);
            }
        }
        if self.version != state.app.draft.version {
            self.version = state.app.draft.version;
            let now = Instant::now();
            let since = *self.since.get_or_insert(now);
            self.due = Some((now + PAUSE).min(since + AT_THE_LATEST));
        }
    }

    fn remember_target(&mut self, state: &mut State, directory: &Path) {
        let Some(target) =
            state.app.opened.as_ref().and_then(|o| o.target.clone()).filter(|t| Demo::named(t).is_none())
        else {
            return;
        };
        // A file is found again from anywhere.
        let target = match Path::new(&target).is_file() {
            true => std::path::absolute(&target).map_or(target, |p| p.display().to_string()),
            false => keep::without_password(&target),
        };
        let saved = write(&directory.join("session.json"), &Last { format: FORMAT, target });
        self.tell(state, saved);
    }

    /// When [`Self::save`] wants to be called.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes the draft if it is not what stands on the disk.
    pub fn save(&mut self, state: &mut State) {
        (self.since, self.due) = (None, None);
        let (Some(directory), Some(here)) = (self.directory.clone(), self.here.clone()) else { return };
        let Some(kept) = keep::snapshot(&state.app, &here).filter(|k| self.written.as_ref() != Some(k)) else { return };
        let path = draft_path(&directory, &kept.target);
        let empty = kept.text.trim().is_empty() && kept.earlier.is_empty();
        let saved = match (empty, self.written.is_some()) {
            (true, false) => Ok(()),
            (true, true) => fs::remove_file(&path),
            (false, _) => write(&path, &kept),
        };
        if saved.is_ok() {
            self.written = (!empty).then_some(kept);
        }
        self.tell(state, saved);
    }

    fn tell(&mut self, state: &mut State, saved: io::Result<()>) {
        match saved {
            Err(error) if !std::mem::replace(&mut self.told, true) => {
                let note = format!("The draft is not kept: cannot write into the state directory: {error}");
                update(state, Msg::Told(Note::bad(note)));
            }
            Err(_) => {}
            Ok(()) => self.told = false,
        }
    }
}

fn draft_path(directory: &Path, key: &str) -> PathBuf {
    let slug: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    let hash: String = Sha256::digest(key.as_bytes()).iter().take(6).map(|b| format!("{b:02x}")).collect();
    directory.join("drafts").join(format!("{slug}-{hash}.json"))
}

/// None if there is no such file. One that makes no sense is put aside under a name that is free.
fn read<T: DeserializeOwned>(path: &Path, format: impl Fn(&T) -> u32) -> Result<Option<T>, Problem> {
    let shown = path.display();
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Problem::usage(format!("Cannot read `{shown}`: {error}"))),
    };
    match serde_json::from_slice::<T>(&bytes) {
        Ok(value) if format(&value) == FORMAT => Ok(Some(value)),
        _ => {
            let free = (1..1000).map(|n| path.with_extension(format!("broken-{n}"))).find(|p| !p.exists());
            let aside = free.unwrap_or_else(|| path.with_extension("broken"));
            Err(Problem::usage(match fs::rename(path, &aside) {
                Ok(()) => format!("Not a file of sidestep's, put aside as `{}`", aside.display()),
                Err(error) => format!("Not a file of sidestep's, and it cannot be put aside: `{shown}`: {error}"),
            }))
        }
    }
}

/// Whole or not at all: a file beside it, then a rename.
fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let directory = path.parent().unwrap_or(path);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let text = serde_json::to_vec_pretty(value)?;
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&text)?;
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        // Nothing of use stands there; the error is already on its way.
        let _ = fs::remove_file(&beside);
    }
    written
}
