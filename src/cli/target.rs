//! TARGET: what the word on the command line stands for, and the way from it to a catalog or the app.

use super::Outcome;
use super::args::AppArgs;
use super::home::Home;
use crate::config::Config;
use crate::error::Problem;
use crate::model::Catalog;
use crate::plan::Policy;

pub fn catalog(target: &str, _config: &Config<Policy>) -> Result<Catalog, Problem> {
    let text = std::fs::read_to_string(target)
        .map_err(|e| Problem::unreadable(format!("cannot read `{target}`")).because(&e))?;
    serde_json::from_str(&text).map_err(|e| Problem::unreadable(format!("`{target}` is not a catalog")).because(&e))
}

pub fn app(_target: Option<&str>, _app: AppArgs, home: &Home) -> Result<Outcome, Problem> {
    home.config()?;
    Err(Problem::usage("the app is not built yet"))
}
