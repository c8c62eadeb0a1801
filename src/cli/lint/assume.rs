//! A catalog for a script without a server: the tables and columns that the script names, of unknown size and type.

use super::assume_mysql;
use crate::model::catalog::{Index, TableKind};
use crate::model::mysql::MysqlTable;
use crate::model::{Catalog, Column, Ident, Table, TableName};
use crate::sql::{Alter, ConstraintBody, Located, ObjectName, Statement, TableConstraint};

/// `empty` with what the statements name.
pub(super) fn catalog(statements: &[&Located], empty: Catalog) -> Catalog {
    let mut catalog = empty;
    for located in statements {
        match &located.statement {
            Statement::Mysql(statement) => assume_mysql::statement(&mut catalog, statement),
            Statement::AlterTable { table, actions, .. } => {
                let name = assume(&mut catalog, table, &[]);
                for action in actions {
                    match &action.action {
                        Alter::DropColumn { column, .. }
                        | Alter::SetType { column, .. }
                        | Alter::SetNotNull { column }
                        | Alter::DropNotNull { column }
                        | Alter::SetDefault { column, .. }
                        | Alter::DropDefault { column }
                        | Alter::AddIdentity { column, .. }
                        | Alter::DropIdentity { column } => columns(&mut catalog, &name, std::slice::from_ref(column)),
                        Alter::RenameColumn { from, .. } => columns(&mut catalog, &name, std::slice::from_ref(from)),
                        Alter::Other { column: Some(column), .. } => {
                            columns(&mut catalog, &name, std::slice::from_ref(column));
                        }
                        Alter::AddColumn { column, .. } => {
                            column.constraints.iter().for_each(|c| constraint(&mut catalog, &name, c));
                        }
                        Alter::AddConstraint(added) => constraint(&mut catalog, &name, added),
                        Alter::AttachPartition { partition, .. } | Alter::DetachPartition { partition, .. } => {
                            assume(&mut catalog, partition, &[]);
                            if let Some(table) = catalog.table_mut(&name) {
                                table.kind = TableKind::Partitioned;
                            }
                        }
                        _ => {}
                    }
                }
            }
            Statement::CreateIndex(create) => {
                let used: Vec<Ident> = create
                    .keys
                    .iter()
                    .flat_map(|k| k.column.iter().chain(&k.uses))
                    .chain(&create.include)
                    .chain(create.predicate.iter().flat_map(|p| &p.columns))
                    .cloned()
                    .collect();
                assume(&mut catalog, &create.table, &used);
            }
            Statement::Update(update) => {
                let set = update.assignments.iter().map(|a| a.column.clone());
                let read = update.assignments.iter().flat_map(|a| a.value.columns.clone());
                let filter = update.filter.iter().flat_map(|f| f.columns.clone());
                assume(&mut catalog, &update.table, &set.chain(read).chain(filter).collect::<Vec<_>>());
            }
            Statement::Delete { table, filter } => {
                let used: Vec<Ident> = filter.iter().flat_map(|f| f.columns.clone()).collect();
                assume(&mut catalog, table, &used);
            }
            Statement::Insert { table, columns, from } => {
                assume(&mut catalog, table, columns);
                from.iter().for_each(|t| {
                    assume(&mut catalog, t, &[]);
                });
            }
            Statement::CreateTable { constraints, columns, partition_of, table, like, .. } => {
                like.iter().for_each(|l| {
                    assume(&mut catalog, &l.table, &[]);
                });
                // Created here, so not assumed; what it refers to is.
                let own = table.resolve(&catalog);
                for c in columns.iter().flat_map(|c| &c.constraints).chain(constraints) {
                    if let ConstraintBody::ForeignKey { table, referenced, .. } = &c.body
                        && table.resolve(&catalog) != own
                    {
                        assume(&mut catalog, table, referenced);
                    }
                }
                if let Some(parent) = partition_of {
                    let name = assume(&mut catalog, parent, &[]);
                    if let Some(table) = catalog.table_mut(&name) {
                        table.kind = TableKind::Partitioned;
                    }
                }
            }
            Statement::DropTable { tables, .. } => tables.iter().for_each(|t| {
                assume(&mut catalog, t, &[]);
            }),
            Statement::CreateTrigger { table, .. } | Statement::DropTrigger { table, .. } => {
                assume(&mut catalog, table, &[]);
            }
            _ => {}
        }
    }
    forget_created(&mut catalog, statements);
    catalog
}

fn constraint(catalog: &mut Catalog, name: &TableName, constraint: &TableConstraint) {
    match &constraint.body {
        ConstraintBody::Check { expression } => columns(catalog, name, &expression.columns),
        ConstraintBody::Unique { columns: keys, include, .. }
        | ConstraintBody::PrimaryKey { columns: keys, include } => {
            columns(catalog, name, keys);
            columns(catalog, name, include);
        }
        ConstraintBody::ForeignKey { columns: keys, table, referenced, .. } => {
            columns(catalog, name, keys);
            assume(catalog, table, referenced);
        }
        ConstraintBody::NotNull { column } => columns(catalog, name, std::slice::from_ref(column)),
        ConstraintBody::UsingIndex { index, .. } => {
            if let Some(table) = catalog.table_mut(name)
                && table.index(index).is_none()
            {
                table.indexes.push(assumed_index(index));
            }
        }
        ConstraintBody::Exclude { .. } => {}
    }
}

pub(super) fn assumed_index(name: &Ident) -> Index {
    Index {
        name: name.clone(),
        definition: String::new(),
        method: "btree".to_owned(),
        keys: Vec::new(),
        include: Vec::new(),
        uses: Vec::new(),
        has_expressions: false,
        predicate: None,
        unique: true,
        primary: false,
        valid: true,
        ready: true,
        bytes: 0,
        scans: None,
        constraint: None,
        comment: None,
        tablespace: None,
        clustered: false,
        statistics: Vec::new(),
        mysql: None,
    }
}

fn assume(catalog: &mut Catalog, object: &ObjectName, used: &[Ident]) -> TableName {
    kept(catalog, object, used, None)
}

/// The table, made with those columns if it is not there; `by`: what MySQL keeps of it.
pub(super) fn kept(catalog: &mut Catalog, object: &ObjectName, used: &[Ident], by: Option<MysqlTable>) -> TableName {
    let name = object.resolve(catalog);
    if catalog.table(&name).is_none() {
        let mut table = Table::new(name.clone(), Vec::new());
        table.mysql = by.map(Box::new);
        catalog.put_table(table);
    }
    columns(catalog, &name, used);
    name
}

pub(super) fn columns(catalog: &mut Catalog, table: &TableName, used: &[Ident]) {
    let Some(table) = catalog.table_mut(table) else { return };
    for column in used {
        if table.column(column).is_none() {
            let mut assumed = Column::new(column.as_str(), "unknown");
            assumed.mysql = table.mysql.is_some().then(Box::default);
            table.columns.push(assumed);
        }
    }
}

/// Tables and columns that the script itself makes are not there before it.
fn forget_created(catalog: &mut Catalog, statements: &[&Located]) {
    for located in statements {
        match &located.statement {
            Statement::Mysql(statement) => assume_mysql::forget_created(catalog, statement),
            Statement::CreateTable { table, .. } => {
                let name = table.resolve(catalog);
                catalog.tables.retain(|t| t.name != name);
            }
            Statement::AlterTable { table, actions, .. } => {
                let name = table.resolve(catalog);
                let added = |column: &Ident| {
                    actions.iter().any(|a| matches!(&a.action, Alter::AddColumn { column: c, .. } if c.name == *column))
                };
                if let Some(table) = catalog.table_mut(&name) {
                    table.columns.retain(|c| !added(&c.name));
                }
                for action in actions {
                    if let Alter::RenameTable { to } = &action.action {
                        let renamed = name.sibling(&to.0);
                        catalog.tables.retain(|t| t.name != renamed);
                    }
                }
            }
            _ => {}
        }
    }
}
