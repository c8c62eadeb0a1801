//! CREATE VIEW: its columns, options and text, and what could be read out of the query. The text itself is never re-printed.

use super::cursor::{Cursor, Read, fold};
use super::expr;
use super::lex::Kind;
use super::statement::{ObjectName, Statement};
use super::walk::Walk;
use crate::model::Ident;
use sqlparser::ast::{
    Expr, GroupByExpr, Ident as Name, JoinConstraint, JoinOperator, ObjectName as ParserName, ObjectNamePart,
    OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor,
};

/// A view as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    pub name: ObjectName,
    pub or_replace: bool,
    pub if_not_exists: bool,
    pub materialized: bool,
    /// A materialised one is filled at once: not WITH NO DATA.
    pub filled: bool,
    /// The list behind the name; empty if there is none.
    pub columns: Vec<Ident>,
    /// As the server keeps them: `security_invoker=on`, `check_option=local`.
    pub options: Vec<String>,
    pub query: ViewQuery,
}

/// The query of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewQuery {
    /// From SELECT on, as written, without the options behind it.
    pub sql: String,
    /// The select list; none if it could not be read.
    pub outputs: Option<Vec<Output>>,
    /// Relations in FROM.
    pub from: Vec<FromItem>,
    /// Columns named anywhere in it.
    pub columns: Vec<ColumnRef>,
    /// `from` and `columns` are all that it reads. Otherwise [`Self::names`] has more than all.
    pub understood: bool,
    /// One relation, row by row, so that the server lets writes through to it.
    pub writable: bool,
    /// Every name in the text, whatever it is the name of.
    pub names: Vec<ObjectName>,
}

/// One entry of a select list.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// `*` or `t.*`.
    All { of: Option<Ident> },
    Column {
        name: Ident,
        /// The column it shows unchanged; none for an expression.
        source: Option<ColumnRef>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct FromItem {
    pub relation: ObjectName,
    pub alias: Option<Ident>,
}

/// `column` or `t.column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    pub of: Option<Ident>,
    pub column: Ident,
}

impl FromItem {
    /// Is it what `of` means in this query?
    pub fn is_called(&self, of: &Ident) -> bool {
        self.alias.as_ref().unwrap_or(&self.relation.name) == of
    }
}

/// Behind `CREATE … VIEW`.
pub(super) fn create_view(c: &mut Cursor<'_>, or_replace: bool, materialized: bool) -> Read<Statement> {
    let if_not_exists = c.eat("if not exists");
    let name = c.name("the view's name")?;
    let columns = if c.is_mark("(") { c.columns()? } else { Vec::new() };
    let mut options = Vec::new();
    while !c.ended() && !c.is("as") {
        if c.is("with") && c.shown(1) == "(" {
            c.at += 1;
            options = storage_options(&c.parens()?);
        } else {
            c.skip_balanced();
        }
    }
    c.expect("as")?;
    if c.ended() {
        return Err(c.missing("a query"));
    }
    let from = c.at;
    c.at = c.tokens.len();
    let end = if materialized {
        ["with no data", "with data"].iter().find(|w| ends_in(c, w)).map_or(0, |w| w.split(' ').count())
    } else if let Some((words, option)) = [
        ("with cascaded check option", "check_option=cascaded"),
        ("with local check option", "check_option=local"),
        ("with check option", "check_option=cascaded"),
    ]
    .iter()
    .find(|(w, _)| ends_in(c, w))
    {
        options.push((*option).to_owned());
        words.split(' ').count()
    } else {
        0
    };
    let filled = !(materialized && ends_in(c, "with no data"));
    c.at -= end;
    let query = read(c, from);
    c.at = c.tokens.len();
    Ok(Statement::CreateView(CreateView {
        name,
        or_replace,
        if_not_exists,
        materialized,
        filled,
        columns,
        options,
        query,
    }))
}

/// What could be read out of a query as the server prints it.
pub fn view_query(sql: &str) -> ViewQuery {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let mut tokens = Vec::new();
    let mut lexer = super::lex::Lexer::new(sql);
    while let Some(item) = lexer.next() {
        if let Ok(super::lex::Item::Token(token)) = item {
            tokens.push(token);
        }
    }
    let mut c = Cursor::new(sql, &tokens);
    c.at = tokens.len();
    read(&c, 0)
}

fn ends_in(c: &Cursor<'_>, words: &str) -> bool {
    let mut behind = c.clone();
    behind.at = c.tokens.len().saturating_sub(words.split(' ').count());
    behind.is(words)
}

/// `(security_invoker = on, security_barrier)`
fn storage_options(inside: &Cursor<'_>) -> Vec<String> {
    inside
        .split_commas()
        .into_iter()
        .map(|mut piece| {
            let name = piece.shown(0).to_ascii_lowercase();
            piece.at += 1;
            let value =
                if piece.eat_mark("=") { piece.rest().trim_matches('\'').to_owned() } else { "true".to_owned() };
            format!("{name}={value}")
        })
        .collect()
}

/// The query from token `from` to before the cursor.
fn read(c: &Cursor<'_>, from: usize) -> ViewQuery {
    let sql = c.since(from).to_owned();
    let tokens = c.tokens.get(from..c.at).unwrap_or(&[]);
    let mut query = ViewQuery {
        sql,
        outputs: None,
        from: Vec::new(),
        columns: Vec::new(),
        understood: false,
        writable: false,
        names: names(&Cursor::new(c.text, tokens)),
    };
    if let Some(tree) = expr::parse_query(&query.sql) {
        let plain = tree.with.is_none()
            && tree.limit_clause.is_none()
            && tree.fetch.is_none()
            && tree.locks.is_empty()
            && matches!(tree.body.as_ref(), SetExpr::Select(_));
        match tree.body.as_ref() {
            SetExpr::Select(select) if plain => whole(&mut query, &tree, select),
            body => query.outputs = first_select(body).and_then(outputs),
        }
    }
    query
}

/// Every chain of names, `a.b.c` by its last two parts.
fn names(c: &Cursor<'_>) -> Vec<ObjectName> {
    let mut found: Vec<ObjectName> = Vec::new();
    let mut at = 0;
    while let Some(token) = c.tokens.get(at) {
        at += 1;
        if !matches!(token.kind, Kind::Word | Kind::Quoted) {
            continue;
        }
        let mut parts = vec![fold(token.of(c.text))];
        while c.tokens.get(at).is_some_and(|t| t.of(c.text) == ".")
            && let Some(next) = c.tokens.get(at + 1).filter(|t| matches!(t.kind, Kind::Word | Kind::Quoted))
        {
            parts.push(fold(next.of(c.text)));
            at += 2;
        }
        let Some(name) = parts.pop() else { continue };
        let one = ObjectName { schema: parts.pop(), name };
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

fn first_select(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::SetOperation { left, .. } => first_select(left),
        SetExpr::Query(query) => first_select(&query.body),
        _ => None,
    }
}

/// One SELECT without WITH, LIMIT or set operations.
fn whole(query: &mut ViewQuery, tree: &Query, select: &Select) {
    let mut walk = Walk::default();
    let mut all = true;
    let mut joins = 0;
    for table in &select.from {
        all &= relation(query, &table.relation);
        for join in &table.joins {
            joins += 1;
            all &= relation(query, &join.relation);
            match &join.join_operator {
                JoinOperator::Join(on)
                | JoinOperator::Inner(on)
                | JoinOperator::Left(on)
                | JoinOperator::LeftOuter(on)
                | JoinOperator::Right(on)
                | JoinOperator::RightOuter(on)
                | JoinOperator::FullOuter(on)
                | JoinOperator::CrossJoin(on) => match on {
                    JoinConstraint::On(on) => walk.expr(on),
                    JoinConstraint::None => {}
                    _ => all = false,
                },
                _ => all = false,
            }
        }
    }
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. } => walk.expr(e),
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {}
            SelectItem::ExprWithAliases { .. } => all = false,
        }
    }
    select.selection.iter().chain(&select.having).for_each(|e| walk.expr(e));
    let grouped = match &select.group_by {
        GroupByExpr::Expressions(by, more) => {
            by.iter().for_each(|e| walk.expr(e));
            all &= more.is_empty();
            !by.is_empty()
        }
        GroupByExpr::All(_) => true,
    };
    match tree.order_by.as_ref().map(|o| &o.kind) {
        None => {}
        Some(OrderByKind::Expressions(by)) => by.iter().for_each(|o| walk.expr(&o.expr)),
        Some(OrderByKind::All(_)) => all = false,
    }
    all &= select.named_window.is_empty() && select.lateral_views.is_empty() && select.into.is_none();
    query.outputs = outputs(select).filter(|_| all || !has_star(select));
    query.columns = walk.columns.iter().filter_map(|parts| reference(parts)).collect();
    query.understood = all && !walk.unknown && !walk.subquery;
    let aggregates = walk.functions.iter().any(|f| AGGREGATES.contains(&f.as_str()));
    query.writable = query.from.len() == 1
        && select.from.len() == 1
        && joins == 0
        && !grouped
        && select.distinct.is_none()
        && select.having.is_none()
        && !aggregates
        && !query.sql.to_ascii_lowercase().contains(" over ");
}

/// Functions that make one row of many: the server writes through no view with one in its list.
const AGGREGATES: &[&str] = &[
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "count",
    "every",
    "generate_series",
    "json_agg",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_object_agg",
    "max",
    "min",
    "string_agg",
    "sum",
    "unnest",
];

fn has_star(select: &Select) -> bool {
    select.projection.iter().any(|i| matches!(i, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)))
}

/// Notes a table in FROM; `false` for anything else.
fn relation(query: &mut ViewQuery, factor: &TableFactor) -> bool {
    let TableFactor::Table { name, alias, args: None, sample: None, .. } = factor else { return false };
    let Some(relation) = object_name(name) else { return false };
    let renamed = alias.as_ref().is_some_and(|a| !a.columns.is_empty());
    query.from.push(FromItem { relation, alias: alias.as_ref().map(|a| ident(&a.name)) });
    !renamed
}

fn outputs(select: &Select) -> Option<Vec<Output>> {
    select
        .projection
        .iter()
        .map(|item| match item {
            SelectItem::Wildcard(_) => Some(Output::All { of: None }),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                Some(Output::All { of: Some(object_name(name)?.name) })
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                Some(Output::Column { name: ident(alias), source: source(expr) })
            }
            SelectItem::UnnamedExpr(expr) => Some(Output::Column { name: named(expr), source: source(expr) }),
            _ => None,
        })
        .collect()
}

fn source(expr: &Expr) -> Option<ColumnRef> {
    match expr {
        Expr::Identifier(name) => reference(std::slice::from_ref(name)),
        Expr::CompoundIdentifier(parts) => reference(parts),
        _ => None,
    }
}

fn reference(parts: &[Name]) -> Option<ColumnRef> {
    let (column, before) = parts.split_last()?;
    Some(ColumnRef { of: before.last().map(ident), column: ident(column) })
}

/// The name that the server gives a column without an alias.
fn named(expr: &Expr) -> Ident {
    match expr {
        Expr::Identifier(name) => ident(name),
        Expr::CompoundIdentifier(parts) => parts.last().map_or_else(|| "?column?".into(), ident),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => named(inner),
        Expr::Cast { expr: inner, data_type, .. } => {
            let inner = named(inner);
            if inner.as_str() == "?column?" { Ident::new(data_type.to_string().to_lowercase()) } else { inner }
        }
        Expr::Function(function) => object_name(&function.name).map_or_else(|| "?column?".into(), |n| n.name),
        Expr::Case { else_result: Some(last), .. } => {
            let last = named(last);
            if last.as_str() == "?column?" { "case".into() } else { last }
        }
        Expr::Case { .. } => "case".into(),
        Expr::Array(_) => "array".into(),
        Expr::Exists { .. } => "exists".into(),
        _ => "?column?".into(),
    }
}

fn ident(name: &Name) -> Ident {
    match name.quote_style {
        Some(_) => Ident::new(name.value.replace("\"\"", "\"")),
        None => fold(&name.value),
    }
}

fn object_name(name: &ParserName) -> Option<ObjectName> {
    let mut parts = name
        .0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(part) => Some(ident(part)),
            ObjectNamePart::Function(_) => None,
        })
        .collect::<Option<Vec<Ident>>>()?;
    let name = parts.pop()?;
    Some(ObjectName { schema: parts.pop(), name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs_of(sql: &str) -> String {
        let shown = |o: &Output| match o {
            Output::All { of } => format!("{}*", of.as_ref().map(|o| format!("{o}.")).unwrap_or_default()),
            Output::Column { name, source } => {
                let source = source.as_ref().map(|s| s.column.to_string());
                source.map_or_else(|| format!("({name})"), |s| format!("{name}={s}"))
            }
        };
        let query = view_query(sql);
        let list: Vec<String> = query.outputs.unwrap_or_default().iter().map(shown).collect();
        format!("{} {}{}", list.join(" "), u8::from(query.understood), u8::from(query.writable))
    }

    #[test]
    fn what_a_view_shows_and_whether_it_can_be_written() {
        for (sql, seen) in [
            (" SELECT users.id,\n    users.name AS \"Full\"\n   FROM users;", "id=id Full=name 11"),
            ("SELECT * FROM shop.t WHERE a > 0", "* 11"),
            ("SELECT o.*, lower(u.name) FROM o JOIN u ON u.id = o.user_id", "o.* (lower) 10"),
            ("SELECT count(*), max(a) AS top FROM t GROUP BY b", "(count) (top) 10"),
            ("SELECT a::text, b + 1 FROM t", "(a) (?column?) 11"),
            ("SELECT a FROM t LIMIT 3", "a=a 00"),
            ("WITH x AS (SELECT 1 AS one) SELECT one FROM x", "one=one 00"),
            ("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u)", "a=a 01"),
            ("SELECT a FROM t UNION ALL SELECT b FROM u", "a=a 00"),
        ] {
            assert_eq!(outputs_of(sql), seen, "{sql}");
        }
    }
}
