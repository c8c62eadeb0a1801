//! The review of a plan by two people: on paper in the app, on the command line, in the real binary; and what the runbook prints.

use crate::plan_app::demo;
use crate::support::pty::App;
use crate::support::sandbox::Sandbox;
use crate::support::screens::Session;
use sidestep::export::{ExportOptions, export};
use sidestep::plan::review::{Person, RemarkKind};
use sidestep::plan::{Plan, Policy, Review, Sync};
use sidestep::tui::msg::{Effect, Outcome, Task};
use sidestep::tui::review::{Desk, Place, beside};
use sidestep::tui::state::{Settings, State};
use std::fs;

const WISH: &str = "ALTER TABLE users ADD COLUMN phone varchar(32) UNIQUE";

fn plan(sync: Sync) -> Plan {
    let policy = Policy { sync, ..Policy::default() };
    sidestep::change::plan(include_str!("../../assets/demo/wish.sql"), &sidestep::db::demo(), &policy).unwrap()
}

/// As `sidestep review plan.json` begins.
fn opened(plan: Plan, review: Option<Review>) -> Session {
    let mut session = Session::fresh(sidestep::tui::theme::ThemeName::Dark);
    session.state = State::new(Settings::default());
    let seen = review.as_ref().map(|r| r.text().unwrap());
    session.state.review(plan, Desk::of(review, Place { path: beside("plan.json"), seen }));
    session
}

/// Answers the save that the last key started, as the runner would.
fn saved(session: Session) -> (Session, String) {
    let Some(Effect::Start(id, Task::SaveReview { path, text, .. })) = session.effects.first().cloned() else {
        panic!("nothing is saved: {:?}\n{}", session.effects, session.text());
    };
    assert_eq!(path, "plan.review.json");
    (session.done(id, Outcome::ReviewSaved(text.clone())), text)
}

#[test]
fn a_reviewer_ticks_asks_and_signs_when_all_is_answered() {
    let plan = plan(Sync::Trigger);
    let steps = plan.steps().count();
    let s = opened(plan, None).see("0 of 18 steps ticked").see("▸ reviewer no name").see("plan.review.json");
    let s = s.press("N").type_text("Grace").press("enter");
    let (s, _) = saved(s);
    let s = s.press("a").type_text("Who runs it on the replica?").press("enter").see("?1");
    let (mut s, _) = saved(s);
    for _ in 0..steps {
        s = s.press("x");
        s = saved(s).0;
    }
    let s = s.see("18 of 18 steps ticked").press("S").see("Open questions: 1");
    // The author speaks, has a name and answers.
    let s = s.press("p").see("▸ author").press("N").type_text("Ada").press("enter");
    let s = saved(s).0.press("g A").see("Who runs it").type_text("I do").press("enter");
    let (s, text) = saved(s);
    assert!(text.contains("I do"));
    let s = s.see("Ada answered: I do").press("S").see("Ada signed");
    let (s, _) = saved(s);
    let (s, text) = saved(s.press("p S"));
    let s = s.see("signed by both");
    let review = Review::parse(&text).unwrap();
    assert!(review.author.signed.is_some() && review.reviewer.signed.is_some());
    // A new question takes both signatures back.
    let s = s.press("a").type_text("And the lag?").press("enter");
    saved(s).0.not_see("signed by both").see("Grace not signed");
}

#[test]
fn a_plan_that_changed_makes_the_review_stale_and_shows_what_is_otherwise() {
    let (old, new) = (plan(Sync::Trigger), plan(Sync::App));
    let mut review = Review::new(&old);
    review.reviewer.name = "Grace".to_owned();
    for (_, step) in old.steps() {
        review.tick(&step.id, Person::Reviewer);
    }
    review.reviewer.signed = Some("2026-11-21".to_owned());
    let s = opened(new.clone(), Some(review)).size(100, 30).see("stale: the plan changed").press("x").see("take it up");
    let s = s.press("d").see("would not be planned any more").see("a step is missing: Deploy");
    let (s, text) = saved(s.press("U"));
    let s = s.not_see("stale").see("Grace not signed");
    let review = Review::parse(&text).unwrap();
    // Steps that do the same keep their tick, the others lose it.
    let ticked = review.ticked(&new);
    assert!(ticked > 0 && ticked < new.steps().count(), "{ticked}");
    s.see(&format!("{ticked} of {} steps ticked", new.steps().count()));
}

#[test]
fn without_a_database_the_plan_can_be_read_but_not_changed() {
    let s = opened(plan(Sync::Trigger), None).press("4").see("Timeline").press("t").see("read from a file");
    let s = s.press("o").see("read from a file").press("2").see("No database is open");
    s.press("6").see("steps ticked").press("5").see("psql");
}

#[test]
fn what_somebody_else_wrote_is_not_overwritten() {
    let s = opened(plan(Sync::Trigger), None).press("x");
    let id = s.started();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.review.json").display().to_string();
    fs::write(&path, "mine").unwrap();
    let outcome = sidestep::tui::review_file::save(&path, None, "yours");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    let s = s.done(id, outcome).see("not saved").see("somebody else");
    assert!(matches!(&s.press("R").effects[..], [Effect::Start(_, Task::ReadReview { .. })]));
}

#[test]
fn deploy_notes_and_signatures_stand_in_the_runbook() {
    let s = demo().press("6 G k k k").press("4 D").see("Pull request").type_text("https://git/pr/7").press("enter");
    let s = s.see("Who deploys").type_text("team checkout").press("enter").type_text("not on Fridays").press("enter");
    let app = &s.state.app;
    let plan = app.plan().unwrap();
    let mut review = app.desk.review().unwrap().clone();
    review.remark("1.1", RemarkKind::Comment, Person::Author, "looked <b>twice</b>");
    (review.author.name, review.reviewer.name) = ("Ada".to_owned(), "Grace".to_owned());
    review.author.signed = Some("2026-11-20".to_owned());
    review.reviewer.signed = Some("2026-11-21".to_owned());
    let options = ExportOptions { review: review.spoken(plan), ..ExportOptions::default() };
    let files = export(plan, "runbook", &options).unwrap();
    for file in ["RUNBOOK.md", "runbook.html"] {
        for words in ["https://git/pr/7", "team checkout", "not on Fridays", "Ada", "Grace", "2026-11-21"] {
            assert!(files[file].contains(words), "{file} lacks {words}");
        }
    }
    assert!(files["RUNBOOK.md"].contains("| reviewed it | Grace | 2026-11-21 | signed plan"));
    assert!(files["runbook.html"].contains("looked &lt;b&gt;twice&lt;/b&gt;"));
    // A review of another plan prints nothing.
    assert!(review.spoken(&self::plan(Sync::App)).is_none());
}

#[test]
fn an_export_from_the_app_keeps_the_review_beside_the_files() {
    let s = demo().press("6 x");
    assert!(s.effects.is_empty(), "no file yet: {:?}", s.effects);
    let s = s.press("5 w");
    let id = s.started();
    let s = s.done(id, Outcome::Written { directory: "/out/sql".to_owned(), files: 3 });
    assert!(
        matches!(&s.effects[..], [Effect::Start(_, Task::SaveReview { path, seen: None, .. })] if path == "/out/sql/plan.review.json"),
        "{:?}",
        s.effects
    );
}

#[test]
fn foreign_and_broken_review_files_are_told_and_left_alone() {
    let sandbox = Sandbox::new();
    assert!(sandbox.run(&["plan", "demo", "--sql", WISH, "-o", "plan.json"]).starts_with("exit: 0"));
    for (content, why) in [
        ("", "it is not JSON"),
        ("{\"name\": \"package\"}", "it is not a review of sidestep"),
        ("{\"sidestep_review\": 9}", "format 9"),
        ("{\"sidestep_review\": 1, \"plan\": \"x\"}", "it is damaged"),
    ] {
        sandbox.write("plan.review.json", content);
        let told = sandbox.run(&["review", "plan.json", "--check"]);
        assert!(
            told.starts_with("exit: 3\n") && told.contains(why) && told.contains("nothing was overwritten"),
            "{told}"
        );
        let told = sandbox.run(&["export", "plan.json", "--format", "runbook", "--out", "out"]);
        assert!(told.starts_with("exit: 3\n"), "{told}");
        assert_eq!(fs::read_to_string(sandbox.path("plan.review.json")).unwrap(), content);
    }
}

#[test]
fn the_command_line_says_how_far_a_review_is() {
    let sandbox = Sandbox::new();
    sandbox.run(&["plan", "demo", "--sql", WISH, "-o", "plan.json"]);
    let told = sandbox.run(&["review", "plan.json", "--check"]);
    assert!(told.starts_with("exit: 1\n") && told.contains("author: no name, not signed"), "{told}");
    let plan: Plan = serde_json::from_str(&fs::read_to_string(sandbox.path("plan.json")).unwrap()).unwrap();
    let mut review = Review::new(&plan);
    (review.author.name, review.author.signed) = ("Ada".to_owned(), Some("2026-11-20".to_owned()));
    (review.reviewer.name, review.reviewer.signed) = ("Grace".to_owned(), Some("2026-11-21".to_owned()));
    sandbox.write("plan.review.json", review.text().unwrap());
    let told = sandbox.run(&["review", "plan.json", "--check"]);
    assert!(told.starts_with("exit: 0\n") && told.contains("reviewer: Grace, signed 2026-11-21"), "{told}");
    assert!(sandbox.run(&["review", "plan.json", "--check", "--json"]).contains("\"complete\": true"));
    sandbox.run(&["export", "plan.json", "--format", "runbook", "--out", "out"]);
    assert!(fs::read_to_string(sandbox.path("out/RUNBOOK.md")).unwrap().contains("Grace"));
    // The plan is made anew, with another option: the signatures are of another plan.
    sandbox.run(&["plan", "demo", "--sql", WISH, "--strategy", "direct", "-o", "plan.json"]);
    let told = sandbox.run(&["review", "plan.json", "--check"]);
    assert!(told.starts_with("exit: 1\n") && told.contains("which is another one"), "{told}");
    let told = sandbox.run(&["export", "plan.json", "--format", "runbook", "--out", "again"]);
    assert!(told.contains("nothing of it is printed"), "{told}");
    assert!(!fs::read_to_string(sandbox.path("again/RUNBOOK.md")).unwrap().contains("Grace"));
}

#[test]
fn the_real_program_opens_on_the_review_and_writes_the_file() {
    let home = tempfile::tempdir().unwrap();
    let plan = plan(Sync::Trigger);
    fs::write(home.path().join("plan.json"), serde_json::to_string_pretty(&plan).unwrap()).unwrap();
    let mut app = App::start(&["review", "plan.json"], &[], home.path());
    app.see("0 of 18 steps ticked");
    app.send("x");
    app.see("1 of 18 steps ticked");
    app.send("NGrace\r");
    app.see("Grace");
    app.send("q");
    assert_eq!(app.end(), 0);
    let text = fs::read_to_string(home.path().join("plan.review.json")).unwrap();
    let review = Review::parse(&text).unwrap();
    assert_eq!((review.reviewer.name.as_str(), review.ticked(&plan)), ("Grace", 1));
}

#[test]
fn every_size_shows_the_review() {
    for (width, height) in [(40, 10), (60, 12), (80, 24), (99, 30), (100, 12), (200, 60)] {
        for keys in ["", "x x tab j j", "d", "c", "A"] {
            opened(plan(Sync::Trigger), None).size(width, height).press(keys).buffer();
        }
    }
}

#[test]
fn pictures() {
    let mut review = Review::new(&plan(Sync::Trigger));
    (review.author.name, review.reviewer.name) = ("Ada".to_owned(), "Grace".to_owned());
    review.tick("1.1", Person::Reviewer);
    review.remark(
        "2.2",
        RemarkKind::Question,
        Person::Reviewer,
        "Does the app name its columns, or is there a `SELECT *`?",
    );
    review.answer("2.2", Person::Author, "It names them.");
    review.remark("2.3", RemarkKind::Question, Person::Reviewer, "Who watches?");
    let s = |review: &Review| opened(plan(Sync::Trigger), Some(review.clone()));
    insta::assert_snapshot!("review_80", s(&review).press("j j j").text());
    insta::assert_snapshot!("review_120", s(&review).size(120, 40).press("j j j").text());
    insta::assert_snapshot!("review_40", s(&review).size(40, 10).text());
    let stale = opened(plan(Sync::App), Some(review)).press("d");
    insta::assert_snapshot!("review_stale", stale.text());
}
