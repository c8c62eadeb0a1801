//! A verdict in the making: facts are applied one after another, locks and work take the stronger of each.

use super::facts::{self, Role};
use super::hazard::fill;
use super::verdict::{Raised, Sending, Verdict};
use crate::model::name::shown;
use crate::model::{Bytes, Lock, LockMode, Table, TableName, Work};
use std::collections::BTreeMap;

/// How much data the work falls on; unknown parts make the whole unknown.
#[derive(Debug, Clone, Default)]
pub(super) struct Extent {
    /// Those with rows of their own, and their indexes.
    pub tables: Vec<TableName>,
    pub built: Vec<TableName>,
    pub heap: Option<u64>,
    pub indexes: Option<u64>,
    pub toast: Option<u64>,
    pub rows: Option<u64>,
}

impl Extent {
    pub fn of<'t>(tables: impl IntoIterator<Item = &'t Table>) -> Self {
        let nothing = Self { heap: Some(0), indexes: Some(0), toast: Some(0), rows: Some(0), ..Self::default() };
        tables.into_iter().filter(|t| t.partition_key.is_none()).fold(nothing, |mut sum, t| {
            sum.tables.push(t.name.clone());
            sum.built.extend(t.indexes.iter().map(|i| t.name.sibling(&i.name.0)));
            // Zero bytes with an unknown number of rows is a table that nobody measured.
            let known = t.stats.heap_bytes > 0 || t.stats.rows == Some(0);
            let add = |a: Option<u64>, b: u64| a.filter(|_| known).map(|a| a.saturating_add(b));
            Self {
                heap: add(sum.heap, t.stats.heap_bytes),
                indexes: add(sum.indexes, t.stats.index_bytes),
                toast: add(sum.toast, t.stats.toast_bytes),
                rows: sum.rows.zip(t.stats.rows).map(|(a, b)| a.saturating_add(b)),
                tables: sum.tables,
                built: sum.built,
            }
        })
    }
    fn bytes(&self, work: Work) -> Option<u64> {
        match work {
            Work::Scan | Work::IndexBuild => self.heap,
            Work::Rewrite => Some(self.heap?.saturating_add(self.indexes?).saturating_add(self.toast?)),
            Work::None | Work::Catalog | Work::Unknown => None,
        }
    }
}

/// The objects of each role, by name.
pub(super) type Roles = BTreeMap<Role, Vec<TableName>>;
pub(super) type Values = BTreeMap<&'static str, String>;

pub(super) struct Effect {
    major: u16,
    locks: BTreeMap<TableName, LockMode>,
    pub tables: Vec<TableName>,
    pub work: Work,
    bytes: Option<Bytes>,
    rows: Option<u64>,
    pub reads: Vec<TableName>,
    rewrites: Vec<TableName>,
    builds: Vec<TableName>,
    sending: Sending,
    because: Vec<String>,
    pub hazards: Vec<Raised>,
    pub fails: Option<String>,
    doc: Option<String>,
    grounds: Vec<String>,
}

impl Effect {
    pub fn new(major: u16) -> Self {
        Self {
            major,
            locks: BTreeMap::new(),
            tables: Vec::new(),
            work: Work::None,
            bytes: None,
            rows: None,
            reads: Vec::new(),
            rewrites: Vec::new(),
            builds: Vec::new(),
            sending: Sending::Any,
            because: Vec::new(),
            hazards: Vec::new(),
            fails: None,
            doc: None,
            grounds: Vec::new(),
        }
    }

    /// Applies the row of `op` under `when`; `extent` is what its work would fall on.
    pub fn apply(&mut self, op: &str, when: &str, roles: &Roles, extent: Extent, values: &Values) {
        let Some(fact) = facts::fact(op, when, self.major) else {
            self.opaque(roles, &format!("no fact says what `{}` does here", shown(op)));
            return;
        };
        self.grounds.push(format!("{op}/{when}"));
        for (role, mode) in &fact.locks {
            for name in roles.get(role).into_iter().flatten() {
                let mode: LockMode = (*mode).into();
                self.lock(name, mode);
                self.warn_of_other(*role, roles, name, mode);
            }
        }
        self.weigh(fact.work, &extent);
        self.fall_on(fact.work, roles, extent);
        if fact.alone {
            self.sending = Sending::OutsideTransaction;
        }
        let words =
            |text: &str| fill(text, |name| values.get(name).map_or_else(String::new, |v| shown(v).into_owned()));
        if let Some(why) = &fact.fails {
            self.refuse(words(why));
        }
        self.say(words(&fact.why));
        if self.doc.is_none() {
            self.doc = Some(format!(
                "https://www.postgresql.org/docs/{}/{}",
                self.major.clamp(facts::FIRST, facts::LAST),
                fact.doc
            ));
        }
    }

    /// Locks that nobody expects: on a table that the statement may not even name.
    fn warn_of_other(&mut self, role: Role, roles: &Roles, name: &TableName, mode: LockMode) {
        let other =
            matches!(role, Role::Parent | Role::Referenced | Role::Referencing | Role::DefaultPartition | Role::Users);
        let own = roles.get(&Role::Target).is_some_and(|t| t.contains(name));
        if other && !own && mode >= LockMode::Share {
            self.raise("locks-other-table", &[("other", name.to_string()), ("mode", mode.to_string())]);
        }
    }

    /// Nothing is known: the strongest lock on what it names, unknown work.
    pub fn opaque(&mut self, roles: &Roles, because: &str) {
        for name in roles.get(&Role::Target).into_iter().flatten() {
            self.lock(name, LockMode::AccessExclusive);
        }
        self.weigh(Work::Unknown, &Extent::default());
        self.say(because.to_owned());
        self.raise("opaque", &[("because", because.to_owned())]);
    }

    pub fn lock(&mut self, name: &TableName, mode: LockMode) {
        if !self.tables.contains(name) {
            self.tables.push(name.clone());
        }
        let held = self.locks.entry(name.clone()).or_insert(mode);
        *held = (*held).max(mode);
    }

    pub fn lock_on(&self, name: &TableName) -> Option<LockMode> {
        self.locks.get(name).copied()
    }

    /// The strongest lock that is held while the work goes on.
    pub fn strongest(&self) -> Option<LockMode> {
        self.locks.values().max().copied()
    }

    /// A row of another engine's table: what it is called, and where the manual says it.
    pub fn rest_on(&mut self, ground: String, page: String) {
        if !self.grounds.contains(&ground) {
            self.grounds.push(ground);
        }
        self.doc.get_or_insert(page);
    }

    /// Not inside a transaction: it is refused there, or ends it.
    pub fn send_alone(&mut self) {
        self.sending = Sending::OutsideTransaction;
    }

    /// What is read, written and built, by name.
    pub fn fall_on(&mut self, work: Work, roles: &Roles, extent: Extent) {
        let add = |list: &mut Vec<TableName>, names: &[TableName]| {
            for name in names.iter().filter(|n| !list.contains(n)).cloned().collect::<Vec<_>>() {
                list.push(name);
            }
        };
        match work {
            Work::Scan => add(&mut self.reads, &extent.tables),
            Work::IndexBuild => add(&mut self.builds, roles.get(&Role::Rebuilt).map_or(&[], Vec::as_slice)),
            Work::Rewrite => {
                add(&mut self.rewrites, &extent.tables);
                add(&mut self.builds, &extent.built);
            }
            Work::None | Work::Catalog | Work::Unknown => {}
        }
    }

    pub fn weigh(&mut self, work: Work, extent: &Extent) {
        let heavy = matches!(work, Work::Scan | Work::IndexBuild | Work::Rewrite);
        if work > self.work || (work == self.work && heavy && extent.bytes(work) > self.bytes.map(|b| b.0)) {
            self.work = work;
            self.bytes = extent.bytes(work).filter(|_| heavy).map(Bytes);
            self.rows = extent.rows.filter(|_| heavy);
        }
    }

    pub fn say(&mut self, because: String) {
        if !because.is_empty() && !self.because.contains(&because) {
            self.because.push(because);
        }
    }

    /// The first refusal is the one the server answers with.
    pub fn refuse(&mut self, why: impl Into<String>) {
        self.fails.get_or_insert(why.into());
    }

    pub fn raise(&mut self, id: &'static str, values: &[(&'static str, String)]) {
        let values = values.iter().map(|(name, value)| (*name, shown(value).into_owned())).collect();
        let raised = Raised { id, values };
        if !self.hazards.contains(&raised) {
            self.hazards.push(raised);
        }
    }

    pub fn verdict(self) -> Verdict {
        let tables = self.tables;
        let mut locks: Vec<(usize, TableName, LockMode)> = self
            .locks
            .into_iter()
            .map(|(name, mode)| (tables.iter().position(|t| *t == name).unwrap_or(usize::MAX), name, mode))
            .collect();
        // Where something stronger is taken, ACCESS SHARE is noise: every query takes it.
        if locks.iter().any(|(_, _, mode)| *mode > LockMode::AccessShare) {
            locks.retain(|(_, _, mode)| *mode > LockMode::AccessShare);
        }
        locks.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
        Verdict {
            locks: locks.into_iter().map(|(_, name, mode)| Lock::new(name, mode)).collect(),
            work: self.work,
            bytes: self.bytes,
            rows: self.rows,
            reads: self.reads,
            rewrites: self.rewrites,
            builds: self.builds,
            sending: self.sending,
            because: self.because.join("; "),
            hazards: self.hazards,
            fails: self.fails,
            doc: self.doc,
            tables,
            grounds: self.grounds,
        }
    }
}
