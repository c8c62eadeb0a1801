//! Spelling: how an engine quotes names and strings. The only place where a raw name becomes SQL.

use super::emit::speech::{self, Speech};
use crate::model::{Engine, Ident, TableName};

/// An engine's spelling.
pub trait Dialect: Sync {
    /// Quoted only where the engine needs it.
    fn ident(&self, name: &Ident) -> String;
    /// As a person would type it.
    fn typed(&self, name: &Ident) -> String {
        self.ident(name)
    }
    /// `schema.name`, always qualified: a session's `search_path` must not decide what a plan changes.
    fn name(&self, name: &TableName) -> String {
        format!("{}.{}", self.ident(&name.schema), self.ident(&name.name))
    }
    fn literal(&self, text: &str) -> String;
    /// Longest identifier in bytes.
    fn max_ident(&self) -> usize;
    /// What else the engine is told and asked.
    fn speech(&self) -> &'static dyn Speech;

    fn idents(&self, names: &[Ident]) -> String {
        names.iter().map(|n| self.ident(n)).collect::<Vec<_>>().join(", ")
    }
}

/// One of the three places that may match on the engine.
pub fn dialect(engine: Engine) -> &'static dyn Dialect {
    match engine {
        Engine::Postgresql => &Postgres,
        Engine::Mysql | Engine::Mariadb => &Mysql,
    }
}

struct Mysql;

impl Dialect for Mysql {
    /// Always quoted, as the server itself prints names: backticks mean a name under every sql_mode, and each version reserves other words.
    fn ident(&self, name: &Ident) -> String {
        format!("`{}`", name.as_str().replace('`', "``"))
    }
    fn typed(&self, name: &Ident) -> String {
        let raw = name.as_str();
        let plain = raw.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && raw.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !crate::sql::mysql::is_reserved(raw);
        if plain { raw.to_owned() } else { self.ident(name) }
    }
    /// Valid unless sql_mode has NO_BACKSLASH_ESCAPES.
    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }
    /// 64 characters; as many bytes always fit.
    fn max_ident(&self) -> usize {
        64
    }
    fn speech(&self) -> &'static dyn Speech {
        speech::MYSQL
    }
}

struct Postgres;

impl Dialect for Postgres {
    fn ident(&self, name: &Ident) -> String {
        let raw = name.as_str();
        let plain = raw.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && raw.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && RESERVED.binary_search(&raw).is_err();
        if plain { raw.to_owned() } else { format!("\"{}\"", raw.replace('"', "\"\"")) }
    }
    fn literal(&self, text: &str) -> String {
        // standard_conforming_strings may be off on an old server: E'' means the same everywhere.
        let doubled = text.replace('\'', "''");
        if text.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") }
    }
    fn max_ident(&self) -> usize {
        63
    }
    fn speech(&self) -> &'static dyn Speech {
        speech::POSTGRES
    }
}

/// A name of at most `max` bytes made of `parts`, not in `taken`: shortened with a hash of the whole, numbered if taken.
pub fn fit_name(parts: &[&str], max: usize, taken: impl Fn(&str) -> bool) -> String {
    let whole = parts.join("_");
    let mut candidate = shorten(&whole, max);
    let mut number = 1u32;
    while taken(&candidate) {
        number += 1;
        candidate = shorten(&format!("{whole}_{number}"), max);
    }
    candidate
}

fn shorten(whole: &str, max: usize) -> String {
    if whole.len() <= max {
        return whole.to_owned();
    }
    // FNV-1a: stable over runs and machines, which a name in a reviewed file must be.
    let hash = whole.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let tail = format!("_{:08x}", hash as u32);
    let mut end = max.saturating_sub(tail.len());
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{tail}", whole.get(..end).unwrap_or(""))
}

/// PostgreSQL's reserved key words, and those that cannot be a function or type name: any of majors 10 to 18
/// (manual, appendix "SQL Key Words"). Sorted.
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
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
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
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_needed() {
        let d = dialect(Engine::Postgresql);
        for (raw, sql) in [
            ("users", "users"),
            ("Users", "\"Users\""),
            ("order", "\"order\""),
            ("a b", "\"a b\""),
            ("1a", "\"1a\""),
            ("\"; drop table x; --", "\"\"\"; drop table x; --\""),
            ("é", "\"é\""),
        ] {
            assert_eq!(d.ident(&raw.into()), sql);
        }
        assert_eq!(d.literal("it's"), "'it''s'");
        assert_eq!(d.literal("a\\b'"), "E'a\\\\b'''");
    }

    #[test]
    fn mysql_quotes_by_backticks() {
        let d = dialect(Engine::Mysql);
        assert_eq!(d.ident(&"a`b".into()), "`a``b`");
        assert_eq!(d.literal("it's \\"), "'it''s \\\\'");
    }

    #[test]
    fn reserved_words_are_sorted() {
        assert!(
            RESERVED.windows(2).all(|w| w[0] < w[1]) || {
                let unsorted: Vec<_> = RESERVED.windows(2).filter(|w| w[0] >= w[1]).collect();
                panic!("{unsorted:?}")
            }
        );
    }

    #[test]
    fn names_fit_and_differ() {
        let long = "x".repeat(80);
        let name = fit_name(&[&long, "key"], 63, |_| false);
        assert_eq!(name.len(), 63);
        assert_ne!(name, fit_name(&[&long, "key"], 63, |n| n == name));
        assert_eq!(fit_name(&["users", "phone", "key"], 63, |n| n == "users_phone_key"), "users_phone_key_2");
        assert!(fit_name(&["日本語".repeat(20).as_str()], 63, |_| false).len() <= 63);
    }
}
