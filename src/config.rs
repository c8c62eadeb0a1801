//! The configuration file: profiles and policy overrides. Pure: text in, values out; finding and reading the file is the command line's.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use toml::Spanned;

/// `P` is the policy, which this layer does not know.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, bound = "P: DeserializeOwned + Default")]
pub struct Config<P> {
    #[serde(default)]
    pub policy: P,
    #[serde(default)]
    pub target: BTreeMap<String, Profile>,
    #[serde(default)]
    pub app: App,
    /// Scope, action, keys: with their places in the text.
    #[serde(default)]
    pub keys: BTreeMap<String, BTreeMap<Spanned<String>, Vec<Spanned<String>>>>,
}

/// `[app]`: how the app looks and listens.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// `auto`, a built-in theme, or the name of a file in `themes/` beside the configuration.
    pub theme: Option<String>,
    pub mouse: Option<bool>,
    pub ascii: Option<bool>,
}

/// The line of a byte of `text`, counted from 1.
pub fn line_at(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or("").matches('\n').count() + 1
}

/// `[target.NAME]`: what a name on the command line stands for.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// `postgresql://…` or `key=value` pairs; better without a password.
    pub url: Option<String>,
    /// A section of `pg_service.conf`.
    pub service: Option<String>,
    /// A saved catalog.
    pub catalog: Option<String>,
    /// Marks the target in the app.
    #[serde(default)]
    pub production: bool,
    /// A program and its arguments; its first line of output is the password.
    pub password_command: Option<Vec<String>>,
}

/// What is wrong with a configuration, and on which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map(|l| format!("line {l}: ")).unwrap_or_default())]
pub struct ConfigError {
    pub line: Option<usize>,
    pub message: String,
    pub hint: Option<String>,
}

/// # Errors
/// [`ConfigError`] naming the line, and for an unknown key the nearest known one.
pub fn parse<P: DeserializeOwned + Default>(text: &str) -> Result<Config<P>, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        let full = error.message().trim();
        let names: Vec<&str> = full.split('`').skip(1).step_by(2).collect();
        match names.split_first() {
            Some((unknown, known)) if full.starts_with("unknown field") => ConfigError {
                line,
                message: format!("there is no setting `{unknown}` here"),
                hint: Some(match nearest(unknown, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: `{}`", known.join("`, `")),
                }),
            },
            _ => ConfigError { line, message: full.lines().next().unwrap_or("not TOML").to_owned(), hint: None },
        }
    })
}

/// The candidate that a slip of the fingers away from `word`, if there is one.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    candidates.map(|c| (distance(word, c), c)).filter(|(d, _)| *d <= most).min().map(|(_, c)| c)
}

/// Edits (insert, delete, replace, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    let at = |row: &[usize], i: usize| row.get(i).copied().unwrap_or(usize::MAX / 2);
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (at(&last, j) + usize::from(x != *y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = j > 0 && previous == Some(*y) && b.get(j - 1) == Some(&x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
        previous = Some(x);
    }
    at(&last, b.len())
}

/// What `sidestep config init` prints.
pub const DEFAULT: &str = include_str!("../assets/templates/config.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Policy {
        lock_timeout_ms: u64,
        batch_rows: u64,
    }

    #[test]
    fn reads_profiles_and_overrides() {
        let config: Config<Policy> = parse(
            "[policy]\nbatch_rows = 7\n[target.prod]\nservice = \"shop\"\nproduction = true\npassword_command = [\"pass\", \"shop\"]\n",
        )
        .unwrap();
        assert_eq!(config.policy.batch_rows, 7);
        assert!(config.target["prod"].production);
    }

    #[test]
    fn an_unknown_key_names_its_line_and_its_neighbour() {
        let error = parse::<Policy>("[policy]\n\nlock_timout_ms = 3\n").unwrap_err();
        assert_eq!(error.to_string(), "line 3: there is no setting `lock_timout_ms` here");
        assert_eq!(error.hint.as_deref(), Some("did you mean `lock_timeout_ms`?"));
        let error = parse::<Policy>("[targets.x]\n").unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `target`?"));
        assert_eq!(parse::<Policy>("a = = 1").unwrap_err().line, Some(1));
    }

    #[test]
    fn slips_are_near() {
        assert_eq!((distance("abc", "abc"), distance("ab", "ba"), distance("usres", "users")), (0, 1, 1));
        assert_eq!(nearest("xyz", ["policy", "target"].into_iter()), None);
    }
}
