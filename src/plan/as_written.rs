//! What the script would do if it were run as it stands: the comparison that a plan is judged by.

use super::estimate::cost;
use super::hazard::{hazard, ignore};
use super::policy::Policy;
use super::step::{AsWritten, Hazard};
use crate::engine::{Session, judge, replay};
use crate::model::{Catalog, Lock};
use crate::sql::Statement;

/// Statement by statement, each on the catalog that the ones before it leave. Inside an explicit transaction a lock is held
/// until COMMIT, so that later work stands behind it too.
pub fn as_written(
    statements: &[(&str, &Statement)],
    catalog: &Catalog,
    session: &Session,
    policy: &Policy,
) -> Vec<AsWritten> {
    let mut catalog = catalog.clone();
    let mut all = Vec::new();
    let mut in_transaction = false;
    let mut held = false;
    for (text, statement) in statements {
        match statement {
            Statement::Transaction { verb } => {
                in_transaction = matches!(verb.as_str(), "begin" | "start");
                held = false;
                continue;
            }
            Statement::Set { .. } | Statement::Select => continue,
            _ => {}
        }
        let verdict = judge(statement, &catalog, session);
        let cost = cost(&verdict, policy);
        let mut hazards: Vec<Hazard> = verdict.hazards.iter().map(hazard).collect();
        hazards.sort_by_key(|h| std::cmp::Reverse(h.severity));
        hazards.dedup();
        ignore(&mut hazards, policy);
        let fails = match (&verdict.fails, replay(&mut catalog, statement)) {
            (Some(fails), _) => Some(fails.clone()),
            (None, Err(error)) => Some(error),
            (None, Ok(())) => None,
        };
        all.push(AsWritten {
            sql: (*text).to_owned(),
            locks: verdict.locks.clone(),
            work: verdict.work,
            bytes: verdict.bytes,
            blocked: if held { cost.wall.clone() } else { cost.blocked },
            wall: cost.wall,
            hazards,
            fails,
        });
        held |= in_transaction && verdict.locks.iter().any(Lock::blocks_traffic);
    }
    all
}
