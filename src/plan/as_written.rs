//! What the script would do if it were run as it stands: the comparison that a plan is judged by.

use super::estimate::cost;
use super::hazard::{hazard, ignore};
use super::policy::Policy;
use super::step::{AsWritten, Hazard};
use crate::engine::hazard::object_of;
use crate::engine::{Raised, Sending, Session, Verdict, judge, replay};
use crate::model::{Catalog, Lock, TableName};
use crate::sql::{Alter, ObjectName, Statement};
use std::collections::BTreeSet;

/// Scripts one after the other, each on the catalog that the ones before it leave.
pub struct Run<'p> {
    pub catalog: Catalog,
    policy: &'p Policy,
    /// Tables that the scripts themselves have made: nobody uses them yet, and they are empty.
    new: BTreeSet<TableName>,
}

impl<'p> Run<'p> {
    pub fn on(catalog: Catalog, policy: &'p Policy) -> Self {
        Self { catalog, policy, new: BTreeSet::new() }
    }

    /// One script, statement by statement. Inside an explicit transaction a lock is held until COMMIT, so that later work
    /// stands behind it too. Each answer comes with its statement's place among `statements`.
    pub fn script(&mut self, statements: &[(&str, &Statement)], session: &Session) -> Vec<(usize, AsWritten)> {
        let mut all = Vec::new();
        let mut in_transaction = false;
        let mut held = false;
        for (place, (text, statement)) in statements.iter().enumerate() {
            match statement {
                Statement::Transaction { verb } => {
                    in_transaction = matches!(verb.as_str(), "begin" | "start");
                    held = false;
                    continue;
                }
                Statement::Set { .. } => {
                    // Which schema a bare name means may follow from it.
                    let _ = replay(&mut self.catalog, statement);
                    continue;
                }
                Statement::Select => continue,
                _ => {}
            }
            let verdict = judge(statement, &self.catalog, session);
            // It is refused in a transaction, or ends the open one: no lock outlives it.
            if verdict.sending == Sending::OutsideTransaction {
                (in_transaction, held) = (false, false);
            }
            let cost = cost(&verdict, self.policy);
            let raised = verdict.hazards.iter().filter(|h| self.matters(h, &verdict));
            let mut hazards: Vec<Hazard> = raised.map(hazard).collect();
            hazards.sort_by_key(|h| std::cmp::Reverse(h.severity));
            hazards.dedup();
            ignore(&mut hazards, self.policy);
            let made = self.makes(statement);
            let fails = match (&verdict.fails, replay(&mut self.catalog, statement)) {
                (Some(fails), _) => Some(fails.clone()),
                (None, Err(error)) => Some(error),
                (None, Ok(())) => None,
            };
            if fails.is_none() {
                self.new.extend(made);
            }
            all.push((
                place,
                AsWritten {
                    sql: (*text).to_owned(),
                    locks: verdict.locks.clone(),
                    work: verdict.work,
                    bytes: verdict.bytes,
                    blocked: if held { cost.wall.clone() } else { cost.blocked },
                    wall: cost.wall,
                    hazards,
                    fails,
                },
            ));
            held |= in_transaction && verdict.locks.iter().any(Lock::blocks_traffic);
        }
        all
    }

    /// The tables that the statement makes, and the new names of those that are new.
    fn makes(&self, statement: &Statement) -> Vec<TableName> {
        let renamed = |from: TableName, to: TableName| self.new.contains(&from).then_some(to);
        match statement {
            Statement::CreateTable { table, .. } if table.table(&self.catalog).is_none() => {
                vec![table.resolve(&self.catalog)]
            }
            Statement::AlterTable { table, actions, .. } => {
                let name = table.resolve(&self.catalog);
                let to = actions.iter().find_map(|a| match &a.action {
                    Alter::RenameTable { to } => Some(name.sibling(&to.0)),
                    _ => None,
                });
                to.and_then(|to| renamed(name, to)).into_iter().collect()
            }
            Statement::Mysql(statement) => {
                let pairs = statement.renames().into_iter();
                let resolve = |o: &ObjectName| o.resolve(&self.catalog);
                let made = statement.makes().into_iter().filter(|t| t.table(&self.catalog).is_none()).map(resolve);
                pairs.filter_map(|(from, to)| renamed(resolve(from), resolve(to))).chain(made).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A hazard for the users of a table that nobody uses yet is none.
    fn matters(&self, raised: &Raised, verdict: &Verdict) -> bool {
        if ["opaque", "if-not-exists-hides", "enum-value-unusable", "not-in-transaction"].contains(&raised.id) {
            return true;
        }
        let is_new = |object: &str| {
            self.new
                .iter()
                .map(ToString::to_string)
                .any(|t| object.strip_prefix(t.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        };
        match (object_of(raised), verdict.tables.first()) {
            (Some(object), _) if is_new(object) => false,
            // A view, a sequence, an index: that of the table in question.
            (_, Some(table)) => !self.new.contains(table) || raised.id == "locks-other-table",
            (_, None) => true,
        }
    }
}

/// One script on its own.
pub fn as_written(
    statements: &[(&str, &Statement)],
    catalog: &Catalog,
    session: &Session,
    policy: &Policy,
) -> Vec<AsWritten> {
    Run::on(catalog.clone(), policy).script(statements, session).into_iter().map(|(_, written)| written).collect()
}
