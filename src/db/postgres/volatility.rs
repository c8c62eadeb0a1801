//! How volatile a default is, from its text as the server prints it.
//!
//! `pg_depend` cannot say: built-in functions are pinned and have no rows there. The printed form is regular enough
//! to find every call: a name before `(` that is neither a keyword nor the type of a cast.

use crate::model::catalog::Volatility;
use crate::model::objects::Volatilities;

/// Words that the server prints without parentheses and evaluates at run time.
const STABLE_WORDS: [&str; 13] = [
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "system_user",
    "user",
    "now",
];

/// Words that may stand before `(` without being a function, or are calls that the parser itself defines.
const KEYWORDS: [&str; 33] = [
    "all",
    "and",
    "any",
    "array",
    "as",
    "between",
    "case",
    "cast",
    "coalesce",
    "collate",
    "distinct",
    "else",
    "end",
    "exists",
    "extract",
    "from",
    "greatest",
    "ilike",
    "in",
    "is",
    "least",
    "like",
    "not",
    "nullif",
    "or",
    "row",
    "similar",
    "some",
    "then",
    "when",
    "for",
    "zone",
    "symmetric",
];

/// Casting text to these looks at the clock (`'today'`) or at settings (`DateStyle`).
const CLOCK_TYPES: [&str; 4] = ["date", "time", "timestamp", "timestamptz"];

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Quoted(String),
    Text,
    Cast,
    Other(char),
}

/// The worst volatility of the calls in `sql`; [`Volatility::Unknown`] when one of them is not in the list.
pub fn of_expression(sql: &str, known: &Volatilities) -> Volatility {
    let tokens = tokens(sql);
    let mut worst = Volatility::Immutable;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let called = tokens.get(at + 1) == Some(&Token::Other('('));
        let found = match token {
            Token::Cast => {
                let computed = at > 0 && tokens.get(at - 1) == Some(&Token::Other(')'));
                let clock = computed
                    && matches!(tokens.get(at + 1), Some(Token::Word(w)) if CLOCK_TYPES.contains(&w.to_lowercase().as_str()));
                at = end_of_type(&tokens, at + 1);
                worst = worst.max(if clock { Volatility::Stable } else { Volatility::Immutable });
                continue;
            }
            Token::Word(word) => {
                let word = word.to_lowercase();
                if called && !KEYWORDS.contains(&word.as_str()) {
                    known.of(&word)
                } else if STABLE_WORDS.contains(&word.as_str()) {
                    Volatility::Stable
                } else {
                    Volatility::Immutable
                }
            }
            Token::Quoted(name) if called => known.of(name),
            _ => Volatility::Immutable,
        };
        worst = worst.max(found);
        at += 1;
    }
    worst
}

/// The first token after the type name that starts at `at`: words, dots, one `(…)`, `[]`, `WITHOUT TIME ZONE`.
fn end_of_type(tokens: &[Token<'_>], mut at: usize) -> usize {
    const TYPE_WORDS: [&str; 6] = ["varying", "precision", "with", "without", "time", "zone"];
    // `pg_catalog.interval day to second` and friends stay rare enough to be read as words, which is harmless.
    let mut named = false;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Word(w) if named && !TYPE_WORDS.contains(&w.to_lowercase().as_str()) => break,
            Token::Word(_) | Token::Quoted(_) => named = true,
            Token::Other('.') => named = false,
            Token::Other('(') => {
                while tokens.get(at).is_some_and(|t| *t != Token::Other(')')) {
                    at += 1;
                }
            }
            Token::Other('[' | ']') => {}
            _ => break,
        }
        at += 1;
    }
    at
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' => {
                found.push(Token::Text);
                closing(rest, '\'')
            }
            '"' => {
                let length = closing(rest, '"');
                let inside = rest.get(1..length.saturating_sub(1)).unwrap_or("");
                found.push(Token::Quoted(inside.replace("\"\"", "\"")));
                length
            }
            ':' if rest.starts_with("::") => {
                found.push(Token::Cast);
                2
            }
            c if c.is_alphabetic() || c == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or("");
                // `E'…'`: the prefix belongs to the text that follows.
                if !(rest.get(length..).is_some_and(|r| r.starts_with('\'')) && length == 1) {
                    found.push(Token::Word(word));
                }
                length
            }
            c if c.is_whitespace() => c.len_utf8(),
            c => {
                found.push(Token::Other(c));
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or("");
    }
    found
}

/// Length of a quoted piece including both quotes; a doubled quote stays inside. `E'…\'…'` is printed by the server
/// as `''`, so a backslash needs no care.
fn closing(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + 1;
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_defaults_are_judged_by_their_calls() {
        let known = Volatilities {
            immutable: vec!["lower".into(), "timezone".into()],
            stable: vec!["now".into(), "to_char".into()],
            volatile: vec!["Odd(".into(), "gen_random_uuid".into(), "nextval".into(), "random".into()],
            ..Volatilities::default()
        };
        let cases = [
            ("'active'::character varying(20)", Volatility::Immutable),
            ("'it''s random() here'::text", Volatility::Immutable),
            ("0", Volatility::Immutable),
            ("'{}'::text[]", Volatility::Immutable),
            ("'2024-01-01 00:00:00'::timestamp without time zone", Volatility::Immutable),
            ("('now'::text)::date", Volatility::Stable),
            ("now()", Volatility::Stable),
            ("CURRENT_TIMESTAMP", Volatility::Stable),
            ("CURRENT_USER", Volatility::Stable),
            ("(now() AT TIME ZONE 'utc'::text)", Volatility::Stable),
            ("timezone('utc'::text, now())", Volatility::Stable),
            ("nextval('public.users_id_seq'::regclass)", Volatility::Volatile),
            ("public.gen_random_uuid()", Volatility::Volatile),
            ("(random() * (100)::double precision)", Volatility::Volatile),
            ("\"Odd(\"()", Volatility::Volatile),
            ("lower('X'::text)", Volatility::Immutable),
            ("COALESCE(NULL::text, 'x'::text)", Volatility::Immutable),
            ("((1 + 2))::numeric(10,2)", Volatility::Immutable),
            ("ARRAY['a'::text, random()::text]", Volatility::Volatile),
            ("app.mystery(1)", Volatility::Unknown),
            ("E'a\\nb'::text", Volatility::Immutable),
            ("'a'::public.\"Mood\"", Volatility::Immutable),
        ];
        for (sql, expected) in cases {
            assert_eq!(of_expression(sql, &known), expected, "{sql}");
        }
    }
}
