//! `backfill.sh`: the backfills of a plan beside the migration, for whoever wants to throttle, stop and resume them. A bash script
//! that drives psql by the keyset queries of the plan; what is the same for every plan stands in `assets/templates/backfill.sh`.
//! `job.yaml` runs it in Kubernetes.

use super::gate::{gates_before, holds};
use super::layout::{MARK, Placed, place};
use super::{ExportError, ExportOptions, FileSet, FormatInfo, job, scan};
use crate::engine::dialect;
use crate::model::Engine;
use crate::model::name::shown;
use crate::plan::{Act, Backfill, Plan};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "backfill",
    title: "Backfill beside the migration",
    traits: &["bash and psql 10 or later", "resumes, throttles, verifies", "Kubernetes Job"],
    ran: "bash 5.2 with psql 15, servers 10 to 18",
};

const BODY: &str = include_str!("../../assets/templates/backfill.sh");

/// Longest that a batch may run.
pub(super) const BATCH_STATEMENT_MS: u64 = 60_000;

/// A step with its backfill.
pub(super) struct Part<'p> {
    pub placed: Placed<'p>,
    pub backfill: &'p Backfill,
    position: usize,
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
    if plan.server.engine != Engine::Postgresql {
        return Err(ExportError::Inexpressible {
            tool: "a backfill script",
            because: "it drives psql, and this plan is for another server".to_owned(),
        });
    }
    let script = script(plan, &parts)?;
    let job = job::file(plan, &parts, &script);
    Ok(FileSet::from([("backfill.sh".to_owned(), script), ("job.yaml".to_owned(), job)]))
}

fn script(plan: &Plan, parts: &[Part<'_>]) -> Result<String, ExportError> {
    let mut out = String::from("#!/usr/bin/env bash\n");
    let _ = writeln!(out, "# {MARK}{}: its backfills, driven by psql\n# {}\n#", plan.id, shown(&plan.title));
    out.push_str(
        "# bash 4.2 or later, psql 10 or later. Run it in the place of the backfill step of the migration: when the steps before it are\n\
         # done, which it asks the database itself. `bash backfill.sh --help` has the options and the exit codes.\n\
         # shellcheck disable=SC2016,SC2317  # texts in single quotes are texts; traps call their handlers\n\
         set -uo pipefail\n\n",
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
    each(&mut out, &settings);
    out.push_str("    *) return 1 ;;\n  esac\n}\n\n# The statements of a step by name, without a semicolon.\nsql() {\n  case \"$1 $2\" in\n");
    for part in parts {
        for (name, text) in statements(plan, part)? {
            let branch = word(&format!("{} {name}", part.placed.step.id));
            heredoc(&mut out, &format!("    {branch}) cat "), &text, " ;;");
        }
    }
    out.push_str("  esac\n}\n\n");
    out.push_str(BODY);
    Ok(out)
}

fn settings(part: &Part<'_>) -> String {
    let Part { placed, backfill, .. } = part;
    let numbers = 1..=backfill.key.len();
    let names: Vec<String> = numbers.map(|i| format!("sidestep_part_{i}")).collect();
    let literals: Vec<String> = names.iter().map(|n| format!("pg_catalog.quote_literal({n}::text)")).collect();
    let text = match literals.as_slice() {
        [one] => one.clone(),
        many => format!("'(' || {} || ')'", many.join(" || ', ' || ")),
    };
    let lock_ms = placed.step.timeouts().map_or(0, |t| t.lock_ms);
    let lock_ms = if lock_ms == 0 { 5_000 } else { lock_ms };
    format!(
        "    {})\n      TITLE={}\n      BATCH={} PAUSE={} MAX_LAG={} LOCK_MS={lock_ms} STATEMENT_MS={BATCH_STATEMENT_MS}\n      \
         KEY_NAMES={} KEY_TEXT={} ;;\n",
        placed.step.id,
        word(&placed.step.title),
        backfill.batch_rows,
        backfill.pause_ms,
        backfill.max_lag_s,
        word(&names.join(", ")),
        word(&text)
    )
}

fn statements(plan: &Plan, part: &Part<'_>) -> Result<Vec<(&'static str, String)>, ExportError> {
    let Part { placed, backfill, position } = part;
    let dialect = dialect(plan.server.engine);
    let unsendable =
        |because: &str| ExportError::Unsendable { step: placed.step.id.clone(), because: because.to_owned() };
    if backfill.start_key.is_empty() {
        return Err(unsendable("the plan is from a sidestep that did not say where a backfill begins; make it again"));
    }
    let mut gates = String::new();
    let mut ask = |sql: String| {
        let _ = writeln!(gates, "{sql};");
    };
    if let Some(past) = &placed.step.superseded_by {
        ask(format!("SELECT 'sidestep:past' WHERE {}", holds(&past.since, dialect)));
    }
    for gate in gates_before(plan, *position) {
        let no = dialect.literal(&format!("sidestep:no {}", shown(&gate.otherwise)));
        ask(format!("SELECT {no} WHERE NOT {}", holds(&gate.check, dialect)));
    }
    // A branch of `case` holds something in any case.
    ask("SELECT 'sidestep:asked'".to_owned());
    let table = dialect.literal(&dialect.name(&backfill.table));
    let estimate = format!(
        "SELECT greatest(reltuples, 0)::bigint FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass({table})"
    );
    let mut all = vec![("gates", gates)];
    for (name, sql) in [
        ("start", &backfill.start_key),
        ("resume", &backfill.resume_key),
        ("end", &backfill.end_key),
        ("batch", &backfill.batch),
        ("remaining", &backfill.remaining),
        ("estimate", &estimate),
    ] {
        let sql = sql.trim().trim_end_matches(';').trim_end();
        if let Some(because) = scan::unsendable(sql) {
            return Err(unsendable(because));
        }
        all.push((name, scan::parameters(sql, "sidestep_")));
    }
    Ok(all)
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
