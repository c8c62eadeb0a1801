//! node-pg-migrate: every migration leaves the transaction that the tool would open around all of them. What belongs together
//! is one text, of which the server makes one transaction.

use super::tool::{Dialect, Down, History, Job, Numbering, Sends, Tool, Unit, Way, javascript, no_settings, programs};
use super::{ExportError, FileSet, FormatInfo};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "node-pg-migrate",
    title: "node-pg-migrate",
    traits: &["JavaScript or TypeScript as in the folder"],
    ran: "node-pg-migrate 9.0.0",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Apart,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Millis,
    shared: &[],
    migrations,
    settings: no_settings,
    command: r#"npx node-pg-migrate up --migrations-dir "$MIGRATIONS""#,
    how: "\
- `node-pg-migrate up`, after a failure again: each migration is done or not at all, or may be run again. It works with and
  without `--no-single-transaction`. Killing it does not stop a running index build: look for it in `pg_stat_activity` first.
- The files are written as your newest migration is (CommonJS, `export`, TypeScript); in an empty folder CommonJS.
- `node-pg-migrate down` takes one migration back; what cannot be taken back has `down = false`, and the tool says so.",
    mysql: Err("node-pg-migrate speaks to PostgreSQL only"),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    Ok(programs(job, (Dialect::CommonJs, "js"), |_, unit, dialect| {
        (format!("_{}", job.name(unit)), text(unit, job, dialect))
    }))
}

fn text(unit: &Unit<'_>, job: &Job<'_>, dialect: Dialect) -> String {
    let export = if dialect == Dialect::CommonJs { "exports." } else { "export const " };
    let (pgm, mut out) = match dialect {
        Dialect::TypeScript => {
            (": MigrationBuilder", "import type { MigrationBuilder } from 'node-pg-migrate';\n\n".to_owned())
        }
        _ => ("", String::new()),
    };
    let _ = writeln!(out, "{export}shorthands = undefined;\n");
    let _ = writeln!(out, "{export}up = {}\n", function(&Way::up(unit, job), pgm));
    let _ = writeln!(out, "{export}down = {}", function(&Way::down(unit, job), pgm));
    out
}

fn function(way: &Way, pgm: &str) -> String {
    match way {
        Way::Nothing => "() => {}; // nothing to take back".to_owned(),
        Way::Refuse(because) => {
            format!("false;\n// {}", crate::model::name::shown(because))
        }
        way => {
            let sent: String = way.sent(false).iter().map(|sql| format!("  pgm.sql({});\n", javascript(sql))).collect();
            format!("(pgm{pgm}) => {{\n  pgm.noTransaction();\n{sent}}};")
        }
    }
}
