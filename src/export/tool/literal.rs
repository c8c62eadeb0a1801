//! SQL inside other languages: one function per language that writes any text as a literal which reads back as that very text.

use crate::model::name::is_hostile;
use std::fmt::Write;

/// Python: plain quotes where nothing needs escaping, else three of them.
pub(in super::super) fn python(text: &str) -> String {
    if !text.contains(['"', '\\', '\n']) && !text.contains(is_hostile) {
        return format!("\"{text}\"");
    }
    let mut out = "\"\"\"".to_owned();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push_str("\\\\"),
            // Two in a row could become the three that end the literal.
            '"' if matches!(chars.peek(), None | Some('"')) => out.push_str("\\\""),
            '\n' | '\t' => out.push(c),
            c if is_hostile(c) => escaped(&mut out, c),
            c => out.push(c),
        }
    }
    out + "\"\"\""
}

/// JavaScript and TypeScript: a template literal without templates.
pub(in super::super) fn javascript(text: &str) -> String {
    let mut out = "`".to_owned();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | '`' => out.extend(['\\', c]),
            '$' if chars.peek() == Some(&'{') => out.push_str("\\$"),
            '\n' | '\t' => out.push(c),
            c if is_hostile(c) => escaped(&mut out, c),
            c => out.push(c),
        }
    }
    out + "`"
}

/// Ruby, in one line.
pub(in super::super) fn ruby(text: &str) -> String {
    if !text.contains(['\'', '\\']) && !text.contains(is_hostile) {
        return format!("'{text}'");
    }
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '\\' | '"' | '#' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if is_hostile(c) => escaped(&mut out, c),
            c => out.push(c),
        }
    }
    out + "\""
}

/// `call` with `text` as its only argument, at this indentation: a here-document, in which nothing is escaped, where it pays.
/// The here-document adds a line end.
pub(in super::super) fn ruby_call(call: &str, text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let odd = |c: char| is_hostile(c) && c != '\n' && c != '\t';
    let begins = text.chars().next().is_some_and(|c| !c.is_whitespace());
    let quoted = text.contains('\'') && text.contains(['"', '\\', '#']);
    if !begins || text.contains(odd) || !(text.contains('\n') || quoted) {
        let plain = text.contains('\'') && !text.contains(['"', '\\', '#']) && !text.contains(is_hostile);
        let literal = if plain { format!("\"{text}\"") } else { ruby(text) };
        return format!("{pad}{call} {literal}\n");
    }
    let mut tag = "SQL".to_owned();
    while text.lines().any(|line| line.trim() == tag) {
        tag.push('_');
    }
    let mut out = format!("{pad}{call} <<~'{tag}'\n");
    for line in text.split('\n') {
        // Nothing but white space counts as no indentation at all.
        let line = if line.is_empty() { String::new() } else { format!("{pad}  {line}") };
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "{pad}{tag}");
    out
}

/// Every character that would hide is in the first plane.
fn escaped(out: &mut String, c: char) {
    let _ = match c {
        '\r' => write!(out, "\\r"),
        c if u32::from(c) < 0x80 => write!(out, "\\x{:02x}", u32::from(c)),
        c => write!(out, "\\u{:04x}", u32::from(c)),
    };
}
