//! How long a word, number, operator is from where it starts: the rules of MySQL's scanner.

pub(super) fn word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == '$' || !c.is_ascii() && is_letter(c)
}

/// Beyond ASCII every character may stand in a name; those that only look like blanks and quotes are strays.
fn is_letter(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !crate::model::name::is_hostile(c)
        && !"\u{2018}\u{2019}\u{201c}\u{201d}\u{fffd}\u{feff}".contains(c)
}

/// Names may begin with digits.
pub(super) fn word_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let template = c == '$' && chars.peek().is_some_and(|(_, n)| *n == '{' || *n == '%');
        if template || !(word_start(c) || c.is_ascii_digit()) {
            return at;
        }
    }
    rest.len()
}

pub(super) fn number_len(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |from: usize, digit: fn(&u8) -> bool| bytes.iter().skip(from).take_while(|b| digit(b)).count();
    match bytes {
        [b'0', b'x', ..] => match digits(2, u8::is_ascii_hexdigit) {
            0 => {}
            n => return 2 + n,
        },
        [b'0', b'b', ..] => match digits(2, |b| matches!(b, b'0' | b'1')) {
            0 => {}
            n => return 2 + n,
        },
        _ => {}
    }
    let mut at = digits(0, u8::is_ascii_digit);
    if bytes.get(at) == Some(&b'.') {
        at += 1 + digits(at + 1, u8::is_ascii_digit);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let power = digits(at + 1 + sign, u8::is_ascii_digit);
        if power > 0 {
            at += 1 + sign + power;
        }
    }
    at
}

/// 0 where none starts. `::` is none of the server's; it is read to be refused with a hint.
pub(super) fn operator_len(rest: &str) -> usize {
    const OPERATORS: &[&str] = &["<=>", "->>", "<<", ">>", "<=", ">=", "<>", "!=", ":=", "&&", "||", "->", "::"];
    if let Some(long) = OPERATORS.iter().find(|o| rest.starts_with(**o)) {
        return long.len();
    }
    usize::from(rest.starts_with(|c| "+-*/<>=!%^&|~:}".contains(c)))
}
