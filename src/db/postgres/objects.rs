//! Sequences, enum types and domains.

use super::relations::{body, field};
use crate::db::Error;
use crate::model::objects::{DataType, DataTypeKind, Gap, OwnedBy, Sequence};
use crate::model::{Ident, TableName};
use serde::Deserialize;
use tokio_postgres::Row;

#[derive(Default)]
pub struct Objects {
    pub sequences: Vec<Sequence>,
    pub types: Vec<DataType>,
}

#[derive(Deserialize)]
struct SequenceRow {
    #[serde(rename = "type")]
    data_type: String,
    max: i64,
    readable: bool,
    last: Option<i64>,
    options: Vec<Option<String>>,
    owner: Option<OwnerRow>,
}

#[derive(Deserialize)]
struct OwnerRow {
    schema: String,
    table: String,
    column: String,
}

#[derive(Deserialize)]
struct EnumRow {
    labels: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct DomainRow {
    base: String,
    not_null: bool,
    checks: Option<Vec<String>>,
}

pub fn read(rows: &[Row], gaps: &mut Vec<Gap>) -> Result<Objects, Error> {
    let mut objects = Objects::default();
    let mut hidden = 0_usize;
    for row in rows {
        let name = TableName::new(field::<String>(row, "schema")?, field::<String>(row, "name")?);
        let text: String = field(row, "body")?;
        match field::<String>(row, "kind")?.as_str() {
            "sequence" => {
                let read: SequenceRow = body(&text)?;
                hidden += usize::from(!read.readable);
                objects.sequences.push(Sequence {
                    name,
                    data_type: read.data_type,
                    last_value: read.last,
                    max_value: read.max,
                    options: read.options.into_iter().flatten().collect(),
                    owned_by: read
                        .owner
                        .map(|o| OwnedBy { table: TableName::new(o.schema, o.table), column: Ident(o.column) }),
                });
            }
            "enum" => {
                let labels = body::<EnumRow>(&text)?.labels.unwrap_or_default();
                objects.types.push(DataType { name, kind: DataTypeKind::Enum { labels } });
            }
            _ => {
                let read: DomainRow = body(&text)?;
                let checks = read.checks.unwrap_or_default();
                let kind = DataTypeKind::Domain { base: read.base, not_null: read.not_null, checks };
                objects.types.push(DataType { name, kind });
            }
        }
    }
    if hidden > 0 {
        gaps.push(Gap {
            what: format!("last value of {hidden} {}", if hidden == 1 { "sequence" } else { "sequences" }),
            because: "this role has neither USAGE nor SELECT on them".to_owned(),
        });
    }
    Ok(objects)
}
