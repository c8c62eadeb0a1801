//! The server's refusals, in its own words and with its own numbers.

use crate::model::Ident;
use crate::model::name::shown;
use std::fmt::Display;

pub(super) type Done = Result<(), String>;

fn fault(number: u16, words: impl Display) -> String {
    format!("{words} (error {number})")
}

pub(super) fn no_table(name: impl Display) -> String {
    fault(1146, format!("table `{name}` does not exist"))
}
pub(super) fn unknown_table(name: impl Display) -> String {
    fault(1051, format!("unknown table `{name}`"))
}
pub(super) fn table_exists(name: impl Display) -> String {
    fault(1050, format!("table `{name}` already exists"))
}
pub(super) fn unknown_column(column: &Ident, table: impl Display) -> String {
    fault(1054, format!("unknown column `{column}` in `{table}`"))
}
pub(super) fn duplicate_column(column: &Ident) -> String {
    fault(1060, format!("duplicate column name `{column}`"))
}
pub(super) fn duplicate_key(name: &Ident) -> String {
    fault(1061, format!("duplicate key name `{name}`"))
}
pub(super) fn cannot_drop(name: &Ident) -> String {
    fault(1091, format!("cannot drop `{name}`: there is no such column or key"))
}
pub(super) fn no_key(name: &Ident, table: impl Display) -> String {
    fault(1176, format!("key `{name}` does not exist in table `{table}`"))
}
pub(super) fn no_key_column(column: &Ident) -> String {
    fault(1072, format!("key column `{column}` does not exist in the table"))
}
pub(super) fn two_primary_keys() -> String {
    fault(1068, "multiple primary key defined")
}
pub(super) fn auto_column() -> String {
    fault(1075, "there can be only one AUTO_INCREMENT column, and it must be defined as a key")
}
pub(super) fn invalid_default(column: &Ident) -> String {
    fault(1067, format!("invalid default value for `{column}`"))
}
pub(super) fn no_columns_left() -> String {
    fault(1090, "a table cannot lose all its columns; use DROP TABLE instead")
}
pub(super) fn no_key_length(column: &Ident) -> String {
    fault(1170, format!("BLOB or TEXT column `{column}` is used in a key without a key length"))
}
pub(super) fn name_too_long(name: &Ident) -> String {
    fault(1059, format!("identifier name `{}` is too long", shown(name.as_str())))
}
pub(super) fn needed_by_foreign_key(number: u16, what: &str, name: &Ident, key: &Ident) -> String {
    fault(number, format!("cannot change {what} `{name}`: it is needed in the foreign key `{key}`"))
}
pub(super) fn referenced(table: impl Display, key: &Ident, by: impl Display) -> String {
    fault(3730, format!("cannot drop table `{table}`, which the foreign key `{key}` on table `{by}` references"))
}
pub(super) fn duplicate_constraint(name: &Ident) -> String {
    fault(1826, format!("duplicate constraint name `{name}`"))
}
pub(super) fn no_parent(name: impl Display) -> String {
    fault(1824, format!("failed to open the referenced table `{name}`"))
}
pub(super) fn no_parent_index(key: &Ident, parent: impl Display) -> String {
    fault(
        1822,
        format!("no index of the referenced table `{parent}` begins with the columns of the foreign key `{key}`"),
    )
}
pub(super) fn incompatible(column: &Ident, key: &Ident) -> String {
    fault(3780, format!("the type of column `{column}` and of the one that the foreign key `{key}` references differ"))
}
pub(super) fn check_uses(check: &Ident, column: &Ident) -> String {
    fault(3959, format!("check constraint `{check}` uses column `{column}`, which cannot be dropped or renamed"))
}
pub(super) fn generated_uses(column: &Ident, generated: &Ident) -> String {
    fault(3108, format!("column `{column}` is read by the generated column `{generated}`"))
}
pub(super) fn not_partitioned() -> String {
    fault(1505, "partitions of a table that is not partitioned cannot be managed")
}
pub(super) fn no_partition(name: &Ident) -> String {
    fault(1507, format!("there is no partition `{name}`"))
}
pub(super) fn duplicate_partition(name: &Ident) -> String {
    fault(1517, format!("duplicate partition name `{name}`"))
}
pub(super) fn all_partitions() -> String {
    fault(1508, "a table cannot lose all its partitions; use DROP TABLE instead")
}
pub(super) fn trigger_exists(name: &Ident) -> String {
    fault(1359, format!("trigger `{name}` already exists"))
}
pub(super) fn no_trigger(name: &Ident) -> String {
    fault(1360, format!("trigger `{name}` does not exist"))
}
