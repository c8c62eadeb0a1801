//! A raised hazard as the plan shows it, and what the user decided about it.

use super::policy::Policy;
use super::step::{Hazard, Severity};
use crate::engine::hazard::{Level, describe};
use crate::engine::verdict::Raised;

/// Severity and text from `assets/hazards.toml`.
pub fn hazard(raised: &Raised) -> Hazard {
    let (level, text) = describe(raised);
    Hazard { id: raised.id.to_owned(), severity: level.into(), text, ignored: None }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Danger => Self::Danger,
        }
    }
}

/// Marks what the policy ignores; nothing is taken away.
pub fn ignore(hazards: &mut [Hazard], policy: &Policy) {
    for hazard in hazards {
        if let Some(reason) = policy.ignore.get(&hazard.id) {
            hazard.ignored.get_or_insert_with(|| reason.clone());
        }
    }
}

impl Hazard {
    /// False for one that somebody ignores with a reason.
    pub fn counts(&self) -> bool {
        self.ignored.is_none()
    }
    /// `danger`, or `ignored danger`.
    pub fn label(&self) -> String {
        let ignored = if self.counts() { "" } else { "ignored " };
        format!("{ignored}{}", self.severity)
    }
    /// The text, with the reason why it is ignored.
    pub fn told(&self) -> String {
        match &self.ignored {
            Some(reason) => format!("{}. Ignored, because: {reason}", self.text),
            None => self.text.clone(),
        }
    }
}
