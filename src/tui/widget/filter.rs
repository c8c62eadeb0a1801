//! Fuzzy matching over a fixed list of names: prepared once, so that a key press costs one pass of the matcher.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str, Utf32String};

/// Names ready for matching.
#[derive(Debug, Clone, Default)]
pub struct Names(Vec<Utf32String>);

impl Names {
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        Self(names.into_iter().map(|n| Utf32String::from(n.as_ref())).collect())
    }

    /// Places of the names that match, in list order; all of them for an empty pattern.
    pub fn matching(&self, pattern: &str) -> Vec<usize> {
        self.scored(pattern).into_iter().map(|(at, _)| at).collect()
    }

    /// Places of the names that match, best first.
    pub fn best(&self, pattern: &str) -> Vec<usize> {
        let mut scored = self.scored(pattern);
        scored.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        scored.into_iter().map(|(at, _)| at).collect()
    }

    fn scored(&self, pattern: &str) -> Vec<(usize, u32)> {
        let pattern = parse(pattern);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let names = self.0.iter().enumerate();
        names.filter_map(|(at, name)| pattern.score(name.slice(..), &mut matcher).map(|score| (at, score))).collect()
    }
}

fn parse(pattern: &str) -> Pattern {
    Pattern::parse(pattern.trim(), CaseMatching::Smart, Normalization::Smart)
}

/// Which characters of `name` the pattern hits; for the few names that are on the screen.
pub fn hits(pattern: &str, name: &str) -> Vec<usize> {
    if pattern.trim().is_empty() {
        return Vec::new();
    }
    let mut buffer = Vec::new();
    let mut found = Vec::new();
    parse(pattern).indices(Utf32Str::new(name, &mut buffer), &mut Matcher::new(Config::DEFAULT), &mut found);
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|i| i as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_in_order_or_by_rank() {
        let names = Names::new(["public.orders", "public.order_items", "audit.users"]);
        assert_eq!(names.matching(""), [0, 1, 2]);
        assert_eq!(names.matching("ord"), [0, 1]);
        assert_eq!(names.matching("pubitem"), [1]);
        assert_eq!(names.best("users")[0], 2);
        assert_eq!(hits("ord", "public.orders"), [7, 8, 9]);
    }
}
