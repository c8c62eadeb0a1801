//! Partition bounds: what they say of a row, and whether CHECKs of a table already say what ATTACH PARTITION would have to
//! scan for. What cannot be read counts as not proven, which errs on the safe side.

use super::dialect::dialect;
use super::relations::{conjuncts, proves_not_null};
use crate::model::objects::PartitionKey;
use crate::model::{Catalog, ConstraintKind, Engine, Ident, Index, Table};
use crate::sql::partition::{self, Bound, Bounds, Key, Strategy};
use std::cmp::Ordering;

/// What every row of a partition with these bounds satisfies, joined by AND, as a CHECK has to say it so that the server
/// need not look (manual: ALTER TABLE, ATTACH PARTITION). None where no CHECK can: an unreadable key, a collation or
/// operator class of its own, a first default partition.
pub fn conditions(catalog: &Catalog, parent: &Table, bounds: &str) -> Option<Vec<String>> {
    let mut all = level(catalog, parent, bounds)?;
    // The bounds of what the parent is a partition of hold as well. A damaged snapshot may go round in circles.
    let (mut at, mut levels) = (parent, 0);
    while let Some(of) = at.partition_of.as_ref().filter(|p| !p.bounds.is_empty() && levels < 16) {
        let above = catalog.table(&of.parent)?;
        let more = level(catalog, above, &of.bounds)?;
        all.extend(more.into_iter().filter(|c| !all.contains(c)).collect::<Vec<_>>());
        (at, levels) = (above, levels + 1);
    }
    Some(all)
}

/// The same for the rows that a default partition beside the new one may no longer hold: this level alone.
pub fn level(catalog: &Catalog, parent: &Table, bounds: &str) -> Option<Vec<String>> {
    let key = partition::key(&parent.partition_key.as_ref()?.definition)?;
    if key.parts.iter().any(|p| p.special) {
        return None;
    }
    match partition::bounds(bounds)? {
        Bounds::Default => {
            let others = catalog.partitions_of(&parent.name).filter_map(|t| t.partition_of.as_ref());
            let others: Option<Vec<String>> = others
                .filter(|p| !p.bounds.trim().eq_ignore_ascii_case("default"))
                .map(|p| level(catalog, parent, &p.bounds).map(|c| format!("({})", c.join(" AND "))))
                .collect();
            let others = others?;
            (!others.is_empty()).then(|| vec![format!("NOT ({})", others.join(" OR "))])
        }
        Bounds::Range { from, to } => {
            let mut all: Vec<String> = key.parts.iter().map(|p| format!("{} IS NOT NULL", p.sql)).collect();
            all.extend(side(&key, &from, [">", ">="])?);
            all.extend(side(&key, &to, ["<", "<="])?);
            Some(all)
        }
        Bounds::List { values, null } => {
            let [part] = key.parts.as_slice() else { return None };
            let k = &part.sql;
            let within = match values.as_slice() {
                [] => return Some(vec![format!("{k} IS NULL")]),
                [one] => format!("{k} = {one}"),
                many => format!("{k} IN ({})", many.join(", ")),
            };
            Some(if null {
                vec![format!("({k} IS NULL OR {within})")]
            } else {
                vec![format!("{k} IS NOT NULL"), within]
            })
        }
        Bounds::Hash { modulus, remainder } => {
            let d = dialect(Engine::Postgresql);
            let keys = key.parts.iter().map(|p| p.sql.as_str()).collect::<Vec<_>>().join(", ");
            let parent = d.literal(&d.name(&parent.name));
            Some(vec![format!(
                "pg_catalog.satisfies_hash_partition({parent}::pg_catalog.regclass::pg_catalog.oid, {modulus}, {remainder}, {keys})"
            )])
        }
    }
}

/// The CHECK that DETACH CONCURRENTLY leaves on the partition: name, columns, expression. None where CHECKs say it already,
/// and for a hash, whose condition would name the parent.
pub fn left_behind(catalog: &Catalog, parent: &Table, child: &Table) -> Option<(Ident, Vec<Ident>, String)> {
    let of = child.partition_of.as_ref()?;
    let said_already = said(catalog, parent, child, &of.bounds);
    let all = conditions(catalog, parent, &of.bounds).filter(|_| !said_already)?;
    let expression = all.join(" AND ");
    if expression.contains("satisfies_hash_partition") {
        return None;
    }
    let columns = crate::sql::expression(&expression).columns;
    let label = if columns.len() == 1 { columns.as_slice() } else { &[] };
    Some((super::names::for_constraint(catalog, &child.name, label, "check"), columns, expression))
}

/// One end of a range: `k1 > v1 OR (k1 = v1 AND k2 >= v2)`; `strict` and `or equal` operators of that end. The upper end is
/// exclusive: its last arm is strict as well, unless MAXVALUE behind the value takes all that begin with it.
fn side(key: &Key, ends: &[Bound], [strict, or_equal]: [&str; 2]) -> Option<Option<String>> {
    let lower = strict == ">";
    if ends.len() != key.parts.len() {
        return None;
    }
    let mut arms: Vec<String> = Vec::new();
    let mut equal: Vec<String> = Vec::new();
    let mut rest = key.parts.iter().zip(ends).peekable();
    while let Some((part, end)) = rest.next() {
        let Bound::Value(value) = end else { break };
        // What stands behind decides whether a row that equals the value so far is inside.
        let (op, last) = match rest.peek() {
            None => (if lower { or_equal } else { strict }, true),
            Some((_, Bound::Min)) => (if lower { or_equal } else { strict }, true),
            Some((_, Bound::Max)) => (if lower { strict } else { or_equal }, true),
            Some((_, Bound::Value(_))) => (strict, false),
        };
        let mut arm = equal.clone();
        arm.push(format!("{} {op} {value}", part.sql));
        arms.push(if arm.len() > 1 { format!("({})", arm.join(" AND ")) } else { arm.concat() });
        if last {
            break;
        }
        equal.push(format!("{} = {value}", part.sql));
    }
    Some(match arms.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("({})", many.join(" OR "))),
    })
}

/// Indexes of the parent for which ATTACH would find no share among those of the child, and would build one.
pub fn missing_indexes<'t>(parent: &'t Table, child: &Table) -> Vec<&'t Index> {
    parent.indexes.iter().filter(|i| !child.indexes.iter().any(|c| alike(i, c))).collect()
}

pub fn alike(parent: &Index, child: &Index) -> bool {
    child.valid
        && parent.method == child.method
        && parent.keys == child.keys
        && parent.include == child.include
        && parent.has_expressions == child.has_expressions
        && parent.predicate == child.predicate
        && (!parent.unique || child.unique)
        && (parent.constraint.is_none() || child.constraint.is_some())
}

/// True if valid CHECKs of `child` imply that its rows belong into the new partition.
pub fn proven(catalog: &Catalog, parent: &Table, child: &Table, bounds: &str) -> bool {
    let Some(key) = &parent.partition_key else { return false };
    within(child, key, bounds) || said(catalog, parent, child, bounds)
}

/// Every condition stands among the table's CHECKs, apart from how the server prints it.
fn said(catalog: &Catalog, parent: &Table, child: &Table, bounds: &str) -> bool {
    let Some(wanted) = conditions(catalog, parent, bounds) else { return false };
    let facts = facts(child);
    let not_null = |text: &str| {
        let column = text.strip_suffix(" is not null").map(|c| Ident::new(c.trim_matches('"')));
        column.is_some_and(|c| child.column(&c).is_some_and(|c| c.not_null))
    };
    wanted.iter().map(|w| plain(w)).all(|w| facts.contains(&w) || not_null(&w))
}

fn facts(table: &Table) -> Vec<String> {
    let checks = table.constraints.iter().filter(|c| c.kind == ConstraintKind::Check && c.valid && c.enforced);
    checks.flat_map(|c| conjuncts(&c.definition)).map(|c| plain(&c)).collect()
}

/// Text without what the server adds or leaves out when it prints an expression: parentheses, casts, `= ANY (ARRAY[…])`.
fn plain(text: &str) -> String {
    const LONG: [&str; 6] = ["varying", "precision", "with", "without", "time", "zone"];
    let mut words = partition::words(text).into_iter().peekable();
    let mut out: Vec<String> = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "(" | ")" | "[" | "]" | "," => {}
            "::" => {
                words.next();
                while words.next_if(|w| w == ".").is_some() {
                    words.next();
                }
                while words.next_if(|w| LONG.contains(&w.as_str())).is_some() {}
                if words.next_if(|w| w == "(").is_some() {
                    while words.next().is_some_and(|w| w != ")") {}
                }
            }
            "any" if out.last().is_some_and(|w| w == "=") => {
                out.pop();
                out.push("in".to_owned());
            }
            "array" | "pg_catalog" | "." => {}
            _ => out.push(word.trim_end_matches(" 00:00:00'").trim_end_matches('\'').to_owned()),
        }
    }
    out.join(" ")
}

fn within(child: &Table, key: &PartitionKey, bounds: &str) -> bool {
    let ([column], Some(bounds)) = (key.columns.as_slice(), simple(key, bounds)) else { return false };
    let facts = comparisons(child, column);
    let holds = |op: &str, value: &str| facts.iter().any(|(o, v)| o == op && v == value);
    let at_least = |bound: &str| facts.iter().any(|(o, v)| matches!(o.as_str(), ">=" | ">" | "=") && no_more(bound, v));
    let below = |bound: &str| {
        facts
            .iter()
            .any(|(o, v)| (o == "<" && no_more(v, bound)) || (matches!(o.as_str(), "<=" | "=") && less(v, bound)))
    };
    let not_null = child.column(column).is_some_and(|c| c.not_null) || proves_not_null(child, column, &[]);
    let inside = match bounds {
        Simple::Range(from, to) => from.is_none_or(|from| at_least(&from)) && to.is_none_or(|to| below(&to)),
        Simple::Values(values) => values.iter().any(|v| holds("=", v)),
    };
    inside && not_null
}

/// True if the rows of `child` all have one value that no sibling takes, and a DEFAULT partition is wanted.
pub fn leftover(child: &Table, key: &PartitionKey, bounds: &str, siblings: &[&Table]) -> bool {
    let [column] = key.columns.as_slice() else { return false };
    let one = comparisons(child, column).into_iter().find(|(op, _)| op == "=").map(|(_, value)| value);
    let taken = |value: &String| {
        siblings.iter().filter_map(|s| s.partition_of.as_ref()).any(|p| match simple(key, &p.bounds) {
            Some(Simple::Values(values)) => values.contains(value),
            _ => true,
        })
    };
    bounds.trim().eq_ignore_ascii_case("default")
        && partition::key(&key.definition).is_some_and(|k| k.strategy == Strategy::List)
        && one.is_some_and(|value| !taken(&value))
}

/// True if both bounds are sure to take one row. What cannot be compared counts as apart.
pub fn overlap(key: &PartitionKey, a: &str, b: &str) -> bool {
    let both_default = [a, b].iter().all(|t| t.trim().eq_ignore_ascii_case("default"));
    match (simple(key, a), simple(key, b)) {
        (Some(Simple::Values(a)), Some(Simple::Values(b))) => a.iter().any(|v| b.contains(v)),
        (Some(Simple::Range(a_from, a_to)), Some(Simple::Range(b_from, b_to))) => {
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
pub fn excluded(catalog: &Catalog, parent: &Table, default: &Table, bounds: &str) -> bool {
    let Some(key) = &parent.partition_key else { return false };
    let outside = level(catalog, parent, bounds).map(|c| plain(&format!("NOT ({})", c.join(" AND "))));
    beside(default, key, bounds) || outside.is_some_and(|o| facts(default).contains(&o))
}

fn beside(default: &Table, key: &PartitionKey, bounds: &str) -> bool {
    let ([column], Some(Simple::Range(from, to))) = (key.columns.as_slice(), simple(key, bounds)) else {
        return false;
    };
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

/// Bounds over one column, with plain literals: none for an open end.
enum Simple {
    Range(Option<String>, Option<String>),
    Values(Vec<String>),
}

fn simple(key: &PartitionKey, bounds: &str) -> Option<Simple> {
    let strategy = partition::key(&key.definition)?.strategy;
    match (strategy, partition::bounds(bounds)?) {
        (Strategy::Range, Bounds::Range { from, to }) => {
            let ([from], [to]) = (from.as_slice(), to.as_slice()) else { return None };
            let end = |b: &Bound| if let Bound::Value(v) = b { Some(literal(v)) } else { None };
            Some(Simple::Range(end(from), end(to)))
        }
        (Strategy::List, Bounds::List { values, null: false }) => {
            Some(Simple::Values(values.iter().map(|v| literal(v)).collect()))
        }
        _ => None,
    }
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
    use crate::model::{TableName, Version};

    fn said_of(definition: &str, bounds: &str) -> Option<String> {
        let mut parent = Table::new(TableName::new("s", "p"), Vec::new());
        parent.partition_key = Some(PartitionKey { definition: definition.into(), columns: Vec::new() });
        let catalog = Catalog::empty(Engine::Postgresql, Version::new(15, 0));
        conditions(&catalog, &parent, bounds).map(|c| c.join(" AND "))
    }

    #[test]
    fn bounds_say_what_a_row_satisfies() {
        for (key, bounds, said) in [
            ("RANGE (a)", "FROM (1) TO (9)", "a IS NOT NULL AND a >= 1 AND a < 9"),
            ("RANGE (a)", "FROM (MINVALUE) TO (9)", "a IS NOT NULL AND a < 9"),
            (
                "RANGE (a, b)",
                "FROM (5, 1) TO (6, 10)",
                "a IS NOT NULL AND b IS NOT NULL AND (a > 5 OR (a = 5 AND b >= 1)) AND (a < 6 OR (a = 6 AND b < 10))",
            ),
            (
                "RANGE (a, b)",
                "FROM (5, MINVALUE) TO (6, MAXVALUE)",
                "a IS NOT NULL AND b IS NOT NULL AND a >= 5 AND a <= 6",
            ),
            (
                "RANGE (a, b)",
                "FROM (5, MAXVALUE) TO (6, MINVALUE)",
                "a IS NOT NULL AND b IS NOT NULL AND a > 5 AND a < 6",
            ),
            ("LIST (r)", "IN ('x', 'y')", "r IS NOT NULL AND r IN ('x', 'y')"),
            ("LIST (r)", "IN ('x', NULL)", "(r IS NULL OR r = 'x')"),
            (
                "HASH (a)",
                "WITH (modulus 4, remainder 3)",
                "pg_catalog.satisfies_hash_partition('s.p'::pg_catalog.regclass::pg_catalog.oid, 4, 3, a)",
            ),
        ] {
            assert_eq!(said_of(key, &format!("FOR VALUES {bounds}")).as_deref(), Some(said));
        }
        assert_eq!(said_of("RANGE (a COLLATE \"C\")", "FOR VALUES FROM ('a') TO ('b')"), None);
        assert_eq!(said_of("RANGE (a)", "DEFAULT"), None);
    }

    #[test]
    fn printed_expressions_are_known_again() {
        for (ours, theirs) in [
            ("r IN ('x', 'y')", "((r)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))"),
            ("NOT (a IS NOT NULL AND a >= 1)", "(NOT ((a IS NOT NULL) AND (a >= 1)))"),
            ("(a > 5 OR (a = 5 AND b >= 1))", "((a > 5) OR ((a = 5) AND (b >= 1)))"),
            ("at < '2025-01-01'", "(at < '2025-01-01 00:00:00'::timestamp without time zone)"),
        ] {
            assert_eq!(plain(ours), plain(theirs));
        }
    }
}
