//! A second column of another name: what reads the first by number is bound to the second, without a text being rewritten.
//! For the length of one transaction the second column bears the first one's name, and the catalog's own texts are sent again.

use super::dependents::{Dependents, trigger};
use super::properties::Same;
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::objects::{Trigger, View};
use crate::model::{Ident, Table};
use crate::plan::PhaseName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Rule, Slot};

pub struct Rebind<'a, 'c> {
    pub table: &'a Table,
    pub from: &'a Ident,
    pub to: &'a Ident,
    pub dependents: &'a mut Dependents<'c>,
    /// Whether the second column has the type of the first.
    pub same: Same,
}

impl Rebind<'_, '_> {
    /// # Errors
    /// [`Refusal`] for what cannot serve two names at a time.
    pub fn possible(&self) -> Result<(), Refusal> {
        if let Some(publication) = self.dependents.publication() {
            return Err(Refusal::new(
                format!(
                    "publication `{publication}` names `{}` of `{}` in a column list or a row filter, and subscribers know the column by that name",
                    self.from, self.table.name
                ),
                "Take the column out of the publication first (and out of the subscribers), then plan this change.",
            ));
        }
        for trigger in &self.dependents.triggers {
            let early = trigger.definition.split(" ON ").next().is_some_and(|head| head.contains(" BEFORE "));
            if early && self.watched_when(trigger) {
                return Err(Refusal::new(
                    format!(
                        "the WHEN of trigger `{}` reads `{}` before a row is written, and so before the value of the other name is carried over",
                        trigger.name, self.from
                    ),
                    "Move the condition into the trigger's function first, then plan this change.",
                ));
            }
        }
        Ok(())
    }

    fn watched_when(&self, trigger: &Trigger) -> bool {
        let when = trigger.definition.split_once(" WHEN ").and_then(|(_, rest)| rest.rsplit_once(" EXECUTE "));
        when.is_some_and(|(condition, _)| crate::sql::expression(condition).columns.contains(self.from))
    }

    fn lists(&self, trigger: &Trigger) -> bool {
        let list = trigger.definition.split_once(" UPDATE OF ").and_then(|(_, rest)| rest.split_once(" ON "));
        list.is_some_and(|(columns, _)| {
            crate::sql::rename_ident_in(columns, self.from, "").is_some_and(|t| t != columns)
        })
    }

    /// `statements` while the second column bears the first one's name.
    fn under_the_name(&self, b: &mut Builder, statements: Vec<String>) -> Vec<String> {
        let between = b.fresh(&self.table.name, &[self.from.as_str(), "between"]);
        let t = b.name(&self.table.name);
        let rename = |x: &Ident, y: &Ident| format!("ALTER TABLE {t} RENAME COLUMN {} TO {}", b.id(x), b.id(y));
        let mut sql = vec![rename(self.from, &between), rename(self.to, self.from)];
        sql.extend(statements);
        sql.extend([rename(self.from, self.to), rename(&between, self.from)]);
        sql
    }

    /// Views, policies and computed columns read the second column; triggers watch both.
    pub fn switch(&mut self, b: &mut Builder) {
        if self.dependents.is_empty() {
            return;
        }
        let t = b.name(&self.table.name);
        let pair = (self.from.clone(), self.to.clone());
        let stores = self.dependents.views.prepare(b, &[(self.table.name.clone(), vec![pair])]);
        let (anew, back) = match self.same {
            Same::Type if !stores => (self.dependents.anew(b), self.dependents.anew(b)),
            _ => self.dependents.anew_without_views(b),
        };
        let (mut sql, mut undo) = match self.same {
            Same::Type if !stores => (Vec::new(), Vec::new()),
            // Views before their tables: their readers take the locks in that order.
            _ => (self.dependents.views.drop(b), self.dependents.views.drop_again(b)),
        };
        if !anew.is_empty() {
            sql.extend(self.under_the_name(b, anew));
        }
        undo.extend(back);
        for watcher in self.dependents.triggers.iter().filter(|g| self.lists(g)) {
            let mut both = (*watcher).clone();
            both.definition = both.definition.replacen(" UPDATE OF ", &format!(" UPDATE OF {}, ", b.id(self.to)), 1);
            let drop = format!("DROP TRIGGER {} ON {t}", b.id(&watcher.name));
            sql.push(drop.clone());
            sql.extend(trigger(b, &t, &both));
            undo.push(drop);
            undo.extend(trigger(b, &t, watcher));
        }
        if sql.is_empty() {
            return;
        }
        let mut done = Vec::new();
        let mut unread = self.dependents.catalogs();
        if stores {
            // The first ones read the old column until the contract phase.
            unread.retain(|c| *c != "pg_rewrite");
            let direct = |v: &&View| v.uses.iter().any(|u| u.table == self.table.name && u.columns.contains(self.from));
            let direct = self.dependents.views.iter().filter(direct);
            done.extend(direct.map(|v| probe::view_reads(&v.name, &self.table.name, self.to)));
        }
        if !unread.is_empty() {
            done.push(probe::column_unread_by(&self.table.name, self.from, &unread));
        }
        for watcher in self.dependents.triggers.iter().filter(|g| self.lists(g)) {
            done.push(probe::trigger_watches(&self.table.name, &watcher.name, self.to));
        }
        if self.same == Same::NotType || stores {
            self.dependents.notes(b);
        }
        let switched = b.push(
            Draft::sql(
                PhaseName::Switch,
                Rank::Swap,
                format!("Let what reads `{}` of `{}` read `{}`", self.from, self.table.name, self.to),
                sql,
                b.brief(),
            )
            .why(format!(
                "They know the column by number, and would keep it from being dropped: {}. For the length of the transaction the new column bears the old name, so that every text stays as it is; no one sees that.",
                self.dependents.listed()
            ))
            .on(&self.table.name)
            .undo(b.undo_sql(undo, "Binds them to the old column again; catalog only, brief lock."))
            .done(probe::all(&done))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table.name))
            .abort_if("The lock is not granted within the timeout five times in a row: find the holder first."),
        );
        if self.same == Same::NotType && !self.dependents.views.is_empty() {
            b.rule(Rule::Older {
                than: Slot::Tolerate,
                from: Mark::After(switched),
                because: format!("expects `{}` of the views over `{}` as it was", self.from, self.table.name),
            });
        }
    }

    /// Triggers watch the second column alone: no release writes the first any more.
    pub fn finish(&self, b: &mut Builder) {
        self.dependents.views.retire(b);
        let t = b.name(&self.table.name);
        for watcher in &self.dependents.triggers {
            let drop = format!("DROP TRIGGER {} ON {t}", b.id(&watcher.name));
            let again = [vec![drop.clone()], trigger(b, &t, watcher)].concat();
            let sql = self.under_the_name(b, again);
            let mut both = (*watcher).clone();
            if self.lists(watcher) {
                both.definition =
                    both.definition.replacen(" UPDATE OF ", &format!(" UPDATE OF {}, ", b.id(self.to)), 1);
            }
            let undo = [vec![drop], trigger(b, &t, &both)].concat();
            b.push(
                Draft::sql(
                    PhaseName::Contract,
                    Rank::Rebind,
                    format!("Let trigger `{}` of `{}` watch `{}` alone", watcher.name, self.table.name, self.to),
                    sql,
                    b.brief(),
                )
                .why("A trigger that names the old column keeps it from being dropped, and would miss what nothing carries over any more.")
                .on(&self.table.name)
                .undo(b.undo_sql(undo, "Watches both again; catalog only, brief lock."))
                .done(probe::trigger_ignores(&self.table.name, &watcher.name, self.from))
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table.name)),
            );
        }
    }
}
