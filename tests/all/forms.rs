//! Forms: every kind has one, and the SQL of its example is read as that very kind.

use crate::support::screens::Session;
use sidestep::change::{KINDS, form, plan};
use sidestep::db;
use sidestep::plan::Policy;
use sidestep::tui::msg::Msg;

/// What only SQL can say: anything at all, and what is always refused.
const WITHOUT: &[&str] = &["as-written", "copy-table"];

#[test]
fn every_kind_has_a_form() {
    let missing: Vec<&str> =
        KINDS.iter().filter(|k| k.forms.is_empty() && !WITHOUT.contains(&k.name)).map(|k| k.name).collect();
    assert!(missing.is_empty(), "no form for {missing:?}");
    for demo in db::DEMOS {
        let mut titles: Vec<&str> = form::all(demo.engine).iter().map(|f| f.title).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), form::all(demo.engine).len(), "two forms of one title");
    }
}

/// Examples that the demo's own state refuses, with the reason that stands for it.
const REFUSED: &[(&str, &str)] =
    &[("attach-partition", "there is no table `page_views_2026_07`"), ("rewrite-table", "writes it anew")];

#[test]
fn the_example_of_every_form_is_read_as_its_kind() {
    let mut wrong = Vec::new();
    for (demo, form) in db::DEMOS.iter().flat_map(|d| form::all(d.engine).into_iter().map(move |f| (d, f))) {
        let catalog = demo.catalog();
        let holes = form.holes();
        for all in [false, true] {
            let value = |name: &str| {
                let hole = holes.iter().find(|h| h.name == name).unwrap();
                let example = if hole.example.is_empty() { "yes" } else { hole.example };
                if hole.optional && !all { String::new() } else { example.to_owned() }
            };
            let sql = form.sql(value, &catalog);
            assert!(!sql.contains(['‹', '{', '[', ']']), "{}: {sql}", form.title);
            match plan(&sql, &catalog, &Policy::default()) {
                Ok(plan) if plan.wanted.iter().any(|w| w.kind == form.kind) => {}
                Ok(plan) => {
                    let kinds: Vec<&str> = plan.wanted.iter().map(|w| w.kind.as_str()).collect();
                    wrong.push(format!("{} ({}): read as {kinds:?}\n{sql}", form.title, form.kind));
                }
                Err(reason) => {
                    let known =
                        REFUSED.iter().any(|(kind, why)| *kind == form.kind && reason.to_string().contains(why));
                    if !known {
                        wrong.push(format!("{} ({}): {reason}\n{sql}", form.title, form.kind));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn demo() -> Session {
    let mut session = Session::sample();
    session.state.app.planner = plan;
    session.state.open(db::demo(), Some("demo".to_owned()));
    session
}

#[test]
fn a_column_is_added_without_writing_sql() {
    let s = demo().press("/").type_text("public.users").press("enter esc").press("f").see("What shall change?");
    let s = s.type_text("add a column").press("enter").see("Add a column").see("ALTER TABLE users ADD COLUMN ‹column›");
    // The table is known; the name is typed, the type completed.
    let s = s.type_text("phone").press("tab").type_text("varc").see("varchar(255)").press("tab");
    let s = s.see("ADD COLUMN phone varchar(255);").press("tab tab").type_text("y").press("tab").see("UNIQUE;");
    insta::assert_snapshot!("form_80", s.text());
    let s = s.press("enter").see("ALTER TABLE users ADD COLUMN phone varchar(255) UNIQUE;").see("as written");
    // A second one goes behind the first.
    let s = s.press("esc f").type_text("drop a column").press("enter").type_text("na");
    let s = s.see("character varying(100)").press("tab enter").see("DROP COLUMN name;").see("ADD COLUMN phone");
    s.press("ctrl-c");
}

#[test]
fn what_is_missing_is_said_and_what_was_typed_stays() {
    let s = demo().press("2 f").type_text("foreign").press("enter").type_text("zz").press("enter").see("Still needed:");
    let s = s.press("esc esc").see("What shall change?").press("esc esc");
    s.press("3 esc f").type_text("foreign").press("enter").see("zz");
}

#[test]
fn forms_at_every_size() {
    let form = |width, height| demo().size(width, height).press("2 f").type_text("foreign").press("enter");
    insta::assert_snapshot!("form_40", form(40, 10).text());
    insta::assert_snapshot!("form_120", form(120, 40).press("tab").type_text("user").text());
    insta::assert_snapshot!("form_list_80", demo().press("2 f").text());
    // Nothing is written over the frame, whatever the size.
    for (width, height) in [(40, 10), (60, 15), (200, 60)] {
        form(width, height).press("tab tab down down").send(Msg::Paste("x, y\nz".to_owned())).buffer();
    }
}
