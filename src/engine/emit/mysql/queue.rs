//! Who waits for whom: metadata locks and rows. Every version shows another part of it.

use crate::model::{Engine, Server};

/// A session that waits for a metadata lock, with each that holds, or asks for, one that goes before it; and those themselves.
macro_rules! metadata {
    ($shown:literal) => {
        concat!(
            "SELECT ",
            $shown,
            ", 'a metadata lock' AS lock_of FROM performance_schema.metadata_locks w \
             JOIN performance_schema.metadata_locks h ON h.OBJECT_TYPE = w.OBJECT_TYPE AND h.OBJECT_SCHEMA = w.OBJECT_SCHEMA \
             AND h.OBJECT_NAME = w.OBJECT_NAME AND h.OWNER_THREAD_ID <> w.OWNER_THREAD_ID \
             JOIN performance_schema.threads wt ON wt.THREAD_ID = w.OWNER_THREAD_ID \
             JOIN performance_schema.threads ht ON ht.THREAD_ID = h.OWNER_THREAD_ID \
             WHERE w.OBJECT_TYPE = 'TABLE' AND w.LOCK_STATUS = 'PENDING' AND (\
             w.LOCK_TYPE = 'EXCLUSIVE' AND h.LOCK_STATUS = 'GRANTED' \
             OR w.LOCK_TYPE <> 'EXCLUSIVE' AND h.LOCK_TYPE IN ('EXCLUSIVE', 'SHARED_NO_READ_WRITE') \
             OR w.LOCK_TYPE = 'SHARED_WRITE' AND h.LOCK_TYPE = 'SHARED_NO_WRITE')"
        )
    };
}

const METADATA: &str = concat!(
    metadata!("wt.PROCESSLIST_ID AS pid, ht.PROCESSLIST_ID AS waits_for"),
    " UNION ",
    metadata!("ht.PROCESSLIST_ID AS pid, NULL AS waits_for"),
);

/// MySQL from 8.0 on.
const ROWS: &str = "SELECT wt.PROCESSLIST_ID, ht.PROCESSLIST_ID, 'a row' FROM performance_schema.data_lock_waits w \
    JOIN performance_schema.threads wt ON wt.THREAD_ID = w.REQUESTING_THREAD_ID \
    JOIN performance_schema.threads ht ON ht.THREAD_ID = w.BLOCKING_THREAD_ID \
    UNION SELECT ht.PROCESSLIST_ID, NULL, 'a row' FROM performance_schema.data_lock_waits w \
    JOIN performance_schema.threads ht ON ht.THREAD_ID = w.BLOCKING_THREAD_ID";

/// MySQL before 8.0, and MariaDB.
const ROWS_OF_INNODB: &str = "SELECT r.trx_mysql_thread_id AS pid, b.trx_mysql_thread_id AS waits_for, 'a row' AS lock_of \
    FROM information_schema.INNODB_LOCK_WAITS w JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id \
    JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id \
    UNION SELECT b.trx_mysql_thread_id, NULL, 'a row' FROM information_schema.INNODB_LOCK_WAITS w \
    JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id";

/// Where nobody says who holds a metadata lock, at least who waits for one.
const WAITING: &str = "SELECT ID, NULL, 'a metadata lock' FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for % metadata lock'";

/// One row per session: `pid`, `waits_for` (numbers with blanks between; empty: nobody that is known), `for_s`, `state`, `query`.
pub fn query(server: &Server) -> String {
    let mysql = |major: u16, minor: u16| {
        server.engine == Engine::Mysql && (server.version.major, server.version.minor) >= (major, minor)
    };
    let rows = if mysql(8, 0) { ROWS } else { ROWS_OF_INNODB };
    let parts = match mysql(5, 7) || server.engine == Engine::Mariadb {
        true => [METADATA, rows, WAITING].join(" UNION "),
        false => [rows, WAITING].join(" UNION "),
    };
    format!(
        "SELECT q.pid AS pid, COALESCE(GROUP_CONCAT(DISTINCT q.waits_for ORDER BY q.waits_for SEPARATOR ' '), '') AS waits_for, \
         MAX(p.TIME) AS for_s, \
         MAX(CASE WHEN p.COMMAND = 'Sleep' THEN 'idle in transaction' WHEN p.STATE <> '' THEN p.STATE ELSE LOWER(p.COMMAND) END) AS state, \
         LEFT(MAX(COALESCE(p.INFO, '')), 120) AS query \
         FROM ({parts}) q JOIN information_schema.PROCESSLIST p ON p.ID = q.pid \
         WHERE q.pid <> CONNECTION_ID() GROUP BY q.pid ORDER BY for_s DESC LIMIT 50"
    )
}
