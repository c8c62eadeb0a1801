//! The real binary in a home of its own: no environment, no configuration, a fixed width.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub struct Sandbox {
    home: TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { home: TempDir::new().unwrap() }
    }
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
    pub fn command(&self) -> Command {
        let mut command = Command::cargo_bin("sidestep").unwrap();
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("TMPDIR", self.home.path())
            .env("COLUMNS", "100")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.home.path());
        command
    }
    /// Exit code, stdout and stderr as one text, with this sandbox's directory as `[HOME]`.
    pub fn run(&self, arguments: &[&str]) -> String {
        self.told(self.command().args(arguments))
    }
    pub fn told(&self, command: &mut Command) -> String {
        let output = command.output().unwrap();
        let text =
            |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&self.home.path().display().to_string(), "[HOME]");
        let code = output.status.code().map_or_else(|| "by a signal".to_owned(), |c| c.to_string());
        let mut told = format!("exit: {code}\n");
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                told.push_str(&format!("--- {name}\n{}", text(bytes)));
            }
        }
        told
    }
}

/// The hand-made plan that exports are tested with.
pub fn sample_plan() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/users.plan.json"))
}
