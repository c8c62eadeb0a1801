//! From the old type to the new one and back, as expressions over one column: casts by full names, time zones spelled out.

use super::castable;
use crate::change::Refusal;
use crate::engine::user_types;
use crate::model::objects::DataTypeKind;
use crate::model::{Catalog, Column, Ident};
use crate::plan::build::Builder;
use crate::sql::{self, Expression};

/// How the values get into the new type, and out of it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    pub forward: Expression,
    /// Over the new column, called like the old one; none: a plain cast.
    pub back: Option<Expression>,
    /// The session's time zone decides unless it is set to this.
    pub zone: Option<String>,
    /// Whether the way back undoes what the way there did: nobody knows that of a USING that is no cast of the column.
    pub undone: Undone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    Yes,
    Unknown,
}

impl Conversion {
    /// The way back as an expression over the new column, called like the old one; none where nobody knows it.
    pub fn inverse(&self, b: &Builder, column: &Column) -> Option<Expression> {
        let cast = || sql::expression(&format!("{}::{}", b.id(&column.name), column.data_type));
        (self.undone == Undone::Yes).then(|| self.back.clone().unwrap_or_else(cast))
    }

    /// True where no value of the new type `to` fails on that way.
    pub fn always_back(&self, column: &Column, to: &str) -> bool {
        matches!(column.data_type.as_str(), "text" | "character varying")
            || self.back.as_ref().is_some_and(|b| b.functions == ["timezone"])
            || (self.undone == Undone::Yes && castable::widens(to, &column.data_type))
    }
}

const PLAIN: &str = "timestamp without time zone";
const ZONED: &str = "timestamp with time zone";

fn bare(data_type: &str) -> String {
    // `timestamp(3) with time zone` is the same question.
    match (data_type.find('('), data_type.find(')')) {
        (Some(a), Some(z)) if a < z => {
            format!("{}{}", data_type.get(..a).unwrap_or(""), data_type.get(z + 1..).unwrap_or(""))
        }
        _ => data_type.to_owned(),
    }
}

/// `to` is the type as it is to be written, `canonical` as the catalog spells it.
///
/// # Errors
/// [`Refusal`] where the meaning of the values is not known.
pub fn conversion(
    b: &Builder,
    column: &Column,
    to: &str,
    canonical: &str,
    using: Option<&Expression>,
) -> Result<Conversion, Refusal> {
    let c = b.id(&column.name);
    let (from, target) = (bare(&column.data_type), bare(canonical));
    let moment = (from == PLAIN && target == ZONED) || (from == ZONED && target == PLAIN);
    if let Some(using) = using {
        let zone = zone_of(using, &column.name);
        let known = zone.is_some() || castable::is_cast(using, &column.name);
        let back = zone
            .map(|zone| sql::expression(&format!("{c} AT TIME ZONE {zone}")))
            .or_else(|| through_text(b.catalog, column, canonical, &c));
        let undone = if known { Undone::Yes } else { Undone::Unknown };
        // The server rounds what it assigns: what is compared with it has to be rounded, too.
        let cast = format!("::{to}");
        let rounds = castable::is_number(canonical) && !using.sql.trim().ends_with(&cast);
        let forward = if rounds { sql::expression(&format!("({}){cast}", using.sql)) } else { using.clone() };
        return Ok(Conversion { forward, back, zone: None, undone });
    }
    if moment {
        let zone = timezone(b).ok_or_else(|| {
            Refusal::new(
                format!("the time zone that the values of `{}` are in is not known", column.name),
                format!("Say it in the script: `USING {c} AT TIME ZONE 'UTC'`, or `SET timezone = 'UTC'` in front."),
            )
        })?;
        let there = format!("{c} AT TIME ZONE {}", b.dialect().literal(&zone));
        let back = sql::expression(&there);
        let forward = if canonical == target { there } else { format!("({there})::{to}") };
        return Ok(Conversion {
            forward: sql::expression(&forward),
            back: Some(back),
            zone: Some(zone),
            undone: Undone::Yes,
        });
    }
    let back = through_text(b.catalog, column, canonical, &c);
    Ok(Conversion { forward: sql::expression(&format!("{c}::{to}")), back, zone: None, undone: Undone::Yes })
}

/// The session's zone as the script sets it, else the server's.
fn timezone(b: &Builder) -> Option<String> {
    let of_server = || {
        let settings = &b.catalog.server.settings;
        settings.iter().find(|(name, _)| name.eq_ignore_ascii_case("timezone")).map(|(_, zone)| zone.clone())
    };
    b.session.settings.get("timezone").cloned().or_else(of_server).map(|z| z.trim_matches('\'').to_owned())
}

/// The literal of `column AT TIME ZONE 'literal'`.
fn zone_of(using: &Expression, column: &Ident) -> Option<String> {
    let text = using.sql.trim().trim_start_matches('(').trim_end_matches(')');
    let at = text.to_ascii_lowercase().find(" at time zone ")?;
    let subject = text.get(..at)?.trim();
    let zone = text.get(at + " at time zone ".len()..)?.trim();
    let named = subject.trim_matches('"') == column.as_str() || subject.eq_ignore_ascii_case(column.as_str());
    let literal = zone.starts_with('\'') && zone.ends_with('\'') && zone.matches('\'').count() == 2;
    (named && literal).then(|| zone.to_owned())
}

/// Between two enums, between an enum and what is no text, and between many others there is no cast but by the text.
fn through_text(catalog: &Catalog, column: &Column, canonical: &str, c: &str) -> Option<Expression> {
    let from = &column.data_type;
    let is_enum = |t: &str| user_types::labels(catalog, t).is_some();
    // The new one may be made by the script: anything but a text is cast by its text.
    let text = canonical == "text" || canonical.starts_with("character");
    if text || (!is_enum(from) && casts(&bare(&plain_of(catalog, canonical)), &bare(&plain_of(catalog, from)))) {
        return None;
    }
    let array = if from.ends_with("[]") { "[]" } else { "" };
    Some(sql::expression(&format!("{c}::text{array}::{from}")))
}

/// What a domain is made of.
fn plain_of(catalog: &Catalog, data_type: &str) -> String {
    match user_types::find(catalog, data_type).map(|t| &t.kind) {
        Some(DataTypeKind::Domain { base, .. }) => base.clone(),
        _ => data_type.to_owned(),
    }
}

/// Whether the server has a cast between the two: a trigger whose cast is missing fails every statement. Through the
/// text there is always one.
fn casts(from: &str, to: &str) -> bool {
    if let (Some(from), Some(to)) = (from.strip_suffix("[]"), to.strip_suffix("[]")) {
        return casts(from, to);
    }
    const FAMILIES: [&[&str]; 6] = [
        &["smallint", "integer", "bigint", "numeric", "real", "double precision", "oid"],
        &["date", PLAIN, ZONED],
        &["json", "jsonb"],
        &["boolean", "integer"],
        &["bit", "bit varying"],
        &["inet", "cidr"],
    ];
    let text =
        |t: &str| t == "text" || t.starts_with("character") || matches!(t, "bpchar" | "name") || t.ends_with("citext");
    from == to || text(from) || text(to) || FAMILIES.iter().any(|f| f.contains(&from) && f.contains(&to))
}

/// `x::status` with the type by its full name; none if the name stands elsewhere in the expression, too.
pub fn by_full_name(text: &str, written: &str, full: &str) -> Option<String> {
    let array = |t: &str| t.ends_with("[]");
    for suffix in ["[]", ""] {
        let ending = format!("::{written}{suffix}");
        if array(&ending) == array(text)
            && let Some(head) = text.strip_suffix(&ending)
        {
            let again = format!("::{written}");
            return (!head.contains(&again)).then(|| format!("{head}::{full}{suffix}"));
        }
    }
    (!text.contains(&format!("::{written}"))).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_names_are_found() {
        let zone = |t: &str| zone_of(&sql::expression(t), &Ident::new("at"));
        assert_eq!(zone("at AT TIME ZONE 'UTC'").as_deref(), Some("'UTC'"));
        assert_eq!(zone("other AT TIME ZONE 'UTC'"), None);
        assert_eq!(
            by_full_name("s::text::status", "status", "public.status_new").as_deref(),
            Some("s::text::public.status_new")
        );
        assert_eq!(by_full_name("lower(s)", "status", "x").as_deref(), Some("lower(s)"));
        assert_eq!(by_full_name("CASE WHEN s = 'a'::status THEN s END", "status", "x"), None);
        assert_eq!(bare("timestamp(3) with time zone"), ZONED);
    }
}
