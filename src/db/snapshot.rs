//! A catalog as a file: `catalog.json`. Reading checks the format first, so that a file of a newer sidestep is
//! told as such even when its fields have changed.

use super::error::Error;
use crate::model::Catalog;
use crate::model::catalog::CATALOG_FORMAT;
use serde::Deserialize;

/// One line per table would still be a wall of text: the file is for programs, and compact.
pub fn to_json(catalog: &Catalog) -> String {
    let mut text = serde_json::to_string(catalog).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a snapshot; lists that were edited out of order are sorted, since look-ups rely on it.
pub fn from_json(text: &str) -> Result<Catalog, Error> {
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    let format: Format = serde_json::from_str(text).map_err(|e| bad(&e))?;
    if format.format > u64::from(CATALOG_FORMAT) {
        return Err(Error::NewerFormat { found: format.format, known: CATALOG_FORMAT });
    }
    let mut catalog: Catalog = serde_json::from_str(text).map_err(|e| bad(&e))?;
    sort(&mut catalog);
    Ok(catalog)
}

fn bad(error: &serde_json::Error) -> Error {
    // serde_json ends its message with the place, which the error tells on its own.
    let text = error.to_string();
    let because = text.rsplit_once(" at line ").map_or(text.as_str(), |(because, _)| because).to_owned();
    Error::BadSnapshot { line: error.line(), column: error.column(), because }
}

/// The order that [`Catalog`] promises: by name, byte by byte, whatever the server's collation.
pub fn sort(catalog: &mut Catalog) {
    for table in &mut catalog.tables {
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        table.constraints.sort_by(|a, b| a.name.cmp(&b.name));
        table.triggers.sort_by(|a, b| a.name.cmp(&b.name));
        table.policies.sort_by(|a, b| a.name.cmp(&b.name));
        table.statistics.sort_by(|a, b| a.name.cmp(&b.name));
    }
    for stored in catalog.views.iter_mut().filter_map(|v| v.stored.as_mut()) {
        stored.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        stored.statistics.sort_by(|a, b| a.name.cmp(&b.name));
    }
    catalog.tables.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.views.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.sequences.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.types.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.extensions.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.functions.sort_by(|a, b| (&a.name, &a.arguments).cmp(&(&b.name, &b.arguments)));
    for list in
        [&mut catalog.volatilities.immutable, &mut catalog.volatilities.stable, &mut catalog.volatilities.volatile]
    {
        list.sort();
    }
    for publication in &mut catalog.publications {
        publication.tables.sort_by(|a, b| a.table.cmp(&b.table));
        publication.tables.dedup_by(|a, b| a.table == b.table);
    }
    catalog.publications.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.subscriptions.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.slots.sort_by(|a, b| a.name.cmp(&b.name));
    catalog.replicas.sort_by(|a, b| a.name.cmp(&b.name));
    // The oldest first: it is the one that DDL waits for.
    catalog.transactions.sort_by(|a, b| b.age_s.total_cmp(&a.age_s));
    catalog.gaps.sort_by(|a, b| (&a.what, &a.because).cmp(&(&b.what, &b.because)));
    catalog.gaps.dedup();
}
