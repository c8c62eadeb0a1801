//! A view that keeps a table's old name (or a column's) alive while releases that use it still run.

use super::grants;
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::objects::View;
use crate::model::{Ident, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity};

/// The view in the place of a table or of another view.
pub struct CompatView<'a> {
    pub name: &'a TableName,
    /// Where the rows are once the view is there.
    pub over: &'a TableName,
    pub owner: Option<&'a Ident>,
    pub grants: &'a [String],
    /// What it shows.
    pub columns: Vec<Shown<'a>>,
}

pub struct Shown<'a> {
    pub name: &'a Ident,
    /// The column below.
    pub of: &'a Ident,
    pub grants: &'a [String],
}

impl<'a> CompatView<'a> {
    pub fn of_table(table: &'a Table, name: &'a TableName, over: &'a TableName) -> Self {
        let columns = table.columns.iter().map(|c| Shown { name: &c.name, of: &c.name, grants: &c.grants }).collect();
        Self { name, over, owner: table.owner.as_ref(), grants: &table.grants, columns }
    }

    pub fn of_view(view: &'a View, name: &'a TableName, over: &'a TableName) -> Self {
        let columns = view.columns.iter().map(|c| Shown { name: &c.name, of: &c.name, grants: &c.grants }).collect();
        Self { name, over, owner: view.owner.as_ref(), grants: &view.grants, columns }
    }

    /// The statements that make it, all brief.
    pub fn create(&self, b: &Builder) -> Vec<String> {
        let (view, over) = (b.name(self.name), b.name(self.over));
        // Without it the view's owner, not the caller, would be asked for rights and policies.
        let options = if b.since(15) { " WITH (security_invoker=on)" } else { "" };
        let list: Vec<String> = self
            .columns
            .iter()
            .map(|c| if c.name == c.of { b.id(c.of) } else { format!("{} AS {}", b.id(c.of), b.id(c.name)) })
            .collect();
        let mut sql = vec![format!("CREATE VIEW {view}{options} AS SELECT {} FROM {over}", list.join(", "))];
        if let Some(owner) = self.owner {
            sql.push(format!("ALTER VIEW {view} OWNER TO {}", b.id(owner)));
        }
        sql.extend(grants::again(b.dialect(), self.grants, self.owner, &view, None, false));
        for column in &self.columns {
            sql.extend(grants::again(b.dialect(), column.grants, None, &view, Some(column.name), false));
        }
        let note = format!("Keeps a name of {over} alive for releases that use it.");
        sql.push(format!("COMMENT ON VIEW {view} IS {}", b.dialect().literal(&note)));
        sql
    }

    /// Takes it away once no release uses the name.
    pub fn drop_step(&self, b: &mut Builder) {
        let draft = Draft::sql(
            PhaseName::Contract,
            Rank::DropObject,
            format!("Drop the view `{}`", self.name),
            vec![format!("DROP VIEW {}", b.name(self.name))],
            b.brief(),
        )
        .why("No release uses the old name any more. The rows are not touched.")
        .on(self.over)
        .undo(b.undo_sql(self.create(b), "Makes the view again: the old name works as before."))
        .done(probe::relation_gone(self.name))
        .watch("Who holds a lock on the view", probe::lock_holders(self.name));
        b.push(draft);
    }
}

/// A table whose name may be taken over by a view.
///
/// # Errors
/// [`Refusal`] where a view would show or take other rows than the table did.
pub fn allowed(b: &Builder, table: &Table) -> Result<(), Refusal> {
    if table.row_security && !b.since(15) {
        return Err(Refusal::new(
            format!(
                "`{}` has row-level security, and before PostgreSQL 15 a view is checked against the policies as its owner: every role would see every row through it",
                table.name
            ),
            "Rename it in a maintenance window, or upgrade to PostgreSQL 15 first.",
        ));
    }
    Ok(())
}

/// What works on the table and not on a view of its name.
pub fn limits(b: &mut Builder, table: &Table, until: &str) {
    let name = &table.name;
    b.finding(
        Severity::Warning,
        format!(
            "Until {until}, `{name}` is a view. Through it work SELECT, INSERT, UPDATE, DELETE, RETURNING, `FOR UPDATE` and `ON CONFLICT (columns)`. These fail: `ON CONFLICT ON CONSTRAINT`, TRUNCATE, COPY of `{name}` in either direction, `ctid`, `xmin` and other system columns, and DDL such as CREATE INDEX or a foreign key that names it. Look for them in the release of today, and in jobs and reports beside it.",
        ),
    );
    b.finding(
        Severity::Note,
        format!(
            "A view has no primary key and `pg_get_serial_sequence` answers NULL for it: an ORM that asks the catalog when it starts finds no key on `{name}`. Name the key in the model (Rails: `self.primary_key`) if the release of today may be restarted.",
        ),
    );
    let fired: Vec<Ident> = table.triggers.iter().map(|t| t.name.clone()).collect();
    if !fired.is_empty() {
        b.finding(
            Severity::Note,
            format!(
                "Triggers of `{name}` go on firing, with another name in `TG_TABLE_NAME`: {}. Look whether their functions read it (an audit table does).",
                listed(&fired)
            ),
        );
    }
}

/// Who knows the table by its name and is not followed by the server.
pub fn known_by_name(b: &mut Builder, name: &TableName, to: &TableName) {
    let functions: Vec<String> = b.catalog.functions_naming(name).map(|f| format!("`{}`", f.name)).collect();
    if !functions.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Functions whose text names `{name}`: {}. They go through the view as long as it stands and fail once it is dropped: replace their bodies to name `{to}` before the contract phase.",
                functions.join(", ")
            ),
        );
    }
    let published: Vec<Ident> = b
        .catalog
        .publications
        .iter()
        .filter(|p| p.all_tables || p.tables.iter().any(|t| t.table == *name))
        .map(|p| p.name.clone())
        .collect();
    if !published.is_empty() {
        b.finding(
            Severity::Danger,
            format!(
                "`{name}` is published by {}. A publication follows the table, a subscriber looks for its name: from this step on it looks for `{to}` and stops applying until it has that table. Disable the subscription, rename the table on the subscriber in the same minute, enable it again.",
                listed(&published)
            ),
        );
    }
    if !b.catalog.subscriptions.is_empty() {
        let names: Vec<Ident> = b.catalog.subscriptions.iter().map(|s| s.name.clone()).collect();
        b.finding(
            Severity::Warning,
            format!(
                "This database subscribes by {}: if `{name}` is fed by one of them, changes of it can no longer be applied once it is a view. Rename it on the publisher at the same time.",
                listed(&names)
            ),
        );
    }
}
