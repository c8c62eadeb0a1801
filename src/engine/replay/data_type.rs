//! Types and domains after CREATE, ALTER and DROP, and the columns that spell their names.

use crate::engine::user_types::{self, spelled};
use crate::model::objects::{Attribute, DataType, DataTypeKind};
use crate::model::{Catalog, Ident, TableName};
use crate::sql::ObjectName;
use crate::sql::data_type::{AlterDomain, AlterType, CreateType, DomainAction, NewType, Place, TypeAction};

pub(super) fn create(catalog: &mut Catalog, create: &CreateType) {
    let name = user_types::resolve(catalog, &create.name);
    if catalog.types.iter().any(|t| t.name == name) {
        return;
    }
    let kind = match &create.definition {
        NewType::Enum { labels } => DataTypeKind::Enum { labels: labels.clone() },
        NewType::Domain { base, not_null, default, checks } => {
            let base = user_types::canonical(catalog, base);
            let mut constraints: Vec<Ident> = Vec::new();
            let mut texts: Vec<String> = Vec::new();
            for check in checks {
                let given = check.name.clone();
                let made = given.unwrap_or_else(|| free_name(&name.name, &constraints));
                let at = constraints.partition_point(|c| *c < made);
                constraints.insert(at, made);
                texts.insert(at, format!("CHECK (({}))", check.expression.sql.trim()));
            }
            DataTypeKind::Domain {
                base,
                not_null: *not_null,
                default: default.as_ref().map(|d| d.sql.clone()),
                checks: texts,
                constraints,
            }
        }
        NewType::Composite { attributes } => DataTypeKind::Composite {
            attributes: attributes
                .iter()
                .map(|(name, data_type)| Attribute {
                    name: name.clone(),
                    data_type: user_types::canonical(catalog, data_type),
                })
                .collect(),
        },
        NewType::Other => return,
    };
    let at = catalog.types.partition_point(|t| t.name < name);
    catalog.types.insert(at, DataType { name, kind, owner: None, comment: None });
}

/// `price_check`, `price_check1`, … as the server names a domain's constraint.
pub fn free_name(domain: &Ident, taken: &[Ident]) -> Ident {
    let mut name = Ident(format!("{domain}_check"));
    let mut pass = 0;
    while taken.contains(&name) {
        pass += 1;
        name = Ident(format!("{domain}_check{pass}"));
    }
    name
}

pub(super) fn drop(catalog: &mut Catalog, name: &ObjectName) {
    let name = user_types::resolve(catalog, name);
    catalog.types.retain(|t| t.name != name);
}

pub(super) fn alter_type(catalog: &mut Catalog, alter: &AlterType) {
    let name = user_types::resolve(catalog, &alter.name);
    match &alter.action {
        TypeAction::Rename { to } => rename(catalog, &name, &name.sibling(&to.0)),
        TypeAction::SetSchema { to } => {
            rename(catalog, &name, &TableName { schema: to.clone(), name: name.name.clone() })
        }
        action => {
            let attribute = |catalog: &Catalog, data_type: &str| user_types::canonical(catalog, data_type);
            let spelled = match action {
                TypeAction::AddAttribute { data_type, .. } | TypeAction::AlterAttribute { data_type, .. } => {
                    attribute(catalog, data_type)
                }
                _ => String::new(),
            };
            if let Some(found) = catalog.types.iter_mut().find(|t| t.name == name) {
                change(found, action, spelled);
            }
        }
    }
}

fn change(found: &mut DataType, action: &TypeAction, spelled: String) {
    if let TypeAction::Owner { to } = action {
        found.owner = Some(Ident(to.trim_matches('"').to_owned()));
    }
    match (&mut found.kind, action) {
        (DataTypeKind::Enum { labels }, TypeAction::AddValue { label, place, .. }) => {
            let position = |l: &String| labels.iter().position(|other| other == l);
            let at = match place {
                Some(Place::Before(other)) => position(other),
                Some(Place::After(other)) => position(other).map(|p| p + 1),
                None => None,
            };
            if !labels.contains(label) {
                let at = at.unwrap_or(labels.len());
                labels.insert(at, label.clone());
            }
        }
        (DataTypeKind::Enum { labels }, TypeAction::RenameValue { from, to }) => {
            labels.iter_mut().filter(|l| *l == from).for_each(|l| to.clone_into(l));
        }
        (DataTypeKind::Composite { attributes }, TypeAction::AddAttribute { name, .. }) => {
            attributes.push(Attribute { name: name.clone(), data_type: spelled });
        }
        (DataTypeKind::Composite { attributes }, TypeAction::DropAttribute { name }) => {
            attributes.retain(|a| a.name != *name);
        }
        (DataTypeKind::Composite { attributes }, TypeAction::RenameAttribute { from, to }) => {
            attributes.iter_mut().filter(|a| a.name == *from).for_each(|a| to.clone_into(&mut a.name));
        }
        (DataTypeKind::Composite { attributes }, TypeAction::AlterAttribute { name, .. }) => {
            attributes.iter_mut().filter(|a| a.name == *name).for_each(|a| spelled.clone_into(&mut a.data_type));
        }
        _ => {}
    }
}

/// Columns, domains and row types follow their type by its identity.
pub(super) fn rename(catalog: &mut Catalog, from: &TableName, to: &TableName) {
    let old = |text: &str, catalog: &Catalog| user_types::find(catalog, text).is_some_and(|t| t.name == *from);
    let columns: Vec<(usize, usize)> = catalog
        .tables
        .iter()
        .enumerate()
        .flat_map(|(t, table)| table.columns.iter().enumerate().map(move |(c, column)| (t, c, column)))
        .filter(|(_, _, column)| old(&column.data_type, catalog))
        .map(|(t, c, _)| (t, c))
        .collect();
    let types: Vec<usize> = catalog
        .types
        .iter()
        .enumerate()
        .filter(|(_, t)| match &t.kind {
            DataTypeKind::Domain { base, .. } => old(base, catalog),
            _ => false,
        })
        .map(|(at, _)| at)
        .collect();
    let again = |text: &mut String| *text = spelled(to, text.ends_with("[]"));
    for (t, c) in columns {
        if let Some(column) = catalog.tables.get_mut(t).and_then(|t| t.columns.get_mut(c)) {
            again(&mut column.data_type);
        }
    }
    for at in types {
        if let Some(DataTypeKind::Domain { base, .. }) = catalog.types.get_mut(at).map(|t| &mut t.kind) {
            again(base);
        }
    }
    for found in catalog.types.iter_mut().filter(|t| t.name == *from) {
        to.clone_into(&mut found.name);
    }
    catalog.types.sort_by(|a, b| a.name.cmp(&b.name));
}

pub(super) fn alter_domain(catalog: &mut Catalog, alter: &AlterDomain) {
    let name = user_types::resolve(catalog, &alter.name);
    let Some(found) = catalog.types.iter_mut().find(|t| t.name == name) else { return };
    if let DomainAction::Owner { to } = &alter.action {
        found.owner = Some(Ident(to.trim_matches('"').to_owned()));
    }
    let DataTypeKind::Domain { not_null, default, checks, constraints, .. } = &mut found.kind else { return };
    let at = |constraints: &[Ident], wanted: &Ident| constraints.iter().position(|c| c == wanted);
    match &alter.action {
        DomainAction::AddCheck { check, not_valid } => {
            let made = check.name.clone().unwrap_or_else(|| free_name(&name.name, constraints));
            let at = constraints.partition_point(|c| *c < made);
            let late = if *not_valid { " NOT VALID" } else { "" };
            constraints.insert(at.min(constraints.len()), made);
            checks.insert(at.min(checks.len()), format!("CHECK (({})){late}", check.expression.sql.trim()));
        }
        DomainAction::Validate { name } => {
            if let Some(text) = at(constraints, name).and_then(|i| checks.get_mut(i)) {
                *text = text.trim_end_matches(" NOT VALID").to_owned();
            }
        }
        DomainAction::DropConstraint { name, .. } => {
            if let Some(i) = at(constraints, name) {
                constraints.remove(i);
                if i < checks.len() {
                    checks.remove(i);
                }
            }
        }
        DomainAction::RenameConstraint { from, to } => {
            if let Some(slot) = at(constraints, from).and_then(|i| constraints.get_mut(i)) {
                to.clone_into(slot);
            }
        }
        DomainAction::SetNotNull => *not_null = true,
        DomainAction::DropNotNull => *not_null = false,
        DomainAction::SetDefault { default: new } => *default = Some(new.sql.clone()),
        DomainAction::DropDefault => *default = None,
        DomainAction::Owner { .. } => {}
    }
}
