//! Which part of the database a script can meet: the tables it names, and those that what it names belongs to.

use crate::engine::user_types;
use crate::model::{Catalog, TableName};
use crate::sql::mysql::statement::Statement as Mysql;
use crate::sql::{Alter, ObjectName, Reader, Script, SequenceOption, Statement, rows};
use std::collections::BTreeSet;

/// Every table the script names.
pub(super) fn named_tables(script: &Script, catalog: &Catalog) -> BTreeSet<TableName> {
    let mut names = BTreeSet::new();
    for located in &script.statements {
        names.extend(located.statement.objects().into_iter().map(|o| o.resolve(catalog)));
        if let Statement::Mysql(statement) = &located.statement {
            let objects = super::mysql::objects(statement).into_iter().map(|o| o.resolve(catalog));
            for name in objects.chain(super::mysql::behind(statement, catalog)) {
                names.extend(catalog.referenced_by(&name).map(|(child, _)| child.name.clone()));
                names.insert(name);
            }
            if let Mysql::DropTrigger { name, .. } = &**statement {
                let owner = catalog.tables.iter().find(|t| t.triggers.iter().any(|g| g.name == name.name));
                names.extend(owner.map(|t| t.name.clone()));
            }
        }
        if let Statement::DropIndex { names: indexes, .. } = &located.statement {
            names.extend(
                indexes
                    .iter()
                    .filter_map(|i| catalog.index_owner(i.schema.as_ref(), &i.name))
                    .map(|(t, _)| t.name.clone()),
            );
        }
        for changed in located.statement.types() {
            let full = user_types::resolve(catalog, changed);
            names.extend(user_types::users(catalog, &full).into_iter().map(|(t, _)| t.name.clone()));
        }
        if let Statement::CreateSequence { name, options } | Statement::AlterSequence { name, options } =
            &located.statement
        {
            let sequence = catalog.sequences.iter().find(|s| s.name == name.resolve(catalog));
            names.extend(sequence.and_then(|s| s.owned_by.as_ref()).map(|o| o.table.clone()));
            names.extend(options.iter().filter_map(|o| match o {
                SequenceOption::OwnedBy(Some((table, _))) => Some(table.resolve(catalog)),
                _ => None,
            }));
        }
        if let Statement::Known { op, text, .. } = &located.statement
            && matches!(op.as_str(), "alter-publication" | "drop-publication")
        {
            // The way back names what is published today.
            let mut words = Reader::new(text);
            (0..2).for_each(|_| words.skip());
            words.eat("if exists");
            while let Some(name) = words.ident() {
                let known = catalog.publications.iter().filter(|p| p.name == name);
                names.extend(known.flat_map(|p| p.tables.iter().map(|t| t.table.clone())));
                words.eat_mark(",");
            }
        }
        if let Statement::AlterTable { table, actions, .. } = &located.statement
            && actions.iter().any(|a| matches!(a.action, Alter::SetType { .. } | Alter::DropConstraint { .. }))
        {
            referencing_at_any_depth(catalog, &table.resolve(catalog), &mut names);
        }
        // What is below a view belongs to it.
        let views: Vec<&ObjectName> = match &located.statement {
            Statement::DropView { names, .. } => names.iter().collect(),
            Statement::Move(moved) => vec![&moved.name],
            Statement::AlterTable { table, .. } => vec![table],
            _ => Vec::new(),
        };
        for view in views.into_iter().map(|v| v.resolve(catalog)) {
            let found = catalog.views.iter().filter(|v| v.name == view);
            names.extend(found.flat_map(|v| v.uses.iter().map(|u| u.table.clone())));
        }
        if let Statement::Update(update) = &located.statement {
            let other = update.from.as_deref().and_then(rows::one_table);
            names.extend(other.map(|(name, _)| name.resolve(catalog)));
        }
        let index = match &located.statement {
            Statement::AlterIndex { name, .. } => Some(name),
            Statement::Known { op, target, .. } if op.starts_with("reindex-index") => target.as_ref(),
            _ => None,
        };
        if let Some(name) = index {
            names.extend(catalog.index_owner(name.schema.as_ref(), &name.name).map(|(t, _)| t.name.clone()));
        }
    }
    names
}

/// Tables that hold values of the table's keys: what changes a key changes them.
fn referencing_at_any_depth(catalog: &Catalog, table: &TableName, names: &mut BTreeSet<TableName>) {
    let mut open = vec![table.clone()];
    while let Some(next) = open.pop() {
        for (child, _) in catalog.referenced_by(&next) {
            if names.insert(child.name.clone()) {
                open.push(child.name.clone());
            }
        }
    }
}
