//! What became of a plan since it was made: the same wish, planned against the catalog as it is now, step by step.

use super::estimate::Estimate;
use super::step::{Plan, Step};
use std::collections::BTreeMap;

/// One line per thing that is otherwise in `now`, for people; empty where both do the same.
pub fn drift(made: &Plan, now: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    if made.server.version != now.server.version || made.server.engine != now.server.engine {
        lines.push(format!("the plan is for {}, the server is {}", made.server, now.server));
    }
    if made.database != now.database {
        lines.push(format!("the plan is for database `{}`, this is `{}`", made.database, now.database));
    }
    let before: BTreeMap<&str, &Step> = made.steps().map(|(_, s)| (s.title.as_str(), s)).collect();
    let after: BTreeMap<&str, &Step> = now.steps().map(|(_, s)| (s.title.as_str(), s)).collect();
    for (_, step) in made.steps() {
        match after.get(step.title.as_str()) {
            None => lines.push(format!("step {} ({}) would not be planned any more", step.id, step.title)),
            Some(other) => lines.extend(otherwise(step, other)),
        }
    }
    for (_, step) in now.steps().filter(|(_, s)| !before.contains_key(s.title.as_str())) {
        lines.push(format!("a step is missing: {}", step.title));
    }
    let raised: Vec<&str> = made.findings.iter().map(|f| f.text.as_str()).collect();
    lines.extend(now.findings.iter().filter(|f| !raised.contains(&f.text.as_str())).map(|f| f.text.clone()));
    lines
}

fn otherwise(made: &Step, now: &Step) -> Option<String> {
    let name = format!("step {} ({})", made.id, made.title);
    if made.sql() != now.sql() {
        return Some(format!("{name} would run other statements"));
    }
    if made.undo != now.undo {
        return Some(format!("{name} would be undone otherwise"));
    }
    if made.locks != now.locks {
        return Some(format!("{name} would take other locks"));
    }
    // Twice as long is news; a few rows more are not.
    let longer = |a: &Estimate, b: &Estimate| match (a.high_s(), b.high_s()) {
        (Some(a), Some(b)) => b > 2.0 * a.max(1.0),
        (Some(_), None) => true,
        _ => false,
    };
    if longer(&made.blocked, &now.blocked) {
        return Some(format!("{name} would block traffic for {} instead of {}", now.blocked, made.blocked));
    }
    longer(&made.wall, &now.wall).then(|| format!("{name} would take {} instead of {}", now.wall, made.wall))
}
