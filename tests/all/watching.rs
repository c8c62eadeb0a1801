//! The app as the runbook: vital signs, watch queries, checks, where the plan stands; on paper, and against real servers.

use crate::support::pty::App;
use crate::support::screens::Session;
use crate::support::{Server, majors};
use sidestep::db::live::Answer;
use sidestep::error::Problem;
use sidestep::tui::live::{Answers, Question};
use sidestep::tui::msg::{Effect, Msg, Outcome, Task, TaskId};
use sidestep::tui::state::{Settings, State};

/// The demo's catalog as if it had come from a server.
fn connected() -> Session {
    let mut session = Session::fresh(sidestep::tui::theme::ThemeName::Dark);
    session.state = State::new(Settings::default());
    session.state.open(sidestep::db::demo(), Some("postgresql://me@db1/shop".to_owned()));
    session.state.app.write_draft(include_str!("../../assets/demo/wish.sql").trim_end());
    session.press("4")
}

fn asked(session: &Session) -> (TaskId, Vec<Question>) {
    match session.effects.iter().find_map(|e| match e {
        Effect::Start(id, Task::Ask { questions, .. }) => Some((*id, questions.clone())),
        _ => None,
    }) {
        Some(found) => found,
        None => panic!("nothing is asked: {:?}\n{}", session.effects, session.text()),
    }
}

fn table(columns: &[&str], rows: &[&[&str]]) -> Result<Answer, String> {
    Ok(Answer {
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        rows: rows.iter().map(|r| r.iter().map(|v| Some((*v).to_owned())).collect()).collect(),
        count: rows.len(),
    })
}

fn vitals(lag: &str) -> Answers {
    Answers::from([
        ("vitals".to_owned(), table(&["longest", "blocked", "lag", "replicas"], &[&["840", "2", lag, "1"]])),
        (
            "queue".to_owned(),
            table(
                &["pid", "waits_for", "for_s", "state", "query"],
                &[
                    &["11", "", "840", "idle in transaction", "SELECT 1"],
                    &["12", "11", "9.5", "active", "ALTER TABLE users"],
                    &["13", "12", "4", "active", "SELECT name FROM users"],
                ],
            ),
        ),
        ("watch 0".to_owned(), table(&["count"], &[&["1500000"]])),
    ])
}

/// The plan screen on its backfill.
fn on_backfill(mut session: Session) -> Session {
    let plan = session.state.app.plan().unwrap();
    let at = plan.steps().position(|(_, s)| s.kind() == "backfill").unwrap();
    for _ in 0..at {
        session = session.press("j");
    }
    session
}

#[test]
fn the_server_is_watched_and_criteria_light_up() {
    let s = on_backfill(connected().size(120, 40)).press("W").see("asking the server");
    let (id, questions) = asked(&s);
    assert!(questions.iter().any(|q| q.key == "vitals") && questions.iter().any(|q| q.key == "watch 0"));
    let s = s.done(id, Outcome::Answers(vitals("0.2"))).see("lag 200 ms").see("longest tx 14 min").see("! 2 blocked");
    // Who waits for whom, as a tree.
    let s = s.see("Stop and undo when").press("tab G").see("└  12  waits 9.5 s").see("  └  13");
    // The next look comes by itself, and the replica is behind.
    let s = s.send(Msg::Tick(1_000));
    assert!(s.effects.is_empty(), "too early: {:?}", s.effects);
    let s = s.send(Msg::Tick(4_000));
    let (id, _) = asked(&s);
    let s = s.done(id, Outcome::Answers(vitals("25"))).see("lag 25 s").press("g").see("NOW:");
    insta::assert_snapshot!("watch_120", s.text());
    let s = s.press("W").not_see("NOW:").not_see("lag 25 s");
    assert!(s.send(Msg::Tick(60_000)).effects.is_empty(), "an app that watches nothing asks nothing");
}

#[test]
fn a_lost_connection_is_told_and_tried_again() {
    let s = connected().press("W");
    let (id, _) = asked(&s);
    let s = s.done(id, Outcome::Failed(Problem::unreadable("the connection to db1 was lost: broken pipe")));
    let s = s.see("connection lost, again in 4 s").send(Msg::Tick(3_000));
    assert!(s.effects.is_empty());
    let s = s.see("again in 1 s").send(Msg::Tick(4_000));
    let (id, _) = asked(&s);
    s.done(id, Outcome::Answers(vitals("0"))).see("longest tx 14 min").not_see("connection lost");
}

#[test]
fn an_answer_that_is_no_longer_wanted_is_dropped() {
    let s = connected().press("W");
    let (id, _) = asked(&s);
    // Watching ends before the answer comes.
    let s = s.press("W");
    assert!(s.effects.contains(&Effect::Cancel(id)));
    s.done(id, Outcome::Answers(vitals("0.2"))).not_see("longest tx");
    // The plan changes before the answer comes.
    let s = connected().press("C").see("asking which steps are done");
    let (id, _) = asked(&s);
    let s = s.press("t");
    s.done(id, Outcome::Answers(Answers::new())).not_see("of 18 done");
}

#[test]
fn the_plan_shows_where_it_stands() {
    let s = connected().press("C");
    let (id, questions) = asked(&s);
    let yes = || table(&["ok"], &[&["t"]]);
    let mut answers = Answers::new();
    for question in &questions {
        let (what, step) = question.key.split_once(' ').unwrap();
        let answer = match what {
            "done" if ["1.1", "1.2", "2.2", "2.3"].contains(&step) => yes(),
            "left" => table(&["count"], &[&["57000000"]]),
            _ => table(&["ok"], &[&["f"]]),
        };
        answers.insert(question.key.clone(), answer);
    }
    // 2.1 is outside the database: it must be done, since a later step is.
    let s = s.done(id, Outcome::Answers(answers)).see("5 of 18 done, backfill 62 %");
    let s = s.see("▸ 3.1 ≋");
    insta::assert_snapshot!("progress_80", s.text());
}

#[test]
fn checks_have_their_results_beside_them() {
    let s = connected().press("P").see("runs them all").press("P").see("running the checks");
    let (id, questions) = asked(&s);
    let plan = s.state.app.plan().unwrap();
    assert_eq!(questions.len(), plan.preflight.len());
    let mut answers = Answers::new();
    for (i, check) in plan.preflight.iter().enumerate() {
        let answer = match i {
            0 => table(&["pid", "state"], &[&["4711", "idle in transaction"]]),
            1 => Err("no answer within 10 s".to_owned()),
            _ if check.good == "no row" => table(&["x"], &[]),
            _ => table(&["x"], &[&["1"]]),
        };
        answers.insert(i.to_string(), answer);
    }
    let s =
        s.size(120, 40).done(id, Outcome::Answers(answers)).see("to look at").see("4711").see("no answer within 10 s");
    insta::assert_snapshot!("checks_120", s.text());
}

#[test]
fn without_a_server_it_says_so() {
    let s = crate::plan_app::demo().press("W").see("No server is connected");
    let s = s.press("C").see("No server is connected").press("P P").see("No server is connected");
    assert!(s.effects.is_empty());
}

/// The real program against a real server: the checks, where the plan stands, watching, and the server going away.
#[test]
fn the_real_program_follows_a_plan_on_a_real_server() {
    for major in majors() {
        let server = Server::private(major, &[], None);
        let database = server.fresh_database();
        let mut sql = database.session();
        sql.run("CREATE TABLE users (id bigint PRIMARY KEY, name text); INSERT INTO users SELECT i, 'x' FROM generate_series(1, 30000) i; ANALYZE users");
        let home = tempfile::tempdir().unwrap();
        let url = server.url(&database.name);
        let mut app = App::start(&[&url], &[], home.path());
        app.see("public.users");
        app.send("c");
        app.see("ALTER TABLE users");
        app.send("ADD COLUMN phone text UNIQUE\x07");
        app.see("Timeline");
        app.send("C");
        app.see("1 of");
        // Somebody does the first step by hand: the app sees it.
        sql.run("ALTER TABLE users ADD COLUMN phone text");
        app.send("C");
        app.see("2 of");
        app.send("PP");
        app.see("fine");
        app.send("sW");
        app.see("nobody blocked");
        // A transaction that holds a lock, and one that waits for it.
        let mut holder = database.session();
        holder.run("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
        let url_of_waiter = url.clone();
        let waiter = std::thread::spawn(move || {
            crate::support::Session::open(&url_of_waiter).try_run("SELECT count(*) FROM users").ok();
        });
        app.see("1 blocked");
        holder.run("ROLLBACK");
        waiter.join().unwrap();
        app.see("nobody blocked");
        // Nothing of it writes, and all of it is in read-only transactions.
        drop((holder, sql, database));
        drop(server);
        app.see("connection lost");
        app.send("q");
        app.see("not exported");
        app.send("y");
        assert_eq!(app.end(), 0);
    }
}
