//! A view that keeps a table's old name (or a column's) alive while releases that use it still run.

use super::grants;
use crate::change::Refusal;
use crate::model::{Ident, Table, TableName};
use crate::plan::Severity;
use crate::plan::build::{Builder, listed};

/// The view in the place of a table.
pub struct CompatView<'a> {
    /// The table as it is today: its owner, grants and comment are the view's.
    pub table: &'a Table,
    pub name: &'a TableName,
    /// Where the rows are once the view is there.
    pub over: &'a TableName,
    /// What it shows, each with the table's column.
    pub columns: Vec<(Ident, Ident)>,
}

impl CompatView<'_> {
    /// The statements that make it, all brief.
    pub fn create(&self, b: &Builder) -> Vec<String> {
        let d = b.dialect();
        let (view, over) = (b.name(self.name), b.name(self.over));
        // Without it the view's owner, not the caller, would be asked for rights and policies.
        let options = if b.since(15) { " WITH (security_invoker=on)" } else { "" };
        let list: Vec<String> = self
            .columns
            .iter()
            .map(|(shown, of)| match shown == of {
                true => b.id(of),
                false => format!("{} AS {}", b.id(of), b.id(shown)),
            })
            .collect();
        let mut sql = vec![format!("CREATE VIEW {view}{options} AS SELECT {} FROM {over}", list.join(", "))];
        if let Some(owner) = &self.table.owner {
            sql.push(format!("ALTER VIEW {view} OWNER TO {}", b.id(owner)));
        }
        let owner = self.table.owner.as_ref();
        sql.extend(grants::again(d, &self.table.grants, owner, &view, None, true));
        for (shown, of) in &self.columns {
            let Some(column) = self.table.column(of) else { continue };
            sql.extend(grants::again(d, &column.grants, owner, &view, Some(shown), true));
        }
        sql
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
pub fn known_by_name(b: &mut Builder, table: &Table, to: &TableName) {
    let name = &table.name;
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
