//! The server while the plan is carried out: vital signs, the selected step's watch queries, preflight, where the plan stands.
//! Everything is asked by tasks; an answer to what is no longer wanted is dropped.

pub mod abort;
pub mod progress;
pub mod spark;
pub mod vitals;

use super::msg::{Effect, Outcome, Task, TaskId};
use super::screen::Screen;
use super::state::{App, State};
use crate::db::live::Answer;
use crate::error::Problem;
use crate::plan::Plan;
use progress::Progress;
use std::collections::BTreeMap;
use vitals::Vitals;

/// Between two looks at the server.
pub const EVERY_MS: u64 = 3_000;
/// How long a look may take on the server.
const GLANCE_MS: u64 = 2_000;
/// Checks may read a table.
const CHECK_MS: u64 = 10_000;
/// Values of a series that are kept.
const KEPT: usize = 240;

/// One question of a batch, with a key that says what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub key: String,
    pub sql: String,
    pub limit_ms: u64,
}

impl Question {
    pub fn new(key: impl Into<String>, sql: impl Into<String>, limit_ms: u64) -> Self {
        Self { key: key.into(), sql: sql.into(), limit_ms }
    }
}

/// What a key answers; the error is the server's own.
pub type Answers = BTreeMap<String, Result<Answer, String>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Batch {
    Glance,
    Preflight,
    Progress,
}

/// What a watch query said over time.
#[derive(Debug, Clone, Default)]
pub struct Series {
    pub values: Vec<f64>,
    pub last: Option<Result<Answer, String>>,
}

#[derive(Debug, Clone, Default)]
pub struct Live {
    pub on: bool,
    asking: Option<(TaskId, Batch)>,
    wanted: Vec<Batch>,
    next_ms: u64,
    /// The plan that the answers are about.
    plan: String,
    /// The step whose watch queries run, with its series by their place.
    pub step: String,
    pub series: BTreeMap<usize, Series>,
    pub vitals: Option<Vitals>,
    pub lag: Vec<f64>,
    /// By place among the plan's checks.
    pub preflight: BTreeMap<usize, Result<Answer, String>>,
    pub progress: Option<Progress>,
    /// The connection is lost; tried again after a pause that grows.
    pub problem: Option<Problem>,
    failures: u32,
}

impl Live {
    /// Where `plan` stands, if it was asked of this very plan.
    pub fn progress_of(&self, plan: &Plan) -> Option<&Progress> {
        self.progress.as_ref().filter(|_| self.plan == plan.id)
    }
}

/// Why the server cannot be asked.
pub fn obstacle(app: &App) -> Option<String> {
    let target = app.opened.as_ref().and_then(|o| o.target.as_deref());
    match target {
        None => Some("No server is connected: this catalog was read from a file".to_owned()),
        Some(target) if crate::db::Demo::named(target).is_some() || target.ends_with(".json") => {
            Some("No server is connected: connect to one to watch it".to_owned())
        }
        Some(_) if app.plan().is_none() => Some("There is no plan to watch".to_owned()),
        Some(_) => None,
    }
}

/// Looks at the server from now on, or no longer.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    app.live.on = !app.live.on;
    if !app.live.on {
        let cancelled = app.live.asking.take().map(|(id, _)| Effect::Cancel(id));
        app.live.wanted.clear();
        app.live.vitals = None;
        app.live.problem = None;
        return cancelled.into_iter().collect();
    }
    app.live.next_ms = app.now_ms;
    (app.live.problem, app.live.failures) = (None, 0);
    ask(app, Batch::Glance)
}

/// Runs the checks before the first step.
pub fn preflight(app: &mut App) -> Vec<Effect> {
    ask(app, Batch::Preflight)
}

/// Asks for every step whether it is done.
pub fn where_are_we(app: &mut App) -> Vec<Effect> {
    ask(app, Batch::Progress)
}

/// What is under way, for people.
pub fn under_way(app: &App) -> Option<&'static str> {
    match app.live.asking? {
        (_, Batch::Glance) => None,
        (_, Batch::Preflight) => Some("running the checks"),
        (_, Batch::Progress) => Some("asking which steps are done"),
    }
}

fn ask(app: &mut App, batch: Batch) -> Vec<Effect> {
    if app.live.asking.is_some() {
        if !app.live.wanted.contains(&batch) {
            app.live.wanted.push(batch);
        }
        return Vec::new();
    }
    let (Some(plan), Some(target)) = (app.plan(), app.opened.as_ref().and_then(|o| o.target.clone())) else {
        return Vec::new();
    };
    let id = plan.id.clone();
    let questions = questions(batch, plan, &app.live.step);
    settle(&mut app.live, &id);
    let (task, effect) = app.start_unseen(Task::Ask { target, questions });
    app.live.asking = Some((task, batch));
    vec![effect]
}

/// Answers about another plan are none.
fn settle(live: &mut Live, plan: &str) {
    if live.plan != plan {
        live.plan = plan.to_owned();
        live.preflight.clear();
        live.progress = None;
        live.series.clear();
    }
}

fn questions(batch: Batch, plan: &Plan, step: &str) -> Vec<Question> {
    match batch {
        Batch::Glance => {
            let mut all = vitals::questions(&plan.server, GLANCE_MS);
            if let Some((_, step)) = plan.step(step) {
                all.extend(
                    step.watch
                        .iter()
                        .enumerate()
                        .map(|(i, w)| Question::new(format!("watch {i}"), w.sql.clone(), GLANCE_MS)),
                );
            }
            all
        }
        Batch::Preflight => plan
            .preflight
            .iter()
            .enumerate()
            .map(|(i, check)| Question::new(i.to_string(), check.sql.clone(), CHECK_MS))
            .collect(),
        Batch::Progress => progress::questions(plan, CHECK_MS),
    }
}

/// Milliseconds until the loop must wake by itself; none while nothing is due.
pub fn wake_in(app: &App) -> Option<u64> {
    let live = &app.live;
    match (live.on, &live.asking, &live.problem) {
        (true, None, Some(_)) => Some(live.next_ms.saturating_sub(app.now_ms).clamp(50, 1_000)),
        (true, None, None) => Some(live.next_ms.saturating_sub(app.now_ms).max(50)),
        _ => None,
    }
}

/// Seconds until the next try after the connection was lost.
pub fn retry_in_s(app: &App) -> u64 {
    app.live.next_ms.saturating_sub(app.now_ms).div_ceil(1_000)
}

/// The clock moved: time for the next look?
pub fn tick(state: &mut State) -> Vec<Effect> {
    let step = state.screens.iter().rev().find_map(|s| if let Screen::Plan(plan) = s { Some(plan) } else { None });
    let step = step.and_then(|screen| screen.step_id(&state.app));
    let app = &mut state.app;
    if let Some(step) = step.filter(|s| *s != app.live.step) {
        app.live.step = step;
        app.live.series.clear();
        if app.live.on && app.live.problem.is_none() {
            app.live.next_ms = app.live.next_ms.min(app.now_ms);
        }
    }
    if !app.live.on || app.live.asking.is_some() || app.now_ms < app.live.next_ms {
        return Vec::new();
    }
    if obstacle(app).is_some() {
        app.live = Live::default();
        return Vec::new();
    }
    ask(app, Batch::Glance)
}

/// `None`: the result is not ours.
pub fn done(app: &mut App, id: TaskId, outcome: &Outcome) -> Option<Vec<Effect>> {
    let (_, batch) = app.live.asking.filter(|(asked, _)| *asked == id)?;
    app.live.asking = None;
    match outcome {
        Outcome::Answers(answers) => {
            (app.live.problem, app.live.failures) = (None, 0);
            let plan = app.plan().cloned();
            match plan {
                Some(plan) if plan.id == app.live.plan => take(&mut app.live, batch, &plan, answers),
                // The plan changed meanwhile.
                _ => {}
            }
            app.live.next_ms = app.now_ms + EVERY_MS;
        }
        Outcome::Failed(problem) => {
            app.live.failures += 1;
            let pause = 1_000 * (2u64 << app.live.failures.min(4));
            app.live.next_ms = app.now_ms + pause;
            if !app.live.on {
                app.say(super::msg::Note::bad(problem.message.clone()));
            }
            app.live.problem = Some(problem.clone());
            app.live.vitals = None;
            app.live.wanted.clear();
        }
        _ => {}
    }
    match app.live.wanted.is_empty() {
        true => Some(Vec::new()),
        false => {
            let next = app.live.wanted.remove(0);
            Some(ask(app, next))
        }
    }
}

fn take(live: &mut Live, batch: Batch, plan: &Plan, answers: &Answers) {
    match batch {
        Batch::Glance => {
            let vitals = vitals::read(answers);
            keep(&mut live.lag, vitals.lag_s.unwrap_or(0.0));
            live.vitals = Some(vitals);
            let Some((_, step)) = plan.step(&live.step) else { return };
            for (i, watch) in step.watch.iter().enumerate() {
                let Some(answer) = answers.get(&format!("watch {i}")) else { continue };
                let series = live.series.entry(i).or_default();
                if let Some(value) = answer.as_ref().ok().and_then(|a| spark::measure(&watch.title, a)) {
                    keep(&mut series.values, value);
                }
                series.last = Some(answer.clone());
            }
        }
        Batch::Preflight => {
            live.preflight =
                answers.iter().filter_map(|(key, answer)| Some((key.parse().ok()?, answer.clone()))).collect();
        }
        Batch::Progress => live.progress = Some(progress::read(plan, answers)),
    }
}

fn keep(values: &mut Vec<f64>, value: f64) {
    if values.len() >= KEPT {
        values.remove(0);
    }
    values.push(value);
}
