//! Exports run by the real migration tools: to the end, once more, after injected failures, and back. `tests/run` installs the
//! tools of the fast half, `tests/run --exports` all of them; a tool that is not there fails its test.

mod alembic;
mod dbmate;
mod diesel;
mod django;
mod drizzle;
mod failures;
mod graphile_migrate;
mod knex;
mod liquibase;
mod liquibase_yaml;
mod mysql;
mod mysql_sent;
mod node_pg_migrate;
mod pipelines;
mod prisma;
mod programs;
mod rails;
mod rails_strong_migrations;
mod refinery;
mod sqitch;
mod sqlx;
mod typeorm;

use crate::live::journey::{prepared, read};
use crate::live::shape::{Names, differences, rows, shape};
use crate::support::case::{self, Case};
use crate::support::{Database, MysqlDatabase, MysqlServer, Server};
use sidestep::plan::{Plan, Strategy};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One migration tool, as a team uses it.
pub trait Migrator: Sync {
    /// As `--format` names it.
    fn format(&self) -> &'static str;
    /// Where the team keeps its migrations, below the project.
    fn folder(&self) -> &'static str;
    /// Writes what a project of this tool has beside migrations, and one migration of the team's own that does next to nothing.
    fn prepare(&self, project: &Project);
    /// Runs all that is pending.
    fn up(&self, project: &Project) -> Command;
    /// What an operator does after a failed `up` and before the next; nothing for most.
    fn recover(&self, _project: &Project, _said: &str) -> Vec<Command> {
        Vec::new()
    }
    /// Takes back the newest migration; none for tools that cannot.
    fn down(&self, _project: &Project) -> Option<Command> {
        None
    }
    /// How many migrations these files of the tool's folder are; a migration may be several files or a folder.
    fn count(&self, files: &[&str]) -> usize {
        let stems: BTreeSet<&str> = files.iter().filter_map(|f| f.split(['.', '/']).next()).collect();
        stems.len()
    }
    /// SQL that takes the newest migration out of the tool's history: as if it was killed between work and note.
    /// Only for tools that note apart.
    fn forget(&self) -> Option<&'static str> {
        None
    }
    /// The same on MySQL, where every tool notes apart: its newest migration leaves the first of `own_tables`.
    fn forget_on_mysql(&self, _project: &Project) -> String {
        unimplemented!("{} is not run on MySQL", self.format())
    }
    /// It keeps more about a migration than one row in one table.
    fn keeps_more_than_notes(&self) -> bool {
        false
    }
    /// It does not pass on what the server said.
    fn is_silent(&self) -> bool {
        false
    }
    /// The table of the tool's history, where a migration that was taken back may still be noted after a kill.
    fn history(&self) -> Option<&'static str> {
        None
    }
    /// What the database holds for the tool's own sake.
    fn own_tables(&self) -> &'static [&'static str];
}

/// A folder with a team's project, and its database.
pub struct Project {
    pub dir: tempfile::TempDir,
    pub home: Home,
    pub tool: &'static dyn Migrator,
}

/// Where a project's tables are.
pub enum Home {
    Postgresql(Database),
    Mysql(&'static MysqlServer, MysqlDatabase),
}

pub const MAJOR: u16 = 15;

/// Rename, int → bigint with all that references it, a destructive contract, split, NOT NULL, unique, foreign key.
const CASES: &[&str] = &[
    "rename-column/plain",
    "key-type/serial-family",
    "drop-column/plain",
    "replace-columns/split-users",
    "set-not-null/filled",
    "add-constraint/unique",
    "add-constraint/foreign-key",
];

fn the_case(id: &str) -> Case {
    let mut case = case::all().into_iter().find(|c| c.id() == id).unwrap_or_else(|| panic!("there is no case {id}"));
    case.policy.lock_timeout_ms = 500;
    // The tables of a test are small enough to be changed in one go.
    case.policy.strategy = Strategy::Online;
    case
}

/// How a tool says that a step is not for it to take back.
const REFUSALS: [&str; 3] = ["cannot be undone", "run its file in undo/", "RollbackFailedException"];

/// Where `tests/run` keeps the tools: `bin`, and `node_modules` for those that a project loads.
pub fn tools() -> PathBuf {
    let engines = std::env::var_os("SIDESTEP_ENGINES").map(PathBuf::from);
    let usual = engines.as_deref().and_then(Path::parent).map(|p| p.join("migrators"));
    std::env::var_os("SIDESTEP_MIGRATORS").map(PathBuf::from).or(usual).expect("SIDESTEP_MIGRATORS, set by tests/run")
}

impl Project {
    fn new(tool: &'static dyn Migrator, case: &Case) -> Self {
        Self::on(tool, Home::Postgresql(prepared(case, MAJOR).unwrap()))
    }

    fn on(tool: &'static dyn Migrator, home: Home) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = Self { dir, home, tool };
        std::fs::create_dir_all(project.path(tool.folder())).unwrap();
        tool.prepare(&project);
        project.up().unwrap_or_else(|why| panic!("the team's own migration: {why}"));
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    pub fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    /// On PostgreSQL.
    pub fn database(&self) -> &Database {
        let Home::Postgresql(database) = &self.home else { panic!("it is on MySQL") };
        database
    }
    pub fn is_mysql(&self) -> bool {
        matches!(self.home, Home::Mysql(..))
    }
    /// The one value that a query answers with.
    pub fn value(&self, sql: &str) -> String {
        match &self.home {
            Home::Postgresql(database) => database.session().value(sql),
            Home::Mysql(_, database) => database.session().value(sql),
        }
    }
    pub fn run(&self, sql: &str) {
        match &self.home {
            Home::Postgresql(database) => database.session().run(sql),
            Home::Mysql(_, database) => database.session().run(sql),
        }
    }
    /// `postgres://postgres@127.0.0.1:PORT/DATABASE`, `mysql://tester:tester@127.0.0.1:PORT/DATABASE`.
    pub fn url(&self) -> &str {
        match &self.home {
            Home::Postgresql(database) => &database.url,
            Home::Mysql(_, database) => &database.url,
        }
    }
    /// Host, port and database, for tools that take no URL.
    pub fn address(&self) -> (String, String, String) {
        let rest = self.url().split('@').nth(1).unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let (host, port) = server.split_once(':').unwrap();
        (host.to_owned(), port.to_owned(), name.to_owned())
    }
    /// A tool's program, run in the project.
    pub fn command(&self, program: &str) -> Command {
        let tools = tools();
        let own = tools.join("bin").join(program);
        let mut command = Command::new(if own.exists() { own } else { PathBuf::from(program) });
        let path = std::env::var("PATH").unwrap_or_default();
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("PATH", format!("{}:{path}", tools.join("bin").display()));
        command.env("NODE_PATH", tools.join("node/node_modules"));
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command
    }
    pub fn up(&self) -> Result<String, String> {
        run(self.tool.up(self))
    }
    /// After a failure: what an operator does, then everything that is pending.
    pub fn again(&self, said: &str) -> Result<String, String> {
        for command in self.tool.recover(self, said) {
            run(command)?;
        }
        self.up()
    }
    /// sidestep itself, in the project.
    fn sidestep(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("sidestep"));
        command.args(arguments).current_dir(self.dir.path()).env("HOME", self.dir.path()).stdin(Stdio::null());
        run(command)
    }
    /// Exports the plan beside the team's migrations.
    fn export(&self, plan: &Plan) {
        self.write("plan.json", &serde_json::to_string_pretty(plan).unwrap());
        self.sidestep(&[
            "export",
            "plan.json",
            "--format",
            self.tool.format(),
            "--out",
            "change",
            "--migrations",
            self.tool.folder(),
        ])
        .unwrap();
    }
    fn stages(&self) -> Vec<(String, bool)> {
        let text = std::fs::read_to_string(self.path("change/sidestep.json")).unwrap();
        let manifest: sidestep::export::manifest::Manifest = serde_json::from_str(&text).unwrap();
        manifest.stages.iter().map(|s| (s.name.clone(), s.first.is_some())).collect()
    }
    fn promote(&self) -> Result<String, String> {
        self.sidestep(&["promote", "change"])
    }
    /// Runs the psql file that a tool was told to wait for; what psql said, or none if the tool waits for nothing.
    fn by_hand(&self, said: &str) -> Option<String> {
        let file = said.split("run psql/").nth(1)?.split(".sql with psql").next()?;
        let mut command = self.command("psql");
        command.args(["-X", "-d", self.url(), "-f", &format!("change/psql/{file}.sql")]);
        Some(run(command).unwrap_or_else(|why| why))
    }
    /// All that is pending; where psql has to do a step first, that too.
    fn to_the_end_of_the_stage(&self) -> Result<(), String> {
        let mut said = match self.up() {
            Ok(_) => return Ok(()),
            Err(said) => said,
        };
        for _ in 0..40 {
            let Some(told) = self.by_hand(&said) else { break };
            match self.again(&said) {
                Ok(_) => return Ok(()),
                Err(why) if why == said => return Err(format!("{said}\npsql: {told}")),
                Err(why) => said = why,
            }
        }
        Err(said)
    }
    /// Stage after stage until one fails: what it said, or none if all went through.
    fn until_it_fails(&self) -> Option<String> {
        loop {
            if let Err(said) = self.to_the_end_of_the_stage() {
                return Some(said);
            }
            if self.stages().iter().all(|(_, there)| *there) {
                return None;
            }
            self.promote().unwrap();
        }
    }
    fn stage_names(&self) -> String {
        format!("{:?}", self.stages())
    }
    fn tables(&self) -> sidestep::model::Catalog {
        let mut catalog = read(self.database());
        let own = self.tool.own_tables();
        catalog.tables.retain(|t| !own.contains(&t.name.name.as_str()) && !own.contains(&t.name.schema.as_str()));
        catalog.sequences.retain(|s| {
            !own.iter().any(|o| s.name.name.as_str().starts_with(o)) && !own.contains(&s.name.schema.as_str())
        });
        catalog
    }
}

pub fn run(mut command: Command) -> Result<String, String> {
    let shown = format!("{command:?}");
    let output = command.output().unwrap_or_else(|why| panic!("{shown}: {why}; `tests/run --exports` installs it"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(said) } else { Err(format!("{shown}\n{said}")) }
}

/// Every plan to its end, and once more; what is there then is what the script would have left.
pub fn conforms(tool: &'static dyn Migrator) {
    let only = std::env::var("SIDESTEP_CASE").unwrap_or_default();
    let mut failures = Vec::new();
    // Every plan with every tool takes its time: `tests/run --exports`, or a case's name, runs all.
    let all = std::env::var_os("SIDESTEP_EXPORTS").is_some() || !only.is_empty();
    let few = if all { CASES.len() } else { 3 };
    for id in CASES.iter().take(few).filter(|id| id.contains(&only)) {
        if let Err(why) = conform(tool, &the_case(id)) {
            failures.push(format!("== {} with {id}: {why}", tool.format()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn conform(tool: &'static dyn Migrator, case: &Case) -> Result<(), String> {
    // One source for both: rows may carry the time at which they were made.
    let (server, source) = (Server::major(MAJOR), prepared(case, MAJOR)?);
    let project = Project::on(tool, Home::Postgresql(server.copy_of(&source.name)));
    let before = project.tables();
    let start = shape(&before, Names::Exact);
    let naive = server.copy_of(&source.name);
    let mut sql = naive.session();
    let script =
        sidestep::sql::parse(case.naive(), sidestep::model::Engine::Postgresql).map_err(|p| p[0].to_string())?;
    script.statements.iter().try_for_each(|s| sql.try_run(&s.text)).map_err(|why| why.message)?;
    let plan = sidestep::change::plan(&case.wish, &before, &case.policy).map_err(|why| why.to_string())?;
    project.export(&plan);

    project.to_the_end_of_the_stage()?;
    project.up().map_err(|why| format!("a second run of the first stage: {why}"))?;
    if let Some(forget) = tool.forget() {
        project.database().session().try_run(forget).map_err(|why| why.message)?;
        let again = project.again("").map_err(|why| format!("after its note was lost: {why}"));
        again?;
    }
    go_back_and_forth(&project, &start)?;
    while project.stages().iter().any(|(_, there)| !there) {
        project.promote().map_err(|why| format!("promote: {why}"))?;
        project.to_the_end_of_the_stage().map_err(|why| format!("{}: {why}", project.stage_names()))?;
    }
    project.up().map_err(|why| format!("a run with nothing to do: {why}"))?;
    project.sidestep(&["verify", "change"]).map_err(|why| format!("verify: {why}"))?;
    let (wanted, found) = (read(&naive), project.tables());
    let mut odd = differences(&shape(&wanted, Names::Free), &shape(&found, Names::Free));
    let skipped: Vec<String> =
        case.differing(MAJOR).filter_map(|d| d.strip_prefix("data ").map(str::to_owned)).collect();
    let (expected, actual) =
        (rows(&mut sql, &wanted, &skipped)?, rows(&mut project.database().session(), &wanted, &skipped)?);
    for (table, rows) in expected {
        let wrong = rows.iter().find(|(key, row)| actual.get(&table).and_then(|t| t.get(*key)) != Some(*row));
        odd.extend(wrong.map(|(key, row)| format!("{table} {key}: not as written, {row}")));
    }
    odd.retain(|line| !case.differing(MAJOR).any(|d| line.contains(d)));
    if odd.is_empty() { Ok(()) } else { Err(format!("ends otherwise than as written:\n{}", odd.join("\n"))) }
}

/// Takes the first stage back with the tool's own command, one migration at a time, and runs it again.
fn go_back_and_forth(project: &Project, start: &BTreeSet<String>) -> Result<(), String> {
    let text = std::fs::read_to_string(project.path("change/sidestep.json")).unwrap();
    let manifest: sidestep::export::manifest::Manifest = serde_json::from_str(&text).unwrap();
    let begun = manifest.stages.first().filter(|s| s.first.is_some() && s.after.is_empty());
    let (Some(stage), Some(_)) = (begun, project.tool.down(project)) else { return Ok(()) };
    let files: Vec<&str> = stage.migrations.keys().map(String::as_str).collect();
    for _ in 0..project.tool.count(&files) {
        let command = project.tool.down(project).unwrap();
        let keep = |table: &str| format!("CREATE TEMP TABLE noted AS SELECT * FROM {table}");
        let mut sql = project.database().session();
        project.tool.history().iter().for_each(|table| sql.run(&keep(table)));
        match run(command) {
            // As if it was killed before it struck its note out.
            Ok(_) => {
                let Some(table) = project.tool.history() else { continue };
                sql.run(&format!("INSERT INTO {table} SELECT * FROM noted EXCEPT SELECT * FROM {table}"));
                let command = project.tool.down(project).unwrap();
                run(command).map_err(|said| format!("the same way back again: {said}"))?;
            }
            // A step that the tool cannot take back says so, and nothing has changed.
            Err(said) if REFUSALS.iter().any(|r| said.contains(r)) => {
                return project.again(&said).map(drop);
            }
            Err(said) => return Err(format!("on the way back: {said}")),
        }
    }
    let odd = differences(start, &shape(&project.tables(), Names::Exact));
    if !odd.is_empty() {
        return Err(format!("the way back leaves:\n{}", odd.join("\n")));
    }
    project.up().map(drop).map_err(|why| format!("forth again: {why}"))
}

macro_rules! migrators {
    (fast: $($fast:ident),* ; slow: $($slow:ident),* $(,)?) => {
        $(
            #[test]
            fn $fast() {
                conforms(&$fast::TOOL);
                failures::withstands(&$fast::TOOL);
            }
        )*
        $(
            #[test]
            #[ignore = "tests/run --exports"]
            fn $slow() {
                conforms(&$slow::TOOL);
                failures::withstands(&$slow::TOOL);
            }
        )*
    };
}

migrators! {
    fast: dbmate, alembic, graphile_migrate, knex, typeorm;
    slow: diesel, django, drizzle, node_pg_migrate, prisma, rails, rails_strong_migrations,
    liquibase, liquibase_yaml, refinery, sqitch, sqlx,
}
