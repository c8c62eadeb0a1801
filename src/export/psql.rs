//! Files that psql runs, one per step: each finds out whether it is done, checks what must hold before it, sets its
//! own timeouts, and can be run again after any failure. Deploys and approvals are files too, that stop until confirmed.

use super::gate::{Gate, Holds, anonymous, gates_before, holds, raise, raise_unless, statement};
use super::header::{comment, header};
use super::index::{IndexWork, index_work};
use super::layout::{Placed, place};
use super::{ExportError, ExportOptions, FileSet, FormatInfo, detach, order, scan, undo};
use crate::engine::{Dialect, dialect};
use crate::plan::{Act, Check, Plan, Superseded, Timeouts, TransactionMode, Undo};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "psql",
    title: "Numbered files for psql",
    traits: &["a file per step that asks whether it is done", "undo files", "needs nothing but psql 11 or later"],
    ran: "psql 15, servers 10 to 18",
};

pub(super) fn files(plan: &Plan, _options: &ExportOptions) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    let mut entries = Vec::new();
    for (position, placed) in place(plan).iter().enumerate() {
        let path = format!("{}/{}.sql", placed.folder(), placed.stem());
        files.insert(path.clone(), step_file(plan, placed, position, &path)?);
        let undo = undo::file(plan, placed)?.map(|(path, content)| {
            files.insert(path.clone(), content);
            path
        });
        entries.push(order::Entry { placed: *placed, file: path, undo });
    }
    files.insert("ORDER.md".to_owned(), order::page(plan, &entries, order::PSQL));
    Ok(files)
}

pub(super) fn step_file(plan: &Plan, placed: &Placed<'_>, position: usize, path: &str) -> Result<String, ExportError> {
    let step = placed.step;
    let mut out = String::new();
    header(&mut out, plan, placed);
    comment(
        &mut out,
        &format!(
            "run: psql -X{} -f {path}",
            confirmation(plan, placed).map(|v| format!(" -v {v}")).unwrap_or_default()
        ),
    );
    preamble(&mut out, &step.id);
    let gates = gates_before(plan, position);
    match &step.act {
        Act::Sql { sql, transaction, timeouts } | Act::Backfill { sql, transaction, timeouts, .. } => {
            sendable(&step.id, sql)?;
            let mut act = String::new();
            stop_unless(&mut act, &gates, plan);
            if let Undo::PointOfNoReturn { because } = &step.undo
                && placed.folder() == "contract"
            {
                comment(&mut act, &format!("no way back: {because}"));
                confirm(&mut act, "approved", &plan.id, &format!("step {} has no way back", step.id), plan);
            }
            match &step.act {
                Act::Backfill { backfill, .. } if backfill.generates_statements => generated(&mut act, sql, *timeouts),
                _ => body(&mut act, sql, *transaction, *timeouts, plan),
            }
            if let Some(check) = &step.done_when {
                let message = format!("step {} ran, but the database does not say that it is done", step.id);
                statement(&mut act, &raise_unless(check, &message, plan.server.engine));
            }
            let _ = writeln!(act, "\\echo 'step {} is done'", step.id);
            let dialect = dialect(plan.server.engine);
            match &step.superseded_by {
                Some(past) => {
                    let mut inner = String::new();
                    unless_done(&mut inner, step.done_when.as_ref(), &step.id, &act, dialect);
                    unless_past(&mut out, past, &step.id, &inner, dialect);
                }
                None => unless_done(&mut out, step.done_when.as_ref(), &step.id, &act, dialect),
            }
        }
        Act::Verify { sql } => {
            sendable(&step.id, sql)?;
            stop_unless(&mut out, &gates, plan);
            for (i, sql) in sql.iter().enumerate() {
                let check = Check { sql: sql.clone(), expect: "true".to_owned() };
                let message = format!("check {} of step {} does not answer true", i + 1, step.id);
                statement(&mut out, &raise_unless(&check, &message, plan.server.engine));
            }
            let _ = writeln!(out, "\\echo 'step {} holds'", step.id);
        }
        Act::Wait { until, sql } => {
            sendable(&step.id, sql)?;
            comment(&mut out, &format!("wait until: {until}"));
            stop_unless(&mut out, &gates, plan);
            for sql in sql {
                let check = Check { sql: sql.clone(), expect: "true".to_owned() };
                let message = format!("step {}: not yet. Run this file again later", step.id);
                statement(&mut out, &raise_unless(&check, &message, plan.server.engine));
            }
            if sql.is_empty() {
                confirm(&mut out, "confirmed", &step.id, &format!("wait of step {}", step.id), plan);
            }
        }
        Act::Deploy { release } => {
            let release = plan.release(release);
            comment(&mut out, &format!("deploy {}", release.map_or("", |r| r.title.as_str())));
            for line in release.iter().flat_map(|r| &r.instructions) {
                comment(&mut out, &format!("  {line}"));
            }
            // Run before the deploy, the file asks everything and says go; run after it, it takes the word for it.
            let (lasting, before): (Vec<Gate>, Vec<Gate>) = gates.into_iter().partition(|g| g.holds == Holds::OnAndOn);
            stop_unless(&mut out, &lasting, plan);
            confirm_or(&mut out, "confirmed", &step.id, &format!("deploy of step {}", step.id), &before, plan);
        }
        Act::Approve { question } => {
            comment(&mut out, question);
            stop_unless(&mut out, &gates, plan);
            confirm(&mut out, "approved", &plan.id, &format!("approval of step {}", step.id), plan);
        }
        Act::External { command, .. } => {
            comment(&mut out, &format!("run outside the database: {command}"));
            stop_unless(&mut out, &gates, plan);
            confirm(&mut out, "confirmed", &step.id, &format!("command of step {}", step.id), plan);
        }
    }
    Ok(out)
}

/// The psql variable that lets a file through, if it asks for one.
pub(super) fn confirmation(plan: &Plan, placed: &Placed<'_>) -> Option<String> {
    let step = placed.step;
    match &step.act {
        Act::Approve { .. } => Some(format!("approved={}", plan.id)),
        Act::Deploy { .. } | Act::External { .. } => Some(format!("confirmed={}", step.id)),
        Act::Wait { sql, .. } if sql.is_empty() => Some(format!("confirmed={}", step.id)),
        Act::Sql { .. } | Act::Backfill { .. }
            if placed.folder() == "contract" && matches!(step.undo, Undo::PointOfNoReturn { .. }) =>
        {
            Some(format!("approved={}", plan.id))
        }
        _ => None,
    }
}

pub(super) fn sendable(step: &str, sql: &[String]) -> Result<(), ExportError> {
    match sql.iter().find_map(|s| scan::unsendable(s)) {
        Some(because) => Err(ExportError::Unsendable { step: step.to_owned(), because: because.to_owned() }),
        None => Ok(()),
    }
}

/// Stops at the first error; the session's own timeouts are off because checks may read a whole table.
pub(super) fn preamble(out: &mut String, step: &str) {
    let _ = writeln!(out, "\\set ON_ERROR_STOP on\n\\set QUIET on\n\\pset pager off");
    let _ = writeln!(out, "SET application_name = 'sidestep {step}';");
    let _ = writeln!(out, "SET lock_timeout = '5s';\nSET statement_timeout = 0;\n\\set QUIET off\n");
}

/// `act` inside `\if` of the step's own check.
fn unless_done(out: &mut String, check: Option<&Check>, step: &str, act: &str, dialect: &dyn Dialect) {
    let Some(check) = check else {
        out.push_str(act);
        return;
    };
    let _ = writeln!(out, "SELECT {} AS sidestep_done\n\\gset", holds(check, dialect));
    let _ = writeln!(out, "\\if :sidestep_done\n\\echo 'step {step} is done already: nothing to do'\n\\else\n");
    out.push_str(act);
    let _ = writeln!(out, "\n\\endif");
}

/// `act` unless a later step has taken away what this one makes.
fn unless_past(out: &mut String, past: &Superseded, step: &str, act: &str, dialect: &dyn Dialect) {
    let _ = writeln!(out, "SELECT {} AS sidestep_past\n\\gset", holds(&past.since, dialect));
    let _ = writeln!(
        out,
        "\\if :sidestep_past\n\\echo 'step {step} is behind you: step {} has taken away what it makes. Nothing to do'\n\\else\n",
        past.step
    );
    out.push_str(act);
    let _ = writeln!(out, "\n\\endif");
}

fn stop_unless(out: &mut String, gates: &[Gate], plan: &Plan) {
    for gate in gates {
        statement(out, &raise_unless(&gate.check, &gate.otherwise, plan.server.engine));
    }
}

/// Goes on only when the psql variable `name` was set to `value` on the command line.
fn confirm(out: &mut String, name: &str, value: &str, what: &str, plan: &Plan) {
    confirm_or(out, name, value, what, &[], plan);
}

/// The same; without the confirmation it also says whether `gates` hold.
fn confirm_or(out: &mut String, name: &str, value: &str, what: &str, gates: &[Gate], plan: &Plan) {
    let _ = writeln!(out, "\\if :{{?{name}}}\n\\else\n\\set {name} ''\n\\endif");
    let _ = writeln!(
        out,
        "SELECT :'{name}' = '{value}' AS sidestep_go\n\\gset\n\\if :sidestep_go\n\\echo 'confirmed'\n\\else"
    );
    stop_unless(out, gates, plan);
    let message = format!("{what}: not confirmed. When it is, run this file with -v {name}={value}");
    statement(out, &raise(&message, plan.server.engine));
    out.push_str("\\endif\n");
}

/// The step's statements as its transaction mode wants them sent.
pub(super) fn body(out: &mut String, sql: &[String], mode: TransactionMode, timeouts: Timeouts, plan: &Plan) {
    let (begin, set, commit) = match mode {
        TransactionMode::Single => ("BEGIN;\n", "SET LOCAL", "COMMIT;\n"),
        // Statements that refuse a transaction block: psql sends each alone because no BEGIN stands before it.
        TransactionMode::None | TransactionMode::PerBatch => ("", "SET", ""),
    };
    out.push_str(begin);
    let _ = writeln!(out, "{set} lock_timeout = {};", timeout(timeouts.lock_ms));
    let _ = writeln!(out, "{set} statement_timeout = {};", timeout(timeouts.statement_ms));
    for sql in sql {
        match index_work(sql, plan.server.engine) {
            Some(IndexWork::BuildConcurrently { index, table }) if mode != TransactionMode::Single => {
                build_index(out, sql, &index, &table, plan);
            }
            _ => match detach::leaving(sql, plan.server.engine) {
                Some(partition) => detach::detach(out, sql, &partition, plan.server.engine),
                None => statement(out, sql),
            },
        }
    }
    out.push_str(commit);
}

/// PostgreSQL 10, where a block cannot commit: the query answers with one statement per batch, and psql sends each
/// alone, so each is its own transaction.
fn generated(out: &mut String, sql: &[String], timeouts: Timeouts) {
    let _ = writeln!(out, "SET lock_timeout = {};", timeout(timeouts.lock_ms));
    let _ = writeln!(out, "SET statement_timeout = {};", timeout(timeouts.statement_ms));
    for sql in sql {
        let _ = writeln!(out, "{}\n\\gexec", sql.trim().trim_end_matches(';'));
    }
}

/// A build that was cancelled leaves an invalid index: that one is dropped, a valid one is kept, and an index that
/// another session is building at this moment is left in peace.
pub(super) fn build_index(out: &mut String, sql: &str, index: &str, table: &str, plan: &Plan) {
    let dialect = dialect(plan.server.engine);
    let building = building(&dialect.literal(table), plan);
    let name = dialect.literal(index);
    let message = dialect
        .literal("sidestep: another session is building an index on this table. Wait for it, then run this file again");
    let busy =
        format!("BEGIN\n  IF EXISTS ({building}) THEN\n    RAISE EXCEPTION USING MESSAGE = {message};\n  END IF;\nEND");
    statement(out, &anonymous(&busy));
    let _ = writeln!(
        out,
        "SELECT format('DROP INDEX CONCURRENTLY %s', indexrelid::regclass)\n\
         FROM pg_index WHERE indexrelid = to_regclass({name}) AND NOT indisvalid\n\\gexec"
    );
    let _ = writeln!(out, "SELECT to_regclass({name}) IS NULL AS sidestep_build\n\\gset\n\\if :sidestep_build");
    statement(out, sql);
    out.push_str("\\endif\n");
    statement(out, &raise_unless(&valid(&name), "the index is not valid: run this file again", plan.server.engine));
}

/// A query with a row for each session that builds an index on the table at this moment. `table` is a SQL string.
pub(super) fn building(table: &str, plan: &Plan) -> String {
    if plan.server.since(12) {
        return format!("SELECT 1 FROM pg_stat_progress_create_index WHERE relid = to_regclass({table})");
    }
    format!(
        "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.relation = to_regclass({table})\n\
         \x20     AND l.mode = 'ShareUpdateExclusiveLock' AND a.query ILIKE '%create%index%concurrently%'"
    )
}

/// Whether the index exists and may be used. `name` is a SQL string.
pub(super) fn valid(name: &str) -> Check {
    Check {
        sql: format!("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass({name})"),
        expect: "true".to_owned(),
    }
}

/// `'2s'`, `'2500ms'`, `0`.
pub(super) fn timeout(ms: u64) -> String {
    match ms {
        0 => "0".to_owned(),
        ms if ms % 1000 == 0 => format!("'{}s'", ms / 1000),
        ms => format!("'{ms}ms'"),
    }
}
