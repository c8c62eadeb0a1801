//! The compatibility grid: after each step, which release works, and why not.

use super::draft::Key;
use super::needs::{Filled, Mark, Rule, Slot};
use super::release::{GridRow, Release, TableUse};
use crate::engine::views::Seen;
use crate::model::{Column, TableName};
use std::collections::BTreeMap;

/// A step in its final place, with the tables as they are once it is done.
#[derive(Debug, Clone)]
pub struct Placed {
    pub step: String,
    pub key: Key,
    pub deploys: Option<Slot>,
    pub catalog: BTreeMap<TableName, Seen>,
}

/// One row per step. `slots` are the slots of `releases[1..]`.
pub fn grid(
    placed: &[Placed],
    releases: &[Release],
    slots: &[Slot],
    rules: &[Rule],
    filled: &[Filled],
) -> Vec<GridRow> {
    let moment = |key: Key| placed.iter().position(|p| p.key == key);
    let mut deployed = 0;
    let mut rows = Vec::new();
    for (now, step) in placed.iter().enumerate() {
        let before = deployed;
        if let Some(slot) = step.deploys {
            deployed = slots.iter().position(|s| *s == slot).map_or(deployed, |i| i + 1);
        }
        let passed = |mark: &Mark| match mark {
            Mark::After(key) => moment(*key).is_some_and(|at| at <= now),
            Mark::Deployed(slot) => {
                placed.iter().position(|p| p.deploys.is_some_and(|s| s >= *slot)).is_some_and(|at| at <= now)
            }
        };
        let mut works = BTreeMap::new();
        let mut because = BTreeMap::new();
        for (i, release) in releases.iter().enumerate() {
            let slot = i.checked_sub(1).and_then(|i| slots.get(i)).copied();
            let reason = release
                .tables
                .iter()
                .find_map(|usage| schema_reason(usage, step, filled, &|key| moment(key), now))
                .or_else(|| rules.iter().find_map(|rule| rule_reason(rule, release, slot, &passed)));
            works.insert(release.id.clone(), reason.is_none());
            if let Some(reason) = reason {
                because.insert(release.id.clone(), reason);
            }
        }
        // While a release rolls out, the one before it serves too.
        let running = (before..=deployed).filter_map(|i| releases.get(i)).map(|r| r.id.clone()).collect();
        rows.push(GridRow { step: step.step.clone(), works, because, running });
    }
    rows
}

fn schema_reason(
    usage: &TableUse,
    step: &Placed,
    filled: &[Filled],
    moment: &dyn Fn(Key) -> Option<usize>,
    now: usize,
) -> Option<String> {
    let table = &usage.table;
    if usage.reads.is_empty() && usage.writes.is_empty() {
        return None;
    }
    let Some(seen) = step.catalog.get(table) else { return Some(format!("`{table}` does not exist")) };
    if let Some(missing) = usage.reads.iter().find(|c| !seen.shows(c)) {
        return Some(format!("reads `{missing}` of `{table}`, which does not exist"));
    }
    if let Some(missing) = usage.writes.iter().find(|c| !seen.shows(c)) {
        return Some(format!("writes `{missing}` of `{table}`, which does not exist"));
    }
    if let Some(shut) = usage.writes.iter().find(|c| seen.reaches(c).is_none()) {
        return Some(format!("writes `{shut}` of `{table}`, a view that lets no write of it through"));
    }
    if usage.writes.is_empty() {
        return None;
    }
    let by_trigger = |c: &Column| {
        filled.iter().any(|f| {
            f.table == seen.table
                && f.column == c.name
                && moment(f.from).is_some_and(|at| at <= now)
                && moment(f.until).is_none_or(|at| at > now)
        })
    };
    let written = |c: &Column| usage.writes.iter().any(|w| seen.reaches(w) == Some(&c.name));
    seen.below
        .iter()
        .find(|c| c.not_null && !c.fills_itself() && !written(c) && !by_trigger(c))
        .map(|c| format!("inserts into `{table}` without `{}`, which is NOT NULL and has no default", c.name))
}

fn rule_reason(rule: &Rule, release: &Release, slot: Option<Slot>, passed: &dyn Fn(&Mark) -> bool) -> Option<String> {
    let reads =
        |table: &TableName, column| release.tables.iter().any(|u| u.table == *table && u.reads.contains(column));
    match rule {
        Rule::NotReady { table, column, until, because } => {
            (reads(table, column) && !passed(&Mark::After(*until))).then(|| because.clone())
        }
        Rule::Stale { table, column, from, because } => (reads(table, column) && passed(from)).then(|| because.clone()),
        Rule::Older { than, from, because } => {
            (slot.is_none_or(|s| s < *than) && passed(from)).then(|| because.clone())
        }
    }
}
