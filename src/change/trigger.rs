//! Triggers: created, renamed, switched on and off, and dropped after they were switched off and nobody missed them.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{objects, probe};
use crate::model::objects::Trigger;
use crate::model::{Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{Act, PhaseName, Severity, Undo};
use crate::sql::{Alter, Reader, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeTrigger {
    table: TableName,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Create { name: Ident, replace: bool, before_row: bool, sql: String },
    Drop { name: Ident, missing: bool },
    Rename { from: Ident, to: Ident },
    Switch { which: Which, to: State },
}

#[derive(Debug, Clone, PartialEq)]
enum Which {
    One(Ident),
    User,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Origin,
    Replica,
    Always,
    Disabled,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Origin => "ENABLE TRIGGER",
            Self::Replica => "ENABLE REPLICA TRIGGER",
            Self::Always => "ENABLE ALWAYS TRIGGER",
            Self::Disabled => "DISABLE TRIGGER",
        }
    }
    fn letter(self) -> char {
        match self {
            Self::Origin => 'O',
            Self::Replica => 'R',
            Self::Always => 'A',
            Self::Disabled => 'D',
        }
    }
    fn of(trigger: &Trigger) -> Self {
        match trigger.enabled.as_deref() {
            Some("disabled") => Self::Disabled,
            Some("replica") => Self::Replica,
            Some("always") => Self::Always,
            _ => Self::Origin,
        }
    }
}

impl Kind for ChangeTrigger {
    const NAME: &'static str = "trigger";
    const TITLE: &'static str = "Create, switch or drop a trigger";
    const FORMS: &'static [Spec] = &[
        (
            "Create a trigger",
            "CREATE TRIGGER {name:new=set_updated_at} {when:BEFORE|AFTER=BEFORE} {event:INSERT|UPDATE|DELETE|INSERT OR UPDATE=UPDATE} ON {table:table=user_preferences} FOR EACH ROW EXECUTE FUNCTION {function:sql=set_updated_at()};",
        ),
        (
            "Switch a trigger off or on",
            "ALTER TABLE {table:table=orders} {how:DISABLE|ENABLE=DISABLE} TRIGGER {trigger:trigger=set_updated_at};",
        ),
        ("Drop a trigger", "DROP TRIGGER {trigger:trigger=set_updated_at} ON {table:table=orders};"),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (at, atom) in wish.atoms.iter().enumerate() {
            let found = match &atom.part {
                Part::Whole(Statement::CreateTrigger { name, table, or_replace, .. }) => {
                    let mut words = Reader::new(atom.text);
                    words.up_to(&["before", "after", "instead"]);
                    let before_row = words.is("before") && words.holds("row");
                    let sql = atom.text.trim().to_owned();
                    let what = What::Create { name: name.clone(), replace: *or_replace, before_row, sql };
                    Some((table.resolve(wish.catalog), what))
                }
                Part::Whole(Statement::DropTrigger { name, table, if_exists }) => {
                    let table = table.resolve(wish.catalog);
                    let there = wish.table(&table).is_some_and(|t| trigger(t, name).is_some());
                    Some((table, What::Drop { name: name.clone(), missing: *if_exists && !there }))
                }
                Part::Whole(Statement::Known { op, target: Some(table), .. }) if op == "alter-trigger" => {
                    rename(atom.text).map(|what| (table.resolve(wish.catalog), what))
                }
                Part::Alter { table, action: Alter::Other { op, .. } }
                    if op == "enable-trigger" || op == "disable-trigger" =>
                {
                    switch(atom.text).map(|what| (table.clone(), what))
                }
                _ => None,
            };
            claims.extend(found.map(|(table, what)| Claim::one(at, Self { table, what })));
        }
        claims
    }

    fn title(&self) -> String {
        let table = &self.table;
        match &self.what {
            What::Create { name, replace: false, .. } => format!("Create trigger `{name}` on `{table}`"),
            What::Create { name, .. } => format!("Create or replace trigger `{name}` on `{table}`"),
            What::Drop { name, .. } => format!("Drop trigger `{name}` of `{table}`"),
            What::Rename { from, to } => format!("Rename trigger `{from}` of `{table}` to `{to}`"),
            What::Switch { which, to } => {
                let verb = if *to == State::Disabled { "Disable" } else { "Enable" };
                let mode = match to {
                    State::Replica => " for replication",
                    State::Always => " always",
                    _ => "",
                };
                match which {
                    Which::One(name) => format!("{verb} trigger `{name}` of `{table}`{mode}"),
                    _ => format!("{verb} the triggers of `{table}`{mode}"),
                }
            }
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.what {
            What::Create { name, replace, before_row, sql } => self.create(b, name, *replace, *before_row, sql),
            What::Drop { missing: true, .. } => Ok("nothing to do: the trigger does not exist".to_owned()),
            What::Drop { name, .. } => self.drop(b, name),
            What::Rename { from, to } => self.rename(b, from, to),
            What::Switch { which, to } => self.switch(b, which, *to),
        }
    }
}

impl ChangeTrigger {
    fn table<'b>(&self, b: &Builder<'b>) -> Result<&'b Table, Refusal> {
        b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))
    }

    fn create(
        &self,
        b: &mut Builder,
        name: &Ident,
        replace: bool,
        before_row: bool,
        sql: &str,
    ) -> Result<String, Refusal> {
        let known = b.catalog.table(&self.table);
        let partitioned = known.is_some_and(|t| t.kind == TableKind::Partitioned);
        if partitioned && before_row && !b.since(13) {
            return Err(Refusal::new(
                format!(
                    "PostgreSQL {} has no BEFORE row triggers on the partitioned table `{}`",
                    b.catalog.server.version.major, self.table
                ),
                "Create it on each partition, and on each new one.",
            ));
        }
        let old = known.and_then(|t| trigger(t, name)).filter(|_| replace);
        let undo = match old {
            Some(old) => {
                b.undo_sql(again(b, &self.table, old, true), "Rows written in between were seen by the new trigger.")
            }
            None => b.undo_sql(
                vec![format!("DROP TRIGGER {} ON {}", b.id(name), b.name(&self.table))],
                "DROP TRIGGER waits for readers too; brief lock.",
            ),
        };
        let mut draft =
            Draft::sql(PhaseName::Expand, Rank::Trigger, self.title(), vec![sql.to_owned()], b.brief())
                .why("Waits for open writers of the table, not for readers. From the commit on it fires for every release that writes here, the one of today included; rows that are there already are not touched.")
                .on(&self.table)
                .undo(undo)
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table))
                .abort_if("Writers fail with an error that names the trigger's function, or become slow: take the step back.");
        // Whether an equal trigger was replaced by an equal one cannot be asked.
        if old.is_none() {
            draft = draft.done(probe::trigger_exists(&self.table, name));
        }
        b.push(draft);
        if !b.catalog.subscriptions.is_empty() {
            b.finding(
                Severity::Note,
                format!("This database has subscriptions: rows that replication applies to `{}` fire the trigger only after `ENABLE ALWAYS TRIGGER` or `ENABLE REPLICA TRIGGER`.", self.table),
            );
        }
        Ok("one brief step: a trigger is created under a lock that waits for writers only".to_owned())
    }

    fn drop(&self, b: &mut Builder, name: &Ident) -> Result<String, Refusal> {
        let table = self.table(b)?;
        let old = trigger(table, name).ok_or_else(|| self.unknown(name))?.clone();
        let direct = b.direct(table);
        if direct.is_none() && State::of(&old) != State::Disabled {
            let off = format!("ALTER TABLE {} DISABLE TRIGGER {}", b.name(&self.table), b.id(name));
            let on = format!("ALTER TABLE {} {} {}", b.name(&self.table), State::of(&old).words(), b.id(name));
            b.push(
                Draft::sql(PhaseName::Settle, Rank::Other, format!("Switch trigger `{name}` of `{}` off", self.table), vec![off], b.brief())
                    .why("A rehearsal of the drop: it waits for open writers only, and one short statement switches the trigger on again with all its properties.")
                    .on(&self.table)
                    .undo(b.undo_sql(vec![on], "Rows written in between were not seen by it."))
                    .done(objects::trigger_enabled(&self.table, std::slice::from_ref(name), 'D'))
                    .watch("Who holds a lock on the table", probe::lock_holders(&self.table))
                    .abort_if("Something that the trigger kept is missed: switch it on again."),
            );
        }
        if direct.is_none() && State::of(&old) != State::Disabled {
            let days = b.policy.bake_days;
            let until = format!("{days} days without anything that misses trigger `{name}`");
            let act = Act::Wait { until, sql: Vec::new() };
            let draft = Draft::new(PhaseName::Settle, Rank::Wait, format!("Watch for what trigger `{name}` did"), act)
                .why("Until it is dropped, one short statement brings it back.")
                .on(&self.table);
            b.push(draft);
        }
        let mut back = again(b, &self.table, &old, false);
        if direct.is_none() && State::of(&old) != State::Disabled {
            back.push(format!("ALTER TABLE {} DISABLE TRIGGER {}", b.name(&self.table), b.id(name)));
        }
        b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::RetireTrigger,
                self.title(),
                vec![format!("DROP TRIGGER {} ON {}", b.id(name), b.name(&self.table))],
                b.brief(),
            )
            .why("Waits for readers of the table as well as for writers: the lock is brief, the timeout gives its place up.")
            .on(&self.table)
            .undo(b.undo_sql(back, "Rows written in between were not seen by it."))
            .done(probe::trigger_gone(&self.table, name))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        b.finding(
            Severity::Warning,
            format!("What trigger `{name}` of `{}` does (function `{}`) is done for no row that is written from then on: is every release ready for that?", self.table, old.function),
        );
        Ok(direct.unwrap_or_else(|| "online: switched off first, dropped when nothing missed it".to_owned()))
    }

    fn rename(&self, b: &mut Builder, from: &Ident, to: &Ident) -> Result<String, Refusal> {
        let table = self.table(b)?;
        trigger(table, from).ok_or_else(|| self.unknown(from))?;
        let rename = |b: &Builder, x: &Ident, y: &Ident| {
            format!("ALTER TRIGGER {} ON {} RENAME TO {}", b.id(x), b.name(&self.table), b.id(y))
        };
        let order: Vec<Ident> = table.triggers.iter().map(|t| t.name.clone()).filter(|n| n != from).collect();
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![rename(b, from, to)], b.brief())
                .why("Catalog only, under a lock that readers feel: brief.")
                .on(&self.table)
                .undo(b.undo_sql(vec![rename(b, to, from)], "Catalog only; brief lock."))
                .done(probe::trigger_exists(&self.table, to))
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        if !order.is_empty() {
            b.finding(
                Severity::Note,
                format!(
                    "Triggers of one moment fire in the order of their names: compare `{to}` with {}.",
                    listed(&order)
                ),
            );
        }
        Ok("one brief step: only the catalog changes".to_owned())
    }

    fn switch(&self, b: &mut Builder, which: &Which, to: State) -> Result<String, Refusal> {
        let table = self.table(b)?;
        let (word, meant): (String, Vec<&Trigger>) = match which {
            Which::One(name) => (b.id(name), vec![trigger(table, name).ok_or_else(|| self.unknown(name))?]),
            Which::User => ("USER".to_owned(), table.triggers.iter().collect()),
            Which::All if to == State::Disabled => {
                return Err(Refusal::new(
                    format!(
                        "DISABLE TRIGGER ALL also switches off the foreign keys of `{}`: rows that break them stay when it is switched on again",
                        self.table
                    ),
                    "Write `DISABLE TRIGGER USER`, or name the trigger.",
                ));
            }
            Which::All => ("ALL".to_owned(), table.triggers.iter().collect()),
        };
        let changing: Vec<&Trigger> = meant.into_iter().filter(|t| State::of(t) != to).collect();
        if changing.is_empty() && *which != Which::All {
            return Ok("nothing to do: that is how it is".to_owned());
        }
        let t = b.name(&self.table);
        let back: Vec<String> =
            changing.iter().map(|g| format!("ALTER TABLE {t} {} {}", State::of(g).words(), b.id(&g.name))).collect();
        let names: Vec<Ident> = changing.iter().map(|g| g.name.clone()).collect();
        let (phase, rank) =
            if to == State::Disabled { (PhaseName::Settle, Rank::Other) } else { (PhaseName::Migrate, Rank::Other) };
        let undo = if back.is_empty() {
            Undo::Nothing { because: "The triggers that it knows of were switched on already.".to_owned() }
        } else {
            b.undo_sql(back, "Rows written in between were not seen, or were seen, by the trigger.")
        };
        let mut draft =
            Draft::sql(phase, rank, self.title(), vec![format!("ALTER TABLE {t} {} {word}", to.words())], b.brief())
                .why("Waits for open writers of the table, not for readers.")
                .on(&self.table)
                .undo(undo)
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
        if !names.is_empty() {
            draft = draft.done(objects::trigger_enabled(&self.table, &names, to.letter()));
        }
        b.push(draft);
        if to == State::Disabled {
            let text = format!(
                "While {} of `{}` are off, rows are written that they have not seen; switching them on again does not make up for that.",
                listed(&names),
                self.table
            );
            b.finding(Severity::Warning, text);
        }
        Ok("one brief step: only the catalog changes".to_owned())
    }

    fn unknown(&self, name: &Ident) -> Refusal {
        Refusal::new(
            format!("`{}` has no trigger `{name}` today", self.table),
            "Look at its triggers with `sidestep inspect`, and plan what creates it first.",
        )
    }
}

fn trigger<'t>(table: &'t Table, name: &Ident) -> Option<&'t Trigger> {
    table.triggers.iter().find(|g| g.name == *name)
}

/// The trigger as it was, with its state.
fn again(b: &Builder, table: &TableName, old: &Trigger, replace: bool) -> Vec<String> {
    let mut sql = vec![match replace {
        true => old.definition.replacen("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1),
        false => old.definition.clone(),
    }];
    if old.definition.is_empty() {
        sql.clear();
    }
    if State::of(old) != State::Origin {
        sql.push(format!("ALTER TABLE {} {} {}", b.name(table), State::of(old).words(), b.id(&old.name)));
    }
    sql
}

fn rename(text: &str) -> Option<What> {
    let mut words = Reader::new(text);
    words.eat("alter trigger");
    let from = words.ident()?;
    words.up_to(&["rename"]);
    words.eat("rename to").then_some(())?;
    Some(What::Rename { from, to: words.ident()? })
}

fn switch(text: &str) -> Option<What> {
    let mut words = Reader::new(text);
    let to = if words.eat("disable trigger") {
        State::Disabled
    } else if words.eat("enable replica trigger") {
        State::Replica
    } else if words.eat("enable always trigger") {
        State::Always
    } else if words.eat("enable trigger") {
        State::Origin
    } else {
        return None;
    };
    let which = if words.eat("all") {
        Which::All
    } else if words.eat("user") {
        Which::User
    } else {
        Which::One(words.ident()?)
    };
    Some(What::Switch { which, to })
}
