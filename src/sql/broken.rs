//! Where an expression that the parser refused is surely broken. It may also be one that the parser does not know: in doubt, no flaw.

use super::lex::{Kind, Token};
use super::words;

pub(super) enum Flaw {
    Empty,
    /// Behind it a value is missing.
    Behind(Token),
    Unexpected(Token),
}

/// Words of the grammar that may stand beside an operand.
const BESIDE: &[&str] = &[
    "array",
    "at",
    "between",
    "by",
    "day",
    "document",
    "escape",
    "exists",
    "filter",
    "hour",
    "json",
    "minute",
    "month",
    "normalized",
    "nulls",
    "of",
    "operator",
    "over",
    "overlay",
    "partition",
    "precision",
    "range",
    "row",
    "rows",
    "second",
    "setof",
    "substring",
    "time",
    "timestamp",
    "trim",
    "unknown",
    "value",
    "varying",
    "within",
    "without",
    "year",
    "zone",
    "first",
    "last",
    "extract",
    "position",
    "double",
    "national",
    "character",
    "bit",
    "interval",
    "end",
    "set",
];

/// Operators that never stand before an operand.
const BINARY: &[&str] = &["=", "<", ">", "<=", ">=", "<>", "!=", "*", "/", "||", "%", "^", "::", "->", "->>"];

/// Key words behind which a value must come.
const OPEN: &[&str] =
    &["and", "or", "not", "is", "in", "like", "ilike", "between", "case", "when", "then", "else", "from"];

pub(super) fn flaw(text: &str, tokens: &[Token]) -> Option<Flaw> {
    let (first, last) = match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => return Some(Flaw::Empty),
    };
    let is = |token: &Token, list: &[&str]| list.iter().any(|w| token.of(text).eq_ignore_ascii_case(w));
    let spread = text.get(first.start..last.end).is_some_and(|t| t.ends_with(".*"));
    let open =
        (last.kind == Kind::Word && is(&last, OPEN)) || (last.kind == Kind::Op && !spread) || is(&last, &[".", ","]);
    if open {
        return Some(Flaw::Behind(last));
    }
    let leads = [
        "is", "and", "or", "in", "like", "ilike", "between", "then", "else", "when", "from", "isnull", "notnull",
        "default",
    ];
    if is(&first, BINARY) || is(&first, &[",", "."]) || (first.kind == Kind::Word && is(&first, &leads)) {
        return Some(Flaw::Unexpected(first));
    }
    // Grammars of their own, with words side by side.
    if tokens.iter().any(|t| t.kind == Kind::Word && ["xml", "json"].iter().any(|p| starts(t.of(text), p))) {
        return None;
    }
    let plain = |t: &Token| t.kind == Kind::Word && !words::is_reserved(t.of(text)) && !is(t, BESIDE);
    for pair in tokens.windows(2) {
        let [a, b] = pair else { continue };
        let value = matches!(a.kind, Kind::Number | Kind::Text | Kind::Param | Kind::Quoted) || is(a, &[")", "]"]);
        let sides = ((value || plain(a)) && (b.kind == Kind::Number || b.kind == Kind::Quoted || plain(b)))
            || (matches!(a.kind, Kind::Number | Kind::Quoted) && b.kind == Kind::Text)
            || (value && b.kind == Kind::Word && is(b, &["true", "false", "null", "default", "case"]))
            // Texts on two lines are one text.
            || (a.kind == Kind::Text && b.kind == Kind::Text && !text.get(a.end..b.start).is_some_and(|gap| gap.contains('\n')));
        let hole = (is(a, &[","]) && is(b, &[",", ")"])) || (is(a, &["("]) && is(b, &[","]));
        let operators = a.kind == Kind::Op && (is(b, &[",", ")", "."]) || (b.kind == Kind::Op && is(b, BINARY)));
        let half_name = is(a, &["."]) && !(matches!(b.kind, Kind::Word | Kind::Quoted) || is(b, &["*"]));
        if sides || hole || (operators && !is(a, &["*"])) || half_name {
            return Some(Flaw::Unexpected(*b));
        }
    }
    None
}

fn starts(word: &str, prefix: &str) -> bool {
    word.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix))
}
