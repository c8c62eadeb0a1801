//! Every query that this process sends to a server, with its time and rows: what the app's log screen shows.

use std::collections::VecDeque;
use std::fmt::Display;
use std::future::Future;
use std::sync::Mutex;
use std::time::Instant;

/// Older ones are forgotten if nobody takes them.
const MOST: usize = 500;

#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub sql: String,
    /// From sending to the whole answer; queries of one pipeline wait for each other.
    pub ms: f64,
    /// Rows, or what the server said instead.
    pub answer: Result<usize, String>,
}

static SENT: Mutex<VecDeque<Sent>> = Mutex::new(VecDeque::new());

/// Runs a query and writes it down. `rows` counts the rows of its answer.
///
/// # Errors
/// Those of the query.
pub async fn timed<T, E: Display>(
    sql: &str,
    query: impl Future<Output = Result<T, E>>,
    rows: impl FnOnce(&T) -> usize,
) -> Result<T, E> {
    let begun = Instant::now();
    let answer = query.await;
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    let said = answer.as_ref().map(rows).map_err(ToString::to_string);
    // A lock that a panic left behind still holds a list.
    let mut sent = SENT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if sent.len() == MOST {
        sent.pop_front();
    }
    sent.push_back(Sent { sql: sql.to_owned(), ms, answer: said });
    answer
}

/// What was sent since the last call.
pub fn take() -> Vec<Sent> {
    let mut sent = SENT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    sent.drain(..).collect()
}
