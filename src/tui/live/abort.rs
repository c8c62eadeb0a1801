//! Which of a step's abort criteria can be seen from here, and which are met.

use super::vitals::Vitals;
use crate::model::quantity::seconds;
use crate::plan::{Act, Policy, Step};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Light {
    /// With the figure.
    Met(String),
    Quiet(String),
    /// A person must look.
    Dark,
}

/// A criterion is a sentence for people; what it speaks of tells which figure it is about.
pub fn light(criterion: &str, step: &Step, policy: &Policy, vitals: &Vitals) -> Light {
    let text = criterion.to_lowercase();
    if text.contains("replica") || text.contains(" lag") {
        let most = match &step.act {
            Act::Backfill { backfill, .. } => backfill.max_lag_s,
            _ => policy.max_lag_s,
        };
        let lag = vitals.lag_s.unwrap_or(0.0);
        let told = if vitals.replicas == 0 { "no replica".to_owned() } else { format!("lag {}", seconds(lag)) };
        return if lag > most as f64 { Light::Met(told) } else { Light::Quiet(told) };
    }
    if text.contains("lock") {
        let wait = vitals.longest_wait_s();
        let limit = step.timeouts().map_or(policy.lock_timeout_ms, |t| t.lock_ms);
        let told = if wait > 0.0 { format!("longest wait {}", seconds(wait)) } else { "nobody waits".to_owned() };
        return if limit > 0 && wait * 1_000.0 > limit as f64 { Light::Met(told) } else { Light::Quiet(told) };
    }
    Light::Dark
}
