//! How a table is cut into partitions, read out of the text: the key (`RANGE (at, lower(b))`) and a partition's bounds
//! (`FOR VALUES FROM (…) TO (…)`). Values stay as written.

use super::cursor::Cursor;
use super::expr::expression;
use super::split::split;
use crate::model::Ident;

/// `PARTITION BY RANGE (created_at)`.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionBy {
    /// From RANGE, LIST or HASH on, as written.
    pub definition: String,
    /// Plain columns among the keys.
    pub columns: Vec<Ident>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Range,
    List,
    Hash,
}

/// A partition key, part by part.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub strategy: Strategy,
    pub parts: Vec<KeyPart>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct KeyPart {
    /// The column or expression as SQL, without collation and operator class.
    pub sql: String,
    /// `None` for an expression.
    pub column: Option<Ident>,
    /// It has a collation or an operator class of its own: comparing the values by `<` may mean something else.
    pub special: bool,
}

/// A partition's bounds.
#[derive(Debug, Clone, PartialEq)]
pub enum Bounds {
    Default,
    Range { from: Vec<Bound>, to: Vec<Bound> },
    List { values: Vec<String>, null: bool },
    Hash { modulus: u64, remainder: u64 },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    Min,
    Max,
    Value(String),
}

/// `RANGE (created_at)`, as written or as the server prints it; none if it cannot be read.
pub fn key(definition: &str) -> Option<Key> {
    on_tokens(definition, |c| {
        let strategy = if c.eat("range") {
            Strategy::Range
        } else if c.eat("list") {
            Strategy::List
        } else if c.eat("hash") {
            Strategy::Hash
        } else {
            return None;
        };
        let parts = c.parens().ok()?.split_commas().into_iter().map(key_part).collect::<Option<Vec<_>>>()?;
        Some(Key { strategy, parts })
    })
}

fn key_part(mut c: Cursor<'_>) -> Option<KeyPart> {
    let from = c.at;
    if c.is_mark("(") {
        c.skip_balanced();
    } else {
        c.name("a column").ok()?;
        if c.is_mark("(") {
            c.skip_balanced();
        }
    }
    let sql = c.since(from).to_owned();
    let mut name = c.clone();
    name.at = from;
    let column = name.ident("a column").ok().filter(|_| name.at == c.at);
    let special = !c.ended();
    Some(KeyPart { sql, column, special })
}

/// Bounds as written or as the server prints them; none if they cannot be read.
pub fn bounds(text: &str) -> Option<Bounds> {
    on_tokens(text, |c| {
        if c.eat("default") {
            return Some(Bounds::Default);
        }
        c.eat("for values");
        if c.eat("in") {
            let all: Vec<String> = list(c)?;
            let (nulls, values): (Vec<String>, Vec<String>) =
                all.into_iter().partition(|v| v.eq_ignore_ascii_case("null"));
            return Some(Bounds::List { values, null: !nulls.is_empty() });
        }
        if c.eat("from") {
            let from = list(c)?.into_iter().map(bound).collect();
            c.eat("to").then_some(())?;
            return Some(Bounds::Range { from, to: list(c)?.into_iter().map(bound).collect() });
        }
        c.eat("with").then_some(())?;
        let words = list(c)?;
        let number = |word: &str| {
            words.iter().find_map(|w| {
                let (name, value) = w.split_once(char::is_whitespace)?;
                name.eq_ignore_ascii_case(word).then(|| value.trim().parse().ok())?
            })
        };
        Some(Bounds::Hash { modulus: number("modulus")?, remainder: number("remainder")? })
    })
}

fn bound(text: String) -> Bound {
    if text.eq_ignore_ascii_case("minvalue") {
        Bound::Min
    } else if text.eq_ignore_ascii_case("maxvalue") {
        Bound::Max
    } else {
        Bound::Value(text)
    }
}

fn list(c: &mut Cursor<'_>) -> Option<Vec<String>> {
    Some(c.parens().ok()?.split_commas().into_iter().map(|mut piece| piece.rest().to_owned()).collect())
}

/// Words and marks of a piece of SQL, unquoted words in lower case.
pub fn words(text: &str) -> Vec<String> {
    let (pieces, _) = split(text);
    let word = |t: &super::lex::Token| {
        let raw = t.of(text);
        if raw.starts_with(['"', '\'']) { raw.to_owned() } else { raw.to_lowercase() }
    };
    pieces.iter().flat_map(|p| p.tokens.iter().map(word)).collect()
}

fn on_tokens<T>(text: &str, read: impl FnOnce(&mut Cursor<'_>) -> Option<T>) -> Option<T> {
    let (pieces, problems) = split(text);
    let [piece] = pieces.as_slice() else { return None };
    problems.is_empty().then_some(())?;
    read(&mut Cursor::new(text, &piece.tokens))
}

impl Key {
    /// Columns that the key reads, those inside expressions included.
    pub fn columns(&self) -> Vec<Ident> {
        let mut all = Vec::new();
        for part in &self.parts {
            let read = part.column.clone().map_or_else(|| expression(&part.sql).columns, |c| vec![c]);
            all.extend(read.into_iter().filter(|c| !all.contains(c)).collect::<Vec<_>>());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read() {
        let found = key("RANGE (at, lower(\"B c\"), (x + 1), y COLLATE \"C\" text_ops)").unwrap();
        let parts: Vec<_> = found.parts.iter().map(|p| (p.sql.as_str(), p.column.is_some(), p.special)).collect();
        assert_eq!(
            parts,
            [("at", true, false), ("lower(\"B c\")", false, false), ("(x + 1)", false, false), ("y", true, true)]
        );
        assert_eq!(found.columns(), ["at".into(), "B c".into(), "x".into(), Ident::from("y")]);
    }

    #[test]
    fn bounds_are_read() {
        let value = |v: &str| Bound::Value(v.to_owned());
        assert_eq!(
            bounds("FOR VALUES FROM ('2024-01-01', MINVALUE) TO (MAXVALUE, f(1, 2))"),
            Some(Bounds::Range {
                from: vec![value("'2024-01-01'"), Bound::Min],
                to: vec![Bound::Max, value("f(1, 2)")]
            })
        );
        assert_eq!(
            bounds("FOR VALUES IN ('a,b', NULL)"),
            Some(Bounds::List { values: vec!["'a,b'".to_owned()], null: true })
        );
        assert_eq!(bounds("FOR VALUES WITH (modulus 4, remainder 3)"), Some(Bounds::Hash { modulus: 4, remainder: 3 }));
        assert_eq!(bounds("DEFAULT"), Some(Bounds::Default));
    }
}
