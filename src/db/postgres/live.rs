//! One question over PostgreSQL's protocol.

use super::Line;
use crate::db::journal;
use crate::db::live::{Answer, MOST_ROWS, Said};
use std::time::Duration;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

/// Asks in a read-only transaction of its own, which ends with the answer.
pub async fn ask(line: &Line, sql: &str, limit: Duration) -> Said {
    let asking = async {
        let limit_ms = limit.as_millis();
        // SET LOCAL: behind a pooler nothing stays on the server connection.
        let begin = format!(
            "BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {limit_ms}; SET LOCAL lock_timeout = '1s'; \
             SET LOCAL idle_in_transaction_session_timeout = '10s'"
        );
        line.client.batch_execute(&begin).await?;
        let rows = |m: &Vec<SimpleQueryMessage>| m.iter().filter(|m| matches!(m, SimpleQueryMessage::Row(_))).count();
        let answer = journal::timed(sql, line.client.simple_query(sql), rows).await;
        let closed = answer.as_ref().is_err_and(|e| e.as_db_error().is_none());
        if !closed {
            line.client.batch_execute("ROLLBACK").await?;
        }
        answer
    };
    match asking.await {
        Ok(messages) => Said::Answer(table(&messages)),
        Err(error) => match error.as_db_error() {
            Some(refusal) if is_end(refusal.code()) => Said::Lost(refusal.message().to_owned()),
            Some(refusal) if *refusal.code() == SqlState::QUERY_CANCELED => Said::TooLong,
            Some(refusal) => Said::Refusal(refusal.message().to_owned()),
            None => Said::Lost(crate::db::connect::chain(&error)),
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
