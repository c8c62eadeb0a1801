//! `sidestep lint`: what existing migrations would do if they were run as they are.

use super::Outcome;
use super::args::LintArgs;
use super::home::Home;
use super::output::Output;
use crate::error::Problem;

pub fn run(_args: &LintArgs, home: &Home, _output: &mut Output) -> Result<Outcome, Problem> {
    home.config()?;
    Err(Problem::usage("not built yet"))
}
