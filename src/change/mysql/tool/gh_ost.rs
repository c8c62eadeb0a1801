//! gh-ost: the binary log instead of triggers. It waits before the switch for a file to go, and stops for another to come.

use super::command::{Run, Stage, alone, word};
use crate::engine::emit::mysql::id;
use crate::model::{Catalog, Engine, Ident, Table};
use crate::plan::Severity;
use crate::sql::mysql::statement::Action;

/// Bytes of a name that it keeps.
const LONGEST: usize = 64;

/// Why it cannot change the table, if it cannot; what it was seen to do.
pub fn cannot(before: &Catalog, table: &Table, actions: &[Action]) -> Option<String> {
    let server = &before.server;
    if let Some((key, _)) = table.foreign_keys().next() {
        return Some(format!("foreign key `{}`: gh-ost changes no table that points at another", key.name));
    }
    if let Some((other, _)) = before.referenced_by(&table.name).next() {
        return Some(format!("a foreign key of `{}` points at it", other.name));
    }
    if !table.triggers.is_empty() {
        return Some("it has triggers".to_owned());
    }
    if server.engine == Engine::Mysql && (server.version.major, server.version.minor) < (5, 7) {
        return Some("before MySQL 5.7 it cannot see that its cut-over loses no write".to_owned());
    }
    if server.engine == Engine::Mariadb {
        return Some("no release of it up to 1.1.10 knows MariaDB".to_owned());
    }
    let setting = |name: &str| before.server.settings.get(name).map(|v| v.to_uppercase());
    if setting("log_bin").is_some_and(|v| matches!(v.as_str(), "0" | "OFF")) {
        return Some("it reads the binary log, and the server writes none (`log_bin`)".to_owned());
    }
    for (name, wanted) in [("binlog_format", "ROW"), ("binlog_row_image", "FULL")] {
        if let Some(value) = setting(name).filter(|v| v != wanted) {
            return Some(format!("it needs `{name}` = {wanted}, and the server has {value}"));
        }
    }
    let name = table.name.name.as_str();
    if !table.name.schema.as_str().is_ascii() || !name.is_ascii() || name.contains(['`', '\'', '"', '\\', '\n']) {
        return Some("it was not run with such a name".to_owned());
    }
    let goes = actions.iter().any(|a| matches!(a, Action::DropPrimaryKey));
    let comes = actions.iter().any(|a| matches!(a, Action::AddPrimaryKey(_)));
    let other = table.indexes.iter().any(|i| {
        i.unique
            && table.primary_key().is_none_or(|p| p.name != i.name)
            && i.keys.iter().flatten().all(|k| table.column(k).is_some_and(|c| c.not_null))
    });
    if goes && !comes && !other {
        return Some("it needs a unique key that the table has before and after".to_owned());
    }
    actions.iter().find_map(|a| match a {
        Action::RenameColumn { .. } => Some("it stops at a renamed column until somebody approves it".to_owned()),
        Action::ChangeColumn { from, column, .. } if !from.as_str().eq_ignore_ascii_case(column.name.as_str()) => {
            Some("it stops at a renamed column until somebody approves it".to_owned())
        }
        Action::RenameTable { .. } => Some("it refuses to rename a table".to_owned()),
        _ => None,
    })
}

impl Run<'_> {
    /// Its names beside the table: the table's own is cut where it would be too long.
    fn ghost(&self, suffix: &str) -> Ident {
        let room = LONGEST.saturating_sub(suffix.len() + 2);
        let kept: String = self.name().chars().take(room).collect();
        Ident(format!("_{kept}_{suffix}"))
    }

    /// Positions by GTID, where the server has them: what `--resume` and `--revert` need.
    fn by_gtid(&self) -> bool {
        self.before.server.settings.get("gtid_mode").is_some_and(|v| v.eq_ignore_ascii_case("on"))
    }

    pub fn gh_ost_after_the_switch(&self) -> String {
        let old = format!("`SHOW TABLES LIKE '\\_{}\\_%\\_del'`", self.name());
        if self.by_gtid() {
            format!(
                "The table is another one from here on. Until the old one is dropped, the same command with `--revert --old-table=<the name that {old} tells>` and without --alter leads back, with what was written since."
            )
        } else {
            format!(
                "The table is another one from here on. The old one, which {old} names, is without what was written since."
            )
        }
    }

    pub fn gh_ost_notes(&self) -> Vec<(Severity, String)> {
        vec![(
            Severity::Warning,
            "gh-ost of at least 1.1.8: earlier ones can lose committed writes at the switch, and drop rows that break a new key without a word. Never give it --skip-metadata-lock-check.".to_owned(),
        )]
    }

    pub fn gh_ost(&self) -> Vec<Stage> {
        let stem = self.stem();
        let mut flags = vec![
            "--conf=\"$GHOST_CONF\"".to_owned(),
            "--host=\"$MYSQL_HOST\" --port=\"${MYSQL_PORT:-3306}\"".to_owned(),
            format!("--database={} --table={}", word(self.database()), word(self.name())),
            format!("--alter={}", word(&self.alter)),
            "--allow-on-master --assume-rbr".to_owned(),
        ];
        if self.by_gtid() {
            flags.push("--gtid --checkpoint --checkpoint-seconds=60".to_owned());
        }
        flags.extend([
            "--chunk-size=1000 --dml-batch-size=100 --nice-ratio=0.2".to_owned(),
            "--max-load=Threads_running=50".to_owned(),
            "--critical-load=Threads_running=500 --critical-load-interval-millis=5000".to_owned(),
            format!("--max-lag-millis={}", self.max_lag_s.max(1) * 1000),
        ]);
        if self.replicas {
            flags.push("--throttle-control-replicas=\"$REPLICAS\"".to_owned());
        }
        flags.extend([
            format!("--throttle-flag-file=\"$run/{stem}.throttle\""),
            format!("--postpone-cut-over-flag-file=\"$run/{stem}.postpone\""),
            format!("--panic-flag-file=\"$run/{stem}.panic\" --serve-socket-file=\"$run/{stem}.sock\""),
            format!(
                "--cut-over-lock-timeout-seconds={} --cut-over-exponential-backoff --default-retries=120",
                self.lock_s.max(3)
            ),
            "--panic-on-warnings".to_owned(),
            "--allow-setup-metadata-lock-instruments".to_owned(),
            "--replica-server-id=$((1000000000 + $$)) --timestamp-old-table --verbose".to_owned(),
        ]);
        // A socket that an earlier run left behind would stop it.
        let command = |more: &str| {
            format!("{}\nrm -f \"$run/{stem}.sock\"\ngh-ost \\\n  {}{more}", self.folder(), flags.join(" \\\n  "))
        };
        let (ghost, log, check) = (self.ghost("gho"), self.ghost("ghc"), self.ghost("ghk"));
        let known = if self.by_gtid() { " checkpoint gtid resume revert" } else { "" };
        let knows = alone(&format!(
            "for flag in panic-on-warnings allow-setup-metadata-lock-instruments{known}; do\n  gh-ost --check-flag --\"$flag\" || {{ echo 'This gh-ost is too old: 1.1.8 is needed.'; exit 1; }}\ndone\n{}\n{}",
            self.client("GHOST_CONF"),
            self.nothing_left(&[ghost.clone(), log.clone(), check.clone()])
        ));
        let mut copy = Stage::new(
            "copy, and wait before the switch",
            command(" \\\n  --execute"),
            "It reads the binary log and changes no row of the table. It goes on until somebody lets it switch.",
        );
        if self.replicas {
            copy.why.push_str(" `$REPLICAS` are those that it waits for, as `host:port,host:port`.");
        }
        copy.copies = true;
        copy.clear = [&ghost, &log, &check]
            .iter()
            .map(|t| {
                let table = self.full().sibling(t.as_str());
                format!("DROP TABLE IF EXISTS {}", crate::engine::emit::mysql::table_name(self.before, &table))
            })
            .collect();
        copy.undo = format!(
            "Stop it first, with `touch \"$run/{stem}.panic\"`; then its tables go, and the file by `rm \"$run/{stem}.panic\"`."
        );
        copy.abort_if = vec![format!(
            "Throttle it with `touch \"$run/{stem}.throttle\"`. Stop it with `touch \"$run/{stem}.panic\"`, and run this step's undo."
        )];
        copy.abort_if.push(if self.by_gtid() {
            "After a crash: the same command with --resume.".to_owned()
        } else {
            "It does not go on where it was stopped: undo first, then the same command again.".to_owned()
        });
        let mut switch = Stage::new(
            "let it switch",
            format!("rm \"${{SIDESTEP_RUN:-/run/sidestep}}/{stem}.postpone\""),
            "Writes wait for some seconds at most; if it does not get its locks it tries again. It is done when the command before ends with 0.",
        );
        switch.switches = true;
        let mut clean = Stage::new(
            "drop the old table",
            format!(
                "{}\nfor old in $(sql {}); do echo \"DROP TABLE \\`$old\\`;\"; done\n# It bears the time of the switch. Drop it when the server is quiet:  sql 'DROP TABLE …'\nsql {}",
                self.client("GHOST_CONF"),
                word(&format!(
                    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME REGEXP {}",
                    crate::engine::emit::mysql::literal(&self.old_pattern())
                )),
                word(&format!("DROP TABLE IF EXISTS {}", id(&check)))
            ),
            "The old table bears the time of the switch in its name. Dropping it frees much memory at once: some time after the switch is better.",
        );
        clean.cleanup = true;
        vec![
            Stage::new(
                "this gh-ost knows what is needed",
                knows,
                "`$GHOST_CONF` is an option file with `[client]`, user and password, mode 0600; `$MYSQL_HOST` is the primary. It has to be ROW format that the server logs, with full row images.",
            ),
            Stage::new(
                "try it",
                command(""),
                "Without --execute it makes the new table, alters it, and goes. It has to end with 0. Run ANALYZE TABLE before, or its forecast means nothing.",
            ),
            copy,
            switch,
            clean,
        ]
    }

    /// Old tables of this one: the time of the switch stands between its name and the end.
    fn old_pattern(&self) -> String {
        let room = LONGEST.saturating_sub("__20060102150405_del".len());
        let kept: String = self.name().chars().take(room).collect();
        let quoted: String = kept
            .chars()
            .flat_map(|c| if c.is_ascii_alphanumeric() || c == '_' { vec![c] } else { vec!['[', c, ']'] })
            .collect();
        format!("^_{quoted}_[0-9]+_del$")
    }
}
