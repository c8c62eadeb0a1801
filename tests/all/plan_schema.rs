//! `assets/plan.schema.json` is what `plan.json` is: real plans fit it, broken ones do not.

use crate::support::sandbox::sample_plan;
use crate::support::schema::check;
use serde_json::Value;
use sidestep::plan::{Act, Executor, Policy, Strategy, Sync};
use std::fs;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../assets/plan.schema.json")).unwrap()
}

#[test]
fn plans_fit_the_published_schema() {
    let schema = schema();
    let sample: Value = serde_json::from_str(&fs::read_to_string(sample_plan()).unwrap()).unwrap();
    check(&schema, &sample).unwrap();
    let catalog = sidestep::db::demo();
    let mut planned = 0;
    for sql in [
        "ALTER TABLE users ADD COLUMN phone text UNIQUE",
        "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
        "ALTER TABLE orders ALTER COLUMN id TYPE numeric",
        "ALTER TABLE users RENAME COLUMN name TO full_name",
        "ALTER TABLE categories ADD COLUMN x int; DROP INDEX CONCURRENTLY users_email_key",
        "UPDATE users SET name = trim(name)",
        "COMMENT ON TABLE users IS 'x'",
        "ALTER TABLE users DROP COLUMN name",
    ] {
        for (sync, strategy) in
            [(Sync::Trigger, Strategy::Auto), (Sync::App, Strategy::Online), (Sync::App, Strategy::Direct)]
        {
            let policy = Policy { sync, strategy, ..Policy::default() };
            let Ok(plan) = sidestep::change::plan(sql, &catalog, &policy) else { continue };
            planned += 1;
            let json = serde_json::to_value(&plan).unwrap();
            if let Err(wrong) = check(&schema, &json) {
                panic!("{sql}: {wrong}");
            }
        }
    }
    assert!(planned >= 12, "only {planned} plans were made");
}

/// Plans of the other engines, with commands of tools among their steps.
#[test]
fn plans_of_every_demo_fit() {
    let schema = schema();
    let mut commands = 0;
    for demo in sidestep::db::DEMOS {
        let catalog = demo.catalog();
        for (sql, executor) in [
            ("ALTER TABLE users ADD COLUMN phone varchar(20)", Executor::Auto),
            ("ALTER TABLE users DROP COLUMN name", Executor::Auto),
            ("UPDATE users SET name = trim(name)", Executor::Auto),
            ("ALTER TABLE order_items MODIFY COLUMN quantity BIGINT NOT NULL", Executor::PtOsc),
        ] {
            let policy = Policy { executor, strategy: Strategy::Online, ..Policy::default() };
            let Ok(plan) = sidestep::change::plan(sql, &catalog, &policy) else { continue };
            commands += plan.steps().filter(|(_, s)| matches!(s.act, Act::External { .. })).count();
            let json = serde_json::to_value(&plan).unwrap();
            if let Err(wrong) = check(&schema, &json) {
                panic!("{} {sql}: {wrong}", catalog.server);
            }
        }
    }
    assert!(commands > 0, "no plan has a command");
}

#[test]
fn what_is_no_plan_does_not_fit() {
    let schema = schema();
    let sample: Value = serde_json::from_str(&fs::read_to_string(sample_plan()).unwrap()).unwrap();
    for (pointer, value) in [
        ("/format", Value::from(2)),
        ("/phases/0/steps/0/kind", Value::from("guess")),
        ("/phases/0/steps/0/undo", Value::Null),
        ("/phases/0/steps/0/blocked", serde_json::json!({"kind": "range", "low_s": 1})),
        ("/releases/0/tables", Value::from("users")),
    ] {
        let mut broken = sample.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(check(&schema, &broken).is_err(), "{pointer}");
    }
}
