//! Questions about the server on the day: who stands in the way, what decides how an ALTER TABLE runs.

use super::literal;
use crate::engine::emit::speech::Question;
use crate::model::{Catalog, Server, TableName};

/// What the primary knows of its replicas: that they are there. How far one is behind only the replica can tell.
pub const REPLICAS: &str =
    "SELECT ID, USER, HOST, COMMAND, TIME, STATE FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'";

/// Open transactions, oldest first; the usual culprit shows as `Sleep`.
const TRANSACTIONS: &str = "SELECT t.trx_mysql_thread_id AS id, p.USER AS user, p.HOST AS host, p.COMMAND AS command, \
     TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS open_for_s, t.trx_rows_modified AS rows_modified, LEFT(t.trx_query, 80) AS query \
     FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id \
     WHERE p.ID <> CONNECTION_ID() ORDER BY t.trx_started LIMIT 20";

/// A replica reports to nobody how far it is behind; waits are those for metadata locks, which are what a plan causes.
pub const VITALS: &str = "SELECT (SELECT MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())) FROM information_schema.innodb_trx \
    WHERE trx_mysql_thread_id <> CONNECTION_ID()) AS longest, \
    (SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for % metadata lock') AS blocked, \
    -1 AS `lag`, \
    (SELECT COUNT(*) FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%') AS replicas";

/// MySQL from 8.0 on shows metadata locks without being asked to; elsewhere every open transaction is a suspect.
pub fn lock_holders(server: &Server, table: &TableName) -> String {
    if server.engine == crate::model::Engine::Mysql && server.since(8) {
        return format!(
            "SELECT t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, m.LOCK_TYPE AS lock_type, m.LOCK_STATUS AS lock_status, \
             t.PROCESSLIST_TIME AS for_s, LEFT(t.PROCESSLIST_INFO, 80) AS query FROM performance_schema.metadata_locks m \
             JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID \
             WHERE m.OBJECT_TYPE = 'TABLE' AND m.OBJECT_SCHEMA = {} AND m.OBJECT_NAME = {} AND t.PROCESSLIST_ID <> CONNECTION_ID() \
             ORDER BY t.PROCESSLIST_TIME DESC",
            literal(table.schema.as_str()),
            literal(table.name.as_str())
        );
    }
    TRANSACTIONS.to_owned()
}

fn ask(title: &str, sql: String, good: &str, why: &str) -> Question {
    Question { title: title.to_owned(), why: why.to_owned(), sql, good: good.to_owned() }
}

pub fn preflight(catalog: &Catalog, tables: &[TableName]) -> Vec<Question> {
    let mut all = vec![
        ask(
            "Open transactions",
            TRANSACTIONS.to_owned(),
            "no row, or young transactions",
            "A transaction that has read a table holds its metadata lock to its end, even when it is idle: every ALTER of the table waits for it, and every query of the table waits behind the ALTER.",
        ),
        ask(
            "Settings of the server that decide",
            "SELECT @@version, @@sql_mode, @@lock_wait_timeout, @@innodb_online_alter_log_max_size, @@binlog_format, @@foreign_key_checks, @@read_only, @@log_bin_trust_function_creators".to_owned(),
            "`read_only` 0; `innodb_online_alter_log_max_size` larger than what is written to the table while it is rebuilt",
            "A rebuild or an index build whose log of concurrent writes overflows ends with error 1799 and is rolled back.",
        ),
        ask(
            "Replicas that read from this server",
            REPLICAS.to_owned(),
            "known to you",
            "`LOCK=NONE` protects the primary only: a replica applies an ALTER as long as the primary took for it, and lags for that long.",
        ),
    ];
    let sizes: Vec<String> =
        tables.iter().map(|t| format!("({}, {})", literal(t.schema.as_str()), literal(t.name.as_str()))).collect();
    if !sizes.is_empty() {
        all.push(ask(
            "The tables' size today",
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH, DATA_FREE FROM information_schema.TABLES \
                 WHERE (TABLE_SCHEMA, TABLE_NAME) IN ({})",
                sizes.join(", ")
            ),
            "what the plan says; free disk of twice that for every step that rebuilds",
            "MySQL 8 keeps these figures for a day (`information_schema_stats_expiry`), and they are estimates.",
        ));
    }
    let instant = catalog.server.engine == crate::model::Engine::Mysql && catalog.server.since(8);
    if instant && !tables.is_empty() {
        let names: Vec<String> =
            tables.iter().map(|t| literal(&format!("{}/{}", t.schema.as_str(), t.name.as_str()))).collect();
        all.push(ask(
            "Instant changes of columns since the last rebuild",
            format!("SELECT * FROM information_schema.INNODB_TABLES WHERE NAME IN ({})", names.join(", ")),
            "`TOTAL_ROW_VERSIONS`, where there is such a column, well below 64 (255 from 9.1 on)",
            "At the limit an instant change is refused (error 4092) until the table is rebuilt.",
        ));
    }
    all
}
