//! The adapter between networks, files and the catalog: whatever a target is, a [`Catalog`] comes out.
//! Knows `model` only; nothing here changes a database.

mod connect;
mod demo;
mod error;
pub mod journal;
pub mod live;
pub mod mysql;
pub mod postgres;
mod probe;
pub mod snapshot;
pub mod target;
mod tls;

pub use connect::{Session, connect};
pub use demo::{DEMOS, Demo, demo};
pub use error::Error;
pub use snapshot::{from_json, to_json};
pub use target::{Env, Target};

use connect::Line;

use crate::model::Catalog;
use std::path::Path;
use std::time::Duration;

/// The longest that reading a catalog may take, whatever the server does.
const INSPECT_LIMIT: Duration = Duration::from_secs(120);

/// Connects and reads the server, reads the file, or gives a demo. Needs a tokio runtime. Dropping the future
/// closes the connection and asks the server to stop what it was doing for us.
pub async fn load(target: &Target) -> Result<Catalog, Error> {
    match target {
        Target::Demo(demo) => Ok(demo.catalog()),
        Target::File(path) => open(path),
        Target::Server(server) => {
            let mut session = connect(&server.conninfo).await?;
            inspect(&mut session).await
        }
    }
}

/// Reads the catalog over an open session, which can be used again afterwards.
pub async fn inspect(session: &mut Session) -> Result<Catalog, Error> {
    session.idle = false;
    let asking = async {
        match &mut session.line {
            Line::Postgres(line) => postgres::inspect(&line.client, session.version).await,
            Line::Mysql(line) => mysql::inspect(line).await,
        }
    };
    let reading = tokio::time::timeout(INSPECT_LIMIT, asking).await;
    match reading {
        Ok(answer) => {
            session.idle = true;
            answer.map_err(|error| match error {
                Error::Lost { because, .. } => Error::Lost { at: session.at.clone(), because },
                other => other,
            })
        }
        Err(_) => Err(Error::Timeout {
            at: session.at.clone(),
            doing: "sending the catalog".to_owned(),
            seconds: INSPECT_LIMIT.as_secs(),
        }),
    }
}

/// Reads a saved catalog.
pub fn open(path: &Path) -> Result<Catalog, Error> {
    let failed = |because: String| Error::File { path: path.display().to_string(), because };
    let bytes = std::fs::read(path).map_err(|e| failed(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not a text file".to_owned()))?;
    if text.trim().is_empty() {
        return Err(failed("it is empty".to_owned()));
    }
    from_json(&text)
}
