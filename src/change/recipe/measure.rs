//! A column that was filled a moment ago has no statistics: the first queries that read it would be planned blindly.

use super::twins::{Twin, What};
use crate::engine::emit::probe;
use crate::model::{Ident, Table, TableName};
use crate::plan::assemble::is_part_of;
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Undo};

/// ANALYZE before columns take over: `pairs` of each and the one that takes its place. An index over an expression and
/// statistics over several columns are measured with the whole table only.
pub fn measure(b: &mut Builder, table: &Table, pairs: &[(Ident, Ident)], twins: &[Twin]) {
    // A target of 0 says that nothing is to be collected; of no rows there is nothing to collect.
    let collected = |old: &Ident| table.column(old).is_none_or(|c| c.statistics != Some(0));
    let new: Vec<Ident> = pairs.iter().filter(|(old, _)| collected(old)).map(|(_, new)| new.clone()).collect();
    let part = |t: &&Table| t.partition_key.is_none() && is_part_of(b.catalog, &t.name, &table.name);
    let empty = b.catalog.tables.iter().filter(part).all(|t| t.stats.rows == Some(0));
    if new.is_empty() || empty {
        return;
    }
    let name = &table.name;
    let over_expressions: Vec<TableName> = table
        .indexes
        .iter()
        .filter(|i| i.has_expressions && table.partition_key.is_none())
        .filter_map(|i| twins.iter().find(|t| t.old == i.name && t.what == What::Index))
        .map(|t| name.sibling(t.new.0.clone()))
        .collect();
    let together = twins.iter().any(|t| matches!(t.what, What::Statistics(_)));
    let whole = together || table.indexes.iter().any(|i| i.has_expressions && twins.iter().any(|t| t.old == i.name));
    let sql = match whole {
        true => format!("ANALYZE {}", b.name(name)),
        false => format!("ANALYZE {} ({})", b.name(name), b.ids(&new)),
    };
    let mut done = vec![probe::columns_measured(name, &new)];
    done.extend(over_expressions.iter().map(probe::index_measured));
    let mut draft = Draft::sql(
        PhaseName::Migrate,
        Rank::Other,
        format!("Analyze {} of `{name}`", listed(&new)),
        vec![sql],
        b.validating(),
    )
    .why("Without statistics the first queries over them would be planned blindly, until autovacuum comes by. Reads a sample; reads and writes go on.")
    .on(name)
    .done(probe::all(&done));
    draft.undo = Undo::Nothing { because: "Statistics do no harm, and go with the columns.".to_owned() };
    b.push(draft);
}
