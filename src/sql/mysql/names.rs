//! Names and texts: what stands between their quotes.

use crate::model::Ident;

/// A name as the server stores it: columns keep their case, and so do tables but where the server folds them.
pub(super) fn unquoted(raw: &str) -> Ident {
    for quote in ['`', '"'] {
        if let Some(inner) = raw.strip_prefix(quote).and_then(|r| r.strip_suffix(quote)) {
            let doubled: String = [quote, quote].iter().collect();
            return Ident::new(inner.replace(&doubled, &quote.to_string()));
        }
    }
    Ident::new(raw)
}

pub(super) fn quoted(raw: &str) -> String {
    format!("`{raw}`")
}

/// The value of a string constant; escapes are resolved as without NO_BACKSLASH_ESCAPES.
pub fn literal(raw: &str) -> Option<String> {
    let raw = raw.strip_prefix(['n', 'N']).unwrap_or(raw);
    let quote = raw.chars().next().filter(|q| matches!(q, '\'' | '"'))?;
    let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('b') => out.push('\u{8}'),
                Some('0') => out.push('\0'),
                Some('Z') => out.push('\u{1a}'),
                // Only LIKE knows these two.
                Some(like @ ('%' | '_')) => out.extend(['\\', like]),
                Some(other) => out.push(other),
                None => {}
            },
            c if c == quote && chars.peek() == Some(&quote) => {
                chars.next();
                out.push(quote);
            }
            c => out.push(c),
        }
    }
    Some(out)
}
