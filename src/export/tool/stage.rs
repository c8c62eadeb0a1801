//! Stages: the tool runs everything it can see, so what waits for a deploy or an approval stays out of its sight until then.

use super::super::ExportError;
use super::super::layout::{Placed, slug};
use super::{Sends, Unit, unit};
use crate::plan::{Act, PhaseName, Plan};

/// Units that may run one after the other once all of `after` has happened.
#[derive(Debug, Clone)]
pub(in super::super) struct Stage<'p> {
    /// A safe folder name, unique in the plan: `expand`, `after_r1`, `contract`.
    pub name: String,
    /// What must have happened, for people; empty for the first.
    pub after: Vec<String>,
    pub units: Vec<Unit<'p>>,
}

impl Stage<'_> {
    /// `release R1 is deployed, and step 6.1 is approved`.
    pub fn when(&self) -> Option<String> {
        (!self.after.is_empty()).then(|| self.after.join(", and "))
    }
}

pub(super) fn cut<'p>(plan: &'p Plan, steps: &[Placed<'p>], sends: Sends) -> Result<Vec<Stage<'p>>, ExportError> {
    if sends == Sends::Wishes {
        return Ok(vec![Stage { name: "expand".to_owned(), after: Vec::new(), units: Vec::new() }]);
    }
    let mut stages: Vec<Stage<'p>> = Vec::new();
    let mut after: Vec<String> = Vec::new();
    let mut gate = String::new();
    for (position, placed) in steps.iter().enumerate() {
        if let Some((name, what)) = barrier(placed) {
            gate = name;
            after.push(what);
        }
        let fresh = stages.is_empty() || !after.is_empty();
        let units = unit::of_step(plan, placed, position, sends, fresh && !after.is_empty())?;
        if units.is_empty() {
            continue;
        }
        if fresh {
            let name = match (placed.phase, after.is_empty()) {
                (PhaseName::Contract, _) => "contract".to_owned(),
                (_, true) => "expand".to_owned(),
                (_, false) => gate.clone(),
            };
            let twins = stages.iter().filter(|s| s.name.starts_with(&name)).count();
            let name = if twins == 0 { name } else { format!("{name}_{}", twins + 1) };
            stages.push(Stage { name, after: std::mem::take(&mut after), units: Vec::new() });
        }
        if let Some(stage) = stages.last_mut() {
            stage.units.extend(units);
        }
    }
    Ok(stages)
}

/// What happens outside the migration tool before the steps behind it may run.
fn barrier(placed: &Placed<'_>) -> Option<(String, String)> {
    let step = placed.step;
    match &step.act {
        Act::Deploy { release } => Some((format!("after_{}", slug(release)), format!("release {release} is deployed"))),
        Act::External { .. } => Some((
            format!("after_step_{}", slug(&step.id)),
            format!("what step {} asks for outside this database has been done", step.id),
        )),
        Act::Wait { sql, .. } if sql.is_empty() => {
            Some((format!("after_step_{}", slug(&step.id)), format!("the wait of step {} is over", step.id)))
        }
        Act::Approve { .. } => {
            Some((format!("after_step_{}", slug(&step.id)), format!("step {} is approved", step.id)))
        }
        _ => None,
    }
}
