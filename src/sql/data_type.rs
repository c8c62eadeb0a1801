//! CREATE and ALTER of types and domains: what they are made of, and what changes.

use super::column::parens_expression;
use super::cursor::{Cursor, Read};
use super::expr::read_expression;
use super::lex::Kind;
use super::statement::{Expression, ObjectName, Statement};
use super::types::data_type;
use crate::model::Ident;

/// `CREATE TYPE …` and `CREATE DOMAIN …`.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateType {
    pub name: ObjectName,
    pub definition: NewType,
    /// Everything behind the name, as written.
    pub rest: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NewType {
    Enum {
        labels: Vec<String>,
    },
    Domain {
        /// As written: `varchar(20)`.
        base: String,
        not_null: bool,
        default: Option<Expression>,
        checks: Vec<DomainCheck>,
    },
    Composite {
        /// Names and types as written.
        attributes: Vec<(Ident, String)>,
    },
    /// A range, a base type, a shell: the catalog holds none of these.
    Other,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DomainCheck {
    pub name: Option<Ident>,
    pub expression: Expression,
}

/// `ALTER TYPE …`; `op` is the fact's name (`add-value`, `rename`, `owner-to`, …).
#[derive(Debug, Clone, PartialEq)]
pub struct AlterType {
    pub name: ObjectName,
    pub op: String,
    pub action: TypeAction,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TypeAction {
    AddValue {
        label: String,
        place: Option<Place>,
        if_not_exists: bool,
    },
    RenameValue {
        from: String,
        to: String,
    },
    Rename {
        to: Ident,
    },
    SetSchema {
        to: Ident,
    },
    /// As written: a role, or `CURRENT_USER`.
    Owner {
        to: String,
    },
    AddAttribute {
        name: Ident,
        data_type: String,
    },
    DropAttribute {
        name: Ident,
    },
    RenameAttribute {
        from: Ident,
        to: Ident,
    },
    AlterAttribute {
        name: Ident,
        data_type: String,
    },
    /// Several attribute actions at once, or options of a base type.
    Other,
}

/// Where a new label goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Before(String),
    After(String),
}

/// `ALTER DOMAIN …`; a new name or schema is a [`super::Move`].
#[derive(Debug, Clone, PartialEq)]
pub struct AlterDomain {
    pub name: ObjectName,
    pub action: DomainAction,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DomainAction {
    AddCheck { check: DomainCheck, not_valid: bool },
    Validate { name: Ident },
    DropConstraint { name: Ident, if_exists: bool },
    RenameConstraint { from: Ident, to: Ident },
    SetNotNull,
    DropNotNull,
    SetDefault { default: Expression },
    DropDefault,
    Owner { to: String },
}

impl Statement {
    /// Types and domains that the statement changes or drops, as written.
    pub fn types(&self) -> Vec<&ObjectName> {
        match self {
            Self::AlterType(alter) => vec![&alter.name],
            Self::AlterDomain(alter) => vec![&alter.name],
            Self::Known { op, target, also, .. } if op.starts_with("drop-type") || op.starts_with("drop-domain") => {
                target.iter().chain(also).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The value of a string constant; none for escapes that are not read.
pub fn string_value(raw: &str) -> Option<String> {
    let plain = |text: &str| text.strip_prefix('\'')?.strip_suffix('\'').map(|t| t.replace("''", "'"));
    match raw.strip_prefix(['e', 'E']) {
        Some(escaped) => {
            let inner = plain(escaped)?;
            let mut value = String::new();
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                value.push(match c {
                    '\\' => match chars.next()? {
                        'n' => '\n',
                        't' => '\t',
                        c @ ('\\' | '\'' | '"') => c,
                        _ => return None,
                    },
                    c => c,
                });
            }
            Some(value)
        }
        None => plain(raw),
    }
}

fn label(c: &mut Cursor<'_>) -> Read<String> {
    let value = c.peek().filter(|t| t.kind == Kind::Text).and_then(|t| string_value(t.of(c.text)));
    let Some(value) = value else { return Err(c.missing("a label in single quotes")) };
    c.at += 1;
    Ok(value)
}

/// Behind `CREATE TYPE`.
pub(super) fn create_type(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.name("a name")?;
    let rest = c.clone().rest().to_owned();
    let definition = if c.eat("as enum") {
        let mut labels = Vec::new();
        if c.eat_mark("(") && !c.eat_mark(")") {
            c.at -= 1;
            for mut piece in c.parens()?.split_commas() {
                labels.push(label(&mut piece)?);
                piece.done()?;
            }
        }
        c.done()?;
        NewType::Enum { labels }
    } else if c.is("as") && c.shown(1) == "(" {
        c.at += 1;
        let mut attributes = Vec::new();
        if c.shown(1) == ")" {
            c.at += 2;
        } else {
            for mut piece in c.parens()?.split_commas() {
                attributes.push((piece.ident("an attribute")?, data_type(&mut piece)?.to_owned()));
            }
        }
        c.done()?;
        NewType::Composite { attributes }
    } else {
        NewType::Other
    };
    Ok(Statement::CreateType(CreateType { name, definition, rest }))
}

/// Behind `CREATE DOMAIN`.
pub(super) fn create_domain(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.name("a name")?;
    let rest = c.clone().rest().to_owned();
    c.eat("as");
    let base = data_type(c)?.to_owned();
    let (mut not_null, mut default, mut checks) = (false, None, Vec::new());
    while !c.ended() {
        let constraint = if c.eat("constraint") { Some(c.ident("the constraint's name")?) } else { None };
        if c.eat("not null") {
            not_null = true;
        } else if c.eat("null") {
        } else if c.eat("check") {
            checks.push(DomainCheck { name: constraint, expression: parens_expression(c)? });
        } else if c.eat("collate") {
            c.name("a collation")?;
        } else if c.eat("default") {
            let from = c.at;
            c.skip_to(&["constraint", "not null", "null", "check", "collate"]);
            if c.at == from {
                c.skip_balanced();
            }
            default = Some(read_expression(c, from, "the default's value")?);
        } else {
            return Err(c.unexpected());
        }
    }
    let definition = NewType::Domain { base, not_null, default, checks };
    Ok(Statement::CreateType(CreateType { name, definition, rest }))
}

/// Behind `ALTER TYPE name`.
pub(super) fn alter_type(c: &mut Cursor<'_>, name: ObjectName) -> Read<Statement> {
    let from = c.at;
    let op = super::known::type_op(c)?;
    let several = c.split_commas().len() > 1;
    let action = match op {
        "add-value" => {
            let if_not_exists = c.eat("if not exists");
            let new = label(c)?;
            let place = if c.eat("before") {
                Some(Place::Before(label(c)?))
            } else if c.eat("after") {
                Some(Place::After(label(c)?))
            } else {
                None
            };
            c.done()?;
            TypeAction::AddValue { label: new, place, if_not_exists }
        }
        "rename-value" => {
            let old = label(c)?;
            c.expect("to")?;
            let to = label(c)?;
            c.done()?;
            TypeAction::RenameValue { from: old, to }
        }
        "rename" => TypeAction::Rename { to: c.ident("the new name")? },
        "set-schema" => TypeAction::SetSchema { to: c.ident("a schema")? },
        "owner-to" => TypeAction::Owner { to: c.rest().to_owned() },
        _ if several || c.tokens.get(from).is_none() => TypeAction::Other,
        "add-attribute" => {
            TypeAction::AddAttribute { name: c.ident("an attribute")?, data_type: data_type(c)?.to_owned() }
        }
        "drop-attribute" => {
            c.eat("if exists");
            TypeAction::DropAttribute { name: c.ident("an attribute")? }
        }
        "rename-attribute" => {
            let old = c.ident("an attribute")?;
            c.expect("to")?;
            TypeAction::RenameAttribute { from: old, to: c.ident("the new name")? }
        }
        "alter-attribute" => {
            let name = c.ident("an attribute")?;
            if !c.eat("set data type") {
                c.expect("type")?;
            }
            TypeAction::AlterAttribute { name, data_type: data_type(c)?.to_owned() }
        }
        _ => TypeAction::Other,
    };
    Ok(Statement::AlterType(AlterType { name, op: op.to_owned(), action }))
}

/// Behind `ALTER DOMAIN [IF EXISTS]`.
pub(super) fn alter_domain(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.name("a name")?;
    let rest = |c: &mut Cursor<'_>| {
        let from = c.at;
        c.at = c.tokens.len();
        read_expression(c, from, "the default's value")
    };
    let action = if c.eat("set not null") {
        DomainAction::SetNotNull
    } else if c.eat("drop not null") {
        DomainAction::DropNotNull
    } else if c.eat("set default") {
        DomainAction::SetDefault { default: rest(c)? }
    } else if c.eat("drop default") {
        DomainAction::DropDefault
    } else if c.eat("owner to") {
        DomainAction::Owner { to: c.rest().to_owned() }
    } else if c.eat("rename constraint") {
        let from = c.ident("the constraint's name")?;
        c.expect("to")?;
        DomainAction::RenameConstraint { from, to: c.ident("the new name")? }
    } else if c.eat("validate constraint") {
        DomainAction::Validate { name: c.ident("the constraint's name")? }
    } else if c.eat("drop constraint") {
        let if_exists = c.eat("if exists");
        let name = c.ident("the constraint's name")?;
        if !c.eat("cascade") {
            c.eat("restrict");
        }
        DomainAction::DropConstraint { name, if_exists }
    } else if c.eat("add") {
        let given = if c.eat("constraint") { Some(c.ident("the constraint's name")?) } else { None };
        if c.eat("not null") {
            DomainAction::SetNotNull
        } else {
            c.expect("check")?;
            let check = DomainCheck { name: given, expression: parens_expression(c)? };
            DomainAction::AddCheck { check, not_valid: c.eat("not valid") }
        }
    } else {
        return Err(c.missing("ADD, DROP, SET, RENAME, VALIDATE or OWNER"));
    };
    c.done()?;
    Ok(Statement::AlterDomain(AlterDomain { name, action }))
}
