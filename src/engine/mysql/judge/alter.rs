//! ALTER TABLE: what its specifications are together, and what the clauses it was given make of that.

use super::Judge;
use crate::engine::effect::{Extent, Roles};
use crate::engine::facts::Role;
use crate::engine::mysql::facts::{Class, Clause, Held};
use crate::engine::mysql::gather::Gather;
use crate::engine::mysql::known::Known;
use crate::engine::mysql::weigh::{Push, Whole, weigh};
use crate::model::{LockMode, Version, Work};
use crate::sql::mysql::statement::{Action, Algorithm, AlterTable, LockClause, Written};

/// The cheapest ALGORITHM that the class is granted under; none where no clause decides.
pub(in crate::engine::mysql) fn needed(class: Class, mariadb: bool) -> Option<Algorithm> {
    match class {
        Class::None | Class::Instant => Some(Algorithm::Instant),
        Class::Metadata | Class::Build if mariadb => Some(Algorithm::Nocopy),
        Class::Metadata | Class::Build | Class::Rebuild => Some(Algorithm::Inplace),
        Class::Copy => Some(Algorithm::Copy),
        Class::Swap | Class::Read | Class::Rows => None,
    }
}

fn said(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Default => "DEFAULT",
        Algorithm::Instant => "INSTANT",
        Algorithm::Nocopy => "NOCOPY",
        Algorithm::Inplace => "INPLACE",
        Algorithm::Copy => "COPY",
    }
}

/// `alter_algorithm` and `old_alter_table` decide where nothing is written.
fn by_setting(known: Known) -> Option<Algorithm> {
    let on = |name: &str| known.setting(name).map(str::to_ascii_uppercase);
    let setting = on("alter_algorithm").or_else(|| on("old_alter_table"))?;
    if known.is_mariadb() && known.version() >= Version::new(11, 5) {
        return None;
    }
    match setting.as_str() {
        "COPY" | "ON" | "1" => Some(Algorithm::Copy),
        "INPLACE" => Some(Algorithm::Inplace),
        "NOCOPY" => Some(Algorithm::Nocopy),
        "INSTANT" => Some(Algorithm::Instant),
        _ => None,
    }
}

impl<'a> Judge<'a> {
    pub(super) fn alter(&mut self, alter: &AlterTable) {
        if alter.if_exists && alter.table.table(self.catalog()).is_none() {
            self.effect.say(format!("there is no table `{}`: nothing changes", alter.table));
            return;
        }
        let Some(table) = self.expect(&alter.table) else { return };
        if alter.written == Written::DropIndex
            && self.known.is_mariadb()
            && (alter.algorithm.is_some() || alter.lock.is_some())
        {
            self.effect.refuse("MariaDB takes no ALGORITHM and no LOCK behind DROP INDEX: write ALTER TABLE (1064)");
        }
        let actions: Vec<&Action> = alter.specs.iter().map(|s| &s.action).collect();
        let mut session = self.known.session.clone();
        // MariaDB's SET STATEMENT … FOR decides for this one.
        session.settings.extend(alter.settings.iter().cloned());
        let known = Known { catalog: self.known.catalog, session: &session };
        let gather = Gather::new(known, table, actions);
        self.altered(&gather, alter.algorithm, alter.lock, alter.wait.is_some());
        if alter.ignore {
            self.effect.raise("alter-ignore", &[("table", table.name.to_string())]);
        }
    }

    pub(super) fn altered(
        &mut self,
        gather: &Gather,
        algorithm: Option<Algorithm>,
        lock: Option<LockClause>,
        waits: bool,
    ) {
        let algorithm = algorithm.filter(|a| *a != Algorithm::Default).or_else(|| by_setting(gather.known));
        let lock = lock.filter(|l| *l != LockClause::Default);
        let plain = weigh(gather, Push::No);
        let push = match algorithm {
            Some(Algorithm::Copy) => Push::Copy,
            Some(Algorithm::Inplace) if !self.known.is_mariadb() && plain.class <= Class::Instant => Push::NotInstant,
            _ => Push::No,
        };
        let mut whole = if push == Push::No { plain } else { weigh(gather, push) };
        for (ground, page) in std::mem::take(&mut whole.grounds) {
            self.effect.rest_on(ground, page);
        }
        self.refusals(gather, &whole, algorithm, lock);
        if let Some(why) = &whole.unknown {
            self.opaque(std::slice::from_ref(&gather.table.name), why);
        }
        let held = whole.lock.max(match lock {
            Some(LockClause::Shared) => Held::Shared,
            Some(LockClause::Exclusive) => Held::Exclusive,
            _ => Held::None,
        });
        self.effect.send_alone();
        self.locks(gather, &whole, held);
        self.extent(gather, &whole);
        for (id, values) in &gather.raised {
            self.effect.raise(id, values);
        }
        self.say(&whole, held);
        self.warn(gather, &whole, held, algorithm.is_some(), waits);
    }

    /// What the server answers to the clauses.
    fn refusals(&mut self, gather: &Gather, whole: &Whole, algorithm: Option<Algorithm>, lock: Option<LockClause>) {
        let mariadb = self.known.is_mariadb();
        let given = algorithm.is_some() || lock.is_some();
        // What the parser refuses comes first.
        if given && whole.clause == Clause::Refused {
            self.effect.refuse("no ALGORITHM and no LOCK can be written beside this change of partitions (1064)");
        }
        match algorithm {
            Some(Algorithm::Nocopy) if !mariadb => {
                self.effect.refuse("ALGORITHM=NOCOPY is MariaDB's: write INPLACE (1800)");
            }
            Some(Algorithm::Instant) if !mariadb && !self.known.mysql_since(8, 0, 12) => {
                self.effect.refuse("ALGORITHM=INSTANT needs MySQL 8.0.12: write INPLACE (1800)");
            }
            Some(Algorithm::Instant) if !mariadb && lock.is_some() => {
                self.effect.refuse("ALGORITHM=INSTANT takes no LOCK beside it: leave LOCK out (1221)");
            }
            _ => {}
        }
        let two = gather.findings.iter().any(|f| f.op == "add-index" && f.when == "fulltext-two");
        if two && !mariadb && algorithm != Some(Algorithm::Copy) {
            self.effect.refuse("InnoDB builds one FULLTEXT index at a time: one statement for each (1795)");
        }
        if let Some(refused) = &whole.refused {
            self.effect.refuse(refused.clone());
        }
        if whole.clause == Clause::NoPromise {
            if given {
                self.effect.raise("clause-no-promise", &[("table", gather.table.name.to_string())]);
            }
            return;
        }
        if let (Some(given), Some(needed)) = (algorithm, needed(whole.class, mariadb))
            && given < needed
        {
            let (given, needed) = (said(given), said(needed));
            self.effect.refuse(format!("ALGORITHM={given} is not to be had, {needed} is the least (1845, 1846)"));
        }
        if whole.clause == Clause::LockNoPromise {
            if lock.is_some() {
                self.effect.raise("clause-no-promise", &[("table", gather.table.name.to_string())]);
            }
            return;
        }
        let granted = match lock {
            Some(LockClause::None) => whole.lock == Held::None,
            Some(LockClause::Shared) => whole.lock <= Held::Shared,
            _ => true,
        };
        if !granted {
            let least = if whole.lock == Held::Shared { "SHARED" } else { "EXCLUSIVE" };
            self.effect
                .refuse(format!("the LOCK that is asked for is not to be had, {least} is the least (1845, 1846)"));
        }
    }

    fn locks(&mut self, gather: &Gather, whole: &Whole, held: Held) {
        let long = matches!(whole.work, Work::Scan | Work::IndexBuild | Work::Rewrite);
        let mode = match (whole.class, held) {
            (Class::None, _) => LockMode::MetadataUpgradable,
            (Class::Read, _) => LockMode::MetadataRead,
            (Class::Swap, _) => LockMode::MetadataExclusive,
            _ if !long => LockMode::MetadataExclusive,
            (_, Held::None) => LockMode::MetadataUpgradable,
            (_, Held::Shared) => LockMode::MetadataNoWrite,
            (_, Held::Exclusive) => LockMode::MetadataExclusive,
        };
        self.effect.lock(&gather.table.name, mode);
        for (other, mode) in &gather.others {
            self.effect.lock(other, *mode);
        }
    }

    fn extent(&mut self, gather: &Gather, whole: &Whole) {
        let extent = Extent::of([gather.table]);
        self.effect.weigh(whole.work, &extent);
        let mut roles = Roles::new();
        let built = gather.actions.iter().filter_map(|a| match a {
            Action::AddIndex(index) => index.name.as_ref(),
            _ => None,
        });
        roles.insert(Role::Rebuilt, built.map(|i| gather.table.name.sibling(&i.0)).collect());
        self.effect.fall_on(whole.work, &roles, extent);
    }

    fn say(&mut self, whole: &Whole, held: Held) {
        for why in &whole.because {
            self.effect.say(why.clone());
        }
        let long = matches!(whole.work, Work::Scan | Work::IndexBuild | Work::Rewrite);
        if long && held < Held::Exclusive && whole.class != Class::Read {
            self.effect.say("the lock is EXCLUSIVE for a moment at the start and at the end".into());
        }
        if whole.unmeasured {
            let server = &self.catalog().server;
            self.effect.say(format!(
                "the manual's word: no {} {}.{} was measured",
                server.engine, server.version.major, server.version.minor
            ));
        }
    }

    /// Hazards that follow from what it is.
    fn warn(&mut self, gather: &Gather, whole: &Whole, held: Held, told: bool, waits: bool) {
        let table = gather.table.name.to_string();
        if whole.class == Class::None {
            return;
        }
        if !waits {
            self.queue(&gather.table.name);
        }
        let one = [("table", table.clone())];
        let work = [("table", table.clone()), ("work", whole.work.to_string())];
        if matches!(whole.work, Work::Scan | Work::IndexBuild | Work::Rewrite) {
            match held {
                Held::None if whole.class != Class::Copy => self.effect.raise("online-log-overflow", &one),
                Held::None => {}
                Held::Shared => self.effect.raise("writes-blocked", &work),
                Held::Exclusive => self.effect.raise("reads-blocked", &work),
            }
            if whole.class != Class::Read && !self.known.setting("log_bin").is_some_and(|v| matches!(v, "0" | "OFF")) {
                self.effect.raise("replica-stalls", &one);
            }
        }
        let young = matches!(whole.class, Class::Build | Class::Rebuild | Class::Copy);
        if young || (whole.class == Class::Instant && whole.layout && !self.known.is_mariadb()) {
            self.effect.raise("old-snapshot", &one);
        }
        let versions = gather.table.mysql.as_ref().and_then(|m| m.row_versions);
        if let (true, Some(used), Some(limit)) = (whole.layout, versions, self.known.row_version_limit())
            && used * 5 >= limit * 4
        {
            let values = [("table", table.clone()), ("used", used.to_string()), ("limit", limit.to_string())];
            self.effect.raise("row-version-limit", &values);
        }
        if self.known.has_instant_bug() && (whole.layout || versions.is_some_and(|n| n > 0)) {
            self.effect.raise("instant-corruption", &[("table", table), ("version", self.known.version().to_string())]);
        }
        let silent = matches!(whole.class, Class::Instant | Class::Metadata | Class::Build | Class::Rebuild);
        if !told && silent && whole.clause == Clause::Kept {
            self.effect.raise("algorithm-not-said", &one);
        }
    }
}
