//! The seal of an exported SQL file: a hash of all its other lines, so that `lint` can tell a file that is still what the plan
//! was reviewed as from one that somebody has edited.

use super::graphile_migrate::PREVIOUS;
use super::layout::MARK;
use super::plan_of;
use sha2::{Digest, Sha256};

const SEAL: &str = "-- sealed: ";

/// Above the mark a tool may want its own words.
const MARK_WITHIN: usize = 3;

/// `content` with its seal in the line after the mark. What is sealed stays as it is.
pub(super) fn seal(content: &str) -> String {
    match marked(content) {
        Some((head, rest)) if sealed_plan(content).is_none() => format!("{head}{SEAL}{}\n{rest}", hash(content)),
        _ => content.to_owned(),
    }
}

/// The plan of a file that is still as it was exported.
pub fn sealed_plan(content: &str) -> Option<&str> {
    let content = body(content);
    let (head, rest) = marked(content)?;
    let (second, rest) = rest.split_once('\n')?;
    let told = second.trim_end().strip_prefix(SEAL)?;
    (hash(&format!("{head}{rest}")) == told).then(|| plan_of(content)).flatten()
}

/// Without a header that holds a hash of what stands below it, the seal included: it cannot be sealed, and needs no seal.
fn body(content: &str) -> &str {
    if !content.starts_with(PREVIOUS) {
        return content;
    }
    let mut end = 0;
    for line in content.split_inclusive('\n') {
        end += line.len();
        if line.trim_end().is_empty() {
            return content.get(end..).unwrap_or_default();
        }
    }
    content
}

/// Up to the end of the line with the mark, and what follows.
fn marked(content: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    for line in content.split_inclusive('\n').take(MARK_WITHIN) {
        end += line.len();
        if line.contains(MARK) && line.ends_with('\n') {
            return content.split_at_checked(end);
        }
    }
    None
}

/// Line ends are the working copy's business.
fn hash(content: &str) -> String {
    let text = content.replace("\r\n", "\n");
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_breaks_the_seal() {
        let file = seal(&format!("-- {MARK}0123456789abcdef · step 1.1\nSELECT 1;\n"));
        assert_eq!(sealed_plan(&file), Some("0123456789abcdef"));
        assert_eq!(sealed_plan(&file.replace('\n', "\r\n")), Some("0123456789abcdef"));
        assert_eq!(sealed_plan(&file.replace("SELECT 1", "SELECT 2")), None);
        assert_eq!(seal("SELECT 1;\n"), "SELECT 1;\n");
        assert_eq!(seal(&file), file);
        let below = seal(&format!("-- no-transaction\n-- {MARK}0123456789abcdef · step 1.1\nSELECT 1;\n"));
        assert_eq!(sealed_plan(&below), Some("0123456789abcdef"));
        let chained = format!("--! Previous: -\n--! Hash: sha1:1\n\n{below}");
        assert_eq!(seal(&chained), chained);
        assert_eq!(sealed_plan(&chained), Some("0123456789abcdef"));
        assert_eq!(sealed_plan(&chained.replace("SELECT 1", "SELECT 2")), None);
        assert_eq!(sealed_plan(&below.replacen("-- no-transaction\n", "", 1)), None);
    }
}
