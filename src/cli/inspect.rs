//! `sidestep inspect`: the catalog as a table for people, as JSON, or as a file.

use super::args::InspectArgs;
use super::home::Home;
use super::output::{Output, say};
use super::{Outcome, target, write};
use crate::db;
use crate::error::Problem;
use crate::model::catalog::TableKind;
use crate::model::mysql::numbers_used;
use crate::model::name::shown;
use crate::model::objects::TransactionKind;
use crate::model::quantity::seconds;
use crate::model::{Bytes, Catalog, Rows, Table};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

pub fn run(args: &InspectArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    let catalog = target::catalog(&args.target, &home.config()?)?;
    if let Some(path) = &args.output {
        write::replace_file(path, &db::to_json(&catalog))?;
        say(&format!("wrote {}", path.display()));
    }
    if args.json {
        return output.json(&catalog);
    }
    // With a file asked for, the wall of tables is not what the user came for.
    if args.output.is_some() {
        return Ok(Outcome::Fine);
    }
    output.data(&text(&catalog))
}

fn text(catalog: &Catalog) -> String {
    let mut out = String::new();
    let server = &catalog.server;
    let total: Bytes = catalog.tables.iter().map(|t| t.stats.total()).sum();
    let _ = writeln!(out, "{server} · database {} · read {}", shown(&catalog.database), shown(&catalog.captured_at));
    let noun = if catalog.tables.len() == 1 { "table" } else { "tables" };
    let _ = writeln!(out, "{} {noun}, {total}", catalog.tables.len());
    settings(&mut out, catalog);
    out.push('\n');
    tables(&mut out, catalog);
    attention(&mut out, catalog);
    out
}

/// PostgreSQL's, then those of MySQL and MariaDB.
const SETTINGS: [&str; 11] = [
    "lock_timeout",
    "statement_timeout",
    "max_connections",
    "wal_level",
    "TimeZone",
    "lock_wait_timeout",
    "sql_mode",
    "binlog_format",
    "gtid_mode",
    "innodb_online_alter_log_max_size",
    "lower_case_table_names",
];
/// From this share on it is worth a line that the numbers of a key run out.
const RUNNING_OUT: f64 = 0.7;

/// Settings that decide how a change behaves, where they are known.
fn settings(out: &mut String, catalog: &Catalog) {
    let shown_settings: Vec<String> = SETTINGS
        .iter()
        .filter_map(|name| Some(format!("{name}={}", shown(catalog.server.settings.get(*name)?))))
        .collect();
    if !shown_settings.is_empty() {
        let _ = writeln!(out, "{}", shown_settings.join(" · "));
    }
}

fn tables(out: &mut String, catalog: &Catalog) {
    let mut tables: Vec<&Table> = catalog.tables.iter().collect();
    tables.sort_by(|a, b| b.stats.total().cmp(&a.stats.total()).then_with(|| a.name.cmp(&b.name)));
    if tables.iter().any(|t| t.mysql.is_some()) {
        return mysql_tables(out, &tables);
    }
    let mut rows = vec![["table", "rows", "total", "heap", "indexes", "toast", "dead", "writes/s"].map(str::to_owned)];
    rows.extend(tables.into_iter().map(|table| {
        let stats = &table.stats;
        let mark = match table.kind {
            TableKind::Ordinary => "",
            TableKind::Partitioned => " (partitioned)",
            TableKind::Foreign => " (foreign)",
        };
        [
            format!("{}{mark}", table.name),
            stats.rows.map_or_else(|| "unknown".to_owned(), |r| Rows(r).to_string()),
            stats.total().to_string(),
            Bytes(stats.heap_bytes).to_string(),
            Bytes(stats.index_bytes).to_string(),
            Bytes(stats.toast_bytes).to_string(),
            stats.dead_rows.map_or_else(|| "–".to_owned(), |r| Rows(r).to_string()),
            stats.writes_per_s().map_or_else(|| "–".to_owned(), |w| format!("{w:.1}")),
        ]
    }));
    aligned(out, &rows);
}

fn mysql_tables(out: &mut String, tables: &[&Table]) {
    let mut rows = vec![["table", "rows", "total", "data", "indexes", "free", "engine", "writes/s"].map(str::to_owned)];
    rows.extend(tables.iter().filter_map(|table| {
        let (stats, mysql) = (&table.stats, table.mysql.as_ref()?);
        let mark = if mysql.partitioning.is_some() { " (partitioned)" } else { "" };
        Some([
            format!("{}{mark}", table.name),
            stats.rows.map_or_else(|| "unknown".to_owned(), |r| Rows(r).to_string()),
            stats.total().to_string(),
            Bytes(stats.heap_bytes).to_string(),
            Bytes(stats.index_bytes).to_string(),
            Bytes(mysql.free_bytes).to_string(),
            shown(&mysql.engine).into_owned(),
            stats.writes_per_s().map_or_else(|| "–".to_owned(), |w| format!("{w:.1}")),
        ])
    }));
    aligned(out, &rows);
}

/// Columns as wide as their widest cell; the first to the left, figures to the right.
fn aligned<const N: usize>(out: &mut String, rows: &[[String; N]]) {
    let mut widths = [0usize; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    for row in rows {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            let _ = if i == 0 { write!(line, "{cell}{pad}") } else { write!(line, "  {pad}{cell}") };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// What stands in the way of a change, or narrows the answer.
fn attention(out: &mut String, catalog: &Catalog) {
    let mut lines: Vec<String> = Vec::new();
    for table in &catalog.tables {
        for index in table.indexes.iter().filter(|i| !i.valid) {
            lines.push(format!("index {} of {} is not valid", index.name, table.name));
        }
        for constraint in table.constraints.iter().filter(|c| !c.valid) {
            lines.push(format!("constraint {} of {} is not validated", constraint.name, table.name));
        }
    }
    for (table, (column, used)) in catalog.tables.iter().filter_map(|t| Some((t, numbers_used(t)?))) {
        if used >= RUNNING_OUT {
            lines.push(format!("{:.0}% of the numbers of {column} of {} are used", used * 100.0, table.name));
        }
    }
    if let Some(source) = catalog.server.settings.get("source_host") {
        let lag = catalog.server.settings.get("seconds_behind_source").map_or("unknown", String::as_str);
        lines.push(format!("this server is a replica of {}, seconds behind: {}", shown(source), shown(lag)));
    }
    for transaction in &catalog.transactions {
        let what = match transaction.kind {
            TransactionKind::Session => "a transaction",
            TransactionKind::Prepared => "a prepared transaction",
            TransactionKind::Wraparound => "a vacuum to prevent wraparound",
        };
        let who = transaction.application.as_deref().or(transaction.user.as_deref()).unwrap_or("");
        let pid = transaction.pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
        lines.push(format!("{what} of `{}`{pid} is {} old", shown(who), seconds(transaction.age_s)));
    }
    for replica in &catalog.replicas {
        let lag = replica.lag_s.map_or_else(|| "an unknown time".to_owned(), seconds);
        lines.push(format!("replica {} ({}) is {lag} behind", shown(&replica.name), shown(&replica.state)));
    }
    for slot in catalog.slots.iter().filter(|s| !s.active) {
        let held = slot.retained_bytes.map_or_else(|| "unknown".to_owned(), |b| Bytes(b).to_string());
        lines.push(format!("slot {} is inactive and holds {held} of WAL", slot.name));
    }
    for gap in &catalog.gaps {
        lines.push(format!("not read: {}: {}", shown(&gap.what), shown(&gap.because)));
    }
    if !lines.is_empty() {
        out.push('\n');
        lines.iter().for_each(|line| {
            let _ = writeln!(out, "{line}");
        });
    }
}
