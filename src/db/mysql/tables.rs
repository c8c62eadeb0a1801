//! Tables and their sizes; what InnoDB and the performance schema know beside them.

use super::query;
use super::rows::Row;
use super::{Error, Reader, text};
use crate::model::mysql::{MysqlPartition, MysqlPartitioning, MysqlTable};
use crate::model::objects::{View, ViewKind};
use crate::model::{Catalog, Engine, Ident, Table, TableName, Version};
use std::collections::BTreeMap;

/// Tables and views of [`query::Scope::here`], without their columns.
pub async fn read(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let rows = reader.must_read(query::TABLES).await?;
    let mut sequences = 0u32;
    for row in rows.iter() {
        let name = TableName::new(row.text("db"), row.text("name"));
        match row.text("type") {
            "VIEW" | "SYSTEM VIEW" => catalog.views.push(view(name)),
            "SEQUENCE" => sequences += 1,
            kind => catalog.put_table(table(name, kind, &row)),
        }
    }
    if sequences > 0 {
        reader.gap(format!("{sequences} sequences"), "sidestep does not read sequences of MariaDB");
    }
    Ok(())
}

fn table(name: TableName, kind: &str, row: &Row<'_>) -> Table {
    let mut table = Table::new(name, Vec::new());
    table.stats.rows = row.number("row_count");
    table.stats.heap_bytes = row.number("data").unwrap_or(0);
    table.stats.index_bytes = row.number("index_bytes").unwrap_or(0);
    table.comment = row.opt("comment").filter(|c| !c.is_empty()).map(str::to_owned);
    let mut options: Vec<String> = row.text("options").split_whitespace().map(str::to_owned).collect();
    if kind == "SYSTEM VERSIONED" {
        options.push("WITH SYSTEM VERSIONING".to_owned());
    }
    table.mysql = Some(Box::new(MysqlTable {
        engine: row.owned("engine"),
        row_format: row.owned("row_format"),
        collation: row.owned("collation"),
        auto_increment: row.number("next_number"),
        free_bytes: row.number("free").unwrap_or(0),
        options,
        ..MysqlTable::default()
    }));
    table
}

fn view(name: TableName) -> View {
    View {
        name,
        kind: ViewKind::View,
        columns: Vec::new(),
        definition: String::new(),
        uses: Vec::new(),
        writes_to: None,
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
    }
}

/// The table of this database that a row is about.
pub fn of<'a>(catalog: &'a mut Catalog, row: &Row<'_>) -> Option<&'a mut Table> {
    let table = row.opt("tbl").map_or_else(|| text::of_file(row.text("file")), str::to_owned);
    let name = TableName::new(catalog.database.clone(), table);
    if catalog.table(&name).is_some() {
        return catalog.table_mut(&name);
    }
    // InnoDB keeps names of files, which some file systems fold.
    catalog.tables.iter_mut().find(|t| t.name.schema == name.schema && folded(&t.name.name) == folded(&name.name))
}

fn folded(name: &Ident) -> String {
    name.0.to_lowercase()
}

fn of_mysql<'a>(catalog: &'a mut Catalog, row: &Row<'_>) -> Option<&'a mut MysqlTable> {
    of(catalog, row).and_then(|t| t.mysql.as_deref_mut())
}

/// What other places than `TABLES` know.
pub async fn details(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    partitions(reader, catalog).await?;
    let versions = reader.read(query::ROW_VERSIONS).await?;
    for row in versions.iter() {
        if let Some(table) = of_mysql(catalog, &row) {
            table.row_versions = row.number("row_versions").and_then(|n| u32::try_from(n).ok());
        }
    }
    let gaps = reader.gaps.len();
    let with_id = reader.read(query::FULLTEXT).await?;
    if reader.gaps.len() == gaps {
        // Where a name's file is not known, nothing could have been found.
        let by_file = reader.line.is(Engine::Mysql, Version::new(8, 0));
        let known = |name: &Ident| !by_file || text::has_known_file(&name.0);
        for table in catalog.tables.iter_mut().filter(|t| known(&t.name.schema) && known(&t.name.name)) {
            if let Some(mysql) = table.mysql.as_mut().filter(|m| m.engine == "InnoDB") {
                mysql.fulltext_id = Some(false);
            }
        }
    }
    for row in with_id.iter() {
        if let Some(table) = of_mysql(catalog, &row) {
            table.fulltext_id = Some(true);
        }
    }
    for row in reader.read(query::FILES).await?.iter() {
        if let Some(table) = of_mysql(catalog, &row) {
            table.file_bytes = row.number("bytes");
        }
    }
    for row in reader.read(query::INDEX_SIZES).await?.iter() {
        let name = Ident(row.owned("name"));
        if let Some(index) = of(catalog, &row).and_then(|t| t.indexes.iter_mut().find(|i| i.name == name)) {
            index.bytes = row.number("bytes").unwrap_or(0);
        }
    }
    counters(reader, catalog).await
}

/// What the performance schema has counted since the server started.
async fn counters(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    if catalog.server.settings.get("performance_schema").is_some_and(|v| v == "OFF") {
        reader.gap("writes by table, use of indexes, metadata locks", "`performance_schema` is off on this server");
        return Ok(());
    }
    let uptime = reader.read(query::STATUS).await?.first().and_then(|r| r.number("Value"));
    for row in reader.read(query::COUNTERS).await?.iter() {
        if let Some(table) = of(catalog, &row) {
            table.stats.inserts = row.number("inserts");
            table.stats.updates = row.number("updates");
            table.stats.deletes = row.number("deletes");
            table.stats.counted_for_s = uptime.map(|s| s as f64);
        }
    }
    for row in reader.read(query::INDEX_USE).await?.iter() {
        let name = Ident(row.owned("name"));
        if let Some(index) = of(catalog, &row).and_then(|t| t.indexes.iter_mut().find(|i| i.name == name)) {
            index.scans = row.number("scans");
        }
    }
    Ok(())
}

async fn partitions(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let rows = reader.read(query::PARTITIONS).await?;
    // Subpartitions are rows of their own: their partition is the sum of them.
    let mut found: BTreeMap<&str, BTreeMap<u64, (Row<'_>, MysqlPartition)>> = BTreeMap::new();
    for row in rows.iter() {
        let place = row.number("place").unwrap_or(0);
        let (count, bytes) = (row.number("row_count"), row.number("bytes").unwrap_or(0));
        let (_, partition) = found.entry(row.text("tbl")).or_default().entry(place).or_insert_with(|| {
            let name = Ident(row.owned("name"));
            let description = row.opt("description").map(str::to_owned);
            (row, MysqlPartition { name, description, rows: None, bytes: 0 })
        });
        partition.bytes += bytes;
        partition.rows = count.map(|more| partition.rows.unwrap_or(0) + more).or(partition.rows);
    }
    for partitions in found.into_values() {
        let Some((first, _)) = partitions.values().next() else { continue };
        let first = *first;
        let method = first.owned("method");
        let expression = first.owned("expression");
        let sub_method = first.opt("sub_method").map(str::to_owned);
        let sub_expression = first.opt("sub_expression").map(str::to_owned);
        let partitions = partitions.into_values().map(|(_, partition)| partition).collect();
        if let Some(table) = of_mysql(catalog, &first) {
            table.partitioning = Some(MysqlPartitioning { method, expression, sub_method, sub_expression, partitions });
        }
    }
    Ok(())
}
