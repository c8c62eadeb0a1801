//! Whole statements: tables and views that come and go, triggers, rows, and what no recipe plans.

use super::alter::{back, plain};
use super::{On, rename_table, rows};
use crate::change::Refusal;
use crate::engine::emit::mysql::probe::{Ask, all};
use crate::engine::judge;
use crate::model::{Catalog, Ident, TableName, Work};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::mysql::statement::Statement;
use crate::sql::{ObjectName, Statement as Any};

pub fn plan(b: &mut Builder, before: &Catalog, statement: &Statement, text: &str) -> Result<String, Refusal> {
    let table = |o: &ObjectName| o.resolve(before);
    match statement {
        Statement::CreateTable(create) => {
            let name = table(&create.table);
            if create.select_from.is_some() {
                return Err(Refusal::new(
                    format!("`{name}` is made and filled by one statement, which locks the rows that it reads"),
                    "Write CREATE TABLE without SELECT, and fill it by INSERT … SELECT of some rows at a time.",
                ));
            }
            let done = Ask(before).table(&name);
            let undo =
                back(b, vec![format!("DROP TABLE IF EXISTS {}", b.name(&name))], "Drops the new table with its rows.");
            let why = "Nobody uses it yet. A foreign key of it takes a metadata lock on the table that it points at.";
            let draft = plain(
                b,
                PhaseName::Expand,
                Rank::CreateObject,
                format!("Create `{name}`"),
                vec![bare(text)],
                undo,
                &done,
                why,
            )
            .on(&name);
            b.push(draft);
            Ok("new: nobody uses it".to_owned())
        }
        Statement::DropTable { tables, if_exists, .. } => {
            for name in tables.iter().map(table) {
                drop_table(b, before, &name, *if_exists)?;
            }
            Ok("out of the way first, dropped when nobody has missed it".to_owned())
        }
        Statement::RenameTables { pairs, .. } => {
            let pairs: Vec<_> = pairs.iter().map(|(a, b)| (table(a), table(b))).collect();
            rename_table::rename(b, before, &pairs)
        }
        Statement::Truncate { table: name, .. } => truncate(b, before, &table(name)),
        Statement::Update(rows) => {
            let found = known(before, &table(&rows.table))?;
            rows::update(b, On { before, table: found }, rows)
        }
        Statement::Delete(rows) => {
            let found = known(before, &table(&rows.table))?;
            rows::delete(b, On { before, table: found }, rows)
        }
        Statement::CreateTrigger { name, table: on, .. } => {
            let on = table(on);
            let full = on.sibling(name.name.as_str());
            let done = Ask(before).trigger_named(&full);
            let undo = back(
                b,
                vec![format!("DROP TRIGGER IF EXISTS {}", b.name(&full))],
                "Drops the trigger: its metadata lock waits for open transactions of the table, and is held for a moment.",
            );
            let draft = plain(
                b,
                PhaseName::Expand,
                Rank::Trigger,
                format!("Create trigger `{}` on `{on}`", name.name),
                vec![bare(text)],
                undo,
                &done,
                "From then on it runs inside every statement that writes a row.",
            )
            .on(&on)
            .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, &on));
            b.push(draft);
            Ok("as written, with its check and its way back".to_owned())
        }
        Statement::DropTrigger { name, .. } => drop_trigger(b, before, name),
        Statement::CreateView { name, or_replace, .. } => {
            let full = table(name);
            let old = before.views.iter().find(|v| v.name == full);
            let undo = match old {
                Some(_) if *or_replace => Undo::PointOfNoReturn {
                    because: "The old definition is in the migration that made it; run that again.".to_owned(),
                },
                _ => back(b, vec![format!("DROP VIEW IF EXISTS {}", b.name(&full))], "Drops the view."),
            };
            let done = Ask(before).view(&full);
            let mut draft = plain(
                b,
                PhaseName::Expand,
                Rank::View,
                format!("Create view `{full}`"),
                vec![bare(text)],
                undo,
                &done,
                "A change of the catalog; queries see the old view or the new one.",
            )
            .on(&full);
            if old.is_some() {
                // That there is a view says nothing of its text.
                draft.done_when = None;
            }
            b.push(draft);
            Ok("as written".to_owned())
        }
        Statement::DropView { names, .. } => {
            for full in names.iter().map(table) {
                let columns: Vec<Ident> = before
                    .views
                    .iter()
                    .find(|v| v.name == full)
                    .map(|v| v.columns.iter().map(|c| c.name.clone()).collect())
                    .unwrap_or_default();
                b.need(
                    Need::new(Slot::Unused, Placement::Fixed, &full)
                        .stops_reading(&columns)
                        .stops_writing(&columns)
                        .say(format!("No longer read or write `{full}`.")),
                );
                drop_view(b, before, &full);
            }
            Ok("no release uses it before it goes".to_owned())
        }
        Statement::Insert { .. } => as_written(
            b,
            before,
            statement,
            text,
            "Nothing tells whether these rows were inserted: keep the statement so that a second run does no harm (INSERT IGNORE, ON DUPLICATE KEY UPDATE, NOT EXISTS).",
        ),
        _ => {
            as_written(b, before, statement, text, "No recipe plans this statement: it stands here as it was written.")
        }
    }
}

/// The statement without its semicolon.
fn bare(text: &str) -> String {
    text.trim().trim_end_matches(';').trim_end().to_owned()
}

fn known<'c>(before: &'c Catalog, name: &TableName) -> Result<&'c crate::model::Table, Refusal> {
    before
        .table(name)
        .ok_or_else(|| Refusal::new(format!("there is no table `{name}`"), "Name a table of the database."))
}

/// Renamed first: whoever still needs it says so, and gets it back at once.
fn drop_table(b: &mut Builder, before: &Catalog, name: &TableName, if_exists: bool) -> Result<(), Refusal> {
    let ask = Ask(before);
    let Some(table) = before.table(name) else {
        return if if_exists {
            Ok(())
        } else {
            Err(Refusal::new(format!("there is no table `{name}`"), "Name a table of the database."))
        };
    };
    let pointing: Vec<String> = before
        .referenced_by(name)
        .filter(|(t, _)| t.name != *name)
        .map(|(t, c)| format!("`{}` of `{}`", c.name, t.name))
        .collect();
    if !pointing.is_empty() {
        return Err(Refusal::new(
            format!("foreign key {} points at `{name}`", pointing.join(", ")),
            "Drop the foreign key first, in a plan of its own.",
        ));
    }
    let columns: Vec<Ident> = table.columns.iter().map(|c| c.name.clone()).collect();
    b.need(
        Need::new(Slot::Unused, Placement::Fixed, name)
            .stops_reading(&columns)
            .stops_writing(&columns)
            .say(format!("No longer read or write `{name}`.")),
    );
    let aside = name.sibling(b.fresh(name, &["sidestep_gone", name.name.as_str()]).0);
    let (old, new) = (b.name(name), b.name(&aside));
    let undo = back(b, vec![format!("RENAME TABLE {new} TO {old}")], "It is back with all its rows.");
    let away = plain(
        b,
        PhaseName::Settle,
        Rank::Withdraw,
        format!("Put `{name}` out of the way, as `{aside}`"),
        vec![format!("RENAME TABLE {old} TO {new}")],
        undo,
        &ask.table_gone(name),
        "A query that still needs it fails now, while the table can come back at once.",
    )
    .on(name)
    .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, name));
    b.push(away);
    let drop = plain(
        b,
        PhaseName::Contract,
        Rank::DropObject,
        format!("Drop `{aside}`, which was `{name}`"),
        vec![format!("DROP TABLE IF EXISTS {new}")],
        Undo::PointOfNoReturn { because: "The rows are gone; only a backup brings them back.".to_owned() },
        &all(&[ask.table_gone(&aside), ask.table_gone(name)]),
        "Nobody has missed it. Freeing the pages of a large table takes a moment of the whole server: drop it when the server is quiet.",
    )
    .on(&aside);
    b.push(drop);
    Ok(())
}

/// As with a table: out of the way first, so that it can come back as it is.
fn drop_view(b: &mut Builder, before: &Catalog, name: &TableName) {
    let ask = Ask(before);
    let aside = name.sibling(b.fresh(name, &["sidestep_gone", name.name.as_str()]).0);
    let (old, new) = (b.name(name), b.name(&aside));
    let undo = back(b, vec![format!("RENAME TABLE {new} TO {old}")], "It is back as it was.");
    let away = plain(
        b,
        PhaseName::Settle,
        Rank::Withdraw,
        format!("Put view `{name}` out of the way, as `{aside}`"),
        vec![format!("RENAME TABLE {old} TO {new}")],
        undo,
        &format!("NOT {}", ask.view(name)),
        "A query that still needs it fails now, while the view can come back at once.",
    )
    .on(name);
    b.push(away);
    let drop = plain(
        b,
        PhaseName::Contract,
        Rank::DropView,
        format!("Drop view `{aside}`, which was `{name}`"),
        vec![format!("DROP VIEW IF EXISTS {new}")],
        Undo::PointOfNoReturn { because: "Its definition is gone: keep what SHOW CREATE VIEW says of it.".to_owned() },
        &format!("NOT {} AND NOT {}", ask.view(&aside), ask.view(name)),
        "Nobody has missed it.",
    )
    .on(&aside);
    b.push(drop);
}

fn truncate(b: &mut Builder, before: &Catalog, name: &TableName) -> Result<String, Refusal> {
    let table = known(before, name)?;
    let pointing: Vec<String> =
        before.referenced_by(name).filter(|(t, _)| t.name != *name).map(|(t, _)| format!("`{}`", t.name)).collect();
    if !pointing.is_empty() {
        return Err(Refusal::new(
            format!("the server truncates no table that a foreign key of {} points at", pointing.join(", ")),
            "Delete the rows in batches instead, with a DELETE.",
        ));
    }
    let t = b.name(name);
    emptied(
        b,
        On { before, table },
        &format!("`{name}`"),
        format!("TRUNCATE TABLE {t}"),
        "The file is made anew: no row is read, no trigger fires, and AUTO_INCREMENT begins again.",
    );
    Ok("one brief step, after an approval; it cannot be taken back".to_owned())
}

/// Rows that come a moment later look the same as rows that were never taken away: a table of no columns' worth tells that it was
/// done, until the next step.
pub fn emptied(b: &mut Builder, on: On, what: &str, sql: String, why: &str) {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let marker = table.sibling(b.fresh(&table, &["sidestep", table.name.as_str(), "emptied"]).0);
    let mark = b.name(&marker);
    let gone = || Undo::PointOfNoReturn { because: "The rows are gone; only a backup brings them back.".to_owned() };
    let draft = plain(
        b,
        PhaseName::Contract,
        Rank::DropObject,
        format!("Empty {what}"),
        vec![sql, format!("CREATE TABLE IF NOT EXISTS {mark} (done TINYINT NOT NULL PRIMARY KEY)")],
        gone(),
        &ask.table(&marker),
        format!("{why} It commits at once. The second statement leaves a mark, so that a second run does not take away what was written since; if the session ends between the two, look at the rows before you run it again."),
    )
    .on(&table)
    .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, &table));
    b.push(draft);
    let forget = plain(
        b,
        PhaseName::Contract,
        Rank::DropObject,
        format!("Forget that {what} was emptied"),
        vec![format!("DROP TABLE IF EXISTS {mark}")],
        gone(),
        &ask.table_gone(&marker),
        "The mark has done its work.",
    )
    .on(&marker);
    b.push(forget);
    b.finding(
        Severity::Danger,
        format!("From that moment on every release finds {what} empty: none may rely on its rows any more. A transaction whose snapshot is older gets error 1412 (table definition has changed) and has to begin again."),
    );
}

fn drop_trigger(b: &mut Builder, before: &Catalog, name: &ObjectName) -> Result<String, Refusal> {
    let found = before.tables.iter().find_map(|t| t.triggers.iter().find(|g| g.name == name.name).map(|g| (t, g)));
    let Some((table, trigger)) = found else {
        return Err(Refusal::new(format!("there is no trigger `{}`", name.name), "Name a trigger of the database."));
    };
    let full = table.name.sibling(name.name.as_str());
    let undo = if trigger.definition.trim().is_empty() {
        Undo::PointOfNoReturn {
            because: "Its definition is not known here: keep what SHOW CREATE TRIGGER says.".to_owned(),
        }
    } else {
        back(b, vec![bare(&trigger.definition)], "Rows written in between were not seen by it.")
    };
    let done = format!("NOT {}", Ask(before).trigger(&table.name, &name.name));
    let draft = plain(
        b,
        PhaseName::Contract,
        Rank::RetireTrigger,
        format!("Drop trigger `{}` of `{}`", name.name, table.name),
        vec![format!("DROP TRIGGER IF EXISTS {}", b.name(&full))],
        undo,
        &done,
        "What it did for every row nobody does any more.",
    )
    .on(&table.name);
    b.push(draft);
    Ok("as written, with its check and its way back".to_owned())
}

fn as_written(
    b: &mut Builder,
    before: &Catalog,
    statement: &Statement,
    text: &str,
    why: &str,
) -> Result<String, Refusal> {
    let verdict = judge(&Any::Mysql(Box::new(statement.clone())), before, b.session);
    if let Some(fails) = &verdict.fails {
        return Err(Refusal::new(format!("the server would refuse this: {fails}"), "Change the statement first."));
    }
    let heavy = !matches!(verdict.work, Work::None | Work::Catalog);
    if heavy && verdict.locks.iter().any(crate::model::Lock::blocks_traffic) {
        b.finding(
            Severity::Danger,
            format!(
                "This statement is not planned online and may block traffic while it works: `{}`",
                super::names::brief(text).replace('`', "'")
            ),
        );
    }
    let timeouts = crate::plan::Timeouts { statement_ms: 0, ..b.validating() };
    let mut draft = Draft::alone(
        PhaseName::Migrate,
        Rank::Other,
        format!("Run as written: `{}`", super::names::brief(text).replace('`', "'")),
        bare(text),
        timeouts,
    )
    .why(format!("{why} It commits whatever transaction is open, and its own work at once."))
    .undo(match statement {
        Statement::Maintain { .. } => Undo::Nothing { because: "It changes no structure and no value.".to_owned() },
        _ => Undo::PointOfNoReturn { because: "No way back is known.".to_owned() },
    });
    draft.tables = super::objects(statement).into_iter().map(|o| o.resolve(before)).collect();
    b.push(draft);
    Ok("as written: no recipe plans it".to_owned())
}
