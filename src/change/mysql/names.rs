//! What a statement of MySQL names, what its kind is called, and its title.

use crate::model::{Catalog, Table, TableName, name::shown};
use crate::sql::ObjectName;
use crate::sql::mysql::statement::{Action, IndexKind, PartitionAction, Spec, Statement};

/// Every table the statement names.
pub fn objects(statement: &Statement) -> Vec<&ObjectName> {
    match statement {
        Statement::AlterTable(alter) => {
            let mut all = vec![&alter.table];
            for spec in &alter.specs {
                match &spec.action {
                    Action::AddForeignKey(key) => all.push(&key.table),
                    Action::AddColumn { column, .. } => all.extend(column.references.as_ref().map(|r| &r.table)),
                    Action::Partition(PartitionAction::Exchange { table, .. }) => all.push(table),
                    _ => {}
                }
            }
            all
        }
        Statement::CreateTable(create) => std::iter::once(&create.table)
            .chain(&create.like)
            .chain(create.foreign_keys.iter().map(|k| &k.table))
            .chain(create.select_from.iter().flatten())
            .collect(),
        Statement::DropTable { tables, .. } | Statement::Maintain { tables, .. } => tables.iter().collect(),
        Statement::RenameTables { pairs, .. } => pairs.iter().map(|(from, _)| from).collect(),
        Statement::Truncate { table, .. } | Statement::CreateTrigger { table, .. } => vec![table],
        Statement::Update(rows) | Statement::Delete(rows) => std::iter::once(&rows.table).chain(&rows.joined).collect(),
        Statement::Insert { table, from, .. } => std::iter::once(table).chain(from).collect(),
        Statement::CreateView { from, .. } => from.iter().collect(),
        _ => Vec::new(),
    }
}

/// Tables that the statement does not name, but whose trigger or view it is about.
pub fn behind(statement: &Statement, catalog: &Catalog) -> Vec<TableName> {
    match statement {
        Statement::DropTrigger { name, .. } => {
            let bears = |t: &&Table| t.triggers.iter().any(|g| g.name == name.name);
            catalog.tables.iter().filter(bears).map(|t| t.name.clone()).collect()
        }
        Statement::DropView { names, .. } => {
            let names: Vec<TableName> = names.iter().map(|n| n.resolve(catalog)).collect();
            let dropped = catalog.views.iter().filter(|v| names.contains(&v.name));
            dropped.flat_map(|v| v.uses.iter().map(|u| u.table.clone())).collect()
        }
        Statement::CreateView { name, .. } => {
            let name = name.resolve(catalog);
            let replaced = catalog.views.iter().filter(|v| v.name == name);
            replaced.flat_map(|v| v.uses.iter().map(|u| u.table.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// The name of PostgreSQL's kind for the same wish.
pub(super) fn kind(action: &Action) -> &'static str {
    match action {
        Action::AddColumn { .. } => "add-column",
        Action::DropColumn { .. } => "drop-column",
        Action::ModifyColumn { .. } | Action::ChangeColumn { .. } => "change-type",
        Action::RenameColumn { .. } => "rename-column",
        Action::SetDefault { .. } => "set-default",
        Action::DropDefault { .. } => "drop-default",
        Action::AddIndex(index) if index.kind == IndexKind::Unique => "add-constraint",
        Action::AddIndex(_) => "create-index",
        Action::DropIndex { .. } => "drop-index",
        Action::RenameIndex { .. } => "rename-object",
        Action::AddPrimaryKey(_) | Action::AddForeignKey(_) | Action::AddCheck(_) => "add-constraint",
        Action::DropPrimaryKey | Action::DropForeignKey { .. } | Action::DropConstraint { .. } => "drop-constraint",
        Action::SetCheckEnforced { .. } => "alter-constraint",
        Action::RenameTable { .. } => "rename-table",
        Action::Force | Action::ConvertCharset { .. } => "rewrite-table",
        Action::Partition(PartitionAction::Add { .. }) => "create-partition",
        Action::Partition(PartitionAction::Drop { .. }) => "drop-partition",
        Action::Partition(PartitionAction::Truncate { .. }) => "truncate",
        Action::Partition(_) => "partition-table",
        Action::Option { .. } | Action::SetColumnVisible { .. } | Action::SetIndexVisible { .. } => "setting",
        _ => "as-written",
    }
}

pub(super) fn kind_of(statement: &Statement) -> &'static str {
    match statement {
        Statement::RenameTables { .. } => "rename-table",
        Statement::DropTable { .. } => "drop-table",
        Statement::Truncate { .. } => "truncate",
        Statement::Update(_) => "update-rows",
        Statement::Delete(_) => "delete-rows",
        Statement::Insert { .. } => "insert-rows",
        Statement::CreateTrigger { .. } | Statement::DropTrigger { .. } => "trigger",
        Statement::CreateView { .. } => "views",
        Statement::DropView { .. } => "drop-view",
        Statement::Maintain { .. } => "maintenance",
        _ => "as-written",
    }
}

/// `Add `phone` to `shop.users``.
pub(super) fn title(table: &TableName, spec: &Spec) -> String {
    match &spec.action {
        Action::AddColumn { column, .. } => format!("Add `{}` to `{table}`", column.name),
        Action::DropColumn { column, .. } => format!("Drop `{column}` from `{table}`"),
        Action::ModifyColumn { column, .. } => format!("Change `{table}.{}` to `{}`", column.name, brief(&column.text)),
        Action::ChangeColumn { from, column, .. } if *from == column.name => {
            format!("Change `{table}.{from}` to `{}`", brief(&column.text))
        }
        Action::ChangeColumn { from, column, .. } => {
            format!("Rename `{table}.{from}` to `{}` as `{}`", column.name, brief(&column.text))
        }
        Action::RenameColumn { from, to, .. } => format!("Rename `{table}.{from}` to `{to}`"),
        Action::SetDefault { column, default, .. } => {
            format!("Default of `{table}.{column}` becomes `{}`", brief(default))
        }
        Action::DropDefault { column, .. } => format!("Drop the default of `{table}.{column}`"),
        Action::AddIndex(index) => {
            let what = match index.kind {
                IndexKind::Unique => "a unique index",
                IndexKind::Fulltext => "a full-text index",
                IndexKind::Spatial => "a spatial index",
                _ => "an index",
            };
            match &index.name {
                Some(name) => format!("Add {what} `{name}` to `{table}`"),
                None => format!("Add {what} to `{table}`"),
            }
        }
        Action::DropIndex { name, .. } => format!("Drop index `{name}` of `{table}`"),
        Action::RenameIndex { from, to, .. } => format!("Rename index `{from}` of `{table}` to `{to}`"),
        Action::AddPrimaryKey(_) => format!("Add a primary key to `{table}`"),
        Action::DropPrimaryKey => format!("Drop the primary key of `{table}`"),
        Action::AddForeignKey(key) => format!("Add a foreign key from `{table}` to `{}`", key.table),
        Action::DropForeignKey { name, .. } => format!("Drop foreign key `{name}` of `{table}`"),
        Action::AddCheck(_) => format!("Add a CHECK to `{table}`"),
        Action::DropConstraint { name, .. } => format!("Drop constraint `{name}` of `{table}`"),
        Action::RenameTable { to, .. } => format!("Rename `{table}` to `{to}`"),
        Action::ConvertCharset { charset, .. } => format!("Convert `{table}` to `{}`", brief(charset)),
        _ => format!("`{table}`: {}", brief(&spec.text).replace('`', "'")),
    }
}

pub(super) fn title_of(statement: &Statement, catalog: &Catalog, text: &str) -> String {
    let name = |o: &ObjectName| o.resolve(catalog);
    match statement {
        Statement::CreateTable(create) => format!("Create `{}`", name(&create.table)),
        Statement::DropTable { tables, .. } => {
            let each: Vec<String> = tables.iter().map(|t| format!("`{}`", name(t))).collect();
            format!("Drop {}", each.join(", "))
        }
        Statement::RenameTables { pairs, .. } => {
            let each: Vec<String> = pairs.iter().map(|(a, b)| format!("`{}` to `{}`", name(a), name(b))).collect();
            format!("Rename {}", each.join(", "))
        }
        Statement::Truncate { table, .. } => format!("Empty `{}`", name(table)),
        Statement::Update(rows) => format!("Update rows of `{}`", name(&rows.table)),
        Statement::Delete(rows) => format!("Delete rows of `{}`", name(&rows.table)),
        Statement::Insert { table, .. } => format!("Insert rows into `{}`", name(table)),
        Statement::CreateTrigger { name: trigger, table, .. } => {
            format!("Create trigger `{}` on `{}`", trigger.name, name(table))
        }
        Statement::DropTrigger { name: trigger, .. } => format!("Drop trigger `{}`", trigger.name),
        Statement::CreateView { name: view, .. } => format!("Create view `{}`", name(view)),
        Statement::DropView { names, .. } => {
            let each: Vec<String> = names.iter().map(|t| format!("`{}`", name(t))).collect();
            format!("Drop view {}", each.join(", "))
        }
        _ => format!("Run as written: `{}`", brief(text).replace('`', "'")),
    }
}

/// Short enough for a title.
pub(super) fn brief(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(60).collect();
    let more = if short.len() < line.len() { "…" } else { "" };
    format!("{}{more}", shown(&short))
}
