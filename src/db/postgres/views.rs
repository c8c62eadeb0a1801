//! Views, materialised views and rules.

use super::attached::{TriggerRow, trigger};
use super::relations::{body, field};
use crate::db::Error;
use crate::model::objects::{ColumnUse, Gap, View, ViewColumn, ViewKind};
use crate::model::{ExtendedStatistics, Ident, Stored, StoredColumn, TableName};
use serde::Deserialize;
use tokio_postgres::Row;

#[derive(Deserialize)]
struct UseRow {
    schema: String,
    name: String,
    columns: Option<Vec<String>>,
}

/// Relations and columns as the query lists them.
pub fn uses(text: Option<String>) -> Result<Vec<ColumnUse>, Error> {
    let mut uses: Vec<ColumnUse> = text
        .map_or_else(|| Ok(Vec::new()), |text| body::<Vec<UseRow>>(&text))?
        .into_iter()
        .map(|used| ColumnUse {
            table: TableName::new(used.schema, used.name),
            columns: used.columns.unwrap_or_default().into_iter().map(Ident).collect(),
        })
        .collect();
    uses.sort_by(|a, b| a.table.cmp(&b.table));
    Ok(uses)
}

pub fn read(rows: &[Row], gaps: &mut Vec<Gap>) -> Result<Vec<View>, Error> {
    rows.iter()
        .map(|row| {
            let name = TableName::new(field::<String>(row, "schema")?, field::<String>(row, "name")?);
            let rule_on = field::<Option<String>>(row, "rule_on")?.map(|on| name.sibling(on));
            let definition: Option<String> = field(row, "definition")?;
            if definition.is_none() {
                gaps.push(Gap {
                    what: format!("definition of the view `{name}`"),
                    because: "another session holds ACCESS EXCLUSIVE on a table that it reads".to_owned(),
                });
            }
            let uses = uses(field(row, "uses")?)?;
            Ok(View {
                name,
                kind: match field::<String>(row, "kind")?.as_str() {
                    "m" => ViewKind::Materialized,
                    "r" => ViewKind::Rule,
                    _ => ViewKind::View,
                },
                columns: field::<Option<String>>(row, "columns")?
                    .map_or_else(|| Ok(Vec::new()), |text| body::<Vec<ViewColumn>>(&text))?,
                definition: definition.unwrap_or_default(),
                uses,
                writes_to: None,
                owner: field::<Option<String>>(row, "owner")?.map(Ident),
                options: field::<Option<Vec<String>>>(row, "options")?.unwrap_or_default(),
                grants: field::<Option<Vec<String>>>(row, "grants")?.unwrap_or_default(),
                comment: field(row, "comment")?,
                bytes: u64::try_from(field::<i64>(row, "bytes")?).unwrap_or(0),
                triggers: field::<Option<String>>(row, "triggers")?
                    .map_or_else(|| Ok(Vec::new()), |text| body::<Vec<TriggerRow>>(&text))?
                    .into_iter()
                    .map(|row| trigger(row, Vec::new()))
                    .collect(),
                rule_on,
                refreshes_concurrently: field(row, "concurrently")?,
                stored: stored(row)?,
                held_by: field::<Option<Vec<String>>>(row, "held_by")?.unwrap_or_default(),
            })
        })
        .collect()
}

#[derive(Deserialize)]
struct StoredRow {
    #[serde(flatten)]
    stored: Stored,
    measured: Vec<MeasuredRow>,
}

#[derive(Deserialize)]
struct MeasuredRow {
    schema: String,
    name: String,
    definition: String,
    reads: Vec<Ident>,
    #[serde(default)]
    target: Option<i32>,
    owner: Ident,
    comment: Option<String>,
}

/// Of a materialised view; the query spells it as the catalog does.
fn stored(row: &Row) -> Result<Option<Box<Stored>>, Error> {
    let Some(text) = field::<Option<String>>(row, "stored")? else { return Ok(None) };
    let StoredRow { mut stored, measured } = body(&text)?;
    stored.columns.retain(StoredColumn::says_something);
    stored.statistics = measured
        .into_iter()
        .map(|row| ExtendedStatistics {
            name: TableName::new(row.schema, row.name),
            definition: row.definition,
            columns: row.reads,
            target: row.target,
            owner: Some(row.owner),
            comment: row.comment,
        })
        .collect();
    Ok(Some(Box::new(stored)))
}
