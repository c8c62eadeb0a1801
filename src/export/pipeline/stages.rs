//! The plan as a pipeline runs it: steps that follow each other without people, and what people do before them.

use super::super::layout::{Placed, place, slug};
use super::super::tool;
use crate::plan::{Act, PhaseName, Plan, Step, Undo};

/// Steps that may run one after the other.
#[derive(Default)]
pub(super) struct Stage<'p> {
    /// A safe word, unique in the plan: `expand`, `after_r1`, `contract`.
    pub name: String,
    /// Releases that are deployed before it.
    pub deploys: Vec<&'p str>,
    /// All that people have to do before it, in words.
    pub after: Vec<String>,
    pub steps: Vec<Placed<'p>>,
    /// The release that runs when its database steps are due.
    pub serves: Option<&'p str>,
    /// It drops what cannot be had back, or comes after that.
    pub destructive: bool,
}

pub(super) fn cut(plan: &Plan) -> Vec<Stage<'_>> {
    let mut stages: Vec<Stage<'_>> = Vec::new();
    for placed in place(plan) {
        let step = placed.step;
        let people = people(step);
        // A barrier opens a stage, unless the stage at hand consists of nothing else so far.
        let idle = |s: &Stage<'_>| s.steps.iter().all(|p| is_people(&p.step.act));
        if stages.is_empty() || (people.is_some() && !stages.last().is_some_and(idle)) {
            stages.push(Stage::default());
        }
        let Some(stage) = stages.last_mut() else { continue };
        if let Act::Deploy { release } = &step.act {
            stage.deploys.push(release);
        }
        stage.after.extend(people);
        stage.destructive |= destructive(&placed);
        stage.steps.push(placed);
    }
    let mut runs = None;
    for stage in &mut stages {
        runs = stage.deploys.last().copied().or(runs);
        stage.serves = runs;
    }
    name(&mut stages);
    stages
}

/// The stages of a migration tool, with what people do before each.
pub(super) fn of_tool<'p>(plan: &'p Plan, cut: &[tool::Stage<'p>], sends: tool::Sends) -> Vec<Stage<'p>> {
    let mut stages: Vec<Stage<'p>> = Vec::new();
    let mut coming = Stage::default();
    for placed in place(plan) {
        if let Act::Deploy { release } = &placed.step.act {
            coming.deploys.push(release);
        }
        coming.after.extend(people(placed.step));
        let at = cut.iter().position(|s| s.units.iter().any(|u| u.placed.number == placed.number));
        if at.is_some_and(|at| at >= stages.len()) {
            coming.name = at.and_then(|at| cut.get(at)).map(|s| s.name.clone()).unwrap_or_default();
            stages.push(std::mem::take(&mut coming));
        }
        let Some(stage) = stages.last_mut().filter(|_| at.is_some()) else { continue };
        stage.destructive |= destructive(&placed);
        if tool::by_hand(&placed, sends) {
            stage.steps.push(placed);
        }
    }
    stages
}

fn destructive(placed: &Placed<'_>) -> bool {
    placed.step.changes_database()
        && (placed.phase == PhaseName::Contract || matches!(placed.step.undo, Undo::PointOfNoReturn { .. }))
}

/// What people do before the steps behind this one, in words.
fn people(step: &Step) -> Option<String> {
    match &step.act {
        Act::Deploy { release } => Some(format!("release {release} runs everywhere, and no older one")),
        Act::Approve { question } => Some(format!("step {}: {question}", step.id)),
        Act::Wait { until, sql } if sql.is_empty() => Some(format!("step {}: {until}", step.id)),
        Act::External { .. } => Some(format!("the command of step {} was run", step.id)),
        _ => None,
    }
}

fn is_people(act: &Act) -> bool {
    match act {
        Act::Deploy { .. } | Act::Approve { .. } | Act::External { .. } => true,
        Act::Wait { sql, .. } => sql.is_empty(),
        Act::Sql { .. } | Act::Backfill { .. } | Act::Verify { .. } => false,
    }
}

fn name(stages: &mut [Stage<'_>]) {
    let mut taken: Vec<String> = Vec::new();
    for stage in stages {
        let base = match (stage.destructive, stage.deploys.last()) {
            (true, _) => "contract".to_owned(),
            (false, Some(release)) => format!("after_{}", slug(release)),
            (false, None) if stage.after.is_empty() => "expand".to_owned(),
            (false, None) => "go_on".to_owned(),
        };
        let twins = taken.iter().filter(|t| **t == base).count();
        stage.name = if twins == 0 { base.clone() } else { format!("{base}_{}", twins + 1) };
        taken.push(base);
    }
}
