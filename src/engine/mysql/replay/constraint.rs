//! Foreign keys with the index each makes for itself, and checks.

use super::fault::{self, Done};
use super::names::{self, has, same};
use super::{column, index};
use crate::model::catalog::{Constraint, ConstraintKind, Reference};
use crate::model::{Catalog, Engine, Ident, Server, Table, TableName, Version};
use crate::sql::ObjectName;
use crate::sql::mysql::statement::{CheckDef, ForeignKeyDef, IndexDef, IndexKind, KeyPart};
use crate::sql::mysql::{DataType, expression};

fn constraint(name: Ident, kind: ConstraintKind, columns: Vec<Ident>, definition: String) -> Constraint {
    Constraint {
        name,
        kind,
        columns,
        definition,
        valid: true,
        enforced: true,
        deferrable: false,
        references: None,
        comment: None,
    }
}

/// Checks are kept since MySQL 8.0.16 and MariaDB 10.2.
pub(super) fn has_checks(server: &Server) -> bool {
    server.engine == Engine::Mariadb || server.version >= Version::exact(8, 0, 16)
}

/// Does an inline REFERENCES make a key? MySQL read it without effect for long.
pub(super) fn inline_references(server: &Server) -> bool {
    server.version >= if server.engine == Engine::Mariadb { Version::new(10, 5) } else { Version::new(9, 0) }
}

pub(super) fn add_check(table: &mut Table, def: &CheckDef, server: &Server) -> Done {
    if !has_checks(server) {
        return Ok(());
    }
    let read = expression(&def.expression);
    let mut columns = Vec::new();
    for name in &read.columns {
        match names::column(table, name) {
            Some(column) => columns.push(column.name.clone()),
            None => return Err(fault::unknown_column(name, "CHECK")),
        }
    }
    let name = match &def.name {
        Some(name) => name.clone(),
        None => {
            let base = if server.engine == Engine::Mariadb {
                "CONSTRAINT".to_owned()
            } else {
                format!("{}_chk", table.name.name.0)
            };
            names::numbered(&base, table.constraints.iter().map(|c| &c.name))
        }
    };
    names::fits(&name)?;
    if table.constraints.iter().any(|c| c.kind == ConstraintKind::Check && same(&c.name, &name)) {
        return if def.if_not_exists { Ok(()) } else { Err(fault::duplicate_constraint(&name)) };
    }
    let not = if def.enforced { "" } else { " NOT ENFORCED" };
    let definition = format!("CONSTRAINT {} CHECK ({}){not}", names::quoted(&name), def.expression);
    let check = constraint(name, ConstraintKind::Check, columns, definition);
    table.constraints.push(Constraint { enforced: def.enforced, valid: def.enforced, ..check });
    Ok(())
}

pub(super) fn enforce(table: &mut Table, name: &Ident, enforced: bool) -> Done {
    let check = table.constraints.iter_mut().find(|c| c.kind == ConstraintKind::Check && same(&c.name, name));
    let Some(check) = check else { return Err(format!("check constraint `{name}` is not found (error 3821)")) };
    let plain = check.definition.trim_end_matches(" NOT ENFORCED").to_owned();
    check.definition = if enforced { plain } else { format!("{plain} NOT ENFORCED") };
    (check.enforced, check.valid) = (enforced, enforced);
    Ok(())
}

/// ON DELETE and ON UPDATE that do more than refuse, as the catalog writes them.
fn rules(actions: &str) -> String {
    let words: Vec<String> = actions.split_whitespace().map(str::to_ascii_uppercase).collect();
    let mut out = String::new();
    for event in ["DELETE", "UPDATE"] {
        let at = words.windows(2).position(|w| matches!(w, [on, e] if on == "ON" && e == event));
        let rule: Vec<&str> =
            at.map_or(Vec::new(), |at| words.iter().skip(at + 2).take(2).map(String::as_str).collect());
        match rule.as_slice() {
            ["CASCADE", ..] => out.push_str(&format!(" ON {event} CASCADE")),
            ["SET", what] => out.push_str(&format!(" ON {event} SET {what}")),
            _ => {}
        }
    }
    out
}

/// Adds the key to `table`, which is not in the catalog as it is now.
pub(super) fn add_foreign_key(catalog: &Catalog, table: &mut Table, def: &ForeignKeyDef) -> Done {
    let server = &catalog.server;
    let columns = names::settled(table, &def.columns)?;
    let base = format!("{}_ibfk", table.name.name.0);
    let keys = || table.constraints.iter().filter(|c| c.kind == ConstraintKind::ForeignKey);
    // Before MySQL 8.0.16 the index's name was no name of the key.
    let name = def.name.clone().unwrap_or_else(|| names::numbered(&base, keys().map(|c| &c.name)));
    names::fits(&name)?;
    if keys().any(|c| same(&c.name, &name)) {
        return if def.if_not_exists { Ok(()) } else { Err(fault::duplicate_constraint(&name)) };
    }
    let target = parent_name(catalog, table, &def.table);
    let checks = server.settings.get("foreign_key_checks").is_none_or(|v| v != "OFF" && v != "0");
    let parent = if target == table.name { Some(table.clone()) } else { catalog.table(&target).cloned() };
    let mut referenced = def.referenced.clone();
    match &parent {
        None if checks => return Err(fault::no_parent(&target)),
        None => {}
        // Known by its name only: another database.
        Some(parent) if parent.columns.is_empty() => {}
        Some(parent) => {
            if referenced.is_empty() {
                referenced = parent.primary_key().map(|k| k.columns.clone()).unwrap_or_default();
            }
            referenced = names::settled(parent, &referenced).map_err(|_| fault::no_parent_index(&name, &target))?;
            if checks && !parent.indexes.iter().any(|i| index::begins_with(i, &referenced)) {
                return Err(fault::no_parent_index(&name, &target));
            }
            for (own, other) in columns.iter().zip(&referenced) {
                if !fits_together(table, own, parent, other) {
                    return Err(fault::incompatible(own, &name));
                }
            }
        }
    }
    let covered = table.indexes.iter().any(|i| index::begins_with(i, &columns));
    if !covered {
        let part = |c: &Ident| KeyPart { column: Some(c.clone()), prefix: None, expression: None, descending: false };
        let made = IndexDef {
            kind: IndexKind::Plain,
            name: def
                .name
                .clone()
                .filter(|_| server.engine != Engine::Mariadb || def.index.is_none())
                .or(def.index.clone()),
            if_not_exists: true,
            parts: columns.iter().map(part).collect(),
            invisible: false,
            options: String::new(),
        };
        index::add(table, &made, server)?;
    }
    let shown = if target.schema == table.name.schema {
        names::quoted(&target.name)
    } else {
        format!("{}.{}", names::quoted(&target.schema), names::quoted(&target.name))
    };
    let definition = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {shown} ({}){}",
        names::quoted(&name),
        names::list(&columns),
        names::list(&referenced),
        rules(&def.actions)
    );
    let key = constraint(name, ConstraintKind::ForeignKey, columns, definition);
    table.constraints.push(Constraint { references: Some(Reference { table: target, columns: referenced }), ..key });
    Ok(())
}

/// An unqualified parent is looked for beside the table itself.
fn parent_name(catalog: &Catalog, table: &Table, name: &ObjectName) -> TableName {
    let schema = name.schema.clone().unwrap_or_else(|| table.name.schema.clone());
    names::full(catalog, &ObjectName { schema: Some(schema), name: name.name.clone() })
}

/// Integers need the same size and sign, texts the same collation; the rest the same kind.
fn fits_together(table: &Table, own: &Ident, parent: &Table, other: &Ident) -> bool {
    let (Some(a), Some(b)) = (names::column(table, own), names::column(parent, other)) else { return true };
    let (Some(x), Some(y)) = (DataType::parse(&a.data_type), DataType::parse(&b.data_type)) else { return true };
    if x.integer_bytes().is_some() || y.integer_bytes().is_some() {
        return x.integer_bytes() == y.integer_bytes() && x.unsigned == y.unsigned;
    }
    let collation = |c: &crate::model::Column| c.mysql.as_ref().and_then(|m| m.collation.clone());
    if x.is_character() && y.is_character() {
        return collation(a) == collation(b);
    }
    x.is_character() == y.is_character()
}

pub(super) fn drop_foreign_key(table: &mut Table, name: &Ident) -> Done {
    drop_where(table, name, |kind| kind == ConstraintKind::ForeignKey)
}

fn drop_where(table: &mut Table, name: &Ident, kind: impl Fn(ConstraintKind) -> bool) -> Done {
    let before = table.constraints.len();
    table.constraints.retain(|c| !(kind(c.kind) && same(&c.name, name)));
    if table.constraints.len() == before { Err(fault::cannot_drop(name)) } else { Ok(()) }
}

/// DROP CONSTRAINT: a check, a foreign key, a unique or the primary key.
pub(super) fn drop(catalog: &Catalog, table: &mut Table, name: &Ident) -> Done {
    if drop_where(table, name, |kind| matches!(kind, ConstraintKind::Check | ConstraintKind::ForeignKey)).is_ok() {
        return Ok(());
    }
    if table.indexes.iter().any(|i| i.unique && same(&i.name, name)) {
        return index::drop(table, name, &wanted(catalog, table));
    }
    let column = table.columns.iter_mut().find(|c| same(&c.name, name)).and_then(|c| c.mysql.as_mut());
    if column.is_some_and(|c| c.check.take().is_some()) {
        return Ok(());
    }
    Err(fault::cannot_drop(name))
}

/// The columns that foreign keys of other tables need an index on.
pub(super) fn wanted(catalog: &Catalog, table: &Table) -> Vec<Vec<Ident>> {
    catalog.referenced_by(&table.name).filter_map(|(_, c)| c.references.as_ref().map(|r| r.columns.clone())).collect()
}

/// A column of a foreign key cannot take another type.
pub(super) fn holds_type(catalog: &Catalog, table: &Table, column: &Ident) -> Done {
    for key in table.constraints.iter().filter(|c| c.kind == ConstraintKind::ForeignKey) {
        if has(&key.columns, column) {
            return Err(fault::needed_by_foreign_key(1832, "column", column, &key.name));
        }
    }
    column::referenced(catalog, table, column, 1833)
}
