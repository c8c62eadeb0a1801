//! TypeORM migrations: one class per file, `transaction = false` where a statement refuses one.

use super::tool::{
    Dialect, Down, History, Job, Numbering, OnMysql, Sends, Tool, Unit, Way, camel, javascript, no_settings, programs,
};
use super::{ExportError, FileSet, FormatInfo};
use crate::engine::emit::speech::Asks;
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "typeorm",
    title: "TypeORM",
    traits: &["TypeScript or JavaScript as in the folder", "`--transaction each`"],
    ran: "TypeORM 1.1.1, in JavaScript",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Millis,
    shared: &[],
    migrations,
    settings: no_settings,
    command: "npx typeorm migration:run -d data-source.js --transaction each",
    how: "\
- `typeorm migration:run -d data-source.ts --transaction each`, after a failure again: each migration is done or not at all, or
  may be run again. `each` is required (or `migrationsTransactionMode: 'each'`): the default, one transaction around all, refuses
  migrations that need none.
- One runner at a time: TypeORM has no lock. Killing it does not stop a running index build: look for it in
  `pg_stat_activity` first.
- The files are written as your newest migration is; in an empty folder TypeScript.
- `typeorm migration:revert -d data-source.ts --transaction each` takes one migration back; for one with
  `transaction = false` it has to be `--transaction none`. What cannot be taken back throws.",
    mysql: Ok(OnMysql {
        command: "npx typeorm migration:run -d data-source.js",
        how: "\
- `typeorm migration:run -d data-source.ts`, after a failure again, in whatever transaction mode: every statement commits by
  itself, on the one connection that TypeORM takes.
- One runner at a time: TypeORM has no lock. The files are written as your newest migration is; in an empty folder TypeScript.
- `typeorm migration:revert -d data-source.ts` takes one migration back. What cannot be taken back throws.",
        ran: "TypeORM 1.1.1 with mysql2, in JavaScript, on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    Ok(programs(job, (Dialect::TypeScript, "ts"), |number, unit, dialect| {
        let name = camel(&job.name(unit));
        (format!("-{name}"), text(&format!("{name}{number}"), unit, job, dialect))
    }))
}

fn text(class: &str, unit: &Unit<'_>, job: &Job<'_>, dialect: Dialect) -> String {
    let (up, down) = (Way::up(unit, job), Way::down(unit, job));
    let alone = up.is_alone() || down.is_alone();
    let (open, public, runner, promise) = match dialect {
        Dialect::CommonJs => (format!("module.exports = class {class}"), "", "", ""),
        Dialect::Module => (format!("export class {class}"), "", "", ""),
        Dialect::TypeScript => (
            format!(
                "import type {{ MigrationInterface, QueryRunner }} from \"typeorm\";\n\n\
                 export class {class} implements MigrationInterface"
            ),
            "public ",
            ": QueryRunner",
            ": Promise<void>",
        ),
    };
    let mut out = format!("{open} {{\n    name = \"{class}\";\n");
    if alone && job.asks() == Asks::Block {
        out.push_str("    transaction = false;\n");
    }
    for (name, way) in [("up", &up), ("down", &down)] {
        let argument = match way {
            Way::Nothing | Way::Refuse(_) => String::new(),
            _ => format!("queryRunner{runner}"),
        };
        let _ = writeln!(out, "\n    {public}async {name}({argument}){promise} {{\n{}    }}", body(way, !alone));
    }
    let end = if dialect == Dialect::CommonJs { "};" } else { "}" };
    let _ = writeln!(out, "{end}");
    out
}

fn body(way: &Way, transaction: bool) -> String {
    let send = |all: &[String], indent: &str| -> String {
        all.iter().map(|sql| format!("{indent}await queryRunner.query({});\n", javascript(sql))).collect()
    };
    let eight = " ".repeat(8);
    match way {
        Way::Nothing => format!("{eight}// nothing to take back\n"),
        Way::Refuse(because) => format!("{eight}throw new Error({});\n", javascript(because)),
        Way::Together(_) => send(&way.sent(transaction), &eight),
        // Where the connection is lost, its settings are too, and the first error is the one to show.
        Way::Alone { set, statements, reset } => format!(
            "{}{eight}try {{\n{}{eight}}} finally {{\n{}{eight}}}\n",
            send(set, &eight),
            send(statements, &" ".repeat(12)),
            send(reset, &" ".repeat(12)).replace(");\n", ").catch(() => undefined);\n")
        ),
    }
}
