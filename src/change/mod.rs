//! What is wanted: change kinds, each with recogniser and recipe, and the road from a script to a plan.
//!
//! To add a kind: a file here, its `mod` line, one word in `kinds!`, cases in `tests/cases/<kind>/`.

pub mod form;
mod identity;
mod inverse;
mod meet;
mod near;
mod recipe;
mod road;
mod said;
pub mod wish;

mod add_column;
mod add_constraint;
mod alter_constraint;
mod alter_sequence;
mod attach_partition;
mod change_type;
mod column_default;
mod comment;
mod copy_table;
mod create_index;
mod data_type;
mod delete_rows;
mod detach_partition;
mod domain;
mod drop_column;
mod drop_constraint;
mod drop_index;
mod drop_object;
mod drop_table;
mod enum_value;
mod extension;
mod function;
mod grants;
mod insert_rows;
mod key_type;
mod maintenance;
mod move_columns;
mod mysql;
mod not_null;
mod partition_table;
mod pass_through;
mod reindex;
mod rename_column;
mod rename_object;
mod rename_table;
mod rename_view;
mod replace_columns;
mod replace_constraint;
mod replace_enum;
mod replace_index;
mod replication;
mod rewrite;
mod row_security;
mod settings;
mod trigger;
mod truncate;
mod update_rows;
mod view;

pub use road::{CannotPlan, judge_file, plan};

use crate::model::TableName;
use crate::plan::PhaseName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use wish::{Claim, Wish};

/// One kind of change: data, recogniser, recipe.
pub trait Kind: Sized {
    /// In `plan.json` and in `tests/cases/`: `column-split`.
    const NAME: &'static str;
    /// For people: `Split a column`.
    const TITLE: &'static str;
    /// How the app asks for it: see [`form`].
    const FORMS: &'static [form::Spec] = &[];

    /// The name of this very change; another than the kind's where one recogniser stands for several.
    fn name(&self) -> &'static str {
        Self::NAME
    }
    /// Finds this kind in the script. Overlaps are settled outside: the claim that covers most wins.
    fn recognise(wish: &Wish) -> Vec<Claim<Self>>;
    /// `Split users.name into first_name and last_name`.
    fn title(&self) -> String;
    fn tables(&self) -> Vec<TableName>;
    /// Pushes steps, needs and rules; answers why this way was chosen.
    ///
    /// # Errors
    /// [`Refusal`] where no safe way is known.
    fn plan(&self, b: &mut Builder) -> Result<String, Refusal>;
}

/// A change that cannot be planned, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub message: String,
    pub hint: Option<String>,
}

impl Refusal {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

/// A kind as the help and the docs list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindInfo {
    pub name: &'static str,
    pub title: &'static str,
    pub forms: &'static [form::Spec],
}

macro_rules! kinds {
    ($($module:ident :: $Kind:ident),+; $($other:ident :: $Other:ident),+ $(,)?) => {
        /// A recognised change.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum Change { $($Kind($module::$Kind),)+ $($Other($other::$Other)),+ }

        impl Change {
            fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
                let mut found = Vec::new();
                $(found.extend($module::$Kind::recognise(wish).into_iter().map(|c| c.map(Self::$Kind)));)+
                $(found.extend($other::$Other::recognise(wish).into_iter().map(|c| c.map(Self::$Other)));)+
                found
            }
            fn name(&self) -> &'static str { match self { $(Self::$Kind(c) => c.name(),)+ $(Self::$Other(c) => c.name()),+ } }
            fn title(&self) -> String { match self { $(Self::$Kind(c) => c.title(),)+ $(Self::$Other(c) => c.title()),+ } }
            fn tables(&self) -> Vec<TableName> { match self { $(Self::$Kind(c) => c.tables(),)+ $(Self::$Other(c) => c.tables()),+ } }
            fn plan(&self, b: &mut Builder) -> Result<String, Refusal> { match self { $(Self::$Kind(c) => c.plan(b),)+ $(Self::$Other(c) => c.plan(b)),+ } }
        }

        /// Every kind, in the order of preference between claims of equal size. What MySQL does in its own way bears the same names.
        pub const KINDS: &[KindInfo] = &[$(KindInfo { name: $module::$Kind::NAME, title: $module::$Kind::TITLE, forms: $module::$Kind::FORMS }),+];
    };
}

kinds! {
    move_columns::MoveColumns,
    replace_columns::ReplaceColumns,
    add_column::AddColumn,
    drop_column::DropColumn,
    rename_column::RenameColumn,
    key_type::KeyType,
    identity::Identity,
    alter_sequence::AlterSequence,
    rename_table::RenameTable,
    rename_table::SetSchema,
    rename_view::RenameView,
    rename_object::RenameObject,
    change_type::ChangeType,
    not_null::SetNotNull,
    not_null::DropNotNull,
    column_default::SetDefault,
    column_default::DropDefault,
    create_index::CreateIndex,
    drop_index::DropIndex,
    replace_constraint::ReplaceConstraint,
    partition_table::PartitionTable,
    copy_table::CopyTable,
    add_constraint::AddConstraint,
    drop_constraint::DropConstraint,
    attach_partition::AttachPartition,
    attach_partition::CreatePartition,
    detach_partition::DetachPartition,
    detach_partition::DropPartition,
    drop_table::DropTable,
    data_type::DropType,
    drop_object::DropView,
    drop_object::DropObject,
    alter_constraint::AlterConstraint,
    replace_index::ReplaceIndex,
    reindex::Reindex,
    rewrite::Rewrite,
    maintenance::Maintenance,
    function::ChangeFunction,
    trigger::ChangeTrigger,
    row_security::RowSecurity,
    replication::Replication,
    update_rows::UpdateRows,
    view::ChangeView,
    replace_enum::ReplaceEnum,
    insert_rows::InsertRows,
    delete_rows::DeleteRows,
    truncate::Truncate,
    enum_value::AddEnumValue,
    enum_value::RenameEnumValue,
    data_type::CreateType,
    data_type::AlterType,
    domain::AlterDomain,
    comment::Comment,
    extension::Extension,
    settings::Setting,
    grants::Grant,
    pass_through::PassThrough;
    mysql::OnMysql,
}

/// A change of a table that the script itself creates.
fn created_here(table: &TableName) -> Refusal {
    Refusal::new(
        format!("`{table}` is created by this script"),
        "Write the new table as it shall be, in its CREATE TABLE: nothing uses it yet.",
    )
}

/// The one-line change of a small table, with the plan's timeouts.
#[expect(clippy::too_many_arguments, reason = "each is one part of a step; a struct would name them twice")]
fn direct_step(
    b: &mut Builder,
    phase: PhaseName,
    rank: Rank,
    title: &str,
    table: &TableName,
    sql: Vec<String>,
    undo: Vec<String>,
    done: String,
) -> Key {
    let draft = Draft::sql(phase, rank, title, sql, b.brief())
        .why("The table is small and quiet enough to be changed in one go; the timeouts still hold.")
        .on(table)
        .undo(b.undo_sql(undo, "Brief on a table of this size."))
        .done(done)
        .watch("Who holds a lock on the table", crate::engine::emit::probe::lock_holders(table));
    b.push(draft)
}
