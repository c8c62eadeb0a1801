//! The backfill driven by the `mysql` or `mariadb` client. Bounds are variables of the session, of the columns' own types; between two
//! runs of the client they are the text of the assignment that brings them back. Every statement of the plan is prepared from a
//! string: whatever stands in it, the client reads nothing of it.

use super::{BATCH_STATEMENT_MS, Driver, Job, Part, unsendable, word};
use crate::engine::dialect;
use crate::export::ExportError;
use crate::export::gate::gates_before;
use crate::model::Engine;
use crate::model::name::shown;
use crate::plan::{Check, Plan};
use std::fmt::Write;

pub(in crate::export) struct Mysql;

/// Columns of a key that neither sort as they compare nor come back from a text as they were.
const UNFIT: &str = "'enum', 'set', 'bit', 'float', 'double'";

impl Driver for Mysql {
    fn needs(&self) -> &'static str {
        "the mysql or mariadb client"
    }
    fn client(&self) -> &'static str {
        "the mysql or mariadb client"
    }
    fn template(&self) -> &'static str {
        include_str!("../../../assets/templates/backfill-mysql.sh")
    }
    fn option(&self) -> (&'static str, &'static str) {
        (
            "--replica",
            "  --replica HOST[:PORT]  a replica whose lag is looked at; once for each, or REPLICAS=HOST:PORT,HOST:PORT",
        )
    }
    fn connection(&self) -> &'static str {
        "The connection: MYSQL_DATABASE, MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_USER; the password in the client's own places, or in an option\n\
         file with a group [client], mode 0600, that MYSQL_CONF names, or in MYSQL_PWD. There is no option for it, since everybody on\n\
         the machine may read the arguments of a command. Replicas are asked with the same account."
    }
    fn job(&self, plan: &Plan) -> Job {
        let mariadb = plan.server.engine == Engine::Mariadb;
        Job {
            secret: "--from-literal=MYSQL_HOST=… --from-literal=MYSQL_DATABASE=… \\\n#        --from-literal=MYSQL_USER=… --from-literal=MYSQL_PWD=… --from-literal=REPLICAS=host:3306,host:3306"
                .to_owned(),
            image: if mariadb { "docker.io/library/mariadb:11.8" } else { "docker.io/library/mysql:8.4" }.to_owned(),
        }
    }

    fn settings(&self, plan: &Plan, part: &Part<'_>) -> String {
        let bounds = |stem: &str| variables(part, stem);
        let none: Vec<String> = [bounds("lo"), bounds("hi")].concat().iter().map(|v| format!("{v} = NULL")).collect();
        let list = |stem: &str| word(&format!("CONCAT_WS(', ', {})", bounds(stem).join(", ")));
        let mariadb = plan.server.engine == Engine::Mariadb;
        // MySQL has no limit for statements that write.
        let limited = if mariadb {
            format!("SET SESSION max_statement_time = {};", BATCH_STATEMENT_MS / 1000)
        } else {
            String::new()
        };
        format!(
            "CLIENTS={} LIMITED={}\n      NO_BOUNDS={}\n      KEY_LO={} KEY_HI={} ROWS_HERE={}",
            word(if mariadb { "mariadb mysql" } else { "mysql mariadb" }),
            word(&limited),
            word(&none.join(", ")),
            list("lo"),
            list("hi"),
            rows_here(plan)
        )
    }

    fn statements(&self, plan: &Plan, part: &Part<'_>) -> Result<Vec<(&'static str, String)>, ExportError> {
        let Part { placed, backfill, position } = part;
        let d = dialect(plan.server.engine);
        let prepared = |sql: &str, behind: &str| {
            let sql = sql.trim().trim_end_matches(';').trim_end();
            format!("PREPARE sidestep FROM {};\nEXECUTE sidestep;\n{behind}DEALLOCATE PREPARE sidestep", d.literal(sql))
        };
        let holds = |check: &Check| {
            let sql = check.sql.trim().trim_end_matches(';');
            format!("COALESCE((\n{sql}\n) = {}, FALSE)", d.literal(&check.expect))
        };
        let into = |sql: &str, stem: &str| {
            prepared(&format!("SELECT * FROM ({sql}) AS sidestep_key INTO {}", variables(part, stem).join(", ")), "")
        };
        let mut gates = String::new();
        let mut ask = |sql: String| {
            let _ = writeln!(gates, "{};", prepared(&sql, ""));
        };
        if let Some(past) = &placed.step.superseded_by {
            ask(format!("SELECT IF({}, 'sidestep:past', 'sidestep:asked')", holds(&past.since)));
        }
        for gate in gates_before(plan, *position) {
            let no = d.literal(&format!("sidestep:no {}", shown(&gate.otherwise)));
            ask(format!("SELECT IF({}, 'sidestep:asked', {no})", holds(&gate.check)));
        }
        let of_table = of_table(plan, part);
        let keys: Vec<String> = backfill.key.iter().map(|k| d.literal(k)).collect();
        ask(format!(
            "SELECT COALESCE(MAX(CONCAT('sidestep:no the key has a column of type ', DATA_TYPE, ', which this script cannot walk: run the step of the migration')), 'sidestep:asked') \
             FROM information_schema.COLUMNS WHERE {of_table} AND COLUMN_NAME IN ({}) AND DATA_TYPE IN ({UNFIT})",
            keys.join(", ")
        ));
        let limit = format!(" LIMIT {}) AS sidestep_batch ORDER BY ", backfill.batch_rows);
        let end = backfill
            .end_key
            .rsplit_once(&limit)
            .map(|(head, tail)| format!("{head} LIMIT {}) AS sidestep_batch ORDER BY {tail}", rows_here(plan)));
        let Some(end) = end else {
            return Err(unsendable(
                part,
                "the plan does not say where its batches end as this sidestep does; make it again",
            ));
        };
        Ok(vec![
            ("gates", gates),
            ("start", into(&backfill.start_key, "lo")),
            ("resume", into(&backfill.resume_key, "lo")),
            ("end", into(&end, "hi")),
            ("batch", prepared(&backfill.batch, "SET @sidestep_rows = ROW_COUNT();\n")),
            ("explain", prepared(&format!("EXPLAIN {}", backfill.batch), "")),
            ("hi", assignment(plan, part)),
            ("remaining", prepared(&backfill.remaining, "")),
            (
                "estimate",
                format!("SELECT COALESCE(MAX(TABLE_ROWS), 0) FROM information_schema.TABLES WHERE {of_table}"),
            ),
        ])
    }
}

/// Where the number of rows of a batch stands: no name is the same by chance.
fn rows_here(plan: &Plan) -> String {
    format!("rows_of_a_batch_{}", plan.id)
}

fn variables(part: &Part<'_>, stem: &str) -> Vec<String> {
    (1..=part.backfill.key.len()).map(|i| format!("@sidestep_{stem}_{i}")).collect()
}

fn of_table(plan: &Plan, part: &Part<'_>) -> String {
    let d = dialect(plan.server.engine);
    let table = &part.backfill.table;
    let database =
        if table.schema.as_str() == plan.database { "DATABASE()".to_owned() } else { d.literal(table.schema.as_str()) };
    format!("TABLE_SCHEMA = {database} AND TABLE_NAME = {}", d.literal(table.name.as_str()))
}

/// Answers `@sidestep_hi_1 = 42, @sidestep_hi_2 = CONVERT(X'61' …)`: what brings the bounds back, whatever their types are.
fn assignment(plan: &Plan, part: &Part<'_>) -> String {
    let d = dialect(plan.server.engine);
    let of_table = of_table(plan, part);
    let parts: Vec<String> = part
        .backfill
        .key
        .iter()
        .zip(variables(part, "hi"))
        .map(|(column, v)| {
            format!(
                "'{v} = ', (SELECT CASE WHEN DATA_TYPE IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year') THEN CAST({v} AS CHAR)\n    \
                 WHEN CHARACTER_SET_NAME IS NOT NULL THEN CONCAT('CONVERT(X''', HEX({v}), ''' USING ', CHARACTER_SET_NAME, ') COLLATE ', COLLATION_NAME)\n    \
                 WHEN DATA_TYPE IN ('date', 'datetime', 'timestamp', 'time', 'uuid', 'inet4', 'inet6') THEN CONCAT('CONVERT(X''', HEX(CONVERT({v} USING utf8mb4)), ''' USING utf8mb4)')\n    \
                 ELSE CONCAT('X''', HEX({v}), '''') END\n  FROM information_schema.COLUMNS WHERE {of_table} AND COLUMN_NAME = {})",
                d.literal(column)
            )
        })
        .collect();
    format!("SELECT CONCAT({})", parts.join(", ', ', "))
}
