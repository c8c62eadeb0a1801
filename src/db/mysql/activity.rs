//! What runs beside us: transactions that a change would wait for, waits for metadata locks, replicas.

use super::query;
use super::rows::Row;
use super::{Error, Reader};
use crate::db::postgres::LONG_TRANSACTION_S;
use crate::model::objects::{Replica, Transaction, TransactionKind};
use crate::model::{Catalog, TableName};
use std::collections::BTreeMap;

pub async fn read(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let mut found: BTreeMap<u64, Transaction> = BTreeMap::new();
    for row in reader.read(query::TRANSACTIONS).await?.iter() {
        let id = row.number("id").unwrap_or(0);
        // One that nobody is connected for is prepared (XA) and waits for its coordinator.
        let kind = if id == 0 { TransactionKind::Prepared } else { TransactionKind::Session };
        let state = match row.text("command") {
            "" => None,
            "Sleep" => Some("idle in transaction".to_owned()),
            other => Some(other.to_lowercase()),
        };
        let one = transaction(kind, id, &row, state);
        // Several prepared ones have no number of their own.
        if id == 0 {
            catalog.transactions.push(one)
        } else {
            found.entry(id).or_insert(one);
        }
    }
    if catalog.server.settings.get("performance_schema").is_none_or(|v| v != "OFF") {
        locks(reader, catalog, &mut found).await?;
    }
    for row in reader.read(query::PROCESSES).await?.iter() {
        let id = row.number("id").unwrap_or(0);
        if row.text("command").starts_with("Binlog Dump") {
            let name = format!("{}@{}", row.text("user"), row.text("host"));
            let state = row.text("state").to_owned();
            catalog.replicas.push(Replica { name, state, lag_bytes: None, lag_s: None });
        } else {
            let one = found.entry(id).or_insert_with(|| transaction(TransactionKind::Session, id, &row, None));
            one.state = Some(WAITS.to_owned());
        }
    }
    let blocks = |t: &Transaction| t.age_s >= LONG_TRANSACTION_S || t.state.as_deref() == Some(WAITS);
    catalog.transactions.extend(found.into_values().filter(|t| blocks(t)));
    Ok(())
}

const WAITS: &str = "waits for a metadata lock";

fn transaction(kind: TransactionKind, id: u64, row: &Row<'_>, state: Option<String>) -> Transaction {
    Transaction {
        kind,
        pid: i32::try_from(id).ok().filter(|id| *id > 0),
        age_s: row.opt("age").and_then(|a| a.parse().ok()).unwrap_or(0.0f64).max(0.0),
        state,
        user: row.opt("user").map(str::to_owned),
        application: None,
        tables: Vec::new(),
    }
}

/// The instrument behind `metadata_locks`: on in MySQL from 8.0 on, off in MariaDB and MySQL 5.7 unless asked for.
const INSTRUMENT: &str = "wait/lock/metadata/sql/mdl";

/// Who holds or awaits a metadata lock on a table of this database: also a session whose transaction has touched no row.
async fn locks(
    reader: &mut Reader<'_>,
    catalog: &mut Catalog,
    found: &mut BTreeMap<u64, Transaction>,
) -> Result<(), Error> {
    if let Some(row) = reader.read(query::INSTRUMENT).await?.first() {
        let on = row.is_yes("enabled");
        catalog.server.settings.insert(INSTRUMENT.to_owned(), if on { "ON" } else { "OFF" }.to_owned());
        if !on {
            reader.gap("who holds metadata locks", format!("the instrument `{INSTRUMENT}` is off on this server"));
        }
    }
    for row in reader.read(query::LOCKS).await?.iter() {
        let Some(id) = row.number("id") else { continue };
        let idle = row.text("command") == "Sleep";
        let state = if idle { "idle in transaction".to_owned() } else { row.text("command").to_lowercase() };
        let one = found.entry(id).or_insert_with(|| transaction(TransactionKind::Session, id, &row, Some(state)));
        let table = TableName::new(catalog.database.clone(), row.text("tbl"));
        if row.text("status") == "PENDING" {
            one.state = Some(WAITS.to_owned());
        } else if !one.tables.contains(&table) && catalog.table(&table).is_some() {
            one.tables.push(table);
        }
    }
    found.values_mut().for_each(|t| t.tables.sort());
    Ok(())
}
