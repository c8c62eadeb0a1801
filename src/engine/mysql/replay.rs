//! Statement + catalog → the catalog afterwards. Names and structure are exact; texts that the server would print anew
//! (expressions) stay as they were written.

mod alter;
mod column;
mod constraint;
mod fault;
mod index;
mod names;
mod options;
mod partition;
mod rows;
mod table;

use crate::model::Catalog;
use crate::sql::mysql::statement::Statement;

/// Changes `catalog` as the statement would.
///
/// # Errors
/// Why the server would refuse the statement; the catalog is unchanged then.
pub fn replay(catalog: &mut Catalog, statement: &Statement) -> Result<(), String> {
    // Several objects may change before one is refused.
    let mut after = catalog.clone();
    apply(&mut after, statement)?;
    *catalog = after;
    Ok(())
}

fn apply(catalog: &mut Catalog, statement: &Statement) -> Result<(), String> {
    match statement {
        Statement::AlterTable(alter) => alter::alter(catalog, alter),
        Statement::CreateTable(create) => table::create(catalog, create),
        Statement::DropTable { tables, if_exists, temporary } => table::drop(catalog, tables, *if_exists || *temporary),
        Statement::RenameTables { pairs } => pairs.iter().try_for_each(|(from, to)| table::rename(catalog, from, to)),
        Statement::Truncate { table } => table::truncate(catalog, table),
        Statement::Update(changed) | Statement::Delete(changed) => rows::changed(catalog, changed),
        Statement::Insert { table, columns, from, .. } => rows::inserted(catalog, table, columns, from),
        Statement::CreateTrigger { name, table } => table::create_trigger(catalog, name, table),
        Statement::DropTrigger { name, if_exists } => table::drop_trigger(catalog, name, *if_exists),
        Statement::CreateView { name, or_replace, columns, from } => {
            table::create_view(catalog, name, *or_replace, columns, from)
        }
        Statement::DropView { names, if_exists } => table::drop_views(catalog, names, *if_exists),
        Statement::Maintain { verb, tables } => table::maintain(catalog, *verb, tables),
        Statement::Other { .. } => Ok(()),
    }
}
