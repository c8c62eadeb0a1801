//! ALTER TABLE: all specifications name the columns as they were before, and are carried out in the server's order.

use super::fault::{self, Done};
use super::names::{self, has, same};
use super::{column, constraint, index, options, partition, table};
use crate::model::catalog::GeneratedKind;
use crate::model::{Catalog, Column, Engine, Ident, Table, Version};
use crate::sql::mysql::DataType;
use crate::sql::mysql::statement::{
    Action, Algorithm, AlterTable, ColumnDef, ForeignKeyDef, IndexDef, IndexKind, KeyPart, Position,
};

pub(super) fn alter(catalog: &mut Catalog, alter: &AlterTable) -> Done {
    let mut table = match names::table(catalog, &alter.table) {
        Ok(table) => table,
        Err(_) if alter.if_exists => return Ok(()),
        Err(fault) => return Err(fault),
    };
    let actions: Vec<&Action> = alter.specs.iter().map(|s| &s.action).collect();
    let before = table.clone();
    for action in &actions {
        drops(catalog, &mut table, action)?;
    }
    for action in &actions {
        changes(catalog, &mut table, action)?;
    }
    if table.columns.is_empty() && !before.columns.is_empty() {
        return Err(fault::no_columns_left());
    }
    for action in &actions {
        adds(catalog, &mut table, action)?;
    }
    let mut to = None;
    for action in &actions {
        if let Action::RenameTable { to: name } = action {
            to = Some(name);
        } else {
            rest(catalog, &mut table, action)?;
        }
    }
    auto_column(&table)?;
    written(catalog, &mut table, &before, alter);
    sort(&mut table);
    catalog.put_table(table);
    match to {
        Some(to) => table::rename(catalog, &alter.table, to),
        None => Ok(()),
    }
}

/// Every list of the catalog is sorted by name.
pub(super) fn sort(table: &mut Table) {
    table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    table.constraints.sort_by(|a, b| a.name.cmp(&b.name));
}

fn drops(catalog: &Catalog, table: &mut Table, action: &Action) -> Done {
    let done = match action {
        Action::DropForeignKey { name, .. } => constraint::drop_foreign_key(table, name),
        Action::DropConstraint { name, .. } => constraint::drop(catalog, table, name),
        Action::DropIndex { name, .. } => index::drop(table, name, &constraint::wanted(catalog, table)),
        Action::DropPrimaryKey => index::drop(table, &"PRIMARY".into(), &constraint::wanted(catalog, table)),
        Action::DropColumn { column, .. } => column::drop(catalog, table, column),
        _ => Ok(()),
    };
    let guarded = matches!(
        action,
        Action::DropForeignKey { if_exists: true, .. }
            | Action::DropConstraint { if_exists: true, .. }
            | Action::DropIndex { if_exists: true, .. }
            | Action::DropColumn { if_exists: true, .. }
    );
    // What is not there is no fault of a guarded DROP; what is needed is.
    done.or_else(|fault| if guarded && fault.contains("(error 1091)") { Ok(()) } else { Err(fault) })
}

fn changes(catalog: &mut Catalog, table: &mut Table, action: &Action) -> Done {
    let found = |table: &Table, name: &Ident, if_exists: bool| {
        let there = names::column(table, name).is_some();
        if there || if_exists { Ok(there) } else { Err(fault::unknown_column(name, &table.name)) }
    };
    match action {
        Action::ModifyColumn { column, position, if_exists } => {
            if found(table, &column.name, *if_exists)? {
                redefine(catalog, table, &column.name, column, position.as_ref())?;
            }
        }
        Action::ChangeColumn { from, column, position, if_exists } => {
            if found(table, from, *if_exists)? {
                renames(catalog, table, from, &column.name)?;
                redefine(catalog, table, &column.name, column, position.as_ref())?;
            }
        }
        Action::RenameColumn { from, to, if_exists } => {
            if found(table, from, *if_exists)? {
                renames(catalog, table, from, to)?;
            }
        }
        Action::SetDefault { column, default, if_exists } => {
            if found(table, column, *if_exists)? {
                let server = catalog.server.clone();
                table.columns.iter_mut().filter(|c| same(&c.name, column)).for_each(|c| {
                    options::default(c, Some(default), &server);
                });
            }
        }
        Action::DropDefault { column, if_exists } => {
            if found(table, column, *if_exists)? {
                table.columns.iter_mut().filter(|c| same(&c.name, column)).for_each(|c| c.default = None);
            }
        }
        Action::SetColumnVisible { column, visible } => {
            found(table, column, false)?;
            for kept in table.columns.iter_mut().filter(|c| same(&c.name, column)).filter_map(|c| c.mysql.as_mut()) {
                kept.invisible = !visible;
            }
        }
        _ => {}
    }
    Ok(())
}

fn renames(catalog: &mut Catalog, table: &mut Table, from: &Ident, to: &Ident) -> Done {
    if !same(from, to) && names::column(table, to).is_some() {
        return Err(fault::duplicate_column(to));
    }
    let from = names::column(table, from).map_or_else(|| from.clone(), |c| c.name.clone());
    column::rename(catalog, table, &from, to)
}

/// All that MODIFY does not say is gone, but for keys.
fn redefine(catalog: &Catalog, table: &mut Table, name: &Ident, def: &ColumnDef, position: Option<&Position>) -> Done {
    let Some(at) = table.columns.iter().position(|c| same(&c.name, name)) else {
        return Err(fault::unknown_column(name, &table.name));
    };
    let collation = options::collation(catalog, table);
    let mut new = column::settled(def, &catalog.server, &collation, false)?;
    let Some(old) = table.columns.get(at).cloned() else { return Ok(()) };
    new.name.clone_from(&old.name);
    let kind = |c: &Column| DataType::parse(&c.data_type).unwrap_or_default();
    let (was, is) = (kind(&old), kind(&new));
    let longer = was.name == is.name && is.length() >= was.length() && was.length().is_some();
    if !was.is_same(&is) && !longer {
        constraint::holds_type(catalog, table, &old.name)?;
    }
    new.not_null |= table.indexes.iter().any(|i| i.primary && i.keys.iter().flatten().any(|k| same(k, name)));
    inline(catalog, table, &old, def)?;
    match position {
        None => {
            if let Some(slot) = table.columns.get_mut(at) {
                *slot = new;
            }
            Ok(())
        }
        Some(_) => {
            table.columns.remove(at);
            column::place(table, new, position)
        }
    }
}

/// Keys that a column's own definition asks for.
fn inline(catalog: &Catalog, table: &mut Table, column: &Column, def: &ColumnDef) -> Done {
    let part = KeyPart { column: Some(column.name.clone()), prefix: None, expression: None, descending: false };
    let key = |kind| IndexDef {
        kind,
        name: None,
        if_not_exists: false,
        parts: vec![part.clone()],
        invisible: false,
        options: String::new(),
    };
    if def.primary {
        index::add(table, &key(IndexKind::Primary), &catalog.server)?;
    }
    if def.unique {
        index::add(table, &key(IndexKind::Unique), &catalog.server)?;
    }
    Ok(())
}

fn adds(catalog: &Catalog, table: &mut Table, action: &Action) -> Done {
    match action {
        Action::AddColumn { column, position, if_not_exists } => {
            add_column(catalog, table, column, position.as_ref(), *if_not_exists)
        }
        _ => Ok(()),
    }
}

pub(super) fn add_column(
    catalog: &Catalog,
    table: &mut Table,
    def: &ColumnDef,
    position: Option<&Position>,
    if_not_exists: bool,
) -> Done {
    if names::column(table, &def.name).is_some() {
        return if if_not_exists { Ok(()) } else { Err(fault::duplicate_column(&def.name)) };
    }
    if let Some((sql, _)) = &def.generated {
        let read = crate::sql::mysql::expression(sql);
        if let Some(unknown) = read.columns.iter().find(|c| names::column(table, c).is_none() && !same(c, &def.name)) {
            // CREATE TABLE may name a column that comes later.
            if position.is_some() || !table.indexes.is_empty() {
                return Err(fault::unknown_column(unknown, "generated column function"));
            }
        }
    }
    let collation = options::collation(catalog, table);
    let first = !table.columns.iter().any(|c| c.data_type.starts_with("timestamp"));
    let column = column::settled(def, &catalog.server, &collation, first)?;
    column::place(table, column, position)
}

/// Keys, constraints, options: what stands on the columns as they are now.
fn rest(catalog: &mut Catalog, table: &mut Table, action: &Action) -> Done {
    let server = catalog.server.clone();
    match action {
        Action::AddColumn { column, .. } => {
            let Some(added) = names::column(table, &column.name).cloned() else { return Ok(()) };
            inline(catalog, table, &added, column)?;
            inline_constraints(catalog, table, column)
        }
        Action::ModifyColumn { column, .. } | Action::ChangeColumn { column, .. } => {
            inline_constraints(catalog, table, column)
        }
        Action::AddIndex(def) | Action::AddPrimaryKey(def) => index::add(table, def, &server),
        Action::AddForeignKey(def) => constraint::add_foreign_key(catalog, table, def),
        Action::AddCheck(def) => constraint::add_check(table, def, &server),
        Action::SetCheckEnforced { name, enforced } => constraint::enforce(table, name, *enforced),
        Action::RenameIndex { from, to, if_exists } => rename_index(table, from, to, *if_exists),
        Action::SetIndexVisible { name, visible, if_exists } => {
            let full = table.name.clone();
            match table.indexes.iter_mut().find(|i| same(&i.name, name)) {
                Some(found) => index::show(found, *visible, &server),
                None if *if_exists => {}
                None => return Err(fault::no_key(name, full)),
            }
            Ok(())
        }
        Action::ConvertCharset { charset, collation } => {
            options::convert(table, charset, collation.as_deref(), &server)
        }
        Action::Option { name, value } => options::set(table, name, value, &server),
        Action::Partition(action) => partition::change(catalog, table, action),
        Action::SystemVersioning { add } => {
            let kept = table.mysql.get_or_insert_default();
            kept.options.retain(|o| o != "WITH SYSTEM VERSIONING");
            if *add {
                kept.options.push("WITH SYSTEM VERSIONING".into());
            }
            Ok(())
        }
        Action::OrderBy { .. }
        | Action::EnableKeys { .. }
        | Action::Tablespace { .. }
        | Action::Period { .. }
        | Action::Force
        | Action::RenameTable { .. }
        | Action::Unknown { .. }
        | Action::DropColumn { .. }
        | Action::DropIndex { .. }
        | Action::DropPrimaryKey
        | Action::DropForeignKey { .. }
        | Action::DropConstraint { .. }
        | Action::RenameColumn { .. }
        | Action::SetDefault { .. }
        | Action::DropDefault { .. }
        | Action::SetColumnVisible { .. } => Ok(()),
    }
}

/// CHECK and REFERENCES of a column's own definition.
pub(super) fn inline_constraints(catalog: &Catalog, table: &mut Table, def: &ColumnDef) -> Done {
    if let Some(check) = &def.check {
        if catalog.server.engine == Engine::Mariadb && check.name.is_none() {
            let kept = table.columns.iter_mut().find(|c| same(&c.name, &def.name)).and_then(|c| c.mysql.as_mut());
            if let Some(kept) = kept {
                kept.check = Some(check.expression.clone());
            }
        } else {
            constraint::add_check(table, check, &catalog.server)?;
        }
    }
    match &def.references {
        Some(references) if constraint::inline_references(&catalog.server) => {
            let def = ForeignKeyDef { columns: vec![def.name.clone()], ..references.clone() };
            constraint::add_foreign_key(catalog, table, &def)
        }
        _ => Ok(()),
    }
}

fn rename_index(table: &mut Table, from: &Ident, to: &Ident, if_exists: bool) -> Done {
    names::fits(to)?;
    if !same(from, to) && table.indexes.iter().any(|i| same(&i.name, to)) {
        return Err(fault::duplicate_key(to));
    }
    let full = table.name.clone();
    let Some(index) = table.indexes.iter_mut().find(|i| same(&i.name, from)) else {
        return if if_exists { Ok(()) } else { Err(fault::no_key(from, full)) };
    };
    let (old, new) = (names::quoted(&index.name), names::quoted(to));
    index.definition = index.definition.replacen(&format!("KEY {old}"), &format!("KEY {new}"), 1);
    index.name = to.clone();
    Ok(())
}

/// One AUTO_INCREMENT column at most, the first of some key.
pub(super) fn auto_column(table: &Table) -> Done {
    let mut auto = table.columns.iter().filter(|c| c.mysql.as_ref().is_some_and(|m| m.auto_increment));
    let Some(column) = auto.next() else { return Ok(()) };
    let leads =
        |first: Option<&Option<Ident>>| first.is_some_and(|k| k.as_ref().is_some_and(|k| same(k, &column.name)));
    let myisam = table.mysql.as_ref().is_some_and(|m| !m.engine.is_empty() && m.engine != "InnoDB");
    let keyed = table.indexes.iter().any(|i| leads(i.keys.first()) || myisam && has(&i.uses, &column.name));
    if auto.next().is_some() || !keyed { Err(fault::auto_column()) } else { Ok(()) }
}

/// What the change leaves in the rows: a version of them more, or all of them written anew.
fn written(catalog: &Catalog, table: &mut Table, before: &Table, alter: &AlterTable) {
    let has_auto = table.columns.iter().any(|c| c.mysql.as_ref().is_some_and(|m| m.auto_increment));
    let instant = alter.specs.iter().all(|s| match &s.action {
        Action::AddColumn { column, .. } => column.generated.is_none() && !column.primary && !column.unique,
        Action::DropColumn { .. } => true,
        _ => false,
    }) && !alter.specs.is_empty();
    let rebuilds = alter.algorithm == Some(Algorithm::Copy)
        || alter.specs.iter().any(|s| match &s.action {
            Action::Force | Action::AddPrimaryKey(_) | Action::DropPrimaryKey | Action::OrderBy { .. } => true,
            Action::AddColumn { column, .. } => {
                column.auto_increment || column.generated.as_ref().is_some_and(|(_, k)| *k == GeneratedKind::Stored)
            }
            Action::ModifyColumn { column, position, .. } | Action::ChangeColumn { column, position, .. } => {
                position.is_some() || rewrites(before, table, &column.name)
            }
            _ => false,
        });
    let versions_exist = catalog.server.engine == Engine::Mysql && catalog.server.version >= Version::exact(8, 0, 29);
    let Some(kept) = table.mysql.as_mut() else { return };
    if has_auto {
        kept.auto_increment = kept.auto_increment.or(Some(1));
    } else {
        kept.auto_increment = None;
    }
    let asked = matches!(alter.algorithm, None | Some(Algorithm::Default | Algorithm::Instant));
    let limit = if catalog.server.version >= Version::new(9, 1) { 255 } else { 64 };
    let room = kept.row_versions.unwrap_or(0) < limit;
    if rebuilds {
        options::rebuilt(kept);
    } else if instant && asked && room && kept.fulltext_id != Some(true) && kept.row_format != "Compressed" {
        if versions_exist {
            kept.row_versions = Some(kept.row_versions.unwrap_or(0).saturating_add(1));
        }
    } else if alter.specs.iter().any(|s| matches!(&s.action, Action::DropColumn { .. }))
        || alter
            .specs
            .iter()
            .any(|s| matches!(&s.action, Action::AddColumn { column, .. } if column.generated.is_none()))
    {
        options::rebuilt(kept);
    }
}

/// Does the new definition of a column write all rows anew? Where only the catalog changes, no.
fn rewrites(before: &Table, after: &Table, name: &Ident) -> bool {
    let (Some(now), Some(was)) = (names::column(after, name), names::column(before, name)) else { return false };
    if now.not_null != was.not_null {
        return true;
    }
    let (Some(new), Some(old)) = (DataType::parse(&now.data_type), DataType::parse(&was.data_type)) else {
        return true;
    };
    let appended = new.members.starts_with(&old.members) && !new.members.is_empty();
    let grown = new.name == "varchar" && old.name == "varchar" && new.length() >= old.length();
    !(new.is_same(&old) || appended && new.member_bytes() == old.member_bytes() || grown)
}
