//! The best way to say a change: which ALGORITHM and LOCK to write, so that the server refuses rather than does something dearer.

use super::facts::{Class, Clause, Held};
use super::gather::Gather;
use super::judge::needed;
use super::known::Known;
use super::weigh::{Push, weigh};
use crate::engine::Session;
use crate::model::{Catalog, Table, Work};
use crate::sql::mysql::statement::{Action, Algorithm, LockClause};

/// What these specifications are in one ALTER TABLE on this table.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    pub class: Class,
    /// To be written; none where the server takes no such clause or does not keep it.
    pub algorithm: Option<Algorithm>,
    pub lock: Option<LockClause>,
    /// Where the clauses stand, and whether they bind.
    pub clause: Clause,
    /// Others write while the work goes on.
    pub writes_go_on: bool,
    /// Others read while the work goes on.
    pub reads_go_on: bool,
    /// The table gets new files: free disk of its size is needed, and a replica stalls as long as it took.
    pub rebuilds: bool,
    pub work: Work,
    pub because: String,
    /// The server would refuse it whatever is written: why, with its code.
    pub refused: Option<String>,
    /// Nobody knows: judge it as the worst.
    pub unknown: Option<String>,
    /// The manual's word; no server of this series was measured.
    pub unmeasured: bool,
    pub grounds: Vec<String>,
}

/// Specifications that run together take the worst class of them.
pub fn best(actions: &[&Action], table: &Table, catalog: &Catalog, session: &Session) -> Best {
    let known = Known { catalog, session };
    let mariadb = known.is_mariadb();
    let gather = Gather::new(known, table, actions.to_vec());
    let mut whole = weigh(&gather, Push::No);
    // Instant columns of these versions can damage the table: it is rebuilt instead, which says so.
    if whole.layout && known.has_instant_bug() {
        whole = weigh(&gather, Push::NotInstant);
        whole.because.push(format!("instant changes of columns are not safe on MySQL {}", known.version()));
    }
    let binds = !matches!(whole.clause, Clause::Refused | Clause::NoPromise);
    let mut algorithm = needed(whole.class, mariadb).filter(|_| binds);
    if algorithm == Some(Algorithm::Instant) && !mariadb && !known.mysql_since(8, 0, 12) {
        algorithm = Some(Algorithm::Inplace);
    }
    // INSTANT takes no LOCK on MySQL, and needs none.
    let lock = match whole.lock {
        _ if algorithm.is_none() || algorithm == Some(Algorithm::Instant) => None,
        Held::None => Some(LockClause::None),
        Held::Shared => Some(LockClause::Shared),
        Held::Exclusive => Some(LockClause::Exclusive),
    };
    let moment = matches!(whole.work, Work::None | Work::Catalog);
    Best {
        class: whole.class,
        algorithm,
        lock,
        clause: whole.clause,
        writes_go_on: moment || whole.lock == Held::None,
        reads_go_on: moment || whole.lock < Held::Exclusive,
        rebuilds: matches!(whole.class, Class::Rebuild | Class::Copy),
        work: whole.work,
        because: whole.because.join("; "),
        refused: whole.refused,
        unknown: whole.unknown,
        unmeasured: whole.unmeasured,
        grounds: whole.grounds.into_iter().map(|(ground, _)| ground).collect(),
    }
}

impl Best {
    /// `ALGORITHM=INPLACE, LOCK=NONE`; empty where nothing can be written.
    pub fn clauses(&self) -> String {
        let algorithm = self.algorithm.map(|a| match a {
            Algorithm::Default => "ALGORITHM=DEFAULT",
            Algorithm::Instant => "ALGORITHM=INSTANT",
            Algorithm::Nocopy => "ALGORITHM=NOCOPY",
            Algorithm::Inplace => "ALGORITHM=INPLACE",
            Algorithm::Copy => "ALGORITHM=COPY",
        });
        let lock = self.lock.map(|l| match l {
            LockClause::Default => "LOCK=DEFAULT",
            LockClause::None => "LOCK=NONE",
            LockClause::Shared => "LOCK=SHARED",
            LockClause::Exclusive => "LOCK=EXCLUSIVE",
        });
        [algorithm, lock].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
