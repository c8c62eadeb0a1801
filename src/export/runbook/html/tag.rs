//! Text made safe inside HTML and SVG: names come from a database and may hold markup, quotes, control characters and marks
//! that turn the direction of writing.

use super::super::super::markdown::hides;
use crate::model::name::shown;
use std::fmt::Write;

/// Text or the value of a quoted attribute.
pub(super) fn text(raw: &str) -> String {
    escape(&shown(raw))
}

fn escape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A line of our own words: backticks that come in pairs mark code.
pub(super) fn prose(raw: &str) -> String {
    if !raw.matches('`').count().is_multiple_of(2) {
        return text(raw);
    }
    let mut out = String::new();
    for (i, part) in raw.split('`').enumerate() {
        if i % 2 == 0 {
            out.push_str(&text(part));
        } else {
            out.push_str(&code(part));
        }
    }
    out
}

pub(super) fn code(raw: &str) -> String {
    format!("<code>{}</code>", text(raw))
}

/// Statements, as many lines as they have.
pub(super) fn block(out: &mut String, sql: &str) {
    let sql = sql.trim_end();
    let lines: Vec<String> =
        sql.lines().map(|l| l.split('\t').map(|part| escape(&shown(part))).collect::<Vec<_>>().join("\t")).collect();
    let _ = writeln!(out, "<div class=\"sql\"><pre><code>{}</code></pre></div>", lines.join("\n"));
    if hides(sql) {
        let _ = writeln!(
            out,
            "<p class=\"note warning\"><strong>Do not copy this block.</strong> It holds characters that cannot be shown and stand \
             here as ·; take it from the exported files.</p>"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        assert_eq!(text("<b a='1' c=\"2\">&\u{202e}\u{1b}"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;··");
        assert_eq!(prose("a `<x>` b"), "a <code>&lt;x&gt;</code> b");
        assert_eq!(prose("odd ` tick"), "odd ` tick");
        let mut out = String::new();
        block(&mut out, "SELECT '</pre><script>';\n\tx\u{202e}");
        assert!(out.contains("&lt;/pre&gt;&lt;script&gt;") && out.contains("\n\tx·"), "{out}");
        assert!(out.contains("Do not copy"), "{out}");
    }
}
