//! The commands of one run of a tool: what all tools share, and those of Vitess and PlanetScale. A password stands in an option
//! file only, never on a command line.

use super::super::On;
use crate::engine::emit::mysql::{id, literal};
use crate::model::{Catalog, Engine, Ident, Table, TableName};
use crate::plan::Severity;
use crate::plan::build::Builder;
use crate::plan::policy::Executor;
use crate::sql::mysql::statement::Action;

/// Longest name of a table or trigger, in characters.
const LONGEST: usize = 64;

pub struct Run<'a> {
    pub which: Executor,
    pub before: &'a Catalog,
    pub table: &'a Table,
    pub alter: String,
    pub actions: &'a [Action],
    pub replicas: bool,
    pub max_lag_s: u64,
    pub lock_s: u64,
}

/// One step of a run.
pub struct Stage {
    pub what: &'static str,
    pub command: String,
    pub why: String,
    /// Statements that clear away what the step leaves when it is stopped; none if it leaves nothing.
    pub clear: Vec<String>,
    pub undo: String,
    pub abort_if: Vec<String>,
    pub copies: bool,
    /// From here on the table is the new one.
    pub switches: bool,
    pub cleanup: bool,
}

impl Stage {
    pub fn new(what: &'static str, command: String, why: impl Into<String>) -> Self {
        Self {
            what,
            command,
            why: why.into(),
            clear: Vec::new(),
            undo: "Nothing of the table has changed.".to_owned(),
            abort_if: Vec::new(),
            copies: false,
            switches: false,
            cleanup: false,
        }
    }
}

/// A word of a shell command.
pub fn word(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./=:,".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A script that may stop half way, in a shell of its own: pasted into a terminal it does not close that.
pub fn alone(script: &str) -> String {
    format!("(\n{script}\n)")
}

/// `_orders_new`: with the end of the name given up where it would be too long, and a number of the whole name in its place.
pub fn beside(table: &Ident, suffix: &str) -> Ident {
    let name = table.as_str();
    let room = LONGEST - 1 - suffix.len();
    if name.chars().count() <= room {
        return Ident(format!("_{name}{suffix}"));
    }
    let short: String = name.chars().take(room - 9).collect();
    Ident(format!("_{short}_{:08x}{suffix}", number(name)))
}

/// FNV-1a: the same for the same name on every machine.
fn number(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |n, b| (n ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

impl<'a> Run<'a> {
    pub fn new(b: &Builder, on: On<'a>, which: Executor, spec: &str, actions: &'a [Action]) -> Self {
        Self {
            which,
            before: on.before,
            table: on.table,
            alter: spec.to_owned(),
            actions,
            replicas: !b.catalog.replicas.is_empty(),
            max_lag_s: b.policy.max_lag_s,
            lock_s: b.policy.lock_timeout_ms.div_ceil(1000).max(1),
        }
    }

    pub fn full(&self) -> &TableName {
        &self.table.name
    }
    pub fn database(&self) -> &str {
        self.full().schema.as_str()
    }
    pub fn name(&self) -> &str {
        self.full().name.as_str()
    }
    pub fn is_mariadb(&self) -> bool {
        self.before.server.engine == Engine::Mariadb
    }
    pub fn is_referenced(&self) -> bool {
        self.before.referenced_by(self.full()).next().is_some()
    }
    pub fn beside(&self, suffix: &str) -> Ident {
        beside(&self.full().name, suffix)
    }

    /// Files of the run, by a name that is safe in any folder and short enough for a socket.
    pub fn stem(&self) -> String {
        let safe = |t: &str| t.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
        let stem = format!("{}.{}", safe(self.database()), safe(self.name()));
        let plain = stem.replace('.', "") == format!("{}{}", self.database(), self.name());
        if stem.len() <= 40 && plain {
            return stem;
        }
        let short: String = stem.chars().take(40).collect();
        format!("{short}-{:08x}", number(&format!("{}.{}", self.database(), self.name())))
    }

    /// The folder for pause, panic and process files, made on the way.
    pub fn folder(&self) -> &'static str {
        "run=${SIDESTEP_RUN:-/run/sidestep}\nmkdir -p \"$run\""
    }

    /// A shell function that sends statements; `conf` names the variable with the option file.
    pub fn client(&self, conf: &str) -> String {
        let client = if self.is_mariadb() { "mariadb" } else { "mysql" };
        format!(
            "sql() {{ \"${{MYSQL:-{client}}}\" --defaults-extra-file=\"${conf}\" -h \"$MYSQL_HOST\" -P \"${{MYSQL_PORT:-3306}}\" --default-character-set=utf8mb4 -NB {} -e \"$1\"; }}",
            word(self.database())
        )
    }

    /// Stops the script if one of these tables is there: whatever it is, this run did not make it.
    pub fn nothing_left(&self, tables: &[Ident]) -> String {
        let names: Vec<String> = tables.iter().map(|t| literal(t.as_str())).collect();
        let shown: Vec<String> = tables.iter().map(id).collect();
        let count = format!(
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ({})",
            names.join(", ")
        );
        format!(
            "left=$(sql {})\n[ \"$left\" = 0 ] || {{ printf '%s\\n' {}; exit 1; }}",
            word(&count),
            word(&format!(
                "One of {} is there already: of an earlier run, or somebody's own. Clear it away first.",
                shown.join(", ")
            ))
        )
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
            Executor::GhOst => self.gh_ost_after_the_switch(),
            Executor::PtOsc => format!(
                "The table is another one from here on. The old one stays as `{}` until it is dropped, without what was written since.",
                self.beside("_old")
            ),
            Executor::Vitess => "ALTER VITESS_MIGRATION … REVERT leads back, with what was written since, as long as the artifacts are kept.".to_owned(),
            _ => "A deploy request can be reverted for 30 minutes, with what was written since.".to_owned(),
        }
    }

    pub fn notes(&self, b: &mut Builder) {
        let found = match self.which {
            Executor::GhOst => self.gh_ost_notes(),
            Executor::PtOsc => self.pt_osc_notes(),
            _ => Vec::new(),
        };
        for (severity, text) in found {
            b.finding(severity, text);
        }
        if matches!(self.which, Executor::GhOst | Executor::PtOsc) {
            let bytes = self.table.stats.heap_bytes + self.table.stats.index_bytes;
            b.finding(
                Severity::Note,
                format!(
                    "`{}` lies twice on the disk from the first copied row until the old table is dropped: about {} more, and as much again in the binary log.",
                    self.full(),
                    crate::model::Bytes(bytes)
                ),
            );
        }
    }

    fn vitess(&self) -> Vec<Stage> {
        let statement = format!("ALTER TABLE {} {}", id(&self.full().name), self.alter);
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
        let statement = format!("ALTER TABLE {} {}", id(&self.full().name), self.alter);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_fit_and_differ() {
        assert_eq!(beside(&"users".into(), "_new").as_str(), "_users_new");
        let long = "x".repeat(64);
        let other = format!("{}y", "x".repeat(63));
        for suffix in ["_new", "_old"] {
            let (a, b) = (beside(&long.as_str().into(), suffix), beside(&other.as_str().into(), suffix));
            assert!(a.as_str().chars().count() <= LONGEST && a != b, "{a} {b}");
        }
        assert_eq!(word("a'b,c"), "'a'\\''b,c'");
    }
}
