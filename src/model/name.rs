//! Names as the database stores them: raw text inside. Quoting belongs to the engine's dialect,
//! making a name safe to show belongs to [`shown`].

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// One identifier, exactly as the catalog stores it (never quoted, never folded).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ident(pub String);

impl Ident {
    pub fn new(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The same but for upper and lower case.
    pub fn is_like(&self, other: &Self) -> bool {
        self == other || self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl From<&str> for Ident {
    fn from(raw: &str) -> Self {
        Self(raw.to_owned())
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// A schema-qualified name of a table, view, index, sequence or type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    pub schema: Ident,
    pub name: Ident,
}

impl TableName {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: Ident(schema.into()), name: Ident(name.into()) }
    }
    /// The same schema, another object.
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: Ident(name.into()) }
    }
}

/// For people: `public.users`, control characters stripped.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

// In JSON a name is one string, `schema.name`, with `"` quoting only where a part holds a dot or a quote:
// readable as a map key, and exact for hostile names.
impl Serialize for TableName {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("{}.{}", json_part(&self.schema.0), json_part(&self.name.0)))
    }
}

impl<'de> Deserialize<'de> for TableName {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(d)?;
        parse_json_name(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not `schema.name`")))
    }
}

fn json_part(part: &str) -> Cow<'_, str> {
    if part.is_empty() || part.contains(['.', '"']) {
        Cow::Owned(format!("\"{}\"", part.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(part)
    }
}

fn parse_json_name(text: &str) -> Option<TableName> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        let part = parts.last_mut()?;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                part.push('"');
            }
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => part.push(other),
        }
    }
    let [schema, name] = <[String; 2]>::try_from(parts).ok()?;
    (!quoted).then(|| TableName::new(schema, name))
}

/// Text from a database or a file made safe for a screen, a log or a Markdown table:
/// control characters (ESC, newline, bidirectional overrides, zero-width) become `·`.
pub fn shown(raw: &str) -> Cow<'_, str> {
    if raw.chars().any(is_hostile) {
        Cow::Owned(raw.chars().map(|c| if is_hostile(c) { '·' } else { c }).collect())
    } else {
        Cow::Borrowed(raw)
    }
}

/// True for characters that move the cursor, reorder text or hide.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_names_survive_hostile_parts() {
        for (schema, name) in
            [("public", "users"), ("a.b", "c\"d"), ("", "x"), ("s", "\"; drop table x; --"), ("é", "日本")]
        {
            let name = TableName::new(schema, name);
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<TableName>(&json).unwrap(), name, "{json}");
        }
        assert_eq!(serde_json::to_string(&TableName::new("public", "users")).unwrap(), "\"public.users\"");
    }

    #[test]
    fn shown_strips_what_moves_the_cursor() {
        assert_eq!(shown("a\u{1b}[31mb\u{202e}c"), "a·[31mb·c");
        assert_eq!(shown("plain"), "plain");
    }
}
