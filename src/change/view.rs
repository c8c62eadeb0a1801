//! CREATE, REPLACE and DROP VIEW, materialised views and their refresh: in the place of the plan where both what they read
//! and who reads them fit.

use super::form::Spec;
use super::recipe::views::{self, Chain, over};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::probe;
use crate::model::objects::{View, ViewKind};
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity, TransactionMode, Undo};
use crate::sql::{CreateView, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeView {
    name: TableName,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Create {
        sql: String,
    },
    /// CREATE OR REPLACE of one that stands.
    Replace {
        sql: String,
    },
    /// DROP and CREATE of one that stands.
    Exchange {
        sql: String,
    },
    Drop {
        missing: bool,
    },
    /// `sql` without WITH DATA, and whether it is to be filled.
    Materialize {
        sql: String,
        fill: bool,
    },
    DropMaterialized {
        missing: bool,
    },
    Refresh {
        sql: String,
        concurrently: bool,
    },
}

/// A column that a view reads.
type Read = (TableName, Ident);

impl Kind for ChangeView {
    const NAME: &'static str = "views";
    const TITLE: &'static str = "Create, replace, drop or refresh views";
    const FORMS: &'static [Spec] = &[
        (
            "Create or replace a view",
            "CREATE OR REPLACE VIEW {view:new table=recent_users} AS {query:sql=SELECT id, email FROM users WHERE created_at > now() - interval '1 day'};",
        ),
        ("Refresh a materialized view", "REFRESH MATERIALIZED VIEW {view:view=analytics.monthly_revenue};"),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (at, statement) in wish.statements() {
            let text = wish.atoms.get(at).map(|a| a.text.trim().to_owned()).unwrap_or_default();
            match statement {
                Statement::CreateView(create) => {
                    let name = create.name.resolve(wish.catalog);
                    let stands = wish.catalog.views.iter().any(|v| v.name == name);
                    let dropped = wish.statements().find(|(before, s)| *before < at && drops_only(wish, s, &name));
                    let what = match dropped {
                        _ if create.materialized => materialize(create, &text),
                        Some(_) => What::Exchange { sql: text },
                        None if stands => What::Replace { sql: text },
                        None => What::Create { sql: text },
                    };
                    let atoms = match dropped {
                        Some((before, _)) if !create.materialized => vec![before, at],
                        _ => vec![at],
                    };
                    claims.push(Claim { atoms, change: Self { name, what } });
                }
                Statement::DropView { names, materialized, if_exists, cascade: false } => {
                    let [name] = names.as_slice() else { continue };
                    let name = name.resolve(wish.catalog);
                    let missing = *if_exists && !wish.catalog.views.iter().any(|v| v.name == name);
                    let what = if *materialized { What::DropMaterialized { missing } } else { What::Drop { missing } };
                    claims.push(Claim::one(at, Self { name, what }));
                }
                Statement::Known { op, target: Some(target), .. } if op.starts_with("refresh-materialized-view") => {
                    let name = target.resolve(wish.catalog);
                    let concurrently = op.ends_with("concurrently");
                    claims.push(Claim::one(at, Self { name, what: What::Refresh { sql: text, concurrently } }));
                }
                _ => {}
            }
        }
        claims
    }

    fn title(&self) -> String {
        let name = &self.name;
        match self.what {
            What::Create { .. } => format!("Create view `{name}`"),
            What::Replace { .. } | What::Exchange { .. } => format!("Replace view `{name}`"),
            What::Drop { .. } => format!("Drop view `{name}`"),
            What::Materialize { .. } => format!("Create materialised view `{name}`"),
            What::DropMaterialized { .. } => format!("Drop materialised view `{name}`"),
            What::Refresh { .. } => format!("Refresh materialised view `{name}`"),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.name.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.what {
            What::Create { sql } => self.create(b, sql),
            What::Replace { sql } => return self.replace(b, sql),
            What::Exchange { sql } => return self.exchange(b, sql),
            What::Drop { missing: true } | What::DropMaterialized { missing: true } => {
                return Ok("nothing to do: the view does not exist".to_owned());
            }
            What::Drop { .. } => return self.drop(b),
            What::Materialize { sql, fill } => self.materialize(b, sql, *fill),
            What::DropMaterialized { .. } => return self.drop_materialized(b),
            What::Refresh { sql, concurrently } => return self.refresh(b, sql, *concurrently),
        }
        Ok("one brief step: only the catalog changes".to_owned())
    }
}

fn drops_only(wish: &Wish, statement: &Statement, name: &TableName) -> bool {
    matches!(statement, Statement::DropView { names, materialized: false, cascade: false, .. }
        if names.len() == 1 && names.iter().all(|n| n.resolve(wish.catalog) == *name))
        && wish.catalog.views.iter().any(|v| v.name == *name && v.kind == ViewKind::View)
}

/// The statement without its WITH [NO] DATA.
fn materialize(create: &CreateView, text: &str) -> What {
    let behind = text.find(create.query.sql.as_str()).map(|at| at + create.query.sql.len());
    let (sql, tail) = behind.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
    What::Materialize { sql: sql.trim().to_owned(), fill: !tail.to_lowercase().contains("no data") }
}

impl ChangeView {
    fn known<'c>(&self, b: &Builder<'c>) -> Result<&'c View, Refusal> {
        b.catalog
            .views
            .iter()
            .find(|v| v.name == self.name && v.kind != ViewKind::Rule)
            .ok_or_else(|| Refusal::new(format!("there is no view `{}`", self.name), "Check the name, and the schema."))
    }

    /// A view goes to the front if all that it reads is there today.
    fn place(&self, b: &Builder) -> (PhaseName, Rank) {
        let wanted = b.target.and_then(|t| t.views.iter().find(|v| v.name == self.name));
        let there = wanted.is_some_and(|v| {
            !v.uses.is_empty()
                && v.uses.iter().all(|u| match b.catalog.table(&u.table) {
                    Some(table) => u.columns.iter().all(|c| table.column(c).is_some()),
                    None => b.catalog.views.iter().any(|v| v.name == u.table),
                })
        });
        if there { (PhaseName::Expand, Rank::CreateObject) } else { (PhaseName::Switch, Rank::View) }
    }

    fn create(&self, b: &mut Builder, sql: &str) {
        let (phase, rank) = self.place(b);
        let draft = Draft::sql(phase, rank, self.title(), vec![sql.to_owned()], b.brief())
            .why("Catalog only; what it reads is not blocked.")
            .undo(b.undo_sql(vec![format!("DROP VIEW {}", b.name(&self.name))], "Nothing but the view goes."))
            .done(probe::relation_exists(&self.name))
            .on(&self.name);
        b.push(draft);
    }

    /// Columns of today that the new text no longer reads, and new ones.
    fn differences(&self, b: &Builder, old: &View) -> (Vec<Ident>, Vec<Read>, Vec<Read>) {
        let Some(new) = b.target.and_then(|t| t.views.iter().find(|v| v.name == self.name)) else {
            return Default::default();
        };
        let shown = new.columns.iter().filter(|c| !old.columns.iter().any(|o| o.name == c.name));
        let flat = |v: &View| -> Vec<Read> {
            v.uses.iter().flat_map(|u| u.columns.iter().map(|c| (u.table.clone(), c.clone()))).collect()
        };
        let (before, after) = (flat(old), flat(new));
        let gone = before.iter().filter(|u| !after.contains(u)).cloned().collect();
        let come = after.iter().filter(|u| !before.contains(u)).cloned().collect();
        (shown.map(|c| c.name.clone()).collect(), gone, come)
    }

    fn done(&self, b: &Builder, old: &View) -> Option<String> {
        let (shown, gone, come) = self.differences(b, old);
        if !shown.is_empty() {
            return Some(probe::columns_exist(&self.name, &shown));
        }
        let reads = |(table, column): &(TableName, Ident)| probe::view_reads(&self.name, table, column);
        come.first().map(reads).or_else(|| gone.first().map(|u| format!("SELECT NOT ({})", reads(u))))
    }

    fn replace(&self, b: &mut Builder, sql: &str) -> Result<String, Refusal> {
        let old = self.known(b)?;
        let upper = over(b, &self.name)?;
        let (shown, ..) = self.differences(b, old);
        let undo = if shown.is_empty() {
            b.undo_sql(vec![views::statement(b, old, true)], "The old text again; catalog only.")
        } else {
            b.undo_sql(
                again(b, old, &upper),
                "A view loses columns only by being dropped and created again, with all that belongs to it.",
            )
        };
        let mut draft = Draft::sql(PhaseName::Switch, Rank::View, self.title(), vec![sql.to_owned()], b.brief())
            .why("Catalog only. Whoever reads the view waits for the moment that the statement takes; owner, grants and comments stay.")
            .undo(undo)
            .on(&self.name)
            .watch("Who holds a lock on the view", probe::lock_holders(&self.name));
        if let Some(done) = self.done(b, old) {
            draft = draft.done(done);
        }
        b.push(draft);
        Ok("one brief step: only the catalog changes".to_owned())
    }

    fn exchange(&self, b: &mut Builder, text: &str) -> Result<String, Refusal> {
        let old = self.known(b)?;
        let mut upper = over(b, &self.name)?;
        upper.give(self.wanted_texts(b, &upper));
        let mut sql = upper.drop(b);
        sql.push(format!("DROP VIEW {}", b.name(&self.name)));
        let still = |c: &Ident| {
            let new = b.target.and_then(|t| t.views.iter().find(|v| v.name == self.name));
            new.is_none_or(|v| v.columns.is_empty() || v.columns.iter().any(|n| n.name == *c))
        };
        let mut kept = old.clone();
        kept.columns.retain(|c| still(&c.name));
        sql.extend(views::create(b, &kept, text.to_owned()));
        sql.extend(upper.create(b));
        let gone: Vec<Ident> = old.columns.iter().filter(|c| !still(&c.name)).map(|c| c.name.clone()).collect();
        if !gone.is_empty() {
            let listed = crate::plan::build::listed(&gone);
            b.need(
                Need::new(Slot::Tolerate, Placement::Fixed, &self.name)
                    .stops_reading(&gone)
                    .stops_writing(&gone)
                    .say(format!("No longer read {listed} of the view `{}`, which will not show it.", self.name)),
            );
        }
        let mut views: Vec<Ident> = upper.iter().map(|v| v.name.name.clone()).collect();
        views.push(self.name.name.clone());
        b.remakes(&self.name, None, Vec::new(), views);
        let mut why = "DROP and CREATE in one transaction: nobody finds the view missing, and it keeps owner, grants, comments and triggers.".to_owned();
        if !upper.is_empty() {
            why.push_str(" The views over it are created again as they are.");
        }
        let mut draft = Draft::sql(PhaseName::Switch, Rank::View, self.title(), sql, b.brief())
            .why(why)
            .undo(b.undo_sql(again(b, old, &upper), "The old view again, with all that belongs to it."))
            .on(&self.name)
            .watch("Who holds a lock on the view", probe::lock_holders(&self.name));
        if let Some(done) = self.done(b, old) {
            draft = draft.done(done);
        }
        b.push(draft);
        Ok("one brief step: only the catalog changes".to_owned())
    }

    /// Views over this one that the script changes as well: they come again as the script has them.
    fn wanted_texts(&self, b: &Builder, upper: &Chain) -> Vec<(TableName, String)> {
        let wanted = |v: &View| {
            let new = b.target?.views.iter().find(|n| n.name == v.name)?;
            (new.definition != v.definition).then(|| (v.name.clone(), views::statement(b, new, false)))
        };
        upper.iter().filter_map(wanted).collect()
    }

    fn drop(&self, b: &mut Builder) -> Result<String, Refusal> {
        let old = self.known(b)?;
        if let Some(holder) = old.held_by.first() {
            return Err(Refusal::new(
                format!("view `{}` cannot be dropped: {holder} depends on it", self.name),
                "Drop or rewrite that first, then plan this change.",
            ));
        }
        let undo = views::create(b, old, views::statement(b, old, false));
        let drop = vec![format!("DROP VIEW {}", b.name(&self.name))];
        let draft = Draft::sql(PhaseName::Contract, Rank::DropView, self.title(), drop, b.brief())
            .why("No release reads it any more. Before any column that it reads is dropped.")
            .undo(b.undo_sql(undo, "The view comes back with all that belonged to it."))
            .done(probe::relation_gone(&self.name))
            .on(&self.name)
            .watch("Who holds a lock on the view", probe::lock_holders(&self.name));
        b.push(draft);
        b.finding(
            Severity::Warning,
            format!("Whoever still reads view `{}` fails from the step that drops it: look for it in the application's SQL, in reports and in grants.", self.name),
        );
        Ok("at the end: a view may be read by anyone until then".to_owned())
    }

    fn materialize(&self, b: &mut Builder, sql: &str, fill: bool) {
        let (phase, rank) = self.place(b);
        let v = b.name(&self.name);
        let draft = Draft::sql(phase, rank, self.title(), vec![format!("{sql} WITH NO DATA")], b.brief())
            .why("Empty, so that no long query runs while names are locked. Until it is filled, a SELECT from it fails with 55000.")
            .undo(b.undo_sql(vec![format!("DROP MATERIALIZED VIEW {v}")], "Nothing but the view goes."))
            .done(probe::relation_exists(&self.name))
            .on(&self.name);
        b.push(draft);
        if fill {
            let fill = format!("REFRESH MATERIALIZED VIEW {v}");
            let phase = if phase == PhaseName::Expand { PhaseName::Migrate } else { phase };
            let mut draft = Draft::sql(phase, Rank::Fill, format!("Fill `{}`", self.name), vec![fill], b.validating())
                .why("Runs the query once. What it reads is not blocked; its snapshot keeps VACUUM from removing rows for as long.")
                .done(probe::is_populated(&self.name))
                .on(&self.name);
            draft.undo = Undo::Nothing { because: "The rows go with the view.".to_owned() };
            b.push(draft);
        }
        b.finding(
            Severity::Note,
            format!("`{}` can be refreshed without blocking its readers only with a unique index over plain columns: create one before it is used.", self.name),
        );
    }

    fn drop_materialized(&self, b: &mut Builder) -> Result<String, Refusal> {
        let old = self.known(b)?;
        if let Some(holder) = old.held_by.first() {
            return Err(Refusal::new(
                format!("materialised view `{}` cannot be dropped: {holder} depends on it", self.name),
                "Drop or rewrite that first, then plan this change.",
            ));
        }
        let drop = vec![format!("DROP MATERIALIZED VIEW {}", b.name(&self.name))];
        let mut draft = Draft::sql(PhaseName::Contract, Rank::DropView, self.title(), drop, b.brief())
            .why("No release reads it any more. Before any column that it reads is dropped.")
            .done(probe::relation_gone(&self.name))
            .on(&self.name)
            .watch("Who holds a lock on the view", probe::lock_holders(&self.name));
        draft.undo = Undo::PointOfNoReturn {
            because:
                "It can be created and filled again from its text, but its indexes have to be written down before."
                    .to_owned(),
        };
        b.push(draft);
        Ok("at the end: a view may be read by anyone until then".to_owned())
    }

    fn refresh(&self, b: &mut Builder, sql: &str, concurrently: bool) -> Result<String, Refusal> {
        let known = b.catalog.views.iter().find(|v| v.name == self.name);
        let able = known.is_some_and(|v| v.refreshes_concurrently);
        let (sql, why) = match (concurrently, able) {
            (false, true) => (
                format!("REFRESH MATERIALIZED VIEW CONCURRENTLY {}", b.name(&self.name)),
                "CONCURRENTLY, which its unique index allows: reads go on; only other refreshes wait.",
            ),
            (true, _) => (sql.to_owned(), "Reads go on; only other refreshes wait."),
            (false, false) => (sql.to_owned(), "Even reads of the view wait until the query has run to its end."),
        };
        let mut draft = Draft::alone(PhaseName::Migrate, Rank::Fill, self.title(), sql, b.validating())
            .why(why)
            .on(&self.name)
            .watch("Who holds a lock on the view", probe::lock_holders(&self.name));
        if let crate::plan::Act::Sql { transaction, .. } = &mut draft.act {
            *transaction = TransactionMode::Single;
        }
        draft.undo = Undo::Nothing { because: "The rows of before are gone; what it reads is unchanged.".to_owned() };
        b.push(draft);
        if !concurrently && !able && known.is_some() {
            b.finding(
                Severity::Danger,
                format!("`{}` has no unique index over plain columns, or was never filled, so it cannot be refreshed concurrently: its readers wait for the whole query. Create a unique index first, then plan the refresh again.", self.name),
            );
        }
        Ok(if able || concurrently {
            "concurrently: reads go on"
        } else {
            "as written: no unique index allows another way"
        }
        .to_owned())
    }
}

/// Drops what stands and creates the old view and those over it.
fn again(b: &Builder, old: &View, upper: &Chain) -> Vec<String> {
    let mut sql = upper.drop(b);
    sql.push(format!("DROP VIEW {}", b.name(&old.name)));
    sql.extend(views::create(b, old, views::statement(b, old, false)));
    sql.extend(upper.create_as_before(b));
    sql
}
