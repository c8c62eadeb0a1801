//! A column under two names without a copy: the table steps behind a view of its name that shows both, until no release
//! uses the old one.

use super::compat_view::{CompatView, Shown, allowed, limits};
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::catalog::Identity;
use crate::model::objects::ViewKind;
use crate::model::{Column, Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity};

/// Plans `from` → `to` that way.
///
/// # Errors
/// [`Refusal`] where something meets the table below the view and still looks for the old name, or the view would serve
/// other rows.
pub fn plan(b: &mut Builder, table: &Table, from: &Ident, to: &Ident) -> Result<String, Refusal> {
    eligible(b, table, from)?;
    let column = table.column(from).ok_or_else(|| refused(table, from, "there is no such column".to_owned()))?;
    let name = &table.name;
    let base = name.sibling(&b.fresh(name, &[name.name.as_str(), "base"]).0);
    let view = over(table, name, &base, column, to);
    let (t, below) = (b.name(name), b.name(&base));
    let rename = |x: &Ident, y: &Ident| format!("ALTER TABLE {t} RENAME COLUMN {} TO {}", b.id(x), b.id(y));
    let aside = format!("ALTER TABLE {t} RENAME TO {}", b.id(&base.name));
    let home = format!("ALTER TABLE {below} RENAME TO {}", b.id(&name.name));
    let away = format!("DROP VIEW {t}");

    let mut sql = vec![rename(from, to), aside.clone()];
    sql.extend(view.create(b));
    let undo = vec![away.clone(), home.clone(), rename(to, from)];
    let draft = Draft::sql(
        PhaseName::Expand,
        Rank::Other,
        format!("Let `{name}` show `{from}` as `{to}`, too"),
        sql,
        b.brief(),
    )
    .why("One short transaction, and no row is copied: the column has its new name in the table, and a view in the table's place shows it by both. The server rewrites the view away; reads and writes by either name reach the same value.")
    .on(name)
    .undo(b.undo_sql(undo, "Catalog only; brief lock. A release that uses the new name has to be gone."))
    .done(probe::renamed_behind_view(name, &base))
    .watch("Who holds a lock on the table", probe::lock_holders(name))
    .abort_if("The lock is not granted within the timeout five times in a row: find the holder first.");
    b.push(draft);

    releases(b, table, column, to);

    let mut again = vec![aside];
    again.extend(view.create(b));
    let draft = Draft::sql(
        PhaseName::Contract,
        Rank::DropObject,
        format!("Put `{name}` back in the place of its view"),
        vec![away, home],
        b.brief(),
    )
    .why("No release uses the old name any more. The rows are not touched.")
    .on(name)
    .undo(b.undo_sql(again, "Makes the view again: both names work as before."))
    .done(probe::is_table(name))
    .watch("Who holds a lock on the table", probe::lock_holders(&base));
    b.push(draft);
    notes(b, table, from, to, &base);
    Ok("zero copy: a view shows the column by both names; asked for with `rename = view`".to_owned())
}

/// The old name in its old place, so that statements without a list of columns go on; the new one behind all.
fn over<'a>(
    table: &'a Table,
    name: &'a TableName,
    base: &'a TableName,
    column: &'a Column,
    to: &'a Ident,
) -> CompatView<'a> {
    let below = |c: &'a Column| if c.name == column.name { to } else { &c.name };
    let mut columns: Vec<Shown> =
        table.columns.iter().map(|c| Shown { name: &c.name, of: below(c), grants: &c.grants }).collect();
    columns.push(Shown { name: to, of: to, grants: &column.grants });
    CompatView { name, over: base, owner: table.owner.as_ref(), grants: &table.grants, columns }
}

fn refused(table: &Table, from: &Ident, why: String) -> Refusal {
    Refusal::new(
        format!("`{}.{from}` cannot have two names by a view: {why}", table.name),
        "Leave `--rename view` out: the column is then copied and kept in step.",
    )
}

fn eligible(b: &Builder, table: &Table, from: &Ident) -> Result<(), Refusal> {
    allowed(b, table)?;
    let no = |why: String| Err(refused(table, from, why));
    if table.kind != TableKind::Ordinary || table.partition_of.is_some() {
        return no(
            "only an ordinary table can step behind a view, and this one is foreign, partitioned, or has a parent"
                .to_owned(),
        );
    }
    if b.catalog.partitions_of(&table.name).next().is_some() {
        return no("other tables inherit from it".to_owned());
    }
    // A trigger meets the row of the table, not of the view, and its text is not followed.
    let fired: Vec<Ident> =
        table.triggers.iter().filter(|t| t.enabled.as_deref() != Some("disabled")).map(|t| t.name.clone()).collect();
    if !fired.is_empty() {
        return no(format!(
            "the functions of its triggers ({}) meet the table's own rows, in which `{from}` has the new name at once",
            listed(&fired)
        ));
    }
    let published =
        b.catalog.publications.iter().find(|p| p.all_tables || p.tables.iter().any(|t| t.table == table.name));
    if let Some(publication) = published {
        return no(format!("subscribers of `{}` look for table and column by name", publication.name));
    }
    if let Some(rule) = b.catalog.views_using(&table.name, &[]).find(|v| v.kind == ViewKind::Rule) {
        return no(format!("the rule `{}` hangs on it", rule.name));
    }
    Ok(())
}

fn releases(b: &mut Builder, table: &Table, column: &Column, to: &Ident) {
    let (name, from) = (&table.name, &column.name);
    let (old, new) = (std::slice::from_ref(from), std::slice::from_ref(to));
    let mut need = Need::new(Slot::Use, Placement::Fixed, name)
        .stops_reading(old)
        .stops_writing(old)
        .reads(new)
        .say(format!("Use `{to}` instead of `{from}` of `{name}` in all code; never both in one statement: the server refuses to set one column twice."))
        .shape(format!("SELECT {} FROM {} WHERE …", b.id(to), b.name(name)))
        .orm("rails", format!("self.ignored_columns += [{:?}], or INSERT sets both names", from.to_string()))
        .orm("prepared statements", "A cached `SELECT *` fails once with `cached plan must not change result type` when the view comes and when it goes: name the columns, or recycle connections");
    if column.generated.is_none() && column.identity != Some(Identity::Always) {
        need = need.writes(new);
    }
    b.need(need);
}

fn notes(b: &mut Builder, table: &Table, from: &Ident, to: &Ident, base: &TableName) {
    limits(b, table, "the contract phase");
    let name = &table.name;
    let naming: Vec<String> = b.catalog.functions_naming(name).map(|f| format!("`{}`", f.name)).collect();
    if !naming.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Functions whose text names `{name}`: {}. Both names of the column work in them until the contract phase; replace `{from}` before it.",
                naming.join(", ")
            ),
        );
    }
    b.finding(
        Severity::Warning,
        format!(
            "Until the contract phase no other migration can alter `{name}`: it is a view, the table is `{}`. `SELECT *` shows one column more.",
            base.name
        ),
    );
    if b.since(18) {
        b.finding(
            Severity::Note,
            format!(
                "If the old name is only read, PostgreSQL 18 can keep it without a view: rename, and in the same transaction add a virtual column: `ADD COLUMN {} {} GENERATED ALWAYS AS ({}) VIRTUAL`.",
                b.id(from),
                table.column(from).map(|c| c.data_type.clone()).unwrap_or_default(),
                b.id(to)
            ),
        );
    }
}
