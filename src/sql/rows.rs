//! The parts of statements that move rows in bulk: `DELETE … USING`, `INSERT … SELECT` over one table, a FROM of one table.
//! What is more than that (joins, groups, limits) is `None`: no recipe cuts it into batches.

use super::expr::expression;
use super::reader::{Reader, pieces};
use super::statement::{Expression, ObjectName};
use crate::model::Ident;

/// `DELETE FROM [ONLY] t [AS a] [USING …] [WHERE …]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeleteParts {
    pub only: bool,
    pub table: ObjectName,
    pub alias: Option<Ident>,
    pub using: Option<String>,
    pub filter: Option<Expression>,
}

/// `INSERT INTO t (columns) SELECT items FROM s [AS a] [WHERE …]`.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyParts {
    pub table: ObjectName,
    /// Empty: all columns, in their order.
    pub columns: Vec<Ident>,
    pub items: Vec<Expression>,
    pub source: ObjectName,
    pub alias: Option<Ident>,
    pub filter: Option<Expression>,
}

pub fn delete_parts(text: &str) -> Option<DeleteParts> {
    let mut words = Reader::new(text);
    words.eat("delete from").then_some(())?;
    let only = words.eat("only");
    let table = words.name()?;
    words.eat_mark("*");
    let alias = alias(&mut words, &["using", "where", "returning"]);
    let using = words.eat("using").then(|| words.up_to(&["where", "returning"]).to_owned());
    let filter = words.eat("where").then(|| expression(words.up_to(&["returning"])));
    Some(DeleteParts { only, table, alias, using, filter })
}

pub fn copy_parts(text: &str) -> Option<CopyParts> {
    let mut words = Reader::new(text);
    words.eat("insert into").then_some(())?;
    let table = words.name()?;
    let mut columns = Vec::new();
    if words.is_mark("(") {
        let list = pieces(words.parens()?);
        columns = list.into_iter().map(|c| Reader::new(c).ident()).collect::<Option<_>>()?;
    }
    words.eat("select").then_some(())?;
    if words.is("distinct") {
        return None;
    }
    // `EXTRACT(… FROM …)` stands in parentheses; `IS DISTINCT FROM` does not, and is left to people.
    let items: Vec<&str> = pieces(words.up_to(&["from"]));
    words.eat("from").then_some(())?;
    words.eat("only");
    let source = words.name()?;
    words.eat_mark("*");
    let alias = alias(&mut words, &["where"]);
    let filter = words.eat("where").then(|| {
        let stops = [
            "group by",
            "order by",
            "limit",
            "union",
            "intersect",
            "except",
            "on conflict",
            "returning",
            "having",
            "window",
            "for",
            "offset",
            "fetch",
        ];
        expression(words.up_to(&stops))
    });
    // An order of the rows to copy means nothing.
    if words.eat("order by") {
        words.up_to(&["limit", "offset", "fetch", "on conflict", "returning", "for"]);
    }
    let skips = words.eat("on conflict") && {
        words.up_to(&["do"]);
        words.eat("do nothing")
    };
    (words.ended() || skips).then_some(())?;
    let item = |text: &str| {
        let mut words = Reader::new(text);
        let bare = words.up_to(&["as"]).to_owned();
        expression(&bare)
    };
    let items: Vec<Expression> = items.into_iter().map(item).collect();
    let whole = |e: &Expression| e.sql == "*" || e.sql.ends_with(".*");
    (!items.iter().any(whole)).then_some(CopyParts { table, columns, items, source, alias, filter })
}

/// `other [AS] o`, and nothing else.
pub fn one_table(from: &str) -> Option<(ObjectName, Option<Ident>)> {
    let mut words = Reader::new(from);
    words.eat("only");
    let table = words.name()?;
    let alias = alias(&mut words, &[]);
    words.ended().then_some((table, alias))
}

fn alias(words: &mut Reader<'_>, stops: &[&str]) -> Option<Ident> {
    if words.eat("as") || (words.is_ident() && !stops.iter().any(|s| words.is(s))) { words.ident() } else { None }
}

/// Parts of a condition that all have to hold: pieces between ANDs outside parentheses.
pub fn conjuncts(condition: &str) -> Vec<String> {
    let mut words = Reader::new(condition);
    let mut found: Vec<String> = Vec::new();
    let mut between = false;
    while !words.ended() {
        let piece = words.up_to(&["and"]).to_owned();
        words.eat("and");
        match found.last_mut() {
            // `BETWEEN a AND b` is one.
            Some(last) if between => {
                last.push_str(" AND ");
                last.push_str(&piece);
            }
            _ => found.push(piece.clone()),
        }
        between = !between && Reader::new(&piece).holds("between");
    }
    found
}

/// `a.x = b.y`: both sides, with what they are qualified by.
pub fn equality(piece: &str) -> Option<(ObjectName, ObjectName)> {
    let mut words = Reader::new(piece);
    let inner = if words.is_mark("(") { words.parens()? } else { piece };
    let mut words = Reader::new(inner);
    let left = words.name()?;
    words.eat_mark("=").then_some(())?;
    let right = words.name()?;
    words.ended().then_some((left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_bulk_statements() {
        let d = delete_parts("DELETE FROM a.t AS x WHERE x.n < 3").unwrap();
        assert_eq!((d.alias, d.filter.unwrap().sql.as_str()), (Some("x".into()), "x.n < 3"));
        let c = copy_parts(
            "INSERT INTO p (id, mail) SELECT u.id, lower(u.email) FROM users u WHERE u.email IS NOT NULL ORDER BY 1",
        )
        .unwrap();
        assert_eq!(c.items.len(), 2);
        assert_eq!((c.alias, c.filter.unwrap().sql.as_str()), (Some("u".into()), "u.email IS NOT NULL"));
        assert!(copy_parts("INSERT INTO p SELECT a, count(*) FROM t GROUP BY a").is_none());
        assert!(copy_parts("INSERT INTO p SELECT * FROM t").is_none());
        assert_eq!(conjuncts("a = b AND c BETWEEN 1 AND 2 AND (d OR e)"), ["a = b", "c BETWEEN 1 AND 2", "(d OR e)"]);
        let (left, right) = equality("(u.id = p.user_id)").unwrap();
        assert_eq!((left.to_string(), right.to_string()), ("u.id".into(), "p.user_id".into()));
    }
}
