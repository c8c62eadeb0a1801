//! Flyway migrations: one version per step, one folder per deploy that must come first, `executeInTransaction=false`
//! where a statement refuses a transaction. Flyway splits files itself and records success in the step's transaction.

use super::gate::{gates_before, raise_unless, statement};
use super::header::{comment, header};
use super::index::{IndexWork, index_work};
use super::layout::{MARK, Placed, place, slug};
use super::psql::{sendable, timeout, valid};
use super::{ExportError, ExportOptions, FileSet, FormatInfo, order, undo};
use crate::engine::dialect;
use crate::plan::{Act, Check, PhaseName, Plan, Timeouts, TransactionMode};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "flyway",
    title: "Flyway migrations",
    traits: &["Flyway 9 or later", "a folder per deploy", "undo as psql files: Community has none"],
};

pub(super) fn files(plan: &Plan, options: &ExportOptions) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    let mut entries = Vec::new();
    let mut stage = Stage { folder: "expand".to_owned(), after: Vec::new() };
    let mut stages = vec![];
    let first = options.start_version.unwrap_or(1);
    for (position, placed) in place(plan).iter().enumerate() {
        stage.enter(placed);
        let version = first.saturating_add(position as u64);
        let mut file = String::new();
        if by_hand(placed) {
            let path = format!("psql/{}.sql", placed.stem());
            files.insert(path.clone(), super::psql::step_file(plan, placed, position, &path)?);
        }
        if let Some((content, own_transactions)) = migration(plan, placed, position)? {
            if stages.last().is_none_or(|last: &Stage| last.folder != stage.folder) {
                stages.push(stage.clone());
                stage.after.clear();
            }
            file = format!("sql/{}/V{version}__{}.sql", stage.folder, slug(&step_name(placed)));
            if let Some(conf) = conf(plan, &content, own_transactions) {
                files.insert(format!("{file}.conf"), conf);
            }
            files.insert(file.clone(), content);
        }
        let undo = undo::file(plan, placed)?.map(|(path, content)| {
            files.insert(path.clone(), content);
            path
        });
        entries.push(order::Entry { placed: *placed, file, undo });
    }
    files.insert("flyway.toml".to_owned(), settings(plan, &stages));
    files.insert("ORDER.md".to_owned(), order::page(plan, &entries, &how(&stages, first)));
    Ok(files)
}

/// A folder that Flyway may look into once all of `after` has happened.
#[derive(Debug, Clone, PartialEq)]
struct Stage {
    folder: String,
    after: Vec<String>,
}

impl Stage {
    /// Flyway runs everything it can see: what waits for a deploy or an approval must be out of its sight until then.
    fn enter(&mut self, placed: &Placed<'_>) {
        let step = placed.step;
        let what = match &step.act {
            Act::Deploy { release } => {
                Some((format!("after_{}", slug(release)), format!("release {release} is deployed")))
            }
            Act::External { .. } => {
                Some((format!("after_step_{}", slug(&step.id)), format!("the command of step {} has run", step.id)))
            }
            Act::Wait { sql, .. } if sql.is_empty() => {
                Some((format!("after_step_{}", slug(&step.id)), format!("the wait of step {} is over", step.id)))
            }
            Act::Approve { .. } => {
                Some((format!("after_step_{}", slug(&step.id)), format!("step {} is approved", step.id)))
            }
            _ => None,
        };
        if let Some((folder, after)) = what {
            self.folder = folder;
            self.after.push(after);
        }
        if placed.phase == PhaseName::Contract && step.changes_database() {
            self.folder = "contract".to_owned();
        }
    }
    fn when(&self) -> Option<String> {
        (!self.after.is_empty()).then(|| self.after.join(", and "))
    }
}

fn step_name(placed: &Placed<'_>) -> String {
    format!("{} {}", placed.phase.title(), placed.step.title)
}

/// PostgreSQL 10 cannot commit inside a block, and Flyway cannot loop: psql fills, and the migration only checks.
fn by_hand(placed: &Placed<'_>) -> bool {
    matches!(&placed.step.act, Act::Backfill { backfill, .. } if backfill.generates_statements)
}

/// Content, and whether the file must run outside a transaction; none for steps outside the database.
fn migration(plan: &Plan, placed: &Placed<'_>, position: usize) -> Result<Option<(String, bool)>, ExportError> {
    let step = placed.step;
    let engine = plan.server.engine;
    let mut out = String::new();
    header(&mut out, plan, placed);
    sendable(&step.id, step.sql())?;
    match &step.act {
        Act::Backfill { .. } if by_hand(placed) => {
            let Some(check) = &step.done_when else { return Ok(None) };
            out.push_str("SET LOCAL statement_timeout = 0;\n");
            let message = format!("step {} is not done: run psql/{}.sql, then migrate again", step.id, placed.stem());
            statement(&mut out, &raise_unless(check, &message, engine));
            Ok(Some((out, false)))
        }
        Act::Sql { sql, transaction, timeouts } | Act::Backfill { sql, transaction, timeouts, .. } => {
            let single = *transaction == TransactionMode::Single;
            if !single {
                out.push_str("SET lock_timeout = 0;\nSET statement_timeout = 0;\n");
            } else if placed.phase == PhaseName::Contract {
                out.push_str("SET LOCAL statement_timeout = 0;\n");
            }
            if placed.phase == PhaseName::Contract {
                for gate in gates_before(plan, position) {
                    statement(&mut out, &raise_unless(&gate.check, &gate.otherwise, engine));
                }
            }
            body(&mut out, sql, single, *timeouts, plan);
            Ok(Some((out, !single)))
        }
        Act::Verify { sql } | Act::Wait { sql, .. } if !sql.is_empty() => {
            if let Act::Wait { until, .. } = &step.act {
                comment(&mut out, &format!("wait until: {until}"));
            }
            out.push_str("SET LOCAL statement_timeout = 0;\n");
            for (i, sql) in sql.iter().enumerate() {
                let check = Check { sql: sql.clone(), expect: "true".to_owned() };
                let message = format!("check {} of step {} does not answer true", i + 1, step.id);
                statement(&mut out, &raise_unless(&check, &message, engine));
            }
            Ok(Some((out, false)))
        }
        _ => Ok(None),
    }
}

fn body(out: &mut String, sql: &[String], single: bool, timeouts: Timeouts, plan: &Plan) {
    let dialect = dialect(plan.server.engine);
    // A plain SET would reach every later migration of the run: it is taken back at the end.
    let set = if single { "SET LOCAL" } else { "SET" };
    let _ = writeln!(out, "{set} lock_timeout = {};", timeout(timeouts.lock_ms));
    let _ = writeln!(out, "{set} statement_timeout = {};", timeout(timeouts.statement_ms));
    for sql in sql {
        match index_work(sql, plan.server.engine) {
            Some(IndexWork::BuildConcurrently { index, .. }) if !single => {
                // A retry finds the invalid leftover of a cancelled build.
                let _ = writeln!(out, "DROP INDEX CONCURRENTLY IF EXISTS {index};");
                statement(out, sql);
                let check = valid(&dialect.literal(&index));
                statement(out, &raise_unless(&check, "the index is not valid", plan.server.engine));
            }
            _ => statement(out, sql),
        }
    }
    if !single {
        out.push_str("RESET lock_timeout;\nRESET statement_timeout;\n");
    }
}

fn conf(plan: &Plan, content: &str, own_transactions: bool) -> Option<String> {
    let mut conf = format!("# {MARK}{}\n", plan.id);
    if own_transactions {
        conf.push_str("executeInTransaction=false\n");
    }
    // `${…}` in user SQL is text, not a placeholder.
    let placeholders = content.contains("${");
    if placeholders {
        conf.push_str("placeholderReplacement=false\n");
    }
    (own_transactions || placeholders).then_some(conf)
}

fn settings(plan: &Plan, stages: &[Stage]) -> String {
    let mut out = format!("# {MARK}{}\n", plan.id);
    out.push_str("# Merge these settings into your own configuration.\n\n[flyway]\n");
    out.push_str("# Add a folder when its turn has come, and leave the earlier ones in.\nlocations = [\n");
    for stage in stages {
        let (hash, why) = match stage.when() {
            Some(when) => ("# ", format!(" # when {when}")),
            None => ("", String::new()),
        };
        let _ = writeln!(out, "  {hash}\"filesystem:sql/{}\",{why}", stage.folder);
    }
    out.push_str("]\n\n[flyway.postgresql.transactional]\n");
    out.push_str("# Flyway's own lock would sit in an open transaction, and CREATE INDEX CONCURRENTLY would wait for it for ever.\n");
    out.push_str("lock = false\n");
    out
}

fn how(stages: &[Stage], first: u64) -> String {
    let mut out = format!(
        "Versions count from {first} (`--start-version`): choose one above your newest migration.\n\n\
         - `postgresql.transactional.lock=false` is required (`flyway.toml`; in a `flyway.conf`: \
         `flyway.postgresql.transactional.lock=false`). Do not use `group=true`.\n\
         - One runner at a time. After a failed file outside a transaction: `flyway repair`, then `flyway migrate`.\n\
         - A database that Flyway does not know yet needs `baselineOnMigrate=true` and `baselineVersion=0`.\n\
         - Community has no undo: the files of `undo/` are for psql, in the order of their numbers, beginning with\n  the last step that was begun.\n\n\
         Flyway runs everything in its locations, so each folder is added only when its turn has come:\n\n"
    );
    for stage in stages {
        let when = stage.when().map_or_else(|| "first".to_owned(), |when| format!("when {when}"));
        let _ = writeln!(out, "1. `sql/{}`: {when}", stage.folder);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::conf;
    use crate::plan::Plan;

    #[test]
    fn placeholders_are_text() {
        let plan: Plan = serde_json::from_str(include_str!("../../tests/support/users.plan.json")).unwrap();
        assert!(conf(&plan, "SELECT '${x}'", false).unwrap().contains("placeholderReplacement=false"));
        assert_eq!(conf(&plan, "SELECT 1", false), None);
    }
}
