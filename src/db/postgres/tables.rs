//! Tables with their statistics, and their columns.

use super::relations::{Entry, Relations, field};
use super::volatility::of_expression;
use crate::db::Error;
use crate::model::catalog::{DefaultValue, Generated, GeneratedKind, Identity};
use crate::model::objects::{Gap, Partition, PartitionKey, Volatilities};
use crate::model::{Column, Ident, Table, TableKind, TableName, TableStats};
use tokio_postgres::Row;

pub fn read(relations: &mut Relations, rows: &[Row], major: u16, gaps: &mut Vec<Gap>) -> Result<(), Error> {
    for row in rows {
        let name = TableName::new(field::<String>(row, "schema")?, field::<String>(row, "name")?);
        let mut table = Table::new(name, Vec::new());
        table.kind = match field::<String>(row, "kind")?.as_str() {
            "p" => TableKind::Partitioned,
            "f" => TableKind::Foreign,
            _ => TableKind::Ordinary,
        };
        table.stats = stats(row, table.kind, major)?;
        table.unlogged = field(row, "unlogged")?;
        table.row_security = field(row, "row_security")?;
        table.owner = field::<Option<String>>(row, "owner")?.map(Ident);
        table.comment = field(row, "comment")?;
        table.options = field::<Option<Vec<String>>>(row, "options")?.unwrap_or_default();
        table.replica_identity = field(row, "identity")?;
        table.grants = field::<Option<Vec<String>>>(row, "grants")?.unwrap_or_default();
        if let Some(definition) = field::<Option<String>>(row, "partition_key")? {
            table.partition_key = Some(PartitionKey { definition, columns: Vec::new() });
        }
        let parent = field::<Option<u32>>(row, "parent")?;
        if parent.is_some() {
            // The parent's name is filled in once all tables are known.
            let bounds = field::<Option<String>>(row, "bounds")?.unwrap_or_default();
            let detach_pending = field(row, "detach_pending")?;
            table.partition_of = Some(Partition { parent: table.name.clone(), bounds, detach_pending });
        }
        if field(row, "locked")? {
            gaps.push(Gap {
                what: format!("exact size and expressions of `{}`", table.name),
                because: "another session holds ACCESS EXCLUSIVE on it: its size is from the last VACUUM or ANALYZE, index definitions and conditions are empty"
                    .to_owned(),
            });
        }
        let mut entry = Entry::new(table);
        entry.parent = parent;
        entry.partition_columns = field::<Option<Vec<i16>>>(row, "partition_columns")?.unwrap_or_default();
        relations.insert(field(row, "oid")?, entry);
    }
    Ok(())
}

fn stats(row: &Row, kind: TableKind, major: u16) -> Result<TableStats, Error> {
    if kind != TableKind::Ordinary {
        return Ok(TableStats::default());
    }
    let count = |name: &str| field::<Option<i64>>(row, name).map(|n| n.and_then(|n| u64::try_from(n).ok()));
    let page_bytes = count("page_bytes")?.unwrap_or(0);
    let heap = count("heap")?;
    let tuples: f64 = field(row, "tuples")?;
    let rows =
        estimate(tuples, page_bytes, heap.unwrap_or(page_bytes), major).or(count("live")?.filter(|live| *live > 0));
    Ok(TableStats {
        rows,
        heap_bytes: heap.unwrap_or(page_bytes),
        index_bytes: 0,
        toast_bytes: count("toast")?.unwrap_or(0),
        dead_rows: count("dead")?,
        inserts: count("inserts")?,
        updates: count("updates")?,
        hot_updates: count("hot_updates")?,
        deletes: count("deletes")?,
        seq_scans: count("seq_scans")?,
        index_scans: None,
        counted_for_s: field(row, "counted_for")?,
        xid_age: count("xid_age")?,
        last_vacuum: field(row, "vacuumed")?,
        last_analyze: field(row, "analyzed")?,
    })
}

/// Rows as the server's planner estimates them: the density at the last VACUUM or ANALYZE times today's size.
/// Before 14 a table never analysed has 0 rows on 0 pages; from 14 on it has -1.
fn estimate(tuples: f64, analysed_bytes: u64, heap: u64, major: u16) -> Option<u64> {
    if heap == 0 {
        return Some(0);
    }
    let unknown = tuples < 0.0 || (major < 14 && tuples == 0.0 && analysed_bytes == 0);
    if unknown {
        None
    } else if analysed_bytes == 0 {
        Some(tuples as u64)
    } else {
        Some((tuples * (heap as f64 / analysed_bytes as f64)).round() as u64)
    }
}

pub fn columns(relations: &mut Relations, rows: &[Row], volatilities: &Volatilities) -> Result<(), Error> {
    for row in rows {
        let Some(entry) = relations.get_mut(field(row, "table")?) else { continue };
        let mut column = Column::new(field::<String>(row, "name")?, field::<String>(row, "type")?);
        column.not_null = field(row, "not_null")?;
        column.identity = match field::<String>(row, "identity")?.as_str() {
            "a" => Some(Identity::Always),
            "d" => Some(Identity::ByDefault),
            _ => None,
        };
        if let Some(sql) = field::<Option<String>>(row, "expression")? {
            match field::<String>(row, "generated")?.as_str() {
                "s" => column.generated = Some(Generated { sql, kept: GeneratedKind::Stored }),
                "v" => column.generated = Some(Generated { sql, kept: GeneratedKind::Virtual }),
                _ => {
                    let volatility = of_expression(&sql, volatilities);
                    column.default = Some(DefaultValue { sql, volatility });
                }
            }
        }
        column.collation = field(row, "collation")?;
        column.storage = field(row, "storage")?;
        column.statistics = field(row, "statistics")?;
        column.compression = field(row, "compression")?;
        column.options = field::<Option<Vec<String>>>(row, "options")?.unwrap_or_default();
        column.comment = field(row, "comment")?;
        column.grants = field::<Option<Vec<String>>>(row, "grants")?.unwrap_or_default();
        entry.add_column(field(row, "number")?, column);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_grow_with_the_file() {
        assert_eq!(estimate(1000.0, 8192, 81_920, 15), Some(10_000));
        assert_eq!(estimate(-1.0, 0, 8192, 15), None);
        assert_eq!(estimate(0.0, 0, 8192, 12), None);
        assert_eq!(estimate(-1.0, 0, 0, 15), Some(0));
        assert_eq!(estimate(0.0, 8192, 8192, 12), Some(0));
    }
}
