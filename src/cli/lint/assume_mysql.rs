//! What a statement of MySQL or MariaDB names, put into a catalog without a server.

use super::assume::{assumed_index, columns, kept};
use crate::model::catalog::{Constraint, ConstraintKind};
use crate::model::mysql::MysqlTable;
use crate::model::{Catalog, Ident, TableName};
use crate::sql::ObjectName;
use crate::sql::mysql::statement::{Action, AlterTable, ForeignKeyDef, IndexDef, PartitionAction, Statement};

pub(super) fn statement(catalog: &mut Catalog, statement: &Statement) {
    match statement {
        Statement::AlterTable(alter) => altered(catalog, alter),
        Statement::CreateTable(create) => {
            // Created here, so not assumed; what it refers to is.
            let own = create.table.resolve(catalog);
            for key in &create.foreign_keys {
                if key.table.resolve(catalog) != own {
                    referenced(catalog, key);
                }
            }
            for name in create.like.iter().chain(create.select_from.iter().flatten()) {
                table(catalog, name, &[]);
            }
        }
        Statement::DropTable { tables, .. } => tables.iter().for_each(|t| {
            table(catalog, t, &[]);
        }),
        Statement::RenameTables { pairs } => {
            // The target of one pair may be the source of another.
            let made: Vec<&ObjectName> = pairs.iter().map(|(_, to)| to).collect();
            for (from, _) in pairs.iter().filter(|(from, _)| !made.contains(&from)) {
                table(catalog, from, &[]);
            }
        }
        Statement::Truncate { table: name }
        | Statement::CreateTrigger { table: name, .. }
        | Statement::Insert { table: name, .. } => {
            table(catalog, name, &[]);
        }
        Statement::Update(rows) | Statement::Delete(rows) => {
            let set: Vec<Ident> = rows.assignments.iter().map(|(column, _)| column.clone()).collect();
            table(catalog, &rows.table, &set);
            rows.joined.iter().for_each(|t| {
                table(catalog, t, &[]);
            });
        }
        Statement::CreateView { from, .. } => from.iter().for_each(|t| {
            table(catalog, t, &[]);
        }),
        Statement::Maintain { tables, .. } => tables.iter().for_each(|t| {
            table(catalog, t, &[]);
        }),
        Statement::DropTrigger { .. } | Statement::DropView { .. } | Statement::Other { .. } => {}
    }
}

fn altered(catalog: &mut Catalog, alter: &AlterTable) {
    let name = table(catalog, &alter.table, &[]);
    for spec in &alter.specs {
        match &spec.action {
            Action::DropColumn { column, .. }
            | Action::SetDefault { column, .. }
            | Action::DropDefault { column, .. }
            | Action::SetColumnVisible { column, .. }
            | Action::RenameColumn { from: column, .. }
            | Action::ChangeColumn { from: column, .. } => columns(catalog, &name, std::slice::from_ref(column)),
            Action::ModifyColumn { column, .. } => columns(catalog, &name, std::slice::from_ref(&column.name)),
            Action::AddIndex(index) | Action::AddPrimaryKey(index) => columns(catalog, &name, &of_index(index)),
            Action::DropIndex { name: index, .. }
            | Action::SetIndexVisible { name: index, .. }
            | Action::RenameIndex { from: index, .. } => an_index(catalog, &name, index),
            Action::AddForeignKey(key) => {
                columns(catalog, &name, &key.columns);
                referenced(catalog, key);
            }
            Action::DropForeignKey { name: key, .. } => a_constraint(catalog, &name, key, ConstraintKind::ForeignKey),
            Action::DropConstraint { name: key, .. } | Action::SetCheckEnforced { name: key, .. } => {
                a_constraint(catalog, &name, key, ConstraintKind::Check);
            }
            Action::DropPrimaryKey => {
                let key = Ident::new("PRIMARY");
                an_index(catalog, &name, &key);
                a_constraint(catalog, &name, &key, ConstraintKind::PrimaryKey);
            }
            Action::Partition(
                PartitionAction::Exchange { table: other, .. } | PartitionAction::ConvertIn { table: other, .. },
            ) => {
                table(catalog, other, &[]);
            }
            _ => {}
        }
    }
}

fn of_index(index: &IndexDef) -> Vec<Ident> {
    index.parts.iter().filter_map(|p| p.column.clone()).collect()
}

fn referenced(catalog: &mut Catalog, key: &ForeignKeyDef) {
    table(catalog, &key.table, &key.referenced);
}

fn table(catalog: &mut Catalog, object: &ObjectName, used: &[Ident]) -> TableName {
    let by = MysqlTable { engine: "InnoDB".to_owned(), ..MysqlTable::default() };
    kept(catalog, object, used, Some(by))
}

fn an_index(catalog: &mut Catalog, table: &TableName, name: &Ident) {
    if let Some(table) = catalog.table_mut(table)
        && table.index(name).is_none()
    {
        let mut index = assumed_index(name);
        index.unique = false;
        index.primary = name.as_str() == "PRIMARY";
        index.mysql = Some(Box::default());
        table.indexes.push(index);
    }
}

fn a_constraint(catalog: &mut Catalog, table: &TableName, name: &Ident, kind: ConstraintKind) {
    if let Some(table) = catalog.table_mut(table)
        && !table.constraints.iter().any(|c| c.name == *name)
    {
        let mut assumed = Constraint::primary_key(&assumed_index(name));
        assumed.kind = kind;
        table.constraints.push(assumed);
    }
}

/// Tables and columns that the script itself makes are not there before it.
pub(super) fn forget_created(catalog: &mut Catalog, statement: &Statement) {
    match statement {
        Statement::CreateTable(create) => forget(catalog, &create.table),
        Statement::RenameTables { pairs } => pairs.iter().for_each(|(_, to)| forget(catalog, to)),
        Statement::AlterTable(alter) => {
            let name = alter.table.resolve(catalog);
            for spec in &alter.specs {
                match &spec.action {
                    Action::AddColumn { column, .. } => {
                        if let Some(table) = catalog.table_mut(&name) {
                            table.columns.retain(|c| c.name != column.name);
                        }
                    }
                    Action::AddIndex(IndexDef { name: Some(index), .. }) => {
                        if let Some(table) = catalog.table_mut(&name) {
                            table.indexes.retain(|i| i.name != *index);
                        }
                    }
                    Action::RenameTable { to } => forget(catalog, to),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn forget(catalog: &mut Catalog, object: &ObjectName) {
    let name = object.resolve(catalog);
    catalog.tables.retain(|t| t.name != name);
}
