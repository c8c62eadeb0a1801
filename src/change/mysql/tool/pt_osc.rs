//! pt-online-schema-change: three triggers and a copy in chunks. It runs up to the switch only; the switch is ours, behind a comparison
//! of the two tables: the tool copies with INSERT IGNORE, and lets go of rows that break a key and of the ends of values that do
//! not fit without a word.

use super::command::{Run, Stage, alone, word};
use super::compare;
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::{Ask, answer};
use crate::model::{Catalog, Constraint, Ident, Table};
use crate::plan::Severity;
use crate::sql::mysql::statement::Action;

/// Bytes of the triggers' common name that the tool keeps.
const PREFIX: usize = 60;

/// Why it cannot change the table, if it cannot; what it was seen to do, and what its text says.
pub fn cannot(before: &Catalog, table: &Table, actions: &[Action]) -> Option<String> {
    let version = &before.server.version;
    let mysql = before.server.engine == crate::model::Engine::Mysql;
    let number = (version.major, version.minor, version.patch);
    if mysql && ((8, 0, 14)..=(8, 0, 17)).contains(&number) {
        return Some(
            "it refuses to run on MySQL 8.0.14 to 8.0.17, which die of renaming a table with foreign keys".to_owned(),
        );
    }
    if mysql && number < (5, 7, 0) && !table.triggers.is_empty() {
        return Some("before 5.7 a table has one trigger per event, and it has its own".to_owned());
    }
    if before.referenced_by(&table.name).any(|(t, _)| t.name == table.name) {
        return Some("a foreign key of the table points at the table itself, and it refuses that".to_owned());
    }
    if let Some(name) = unreadable(table) {
        return Some(format!("it does not find its way with the name `{name}`"));
    }
    let because = actions.iter().find_map(|a| match a {
        Action::AddIndex(index) if index.kind == crate::sql::mysql::statement::IndexKind::Unique => {
            Some("it drops the rows that break a new unique key, and refuses to add one for that")
        }
        Action::DropPrimaryKey => Some("it stops at DROP PRIMARY KEY: its triggers find rows by the key"),
        Action::RenameColumn { .. } => Some("it guesses at renamed columns from the text, and stops"),
        Action::ChangeColumn { from, column, .. } if !from.as_str().eq_ignore_ascii_case(column.name.as_str()) => {
            Some("it guesses at renamed columns from the text, and stops")
        }
        Action::DropForeignKey { .. } | Action::DropConstraint { .. } => {
            Some("constraints of its copy bear other names than those that are to be dropped")
        }
        Action::RenameTable { .. } => Some("it cannot rename a table"),
        Action::AddColumn { column, .. }
            if column.not_null == Some(true) && column.default.is_none() && column.generated.is_none() =>
        {
            Some("a column that is NOT NULL without a default has no value for the rows that are there")
        }
        _ => None,
    });
    if let Some(because) = because {
        return Some(because.to_owned());
    }
    // With triggers of the table's own it has to switch by itself, unseen.
    if !table.triggers.is_empty() {
        if let Some(column) = compare::collapses(table, actions) {
            return Some(format!(
                "with triggers on the table it switches by itself, and rows whose `{column}` the change makes equal or shorter would be lost unseen"
            ));
        }
        if before.referenced_by(&table.name).next().is_some() {
            return Some("the table has triggers and foreign keys point at it: it would have to rebuild those by copying the tables they are of, which blocks writes there".to_owned());
        }
    }
    None
}

/// A name that its regular expressions do not read.
fn unreadable(table: &Table) -> Option<&str> {
    let names = [table.name.schema.as_str(), table.name.name.as_str()];
    let columns = table.columns.iter().map(|c| c.name.as_str());
    let indexes = table.indexes.iter().map(|i| i.name.as_str());
    if let Some(foreign) = names.into_iter().find(|n| !n.is_ascii()) {
        return Some(foreign);
    }
    names.into_iter().chain(columns).chain(indexes).find(|n| n.contains(['`', '\n', '\r', '\\', '\'', '"', '.']))
}

impl Run<'_> {
    /// Its switch is ours, since the tool can leave its triggers and its table to us.
    fn is_gated(&self) -> bool {
        self.table.triggers.is_empty()
    }

    fn triggers(&self) -> Vec<Ident> {
        let whole = format!("pt_osc_{}_{}", self.database(), self.name());
        let mut prefix: String =
            whole.bytes().map(|b| if b.is_ascii_alphanumeric() || b == b'_' { char::from(b) } else { '_' }).collect();
        prefix.truncate(PREFIX);
        ["del", "upd", "ins"].iter().map(|e| Ident(format!("{prefix}_{e}"))).collect()
    }

    pub fn pt_osc_notes(&self) -> Vec<(Severity, String)> {
        let mut found = vec![(
            Severity::Note,
            "pt-online-schema-change writes every change twice, by triggers in the application's own transactions: deadlock errors (1213) may reach it and have to be tried again. It was run in 3.2.1.".to_owned(),
        )];
        if self.replicas
            && !self.is_mariadb()
            && (self.before.server.version.major, self.before.server.version.minor) >= (8, 4)
        {
            found.push((
                Severity::Warning,
                "MySQL 8.4 and later know no SHOW SLAVE STATUS: to watch replicas there pt-online-schema-change of at least 3.7 is needed, by its notes.".to_owned(),
            ));
        }
        if self.is_referenced() && self.is_gated() {
            found.push((
                Severity::Warning,
                format!("Foreign keys that point at `{}` are dropped just before the switch and added again just behind it, under their names and without reading rows: for these moments the server does not hold them. The last command looks for orphans.", self.full()),
            ));
        }
        if self.own_keys().next().is_some() {
            found.push((
                Severity::Note,
                format!("Foreign keys of `{}` bear other names, with or without `_` before them, from the switch until the old table is dropped, which gives them their names back.", self.full()),
            ));
        }
        found
    }

    pub fn pt_osc(&self) -> Vec<Stage> {
        let (new, old) = (self.beside("_new"), self.beside("_old"));
        let stem = self.stem();
        let escaped = |name: &str| word(&name.replace(',', "\\,"));
        let dsn = format!(
            "F=\"$PT_CONF\",h=\"$MYSQL_HOST\",P=\"${{MYSQL_PORT:-3306}}\",A=utf8mb4,D={},t={}",
            escaped(self.database()),
            escaped(self.name())
        );
        let mut shared = vec![format!("--alter {}", word(&self.alter)), "--no-version-check".to_owned()];
        if self.is_referenced() {
            // Ours to update, at the switch.
            shared.push("--alter-foreign-keys-method=none --force".to_owned());
        }
        if !self.is_gated() {
            shared.push("--preserve-triggers".to_owned());
        }
        shared.push(format!("--new-table-name={}", word(new.as_str())));
        let mut flags = shared.clone();
        flags.extend([
            "--max-load Threads_running=50 --critical-load Threads_running=200".to_owned(),
            "--chunk-time 0.25 --chunk-size-limit 4".to_owned(),
            if self.replicas {
                format!("--max-lag {} --check-interval 1 --recursion-method=\"$PT_RECURSION\"", self.max_lag_s.max(1))
            } else {
                "--recursion-method=none".to_owned()
            },
            format!("--set-vars \"lock_wait_timeout={},innodb_lock_wait_timeout=1\"", self.lock_s),
            "--tries \"create_triggers:10:1,drop_triggers:10:1,copy_rows:50:0.25,swap_tables:10:1\"".to_owned(),
            "--no-drop-old-table".to_owned(),
            format!("--pause-file=\"$run/{stem}.pause\" --pid=\"$run/{stem}.pid\""),
            "--statistics --progress time,30 --print".to_owned(),
        ]);
        if self.is_gated() {
            flags.push("--no-swap-tables --no-drop-new-table --no-drop-triggers".to_owned());
        }
        let tried = alone(&format!(
            "{}\n{}\npt-online-schema-change --dry-run --print --recursion-method=none \\\n  {} \\\n  {dsn}",
            self.client("PT_CONF"),
            self.nothing_left(&[new.clone(), old.clone()]),
            shared.join(" \\\n  ")
        ));
        let mut copy = Stage::new(
            if self.is_gated() { "copy, and keep in step" } else { "copy and switch" },
            format!("{}\npt-online-schema-change --execute \\\n  {} \\\n  {dsn}", self.folder(), flags.join(" \\\n  ")),
            if self.is_gated() {
                "Three triggers carry every write over; the tables do not change places yet."
            } else {
                "Three triggers carry every write over; at the end the tables change places by one RENAME TABLE."
            },
        );
        if self.replicas {
            copy.why.push_str(" `$PT_RECURSION` says which replicas it waits for: `dsn=D=percona,t=dsns` with a table of them, or `hosts`.");
        }
        copy.copies = true;
        copy.switches = !self.is_gated();
        copy.clear = self.triggers().iter().map(|t| format!("DROP TRIGGER IF EXISTS {}", self.here(t))).collect();
        copy.clear.push(format!("DROP TABLE IF EXISTS {}", self.here(&new)));
        copy.undo = "Stop the tool first. Then its triggers go, and only then its table: the other way round every write to the table fails.".to_owned();
        copy.abort_if = vec![
            format!("Pause it with `touch \"$run/{stem}.pause\"`. Stop it with ctrl-C, and run this step's undo."),
            "It does not go on where it was stopped: undo first, then the same command again.".to_owned(),
        ];
        let mut stages = vec![
            Stage::new(
                "try it",
                tried,
                "`$PT_CONF` is an option file with `[client]`, user and password, mode 0600; `$MYSQL_HOST` is the primary. It has to end with 0.",
            ),
            copy,
        ];
        if self.is_gated() {
            stages.push(self.switch(&new, &old));
        }
        stages.push(self.drop_old(&old));
        stages
    }

    fn here(&self, name: &Ident) -> String {
        crate::engine::emit::mysql::table_name(self.before, &self.full().sibling(name.as_str()))
    }

    /// Compare, take off the foreign keys that point here, rename, put them on again, drop the triggers.
    fn switch(&self, new: &Ident, old: &Ident) -> Stage {
        let session = format!("SET SESSION lock_wait_timeout = {}, foreign_key_checks = 0; ", self.lock_s);
        let again = "# A lock that is not granted is asked for again; nothing waits behind it for longer than its timeout.\nagain() { for try in 1 2 3 4 5 6 7 8 9 10; do sql \"$1\" && return; sleep 1; done; return 1; }";
        let mut lines = vec![self.client("PT_CONF"), again.to_owned()];
        lines.push(format!(
            "same=$(sql {})\n[ \"$same\" = true ] || {{ printf '%s\\n' {}; exit 1; }}",
            word(&compare::rows_agree(self.table, self.actions, new)),
            word(&format!(
                "{} does not hold the rows of {}: look at them before anything else. Nothing was switched.",
                id(new),
                id(&self.full().name)
            ))
        ));
        let rename = format!(
            "{session}RENAME TABLE {} TO {}, {} TO {}",
            id(&self.full().name),
            id(old),
            id(new),
            id(&self.full().name)
        );
        let children: Vec<(&Table, &Constraint)> = self.before.referenced_by(self.full()).collect();
        for (child, key) in &children {
            let drop = format!("{session}ALTER TABLE {} DROP FOREIGN KEY {}", self.spelled(child), id(&key.name));
            lines.push(format!("again {} || exit 1", word(&drop)));
        }
        lines.push(format!("switched=yes\nagain {} || switched=no", word(&rename)));
        for (child, key) in &children {
            let add = format!(
                "{session}ALTER TABLE {} ADD {}, ALGORITHM=INPLACE, LOCK=NONE",
                self.spelled(child),
                key.definition
            );
            lines.push(format!(
                "again {} || {{ printf '%s\\n' {}; switched=no; }}",
                word(&add),
                word(&format!("Foreign key {} of {} is not back: add it by hand.", id(&key.name), child.name))
            ));
        }
        lines.push("[ $switched = yes ] || exit 1".to_owned());
        let off: Vec<String> = self.triggers().iter().map(|t| format!("DROP TRIGGER IF EXISTS {}", id(t))).collect();
        lines.push(format!("again {}", word(&format!("{session}{}", off.join("; ")))));
        let ask = Ask(self.before);
        for (child, key) in &children {
            if let Some(reference) = &key.references {
                let orphans = ask.no_orphans(&child.name, &key.columns, self.full(), &reference.columns);
                lines.push(format!(
                    "[ \"$(sql {})\" = true ] || {{ printf '%s\\n' {}; exit 1; }}",
                    word(&answer(&orphans)),
                    word(&format!("{} has rows whose row in {} is gone.", child.name, self.full()))
                ));
            }
        }
        Stage {
            switches: true,
            ..Stage::new(
                "compare, and switch",
                alone(&lines.join("\n")),
                format!(
                    "{} Then one RENAME TABLE, all or nothing. If it does not get its lock run it again: nothing has changed.",
                    compare::what(self.table, self.actions)
                ),
            )
        }
    }

    fn spelled(&self, table: &Table) -> String {
        crate::engine::emit::mysql::table_name(self.before, &table.name)
    }

    /// Foreign keys of the table itself. Those of the copy were made under other names.
    fn own_keys(&self) -> impl Iterator<Item = &Constraint> {
        self.table.foreign_keys().map(|(key, _)| key)
    }

    fn drop_old(&self, old: &Ident) -> Stage {
        let mut lines = vec![
            self.client("PT_CONF"),
            format!("sql {} || exit 1", word(&format!("DROP TABLE IF EXISTS {}", id(old)))),
        ];
        for key in self.own_keys() {
            let other = renamed(key.name.as_str());
            let back = format!(
                "SET SESSION lock_wait_timeout = {}, foreign_key_checks = 0; ALTER TABLE {} DROP FOREIGN KEY {}, ADD {}, ALGORITHM=INPLACE, LOCK=NONE",
                self.lock_s,
                id(&self.full().name),
                id(&Ident(other)),
                key.definition
            );
            lines.push(format!("sql {}", word(&back)));
        }
        Stage {
            cleanup: true,
            ..Stage::new("drop the old table", lines.join("\n"), "When nobody has missed it, and the server is quiet.")
        }
    }
}

/// As the tool names the same constraint of its copy: two `_` before it go, else one more comes.
fn renamed(name: &str) -> String {
    match name.strip_prefix("__") {
        Some(rest) => rest.to_owned(),
        None => format!("_{name}").chars().take(64).collect(),
    }
}
