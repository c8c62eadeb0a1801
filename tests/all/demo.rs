//! The demo's catalog is what the real inspector says of `assets/demo/postgresql.sql` on a real server, with the
//! figures of `postgresql.stats.toml` laid over it. `SIDESTEP_BLESS=1` writes the file that the program embeds.

use crate::support::{Server, majors};
use serde::Deserialize;
use sidestep::db::{from_json, to_json};
use sidestep::model::objects::{Replica, Slot, Transaction};
use sidestep::model::{Catalog, Index, Table, TableKind};
use std::collections::BTreeMap;

const SCHEMA: &str = include_str!("../../assets/demo/postgresql.sql");
const FIGURES: &str = include_str!("../../assets/demo/postgresql.stats.toml");
const JSON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/postgresql.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    captured_at: String,
    version: String,
    counted_for_s: f64,
    last_vacuum: String,
    last_analyze: String,
    settings: BTreeMap<String, String>,
    tables: BTreeMap<String, TableFigures>,
    views: BTreeMap<String, f64>,
    last_values: BTreeMap<String, i64>,
    index_scans: BTreeMap<String, u64>,
    slots: Vec<Slot>,
    replicas: Vec<Replica>,
    transactions: Vec<Transaction>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default, deny_unknown_fields)]
struct TableFigures {
    rows: u64,
    heap: f64,
    toast: f64,
    insert: f64,
    update: f64,
    hot: f64,
    delete: f64,
    reads: f64,
    dead: u64,
    seq: u64,
}

#[test]
fn the_demo_is_what_the_inspector_reads() {
    if !majors().contains(&15) {
        return;
    }
    let database = Server::major(15).fresh_database();
    database.session().run(SCHEMA);
    let mut catalog = super::inspect::inspect(&database.url);
    overlay(&mut catalog, &toml::from_str(FIGURES).unwrap());
    let made = to_json(&catalog);
    if std::env::var_os("SIDESTEP_BLESS").is_some() {
        std::fs::write(JSON, &made).unwrap();
    }
    let kept = from_json(&std::fs::read_to_string(JSON).unwrap()).unwrap();
    for (made, kept) in catalog.tables.iter().zip(&kept.tables) {
        assert_eq!(made, kept, "run this test with SIDESTEP_BLESS=1");
    }
    assert!(kept == catalog, "the demo is stale: run this test with SIDESTEP_BLESS=1");
}

fn overlay(catalog: &mut Catalog, figures: &Figures) {
    catalog.database = "shop".into();
    catalog.captured_at = figures.captured_at.clone();
    catalog.server.version = figures.version.parse().unwrap();
    catalog.server.settings = figures.settings.clone();
    catalog.gaps.clear();
    catalog.slots = figures.slots.clone();
    catalog.replicas = figures.replicas.clone();
    catalog.transactions = figures.transactions.clone();
    for table in &mut catalog.tables {
        table.owner = Some("shop".into());
        if table.kind == TableKind::Ordinary {
            size(table, figures);
        }
    }
    for view in &mut catalog.views {
        view.owner = Some("shop".into());
        view.bytes = figures.views.get(&view.name.to_string()).map_or(0, |mib| bytes(*mib));
    }
    let rows: BTreeMap<_, _> = catalog.tables.iter().map(|t| (t.name.clone(), t.stats.rows)).collect();
    for sequence in &mut catalog.sequences {
        let owner = sequence.owned_by.as_ref().and_then(|o| rows.get(&o.table).copied().flatten());
        let stated = figures.last_values.get(&sequence.name.to_string()).copied();
        // Rolled back inserts and deleted rows leave holes.
        sequence.last_value = stated.or(owner.map(|rows| (rows as f64 * 1.037) as i64));
    }
    catalog.wraparound = Some(sidestep::model::objects::Wraparound { xid_age: 201_400_000, multixact_age: 3_100_000 });
    sidestep::db::snapshot::sort(catalog);
}

fn bytes(mib: f64) -> u64 {
    // Files grow by pages.
    (mib * 128.0).round() as u64 * 8192
}

fn size(table: &mut Table, figures: &Figures) {
    let name = table.name.to_string();
    let by_star = || figures.tables.iter().filter(|(k, _)| k.strip_suffix('*').is_some_and(|p| name.starts_with(p)));
    let found = figures.tables.get(&name).or_else(|| by_star().map(|(_, f)| f).next());
    let f = found.unwrap_or_else(|| panic!("no figures for {name}"));
    let over = |per_s: f64| Some((per_s * figures.counted_for_s) as u64);
    let columns = table.columns.clone();
    for index in &mut table.indexes {
        index.bytes = index_bytes(index, &columns, f.rows);
        let share = if index.primary { 0.6 } else { 0.25 };
        let stated = figures.index_scans.get(index.name.as_str()).copied();
        index.scans = stated.or(over(f.reads * share));
    }
    let scans = table.indexes.iter().filter_map(|i| i.scans).sum();
    let written = f.insert + f.update + f.delete > 0.0;
    table.stats = sidestep::model::TableStats {
        rows: Some(f.rows),
        heap_bytes: bytes(f.heap),
        index_bytes: table.indexes.iter().map(|i| i.bytes).sum(),
        toast_bytes: bytes(f.toast),
        dead_rows: Some(f.dead),
        inserts: over(f.insert),
        updates: over(f.update),
        hot_updates: over(f.update * f.hot),
        deletes: over(f.delete),
        seq_scans: Some(f.seq),
        index_scans: Some(scans),
        counted_for_s: Some(figures.counted_for_s),
        // One of them is what the vacuum of the demo is at.
        xid_age: Some(if name == "public.order_status_history" {
            201_400_000
        } else {
            61_000_000 + f.rows % 97_000_000
        }),
        last_vacuum: written.then(|| figures.last_vacuum.clone()),
        last_analyze: written.then(|| figures.last_analyze.clone()),
    };
}

/// A B-tree entry is 12 bytes and its keys, pages are nine tenths full; a partial index holds a twentieth.
fn index_bytes(index: &Index, columns: &[sidestep::model::Column], rows: u64) -> u64 {
    let width = |key: &Option<sidestep::model::Ident>| {
        let column = key.as_ref().and_then(|k| columns.iter().find(|c| c.name == *k));
        match column.map_or("", |c| c.data_type.as_str()) {
            "smallint" | "integer" | "date" | "public.order_status" => 4.0,
            "bigint" | "timestamp with time zone" => 8.0,
            "uuid" => 16.0,
            _ => 24.0,
        }
    };
    let entry = (12.0 + index.keys.iter().map(width).sum::<f64>()) / 0.9;
    let share = match index.method.as_str() {
        "brin" => 0.0005,
        "gin" => 2.5,
        _ if index.predicate.is_some() => 0.05,
        _ => 1.0,
    };
    ((rows as f64 * entry * share / 8192.0).ceil() as u64 + 1) * 8192
}
