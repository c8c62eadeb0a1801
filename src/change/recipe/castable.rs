//! Whether every value that is there today can be converted: asked before anything is built, because a backfill that
//! stops at row 90,000,000 is found out late.

use crate::engine::user_types;
use crate::model::objects::DataTypeKind;
use crate::model::{Column, Ident, Table};
use crate::plan::PhaseName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::sql::{self, Expression, rename_column_in};

/// What is known of the conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fits {
    /// No value can fail.
    Always,
    /// True for rows that cannot be converted, or not without loss that the server would refuse.
    Unless { bad: String, truncates: bool },
    /// Only trying tells: the expression is computed for every row.
    Try,
}

/// `to` as the catalog spells types; `forward` reads the column.
pub fn fits(b: &Builder, column: &Column, to: &str, kind: Option<&DataTypeKind>, forward: &Expression) -> Fits {
    let from = column.data_type.as_str();
    let c = b.id(&column.name);
    let (value, plain) = source(forward, &column.name);
    let textual = is_text(from) && (plain || forward.functions.iter().all(|f| TEXT_FUNCTIONS.contains(&f.as_str())));
    if plain && (from == to || widens(from, to)) {
        return Fits::Always;
    }
    // A moment read in a zone that is spelled out.
    if forward.functions == ["timezone"] && forward.columns.as_slice() == [column.name.clone()] && is_moment(from) {
        return Fits::Always;
    }
    let new_labels = match kind {
        Some(DataTypeKind::Enum { labels }) => Some(labels),
        _ => None,
    };
    if let (Some(old), Some(new)) = (user_types::labels(b.catalog, from), new_labels)
        && plain
    {
        return if old.iter().all(|l| new.contains(l)) { Fits::Always } else { labels(b, &format!("{c}::text"), new) };
    }
    if textual && !is_text(to) {
        return text_to(b, &value, to, kind);
    }
    if !plain {
        return if forward.columns.is_empty() { Fits::Always } else { Fits::Try };
    }
    if let Some(limit) = length(to) {
        let longest = length(from).filter(|_| is_text(from));
        if longest.is_some_and(|l| l <= limit) {
            return Fits::Always;
        }
        let bad = format!("pg_catalog.char_length(pg_catalog.rtrim({c}::text, ' ')) > {limit}");
        return Fits::Unless { bad, truncates: true };
    }
    if is_text(to) {
        return Fits::Always;
    }
    if is_number(from) {
        return number_to(&c, to);
    }
    if from == "json" && to == "jsonb" {
        let bad = format!("pg_catalog.strpos({c}::text, pg_catalog.chr(92) || 'u0000') > 0");
        return Fits::Unless { bad, truncates: false };
    }
    if let Some(DataTypeKind::Domain { base, not_null, checks, .. }) = kind
        && (base == from || widens(from, base))
    {
        return domain(&c, *not_null, checks);
    }
    if is_moment(from) && is_moment(to) { Fits::Always } else { Fits::Try }
}

/// The expression without its outermost casts, and whether nothing but the column is left.
fn source(forward: &Expression, column: &Ident) -> (String, bool) {
    let mut text = forward.sql.trim();
    while let Some(at) = last_cast(text) {
        text = text.get(..at).unwrap_or(text).trim();
    }
    let bare = text.trim_start_matches('(').trim_end_matches(')').trim();
    let name = bare.strip_prefix('"').and_then(|t| t.strip_suffix('"')).map(|t| t.replace("\"\"", "\""));
    let plain = name.as_deref().unwrap_or(bare) == column.as_str() || bare.eq_ignore_ascii_case(column.as_str());
    (text.to_owned(), plain)
}

/// True if nothing but casts is done to the column.
pub fn is_cast(expression: &Expression, column: &Ident) -> bool {
    source(expression, column).1
}

/// Where the last `::` outside quotes and parentheses stands, with nothing but a type behind it.
fn last_cast(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut found) = (0i32, None, None);
    for (at, c) in text.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None => {
                depth += i32::from(c == '(') - i32::from(c == ')');
                if depth == 0 && c == ':' && text.get(at..at + 2) == Some("::") {
                    found = Some(at);
                }
            }
        }
    }
    let at = found?;
    let behind = text.get(at + 2..)?;
    let mut inside = 0i32;
    let name = behind.chars().all(|c| {
        inside += i32::from(c == '(') - i32::from(c == ')');
        c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | ' ' | '(' | ')' | ',' | '[' | ']')
    });
    (name && inside == 0).then_some(at)
}

/// Functions that give text for text, and never fail for it.
const TEXT_FUNCTIONS: [&str; 14] = [
    "btrim",
    "ltrim",
    "rtrim",
    "lower",
    "upper",
    "replace",
    "translate",
    "left",
    "right",
    "substring",
    "split_part",
    "regexp_replace",
    "initcap",
    "concat",
];

fn is_text(data_type: &str) -> bool {
    data_type == "text" || data_type.starts_with("character") || data_type == "bpchar" || data_type.ends_with("citext")
}

fn is_moment(data_type: &str) -> bool {
    data_type.starts_with("timestamp") || data_type == "date"
}

fn length(data_type: &str) -> Option<u64> {
    let text = data_type.strip_prefix("character varying(").or_else(|| data_type.strip_prefix("character("))?;
    text.strip_suffix(')')?.parse().ok()
}

fn digits(data_type: &str) -> Option<(i64, i64)> {
    let inner = data_type.strip_prefix("numeric(")?.strip_suffix(')')?;
    let (precision, scale) = inner.split_once(',').unwrap_or((inner, "0"));
    Some((precision.trim().parse().ok()?, scale.trim().parse().ok()?))
}

fn range(data_type: &str) -> Option<(&'static str, &'static str)> {
    match data_type {
        "smallint" => Some(("-32768", "32767")),
        "integer" => Some(("-2147483648", "2147483647")),
        "bigint" => Some(("-9223372036854775808", "9223372036854775807")),
        _ => None,
    }
}

pub fn is_number(data_type: &str) -> bool {
    range(data_type).is_some() || data_type.starts_with("numeric") || matches!(data_type, "real" | "double precision")
}

/// Every value of `from` is one of `to`.
pub fn widens(from: &str, to: &str) -> bool {
    const WHOLE: [&str; 3] = ["smallint", "integer", "bigint"];
    let rank = |t: &str| WHOLE.iter().position(|w| *w == t);
    match (rank(from), rank(to)) {
        (Some(a), Some(b)) => return a <= b,
        (Some(_), None) => return matches!(to, "numeric" | "double precision" | "real"),
        _ => {}
    }
    match (digits(from), digits(to)) {
        (Some((p, s)), Some((q, t))) => return t >= s && q - t >= p - s,
        (Some(_), None) if to == "numeric" => return true,
        _ => {}
    }
    (from == "real" && to == "double precision") || (is_text(from) && is_text(to) && length(to).is_none())
}

fn number_to(c: &str, to: &str) -> Fits {
    if let Some((low, high)) = range(to) {
        let bad = format!("{c} IS NOT NULL AND pg_catalog.round({c}::numeric) NOT BETWEEN {low} AND {high}");
        return Fits::Unless { bad, truncates: false };
    }
    if let Some((precision, scale)) = digits(to) {
        let bad = format!("pg_catalog.abs(pg_catalog.round({c}::numeric, {scale})) >= 1e{}", precision - scale);
        return Fits::Unless { bad, truncates: false };
    }
    if to == "boolean" { Fits::Always } else { Fits::Try }
}

fn domain(c: &str, not_null: bool, checks: &[String]) -> Fits {
    let mut bad = Vec::new();
    if not_null {
        bad.push(format!("{c} IS NULL"));
    }
    for check in checks {
        let bare = check.trim_end_matches(" NOT VALID");
        let Some(inner) = bare.strip_prefix("CHECK (").and_then(|t| t.strip_suffix(')')) else { return Fits::Try };
        let condition = sql::expression(inner);
        let own = rename_column_in(&condition, &|name| (name.as_str() == "value").then(|| c.to_owned()));
        match own {
            Some(text) => bad.push(format!("NOT ({text})")),
            None => return Fits::Try,
        }
    }
    if bad.is_empty() { Fits::Always } else { Fits::Unless { bad: bad.join(" OR "), truncates: false } }
}

fn labels(b: &Builder, value: &str, labels: &[String]) -> Fits {
    let known = labels.iter().map(|l| b.dialect().literal(l)).collect::<Vec<_>>().join(", ");
    Fits::Unless { bad: format!("{value} NOT IN ({known})"), truncates: false }
}

/// From a text: what the server's input function takes.
fn text_to(b: &Builder, value: &str, to: &str, kind: Option<&DataTypeKind>) -> Fits {
    let v = format!("({value})");
    let unless = |bad: String| Fits::Unless { bad, truncates: false };
    match kind {
        Some(DataTypeKind::Enum { labels: all }) => return labels(b, &format!("{v}::text"), all),
        Some(DataTypeKind::Domain { base, not_null, checks, .. }) if is_text(base) => {
            return domain(&v, *not_null, checks);
        }
        _ => {}
    }
    if b.since(16) && kind.is_none() {
        let spelled = b.dialect().literal(to);
        return unless(format!("NOT pg_catalog.pg_input_is_valid({v}::text, {spelled})"));
    }
    const BLANK: &str = "[[:space:]]*";
    if let Some((low, high)) = range(to) {
        return unless(format!(
            "CASE WHEN {v} ~ '^{BLANK}[-+]?[0-9]{{1,40}}{BLANK}$' THEN {v}::numeric NOT BETWEEN {low} AND {high} ELSE {v} IS NOT NULL END"
        ));
    }
    let number = format!("{v} ~ '^{BLANK}[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{{1,2}})?{BLANK}$'");
    if let Some((precision, scale)) = digits(to) {
        return unless(format!(
            "CASE WHEN {number} THEN pg_catalog.abs(pg_catalog.round({v}::numeric, {scale})) >= 1e{} ELSE {v} IS NOT NULL END",
            precision - scale
        ));
    }
    match to {
        "numeric" | "double precision" => unless(format!("NOT ({number})")),
        "uuid" => unless(format!("{v} !~* '^[0-9a-f]{{8}}-?([0-9a-f]{{4}}-?){{3}}[0-9a-f]{{12}}$'")),
        "boolean" => unless(format!(
            "pg_catalog.lower(pg_catalog.btrim({v})) NOT IN ('t', 'true', 'f', 'false', 'y', 'yes', 'n', 'no', 'on', 'off', '1', '0')"
        )),
        _ => Fits::Try,
    }
}

/// The question as a step of the Prepare phase, with queries that show the rows.
/// `new`: the type is made by the plan, so a question that names it has to wait for it.
pub fn ask(
    b: &mut Builder,
    table: &Table,
    column: &Column,
    to: &str,
    forward: &Expression,
    (fits, new): (&Fits, bool),
) {
    let t = b.name(&table.name);
    let title = format!("Every value of `{}.{}` fits `{}`", table.name, column.name, crate::model::name::shown(to));
    let shows = b.walk_key(table).unwrap_or_default();
    let c = b.id(&column.name);
    let draft = match fits {
        Fits::Always => return,
        Fits::Unless { bad, .. } => {
            let listed = if shows.is_empty() { c.clone() } else { format!("{}, {c}", b.ids(&shows)) };
            Draft::verify(
                PhaseName::Prepare,
                Rank::Check,
                title,
                format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {bad})"),
            )
            .why("A value that cannot be converted would stop the backfill midway. On a large table run this on a replica.")
            .watch("Rows that do not fit", format!("SELECT count(*) FROM {t} WHERE {bad}"))
            .watch("Some of them", format!("SELECT {listed} FROM {t} WHERE {bad} LIMIT 20"))
        }
        Fits::Try => Draft::verify(
            if new { PhaseName::Migrate } else { PhaseName::Prepare },
            Rank::Check,
            title,
            format!("SELECT count({}) >= 0 FROM {t}", forward.sql),
        )
        .why("Whether a value can be converted is known only by converting it: this does so for every row and keeps nothing. It fails with the server's own words at the first value that does not fit. On a large table run this on a replica."),
    };
    b.push(draft.on(&table.name));
}

/// The same question right before the names change hands: what was cut is not found by comparing.
pub fn ask_again(b: &mut Builder, table: &Table, column: &Column, fits: &Fits) {
    let Fits::Unless { bad, truncates: true } = fits else { return };
    let t = b.name(&table.name);
    b.push(
        Draft::verify(
            PhaseName::Migrate,
            Rank::Verify,
            format!("No value of `{}.{}` was cut", table.name, column.name),
            format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {bad})"),
        )
        .why("The cast cuts what is too long without a word, in both columns alike. Such a row would lose its end with the old column.")
        .on(&table.name)
        .watch("Rows that are too long", format!("SELECT count(*) FROM {t} WHERE {bad}")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_are_taken_off() {
        let of = |text: &str| source(&sql::expression(text), &Ident::new("amount"));
        assert_eq!(of("amount::text::integer"), ("amount".to_owned(), true));
        assert_eq!(of("trim(amount)::integer"), ("trim(amount)".to_owned(), false));
        assert_eq!(of("\"amount\"::numeric(10,2)"), ("\"amount\"".to_owned(), true));
        assert_eq!(of("amount + 1"), ("amount + 1".to_owned(), false));
    }

    #[test]
    fn widening_is_known() {
        for (from, to) in [
            ("integer", "bigint"),
            ("numeric(10,2)", "numeric(12,3)"),
            ("character varying(10)", "text"),
            ("smallint", "numeric"),
        ] {
            assert!(widens(from, to), "{from} {to}");
        }
        for (from, to) in [("bigint", "integer"), ("numeric(10,2)", "numeric(10,3)"), ("text", "character varying(10)")]
        {
            assert!(!widens(from, to), "{from} {to}");
        }
    }
}
