//! `backfill.sh`: the backfills of a plan beside the migration, for whoever wants to throttle, stop and resume them. A bash script
//! that drives the engine's own client by the keyset queries of the plan; what is the same for every plan stands in
//! `assets/templates/backfill.sh`, what is a client's own beside it and in a [`Driver`]. `job.yaml` runs it in Kubernetes.

mod mysql;
mod psql;

use super::layout::{MARK, Placed, place};
use super::{ExportError, ExportOptions, FileSet, FormatInfo, job};
use crate::engine::dialect;
use crate::engine::emit::speech::Client;
use crate::model::name::shown;
use crate::plan::{Act, Backfill, Plan};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "backfill",
    title: "Backfill beside the migration",
    traits: &["bash and the server's own client", "resumes, throttles, verifies", "Kubernetes Job"],
    ran: "bash 5.2 with psql 15, servers 10 to 18; MariaDB's client 10.11 and MySQL's 9.7",
};

const BODY: &str = include_str!("../../../assets/templates/backfill.sh");

/// Longest that a batch may run.
pub(super) const BATCH_STATEMENT_MS: u64 = 60_000;

/// A step with its backfill.
pub(super) struct Part<'p> {
    pub placed: Placed<'p>,
    pub backfill: &'p Backfill,
    position: usize,
}

/// What a client is to the script, and the script to it.
pub(super) trait Driver: Sync {
    /// What has to be installed.
    fn needs(&self) -> &'static str;
    fn client(&self) -> &'static str;
    /// Functions of the shell that talk to the server.
    fn template(&self) -> &'static str;
    /// An option with a value that only this client has, and its line of help.
    fn option(&self) -> (&'static str, &'static str);
    /// Where the connection comes from.
    fn connection(&self) -> &'static str;
    fn job(&self, plan: &Plan) -> Job;
    /// Variables of the shell for a step.
    fn settings(&self, plan: &Plan, part: &Part<'_>) -> String;
    /// The statements of a step by name, without a semicolon behind.
    fn statements(&self, plan: &Plan, part: &Part<'_>) -> Result<Vec<(&'static str, String)>, ExportError>;
}

/// What a container needs.
pub(super) struct Job {
    pub secret: String,
    pub image: String,
}

/// The driver that a plan's engine is talked to by.
pub(super) fn driver(plan: &Plan) -> &'static dyn Driver {
    match dialect(plan.server.engine).speech().client() {
        Client::Psql => &psql::Psql,
        Client::Mysql => &mysql::Mysql,
    }
}

pub(super) fn unsendable(part: &Part<'_>, because: &str) -> ExportError {
    ExportError::Unsendable { step: part.placed.step.id.clone(), because: because.to_owned() }
}

pub(super) fn files(plan: &Plan, _options: &ExportOptions) -> Result<FileSet, ExportError> {
    let parts: Vec<Part<'_>> = place(plan)
        .into_iter()
        .enumerate()
        .filter_map(|(position, placed)| match &placed.step.act {
            Act::Backfill { backfill, .. } => Some(Part { placed, backfill, position }),
            _ => None,
        })
        .collect();
    if parts.is_empty() {
        return Err(ExportError::Inexpressible {
            tool: "a backfill script",
            because: "no step of it fills rows in batches".to_owned(),
        });
    }
    let script = script(plan, &parts)?;
    let job = job::file(plan, &parts, &script);
    Ok(FileSet::from([("backfill.sh".to_owned(), script), ("job.yaml".to_owned(), job)]))
}

fn script(plan: &Plan, parts: &[Part<'_>]) -> Result<String, ExportError> {
    let mut out = String::from("#!/usr/bin/env bash\n");
    let driver = driver(plan);
    let _ =
        writeln!(out, "# {MARK}{}: its backfills, driven by {}\n# {}\n#", plan.id, driver.client(), shown(&plan.title));
    let _ = write!(
        out,
        "# bash 4.2 or later, {}. Run it in the place of the backfill step of the migration: when the steps before it are\n\
         # done, which it asks the database itself. `bash backfill.sh --help` has the options and the exit codes.\n\
         # shellcheck disable=SC2016,SC2034,SC2317  # texts in single quotes are texts; not every client uses all; traps call their handlers\n\
         set -uo pipefail\n\n",
        driver.needs()
    );
    let _ = writeln!(out, "PLAN={}", plan.id);
    let ids: Vec<&str> = parts.iter().map(|p| p.placed.step.id.as_str()).collect();
    let _ = writeln!(out, "STEPS=({})\n", ids.join(" "));
    let each = |out: &mut String, line: &dyn Fn(&Part<'_>) -> String| {
        parts.iter().for_each(|part| out.push_str(&line(part)));
    };
    out.push_str("list_steps() {\n");
    each(&mut out, &|p| {
        format!("  printf '%s\\n' {}\n", word(&format!("{}  {}", p.placed.step.id, p.placed.step.title)))
    });
    out.push_str("}\n\nload_step() {\n  case $1 in\n");
    each(&mut out, &|p| settings(driver, plan, p));
    out.push_str("    *) return 1 ;;\n  esac\n}\n\n# The statements of a step by name, without a semicolon.\nsql() {\n  case \"$1 $2\" in\n");
    for part in parts {
        for (name, text) in checked(driver, plan, part)? {
            let branch = word(&format!("{} {name}", part.placed.step.id));
            heredoc(&mut out, &format!("    {branch}) cat "), &text, " ;;");
        }
    }
    out.push_str("  esac\n}\n\n");
    out.push_str(driver.template());
    let (option, help) = driver.option();
    let body = BODY.replace("%CLIENT-OPTION-HELP%", help).replace("%CLIENT-OPTION%", option);
    out.push_str(&body.replace("%CLIENT-CONNECTION%", driver.connection()));
    Ok(out)
}

fn settings(driver: &dyn Driver, plan: &Plan, part: &Part<'_>) -> String {
    let Part { placed, backfill, .. } = part;
    let lock_ms = placed.step.timeouts().map_or(0, |t| t.lock_ms);
    let lock_ms = if lock_ms == 0 { 5_000 } else { lock_ms };
    format!(
        "    {})\n      TITLE={}\n      BATCH={} PAUSE={} MAX_LAG={} LOCK_MS={lock_ms} {} ;;\n",
        placed.step.id,
        word(&placed.step.title),
        backfill.batch_rows,
        backfill.pause_ms,
        backfill.max_lag_s,
        driver.settings(plan, part)
    )
}

fn checked(driver: &dyn Driver, plan: &Plan, part: &Part<'_>) -> Result<Vec<(&'static str, String)>, ExportError> {
    if part.backfill.start_key.is_empty() {
        return Err(unsendable(
            part,
            "the plan is from a sidestep that did not say where a backfill begins; make it again",
        ));
    }
    driver.statements(plan, part)
}

/// A command that reads a text as it is.
pub(super) fn heredoc(out: &mut String, command: &str, text: &str, behind: &str) {
    let mut end = "SQL".to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    let _ = writeln!(out, "{command}<<'{end}'{behind}\n{}\n{end}", text.trim_end_matches('\n'));
}

/// One word of the shell, whatever is in it.
pub(super) fn word(text: &str) -> String {
    format!("'{}'", shown(text).replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_reads_words_and_texts_as_they_are() {
        assert_eq!(word("a'b $(x) `y`\n"), "'a'\\''b $(x) `y`·'");
        let mut out = String::new();
        heredoc(&mut out, "cat ", "SELECT '\nSQL\n'", " ;;");
        assert_eq!(out, "cat <<'SQL_' ;;\nSELECT '\nSQL\n'\nSQL_\n");
    }
}
