//! Golden plans: every case of `tests/cases` on every version it names, compared with `<name>.plan` beside it.
//! `SIDESTEP_BLESS=1` writes them; read them before you commit them.

use crate::support::case::{self, Case};
use sidestep::engine::replay;
use sidestep::model::{Catalog, Engine};
use sidestep::plan::{Act, Estimate, Plan, TransactionMode, Undo};
use sidestep::{change, sql};
use std::collections::BTreeSet;
use std::fmt::Write;

fn planned(case: &Case, major: u16) -> Result<Plan, String> {
    change::plan(&case.wish, &case.catalog(major), &case.policy).map_err(|e| e.to_string())
}

#[test]
fn plans_are_the_golden_ones() {
    let mut stale = Vec::new();
    for case in case::all() {
        let path = case::folder().join(&case.kind).join(format!("{}.plan", case.name));
        let text = grouped(&case);
        if std::env::var_os("SIDESTEP_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            let old = std::fs::read_to_string(&path).unwrap_or_default();
            let changed = text.lines().zip(old.lines().chain(std::iter::repeat(""))).find(|(new, old)| new != old);
            stale.push(format!("{}: {changed:?}", case.id()));
        }
    }
    assert!(stale.is_empty(), "golden plans differ (SIDESTEP_BLESS=1 writes them):\n{}", stale.join("\n"));
}

#[test]
fn every_kind_has_a_case() {
    let have: BTreeSet<String> = case::all().into_iter().map(|c| c.kind).collect();
    let missing: Vec<_> = change::KINDS.iter().map(|k| k.name).filter(|k| !have.contains(*k)).collect();
    assert!(missing.is_empty(), "kinds without a case in tests/cases: {missing:?}");
}

/// Replaying the steps gives the columns that the naive script gives; undoing them from any point before the first point
/// of no return gives the start.
#[test]
fn steps_lead_to_the_wish_and_undo_leads_back() {
    for case in case::all() {
        for major in case.versions.clone() {
            let Ok(plan) = planned(&case, major) else { continue };
            let start = case.catalog(major);
            let mut wanted = start.clone();
            run(&mut wanted, case.naive()).unwrap();
            let mut now = start.clone();
            let mut done: Vec<&Undo> = Vec::new();
            let mut gone = false;
            for (_, step) in plan.steps() {
                if let Act::Sql { sql, .. } = &step.act {
                    gone |= matches!(step.undo, Undo::PointOfNoReturn { .. });
                    for statement in sql {
                        run(&mut now, statement)
                            .unwrap_or_else(|e| panic!("{} on {major}, step {}: {e}: {statement}", case.id(), step.id));
                    }
                    if !gone {
                        done.push(&step.undo);
                        let mut back = now.clone();
                        for undo in done.iter().rev() {
                            let Undo::Sql { sql, .. } = undo else { continue };
                            for statement in sql {
                                run(&mut back, statement).unwrap_or_else(|e| {
                                    panic!("{} on {major}, undo from step {}: {e}: {statement}", case.id(), step.id)
                                });
                            }
                        }
                        // The one loss that an undo may have, and has to say.
                        let told = done
                            .iter()
                            .any(|u| matches!(u, Undo::Sql { because, .. } if because.contains("without NOT NULL")));
                        let seen = |catalog: &Catalog| -> BTreeSet<String> {
                            let all = shape(catalog, false).into_iter();
                            let all = all.map(|c| if told { c.replace(" not null", "") } else { c });
                            all.filter(|c| !told || !c.ends_with("_not_null")).collect()
                        };
                        assert_eq!(
                            seen(&back),
                            seen(&start),
                            "{} on {major}: undo from step {} does not lead back to the start",
                            case.id(),
                            step.id
                        );
                    }
                }
            }
            // Before 12 a validated CHECK stands in for NOT NULL, which could not be set without a scan under a strong lock.
            let comparable = |catalog: &Catalog| -> BTreeSet<String> {
                let all = shape(catalog, true).into_iter();
                all.filter(|c| !case.differing(major).any(|d| c.contains(d)))
                    .map(|c| if major < 12 { c.replace(" not null", "") } else { c })
                    .collect()
            };
            assert_eq!(comparable(&now), comparable(&wanted), "{} on {major}", case.id());
        }
    }
}

/// Same input, same bytes; `plan.json` reads back to the same plan; the id is the content's.
#[test]
fn plans_are_deterministic_and_survive_json() {
    for case in case::all() {
        let Some(major) = case.versions.last() else { continue };
        let (Ok(first), Ok(second)) = (planned(&case, *major), planned(&case, *major)) else { continue };
        assert_eq!(first, second, "{}", case.id());
        let json = serde_json::to_string(&first).unwrap();
        let read: Plan = serde_json::from_str(&json).unwrap();
        assert_eq!(read, first, "{}", case.id());
        assert_eq!(sidestep::plan::assemble::content_hash(&first), first.id);
    }
}

fn run(catalog: &mut Catalog, text: &str) -> Result<(), String> {
    let script = sql::parse(text, Engine::Postgresql).map_err(|p| p[0].to_string())?;
    script.statements.iter().try_for_each(|l| replay(catalog, &l.statement))
}

/// Tables by column; for the wish also without names of helpers that differ by design.
fn shape(catalog: &Catalog, only_columns: bool) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for table in &catalog.tables {
        for column in &table.columns {
            let not_null = if column.not_null { " not null" } else { "" };
            all.insert(format!("{}.{} {}{not_null}", table.name, column.name, column.data_type));
        }
        if !only_columns {
            all.extend(table.indexes.iter().map(|i| format!("{} index {}", table.name, i.name)));
            all.extend(table.constraints.iter().map(|c| format!("{} constraint {}", table.name, c.name)));
            all.extend(table.triggers.iter().map(|t| format!("{} trigger {}", table.name, t.name)));
        }
    }
    for view in &catalog.views {
        let columns: Vec<String> = view.columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
        all.insert(format!("view {} shows {}", view.name, columns.join(", ")));
    }
    all
}

/// Versions whose plans read the same share one section.
fn grouped(case: &Case) -> String {
    let mut groups: Vec<(Vec<u16>, String)> = Vec::new();
    for major in &case.versions {
        let text = match planned(case, *major) {
            Ok(plan) => shown(&plan),
            Err(why) => format!("cannot plan: {why}\n"),
        };
        match groups.iter_mut().find(|(_, other)| *other == text) {
            Some((majors, _)) => majors.push(*major),
            None => groups.push((vec![*major], text)),
        }
    }
    groups
        .into_iter()
        .map(|(majors, text)| {
            let majors: Vec<String> = majors.iter().map(u16::to_string).collect();
            format!("===== PostgreSQL {} =====\n{text}\n", majors.join(", "))
        })
        .collect()
}

fn shown(plan: &Plan) -> String {
    let mut out = String::new();
    for wanted in &plan.wanted {
        writeln!(out, "wanted: {} [{}] {}", wanted.title, wanted.kind, wanted.because).unwrap();
    }
    for naive in &plan.as_written {
        let hazards: Vec<&str> = naive.hazards.iter().map(|h| h.id.as_str()).collect();
        writeln!(out, "as written: {}", naive.sql.replace('\n', " ")).unwrap();
        writeln!(out, "  {}", cost(&naive.blocked, &naive.wall, &naive.work.to_string(), &naive.locks)).unwrap();
        writeln!(out, "  hazards: {}", hazards.join(" ")).unwrap();
        if let Some(fails) = &naive.fails {
            writeln!(out, "  fails: {fails}").unwrap();
        }
    }
    for phase in &plan.phases {
        writeln!(out, "\n{}", phase.name.title()).unwrap();
        for step in &phase.steps {
            writeln!(out, "{} {}: {}", step.id, step.kind(), step.title).unwrap();
            for statement in step.sql() {
                writeln!(out, "    {}", statement.replace('\n', "\n    ")).unwrap();
            }
            if let (Some(mode), Some(timeouts)) = (step.transaction(), step.timeouts()) {
                let mode = match mode {
                    TransactionMode::Single => "single",
                    TransactionMode::None => "alone",
                    TransactionMode::PerBatch => "per batch",
                };
                let cost = cost(&step.blocked, &step.wall, &step.work.to_string(), &step.locks);
                writeln!(out, "  {mode}, lock {} ms, statement {} ms; {cost}", timeouts.lock_ms, timeouts.statement_ms)
                    .unwrap();
                match &step.undo {
                    Undo::Sql { sql, .. } => {
                        writeln!(out, "  undo: {}", sql.join("; ").replace('\n', "\n    ")).unwrap()
                    }
                    Undo::Nothing { .. } => writeln!(out, "  undo: nothing").unwrap(),
                    Undo::PointOfNoReturn { because } => writeln!(out, "  no return: {because}").unwrap(),
                }
            }
            if let (Some(done), false) = (&step.done_when, step.kind() == "verify") {
                writeln!(out, "  done: {}", done.sql).unwrap();
            }
            if let Act::External { command, .. } = &step.act {
                writeln!(out, "    $ {}", command.replace('\n', "\n    $ ")).unwrap();
            }
            if let Act::Deploy { release } = &step.act {
                for instruction in plan.release(release).map(|r| r.instructions.clone()).unwrap_or_default() {
                    writeln!(out, "    {instruction}").unwrap();
                }
            }
        }
    }
    writeln!(out).unwrap();
    for release in &plan.releases {
        for usage in &release.tables {
            let list = |c: &[sidestep::model::Ident]| c.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            writeln!(
                out,
                "{} {}: reads {}; writes {}",
                release.id,
                usage.table,
                list(&usage.reads),
                list(&usage.writes)
            )
            .unwrap();
        }
    }
    for row in &plan.grid {
        let marks: Vec<String> = row
            .works
            .iter()
            .map(|(r, works)| {
                let mark = if *works { "ok" } else { "--" };
                if row.running.contains(r) { format!("[{r} {mark}]") } else { format!(" {r} {mark} ") }
            })
            .collect();
        let because: Vec<&str> = row.because.values().map(String::as_str).collect();
        writeln!(out, "{:<5}{}  {}", row.step, marks.join(" "), because.join("; ")).unwrap();
    }
    for finding in &plan.findings {
        writeln!(out, "{:?}: {}", finding.severity, finding.text).unwrap();
    }
    out
}

fn cost(blocked: &Estimate, wall: &Estimate, work: &str, locks: &[sidestep::model::Lock]) -> String {
    let locks: Vec<String> = locks.iter().map(|l| format!("{} {}", l.object, l.mode)).collect();
    format!("{work}, blocked {blocked}, takes {wall}; {}", locks.join(", "))
}
