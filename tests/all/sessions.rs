//! Sessions on paper: what a user does, what the app asks of the runner, what stands on the screen then.

use crate::support::sample_plan::WISH;
use crate::support::screens::{Session, draw};
use crate::support::{sample_catalog, sample_plan};
use proptest::prelude::*;
use sidestep::error::Problem;
use sidestep::tui::action::Action;
use sidestep::tui::keymap::{Key, Keymap, Scope};
use sidestep::tui::msg::{Care, Effect, Msg, Note, Outcome, Source, Task, TaskId};
use sidestep::tui::state::{Settings, State};
use sidestep::tui::theme::ThemeName;
use sidestep::tui::update::update;

fn fresh() -> Session {
    Session::fresh(ThemeName::Dark)
}

fn with_wish() -> Session {
    let mut session = Session::sample();
    session.state.app.write_draft(WISH);
    session
}

#[test]
fn from_the_demo_to_the_plan() {
    let s = fresh().press("d");
    assert!(matches!(&s.effects[..], [Effect::Start(_, Task::Connect { target, .. })] if target == "demo"));
    let id = s.started();
    let s = s.done(id, Outcome::Catalog(Box::new(sample_catalog::catalog()))).see("public.users");
    // The demo comes with a change that is ready.
    let s = s.press("3").see("people have two names").see("as written").press("esc esc");
    let s = s.press("/").type_text("invoi").see("1 of 14").press("enter").see("billing.invoices   38.0 M rows");
    let s = s.press("esc esc").see("14 tables").press("c ctrl-n");
    let s = s.type_text("\nALTER TABLE users DROP COLUMN name").see("as written");
    let s = s.press("tab enter").see("SQL  Locks  Why");
    assert!(s.press("q").see("not exported").press("y").quits());
}

#[test]
fn a_failed_connect_says_why_and_can_be_retried() {
    let s = fresh().press("/").type_text("postgresql://me:secret@nowhere/db").press("enter");
    let id = s.started();
    let problem = Problem::unreadable("no server answers at nowhere:5432: connection refused").hint("check the host");
    let s = s.done(id, Outcome::Failed(problem)).see("no server answers").see("check the host").press("esc");
    let s = s.press("r");
    assert_ne!(s.started(), id);
    s.see("Reading postgresql://me@nowhere/db").not_see("secret@");
}

#[test]
fn a_password_is_asked_without_echo_and_sent_along() {
    let s = fresh().press("/").type_text("postgresql://me@host/db").press("enter");
    let id = s.started();
    let s = s.done(id, Outcome::PasswordNeeded(Problem::unreadable("the server asks for a password")));
    let s = s.see("Password for postgresql://me@host/db").type_text("hunter2").not_see("hunter2").see("•••••••");
    let s = s.press("enter");
    let sent = s.effects.iter().find_map(|e| match e {
        Effect::Start(_, Task::Connect { password: Some(p), .. }) => Some(p.0.clone()),
        _ => None,
    });
    assert_eq!(sent.as_deref(), Some("hunter2"));
    assert!(!format!("{:?}", s.effects).contains("hunter2"), "a password must not be printed");
}

#[test]
fn esc_cancels_a_connect_and_its_late_result_is_dropped() {
    let s = fresh().press("d");
    let id = s.started();
    let s = s.send(Msg::Tick(2_300)).see("2.3 s").see("esc cancels").press("esc");
    assert_eq!(s.effects, [Effect::Cancel(id)]);
    let s = s.done(id, Outcome::Catalog(Box::new(sample_catalog::catalog())));
    assert!(s.state.app.opened.is_none(), "a cancelled result came through");
    s.see("Open a database");
}

#[test]
fn the_second_of_two_connects_wins() {
    let s = fresh().press("d");
    let first = s.started();
    let s = s.press("d");
    assert!(s.effects.contains(&Effect::Cancel(first)));
    let second = s.started();
    let mut other = sample_catalog::catalog();
    other.database = "second".to_owned();
    let s = s.done(first, Outcome::Catalog(Box::new(sample_catalog::catalog())));
    assert!(s.state.app.opened.is_none());
    s.done(second, Outcome::Catalog(Box::new(other))).see("second");
}

#[test]
fn ctrl_c_cancels_and_the_second_quits() {
    let s = fresh().press("d");
    let id = s.started();
    let s = s.press("ctrl-c");
    assert_eq!(s.effects, [Effect::Cancel(id)]);
    let s = s.see("Ctrl-c again quits");
    assert!(s.press("ctrl-c").quits());
    // Another key in between forgets the first press.
    assert!(!Session::sample().press("ctrl-c j ctrl-c").quits());
}

#[test]
fn esc_is_a_ladder_and_never_quits() {
    let mut s = with_wish().press("3 4 l tab");
    s = s.press("esc").press("esc").see("Change").press("esc esc esc esc esc esc");
    assert!(!s.quits());
    // At the bottom of the stack esc has nowhere to go.
    s.press("esc esc esc").see("Open a database");
    let filtered = Session::sample().press("/").type_text("ord").press("esc").not_see("2 of 14").see("14 tables");
    assert!(!filtered.quits());
}

#[test]
fn sources_are_listed_with_where_they_came_from() {
    let mut s = fresh();
    let effect = sidestep::tui::screen::connect::find_sources(&mut s.state.app);
    let Effect::Start(id, Task::FindSources) = effect else { panic!("{effect:?}") };
    let source = Source {
        target: "service=prod".to_owned(),
        title: "db.acme.example:5432/acme".to_owned(),
        from: "pg_service.conf [prod]".to_owned(),
        settings: vec![["host", "db.acme.example", "pg_service.conf"].map(str::to_owned)],
        care: Care::Normal,
    };
    let s = s.done(id, Outcome::Sources(vec![source])).see("pg_service.conf [prod]").see("from pg_service.conf");
    let s = s.press("g enter");
    assert!(matches!(&s.effects[..], [Effect::Start(_, Task::Connect { target, .. })] if target == "service=prod"));
}

#[test]
fn production_is_marked() {
    let mut s = fresh();
    s.state.app.profiles.push(Source {
        target: "service=prod".to_owned(),
        title: "db.acme.example:5432/acme".to_owned(),
        from: "profile `prod`".to_owned(),
        settings: Vec::new(),
        care: Care::Production,
    });
    let s = s.press("enter");
    let id = s.started();
    s.done(id, Outcome::Catalog(Box::new(sample_catalog::catalog()))).see("PRODUCTION read-only");
}

#[test]
fn a_disabled_action_says_why() {
    fresh().press("2").see("No database is open yet");
    Session::sample().press("4").see("There is no plan yet");
    Session::sample().press("/").type_text("zzz").press("enter c").see("No table");
}

#[test]
fn errors_stand_in_the_text_with_line_and_column() {
    let s = with_wish().press("3 end enter").type_text("nonsense");
    let s = s.see("line 5, column 1").see("does not exist").see("columns of public.users");
    // The plan comes back when the error goes.
    s.press("ctrl-w").see("as written");
}

#[test]
fn the_editor_round_trip_keeps_undo() {
    let s = Session::sample().press("3").type_text("ALTER").press("ctrl-e");
    assert_eq!(s.effects, [Effect::Edit("ALTER".to_owned())]);
    let s = s.send(Msg::Edited(Ok("ALTER TABLE users DROP COLUMN name;\n".to_owned()))).see("DROP COLUMN name");
    s.press("ctrl-u").press("ctrl-u").see("ALTER");
    Session::sample().press("3 ctrl-e").send(Msg::Edited(Err(Problem::usage("`vi` is not there")))).see("is not there");
}

#[test]
fn the_palette_does_what_is_selected() {
    with_wish().press("3 ctrl-p").type_text("go to plan").press("enter").see("SQL  Locks  Why");
    with_wish().press("4 :").type_text("no colour").press("enter").see("SQL  Locks");
    let s = with_wish().press("2 ?").type_text("reverse").press("enter");
    s.see("Size ▲");
    with_wish().press("f1 esc").not_see("Keys of this screen");
}

#[test]
fn policy_switches_plan_anew() {
    let s = with_wish().press("4").see("sync trigger").press("t").see("sync app").press("T").see("online");
    assert_eq!(s.state.app.plan().unwrap().policy.sync, sidestep::plan::Sync::App);
}

#[test]
fn exported_files_are_written_and_told() {
    let s = with_wish().press("5 w");
    let id = s.started();
    let Some(Effect::Start(_, Task::Write { directory, files })) = s.effects.first() else { panic!("{:?}", s.effects) };
    assert_eq!(directory, "migrations");
    assert!(!files.is_empty());
    let failed = s.done(id, Outcome::Failed(Problem::usage("`migrations` holds files of somebody else")));
    let again = failed.see("Not written").see("holds files of somebody else").press("esc w");
    let id = again.started();
    let written = Outcome::Written { directory: "/srv/app/migrations".to_owned(), files: 12 };
    let done = again.done(id, written).see("Wrote 12 files into `/srv/app/migrations`");
    // What is exported needs no question at the end.
    assert!(done.press("q").quits());
}

#[test]
fn typing_a_directory() {
    let s = with_wish().press("5 d ctrl-u").type_text("out/sql").press("enter w");
    assert!(
        matches!(s.effects.first(), Some(Effect::Start(_, Task::Write { directory, .. })) if directory == "out/sql")
    );
}

#[test]
fn copying_says_what_was_copied() {
    let s = with_wish().press("4 j y");
    assert!(matches!(&s.effects[..], [Effect::Copy(text)] if text.starts_with("ALTER TABLE public.users")));
    s.see("Copied the SQL of step 2.1");
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    let s = Session::sample().send(Msg::Click { column: 10, row: 8 });
    let s = s.send(Msg::Click { column: 10, row: 8 }).see("audit.log   900 M rows");
    s.send(Msg::Wheel { lines: 3, column: 5, row: 9 });
    with_wish().press("4").send(Msg::Click { column: 20, row: 4 }).see("What the script does");
}

#[test]
fn a_click_in_the_header_jumps() {
    let s = with_wish();
    let header = s.text().lines().next().unwrap().to_owned();
    let column = header.find("4 Plan").unwrap() as u16;
    s.send(Msg::Click { column, row: 0 }).see("SQL  Locks  Why");
}

#[test]
fn in_ascii_there_is_nothing_else() {
    let mut catalog = sample_catalog::catalog();
    catalog.tables.retain(|t| !t.name.name.as_str().starts_with("evil"));
    for keys in
        ["", "enter", "3", "3 esc", "4", "4 a", "4 m", "4 r", "4 n", "4 j tab l l l l l", "5", "?", "ctrl-p", "1 /"]
    {
        let settings = Settings {
            planner: sample_plan::planner,
            glyphs: sidestep::tui::canvas::Glyphs::Ascii,
            ..Settings::default()
        };
        let mut s = fresh();
        s.state = State::new(settings);
        s.state.open(catalog.clone(), None);
        s.state.app.write_draft(WISH);
        let shown = s.press(keys).text();
        let odd: String = shown.chars().filter(|c| !c.is_ascii()).collect();
        assert!(odd.is_empty(), "`{keys}` shows {odd}:\n{shown}");
    }
}

#[test]
fn reload_reads_the_same_target_again() {
    let s = Session::sample().press("R");
    assert!(matches!(&s.effects[..], [Effect::Start(_, Task::Connect { target, .. })] if target == "demo"));
}

#[test]
fn a_change_begins_with_the_table() {
    Session::sample().press("c").see("ALTER TABLE events");
    Session::sample().press("/").type_text("invoices").press("enter c").see("ALTER TABLE billing.invoices");
}

#[test]
fn q_quits_at_once_without_a_change() {
    assert!(Session::sample().press("q").quits());
    assert!(Session::sample().press("c esc q").quits(), "a draft that only was begun is not worth a question");
}

#[test]
fn ten_thousand_tables_filter_quickly() {
    let mut s = fresh();
    s.state.open(sample_catalog::wide(10_000), None);
    let s = s.press("/");
    let begun = std::time::Instant::now();
    let s = s.type_text("t42e777").see("of 10000 tables");
    s.buffer();
    // A loose bound for an unoptimised build on a busy machine: eight frames.
    assert!(begun.elapsed().as_millis() < 2_000, "{:?}", begun.elapsed());
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    for keys in ["", "/ e v i l enter", "/ e v i l enter l l l", "/ e v i l esc c"] {
        let buffer = Session::sample().size(120, 40).press(keys).buffer();
        for cell in buffer.content() {
            assert!(!cell.symbol().chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", cell.symbol());
        }
    }
}

fn any_msg() -> impl Strategy<Value = Msg> {
    let keys: Vec<Key> =
        Scope::ALL.iter().flat_map(|s| Keymap::built_in().scope(*s).to_vec()).map(|(k, _)| k).collect();
    prop_oneof![
        4 => prop::sample::select(Action::ALL).prop_map(Msg::Act),
        6 => prop::sample::select(keys).prop_map(Msg::Type),
        2 => prop::sample::select(vec!['a', '日', '\'', '$', '/', ' ', 'é']).prop_map(|c| Msg::Type(Key::plain(crossterm::event::KeyCode::Char(c)))),
        1 => prop::sample::select(vec!["nonsense", "a\nb\r\n\tc", "SELECT '", "日本語 /* x", WISH]).prop_map(|t| Msg::Paste(t.to_owned())),
        1 => (0u16..210, 0u16..70).prop_map(|(column, row)| Msg::Click { column, row }),
        1 => (-40i32..40, 0u16..210, 0u16..70).prop_map(|(lines, column, row)| Msg::Wheel { lines, column, row }),
        2 => (0u16..200, 0u16..60).prop_map(|(w, h)| Msg::Resize(w, h)),
        1 => (0u64..100_000).prop_map(Msg::Tick),
        1 => (0u64..6).prop_map(|id| Msg::Done(TaskId(id), Outcome::Failed(Problem::unreadable("no")))),
        1 => (0u64..6).prop_map(|id| Msg::Done(TaskId(id), Outcome::PasswordNeeded(Problem::unreadable("no")))),
        1 => (0u64..6).prop_map(|id| Msg::Done(TaskId(id), Outcome::Catalog(Box::new(sample_catalog::catalog())))),
        1 => (0u64..6).prop_map(|id| Msg::Done(TaskId(id), Outcome::Written { directory: "/x".to_owned(), files: 1 })),
        1 => Just(Msg::Edited(Ok(WISH.to_owned()))),
        1 => Just(Msg::Told(Note::bad("something"))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_messages_breaks_the_app(msgs in prop::collection::vec(any_msg(), 1..40), open in any::<bool>()) {
        let settings = Settings { planner: sample_plan::planner, ..Settings::default() };
        let mut state = State::new(settings);
        if open {
            state.open(sample_catalog::catalog(), None);
        }
        for msg in msgs {
            // Keys go the way they go in the app; every other message straight.
            match msg {
                Msg::Type(key) => {
                    if let Some(msg) = state.read(key) {
                        update(&mut state, msg);
                    }
                }
                msg => {
                    update(&mut state, msg);
                }
            }
            prop_assert!(!state.screens.is_empty());
            let (width, height) = state.app.size;
            draw(&state, width, height);
        }
        // And a size that the state was not told of.
        draw(&state, 7, 3);
        draw(&state, 199, 59);
    }
}
