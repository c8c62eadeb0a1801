//! Access privileges as the server prints them (`app=r*w/owner`) → GRANT statements.

use crate::model::Ident;
use crate::plan::build::Builder;

/// One entry: who may do what; `true`: may pass it on.
struct Entry {
    /// `None`: PUBLIC.
    grantee: Option<Ident>,
    rights: Vec<(char, bool)>,
}

fn entry(text: &str) -> Option<Entry> {
    let (grantee, rest) = match text.strip_prefix('"') {
        Some(quoted) => {
            // A quote inside the name is doubled.
            let mut name = String::new();
            let mut chars = quoted.char_indices().peekable();
            let end = loop {
                match chars.next()? {
                    (_, '"') if chars.peek().is_some_and(|(_, c)| *c == '"') => {
                        chars.next();
                        name.push('"');
                    }
                    (at, '"') => break at,
                    (_, c) => name.push(c),
                }
            };
            (name, quoted.get(end + 1..)?.strip_prefix('=')?)
        }
        None => text.split_once('=').map(|(name, rest)| (name.to_owned(), rest))?,
    };
    let letters = rest.split('/').next().unwrap_or("");
    let mut rights: Vec<(char, bool)> = Vec::new();
    for letter in letters.chars() {
        match rights.last_mut() {
            Some(last) if letter == '*' => last.1 = true,
            _ => rights.push((letter, false)),
        }
    }
    Some(Entry { grantee: (!grantee.is_empty()).then(|| Ident(grantee)), rights })
}

fn word(letter: char) -> Option<&'static str> {
    Some(match letter {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'm' => "MAINTAIN",
        _ => return None,
    })
}

/// The statements that give `grants` on `relation` (as SQL), or on one column of it. What the owner has by default is left out.
pub fn again(
    b: &Builder,
    relation: &str,
    column: Option<&Ident>,
    grants: &[String],
    owner: Option<&Ident>,
) -> Vec<String> {
    let of_column = column.map(|c| format!(" ({})", b.id(c))).unwrap_or_default();
    let mut sql = Vec::new();
    for entry in grants.iter().filter_map(|g| entry(g)) {
        if column.is_none() && entry.grantee.is_some() && entry.grantee.as_ref() == owner {
            continue;
        }
        let who = entry.grantee.as_ref().map_or_else(|| "PUBLIC".to_owned(), |g| b.id(g));
        for (passed_on, tail) in [(false, ""), (true, " WITH GRANT OPTION")] {
            let rights: Vec<String> = entry
                .rights
                .iter()
                .filter(|(_, option)| *option == passed_on)
                .filter_map(|(letter, _)| word(*letter))
                .map(|w| format!("{w}{of_column}"))
                .collect();
            if !rights.is_empty() {
                sql.push(format!("GRANT {} ON {relation} TO {who}{tail}", rights.join(", ")));
            }
        }
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read() {
        let read = entry("\"odd \"\"role\"=r*w/owner").unwrap();
        assert_eq!(read.grantee, Some("odd \"role".into()));
        assert_eq!(read.rights, [('r', true), ('w', false)]);
        assert_eq!(entry("=r/owner").unwrap().grantee, None);
    }
}
