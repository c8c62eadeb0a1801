//! The seal of an exported SQL file: a hash of all its other lines, so that `lint` can tell a file that is still what the plan
//! was reviewed as from one that somebody has edited.

use super::layout::MARK;
use super::plan_of;
use sha2::{Digest, Sha256};

const SEAL: &str = "-- sealed: ";

/// `content` with its seal as the second line; the first is the mark.
pub(super) fn seal(content: &str) -> String {
    match content.split_once('\n') {
        Some((first, rest)) if first.contains(MARK) => format!("{first}\n{SEAL}{}\n{rest}", hash(content)),
        _ => content.to_owned(),
    }
}

/// The plan of a file that is still as it was exported.
pub fn sealed_plan(content: &str) -> Option<&str> {
    let (first, rest) = content.split_once('\n')?;
    let (second, rest) = rest.split_once('\n')?;
    let told = second.trim_end().strip_prefix(SEAL)?;
    let bare = format!("{first}\n{rest}");
    (first.contains(MARK) && hash(&bare) == told).then(|| plan_of(content)).flatten()
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
    }
}
