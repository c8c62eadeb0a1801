//! What two databases hold, as sorted lines that can be compared: structure without generated names, and rows by key.

use super::app::{TOUCHED, key_of, list, name};
use crate::support::Session;
use sidestep::model::catalog::{Constraint, ConstraintKind, Index, TableKind};
use sidestep::model::{Catalog, Ident};
use std::collections::{BTreeMap, BTreeSet};

/// How exactly two structures are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Names of indexes, constraints and sequences are of no matter, nor is the order of columns.
    Free,
    /// Everything, as after an undo.
    Exact,
}

/// One line per thing.
pub fn shape(catalog: &Catalog, names: Names) -> BTreeSet<String> {
    let mut lines = Vec::new();
    let sequences: Vec<&str> = catalog.sequences.iter().map(|s| s.name.name.as_str()).collect();
    let plain = |text: &str| match names {
        Names::Exact => text.to_owned(),
        Names::Free => sequences.iter().fold(text.to_owned(), |t, s| t.replace(s, "‹sequence›")),
    };
    for table in &catalog.tables {
        let t = &table.name;
        // Before 12 a proved CHECK is the online way to NOT NULL.
        let proof =
            |c: &Constraint| names == Names::Free && !catalog.server.since(12) && c.valid && is_not_null_check(c);
        let proved = |column: &Ident| table.constraints.iter().any(|c| proof(c) && c.columns == [column.clone()]);
        lines.push(format!(
            "{t} {:?} comment {:?} options {:?} grants {:?} row security {} owner {:?} identity {:?} partition {:?} {:?}",
            table.kind,
            table.comment,
            sorted(&table.options),
            given(table),
            table.row_security,
            table.owner,
            table.replica_identity,
            table.partition_of.as_ref().map(|p| (&p.parent, &p.bounds)),
            table.partition_key.as_ref().map(|k| &k.definition)
        ));
        for (at, column) in table.columns.iter().enumerate() {
            let place = if names == Names::Exact { format!(" at {at}") } else { String::new() };
            lines.push(format!(
                "{t}.{}{place}: {} not null {} default {:?} identity {:?} generated {:?} collation {:?} storage {:?} statistics {:?} compression {:?} options {:?} comment {:?} grants {:?}",
                column.name,
                column.data_type,
                column.not_null || proved(&column.name),
                column.default.as_ref().map(|d| plain(&d.sql)),
                column.identity,
                column.generated,
                column.collation,
                column.storage,
                column.statistics,
                column.compression,
                column.options,
                column.comment,
                column.grants
            ));
        }
        lines.extend(table.indexes.iter().map(|i| index_line(t, i, names)));
        lines.extend(table.constraints.iter().filter(|c| !proof(c)).map(|c| constraint_line(t, c, names)));
        for trigger in &table.triggers {
            lines.push(format!(
                "{t} trigger {} {} {:?} comment {:?}",
                trigger.name, trigger.definition, trigger.enabled, trigger.comment
            ));
        }
        for policy in &table.policies {
            lines.push(format!("{t} policy {policy:?}"));
        }
        for statistics in &table.statistics {
            // The server prints the keys in the order of the table's columns.
            let mut keys = statistics.columns.clone();
            keys.sort();
            let text = statistics.definition.as_str();
            let kinds = text.split(" ON ").next().unwrap_or(text);
            lines.push(format!(
                "{t} {kinds} {keys:?} expressions {} target {:?} owner {:?} comment {:?}",
                text.matches('(').count(),
                statistics.target,
                statistics.owner,
                statistics.comment
            ));
        }
    }
    for view in &catalog.views {
        for trigger in &view.triggers {
            lines.push(format!("view {} trigger {trigger:?}", view.name));
        }
        for column in &view.columns {
            lines.push(format!(
                "view {}.{}: {} default {:?} comment {:?} grants {:?}",
                view.name, column.name, column.data_type, column.default, column.comment, column.grants
            ));
        }
        for stored in view.stored.iter() {
            lines.extend(stored.indexes.iter().map(|i| index_line(&view.name, i, names)));
            lines.push(format!(
                "view {} filled {} in {:?} by {:?} columns {:?} concurrently {}",
                view.name,
                stored.populated,
                stored.tablespace,
                stored.access_method,
                stored.columns,
                view.refreshes_concurrently
            ));
            lines.extend(stored.statistics.iter().map(|s| format!("view {} statistics {s:?}", view.name)));
        }
        lines.push(format!(
            "view {} {:?} {} {:?} {:?} owner {:?} comment {:?} columns {:?}",
            view.name, view.kind, view.definition, view.options, view.grants, view.owner, view.comment, view.columns
        ));
    }
    for sequence in &catalog.sequences {
        let name = if names == Names::Exact { sequence.name.to_string() } else { "‹sequence›".to_owned() };
        let owner = sequence.owned_by.as_ref().map(|o| format!("{}.{}", o.table, o.column));
        lines.push(format!("sequence {name} {} to {} of {owner:?}", sequence.data_type, sequence.max_value));
    }
    for function in &catalog.functions {
        lines.push(format!("function {}({}) {:?}", function.name, function.arguments, function.definition));
    }
    for data_type in &catalog.types {
        lines.push(format!("type {data_type:?}"));
    }
    for publication in &catalog.publications {
        lines.push(format!("publication {publication:?}"));
    }
    numbered(lines)
}

/// The order in which options were set means nothing.
fn sorted(options: &[String]) -> BTreeSet<&String> {
    options.iter().collect()
}

fn is_not_null_check(constraint: &Constraint) -> bool {
    constraint.kind == ConstraintKind::Check
        && constraint.columns.len() == 1
        && constraint.definition.ends_with(" IS NOT NULL))")
        && !constraint.definition.contains(" AND ")
}

/// Grants to others: once anything was granted, the server spells out what the owner has anyway.
fn given(table: &sidestep::model::Table) -> Vec<&String> {
    let own = table.owner.as_ref().map(|o| format!("{}=", o.as_str())).unwrap_or_default();
    table.grants.iter().filter(|g| own.is_empty() || !g.starts_with(&own)).collect()
}

/// Two equal lines stay two.
fn numbered(lines: Vec<String>) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    lines
        .into_iter()
        .map(|line| {
            let count = seen.entry(line.clone()).or_default();
            *count += 1;
            if *count == 1 { line } else { format!("{line} ({count})") }
        })
        .collect()
}

fn index_line(table: &sidestep::model::TableName, index: &Index, names: Names) -> String {
    let definition = match (names, index.definition.split_once(" ON ")) {
        (Names::Free, Some((_, on))) => on.to_owned(),
        _ => index.definition.clone(),
    };
    format!(
        "{table} index unique {} primary {} valid {} ready {} constraint {} comment {:?} tablespace {:?} clustered {} statistics {:?}: {definition}",
        index.unique,
        index.primary,
        index.valid,
        index.ready,
        index.constraint.is_some(),
        index.comment,
        index.tablespace,
        index.clustered,
        index.statistics
    )
}

fn constraint_line(table: &sidestep::model::TableName, c: &Constraint, names: Names) -> String {
    let name = if names == Names::Exact { c.name.to_string() } else { String::new() };
    format!(
        "{table} constraint {name} {:?} {:?} valid {} enforced {} deferrable {} comment {:?}: {}",
        c.kind, c.columns, c.valid, c.enforced, c.deferrable, c.comment, c.definition
    )
}

/// Lines only in one of the two: `- wanted` and `+ found`.
pub fn differences(wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> Vec<String> {
    let missing = wanted.difference(found).map(|l| format!("- {l}"));
    missing.chain(found.difference(wanted).map(|l| format!("+ {l}"))).collect()
}

/// Every row that was there from the start and that the application left alone, by table and key.
pub fn rows(
    sql: &mut Session,
    catalog: &Catalog,
    skipped: &[String],
) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
    let mut all = BTreeMap::new();
    for table in &catalog.tables {
        let key = key_of(sql, &table.name)?;
        if key.is_empty() || table.kind == TableKind::Foreign || table.partition_of.is_some() {
            continue;
        }
        let mut columns: Vec<Ident> = table
            .columns
            .iter()
            .map(|c| c.name.clone())
            .filter(|c| !skipped.contains(&format!("{}.{c}", table.name)))
            .collect();
        columns.sort();
        let text = format!(
            "SELECT ROW({})::text, ROW({})::text FROM {} ORDER BY {} OFFSET {TOUCHED}",
            list(&key),
            list(&columns),
            name(&table.name),
            list(&key)
        );
        let found = sql.try_rows(&text).map_err(|why| format!("{why:?} in {text}"))?;
        let found = found.into_iter().map(|mut row| (std::mem::take(&mut row[0]), std::mem::take(&mut row[1])));
        all.insert(table.name.to_string(), found.collect());
    }
    Ok(all)
}
