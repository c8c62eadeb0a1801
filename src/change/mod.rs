//! What is wanted: change kinds, each with recogniser and recipe, and the road from a script to a plan.

use crate::model::Catalog;
use crate::plan::{Plan, Policy};
use crate::sql::Problem;

/// A script that cannot be planned: every reason, in the order of the text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct CannotPlan {
    pub problems: Vec<Problem>,
}

/// Makes the plan for `script` on the database that `catalog` describes. Pure: same input, same bytes.
///
/// # Errors
/// [`CannotPlan`] with places in the text: syntax, unknown tables or columns, changes no recipe is safe for.
pub fn plan(_script: &str, _catalog: &Catalog, _policy: &Policy) -> Result<Plan, CannotPlan> {
    Err(CannotPlan { problems: Vec::new() })
}
