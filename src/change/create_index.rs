//! CREATE INDEX, built without blocking writers.

use super::recipe::index::{NewIndex, Unique, build};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, direct_step};
use crate::engine::emit::probe;
use crate::model::{Ident, TableName};
use crate::plan::PhaseName;
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::sql::{self, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    table: TableName,
    index: sql::CreateIndex,
    /// `ADD COLUMN`s of the same wish that the index needs.
    on_new_columns: bool,
}

impl Kind for CreateIndex {
    const NAME: &'static str = "create-index";
    const TITLE: &'static str = "Create an index";

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::CreateIndex(index) => {
                    let table = index.table.resolve(wish.catalog);
                    wish.table(&table)?;
                    let keys = || index.keys.iter().flat_map(|k| k.column.iter().chain(&k.uses));
                    let on_new_columns = keys().any(|c| !wish.column_exists(&table, c));
                    Some(Claim::one(at, Self { table, index: index.clone(), on_new_columns }))
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
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
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
    fn name(&self, b: &mut Builder) -> Ident {
        if let Some(name) = &self.index.name {
            b.reserve(name);
            return name.clone();
        }
        // As the server names it: table, columns (`expr` for an expression), `idx`.
        let mut parts = vec![self.table.name.as_str()];
        parts.extend(self.index.keys.iter().map(|k| k.column.as_ref().map_or("expr", Ident::as_str)));
        parts.push("idx");
        b.fresh(&self.table, &parts)
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
    .undo(crate::plan::Undo::Nothing { because: "An invalid index serves nobody.".to_owned() })
    .done(probe::relation_gone(&full));
    b.push(draft);
}

fn duplicates(b: &mut Builder, table: &TableName, index: &sql::CreateIndex) {
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
