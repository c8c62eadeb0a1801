//! Sequences, types of users, extensions.

use super::relations::{body, field};
use crate::db::Error;
use crate::model::objects::{Attribute, DataType, DataTypeKind, Extension, Gap, OwnedBy, Sequence};
use crate::model::{Ident, TableName};
use serde::Deserialize;
use tokio_postgres::Row;

#[derive(Default)]
pub struct Objects {
    pub sequences: Vec<Sequence>,
    pub types: Vec<DataType>,
    pub extensions: Vec<Extension>,
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
    owner: Option<String>,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct ExtensionRow {
    version: String,
}

#[derive(Deserialize)]
struct CompositeRow {
    attributes: Option<Vec<AttributeRow>>,
    owner: Option<String>,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct AttributeRow {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
}

#[derive(Deserialize)]
struct DomainRow {
    base: String,
    not_null: bool,
    default: Option<String>,
    checks: Option<Vec<String>>,
    constraints: Option<Vec<String>>,
    owner: Option<String>,
    comment: Option<String>,
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
                let read: EnumRow = body(&text)?;
                let kind = DataTypeKind::Enum { labels: read.labels.unwrap_or_default() };
                let owner = read.owner.map(Ident);
                objects.types.push(DataType { name, kind, owner, comment: read.comment });
            }
            "extension" => {
                let version = body::<ExtensionRow>(&text)?.version;
                objects.extensions.push(Extension { name: name.name, version, schema: name.schema });
            }
            "composite" => {
                let read: CompositeRow = body(&text)?;
                let attributes = read.attributes.unwrap_or_default().into_iter();
                let attributes =
                    attributes.map(|a| Attribute { name: Ident(a.name), data_type: a.data_type }).collect();
                let owner = read.owner.map(Ident);
                let kind = DataTypeKind::Composite { attributes };
                objects.types.push(DataType { name, kind, owner, comment: read.comment });
            }
            _ => {
                let read: DomainRow = body(&text)?;
                let kind = DataTypeKind::Domain {
                    base: read.base,
                    not_null: read.not_null,
                    default: read.default,
                    checks: read.checks.unwrap_or_default(),
                    constraints: read.constraints.unwrap_or_default().into_iter().map(Ident).collect(),
                };
                let owner = read.owner.map(Ident);
                objects.types.push(DataType { name, kind, owner, comment: read.comment });
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
