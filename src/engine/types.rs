//! Type changes: which keep the stored bytes, which make indexes anew, which rewrite the table. Types are spelled as `format_type` prints them.

use super::{relations, user_types};
use crate::model::Catalog;

/// What a change of type does to the heap and to plain indexes on the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// Same bytes, same order: plain indexes are kept.
    Kept,
    /// Same bytes, another order or equality: indexes on the column are built anew.
    Reordered,
    Rewritten,
    /// Decided by the session's time zone, which is not known.
    ByTimezone,
    /// A type whose casts the catalog does not tell.
    Unknown,
    /// No cast that an ALTER applies on its own: USING is needed.
    NoCast,
}

#[derive(Debug, PartialEq)]
struct Spelled {
    name: String,
    modifiers: Vec<i64>,
    array: bool,
}

/// `timestamp(3) with time zone` → (`timestamp with time zone`, [3]).
fn spelled(text: &str) -> Spelled {
    let text = text.trim();
    let array = text.ends_with("[]");
    let text = text.trim_end_matches("[]");
    // The extension may have been made in any schema.
    let text = text.rsplit_once('.').filter(|(_, name)| *name == "citext").map_or(text, |(_, name)| name);
    match text.split_once('(').and_then(|(head, rest)| rest.split_once(')').map(|(m, tail)| (head, m, tail))) {
        Some((head, modifiers, tail)) => Spelled {
            name: format!("{}{tail}", head.trim_end()),
            modifiers: modifiers.split(',').filter_map(|m| m.trim().parse().ok()).collect(),
            array,
        },
        None => Spelled { name: text.to_owned(), modifiers: Vec::new(), array },
    }
}

/// The type under a domain, and whether the domain has constraints.
fn base<'t>(catalog: &'t Catalog, data_type: &'t str) -> (bool, &'t str) {
    let mut constrained = false;
    let mut name = data_type;
    // A domain over a domain; the bound only guards against a damaged snapshot.
    for _ in 0..16 {
        match relations::domain(catalog, name) {
            Some((checked, under)) => {
                constrained |= checked;
                name = under;
            }
            None => break,
        }
    }
    (constrained, name)
}

/// What changing `from` to `to` without USING does. `timezone` is the session's, if known.
pub(super) fn change(catalog: &Catalog, from: &str, to: &str, timezone: Option<&str>) -> Storage {
    if from == to {
        return Storage::Kept;
    }
    let (constrained, to_base) = base(catalog, to);
    if constrained {
        return Storage::Rewritten;
    }
    let (_, from_base) = base(catalog, from);
    let (a, b) = (spelled(from_base), spelled(to_base));
    // What a domain says of the length is not looked at: the values are fitted anew.
    if from_base != from && to_base == to && !b.modifiers.is_empty() {
        return Storage::Rewritten;
    }
    if a == b {
        return Storage::Kept;
    }
    if a.array || b.array {
        // An array becomes text by assignment; text becomes an array only if told how.
        let to_text = a.array && STRINGS.contains(&b.name.as_str());
        return if a.array == b.array || to_text { Storage::Rewritten } else { Storage::NoCast };
    }
    let limit = |s: &Spelled| s.modifiers.first().copied();
    let wider = |free: bool| if free { Storage::Kept } else { Storage::Rewritten };
    let no_narrower = limit(&b).is_none_or(|to| limit(&a).is_some_and(|from| from <= to));
    match (a.name.as_str(), b.name.as_str()) {
        ("character varying" | "text", "character varying" | "text") | ("bit varying", "bit varying") => {
            wider(no_narrower)
        }
        ("numeric", "numeric") => {
            let scale = |s: &Spelled| s.modifiers.get(1).copied().unwrap_or(0);
            wider(limit(&b).is_none() || (no_narrower && limit(&a).is_some() && scale(&a) == scale(&b)))
        }
        (x, y) if x == y && PRECISE.contains(&x) => wider(no_narrower),
        (x, y) if is_interval(x) && is_interval(y) => wider(y == "interval" && no_narrower),
        ("cidr", "inet") => Storage::Kept,
        // Same bytes, but the operator classes of the two are not in one family.
        ("integer", "oid") => Storage::Reordered,
        ("bit", "bit varying") if limit(&b).is_none() => Storage::Reordered,
        ("text" | "character varying", "citext") | ("citext", "text") => Storage::Reordered,
        ("citext", "character varying") if limit(&b).is_none() => Storage::Reordered,
        ("timestamp without time zone", "timestamp with time zone")
        | ("timestamp with time zone", "timestamp without time zone")
            if no_narrower =>
        {
            match timezone {
                _ if !catalog.server.since(12) => Storage::Rewritten,
                None => Storage::ByTimezone,
                Some(zone) if is_utc(zone) => Storage::Reordered,
                Some(_) => Storage::Rewritten,
            }
        }
        (x, y) => by_kind(catalog, x, y),
    }
}

/// Types whose single modifier is a number of fractional digits.
const PRECISE: [&str; 4] =
    ["timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone"];

fn is_interval(name: &str) -> bool {
    name == "interval" || name.starts_with("interval ")
}

/// Zones whose offset has always been zero; the server asks its zone data the same question.
fn is_utc(zone: &str) -> bool {
    let zone = zone.trim().trim_matches('\'').to_ascii_lowercase();
    let zone = zone.strip_prefix("etc/").unwrap_or(&zone);
    matches!(
        zone,
        "utc" | "uct" | "gmt" | "zulu" | "universal" | "greenwich" | "gmt0" | "gmt+0" | "gmt-0" | "utc0" | "0"
    )
}

/// Groups of core types between which an assignment cast exists; every cast in a group computes a new value.
const GROUPS: [&[&str]; 4] = [
    &["smallint", "integer", "bigint", "real", "double precision", "numeric", "money"],
    &["timestamp without time zone", "timestamp with time zone", "date"],
    &["time without time zone", "time with time zone", "interval"],
    &["json", "jsonb"],
];
const STRINGS: [&str; 6] = ["text", "character varying", "character", "bpchar", "name", "citext"];
const OTHER_CORE: [&str; 22] = [
    "boolean",
    "bytea",
    "uuid",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "bit",
    "bit varying",
    "oid",
    "xml",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "tsvector",
    "tsquery",
    "int4range",
    "pg_lsn",
];

fn by_kind(catalog: &Catalog, from: &str, to: &str) -> Storage {
    let core = |t: &str| STRINGS.contains(&t) || OTHER_CORE.contains(&t) || GROUPS.iter().any(|g| g.contains(&t));
    let is_enum = |t: &str| user_types::labels(catalog, t).is_some();
    if (is_enum(from) || core(from)) && STRINGS.contains(&to) {
        return Storage::Rewritten;
    }
    if GROUPS.iter().any(|g| g.contains(&from) && g.contains(&to)) {
        return Storage::Rewritten;
    }
    match (from, to) {
        ("inet", "cidr") | ("bit", "bit varying") | ("bit varying", "bit") => Storage::Rewritten,
        ("timestamp without time zone" | "timestamp with time zone", t) if t.starts_with("time ") => Storage::Rewritten,
        ("time without time zone", t) | (t, "time without time zone") if is_interval(t) => Storage::Rewritten,
        ("macaddr", "macaddr8") | ("macaddr8", "macaddr") | ("bigint", "oid") | ("oid", "bigint") => Storage::Rewritten,
        _ if is_enum(from) && (is_enum(to) || core(to)) => Storage::NoCast,
        _ if STRINGS.contains(&from) && (is_enum(to) || (core(to) && !STRINGS.contains(&to))) => Storage::NoCast,
        _ if from == to && core(from) => Storage::Rewritten,
        _ if core(from) && core(to) && from != "oid" && to != "oid" && to != "xml" => Storage::NoCast,
        _ => Storage::Unknown,
    }
}

pub(super) fn is_text(data_type: &str) -> bool {
    STRINGS.contains(&spelled(data_type).name.as_str())
}

pub(super) fn is_core(data_type: &str) -> bool {
    let name = spelled(data_type).name;
    let name = name.as_str();
    STRINGS.contains(&name) || OTHER_CORE.contains(&name) || GROUPS.iter().any(|g| g.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Engine, Version};

    fn on(major: u16, from: &str, to: &str, zone: Option<&str>) -> Storage {
        change(&Catalog::empty(Engine::Postgresql, Version::new(major, 0)), from, to, zone)
    }

    #[test]
    fn widening_keeps_the_bytes() {
        for (from, to) in [
            ("character varying(50)", "character varying(100)"),
            ("character varying(50)", "text"),
            ("text", "character varying"),
            ("numeric(10,2)", "numeric(12,2)"),
            ("numeric(10,2)", "numeric"),
            ("timestamp(3) without time zone", "timestamp(6) without time zone"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("cidr", "inet"),
            ("interval(3)", "interval"),
        ] {
            assert_eq!(on(15, from, to, None), Storage::Kept, "{from} → {to}");
        }
    }

    #[test]
    fn the_rest_is_rewritten_or_refused() {
        for (from, to, what) in [
            ("integer", "bigint", Storage::Rewritten),
            ("text", "character varying(20)", Storage::Rewritten),
            ("numeric(10,2)", "numeric(10,3)", Storage::Rewritten),
            ("numeric", "numeric(10,2)", Storage::Rewritten),
            ("character(5)", "text", Storage::Rewritten),
            ("json", "jsonb", Storage::Rewritten),
            ("text", "integer", Storage::NoCast),
            ("boolean", "integer", Storage::NoCast),
            ("text", "citext", Storage::Reordered),
            ("box3d", "geometry", Storage::Unknown),
        ] {
            assert_eq!(on(15, from, to, None), what, "{from} → {to}");
        }
        let (plain, zoned) = ("timestamp without time zone", "timestamp with time zone");
        assert_eq!(on(15, plain, zoned, Some("UTC")), Storage::Reordered);
        assert_eq!(on(15, plain, zoned, Some("Europe/Berlin")), Storage::Rewritten);
        assert_eq!(on(15, plain, zoned, None), Storage::ByTimezone);
        assert_eq!(on(11, plain, zoned, Some("UTC")), Storage::Rewritten);
    }
}
