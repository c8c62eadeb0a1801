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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use std::process::Command;

    /// What languages might take for their own, in any order, and anything else.
    fn texts() -> Vec<String> {
        let pieces = [
            "\"",
            "\"\"\"",
            "'",
            "\\",
            "`",
            "$",
            "{",
            "${a}",
            "#{a}",
            "#$a",
            "#@a",
            "%",
            "%s",
            "%(a)s",
            ":a",
            "::",
            "?",
            "\n",
            "\r",
            "\r\n",
            "\t",
            " ",
            "\0",
            "\u{1b}",
            "\u{85}",
            "\u{2028}",
            "\u{2029}",
            "\u{202e}",
            "\u{feff}",
            "\u{e000}",
            "SQL",
            "\nSQL\n",
            "__END__",
            "=begin",
            "\n=end\n",
            "*/",
            "//",
            "--",
            "é",
            "日本",
            "\u{1f40d}",
            "x",
            "N{DEL}",
            "u00e9",
            "x41",
            "0",
            "EOS",
        ];
        let one = prop_oneof![
            proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
            any::<char>().prop_map(String::from)
        ];
        let all = proptest::collection::vec(one, 0..12).prop_map(|parts| parts.concat());
        let mut runner = TestRunner::deterministic();
        let mut texts: Vec<String> = (0..1500).map(|_| all.new_tree(&mut runner).unwrap().current()).collect();
        texts.extend(
            pieces.iter().flat_map(|p| [(*p).to_owned(), format!("a{p}"), format!("{p}a"), format!("a\n  {p}\n\n{p}")]),
        );
        texts
    }

    fn hex(text: &str) -> String {
        text.bytes().map(|b| format!("{b:02x}")).collect()
    }

    /// Runs `program` over the whole script; it prints a line of hex for each text.
    fn reads_back(program: &str, extension: &str, script: &str, texts: &[String]) {
        let file = std::env::temp_dir().join(format!("sidestep-literals-{}.{extension}", std::process::id()));
        std::fs::write(&file, script).unwrap();
        let output = Command::new(program).arg(&file).output();
        std::fs::remove_file(&file).unwrap();
        let output = output.unwrap_or_else(|why| panic!("{program}: {why}; `tests/run --setup` installs it"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read = String::from_utf8(output.stdout).unwrap();
        let read: Vec<&str> = read.lines().collect();
        assert_eq!(read.len(), texts.len());
        for (read, text) in read.iter().zip(texts) {
            assert_eq!(*read, hex(text), "{text:?}");
        }
    }

    #[test]
    fn python_reads_the_very_text() {
        let texts = texts();
        let lines: String = texts.iter().map(|t| format!("print({}.encode().hex())\n", python(t))).collect();
        reads_back("python3", "py", &lines, &texts);
    }

    #[test]
    fn node_reads_the_very_text() {
        let texts = texts();
        let lines: String =
            texts.iter().map(|t| format!("console.log(Buffer.from({}).toString('hex'));\n", javascript(t))).collect();
        reads_back("node", "js", &lines, &texts);
    }

    /// Ruby is installed by `tests/run --exports` only.
    #[test]
    #[ignore = "tests/run --exports"]
    fn migrators_ruby_reads_the_very_text() {
        let texts = texts();
        let head = "# -*- coding: utf-8 -*-\ndef show(text)\n  puts text.unpack1('H*')\nend\ndef less(text)\n  puts text.chomp.unpack1('H*')\nend\n";
        let lines = texts.iter().map(|t| {
            let call = ruby_call("less", t, 4);
            if call.contains("<<~") { call } else { ruby_call("show", t, 4) }
        });
        reads_back("ruby", "rb", &format!("{head}{}", lines.collect::<String>()), &texts);
        let lines: String = texts.iter().map(|t| format!("show {}\n", ruby(t))).collect();
        reads_back("ruby", "rb", &format!("{head}{lines}"), &texts);
    }
}
