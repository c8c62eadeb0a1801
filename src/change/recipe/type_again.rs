//! The statements that make a type or domain of the catalog anew.

use crate::model::objects::{DataType, DataTypeKind};
use crate::plan::build::Builder;

pub fn create(b: &Builder, known: &DataType) -> Vec<String> {
    let (d, n) = (b.dialect(), b.name(&known.name));
    let mut sql = Vec::new();
    let word = match &known.kind {
        DataTypeKind::Enum { labels } => {
            let labels = labels.iter().map(|l| d.literal(l)).collect::<Vec<_>>().join(", ");
            sql.push(format!("CREATE TYPE {n} AS ENUM ({labels})"));
            "TYPE"
        }
        DataTypeKind::Composite { attributes } => {
            let all = attributes.iter().map(|a| format!("{} {}", d.ident(&a.name), a.data_type)).collect::<Vec<_>>();
            sql.push(format!("CREATE TYPE {n} AS ({})", all.join(", ")));
            "TYPE"
        }
        DataTypeKind::Domain { base, not_null, default, checks, constraints } => {
            let mut text = format!("CREATE DOMAIN {n} AS {base}");
            if let Some(default) = default {
                text.push_str(&format!(" DEFAULT {default}"));
            }
            if *not_null {
                text.push_str(" NOT NULL");
            }
            for (name, check) in constraints.iter().zip(checks) {
                text.push_str(&format!(" CONSTRAINT {} {}", d.ident(name), check.trim_end_matches(" NOT VALID")));
            }
            sql.push(text);
            "DOMAIN"
        }
    };
    if let Some(owner) = &known.owner {
        sql.push(format!("ALTER {word} {n} OWNER TO {}", d.ident(owner)));
    }
    if let Some(comment) = &known.comment {
        sql.push(format!("COMMENT ON {word} {n} IS {}", d.literal(comment)));
    }
    sql
}
