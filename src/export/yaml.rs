//! YAML written by hand: every text from outside is a double-quoted scalar on one line, which no name can end.

/// A double-quoted scalar.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if plain(c) => out.push(c),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// A literal block behind `key: `, each line indented; none if YAML has no way to write the text like that.
pub(super) fn literal(text: &str, indent: usize) -> Option<String> {
    let sound = text.chars().all(|c| c == '\n' || c == '\t' || plain(c));
    // The first line's own indentation would be taken for the block's.
    if !sound || text.starts_with([' ', '\t', '\n']) || !text.ends_with('\n') || text.ends_with("\n\n") {
        return None;
    }
    let pad = " ".repeat(indent);
    let lines = text.lines().map(|l| if l.is_empty() { "\n".to_owned() } else { format!("{pad}{l}\n") });
    Some(format!("|\n{}", lines.collect::<String>()))
}

/// Characters that mean themselves in YAML and look like what they are.
fn plain(c: char) -> bool {
    !crate::model::name::is_hostile(c) && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// One line of a comment.
pub(super) fn comment(text: &str) -> String {
    format!("# {}\n", crate::model::name::shown(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_scalar() {
        assert_eq!(quoted("a\"b\\c\nd\u{85}e: #{}"), "\"a\\\"b\\\\c\\nd\\U00000085e: #{}\"");
        assert_eq!(literal("a\n\n  b\n", 4).as_deref(), Some("|\n    a\n\n      b\n"));
        assert_eq!(literal("a\u{1}\n", 4), None);
        assert_eq!(comment("a\nb: c"), "# a·b: c\n");
    }
}
