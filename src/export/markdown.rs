//! Text made safe inside Markdown: names come from a database and may hold pipes, backticks, HTML and worse.

use crate::model::name::shown;

/// One line of running text. Code spans that stand in our own titles stay; what could start HTML or a link does not.
pub fn inline(text: &str) -> String {
    let text = shown(text);
    let mut out = String::new();
    // An odd backtick would eat the text after it.
    let balanced = text.matches('`').count().is_multiple_of(2);
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '`' if balanced => {
                in_code = !in_code;
                out.push('`');
            }
            _ if in_code => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out
}

/// [`inline`] for a cell of a table: GitHub splits cells at a bare pipe, even inside a code span.
pub fn cell(text: &str) -> String {
    inline(text).replace('|', "\\|")
}

/// A code span around any text, in a cell or elsewhere.
pub fn code(text: &str) -> String {
    let text = shown(text).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A fenced block that its content cannot close.
pub fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    // Tabs may be part of a string: they stay, and harm nobody.
    let body: Vec<_> =
        text.trim_end().lines().map(|l| l.split('\t').map(shown).collect::<Vec<_>>().join("\t")).collect();
    let careful = if hides(text) {
        "\n**Do not copy this block.** It holds characters that cannot be shown and stand here as ·; take it from the exported files.\n"
    } else {
        ""
    };
    format!("{fence}{language}\n{}\n{fence}\n{careful}", body.join("\n"))
}

/// True if what is shown of a block is not what would have to be sent.
pub fn hides(text: &str) -> bool {
    text.trim_end().lines().flat_map(|l| l.split('\t')).any(|part| shown(part) != part)
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        assert_eq!(cell("a|b <script> `c|d` *x*"), "a\\|b \\<script\\> `c\\|d` \\*x\\*");
        assert_eq!(inline("one ` tick <b>"), "one \\` tick \\<b\\>");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(inline("a\n# b\u{1b}"), "a·\\# b·");
        assert!(block("", "a\tb\u{1b}").starts_with("```\na\tb·\n```\n\n**Do not copy this block.**"));
        assert_eq!(block("", "a\tb"), "```\na\tb\n```\n");
        assert_eq!(block("sql", "SELECT '```'"), "````sql\nSELECT '```'\n````\n");
    }
}
