//! A step that locks several relations gives way before the server looks for a deadlock: else the application may be the one that is
//! ended. The application takes the locks in its own order, which no plan knows.

use super::step::{Act, Timeouts, TransactionMode, Undo};
use crate::engine::{Session, judge, replay};
use crate::model::Catalog;
use crate::model::{Lock, TableName};
use crate::sql;

/// Milliseconds below `deadlock_timeout`, which is 1 s unless set, that all waits behind the first lock may take together.
const BUDGET_MS: u64 = 900;
/// Whoever holds a lock for longer than this holds it for long.
const LEAST_MS: u64 = 300;

/// Lowers the lock timeout of `act` where its statements together lock several of the relations that were there before the plan;
/// answers why, for people.
pub(super) fn give_way(act: &mut Act, start: &Catalog, locks: &[Lock], unseen: &[TableName]) -> Option<String> {
    let Act::Sql { transaction: TransactionMode::Single, timeouts, .. } = act else { return None };
    let several = known(start, locks, unseen);
    lower(timeouts, several).then(|| {
        format!(
            "It locks {several} relations, which the application may lock in another order, and waits at most {} ms for each: less than the server waits before it looks for a deadlock, so this step gives way and not the application. Run it again until it gets through.",
            timeouts.lock_ms
        )
    })
}

/// The same for the way back from the catalog as the step leaves it.
pub(super) fn give_way_back(
    undo: &mut Undo,
    start: &Catalog,
    after: &Catalog,
    session: &Session,
    unseen: &[TableName],
) {
    let Undo::Sql { sql, transaction: TransactionMode::Single, timeouts, .. } = undo else { return };
    let mut catalog = after.clone();
    let mut locks: Vec<Lock> = Vec::new();
    for text in sql.iter() {
        // Whether the way back can be gone at all is what the law of the way back asks.
        let Ok(script) = sql::parse(text, catalog.server.engine) else { return };
        for located in &script.statements {
            locks.extend(judge(&located.statement, &catalog, session).locks);
            if replay(&mut catalog, &located.statement).is_err() {
                return;
            }
        }
    }
    let several = known(start, &locks, unseen);
    lower(timeouts, several);
}

/// How many relations that others may hold are locked against their reads or writes.
fn known(start: &Catalog, locks: &[Lock], unseen: &[TableName]) -> u64 {
    let names = || start.tables.iter().map(|t| &t.name).chain(start.views.iter().map(|v| &v.name));
    // A lock's object is the name as people see it; most names are told apart without being spelled out.
    let there = |object: &str| {
        names().any(|n| {
            let plain = !n.name.as_str().contains(char::is_control);
            (!plain || object.ends_with(n.name.as_str())) && n.to_string() == object
        })
    };
    let mut objects: Vec<&str> = locks
        .iter()
        .filter(|l| l.blocks_traffic() && !unseen.iter().any(|u| u.to_string() == l.object))
        .map(|l| l.object.as_str())
        .collect();
    objects.sort_unstable();
    objects.dedup();
    objects.into_iter().filter(|o| there(o)).count() as u64
}

fn lower(timeouts: &mut Timeouts, relations: u64) -> bool {
    if relations < 2 || timeouts.lock_ms == 0 {
        return false;
    }
    let most = (BUDGET_MS / (relations - 1)).max(LEAST_MS);
    let lowered = most < timeouts.lock_ms;
    timeouts.lock_ms = timeouts.lock_ms.min(most);
    lowered
}
