//! Reads the catalog of a MySQL or MariaDB database: MySQL from 5.6, MariaDB from 10.5.
//!
//! `information_schema` is read by a fixed number of queries, none of them per table. There is no snapshot over them on these
//! servers: what changes while we read is read as it is then. A query that fails becomes a gap; what the server hides from an
//! account without a word (triggers, bodies of views) becomes a gap by what [`grants`] finds missing.

mod activity;
mod attached;
mod columns;
mod grants;
mod indexes;
mod line;
mod live;
mod provider;
mod query;
mod rows;
mod settings;
mod stored;
mod tables;
mod text;
mod tls;

pub use line::Line;
pub(super) use line::attempt;
pub(super) use live::ask;
pub use query::{QUERIES, Query};

use super::error::Error;
use super::target::Wire;
use crate::model::catalog::CATALOG_FORMAT;
use crate::model::objects::{Gap, Volatilities};
use crate::model::{Catalog, Engine, Ident, Version};
use line::Refusal;
use query::Scope;
use rows::{Row, Rows};

/// Up to this many tables the server is asked for sizes of this moment (MySQL 8.0 keeps them for a day otherwise): it opens each.
const FRESH_SIZES: u64 = 500;

/// Asks, and keeps what could not be read.
struct Reader<'a> {
    line: &'a mut Line,
    scope: Scope,
    gaps: Vec<Gap>,
}

impl Reader<'_> {
    /// The answer, nothing where this server has no such thing, and a gap where it refuses.
    async fn read(&mut self, query: Query) -> Result<Rows, Error> {
        match self.try_read(query).await? {
            Ok(rows) => Ok(rows),
            Err(refusal) => {
                self.gaps.push(Gap { what: query.about.to_owned(), because: refusal.to_string() });
                Ok(Rows::default())
            }
        }
    }

    /// For what there is no catalog without.
    async fn must_read(&mut self, query: Query) -> Result<Rows, Error> {
        self.try_read(query).await?.map_err(|refusal| {
            let because = refusal.to_string();
            if refusal.is_privilege() {
                Error::NoPrivilege { what: query.about.to_owned(), because, wire: Wire::Mysql }
            } else {
                Error::Query { what: query.name.to_owned(), because }
            }
        })
    }

    async fn try_read(&mut self, query: Query) -> Result<Result<Rows, Refusal>, Error> {
        let Some(sql) = query.sql(self.line.engine, self.line.version, &self.scope) else {
            return Ok(Ok(Rows::default()));
        };
        match self.line.query(&sql).await {
            Err(Refusal::Lost(because)) => Err(Error::Lost { at: self.line.at.clone(), because }),
            other => Ok(other),
        }
    }

    fn gap(&mut self, what: impl Into<String>, because: impl Into<String>) {
        self.gaps.push(Gap { what: what.into(), because: because.into() });
    }
}

/// Reads everything.
pub async fn inspect(line: &mut Line) -> Result<Catalog, Error> {
    let oldest = match line.engine {
        Engine::Mariadb => (Version::new(10, 5), "10.5"),
        _ => (Version::new(5, 6), "5.6"),
    };
    if line.version < oldest.0 {
        return Err(Error::TooOld { engine: line.engine, version: line.version, oldest: oldest.1 });
    }
    let mut reader = Reader { line, scope: Scope::default(), gaps: Vec::new() };
    let session = reader.must_read(query::SESSION).await?;
    let Some(session) = session.first() else {
        return Err(Error::Query {
            what: query::SESSION.name.to_owned(),
            because: "the server sent no row".to_owned(),
        });
    };
    let Some(database) = session.opt("db").map(str::to_owned) else {
        return Err(Error::NoDatabase { at: reader.line.at.clone() });
    };
    reader.scope.db.clone_from(&database);
    reader.scope.file = session.opt("folder").map_or_else(|| text::file_of(&database), text::unhex);
    reader.scope.here = format!("TABLE_SCHEMA = {}", query::literal(&database));
    fresh_sizes(&mut reader, &session).await?;
    let server = settings::read(&mut reader, &session).await?;
    let rights = grants::read(&mut reader, &database).await?;
    let mut catalog = Catalog::empty(server.engine, server.version);
    catalog.format = CATALOG_FORMAT;
    catalog.captured_at = session.owned("captured_at");
    catalog.search_path = vec![Ident(database.clone())];
    catalog.volatilities = Volatilities::default();
    catalog.server = server;
    catalog.database = database;
    tables::read(&mut reader, &mut catalog).await?;
    columns::read(&mut reader, &mut catalog).await?;
    indexes::read(&mut reader, &mut catalog).await?;
    attached::read(&mut reader, &mut catalog).await?;
    tables::details(&mut reader, &mut catalog).await?;
    stored::read(&mut reader, &mut catalog).await?;
    activity::read(&mut reader, &mut catalog).await?;
    rights.told(&mut reader, &catalog);
    catalog.gaps = reader.gaps;
    super::snapshot::sort(&mut catalog);
    Ok(catalog)
}

async fn fresh_sizes(reader: &mut Reader<'_>, session: &Row<'_>) -> Result<(), Error> {
    if !reader.line.is(Engine::Mysql, Version::new(8, 0)) {
        return Ok(());
    }
    let count = session.number("table_count").unwrap_or(0);
    if count > FRESH_SIZES {
        reader.gap(
            format!("sizes of {count} tables as they are now"),
            "the server keeps rows and sizes for `information_schema_stats_expiry` seconds, a day by default; run \
             ANALYZE TABLE on the table in question",
        );
        return Ok(());
    }
    match reader.line.query("SET SESSION information_schema_stats_expiry = 0").await {
        Err(Refusal::Lost(because)) => Err(Error::Lost { at: reader.line.at.clone(), because }),
        _ => Ok(()),
    }
}
