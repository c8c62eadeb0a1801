//! Tables, views, triggers as wholes: made, renamed, emptied, dropped.

use super::fault::{self, Done};
use super::{alter, constraint, index, names, options, partition};
use crate::model::catalog::ConstraintKind;
use crate::model::mysql::MysqlTable;
use crate::model::objects::{ColumnUse, Trigger, View, ViewColumn, ViewKind};
use crate::model::{Catalog, Ident, Table, TableName};
use crate::sql::ObjectName;
use crate::sql::mysql::statement::{CreateTable, IndexDef, IndexKind, KeyPart, Maintenance};

pub(super) fn create(catalog: &mut Catalog, create: &CreateTable) -> Done {
    let name = names::full(catalog, &create.table);
    names::fits(&name.name)?;
    // It lives in its session only.
    if create.temporary {
        return Ok(());
    }
    if catalog.table(&name).is_some() || catalog.views.iter().any(|v| v.name == name) {
        if create.if_not_exists {
            return Ok(());
        }
        if !create.or_replace {
            return Err(fault::table_exists(&name));
        }
        catalog.tables.retain(|t| t.name != name);
    }
    if let Some(like) = &create.like {
        let table = alike(&names::table(catalog, like)?, name);
        catalog.put_table(table);
        return Ok(());
    }
    let mut table = Table::new(name, Vec::new());
    let server = catalog.server.clone();
    table.mysql = Some(Box::new(MysqlTable {
        engine: server.settings.get("default_storage_engine").cloned().unwrap_or_else(|| "InnoDB".into()),
        row_format: "Dynamic".into(),
        collation: options::database_collation(&server),
        fulltext_id: Some(false),
        ..MysqlTable::default()
    }));
    // The character set first: columns take it.
    for (option, value) in &create.options {
        options::set(&mut table, option, value, &server)?;
    }
    for def in &create.columns {
        alter::add_column(catalog, &mut table, def, None, false)?;
    }
    let part = |c: &Ident| KeyPart { column: Some(c.clone()), prefix: None, expression: None, descending: false };
    let inline = |c: &Ident, kind| IndexDef {
        kind,
        name: None,
        if_not_exists: false,
        parts: vec![part(c)],
        invisible: false,
        options: String::new(),
    };
    for def in &create.columns {
        if def.primary {
            index::add(&mut table, &inline(&def.name, IndexKind::Primary), &server)?;
        }
        if def.unique {
            index::add(&mut table, &inline(&def.name, IndexKind::Unique), &server)?;
        }
    }
    for def in &create.indexes {
        index::add(&mut table, def, &server)?;
    }
    for def in &create.columns {
        alter::inline_constraints(catalog, &mut table, def)?;
    }
    for def in &create.checks {
        constraint::add_check(&mut table, def, &server)?;
    }
    for def in &create.foreign_keys {
        constraint::add_foreign_key(catalog, &mut table, def)?;
    }
    if create.select_from.is_none() {
        alter::auto_column(&table)?;
    }
    if let Some(kept) = table.mysql.as_mut() {
        kept.partitioning = create.partition_by.as_deref().and_then(partition::by);
        if table.columns.iter().any(|c| c.mysql.as_ref().is_some_and(|m| m.auto_increment)) {
            kept.auto_increment = kept.auto_increment.or(Some(1));
        } else {
            kept.auto_increment = None;
        }
    }
    partition::note(&mut table);
    table.stats.rows = Some(0);
    alter::sort(&mut table);
    catalog.put_table(table);
    Ok(())
}

/// `LIKE`: columns, indexes, checks, options; no foreign keys, no triggers, no rows.
fn alike(source: &Table, name: TableName) -> Table {
    let mut table = source.clone();
    let old = std::mem::replace(&mut table.name, name);
    table.triggers.clear();
    table.grants.clear();
    table.constraints.retain(|c| c.kind != ConstraintKind::ForeignKey);
    made_up_names(&mut table, &old.name);
    // Numbers begin anew there.
    let base = format!("{}_chk_", table.name.name.0);
    let mut number = 0u32;
    for check in table.constraints.iter_mut().filter(|c| c.name.as_str().starts_with(&base)) {
        number += 1;
        let new = Ident::new(format!("{base}{number}"));
        check.definition = check.definition.replacen(&names::quoted(&check.name), &names::quoted(&new), 1);
        check.name = new;
    }
    table.stats = crate::model::TableStats { rows: Some(0), ..crate::model::TableStats::default() };
    if let Some(kept) = table.mysql.as_mut() {
        kept.auto_increment = kept.auto_increment.map(|_| 1);
        kept.row_versions = kept.row_versions.map(|_| 0);
        (kept.free_bytes, kept.file_bytes) = (0, None);
    }
    table
}

/// Names that the server made of the table's own follow it.
fn made_up_names(table: &mut Table, old: &Ident) {
    let new = table.name.name.clone();
    for constraint in &mut table.constraints {
        let kind = match constraint.kind {
            ConstraintKind::ForeignKey => "_ibfk_",
            ConstraintKind::Check => "_chk_",
            _ => continue,
        };
        let number = constraint.name.as_str().strip_prefix(&format!("{old}{kind}", old = old.as_str()));
        let Some(number) = number.filter(|n| n.chars().all(|c| c.is_ascii_digit())) else { continue };
        let name = Ident::new(format!("{}{kind}{number}", new.as_str()));
        constraint.definition =
            constraint.definition.replacen(&names::quoted(&constraint.name), &names::quoted(&name), 1);
        constraint.name = name;
    }
}

pub(super) fn rename(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) -> Done {
    let target = names::full(catalog, to);
    names::fits(&target.name)?;
    let source = names::full(catalog, from);
    if source == target {
        return Ok(());
    }
    if catalog.table(&target).is_some() || catalog.views.iter().any(|v| v.name == target) {
        return Err(fault::table_exists(&target));
    }
    if let Some(view) = catalog.views.iter_mut().find(|v| v.name == source) {
        view.name = target;
        catalog.views.sort_by(|a, b| a.name.cmp(&b.name));
        return Ok(());
    }
    let mut table = names::table(catalog, from)?;
    let old = std::mem::replace(&mut table.name, target.clone());
    if old.schema != target.schema && !table.triggers.is_empty() {
        return Err("a table with triggers cannot get into another database (error 1435)".to_owned());
    }
    catalog.tables.retain(|t| t.name != old);
    made_up_names(&mut table, &old.name);
    catalog.put_table(table);
    for other in &mut catalog.tables {
        let schema = other.name.schema.clone();
        for constraint in &mut other.constraints {
            let Some(references) = constraint.references.as_mut().filter(|r| r.table == old) else { continue };
            references.table = target.clone();
            let written = |name: &TableName| {
                if name.schema == schema {
                    format!(" REFERENCES {} (", names::quoted(&name.name))
                } else {
                    format!(" REFERENCES {}.{} (", names::quoted(&name.schema), names::quoted(&name.name))
                }
            };
            constraint.definition = constraint.definition.replacen(&written(&old), &written(&target), 1);
        }
        alter::sort(other);
    }
    Ok(())
}

pub(super) fn drop(catalog: &mut Catalog, tables: &[ObjectName], if_exists: bool) -> Done {
    let wanted: Vec<TableName> = tables.iter().map(|t| names::full(catalog, t)).collect();
    for name in &wanted {
        if catalog.table(name).is_none() {
            if if_exists {
                continue;
            }
            return Err(fault::unknown_table(name));
        }
        let checks = catalog.server.settings.get("foreign_key_checks").is_none_or(|v| v != "OFF" && v != "0");
        let by = catalog.referenced_by(name).find(|(t, _)| t.name != *name && !wanted.contains(&t.name));
        if let Some((table, key)) = by.filter(|_| checks) {
            return Err(fault::referenced(name, &key.name, &table.name));
        }
    }
    catalog.tables.retain(|t| !wanted.contains(&t.name));
    Ok(())
}

pub(super) fn truncate(catalog: &mut Catalog, table: &ObjectName) -> Done {
    let mut table = names::table(catalog, table)?;
    if let Some((other, key)) = catalog.referenced_by(&table.name).find(|(t, _)| t.name != table.name) {
        return Err(format!(
            "cannot truncate `{}`, which the foreign key `{}` on `{}` references (error 1701)",
            table.name, key.name, other.name
        ));
    }
    table.stats = crate::model::TableStats { rows: Some(0), ..table.stats };
    (table.stats.heap_bytes, table.stats.index_bytes) = (0, 0);
    if let Some(kept) = table.mysql.as_mut() {
        kept.auto_increment = kept.auto_increment.map(|_| 1);
        options::rebuilt(kept);
    }
    catalog.put_table(table);
    Ok(())
}

pub(super) fn maintain(catalog: &mut Catalog, verb: Maintenance, tables: &[ObjectName]) -> Done {
    for name in tables {
        let mut table = names::table(catalog, name)?;
        if let (Maintenance::Optimize, Some(kept)) = (verb, table.mysql.as_mut()) {
            options::rebuilt(kept);
        }
        catalog.put_table(table);
    }
    Ok(())
}

pub(super) fn create_trigger(catalog: &mut Catalog, name: &ObjectName, table: &ObjectName) -> Done {
    let mut table = names::table(catalog, table)?;
    // A trigger's name is the database's, not the table's.
    if catalog.tables.iter().flat_map(|t| &t.triggers).any(|t| names::same(&t.name, &name.name)) {
        return Err(fault::trigger_exists(&name.name));
    }
    table.triggers.push(Trigger {
        name: name.name.clone(),
        // The statement's words are not kept.
        definition: String::new(),
        function: table.name.sibling(name.name.0.clone()),
        columns: Vec::new(),
        enabled: None,
        fires_on_update: false,
        comment: None,
    });
    catalog.put_table(table);
    Ok(())
}

pub(super) fn drop_trigger(catalog: &mut Catalog, name: &ObjectName, if_exists: bool) -> Done {
    let found = catalog.tables.iter_mut().find(|t| t.triggers.iter().any(|g| names::same(&g.name, &name.name)));
    match found {
        Some(table) => table.triggers.retain(|g| !names::same(&g.name, &name.name)),
        None if if_exists => {}
        None => return Err(fault::no_trigger(&name.name)),
    }
    Ok(())
}

pub(super) fn create_view(
    catalog: &mut Catalog,
    name: &ObjectName,
    or_replace: bool,
    listed: &[Ident],
    from: &[ObjectName],
) -> Done {
    let name = names::full(catalog, name);
    let there = catalog.views.iter().any(|v| v.name == name);
    if catalog.table(&name).is_some() || there && !or_replace {
        return Err(fault::table_exists(&name));
    }
    let uses = from
        .iter()
        .map(|f| {
            let table = names::full(catalog, f);
            // Which columns it reads is not known before the server says.
            let columns =
                catalog.table(&table).map_or_else(Vec::new, |t| t.columns.iter().map(|c| c.name.clone()).collect());
            ColumnUse { table, columns }
        })
        .collect();
    // A new view over one table is taken to show all of it, as the views of plans do; of a replaced one nothing is known.
    let whole = from.first().filter(|_| from.len() == 1 && !there).map(|f| names::full(catalog, f));
    let shown = whole.as_ref().and_then(|t| catalog.table(t));
    let under = |name: &Ident| shown.and_then(|t| t.column(name));
    let column = |name: &Ident| ViewColumn {
        name: name.clone(),
        data_type: under(name).map_or_else(String::new, |c| c.data_type.clone()),
        source: under(name).map(|c| c.name.clone()),
        default: None,
        comment: None,
        grants: Vec::new(),
    };
    let columns: Vec<ViewColumn> = match listed {
        [] => shown.iter().flat_map(|t| &t.columns).map(|c| column(&c.name)).collect(),
        listed => listed.iter().map(column).collect(),
    };
    let writes_to = whole.filter(|_| !columns.is_empty());
    catalog.views.retain(|v| v.name != name);
    catalog.views.push(View {
        name,
        kind: ViewKind::View,
        columns,
        definition: String::new(),
        uses,
        writes_to,
        owner: None,
        options: Vec::new(),
        grants: Vec::new(),
        comment: None,
        bytes: 0,
        triggers: Vec::new(),
        rule_on: None,
        refreshes_concurrently: false,
        stored: None,
        held_by: Vec::new(),
    });
    catalog.views.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(())
}

pub(super) fn drop_views(catalog: &mut Catalog, names: &[ObjectName], if_exists: bool) -> Done {
    for name in names {
        let full = names::full(catalog, name);
        let before = catalog.views.len();
        catalog.views.retain(|v| v.name != full);
        if catalog.views.len() == before && !if_exists {
            return Err(fault::unknown_table(full));
        }
    }
    Ok(())
}
