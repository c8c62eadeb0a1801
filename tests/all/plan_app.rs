//! The plan in the app, in the user's words: the timeline, options in place, hazards, jumps, copies. The planner is the real one,
//! the catalog the demo's.

use crate::support::screens::Session;
use sidestep::tui::msg::{Effect, Msg};
use sidestep::tui::state::{Settings, State};

/// The demo with its change, on the plan screen.
pub fn demo() -> Session {
    let mut session = Session::fresh(sidestep::tui::theme::ThemeName::Dark);
    session.state = State::new(Settings::default());
    session.state.open(sidestep::db::demo(), None);
    session.state.app.write_draft(include_str!("../../assets/demo/wish.sql").trim_end());
    session.press("4")
}

fn id(session: &Session) -> String {
    session.state.app.plan().unwrap().id.clone()
}

#[test]
fn the_timeline_goes_from_step_to_step() {
    let s = demo().press("w").see("as written").see("blocks").see("1.1");
    let s = s.press("j j j").see("── 2.");
    // Enter shows the step as it is; the way back is one key.
    s.press("enter").see("SQL  Locks  Why").press("esc w").see("▲ deploy");
}

#[test]
fn an_option_changes_the_plan_at_once_and_says_what_came_of_it() {
    let s = demo().size(120, 40);
    let before = id(&s);
    let s = s.press("o").see("Options").see("batch size").press("l").see("sync app").see("steps:");
    assert_ne!(id(&s), before);
    // The marks stay until the next key that moves on.
    let s = s.press("esc");
    let marked = s.text().lines().filter(|l| l.starts_with('~') || l.starts_with('+')).count();
    assert!(marked > 0, "{}", s.text());
    let s = s.press("j");
    assert!(!s.text().lines().any(|l| l.starts_with('~') || l.starts_with('+')), "{}", s.text());
}

#[test]
fn an_option_can_be_typed_and_a_wrong_one_is_told() {
    let s = demo().size(120, 40).press("o j j j enter ctrl-u").type_text("many").press("enter").see("A number: 5000");
    let s = s.press("ctrl-u").type_text("20k").press("enter").see("20.0 k");
    assert_eq!(s.state.app.policy.batch_rows, 20_000);
    let s = s.press("h").see("10.0 k").press("esc esc");
    assert!(!s.text().contains("Options:"));
}

#[test]
fn a_hazard_is_ignored_with_a_reason_that_stands_in_the_notes_and_the_runbook() {
    let mut s = demo();
    // The first step with a hazard.
    let at = s.state.app.plan().unwrap().steps().position(|(_, step)| !step.hazards.is_empty()).unwrap();
    for _ in 0..at {
        s = s.press("j");
    }
    let s = s.press("i");
    let s = if s.text().contains("Hazards of") { s.press("enter") } else { s };
    let s = s.see("Why does it not matter here").type_text("the app reconnects").press("enter").see("is ignored");
    let s = s.press("n G").see("the app reconnects");
    let plan = s.state.app.plan().unwrap();
    let runbook = &sidestep::export::export(plan, "runbook", &Default::default()).unwrap()["RUNBOOK.md"];
    assert!(runbook.contains("the app reconnects"));
    // An empty reason lets it count again.
    let s = s.press("s i");
    let s = if s.text().contains("Hazards of") { s.press("enter") } else { s };
    s.press("ctrl-u enter").see("counts again").press("n G").not_see("the app reconnects");
}

#[test]
fn from_a_step_to_its_table_and_back() {
    let s = demo().press("j j j d").see("public.users").see("Columns").press("esc").see("SQL  Locks  Why");
    s.see("sync trigger");
}

#[test]
fn sql_or_the_whole_step_goes_to_the_clipboard() {
    let s = demo().press("j j j y");
    assert!(matches!(&s.effects[..], [Effect::Copy(text)] if text.contains(";") && !text.contains("## Undo")));
    let s = s.press("Y").see("as a whole");
    let [Effect::Copy(text)] = &s.effects[..] else { panic!("{:?}", s.effects) };
    for part in ["## SQL", "## Locks", "## Undo", "## Watch"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn every_size_shows_the_plan() {
    for (width, height) in [(40, 10), (41, 11), (60, 15), (80, 24), (99, 20), (100, 12), (120, 40), (200, 60)] {
        for keys in ["w", "w j j j j j j", "o", "o l", "j j j i", "m", "a"] {
            demo().size(width, height).press(keys).send(Msg::Wheel { lines: 3, column: 5, row: 6 }).buffer();
        }
    }
}

#[test]
fn pictures() {
    insta::assert_snapshot!("demo_plan_120", demo().size(120, 40).press("j j j").text());
    insta::assert_snapshot!("demo_timeline_120", demo().size(120, 40).press("w j j j").text());
    insta::assert_snapshot!("demo_options_80", demo().press("o l").text());
    insta::assert_snapshot!("demo_options_120", demo().size(120, 40).press("o l").text());
    insta::assert_snapshot!("demo_options_40", demo().size(40, 10).press("o").text());
}
