//! How a table is stored, measured, owned and granted, after ALTER TABLE, GRANT and REVOKE.

use super::{column, with_table};
use crate::model::catalog::Identity;
use crate::model::{Catalog, Ident, TableName};
use crate::sql::details;

/// Privileges on tables by the letter that `aclitem` prints, in its order.
const LETTERS: [(&str, char); 8] = [
    ("INSERT", 'a'),
    ("SELECT", 'r'),
    ("UPDATE", 'w'),
    ("DELETE", 'd'),
    ("TRUNCATE", 'D'),
    ("REFERENCES", 'x'),
    ("TRIGGER", 't'),
    ("MAINTAIN", 'm'),
];

pub(super) fn alter(catalog: &mut Catalog, table: &TableName, op: &str, on: Option<&Ident>, rest: &str) {
    let value = details::last(rest).unwrap_or_default();
    match (op, on) {
        ("set-statistics", Some(name)) => {
            let target = value.parse().ok().filter(|t| *t != -1);
            column::change(catalog, table, name, |c| c.statistics = target);
        }
        ("set-compression", Some(name)) => {
            let method = Some(value.to_lowercase()).filter(|m| m != "default");
            column::change(catalog, table, name, |c| c.compression = method);
        }
        ("set-generated", Some(name)) => {
            let always = rest.to_lowercase().split_whitespace().any(|w| w == "always");
            let identity = if always { Identity::Always } else { Identity::ByDefault };
            column::set_identity(catalog, table, name, Some(identity));
        }
        ("owner-to", None) => {
            let owner = Ident(value.trim_matches('"').to_owned());
            with_table(catalog, table, |t| t.owner = Some(owner));
        }
        ("alter-constraint", None) => {
            let Some((name, said)) = details::altered_constraint(&format!("ALTER CONSTRAINT {rest}")) else { return };
            with_table(catalog, table, |t| {
                for constraint in t.constraints.iter_mut().filter(|c| c.name == name) {
                    match said.as_str() {
                        "ENFORCED" => (constraint.enforced, constraint.valid) = (true, true),
                        "NOT ENFORCED" => (constraint.enforced, constraint.valid) = (false, false),
                        said => constraint.deferrable = said.contains("DEFER") && !said.contains("NOT DEFERRABLE"),
                    }
                    let bare = constraint.definition.trim_end_matches(" NOT ENFORCED").to_owned();
                    constraint.definition = if constraint.enforced { bare } else { format!("{bare} NOT ENFORCED") };
                }
            });
        }
        ("set-options", None) => {
            for (name, value) in details::options(rest).unwrap_or_default() {
                let prefix = format!("{name}=");
                with_table(catalog, table, |t| {
                    t.options.retain(|o| !o.starts_with(&prefix));
                    t.options.push(format!("{prefix}{}", value.as_deref().unwrap_or("true")));
                });
            }
        }
        ("reset-options", None) => {
            for (name, _) in details::options(rest).unwrap_or_default() {
                let prefix = format!("{name}=");
                with_table(catalog, table, |t| t.options.retain(|o| !o.starts_with(&prefix)));
            }
        }
        _ => {}
    }
}

/// `rest`: everything behind the verb.
pub(super) fn grant(catalog: &mut Catalog, verb: &str, rest: &str) {
    let Some(parts) = details::grant(&format!("{verb} {rest}")) else { return };
    let all = parts.privileges.iter().any(|p| p == "ALL");
    let letters: Vec<char> = LETTERS
        .iter()
        .filter(|(name, letter)| (all && *letter != 'm') || parts.privileges.iter().any(|p| p == name))
        .map(|(_, letter)| *letter)
        .collect();
    for relation in &parts.relations {
        let name = relation.resolve(catalog);
        for role in &parts.roles {
            let who = if role == "PUBLIC" { String::new() } else { role.clone() };
            with_table(catalog, &name, |t| {
                let owner = t.owner.as_ref().map_or_else(|| "owner".to_owned(), |o| o.0.clone());
                let prefix = format!("{who}=");
                let at = t.grants.iter().position(|g| g.starts_with(&prefix));
                let held = at.and_then(|i| t.grants.get(i)).and_then(|g| g.strip_prefix(&prefix)).unwrap_or("");
                let held = held.split('/').next().unwrap_or("").to_owned();
                let now: String = LETTERS
                    .iter()
                    .map(|(_, l)| *l)
                    .filter(|l| if letters.contains(l) { !parts.revoke } else { held.contains(*l) })
                    .collect();
                t.grants.retain(|g| !g.starts_with(&prefix));
                if !now.is_empty() {
                    t.grants.push(format!("{prefix}{now}/{owner}"));
                }
            });
        }
    }
}
