//! The server: version, provider, role, and the settings that decide what a change does.

use super::provider::{Hints, provider};
use super::query;
use super::rows::Row;
use super::{Reader, Refusal};
use crate::db::Error;
use crate::model::engine::Role;
use crate::model::{Engine, Server};
use std::collections::BTreeMap;

/// As new sessions get them. A server that does not know one leaves it out.
const KEPT: &[&str] = &[
    "alter_algorithm",
    "aurora_version",
    "binlog_alter_two_phase",
    "binlog_format",
    "binlog_row_image",
    "character_set_server",
    "collation_server",
    "default_storage_engine",
    "enforce_gtid_consistency",
    "event_scheduler",
    "explicit_defaults_for_timestamp",
    "foreign_key_checks",
    "gtid_mode",
    "gtid_strict_mode",
    "hostname",
    "information_schema_stats_expiry",
    "innodb_alter_copy_bulk",
    "innodb_autoinc_lock_mode",
    "innodb_buffer_pool_size",
    "innodb_ddl_buffer_size",
    "innodb_ddl_threads",
    "innodb_default_row_format",
    "innodb_file_per_table",
    "innodb_instant_alter_column_allowed",
    "innodb_lock_wait_timeout",
    "innodb_online_alter_log_max_size",
    "innodb_page_size",
    "innodb_parallel_read_threads",
    "innodb_read_only",
    "innodb_sort_buffer_size",
    "innodb_strict_mode",
    "innodb_tmpdir",
    "lock_wait_timeout",
    "log_bin",
    "log_bin_trust_function_creators",
    "log_replica_updates",
    "log_slave_updates",
    "lower_case_file_system",
    "lower_case_table_names",
    "max_allowed_packet",
    "max_connections",
    "max_execution_time",
    "max_statement_time",
    "old_alter_table",
    "partial_revokes",
    "performance_schema",
    "port",
    "read_only",
    "replica_parallel_workers",
    "require_secure_transport",
    "server_id",
    "slave_parallel_threads",
    "slave_parallel_workers",
    "sql_generate_invisible_primary_key",
    "sql_mode",
    "sql_require_primary_key",
    "super_read_only",
    "time_zone",
    "transaction_isolation",
    "tx_isolation",
    "version",
    "version_comment",
    "wsrep_OSU_method",
    "wsrep_on",
];

pub async fn read(reader: &mut Reader<'_>, session: &Row<'_>) -> Result<Server, Error> {
    let rows = reader.read(query::SETTINGS).await?;
    let all: BTreeMap<&str, &str> = rows.iter().map(|r| (r.text("Variable_name"), r.text("Value"))).collect();
    let mut settings: BTreeMap<String, String> =
        KEPT.iter().filter_map(|name| Some(((*name).to_owned(), (*all.get(name)?).to_owned()))).collect();
    let says = |name: &str| all.get(name).copied().unwrap_or_default();
    let on = |name: &str| matches!(says(name), "ON" | "1");
    let provider = provider(&Hints {
        banner: &reader.line.banner,
        comment: session.text("version_comment"),
        basedir: says("basedir"),
        datadir: says("datadir"),
        names: &|part: &str| all.keys().any(|name| name.starts_with(part)),
        galera: on("wsrep_on"),
    });
    let source = source(reader).await?;
    if let Some(source) = &source {
        settings.extend(source.clone());
    }
    // An Aurora reader shares its files with the writer and says `innodb_read_only`; a replica has a source.
    let is_follower = on("innodb_read_only") || source.is_some() && (on("read_only") || on("super_read_only"));
    Ok(Server {
        engine: reader.line.engine,
        version: reader.line.version,
        provider,
        role: if is_follower { Role::Standby } else { Role::Primary },
        settings,
    })
}

/// What the server says of its own source, under the newest names; none if it has none.
async fn source(reader: &mut Reader<'_>) -> Result<Option<BTreeMap<String, String>>, Error> {
    let line = &mut *reader.line;
    let sql = match (line.engine, line.version) {
        (Engine::Mariadb, _) => "SHOW ALL SLAVES STATUS",
        (_, version) if version >= crate::model::Version::exact(8, 0, 22) => "SHOW REPLICA STATUS",
        _ => "SHOW SLAVE STATUS",
    };
    let rows = match line.query(sql).await {
        Ok(rows) => rows,
        Err(Refusal::Lost(because)) => return Err(Error::Lost { at: line.at.clone(), because }),
        Err(refusal) => {
            reader.gap("whether this server is a replica, and its lag", refusal.to_string());
            return Ok(None);
        }
    };
    // Of several sources the one that is furthest behind decides; one that stands still says NULL.
    let lag = |row: &Row<'_>| row.opt("Seconds_Behind_Source").or(row.opt("Seconds_Behind_Master")).map(str::to_owned);
    let worst = rows.iter().max_by_key(|row| lag(row).map_or(u64::MAX, |l| l.parse().unwrap_or(u64::MAX)));
    Ok(worst.map(|row| {
        let first = |names: [&str; 2]| names.iter().find_map(|n| row.opt(n)).unwrap_or_default().to_owned();
        let mut of = BTreeMap::new();
        of.insert("source_host".to_owned(), first(["Source_Host", "Master_Host"]));
        of.insert("replica_io_running".to_owned(), first(["Replica_IO_Running", "Slave_IO_Running"]));
        of.insert("replica_sql_running".to_owned(), first(["Replica_SQL_Running", "Slave_SQL_Running"]));
        of.insert("seconds_behind_source".to_owned(), lag(&row).unwrap_or_else(|| "unknown".to_owned()));
        of
    }))
}
