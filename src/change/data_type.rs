//! CREATE TYPE, CREATE DOMAIN, DROP of both, and what ALTER TYPE changes beside labels: name, schema, owner, attributes.

use super::enum_value::{tables_of, type_actions};
use super::form::Spec;
use super::recipe::type_again;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::type_probe;
use crate::engine::user_types;
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::Statement;
use crate::sql::data_type::{NewType, TypeAction};

#[derive(Debug, Clone, PartialEq)]
pub struct CreateType {
    name: TableName,
    definition: NewType,
    rest: String,
}

fn word(definition: &NewType) -> &'static str {
    if matches!(definition, NewType::Domain { .. }) { "DOMAIN" } else { "TYPE" }
}

impl Kind for CreateType {
    const NAME: &'static str = "create-type";
    const TITLE: &'static str = "Create a type or domain";
    const FORMS: &'static [Spec] = &[
        ("Create an enum", "CREATE TYPE {type:new table=size} AS ENUM ({labels:sql='small', 'large'});"),
        (
            "Create a domain",
            "CREATE DOMAIN {name:new table=email_address} AS {type:type=text}[ CHECK ({check:sql=VALUE LIKE '%@%'})];",
        ),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::CreateType(create) => Some(Claim::one(
                    at,
                    Self {
                        name: user_types::resolve(wish.catalog, &create.name),
                        definition: create.definition.clone(),
                        rest: create.rest.clone(),
                    },
                )),
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Create the {} `{}`", word(&self.definition).to_lowercase(), self.name)
    }

    fn tables(&self) -> Vec<TableName> {
        Vec::new()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let (word, n) = (word(&self.definition), b.name(&self.name));
        b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::CreateObject,
                self.title(),
                vec![format!("CREATE {word} {n} {}", self.rest).trim_end().to_owned()],
                b.brief(),
            )
            .why("Catalog only: nothing is of this type yet.")
            .undo(b.undo_sql(vec![format!("DROP {word} {n}")], "Nothing is of this type any more by then."))
            .done(type_probe::type_exists(&self.name)),
        );
        Ok("catalog only".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct DropType {
    names: Vec<TableName>,
    domain: bool,
    cascade: bool,
    /// Tables with a column of one of them today.
    users: Vec<TableName>,
}

impl Kind for DropType {
    const NAME: &'static str = "drop-type";
    const TITLE: &'static str = "Drop a type or domain";
    const FORMS: &'static [Spec] = &[("", "DROP TYPE {type:user type=ticket_kind};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::Known { op, target, also, .. }
                    if op.starts_with("drop-type") || op.starts_with("drop-domain") =>
                {
                    let names: Vec<TableName> =
                        target.iter().chain(also).map(|n| user_types::resolve(wish.catalog, n)).collect();
                    let users = names.iter().flat_map(|n| tables_of(wish, n)).collect();
                    let (domain, cascade) = (op.contains("domain"), op.ends_with("cascade"));
                    Some(Claim::one(at, Self { names, domain, cascade, users }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let names = self.names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        format!("Drop the {} {names}", if self.domain { "domain" } else { "type" })
    }

    fn tables(&self) -> Vec<TableName> {
        self.users.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if self.cascade {
            return Err(Refusal::new(
                format!(
                    "{} with CASCADE would drop whatever is of that type, columns with their rows included",
                    self.title()
                ),
                "Change or drop those columns by name, in the script, and leave CASCADE out.",
            ));
        }
        let word = if self.domain { "DOMAIN" } else { "TYPE" };
        for name in &self.names {
            let undo = match b.catalog.types.iter().find(|t| t.name == *name) {
                Some(known) => b.undo_sql(
                    type_again::create(b, known),
                    "Makes it anew, under another object id; grants on it are to be given again.",
                ),
                None => {
                    Undo::PointOfNoReturn { because: "The catalog does not tell how the type was made.".to_owned() }
                }
            };
            let mut draft = Draft::sql(
                PhaseName::Contract,
                Rank::DropObject,
                format!("Drop the {} `{name}`", word.to_lowercase()),
                vec![format!("DROP {word} {}", b.name(name))],
                b.brief(),
            )
            .why("No column is of it any more. A function or a cast that still names it makes the server refuse.")
            .undo(undo)
            .done(type_probe::type_gone(name));
            draft.tables.clone_from(&self.users);
            b.push(draft);
        }
        b.finding(
            Severity::Note,
            format!(
                "Functions and queries that spell {} in a cast fail once it is gone; bodies of functions are not checked by the server.",
                self.names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
            ),
        );
        Ok("catalog only, after everything that was of the type".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct AlterType {
    name: TableName,
    action: TypeAction,
    users: Vec<TableName>,
}

impl Kind for AlterType {
    const NAME: &'static str = "alter-type";
    const TITLE: &'static str = "Change a type";
    const FORMS: &'static [Spec] =
        &[("Rename a type", "ALTER TYPE {type:user type=payment_state} RENAME TO {new name:new=payment_status};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        type_actions(wish)
            .filter(|(_, name, action)| {
                !matches!(action, TypeAction::AddValue { .. } | TypeAction::RenameValue { .. } | TypeAction::Other)
                    && wish.catalog.types.iter().any(|t| t.name == *name)
            })
            .map(|(at, name, action)| {
                let users = tables_of(wish, &name);
                Claim::one(at, Self { name, action: action.clone(), users })
            })
            .collect()
    }

    fn title(&self) -> String {
        let name = &self.name;
        match &self.action {
            TypeAction::Rename { to } => format!("Rename the type `{name}` to `{to}`"),
            TypeAction::SetSchema { to } => format!("Move the type `{name}` to the schema `{to}`"),
            TypeAction::Owner { to } => format!("Give the type `{name}` to `{}`", crate::model::name::shown(to)),
            TypeAction::AddAttribute { name: a, .. } => format!("Add the attribute `{a}` to the type `{name}`"),
            TypeAction::DropAttribute { name: a } => format!("Drop the attribute `{a}` of the type `{name}`"),
            TypeAction::RenameAttribute { from, to } => {
                format!("Rename the attribute `{from}` of the type `{name}` to `{to}`")
            }
            TypeAction::AlterAttribute { name: a, .. } => format!("Change the attribute `{a}` of the type `{name}`"),
            _ => format!("Change the type `{name}`"),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.users.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let n = b.name(&self.name);
        match &self.action {
            TypeAction::Rename { to } => {
                let new = self.name.sibling(&to.0);
                let sql = format!("ALTER TYPE {n} RENAME TO {}", b.id(to));
                let back = format!("ALTER TYPE {} RENAME TO {}", b.name(&new), b.id(&self.name.name));
                moved(b, &self.title(), (&self.name, &new), &self.users, (sql, back));
                Ok("online: a name that running code spells cannot change under it, so the application lets go of it first".to_owned())
            }
            TypeAction::SetSchema { to } => {
                let new = TableName { schema: to.clone(), name: self.name.name.clone() };
                let sql = format!("ALTER TYPE {n} SET SCHEMA {}", b.id(to));
                let back = format!("ALTER TYPE {} SET SCHEMA {}", b.name(&new), b.id(&self.name.schema));
                moved(b, &self.title(), (&self.name, &new), &self.users, (sql, back));
                Ok("online: a name that running code spells cannot change under it, so the application lets go of it first".to_owned())
            }
            TypeAction::Owner { to } => {
                owner(b, "TYPE", &self.name, to);
                Ok("catalog only".to_owned())
            }
            _ => self.attribute(b),
        }
    }
}

/// A new name: the application spells the old one nowhere before, the new one only after.
pub fn moved(
    b: &mut Builder,
    title: &str,
    (old, new): (&TableName, &TableName),
    users: &[TableName],
    (sql, back): (String, String),
) {
    let mut draft = Draft::sql(PhaseName::Migrate, Rank::Other, title, vec![sql], b.brief())
        .why("Catalog only. Columns, functions' signatures and domains follow it by its identity; whatever spells the name does not.")
        .undo(b.undo_sql(vec![back], "Catalog only."))
        .done(type_probe::type_exists(new));
    draft.tables = users.to_vec();
    let key = b.push(draft);
    for table in users {
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, table)
                .say(format!("Spell the type `{old}` nowhere: no `::{}`, no CAST, no array or parameter declared by that name. Drivers that look types up by name have to know `{new}` as well.", old.name))
                .orm("rails", "Write the new name into `structure.sql` and into `create_enum`; a column definition needs no cast")
                .orm("jdbc", "PGobject.setType names the type: send the value as a string with stringtype=unspecified instead"),
        );
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(key),
            because: format!("may spell `{old}`, which is called `{new}` by then"),
        });
        b.need(Need::new(Slot::Use, Placement::Earliest, table).say(format!("May spell the type `{new}`.")));
    }
    b.finding(
        Severity::Warning,
        format!("Bodies of functions that spell `{old}` fail when they are called after the rename: replace them in the same transaction."),
    );
}

/// OWNER TO of a type or domain, with the way back to the owner of today.
pub fn owner(b: &mut Builder, word: &str, name: &TableName, to: &str) {
    let n = b.name(name);
    let known = b.catalog.types.iter().find(|t| t.name == *name).and_then(|t| t.owner.clone());
    let undo = match known {
        Some(role) => b.undo_sql(vec![format!("ALTER {word} {n} OWNER TO {}", b.id(&role))], "Catalog only."),
        None => Undo::PointOfNoReturn { because: "The catalog does not tell who owns it today.".to_owned() },
    };
    b.push(
        Draft::sql(
            PhaseName::Migrate,
            Rank::Other,
            format!("Give `{name}` to `{}`", crate::model::name::shown(to)),
            vec![format!("ALTER {word} {n} OWNER TO {to}")],
            b.brief(),
        )
        .why("Catalog only. The new owner needs CREATE on the schema.")
        .undo(undo)
        .done(type_probe::type_owner_is(name, &role_name(b, to))),
    );
}

/// A role as an expression of its name.
pub fn role_name(b: &Builder, written: &str) -> String {
    let bare = written.trim();
    if ["current_user", "session_user", "current_role"].iter().any(|r| bare.eq_ignore_ascii_case(r)) {
        return if bare.eq_ignore_ascii_case("session_user") { "session_user" } else { "current_user" }.to_owned();
    }
    let name = match bare.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => bare.to_lowercase(),
    };
    b.dialect().literal(&name)
}

impl AlterType {
    /// A row type's shape: its values are read as they are stored, so nothing is rewritten, but clients decode them.
    fn attribute(&self, b: &mut Builder) -> Result<String, Refusal> {
        let n = b.name(&self.name);
        let used = !self.users.is_empty();
        let step = |b: &Builder, phase, rank, sql: String, done: String| {
            let mut draft = Draft::sql(phase, rank, self.title(), vec![sql], b.brief())
                .why("Catalog only: stored values keep their shape, an attribute that they lack reads as NULL.")
                .done(done);
            draft.tables.clone_from(&self.users);
            draft
        };
        match &self.action {
            TypeAction::AddAttribute { name, data_type } => {
                let a = b.id(name);
                let sql = format!("ALTER TYPE {n} ADD ATTRIBUTE {a} {data_type}");
                let undo = b.undo_sql(
                    vec![format!("ALTER TYPE {n} DROP ATTRIBUTE {a}")],
                    "Drops the attribute with what was written to it.",
                );
                let draft = step(b, PhaseName::Migrate, Rank::Other, sql, type_probe::attribute(&self.name, name, ""))
                    .undo(undo);
                let key = b.push(draft);
                for table in &self.users {
                    b.need(Need::new(Slot::Tolerate, Placement::Fixed, table).say(format!(
                        "Decode values of `{}` with one attribute more: `{name}` comes last. `ROW(…)::{}` needs as many values as the type has attributes.",
                        self.name, self.name.name
                    )));
                    b.rule(older(key, format!("decodes `{}` without `{name}`", self.name)));
                }
                Ok("catalog only; readers learn the new shape first".to_owned())
            }
            TypeAction::DropAttribute { name } => {
                let sql = format!("ALTER TYPE {n} DROP ATTRIBUTE {}", b.id(name));
                let draft = step(
                    b,
                    PhaseName::Contract,
                    Rank::DropColumn,
                    sql,
                    type_probe::attribute(&self.name, name, "NOT "),
                )
                .undo(Undo::PointOfNoReturn {
                    because: "The attribute's values are gone; only a backup brings them back.".to_owned(),
                });
                b.push(draft);
                for table in &self.users {
                    b.need(Need::new(Slot::Unused, Placement::Fixed, table).say(format!(
                        "No longer read or write `{name}` of values of `{}`, and decode them with and without it.",
                        self.name
                    )));
                }
                Ok("the application forgets the attribute first".to_owned())
            }
            TypeAction::RenameAttribute { from, to } if !used => {
                let (f, t) = (b.id(from), b.id(to));
                let undo = b.undo_sql(vec![format!("ALTER TYPE {n} RENAME ATTRIBUTE {t} TO {f}")], "Catalog only.");
                let sql = format!("ALTER TYPE {n} RENAME ATTRIBUTE {f} TO {t}");
                let draft =
                    step(b, PhaseName::Migrate, Rank::Other, sql, type_probe::attribute(&self.name, to, "")).undo(undo);
                b.push(draft);
                Ok("catalog only: no column is of this type".to_owned())
            }
            TypeAction::AlterAttribute { name, data_type } if !used => {
                let before = self.before(b, name);
                let Some(before) = before else { return Err(unknown(&self.name)) };
                let a = b.id(name);
                let undo =
                    b.undo_sql(vec![format!("ALTER TYPE {n} ALTER ATTRIBUTE {a} TYPE {before}")], "Catalog only.");
                let sql = format!("ALTER TYPE {n} ALTER ATTRIBUTE {a} TYPE {data_type}");
                let spelled = b.dialect().literal(&before);
                let done = format!(
                    "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.typrelid = a.attrelid \
                     WHERE t.oid = {} AND a.attname = {} AND pg_catalog.format_type(a.atttypid, a.atttypmod) <> {spelled})",
                    type_probe::regtype(&self.name),
                    b.dialect().literal(name.as_str())
                );
                let draft = step(b, PhaseName::Migrate, Rank::Other, sql, done).undo(undo);
                b.push(draft);
                Ok("catalog only: no column is of this type".to_owned())
            }
            _ => Err(Refusal::new(
                format!(
                    "{} is used by columns of {}: running code names the attribute, and PostgreSQL changes stored values of a row type in no way",
                    self.title(),
                    self.users.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ")
                ),
                "Add a second attribute (or a second column of another type), move the values by the application, drop the old one.",
            )),
        }
    }

    fn before(&self, b: &Builder, attribute: &Ident) -> Option<String> {
        match &b.catalog.types.iter().find(|t| t.name == self.name)?.kind {
            crate::model::objects::DataTypeKind::Composite { attributes } => {
                attributes.iter().find(|a| a.name == *attribute).map(|a| a.data_type.clone())
            }
            _ => None,
        }
    }
}

fn older(key: crate::plan::draft::Key, because: String) -> Rule {
    Rule::Older { than: Slot::Tolerate, from: Mark::After(key), because }
}

fn unknown(name: &TableName) -> Refusal {
    Refusal::new(format!("`{name}` has no such attribute"), "Look at the type with `\\d` and correct the script.")
}
