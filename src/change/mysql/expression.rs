//! Names of columns in a user's expressions: which ones it reads, and the same expression over `NEW`.

use crate::engine::emit::mysql::id;
use crate::model::{Ident, Table};

/// Columns of the table that the expressions name.
pub fn columns_in(table: &Table, expressions: &[&str]) -> Vec<Ident> {
    let mut found = Vec::new();
    for expression in expressions {
        walk(expression, |word, _| {
            let column = table.columns.iter().find(|c| c.name.as_str().eq_ignore_ascii_case(word));
            if let Some(column) = column
                && !found.contains(&column.name)
            {
                found.push(column.name.clone());
            }
            None
        });
    }
    found
}

/// The expression over `NEW`: every name of a column becomes `NEW.column`.
pub fn over_row(expression: &str, table: &Table, news: &[Ident]) -> String {
    let known = |word: &str| {
        let own = table.columns.iter().map(|c| &c.name).chain(news);
        own.into_iter().find(|c| c.as_str().eq_ignore_ascii_case(word)).cloned()
    };
    walk(expression, |word, _| known(word).map(|c| format!("NEW.{}", id(&c))))
}

/// Calls `each` for every name that stands outside of strings and is no function, with whether it was quoted, and puts its answer
/// in the name's place.
fn walk(text: &str, mut each: impl FnMut(&str, bool) -> Option<String>) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c == '\'' || c == '"' {
            out.push(c);
            at += 1;
            while let Some(&inner) = chars.get(at) {
                out.push(inner);
                at += 1;
                if inner == '\\' {
                    out.extend(chars.get(at));
                    at += 1;
                } else if inner == c {
                    break;
                }
            }
        } else if c == '`' {
            let mut name = String::new();
            at += 1;
            while let Some(&inner) = chars.get(at) {
                at += 1;
                if inner == '`' {
                    if chars.get(at) == Some(&'`') {
                        at += 1;
                    } else {
                        break;
                    }
                }
                name.push(inner);
            }
            out.push_str(&each(&name, true).unwrap_or_else(|| id(&Ident::new(name.as_str()))));
        } else if c.is_alphabetic() || c == '_' || c == '@' {
            let start = at;
            while chars.get(at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '@')) {
                at += 1;
            }
            let word: String = chars.get(start..at).unwrap_or_default().iter().collect();
            let call = chars.get(at..).unwrap_or_default().iter().find(|c| !c.is_whitespace()) == Some(&'(');
            let replaced = if call { None } else { each(&word, false) };
            out.push_str(&replaced.unwrap_or(word));
        } else {
            out.push(c);
            at += 1;
        }
    }
    out
}
