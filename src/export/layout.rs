//! Where each step's file goes and what it is called: numbers in plan order, slugs that are safe on every file system.

use super::ExportError;
use crate::plan::{PhaseName, Plan, Step};

/// Stands before the plan's hash in every exported file.
pub(super) const MARK: &str = "sidestep plan ";

/// Longest slug, in bytes: with number, phase and extension a name stays far below every file system's limit.
const SLUG_BYTES: usize = 48;

/// A step with its place in the whole plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'p> {
    /// From 1, over all phases.
    pub number: usize,
    /// Digits of every number of this plan.
    pub width: usize,
    pub phase: PhaseName,
    pub step: &'p Step,
}

pub(super) fn place(plan: &Plan) -> Vec<Placed<'_>> {
    let width = plan.steps().count().to_string().len().max(2);
    plan.steps().enumerate().map(|(i, (phase, step))| Placed { number: i + 1, width, phase, step }).collect()
}

impl Placed<'_> {
    /// `04_migrate_fill_first_name`.
    pub fn stem(&self) -> String {
        format!("{}_{}_{}", self.digits(), self.phase.title().to_lowercase(), slug(&self.step.title))
    }
    pub fn digits(&self) -> String {
        format!("{:0width$}", self.number, width = self.width)
    }
    /// What drops the old structure stands apart.
    pub fn folder(&self) -> &'static str {
        if self.phase == PhaseName::Contract { "contract" } else { "expand" }
    }
}

/// Lower-case ASCII letters, digits and `_`; never empty, never longer than [`SLUG_BYTES`], cut between words.
pub(super) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for word in title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        if !slug.is_empty() && slug.len() + 1 + word.len() > SLUG_BYTES {
            break;
        }
        if !slug.is_empty() {
            slug.push('_');
        }
        slug.extend(word.chars().take(SLUG_BYTES).map(|c| c.to_ascii_lowercase()));
    }
    if slug.is_empty() { "step".to_owned() } else { slug }
}

/// Ids of a plan stand in file names, comments and client commands, and a `plan.json` comes from anywhere.
pub(super) fn sound(plan: &Plan) -> Result<(), ExportError> {
    let damaged = |because: String| Err(ExportError::Damaged { because });
    if plan.id.len() != 16 || !plan.id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return damaged("its `id` is not a content hash of 16 hex digits".to_owned());
    }
    let safe = |id: &str| {
        !id.is_empty() && id.len() <= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
    };
    if let Some((_, step)) = plan.steps().find(|(_, s)| !safe(&s.id)) {
        return damaged(format!("`{}` is not a step's id", crate::model::name::shown(&step.id)));
    }
    if let Some(release) = plan.releases.iter().find(|r| !safe(&r.id)) {
        return damaged(format!("`{}` is not a release's id", crate::model::name::shown(&release.id)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_safe_file_names() {
        for (title, expected) in [
            ("Add `first_name` and `last_name`", "add_first_name_and_last_name"),
            ("../../etc/passwd", "etc_passwd"),
            ("日本", "step"),
            ("", "step"),
            ("a\u{1b}[31m\n\0b", "a_31m_b"),
        ] {
            assert_eq!(slug(title), expected);
        }
        assert_eq!(slug(&"x".repeat(90)).len(), 48);
        assert!(slug(&"x y".repeat(100)).len() <= 48);
    }
}
