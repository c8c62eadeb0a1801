//! A case from its first step to its last while clients work, and back.

use super::app::{App, World};
use super::case::Case;
use super::files::{Ready, differences, filled, prepared, rows, structure};
use super::traffic::Traffic;
use crate::mysql_inspect::load;
use crate::support::MysqlServer;
use sidestep::model::Catalog;
use sidestep::plan::{Act, PhaseName, Release, Undo};
use std::sync::Arc;

/// Numbers of the clients that work between the steps; those that never stop have others.
const BETWEEN: u64 = 10_000;

/// Runs every file twice while clients of the running releases work; the number of steps.
pub fn forward(server: &MysqlServer, case: &Case) -> Result<usize, String> {
    let ready = prepared(server, case)?;
    let written = as_written(server, case)?;
    let mut sql = ready.database.session();
    let before = load(&ready.database);
    let after = written.as_ref().map(|w| named_as(load(w), &w.name, &ready.database.name));
    let world = Arc::new(World::new(case, &ready.plan, before, after, &mut sql));
    let mut app = App::new(&world, ready.database.session(), BETWEEN);
    let releases = ready.plan.releases.clone();
    if let Some(first) = releases.first() {
        app.work(first).map_err(|why| format!("before the first step: {why}"))?;
    }
    let traffic = Traffic::start(case, &world, &ready.database);
    let mut ran = 0;
    let contract = ready.plan.steps().position(|(phase, _)| phase == PhaseName::Contract);
    for (position, (path, content, step)) in ready.steps().into_iter().enumerate() {
        let at = |what: &str, why: &str| format!("{path}: {what}: {why}");
        let row = ready.plan.grid_row(&step.id).ok_or_else(|| at("no row in the grid", ""))?;
        if contract == Some(position) {
            let quiet = traffic.pause();
            one_release_back(&mut app, &ready, position).map_err(|e| at("back", &e))?;
            drop(quiet);
        }
        traffic.serve(releases.iter().filter(|r| row.running.contains(&r.id)).cloned().collect());
        let changes = step.changes_database();
        if changes && ready.is_done(step) == Some(true) {
            return Err(at("done before it ran", &step.done_when.as_ref().unwrap().sql));
        }
        under_traffic(&ready, content, step, &traffic).map_err(|e| at("failed", &e))?;
        if changes && ready.is_done(step) == Some(false) {
            return Err(at("not done after it ran", &step.done_when.as_ref().unwrap().sql));
        }
        under_traffic(&ready, content, step, &traffic).map_err(|e| at("failed the second time", &e))?;
        if changes {
            traffic.settle().map_err(|e| at("after it", &e))?;
        }
        let quiet = traffic.pause();
        app.promises = true;
        for release in releases.iter().filter(|r| row.works.get(&r.id) == Some(&true)) {
            app.work(release).map_err(|e| at("after it", &e))?;
        }
        drop(quiet);
        ran += 1;
    }
    traffic.check()?;
    drop(traffic);
    for query in case.compare.split(';').map(str::trim).filter(|q| !q.is_empty()) {
        let found = sql.try_rows(query).map_err(|why| why.message)?;
        if found != [["1"]] {
            return Err(format!("compare answers {found:?}: {query}"));
        }
    }
    if let Some(written) = &written {
        let mut odd = differences(&structure(written, false), &structure(&ready.database, false));
        odd.extend(other_rows(&world, &rows(written), &rows(&ready.database)));
        odd.retain(|line| !case.differs.iter().any(|d| line.contains(d)));
        if !odd.is_empty() {
            return Err(format!("ends otherwise than as written:\n{}", odd.join("\n")));
        }
    }
    Ok(ran)
}

type Rows = std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>;

/// Rows that clients did not touch and that are not as the script leaves them.
fn other_rows(world: &World, wanted: &Rows, found: &Rows) -> Vec<String> {
    let mut odd = Vec::new();
    for (table, wanted) in wanted {
        let Some(found) = found.get(table) else { continue };
        let wrong = wanted.iter().filter(|(key, row)| !world.touches(key) && found.get(*key) != Some(*row));
        odd.extend(wrong.map(|(key, row)| format!("row {key} of {table} is {:?}, as written {row}", found.get(key))));
    }
    odd
}

/// The database with the script run as it was written; none if the server refuses it.
fn as_written(server: &MysqlServer, case: &Case) -> Result<Option<crate::support::MysqlDatabase>, String> {
    let database = filled(server, case);
    let client = super::files::Client { server, database: &database };
    match client.run(&case.wish, "") {
        Ok(_) => Ok(Some(database)),
        Err(_) if case.differs.iter().any(|d| d == "fails as written") => Ok(None),
        Err(why) => Err(format!("as written: {why}")),
    }
}

/// The database with the script run, as if it were the plan's.
pub fn after(server: &MysqlServer, case: &Case, ready: &Ready) -> Option<Catalog> {
    as_written(server, case).unwrap().map(|w| named_as(load(&w), &w.name, &ready.database.name))
}

fn named_as(catalog: Catalog, from: &str, to: &str) -> Catalog {
    let text = serde_json::to_string(&catalog).unwrap();
    let text = text.replace(&format!("\"{from}."), &format!("\"{to}."));
    serde_json::from_str(&text.replace(&format!("\"{from}\""), &format!("\"{to}\""))).unwrap()
}

/// Runs the step's file; a brief lock that clients kept away is asked for again.
fn under_traffic(ready: &Ready, content: &str, step: &sidestep::plan::Step, traffic: &Traffic) -> Result<(), String> {
    for attempt in 0.. {
        let outcome = ready.run(content, step);
        traffic.check()?;
        match outcome {
            Err(why) if attempt < 5 && why.contains("ERROR 1205") => {}
            Err(why) => return Err(why),
            Ok(_) => break,
        }
    }
    Ok(())
}

/// While nothing is taken away yet, the release before the present one finds all that it needs: at once, or after the undo of the
/// steps that it does not bear (`back` runs those).
fn one_release_back(app: &mut App, ready: &Ready, contract: usize) -> Result<(), String> {
    let plan = &ready.plan;
    let Some(last) = contract.checked_sub(1) else { return Ok(()) };
    let running = &plan.grid[last].running;
    let Some(now) = plan.releases.iter().position(|r| running.last() == Some(&r.id)) else { return Ok(()) };
    let Some(previous): Option<&Release> = now.checked_sub(1).and_then(|p| plan.releases.get(p)) else { return Ok(()) };
    let works = |at: usize| plan.grid[at].works.get(&previous.id) == Some(&true);
    if works(last) {
        return app.work(previous).map_err(|why| format!("{} again: {why}", previous.id));
    }
    let since = (0..last).rev().find(|at| works(*at)).map_or(0, |at| at + 1);
    let steps = plan.steps().map(|(_, s)| s).collect::<Vec<_>>();
    match steps[since..=last].iter().find(|s| matches!(s.undo, Undo::PointOfNoReturn { .. })) {
        Some(step) => Err(format!("{} is cut off from {} by step {}", running.join(", "), previous.id, step.id)),
        None => Ok(()),
    }
}

/// Runs the plan to its first point of no return and takes every step back; the number of steps taken back.
pub fn back(server: &MysqlServer, case: &Case) -> Result<usize, String> {
    let ready = prepared(server, case)?;
    let (start, start_rows) = (structure(&ready.database, true), rows(&ready.database));
    let mut undo: Vec<&String> = Vec::new();
    for (path, content, step) in ready.steps() {
        if matches!(step.undo, Undo::PointOfNoReturn { .. }) {
            break;
        }
        let confirmed = if matches!(step.act, Act::Approve { .. }) { &ready.plan.id } else { &step.id };
        ready.client().run(content, confirmed).map_err(|e| format!("{path}: {e}"))?;
        undo.extend(ready.undo_of(path));
    }
    for path in undo.iter().rev() {
        ready.client().run(&ready.files[*path], "").map_err(|e| format!("{path}: {e}"))?;
        ready.client().run(&ready.files[*path], "").map_err(|e| format!("{path} the second time: {e}"))?;
    }
    let mut odd = differences(&start, &structure(&ready.database, true));
    if rows(&ready.database) != start_rows {
        odd.push("other rows".to_owned());
    }
    odd.retain(|line| !case.differs.iter().filter_map(|d| d.strip_prefix("undo ")).any(|d| line.contains(d)));
    if odd.is_empty() { Ok(undo.len()) } else { Err(format!("the way back ends elsewhere:\n{}", odd.join("\n"))) }
}
