//! The backfill driven by psql: bounds are texts of SQL in its variables.

use super::{BATCH_STATEMENT_MS, Driver, Job, Part, unsendable, word};
use crate::engine::dialect;
use crate::export::gate::{gates_before, holds};
use crate::export::{ExportError, scan};
use crate::model::name::shown;
use crate::plan::Plan;
use std::fmt::Write;

pub(in crate::export) struct Psql;

impl Driver for Psql {
    fn needs(&self) -> &'static str {
        "psql 10 or later"
    }
    fn client(&self) -> &'static str {
        "psql"
    }
    fn template(&self) -> &'static str {
        include_str!("../../../assets/templates/backfill-psql.sh")
    }
    fn option(&self) -> (&'static str, &'static str) {
        ("--lag-query", "  --lag-query SQL    asks for the lag in seconds where pg_stat_replication does not know it")
    }
    fn connection(&self) -> &'static str {
        "The connection comes from libpq's own places: PGSERVICE, PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSFILE, ~/.pgpass. There is no\n\
         option for it, since everybody on the machine may read the arguments of a command."
    }
    fn job(&self, _plan: &Plan) -> Job {
        Job {
            secret: "--from-literal=PGHOST=… --from-literal=PGDATABASE=… \\\n#        --from-literal=PGUSER=… --from-literal=PGPASSWORD=… --from-literal=PGSSLMODE=verify-full".to_owned(),
            image: "docker.io/library/postgres:17".to_owned(),
        }
    }

    fn settings(&self, _plan: &Plan, part: &Part<'_>) -> String {
        let numbers = 1..=part.backfill.key.len();
        let names: Vec<String> = numbers.map(|i| format!("sidestep_part_{i}")).collect();
        let literals: Vec<String> = names.iter().map(|n| format!("pg_catalog.quote_literal({n}::text)")).collect();
        let text = match literals.as_slice() {
            [one] => one.clone(),
            many => format!("'(' || {} || ')'", many.join(" || ', ' || ")),
        };
        format!(
            "STATEMENT_MS={BATCH_STATEMENT_MS}\n      KEY_NAMES={} KEY_TEXT={}",
            word(&names.join(", ")),
            word(&text)
        )
    }

    fn statements(&self, plan: &Plan, part: &Part<'_>) -> Result<Vec<(&'static str, String)>, ExportError> {
        let Part { placed, backfill, position } = part;
        let dialect = dialect(plan.server.engine);
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
                return Err(unsendable(part, because));
            }
            all.push((name, scan::parameters(sql, "sidestep_")));
        }
        Ok(all)
    }
}
