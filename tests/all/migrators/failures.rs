//! What an operator meets at night: a lock that is not granted, a concurrent build that is cancelled, a backfill that is stopped
//! halfway. After the tool's own recovery the same command goes on and ends right.

use super::{MAJOR, Migrator, Project, the_case};
use crate::live::journey::{prepared, read};
use crate::live::shape::{Names, differences, shape};
use crate::support::Session;
use crate::support::case::Case;
use std::time::{Duration, Instant};

pub fn withstands(tool: &'static dyn Migrator) {
    let only = std::env::var("SIDESTEP_FAILURE").unwrap_or_default();
    type Failure = fn(&'static dyn Migrator) -> Result<(), String>;
    let all: [(&str, Failure); 3] =
        [("lock", a_lock_is_not_granted), ("build", a_build_is_cancelled), ("backfill", a_backfill_is_stopped)];
    let mut failures = Vec::new();
    for (name, failure) in all.into_iter().filter(|(name, _)| name.contains(&only)) {
        if let Err(why) = failure(tool) {
            failures.push(format!("== {} after {name}: {why}", tool.format()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn ready(tool: &'static dyn Migrator, case: &Case) -> Project {
    let project = Project::new(tool, case);
    let plan = sidestep::change::plan(&case.wish, &project.tables(), &case.policy).unwrap();
    project.export(&plan);
    project
}

/// What the script leaves where nothing goes wrong: the rest of the stages, and the comparison.
pub fn ends_right(project: &Project, case: &Case) -> Result<(), String> {
    while project.stages().iter().any(|(_, there)| !there) {
        project.promote()?;
        project.to_the_end_of_the_stage()?;
    }
    let naive = prepared(case, MAJOR)?;
    naive.session().try_run(case.naive()).map_err(|why| why.message)?;
    let odd = differences(&shape(&read(&naive), Names::Free), &shape(&project.tables(), Names::Free));
    let odd: Vec<String> = odd.into_iter().filter(|line| !case.differing(MAJOR).any(|d| line.contains(d))).collect();
    if odd.is_empty() { Ok(()) } else { Err(format!("ends otherwise than as written:\n{}", odd.join("\n"))) }
}

fn wait_for(sql: &mut Session, query: &str) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while sql.value(query) != "t" {
        if Instant::now() > deadline {
            return Err(format!("never true: {query}"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Somebody reads the table for a long time; the brief locks of the plan give way.
fn a_lock_is_not_granted(tool: &'static dyn Migrator) -> Result<(), String> {
    let case = the_case("set-not-null/filled");
    let project = ready(tool, &case);
    let mut reader = project.database().session();
    reader.run("BEGIN");
    for table in project.tables().tables {
        reader.run(&format!(
            "LOCK TABLE {} IN ACCESS SHARE MODE",
            sidestep::engine::dialect(sidestep::model::Engine::Postgresql).name(&table.name)
        ));
    }
    let Some(said) = project.until_it_fails() else { return Err("nothing waited for the reader".to_owned()) };
    if !said.contains("lock timeout") && !tool_is_silent(&said) {
        return Err(format!("no word of the lock: {said}"));
    }
    reader.run("ROLLBACK");
    go_on(&project, &said)?;
    ends_right(&project, &case)
}

/// Some tools do not pass on what the server said.
fn tool_is_silent(said: &str) -> bool {
    !said.contains("ERROR") && !said.contains("rror:")
}

fn go_on(project: &Project, said: &str) -> Result<(), String> {
    let (mut said, mut told) = (said.to_owned(), String::new());
    for _ in 0..6 {
        match project.again(&said) {
            Ok(_) => return Ok(()),
            Err(why) => said = why,
        }
        told = project.by_hand(&said).unwrap_or_default();
    }
    Err(format!("{said}\npsql: {told}"))
}

/// An old snapshot holds a concurrent build up; somebody cancels it, and an invalid index is left.
fn a_build_is_cancelled(tool: &'static dyn Migrator) -> Result<(), String> {
    let case = the_case("add-constraint/unique");
    let project = ready(tool, &case);
    let mut old = project.database().session();
    let mut watch = project.database().session();
    let table = project.tables().tables.first().map(|t| t.name.to_string()).unwrap_or_default();
    old.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    old.run(&format!("SELECT count(*) FROM {table}"));
    let said = std::thread::scope(|scope| {
        let up = scope.spawn(|| project.until_it_fails());
        // A second try takes the leftover off first, which waits for the same snapshot.
        let building = "query ~* '(create|drop).*index concurrently' AND pid <> pg_backend_pid() AND datname = current_database() AND state = 'active'";
        let waiting =
            format!("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE {building} AND wait_event_type = 'Lock')");
        let seen = wait_for(&mut watch, &waiting);
        // Where psql builds, the harness tries once more by itself.
        while !up.is_finished() {
            watch.run(&format!("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {building}"));
            std::thread::sleep(Duration::from_millis(50));
        }
        let said = up.join().unwrap();
        seen.map(|()| said)
    })?;
    old.run("ROLLBACK");
    let Some(said) = said else { return Err("the build was not stopped".to_owned()) };
    let invalid = "SELECT EXISTS (SELECT 1 FROM pg_index WHERE NOT indisvalid)";
    if watch.value(invalid) != "t" {
        return Err(format!("no invalid index was left: {said}"));
    }
    go_on(&project, &said)?;
    if watch.value(invalid) == "t" {
        return Err("an invalid index is still there".to_owned());
    }
    ends_right(&project, &case)
}

/// The session of a backfill is ended when some rows are done.
fn a_backfill_is_stopped(tool: &'static dyn Migrator) -> Result<(), String> {
    let mut case = the_case("set-not-null/filled");
    case.policy.batch_rows = 100;
    case.policy.batch_pause_ms = 50;
    let project = ready(tool, &case);
    let mut watch = project.database().session();
    let said = std::thread::scope(|scope| {
        let up = scope.spawn(|| project.until_it_fails());
        // Statements are shown cut short, so it is known by what it does: nobody else is at work in this database.
        let filling = "pid <> pg_backend_pid() AND datname = current_database() AND state = 'active' AND backend_type = 'client backend'";
        let asleep =
            format!("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE {filling} AND wait_event = 'PgSleep')");
        let seen = wait_for(&mut watch, &asleep);
        let ended = format!("SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE {filling}");
        let ended = watch.value(&ended) == "t";
        let said = up.join().unwrap();
        seen.map(|()| (said, ended))
    });
    match said {
        // psql does it for this tool.
        Err(_) if project.path("change/psql").exists() => project.to_the_end_of_the_stage()?,
        Err(why) => return Err(why),
        Ok((_, false)) => return Err("the backfill was not stopped".to_owned()),
        // Go's drivers send a statement again by themselves when the connection is gone.
        Ok((None, true)) => {}
        Ok((Some(said), true)) => go_on(&project, &said)?,
    }
    ends_right(&project, &case)
}
