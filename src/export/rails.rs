//! ActiveRecord migrations. `execute` throughout: what a plan does has no shorter word in Ruby that means the very same.

use super::tool::{
    Comment, Down, History, Job, Numbering, OnMysql, Sends, Tool, Unit, Way, camel, head, no_settings, ruby, ruby_call,
};
use super::{ExportError, FileSet, FormatInfo};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "rails",
    title: "Rails (ActiveRecord)",
    traits: &["version of your newest migration, else [6.1]"],
    ran: "ActiveRecord 6.1.7",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::Native,
    folder: "db/migrate",
    numbering: Numbering::Stamp,
    shared: &[],
    migrations: plain,
    settings: no_settings,
    command: "bin/rails db:migrate",
    how: "\
- `bin/rails db:migrate`, after a failure again: each migration is done or not at all, or may be run again. Killing it does not
  stop a running index build: look for it in `pg_stat_activity` first.
- `ActiveRecord::Migration[…]` is that of your newest migration, or [6.1] in an empty folder: nothing in these files depends on
  it. Acronyms of your inflections are spelled as your own migrations spell them; if Rails looks for another class, rename it.
- Before the contract stage the model ignores what is dropped: `self.ignored_columns`, deployed with the release before it.
- Triggers and functions are not part of `schema.rb`: while the plan has some, `config.active_record.schema_format = :sql`.
- `bin/rails db:rollback` takes one migration back; what cannot be taken back raises `ActiveRecord::IrreversibleMigration`.",
    mysql: Ok(OnMysql {
        command: "bin/rails db:migrate",
        how: "\
- `bin/rails db:migrate`, after a failure again. A migration is noted once all of it ran.
- `ActiveRecord::Migration[…]` is that of your newest migration, or [6.1] in an empty folder: nothing in these files depends on
  it. Acronyms of your inflections are spelled as your own migrations spell them; if Rails looks for another class, rename it.
- Before the contract stage the model ignores what is dropped: `self.ignored_columns`, deployed with the release before it.
- Triggers are not part of `schema.rb`: while the plan has some, `config.active_record.schema_format = :sql`.
- `bin/rails db:rollback` takes one migration back; what cannot be taken back raises `ActiveRecord::IrreversibleMigration`.",
        ran: "ActiveRecord 6.1.7 with mysql2 on MariaDB 10.11 and MySQL 9.7",
    }),
};

fn plain(job: &Job<'_>) -> Result<FileSet, ExportError> {
    Ok(migrations(job, false))
}

/// `assured`: inside `safety_assured`, for the gem strong_migrations.
pub(super) fn migrations(job: &Job<'_>, assured: bool) -> FileSet {
    let here = |files: &BTreeMap<String, String>| files.iter().rev().find_map(|(_, text)| version(text));
    let version = here(&job.standing).or_else(|| here(job.present)).unwrap_or_else(|| "6.1".to_owned());
    // Acronyms that the team takes on later do not rename what is written.
    let spelled = if job.standing.is_empty() { job.present } else { &job.standing };
    let acronyms: BTreeMap<String, String> = spelled.iter().flat_map(|(p, t)| acronyms(p, t)).collect();
    let file = |(number, unit): (String, &Unit<'_>)| {
        let name = job.name(unit);
        let class: String = name.split('_').map(|w| acronyms.get(w).cloned().unwrap_or_else(|| camel(w))).collect();
        let text = format!("{}{}", head(job, unit, Comment::Hash), class_of(&class, &version, unit, job, assured));
        (format!("{number}_{name}.rb"), text)
    };
    job.numbered().map(file).collect()
}

fn class_of(class: &str, version: &str, unit: &Unit<'_>, job: &Job<'_>, assured: bool) -> String {
    let (up, down) = (Way::up(unit, job), Way::down(unit, job));
    let alone = up.is_alone() || down.is_alone();
    let mut out = format!("class {class} < ActiveRecord::Migration[{version}]\n");
    if alone {
        out.push_str("  disable_ddl_transaction!\n\n");
    }
    let _ = write!(
        out,
        "  def up\n{}  end\n\n  def down\n{}  end\nend\n",
        body(&up, !alone, assured),
        body(&down, !alone, assured)
    );
    out
}

fn body(way: &Way, transaction: bool, assured: bool) -> String {
    let mut out = String::new();
    match way {
        Way::Nothing => out.push_str("    # nothing to take back\n"),
        Way::Refuse(because) => {
            let _ = writeln!(out, "    raise ActiveRecord::IrreversibleMigration, {}", ruby(because));
        }
        way => {
            let indent = if assured { 6 } else { 4 };
            let sent: String = way.sent(transaction).iter().map(|sql| ruby_call("execute", sql, indent)).collect();
            out = if assured { format!("    safety_assured do\n{sent}    end\n") } else { sent };
        }
    }
    out
}

/// `7.1` of `ActiveRecord::Migration[7.1]`.
fn version(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("ActiveRecord::Migration[")?;
    let (version, _) = rest.split_once(']')?;
    let plain = !version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| version.to_owned())
}

/// Words that this team's class names spell otherwise than the rule would: `api` → `API`.
fn acronyms(path: &str, text: &str) -> Vec<(String, String)> {
    let name = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rb");
    let Some((_, name)) = name.split_once('_') else { return Vec::new() };
    let class = text.lines().find_map(|l| l.trim_start().strip_prefix("class ")).unwrap_or_default();
    let mut rest = class.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut found = Vec::new();
    for word in name.split('_') {
        let Some((spelled, behind)) = rest.split_at_checked(word.len()) else { return Vec::new() };
        if !spelled.eq_ignore_ascii_case(word) {
            return Vec::new();
        }
        if spelled != camel(word) {
            found.push((word.to_owned(), spelled.to_owned()));
        }
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_spells_its_classes() {
        let text = "class AddAPIKeyToUsers < ActiveRecord::Migration[7.2]\nend";
        assert_eq!(acronyms("20240101000000_add_api_key_to_users.rb", text), [("api".into(), "API".into())]);
        assert_eq!(version(text).as_deref(), Some("7.2"));
        assert_eq!(version("ActiveRecord::Migration[system(1)]"), None);
    }
}
