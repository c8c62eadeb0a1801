//! Completion scripts and manual pages, from the same grammar as `--help`.

use super::Outcome;
use super::args::Cli;
use super::output::Output;
use crate::error::{Problem, ProblemKind};
use clap::CommandFactory;

pub fn completions(shell: clap_complete::Shell, output: &mut Output) -> Result<Outcome, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sidestep", &mut script);
    output.data(&String::from_utf8_lossy(&script))
}

pub fn man(command: Option<&str>, output: &mut Output) -> Result<Outcome, Problem> {
    let mut grammar = Cli::command();
    grammar.build();
    let page = match command {
        None => grammar,
        Some(name) => grammar
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Problem::usage(format!("there is no command `{name}`")))?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|e| Problem::new(ProblemKind::Bug, "cannot make the page").because(&e))?;
    output.data(&String::from_utf8_lossy(&text))
}
