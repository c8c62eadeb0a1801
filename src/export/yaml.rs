//! As much of YAML as files of ours need: blocks, and texts in double quotes, which every reader takes alike.

use crate::model::name::{is_hostile, shown};
use std::fmt::Write;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Text(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    }

    pub fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, indent: usize) {
        let pad = " ".repeat(indent);
        match self {
            Self::List(all) => {
                for item in all {
                    let mut inner = String::new();
                    item.write(&mut inner, indent + 2);
                    // The first line of the item stands behind its dash.
                    let _ = write!(out, "{pad}- {}", inner.trim_start());
                }
            }
            Self::Map(all) => {
                for (key, value) in all {
                    let _ = write!(out, "{pad}{}:", key_text(key));
                    if matches!(value, Self::List(l) if !l.is_empty()) || matches!(value, Self::Map(m) if !m.is_empty())
                    {
                        out.push('\n');
                        value.write(out, indent + 2);
                    } else {
                        let _ = writeln!(out, " {}", value.scalar());
                    }
                }
            }
            scalar => {
                let _ = writeln!(out, "{pad}{}", scalar.scalar());
            }
        }
    }

    fn scalar(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Text(text) => quoted(text),
            Self::List(_) => "[]".to_owned(),
            Self::Map(_) => "{}".to_owned(),
        }
    }
}

/// Our own keys are plain words; the user's are texts.
fn key_text(key: &str) -> String {
    let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&key);
    if plain && !key.is_empty() { key.to_owned() } else { quoted(key) }
}

/// A literal block behind `key: `, each line indented; none if YAML has no way to write the text like that.
pub(super) fn literal(text: &str, indent: usize) -> Option<String> {
    let sound = text.chars().all(|c| c == '\n' || c == '\t' || !is_hostile(c));
    // The first line's own indentation would be taken for the block's.
    if !sound || text.starts_with([' ', '\t', '\n']) || !text.ends_with('\n') || text.ends_with("\n\n") {
        return None;
    }
    let pad = " ".repeat(indent);
    let lines = text.lines().map(|l| if l.is_empty() { "\n".to_owned() } else { format!("{pad}{l}\n") });
    Some(format!("|\n{}", lines.collect::<String>()))
}

/// One line of a comment.
pub(super) fn comment(text: &str) -> String {
    format!("# {}\n", shown(text))
}

pub(super) fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            c if is_hostile(c) => write!(out, "\\u{:04x}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_comments_keep_to_themselves() {
        assert_eq!(literal("a\n\n  b\n", 4).as_deref(), Some("|\n    a\n\n      b\n"));
        assert_eq!(literal("a\u{1}\n", 4), None);
        assert_eq!(comment("a\nb: c"), "# a·b: c\n");
    }

    #[test]
    fn texts_stay_texts() {
        let value = Yaml::map([
            (
                "a",
                Yaml::List(vec![Yaml::map([("no", Yaml::Bool(false)), ("x", Yaml::text("a: \"b\"\n#"))]), Yaml::Null]),
            ),
            ("b\n", Yaml::Map(Vec::new())),
        ]);
        assert_eq!(value.print(), "a:\n  - \"no\": false\n    x: \"a: \\\"b\\\"\\n#\"\n  - null\n\"b\\n\": {}\n");
    }
}
