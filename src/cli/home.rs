//! Where the configuration is and what it says.

use crate::config::{self, Config};
use crate::error::Problem;
use crate::plan::Policy;
use std::path::PathBuf;

pub struct Home {
    given: Option<PathBuf>,
}

impl Home {
    pub fn new(given: Option<PathBuf>) -> Self {
        let given = given.or_else(|| std::env::var_os("SIDESTEP_CONFIG").filter(|v| !v.is_empty()).map(PathBuf::from));
        Self { given }
    }

    /// The file of the configuration, there or not.
    pub fn path(&self) -> Option<PathBuf> {
        self.given.clone().or_else(default_path)
    }

    /// What stands beside the configuration.
    pub fn beside(&self, name: &str) -> Option<PathBuf> {
        self.path().and_then(|p| p.parent().map(|d| d.join(name)))
    }

    /// The configuration as it is written.
    pub fn text(&self) -> String {
        self.path().and_then(|p| std::fs::read_to_string(p).ok()).unwrap_or_default()
    }

    /// The configuration; defaults if there is no file. A file that was named must exist.
    pub fn config(&self) -> Result<Config<Policy>, Problem> {
        let Some(path) = self.given.clone().or_else(default_path) else { return Ok(Config::default()) };
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.given.is_none() => {
                return Ok(Config::default());
            }
            Err(error) => {
                return Err(Problem::usage(format!("cannot read the configuration `{shown}`")).because(&error));
            }
        };
        let config: Config<Policy> = config::parse(&text).map_err(|error| {
            let problem = Problem::usage(match error.line {
                Some(line) => format!("{shown}:{line}: {}", error.message),
                None => format!("{shown}: {}", error.message),
            });
            match error.hint {
                Some(hint) => problem.hint(hint),
                None => problem,
            }
        })?;
        super::explain::sound(&config.policy).map_err(|wrong| Problem::usage(format!("{shown}: {wrong}")))?;
        Ok(config)
    }
}

/// XDG on every Unix, as users of terminal programs expect; the system's own place elsewhere.
fn default_path() -> Option<PathBuf> {
    let directory = match std::env::var_os("XDG_CONFIG_HOME").filter(|v| !v.is_empty()) {
        Some(set) => PathBuf::from(set),
        None if cfg!(unix) => directories::BaseDirs::new()?.home_dir().join(".config"),
        None => directories::BaseDirs::new()?.config_dir().to_owned(),
    };
    Some(directory.join("sidestep").join("config.toml"))
}

/// Where drafts are kept between sessions: `$XDG_STATE_HOME/sidestep`, else `~/.local/state/sidestep`.
pub fn state_directory() -> Option<PathBuf> {
    let directory = match std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|p| p.is_absolute()) {
        Some(set) => set,
        None if cfg!(unix) => directories::BaseDirs::new()?.home_dir().join(".local").join("state"),
        None => directories::BaseDirs::new()?.data_local_dir().to_owned(),
    };
    Some(directory.join("sidestep"))
}
