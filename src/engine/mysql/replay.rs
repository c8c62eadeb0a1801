//! Statement + catalog → the catalog afterwards.

use crate::model::Catalog;
use crate::sql::mysql::statement::Statement;

/// Changes `catalog` as the statement would.
///
/// # Errors
/// Why the server would refuse the statement; the catalog is unchanged then.
pub fn replay(_catalog: &mut Catalog, _statement: &Statement) -> Result<(), String> {
    Err("not replayed yet".to_owned())
}
