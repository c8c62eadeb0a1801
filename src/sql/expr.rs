//! Expressions: what they read and call, and their text with the columns replaced. The text itself is never re-printed.

use super::broken::{self, Flaw};
use super::cursor::{Cursor, Grammar, POSTGRESQL, Read};
use super::lex::{Item, Kind, Lexer, Token};
use super::statement::{Expression, Problem};
use super::walk::Walk;
use super::words;
use crate::model::Ident;
use sqlparser::ast::Ident as Name;
use sqlparser::dialect::{Dialect, PostgreSqlDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token as ParserToken, Tokenizer};
use std::ops::Range;

/// A longer text is not given to the parser.
const LONGEST: usize = 50_000;
/// Nor one with more operators: `a + b + c …` makes a tree as deep as it is long, which is walked and dropped recursively.
const MOST_OPERATORS: usize = 400;

/// How one engine's expressions are read.
pub(super) struct Tongue {
    pub dialect: &'static (dyn Dialect + Sync),
    pub grammar: &'static Grammar,
    pub tokens: fn(&str) -> Vec<Token>,
}

static POSTGRES: Tongue = Tongue { dialect: &PostgreSqlDialect {}, grammar: &POSTGRESQL, tokens };

fn tokens(sql: &str) -> Vec<Token> {
    let mut lexer = Lexer::new(sql);
    let mut tokens: Vec<Token> = Vec::new();
    while let Some(item) = lexer.next() {
        if let Ok(Item::Token(token)) = item {
            tokens.push(token);
        }
    }
    tokens
}

/// What could be read out of `sql`, one PostgreSQL expression.
pub fn expression(sql: &str) -> Expression {
    expression_in(&POSTGRES, sql)
}

pub(super) fn expression_in(tongue: &Tongue, sql: &str) -> Expression {
    let sql = sql.trim();
    let mut read = Expression {
        sql: sql.to_owned(),
        columns: Vec::new(),
        functions: Vec::new(),
        understood: false,
        has_subquery: false,
    };
    if sql.eq_ignore_ascii_case("default") {
        read.understood = true;
        return read;
    }
    match parsed(tongue, sql) {
        Some(parsed) => {
            for (_, column) in parsed.columns {
                if !read.columns.contains(&column) {
                    read.columns.push(column);
                }
            }
            read.functions = parsed.functions;
            read.understood = parsed.understood;
            read.has_subquery = parsed.subquery;
        }
        None => by_words(tongue, &mut read),
    }
    read
}

/// The expression's text with each column reference (`name`, `u.name`) replaced by what `rename` answers for the column;
/// the rest is untouched. `None` if the expression was not understood or holds a subquery.
pub fn rename_column_in(expr: &Expression, rename: &dyn Fn(&Ident) -> Option<String>) -> Option<String> {
    renamed_in(&POSTGRES, expr, rename)
}

pub(super) fn renamed_in(
    tongue: &Tongue,
    expr: &Expression,
    rename: &dyn Fn(&Ident) -> Option<String>,
) -> Option<String> {
    if !expr.understood || expr.has_subquery {
        return None;
    }
    if expr.sql.eq_ignore_ascii_case("default") {
        return Some(expr.sql.clone());
    }
    let mut places = parsed(tongue, &expr.sql)?.columns;
    places.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(expr.sql.len());
    let mut from = 0;
    for (span, column) in places {
        let Some(new) = rename(&column) else { continue };
        out.push_str(expr.sql.get(from..span.start)?);
        out.push_str(&new);
        from = span.end;
    }
    out.push_str(expr.sql.get(from..)?);
    Some(out)
}

/// The expression from token `from` to before the cursor. A broken one is a problem where it shows; one that is
/// merely not known is not.
pub(super) fn read_expression(c: &Cursor<'_>, from: usize, what: &str) -> Read<Expression> {
    let sql = c.since(from);
    let read = expression(sql);
    if read.understood {
        return Ok(read);
    }
    match broken::flaw(c.text, c.tokens.get(from..c.at).unwrap_or(&[])) {
        Some(Flaw::Empty) => Err(c.missing(what)),
        Some(Flaw::Behind(token)) => {
            Err(Problem::at(c.text, token.end..token.end, format!("a value is missing behind `{}`", token.of(c.text))))
        }
        Some(Flaw::Unexpected(token)) => {
            Err(Problem::at(c.text, token.span(), format!("`{}` is not expected here", super::brief(token.of(c.text)))))
        }
        None => Ok(read),
    }
}

struct Parsed {
    columns: Vec<(Range<usize>, Ident)>,
    functions: Vec<String>,
    understood: bool,
    subquery: bool,
}

/// `None` where sqlparser cannot read all of it.
fn parsed(tongue: &Tongue, sql: &str) -> Option<Parsed> {
    if sql.len() > LONGEST {
        return None;
    }
    let dialect = tongue.dialect;
    let tokens = Tokenizer::new(dialect, sql).with_unescape(false).tokenize_with_location().ok()?;
    if tokens.iter().filter(|t| deepens(&t.token)).count() > MOST_OPERATORS {
        return None;
    }
    let mut parser = Parser::new(dialect).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().ok()?;
    if parser.peek_token().token != ParserToken::EOF {
        return None;
    }
    let mut walk = Walk::default();
    walk.expr(&tree);
    let lines = line_starts(sql);
    let columns =
        walk.columns.iter().map(|parts| place(tongue.grammar, sql, &lines, parts)).collect::<Option<Vec<_>>>()?;
    Some(Parsed { columns, functions: walk.functions, understood: !walk.unknown, subquery: walk.subquery })
}

/// A query as the parser sees it; none if it cannot read all of it.
pub(super) fn parse_query(sql: &str) -> Option<Box<sqlparser::ast::Query>> {
    if sql.len() > LONGEST {
        return None;
    }
    let dialect = PostgreSqlDialect {};
    let tokens = Tokenizer::new(&dialect, sql).with_unescape(false).tokenize_with_location().ok()?;
    if tokens.iter().filter(|t| t.token != ParserToken::Period && deepens(&t.token)).count() > MOST_OPERATORS {
        return None;
    }
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
    let query = parser.parse_query().ok()?;
    (parser.peek_token().token == ParserToken::EOF).then_some(query)
}

/// May the token add a level to the tree without the parser's own limit on nesting?
fn deepens(token: &ParserToken) -> bool {
    match token {
        ParserToken::Word(word) => word.quote_style.is_none() && words::is_reserved(&word.value),
        ParserToken::Whitespace(_)
        | ParserToken::Comma
        | ParserToken::Number(..)
        | ParserToken::SingleQuotedString(_)
        | ParserToken::LParen
        | ParserToken::RParen => false,
        _ => true,
    }
}

fn line_starts(sql: &str) -> Vec<usize> {
    std::iter::once(0).chain(sql.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

fn offset(sql: &str, lines: &[usize], at: Location) -> Option<usize> {
    let start = *lines.get(usize::try_from(at.line).ok()?.checked_sub(1)?)?;
    let line = sql.get(start..)?;
    let skipped = usize::try_from(at.column).ok()?.checked_sub(1)?;
    let within = line.char_indices().map(|(n, _)| n).chain(std::iter::once(line.len())).nth(skipped)?;
    Some(start + within)
}

/// A reference's place and column; `None` unless the text at the place is really the name.
fn place(grammar: &Grammar, sql: &str, lines: &[usize], parts: &[Name]) -> Option<(Range<usize>, Ident)> {
    let start = offset(sql, lines, parts.first()?.span.start)?;
    let last = parts.last()?;
    let (from, end) = (offset(sql, lines, last.span.start)?, offset(sql, lines, last.span.end)?);
    let raw = sql.get(from..end)?;
    let unquoted = |quote: char| raw.strip_prefix(quote).and_then(|r| r.strip_suffix(quote));
    let name = unquoted('"').or_else(|| unquoted('`')).unwrap_or(raw);
    // The parser takes key words for columns where the server does not: `IS NOT NULL`.
    let refused = parts.len() == 1 && raw == name && (grammar.is_reserved)(raw);
    (start <= from && name == last.value && !refused).then(|| (start..end, (grammar.fold)(raw)))
}

/// The second way, when the grammar is not known: words that are followed by `(` are functions, other plain words columns.
fn by_words(tongue: &Tongue, read: &mut Expression) {
    let sql = read.sql.clone();
    let tokens = (tongue.tokens)(&sql);
    let mark = |at: Option<usize>, mark: &str| at.and_then(|at| tokens.get(at)).is_some_and(|t| t.of(&sql) == mark);
    for (at, token) in tokens.iter().enumerate() {
        let raw = token.of(&sql);
        read.has_subquery |= token.kind == Kind::Word && raw.eq_ignore_ascii_case("select");
        let name = matches!(token.kind, Kind::Quoted)
            || (token.kind == Kind::Word
                && !(tongue.grammar.is_reserved)(raw)
                && !GRAMMAR.contains(&raw.to_ascii_lowercase().as_str()));
        let cast = mark(at.checked_sub(1), "::") || (mark(at.checked_sub(1), ".") && mark(at.checked_sub(3), "::"));
        if !name || cast || mark(Some(at + 1), ".") {
            continue;
        }
        let mut name = (tongue.grammar.fold)(raw);
        if mark(Some(at + 1), "(") {
            if name.as_str() == "trim" {
                name = "btrim".into();
            }
            if !read.functions.contains(&name.0) {
                read.functions.push(name.0);
            }
        } else if !read.columns.contains(&name) {
            read.columns.push(name);
        }
    }
}

/// Unreserved words that are grammar within expressions. `coalesce` and its like take parentheses and are no functions.
const GRAMMAR: &[&str] = &[
    "array",
    "at",
    "between",
    "by",
    "coalesce",
    "escape",
    "exists",
    "filter",
    "greatest",
    "interval",
    "least",
    "nullif",
    "nulls",
    "operator",
    "over",
    "partition",
    "row",
    "time",
    "within",
    "zone",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_expression_reads_and_calls() {
        for (sql, columns, functions) in [
            ("split_part(name, ' ', 1)", "name", "split_part"),
            ("NULLIF(a, '') || COALESCE(b, greatest(c, 1)::text)", "a b c", ""),
            ("u.name", "name", ""),
            ("public.users.\"Name\"::character varying(3)", "Name", ""),
            ("CURRENT_TIMESTAMP", "", "now"),
            ("current_date + localtime", "", "now"),
            ("now() - INTERVAL '1 day' * days", "days", "now"),
            ("nextval('s'::regclass)", "", "nextval"),
            ("data ->> 'x' = ANY (ARRAY['a'::text, b])", "data b", ""),
            ("(created_at AT TIME ZONE 'UTC')::date", "created_at", "timezone"),
            ("a IS DISTINCT FROM b AND c IS NOT NULL", "a b c", ""),
            ("trim(both ' ' from name)", "name", "btrim"),
            ("trim(name)", "name", "btrim"),
            ("substring(name from 1 for 3)", "name", "substring"),
            ("substring(name, 1, 3)", "name", "substring"),
            ("extract(year from created_at)", "created_at", "extract"),
            ("CASE WHEN status = 'a' THEN 1 ELSE lower(note)::int END", "status note", "lower"),
            ("cast(x as bigint)", "x", ""),
            ("gen_random_uuid()", "", "gen_random_uuid"),
            ("make_interval(days => n)", "n", "make_interval"),
            ("price > 0 and qty between 1 and 9", "price qty", ""),
            ("pg_catalog.lower(x) ~* '^a'", "x", "lower"),
            ("'{}'::jsonb", "", ""),
            ("ARRAY[]::text[]", "", ""),
            ("tags[1]", "tags", ""),
            ("DEFAULT", "", ""),
            ("E'\\n'", "", ""),
            ("date '2020-01-01'", "", ""),
            ("a\n  + \"B c\"", "a B c", ""),
            ("(addr).city", "addr", ""),
            ("NEW.é", "é", ""),
            ("a not like 'x%' escape '!'", "a", ""),
            ("x collate \"C\"", "x", ""),
            ("a @> '{1}' and b ? 'k'", "a b", ""),
            ("position('a' in b)", "b", "position"),
            ("-1", "", ""),
            ("true", "", ""),
            ("row(a, b) < (c, d)", "a b c d", ""),
            ("timezone('utc'::text, now())", "", "timezone now"),
            ("session_user", "", "session_user"),
        ] {
            let read = expression(sql);
            let names = read.columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>().join(" ");
            assert_eq!((names.as_str(), read.functions.join(" ").as_str()), (columns, functions), "{sql}");
            assert!(read.understood, "{sql}");
            assert_eq!(rename_column_in(&read, &|_| None).as_deref(), Some(sql));
        }
    }
}
