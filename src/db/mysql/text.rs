//! Reading what these servers store as text: quoted names inside bodies, escapes, names of files.

use crate::model::{Ident, TableName};

/// `` `a``b` ``.
pub fn quoted(name: &Ident) -> String {
    format!("`{}`", name.0.replace('`', "``"))
}

pub fn quoted_list<'a>(names: impl IntoIterator<Item = &'a Ident>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// An expression in one pair of parentheses, whether or not it stood in one.
pub fn in_parentheses(expression: &str) -> String {
    let mut depth = 0usize;
    let mut quote = None;
    let mut chars = expression.chars().peekable();
    let mut closed_early = !expression.starts_with('(');
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\'' | '"'), '\\') => {
                chars.next();
            }
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                closed_early |= depth == 0 && chars.peek().is_some();
            }
            _ => {}
        }
    }
    if closed_early || depth > 0 { format!("({expression})") } else { expression.to_owned() }
}

/// A string as SQL.
pub fn string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// `user@host` as the server lists a definer, in the way it is written.
pub fn account(definer: &str) -> String {
    let (user, host) = definer.rsplit_once('@').unwrap_or((definer, "%"));
    format!("{}@{}", quoted(&Ident(user.to_owned())), quoted(&Ident(host.to_owned())))
}

/// MySQL lists expressions with a backslash before each quote, which is none of the expression.
pub fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('\'')) => {}
            // Two stand for one.
            ('\\', Some('\\')) => {
                chars.next();
                out.push('\\');
            }
            _ => out.push(c),
        }
    }
    out
}

/// Bytes that were sent as hexadecimal digits.
pub fn unhex(text: &str) -> String {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    let bytes = digits.chunks_exact(2).map(|pair| pair.iter().fold(0u8, |byte, digit| byte << 4 | digit)).collect();
    String::from_utf8(bytes).unwrap_or_default()
}

/// The name of a file for a name, as the servers make it: `a$b` is `a@0024b`. Only MySQL from 8.0 on has to be told so, since it has
/// no words for it any more; some hundred letters have a shorter form there that we do not know, and then nothing is found.
pub fn file_of(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().map(|c| if safe(c) { c.to_string() } else { format!("@{:04x}", u32::from(c)) }).collect()
}

/// False for letters that have a shorter form in the name of a file.
pub fn has_known_file(name: &str) -> bool {
    const SHORT: [std::ops::RangeInclusive<char>; 5] = [
        '\u{C0}'..='\u{5FF}',
        '\u{1E00}'..='\u{1FFF}',
        '\u{2160}'..='\u{217F}',
        '\u{24B0}'..='\u{24EF}',
        '\u{FF20}'..='\u{FF5F}',
    ];
    !name.chars().any(|c| SHORT.iter().any(|range| range.contains(&c)))
}

/// The other way.
pub fn of_file(file: &str) -> String {
    let mut out = String::new();
    let mut rest = file;
    while let Some((before, after)) = rest.split_once('@') {
        out.push_str(before);
        let code = after.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        match code {
            Some(c) => {
                out.push(c);
                rest = after.get(4..).unwrap_or_default();
            }
            None => {
                out.push('@');
                rest = after;
            }
        }
    }
    out + rest
}

/// True if the text of a routine, a trigger or an event names this: as a word of its own, or in backticks.
pub fn names(text: &str, name: &Ident) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let text = text.to_lowercase();
    let wanted = name.0.to_lowercase();
    if wanted.is_empty() {
        return false;
    }
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(&wanted)) {
        let begin = from + at;
        let end = begin + wanted.len();
        let before = text.get(..begin).and_then(|t| t.chars().next_back());
        let after = text.get(end..).and_then(|t| t.chars().next());
        if !before.is_some_and(is_part) && !after.is_some_and(is_part) {
            return true;
        }
        from = begin + wanted.chars().next().map_or(1, char::len_utf8);
    }
    // A backtick inside of a name is doubled in the text.
    wanted.contains('`') && text.contains(&quoted(&Ident(wanted)))
}

/// True if the canonical text of a view reads this table: there every one stands as `` `db`.`t` ``.
pub fn reads(body: &str, table: &TableName) -> bool {
    let name = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
    body.match_indices(&name).any(|(at, _)| {
        let before = body.get(..at).and_then(|t| t.chars().next_back());
        before != Some('`') && before != Some('.')
    })
}

/// The column names that a canonical text says, of those given.
pub fn columns_in<'a>(body: &str, columns: impl Iterator<Item = &'a Ident>) -> Vec<Ident> {
    columns.filter(|c| body.contains(&quoted(c))).cloned().collect()
}

/// The columns that an expression names, in backticks or bare.
pub fn columns_of<'a>(expression: &str, columns: impl Iterator<Item = &'a Ident>) -> Vec<Ident> {
    columns.filter(|c| names(expression, c)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_words() {
        let found = |text: &str, name: &str| names(text, &name.into());
        assert!(found("UPDATE users SET a = 1", "users") && found("update `Users` set a=1", "users"));
        assert!(!found("UPDATE users_old", "users") && !found("xusers", "users") && !found("x", ""));
        assert!(found("SELECT * FROM `a``b`", "a`b") && found("from shop.users;", "users"));
        assert!(found("SELECT ééé FROM é", "é"));
    }

    #[test]
    fn stored_texts() {
        assert_eq!(unescaped(r"concat(`a`,_utf8mb4\'it\\\'s\')"), r"concat(`a`,_utf8mb4'it\'s')");
        assert_eq!(in_parentheses("(`a` > 0) or (`b` > 0)"), "((`a` > 0) or (`b` > 0))");
        assert_eq!((in_parentheses("(`a` <> ')')").as_str(), in_parentheses("a").as_str()), ("(`a` <> ')')", "(a)"));
        assert_eq!(account("app@10.0.%"), "`app`@`10.0.%`");
        assert_eq!(unhex("7A64"), "zd");
        assert_eq!((file_of("a-b☃").as_str(), of_file("a@002db@2603").as_str()), ("a@002db@2603", "a-b☃"));
        assert!(reads("select `d`.`t`.`a` AS `a` from `d`.`t`", &TableName::new("d", "t")));
        assert!(!reads("select 1 from `d`.`t2`", &TableName::new("d", "t")));
    }
}
