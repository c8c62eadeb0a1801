//! A blocking session on MySQL or MariaDB for tests: text queries, values as the server prints them.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Opts, OptsBuilder, Row, Value};
use tokio::runtime::{Builder, Runtime};

pub struct MysqlSession {
    runtime: Runtime,
    conn: Option<Conn>,
    /// The server's number of this connection, as `KILL` takes it.
    pub id: u32,
}

/// The server's refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct MysqlRefused {
    /// 1845, 1205, …; 0 if the connection itself broke.
    pub code: u16,
    pub state: String,
    pub message: String,
}

impl MysqlSession {
    pub fn open(url: &str) -> Self {
        Self::try_open(url).unwrap_or_else(|why| panic!("{url}: {why:?}"))
    }

    pub fn try_open(url: &str) -> Result<Self, MysqlRefused> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let opts = OptsBuilder::from_opts(Opts::from_url(url).unwrap()).prefer_socket(false).stmt_cache_size(0);
        let conn = runtime.block_on(Conn::new(opts)).map_err(MysqlRefused::from)?;
        Ok(Self { runtime, id: conn.id(), conn: Some(conn) })
    }

    /// Runs one or several statements; panics with the server's words if it refuses.
    pub fn run(&mut self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|why| panic!("{} {}\nin: {sql}", why.code, why.message));
    }

    pub fn try_run(&mut self, sql: &str) -> Result<(), MysqlRefused> {
        self.try_rows(sql).map(drop)
    }

    /// Every row of every statement, values as the server prints them, NULL as `∅`.
    pub fn try_rows(&mut self, sql: &str) -> Result<Vec<Vec<String>>, MysqlRefused> {
        let conn = self.conn.as_mut().unwrap();
        self.runtime.block_on(async move {
            let mut result = conn.query_iter(sql).await?;
            let mut rows = Vec::new();
            while !result.is_empty() {
                let set: Vec<Row> = result.collect().await?;
                rows.extend(set.into_iter().map(|row| row.unwrap().into_iter().map(text).collect()));
            }
            // The refusal of a later statement waits here.
            result.drop_result().await?;
            Ok(rows)
        })
    }

    pub fn rows(&mut self, sql: &str) -> Vec<Vec<String>> {
        self.try_rows(sql).unwrap_or_else(|why| panic!("{} {}\nin: {sql}", why.code, why.message))
    }

    /// The first column of every row.
    pub fn column(&mut self, sql: &str) -> Vec<String> {
        self.rows(sql).into_iter().map(|mut row| row.swap_remove(0)).collect()
    }

    /// The single value of the single row.
    pub fn value(&mut self, sql: &str) -> String {
        let rows = self.rows(sql);
        assert!(rows.len() == 1 && rows[0].len() == 1, "one value expected, got {rows:?} from {sql}");
        rows[0][0].clone()
    }
}

impl Drop for MysqlSession {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            let _ = self.runtime.block_on(conn.disconnect());
        }
    }
}

fn text(value: Value) -> String {
    match value {
        Value::NULL => "∅".to_owned(),
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => other.as_sql(true),
    }
}

impl From<Error> for MysqlRefused {
    fn from(error: Error) -> Self {
        match error {
            Error::Server(refusal) => Self { code: refusal.code, state: refusal.state, message: refusal.message },
            other => Self { code: 0, state: String::new(), message: other.to_string() },
        }
    }
}
