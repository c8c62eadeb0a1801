//! From drafts to the plan: order, releases, numbers, locks and times from the engine's facts, grid, content hash.

use super::build::Builder;
use super::draft::{Draft, Rank};
use super::estimate::{Cost, Estimate, cost};
use super::grid::{Placed, grid};
use super::hazard::{hazard, ignore};
use super::load::{Load, Near, wal_seconds};
use super::needs::{Need, Placement, Slot};
use super::reach::difference;
use super::release::{Release, TableUse};
use super::sizes::sizes;
use super::step::{Act, AsWritten, Hazard, PLAN_FORMAT, Phase, PhaseName, Plan, Step, TransactionMode, Undo, Wanted};
use super::subscribers;
use super::superseded::{objects, superseded};
use super::way_back::way_back;
use super::yielding::{give_way, give_way_back};
use crate::engine::views::{Seen, seen};
use crate::engine::{Raised, Verdict, judge, replay};
use crate::model::{Catalog, Column, Ident, Lock, Table, TableName};
use crate::sql;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A plan that cannot be made because a recipe broke a law: a bug, with the step.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("step `{step}`: {what}")]
pub struct Broken {
    pub step: String,
    pub what: String,
}

impl Broken {
    /// The steps are sound each, but lead to another structure than the script.
    pub const AT_THE_END: &str = "the end";
}

/// Orders, judges and numbers everything the recipes pushed.
///
/// # Errors
/// [`Broken`] if a generated statement cannot be read or replayed on the catalog, or if the end is not `target`.
pub fn assemble(
    mut b: Builder,
    target: &Catalog,
    title: String,
    wanted: Vec<Wanted>,
    as_written: Vec<AsWritten>,
) -> Result<Plan, Broken> {
    b.finish();
    let slots = used_slots(&b.needs);
    let releases = releases(&b, &slots, &wanted);
    place_gates(&mut b, &slots, &releases);
    let behind = subscribers::around(&mut b);
    let mut drafts = std::mem::take(&mut b.drafts);
    drafts.sort_by_key(|d| (d.phase, d.rank >= Rank::Deploy, d.late, d.rank, d.change, d.key));
    subscribers::follow(&mut drafts, &behind);

    let mut catalog = b.catalog.clone();
    let mut placed: Vec<Placed> = Vec::new();
    let mut phases: Vec<Phase> = Vec::new();
    let mut states = vec![objects(&catalog)];
    for draft in drafts {
        if phases.last().is_none_or(|p| p.name != draft.phase) {
            phases.push(Phase { name: draft.phase, steps: Vec::new() });
        }
        let number = phases.len();
        let Some(phase) = phases.last_mut() else { continue };
        let id = format!("{number}.{}", phase.steps.len() + 1);
        let key = draft.key;
        let deploys = match &draft.act {
            Act::Deploy { release } => {
                slots.iter().zip(releases.iter().skip(1)).find(|(_, r)| r.id == *release).map(|(s, _)| *s)
            }
            _ => None,
        };
        let step = finish_step(&b, &mut catalog, draft, id)?;
        placed.push(Placed { step: step.id.clone(), key, deploys, catalog: schema_of(&catalog, &releases) });
        states.push(objects(&catalog));
        phase.steps.push(step);
    }
    let steps = || phases.iter().flat_map(|p| &p.steps);
    let ids: Vec<String> = steps().map(|s| s.id.clone()).collect();
    let makes: Vec<bool> = steps().map(|s| matches!(s.act, Act::Sql { .. })).collect();
    let past = superseded(b.catalog, &states, &ids, &makes);
    for (step, past) in phases.iter_mut().flat_map(|p| &mut p.steps).zip(past) {
        step.superseded_by = past;
    }
    if let Some(what) = difference(target, &catalog, &b.otherwise) {
        return Err(Broken { step: Broken::AT_THE_END.to_owned(), what });
    }
    way_back(b.catalog, &phases)?;
    let grid = grid(&placed, &releases, &slots, &b.rules, &b.filled);
    let mut plan = Plan {
        format: PLAN_FORMAT,
        id: String::new(),
        title,
        server: b.catalog.server.clone(),
        database: b.catalog.database.clone(),
        policy: b.policy.clone(),
        wanted,
        as_written,
        releases,
        phases,
        grid,
        findings: std::mem::take(&mut b.findings),
        preflight: std::mem::take(&mut b.preflight),
        tables: Vec::new(),
    };
    plan.tables = sizes(&plan, b.catalog);
    plan.findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    plan.findings.dedup();
    plan.id = content_hash(&plan);
    Ok(plan)
}

/// First 16 hex digits of SHA-256 over the plan's JSON with an empty id.
pub fn content_hash(plan: &Plan) -> String {
    let bare = Plan { id: String::new(), ..plan.clone() };
    let json = serde_json::to_vec(&bare).unwrap_or_default();
    Sha256::digest(&json).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// Slots that hold a release: those that a fixed need names; needs that may move join the first one at or after theirs.
fn used_slots(needs: &[Need]) -> Vec<Slot> {
    let mut slots: BTreeSet<Slot> = needs.iter().filter(|n| n.placement == Placement::Fixed).map(|n| n.slot).collect();
    for need in needs.iter().filter(|n| n.placement == Placement::Latest) {
        if !slots.iter().any(|s| *s <= need.slot) {
            slots.insert(need.slot);
        }
    }
    let homeless = needs.iter().filter(|n| n.placement == Placement::Earliest && !slots.iter().any(|s| *s >= n.slot));
    if let Some(last) = homeless.map(|n| n.slot).max() {
        slots.insert(last);
    }
    slots.into_iter().collect()
}

fn slot_of(need: &Need, slots: &[Slot]) -> Slot {
    match need.placement {
        Placement::Fixed => need.slot,
        Placement::Latest => slots.iter().copied().find(|s| *s <= need.slot).unwrap_or(need.slot),
        Placement::Earliest => slots.iter().copied().find(|s| *s >= need.slot).unwrap_or(need.slot),
    }
}

fn releases(b: &Builder, slots: &[Slot], wanted: &[Wanted]) -> Vec<Release> {
    let touched: BTreeSet<_> = wanted.iter().flat_map(|w| w.tables.iter().cloned()).collect();
    let today: Vec<TableUse> = touched.iter().filter_map(|t| today_of(b.catalog, t)).collect();
    let mut all = vec![Release {
        id: "R0".to_owned(),
        title: "running today".to_owned(),
        tables: today.clone(),
        instructions: Vec::new(),
        sql_shapes: Vec::new(),
        orm_hints: BTreeMap::new(),
    }];
    let mut uses = today;
    for (i, slot) in slots.iter().enumerate() {
        let mut release = Release {
            id: format!("R{}", i + 1),
            title: slot_title(*slot, slots).to_owned(),
            tables: Vec::new(),
            instructions: Vec::new(),
            sql_shapes: Vec::new(),
            orm_hints: BTreeMap::new(),
        };
        for need in b.needs.iter().filter(|n| slot_of(n, slots) == *slot) {
            if !uses.iter().any(|u| u.table == need.table) {
                uses.push(TableUse { table: need.table.clone(), reads: Vec::new(), writes: Vec::new() });
            }
            // A column of a parent comes and goes on its partitions as well.
            for usage in uses.iter_mut().filter(|u| is_part_of(b.catalog, &u.table, &need.table)) {
                change_list(&mut usage.reads, &need.starts_reading, &need.stops_reading);
                change_list(&mut usage.writes, &need.starts_writing, &need.stops_writing);
            }
            push_new(&mut release.instructions, &need.instructions);
            push_new(&mut release.sql_shapes, &need.sql_shapes);
            for (orm, hint) in &need.orm_hints {
                push_new(release.orm_hints.entry((*orm).to_owned()).or_default(), std::slice::from_ref(hint));
            }
        }
        uses.sort_by(|a, b| a.table.cmp(&b.table));
        release.tables = uses.iter().filter(|u| !u.reads.is_empty() || !u.writes.is_empty()).cloned().collect();
        all.push(release);
    }
    all
}

/// The table itself, or a partition of it at any depth.
pub fn is_part_of(catalog: &Catalog, table: &TableName, whole: &TableName) -> bool {
    let mut at = Some(table);
    while let Some(name) = at {
        if name == whole {
            return true;
        }
        at = catalog.table(name).and_then(|t| t.partition_of.as_ref()).map(|p| &p.parent);
    }
    false
}

fn slot_title(slot: Slot, slots: &[Slot]) -> &'static str {
    match slot {
        Slot::Tolerate => "tolerates both",
        Slot::Use => "uses the new",
        Slot::Unused if slots.contains(&Slot::Use) => "old is unused",
        Slot::Unused => "no longer uses the old",
    }
}

fn push_new(list: &mut Vec<String>, more: &[String]) {
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
}

fn change_list(list: &mut Vec<Ident>, start: &[Ident], stop: &[Ident]) {
    list.retain(|c| !stop.contains(c));
    for column in start {
        if !list.contains(column) {
            list.push(column.clone());
        }
    }
}

/// Tables are read and written; what goes through a view that the wish names, nobody can tell but that it is read.
fn today_of(catalog: &Catalog, name: &TableName) -> Option<TableUse> {
    if let Some(table) = catalog.table(name) {
        return Some(today(table));
    }
    let reads = seen(catalog, name)?.columns.into_iter().map(|(c, _)| c).collect();
    Some(TableUse { table: name.clone(), reads, writes: Vec::new() })
}

/// What the release of today may do: read every column, write every one that may be written.
fn today(table: &Table) -> TableUse {
    let writable = |c: &&Column| c.generated.is_none() && c.identity != Some(crate::model::catalog::Identity::Always);
    TableUse {
        table: table.name.clone(),
        reads: table.columns.iter().map(|c| c.name.clone()).collect(),
        writes: table.columns.iter().filter(writable).map(|c| c.name.clone()).collect(),
    }
}

/// Puts the deploys where their slots are, and the wait and the approval before what cannot be undone.
fn place_gates(b: &mut Builder, slots: &[Slot], releases: &[Release]) {
    let has = |b: &Builder, phase| b.drafts.iter().any(|d| d.phase == phase);
    let last_before_settle = [PhaseName::Switch, PhaseName::Migrate, PhaseName::Expand]
        .into_iter()
        .find(|p| has(b, *p))
        .unwrap_or(PhaseName::Switch);
    for (slot, release) in slots.iter().zip(releases.iter().skip(1)) {
        let phase = match slot {
            Slot::Tolerate => PhaseName::Expand,
            Slot::Use => last_before_settle,
            Slot::Unused => PhaseName::Settle,
        };
        let mut draft = Draft::new(
            phase,
            Rank::Deploy,
            format!("Deploy release {} ({})", release.id, release.title),
            Act::Deploy { release: release.id.clone() },
        )
        .why(release.instructions.join(" "));
        draft.undo = Undo::Nothing {
            because: format!("Roll the application back to the release before {}; the schema serves both.", release.id),
        };
        draft.change = *slot as usize;
        let change = draft.change;
        b.push(draft);
        if let Some(pushed) = b.drafts.last_mut() {
            pushed.change = change;
        }
    }
    let contract = || b.drafts.iter().filter(|d| d.phase == PhaseName::Contract);
    // A view or an index that goes can be made again; rows cannot.
    let lost = contract().any(|d| matches!(d.undo, Undo::PointOfNoReturn { .. }));
    if contract().next().is_some() {
        let last = releases.last().map(|r| r.id.clone()).unwrap_or_default();
        let days = b.policy.bake_days;
        if releases.len() > 1 {
            b.push(
                Draft::new(
                    PhaseName::Settle,
                    Rank::Wait,
                    format!("Watch the new release for {days} days"),
                    Act::Wait {
                        until: format!("{days} days without an error that names the changed columns"),
                        sql: Vec::new(),
                    },
                )
                .why(if lost {
                    "Until the contract phase every step can be taken back; afterwards only a backup can."
                } else {
                    "Until the contract phase the release before this one can come back as it is."
                }),
            );
        }
        b.push(
            Draft::new(
                PhaseName::Contract,
                Rank::Approve,
                if lost {
                    "Approve the steps that cannot be taken back"
                } else {
                    "Approve the end of the old structure"
                },
                Act::Approve {
                    question: if releases.len() > 1 && !lost {
                        format!("Does every running instance serve {last}?")
                    } else if releases.len() > 1 {
                        format!("Does every running instance serve {last}, and is a restorable backup at hand?")
                    } else {
                        "Has nothing needed what is dropped, and is a restorable backup at hand?".to_owned()
                    },
                },
            )
            .why("What follows drops what an older release would need."),
        );
    }
}

/// Judges a draft's statements against the catalog as it then is, and moves the catalog on.
fn finish_step(b: &Builder, catalog: &mut Catalog, mut draft: Draft, id: String) -> Result<Step, Broken> {
    let broken = |what: String| Broken { step: draft.title.clone(), what };
    let mut total = Cost::nothing();
    let mut load = Load::default();
    let mut raised: Vec<Raised> = draft.raised.clone();
    let mut locks: Vec<Lock> = Vec::new();
    let mut tables = draft.tables.clone();
    let speech = b.dialect().speech();
    let rows = speech.row_locks();
    let mut session = b.session.clone();
    let unseen: Vec<String> = draft.unseen.iter().map(ToString::to_string).collect();
    match &draft.act {
        Act::Sql { sql, transaction, .. } => {
            for text in sql {
                let script = sql::parse(text, catalog.server.engine).map_err(|p| {
                    broken(format!("{} in `{text}`", p.first().map(ToString::to_string).unwrap_or_default()))
                })?;
                for located in &script.statements {
                    let verdict = judge(&located.statement, catalog, &session);
                    if let Some(fails) = &verdict.fails {
                        return Err(broken(format!("{fails}, in `{text}`")));
                    }
                    let noticed = |l: &Lock| l.blocks_traffic() && !unseen.contains(&l.object);
                    let held = locks.iter().any(noticed) && *transaction == TransactionMode::Single;
                    let mut cost = cost(&verdict, b.policy);
                    if !unseen.is_empty() && !verdict.locks.iter().any(noticed) {
                        cost.blocked = Estimate::Instant;
                    }
                    total = total.then(&cost, held);
                    absorb(&mut locks, &verdict);
                    load.statement(&verdict, catalog);
                    // Whether running code breaks is what the grid answers for a plan; the laws refuse one where it does.
                    raised.extend(verdict.hazards.iter().filter(|h| h.id != "breaks-running-code").cloned());
                    for table in &verdict.tables {
                        if !tables.contains(table) {
                            tables.push(table.clone());
                        }
                    }
                    replay(catalog, &located.statement).map_err(|e| broken(format!("{e}, in `{text}`")))?;
                    if let sql::Statement::Set { name, value, .. } = &located.statement
                        && speech.decides(name)
                    {
                        session.settings.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        Act::Backfill { backfill, .. } => {
            // A pass that copies writes the other table, and only locks the rows that it reads.
            let copies = draft.tables.len() > 1;
            let own = if copies { rows.lock } else { rows.write };
            locks.push(Lock::new(&backfill.table, own));
            let others = draft.tables.iter().filter(|t| **t != backfill.table);
            locks.extend(others.map(|t| Lock::new(t, rows.write)));
            if !copies {
                load.backfill(backfill, &assigned(&backfill.batch, catalog), catalog);
            }
            let wal = wal_seconds(load.wal.as_ref(), b.policy);
            total = Cost::backfill(backfill, catalog.table(&backfill.table), wal, b.policy);
        }
        Act::Verify { .. } => {
            locks.extend(draft.tables.iter().map(|t| Lock::new(t, rows.read)));
        }
        Act::External { effect, .. } => {
            for text in effect {
                replay_text(catalog, text).map_err(|e| broken(format!("{e}, in `{text}`")))?;
            }
            total =
                draft.cost.clone().unwrap_or_else(|| Cost::nothing().taking("somebody does it outside the database"));
        }
        _ => {}
    }
    locks.sort_by(|a, b| b.mode.cmp(&a.mode).then_with(|| a.object.cmp(&b.object)));
    if let Some(why) = give_way(&mut draft.act, b.catalog, &locks, &draft.unseen) {
        draft.why = format!("{} {why}", draft.why).trim_start().to_owned();
    }
    give_way_back(&mut draft.undo, b.catalog, catalog, b.session, &draft.unseen);
    if let Act::Sql { timeouts, .. } = &draft.act {
        load.queue(&locks, total.blocked.high_s(), *timeouts, &Near { catalog, tables: &tables });
    }
    let mut hazards = draft.hazards.clone();
    for one in &raised {
        let found: Hazard = hazard(one);
        if !hazards.contains(&found) {
            hazards.push(found);
        }
    }
    hazards.sort_by_key(|h| std::cmp::Reverse(h.severity));
    ignore(&mut hazards, b.policy);
    Ok(Step {
        id,
        title: draft.title,
        why: draft.why,
        act: draft.act,
        locks,
        work: total.work,
        bytes: total.bytes,
        blocked: total.blocked,
        wall: total.wall,
        superseded_by: None,
        load,
        hazards,
        undo: draft.undo,
        done_when: draft.done_when,
        watch: draft.watch,
        abort_if: draft.abort_if,
        tables,
    })
}

fn replay_text(catalog: &mut Catalog, text: &str) -> Result<(), String> {
    let read =
        sql::parse(text, catalog.server.engine).map_err(|p| p.first().map(ToString::to_string).unwrap_or_default())?;
    read.statements.iter().try_for_each(|located| replay(catalog, &located.statement))
}

/// The columns that a batch sets.
fn assigned(batch: &str, catalog: &Catalog) -> Vec<Ident> {
    let script = sql::parse(batch, catalog.server.engine).map(|s| s.statements).unwrap_or_default();
    let updates = script.iter().filter_map(|l| match &l.statement {
        sql::Statement::Update(update) => Some(update),
        _ => None,
    });
    updates.flat_map(|u| u.assignments.iter().map(|a| a.column.clone())).collect()
}

/// Keeps the strongest lock per object.
fn absorb(locks: &mut Vec<Lock>, verdict: &Verdict) {
    for lock in &verdict.locks {
        match locks.iter_mut().find(|l| l.object == lock.object) {
            Some(held) if held.mode >= lock.mode => {}
            Some(held) => *held = lock.clone(),
            None => locks.push(lock.clone()),
        }
    }
}

/// The tables and views that releases use, as they are now.
fn schema_of(catalog: &Catalog, releases: &[Release]) -> BTreeMap<TableName, Seen> {
    releases
        .iter()
        .flat_map(|r| r.tables.iter())
        .filter_map(|u| Some((u.table.clone(), seen(catalog, &u.table)?)))
        .collect()
}
