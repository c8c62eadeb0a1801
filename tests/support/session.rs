//! A blocking SQL session for tests: simple queries, values as text, notices kept.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls, SimpleQueryMessage};

pub struct Session {
    runtime: Runtime,
    client: Client,
    pub pid: i32,
    notices: Arc<Mutex<Vec<String>>>,
}

/// The server's refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// SQLSTATE; empty if the connection itself broke.
    pub code: String,
    pub message: String,
}

impl Session {
    pub fn open(url: &str) -> Self {
        Self::try_open(url).unwrap_or_else(|why| panic!("{url}: {why}"))
    }

    pub fn try_open(url: &str) -> Result<Self, String> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut config: Config = url.parse().map_err(|why: Error| why.to_string())?;
        config.application_name("sidestep tests").connect_timeout(std::time::Duration::from_secs(5));
        let notices = Arc::new(Mutex::new(Vec::new()));
        let (client, mut connection) = runtime.block_on(config.connect(NoTls)).map_err(|why| why.to_string())?;
        let heard = Arc::clone(&notices);
        // Driven whenever this session waits for an answer.
        runtime.spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notice(notice) = message {
                    heard.lock().unwrap().push(notice.message().to_owned());
                }
            }
        });
        let mut session = Self { runtime, client, pid: 0, notices };
        session.pid = session.value("SELECT pg_backend_pid()").parse().unwrap();
        Ok(session)
    }

    /// Runs one or several statements; panics with the server's words if it refuses.
    pub fn run(&mut self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|why| panic!("{} {}\nin: {sql}", why.code, why.message));
    }

    pub fn try_run(&mut self, sql: &str) -> Result<(), Refused> {
        self.try_rows(sql).map(drop)
    }

    /// Every row of every statement, values as the server prints them, NULL as `∅`.
    pub fn try_rows(&mut self, sql: &str) -> Result<Vec<Vec<String>>, Refused> {
        let messages = self.runtime.block_on(self.client.simple_query(sql)).map_err(Refused::from)?;
        Ok(messages
            .iter()
            .filter_map(|m| match m {
                SimpleQueryMessage::Row(row) => {
                    Some((0..row.len()).map(|i| row.get(i).unwrap_or("∅").to_owned()).collect())
                }
                _ => None,
            })
            .collect())
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

    /// Notices since the last call.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error.as_db_error() {
            Some(refusal) => Self { code: refusal.code().code().into(), message: refusal.message().into() },
            None => Self { code: String::new(), message: error.to_string() },
        }
    }
}
