//! Both sides kept in step by a trigger: the application changes once.

use super::Shadow;
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::engine::emit::sync::{SyncTrigger, without_equality};
use crate::model::{ConstraintKind, Ident, TableKind};
use crate::plan::build::{Builder, Guarded, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Filled, Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{Expression, rename_column_in};

impl Shadow<'_> {
    pub(super) fn by_trigger(
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
        self.trigger_caveats(b);
        self.fill(b, self.unfilled(b), Guarded::Yes, "");
        extra(b)?;
        self.strict_news(b);
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
            if self.doubt.back {
                uses = uses.say(format!(
                    "As long as an instance of an older release serves, send only values that fit {} as well: any other is NULL to it.",
                    listed(&self.olds)
                ));
                self.relax_early(b);
            }
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
            if two_way && !self.doubt.back {
                retire.push(format!("ALTER TABLE {t} ALTER COLUMN {} DROP NOT NULL", b.id(&old)));
            }
        }
        retire.extend(self.checks_on_olds(b));
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
        // One way: a release that leaves the old side out gets nothing filled in there.
        let olds = if two_way { self.olds.as_slice() } else { &[] };
        for column in olds.iter().chain(&news) {
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
        let doubt = self.doubt;
        let guarded =
            self.olds.iter().filter(|_| doubt.back).chain(self.news.iter().map(|n| &n.name).filter(|_| doubt.forward));
        let types = self.olds.iter().filter_map(|o| Some((o, self.table.column(o)?.data_type.as_str())));
        let types = types.chain(self.news.iter().map(|n| (&n.name, n.data_type.as_str())));
        let by_text = types.filter(|(_, t)| without_equality(&t.to_lowercase())).map(|(c, _)| c.clone()).collect();
        let guarded = guarded.cloned().collect();
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
            guarded,
            by_text,
            first: None,
        })
    }

    fn over_new_row(expression: &Expression, b: &Builder) -> Result<String, Refusal> {
        rename_column_in(expression, &|c| Some(format!("NEW.{}", b.id(c)))).ok_or_else(|| {
            Refusal::new(
                format!("`{}` could not be read, so it cannot be written into a trigger", expression.sql),
                "Write a simpler expression over the table's own columns, or plan with `--sync app`.",
            )
        })
    }

    /// A CHECK may refuse the NULL that the old column gets once nothing fills it; it would go with the column anyway.
    fn checks_on_olds(&self, b: &Builder) -> Vec<String> {
        self.table
            .constraints
            .iter()
            .filter(|c| c.kind == ConstraintKind::Check && c.columns.iter().any(|c| self.olds.contains(c)))
            .map(|c| format!("ALTER TABLE {} DROP CONSTRAINT {}", b.name(self.table()), b.id(&c.name)))
            .collect()
    }

    /// Before the first value comes that the old column cannot hold; behind what makes another index identify rows.
    fn relax_early(&self, b: &mut Builder) {
        let table = self.table();
        let t = b.name(table);
        let strict = |c: &&Ident| self.table.column(c).is_some_and(|c| c.not_null);
        for old in self.olds.iter().filter(strict) {
            let c = b.id(old);
            b.push(
                Draft::sql(
                    PhaseName::Switch,
                    Rank::Other,
                    format!("Let `{table}.{old}` be NULL"),
                    vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL")],
                    b.brief(),
                )
                .why("From the next release on values may come that it cannot hold: it is NULL in such a row.")
                .on(table)
                .undo(b.undo_sql(
                    vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL")],
                    "Reads the whole table under ACCESS EXCLUSIVE, and fails while a row holds a value that does not fit.",
                ))
                .done(probe::column_nullable(table, old)),
            );
        }
    }

    /// What a trigger cannot know.
    fn trigger_caveats(&self, b: &mut Builder) {
        if !b.catalog.subscriptions.is_empty() {
            b.finding(
                Severity::Warning,
                format!("This database has subscriptions: rows that replication applies to `{}` do not fire the trigger that keeps both sides in step.", self.table()),
            );
        }
        for old in &self.olds {
            let Some(column) = self.table.column(old).filter(|c| !c.not_null) else { continue };
            if let Some(default) = &column.default {
                b.finding(
                    Severity::Note,
                    format!(
                        "`{}.{old}` has the default `{}`: while the trigger stands, a row inserted with NULL in the new column gets the default instead.",
                        self.table(),
                        default.sql
                    ),
                );
            }
        }
    }
}
