//! Plan laws over random databases and random wishes: every wish is planned or refused with what to do, the steps lead
//! where the script leads, and taken back from any place they lead to the start.

mod dice;
mod shape;
mod wishes;
mod world;

use dice::Dice;
use proptest::prelude::*;
use shape::{Excuse, structure};
use sidestep::model::{Catalog, Engine, TableName};
use sidestep::plan::{Act, Plan, Policy, Strategy as Way, Sync, Undo};
use sidestep::{change, engine, export, sql};
use world::World;

fn quoted(raw: &str) -> String {
    format!("\"{}\"", raw.replace('"', "\"\""))
}

fn name(table: &TableName) -> String {
    format!("{}.{}", quoted(table.schema.as_str()), quoted(table.name.as_str()))
}

/// Runs a script on a model catalog, or leaves it as it is.
fn replay(catalog: &mut Catalog, script: &str) -> Result<(), String> {
    let script = sql::parse(script, Engine::Postgresql).map_err(|p| p[0].to_string())?;
    let mut after = catalog.clone();
    for located in &script.statements {
        engine::replay(&mut after, &located.statement)?;
    }
    *catalog = after;
    Ok(())
}

/// What a wish did, for the count at the end.
enum Fate {
    Planned,
    Refused,
}

fn judge(major: u16, policy: &Policy, numbers: &[u32]) -> Result<Fate, String> {
    let mut dice = Dice::new(numbers);
    let world = World::new(major, &mut dice);
    let wish = wishes::wish(&world.catalog, &mut dice);
    let start = &world.catalog;
    let tell = |why: String| format!("{why}\n-- PostgreSQL {major}\n{};\n-- wish\n{wish}", world.setup.join(";\n"));
    let naive = {
        let mut end = start.clone();
        replay(&mut end, &wish).map(|()| end)
    };
    match change::plan(&wish, start, policy) {
        Err(cannot) => {
            for problem in &cannot.problems {
                let hint = problem.hint.as_deref().unwrap_or("");
                if hint.contains("fault in sidestep") {
                    return Err(tell(format!("a fault: {problem}")));
                }
                if problem.message.is_empty() || (hint.is_empty() && naive.is_ok() && !wish.is_empty()) {
                    return Err(tell(format!("no next step: {problem}")));
                }
            }
            if cannot.problems.is_empty() { Err(tell("refused for no reason".into())) } else { Ok(Fate::Refused) }
        }
        Ok(plan) => {
            obeys(&plan, start, naive.ok()).map_err(|why| tell(format!("{why}\n{}", steps(&plan))))?;
            let again = change::plan(&wish, start, policy).map_err(|e| tell(e.to_string()))?;
            let bytes = |plan: &Plan| serde_json::to_vec(plan).unwrap();
            if bytes(&plan) != bytes(&again) {
                return Err(tell("the second plan differs from the first".into()));
            }
            Ok(Fate::Planned)
        }
    }
}

/// The plan in short, for who has to find out what is wrong.
fn steps(plan: &Plan) -> String {
    let mut text = String::new();
    for (_, step) in plan.steps() {
        let undo = match &step.undo {
            Undo::Sql { sql, .. } => sql.join("; "),
            Undo::Nothing { .. } => "nothing".to_owned(),
            Undo::PointOfNoReturn { .. } => "no return".to_owned(),
        };
        text.push_str(&format!("-- {} {}: {}\n--     undo: {undo}\n", step.id, step.title, step.sql().join("; ")));
    }
    text
}

fn obeys(plan: &Plan, start: &Catalog, naive: Option<Catalog>) -> Result<(), String> {
    let mut now = start.clone();
    let mut done: Vec<(&str, &Undo)> = Vec::new();
    let mut gone = false;
    for (_, step) in plan.steps() {
        gone |= matches!(step.undo, Undo::PointOfNoReturn { .. });
        let Act::Sql { sql, .. } = &step.act else { continue };
        for statement in sql {
            replay(&mut now, statement).map_err(|e| format!("step {}: {e}: {statement}", step.id))?;
        }
        if gone {
            continue;
        }
        done.push((&step.id, &step.undo));
        let mut back = now.clone();
        let mut told = Vec::new();
        for (id, undo) in done.iter().rev() {
            let Undo::Sql { sql, because, .. } = undo else { continue };
            told.push(because.as_str());
            for statement in sql {
                replay(&mut back, statement)
                    .map_err(|e| format!("from step {}, undo of {id}: {e}: {statement}", step.id))?;
            }
        }
        let excuse = Excuse::undo(&told);
        if let Some(what) = structure(start).against(&structure(&back), &excuse) {
            return Err(format!("undo from step {}: {what}", step.id));
        }
    }
    if let Some(naive) = naive {
        let excuse = Excuse::findings(plan);
        if let Some(what) = structure(&naive).against(&structure(&now), &excuse) {
            return Err(format!("the end: {what}"));
        }
    }
    for format in export::FORMATS {
        let files = export::export(plan, format.name, &export::ExportOptions::default());
        if let Err(why) = files {
            let told =
                matches!(&why, export::ExportError::Unsendable { .. } | export::ExportError::Inexpressible { .. });
            if !told {
                return Err(format!("{}: {why}", format.name));
            }
        }
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

#[test]
fn random_wishes_on_random_databases_obey_the_laws() {
    let counts = [std::cell::Cell::new(0u32), std::cell::Cell::new(0)];
    let config = ProptestConfig {
        cases: cases(),
        max_shrink_iters: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let input = (
        prop::sample::select((10u16..=18).collect::<Vec<_>>()),
        prop::sample::select(vec![Sync::Trigger, Sync::App]),
        prop::sample::select(vec![Way::Online, Way::Auto, Way::Direct]),
        prop::collection::vec(any::<u32>(), 10..240),
    );
    let found = runner.run(&input, |(major, sync, way, numbers)| {
        let policy = Policy { sync, strategy: way, ..Policy::default() };
        match judge(major, &policy, &numbers) {
            Ok(Fate::Planned) => counts[0].set(counts[0].get() + 1),
            Ok(Fate::Refused) => counts[1].set(counts[1].get() + 1),
            Err(why) => return Err(TestCaseError::fail(why)),
        }
        Ok(())
    });
    eprintln!("{} wishes planned, {} refused", counts[0].get(), counts[1].get());
    if let Err(why) = found {
        panic!("{why}");
    }
    assert!(counts[0].get() > counts[1].get() / 4, "hardly anything is planned: {counts:?}");
}

/// `SIDESTEP_SURVEY=n`, or `m..n`: what goes wrong in the worlds of these numbers, each kind of trouble once with its
/// smallest world.
#[test]
fn survey() {
    let Ok(range) = std::env::var("SIDESTEP_SURVEY") else { return };
    let (first, count) = range.split_once("..").unwrap_or(("0", &range));
    let (Ok(first), Ok(count)) = (first.parse::<u64>(), count.parse::<u64>()) else { return };
    let mut found: std::collections::BTreeMap<String, (usize, String)> = std::collections::BTreeMap::new();
    let (mut planned, mut refused) = (0, 0);
    for seed in first..count {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 16) as u32
        };
        let numbers: Vec<u32> = (0..40 + next() % 180).map(|_| next()).collect();
        let policy = Policy {
            sync: if next() % 2 == 0 { Sync::Trigger } else { Sync::App },
            strategy: [Way::Online, Way::Auto, Way::Direct][next() as usize % 3],
            ..Policy::default()
        };
        let major = 10 + (next() % 9) as u16;
        match judge(major, &policy, &numbers) {
            Ok(Fate::Planned) => planned += 1,
            Ok(Fate::Refused) => refused += 1,
            Err(why) => {
                let mut key: String =
                    why.lines().next().unwrap().chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
                key.retain(|c| c != '"');
                let entry = found.entry(key).or_insert((0, why.clone()));
                entry.0 += 1;
                if why.len() < entry.1.len() {
                    entry.1 = format!("{why}\n-- {policy:?}");
                }
            }
        }
    }
    let mut all: Vec<_> = found.into_values().collect();
    all.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    for (n, why) in &all {
        eprintln!("=== {n} times\n{why}\n");
    }
    eprintln!("{planned} planned, {refused} refused, {} kinds of trouble", all.len());
    assert!(all.is_empty());
}
