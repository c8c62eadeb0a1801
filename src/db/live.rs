//! Questions to a server that is watched: each in a read-only transaction of its own with a limit, answered as text.

use super::connect::{Line, Session};
use super::error::Error;
use super::{mysql, postgres};
use std::time::Duration;

/// More rows than this nobody reads on a screen.
pub(super) const MOST_ROWS: usize = 200;
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

/// What the server made of a question.
pub(super) enum Said {
    Answer(Answer),
    /// Its refusal, in its own words.
    Refusal(String),
    /// Its own limit ended the question.
    TooLong,
    /// The session is over.
    Lost(String),
}

/// One question over an open session; the inner error is the server's refusal, told for people.
///
/// # Errors
/// The connection is lost, or the server does not answer at all: the session is of no more use.
pub async fn ask(session: &mut Session, sql: &str, limit: Duration) -> Result<Result<Answer, String>, Error> {
    session.idle = false;
    let asking = async {
        match &mut session.line {
            Line::Postgres(line) => postgres::ask(line, sql, limit).await,
            Line::Mysql(line) => mysql::ask(line, sql, limit).await,
        }
    };
    let said = tokio::time::timeout(limit + GRACE, asking).await;
    let at = session.at.clone();
    let seconds = limit.as_secs();
    let answer = match said {
        Err(_) => return Err(Error::Timeout { at, doing: "answering a question".to_owned(), seconds }),
        Ok(Said::Lost(because)) => return Err(Error::Lost { at, because }),
        Ok(Said::Answer(answer)) => Ok(answer),
        Ok(Said::Refusal(words)) => Err(words),
        Ok(Said::TooLong) => Err(format!("no answer within {seconds} s")),
    };
    session.idle = true;
    Ok(answer)
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
