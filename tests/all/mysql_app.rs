//! The app on the MySQL and MariaDB demos: the engine's own words on every screen.

use crate::support::screens::Session;
use sidestep::change::plan;
use sidestep::db::Demo;

fn demo(word: &str, width: u16, height: u16) -> Session {
    let mut session = Session::sample().size(width, height);
    let demo = Demo::named(word).unwrap();
    session.state.app.planner = plan;
    session.state.app.write_draft(demo.wish.trim_end());
    session.state.open(demo.catalog(), Some(word.to_owned()));
    session
}

#[test]
fn tables_and_one_table() {
    let s = demo("demo:mysql", 100, 24).see("MySQL 9.7").see("Free").not_see("Dead").see("8 partitions");
    insta::assert_snapshot!("mysql_tables_100", s.text());
    let s = s.press("/").type_text("page_views").press("enter").see("InnoDB").see("utf8mb4");
    let s = s.press("l l l l l").see("RANGE COLUMNS").see("p2026_06");
    let s = s.press("l").see("next number").see("row versions").not_see("vacuum").not_see("toast");
    insta::assert_snapshot!("mysql_traffic_100", s.text());
    demo("demo:mariadb", 120, 24).see("MariaDB 10.11.6").see("Free");
}

#[test]
fn a_change_and_its_plan() {
    let s = demo("demo:mysql", 120, 40).press("3").see("SUBSTRING_INDEX").see("Keep both sides");
    let s = s.press("tab").press("4").see("ALGORITHM=INSTANT").see("Done when");
    let id = s.state.app.plan().unwrap().id.clone();
    insta::assert_snapshot!("mysql_plan_120", s.text().replace(&id, "(the plan's hash)"));
    // No word of another engine.
    for key in ["a", "m", "r", "n"] {
        let text = demo("demo:mysql", 200, 60).press("3").press("tab").press("4").press(key).text();
        for word in ["VACUUM", "CONCURRENTLY", "psql", "NOT VALID", "ACCESS EXCLUSIVE", "AccessExclusive", "pg_"] {
            assert!(!text.contains(word), "{key}: {word}\n{text}");
        }
    }
}

#[test]
fn forms_speak_the_engine() {
    for word in ["demo:mysql", "demo:mariadb"] {
        let s = demo(word, 100, 30).press("/").type_text("shop.users").press("enter esc").press("f");
        let s = s.see("What shall change?").type_text("type, null").press("enter").see("created_at");
        let s = s.type_text("na").see("varchar(100)").press("tab").type_text("varc").see("varchar(255)").press("tab");
        s.see("ALTER TABLE users MODIFY COLUMN name varchar(255)");
    }
}
