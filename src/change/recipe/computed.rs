//! A stored generated column on a table with rows: a plain column that a trigger computes.

use super::table::{user_triggers, walkable};
use crate::change::Refusal;
use crate::change::add_column::{type_and_collation, uses};
use crate::engine::emit::{dollar_quote, probe};
use crate::model::Table;
use crate::plan::PhaseName;
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::Slot;
use crate::sql::{ColumnDef, Expression, rename_column_in};

/// # Errors
/// [`Refusal`] where rows cannot be walked in batches or the expression could not be read.
pub fn computed(b: &mut Builder, table: &Table, column: &ColumnDef, expression: &Expression) -> Result<(), Refusal> {
    walkable(b, table)?;
    let name = &column.name;
    let (t, c) = (b.name(&table.name), b.id(name));
    let text = rename_column_in(expression, &|c| Some(format!("NEW.{}", b.id(c)))).ok_or_else(|| {
        Refusal::new(
            format!("the expression of `{name}` could not be read, so no trigger can compute it"),
            "Build an expression index instead, if the value is only needed for searching.",
        )
    })?;
    let bare = b.fresh(&table.name, &["sidestep", table.name.name.as_str(), name.as_str(), "compute"]);
    let function = b.name(&table.name.sibling(bare.0));
    let trigger = b.fresh(&table.name, &["zz_sidestep", table.name.name.as_str(), name.as_str(), "compute"]);
    let execute = if b.since(11) { "FUNCTION" } else { "PROCEDURE" };
    let body = format!("BEGIN\n  NEW.{c} := {text};\n  RETURN NEW;\nEND");
    b.add_column(
        &table.name,
        name,
        &format!("{c} {}", type_and_collation(column)),
        "A plain column: a stored generated one would rewrite the table.",
    );
    b.push(
        Draft::sql(
            PhaseName::Expand,
            Rank::Trigger,
            format!("Compute `{}.{name}` by trigger", table.name),
            vec![
                format!(
                    "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {}",
                    dollar_quote(&body)
                ),
                format!(
                    "CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {t} FOR EACH ROW EXECUTE {execute} {function}()",
                    b.id(&trigger)
                ),
            ],
            b.brief(),
        )
        .why("On INSERT and on UPDATE: computed on INSERT only, the value would go out of date.")
        .on(&table.name)
        .undo(b.undo_sql(
            vec![format!("DROP TRIGGER {} ON {t}", b.id(&trigger)), format!("DROP FUNCTION {function}()")],
            "DROP TRIGGER waits for readers too; brief lock.",
        ))
        .done(probe::trigger_exists(&table.name, &trigger)),
    );
    let key = b.fill(
        &table.name,
        Fill {
            assignments: vec![(name.clone(), expression.sql.clone())],
            needed: format!("{c} IS DISTINCT FROM ({})", expression.sql),
            why: format!("Computes `{name}` in the rows that were there before."),
            guarded: Guarded::No,
        },
    );
    user_triggers(b, table);
    b.ends_otherwise(
        &table.name,
        Some(name),
        format!(
            "`{}.{name}` is not GENERATED in the catalog: the trigger `{trigger}` stays and computes it. \
             If it is only needed for searching, an index on the expression is cheaper.",
            table.name
        ),
    );
    uses(b, table, column, Slot::Use, Some(key));
    Ok(())
}
