//! The grammar of the command line; its `--help` is the reference.

pub use super::choices::{EngineArg, FailOn, LintFormat, PlanFormat, RenameArg, StrategyArg, SyncArg};
use crate::plan::{Executor, Policy, Rename, Strategy, Sync};
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Cyan.on_default().bold())
    .usage(AnsiColor::Cyan.on_default().bold())
    .literal(AnsiColor::Green.on_default());

/// Turns a naive schema change into a zero-downtime plan.
///
/// Write the change you would run on a laptop. sidestep reads the catalog of your database and answers with the steps
/// that never take the table away from its users: SQL, locks, time, deploys, and the way back.
/// It never changes your database.
#[derive(Debug, Parser)]
#[command(name = "sidestep", version, styles = STYLES, after_help = AFTER)]
pub struct Cli {
    /// URL, `key=value` pairs, profile name or catalog file; without it the app starts on its connect screen
    pub target: Option<String>,
    #[command(flatten)]
    pub app: AppArgs,
    /// Configuration file instead of $XDG_CONFIG_HOME/sidestep/config.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER: &str = "TARGET is postgresql://…, mysql://…, mariadb://…, key=value pairs, a catalog.json, a profile of the configuration, or a demo: `demo`, `demo:mysql`, `demo:mariadb`.\n\
Exit codes: 0 ok · 1 hazards at or above --fail-on · 2 usage · 3 cannot connect or read · 4 cannot plan this change · 70 a bug.";

#[derive(Debug, Clone, Args)]
pub struct ReviewArgs {
    /// The plan, as `sidestep plan … -o plan.json` wrote it
    pub plan: String,
    /// Where the review is kept; beside the plan if not given: plan.review.json
    #[arg(long, value_name = "FILE")]
    pub review: Option<String>,
    /// Open nothing: say how far the review is; exit code 1 unless both signed this very plan
    #[arg(long)]
    pub check: bool,
    /// With --check: as JSON
    #[arg(long, requires = "check")]
    pub json: bool,
    #[command(flatten)]
    pub app: AppArgs,
}

#[derive(Debug, Clone, Args)]
pub struct AppArgs {
    /// Leave the mouse to the terminal
    #[arg(long)]
    pub no_mouse: bool,
    /// Draw with ASCII only
    #[arg(long)]
    pub ascii: bool,
    /// Line by line, without a screen: for screen readers and terminals that cannot move the cursor
    #[arg(long)]
    pub plain: bool,
}

#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Whose database the demo's company has
    #[arg(long, value_enum, default_value_t = EngineArg::Postgresql)]
    pub engine: EngineArg,
    #[command(flatten)]
    pub app: AppArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the app on a built-in demo catalog: no server needed
    Demo(DemoArgs),
    /// Read a database: tables by size, version, settings, activity
    Inspect(InspectArgs),
    /// Plan a change
    Plan(PlanArgs),
    /// Write a plan as files: migrations for your tool, a runbook
    Export(ExportArgs),
    /// Review a saved plan in the app: tick, comment, sign; no database is needed
    Review(ReviewArgs),
    /// Move the next stage of an export, the contract part at last, into the migration tool's folder
    Promote(PromoteArgs),
    /// Say whether the files of an export are still what the plan wrote, and which plan that is
    Verify(VerifyArgs),
    /// Say what existing migrations would do if they were run as they are
    Lint(LintArgs),
    /// What a hazard is, with an example and what to do; without an ID, all of them
    Explain(ExplainArgs),
    /// The configuration file
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print a completion script
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man {
        /// The page of one command
        command: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print a commented default
    Init,
    /// Print the built-in keys: each part can stand as [keys.…] in the configuration
    Keys,
    /// Print a built-in theme, to begin one of your own with
    Theme {
        /// dark, light, mono or high-contrast
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// URL, `key=value` pairs, profile name, catalog file or `demo`
    pub target: String,
    /// Save the catalog; every command takes the file in place of a server
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The catalog as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    /// URL, `key=value` pairs, profile name, catalog file or `demo`
    pub target: String,
    /// SQL files, read as one script; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "sql", conflicts_with = "sql")]
    pub files: Vec<String>,
    /// The change itself
    #[arg(long, value_name = "SQL")]
    pub sql: Option<String>,
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub format: PlanFormat,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Save plan.json, the input of `sidestep export`
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 1 when the plan keeps a hazard of this severity
    #[arg(long, value_enum, default_value_t = FailOn::Never, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    #[command(flatten)]
    pub policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// A plan saved by `sidestep plan -o`; `-` is standard input
    #[arg(value_name = "PLAN.JSON", required_unless_present = "list_formats")]
    pub plan: Option<String>,
    /// One or more formats, with commas between: at most one migration tool, which a pipeline beside it then runs
    #[arg(long, value_delimiter = ',', required_unless_present = "list_formats")]
    pub format: Vec<String>,
    /// Directory to write: new, empty, or from an earlier export
    #[arg(long, value_name = "DIR", required_unless_present = "list_formats")]
    pub out: Option<PathBuf>,
    /// Replace files of an earlier export that differ: another plan, or edited by hand
    #[arg(long)]
    pub replace: bool,
    /// Your migration tool's folder: numbers go on where it ends, migrations are written into it [default: the tool's usual
    /// folder below --out]
    #[arg(long, value_name = "DIR")]
    pub migrations: Option<PathBuf>,
    /// First version number for tools that number their files
    #[arg(long, value_name = "N")]
    pub start_version: Option<u64>,
    /// Read this catalog and warn of what it changes about the plan: URL, `key=value` pairs, profile, catalog file or `demo`
    #[arg(long, value_name = "TARGET")]
    pub target: Option<String>,
    /// Show the formats and stop
    #[arg(long)]
    pub list_formats: bool,
    /// What was written, as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// Directory of an export
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// The migration tool's folder, if it has moved since the export
    #[arg(long, value_name = "DIR")]
    pub migrations: Option<PathBuf>,
    /// What was written, as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Directory of an export
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// The migration tool's folder, if it has moved since the export
    #[arg(long, value_name = "DIR")]
    pub migrations: Option<PathBuf>,
    /// Read this catalog, and say what it changes about the plan: for before the first step
    #[arg(long, value_name = "TARGET")]
    pub target: Option<String>,
    /// What was found, as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct LintArgs {
    /// SQL files, after an optional TARGET that gives the tables' sizes; `-` is standard input
    #[arg(required = true, value_name = "[TARGET] FILE")]
    pub inputs: Vec<String>,
    /// Without a TARGET: whose SQL it is
    #[arg(long, value_enum, default_value_t = EngineArg::Postgresql)]
    pub engine: EngineArg,
    /// Without a TARGET: the server's version, `15`, `8.4` or `10.11.6`; if not given 15 of PostgreSQL, 8.4 of MySQL, 10.11 of MariaDB
    #[arg(long, value_name = "VERSION")]
    pub assume: Option<String>,
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub format: LintFormat,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Hazards listed in this file are known and not counted: only new ones fail
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found now into the baseline file, and succeed
    #[arg(long, requires = "baseline")]
    pub write_baseline: bool,
    /// Exit with 1 when a statement has a hazard of this severity
    #[arg(long, value_enum, default_value_t = FailOn::Danger, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    #[command(flatten)]
    pub policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A hazard's id, as plans and lint print it: `lock-queue`
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// The same as JSON
    #[arg(long)]
    pub json: bool,
}

/// What overrides the configuration's policy.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub struct PolicyArgs {
    /// How old and new structure are kept in step
    #[arg(long, value_enum)]
    pub sync: Option<SyncArg>,
    /// Direct below the thresholds, or always one way
    #[arg(long, value_enum)]
    pub strategy: Option<StrategyArg>,
    /// A renamed column: a copy kept in step, or a view that shows both names
    #[arg(long, value_enum)]
    pub rename: Option<RenameArg>,
    /// MySQL, MariaDB: what runs a change that would block (auto, native, gh-ost, pt-osc, vitess, planetscale)
    #[arg(long, value_name = "TOOL")]
    pub executor: Option<Executor>,
    /// Largest table, in rows, that is changed directly
    #[arg(long, value_name = "ROWS")]
    pub direct_rows: Option<u64>,
    /// Largest table, in bytes, that is changed directly (`16MB`)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub direct_bytes: Option<u64>,
    /// Most rows written per second of a table that is changed directly
    #[arg(long, value_name = "ROWS")]
    pub direct_writes_per_s: Option<f64>,
    /// Brief locking statements give up after this long (`2s`, `500ms`)
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    pub lock_timeout: Option<u64>,
    #[arg(long, value_name = "TIME", value_parser = milliseconds, help = "Longest brief statement")]
    pub statement_timeout: Option<u64>,
    /// Lock timeout of validations and batches
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    pub validate_lock_timeout: Option<u64>,
    /// Longest batch
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    pub batch_statement_timeout: Option<u64>,
    /// Rows per backfill batch
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    pub batch_rows: Option<u64>,
    /// Pause between batches
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    pub batch_pause: Option<u64>,
    /// A backfill waits while a replica is further behind, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub max_lag: Option<u64>,
    /// Days to watch a release before the old structure is dropped
    #[arg(long, value_name = "DAYS")]
    pub bake_days: Option<u32>,
    /// How fast a table is read, per second (`150MB-600MB`)
    #[arg(long, value_name = "LOW-HIGH", value_parser = byte_rate)]
    pub scan_rate: Option<Rate>,
    /// How fast a table is written anew, per second
    #[arg(long, value_name = "LOW-HIGH", value_parser = byte_rate)]
    pub rewrite_rate: Option<Rate>,
    /// Rows indexed per second (`200k-800k`)
    #[arg(long, value_name = "LOW-HIGH", value_parser = row_rate)]
    pub index_rate: Option<Rate>,
    /// Rows that a backfill changes per second
    #[arg(long, value_name = "LOW-HIGH", value_parser = row_rate)]
    pub backfill_rate: Option<Rate>,
    /// WAL that the server takes on per second
    #[arg(long, value_name = "LOW-HIGH", value_parser = byte_rate)]
    pub wal_rate: Option<Rate>,
    /// A hazard that does not matter here, and why; it stays in the plan with the reason
    #[arg(long, value_name = "ID=REASON", value_parser = ignored)]
    pub ignore: Vec<(String, String)>,
}

impl PolicyArgs {
    /// `base` with what was given on the command line.
    pub fn apply(&self, mut base: Policy) -> Policy {
        fn put<T: Copy>(slot: &mut T, given: Option<T>) {
            if let Some(value) = given {
                *slot = value;
            }
        }
        put(
            &mut base.sync,
            self.sync.map(|s| match s {
                SyncArg::Trigger => Sync::Trigger,
                SyncArg::App => Sync::App,
            }),
        );
        put(
            &mut base.strategy,
            self.strategy.map(|s| match s {
                StrategyArg::Auto => Strategy::Auto,
                StrategyArg::Direct => Strategy::Direct,
                StrategyArg::Online => Strategy::Online,
            }),
        );
        put(
            &mut base.rename,
            self.rename.map(|r| match r {
                RenameArg::Copy => Rename::Copy,
                RenameArg::View => Rename::View,
            }),
        );
        put(&mut base.executor, self.executor);
        put(&mut base.direct_rows, self.direct_rows);
        put(&mut base.direct_bytes, self.direct_bytes);
        put(&mut base.direct_writes_per_s, self.direct_writes_per_s);
        put(&mut base.lock_timeout_ms, self.lock_timeout);
        put(&mut base.statement_timeout_ms, self.statement_timeout);
        put(&mut base.validate_lock_timeout_ms, self.validate_lock_timeout);
        put(&mut base.batch_statement_timeout_ms, self.batch_statement_timeout);
        put(&mut base.batch_rows, self.batch_rows);
        put(&mut base.batch_pause_ms, self.batch_pause);
        put(&mut base.max_lag_s, self.max_lag);
        put(&mut base.bake_days, self.bake_days);
        put(&mut base.scan_bytes_per_s, self.scan_rate.map(|r| r.0));
        put(&mut base.rewrite_bytes_per_s, self.rewrite_rate.map(|r| r.0));
        put(&mut base.index_rows_per_s, self.index_rate.map(|r| r.0));
        put(&mut base.backfill_rows_per_s, self.backfill_rate.map(|r| r.0));
        put(&mut base.wal_bytes_per_s, self.wal_rate.map(|r| r.0));
        base.ignore.extend(self.ignore.iter().cloned());
        base
    }
}

fn ignored(text: &str) -> Result<(String, String), String> {
    let (id, reason) = text.split_once('=').unwrap_or((text, ""));
    let (id, reason) = (id.trim(), reason.trim());
    super::explain::known(id)?;
    if reason.is_empty() {
        return Err(format!("say why: `--ignore '{id}=the reason, for whoever reads the plan'`"));
    }
    Ok((id.to_owned(), reason.to_owned()))
}

fn milliseconds(text: &str) -> Result<u64, String> {
    scaled(text, &[("ms", 1), ("s", 1000), ("min", 60_000), ("", 1)])
        .ok_or_else(|| "a time is a number with `ms`, `s` or `min`: `2s`, `500ms`".to_owned())
}

fn size(text: &str) -> Result<u64, String> {
    scaled(text, &[("kB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("B", 1), ("", 1)])
        .ok_or_else(|| "a size is a number with `kB`, `MB` or `GB`: `16MB`".to_owned())
}

/// Two bounds of a throughput, the lower first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(pub [f64; 2]);

fn rate(text: &str, unit: impl Fn(&str) -> Option<u64>) -> Option<Rate> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (unit(low)?, unit(high)?);
    (0 < low && low <= high).then_some(Rate([low as f64, high as f64]))
}

fn byte_rate(text: &str) -> Result<Rate, String> {
    rate(text, |t| size(t).ok()).ok_or_else(|| "a throughput is two sizes, the lower first: `150MB-600MB`".to_owned())
}

fn row_rate(text: &str) -> Result<Rate, String> {
    rate(text, |t| scaled(t, &[("k", 1000), ("M", 1_000_000), ("", 1)]))
        .ok_or_else(|| "a throughput is two numbers of rows, the lower first: `200k-800k`".to_owned())
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_and_sizes() {
        assert_eq!(["2s", "500ms", "1 min", "7"].map(|t| milliseconds(t).unwrap()), [2000, 500, 60_000, 7]);
        assert_eq!(["16MB", "3"].map(|t| size(t).unwrap()), [16 << 20, 3]);
        assert_eq!(byte_rate("1kB-2MB").unwrap().0, [1024.0, 2_097_152.0]);
        assert_eq!(row_rate("200k-1M").unwrap().0, [200_000.0, 1_000_000.0]);
        assert!(row_rate("2-1").is_err() && byte_rate("0").is_err());
        assert!(milliseconds("soon").is_err() && size("1 TBx").is_err());
    }
}
