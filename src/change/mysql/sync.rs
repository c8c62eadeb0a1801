//! The two triggers that keep an old and a new column in step, as steps.

use super::On;
use super::alter::{back, plain};
use crate::engine::emit::mysql::probe::Ask;
use crate::engine::emit::mysql::trigger::Sync as Triggers;
use crate::model::TableName;
use crate::plan::build::Builder;
use crate::plan::draft::Rank;
use crate::plan::{PhaseName, Severity};

pub fn push_triggers(b: &mut Builder, on: On, triggers: &Triggers) -> Option<crate::plan::draft::Key> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let mut last = None;
    // UPDATE first: a row that INSERT has filled, and that is changed before anybody follows it, would never be looked at again.
    for (name, sql, event) in
        [(&triggers.on_update, triggers.update(), "UPDATE"), (&triggers.on_insert, triggers.insert(), "INSERT")]
    {
        let undo = back(
            b,
            vec![format!("DROP TRIGGER IF EXISTS {}", b.name(&table.sibling(name.as_str())))],
            "Drops the trigger: its metadata lock waits for open transactions of the table, and is held for a moment.",
        );
        let draft = plain(
            b,
            PhaseName::Expand,
            Rank::Trigger,
            format!("Keep both sides of `{table}` in step on {event}"),
            vec![sql],
            undo,
            &ask.trigger(&table, name),
            if triggers.back.is_empty() {
                "Writers of the old side get the new side written too. No way back from the new side is known, so the new release writes both."
            } else {
                "Whoever writes one side gets the other side written too, so the old and the new release can run side by side and the application can go back."
            },
        )
        .on(&table)
        .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, &table))
        .abort_if("Writers fail with an error that names the trigger: take the step back.");
        last = Some(b.push(draft));
    }
    last
}

pub fn trigger_notes(b: &mut Builder, table: &TableName) {
    let setting = |name: &str| b.catalog.server.settings.get(name).cloned();
    let logs = setting("log_bin").is_some_and(|v| v == "1" || v.eq_ignore_ascii_case("on"));
    let trusts = setting("log_bin_trust_function_creators").is_some_and(|v| v == "1" || v.eq_ignore_ascii_case("on"));
    if logs && !trusts {
        b.finding(
            Severity::Warning,
            "The server writes a binary log and `log_bin_trust_function_creators` is off: creating a trigger needs SUPER there. Ask for the setting, or have somebody with the right run these steps.",
        );
    }
    b.finding(
        Severity::Note,
        format!("Triggers of `{table}` fire for rows, not for what a foreign key cascades to, and not for what a replica applies in row format."),
    );
}
