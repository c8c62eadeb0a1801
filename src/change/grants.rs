//! GRANT and REVOKE on whole relations: rights come before the release that needs them and go after the last that does.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::regclass;
use crate::model::TableName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Undo};
use crate::sql::Statement;
use crate::sql::details::{self, GrantParts};

#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    parts: GrantParts,
    relations: Vec<TableName>,
    text: String,
}

impl Kind for Grant {
    const NAME: &'static str = "grant";
    const TITLE: &'static str = "Grant or revoke rights on a table";
    const FORMS: &'static [Spec] = &[
        (
            "Grant rights",
            "GRANT {rights:SELECT|INSERT|UPDATE|DELETE|ALL=SELECT} ON {table:table=orders} TO {role:role=reporting};",
        ),
        (
            "Revoke rights",
            "REVOKE {rights:SELECT|INSERT|UPDATE|DELETE|ALL=SELECT} ON {table:table=orders} FROM {role:role=reporting};",
        ),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.atoms
            .iter()
            .enumerate()
            .filter_map(|(at, atom)| {
                let Part::Whole(Statement::Known { op, .. }) = &atom.part else { return None };
                if op != "grant" && op != "revoke" {
                    return None;
                }
                let parts = details::grant(atom.text)?;
                let relations: Vec<TableName> = parts.relations.iter().map(|r| r.resolve(wish.catalog)).collect();
                let known = relations.iter().all(|r| wish.table(r).is_some());
                known.then(|| Claim::one(at, Self { parts, relations, text: atom.text.trim().to_owned() }))
            })
            .collect()
    }

    fn title(&self) -> String {
        let what = self.parts.privileges.join(", ");
        let on = self.relations.iter().map(|r| format!("`{r}`")).collect::<Vec<_>>().join(", ");
        let to = self.parts.roles.iter().map(|r| format!("`{}`", crate::model::name::shown(r))).collect::<Vec<_>>();
        let (verb, way) = if self.parts.revoke { ("Revoke", "from") } else { ("Grant", "to") };
        format!("{verb} {what} on {on} {way} {}", to.join(", "))
    }

    fn tables(&self) -> Vec<TableName> {
        self.relations.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let mut back = Vec::new();
        let mut asked = Vec::new();
        let mut nothing = true;
        for relation in &self.relations {
            let held = b.catalog.table(relation).map(|t| t.grants.clone()).unwrap_or_default();
            let owner = b.catalog.table(relation).and_then(|t| t.owner.clone());
            for written in &self.parts.roles {
                let role = role_of(written);
                // The owner has everything until a grant is spelled out.
                let implied = held.is_empty() && owner.as_ref().is_some_and(|o| Some(o.0.as_str()) == role.as_deref());
                let (mut changed, mut options) = (Vec::new(), Vec::new());
                for (name, letter) in self.privileges(b) {
                    let (has, may_grant) =
                        if implied { (true, true) } else { privilege(&held, role.as_deref(), letter) };
                    let wanted = !self.parts.revoke;
                    if has != wanted {
                        changed.push(name);
                    } else if wanted && self.parts.with_option && !may_grant && !implied {
                        options.push(name);
                    }
                    asked.push(self.asks(b, relation, written, name));
                }
                nothing &= changed.is_empty() && options.is_empty();
                let t = b.name(relation);
                if !changed.is_empty() {
                    let list = changed.join(", ");
                    back.push(if self.parts.revoke {
                        format!("GRANT {list} ON {t} TO {written}")
                    } else {
                        format!("REVOKE {list} ON {t} FROM {written}")
                    });
                }
                if !options.is_empty() {
                    back.push(format!("REVOKE GRANT OPTION FOR {} ON {t} FROM {written}", options.join(", ")));
                }
            }
        }
        if nothing {
            return Ok("nothing to do: the rights are so already".to_owned());
        }
        let (phase, rank) = if self.parts.revoke {
            (PhaseName::Contract, Rank::DropConstraint)
        } else {
            (PhaseName::Expand, Rank::Relax)
        };
        let mut draft = Draft::sql(phase, rank, self.title(), vec![self.sql(b)], b.brief())
            .why(if self.parts.revoke {
                "Catalog only. What still uses the right fails from the commit on, so it goes last."
            } else {
                "Catalog only. It stands before the release that needs it."
            })
            .undo(if back.is_empty() {
                Undo::Nothing { because: "The rights were so already.".to_owned() }
            } else {
                b.undo_sql(back, "Catalog only.")
            })
            .done(format!("SELECT {}", asked.join(" AND ")));
        draft.tables.clone_from(&self.relations);
        b.push(draft);
        if self.parts.revoke {
            for relation in &self.relations {
                b.need(Need::new(Slot::Unused, Placement::Fixed, relation).say(format!(
                        "No longer use {} on `{relation}` as {}.",
                        self.parts.privileges.join(", "),
                        self.parts
                            .roles
                            .iter()
                            .map(|r| format!("`{}`", crate::model::name::shown(r)))
                            .collect::<Vec<_>>()
                            .join(", ")
                    )));
            }
        }
        Ok("catalog only".to_owned())
    }
}

/// Privileges on tables by the letter that `aclitem` prints.
const LETTERS: [(&str, char); 8] = [
    ("SELECT", 'r'),
    ("INSERT", 'a'),
    ("UPDATE", 'w'),
    ("DELETE", 'd'),
    ("TRUNCATE", 'D'),
    ("REFERENCES", 'x'),
    ("TRIGGER", 't'),
    ("MAINTAIN", 'm'),
];

impl Grant {
    fn privileges(&self, b: &Builder) -> Vec<(&'static str, char)> {
        let all = self.parts.privileges.iter().any(|p| p == "ALL");
        let known = LETTERS.iter().filter(|(name, _)| *name != "MAINTAIN" || b.since(17));
        known.filter(|(name, _)| all || self.parts.privileges.iter().any(|p| p == name)).copied().collect()
    }

    /// The statement over full names.
    fn sql(&self, b: &Builder) -> String {
        let tables = self.relations.iter().map(|r| b.name(r)).collect::<Vec<_>>().join(", ");
        let (privileges, roles) = (self.parts.privileges.join(", "), self.parts.roles.join(", "));
        let option = if self.parts.with_option { " WITH GRANT OPTION" } else { "" };
        if self.parts.revoke {
            format!("REVOKE {privileges} ON {tables} FROM {roles}")
        } else {
            format!("GRANT {privileges} ON {tables} TO {roles}{option}")
        }
    }

    fn asks(&self, b: &Builder, relation: &TableName, role: &str, privilege: &str) -> String {
        let grantee = match role_of(role) {
            None => "0".to_owned(),
            Some(name) => {
                format!("(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = {})", b.dialect().literal(&name))
            }
        };
        let grantee = if role.eq_ignore_ascii_case("current_user") {
            "(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)".to_owned()
        } else {
            grantee
        };
        let option = if self.parts.with_option { " AND a.is_grantable" } else { "" };
        let not = if self.parts.revoke { "NOT " } else { "" };
        format!(
            "{not}EXISTS (SELECT 1 FROM pg_catalog.pg_class c, pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS a \
             WHERE c.oid = {} AND a.grantee = {grantee} AND a.privilege_type = '{privilege}'{option})",
            regclass(relation)
        )
    }
}

/// The statements that give a role what it was granted on the table.
pub fn again(b: &Builder, table: &crate::model::Table, written: &str) -> Vec<String> {
    let role = role_of(written);
    let (mut plain, mut passing) = (Vec::new(), Vec::new());
    for (name, letter) in LETTERS {
        match privilege(&table.grants, role.as_deref(), letter) {
            (true, true) => passing.push(name),
            (true, false) => plain.push(name),
            (false, _) => {}
        }
    }
    let t = b.name(&table.name);
    let give = |list: Vec<&str>, option: &str| {
        (!list.is_empty()).then(|| format!("GRANT {} ON {t} TO {written}{option}", list.join(", ")))
    };
    give(plain, "").into_iter().chain(give(passing, " WITH GRANT OPTION")).collect()
}

/// None for PUBLIC.
fn role_of(written: &str) -> Option<String> {
    if written == "PUBLIC" {
        return None;
    }
    Some(match written.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => written.to_lowercase(),
    })
}

/// Whether the role holds the privilege by a grant of its own, and may pass it on: `app=ar*/owner`.
fn privilege(grants: &[String], role: Option<&str>, letter: char) -> (bool, bool) {
    for grant in grants {
        let Some((who, rest)) = grant.rsplit_once('=') else { continue };
        let who = who.trim_matches('"').replace("\"\"", "\"");
        if who != role.unwrap_or("") {
            continue;
        }
        let letters = rest.split('/').next().unwrap_or("");
        if let Some(at) = letters.find(letter) {
            return (true, letters.get(at + letter.len_utf8()..).is_some_and(|r| r.starts_with('*')));
        }
    }
    (false, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_read() {
        let grants = ["app=ar*/owner".to_owned(), "\"Odd role\"=w/owner".to_owned(), "=r/owner".to_owned()];
        assert_eq!(privilege(&grants, Some("app"), 'r'), (true, true));
        assert_eq!(privilege(&grants, Some("app"), 'a'), (true, false));
        assert_eq!(privilege(&grants, Some("Odd role"), 'w'), (true, false));
        assert_eq!(privilege(&grants, None, 'r'), (true, false));
        assert_eq!(privilege(&grants, Some("other"), 'r'), (false, false));
    }
}
