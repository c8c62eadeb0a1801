//! Access privileges as the server prints them (`app=arwd/owner`) → GRANT statements on another relation.

use crate::engine::Dialect;
use crate::model::Ident;

/// What a view can be granted with a meaning.
const ROWS: &[(char, &str)] = &[('r', "SELECT"), ('a', "INSERT"), ('w', "UPDATE"), ('d', "DELETE")];
/// What tables know beside.
const TABLE: &[(char, &str)] = &[('D', "TRUNCATE"), ('x', "REFERENCES"), ('t', "TRIGGER"), ('m', "MAINTAIN")];

/// One entry of an access control list.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    /// None: PUBLIC.
    grantee: Option<Ident>,
    /// Letters, each with whether it may be granted on.
    letters: Vec<(char, bool)>,
}

/// Grants on `relation` (as SQL spells it) for everyone in `acl` but the owner, who has them anyway.
/// With `column`, on that column of it.
pub fn again(
    d: &dyn Dialect,
    acl: &[String],
    owner: Option<&Ident>,
    relation: &str,
    column: Option<&Ident>,
    rows_only: bool,
) -> Vec<String> {
    let mut sql = Vec::new();
    for entry in acl.iter().filter_map(|text| parse(text)) {
        if owner.is_some() && entry.grantee.as_ref() == owner {
            continue;
        }
        let to = entry.grantee.as_ref().map_or_else(|| "PUBLIC".to_owned(), |g| d.ident(g));
        let of = column.map_or_else(String::new, |c| format!(" ({})", d.ident(c)));
        for with_option in [false, true] {
            let known = ROWS.iter().chain(TABLE.iter().filter(|_| !rows_only));
            let privileges: Vec<String> = known
                .filter(|(letter, _)| entry.letters.contains(&(*letter, with_option)))
                .map(|(_, word)| format!("{word}{of}"))
                .collect();
            if !privileges.is_empty() {
                let option = if with_option { " WITH GRANT OPTION" } else { "" };
                sql.push(format!("GRANT {} ON {relation} TO {to}{option}", privileges.join(", ")));
            }
        }
    }
    sql
}

/// `"odd ""role"""=ar*/owner`; an empty name before `=` is PUBLIC.
fn parse(text: &str) -> Option<Entry> {
    let (grantee, rest) = match text.strip_prefix('"') {
        Some(quoted) => {
            let mut name = String::new();
            let mut chars = quoted.char_indices().peekable();
            let mut end = None;
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                        chars.next();
                        name.push('"');
                    }
                    '"' => {
                        end = Some(at + 1);
                        break;
                    }
                    other => name.push(other),
                }
            }
            (Some(name), quoted.get(end?..)?)
        }
        None => {
            let at = text.find('=')?;
            let name = text.get(..at)?;
            ((!name.is_empty()).then(|| name.to_owned()), text.get(at..)?)
        }
    };
    let letters = rest.strip_prefix('=')?.split('/').next()?;
    let mut list: Vec<(char, bool)> = Vec::new();
    for c in letters.chars() {
        match (c, list.last_mut()) {
            ('*', Some(last)) => last.1 = true,
            _ => list.push((c, false)),
        }
    }
    Some(Entry { grantee: grantee.map(Ident), letters: list })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::dialect;
    use crate::model::Engine;

    #[test]
    fn privileges_come_back_for_everyone_but_the_owner() {
        let acl: Vec<String> = ["shop=arwdDxt/shop", "=r/shop", "\"odd \"\"r\"=ar*w/shop", "app=D/shop"]
            .iter()
            .map(|s| (*s).to_owned())
            .collect();
        let d = dialect(Engine::Postgresql);
        assert_eq!(
            again(d, &acl, Some(&"shop".into()), "v", None, true),
            [
                "GRANT SELECT ON v TO PUBLIC",
                "GRANT INSERT, UPDATE ON v TO \"odd \"\"r\"",
                "GRANT SELECT ON v TO \"odd \"\"r\" WITH GRANT OPTION"
            ]
        );
        assert_eq!(
            again(d, &["app=rw/x".to_owned()], None, "v", Some(&"A".into()), true),
            ["GRANT SELECT (\"A\"), UPDATE (\"A\") ON v TO app"]
        );
    }
}
