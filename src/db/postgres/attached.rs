//! What hangs on a table: indexes, constraints, triggers, policies; and publications, which name tables.

use super::relations::{Entry, Relations, body, field, idents};
use crate::db::Error;
use crate::model::catalog::Reference;
use crate::model::objects::{Policy, Publication, PublishedTable, Trigger};
use crate::model::{Constraint, ConstraintKind, ExtendedStatistics, Ident, Index, TableName};
use serde::Deserialize;
use tokio_postgres::Row;

pub fn indexes(relations: &mut Relations, rows: &[Row]) -> Result<(), Error> {
    for row in rows {
        let Some(entry) = relations.get_mut(field(row, "table")?) else { continue };
        let numbers: Vec<i16> = field(row, "keys")?;
        let key_count = usize::try_from(field::<i16>(row, "key_count")?).unwrap_or(0);
        let (keys, include) = numbers.split_at(key_count.min(numbers.len()));
        let mut uses = entry.columns(&numbers);
        let depends = field::<Option<Vec<i32>>>(row, "depends")?.unwrap_or_default();
        for column in entry.columns(&small(&depends)) {
            if !uses.contains(&column) {
                uses.push(column);
            }
        }
        let index = Index {
            name: Ident(field(row, "name")?),
            definition: field(row, "definition")?,
            method: field(row, "method")?,
            keys: keys.iter().map(|n| entry.column(*n)).collect(),
            include: entry.columns(include),
            uses,
            has_expressions: field(row, "has_expressions")?,
            predicate: field(row, "predicate")?,
            unique: field(row, "is_unique")?,
            primary: field(row, "is_primary")?,
            valid: field(row, "valid")?,
            ready: field(row, "ready")?,
            bytes: u64::try_from(field::<i64>(row, "bytes")?).unwrap_or(0),
            scans: field::<Option<i64>>(row, "scans")?.and_then(|n| u64::try_from(n).ok()),
            constraint: field::<Option<String>>(row, "constraint")?.map(Ident),
            comment: field(row, "comment")?,
            tablespace: field::<Option<String>>(row, "tablespace")?.map(Ident),
            clustered: field(row, "clustered")?,
            statistics: field::<Option<Vec<i16>>>(row, "measured")?
                .unwrap_or_default()
                .into_iter()
                .zip(field::<Option<Vec<i32>>>(row, "targets")?.unwrap_or_default())
                .collect(),
            mysql: None,
        };
        let stats = &mut entry.table.stats;
        stats.index_bytes = stats.index_bytes.saturating_add(index.bytes);
        if let Some(scans) = index.scans {
            stats.index_scans = Some(stats.index_scans.unwrap_or(0).saturating_add(scans));
        }
        entry.table.indexes.push(index);
    }
    Ok(())
}

/// `pg_depend` counts columns in `int4`, the catalogs in `int2`.
fn small(numbers: &[i32]) -> Vec<i16> {
    numbers.iter().filter_map(|n| i16::try_from(*n).ok()).collect()
}

pub fn constraints(relations: &mut Relations, rows: &[Row]) -> Result<(), Error> {
    for row in rows {
        let Some(entry) = relations.get_mut(field(row, "table")?) else { continue };
        let kind = match field::<String>(row, "kind")?.as_str() {
            "p" => ConstraintKind::PrimaryKey,
            "u" => ConstraintKind::Unique,
            "f" => ConstraintKind::ForeignKey,
            "c" => ConstraintKind::Check,
            "n" => ConstraintKind::NotNull,
            "x" => ConstraintKind::Exclusion,
            "t" => ConstraintKind::Trigger,
            _ => continue,
        };
        let target = (field::<Option<String>>(row, "ref_schema")?, field::<Option<String>>(row, "ref_name")?);
        let references = match (kind, target) {
            (ConstraintKind::ForeignKey, (Some(schema), Some(name))) => {
                Some(Reference { table: TableName::new(schema, name), columns: idents(field(row, "ref_columns")?) })
            }
            _ => None,
        };
        let numbers = field::<Option<Vec<i16>>>(row, "columns")?.unwrap_or_default();
        entry.table.constraints.push(Constraint {
            name: Ident(field(row, "name")?),
            kind,
            columns: entry.columns(&numbers),
            definition: field(row, "definition")?,
            valid: field(row, "valid")?,
            enforced: field(row, "enforced")?,
            deferrable: field(row, "deferrable")?,
            references,
            comment: field(row, "comment")?,
        });
    }
    Ok(())
}

/// A trigger of a table or of a view; a view's query lists no columns.
#[derive(Deserialize)]
pub struct TriggerRow {
    name: String,
    definition: String,
    schema: String,
    function: String,
    enabled: String,
    on_update: bool,
    columns: Option<Vec<i32>>,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct PolicyRow {
    name: String,
    permissive: bool,
    command: String,
    using: Option<String>,
    check: Option<String>,
    roles: Option<Vec<String>>,
    columns: Option<Vec<i32>>,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct StatisticsRow {
    schema: String,
    name: String,
    definition: String,
    columns: Option<Vec<i32>>,
    #[serde(default)]
    target: Option<i32>,
    owner: String,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct PublicationRow {
    name: String,
    all_tables: bool,
    tables: Option<Vec<PublishedRow>>,
    #[serde(default)]
    schemas: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct PublishedRow {
    table: u32,
    #[serde(default)]
    columns: Option<Vec<i16>>,
    #[serde(default)]
    filter: Option<String>,
}

/// Triggers and policies onto their tables; the publications are returned.
pub fn rest(relations: &mut Relations, rows: &[Row]) -> Result<Vec<Publication>, Error> {
    let mut publications = Vec::new();
    for row in rows {
        let text: String = field(row, "body")?;
        let entry = relations.get_mut(field(row, "table")?);
        match (field::<String>(row, "kind")?.as_str(), entry) {
            ("trigger", Some(entry)) => {
                let row: TriggerRow = body(&text)?;
                let columns = entry.columns(&small(row.columns.as_deref().unwrap_or_default()));
                let trigger = trigger(row, columns);
                entry.table.triggers.push(trigger);
            }
            ("policy", Some(entry)) => {
                let policy = policy(entry, body(&text)?);
                entry.table.policies.push(policy);
            }
            ("statistics", Some(entry)) => {
                let statistics = statistics(entry, body(&text)?);
                entry.table.statistics.push(statistics);
            }
            ("publication", _) => publications.push(publication(relations, body(&text)?)),
            _ => {}
        }
    }
    Ok(publications)
}

pub fn trigger(row: TriggerRow, columns: Vec<Ident>) -> Trigger {
    Trigger {
        name: Ident(row.name),
        definition: row.definition,
        function: TableName::new(row.schema, row.function),
        columns,
        enabled: Some(row.enabled),
        fires_on_update: row.on_update,
        comment: row.comment,
    }
}

fn policy(entry: &Entry, row: PolicyRow) -> Policy {
    Policy {
        name: Ident(row.name),
        command: row.command,
        columns: entry.columns(&small(&row.columns.unwrap_or_default())),
        using: row.using,
        check: row.check,
        roles: idents(row.roles),
        permissive: row.permissive,
        comment: row.comment,
    }
}

fn statistics(entry: &Entry, row: StatisticsRow) -> ExtendedStatistics {
    ExtendedStatistics {
        name: TableName::new(row.schema, row.name),
        definition: row.definition,
        columns: entry.columns(&small(&row.columns.unwrap_or_default())),
        target: row.target,
        owner: Some(Ident(row.owner)),
        comment: row.comment,
    }
}

/// A schema's publication is told as the tables that are in it now.
fn publication(relations: &Relations, row: PublicationRow) -> Publication {
    let listed = row.tables.unwrap_or_default();
    let mut tables: Vec<PublishedTable> = listed
        .into_iter()
        .filter_map(|published| {
            let entry = relations.get(published.table)?;
            Some(PublishedTable {
                table: entry.table.name.clone(),
                columns: entry.columns(&published.columns.unwrap_or_default()),
                row_filter: published.filter,
            })
        })
        .collect();
    for schema in row.schemas.unwrap_or_default() {
        tables.extend(relations.in_schema(&schema).map(|table| PublishedTable {
            table: table.clone(),
            columns: Vec::new(),
            row_filter: None,
        }));
    }
    Publication { name: Ident(row.name), all_tables: row.all_tables, tables }
}
