//! What the server says beside the plan: checks with their results, the step's watch queries with their course, criteria that light up.

use crate::db::live::Answer;
use crate::model::quantity::seconds;
use crate::plan::{About, Plan, Step};
use crate::tui::action::Action;
use crate::tui::canvas::{Piece, piece};
use crate::tui::keymap::Scope;
use crate::tui::live::{self, abort, abort::Light, spark};
use crate::tui::state::App;
use crate::tui::theme::Role;
use crate::tui::widget::doc::Doc;

/// Rows of an answer that show.
const ROWS: usize = 6;

fn key(app: &App, action: Action) -> String {
    app.keymap.keys(&[Scope::Plan], action).join(" ")
}

/// The tab of a step while the server is watched.
pub fn step(doc: &mut Doc, app: &App, step: &Step) {
    let width = doc.width();
    match (&app.live.problem, &app.live.vitals) {
        (Some(problem), _) => {
            doc.text(Role::Bad, &problem.message);
            doc.text(Role::Dim, &format!("Trying again in {} s.", live::retry_in_s(app)));
        }
        (None, None) => doc.text(Role::Dim, "Asking the server…"),
        // The figures themselves stand in the headline.
        (None, Some(vitals)) if vitals.replicas > 0 => doc.line(vec![
            piece("replication lag  ", Role::Dim),
            piece(spark::line(&app.live.lag, (width / 3).min(40), app.glyphs), Role::Bar),
        ]),
        (None, Some(_)) => {}
    }
    for (i, watch) in step.watch.iter().enumerate() {
        doc.blank();
        let series = app.live.series.get(&i);
        let mut title = vec![piece(format!("{}  ", watch.title), Role::Accent)];
        if let Some(series) = series {
            if let Some(last) = series.values.last() {
                title.push(piece(format!("{} ", figure(*last)), Role::Text));
            }
            title.push(piece(spark::line(&series.values, (width / 3).min(40), app.glyphs), Role::Bar));
        }
        doc.line(title);
        match series.and_then(|s| s.last.as_ref()) {
            None => doc.text(Role::Dim, "not asked yet"),
            Some(Err(why)) => doc.text(Role::Warn, &format!("the server says: {why}")),
            Some(Ok(answer)) => table(doc, answer),
        }
    }
    if !step.abort_if.is_empty() {
        doc.heading("Stop and undo when");
    }
    for criterion in &step.abort_if {
        match app.live.vitals.as_ref().map(|v| abort::light(criterion, step, &app.policy, v)) {
            Some(Light::Met(told)) => {
                doc.item("! ", Role::Bad, &format!("NOW: {criterion} ({told})"));
            }
            Some(Light::Quiet(told)) => doc.item("✓ ", Role::Text, &format!("{criterion} ({told})")),
            _ => doc.item("· ", Role::Text, &format!("{criterion} (look yourself)")),
        }
    }
    if let Some(vitals) = app.live.vitals.as_ref().filter(|v| !v.queue.is_empty()) {
        doc.heading("Who waits for whom");
        for (depth, one) in vitals.tree() {
            let waits = if depth == 0 { one.state.clone() } else { "waits".to_owned() };
            doc.line(vec![
                piece(format!("{}{} ", "  ".repeat(depth), if depth == 0 { "" } else { "└ " }), Role::Dim),
                piece(one.pid.to_string(), if depth == 0 { Role::Warn } else { Role::Bad }),
                piece(format!("  {waits} {}  ", seconds(one.for_s)), Role::Dim),
                piece(one.query.clone(), Role::Text),
            ]);
        }
    }
}

fn figure(value: f64) -> String {
    if value.fract().abs() < 0.05 { format!("{value:.0}") } else { format!("{value:.1}") }
}

/// The first rows of an answer under its columns.
fn table(doc: &mut Doc, answer: &Answer) {
    if answer.rows.is_empty() {
        doc.text(Role::Dim, "no row");
        return;
    }
    let cell = |text: Option<&str>, role| piece(text.unwrap_or("–").chars().take(120).collect::<String>(), role);
    let mut rows: Vec<Vec<Piece<'static>>> = vec![answer.columns.iter().map(|c| piece(c.clone(), Role::Dim)).collect()];
    rows.extend(answer.rows.iter().take(ROWS).map(|r| r.iter().map(|v| cell(v.as_deref(), Role::Text)).collect()));
    doc.table(&rows);
    if answer.count > ROWS {
        doc.text(Role::Dim, &format!("rows in all: {}", answer.count));
    }
}

/// The checks before the first step, each with what the server answered.
pub fn checks(app: &App, plan: &Plan, width: u16) -> Doc {
    let mut doc = Doc::new(width);
    let run = key(app, Action::Checks);
    let asked = !app.live.preflight.is_empty();
    match (live::under_way(app), &app.live.problem, live::obstacle(app)) {
        (Some(what), _, _) => doc.text(Role::Accent, &format!("{what}…")),
        (_, Some(problem), _) => doc.text(Role::Bad, &problem.message),
        (_, _, Some(reason)) => doc.text(Role::Dim, &format!("{reason}. The queries can be copied and run by hand.")),
        (None, None, None) if asked => {
            let (good, bad) = count(app, plan);
            doc.line(vec![
                piece(format!("✓ {good} fine"), Role::Good),
                piece("   ", Role::Text),
                piece(format!("! {bad} to look at"), if bad > 0 { Role::Warn } else { Role::Dim }),
                piece(format!("   {run} runs them again"), Role::Dim),
            ]);
        }
        (None, None, None) => doc.text(Role::Dim, &format!("`{run}` runs them all: read-only, each at most 10 s.")),
    }
    for (about, title) in [(About::Data, "Rows that would make a step fail"), (About::Server, "The server")] {
        let mut checks = plan.preflight.iter().enumerate().filter(|(_, c)| c.about == about).peekable();
        if checks.peek().is_some() {
            doc.heading(title);
        }
        for (i, check) in checks {
            let answer = app.live.preflight.get(&i);
            let (mark, role) = match answer.map(|a| verdict(&check.good, a)) {
                None => ("· ", Role::Dim),
                Some(Verdict::Fine) => ("✓ ", Role::Good),
                Some(Verdict::Wrong) => ("✗ ", Role::Bad),
                Some(Verdict::Look) => ("! ", Role::Warn),
            };
            doc.line(vec![piece(mark, role), piece(check.title.replace('`', ""), Role::Text)]);
            match answer {
                None => doc.item("  good: ", Role::Dim, &check.good),
                Some(Err(why)) => doc.item("  the server says: ", Role::Warn, why),
                Some(Ok(answer)) if verdict(&check.good, &Ok(answer.clone())) == Verdict::Fine => {
                    doc.item("  ", Role::Dim, if answer.rows.is_empty() { "no row" } else { "as it should be" });
                }
                Some(Ok(answer)) => {
                    doc.item("  good: ", Role::Dim, &check.good);
                    doc.item("  why: ", Role::Dim, &check.why);
                    table(&mut doc, answer);
                }
            }
            if !asked {
                doc.sql(&format!("{};", check.sql.trim_end_matches(';')));
                doc.blank();
            }
        }
    }
    doc
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Wrong,
    /// A person must say whether it is good.
    Look,
}

fn verdict(good: &str, answer: &Result<Answer, String>) -> Verdict {
    match answer {
        Ok(answer) if answer.rows.is_empty() => Verdict::Fine,
        Ok(_) if good == "no row" => Verdict::Wrong,
        _ => Verdict::Look,
    }
}

fn count(app: &App, plan: &Plan) -> (usize, usize) {
    let all =
        plan.preflight.iter().enumerate().filter_map(|(i, c)| Some(verdict(&c.good, app.live.preflight.get(&i)?)));
    all.fold((0, 0), |(good, bad), v| if v == Verdict::Fine { (good + 1, bad) } else { (good, bad + 1) })
}
