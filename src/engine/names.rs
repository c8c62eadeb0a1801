//! Names that PostgreSQL makes up itself (`users_phone_key`), and text in which an identifier is renamed.

use super::dialect::dialect;
use crate::model::{Catalog, Engine, Ident, TableName};

const LONGEST: usize = 63;

/// `table_addition_label` cut down as the server does it: the longer of the first two parts loses characters first.
fn composed(table: &str, addition: &str, label: &str) -> String {
    let overhead = 1 + label.len() + usize::from(!addition.is_empty());
    let room = LONGEST.saturating_sub(overhead);
    let (mut a, mut b) = (table.len(), addition.len());
    while a + b > room {
        if a > b { a -= 1 } else { b -= 1 }
    }
    let (table, addition) = (clip(table, a), clip(addition, b));
    if addition.is_empty() { format!("{table}_{label}") } else { format!("{table}_{addition}_{label}") }
}

fn clip(text: &str, mut bytes: usize) -> &str {
    while !text.is_char_boundary(bytes) {
        bytes -= 1;
    }
    text.get(..bytes).unwrap_or(text)
}

fn joined(columns: &[Ident]) -> String {
    let all = columns.iter().map(Ident::as_str).collect::<Vec<_>>().join("_");
    clip(&all, all.len().min(LONGEST)).to_owned()
}

/// What the server calls an index, constraint or sequence that nobody names: `users_phone_key`, `users_phone_key1`.
pub fn made_up(table: &Ident, columns: &[Ident], label: &str, taken: impl Fn(&str) -> bool) -> Ident {
    first_free(table.as_str(), &joined(columns), label, taken)
}

/// What it calls a part of an index that is an expression: `lower`, `expr`.
pub fn of_expression(text: &str) -> Ident {
    match text.trim().split_once('(') {
        Some((function, _)) if !function.is_empty() && function.chars().all(|c| c.is_alphanumeric() || c == '_') => {
            Ident(function.to_lowercase())
        }
        _ => "expr".into(),
    }
}

/// The first of `base`, `base1`, `base2`, … that is not taken.
fn first_free(table: &str, addition: &str, label: &str, taken: impl Fn(&str) -> bool) -> Ident {
    let mut name = composed(table, addition, label);
    let mut pass = 0u32;
    while taken(&name) {
        pass += 1;
        name = composed(table, addition, &format!("{label}{pass}"));
    }
    Ident(name)
}

/// True if a relation (table, index, sequence, view) of this name is there: they share one name space per schema.
pub(super) fn relation_taken(catalog: &Catalog, name: &TableName) -> bool {
    catalog.table(name).is_some()
        || catalog.views.iter().any(|v| v.name == *name)
        || catalog.sequences.iter().any(|s| s.name == *name)
        || catalog.index_owner(Some(&name.schema), &name.name).is_some()
        || catalog.view_of_index(Some(&name.schema), &name.name).is_some()
}

/// Name of an index or of a constraint that owns one: `label` is `pkey`, `key`, `idx` or `excl`.
pub(super) fn for_index(catalog: &Catalog, table: &TableName, columns: &[Ident], label: &str) -> Ident {
    let addition = if label == "pkey" { String::new() } else { joined(columns) };
    let taken = |name: &str| {
        relation_taken(catalog, &table.sibling(name))
            || (label != "idx" && catalog.table(table).is_some_and(|t| t.constraint(&name.into()).is_some()))
    };
    first_free(table.name.as_str(), &addition, label, taken)
}

/// Name of a constraint without an index: `label` is `check`, `fkey` or `not_null`.
pub(super) fn for_constraint(catalog: &Catalog, table: &TableName, columns: &[Ident], label: &str) -> Ident {
    let of_table = |name: &str| catalog.table(table).is_some_and(|t| t.constraint(&name.into()).is_some());
    first_free(table.name.as_str(), &joined(columns), label, of_table)
}

pub(super) fn for_sequence(catalog: &Catalog, table: &TableName, column: &Ident) -> TableName {
    let taken = |name: &str| relation_taken(catalog, &table.sibling(name));
    table.sibling(first_free(table.name.as_str(), column.as_str(), "seq", taken).0)
}

/// `text` with the identifier `from` spelled as `to` wherever it stands as a whole word outside string literals.
pub(super) fn renamed(text: &str, from: &Ident, to: &Ident) -> String {
    let spelled = dialect(Engine::Postgresql).ident(to);
    let quoted = format!("\"{}\"", from.as_str().replace('"', "\"\""));
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = if c == '\'' {
            rest.get(1..).and_then(|r| r.find('\'')).map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with(&quoted) {
            out.push_str(&spelled);
            rest = rest.get(quoted.len()..).unwrap_or("");
            continue;
        } else if c == '"' {
            rest.get(1..).and_then(|r| r.find('"')).map_or(rest.len(), |end| end + 2)
        } else if part(c) {
            let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or("");
            // Unquoted in the server's text means lower case.
            if word == from.as_str() && !rest.get(end..).is_some_and(|r| r.starts_with('(')) {
                out.push_str(&spelled);
                rest = rest.get(end..).unwrap_or("");
                continue;
            }
            end
        } else {
            c.len_utf8()
        };
        out.push_str(rest.get(..taken).unwrap_or(rest));
        rest = rest.get(taken..).unwrap_or("");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_as_the_server_cuts_them() {
        let long = "a".repeat(60);
        let name = composed(&long, "email", "key");
        assert_eq!(name.len(), 63);
        assert!(name.ends_with("_email_key"), "{name}");
        assert_eq!(composed("users", "", "pkey"), "users_pkey");
    }

    #[test]
    fn identifiers_are_renamed_but_not_strings_or_calls() {
        let to = |text: &str| renamed(text, &"name".into(), &"full name".into());
        assert_eq!(to("CHECK ((name <> 'name'::text))"), "CHECK ((\"full name\" <> 'name'::text))");
        assert_eq!(to("lower(name), name(x), username"), "lower(\"full name\"), name(x), username");
        assert_eq!(renamed("(\"Odd\" + 1)", &"Odd".into(), &"even".into()), "(even + 1)");
    }
}
