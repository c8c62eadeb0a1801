//! CREATE INDEX, built without blocking writers.

use super::form::Spec;
use super::recipe::index::{NewIndex, Unique, build, concurrent, leftover_check};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, direct_step};
use crate::engine::emit::probe;
use crate::engine::names::of_expression;
use crate::model::catalog::Volatility;
use crate::model::{Ident, Index, Stored, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{self, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    table: TableName,
    index: sql::CreateIndex,
    /// `ADD COLUMN`s of the same wish that the index needs.
    on_new_columns: bool,
    /// The script itself creates the table: the statement as written.
    on_new_table: Option<String>,
}

impl Kind for CreateIndex {
    const NAME: &'static str = "create-index";
    const TITLE: &'static str = "Create an index";
    const FORMS: &'static [Spec] = &[(
        "",
        "CREATE[ UNIQUE{unique:yes}] INDEX[ {name:new=users_created_at_idx}] ON {table:table=users}[ USING {method:btree|hash|gin|gist|brin=btree}] ({columns:keys=created_at})[ INCLUDE ({include:columns=email})][ WHERE {where:sql=created_at > '2024-01-01'}];",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::CreateIndex(index) => {
                    let table = index.table.resolve(wish.catalog);
                    let written = wish.atoms.get(at)?.text.trim().to_owned();
                    let on_new_table = wish.table(&table).is_none().then_some(written);
                    // Neither old nor new: a materialised view, which takes indexes like a table.
                    if wish.target.table(&table).is_none() {
                        wish.catalog.views.iter().find(|v| v.name == table && v.stored.is_some())?;
                        let (index, on_new_columns) = (index.clone(), false);
                        return Some(Claim::one(at, Self { table, index, on_new_columns, on_new_table: None }));
                    }
                    let keys = || index.keys.iter().flat_map(|k| k.column.iter().chain(&k.uses));
                    let on_new_columns = keys().any(|c| !wish.column_exists(&table, c));
                    Some(Claim::one(at, Self { table, index: index.clone(), on_new_columns, on_new_table }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let unique = if self.index.unique { "unique " } else { "" };
        match &self.index.name {
            Some(name) => format!("Create {unique}index `{name}` on `{}`", self.table),
            None => format!("Create a {unique}index on `{}`", self.table),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if let Some(written) = &self.on_new_table {
            return Ok(self.on_empty(b, written));
        }
        let view = b.catalog.views.iter().find(|v| v.name == self.table);
        if let Some(stored) = view.and_then(|v| v.stored.as_deref()) {
            return Ok(self.on_view(b, stored));
        }
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        possible(b, table, &self.index)?;
        let name = self.name(b);
        let full = self.table.sibling(name.0.clone());
        if self.index.if_not_exists && table.index(&name).is_some_and(|i| i.valid) {
            return Ok("nothing to do: the index exists".to_owned());
        }
        if table.index(&name).is_some_and(|i| !i.valid) {
            leftover(b, &self.table, &name);
        }
        let unique = if self.index.unique { Unique::Yes } else { Unique::No };
        if unique == Unique::Yes && !self.on_new_columns {
            duplicates(b, &self.table, &self.index);
        }
        if let Some(reason) = b.direct(table) {
            let word = if self.index.unique { "UNIQUE INDEX" } else { "INDEX" };
            direct_step(
                b,
                PhaseName::Migrate,
                Rank::Index,
                &self.title(),
                &self.table,
                vec![format!("CREATE {word} {} ON {} {}", b.id(&name), b.name(&self.table), self.index.definition)],
                vec![format!("DROP INDEX {}", b.name(&full))],
                probe::index_valid(&full),
            );
            return Ok(reason);
        }
        let new =
            NewIndex { name, unique, definition: self.index.definition.clone(), why: "As the script asks.".to_owned() };
        build(b, table, &new)?;
        Ok("online: built concurrently".to_owned())
    }
}

impl CreateIndex {
    /// On a table that the script creates there is nobody to block.
    fn on_empty(&self, b: &mut Builder, written: &str) -> String {
        let alone = self.index.concurrently;
        let mode = if alone { Draft::alone } else { |p, r, t: String, s: String, l| Draft::sql(p, r, t, vec![s], l) };
        let timeouts = if alone { b.unlimited() } else { b.brief() };
        let mut draft = mode(PhaseName::Expand, Rank::CreateObject, self.title(), written.to_owned(), timeouts)
            .why("The table was created a moment ago: it is empty, and nobody uses it.")
            .on(&self.table);
        draft.undo = Undo::Nothing { because: "It goes with the table.".to_owned() };
        if let Some(name) = &self.index.name {
            draft = draft.done(probe::index_valid(&self.table.sibling(name.0.clone())));
        }
        b.push(draft);
        "direct: the script itself creates the table".to_owned()
    }

    /// On a materialised view, which REFRESH writes.
    fn on_view(&self, b: &mut Builder, stored: &Stored) -> String {
        let name = self.name(b);
        if stored.indexes.iter().any(|i| i.name == name) && self.index.if_not_exists {
            return "nothing to do: the index exists".to_owned();
        }
        let unique = if self.index.unique { Unique::Yes } else { Unique::No };
        if unique == Unique::Yes && stored.populated {
            duplicates(b, &self.table, &self.index);
        }
        leftover_check(b, &self.table, &name);
        let why = "As the script asks; a REFRESH waits for the build, or the build for it.".to_owned();
        let new = NewIndex { name, unique, definition: self.index.definition.clone(), why };
        let draft = concurrent(b, &self.table, &new, self.title());
        b.push(draft);
        "online: built concurrently".to_owned()
    }

    fn name(&self, b: &mut Builder) -> Ident {
        if let Some(name) = &self.index.name {
            b.reserve(name);
            return name.clone();
        }
        let part = |k: &sql::statement::IndexKey| k.column.clone().unwrap_or_else(|| of_expression(&k.text));
        let parts: Vec<Ident> = self.index.keys.iter().map(part).collect();
        b.made_up(&self.table, &parts, "idx")
    }
}

/// An invalid index of the same name stands in the way of the build.
fn leftover(b: &mut Builder, table: &TableName, name: &Ident) {
    let full = table.sibling(name.0.clone());
    let draft = Draft::alone(
        PhaseName::Prepare,
        // Pushed before the check that it is gone, which has the same rank.
        Rank::Check,
        format!("Drop the half-built index `{name}`"),
        format!("DROP INDEX CONCURRENTLY {}", b.name(&full)),
        b.unlimited(),
    )
    .why("An earlier concurrent build was cancelled; what it left costs writes and serves no query.")
    .on(table)
    .undo(Undo::Nothing { because: "An invalid index serves nobody.".to_owned() })
    .done(probe::relation_gone(&full));
    b.push(draft);
}

pub fn duplicates(b: &mut Builder, table: &TableName, index: &sql::CreateIndex) {
    let keys: Vec<String> =
        index.keys.iter().map(|k| k.column.as_ref().map_or_else(|| k.text.clone(), |c| b.id(c))).collect();
    let mut filters: Vec<String> =
        index.keys.iter().filter_map(|k| k.column.as_ref()).map(|c| format!("{} IS NOT NULL", b.id(c))).collect();
    filters.extend(index.predicate.iter().map(|p| format!("({})", p.sql)));
    let filter = if filters.is_empty() { String::new() } else { format!(" WHERE {}", filters.join(" AND ")) };
    let named: Vec<Ident> = index.keys.iter().filter_map(|k| k.column.clone()).collect();
    b.push(
        Draft::verify(
            PhaseName::Prepare,
            Rank::Check,
            format!(
                "{} of `{table}` holds no duplicates",
                if named.is_empty() { "The key".to_owned() } else { listed(&named) }
            ),
            format!(
                "SELECT NOT EXISTS (SELECT 1 FROM {}{filter} GROUP BY {} HAVING count(*) > 1)",
                b.name(table),
                keys.join(", ")
            ),
        )
        .why("Duplicates would make the build fail and leave an invalid index. On a large table run this on a replica.")
        .on(table),
    );
}

/// No form of these answers the same for the same arguments.
const NEVER_IMMUTABLE: &[&str] = &[
    "clock_timestamp",
    "concat",
    "concat_ws",
    "format",
    "gen_random_uuid",
    "nextval",
    "now",
    "random",
    "statement_timestamp",
    "timeofday",
    "to_char",
    "to_date",
    "transaction_timestamp",
];

/// What the server would refuse when the build begins.
///
/// # Errors
/// [`Refusal`] for an expression whose value may change from call to call.
pub fn possible(b: &mut Builder, table: &Table, index: &sql::CreateIndex) -> Result<(), Refusal> {
    let keys = index.keys.iter().filter(|k| k.column.is_none()).map(|k| sql::expression(&k.text));
    for expression in keys.chain(index.predicate.clone()) {
        if let Some(function) = expression.functions.iter().find(|f| NEVER_IMMUTABLE.contains(&f.as_str())) {
            return Err(Refusal::new(
                format!(
                    "`{function}` may answer differently from call to call, so the server refuses an index over `{}` (42P17)",
                    expression.sql
                ),
                "Use a function that is IMMUTABLE; for a part of a time with zone, `(column AT TIME ZONE 'UTC')` with the zone written out.",
            ));
        }
        // By bare name the catalog knows the worst of the overloads only.
        let doubtful = |f: &&String| b.catalog.volatilities.of(f) > Volatility::Immutable;
        let doubtful: Vec<String> = expression.functions.iter().filter(doubtful).map(|f| format!("`{f}`")).collect();
        if !doubtful.is_empty() {
            b.finding(Severity::Note, format!("The build is refused at once (42P17) unless the form of {} that `{}` uses on `{}` is IMMUTABLE; nothing is left behind then.", doubtful.join(", "), expression.sql, table.name));
        }
    }
    advice(b, table, index);
    Ok(())
}

/// Rows from which the memory for sorting decides how long a build takes.
const HUGE_ROWS: u64 = 50_000_000;

fn advice(b: &mut Builder, table: &Table, index: &sql::CreateIndex) {
    let name = |i: &Index| format!("`{}`", i.name);
    let keys: Vec<Option<&Ident>> = index.keys.iter().map(|k| k.column.as_ref()).collect();
    let plain = keys.iter().all(|k| k.is_some()) && index.predicate.is_none();
    let text = |i: &Index| i.definition.split_once(" USING ").map(|(_, rest)| rest.to_owned());
    let mine =
        format!("{} ({})", index.method, index.keys.iter().map(|k| k.text.as_str()).collect::<Vec<_>>().join(", "));
    let twin = table.indexes.iter().find(|i| {
        i.valid
            && i.predicate.is_none()
            && index.predicate.is_none()
            && index.include.is_empty()
            && i.unique == index.unique
            && text(i).is_some_and(|t| t == mine)
    });
    if let Some(twin) = twin {
        b.finding(
            Severity::Warning,
            format!(
                "{} of `{}` is the same index under another name: a second one costs writes and serves nothing.",
                name(twin),
                table.name
            ),
        );
        return;
    }
    let longer = table.indexes.iter().find(|i| {
        let starts = i.keys.len() > keys.len() && keys.iter().zip(&i.keys).all(|(a, b)| *a == b.as_ref());
        i.valid && i.predicate.is_none() && i.method == index.method && starts
    });
    if let Some(longer) = longer.filter(|_| plain && !index.unique && index.method == "btree") {
        b.finding(
            Severity::Note,
            format!(
                "{} of `{}` begins with the same columns and may serve the same queries.",
                name(longer),
                table.name
            ),
        );
    }
    let shorter = table.indexes.iter().find(|i| {
        let starts =
            i.keys.len() < keys.len() && i.keys.iter().zip(&keys).all(|(a, b)| a.is_some() && a.as_ref() == *b);
        i.valid && !i.unique && i.predicate.is_none() && i.constraint.is_none() && i.method == index.method && starts
    });
    if let Some(shorter) = shorter.filter(|_| plain && index.method == "btree") {
        b.finding(
            Severity::Note,
            format!(
                "{} of `{}` is a beginning of this index: once it is built, that one may go.",
                name(shorter),
                table.name
            ),
        );
    }
    if table.stats.rows.is_some_and(|r| r >= HUGE_ROWS) {
        b.finding(Severity::Note, format!("The build on `{}` sorts {} rows: in the session that builds, `SET maintenance_work_mem` to what the server can spare (`PGOPTIONS='-c maintenance_work_mem=2GB'` for psql) and, from 11 on, `max_parallel_maintenance_workers`.", table.name, crate::model::quantity::Rows(table.stats.rows.unwrap_or(0))));
    }
}
