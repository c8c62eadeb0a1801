//! SQL that recipes emit: probes of the catalog, batched backfills, sync triggers. Text only, no decisions. What stands here is
//! PostgreSQL's, `mysql` has that of MySQL and MariaDB, and `speech` what shared code asks of either.

pub mod backfill;
pub mod mysql;
pub mod objects;
pub mod probe;
pub mod speech;
pub mod sync;
pub mod type_probe;

use crate::engine::dialect;
use crate::model::{Engine, TableName};

/// `'public.users'` as a string literal that `to_regclass` reads back to exactly this table.
pub fn regclass(name: &TableName) -> String {
    let d = dialect(Engine::Postgresql);
    format!("pg_catalog.to_regclass({})", d.literal(&d.name(name)))
}

/// `$tag$ … $tag$` with a tag that the body does not hold.
pub fn dollar_quote(body: &str) -> String {
    let mut tag = "$sidestep$".to_owned();
    let mut number = 1;
    while body.contains(&tag) {
        number += 1;
        tag = format!("$sidestep{number}$");
    }
    format!("{tag}\n{body}\n{tag}")
}
