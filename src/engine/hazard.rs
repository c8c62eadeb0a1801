//! What can go wrong, in words: `assets/hazards.toml` holds severity and text of each hazard id.

use super::verdict::Raised;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// `note`, `warning`, `danger`, as the plan spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Note,
    Warning,
    Danger,
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub severity: Level,
    /// With `{placeholders}` for the values of [`Raised`].
    pub text: String,
    /// The placeholder that names the object whose users suffer.
    #[serde(default)]
    pub on: Option<String>,
    /// Its page, see [`Entry::manual_url`]; the tests hold that every entry has one.
    #[serde(default)]
    pub happens: String,
    #[serde(default)]
    pub example: String,
    #[serde(default)]
    pub remedy: String,
    #[serde(default)]
    pub versions: String,
    #[serde(default)]
    pub manual: String,
}

impl Entry {
    /// Where the manual says it: PostgreSQL's in the edition of the newest release, another's as written.
    pub fn manual_url(&self) -> String {
        if self.manual.starts_with("https://") {
            return self.manual.clone();
        }
        format!("https://www.postgresql.org/docs/current/{}", self.manual)
    }
}

/// The object that a raised hazard is about, as its text names it; none if it is about the statement alone.
pub fn object_of(raised: &Raised) -> Option<&str> {
    let on = all().ok()?.get(raised.id)?.on.as_deref()?;
    raised.values.get(on).map(String::as_str)
}

static HAZARDS: LazyLock<Result<BTreeMap<String, Entry>, String>> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/hazards.toml")).map_err(|why| why.to_string()));

/// Every hazard by id.
///
/// # Errors
/// The parser's words if the embedded file is broken; the tests hold that it is not.
pub fn all() -> Result<&'static BTreeMap<String, Entry>, &'static str> {
    HAZARDS.as_ref().map_err(String::as_str)
}

/// Severity and finished text of a raised hazard. An id without an entry is shown as itself, as a warning.
pub fn describe(raised: &Raised) -> (Level, String) {
    match all().ok().and_then(|h| h.get(raised.id)) {
        Some(entry) => {
            (entry.severity, fill(&entry.text, |name| raised.values.get(name).map_or("", String::as_str).to_owned()))
        }
        None => (Level::Warning, raised.id.to_owned()),
    }
}

/// `text` with each `{name}` replaced; one pass, so that a value holding braces stays as it is.
pub(super) fn fill(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) => {
                out.push_str(&value(name));
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once() {
        let value = |name: &str| if name == "a" { "{b}".to_owned() } else { "?".to_owned() };
        assert_eq!(fill("x {a} y {b}", value), "x {b} y ?");
        assert_eq!(fill("open { end", |_| String::new()), "open { end");
    }

    #[test]
    fn texts_are_sentences() {
        for (id, entry) in all().unwrap() {
            assert!(!entry.text.ends_with(['!', '.', ' ']), "{id}: {}", entry.text);
            assert!(entry.text.starts_with(|c: char| c.is_uppercase() || c == '`' || c == '{'), "{id}: {}", entry.text);
        }
    }

    #[test]
    fn every_hazard_has_its_page() {
        for (id, entry) in all().unwrap() {
            for (field, text) in [
                ("happens", &entry.happens),
                ("example", &entry.example),
                ("remedy", &entry.remedy),
                ("versions", &entry.versions),
                ("manual", &entry.manual),
            ] {
                assert!(!text.trim().is_empty(), "[{id}] of assets/hazards.toml has no `{field}`");
            }
            assert!(entry.happens.ends_with('.') && entry.remedy.ends_with(['.', ')']), "{id}: whole sentences");
            let named = entry.on.as_ref().is_none_or(|on| entry.text.contains(&format!("{{{on}}}")));
            assert!(named, "{id}: `on` is no placeholder of the text");
        }
    }
}
