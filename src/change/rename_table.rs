//! A table under a new name or in another schema: both names work until no release needs the old one.

use super::form::Spec;
use super::recipe::compat_view::{CompatView, allowed, known_by_name, limits};
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::engine::replay;
use crate::engine::views::seen;
use crate::model::catalog::{Identity, TableKind};
use crate::model::{ConstraintKind, Ident, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::{Alter, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct RenameTable(Moved);

#[derive(Debug, Clone, PartialEq)]
pub struct SetSchema(Moved);

#[derive(Debug, Clone, PartialEq)]
struct Moved {
    from: TableName,
    to: TableName,
    /// A view of the old name that the script makes itself, and means to keep.
    view: Option<(String, Statement)>,
}

impl Kind for RenameTable {
    const NAME: &'static str = "rename-table";
    const TITLE: &'static str = "Rename a table";
    const FORMS: &'static [Spec] = &[("", "ALTER TABLE {table:table=tickets} RENAME TO {new name:new=issues};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let to = |from: &TableName, action: &Alter| match action {
            Alter::RenameTable { to } => Some(from.sibling(&to.0)),
            _ => None,
        };
        recognise(wish, to).into_iter().map(|c| c.map(Self)).collect()
    }
    fn title(&self) -> String {
        format!("Rename `{}` to `{}`", self.0.from, self.0.to.name)
    }
    fn tables(&self) -> Vec<TableName> {
        vec![self.0.from.clone()]
    }
    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        self.0.plan(b)
    }
}

impl Kind for SetSchema {
    const NAME: &'static str = "set-schema";
    const TITLE: &'static str = "Move a table to another schema";
    const FORMS: &'static [Spec] = &[("", "ALTER TABLE {table:table=tickets} SET SCHEMA {schema:schema=billing};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let to = |from: &TableName, action: &Alter| match action {
            Alter::SetSchema { schema } => Some(TableName { schema: schema.clone(), name: from.name.clone() }),
            _ => None,
        };
        recognise(wish, to).into_iter().map(|c| c.map(Self)).collect()
    }
    fn title(&self) -> String {
        format!("Move `{}` to schema `{}`", self.0.from, self.0.to.schema)
    }
    fn tables(&self) -> Vec<TableName> {
        vec![self.0.from.clone()]
    }
    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if self.0.from == self.0.to {
            return Ok("nothing to do: the table is in that schema".to_owned());
        }
        self.0.plan(b)
    }
}

/// ALTER TABLE of a table; of views, sequences and indexes other kinds know more.
fn recognise(wish: &Wish, to: impl Fn(&TableName, &Alter) -> Option<TableName>) -> Vec<Claim<Moved>> {
    wish.alters()
        .filter_map(|(at, from, action)| {
            let to = to(from, action)?;
            let other = wish.catalog.table(from).is_none() && wish.target.table(&to).is_none();
            if other {
                return None;
            }
            let own = wish.statements().find_map(|(later, statement)| match statement {
                Statement::CreateView(view) if later > at && view.name.resolve(wish.catalog) == *from => {
                    let over = view.query.from.iter().any(|f| f.relation.name == to.name);
                    let text = match wish.atoms.get(later).map(|a| &a.part) {
                        Some(Part::Whole(_)) => wish.atoms.get(later).map(|a| a.text.trim().to_owned())?,
                        _ => return None,
                    };
                    over.then(|| (later, text, statement.clone()))
                }
                _ => None,
            });
            let from = from.clone();
            Some(match own {
                Some((later, text, statement)) => {
                    Claim { atoms: vec![at, later], change: Moved { from, to, view: Some((text, statement)) } }
                }
                None => Claim::one(at, Moved { from, to, view: None }),
            })
        })
        .collect()
}

impl Moved {
    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.from).ok_or_else(|| created_here(&self.from))?;
        allowed(b, table)?;
        self.rename(b, table)?;
        if self.from.schema != self.to.schema {
            self.other_schema(b, table);
        } else {
            self.names_that_stay(b, table);
        }
        known_by_name(b, &self.from, &self.to);
        if self.view.is_some() {
            limits(b, table, "you drop it");
            return Ok("online: the script's own view keeps the old name".to_owned());
        }
        limits(b, table, "the contract phase");
        self.releases(b, table);
        CompatView::of_table(table, &self.from, &self.to).drop_step(b);
        Ok("online: a view keeps the old name for the release of today; a rename alone breaks it at commit".to_owned())
    }

    /// `ALTER TABLE from …` to `to`.
    fn step(b: &Builder, from: &TableName, to: &TableName) -> String {
        if from.schema == to.schema {
            format!("ALTER TABLE {} RENAME TO {}", b.name(from), b.id(&to.name))
        } else {
            format!("ALTER TABLE {} SET SCHEMA {}", b.name(from), b.id(&to.schema))
        }
    }

    fn rename(&self, b: &mut Builder, table: &Table) -> Result<(), Refusal> {
        let mut sql = vec![Self::step(b, &self.from, &self.to)];
        let mut title = format!("Give `{}` the name `{}`, and a view the old one", self.from, self.to.name);
        if self.from.schema != self.to.schema {
            title = format!("Move `{}` to `{}`, and leave a view", self.from, self.to.schema);
        }
        match &self.view {
            Some((text, statement)) => {
                self.serves(b, table, statement)?;
                sql.push(text.clone());
            }
            None => {
                sql.extend(CompatView::of_table(table, &self.from, &self.to).create(b));
            }
        }
        let undo = vec![format!("DROP VIEW {}", b.name(&self.from)), Self::step(b, &self.to, &self.from)];
        let draft = Draft::sql(PhaseName::Expand, Rank::Other, title, sql, b.brief())
            .why("One short transaction: nobody sees a moment without the name. Reads and writes by the old name reach the same rows through the view, which the server rewrites away.")
            .on(&self.from)
            .undo(b.undo_sql(undo, "Catalog only; brief lock. A release that uses the new name has to be gone."))
            .done(probe::renamed_behind_view(&self.from, &self.to))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.from))
            .abort_if("The lock is not granted within the timeout five times in a row: find the holder first.");
        b.push(draft);
        Ok(())
    }

    /// The script's own view has to do for the release of today what the table did.
    fn serves(&self, b: &Builder, table: &Table, view: &Statement) -> Result<(), Refusal> {
        let mut then = b.catalog.clone();
        let script = crate::sql::parse(&Self::step(b, &self.from, &self.to), then.server.engine).ok();
        for statement in script.iter().flat_map(|s| &s.statements).map(|l| &l.statement).chain([view]) {
            replay(&mut then, statement).map_err(|why| Refusal::new(why, "Correct the script."))?;
        }
        let shown = seen(&then, &self.from);
        let lost: Vec<Ident> = table
            .columns
            .iter()
            .map(|c| c.name.clone())
            .filter(|c| shown.as_ref().is_none_or(|s| s.reaches(c) != Some(c)))
            .collect();
        if lost.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(
            format!(
                "the view `{}` that the script puts in the table's place does not show {} as the table does, or cannot be written",
                self.from,
                listed(&lost)
            ),
            "Leave the view out: the plan makes one that serves the release of today, and drops it in the end.",
        ))
    }

    fn releases(&self, b: &mut Builder, table: &Table) {
        let all: Vec<Ident> = table.columns.iter().map(|c| c.name.clone()).collect();
        let writable: Vec<Ident> = table
            .columns
            .iter()
            .filter(|c| c.generated.is_none() && c.identity != Some(Identity::Always))
            .map(|c| c.name.clone())
            .collect();
        b.need(Need::new(Slot::Use, Placement::Fixed, &self.from).stops_reading(&all).stops_writing(&all));
        let new = b.name(&self.to);
        b.need(
            Need::new(Slot::Use, Placement::Fixed, &self.to)
                .reads(&all)
                .writes(&writable)
                .say(format!("Use `{}` instead of `{}` everywhere: queries, jobs, reports.", self.to, self.from))
                .shape(format!("SELECT … FROM {new} WHERE …"))
                .shape(format!("INSERT INTO {new} (…) VALUES (…)"))
                .orm("rails", format!("self.table_name = {:?}", self.to.to_string()))
                .orm(
                    "django",
                    "class Meta: db_table = the new name; rename the model's state with SeparateDatabaseAndState",
                ),
        );
    }

    /// Names that were made from the table's and are not changed with it.
    fn names_that_stay(&self, b: &mut Builder, table: &Table) {
        let old = self.from.name.as_str();
        let made = |n: &Ident| n.as_str().starts_with(old);
        let mut stay: Vec<Ident> = table.indexes.iter().map(|i| i.name.clone()).filter(made).collect();
        stay.extend(
            table
                .constraints
                .iter()
                .filter(|c| c.kind != ConstraintKind::NotNull)
                .filter(|c| !table.indexes.iter().any(|i| i.constraint.as_ref() == Some(&c.name)))
                .map(|c| c.name.clone())
                .filter(made),
        );
        let owned = |s: &&crate::model::objects::Sequence| s.owned_by.as_ref().is_some_and(|o| o.table == self.from);
        stay.extend(b.catalog.sequences.iter().filter(owned).map(|s| s.name.name.clone()).filter(made));
        if !stay.is_empty() {
            b.finding(
                Severity::Note,
                format!(
                    "Names made from `{old}` stay as they are: {}. That is harmless; code that guesses a sequence's name from the table's guesses wrong.",
                    listed(&stay)
                ),
            );
        }
    }

    fn other_schema(&self, b: &mut Builder, table: &Table) {
        b.finding(
            Severity::Warning,
            format!(
                "Every role that uses `{}` needs USAGE on schema `{}` before the release that names it: `GRANT USAGE ON SCHEMA {} TO …`.",
                self.to,
                self.to.schema,
                b.id(&self.to.schema)
            ),
        );
        let owned: Vec<Ident> = b
            .catalog
            .sequences
            .iter()
            .filter(|s| s.owned_by.as_ref().is_some_and(|o| o.table == self.from))
            .map(|s| s.name.name.clone())
            .collect();
        if !owned.is_empty() {
            b.finding(
                Severity::Warning,
                format!(
                    "Sequences that columns of `{}` own move along: {}. Defaults follow them; code that calls `nextval` by the old schema does not.",
                    self.from,
                    listed(&owned)
                ),
            );
        }
        if table.kind == TableKind::Partitioned {
            b.finding(
                Severity::Note,
                format!("Partitions of `{}` stay in their schema; only the parent moves.", self.from),
            );
        }
    }
}
