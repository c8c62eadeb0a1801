//! What the catalog of a target changes about a plan that was made before.

use super::home::Home;
use super::target;
use crate::change;
use crate::error::Problem;
use crate::plan::Plan;
use crate::plan::drift::drift;

/// One line per difference, for people.
///
/// # Errors
/// [`Problem`] where the target cannot be read.
pub fn since(plan: &Plan, word: &str, home: &Home) -> Result<Vec<String>, Problem> {
    let catalog = target::catalog(word, &home.config()?)?;
    let script: String =
        plan.as_written.iter().map(|w| format!("{};\n", w.sql.trim_end().trim_end_matches(';'))).collect();
    Ok(match change::plan(&script, &catalog, &plan.policy) {
        Ok(now) => drift(plan, &now),
        Err(error) => {
            let reason = error.problems.first().map(ToString::to_string).unwrap_or_default();
            vec![format!("the change cannot be planned there: {reason}")]
        }
    })
}
