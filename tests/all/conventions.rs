//! What users of terminal apps take for granted: their own keys and themes, the terminal's background, a log of queries,
//! a line mode, and a terminal that stays quiet.

use crate::support::pty::App;
use crate::support::sample_catalog;
use crate::support::screens::{Session, draw};
use sidestep::db::journal::Sent;
use sidestep::error::Problem;
use sidestep::tui::msg::{Effect, Msg, Outcome, Task};
use sidestep::tui::theme::ThemeName;
use std::path::Path;

fn configured(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".config/sidestep/themes");
    std::fs::create_dir_all(directory).unwrap();
    std::fs::write(home.path().join(".config/sidestep/config.toml"), text).unwrap();
    home
}

/// Starts the app, which says what is wrong and ends.
fn refused(home: &Path, text: &str) {
    let mut app = App::start(&["demo"], &[], home);
    assert_eq!(app.end(), 2);
    let shown = app.screen(vt100::Screen::contents).replace('\n', "");
    assert!(shown.contains(text), "no `{text}` in\n{shown}");
}

#[test]
fn keys_of_the_users_own() {
    let home = configured("[keys.tables]\nfilter = [\"ctrl-f\"]\nsort = []\n");
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("ctrl-f filter");
    app.send("\u{6}ord");
    app.see(" of ");
    app.signal("TERM");
    assert_eq!(app.end(), 143);
}

#[test]
fn a_wrong_key_map_is_told_with_its_line() {
    refused(configured("[keys.tables]\n\nfilter = [\"strg-f\"]\n").path(), "config.toml:3: `strg-f` is not a key");
    refused(configured("[keys.tables]\nfilter = [\n\"ctrl-m\"]\n").path(), "config.toml:3: `ctrl-m` cannot be bound");
    refused(configured("[keys.tables]\nfliter = []\n").path(), "did you mean `filter`?");
    refused(configured("[app]\nthem = \"dark\"\n").path(), "did you mean `theme`?");
}

#[test]
fn themes_of_the_users_own() {
    let home = configured("[app]\ntheme = \"mine\"\n");
    let file = home.path().join(".config/sidestep/themes/mine.toml");
    refused(home.path(), "there is no theme `mine`");
    std::fs::write(&file, ThemeName::Dark.text().replace("bar = { fg = \"blue\" }\n", "")).unwrap();
    refused(home.path(), "the role `bar` is missing");
    std::fs::write(&file, ThemeName::Dark.text().replace("cyan", "magenta")).unwrap();
    let mut app = App::start(&["demo"], &[], home.path());
    app.wait("our magenta", |s| (0..80).any(|x| s.cell(0, x).is_some_and(|c| c.fgcolor() == vt100::Color::Idx(5))));
    app.signal("TERM");
    app.end();
}

#[test]
fn what_can_be_changed_is_printed() {
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_sidestep")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&["config", "keys"]).contains("[tables]"));
    assert_eq!(run(&["config", "theme", "high-contrast"]), ThemeName::HighContrast.text());
    assert!(run(&["config", "init"]).contains("# theme = \"auto\""));
}

const WHITE: &str = "\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\";

fn active_tab(screen: &vt100::Screen) -> Option<vt100::Color> {
    let x = (0..80).find(|x| screen.cell(0, *x).is_some_and(vt100::Cell::underline))?;
    screen.cell(0, x).map(vt100::Cell::fgcolor)
}

#[test]
fn a_light_background_is_seen_and_a_late_answer_is_no_input() {
    let home = tempfile::tempdir().unwrap();
    let mut app = App::start(&["demo"], &[], home.path());
    app.send(&format!("{}{WHITE}\u{1b}[?62;22c", "\u{1b}]10;rgb:0000/0000/0000\u{1b}\\"));
    app.see("public.orders");
    app.screen(|s| assert_eq!(active_tab(s), Some(vt100::Color::Idx(4)), "the light theme's blue"));
    app.send("q");
    assert_eq!(app.end(), 0);
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.screen(|s| assert_eq!(active_tab(s), Some(vt100::Color::Idx(6)), "the dark theme's cyan"));
    // `1` would go to Connect, `f` open a form.
    app.send(WHITE);
    app.send("/");
    app.see("esc");
    app.see("public.orders");
    app.signal("TERM");
    app.end();
}

#[test]
fn every_query_is_in_the_log() {
    let sent = |sql: &str, answer| Sent { sql: sql.to_owned(), ms: 12.34, answer };
    let queries = vec![sent("SELECT 1", Ok(7)), sent("SELECT\n  evil\u{1b}[31m", Err("no right".to_owned()))];
    let s = Session::sample().press("L").see("no server was asked").press("esc").send(Msg::Sent(queries)).press("L");
    let s = s.see("12.3 ms").see("7 rows").see("refused").see("SELECT evil");
    insta::assert_snapshot!("log_80", s.text());
    let s = s.press("enter").see("no right").press("esc j y");
    assert_eq!(s.effects, [Effect::Copy("SELECT 1".to_owned())]);
    s.press("esc").not_see("Queries that were sent");
}

#[test]
fn a_reload_that_fails_keeps_what_was_open() {
    let s = Session::sample().press("R");
    let id = s.started();
    let lost = Problem::unreadable("the connection to host:5432 was lost").hint("try again");
    let s = s.done(id, Outcome::Failed(lost)).see("was lost").see("try again");
    let s = s.press("2").see("public.users").press("1 r");
    assert!(matches!(&s.effects[..], [Effect::Start(_, Task::Connect { target, .. })] if target == "demo"));
}

#[test]
fn long_and_hostile_comments_are_tamed() {
    let mut catalog = sample_catalog::catalog();
    let evil = "\u{202e}evil\u{1b}[2J\u{7}\u{9b}31m\u{200f}é日本 ".repeat(700);
    assert!(evil.chars().count() > 10_000);
    for table in &mut catalog.tables {
        table.comment = Some(evil.clone());
        for column in &mut table.columns {
            column.comment = Some(evil.clone());
        }
    }
    for keys in ["", "enter", "enter l", "enter l l", "c", "f", "f enter", "4", "ctrl-p"] {
        for (width, height) in [(40, 10), (80, 24), (200, 60)] {
            let mut s = Session::fresh(ThemeName::Dark).size(width, height);
            s.state.open(catalog.clone(), None);
            for cell in draw(&s.press(keys).state, width, height).content() {
                let bad = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{200f}');
                assert!(!cell.symbol().chars().any(bad), "{keys}: {:?}", cell.symbol());
            }
        }
    }
}

/// A talk without a screen: what is sent, and all that comes back.
fn talk(home: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> String {
    let mut command = assert_cmd::Command::cargo_bin("sidestep").unwrap();
    command.args(arguments).env_clear().env("HOME", home).envs(variables.iter().copied()).current_dir(home);
    let output = command.write_stdin(input).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "a cursor was moved:\n{text}");
    text
}

#[test]
fn line_by_line_from_start_to_files() {
    let home = tempfile::tempdir().unwrap();
    let input = "1\n1\nALTER TABLE users DROP COLUMN name;\n\n4\nusers\n5\npsql\n\n8\n";
    let text = talk(home.path(), &["--plain"], &[], input);
    for said in
        ["Which database?", "1. demo", "78 tables, read-only", "What next?", "DROP COLUMN", "column email", "Wrote "]
    {
        assert!(text.contains(said), "no `{said}` in\n{text}");
    }
    assert!(home.path().join("migrations").is_dir());
}

#[test]
fn line_by_line_a_form_and_a_mistake() {
    let home = tempfile::tempdir().unwrap();
    let input =
        "2\nadd a column\nusers\n\nmobile\ntext\n\n\n\n1\nALTER TABLE nowhere DROP COLUMN x;\n\n9\n8\nn\n8\ny\n";
    let text = talk(home.path(), &["demo", "--plain"], &[], input);
    for said in [
        "Add a column: table (table or schema.table; for example users)",
        "This is needed.",
        "ALTER TABLE users ADD COLUMN mobile text;",
        "Line 1, column 1: there is no table `nowhere`",
        "Answer with a number",
        "its draft is kept. Quit?",
    ] {
        assert!(text.contains(said), "no `{said}` in\n{text}");
    }
    // The draft is there the next time, in a terminal that calls itself dumb.
    let text = talk(home.path(), &["demo"], &[("TERM", "dumb")], "8\ny\n");
    assert!(text.contains("nowhere"), "{text}");
}

#[test]
fn line_by_line_a_server_that_is_not_there() {
    let home = tempfile::tempdir().unwrap();
    let text = talk(home.path(), &["--plain"], &[], "postgresql://me:secret@127.0.0.1:1/x\nq\n");
    assert!(text.contains("no server answers") && !text.contains("secret"), "{text}");
}

#[test]
fn a_paste_of_a_megabyte_is_taken_and_the_app_stays_awake() {
    let home = tempfile::tempdir().unwrap();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    app.send("3");
    app.see("other pane");
    let line = "-- a line of a large script\n";
    app.send(&format!("\u{1b}[200~{}SELECT 'the end'\u{1b}[201~", line.repeat(1_000_000 / line.len())));
    app.see("the end");
    app.send("\u{1b}");
    app.see("i edit");
    app.signal("TERM");
    assert_eq!(app.end(), 143);
    app.assert_restored();
}

#[test]
fn an_idle_app_uses_no_processor() {
    let home = tempfile::tempdir().unwrap();
    let mut app = App::start(&["demo"], &[], home.path());
    app.see("public.orders");
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", app.pid())).unwrap();
        let fields: Vec<u64> =
            stat.rsplit_once(") ").unwrap().1.split(' ').skip(11).take(2).map(|f| f.parse().unwrap()).collect();
        fields.iter().sum::<u64>()
    };
    // Not a wait for something: the time in which nothing may happen. The draft may be written once before.
    std::thread::sleep(std::time::Duration::from_millis(800));
    let before = ticks();
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(ticks() - before <= 1, "{} ticks", ticks() - before);
    app.send("q");
    assert_eq!(app.end(), 0);
}
