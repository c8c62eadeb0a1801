//! A raised hazard as the plan shows it.

use super::step::{Hazard, Severity};
use crate::engine::hazard::{Level, describe};
use crate::engine::verdict::Raised;

/// Severity and text from `assets/hazards.toml`.
pub fn hazard(raised: &Raised) -> Hazard {
    let (level, text) = describe(raised);
    let severity = match level {
        Level::Note => Severity::Note,
        Level::Warning => Severity::Warning,
        Level::Danger => Severity::Danger,
    };
    Hazard { id: raised.id.to_owned(), severity, text }
}
