//! TARGET: what the word on the command line stands for, and the way from it to a catalog or the app.

use super::Outcome;
use super::args::{AppArgs, Cli};
use super::home::Home;
use super::output::say;
use crate::config::{Config, Profile};
use crate::db::{self, Env, Target};
use crate::error::{Problem, ProblemKind};
use crate::model::Catalog;
use crate::model::name::shown;
use crate::plan::Policy;
use crate::tui;
use clap::CommandFactory;
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

/// Reads the catalog that `word` names: a file, a profile, a server or the demo.
pub fn catalog(word: &str, config: &Config<Policy>) -> Result<Catalog, Problem> {
    let target = match config.target.get(word) {
        Some(profile) => of_profile(word, profile)?,
        None => parse(word, config)?,
    };
    for warning in target.warnings() {
        say(&format!("warning: {warning}"));
    }
    let runtime = runtime()?;
    let loaded = runtime.block_on(db::load(&target));
    let loaded = match loaded {
        Err(db::Error::PasswordNeeded { .. }) if std::io::stdin().is_terminal() => {
            let password = rpassword::prompt_password(format!("Password for {target}: "))
                .map_err(|e| Problem::unreadable("no password was read").because(&e))?;
            runtime.block_on(db::load(&target.with_password(password)))
        }
        other => other,
    };
    loaded.map_err(|error| problem(&error))
}

fn problem(error: &db::Error) -> Problem {
    let text = error.to_string();
    // The adapter puts what to do next behind a semicolon.
    let (message, hint) = match text.split_once("; ") {
        Some((message, hint)) => (message, Some(hint)),
        None => (text.as_str(), None),
    };
    let kind = match error {
        db::Error::Target { .. } => ProblemKind::Usage,
        _ => ProblemKind::Unreadable,
    };
    let problem = Problem::new(kind, message);
    match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

fn parse(word: &str, config: &Config<Policy>) -> Result<Target, Problem> {
    db::target::parse(word, &Env::of_process()).map_err(|error| {
        let near = crate::config::nearest(word, config.target.keys().map(String::as_str));
        match near {
            Some(near) => problem(&error).hint(format!("did you mean the profile `{near}`?")),
            None => problem(&error),
        }
    })
}

/// What a profile stands for, as it would be typed.
fn typed(name: &str, profile: &Profile) -> Result<String, Problem> {
    match (&profile.url, &profile.service, &profile.catalog) {
        (Some(url), None, None) => Ok(url.clone()),
        (None, Some(service), None) => Ok(format!("service='{}'", service.replace('\\', "\\\\").replace('\'', "\\'"))),
        // A name without a slash would be taken for something else.
        (None, None, Some(catalog)) => Ok(Path::new(".").join(catalog).display().to_string()),
        _ => Err(Problem::usage(format!("the profile `{name}` needs exactly one of `url`, `service` and `catalog`"))),
    }
}

fn of_profile(name: &str, profile: &Profile) -> Result<Target, Problem> {
    let target = db::target::parse(&typed(name, profile)?, &Env::of_process())
        .map_err(|e| problem(&e).hint(format!("the profile `{name}` says so")))?;
    let Some((program, arguments)) = profile.password_command.as_deref().and_then(<[String]>::split_first) else {
        return Ok(target);
    };
    let failed = || Problem::unreadable(format!("the `password_command` of profile `{name}` gave no password"));
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| failed().because(&e))?;
    let text = String::from_utf8(output.stdout).unwrap_or_default();
    match text.lines().next() {
        Some(password) if output.status.success() && !password.is_empty() => Ok(target.with_password(password)),
        _ => Err(failed()),
    }
}

/// Whether a word can only be a TARGET and not a SQL file.
pub fn is_target(word: &str, config: &Config<Policy>) -> bool {
    db::Demo::named(word).is_some()
        || word.contains("://")
        || word.starts_with('$')
        || word.ends_with(".json")
        || (word.contains('=') && !word.ends_with(".sql"))
        || config.target.contains_key(word)
}

/// Opens the app.
pub fn app(word: Option<&str>, args: AppArgs, home: &Home) -> Result<Outcome, Problem> {
    let config = home.config()?;
    if let Some(word) = word.filter(|w| !is_target(w, &config) && !Path::new(w).exists()) {
        let known = Cli::command();
        let near = crate::config::nearest(word, known.get_subcommands().map(clap::Command::get_name));
        let problem = Problem::usage(format!("`{}` is neither a command nor a TARGET", shown(word)));
        return Err(match near {
            Some(near) => problem.hint(format!("did you mean `sidestep {near}`?")),
            None => problem.hint("a TARGET is a URL, `key=value` pairs, a profile name, a catalog file or `demo`"),
        });
    }
    wants_lines(&args)?;
    let start = match (word, word.and_then(|w| config.target.get(w))) {
        (None, _) => tui::Start::Connect,
        (Some(word), _) if db::Demo::named(word).is_some() => tui::Start::Target(word.to_owned()),
        // The command may ask something itself, and its answer must not become part of a text that the app shows.
        (Some(word), Some(profile)) if profile.password_command.is_some() => {
            tui::Start::Catalog(Box::new(catalog(word, &config)?))
        }
        (Some(word), Some(profile)) => tui::Start::Target(typed(word, profile)?),
        (Some(word), None) => tui::Start::Target(word.to_owned()),
    };
    launch(start, args, config, home)
}

/// Whether the app speaks in lines, which can come from anywhere and go anywhere; its screens need a terminal.
fn wants_lines(args: &AppArgs) -> Result<bool, Problem> {
    let plain = args.plain || std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !plain && !terminal {
        say(&Cli::command().render_help().to_string());
        return Err(Problem::usage("the app needs a terminal")
            .hint("for scripts there is `sidestep plan`, and `--plain` reads lines"));
    }
    Ok(plain)
}

/// Runs the app until it ends.
pub fn launch(start: tui::Start, args: AppArgs, config: Config<Policy>, home: &Home) -> Result<Outcome, Problem> {
    let plain = wants_lines(&args)?;
    let mut options = tui::Options { start, ..Default::default() };
    options.settings = super::look::settings(&args, &config, home)?;
    options.plain = plain;
    options.settings.profiles = config.target.iter().filter_map(|(name, p)| offered(name, p)).collect();
    options.settings.policy = config.policy;
    options.state_directory = super::home::state_directory();
    options.writer = Some(|out, files| super::write::files(out, files, super::write::Replace::Ours, None));
    let runtime = runtime()?;
    let ended = runtime.block_on(tui::run(options));
    // A plan that is still being made keeps nobody waiting.
    runtime.shutdown_background();
    match ended {
        Ok(tui::Ended::ByUser) => Ok(Outcome::Fine),
        Ok(tui::Ended::BySignal(number)) => Ok(Outcome::Signal(number)),
        Err(error) if error.kind() == std::io::ErrorKind::Other => {
            Err(Problem::usage("the review could not be saved").because(&error))
        }
        Err(error) => Err(Problem::usage("the terminal cannot be used").because(&error)),
    }
}

/// A profile as the app's connect screen offers it; a broken one is told when it is named.
fn offered(name: &str, profile: &Profile) -> Option<tui::msg::Source> {
    let target = typed(name, profile).ok()?;
    let parsed = db::target::parse(&target, &Env::of_process()).ok()?;
    let care = if profile.production { tui::msg::Care::Production } else { tui::msg::Care::Normal };
    let settings = parsed.origin().iter().map(|o| [o.what.to_owned(), o.value.clone(), o.source.clone()]).collect();
    Some(tui::msg::Source { title: parsed.to_string(), from: format!("profile `{name}`"), target, settings, care })
}

/// One thread is enough: the network waits, it does not compute.
fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Problem::new(ProblemKind::Bug, "cannot start the runtime").because(&e))
}
