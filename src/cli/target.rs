//! TARGET: what the word on the command line stands for, and the way from it to a catalog or the app.

use super::Outcome;
use super::args::{AppArgs, Cli};
use super::home::Home;
use super::output::say;
use crate::config::Config;
use crate::error::{Problem, ProblemKind};
use crate::model::Catalog;
use crate::plan::Policy;
use crate::tui;
use clap::CommandFactory;
use std::io::IsTerminal;

/// Reads the catalog that `target` names: a file, a profile, or a server.
pub fn catalog(target: &str, _config: &Config<Policy>) -> Result<Catalog, Problem> {
    if target == "demo" {
        return Ok(crate::db::demo());
    }
    let text = std::fs::read_to_string(target)
        .map_err(|e| Problem::unreadable(format!("cannot read `{target}`")).because(&e))?;
    crate::db::from_json(&text).map_err(|e| Problem::unreadable(format!("cannot read `{target}`")).because(&e))
}

/// Whether a word can only be a TARGET and not a SQL file.
pub fn is_target(word: &str, config: &Config<Policy>) -> bool {
    word == "demo"
        || word.contains("://")
        || word.ends_with(".json")
        || (word.contains('=') && !word.ends_with(".sql"))
        || config.target.contains_key(word)
}

/// Opens the app.
pub fn app(target: Option<&str>, args: AppArgs, home: &Home) -> Result<Outcome, Problem> {
    let config = home.config()?;
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        say(&Cli::command().render_help().to_string());
        return Err(Problem::usage("the app needs a terminal").hint("for scripts there is `sidestep plan`"));
    }
    let start = match target {
        None => tui::Start::Connect,
        Some("demo") => tui::Start::Demo,
        Some(other) => tui::Start::Target(other.to_owned()),
    };
    let mut options = tui::Options { start, ..Default::default() };
    options.settings.policy = config.policy;
    if args.no_mouse {
        options.settings.mouse = tui::state::Mouse::Off;
    }
    if args.ascii {
        options.settings.glyphs = tui::canvas::Glyphs::Ascii;
    }
    if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        options.settings.theme = tui::theme::ThemeName::Mono;
    }
    options.writer = Some(|out, files| super::write::files(out, files, super::write::Replace::Ours));
    match runtime()?.block_on(tui::run(options)) {
        Ok(tui::Ended::ByUser) => Ok(Outcome::Fine),
        Ok(tui::Ended::BySignal(number)) => Ok(Outcome::Signal(number)),
        Err(error) => Err(Problem::usage("the terminal cannot be used").because(&error)),
    }
}

/// One thread is enough: the network waits, it does not compute.
fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Problem::new(ProblemKind::Bug, "cannot start the runtime").because(&e))
}
