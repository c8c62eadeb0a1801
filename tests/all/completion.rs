//! The editor: completion from the catalog, in the words of the user; big pastes.

use crate::support::screens::Session;
use crate::support::{sample_catalog, sample_plan};
use sidestep::tui::complete::{What, offers};
use sidestep::tui::msg::{Effect, Msg, Outcome, Task};
use sidestep::tui::state::{Planned, Settings, State};

/// The first candidates where `|` stands.
fn at(marked: &str) -> Vec<String> {
    let place = marked.find('|').unwrap();
    let catalog = sample_catalog::catalog();
    let found = offers(&marked.replace('|', ""), place, &catalog);
    found.map_or(Vec::new(), |o| o.list.into_iter().map(|c| c.text).take(5).collect())
}

fn first(marked: &str) -> String {
    at(marked).into_iter().next().unwrap_or_default()
}

#[test]
fn what_stands_where() {
    for (marked, expected) in [
        ("alt|", "alter table"),
        ("ALTER |", "TABLE"),
        ("ALTER TABLE us|", "users"),
        ("ALTER TABLE inv|", "billing.invoices"),
        ("ALTER TABLE billing.inv|", "invoices"),
        ("ALTER TABLE users |", "ADD COLUMN"),
        ("ALTER TABLE users drop col|", "COLUMN"),
        ("ALTER TABLE users DROP COLUMN na|", "name"),
        ("ALTER TABLE users ADD COLUMN phone varc|", "varchar(255)"),
        ("ALTER TABLE users ADD COLUMN phone text no|", "NOT NULL"),
        ("ALTER TABLE users ADD COLUMN phone text NOT NULL def|", "DEFAULT"),
        ("ALTER TABLE users ADD COLUMN a int, drop column na|", "name"),
        ("ALTER TABLE users ALTER COLUMN name |", "TYPE"),
        ("ALTER TABLE users ALTER COLUMN name TYPE bi|", "bigint"),
        ("ALTER TABLE users ALTER COLUMN name SET n|", "NOT NULL"),
        ("CREATE INDEX ON us|", "users"),
        ("CREATE INDEX ON users (na|", "name"),
        ("CREATE TABLE x (id big|", "bigint"),
        ("UPDATE us|", "users"),
        ("UPDATE users SET na|", "name"),
        ("SELECT u.na| FROM users u", "name"),
        ("SELECT 1; DROP TABLE us|", "users"),
    ] {
        assert_eq!(first(marked), expected, "{marked}: {:?}", at(marked));
    }
    for nothing in
        ["ALTER TABLE users ADD COLUMN na|", "-- us|", "SELECT 'us|", "ALTER TABLE users RENAME TO us|", "12|"]
    {
        assert_eq!(at(nothing), Vec::<String>::new(), "{nothing}");
    }
}

#[test]
fn mysql_goes_on_in_its_own_words() {
    let catalog = sidestep::db::Demo::named("demo:mysql").unwrap().catalog();
    let first = |marked: &str| {
        let found = offers(&marked.replace('|', ""), marked.find('|').unwrap(), &catalog);
        found.and_then(|o| o.list.into_iter().next()).map_or(String::new(), |c| c.text)
    };
    for (marked, expected) in [
        ("ALTER TABLE us|", "users"),
        ("ALTER TABLE `us|", "users"),
        ("ALTER TABLE users mod|", "modify column"),
        ("ALTER TABLE users MODIFY COLUMN na|", "name"),
        ("ALTER TABLE users MODIFY COLUMN name varc|", "varchar(255)"),
        ("ALTER TABLE users MODIFY COLUMN name varchar(9) no|", "NOT NULL"),
        ("ALTER TABLE users CHANGE COLUMN na|", "name"),
        ("ALTER TABLE users CHANGE COLUMN name label medi|", "mediumint"),
        ("ALTER TABLE users CHANGE COLUMN name label varchar(9) aft|", "AFTER"),
        ("ALTER TABLE users ADD COLUMN phone int AFTER em|", "email"),
        ("ALTER TABLE users ADD COLUMN phone int unsigned NOT NULL def|", "DEFAULT"),
        ("ALTER TABLE orders DROP INDEX orders_c|", "orders_coupon"),
        ("ALTER TABLE orders DROP FOREIGN KEY orders_u|", "orders_user"),
        ("ALTER TABLE orders RENAME INDEX orders_user |", "TO"),
        ("ALTER TABLE users ADD COLUMN a int, algo|", "ALGORITHM=INSTANT"),
        ("ALTER TABLE `users` DROP COLUMN `na|", "name"),
        ("UPDATE users SET na|", "name"),
        ("opt|", "optimize table"),
        ("OPTIMIZE TABLE tick|", "ticket_messages"),
    ] {
        assert!(first(marked).eq_ignore_ascii_case(expected), "{marked}: {}", first(marked));
    }
    for nothing in ["ALTER TABLE users CHANGE COLUMN name la|", "# us|", "ALTER TABLE users RENAME TO us|"] {
        assert_eq!(first(nothing), "", "{nothing}");
    }
}

#[test]
fn hostile_names_are_quoted() {
    let catalog = sample_catalog::catalog();
    let text = "ALTER TABLE evil";
    for candidate in offers(text, text.len(), &catalog).unwrap().list {
        let odd = !candidate.text.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '.');
        assert!(!odd || candidate.what != What::Table || candidate.text.contains('"'), "{}", candidate.text);
    }
}

#[test]
fn tab_completes_and_esc_closes_the_list_first() {
    let s = Session::sample().press("3").type_text("alter table us").see("users").press("tab").see("alter table users");
    let s = s.type_text(" drop col").press("tab").see("drop column").type_text("na");
    // The list that opened by itself is closed by esc; the text stays and the editor keeps the focus.
    let s = s.see("character varying").press("esc").not_see("character varying").see("drop column na");
    let s = s.press("ctrl-space").see("character varying").press("down enter").see("drop column name");
    // Nothing chosen: enter breaks the line.
    let s = s.type_text(";\ndrop ta").see("╭").press("enter").see("  3").not_see("╭");
    s.press("tab").see("i edit");
}

#[test]
fn a_big_paste_is_planned_beside_the_loop() {
    let mut s = Session::sample();
    let line = "ALTER TABLE users DROP COLUMN name;\n";
    let text = line.repeat(1_000_000 / line.len());
    let begun = std::time::Instant::now();
    s = s.press("3").send(Msg::Paste(text));
    let [Effect::Start(id, Task::Plan(job))] = &s.effects[..] else { panic!("{:?}", s.effects.len()) };
    let (id, length) = (*id, job.sql.len());
    assert!(length > 900_000);
    // Keys are answered meanwhile; nothing stale can be exported.
    s = s.type_text("-- x").press("esc 5").see("The plan is being made");
    s.buffer();
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    let plan = sample_plan::planner("x", &sample_catalog::catalog(), &Default::default()).unwrap();
    let s = s.done(id, Outcome::Planned(Ok(Box::new(plan))));
    // It was edited meanwhile: the next planning begins at once.
    assert!(matches!(&s.effects[..], [Effect::Start(_, Task::Plan(_))]));
    let s = s.press("i ctrl-u ctrl-u ctrl-u ctrl-u ctrl-u ctrl-u");
    assert!(
        s.state.app.draft.is_empty() && matches!(s.state.app.draft.planned, Planned::Nothing),
        "undo takes all back"
    );
}

#[test]
fn completion_on_fifty_thousand_tables() {
    let mut state = State::new(Settings { planner: sample_plan::planner, ..Settings::default() });
    state.open(sample_catalog::wide(50_000), None);
    let mut s = Session { state, effects: Vec::new() }.press("3").type_text("DROP TABLE ");
    let begun = std::time::Instant::now();
    s = s.type_text("entity_423");
    s.see(".entity_423");
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}
