//! What runs beside us: subscriptions, slots, replicas, long and prepared transactions.

use super::relations::{Relations, body, field};
use crate::db::Error;
use crate::model::Ident;
use crate::model::objects::{Gap, Replica, Slot, Subscription, Transaction, TransactionKind, Wraparound};
use serde::Deserialize;
use tokio_postgres::Row;

#[derive(Default)]
pub struct Activity {
    pub subscriptions: Vec<Subscription>,
    pub slots: Vec<Slot>,
    pub replicas: Vec<Replica>,
    pub transactions: Vec<Transaction>,
    pub wraparound: Option<Wraparound>,
}

#[derive(Deserialize)]
struct SubscriptionRow {
    name: String,
    enabled: bool,
}

#[derive(Deserialize)]
struct SlotRow {
    name: String,
    kind: String,
    active: bool,
    retained: Option<f64>,
}

#[derive(Deserialize)]
struct ReplicaRow {
    name: String,
    state: Option<String>,
    bytes: Option<f64>,
    seconds: Option<f64>,
}

#[derive(Deserialize)]
struct TransactionRow {
    kind: String,
    #[serde(default)]
    pid: Option<i32>,
    age: Option<f64>,
    #[serde(default)]
    state: Option<String>,
    user: Option<String>,
    application: Option<String>,
    tables: Option<Vec<u32>>,
}

#[derive(Deserialize)]
struct WraparoundRow {
    xid: u64,
    multixact: u64,
}

#[derive(Deserialize)]
struct HiddenRow {
    sessions: u64,
}

pub fn read(relations: &Relations, rows: &[Row], gaps: &mut Vec<Gap>) -> Result<Activity, Error> {
    let mut activity = Activity::default();
    let mut lag_hidden = false;
    for row in rows {
        let text: String = field(row, "body")?;
        match field::<String>(row, "kind")?.as_str() {
            "subscription" => {
                let read: SubscriptionRow = body(&text)?;
                activity.subscriptions.push(Subscription { name: Ident(read.name), enabled: read.enabled });
            }
            "slot" => {
                let read: SlotRow = body(&text)?;
                let retained_bytes = read.retained.map(whole);
                let slot = Slot { name: Ident(read.name), kind: read.kind, active: read.active, retained_bytes };
                activity.slots.push(slot);
            }
            "replica" => {
                let read: ReplicaRow = body(&text)?;
                lag_hidden |= read.state.is_none();
                activity.replicas.push(Replica {
                    name: read.name,
                    state: read.state.unwrap_or_else(|| "unknown".to_owned()),
                    lag_bytes: read.bytes.map(whole),
                    lag_s: read.seconds,
                });
            }
            "transaction" => activity.transactions.push(transaction(relations, body(&text)?)),
            "wraparound" => {
                let read: WraparoundRow = body(&text)?;
                activity.wraparound = Some(Wraparound { xid_age: read.xid, multixact_age: read.multixact });
            }
            _ => {
                let hidden = body::<HiddenRow>(&text)?.sessions;
                if hidden > 0 {
                    gaps.push(Gap {
                        what: format!("transactions of {hidden} other sessions"),
                        because: "their state is shown only to members of `pg_read_all_stats`".to_owned(),
                    });
                }
            }
        }
    }
    if lag_hidden {
        gaps.push(Gap {
            what: "state and lag of the replicas".to_owned(),
            because: "they are shown only to members of `pg_read_all_stats`".to_owned(),
        });
    }
    Ok(activity)
}

fn transaction(relations: &Relations, read: TransactionRow) -> Transaction {
    let mut tables: Vec<_> =
        read.tables.unwrap_or_default().into_iter().filter_map(|oid| relations.name(oid)).cloned().collect();
    tables.sort();
    Transaction {
        kind: match read.kind.as_str() {
            "prepared" => TransactionKind::Prepared,
            "wraparound" => TransactionKind::Wraparound,
            _ => TransactionKind::Session,
        },
        pid: read.pid,
        age_s: read.age.unwrap_or(0.0).max(0.0),
        state: read.state,
        user: read.user,
        application: read.application,
        tables,
    }
}

/// Lag is a difference of positions and may be a little below zero on a quiet server.
fn whole(bytes: f64) -> u64 {
    bytes.max(0.0) as u64
}
