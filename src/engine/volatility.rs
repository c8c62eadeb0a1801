//! How often a default is evaluated: the worst volatility of the functions it calls.

use crate::model::Catalog;
use crate::model::catalog::Volatility;
use crate::sql::Expression;

/// The worst volatility in the expression, and the function that is to blame.
pub(super) fn of(catalog: &Catalog, expression: &Expression) -> (Volatility, Option<String>) {
    if !expression.understood {
        return (Volatility::Unknown, None);
    }
    if let Some(what) = behind(catalog, &expression.sql) {
        return (Volatility::Unknown, Some(what));
    }
    expression
        .functions
        .iter()
        .map(|name| (function(catalog, name), Some(name.clone())))
        .max_by_key(|(volatility, _)| *volatility)
        .unwrap_or((Volatility::Immutable, None))
}

/// An operator or a cast that may call a volatile function: the text does not tell which overload is meant.
fn behind(catalog: &Catalog, sql: &str) -> Option<String> {
    let known = &catalog.volatilities;
    let is_operator = |c: char| "+-*/<>=~!@#%^&|`?".contains(c);
    let mut operators = sql.split(|c| !is_operator(c)).filter(|o| !o.is_empty());
    let named = |text: &str, name: &str| super::relations::names_word(text, name);
    let cast = sql.contains("::") || named(&sql.to_ascii_lowercase(), "cast");
    operators
        .find(|o| known.operators.iter().any(|k| k == o))
        .map(str::to_owned)
        .or_else(|| known.casts.iter().find(|t| cast && named(sql, t)).map(|t| format!("a cast to {t}")))
}

/// The catalog's word; for a catalog without one (hand-made, an old snapshot) a few names that every server has.
pub(super) fn function(catalog: &Catalog, name: &str) -> Volatility {
    if NOT_FUNCTIONS.contains(&name) {
        return Volatility::Immutable;
    }
    if SQL_VALUES.contains(&name) {
        return Volatility::Stable;
    }
    if catalog.volatilities.mixed.binary_search_by(|n| n.as_str().cmp(name)).is_ok() {
        return Volatility::Unknown;
    }
    let known = catalog.volatilities.of(name);
    if known != Volatility::Unknown {
        return known;
    }
    let user = catalog.functions.iter().filter(|f| f.name.name.as_str() == name).map(|f| f.volatility).max();
    user.unwrap_or_else(|| match name {
        _ if IMMUTABLE.contains(&name) => Volatility::Immutable,
        _ if STABLE.contains(&name) => Volatility::Stable,
        _ if VOLATILE.contains(&name) => Volatility::Volatile,
        _ => Volatility::Unknown,
    })
}

/// Written like functions, evaluated by the parser's own nodes.
const NOT_FUNCTIONS: [&str; 7] = ["coalesce", "nullif", "greatest", "least", "row", "array", "cast"];
const SQL_VALUES: [&str; 10] = [
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "current_role",
    "session_user",
    "user",
    "current_catalog",
];
const IMMUTABLE: [&str; 16] = [
    "abs",
    "array_append",
    "ceil",
    "floor",
    "length",
    "lower",
    "ltrim",
    "md5",
    "mod",
    "replace",
    "round",
    "rtrim",
    "split_part",
    "substr",
    "substring",
    "upper",
];
const STABLE: [&str; 8] = [
    "concat",
    "current_schema",
    "current_setting",
    "now",
    "statement_timestamp",
    "to_char",
    "to_jsonb",
    "transaction_timestamp",
];
const VOLATILE: [&str; 10] = [
    "clock_timestamp",
    "currval",
    "gen_random_uuid",
    "nextval",
    "random",
    "setval",
    "timeofday",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];
