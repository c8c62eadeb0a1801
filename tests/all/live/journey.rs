//! A case from its first step to its last, and back.

use super::app::App;
use super::drive::{Drive, make_plan};
use super::shape::{Names, differences, rows, shape};
use super::traffic::Traffic;
use crate::inspect::inspect;
use crate::support::case::Case;
use crate::support::{Database, Server};
use sidestep::model::Catalog;
use sidestep::plan::{Act, PhaseName, Plan, Undo};
use std::time::{Duration, Instant};

/// A database with the case's tables and rows.
pub fn prepared(case: &Case, major: u16) -> Result<Database, String> {
    let database = Server::major(major).fresh_database();
    let mut sql = database.session();
    for text in [&case.setup, &case.rows, &"ANALYZE".to_owned()] {
        sql.try_run(text).map_err(|why| format!("setup: {} {}", why.code, why.message))?;
    }
    Ok(database)
}

pub fn read(database: &Database) -> Catalog {
    inspect(&database.url)
}

/// Every step's file in the order of the plan; between them every release that the grid allows does its work.
pub fn forward(case: &Case, major: u16) -> Result<(), String> {
    if let Some(refused) = &case.refused {
        return refuses(case, major, refused);
    }
    let source = prepared(case, major)?;
    let server = Server::major(major);
    let database = server.copy_of(&source.name);
    let catalog = read(&source);
    let plan = make_plan(case, &catalog)?;
    for query in &plan.preflight {
        let asked = database.session().try_rows(&query.sql);
        asked.map_err(|why| format!("preflight, {}: {} {}", query.title, why.code, why.message))?;
    }
    let mut drive = Drive::new(plan, &database, "forward")?;
    let naive = server.copy_of(&source.name);
    let mut sql = naive.session();
    let script =
        sidestep::sql::parse(case.naive(), sidestep::model::Engine::Postgresql).map_err(|p| p[0].to_string())?;
    for located in &script.statements {
        sql.try_run(&located.text).map_err(|why| format!("as written: {} {}", why.code, why.message))?;
    }
    let mut app = App::new(case, &drive.plan, database.session(), &mut sql)?;
    let mut traffic = Traffic::start(case, &drive.plan, database.session(), &mut sql)?;
    let releases = drive.plan.releases.clone();
    let contract = drive.steps().iter().position(|s| s.id == first_of_contract(&drive.plan));
    for (position, step) in drive.steps().iter().enumerate() {
        let at = |why: String| format!("step {} ({}): {why}", step.id, step.title);
        let row = drive.plan.grid_row(&step.id).ok_or_else(|| at("has no row in the grid".into()))?.clone();
        let quiet = traffic.pause();
        if position == 0 {
            app.work(&releases[0]).map_err(|why| format!("before the first step: {why}"))?;
        }
        if contract == Some(position) {
            one_release_back(&mut app, &drive.plan, position).map_err(at)?;
        }
        drop(quiet);
        traffic.serve(releases.iter().filter(|r| row.running.contains(&r.id)).cloned().collect());
        // A check may well hold before it is asked.
        if step.changes_database() && drive.is_done(step).map_err(at)? == Some(true) {
            return Err(at("done_when is true before the step ran".into()));
        }
        // Whether an INSERT was run cannot be asked.
        if step.changes_database() && step.done_when.is_none() && !case.may_differ(major, "no check") {
            return Err(at("has no done_when".into()));
        }
        run_under_traffic(&drive, &traffic, position).map_err(at)?;
        let quiet = traffic.pause();
        if drive.is_done(step).map_err(at)? == Some(false) {
            return Err(at("done_when is not true after the step ran".into()));
        }
        ask_before_deploy(&drive, position + 1).map_err(at)?;
        for release in releases.iter().filter(|r| row.works.get(&r.id) == Some(&true)) {
            app.work(release).map_err(|why| at(format!("after it {why}")))?;
        }
        drop(quiet);
    }
    traffic.stop();
    traffic.check()?;
    let ended = shape(&read(&database), Names::Exact);
    for (position, step) in drive.steps().iter().enumerate().filter(|(_, s)| s.superseded_by.is_some()) {
        drive.run_file(position).map_err(|why| format!("step {} run again at the end: {why}", step.id))?;
        if shape(&read(&database), Names::Exact) != ended {
            return Err(format!("step {} ({}), run again at the end, changes something", step.id, step.title));
        }
    }
    for query in &case.compare {
        let found = drive.try_rows(query)?;
        if found != [["t"]] {
            return Err(format!("compare answers {found:?}: {query}"));
        }
    }
    let (wanted, found) = (read(&naive), read(&database));
    let mut odd = differences(&shape(&wanted, Names::Free), &shape(&found, Names::Free));
    let skipped = case.differing(major).filter_map(|d| d.strip_prefix("data ").map(str::to_owned)).collect::<Vec<_>>();
    let (expected, actual) = (rows(&mut sql, &wanted, &skipped)?, rows(&mut drive.sql, &wanted, &skipped)?);
    for (table, expected) in expected {
        // Without a key from the start nobody can tell which rows the application changed.
        if catalog.tables.iter().any(|t| t.name.to_string() == table && t.primary_key().is_none()) {
            continue;
        }
        let actual = &actual[&table];
        let wrong = expected.iter().filter(|(key, row)| actual.get(*key) != Some(*row)).collect::<Vec<_>>();
        if let Some((key, row)) = wrong.first() {
            odd.push(format!("{} rows of {table}: {key} is {:?}, as written {row}", wrong.len(), actual.get(*key)));
        }
    }
    odd.retain(|line| !case.differing(major).any(|d| line.contains(d)));
    if odd.is_empty() { Ok(()) } else { Err(format!("ends otherwise than as written:\n{}", odd.join("\n"))) }
}

fn first_of_contract(plan: &Plan) -> String {
    let first = plan.steps().find(|(phase, _)| *phase == PhaseName::Contract);
    first.map(|(_, step)| step.id.clone()).unwrap_or_default()
}

/// While nothing is taken away yet, the release before the present one finds all that it needs: at once, or after the undo
/// of the steps that it does not bear (`back` runs those).
fn one_release_back(app: &mut App, plan: &Plan, contract: usize) -> Result<(), String> {
    let Some(last) = contract.checked_sub(1) else { return Ok(()) };
    let running = &plan.grid[last].running;
    let Some(now) = plan.releases.iter().position(|r| running.last() == Some(&r.id)) else { return Ok(()) };
    let Some(previous) = now.checked_sub(1).and_then(|p| plan.releases.get(p)) else { return Ok(()) };
    let works = |at: usize| plan.grid[at].works.get(&previous.id) == Some(&true);
    if works(last) {
        return app.work(previous).map_err(|why| format!("back at {} {why}", previous.id));
    }
    let since = (0..last).rev().find(|at| works(*at)).map_or(0, |at| at + 1);
    let steps = plan.steps().map(|(_, s)| s).collect::<Vec<_>>();
    match steps[since..=last].iter().find(|s| matches!(s.undo, Undo::PointOfNoReturn { .. })) {
        Some(step) => Err(format!("{} is cut off from {} by step {}", running.join(", "), previous.id, step.id)),
        None => Ok(()),
    }
}

/// Runs the step's file while clients work; a brief lock that traffic kept away is asked for again.
fn run_under_traffic(drive: &Drive, traffic: &Traffic, position: usize) -> Result<(), String> {
    let rounds = traffic.rounds();
    for attempt in 0.. {
        let outcome = drive.run_file(position);
        traffic.check()?;
        match outcome {
            Err(why) if attempt < 10 && why.contains("lock timeout") => {}
            Err(why) => return Err(why),
            Ok(_) => break,
        }
    }
    // At least one round of the clients saw what the step left.
    let patience = Instant::now() + Duration::from_secs(60);
    while traffic.rounds() < rounds + 2 {
        traffic.check()?;
        if Instant::now() > patience {
            return Err("the clients stand still".into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Before a deploy its file is run without the confirmation: it says whether all is ready.
fn ask_before_deploy(drive: &Drive, position: usize) -> Result<(), String> {
    let steps = drive.steps();
    let Some(Act::Deploy { .. }) = steps.get(position).map(|s| &s.act) else { return Ok(()) };
    let output = drive.psql(drive.file(position), &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("not confirmed") { Ok(()) } else { Err(format!("the deploy after it is not ready: {said}")) }
}

/// Runs the plan to a place before the first point of no return and takes every step back, from two places.
pub fn back(case: &Case, major: u16) -> Result<(), String> {
    if case.refused.is_some() {
        return Ok(());
    }
    let database = prepared(case, major)?;
    let before = read(&database);
    let plan = make_plan(case, &before)?;
    let mut drive = Drive::new(plan, &database, "back")?;
    let start = shape(&before, Names::Exact);
    let start_rows = rows(&mut drive.sql, &before, &[])?;
    let steps = drive.steps();
    let end = steps.iter().position(|s| matches!(s.undo, Undo::PointOfNoReturn { .. })).unwrap_or(steps.len());
    // The middle one differs from case to case, so that all cases together stop everywhere.
    let middle = 1 + (case.name.len() + usize::from(major)) % end.max(1);
    for (stop, by_file) in [(middle.min(end), false), (end, true)] {
        for step in &steps[..stop] {
            drive.send(step).map_err(|why| format!("step {} ({}): {why}", step.id, step.title))?;
        }
        for (position, step) in steps[..stop].iter().enumerate().rev() {
            let taken = if by_file { drive.run_undo_file(position) } else { drive.send_undo(step) };
            taken.map_err(|why| {
                format!("undo of step {} ({}), having stopped after {stop}: {why}", step.id, step.title)
            })?;
            let changed = matches!(step.undo, Undo::Sql { .. }) && matches!(step.act, Act::Sql { .. });
            if changed && drive.is_done(step)? == Some(true) {
                return Err(format!("step {} ({}) is still done after its undo", step.id, step.title));
            }
        }
        let after = read(&database);
        let mut odd = differences(&start, &shape(&after, Names::Exact));
        odd.retain(|line| !case.differing(major).any(|d| d.strip_prefix("undo ").is_some_and(|d| line.contains(d))));
        if !odd.is_empty() {
            return Err(format!("undo from step {stop} of {end} leaves:\n{}", odd.join("\n")));
        }
        if !case.may_differ(major, "undo rows") && rows(&mut drive.sql, &before, &[])? != start_rows {
            return Err(format!("undo from step {stop} of {end} leaves other rows"));
        }
    }
    Ok(())
}

fn refuses(case: &Case, major: u16, because: &str) -> Result<(), String> {
    match make_plan(case, &read(&prepared(case, major)?)) {
        Ok(_) => Err("is planned, though the case says it is refused".into()),
        Err(why) if why.contains(because) => Ok(()),
        Err(why) => Err(format!("is refused for another reason: {why}")),
    }
}
