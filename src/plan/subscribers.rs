//! What subscribers of published tables have to do, and when: replication carries rows and no structure. What loosens or
//! adds comes to the subscriber first, what tightens or drops comes to it last, a name changes there right after.

use super::assemble::is_part_of;
use super::build::Builder;
use super::draft::{Draft, Key, Rank};
use super::estimate::Cost;
use super::step::{Act, PhaseName, Severity, Undo};
use crate::model::objects::Publication;
use crate::model::{Catalog, Ident, TableName};
use crate::sql::{self, Alter, AlterAction, ConstraintBody, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// When a subscriber runs a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// Before the publisher's steps of the phase.
    First,
    /// Once the publisher's steps of the phase are done.
    Last,
    /// Right after the very step: rows of the table wait at the subscriber from one to the other.
    AtOnce,
}

/// Pushes the steps for the subscribers of every published table that the drafts change. Answers which of them stands
/// right behind which step.
pub fn around(b: &mut Builder) -> Vec<(Key, Key)> {
    let mut behind = Vec::new();
    if b.catalog.publications.is_empty() {
        return behind;
    }
    let drafts = b.drafts.clone();
    let passing = passing(b.catalog, &drafts);
    let mut tables: BTreeSet<TableName> = BTreeSet::new();
    // Tables by the names that the plan gives them on the way.
    let mut renamed: BTreeMap<TableName, TableName> = BTreeMap::new();
    for phase in PhaseName::ALL {
        let mut found: Vec<(When, String)> = Vec::new();
        let mut ordered: Vec<&Draft> = drafts.iter().filter(|d| d.phase == phase).collect();
        ordered.sort_by_key(|d| (d.rank, d.change, d.key));
        for draft in ordered {
            let (Act::Sql { sql, .. }, true) = (&draft.act, draft.phase == phase) else { continue };
            let mut of_step: Vec<(When, String)> = Vec::new();
            for text in sql {
                of_step.extend(statements(b, text, &passing, &mut tables, &mut renamed));
            }
            // A publication that is bound anew in the step carries the new column under the old name: the subscriber
            // keeps its own, of a type that takes both, as a finding says.
            if sql.iter().any(|s| s.starts_with("ALTER PUBLICATION ")) {
                continue;
            }
            if of_step.iter().any(|(when, _)| *when == When::AtOnce) {
                let all = of_step.into_iter().map(|(_, sql)| sql).collect();
                behind.push((push(b, phase, When::AtOnce, all, Some(draft)), draft.key));
            } else {
                found.extend(of_step);
            }
        }
        for when in [When::First, When::Last] {
            let mut sql: Vec<String> = Vec::new();
            for (_, text) in found.iter().filter(|(w, _)| *w == when) {
                if !sql.contains(text) {
                    sql.push(text.clone());
                }
            }
            if !sql.is_empty() {
                push(b, phase, when, sql, None);
            }
        }
    }
    if !tables.is_empty() {
        told(b, &tables);
    }
    for table in keys_exchanged(b.catalog, &drafts) {
        b.finding(
            Severity::Danger,
            format!(
                "`{table}` is published and its primary key changes hands: the steps for subscribers exchange the names, not the key. Where a subscriber's key stands on other columns than the publisher sends, it stops at the first UPDATE or DELETE. Before the exchange build a unique index on the successor there, and exchange the key in the very transaction that exchanges the names; or take the table out of the publication and copy it anew afterwards."
            ),
        );
    }
    behind
}

/// Published tables whose primary key the plan drops and adds again in one statement, on other columns.
fn keys_exchanged(catalog: &Catalog, drafts: &[Draft]) -> BTreeSet<TableName> {
    let mut found = BTreeSet::new();
    for draft in drafts {
        let Act::Sql { sql, .. } = &draft.act else { continue };
        for located in sql.iter().filter_map(|s| sql::parse(s, catalog.server.engine).ok()).flat_map(|s| s.statements) {
            let Statement::AlterTable { table, actions, .. } = located.statement else { continue };
            let name = table.resolve(catalog);
            let Some(key) = catalog.table(&name).and_then(|t| t.primary_key()) else { continue };
            let drops = |a: &AlterAction| matches!(&a.action, Alter::DropConstraint { name, .. } if *name == key.name);
            let adds = |a: &AlterAction| matches!(a.action, Alter::AddConstraint(_));
            if actions.iter().any(drops) && actions.iter().any(adds) && !publishing(catalog, &name).is_empty() {
                found.insert(name);
            }
        }
    }
    found
}

/// Puts each of these steps right behind its own.
pub fn follow(drafts: &mut Vec<Draft>, behind: &[(Key, Key)]) {
    for (follower, step) in behind {
        let Some(from) = drafts.iter().position(|d| d.key == *follower) else { continue };
        let moved = drafts.remove(from);
        let at = drafts.iter().position(|d| d.key == *step).map_or(from, |at| at + 1);
        drafts.insert(at.min(drafts.len()), moved);
    }
}

/// Constraints that the plan adds and drops again: no subscriber needs them.
fn passing(catalog: &Catalog, drafts: &[Draft]) -> BTreeSet<Ident> {
    let mut added = BTreeSet::new();
    let mut dropped = BTreeSet::new();
    for draft in drafts {
        let Act::Sql { sql, .. } = &draft.act else { continue };
        for located in sql.iter().filter_map(|s| sql::parse(s, catalog.server.engine).ok()).flat_map(|s| s.statements) {
            let Statement::AlterTable { actions, .. } = located.statement else { continue };
            for action in actions {
                match action.action {
                    Alter::AddConstraint(constraint) => added.extend(constraint.name),
                    Alter::DropConstraint { name, .. } => {
                        dropped.insert(name);
                    }
                    _ => {}
                }
            }
        }
    }
    added.intersection(&dropped).cloned().collect()
}

/// The publications that carry rows of the table, through its parent or its partitions as well.
fn publishing<'c>(catalog: &'c Catalog, table: &TableName) -> Vec<&'c Publication> {
    let named = |t: &TableName| is_part_of(catalog, table, t) || is_part_of(catalog, t, table);
    catalog.publications.iter().filter(|p| p.all_tables || p.tables.iter().any(|t| named(&t.table))).collect()
}

/// Whether any publication carries this column: one with a column list carries the columns it lists, and no new one.
fn carried(catalog: &Catalog, table: &TableName, column: &Ident) -> bool {
    publishing(catalog, table).iter().any(|p| {
        let lists: Vec<&Vec<Ident>> = p.tables.iter().filter(|t| t.table == *table).map(|t| &t.columns).collect();
        lists.is_empty() || lists.iter().any(|l| l.is_empty() || l.contains(column))
    })
}

fn statements(
    b: &mut Builder,
    text: &str,
    passing: &BTreeSet<Ident>,
    tables: &mut BTreeSet<TableName>,
    renamed: &mut BTreeMap<TableName, TableName>,
) -> Vec<(When, String)> {
    let catalog = b.catalog;
    let read = sql::parse(text, catalog.server.engine).map(|s| s.statements).unwrap_or_default();
    let mut found = Vec::new();
    for located in read {
        match &located.statement {
            Statement::AlterTable { table, actions, .. } => {
                let now = table.resolve(catalog);
                let name = renamed.get(&now).cloned().unwrap_or_else(|| now.clone());
                for action in actions {
                    let to = match &action.action {
                        Alter::RenameTable { to } => now.sibling(&to.0),
                        Alter::SetSchema { schema } => TableName { schema: schema.clone(), name: now.name.clone() },
                        _ => continue,
                    };
                    renamed.insert(to, name.clone());
                }
                if catalog.table(&name).is_none() || publishing(catalog, &name).is_empty() {
                    continue;
                }
                for when in [When::First, When::AtOnce, When::Last] {
                    let of = |a: &&AlterAction| moment(b, &name, &a.action, passing) == Some(when);
                    let texts: Vec<&str> = actions.iter().filter(of).map(|a| a.text.as_str()).collect();
                    if !texts.is_empty() {
                        found.push((when, format!("ALTER TABLE {} {}", b.name(&now), texts.join(", "))));
                        tables.insert(name.clone());
                    }
                }
            }
            Statement::CreateIndex(index) if index.unique => {
                let name = index.table.resolve(catalog);
                let known = |c: &Ident| in_the_end(b, &name, c);
                let keys = index.keys.iter().all(|k| k.column.as_ref().is_none_or(known));
                if catalog.table(&name).is_some() && !publishing(catalog, &name).is_empty() && keys {
                    found.push((When::Last, text.to_owned()));
                    tables.insert(name);
                }
            }
            Statement::DropTable { tables: gone, .. } => {
                for now in gone.iter().map(|t| t.resolve(catalog)) {
                    let name = renamed.get(&now).cloned().unwrap_or_else(|| now.clone());
                    if catalog.table(&name).is_some() && !publishing(catalog, &name).is_empty() {
                        found.push((When::Last, "ALTER SUBSCRIPTION … REFRESH PUBLICATION".to_owned()));
                        found.push((When::Last, format!("DROP TABLE {}", b.name(&now))));
                        tables.insert(name);
                    }
                }
            }
            Statement::CreateTable { partition_of: None, .. } if catalog.publications.iter().any(|p| p.all_tables) => {
                found.push((When::Last, text.to_owned()));
                found.push((When::Last, "ALTER SUBSCRIPTION … REFRESH PUBLICATION".to_owned()));
            }
            _ => {}
        }
    }
    found
}

/// True for a column that the script leaves there: a helper's constraints need not hold on a subscriber.
fn in_the_end(b: &Builder, table: &TableName, column: &Ident) -> bool {
    b.target.and_then(|t| t.table(table)).is_some_and(|t| t.column(column).is_some())
}

/// When a subscriber does this; none: it need not.
fn moment(b: &Builder, table: &TableName, action: &Alter, passing: &BTreeSet<Ident>) -> Option<When> {
    let known = |c: &Ident| in_the_end(b, table, c);
    match action {
        Alter::AddColumn { column, .. } => carried(b.catalog, table, &column.name).then_some(When::First),
        Alter::DropNotNull { .. } => Some(When::First),
        Alter::DropColumn { column, .. } => carried(b.catalog, table, column).then_some(When::Last),
        Alter::SetNotNull { column } => known(column).then_some(When::Last),
        Alter::SetType { .. } => Some(When::AtOnce),
        Alter::RenameColumn { from, to } => {
            (carried(b.catalog, table, from) || carried(b.catalog, table, to)).then_some(When::AtOnce)
        }
        Alter::RenameTable { .. } | Alter::SetSchema { .. } => Some(When::AtOnce),
        Alter::DropConstraint { name, .. } => {
            let foreign = |n: &Ident| {
                b.catalog.table(table).and_then(|t| t.constraint(n)).is_some_and(|c| c.references.is_some())
            };
            (!passing.contains(name) && !foreign(name)).then_some(When::First)
        }
        Alter::AddConstraint(constraint) => {
            let tightens = match &constraint.body {
                ConstraintBody::Check { expression } => expression.columns.iter().all(known),
                ConstraintBody::Unique { columns, .. } | ConstraintBody::PrimaryKey { columns, .. } => {
                    columns.iter().all(known)
                }
                ConstraintBody::NotNull { column } => known(column),
                // Its index was built on the subscriber by the step before, under the same name.
                ConstraintBody::UsingIndex { .. } => true,
                // Not asked when rows are applied.
                _ => false,
            };
            (tightens && !constraint.name.as_ref().is_some_and(|n| passing.contains(n))).then_some(When::Last)
        }
        _ => None,
    }
}

fn push(b: &mut Builder, phase: PhaseName, when: When, sql: Vec<String>, step: Option<&Draft>) -> Key {
    let mut command = sql.iter().map(|s| format!("{s};")).collect::<Vec<_>>().join("\n");
    if when == When::AtOnce {
        command = format!("BEGIN;\n{command}\nCOMMIT;");
    }
    let (title, why, undo) = match when {
        When::First => (
            "On every subscriber, before the publisher",
            "Replication carries rows and no structure: a row that has a column which the subscriber lacks, or that its rules refuse, stops the subscription with an error, and its slot holds back WAL until the disk is full.",
            "The subscriber may be ahead: what it has more does no harm.",
        ),
        When::Last => (
            "On every subscriber, after the publisher",
            "A subscriber that is stricter than the publisher, or lacks what still comes, stops with an error. From here on nothing comes that this refuses.",
            "Before the steps of this phase are taken back, take this back on every subscriber.",
        ),
        When::AtOnce => (
            "On every subscriber, right after the step before",
            "Rows find their columns by name: until the subscriber has the new names and types too, applying them stops with an error, is tried again by itself, and goes on once this is done. No row is lost and none is misread, but the slot holds back WAL meanwhile. Never do this on the subscriber first: rows from before the change could not be applied any more.",
            "If the step before is taken back, take this back on every subscriber right after it.",
        ),
    };
    let title = match (when, step) {
        (When::AtOnce, Some(step)) => format!("On every subscriber, right after: {}", step.title),
        _ => title.to_owned(),
    };
    let rank = match when {
        When::First => Rank::Check,
        When::AtOnce => step.map_or(Rank::Swap, |s| s.rank),
        When::Last if phase == PhaseName::Contract => Rank::DropObject,
        When::Last => Rank::Verify,
    };
    let mut draft = Draft::new(phase, rank, title, Act::External { command, effect: Vec::new() }).why(why);
    draft.undo = Undo::Nothing { because: undo.to_owned() };
    // Nothing of it happens on this server; what it takes over there is not this plan's to add up.
    draft.cost = Some(Cost::nothing());
    let (key, change) = (b.push(draft), step.map(|s| s.change));
    if let Some(pushed) = b.drafts.last_mut() {
        // Before all of its rank, or behind them.
        pushed.change = change.unwrap_or(if when == When::First { 0 } else { usize::MAX });
    }
    key
}

/// What belongs to no single step.
fn told(b: &mut Builder, tables: &BTreeSet<TableName>) {
    let names: BTreeSet<&Ident> = tables.iter().flat_map(|t| publishing(b.catalog, t)).map(|p| &p.name).collect();
    let list = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let logical = b.database().slots.iter().filter(|s| s.kind == "logical").count();
    let text = match logical {
        0 => format!(
            "Published by {list}, but no logical slot was there when the catalog was read: if nobody subscribes, confirm the steps for subscribers without doing anything. They are written for subscribers that have the table under the same name; where its partitions differ there, do it on each table."
        ),
        _ => format!(
            "Published by {list}: the steps for subscribers are part of the plan. Who reads a slot without being a subscription (change data capture) sees the new names and types from the step on. They are written for subscribers that have the table under the same name; where its partitions differ there, do it on each table."
        ),
    };
    b.finding(Severity::Warning, text);
}
