//! Knex migrations. They go past `knex.raw`, which takes every question mark for a parameter, and keep to one connection:
//! outside a transaction Knex takes any of its pool.

use super::tool::{
    Dialect, Down, History, Job, Numbering, OnMysql, Sends, Tool, Unit, Way, javascript, no_settings, programs,
};
use super::{ExportError, FileSet, FormatInfo};
use crate::engine::emit::speech::Asks;
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "knex",
    title: "Knex",
    traits: &["JavaScript or TypeScript as in the folder"],
    ran: "Knex 3.3.0",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Apart,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Stamp,
    shared: &[],
    migrations,
    settings: no_settings,
    command: "npx knex migrate:latest",
    how: "\
- `knex migrate:latest`, after a failure again: each migration is done or not at all, or may be run again. After a kill:
  `knex migrate:unlock` first, once no index build of it is left in `pg_stat_activity`.
- The files are written as your newest migration is (CommonJS, `export`, TypeScript); in an empty folder CommonJS.
- `knex migrate:down` takes one migration back; `migrate:rollback` would take back everything of the last run. What cannot be
  taken back throws.",
    mysql: Ok(OnMysql {
        command: "npx knex migrate:latest",
        how: "\
- `knex migrate:latest`, after a failure again. After a kill: `knex migrate:unlock` first.
- The client is `mysql2` or `mysql`. The files are written as your newest migration is (CommonJS, `export`, TypeScript); in an
  empty folder CommonJS.
- `knex migrate:down` takes one migration back; `migrate:rollback` would take back everything of the last run. What cannot be
  taken back throws.",
        ran: "Knex 3.3.0 with mysql2 on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    Ok(programs(job, (Dialect::CommonJs, "js"), |_, unit, dialect| {
        (format!("_{}", job.name(unit)), text(unit, job, dialect))
    }))
}

fn text(unit: &Unit<'_>, job: &Job<'_>, dialect: Dialect) -> String {
    let (up, down) = (Way::up(unit, job), Way::down(unit, job));
    let alone = up.is_alone() || down.is_alone();
    let export = if dialect == Dialect::CommonJs { "exports." } else { "export const " };
    let (knex, list, import) = match dialect {
        Dialect::TypeScript => (": Knex", ": string[]", "import type { Knex } from 'knex';\n\n"),
        _ => ("", "", ""),
    };
    let mut out = import.to_owned();
    if alone {
        let _ = writeln!(out, "{export}config = {{ transaction: false }};\n");
    }
    let typed = dialect == Dialect::TypeScript;
    // The drivers' own words: pg answers with a promise, mysql and mysql2 call back.
    let (query, ask) = match job.asks() {
        Asks::Block => ("connection.query(sql)", String::new()),
        Asks::Prepared => {
            let (of, text) = if typed { ("<void>", ": string") } else { ("", "") };
            let why = if typed { ": Error | null" } else { "" };
            let ask = format!(
                "  const ask = (sql{text}) =>\n    new Promise{of}((done, failed) =>\n      \
                 connection.query({{ sql, values: [] }}, (why{why}) => (why ? failed(why) : done()))\n    );\n"
            );
            ("ask(sql)", ask)
        }
    };
    let _ = writeln!(
        out,
        "// Not knex.raw: there a question mark is a parameter, and outside a transaction each call takes any connection.\n\
         const send = async (knex{knex}, statements{list}, after{list} = []) => {{\n\
         \x20 const connection = await knex.client.acquireConnection();\n{ask}\
         \x20 try {{\n    for (const sql of statements) await {query};\n  }} finally {{\n\
         \x20   for (const sql of after) await {query}.catch(() => {{}});\n\
         \x20   await knex.client.releaseConnection(connection);\n  }}\n}};\n"
    );
    let _ = writeln!(out, "{export}up = {}\n", function(&up, !alone, knex));
    let _ = writeln!(out, "{export}down = {}", function(&down, !alone, knex));
    out
}

fn function(way: &Way, transaction: bool, knex: &str) -> String {
    let list = |all: &[String]| -> String { all.iter().map(|sql| format!("    {},\n", javascript(sql))).collect() };
    match way {
        Way::Nothing => "async () => {}; // nothing to take back".to_owned(),
        Way::Refuse(because) => format!("async () => {{\n  throw new Error({});\n}};", javascript(because)),
        Way::Together(_) => format!("(knex{knex}) =>\n  send(knex, [\n{}  ]);", list(&way.sent(transaction))),
        Way::Alone { set, statements, reset } => {
            let sent = [set.as_slice(), statements].concat();
            format!("(knex{knex}) =>\n  send(knex, [\n{}  ], [\n{}  ]);", list(&sent), list(reset))
        }
    }
}
