//! Reads the catalog of a PostgreSQL server, 10 to 18, in one read-only transaction and ten queries sent at once.
//!
//! Everything is set with `SET LOCAL` inside one transaction: behind a pooler in transaction mode a plain `SET`
//! would stay on the server connection and, with `default_transaction_read_only`, break the next client's writes.
//! For the same reason the statements are unnamed. A savepoint before each query keeps one that fails (a revoked
//! catalog, a lock) from spoiling the rest: it becomes a gap, and all queries still see one snapshot.

mod activity;
mod attached;
mod functions;
mod line;
mod live;
mod objects;
mod provider;
mod query;
mod relations;
mod session;
mod tables;
mod views;
mod volatility;

pub use line::Line;
pub(super) use line::{attempt, has_role};
pub(super) use live::ask;
pub use query::{QUERIES, Query};

use super::error::Error;
use super::journal;
use crate::model::catalog::CATALOG_FORMAT;
use crate::model::objects::{Gap, Volatilities};
use crate::model::{Catalog, Engine, Version};
use futures_util::future::{join, join_all, join3};
use relations::Relations;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

/// A transaction this old (seconds) is worth a line: DDL may have to wait for it.
pub const LONG_TRANSACTION_S: f64 = 5.0;

/// Reads everything. `version` is the server's own (`server_version`), which chooses the SQL.
pub async fn inspect(client: &Client, version: Version) -> Result<Catalog, Error> {
    if version.major < 10 {
        return Err(Error::TooOld { engine: Engine::Postgresql, version, oldest: "10" });
    }
    let [_, reads @ ..] = QUERIES;
    let (opened, answers) = join(
        session::open(client, version.major),
        join_all(reads.map(|query| isolated(client, query.sql(version.major), query))),
    )
    .await;
    let opened = opened?;
    let mut rows = Rows { gaps: Vec::new(), answers: Vec::new() };
    for (query, answer) in reads.into_iter().zip(answers) {
        rows.settle(client, version.major, query, answer).await?;
    }
    // Nothing was changed; ending the transaction politely lets a pooler keep the server connection.
    let _ = client.batch_execute("ROLLBACK").await;
    assemble(opened, rows)
}

struct Rows {
    gaps: Vec<Gap>,
    answers: Vec<(Query, Vec<Row>)>,
}

impl Rows {
    fn of(&self, query: Query) -> &[Row] {
        self.answers.iter().find(|(q, _)| *q == query).map_or(&[], |(_, rows)| rows)
    }

    /// Keeps an answer; tries a failed one again (a lock or a concurrent DROP may be gone), then piece by piece;
    /// what stays unreadable is a gap, unless there is no catalog without it.
    async fn settle(&mut self, client: &Client, major: u16, query: Query, answer: Answer) -> Result<(), Error> {
        let error = match answer {
            Ok(rows) => {
                self.answers.push((query, rows));
                return Ok(());
            }
            Err(error) => error,
        };
        if error.is_closed() || error.as_db_error().is_none() {
            return Err(session::failed(query, &error));
        }
        let mut kept = Vec::new();
        let pieces = query.parts(major);
        let retried = join_all(pieces.into_iter().map(|sql| isolated(client, sql, query))).await;
        for piece in retried {
            match piece {
                Ok(rows) => kept.extend(rows),
                Err(error) if matches!(query, query::TABLES | query::COLUMNS) => {
                    return Err(session::failed(query, &error));
                }
                Err(error) => {
                    self.gaps.push(Gap { what: query.about.to_owned(), because: session::reason(&error) });
                }
            }
        }
        self.answers.push((query, kept));
        Ok(())
    }
}

type Answer = Result<Vec<Row>, tokio_postgres::Error>;

/// One query inside its own savepoint. The three messages leave together: nothing waits for an answer.
async fn isolated(client: &Client, sql: String, query: Query) -> Answer {
    let long = LONG_TRANSACTION_S;
    let parameters: &[(&(dyn tokio_postgres::types::ToSql + Sync), Type)] =
        if query == query::ACTIVITY && sql.contains("$1") { &[(&long, Type::FLOAT8)] } else { &[] };
    let (_, answer, _) = join3(
        client.batch_execute("SAVEPOINT sidestep"),
        journal::timed(&sql, client.query_typed(&sql, parameters), Vec::len),
        client.batch_execute("ROLLBACK TO SAVEPOINT sidestep"),
    )
    .await;
    answer
}

fn assemble(opened: session::Opened, rows: Rows) -> Result<Catalog, Error> {
    let functions::Functions { listed, volatilities } = functions::read(rows.of(query::FUNCTIONS))?;
    let mut gaps = rows.gaps.clone();
    if volatilities == Volatilities::default() {
        gaps.push(Gap {
            what: "volatility of defaults".to_owned(),
            because: "the functions could not be read, so no default is known to be constant".to_owned(),
        });
    }
    let major = opened.server.version.major;
    let mut relations = Relations::default();
    tables::read(&mut relations, rows.of(query::TABLES), major, &mut gaps)?;
    tables::columns(&mut relations, rows.of(query::COLUMNS), &volatilities)?;
    attached::indexes(&mut relations, rows.of(query::INDEXES))?;
    attached::constraints(&mut relations, rows.of(query::CONSTRAINTS))?;
    let publications = attached::rest(&mut relations, rows.of(query::ATTACHED))?;
    let views = views::read(rows.of(query::VIEWS), &mut gaps)?;
    let objects = objects::read(rows.of(query::OBJECTS), &mut gaps)?;
    let activity = activity::read(&relations, rows.of(query::ACTIVITY), &mut gaps)?;
    let functions = functions::naming(listed, &relations);
    let mut catalog = Catalog {
        format: CATALOG_FORMAT,
        database: opened.database,
        captured_at: opened.captured_at,
        server: opened.server,
        search_path: opened.search_path,
        tables: relations.into_tables(),
        views,
        sequences: objects.sequences,
        types: objects.types,
        extensions: objects.extensions,
        functions,
        volatilities,
        publications,
        subscriptions: activity.subscriptions,
        slots: activity.slots,
        replicas: activity.replicas,
        transactions: activity.transactions,
        wraparound: activity.wraparound,
        gaps,
    };
    super::snapshot::sort(&mut catalog);
    Ok(catalog)
}

/// Codes that say "you may not", as against "this failed".
fn is_privilege(code: &SqlState) -> bool {
    *code == SqlState::INSUFFICIENT_PRIVILEGE
}
