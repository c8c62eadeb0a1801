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
}
