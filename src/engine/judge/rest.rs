//! What stands behind the words that name an operation, read as far as a lock depends on it.

use crate::model::Ident;
use crate::sql::ObjectName;

/// The text, and its lower-case words with one blank between them.
pub(super) struct Rest {
    text: String,
    words: String,
}

impl Rest {
    pub fn new(text: &str) -> Self {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { words: text.to_ascii_lowercase(), text }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn starts(&self, words: &str) -> bool {
        self.words.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '(']))
    }

    /// Begins with these characters: `set (`.
    pub fn begins(&self, text: &str) -> bool {
        self.words.starts_with(text)
    }

    pub fn has(&self, words: &str) -> bool {
        format!(" {} ", self.words).contains(&format!(" {words} "))
    }

    pub fn holds(&self, text: &str) -> bool {
        self.words.contains(text)
    }

    pub fn cascade(&self) -> bool {
        self.words.ends_with("cascade")
    }

    pub fn if_exists(&self) -> bool {
        self.starts("if exists")
    }

    /// The name that it begins with, behind IF EXISTS.
    pub fn name(&self) -> Option<Ident> {
        let from = if self.if_exists() { 10 } else { 0 };
        read(self.text.get(from..)?).map(|(name, _)| name.name)
    }

    /// The qualified name that it begins with.
    pub fn names_first(&self) -> Option<ObjectName> {
        read(&self.text).map(|(name, _)| name)
    }

    /// The name behind these words, if they are there.
    pub fn name_after(&self, words: &str) -> Option<ObjectName> {
        let at = format!(" {}", self.words).find(&format!(" {words} "))?;
        read(self.text.get(at + words.len() + 1..)?).map(|(name, _)| name)
    }

    /// Every name that stands behind one of these words.
    pub fn names_after(&self, words: &[&str]) -> Vec<ObjectName> {
        let pieces: Vec<&str> = self.text.split(' ').collect();
        let mut found = Vec::new();
        for pair in pieces.windows(2) {
            if let [word, next] = pair
                && words.iter().any(|w| word.trim_matches('(').eq_ignore_ascii_case(w))
            {
                found.extend(read(next).map(|(name, _)| name));
            }
        }
        found
    }
}

/// `schema.name` or `name` at the start, and what follows.
fn read(text: &str) -> Option<(ObjectName, &str)> {
    let (first, rest) = ident(text.trim_start())?;
    match rest.strip_prefix('.').and_then(ident) {
        Some((name, rest)) => Some((ObjectName { schema: Some(first), name }, rest)),
        None => Some((ObjectName { schema: None, name: first }, rest)),
    }
}

fn ident(text: &str) -> Option<(Ident, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut from = 0;
        loop {
            let end = from + quoted.get(from..)?.find('"')?;
            if quoted.get(end + 1..)?.starts_with('"') {
                from = end + 2;
                continue;
            }
            return Some((Ident(quoted.get(..end)?.replace("\"\"", "\"")), quoted.get(end + 1..)?));
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty()).then(|| (Ident(name.to_lowercase()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let rest = Rest::new("IF EXISTS \"My \"\"p\" ON t  CASCADE");
        assert_eq!(rest.name(), Some(Ident("My \"p".into())));
        assert!(rest.cascade() && rest.if_exists() && rest.has("on"));
        let owned = Rest::new("OWNED BY s.t.id");
        let name = owned.name_after("owned by").unwrap();
        assert_eq!((name.schema.unwrap().as_str(), name.name.as_str()), ("s", "t"));
        assert!(Rest::new("RENAME TO x").starts("rename to"));
        assert_eq!(Rest::new("DO ALSO DELETE FROM a").names_after(&["from"]).len(), 1);
    }
}
