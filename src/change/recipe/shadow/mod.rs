//! Old columns beside new ones: both kept in step, one backfill, releases in order, the old dropped last.

mod by_app;
mod by_trigger;

use super::not_null::{Writers, not_null};
use super::table::{drop_column_notes, walkable};
use crate::change::Refusal;
use crate::change::add_column::volatility;
use crate::engine::emit::probe;
use crate::engine::emit::sync::without_equality;
use crate::model::catalog::Volatility;
use crate::model::{Ident, Table, TableName};
use crate::plan::build::{Builder, Fill, Guarded, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Mark, Need, Rule, Slot};
use crate::plan::{PhaseName, Sync};
use crate::sql::Expression;

/// New columns made from old ones, which go in the end.
pub struct Shadow<'a> {
    pub table: &'a Table,
    pub olds: Vec<Ident>,
    pub news: Vec<NewColumn>,
    /// Old column := expression over new columns; empty: no way back is known.
    pub back: Vec<(Ident, Expression)>,
    pub doubt: Doubt,
}

/// What is not certain of the values that go from one side to the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Doubt {
    /// An old value may not fit the new column, which stays NULL: the first release sends only values that do.
    pub forward: bool,
    /// A new value may not fit the old column, which gets NULL.
    pub back: bool,
    /// Until the first release, NULL may come where the new column is to be NOT NULL.
    pub nulls: bool,
}

pub struct NewColumn {
    pub name: Ident,
    /// Type and collation as SQL.
    pub data_type: String,
    pub forward: Expression,
    pub not_null: bool,
    /// Set once the trigger is gone.
    pub default: Option<String>,
}

impl Shadow<'_> {
    fn table(&self) -> &TableName {
        &self.table.name
    }
    fn new_names(&self) -> Vec<Ident> {
        self.news.iter().map(|n| n.name.clone()).collect()
    }
    /// `new IS NULL AND f(old) IS NOT NULL` over all pairs: rows that nobody has filled yet. It stays false for rows that a
    /// newer release writes, so that running the backfill again later overwrites nothing.
    fn unfilled(&self, b: &Builder) -> String {
        let empty = self.news.iter().map(|n| format!("{} IS NULL", b.id(&n.name))).collect::<Vec<_>>().join(" AND ");
        format!("{empty} AND {}", self.fillable())
    }
    /// The old side says something.
    fn fillable(&self) -> String {
        let parts: Vec<String> = self.news.iter().map(|n| format!("({}) IS NOT NULL", n.forward.sql)).collect();
        match parts.as_slice() {
            [one] => one.clone(),
            many => format!("({})", many.join(" OR ")),
        }
    }
    /// Differing rows whose old side says something: a row that only the newest release wrote is never emptied.
    fn outdated(&self, b: &Builder) -> String {
        if !self.follows(b) {
            return self.unfilled(b);
        }
        format!("({}) AND {}", self.different(b), self.fillable())
    }
    /// Rows whose new side does not follow from the old side.
    fn different(&self, b: &Builder) -> String {
        self.news
            .iter()
            .map(|n| {
                let text = if without_equality(&n.data_type.to_lowercase()) { "::text" } else { "" };
                format!("{}{text} IS DISTINCT FROM ({}){text}", b.id(&n.name), n.forward.sql)
            })
            .collect::<Vec<_>>()
            .join(" OR ")
    }
    /// Plans everything; `extra` pushes what the new columns need before they are used (indexes, constraints).
    ///
    /// # Errors
    /// [`Refusal`] where the table cannot be walked in batches or cannot carry the trigger.
    pub fn plan(
        &self,
        b: &mut Builder,
        extra: impl FnOnce(&mut Builder) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        self.possible(b)?;
        let table = self.table().clone();
        for new in &self.news {
            let definition = format!("{} {}", b.id(&new.name), new.data_type);
            b.add_column(
                &table,
                &new.name,
                &definition,
                "Nullable and without a default, so no row is touched. Running releases do not know the column.",
            );
        }
        match b.policy.sync {
            Sync::Trigger => self.by_trigger(b, extra),
            Sync::App => self.by_app(b, extra),
        }
    }

    fn possible(&self, b: &Builder) -> Result<(), Refusal> {
        walkable(b, self.table)?;
        if let Some(bad) = self.news.iter().find(|n| n.forward.has_subquery) {
            return Err(Refusal::new(
                format!(
                    "`{}` is filled from a subquery; a row's own columns are needed to keep both sides in step",
                    bad.name
                ),
                "Add the column with its own UPDATE and without the DROP, then drop the old column in a second plan.",
            ));
        }
        Ok(())
    }

    fn fill(&self, b: &mut Builder, needed: String, guarded: Guarded, until: &str) -> Key {
        let fill = Fill {
            assignments: self.news.iter().map(|n| (n.name.clone(), n.forward.sql.clone())).collect(),
            needed,
            why: format!(
                "Fills {} from {} for the rows that were there before.{until}",
                listed(&self.new_names()),
                listed(&self.olds)
            ),
            guarded,
        };
        b.fill(self.table(), fill)
    }

    /// The new side follows from the old one alone, whenever it is computed. Otherwise (`now()`, a column that stays) it is
    /// a first value: nobody can compute it again later and compare.
    fn follows(&self, b: &Builder) -> bool {
        self.news.iter().all(|n| {
            n.forward.columns.iter().all(|c| self.olds.contains(c))
                && volatility(&n.forward, b) == Volatility::Immutable
        })
    }

    fn agree(&self, b: &mut Builder) {
        let t = b.name(self.table());
        let (title, wrong, why) = if self.follows(b) {
            (
                format!("{} of `{}` agree with {}", listed(&self.new_names()), self.table(), listed(&self.olds)),
                self.different(b),
                "Reads the whole table. From the next release on the new columns are the truth; afterwards this check no longer applies.",
            )
        } else {
            (
                format!("{} of `{}` are filled", listed(&self.new_names()), self.table()),
                self.unfilled(b),
                "Reads the whole table. The values cannot be computed again to compare them: they depend on more than the old column.",
            )
        };
        let draft = Draft::verify(
            PhaseName::Migrate,
            Rank::Verify,
            title,
            format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {wrong})"),
        )
        .why(why)
        .on(self.table())
        .watch("Rows that are wrong", format!("SELECT count(*) FROM {t} WHERE {wrong}"));
        let agreed = b.push(draft);
        if self.doubt.forward {
            b.rule(Rule::Older {
                than: Slot::Tolerate,
                from: Mark::After(agreed),
                because: format!(
                    "may write values to {} that do not fit {}",
                    listed(&self.olds),
                    listed(&self.new_names())
                ),
            });
        }
        // Not earlier: a release that writes only the new side would make the two disagree.
        for new in &self.news {
            b.rule(Rule::NotReady {
                table: self.table().clone(),
                column: new.name.clone(),
                until: agreed,
                because: format!("reads `{}.{}` before it is proved that every row has it", self.table(), new.name),
            });
        }
    }

    fn strict_olds(&self) -> Vec<Ident> {
        let strict = |c: &&Ident| self.table.column(c).is_some_and(|c| c.not_null && !c.fills_itself());
        self.olds.iter().filter(strict).cloned().collect()
    }

    /// Where NULL in a new column is refused, and who may still write it by then.
    fn strict_news(&self, b: &mut Builder) {
        let writers = match self.doubt {
            _ if b.policy.sync == Sync::App => Writers::Before(Slot::Tolerate),
            Doubt { nulls: true, .. } => Writers::Before(Slot::Tolerate),
            Doubt { forward: true, .. } => Writers::Unfit(Slot::Tolerate),
            Doubt { .. } => Writers::Safe,
        };
        for new in self.news.iter().filter(|n| n.not_null) {
            not_null(b, self.table(), &new.name, writers);
        }
    }

    /// Before a release leaves the old column out, the column has to bear that.
    fn relax(&self, b: &mut Builder) {
        let table = self.table().clone();
        let t = b.name(&table);
        for old in self.strict_olds() {
            let c = b.id(&old);
            b.push(
                Draft::sql(
                    PhaseName::Settle,
                    Rank::Relax,
                    format!("Let `{table}.{old}` be NULL"),
                    vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL")],
                    b.brief(),
                )
                .why("The next release inserts rows without it.")
                .on(&table)
                .undo(b.undo_sql(
                    vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL")],
                    "Reads the whole table under ACCESS EXCLUSIVE: only while the table is quiet.",
                ))
                .done(probe::column_nullable(&table, &old)),
            );
        }
    }

    fn stale_after(&self, b: &mut Builder, from: Mark) {
        for old in &self.olds {
            b.rule(Rule::Stale {
                table: self.table().clone(),
                column: old.clone(),
                from,
                because: format!("reads `{}.{old}`, which the newest release no longer writes", self.table()),
            });
        }
    }

    fn hints(&self, b: &Builder, need: Need) -> Need {
        let olds = self.olds.iter().map(|c| format!("{:?}", c.to_string())).collect::<Vec<_>>().join(", ");
        let news = self.new_names();
        need.shape(format!("SELECT {} FROM {} WHERE …", b.ids(&news), b.name(self.table())))
            .shape(format!("INSERT INTO {} ({}, …) VALUES (…)", b.name(self.table()), b.ids(&news)))
            .orm("rails", format!("self.ignored_columns += [{olds}] in this release, before the column is dropped"))
            .orm("django", "SeparateDatabaseAndState: take the old field out of the state now, out of the database in the contract phase")
            .orm("prepared statements", "A cached `SELECT *` fails once with `cached plan must not change result type` after a column comes or goes: name the columns, or recycle connections")
    }

    fn drop_olds(&self, b: &mut Builder) {
        let table = self.table().clone();
        for old in &self.olds {
            b.drop_column(&table, old, "No release reads or writes it any more.");
        }
        drop_column_notes(b, self.table, &self.olds);
    }
}
