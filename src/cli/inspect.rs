//! `sidestep inspect`: the catalog as a table for people, as JSON, or as a file.

use super::args::InspectArgs;
use super::home::Home;
use super::output::{Output, say};
use super::{Outcome, target, write};
use crate::error::{Problem, ProblemKind};

pub fn run(args: &InspectArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    let catalog = target::catalog(&args.target, &home.config()?)?;
    if let Some(path) = &args.output {
        let text = serde_json::to_string_pretty(&catalog)
            .map_err(|e| Problem::new(ProblemKind::Bug, "cannot make JSON").because(&e))?;
        write::replace_file(path, &(text + "\n"))?;
        say(&format!("wrote {}", path.display()));
    }
    if args.json {
        return output.json(&catalog);
    }
    Ok(Outcome::Fine)
}
