//! Partition bounds: whether a CHECK of a table already says what ATTACH PARTITION would have to scan for.
//! Only the plain shapes are read (one key column, literals); everything else counts as not proven, which errs on the safe side.

use super::relations::conjuncts;
use crate::model::objects::PartitionKey;
use crate::model::{ConstraintKind, Ident, Table};
use std::cmp::Ordering;

#[derive(Debug, PartialEq)]
enum Bounds {
    /// `None`: MINVALUE or MAXVALUE.
    Range(Option<String>, Option<String>),
    List(Vec<String>),
}

/// True if valid CHECKs of `child` imply that its rows belong into the new partition.
pub(super) fn proven(child: &Table, key: &PartitionKey, bounds: &str) -> bool {
    let ([column], Some(bounds)) = (key.columns.as_slice(), parse(key, bounds)) else { return false };
    let facts = comparisons(child, column);
    let holds = |op: &str, value: &str| facts.iter().any(|(o, v)| o == op && v == value);
    let at_least = |bound: &str| facts.iter().any(|(o, v)| matches!(o.as_str(), ">=" | ">" | "=") && no_more(bound, v));
    let below = |bound: &str| {
        facts
            .iter()
            .any(|(o, v)| (o == "<" && no_more(v, bound)) || (matches!(o.as_str(), "<=" | "=") && less(v, bound)))
    };
    let not_null =
        child.column(column).is_some_and(|c| c.not_null) || super::relations::proves_not_null(child, column, &[]);
    let inside = match bounds {
        Bounds::Range(from, to) => from.is_none_or(|from| at_least(&from)) && to.is_none_or(|to| below(&to)),
        Bounds::List(values) => values.iter().any(|v| holds("=", v)),
    };
    inside && not_null
}

/// True if rows of `child` all have one value that no sibling takes, and a DEFAULT partition is wanted.
pub(super) fn beside(child: &Table, key: &PartitionKey, bounds: &str, siblings: &[&Table]) -> bool {
    let [column] = key.columns.as_slice() else { return false };
    let one = comparisons(child, column).into_iter().find(|(op, _)| op == "=").map(|(_, value)| value);
    let taken = |value: &String| {
        siblings.iter().filter_map(|s| s.partition_of.as_ref()).any(|p| match parse(key, &p.bounds) {
            Some(Bounds::List(values)) => values.contains(value),
            _ => true,
        })
    };
    bounds.trim().eq_ignore_ascii_case("default")
        && key.definition.to_ascii_uppercase().starts_with("LIST")
        && one.is_some_and(|value| !taken(&value))
}

/// True if both bounds are sure to take one row. What cannot be compared counts as apart.
pub(super) fn overlap(key: &PartitionKey, a: &str, b: &str) -> bool {
    let both_default = [a, b].iter().all(|t| t.trim().eq_ignore_ascii_case("default"));
    match (parse(key, a), parse(key, b)) {
        (Some(Bounds::List(a)), Some(Bounds::List(b))) => a.iter().any(|v| b.contains(v)),
        (Some(Bounds::Range(a_from, a_to)), Some(Bounds::Range(b_from, b_to))) if key.columns.len() == 1 => {
            let before = |x: &Option<String>, y: &Option<String>| match (x, y) {
                (Some(x), Some(y)) => less(x, y),
                _ => true,
            };
            before(&a_from, &b_to) && before(&b_from, &a_to)
        }
        _ => both_default,
    }
}

/// True if a valid CHECK of the default partition says that none of its rows belongs into the new one.
pub(super) fn excluded(default: &Table, key: &PartitionKey, bounds: &str) -> bool {
    let ([column], Some(Bounds::Range(from, to))) = (key.columns.as_slice(), parse(key, bounds)) else { return false };
    let facts = comparisons(default, column);
    let holds = |op: &str, value: Option<&String>, no_wider: &dyn Fn(&str, &str) -> bool| {
        value.is_some_and(|v| facts.iter().any(|(o, f)| o == op && no_wider(f, v)))
    };
    holds("<", from.as_ref(), &|fact, bound| no_more(fact, bound))
        || holds(">=", to.as_ref(), &|fact, bound| no_more(bound, fact))
}

/// Literals in the order of their values, as far as text can tell: numbers, and dates of equal length.
fn order(a: &str, b: &str) -> Option<Ordering> {
    match (a.parse::<i64>(), b.parse::<i64>()) {
        (Ok(a), Ok(b)) => Some(a.cmp(&b)),
        _ if a == b => Some(Ordering::Equal),
        _ => (a.len() == b.len() && is_date(a) && is_date(b)).then(|| a.cmp(b)),
    }
}

fn is_date(text: &str) -> bool {
    let at = |(i, c): (usize, char)| match i {
        4 | 7 => c == '-',
        0..=9 => c.is_ascii_digit(),
        // A zone would make texts of equal length incomparable.
        _ => c.is_ascii_digit() || matches!(c, ' ' | ':' | '.'),
    };
    text.len() >= 10 && text.chars().enumerate().all(at)
}

fn no_more(a: &str, b: &str) -> bool {
    order(a, b).is_some_and(Ordering::is_le)
}

fn less(a: &str, b: &str) -> bool {
    order(a, b) == Some(Ordering::Less)
}

/// `column op literal` conjuncts of the valid CHECKs: (operator, literal).
fn comparisons(table: &Table, column: &Ident) -> Vec<(String, String)> {
    let checks = table.constraints.iter().filter(|c| c.kind == ConstraintKind::Check && c.valid && c.enforced);
    checks
        .flat_map(|c| conjuncts(&c.definition))
        .filter_map(|part| {
            let (subject, rest) = part.split_once(' ')?;
            let (op, value) = rest.trim().split_once(' ')?;
            (subject.trim_matches('"') == column.as_str()).then(|| (op.to_owned(), literal(value)))
        })
        .collect()
}

fn parse(key: &PartitionKey, bounds: &str) -> Option<Bounds> {
    let words = bounds.split_whitespace().collect::<Vec<_>>().join(" ");
    let upper = words.to_ascii_uppercase();
    let rest = words.get(upper.find("FOR VALUES").map_or(0, |at| at + 10)..)?.trim();
    let upper = rest.to_ascii_uppercase();
    if key.definition.to_ascii_uppercase().starts_with("RANGE") && upper.starts_with("FROM") {
        let to = upper.rfind(" TO ")?;
        return Some(Bounds::Range(end(rest.get(4..to)?), end(rest.get(to + 4..)?)));
    }
    let list = upper.strip_prefix("IN").and_then(|_| rest.get(2..))?;
    Some(Bounds::List(list.trim().trim_matches(['(', ')']).split(',').map(literal).collect()))
}

fn end(text: &str) -> Option<String> {
    let value = text.trim().trim_matches(['(', ')']).trim();
    (!value.eq_ignore_ascii_case("minvalue") && !value.eq_ignore_ascii_case("maxvalue")).then(|| literal(value))
}

/// A literal without its cast and quotes: the bound is written `'2024-01-01'`, the server prints `'2024-01-01'::date`.
fn literal(text: &str) -> String {
    let text = text.trim().trim_matches(['(', ')']).trim();
    let text = text.split_once("::").map_or(text, |(value, _)| value);
    text.trim().trim_matches('\'').trim_end_matches(" 00:00:00").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> PartitionKey {
        PartitionKey { definition: "RANGE (at)".into(), columns: vec!["at".into()] }
    }

    #[test]
    fn bounds_are_read() {
        let range = parse(&key(), "FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)");
        assert_eq!(range, Some(Bounds::Range(Some("2024-01-01".into()), None)));
        let list = PartitionKey { definition: "LIST (r)".into(), columns: vec!["r".into()] };
        assert_eq!(parse(&list, "FOR VALUES IN ('eu')"), Some(Bounds::List(vec!["eu".into()])));
    }
}
