//! The demos' catalogs are what the real inspector says of `assets/demo/*.sql` on real servers, with the figures of the
//! `.stats.toml` beside laid over it. `SIDESTEP_BLESS=1` writes the files that the program embeds.

use crate::support::{MysqlServer, Server, majors, mysqls};
use serde::Deserialize;
use sidestep::db::{from_json, to_json};
use sidestep::model::objects::{Replica, Slot, Transaction};
use sidestep::model::{Catalog, Index, Table, TableKind};
use sidestep::plan::Act;
use std::collections::BTreeMap;

const SCHEMA: &str = include_str!("../../assets/demo/postgresql.sql");
const FIGURES: &str = include_str!("../../assets/demo/postgresql.stats.toml");

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
    is_kept(&catalog, "postgresql");
}

fn is_kept(catalog: &Catalog, name: &str) {
    let path = format!("{}/assets/demo/{name}.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("SIDESTEP_BLESS").is_some() {
        std::fs::write(&path, to_json(catalog)).unwrap();
    }
    let kept = from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for (made, kept) in catalog.tables.iter().zip(&kept.tables) {
        assert_eq!(made, kept, "run this test with SIDESTEP_BLESS=1");
    }
    assert!(kept == *catalog, "the demo is stale: run this test with SIDESTEP_BLESS=1");
}

const MYSQL_SCHEMA: &str = include_str!("../../assets/demo/mysql.sql");
const MYSQL_FIGURES: &str = include_str!("../../assets/demo/mysql.stats.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MysqlFigures {
    captured_at: String,
    counted_for_s: f64,
    settings: BTreeMap<String, String>,
    tables: BTreeMap<String, MysqlTableFigures>,
    next_values: BTreeMap<String, u64>,
    replicas: Vec<Replica>,
    transactions: Vec<Transaction>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default, deny_unknown_fields)]
struct MysqlTableFigures {
    rows: u64,
    data: f64,
    free: f64,
    insert: f64,
    update: f64,
    delete: f64,
}

/// What moves on with every release of a server, or is of this machine, is no part of a demo.
fn settled(catalog: &mut Catalog, version: &str, figures: &MysqlFigures) {
    let settings = &mut catalog.server.settings;
    for (name, value) in &figures.settings {
        if let Some(known) = settings.get_mut(name) {
            known.clone_from(value);
        }
    }
    settings.retain(|name, _| !["version", "version_comment", "innodb_tmpdir", "tmpdir"].contains(&name.as_str()));
    catalog.server.version = version.parse().unwrap();
    catalog.captured_at = figures.captured_at.clone();
    catalog.gaps.clear();
    catalog.replicas = figures.replicas.clone();
    catalog.transactions = figures.transactions.clone();
}

#[test]
fn the_mysql_demos_are_what_the_inspector_reads() {
    let figures: MysqlFigures = toml::from_str(MYSQL_FIGURES).unwrap();
    for (name, version) in [("mysql-9.7", "9.7.0"), ("mariadb-10.11", "10.11.6")] {
        if !mysqls().contains(&name) {
            continue;
        }
        let database = MysqlServer::of(name).fresh_database();
        database.session().run(MYSQL_SCHEMA);
        let read = to_json(&super::mysql_inspect::load(&database));
        let mut catalog = from_json(&read.replace(&database.name, "shop")).unwrap();
        settled(&mut catalog, version, &figures);
        for table in &mut catalog.tables {
            size_mysql(table, &figures);
        }
        sidestep::db::snapshot::sort(&mut catalog);
        is_kept(&catalog, name.split_once('-').unwrap().0);
    }
}

fn size_mysql(table: &mut Table, figures: &MysqlFigures) {
    let name = table.name.name.as_str().to_owned();
    let f = figures.tables.get(&name).unwrap_or_else(|| panic!("no figures for {name}"));
    let over = |per_s: f64| Some((per_s * figures.counted_for_s) as u64);
    let columns = table.columns.clone();
    let width = |name: &sidestep::model::Ident| {
        let column = columns.iter().find(|c| c.name == *name);
        match column.map_or("", |c| c.data_type.split(['(', ' ']).next().unwrap_or_default()) {
            "tinyint" | "enum" | "char" => 2.0,
            "smallint" | "int" | "date" | "timestamp" => 4.0,
            "bigint" | "datetime" => 8.0,
            "binary" => 16.0,
            _ => 24.0,
        }
    };
    let own: f64 = table.primary_key().map_or(6.0, |key| key.columns.iter().map(width).sum());
    for index in table.indexes.iter_mut().filter(|i| !i.primary) {
        let keys: f64 = index.keys.iter().flatten().map(width).sum();
        index.bytes = pages(f.rows as f64 * (6.0 + keys + own) / 0.9);
    }
    let clustered = table.mysql.as_ref().is_some_and(|m| m.engine == "InnoDB");
    for index in table.indexes.iter_mut().filter(|i| i.primary && clustered) {
        index.bytes = mib(f.data);
    }
    table.stats = sidestep::model::TableStats {
        rows: Some(f.rows),
        heap_bytes: mib(f.data),
        index_bytes: table.indexes.iter().filter(|i| !i.primary).map(|i| i.bytes).sum(),
        inserts: over(f.insert),
        updates: over(f.update),
        deletes: over(f.delete),
        counted_for_s: Some(figures.counted_for_s),
        ..table.stats.clone()
    };
    let (heap, indexes) = (table.stats.heap_bytes, table.stats.index_bytes);
    let numbered = table.columns.iter().any(|c| c.mysql.as_ref().is_some_and(|m| m.auto_increment));
    if let Some(m) = &mut table.mysql {
        m.free_bytes = mib(f.free);
        m.file_bytes = m.file_bytes.map(|_| heap + indexes + mib(f.free));
        // Rolled back inserts and deleted rows leave holes.
        let beyond = (f.rows as f64 * 1.037) as u64 + 1;
        m.auto_increment = numbered.then(|| figures.next_values.get(&name).copied().unwrap_or(beyond));
        if let Some(p) = &mut m.partitioning {
            // The last one waits for what no other takes.
            let full = p.partitions.len().saturating_sub(1).max(1) as u64;
            for (at, partition) in p.partitions.iter_mut().enumerate() {
                let share = u64::from((at as u64) < full);
                partition.rows = Some(f.rows / full * share);
                partition.bytes = (heap + indexes) / full * share;
            }
        }
    }
}

fn mib(size: f64) -> u64 {
    pages(size * 1024.0 * 1024.0)
}

/// InnoDB's pages.
fn pages(bytes: f64) -> u64 {
    (bytes / 16_384.0).ceil() as u64 * 16_384
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

/// A copy would be made without the triggers that keep two columns in step, and the plan would lose writes.
#[test]
fn no_tool_copies_a_table_under_the_triggers_of_the_plan() {
    for demo in sidestep::db::DEMOS {
        let plan = sidestep::change::plan(demo.wish, &demo.catalog(), &sidestep::plan::Policy::default()).unwrap();
        let made = |word: &str| plan.steps().any(|(_, s)| s.sql().iter().any(|q| q.contains(word)));
        assert!(made("TRIGGER"), "{}", demo.word);
        let copies = |act: &Act| matches!(act, Act::External { effect, .. } if !effect.is_empty());
        let tool = plan.steps().find(|(_, s)| copies(&s.act));
        assert!(tool.is_none(), "{}: {tool:?}", demo.word);
    }
}
