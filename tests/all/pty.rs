//! The real binary in a real (pseudo) terminal: what no drawing on paper can show.

use crate::support::pty::App;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn starts_moves_and_leaves_the_terminal_as_it_was() {
    let home = home();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.screen(|s| assert!(s.alternate_screen() && s.hide_cursor()));
    app.send("jj\r");
    app.see("Columns");
    app.send("q");
    assert_eq!(app.end(), 0);
    app.assert_restored();
}

#[test]
fn without_a_target_it_offers_the_demo() {
    let home = home();
    let mut app = App::start(&[], &[], home.path());
    app.see("Open a database");
    app.send("d");
    app.see("public.orders");
    app.send("4");
    app.see("as written");
    app.send("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn a_panic_restores_the_terminal_and_says_what_happened() {
    let home = home();
    let mut app = App::start(&["demo"], &[("SIDESTEP_TEST_PANIC", "1")], home.path());
    app.see("asked to panic");
    assert_ne!(app.end(), 0);
    app.assert_restored();
}

#[test]
fn without_colour_the_selection_is_still_seen() {
    let home = home();
    let mut app = App::start(&["demo"], &[("NO_COLOR", "1")], home.path());
    app.see("public.orders");
    app.wait("an inverse row", |s| (0..24).any(|y| s.cell(y, 10).is_some_and(|c| c.inverse())));
    app.screen(|s| {
        for y in 0..24 {
            for x in 0..80 {
                let cell = s.cell(y, x).unwrap();
                assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
            }
        }
    });
    app.send("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn resizing_draws_anew_and_small_is_said() {
    let home = home();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.resize(120, 40);
    app.see("PostgreSQL 15.4");
    app.resize(10, 3);
    app.see("needs 40");
    app.resize(80, 24);
    app.see("public.orders");
    app.send("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn ctrl_z_stops_and_comes_back() {
    let home = home();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.send("\u{1a}");
    app.wait_for_state('T');
    app.wait("the normal screen", |s| !s.alternate_screen() && !s.hide_cursor());
    app.signal("CONT");
    app.wait("the app's screen", |s| s.alternate_screen() && s.contents().contains("public.orders"));
    app.send("3");
    app.see("other pane");
    app.send("\u{1b}");
    app.see("i edit");
    app.send("q");
    assert_eq!(app.end(), 0);
    app.assert_restored();
}

#[test]
fn the_users_editor_writes_the_change() {
    let home = home();
    let editor = home.path().join("fake-editor");
    std::fs::write(&editor, "#!/bin/sh\necho 'ALTER TABLE orders DROP COLUMN note_from_editor;' > \"$1\"\n").unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let variables = [("VISUAL", editor.to_str().unwrap()), ("PATH", "/usr/bin:/bin")];
    let mut app = App::start(&["demo"], &variables, home.path());
    app.see("public.orders");
    app.send("3");
    app.see("ctrl-e");
    app.send("\u{5}");
    app.see("note_from_editor");
    app.send("\u{1b}");
    app.see("i edit");
    app.send("qy");
    assert_eq!(app.end(), 0);
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|n| n.to_string_lossy().ends_with(".sql")), "the editor's file was left: {left:?}");
}

#[test]
fn a_server_that_is_down_is_a_readable_problem_and_can_be_retried() {
    let home = home();
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = format!("postgresql://me@127.0.0.1:{port}/db");
    let mut app = App::start(&[&target], &[], home.path());
    app.see("no server answers");
    app.send("r");
    app.see("no server answers");
    app.send("q");
    assert_eq!(app.end(), 0);
    app.assert_restored();
}

#[test]
fn a_server_that_hangs_can_be_cancelled() {
    let home = home();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("postgresql://me@127.0.0.1:{}/db", listener.local_addr().unwrap().port());
    let mut app = App::start(&[&target], &[], home.path());
    app.see("esc cancels");
    app.send("\u{1b}");
    app.wait("the end of the wait", |s| !s.contents().contains("esc cancels"));
    app.send("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn signals_restore_the_terminal() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let home = home();
        let mut app = App::start(&["demo"], &[], home.path());
        app.see("public.orders");
        app.signal(name);
        assert_eq!(app.end(), code);
        app.assert_restored();
    }
}

#[test]
fn files_are_written_where_the_screen_says() {
    let home = home();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.send("5");
    app.see("Format");
    app.send("w");
    app.see("Wrote");
    app.send("q");
    assert_eq!(app.end(), 0);
    assert!(home.path().join("migrations").is_dir());
}
