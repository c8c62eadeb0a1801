//! The catalog after a statement: what a plan's later steps may rely on. Names and structure are exact, texts that the server
//! would print (`definition`) as close as can be had without the server.

mod belongs;
mod column;
mod constraint;
mod data_type;
mod index;
mod like;
mod named;
mod object;
mod rename;
mod sequence;
mod setting;
mod stored;
mod table;
#[cfg(test)]
mod tests;
mod view;

use super::judge::judge;
use super::relations;
use super::verdict::Session;
use crate::model::{Catalog, Ident, Table, TableName};
use crate::sql::{Alter, AlterAction, ConstraintBody, Destination, ObjectName, Statement};

/// Changes `catalog` as the statement would.
///
/// # Errors
/// Why the server would refuse the statement; the catalog is unchanged then.
pub fn replay(catalog: &mut Catalog, statement: &Statement) -> Result<(), String> {
    if let Statement::Mysql(statement) = statement {
        return super::mysql::replay(catalog, statement);
    }
    if let Some(refusal) = judge(statement, catalog, &Session::default()).fails {
        return Err(refusal);
    }
    match statement {
        Statement::AlterTable { table, only, actions, .. } => alter_table(catalog, table, *only, actions),
        Statement::CreateIndex(create) => index::create(catalog, create),
        Statement::DropIndex { names, .. } => names.iter().for_each(|n| index::drop(catalog, n)),
        Statement::AlterIndex { name, action, .. } => index::alter(catalog, name, action),
        Statement::CreateTable { table, columns, constraints, partition_of, bounds, partition_by, like, .. } => {
            let new = table::New {
                name: table,
                columns,
                constraints,
                partition_of: partition_of.as_ref().map(|p| (p, bounds.as_str())),
                partition_by: partition_by.as_ref(),
                like,
            };
            table::create(catalog, &new);
        }
        Statement::DropTable { tables, .. } => tables.iter().for_each(|t| table::drop(catalog, t)),
        Statement::CreateTrigger { name, table, function, definition, .. } => {
            object::create_trigger(catalog, name, table, (function, definition));
        }
        Statement::DropTrigger { name, table, .. } => object::drop_trigger(catalog, name, table),
        Statement::CreateFunction { name, .. } => object::create_function(catalog, name),
        Statement::DropFunction { name, .. } => object::drop_function(catalog, name),
        Statement::CreateView(create) => view::create(catalog, create),
        Statement::DropView { names, .. } => names.iter().for_each(|n| view::drop(catalog, n)),
        Statement::Move(moved) => rename::moved(catalog, moved),
        Statement::CreateSequence { name, options } => sequence::create(catalog, name, options),
        Statement::AlterSequence { name, options } => sequence::alter(catalog, name, options),
        Statement::CreateType(create) => data_type::create(catalog, create),
        Statement::AlterType(alter) => data_type::alter_type(catalog, alter),
        Statement::AlterDomain(alter) => data_type::alter_domain(catalog, alter),
        Statement::Known { op, rest, .. } if op == "grant" || op == "revoke" => setting::grant(catalog, op, rest),
        Statement::Known { op, target, also, text, .. } => {
            for target in target.iter().chain(also) {
                object::known(catalog, op, target);
            }
            named::known(catalog, op, target.as_ref(), text);
            stored::known(catalog, op, target.as_ref(), text);
            if op.ends_with("-statistics") {
                belongs::statistics(catalog, op, target.as_ref(), text);
            }
        }
        Statement::Comment { text, .. } => belongs::comment(catalog, text),
        Statement::Set { name, value, .. } if name == "search_path" => {
            if let Some(path) = search_path(value) {
                catalog.search_path = path;
            }
        }
        Statement::Set { .. }
        | Statement::Update(_)
        | Statement::Delete { .. }
        | Statement::Insert { .. }
        | Statement::Select
        | Statement::Transaction { .. }
        | Statement::Mysql(_)
        | Statement::Opaque { .. } => {}
    }
    Ok(())
}

/// The schemas that `SET search_path` names; none for a value that only the server knows.
pub fn search_path(value: &str) -> Option<Vec<Ident>> {
    if value.eq_ignore_ascii_case("default") {
        return None;
    }
    Some(value.split(", ").map(str::trim).filter(|s| !s.is_empty() && *s != "$user").map(Ident::from).collect())
}

fn alter_table(catalog: &mut Catalog, name: &ObjectName, only: bool, actions: &[AlterAction]) {
    let Some(table) = name.table(catalog).map(|t| t.name.clone()) else {
        return alter_other(catalog, name, actions);
    };
    let mut ordered: Vec<&AlterAction> = actions.iter().collect();
    ordered.sort_by_key(|a| pass(&a.action));
    for AlterAction { action, text, .. } in ordered {
        if let Alter::Other { op, column, .. } = action {
            named::action(catalog, &table, op, text);
            with_table(catalog, &table, |t| match column {
                Some(column) => belongs::column_action(t, op, column, text),
                None => belongs::cluster_on(t, text),
            });
        }
        let family = if only { vec![table.clone()] } else { family(catalog, &table) };
        alter(catalog, &table, &family, action);
    }
}

/// The order in which the server works through the actions of one statement, whatever the order they are written in.
fn pass(action: &Alter) -> u8 {
    match action {
        Alter::DropColumn { .. }
        | Alter::DropConstraint { .. }
        | Alter::DropNotNull { .. }
        | Alter::DropDefault { .. }
        | Alter::DropIdentity { .. } => 0,
        Alter::SetType { .. } => 1,
        Alter::AddColumn { .. } => 2,
        Alter::SetNotNull { .. } => 3,
        Alter::AddConstraint(_) => 4,
        _ => 5,
    }
}

fn alter(catalog: &mut Catalog, table: &TableName, family: &[TableName], action: &Alter) {
    match action {
        Alter::AddColumn { column, .. } => column::add(catalog, table, family, column),
        Alter::DropColumn { column, .. } => family.iter().for_each(|t| column::drop(catalog, t, column)),
        Alter::RenameColumn { from, to } => family.iter().for_each(|t| rename::column(catalog, t, from, to)),
        Alter::SetType { column, data_type, collation, .. } => {
            family.iter().for_each(|t| column::set_type(catalog, t, column, data_type, collation.as_deref()));
        }
        Alter::SetNotNull { column } => column::set_not_null(catalog, family, column),
        Alter::DropNotNull { column } => family.iter().for_each(|t| column::drop_not_null(catalog, t, column)),
        Alter::SetDefault { column, default } => {
            let default = column::default_of(catalog, default);
            family.iter().for_each(|t| column::change(catalog, t, column, |c| c.default.clone_from(&default)));
        }
        Alter::DropDefault { column } => {
            family.iter().for_each(|t| column::change(catalog, t, column, |c| c.default = None));
        }
        Alter::AddIdentity { column, identity, options } => {
            column::add_identity(catalog, table, column, *identity);
            sequence::of_identity(catalog, table, column, options);
        }
        Alter::DropIdentity { column } => column::drop_identity(catalog, table, column),
        Alter::AddConstraint(constraint) => {
            // Plain inheritance hands down a CHECK and a NOT NULL, no key and no foreign key.
            let keeps = matches!(constraint.body, ConstraintBody::Check { .. } | ConstraintBody::NotNull { .. });
            let partitioned = catalog.table(table).is_some_and(|t| t.partition_key.is_some());
            let family = if keeps || partitioned { family } else { std::slice::from_ref(table) };
            constraint::add(catalog, table, family, constraint, &[]);
            let alone = partitioned && family.len() == 1 && catalog.partitions_of(table).next().is_some();
            if let (true, Some(name)) = (alone, &constraint.name) {
                // ONLY: the parent's index waits for those of the partitions.
                index::wait(catalog, table, name);
            }
        }
        Alter::ValidateConstraint { name } => shares(catalog, table, family, name, constraint::validate),
        Alter::DropConstraint { name, .. } => shares(catalog, table, family, name, constraint::drop),
        Alter::RenameConstraint { from, to } => family.iter().for_each(|t| rename::constraint(catalog, t, from, to)),
        Alter::RenameTable { to } => rename::table(catalog, table, &table.sibling(&to.0)),
        Alter::SetSchema { schema } => {
            let to = TableName { schema: schema.clone(), name: table.name.clone() };
            rename::table(catalog, table, &to);
        }
        Alter::AttachPartition { partition, bounds } => table::attach(catalog, table, partition, bounds),
        Alter::DetachPartition { partition, concurrently } => table::detach(catalog, table, partition, *concurrently),
        Alter::Other { op, .. } if op == "detach-partition-finalize" => table::finalize(catalog, table),
        Alter::Other { op, column, rest } => {
            setting::alter(catalog, table, op, column.as_ref(), rest);
            object::other_action(catalog, table, op, column.as_ref());
        }
        Alter::Opaque { .. } => {}
    }
}

/// Does to a constraint and to the partitions' shares in it.
fn shares(
    catalog: &mut Catalog,
    table: &TableName,
    family: &[TableName],
    name: &Ident,
    change: impl Fn(&mut Catalog, &TableName, &Ident),
) {
    let Some(parent) = catalog.table(table).and_then(|t| t.constraint(name)).cloned() else { return };
    for table in family {
        if let Some(share) = constraint::share(catalog, &parent, table) {
            change(catalog, table, &share);
        }
    }
}

/// ALTER TABLE on an index, a view or a sequence: only a new name changes what the catalog holds.
fn alter_other(catalog: &mut Catalog, name: &ObjectName, actions: &[AlterAction]) {
    for action in actions {
        match &action.action {
            Alter::RenameTable { to } => rename::relation(catalog, name, &Destination::Name(to.clone())),
            Alter::SetSchema { schema } => rename::relation(catalog, name, &Destination::Schema(schema.clone())),
            _ => {}
        }
    }
}

/// Names of the table and all under it.
fn family(catalog: &Catalog, table: &TableName) -> Vec<TableName> {
    let mut all = vec![table.clone()];
    all.extend(relations::names(relations::descendants(catalog, table)));
    all
}

/// Runs `f` on the table if it is there.
fn with_table(catalog: &mut Catalog, name: &TableName, f: impl FnOnce(&mut Table)) {
    if let Some(table) = catalog.table_mut(name) {
        f(table);
    }
}
