//! Old columns beside new ones: both kept in step, one backfill, releases in order, the old dropped last.

use super::not_null::{Writers, not_null};
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::engine::emit::sync::SyncTrigger;
use crate::model::{Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, Fill, Guarded, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Filled, Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Sync, Undo};
use crate::sql::{Expression, rename_column_in};

/// New columns made from old ones, which go in the end.
pub struct Shadow<'a> {
    pub table: &'a Table,
    pub olds: Vec<Ident>,
    pub news: Vec<NewColumn>,
    /// Old column := expression over new columns; empty: no way back is known.
    pub back: Vec<(Ident, Expression)>,
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
        let fillable: Vec<String> = self.news.iter().map(|n| format!("({}) IS NOT NULL", n.forward.sql)).collect();
        match fillable.as_slice() {
            [one] => format!("{empty} AND {one}"),
            many => format!("{empty} AND ({})", many.join(" OR ")),
        }
    }
    /// Rows whose new side does not follow from the old side.
    fn different(&self, b: &Builder) -> String {
        self.news
            .iter()
            .map(|n| format!("{} IS DISTINCT FROM ({})", b.id(&n.name), n.forward.sql))
            .collect::<Vec<_>>()
            .join(" OR ")
    }
    fn over_new_row(expression: &Expression, b: &Builder) -> Result<String, Refusal> {
        rename_column_in(expression, &|c| Some(format!("NEW.{}", b.id(c)))).ok_or_else(|| {
            Refusal::new(
                format!("`{}` could not be read, so it cannot be written into a trigger", expression.sql),
                "Write a simpler expression over the table's own columns, or plan with `--sync app`.",
            )
        })
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
        let used: Vec<String> =
            b.catalog.views_using(self.table(), &self.olds).map(|v| format!("`{}`", v.name)).collect();
        if !used.is_empty() {
            return Err(Refusal::new(
                format!("{} of `{}` cannot go: {} read it", listed(&self.olds), self.table(), used.join(", ")),
                "Add to the script, in front, `CREATE OR REPLACE VIEW` or `DROP VIEW` statements that free the column, and plan those first.",
            ));
        }
        Ok(())
    }

    fn fill(&self, b: &mut Builder, needed: String, guarded: Guarded) -> Key {
        let fill = Fill {
            assignments: self.news.iter().map(|n| (n.name.clone(), n.forward.sql.clone())).collect(),
            needed,
            why: format!(
                "Fills {} from {} for the rows that were there before.",
                listed(&self.new_names()),
                listed(&self.olds)
            ),
            guarded,
        };
        let key = b.fill(self.table(), fill);
        for new in &self.news {
            b.rule(Rule::NotReady {
                table: self.table().clone(),
                column: new.name.clone(),
                until: key,
                because: format!("reads `{}.{}` before every row has it", self.table(), new.name),
            });
        }
        key
    }

    fn agree(&self, b: &mut Builder) {
        let t = b.name(self.table());
        let draft = Draft::verify(
            PhaseName::Migrate,
            Rank::Verify,
            format!("{} of `{}` agree with {}", listed(&self.new_names()), self.table(), listed(&self.olds)),
            format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {})", self.different(b)),
        )
        .why("Reads the whole table. From the next release on the new columns are the truth; afterwards this check no longer applies.")
        .on(self.table())
        .watch("Rows that differ", format!("SELECT count(*) FROM {t} WHERE {}", self.different(b)));
        b.push(draft);
    }

    fn by_trigger(
        &self,
        b: &mut Builder,
        extra: impl FnOnce(&mut Builder) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let table = self.table().clone();
        let news = self.new_names();
        let trigger = self.trigger(b)?;
        let two_way = !trigger.back.is_empty();
        let on = b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::Trigger,
                format!("Keep {} of `{table}` in step with {}", listed(&self.olds), listed(&news)),
                trigger.create(&b.catalog.server),
                b.brief(),
            )
            .why(if two_way {
                "Whoever writes one side gets the other side written too, so the old and the new release can run side by side and the application can go back."
            } else {
                "Writers of the old side get the new side written too. No way back from the new side is known, so the new release writes both."
            })
            .on(&table)
            .undo(b.undo_sql(trigger.drop(), "DROP TRIGGER waits for readers too; brief lock."))
            .done(probe::trigger_exists(&table, &trigger.trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(&table))
            .abort_if("Writers fail with an error that names the trigger's function: take the step back."),
        );
        self.fill(b, self.unfilled(b), Guarded::Yes);
        extra(b)?;
        for new in self.news.iter().filter(|n| n.not_null) {
            not_null(b, &table, &new.name, Writers::Safe);
        }
        self.agree(b);

        let mut uses = Need::new(Slot::Use, Placement::Fixed, &table)
            .reads(&news)
            .writes(&news)
            .stops_reading(&self.olds)
            .say(format!("Read and write {} of `{table}`; no longer read {}.", listed(&news), listed(&self.olds)));
        uses = self.hints(b, uses);
        if two_way {
            uses = uses
                .stops_writing(&self.olds)
                .say("Leave the old column out of every statement: the trigger fills it.");
        } else {
            uses = uses.say(format!(
                "Go on writing {} as well, so that the release before can come back.",
                listed(&self.olds)
            ));
            b.need(
                Need::new(Slot::Unused, Placement::Fixed, &table)
                    .stops_writing(&self.olds)
                    .say(format!("No longer write {} of `{table}`.", listed(&self.olds))),
            );
            self.relax(b);
            self.stale_after(b, Mark::Deployed(Slot::Unused));
        }
        b.need(uses);

        let mut retire: Vec<String> = Vec::new();
        let t = b.name(&table);
        for old in self.strict_olds() {
            if two_way {
                retire.push(format!("ALTER TABLE {t} ALTER COLUMN {} DROP NOT NULL", b.id(&old)));
            }
        }
        for new in &self.news {
            if let Some(default) = &new.default {
                retire.push(format!("ALTER TABLE {t} ALTER COLUMN {} SET DEFAULT {default}", b.id(&new.name)));
            }
        }
        retire.extend(trigger.drop());
        let off = b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::RetireTrigger,
                format!("Stop keeping {} of `{table}` in step", listed(&self.olds)),
                retire,
                b.brief(),
            )
            .why("No running release reads or writes the old side any more.")
            .on(&table)
            .undo(Undo::PointOfNoReturn {
                because: format!("Rows written from here on carry nothing in {}.", listed(&self.olds)),
            })
            .done(probe::trigger_gone(&table, &trigger.trigger))
            .watch("Who holds a lock on the table", probe::lock_holders(&table)),
        );
        for column in self.olds.iter().chain(&news) {
            b.filled(Filled { table: table.clone(), column: column.clone(), from: on, until: off });
        }
        b.rule(Rule::Older {
            than: Slot::Use,
            from: Mark::After(off),
            because: format!("writes {} of `{table}`, which nothing carries over any more", listed(&self.olds)),
        });
        self.drop_olds(b);
        Ok(())
    }

    fn trigger(&self, b: &mut Builder) -> Result<SyncTrigger, Refusal> {
        let table = self.table().clone();
        if self.table.kind == TableKind::Partitioned && !b.since(13) {
            return Err(Refusal::new(
                format!(
                    "PostgreSQL {} has no BEFORE row triggers on the partitioned table `{table}`",
                    b.catalog.server.version.major
                ),
                "Plan with `--sync app`: the application writes both sides.",
            ));
        }
        let stem = self.news.first().map(|n| n.name.clone()).unwrap_or_else(|| "new".into());
        let function = b.fresh(&table, &["sidestep", table.name.as_str(), stem.as_str(), "sync"]);
        let trigger = b.fresh(&table, &["zz_sidestep", table.name.as_str(), stem.as_str(), "sync"]);
        let mut forward = Vec::new();
        for new in &self.news {
            forward.push((new.name.clone(), Self::over_new_row(&new.forward, b)?));
        }
        let mut back = Vec::new();
        for (old, expression) in &self.back {
            back.push((old.clone(), Self::over_new_row(expression, b)?));
        }
        Ok(SyncTrigger {
            table: table.clone(),
            function: table.sibling(function.0),
            trigger,
            forward,
            back,
            reads: self.olds.clone(),
        })
    }

    fn by_app(&self, b: &mut Builder, extra: impl FnOnce(&mut Builder) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let table = self.table().clone();
        let news = self.new_names();
        let t = b.name(&table);
        let made =
            self.news.iter().map(|n| format!("{} = {}", b.id(&n.name), n.forward.sql)).collect::<Vec<_>>().join(", ");
        let both = Need::new(Slot::Tolerate, Placement::Fixed, &table)
            .writes(&news)
            .say(format!(
                "Write {} beside {} in every INSERT and UPDATE of `{table}`, from the same value; go on reading {}.",
                listed(&news),
                listed(&self.olds),
                listed(&self.olds)
            ))
            .shape(format!("UPDATE {t} SET {} = …, {made} WHERE …", b.ids(&self.olds)));
        b.need(both);
        let fill = self.fill(b, self.different(b), Guarded::No);
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(fill),
            because: format!(
                "writes {} of `{table}` only, so {} would go out of date",
                listed(&self.olds),
                listed(&news)
            ),
        });
        extra(b)?;
        for new in self.news.iter().filter(|n| n.not_null) {
            not_null(b, &table, &new.name, Writers::Before(Slot::Tolerate));
        }
        self.agree(b);
        let uses = Need::new(Slot::Use, Placement::Fixed, &table).reads(&news).stops_reading(&self.olds).say(format!(
            "Read {} of `{table}` instead of {}; go on writing both.",
            listed(&news),
            listed(&self.olds)
        ));
        b.need(self.hints(b, uses));
        b.need(
            Need::new(Slot::Unused, Placement::Fixed, &table)
                .stops_writing(&self.olds)
                .say(format!("No longer write {} of `{table}`.", listed(&self.olds))),
        );
        self.relax(b);
        self.stale_after(b, Mark::Deployed(Slot::Unused));
        let defaults: Vec<String> = self
            .news
            .iter()
            .filter_map(|n| n.default.as_ref().map(|d| (n, d)))
            .map(|(n, default)| format!("ALTER TABLE {t} ALTER COLUMN {} SET DEFAULT {default}", b.id(&n.name)))
            .collect();
        if !defaults.is_empty() {
            let named: Vec<Ident> = self.news.iter().filter(|n| n.default.is_some()).map(|n| n.name.clone()).collect();
            let undo = named.iter().map(|n| format!("ALTER TABLE {t} ALTER COLUMN {} DROP DEFAULT", b.id(n))).collect();
            let done = named.first().map(|n| probe::default_changed(&table, n, None)).unwrap_or_default();
            b.push(
                Draft::sql(PhaseName::Settle, Rank::SetDefault, format!("Set the default of {}", listed(&named)), defaults, b.brief())
                    .why("Only now: earlier, a writer that leaves the new column out would have got the default instead of its own value.")
                    .on(&table)
                    .undo(b.undo_sql(undo, "Catalog only; brief lock."))
                    .done(done),
            );
        }
        self.drop_olds(b);
        Ok(())
    }

    fn strict_olds(&self) -> Vec<Ident> {
        let strict = |c: &&Ident| self.table.column(c).is_some_and(|c| c.not_null && c.default.is_none());
        self.olds.iter().filter(strict).cloned().collect()
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

/// A table that a batched pass can walk.
///
/// # Errors
/// [`Refusal`] without a primary key or a unique NOT NULL index.
pub fn walkable(b: &Builder, table: &Table) -> Result<(), Refusal> {
    if table.kind == TableKind::Foreign {
        return Err(Refusal::new(format!("`{}` is a foreign table", table.name), "Change it on its own server."));
    }
    if b.walk_key(table).is_none() {
        return Err(Refusal::new(
            format!(
                "`{}` has no primary key and no unique index over NOT NULL columns, so its rows cannot be filled in batches",
                table.name
            ),
            "Add a primary key first, or ask for `--strategy direct` if the table may be blocked.",
        ));
    }
    Ok(())
}

/// What the reader should know of what goes with a column, and of who fires during a backfill.
pub fn drop_column_notes(b: &mut Builder, table: &Table, columns: &[Ident]) {
    let indexes: Vec<String> = table
        .indexes
        .iter()
        .filter(|i| i.uses.iter().any(|u| columns.contains(u)))
        .map(|i| format!("`{}`", i.name))
        .collect();
    if !indexes.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Dropping {} of `{}` drops the indexes that use it: {}.",
                listed(columns),
                table.name,
                indexes.join(", ")
            ),
        );
    }
    let naming: Vec<String> = b.catalog.functions_naming(&table.name).map(|f| format!("`{}`", f.name)).collect();
    if !naming.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Functions whose text names `{}`: {}. The server does not check them; look for {} in their bodies.",
                table.name,
                naming.join(", "),
                listed(columns)
            ),
        );
    }
}

/// Triggers of the table that fire for every row a backfill updates.
pub fn user_triggers(b: &mut Builder, table: &Table) {
    let firing: Vec<String> = table
        .triggers
        .iter()
        .filter(|t| t.fires_on_update && t.enabled.as_deref() != Some("disabled"))
        .map(|t| format!("`{}`", t.name))
        .collect();
    if !firing.is_empty() {
        b.finding(
            Severity::Warning,
            format!("The backfill of `{}` fires its triggers for every row: {}.", table.name, firing.join(", ")),
        );
    }
}
