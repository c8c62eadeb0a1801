//! Nothing that was typed is lost: drafts of every database, the last target, and files that make no sense.

use crate::support::pty::App;
use crate::support::sample_catalog;
use crate::support::screens::Session;
use sidestep::tui::keep::{Kept, key, snapshot};
use sidestep::tui::msg::Msg;
use sidestep::tui::theme::ThemeName;
use std::path::{Path, PathBuf};

fn kept(target: &str, text: &str) -> Kept {
    Kept { format: 1, target: target.to_owned(), text: text.to_owned(), ..Kept::default() }
}

/// What the shelf does when a database is opened.
fn recall(s: Session, found: Option<Kept>) -> Session {
    let key = key(&s.state.app).unwrap();
    s.send(Msg::Recalled(key, Ok(found)))
}

fn saved(s: &Session) -> Option<Kept> {
    let key = key(&s.state.app)?;
    snapshot(&s.state.app, &key)
}

#[test]
fn the_draft_of_yesterday_is_back() {
    let s = recall(Session::sample(), Some(kept("demo", "ALTER TABLE users DROP COLUMN name;")));
    let s = s.see("Your draft is as you left it").press("3").see("DROP COLUMN name");
    assert_eq!(saved(&s).unwrap().text, "ALTER TABLE users DROP COLUMN name;");
    // It is worth a question: it was never exported.
    s.press("esc q").see("draft is kept");
}

#[test]
fn a_draft_that_was_brought_along_and_the_one_that_was_there_both_stay() {
    let s = recall(Session::sample(), None).press("3").type_text("DROP TABLE orders;");
    let mut s = s;
    s.state.open(sample_catalog::catalog(), Some("service=staging".to_owned()));
    let s = recall(s, Some(kept("service=staging", "DROP TABLE users;"))).see("draft of its own");
    let both = saved(&s).unwrap();
    assert_eq!((both.text.as_str(), both.earlier.as_str()), ("DROP TABLE orders;", "DROP TABLE users;"));
    let s = s.press("ctrl-p").type_text("earlier").press("enter").see("DROP TABLE users;");
    let both = saved(&s).unwrap();
    assert_eq!((both.text.as_str(), both.earlier.as_str()), ("DROP TABLE users;", "DROP TABLE orders;"));
    let s = s.press("ctrl-p").type_text("earlier").press("enter");
    assert_eq!(saved(&s).unwrap().text, "DROP TABLE orders;");
}

#[test]
fn nothing_is_written_before_it_is_known_what_is_there() {
    let s = Session::sample().press("3").type_text("x");
    assert_eq!(saved(&s), None);
    let mut s = recall(s, None);
    assert!(saved(&s).is_some());
    s.state.open(sample_catalog::catalog(), Some("postgresql://me:secret@other/db".to_owned()));
    assert_eq!(saved(&s), None);
    assert_eq!(key(&s.state.app).as_deref(), Some("postgresql://me@other/db"));
}

#[test]
fn esc_loses_nothing_that_was_typed() {
    let s = Session::fresh(ThemeName::Dark).press("/").type_text("postgresql://me@host").press("esc");
    s.see("postgresql://me@host").press("/").type_text("/db").see("postgresql://me@host/db");
    let s = recall(Session::sample(), None).press("3").type_text("DROP TABLE users;").press("esc esc esc esc");
    s.press("3").see("DROP TABLE users;");
}

fn state(home: &Path) -> PathBuf {
    home.join(".local/state/sidestep")
}

fn drafts(home: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(state(home).join("drafts")).map_or(Vec::new(), |d| d.flatten().map(|e| e.path()).collect());
    all.sort();
    all
}

/// Waits until the only draft holds `text`.
fn wait_for_draft(home: &Path, text: &str) -> PathBuf {
    let begun = std::time::Instant::now();
    loop {
        if let [one] = &drafts(home)[..]
            && std::fs::read_to_string(one).is_ok_and(|t| t.contains(text))
        {
            return one.clone();
        }
        assert!(begun.elapsed().as_secs() < 20, "no draft holds `{text}`: {:?}", drafts(home));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn the_draft_survives_even_a_kill() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.send("3");
    app.see("other pane");
    app.send("-- survivor\r");
    app.see("survivor");
    let path = wait_for_draft(home.path(), "survivor");
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    app.signal("KILL");
    app.end();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("as you left it");
    app.send("3");
    app.see("survivor");
    app.send("\u{1b}");
    app.see("i edit");
    app.send("qy");
    assert_eq!(app.end(), 0);
}

#[test]
fn a_corrupt_draft_and_session_are_said_and_put_aside() {
    let home = tempfile::tempdir().unwrap();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.send("3");
    app.see("other pane");
    app.send("-- a");
    let path = wait_for_draft(home.path(), "-- a");
    app.signal("TERM");
    app.end();
    for rubbish in ["{\"format\": 1, \"target", "{\"format\": 99, \"target\": \"demo\", \"text\": \"x\"}", "\u{0}"] {
        std::fs::write(&path, rubbish).unwrap();
        std::fs::write(state(home.path()).join("session.json"), rubbish).unwrap();
        let mut app = App::start(&[], &[], home.path());
        app.see("put aside as");
        app.send("d");
        app.see("public.orders");
        app.see("put aside as");
        app.send("q");
        assert_eq!(app.end(), 0);
    }
    let aside = drafts(home.path()).iter().filter(|p| p.to_string_lossy().contains("broken")).count();
    assert_eq!(aside, 3);
}

#[test]
fn the_last_target_is_offered_first_and_holds_no_password() {
    let home = tempfile::tempdir().unwrap();
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_sidestep"))
        .args(["inspect", "demo", "-o", "shop.json"])
        .current_dir(home.path())
        .output();
    assert!(made.unwrap().status.success());
    let mut app = App::start(&["shop.json"], &[], home.path());
    app.see("public.orders");
    app.send("q");
    app.end();
    let mut app = App::start(&[], &[], home.path());
    app.see("open last time");
    app.send("\r");
    app.see("public.orders");
    app.send("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn a_state_directory_that_cannot_be_written_is_said_once() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("file"), "").unwrap();
    let place = home.path().join("file/below");
    let mut app = App::start(&["demo"], &[("XDG_STATE_HOME", place.to_str().unwrap())], home.path());
    app.see("public.orders");
    app.send("3");
    app.see("other pane");
    app.send("-- a");
    app.see("The draft is not kept");
    app.signal("TERM");
    assert_eq!(app.end(), 143);
}
