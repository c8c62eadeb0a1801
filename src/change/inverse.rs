//! The way back from new columns to the old one, where it follows from the expressions of the script.

use crate::model::{Column, Ident};
use crate::sql::{self, Expression};

/// `old := …` over the new columns, and how sure that is.
#[derive(Debug, Clone, PartialEq)]
pub enum Inverse {
    /// Loses nothing.
    Exact(Expression),
    /// Made from the separator the split uses; says what it may lose.
    Derived(Expression, String),
    None,
}

/// `forward`: each new column with its expression over `old` alone. `spell` quotes a column name.
pub fn inverse(old: &Column, forward: &[(Ident, Expression)], spell: &dyn Fn(&Ident) -> String) -> Inverse {
    if forward.iter().any(|(_, e)| !e.understood || e.columns.iter().any(|c| *c != old.name)) {
        return Inverse::None;
    }
    match forward {
        [(new, expression)] => single(old, new, expression, spell),
        several => joined(old, several, spell),
    }
}

/// A copy goes back as it is; a cast goes back where the old type holds every text.
fn single(old: &Column, new: &Ident, expression: &Expression, spell: &dyn Fn(&Ident) -> String) -> Inverse {
    let plain = spell(&old.name);
    if expression.sql.trim() == plain {
        return Inverse::Exact(sql::expression(&spell(new)));
    }
    let is_cast = expression.functions.is_empty()
        && (expression.sql.trim().starts_with(&format!("{plain}::"))
            || expression.sql.trim().to_lowercase().starts_with(&format!("cast({plain} as ").to_lowercase()));
    if is_cast && (old.data_type == "text" || old.data_type == "character varying") {
        return Inverse::Exact(sql::expression(&format!("{}::{}", spell(new), old.data_type)));
    }
    Inverse::None
}

/// `split_part(name, ' ', 1)`, … over one separator goes back by `concat_ws` with that separator.
fn joined(old: &Column, forward: &[(Ident, Expression)], spell: &dyn Fn(&Ident) -> String) -> Inverse {
    const CUTTERS: [&str; 5] = ["split_part", "position", "strpos", "substring", "substr"];
    let cuts = |e: &Expression| e.functions.iter().any(|f| CUTTERS.contains(&f.as_str()));
    if !forward.iter().any(|(_, e)| e.functions.iter().any(|f| f == "split_part"))
        || !forward.iter().all(|(_, e)| cuts(e))
    {
        return Inverse::None;
    }
    let mut separators: Vec<String> =
        forward.iter().flat_map(|(_, e)| literals(&e.sql)).filter(|l| !l.is_empty()).collect();
    separators.sort();
    separators.dedup();
    let [separator] = separators.as_slice() else { return Inverse::None };
    let limit = old.data_type.strip_prefix("character varying(").and_then(|t| t.strip_suffix(')'));
    if limit.is_none() && !matches!(old.data_type.as_str(), "text" | "character varying") {
        return Inverse::None;
    }
    let parts = forward.iter().map(|(c, _)| spell(c)).collect::<Vec<_>>().join(", ");
    let joined = format!("concat_ws('{}', {parts})", separator.replace('\'', "''"));
    // No parts at all is no value, unless the old column must have one.
    let joined = if old.not_null { joined } else { format!("nullif({joined}, '')") };
    let joined = limit.map_or(joined.clone(), |n| format!("left({joined}, {n})"));
    let loses = format!(
        "`{}` is rebuilt as `{joined}` when a new release writes the parts{}",
        old.name,
        limit.map_or_else(String::new, |n| format!(", cut at {n} characters"))
    );
    Inverse::Derived(sql::expression(&joined), loses)
}

/// Contents of plain string literals.
fn literals(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '"' {
            for inside in chars.by_ref() {
                if inside == '"' {
                    break;
                }
            }
        }
        if c != '\'' {
            continue;
        }
        let mut text = String::new();
        while let Some(c) = chars.next() {
            if c == '\'' {
                if chars.peek() != Some(&'\'') {
                    break;
                }
                chars.next();
            }
            text.push(c);
        }
        found.push(text);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(data_type: &str, forward: &[(&str, &str)]) -> Inverse {
        let forward: Vec<(Ident, Expression)> =
            forward.iter().map(|(c, e)| (Ident::new(*c), sql::expression(e))).collect();
        inverse(&Column::new("name", data_type), &forward, &|c| c.0.clone())
    }

    #[test]
    fn a_split_goes_back_by_its_separator() {
        let split = [("first_name", "split_part(name, ' ', 1)"), ("last_name", "NULLIF(split_part(name, ' ', 2), '')")];
        let Inverse::Derived(expression, _) = back("character varying(100)", &split) else { panic!() };
        assert_eq!(expression.sql, "left(nullif(concat_ws(' ', first_name, last_name), ''), 100)");
        let two = [("a", "split_part(name, ' ', 1)"), ("b", "split_part(name, ',', 2)")];
        assert_eq!(back("text", &two), Inverse::None);
    }

    #[test]
    fn a_copy_goes_back_exactly_and_lower_does_not() {
        assert!(matches!(back("text", &[("b", "name")]), Inverse::Exact(e) if e.sql == "b"));
        assert!(matches!(back("text", &[("b", "name::int")]), Inverse::Exact(e) if e.sql == "b::text"));
        assert_eq!(back("text", &[("b", "lower(name)")]), Inverse::None);
        assert_eq!(back("integer", &[("b", "name::text")]), Inverse::None);
    }
}
