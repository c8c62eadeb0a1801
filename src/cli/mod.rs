//! The command line: arguments in, exit code out. stdout carries data, stderr carries talk.

mod args;
mod choices;
mod complete;
mod drifted;
mod explain;
mod export;
mod home;
mod inspect;
mod lint;
mod look;
mod output;
mod package;
mod plan;
mod promote;
mod review;
mod source;
mod target;
mod verify;
mod write;

use crate::error::{Problem, ProblemKind};
use args::{Cli, Command, ConfigCommand};
use clap::Parser;
use output::Output;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// What a command ends with if it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fine,
    /// Hazards at or above `--fail-on`, or files that are no longer what was exported.
    Hazards,
    /// A signal ended the app; the shell's own convention tells which.
    Signal(i32),
}

/// Runs the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are data; a wrong command is clap's own code, 2.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::SUCCESS,
            };
        }
    };
    match dispatch(cli) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Hazards) => ExitCode::from(1),
        Ok(Outcome::Signal(number)) => ExitCode::from(128u8.saturating_add(u8::try_from(number).unwrap_or(0))),
        Err(problem) => report(&problem),
    }
}

fn dispatch(cli: Cli) -> Result<Outcome, Problem> {
    let mut output = Output::stdout();
    let home = home::Home::new(cli.config.clone());
    // Not clap's own conflict: it would forbid `--config FILE` before a command, too.
    if let (Some(target), Some(_)) = (&cli.target, &cli.command) {
        let target = crate::model::name::shown(target);
        return Err(Problem::usage(format!("there is no command `{target}`")).hint("see `sidestep --help`"));
    }
    match cli.command {
        None => target::app(cli.target.as_deref(), cli.app, &home),
        Some(Command::Demo(args)) => {
            let engine = args.engine.into();
            let demo = crate::db::DEMOS.iter().find(|d| d.engine == engine);
            target::app(demo.map(|d| d.word), args.app, &home)
        }
        Some(Command::Inspect(args)) => inspect::run(&args, &home, &mut output),
        Some(Command::Plan(args)) => plan::run(&args, &home, &mut output),
        Some(Command::Export(args)) => export::run(&args, &home, &mut output),
        Some(Command::Review(args)) => review::run(&args, &home, &mut output),
        Some(Command::Promote(args)) => promote::run(&args, &mut output),
        Some(Command::Verify(args)) => verify::run(&args, &home, &mut output),
        Some(Command::Lint(args)) => lint::run(&args, &home, &mut output),
        Some(Command::Explain(args)) => explain::run(&args, &mut output),
        Some(Command::Config { command: ConfigCommand::Init }) => output.data(crate::config::DEFAULT),
        Some(Command::Config { command: ConfigCommand::Keys }) => output.data(crate::tui::keymap::DEFAULT),
        Some(Command::Config { command: ConfigCommand::Theme { name } }) => output.data(look::built_in(&name)?.text()),
        Some(Command::Completions { shell }) => complete::completions(shell, &mut output),
        Some(Command::Man { command }) => complete::man(command.as_deref(), &mut output),
    }
}

/// The one place that turns a problem into text and an exit code.
fn report(problem: &Problem) -> ExitCode {
    let mut err = anstream::stderr().lock();
    let text = problem.to_string();
    let text = text.strip_prefix("error:").unwrap_or(&text);
    let _ = writeln!(err, "\x1b[1;31merror:\x1b[0m{text}");
    ExitCode::from(problem.kind.exit_code())
}

/// For the panic that should never happen.
pub fn report_bug() -> ExitCode {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(
        err,
        "error: this is a bug in sidestep {}. Nothing was changed in any database.\n  \
         hint: please report it with the message above, the command, and `sidestep inspect … -o catalog.json` if you may share it",
        env!("CARGO_PKG_VERSION")
    );
    ExitCode::from(ProblemKind::Bug.exit_code())
}
