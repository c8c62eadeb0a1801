//! Questions to a server that is watched: each in a read-only transaction of its own with a limit, answered as text.

use super::connect::Session;
use super::error::Error;
use super::journal;
use std::time::Duration;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

/// More rows than this nobody reads on a screen.
const MOST_ROWS: usize = 200;
/// How long the network may take beside the server.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    pub columns: Vec<String>,
    /// At most [`MOST_ROWS`]; `None` is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many there were.
    pub count: usize,
}

/// One question over an open session; the inner error is the server's refusal, told for people.
///
/// # Errors
/// The connection is lost, or the server does not answer at all: the session is of no more use.
pub async fn ask(session: &mut Session, sql: &str, limit: Duration) -> Result<Result<Answer, String>, Error> {
    let at = session.at.clone();
    session.idle = false;
    let asking = async {
        let limit_ms = limit.as_millis();
        // SET LOCAL: behind a pooler nothing stays on the server connection.
        let begin = format!(
            "BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {limit_ms}; SET LOCAL lock_timeout = '1s'; \
             SET LOCAL idle_in_transaction_session_timeout = '10s'"
        );
        session.client.batch_execute(&begin).await?;
        let rows = |m: &Vec<SimpleQueryMessage>| m.iter().filter(|m| matches!(m, SimpleQueryMessage::Row(_))).count();
        let answer = journal::timed(sql, session.client.simple_query(sql), rows).await;
        let closed = answer.as_ref().is_err_and(|e| e.as_db_error().is_none());
        if !closed {
            session.client.batch_execute("ROLLBACK").await?;
        }
        answer
    };
    let answer = match tokio::time::timeout(limit + GRACE, asking).await {
        Ok(answer) => answer,
        Err(_) => {
            let seconds = limit.as_secs();
            return Err(Error::Timeout { at, doing: "answering a question".to_owned(), seconds });
        }
    };
    match answer {
        Ok(messages) => {
            session.idle = true;
            Ok(Ok(table(&messages)))
        }
        Err(error) => match error.as_db_error() {
            Some(refusal) if is_end(refusal.code()) => Err(Error::Lost { at, because: refusal.message().to_owned() }),
            Some(refusal) => {
                session.idle = true;
                Ok(Err(if *refusal.code() == SqlState::QUERY_CANCELED {
                    format!("no answer within {} s", limit.as_secs())
                } else {
                    refusal.message().to_owned()
                }))
            }
            None => Err(super::connect::lost(&error, &at)),
        },
    }
}

/// The server ends the session with these.
fn is_end(code: &SqlState) -> bool {
    [&SqlState::ADMIN_SHUTDOWN, &SqlState::CRASH_SHUTDOWN, &SqlState::CANNOT_CONNECT_NOW].contains(&code)
}

fn table(messages: &[SimpleQueryMessage]) -> Answer {
    let mut answer = Answer::default();
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                answer.columns = columns.iter().map(|c| c.name().to_owned()).collect();
            }
            SimpleQueryMessage::Row(row) => {
                answer.count += 1;
                if answer.rows.len() < MOST_ROWS {
                    answer
                        .rows
                        .push((0..row.len()).map(|i| row.try_get(i).ok().flatten().map(str::to_owned)).collect());
                }
            }
            _ => {}
        }
    }
    answer
}

impl Answer {
    /// The single value of a question for one.
    pub fn value(&self) -> Option<&str> {
        self.rows.first()?.first()?.as_deref()
    }
    /// The value in a column of the first row.
    pub fn first(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|c| c == column)?;
        self.rows.first()?.get(at)?.as_deref()
    }
}
