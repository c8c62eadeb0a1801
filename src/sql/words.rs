//! Word lists: the verbs that start a statement, PostgreSQL's reserved words, the words that give MySQL away.

/// First words of PostgreSQL's statements, 10 to 18. Sorted.
pub(super) const VERBS: &[&str] = &[
    "abort",
    "alter",
    "analyse",
    "analyze",
    "begin",
    "call",
    "checkpoint",
    "close",
    "cluster",
    "comment",
    "commit",
    "copy",
    "create",
    "deallocate",
    "declare",
    "delete",
    "discard",
    "do",
    "drop",
    "end",
    "execute",
    "explain",
    "fetch",
    "grant",
    "import",
    "insert",
    "listen",
    "load",
    "lock",
    "merge",
    "move",
    "notify",
    "prepare",
    "reassign",
    "refresh",
    "reindex",
    "release",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "security",
    "select",
    "set",
    "show",
    "start",
    "table",
    "truncate",
    "unlisten",
    "update",
    "vacuum",
    "values",
    "with",
];

/// Words that cannot be a column's or table's name without quotes: reserved ones and those for functions and types. Sorted.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// Words that only MySQL has where we look for them. Sorted.
const MYSQL: &[&str] = &[
    "algorithm",
    "auto_increment",
    "change",
    "charset",
    "engine",
    "fulltext",
    "modify",
    "row_format",
    "spatial",
    "unsigned",
    "zerofill",
];

fn found(list: &[&str], word: &str) -> bool {
    list.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()
}

pub(super) fn is_verb(word: &str) -> bool {
    found(VERBS, word)
}

pub(super) fn is_reserved(word: &str) -> bool {
    found(RESERVED, word)
}

pub(super) fn is_mysql(word: &str) -> bool {
    found(MYSQL, word)
}

/// The word of `list` that `word` was likely meant to be.
pub(super) fn nearest<'l>(list: &[&'l str], word: &str) -> Option<&'l str> {
    let word: String = word.to_ascii_lowercase().chars().take(24).collect();
    let best = list.iter().map(|candidate| (distance(candidate, &word), *candidate)).min()?;
    (best.0 <= 1 + word.len() / 4).then_some(best.1)
}

/// Edits between two words; two letters in the wrong order count once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |cells: &[usize], n: usize| cells.get(n).copied().unwrap_or(usize::MAX / 2);
            let mut cost = (at(&row, j) + usize::from(x != y)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [VERBS, RESERVED, MYSQL] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn the_nearest_verb() {
        for (typed, meant) in
            [("ALTR", Some("alter")), ("CRAETE", Some("create")), ("udpate", Some("update")), ("frobnicate", None)]
        {
            assert_eq!(nearest(VERBS, typed), meant, "{typed}");
        }
    }
}
