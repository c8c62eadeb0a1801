//! The commands of one run of a tool: checked, tried, run up to the switch, switched, cleared away. Every flag was run; a password
//! stands in an option file only, never on a command line.

use super::super::On;
use crate::model::{Engine, TableName};
use crate::plan::Severity;
use crate::plan::build::Builder;
use crate::plan::policy::Executor;

pub struct Run {
    which: Executor,
    table: TableName,
    alter: String,
    referenced: bool,
    triggers: bool,
    mariadb: bool,
    replicas: Vec<String>,
    max_lag_s: u64,
    lock_s: u64,
}

/// One step of a run.
pub struct Stage {
    pub what: &'static str,
    pub command: String,
    pub why: String,
    pub undo: String,
    pub abort_if: Vec<String>,
    pub copies: bool,
    /// From here on the table is the new one.
    pub switches: bool,
    pub cleanup: bool,
}

impl Stage {
    fn new(what: &'static str, command: String, why: impl Into<String>) -> Self {
        Self {
            what,
            command,
            why: why.into(),
            undo: "Nothing of the table has changed.".to_owned(),
            abort_if: Vec::new(),
            copies: false,
            switches: false,
            cleanup: false,
        }
    }
}

/// A word of a shell command.
fn word(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./=:,".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

impl Run {
    pub fn new(b: &Builder, on: On, which: Executor, specs: &[String]) -> Self {
        Self {
            which,
            table: on.name().clone(),
            alter: specs.join(", "),
            referenced: on.before.referenced_by(on.name()).next().is_some(),
            triggers: !on.table.triggers.is_empty(),
            mariadb: on.before.server.engine == Engine::Mariadb,
            replicas: b.catalog.replicas.iter().map(|r| r.name.clone()).collect(),
            max_lag_s: b.policy.max_lag_s,
            lock_s: b.policy.lock_timeout_ms.div_ceil(1000).max(1),
        }
    }

    fn database(&self) -> &str {
        self.table.schema.as_str()
    }
    fn name(&self) -> &str {
        self.table.name.as_str()
    }
    /// Files of the run, by a name that is safe in any folder.
    fn stem(&self) -> String {
        let safe = |t: &str| t.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
        format!("{}.{}", safe(self.database()), safe(self.name()))
    }
    fn sql(&self, name: &str) -> String {
        crate::engine::dialect(Engine::Mysql).ident(&name.into())
    }

    pub fn stages(&self) -> Vec<Stage> {
        match self.which {
            Executor::GhOst => self.gh_ost(),
            Executor::PtOsc => self.pt_osc(),
            Executor::Vitess => self.vitess(),
            Executor::Planetscale => self.planetscale(),
            Executor::Auto | Executor::Native => Vec::new(),
        }
    }

    pub fn after_the_switch(&self) -> String {
        match self.which {
            Executor::GhOst => format!(
                "The table is another one from here on. Until the old one is dropped, the same command with `--revert --old-table=<the name that SHOW TABLES LIKE '\\_{}\\_%\\_del' tells>` and without --alter leads back, with what was written since.",
                self.name()
            ),
            Executor::PtOsc => format!(
                "The table is another one from here on. The old one stays as `_{}_old` until it is dropped, without what was written since.",
                self.name()
            ),
            Executor::Vitess => "ALTER VITESS_MIGRATION … REVERT leads back, with what was written since, as long as the artifacts are kept.".to_owned(),
            _ => "A deploy request can be reverted for 30 minutes, with what was written since.".to_owned(),
        }
    }

    pub fn notes(&self, b: &mut Builder) {
        match self.which {
            Executor::GhOst => {
                b.finding(
                    Severity::Warning,
                    "gh-ost of at least 1.1.8: earlier ones can lose committed writes at the switch, and drop rows that break a new key without a word. Never give it --skip-metadata-lock-check.",
                );
                if self.mariadb {
                    b.finding(
                        Severity::Warning,
                        "gh-ost needs performance_schema=ON on MariaDB, and a build newer than 1.1.10.",
                    );
                }
            }
            Executor::PtOsc => {
                b.finding(
                    Severity::Note,
                    "pt-online-schema-change writes every change twice, by triggers in the application's own transactions: deadlock errors (1213) may reach it and have to be tried again.",
                );
                if self.referenced {
                    b.finding(
                        Severity::Warning,
                        format!("Foreign keys that point at `{}` are made anew under other names, with `_` before them: schema comparisons will show that.", self.table),
                    );
                }
            }
            _ => {}
        }
    }

    fn gh_ost(&self) -> Vec<Stage> {
        let stem = self.stem();
        let mut flags = vec![
            "--conf=\"$GHOST_CONF\"".to_owned(),
            "--host=\"$MYSQL_HOST\" --port=\"${MYSQL_PORT:-3306}\"".to_owned(),
            format!("--database={} --table={}", word(self.database()), word(self.name())),
            format!("--alter={}", word(&self.alter)),
            "--allow-on-master --assume-rbr".to_owned(),
            "--gtid --checkpoint --checkpoint-seconds=60".to_owned(),
            "--chunk-size=1000 --dml-batch-size=100 --nice-ratio=0.2".to_owned(),
            "--max-load=Threads_running=50".to_owned(),
            "--critical-load=Threads_running=500 --critical-load-interval-millis=5000".to_owned(),
            format!("--max-lag-millis={}", self.max_lag_s.max(1) * 1000),
        ];
        if !self.replicas.is_empty() {
            flags.push("--throttle-control-replicas=\"$REPLICAS\"".to_owned());
        }
        flags.extend([
            format!("--throttle-flag-file=/run/sidestep/{stem}.throttle"),
            format!("--postpone-cut-over-flag-file=/run/sidestep/{stem}.postpone"),
            format!("--panic-flag-file=/run/sidestep/{stem}.panic --serve-socket-file=/run/sidestep/{stem}.sock"),
            format!(
                "--cut-over-lock-timeout-seconds={} --cut-over-exponential-backoff --default-retries=120",
                self.lock_s.max(3)
            ),
            "--panic-on-warnings".to_owned(),
            "--allow-setup-metadata-lock-instruments".to_owned(),
            "--replica-server-id=$((1000000000 + $$)) --timestamp-old-table --verbose".to_owned(),
        ]);
        let command = |more: &str| format!("gh-ost \\\n  {}{more}", flags.join(" \\\n  "));
        let (ghost, log, check) =
            (format!("_{}_gho", self.name()), format!("_{}_ghc", self.name()), format!("_{}_ghk", self.name()));
        let clear = format!(
            "mysql --defaults-extra-file=\"$GHOST_CONF\" -h \"$MYSQL_HOST\" {} -e {}",
            word(self.database()),
            word(&format!("DROP TABLE IF EXISTS {}, {}, {}", self.sql(&ghost), self.sql(&log), self.sql(&check)))
        );
        let knows = "for flag in panic-on-warnings allow-setup-metadata-lock-instruments checkpoint gtid; do\n  gh-ost --check-flag --\"$flag\" || { echo \"this gh-ost is too old: 1.1.8 is needed\"; exit 1; }\ndone\nmkdir -p /run/sidestep".to_owned();
        let mut copy = Stage::new(
            "copy, and wait before the switch",
            command(" \\\n  --execute"),
            "It reads the binary log and changes no row of the table. It goes on until somebody lets it switch.",
        );
        copy.copies = true;
        copy.undo = format!("Stop it: `touch /run/sidestep/{stem}.panic`. Then clear away: `{clear}`.");
        copy.abort_if = vec![
            format!(
                "Throttle it with `touch /run/sidestep/{stem}.throttle`, stop it with `touch /run/sidestep/{stem}.panic`."
            ),
            "After a crash: the same command with --resume.".to_owned(),
        ];
        let mut switch = Stage::new(
            "let it switch",
            format!("rm /run/sidestep/{stem}.postpone"),
            "Writes wait for some seconds at most; if it does not get its locks it tries again.",
        );
        switch.switches = true;
        let mut clean = Stage::new(
            "drop the old table",
            format!(
                "mysql --defaults-extra-file=\"$GHOST_CONF\" -h \"$MYSQL_HOST\" {} -e {}\n# then DROP TABLE each of them, when the server is quiet; and DROP TABLE IF EXISTS {}",
                word(self.database()),
                word(&format!("SHOW TABLES LIKE '\\_{}\\_%\\_del'", self.name())),
                self.sql(&check)
            ),
            "The old table bears the time of the switch in its name. Dropping it frees much memory at once: some time after the switch is better.",
        );
        clean.cleanup = true;
        vec![
            Stage::new(
                "this gh-ost knows what is needed",
                knows,
                "`$GHOST_CONF` is an option file with `[client]`, user and password, mode 0600. It has to be ROW format that the server logs, with full row images.",
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

    fn pt_osc(&self) -> Vec<Stage> {
        let stem = self.stem();
        let dsn = format!(
            "F=\"$PT_CONF\",h=\"$MYSQL_HOST\",P=\"${{MYSQL_PORT:-3306}}\",D={},t={}",
            word(self.database()),
            word(self.name())
        );
        let mut shared = vec![format!("--alter {}", word(&self.alter)), "--no-version-check".to_owned()];
        if self.referenced {
            shared.push("--alter-foreign-keys-method=rebuild_constraints".to_owned());
        }
        if self.triggers {
            shared.push("--preserve-triggers".to_owned());
        }
        let mut flags = shared.clone();
        flags.extend([
            "--max-load Threads_running=50 --critical-load Threads_running=200".to_owned(),
            "--chunk-time 0.25 --chunk-size-limit 4".to_owned(),
            if self.replicas.is_empty() {
                "--recursion-method=none".to_owned()
            } else {
                format!("--max-lag {} --check-interval 1 --recursion-method=\"$PT_RECURSION\"", self.max_lag_s.max(1))
            },
            format!("--set-vars \"lock_wait_timeout={},innodb_lock_wait_timeout=1\"", self.lock_s.max(1)),
            "--tries \"create_triggers:10:1,drop_triggers:10:1,copy_rows:50:0.25,swap_tables:10:1\"".to_owned(),
            "--no-drop-old-table".to_owned(),
            format!("--pause-file=/run/sidestep/{stem}.pause --pid=/run/sidestep/{stem}.pid"),
            "--statistics --progress time,30 --print".to_owned(),
        ]);
        let gated = !self.referenced && !self.triggers;
        if gated {
            flags.push("--no-swap-tables --no-drop-new-table --no-drop-triggers".to_owned());
        }
        let triggers: Vec<String> = ["del", "upd", "ins"]
            .iter()
            .map(|e| {
                format!(
                    "DROP TRIGGER IF EXISTS {}",
                    self.sql(&format!("pt_osc_{}_{}_{e}", self.database(), self.name()))
                )
            })
            .collect();
        let (new, old) = (format!("_{}_new", self.name()), format!("_{}_old", self.name()));
        let client =
            format!("mysql --defaults-extra-file=\"$PT_CONF\" -h \"$MYSQL_HOST\" {} -e", word(self.database()));
        let clear =
            format!("{client} {}", word(&format!("{}; DROP TABLE IF EXISTS {}", triggers.join("; "), self.sql(&new))));
        let mut copy = Stage::new(
            if gated { "copy, and keep in step" } else { "copy and switch" },
            format!(
                "mkdir -p /run/sidestep\npt-online-schema-change --execute \\\n  {} \\\n  {dsn}",
                flags.join(" \\\n  ")
            ),
            if gated {
                "Three triggers carry every write over; the tables do not change places yet."
            } else {
                "Three triggers carry every write over; at the end the tables change places by one RENAME TABLE."
            },
        );
        copy.copies = true;
        copy.switches = !gated;
        copy.undo = format!("The triggers first, then the table, or every write fails: `{clear}`.");
        copy.abort_if = vec![format!(
            "Pause it with `touch /run/sidestep/{stem}.pause`. Stop it with ctrl-C; then the triggers first, then the table: `{clear}`."
        )];
        let mut stages = vec![
            Stage::new(
                "try it",
                format!("pt-online-schema-change --dry-run --print \\\n  {} \\\n  {dsn}", shared.join(" \\\n  ")),
                "`$PT_CONF` is an option file with `[client]`, user and password, mode 0600. It has to end with 0.",
            ),
            copy,
        ];
        if gated {
            let swap = format!(
                "SET SESSION lock_wait_timeout = {}; RENAME TABLE {} TO {}, {} TO {}; {}",
                self.lock_s,
                self.sql(self.name()),
                self.sql(&old),
                self.sql(&new),
                self.sql(self.name()),
                triggers.join("; ")
            );
            let mut switch = Stage::new(
                "switch",
                format!("{client} {}", word(&swap)),
                "One RENAME TABLE, all or nothing. If it does not get its lock run it again: nothing has changed.",
            );
            switch.switches = true;
            stages.push(switch);
        }
        let mut clean = Stage::new(
            "drop the old table",
            format!("{client} {}", word(&format!("DROP TABLE IF EXISTS {}", self.sql(&old)))),
            "When nobody has missed it, and the server is quiet.",
        );
        clean.cleanup = true;
        stages.push(clean);
        stages
    }

    fn vitess(&self) -> Vec<Stage> {
        let statement = format!("ALTER TABLE {} {}", self.sql(self.name()), self.alter);
        let copy = Stage {
            copies: true,
            undo: "ALTER VITESS_MIGRATION '<uuid>' CANCEL.".to_owned(),
            ..Stage::new(
                "copy, and wait before the switch",
                format!(
                    "vtctldclient --server \"$VTCTLD\" ApplySchema --ddl-strategy=\"vitess --postpone-completion\" --sql {} \"$KEYSPACE\"",
                    word(&statement)
                ),
                "Vitess chooses ALGORITHM and LOCK itself. It answers with the migration's uuid.",
            )
        };
        let switch = Stage {
            switches: true,
            ..Stage::new(
                "let it switch",
                format!(
                    "mysql --defaults-extra-file=\"$VTGATE_CONF\" \"$KEYSPACE\" -e {}",
                    word("ALTER VITESS_MIGRATION '<uuid>' COMPLETE")
                ),
                "vtgate holds queries back for a moment.",
            )
        };
        vec![copy, switch]
    }

    fn planetscale(&self) -> Vec<Stage> {
        let statement = format!("ALTER TABLE {} {}", self.sql(self.name()), self.alter);
        let branch = format!("sidestep-{}", self.stem().replace(['.', '_'], "-").to_lowercase());
        let make = Stage::new(
            "make it on a branch",
            format!(
                "pscale branch create \"$PSCALE_DB\" {branch} --wait\nprintf '%s\\n' {} | pscale shell \"$PSCALE_DB\" {branch}",
                word(&format!("{statement};"))
            ),
            "PlanetScale takes no DDL on a production branch.",
        );
        let ask = Stage {
            copies: true,
            undo: "pscale deploy-request close.".to_owned(),
            ..Stage::new(
                "ask for the deploy",
                format!(
                    "pscale deploy-request create \"$PSCALE_DB\" {branch} --disable-auto-apply\npscale deploy-request deploy \"$PSCALE_DB\" <number>"
                ),
                "It copies in the background and waits before the switch.",
            )
        };
        let apply = Stage {
            switches: true,
            ..Stage::new(
                "let it switch",
                "pscale deploy-request apply \"$PSCALE_DB\" <number>".to_owned(),
                "For 30 minutes `pscale deploy-request revert` leads back.",
            )
        };
        vec![make, ask, apply]
    }
}
