//! A column that gets another name or is made anew from others: both sides stand beside each other, triggers keep them in step, one
//! pass fills the rows from before, and the old side goes once no release uses it.

use super::alter::{Piece, alter, plain};
use super::drop_column::After;
use super::expression::{columns_in, over_row};
use super::rows::{Fill, fill};
use super::sync::{push_triggers, trigger_notes};
use super::{On, drop_column, listed, same, spell, twins};
use crate::change::Refusal;
use crate::change::wish::{Part, Wish};
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::{Ask, all, answer};
use crate::engine::emit::mysql::trigger::Sync as Triggers;
use crate::model::{Ident, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Filled, Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Sync, Undo};
use crate::sql::Statement as Any;
use crate::sql::mysql::statement::{Action, ColumnDef, Statement};

/// ADD COLUMN, UPDATE that fills it, DROP COLUMN.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub table: TableName,
    pub olds: Vec<Ident>,
    /// Column and the expression over the old ones.
    pub news: Vec<(ColumnDef, String)>,
}

/// The new columns, and how the old ones follow from them.
struct Pair<'a> {
    on: On<'a>,
    olds: Vec<Ident>,
    news: Vec<(ColumnDef, String)>,
    back: Vec<(Ident, String)>,
}

pub fn recognise(wish: &Wish) -> Vec<(Vec<usize>, Moved)> {
    let mut found = Vec::new();
    for (at, atom) in wish.atoms.iter().enumerate() {
        let Part::Whole(Any::Mysql(statement)) = &atom.part else { continue };
        let Statement::Update(rows) = &**statement else { continue };
        let table = rows.table.resolve(wish.catalog);
        if rows.filter.is_some() || !rows.joined.is_empty() || !rows.tail.is_empty() || wish.table(&table).is_none() {
            continue;
        }
        let specs = || {
            wish.atoms.iter().enumerate().filter_map(|(i, a)| match &a.part {
                Part::Spec { table: t, spec, .. } if *t == table => Some((i, *spec)),
                _ => None,
            })
        };
        let mut atoms = vec![at];
        let mut news = Vec::new();
        for (column, value) in &rows.assignments {
            let added = specs().take_while(|(i, _)| *i < at).find_map(|(i, s)| match &s.action {
                Action::AddColumn { column: c, .. } if c.name == *column => Some((i, (**c).clone())),
                _ => None,
            });
            let Some((i, def)) = added else { break };
            atoms.push(i);
            news.push((def, value.clone()));
        }
        let read = wish.table(&table).map(|t| columns_in(t, &news.iter().map(|(_, e)| e.as_str()).collect::<Vec<_>>()));
        let mut olds = Vec::new();
        for (i, spec) in specs().filter(|(i, _)| *i > at) {
            if let Action::DropColumn { column, .. } = &spec.action
                && read.as_ref().is_some_and(|r| r.contains(column))
            {
                atoms.push(i);
                olds.push(column.clone());
            }
        }
        if news.len() == rows.assignments.len() && !news.is_empty() && !olds.is_empty() {
            atoms.sort_unstable();
            found.push((atoms, Moved { table, olds, news }));
        }
    }
    found
}

impl Moved {
    pub fn kind(&self) -> &'static str {
        "replace-columns"
    }
    fn names(&self) -> Vec<Ident> {
        self.news.iter().map(|(c, _)| c.name.clone()).collect()
    }
    pub fn title(&self) -> String {
        format!("Replace {} of `{}` by {}", listed(&self.olds), self.table, listed(&self.names()))
    }
    pub fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let before = b.catalog.clone();
        let table = before.table(&self.table).ok_or_else(|| crate::change::created_here(&self.table))?;
        let on = On { before: &before, table };
        let pair = Pair { on, olds: self.olds.clone(), news: self.news.clone(), back: Vec::new() };
        pair.plan(b, &[])?;
        Ok("online: both sides side by side, kept in step by triggers".to_owned())
    }
}

/// RENAME COLUMN, or CHANGE COLUMN to another name, with `to_be` what it is to become.
pub fn renamed(
    b: &mut Builder,
    on: On,
    from: &Ident,
    to: &Ident,
    to_be: Option<&ColumnDef>,
) -> Result<String, Refusal> {
    let table = on.name().clone();
    let Some(old) = on.table.column(from) else {
        return Err(Refusal::new(format!("`{table}` has no column `{from}`"), "Name a column of the table."));
    };
    let hint = "Rename it in a window without traffic, with the statement as you wrote it, and deploy at the same moment; or leave the name and let the application map it.";
    let refuse = |why: String| Err(Refusal::new(why, hint));
    if old.generated.is_some() {
        return refuse(format!("`{table}.{from}` is a generated column: no trigger can keep a second one in step"));
    }
    if old.mysql.as_ref().is_some_and(|m| m.auto_increment)
        || on.table.primary_key().is_some_and(|k| k.columns.contains(from))
    {
        return refuse(format!("`{table}.{from}` belongs to the primary key: it cannot stand twice beside itself"));
    }
    let used = on.table.constraints.iter().find(|c| c.references.is_some() && c.columns.contains(from));
    let pointed =
        b.catalog.referenced_by(&table).find(|(_, c)| c.references.as_ref().is_some_and(|r| r.columns.contains(from)));
    if let Some(name) = used.map(|c| c.name.clone()).or_else(|| pointed.map(|(_, c)| c.name.clone())) {
        return refuse(format!("foreign key `{name}` uses `{table}.{from}`"));
    }
    let shown = spell::existing(on.table, old);
    let own = spell::own_letters(on.table, old);
    let def = match to_be {
        Some(def) => def.clone(),
        None => ColumnDef {
            name: to.clone(),
            data_type: old.data_type.clone(),
            charset: own.and_then(|m| m.charset.clone()),
            collation: own.and_then(|m| m.collation.clone()),
            not_null: Some(old.not_null),
            default: old.default.as_ref().map(|d| d.sql.clone()),
            on_update: old.mysql.as_ref().and_then(|m| m.on_update.clone()),
            auto_increment: false,
            invisible: old.mysql.as_ref().is_some_and(|m| m.invisible),
            generated: None,
            unique: false,
            primary: false,
            check: None,
            references: None,
            comment: old.comment.clone(),
            extra: old.mysql.as_ref().map(|m| m.extra.clone()).unwrap_or_default(),
            text: shown,
        },
    };
    let twins: Vec<_> = on.table.indexes.iter().filter(|i| i.uses.contains(from)).cloned().collect();
    let pair = Pair { on, olds: vec![from.clone()], news: vec![(def, id(from))], back: vec![(from.clone(), id(to))] };
    pair.plan(b, &twins)?;
    Ok("online: a second column, kept in step by triggers: releases with the old name and with the new one run side by side".to_owned())
}

impl Pair<'_> {
    fn table(&self) -> &TableName {
        &self.on.table.name
    }
    fn names(&self) -> Vec<Ident> {
        self.news.iter().map(|(c, _)| c.name.clone()).collect()
    }

    fn plan(&self, b: &mut Builder, twins: &[crate::model::Index]) -> Result<(), Refusal> {
        let (on, table, news) = (self.on, self.table().clone(), self.names());
        let ask = Ask(on.before);
        if b.policy.sync == Sync::App {
            return Err(Refusal::new(
                "with `--sync app` this change is not planned on MySQL yet",
                "Plan it with `--sync trigger`; or write the ADD COLUMN and the DROP COLUMN as two plans, and let the application write both in between.",
            ));
        }
        let views: Vec<String> = b.catalog.views_using(&table, &self.olds).map(|v| format!("`{}`", v.name)).collect();
        if !views.is_empty() {
            return Err(Refusal::new(
                format!("{} reads {} of `{table}`", views.join(", "), listed(&self.olds)),
                "Add the new column first in a plan of its own, replace the view by one that reads it, then plan the rest.",
            ));
        }
        for (column, _) in &self.news {
            alter(
                b,
                on,
                Piece {
                    phase: PhaseName::Expand,
                    rank: Rank::AddColumn,
                    spec: format!(
                        "ADD COLUMN {} {}",
                        id(&column.name),
                        spell::definition(&without_promises(column), Some(false), None)
                    ),
                    back: Some(format!("DROP COLUMN {}", id(&column.name))),
                    because: "Drops the new column with what was written to it.".to_owned(),
                    done: ask.column(&table, &column.name, ""),
                    title: format!("Add `{}` to `{table}`", column.name),
                    why: "Nullable and without a default. Running releases do not know the column.".to_owned(),
                },
            )?;
        }
        for old in &self.olds {
            if !self.back.is_empty() {
                drop_column::bear_without(b, on, old, After::Trigger)?;
            }
        }
        let grown = self.grown(b);
        let triggers = self.triggers(b, &grown.1)?;
        let on_trigger = push_triggers(b, on, &triggers);
        trigger_notes(b, &table);
        let empty: Vec<String> = news.iter().map(|n| format!("{} IS NULL", id(n))).collect();
        let says: Vec<String> = self.news.iter().map(|(_, e)| format!("({e}) IS NOT NULL")).collect();
        fill(
            b,
            &grown,
            Fill {
                assignments: self.news.iter().map(|(c, e)| (c.name.clone(), e.clone())).collect(),
                needed: format!("{} AND ({})", all(&empty), says.join(" OR ")),
                title: format!("Backfill {} of `{table}`", listed(&news)),
                why: format!(
                    "Fills {} from {} for the rows that were there before.",
                    listed(&news),
                    listed(&self.olds)
                ),
                undo: Undo::Nothing {
                    because: "Values in the new columns do no harm; they go when the columns are dropped.".to_owned(),
                },
            },
        )?;
        let grown_on = On { before: &grown.0, table: &grown.1 };
        let mut renames = Vec::new();
        for index in twins {
            let twin = b.fresh(&table, &["sidestep", index.name.as_str()]);
            let definition = twins::definition(index, &twin, &self.olds, &news);
            alter(
                b,
                grown_on,
                Piece {
                    phase: PhaseName::Migrate,
                    rank: Rank::Index,
                    spec: format!("ADD {definition}"),
                    back: Some(format!("DROP INDEX {}", id(&twin))),
                    because: "Drops the index.".to_owned(),
                    done: ask.index(&table, &twin),
                    title: format!("Build `{twin}` on `{table}`, which becomes `{}`", index.name),
                    why: "The same index over the new column.".to_owned(),
                },
            )?;
            renames.push((index.name.clone(), twin));
        }
        self.agree(b, &ask, &grown.1)?;
        self.use_new(b)?;
        let off = self.retire(b, on, &triggers);
        if let Some(from) = on_trigger {
            for column in self.olds.iter().filter(|_| !self.back.is_empty()).chain(&news) {
                b.filled(Filled { table: table.clone(), column: column.clone(), from, until: off });
            }
        }
        b.rule(Rule::Older {
            than: Slot::Use,
            from: Mark::After(off),
            because: format!("writes {} of `{table}`, which nothing carries over any more", listed(&self.olds)),
        });
        self.promises(b, grown_on)?;
        for (old, twin) in &renames {
            twins::swap(b, grown_on, &self.olds, &news, old, twin);
        }
        for old in &self.olds {
            drop_column::drop_it(b, on, old, "No release reads or writes it any more.")?;
        }
        Ok(())
    }

    /// The database once the new columns are there.
    fn grown(&self, b: &Builder) -> (crate::model::Catalog, Table) {
        let specs: Vec<String> = self
            .news
            .iter()
            .map(|(c, _)| {
                format!("ADD COLUMN {} {}", id(&c.name), spell::definition(&without_promises(c), Some(false), None))
            })
            .collect();
        let text = super::way::statement(&b.name(self.table()), &specs, "");
        let before = super::alter::after(self.on.before, &text).unwrap_or_else(|| self.on.before.clone());
        let table = before.table(self.table()).cloned().unwrap_or_else(|| self.on.table.clone());
        (before, table)
    }

    fn triggers(&self, b: &mut Builder, grown: &Table) -> Result<Triggers, Refusal> {
        let table = self.table().clone();
        let stem = self.names().first().cloned().unwrap_or_else(|| "new".into());
        let on_insert = b.fresh(&table, &["sidestep", table.name.as_str(), stem.as_str(), "ins"]);
        let on_update = b.fresh(&table, &["sidestep", table.name.as_str(), stem.as_str(), "upd"]);
        let news = self.names();
        let over_new = |e: &str| over_row(e, self.on.table, &news);
        let mut agree = Vec::new();
        for (column, expression) in &self.news {
            if let Some(found) = grown.column(&column.name) {
                let new = format!("NEW.{}", id(&column.name));
                agree.push(same::agrees(grown, found, &new, &over_new(expression))?);
            }
        }
        let text = |c: &&Ident| grown.column(c).is_some_and(|c| same::is_text(&c.data_type));
        Ok(Triggers {
            name: b.name(&table),
            table,
            on_insert,
            on_update,
            forward: self.news.iter().map(|(c, e)| (c.name.clone(), over_new(e))).collect(),
            back: self.back.iter().map(|(c, e)| (c.clone(), over_new(e))).collect(),
            agree,
            texts: self.olds.iter().chain(&news).filter(text).cloned().collect(),
            reads: self.olds.clone(),
        })
    }

    fn agree(&self, b: &mut Builder, ask: &Ask, grown: &Table) -> Result<(), Refusal> {
        let table = self.table().clone();
        let wrong = self
            .news
            .iter()
            .map(|(c, e)| same::holds(grown, &c.name, e).map(|same| format!("NOT ({same})")))
            .collect::<Result<Vec<_>, _>>()?;
        let says: Vec<String> = self.news.iter().map(|(_, e)| format!("({e}) IS NOT NULL")).collect();
        let wrong = format!("({}) AND ({})", wrong.join(" OR "), says.join(" OR "));
        let agreed = b.push(
            Draft::verify(
                PhaseName::Migrate,
                Rank::Verify,
                format!("{} of `{table}` holds what {} says", listed(&self.names()), listed(&self.olds)),
                answer(&ask.no_row(&table, &wrong)),
            )
            .why("Reads the whole table. From the next release on the new columns are the truth; afterwards this check no longer applies.")
            .on(&table),
        );
        for column in self.names() {
            let because = format!("reads `{table}.{column}` before it is proved that every row has it");
            b.rule(Rule::NotReady { table: table.clone(), column, until: agreed, because });
        }
        Ok(())
    }

    fn use_new(&self, b: &mut Builder) -> Result<(), Refusal> {
        let (table, news) = (self.table().clone(), self.names());
        let name = b.name(&table);
        let uses = Need::new(Slot::Use, Placement::Fixed, &table)
            .reads(&news)
            .writes(&news)
            .stops_reading(&self.olds)
            .say(format!("Read and write {} of `{table}`; no longer read {}.", listed(&news), listed(&self.olds)))
            .shape(format!("SELECT {} FROM {name} WHERE …", b.ids(&news)))
            .shape(format!("INSERT INTO {name} ({}, …) VALUES (…)", b.ids(&news)));
        if self.back.is_empty() {
            b.need(uses.say(format!(
                "Go on writing {} as well, so that the release before can come back.",
                listed(&self.olds)
            )));
            b.need(
                Need::new(Slot::Unused, Placement::Fixed, &table)
                    .stops_writing(&self.olds)
                    .say(format!("No longer write {} of `{table}`.", listed(&self.olds))),
            );
            for old in &self.olds {
                drop_column::bear_without(b, self.on, old, After::Nobody)?;
                b.rule(Rule::Stale {
                    table: table.clone(),
                    column: old.clone(),
                    from: Mark::Deployed(Slot::Unused),
                    because: format!("reads `{table}.{old}`, which the newest release no longer writes"),
                });
            }
        } else {
            b.need(
                uses.stops_writing(&self.olds)
                    .say("Leave the old column out of every statement: the triggers fill it.")
                    .say("A statement that writes NULL into the new column counts as one that leaves it out, when it inserts."),
            );
        }
        Ok(())
    }

    fn retire(&self, b: &mut Builder, on: On, triggers: &Triggers) -> crate::plan::draft::Key {
        let (table, ask) = (self.table().clone(), Ask(on.before));
        let drop = |n: &Ident| format!("DROP TRIGGER IF EXISTS {}", b.name(&table.sibling(n.as_str())));
        let sql = vec![drop(&triggers.on_update), drop(&triggers.on_insert)];
        let gone = format!(
            "NOT {} AND NOT {}",
            ask.trigger(&table, &triggers.on_update),
            ask.trigger(&table, &triggers.on_insert)
        );
        let draft = plain(
            b,
            PhaseName::Contract,
            Rank::RetireTrigger,
            format!("Stop keeping {} of `{table}` in step", listed(&self.olds)),
            sql,
            Undo::PointOfNoReturn {
                because: format!("Rows written from here on carry nothing in {}.", listed(&self.olds)),
            },
            &gone,
            "No running release reads or writes the old side any more.",
        )
        .on(&table);
        b.push(draft)
    }

    /// NOT NULL and defaults come last: before, the triggers need to see what a release left out.
    fn promises(&self, b: &mut Builder, on: On) -> Result<(), Refusal> {
        let (table, ask) = (self.table().clone(), Ask(on.before));
        for (column, _) in &self.news {
            let strict = column.not_null == Some(true);
            let (spec, done, title, why) = if strict {
                (
                    format!(
                        "MODIFY COLUMN {} {}",
                        id(&column.name),
                        spell::definition(column, Some(true), column.default.as_deref())
                    ),
                    ask.not_null(&table, &column.name, true),
                    format!("`{table}.{}` becomes NOT NULL", column.name),
                    "Every row has a value: the triggers and the backfill saw to it, and every running release sends one.",
                )
            } else if let Some(default) = &column.default {
                (
                    format!("ALTER COLUMN {} SET DEFAULT {default}", id(&column.name)),
                    ask.has_default(&table, &column.name, true),
                    format!("`{table}.{}` gets its default", column.name),
                    "While the triggers stood, a default would have hidden what a release left out.",
                )
            } else {
                continue;
            };
            let (kept, _) = alter(
                b,
                on,
                Piece {
                    phase: PhaseName::Contract,
                    rank: Rank::Rebind,
                    spec,
                    back: None,
                    because: "Behind the point where the old column is still written there is nothing to go back to."
                        .to_owned(),
                    done,
                    title,
                    why: why.to_owned(),
                },
            )?;
            // A trigger no longer sees that the statement left the column out; some servers refuse the row before they ask it.
            b.rule(Rule::Older {
                than: Slot::Use,
                from: Mark::After(kept),
                because: format!(
                    "inserts into `{table}` without `{}`, which no trigger can fill from here on",
                    column.name
                ),
            });
        }
        Ok(())
    }
}

fn without_promises(column: &ColumnDef) -> ColumnDef {
    ColumnDef { on_update: None, auto_increment: false, ..column.clone() }
}
