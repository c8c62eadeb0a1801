//! Pictures of every screen. Accept a wanted change with `INSTA_UPDATE=always`.

use crate::support::sample_plan::WISH;
use crate::support::screens::Session;

fn with_wish() -> Session {
    let mut session = Session::sample();
    session.state.app.write_draft(WISH);
    session
}

#[test]
fn tables() {
    insta::assert_snapshot!(Session::sample().text());
}

/// The selection and the theme: the debug form of a buffer lists every run of styles.
#[test]
fn selection() {
    use sidestep::tui::theme::ThemeName;
    for (name, theme) in [("dark", ThemeName::Dark), ("mono", ThemeName::Mono)] {
        let session = Session::themed(theme).size(60, 15).press("j j");
        insta::assert_debug_snapshot!(format!("selection_{name}"), session.buffer());
    }
}

#[test]
fn small() {
    insta::assert_snapshot!("small_tables", Session::sample().size(60, 15).text());
    insta::assert_snapshot!("small_plan", with_wish().size(60, 15).press("4").text());
    insta::assert_snapshot!("small_change", with_wish().size(60, 15).press("3").text());
    insta::assert_snapshot!("smallest", with_wish().size(40, 10).press("4").text());
    insta::assert_snapshot!("too_small", with_wish().size(39, 9).text());
}

#[test]
fn change() {
    insta::assert_snapshot!("change_80", with_wish().press("3").text());
    insta::assert_snapshot!("change_120", with_wish().size(120, 40).press("3").text());
    insta::assert_snapshot!("change_empty", Session::sample().press("3").text());
    let wrong = with_wish().size(120, 40).press("3 ctrl-a").type_text("nonsense ");
    insta::assert_snapshot!("change_error", wrong.text());
}

#[test]
fn plan() {
    insta::assert_snapshot!("plan_80", with_wish().press("4 j").text());
    insta::assert_snapshot!("plan_120", with_wish().size(120, 40).press("4 j j j").text());
    insta::assert_snapshot!("plan_as_written", with_wish().size(120, 40).press("4 a").text());
    insta::assert_snapshot!("plan_grid", with_wish().press("4 m").text());
    insta::assert_snapshot!("plan_releases", with_wish().press("4 r").text());
    insta::assert_snapshot!("plan_timeline", with_wish().press("4 w j j j j j").text());
    insta::assert_snapshot!("plan_timeline_small", with_wish().size(40, 10).press("4 w j j j j j").text());
    insta::assert_snapshot!("plan_200", with_wish().size(200, 60).press("4 j j j").text());
}

#[test]
fn table() {
    insta::assert_snapshot!("table_80", Session::sample().press("/").type_text("users").press("enter").text());
    let wide = Session::sample().size(120, 40).press("/").type_text("users").press("enter");
    insta::assert_snapshot!("table_120", wide.press("l").text());
    let users = || Session::sample().press("/").type_text("users").press("enter");
    insta::assert_snapshot!("table_used_by", users().press("l l l").text());
    insta::assert_snapshot!("table_triggers", users().press("l l l l").text());
    insta::assert_snapshot!("table_traffic", users().press("l l l l l l").text());
    insta::assert_snapshot!("table_partitions", Session::sample().press("enter l l l l l").text());
}

#[test]
fn overlays() {
    insta::assert_snapshot!("help", Session::sample().press("?").text());
    insta::assert_snapshot!("help_filtered", Session::sample().press("?").type_text("sort").text());
    insta::assert_snapshot!("palette", with_wish().size(120, 40).press("3 ctrl-p").text());
    insta::assert_snapshot!("quit", with_wish().press("q").text());
}

/// No picture: what stands in the files belongs to the formats and their own tests.
#[test]
fn export() {
    let narrow = with_wish().press("5").see("psql             Numbered files for psql").see("Into  migrations");
    narrow.press("tab j").see(".sql").see("files");
    with_wish().size(120, 40).press("5 j").see("RUNBOOK.md").press("tab tab G").see("▲");
}

#[test]
fn connect() {
    insta::assert_snapshot!("connect", Session::fresh(sidestep::tui::theme::ThemeName::Dark).text());
}

/// The pictures of the documentation. `SIDESTEP_BLESS=1` writes them anew.
#[test]
fn pictures_are_fresh() {
    use sidestep::tui::theme::ThemeName;
    use sidestep::tui::widget::svg::{DARK, LIGHT, svg};
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screens");
    let mut stale = Vec::new();
    for (theme, palette, suffix) in [(ThemeName::Dark, DARK, "dark"), (ThemeName::Light, LIGHT, "light")] {
        for (name, keys) in [("tables", "2"), ("change", "3 esc"), ("plan", "4 j j j"), ("grid", "4 m")] {
            let mut session = Session::themed(theme).size(120, 32);
            session.state.app.write_draft(WISH);
            let picture = svg(&session.press(keys).buffer(), &palette);
            let path = folder.join(format!("{name}-{suffix}.svg"));
            if std::env::var_os("SIDESTEP_BLESS").is_some() {
                std::fs::write(&path, &picture).unwrap();
            } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&picture) {
                stale.push(path);
            }
        }
    }
    assert!(stale.is_empty(), "stale pictures, write them anew with SIDESTEP_BLESS=1: {stale:?}");
}
