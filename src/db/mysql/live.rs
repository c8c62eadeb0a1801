//! One question over MySQL's protocol.

use super::line::{Line, Refusal};
use crate::db::live::{Answer, MOST_ROWS, Said};
use std::time::Duration;

/// The server ended it by the limit: MySQL, MariaDB, and a KILL QUERY.
const TOO_LONG: [u16; 3] = [3024, 1969, 1317];

/// Asks in a read-only transaction of its own, which ends with the answer.
pub async fn ask(line: &mut Line, sql: &str, limit: Duration) -> Said {
    if let Err(error) = line.limit(limit).await {
        return Said::Lost(error.to_string());
    }
    let asked = async {
        line.query("START TRANSACTION READ ONLY").await?;
        let answer = line.query(sql).await;
        if !matches!(answer, Err(Refusal::Lost(_))) {
            line.query("ROLLBACK").await?;
        }
        answer
    };
    match asked.await {
        Ok(rows) => {
            let count = rows.rows.len();
            Said::Answer(Answer { columns: rows.columns, rows: rows.rows.into_iter().take(MOST_ROWS).collect(), count })
        }
        Err(Refusal::Lost(because)) => Said::Lost(because),
        Err(Refusal::Server { code, .. }) if TOO_LONG.contains(&code) => Said::TooLong,
        Err(Refusal::Server { message, .. }) => Said::Refusal(message),
    }
}
