//! The same tools on MariaDB and MySQL, where no schema change can be rolled back: to the end, once more, with lost notes, back and
//! forth, through a lock that is not granted and a backfill that is killed.

use super::{Home, Migrator, Project, REFUSALS, run};
use crate::mysql_inspect::load;
use crate::mysql_plans::{Case, Client, every_case, parse, policy, structure};
use crate::support::{MysqlDatabase, MysqlServer, MysqlSession, mysqls};
use sidestep::plan::{Plan, Policy};
use std::time::{Duration, Instant};

/// One of each kind of server; those that tools still talk to.
const SERVERS: [&str; 2] = ["mariadb-10.11", "mysql-9.7"];

/// Triggers and a backfill and a contract, a backfill and a refusal of NULL, a key with an index, no way back.
const CASES: &[&str] = &[
    "rename-column",
    "not-null",
    "hostile",
    "add-foreign-key",
    "split-column",
    "drop-column",
    "trigger",
    "update-rows",
];

pub fn the_case(name: &str) -> Case {
    if name == "hostile" {
        return parse(name.to_owned(), include_str!("hostile.sql"));
    }
    every_case().into_iter().find(|c| c.name == name).unwrap_or_else(|| panic!("there is no case {name}"))
}

/// Whether this run asks for everything: else each case goes to one of the servers, the next one to the other.
fn all() -> bool {
    std::env::var_os("SIDESTEP_EXPORTS").is_some() || std::env::var_os("SIDESTEP_CASE").is_some()
}

/// Every failure of the servers and cases that this run asks for: `SIDESTEP_CASE`, `SIDESTEP_MYSQL`.
fn each(tool: &dyn Migrator, cases: &[&str], work: impl Fn(&'static MysqlServer, &str) -> Result<(), String>) {
    let mut failures = Vec::new();
    let servers: Vec<&str> = SERVERS.into_iter().filter(|s| mysqls().contains(s)).collect();
    for (nth, case) in cases.iter().enumerate() {
        // Tools begin with different ones, so that each case meets both.
        let first = nth + tool.format().len();
        let chosen = servers.iter().cycle().skip(first % servers.len().max(1));
        for server in chosen.take(if all() { servers.len() } else { 1 }) {
            if let Err(why) = work(MysqlServer::of(server), case) {
                failures.push(format!("== {} on {server} with {case}: {why}", tool.format()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

pub fn conforms(tool: &'static dyn Migrator) {
    let only = std::env::var("SIDESTEP_CASE").unwrap_or_default();
    let few = if all() { CASES.len() } else { 3 };
    let cases: Vec<&str> = CASES.iter().take(few).copied().filter(|id| id.contains(&only)).collect();
    each(tool, &cases, |server, case| {
        let mut case = the_case(case);
        if tool.format().starts_with("liquibase") {
            // Liquibase would take it for an expression, and the export says so.
            case.setup = case.setup.replace("${", "$");
            case.wish = case.wish.replace("${", "$");
        }
        conform(tool, server, &case)
    });
    let only = std::env::var("SIDESTEP_FAILURE").unwrap_or_default();
    let failures: Vec<&str> = ["lock", "backfill"].into_iter().filter(|name| name.contains(&only)).collect();
    each(tool, &failures, |server, name| match name {
        "lock" => a_lock_is_not_granted(tool, server),
        _ => a_backfill_is_killed(tool, server),
    });
}

pub fn prepared(server: &MysqlServer, case: &Case) -> MysqlDatabase {
    let database = server.fresh_database();
    let client = Client { server, database: &database };
    for sql in [&case.setup, &case.rows] {
        client.run(sql, "").unwrap_or_else(|why| panic!("{}: {why}", case.name));
    }
    database
}

/// A project with the plan of the case exported beside the team's migrations.
fn ready(tool: &'static dyn Migrator, server: &'static MysqlServer, case: &Case, policy: &Policy) -> (Project, Plan) {
    let project = Project::on(tool, Home::Mysql(server, prepared(server, case)));
    let mut catalog = load(database(&project));
    catalog.tables.retain(|t| !tool.own_tables().contains(&t.name.name.as_str()));
    let plan =
        sidestep::change::plan(&case.wish, &catalog, policy).unwrap_or_else(|why| panic!("{}: {why}", case.name));
    project.export(&plan);
    (project, plan)
}

fn database(project: &Project) -> &MysqlDatabase {
    let Home::Mysql(_, database) = &project.home else { panic!("it is on PostgreSQL") };
    database
}

/// Tables and triggers without the tool's own.
fn shape(project: &Project) -> Vec<String> {
    let own: Vec<String> = project.tool.own_tables().iter().map(|t| format!("{t}: ")).collect();
    structure(database(project)).into_iter().filter(|line| !own.iter().any(|o| line.starts_with(o))).collect()
}

fn conform(tool: &'static dyn Migrator, server: &'static MysqlServer, case: &Case) -> Result<(), String> {
    let (project, _) = ready(tool, server, case, &policy());
    let start = shape(&project);
    project.to_the_end_of_the_stage()?;
    project.up().map_err(|why| format!("a second run of the first stage: {why}"))?;
    // As if it was killed between the last statement and the note of it: no tool can have both or neither here.
    database(&project).session().try_run(&tool.forget_on_mysql(&project)).map_err(|why| why.message)?;
    project.again("").map_err(|why| format!("after its note was lost: {why}"))?;
    go_back_and_forth(&project, &start)?;
    ends_right(&project, server, case)
}

/// The rest of the stages, and the comparison with what the script leaves where nothing goes wrong.
fn ends_right(project: &Project, server: &'static MysqlServer, case: &Case) -> Result<(), String> {
    while project.stages().iter().any(|(_, there)| !there) {
        project.promote().map_err(|why| format!("promote: {why}"))?;
        project.to_the_end_of_the_stage().map_err(|why| format!("{}: {why}", project.stage_names()))?;
    }
    project.up().map_err(|why| format!("a run with nothing to do: {why}"))?;
    project.sidestep(&["verify", "change"]).map_err(|why| format!("verify: {why}"))?;
    let naive = prepared(server, case);
    Client { server, database: &naive }.run(&case.wish, "").map_err(|why| format!("as written: {why}"))?;
    let (wanted, found) = (structure(&naive), shape(project));
    if wanted != found {
        return Err(format!("ends otherwise than as written:\n{wanted:#?}\n{found:#?}"));
    }
    let (wanted, found) = (rows(&naive, &naive), rows(database(project), &naive));
    if wanted == found { Ok(()) } else { Err(format!("not as written:\n{wanted:#?}\n{found:#?}")) }
}

/// The rows of every table that `like` has.
fn rows(database: &MysqlDatabase, like: &MysqlDatabase) -> Vec<(String, Vec<Vec<String>>)> {
    let (mut sql, mut asked) = (database.session(), like.session());
    let tables = asked.column(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1",
    );
    let of = |table: String| {
        let columns = asked.column(&format!(
            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' ORDER BY 1"
        ));
        let columns: Vec<String> = columns.iter().map(|c| format!("`{}`", c.replace('`', "``"))).collect();
        let mut rows = sql.rows(&format!("SELECT {} FROM `{}`", columns.join(", "), table.replace('`', "``")));
        rows.sort();
        (table, rows)
    };
    tables.into_iter().map(of).collect()
}

/// Takes the first stage back with the tool's own command, each migration twice, and runs it again.
fn go_back_and_forth(project: &Project, start: &[String]) -> Result<(), String> {
    let text = std::fs::read_to_string(project.path("change/sidestep.json")).unwrap();
    let manifest: sidestep::export::manifest::Manifest = serde_json::from_str(&text).unwrap();
    let begun = manifest.stages.first().filter(|s| s.first.is_some() && s.after.is_empty());
    let (Some(stage), Some(_)) = (begun, project.tool.down(project)) else { return Ok(()) };
    let files: Vec<&str> = stage.migrations.keys().map(String::as_str).collect();
    for _ in 0..project.tool.count(&files) {
        let mut sql = database(project).session();
        let history = project.tool.own_tables()[0];
        if !project.tool.keeps_more_than_notes() {
            sql.run(&format!("CREATE TEMPORARY TABLE noted AS SELECT * FROM {history}"));
        }
        match run(project.tool.down(project).unwrap()) {
            Ok(_) if project.tool.keeps_more_than_notes() => {}
            // As if it was killed before it struck its note out.
            Ok(_) => {
                sql.run(&format!("DELETE FROM {history}"));
                sql.run(&format!("INSERT INTO {history} SELECT * FROM noted"));
                let command = project.tool.down(project).unwrap();
                run(command).map_err(|said| format!("the same way back again: {said}"))?;
            }
            Err(said) if REFUSALS.iter().any(|r| said.contains(r)) => return project.again(&said).map(drop),
            Err(said) => return Err(format!("on the way back: {said}")),
        }
    }
    let found = shape(project);
    if found != start {
        return Err(format!("the way back leaves:\n{start:#?}\n{found:#?}"));
    }
    project.up().map(drop).map_err(|why| format!("forth again: {why}"))
}

/// What an operator does, until the stage is through.
fn go_on(project: &Project, said: &str) -> Result<(), String> {
    let mut said = said.to_owned();
    for _ in 0..3 {
        match project.again(&said) {
            Ok(_) => return Ok(()),
            Err(why) => said = why,
        }
    }
    Err(format!("it does not go on: {said}"))
}

/// Somebody has read the tables in a transaction that is still open: the step gives way instead of the application.
fn a_lock_is_not_granted(tool: &'static dyn Migrator, server: &'static MysqlServer) -> Result<(), String> {
    let case = the_case("rename-column");
    let (project, _) = ready(tool, server, &case, &Policy { lock_timeout_ms: 1000, ..policy() });
    let mut reader = database(&project).session();
    reader.run("START TRANSACTION");
    reader.run("SELECT COUNT(*) FROM users");
    let began = Instant::now();
    let Some(said) = project.until_it_fails() else { return Err("nothing waited for the reader".to_owned()) };
    let took = began.elapsed();
    if !said.to_lowercase().contains("lock wait timeout") && !tool.is_silent() {
        return Err(format!("no word of the lock: {said}"));
    }
    if took > Duration::from_secs(30) {
        return Err(format!("it waited for {took:?}"));
    }
    reader.run("COMMIT");
    go_on(&project, &said)?;
    ends_right(&project, server, &case)
}

/// The connection of a backfill is killed when some rows are done.
fn a_backfill_is_killed(tool: &'static dyn Migrator, server: &'static MysqlServer) -> Result<(), String> {
    let case = the_case("not-null");
    let slow = Policy { batch_rows: 1, batch_pause_ms: 400, ..policy() };
    let (project, _) = ready(tool, server, &case, &slow);
    let mut watch = database(&project).session();
    let (said, killed) = std::thread::scope(|scope| {
        let up = scope.spawn(|| project.until_it_fails());
        let killed = kill(&mut watch, &database(&project).name, || up.is_finished());
        (up.join().unwrap(), killed)
    });
    if !killed {
        return Err(format!("the backfill was not seen: {said:?}"));
    }
    // Drivers that send again by themselves when a connection is gone may go through.
    if let Some(said) = said {
        go_on(&project, &said)?;
    }
    ends_right(&project, server, &case)
}

/// Kills the session that sleeps between batches; false where there was none until `over`.
fn kill(watch: &mut MysqlSession, database: &str, over: impl Fn() -> bool) -> bool {
    let asleep =
        format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{database}' AND STATE = 'User sleep'");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !over() && Instant::now() < deadline {
        if let Some(id) = watch.column(&asleep).first() {
            return watch.try_run(&format!("KILL {id}")).is_ok();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

macro_rules! migrators_on_mysql {
    (fast: $($fast:ident),* ; slow: $($slow:ident),* $(,)?) => {
        $(
            #[test]
            fn $fast() {
                conforms(&super::$fast::TOOL);
            }
        )*
        $(
            #[test]
            #[ignore = "tests/run --exports"]
            fn $slow() {
                conforms(&super::$slow::TOOL);
            }
        )*
    };
}

migrators_on_mysql! {
    fast: alembic, dbmate, django, drizzle, knex, typeorm;
    slow: diesel, liquibase, liquibase_yaml, rails, rails_strong_migrations, sqitch, sqlx,
}
