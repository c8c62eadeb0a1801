//! Flyway migrations: `executeInTransaction=false` where a statement refuses a transaction. Flyway splits files itself and
//! notes success in the step's transaction, once its own lock is out of the way.

use super::layout::MARK;
use super::tool::{Body, Comment, Down, History, Job, Numbering, OnMysql, Sends, Tool, head, script, statements};
use super::{ExportError, FileSet, FormatInfo, prepared};
use crate::engine::emit::speech::Asks;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "flyway",
    title: "Flyway migrations",
    traits: &["Flyway 9 or later"],
    ran: "not run: files held against Flyway 9.22's rules",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Statements,
    history: History::Same,
    down: Down::None,
    folder: "sql",
    numbering: Numbering::Sequence { width: 1, from: 1 },
    shared: &[],
    migrations,
    settings,
    command: r#"flyway -url="jdbc:postgresql://$PGHOST:${PGPORT:-5432}/$PGDATABASE" -user="$PGUSER" -password="$PGPASSWORD" migrate"#,
    how: "\
- `postgresql.transactional.lock=false` is required (`flyway.toml`; in a `flyway.conf`:
  `flyway.postgresql.transactional.lock=false`): behind Flyway's own lock a concurrent build waits for ever. Do not use
  `group=true`.
- One runner at a time. After a failed file outside a transaction: `flyway repair`, then `flyway migrate`.
- A database that Flyway does not know yet needs `baselineOnMigrate=true` and `baselineVersion=0`.
- Community has no undo: the files of `undo/` are for psql, in the order of their numbers, beginning with the last step
  that was begun.",
    mysql: Ok(OnMysql {
        command: r#"flyway -url="jdbc:mysql://$MYSQL_HOST:${MYSQL_TCP_PORT:-3306}/$MYSQL_DATABASE" -user="$MYSQL_USER" -password="$MYSQL_PWD" migrate"#,
        how: "\
- `flyway migrate`. After a failed file: `flyway repair`, then `flyway migrate`.
- One runner at a time. A MariaDB is `jdbc:mariadb://…`. Do not use `group=true`.
- A database that Flyway does not know yet needs `baselineOnMigrate=true` and `baselineVersion=0`.
- Community has no undo: the files of `undo/` are for the mysql client, in the order of their numbers, beginning with the last
  step that was begun.",
        ran: "not run: files sent by the mysql client, whose `DELIMITER` Flyway knows",
    }),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut files = FileSet::new();
    for (number, unit) in job.numbered() {
        let path = format!("V{number}__{}.sql", job.name(unit));
        let mut sent = statements(unit, job.plan, job.history);
        if let Body::Alone { frame, .. } = &unit.body {
            let (set, reset) = frame.around();
            sent = set.into_iter().chain(sent).chain(reset).collect();
        }
        // `DELIMITER` is a word that Flyway knows.
        let sql = if job.asks() == Asks::Prepared { prepared::script(&sent) } else { script(&sent) };
        let content = format!("{}\n{sql}", head(job, unit, Comment::Sql));
        if let Some(conf) = conf(&job.plan.id, &content, matches!(unit.body, Body::Alone { .. })) {
            files.insert(format!("{path}.conf"), conf);
        }
        files.insert(path, content);
    }
    Ok(files)
}

fn conf(plan: &str, content: &str, own_transactions: bool) -> Option<String> {
    let mut conf = format!("# {MARK}{plan}\n");
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

fn settings(job: &Job<'_>) -> FileSet {
    let mut text = format!(
        "# {MARK}{}\n# Merge these settings into your own configuration.\n\n[flyway]\nlocations = [\"filesystem:sql\"]\n",
        job.plan.id
    );
    if job.asks() == Asks::Block {
        text.push_str(
            "\n[flyway.postgresql.transactional]\n\
             # Flyway's own lock would sit in an open transaction, and CREATE INDEX CONCURRENTLY would wait for it for ever.\n\
             lock = false\n",
        );
    }
    FileSet::from([("flyway.toml".to_owned(), text)])
}

#[cfg(test)]
mod tests {
    use super::conf;

    #[test]
    fn placeholders_are_text() {
        assert!(conf("0", "SELECT '${x}'", false).unwrap().contains("placeholderReplacement=false"));
        assert_eq!(conf("0", "SELECT 1", false), None);
    }
}
