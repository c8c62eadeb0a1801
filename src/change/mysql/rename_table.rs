//! A table gets another name: a view stands under the old one until no release uses it.

use super::alter::{back, plain};
use crate::change::Refusal;
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::Ask;
use crate::model::{Catalog, Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::Rank;
use crate::plan::needs::{Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};
use std::collections::BTreeSet;

pub fn rename(b: &mut Builder, before: &Catalog, pairs: &[(TableName, TableName)]) -> Result<String, Refusal> {
    let [(from, to)] = pairs else {
        let names: BTreeSet<&TableName> = pairs.iter().flat_map(|(from, to)| [from, to]).collect();
        if names.len() < 2 * pairs.len() {
            return Err(Refusal::new(
                "tables change names with each other",
                "Rename one table per plan: between the steps releases use the old name and the new one, and one name cannot mean two tables.",
            ));
        }
        for pair in pairs {
            rename(b, before, std::slice::from_ref(pair))?;
        }
        return Ok("each by itself: a view stands under the old name until no release uses it".to_owned());
    };
    if from.schema != to.schema {
        return Err(Refusal::new(
            format!("`{from}` moves to another database"),
            "The server moves no table with triggers there, and privileges do not follow: do it in a window without traffic.",
        ));
    }
    let Some(table) = before.table(from) else {
        return Err(Refusal::new(format!("there is no table `{from}`"), "Name a table of the database."));
    };
    if !table.triggers.is_empty() {
        b.finding(Severity::Note, format!("The triggers of `{from}` go along with it."));
    }
    let ask = Ask(before);
    let placeholder = from.sibling(b.fresh(from, &["sidestep", from.name.as_str(), "view"]).0);
    let (old, new, helper) = (b.name(from), b.name(to), b.name(&placeholder));
    let columns: Vec<Ident> = table.columns.iter().map(|c| c.name.clone()).collect();
    let list = columns.iter().map(id).collect::<Vec<_>>().join(", ");
    let held = ask.table(&placeholder);
    let make = plain(
        b,
        PhaseName::Switch,
        Rank::CreateObject,
        format!("Make an empty table under the new name `{to}`"),
        vec![format!("CREATE TABLE IF NOT EXISTS {new} LIKE {old}")],
        back(b, vec![format!("DROP TABLE IF EXISTS {new}")], "Drops the empty table."),
        // Once the tables have changed names this is behind: its way back would drop the table itself.
        &format!("{} AND {}", ask.base_table(to), ask.base_table(from)),
        "A view can only be made over a name that is there.",
    )
    .on(to);
    b.push(make);
    let view = plain(
        b,
        PhaseName::Switch,
        Rank::Attach,
        format!("Make the view that is to stand under the old name `{from}`"),
        vec![format!("CREATE OR REPLACE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW {helper} AS SELECT {list} FROM {new}")],
        back(b, vec![format!("DROP VIEW IF EXISTS {helper}")], "Drops the view."),
        &format!("({held} OR {})", ask.view(from)),
        "Over one table and all its columns: it is read and written like the table itself. With the rights of whoever uses it, so they need rights on the new name, too.",
    )
    .on(&placeholder);
    b.push(view);
    let aside = from.sibling(b.fresh(from, &["sidestep", from.name.as_str(), "empty"]).0);
    let aside_name = b.name(&aside);
    let swap = plain(
        b,
        PhaseName::Switch,
        Rank::Swap,
        format!("`{from}` becomes `{to}`, and the view takes the old name"),
        vec![format!("RENAME TABLE {new} TO {aside_name}, {old} TO {new}, {helper} TO {old}")],
        back(
            b,
            vec![format!("RENAME TABLE {old} TO {helper}, {new} TO {old}, {aside_name} TO {new}")],
            "One statement, the other way round.",
        ),
        &format!("{} AND {}", ask.base_table(to), ask.view(from)),
        "One RENAME TABLE: all or nothing, and no moment without either name. Foreign keys follow the table.",
    )
    .on(from)
    .on(to)
    .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, from));
    let swapped = b.push(swap);
    if let Some(column) = columns.first() {
        b.rule(Rule::NotReady {
            table: to.clone(),
            column: column.clone(),
            until: swapped,
            because: format!("finds an empty table called `{to}` until the names have changed"),
        });
    }
    let all: Vec<Ident> = columns.clone();
    let writable: Vec<Ident> = table.columns.iter().filter(|c| c.generated.is_none()).map(|c| c.name.clone()).collect();
    b.need(Need::new(Slot::Use, Placement::Fixed, from).stops_reading(&all).stops_writing(&all));
    b.need(
        Need::new(Slot::Use, Placement::Fixed, to)
            .reads(&all)
            .writes(&writable)
            .say(format!("Use `{to}` instead of `{from}` everywhere: queries, jobs, reports."))
            .shape(format!("SELECT … FROM {new} WHERE …"))
            .orm("rails", format!("self.table_name = {:?}", to.name.to_string())),
    );
    let drop_view = plain(
        b,
        PhaseName::Contract,
        Rank::DropView,
        format!("Drop the view `{from}`"),
        vec![format!("DROP VIEW IF EXISTS {old}")],
        back(
            b,
            vec![format!(
                "CREATE OR REPLACE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW {old} AS SELECT {list} FROM {new}"
            )],
            "Makes the view again.",
        ),
        &format!("NOT {}", ask.view(from)),
        "No release uses the old name any more.",
    )
    .on(from);
    b.push(drop_view);
    let drop_aside = plain(
        b,
        PhaseName::Contract,
        Rank::DropObject,
        format!("Drop the empty table `{aside}`"),
        vec![format!("DROP TABLE IF EXISTS {aside_name}")],
        back(b, vec![format!("CREATE TABLE IF NOT EXISTS {aside_name} LIKE {new}")], "Makes it again, empty."),
        &ask.table_gone(&aside),
        "It only held the new name for a moment.",
    )
    .on(&aside);
    b.push(drop_aside);
    b.finding(
        Severity::Warning,
        format!("Rights that were granted on `{from}` itself stay with that name: grant the same on `{to}` before the switch. Rights on the whole database hold for both."),
    );
    b.finding(
        Severity::Note,
        format!("Through the view TRUNCATE, ALTER TABLE, LOCK TABLES and index hints on `{from}` do not work as on the table."),
    );
    Ok("a view stands under the old name until no release uses it".to_owned())
}
