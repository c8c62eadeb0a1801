//! Findings → what the statement as a whole is: the worst class, the weakest lock that is granted, the words.

use super::facts::{self, Class, Clause, Fact, Held, Source};
use super::gather::{Finding, Gather};
use super::known;
use crate::engine::hazard::fill;
use crate::model::Work;
use crate::model::name::shown;

/// A statement of ALTER TABLE without its clauses.
#[derive(Debug, Clone)]
pub struct Whole {
    pub class: Class,
    pub lock: Held,
    pub work: Work,
    pub clause: Clause,
    pub because: Vec<String>,
    pub refused: Option<String>,
    pub unknown: Option<String>,
    /// `op/when` and the manual's page.
    pub grounds: Vec<(String, String)>,
    /// It rests on a row that no server of this series was asked about.
    pub unmeasured: bool,
    /// It adds or drops columns without touching the rows: what has a limit and had a bug.
    pub layout: bool,
}

/// One row, with what the table makes of it.
struct Part {
    fact: &'static Fact,
    class: Class,
    lock: Held,
    why: Vec<String>,
}

/// How far the clauses push the statement away from what it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Push {
    No,
    /// MySQL takes INPLACE by its word where INSTANT would do.
    NotInstant,
    Copy,
}

pub fn weigh(gather: &Gather, push: Push) -> Whole {
    let known = gather.known;
    let mut whole = Whole {
        class: Class::None,
        lock: Held::None,
        work: Work::None,
        clause: Clause::Kept,
        because: Vec::new(),
        refused: gather.refused.clone(),
        unknown: gather.unknown.clone(),
        grounds: Vec::new(),
        unmeasured: false,
        layout: false,
    };
    let mut parts = Vec::new();
    for finding in &gather.findings {
        let Some(fact) = facts::fact(known.engine(), finding.op, finding.when, known.version()) else {
            whole.unknown.get_or_insert_with(|| format!("no fact says what `{}` does here", shown(finding.op)));
            continue;
        };
        whole.rest_on(gather, finding, fact);
        if let Some(fails) = &fact.fails {
            whole.refused.get_or_insert_with(|| words(fails, finding));
        }
        let mut why = vec![words(&fact.why, finding)];
        let mut class = fact.class;
        if class == Class::Instant && fact.otherwise == Some(Class::Rebuild) {
            if gather.layout_is_fixed() {
                class = Class::Rebuild;
                why = vec![fixed(gather)];
            } else {
                whole.layout = true;
            }
        }
        // MariaDB looks at its indexes again where the table's character set changes beside a column's.
        if is_default_charset(finding) && known.is_mariadb() && !gather.findings.iter().all(is_default_charset) {
            class = class.max(Class::Metadata);
        }
        parts.push((finding, Part { fact, class, lock: fact.held(), why }));
    }
    settle(gather, push, &mut parts);
    for (finding, part) in &mut parts {
        carry(gather, finding, part, &mut whole);
    }
    let virtual_and_index = gather.findings.iter().any(|f| f.op == "add-column" && f.when.starts_with("virtual"))
        && gather.findings.iter().any(|f| f.op == "add-index");
    for (_, part) in &parts {
        whole.class = whole.class.max(part.class);
        whole.lock = whole.lock.max(part.lock);
        whole.work = whole.work.max(part.fact.work.unwrap_or(part.class.work()));
        if part.fact.clause != Clause::Kept {
            whole.clause = part.fact.clause;
        }
    }
    if virtual_and_index && whole.class < Class::Copy {
        whole.lock = whole.lock.max(Held::Shared);
        whole.because.push("a virtual column that comes with an index keeps writers out for the whole build".into());
    }
    // What only adds words to a heavier change is not said.
    for (_, part) in parts.iter().filter(|(_, p)| p.class == whole.class || p.lock == whole.lock && p.lock > Held::None)
    {
        for why in part.why.iter().filter(|w| !w.is_empty()) {
            if !whole.because.contains(why) {
                whole.because.push(why.clone());
            }
        }
    }
    whole.layout &= whole.class == Class::Instant;
    whole
}

fn is_default_charset(finding: &Finding) -> bool {
    finding.op == "table-option" && finding.when == "default-charset"
}

/// What is instant alone is not always instant beside others.
fn settle(gather: &Gather, push: Push, parts: &mut [(&Finding, Part)]) {
    let mariadb = gather.known.is_mariadb();
    let heavier = parts.iter().any(|(_, p)| match mariadb {
        // An index that is built beside a new column is built with the table; all else goes on without a rebuild.
        true => p.class == Class::Build,
        false => !matches!(p.class, Class::None | Class::Instant),
    });
    for (_, part) in parts {
        if part.class == Class::Instant && (heavier || push >= Push::NotInstant) {
            let otherwise = part.fact.otherwise.unwrap_or(Class::Metadata);
            let stays = mariadb && otherwise != Class::Rebuild;
            if !stays {
                part.class = otherwise;
                if otherwise == Class::Rebuild {
                    part.why = vec![format!(
                        "`{}` is written anew, since not all of the statement can be done without touching rows",
                        gather.table.name
                    )];
                }
            }
        }
        if push == Push::Copy && !matches!(part.class, Class::None | Class::Swap | Class::Read | Class::Rows) {
            part.class = Class::Copy;
        }
    }
}

/// What the table makes of a rebuild, of a copy, of another engine's words.
fn carry(gather: &Gather, finding: &Finding, part: &mut Part, whole: &mut Whole) {
    let known = gather.known;
    let look = |op: &str, when: &str| facts::fact(known.engine(), op, when, known.version());
    let by_kind = part.fact.clause != Clause::Kept && part.fact.lock.is_some();
    if part.class == Class::Rebuild && !by_kind {
        let obstacle = gather.obstacle();
        if let Some(row) = look("rebuild", obstacle) {
            whole.rest_on_row(gather, "rebuild", obstacle, row);
            part.class = row.class;
            part.lock = part.lock.max(row.lock.unwrap_or(Held::None));
            let fuller = obstacle != "plain" || part.why.iter().all(String::is_empty);
            if fuller {
                part.why.push(words(&row.why, finding));
            }
        }
    }
    if part.class == Class::Copy {
        let copying = gather.copying();
        if let Some(row) = look("copy", copying) {
            whole.rest_on_row(gather, "copy", copying, row);
            // The row's own lock is the kind's; the class's own is what copies are like on this server.
            let own = part.fact.lock.filter(|_| part.fact.class == Class::Copy).unwrap_or(Held::None);
            part.lock = own.max(row.held());
            if row.clause != Clause::Kept {
                whole.clause = row.clause;
            }
            part.why.push(words(&row.why, finding));
        }
    } else if part.class == Class::Metadata && !known::is_innodb(gather.table) {
        // No engine but InnoDB does it beside others.
        part.lock = part.lock.max(Held::Exclusive);
    }
}

impl Whole {
    fn rest_on(&mut self, gather: &Gather, finding: &Finding, fact: &Fact) {
        self.rest_on_row(gather, finding.op, finding.when, fact);
    }

    fn rest_on_row(&mut self, gather: &Gather, op: &str, when: &str, fact: &Fact) {
        let (engine, version) = (gather.known.engine(), gather.known.version());
        let ground = (format!("{op}/{when}"), facts::page(engine, version, &fact.doc));
        if !self.grounds.contains(&ground) {
            self.grounds.push(ground);
        }
        let said = fact.fails.is_some() && fact.source == Source::Manual;
        self.unmeasured |= !fact.is_measured(engine, version) && !said;
    }
}

/// Why a column cannot come or go without touching the rows.
fn fixed(gather: &Gather) -> String {
    let table = &gather.table.name;
    let limit = gather.known.row_version_limit();
    let used = gather.table.mysql.as_ref().and_then(|m| m.row_versions);
    match (used, limit) {
        (Some(used), Some(limit)) if used >= limit => {
            format!("`{table}` has had {used} instant changes of columns, and {limit} is the limit: it is rebuilt")
        }
        _ if known::row_format_is(gather.table, "compressed") => {
            format!("`{table}` is ROW_FORMAT=COMPRESSED, which takes no instant change of columns: it is rebuilt")
        }
        _ if gather.obstacle().starts_with("fulltext") => {
            format!("`{table}` has the hidden column of a FULLTEXT index and takes no instant change of columns")
        }
        _ if gather.obstacle() == "virtual-indexed" => {
            format!("`{table}` has an index on a virtual column and takes no instant change of columns")
        }
        _ => String::new(),
    }
}

pub fn words(text: &str, finding: &Finding) -> String {
    fill(text, |name| finding.values.get(name).map_or_else(String::new, |v| shown(v).into_owned()))
}
