//! The cheapest clauses by which the server runs an ALTER TABLE, asked of the engine's own judge: what is judged is what is run.

use crate::change::Refusal;
use crate::engine::{Session, judge};
use crate::model::{Blocks, Catalog, Engine, Work};
use crate::plan::build::Builder;
use crate::plan::estimate::{Cost, cost};
use crate::sql;
use crate::sql::mysql::statement::{Action, Spec};

/// How an ALTER TABLE runs.
#[derive(Debug, Clone)]
pub struct Way {
    /// `ALGORITHM=INSTANT`; empty where the server takes no clause.
    pub clauses: &'static str,
    pub work: Work,
    /// Others cannot write, or not even read, while it works.
    pub blocks: bool,
    pub cost: Cost,
    pub because: String,
}

impl Way {
    /// A moment, whatever the size of the table.
    pub fn is_instant(&self) -> bool {
        matches!(self.work, Work::None | Work::Catalog)
    }
}

const MYSQL: &[&str] = &[
    "ALGORITHM=INSTANT",
    "ALGORITHM=INPLACE, LOCK=NONE",
    "ALGORITHM=INPLACE, LOCK=SHARED",
    "ALGORITHM=COPY, LOCK=SHARED",
    "ALGORITHM=COPY, LOCK=EXCLUSIVE",
];
const MARIADB: &[&str] = &[
    "ALGORITHM=INSTANT, LOCK=NONE",
    "ALGORITHM=NOCOPY, LOCK=NONE",
    "ALGORITHM=INPLACE, LOCK=NONE",
    "ALGORITHM=COPY, LOCK=NONE",
    "ALGORITHM=INPLACE, LOCK=SHARED",
    "ALGORITHM=COPY, LOCK=SHARED",
    "ALGORITHM=COPY, LOCK=EXCLUSIVE",
];

/// The statement with its clauses.
pub fn statement(table: &str, specs: &[String], clauses: &str) -> String {
    let mut parts: Vec<&str> = specs.iter().map(String::as_str).collect();
    parts.extend(Some(clauses).filter(|c| !c.is_empty()));
    format!("ALTER TABLE {table} {}", parts.join(", "))
}

/// Tries the clauses from the cheapest on; those that the server would refuse fall out.
///
/// # Errors
/// Why the server refuses the statement whatever its clauses are.
pub fn best(b: &Builder, catalog: &Catalog, table: &str, specs: &[String]) -> Result<Way, Refusal> {
    best_in(b, catalog, b.session, table, specs)
}

/// The same in a session of other settings.
///
/// # Errors
/// See [`best`].
pub fn best_in(
    b: &Builder,
    catalog: &Catalog,
    session: &Session,
    table: &str,
    specs: &[String],
) -> Result<Way, Refusal> {
    let of_family = if catalog.server.engine == Engine::Mysql { MYSQL } else { MARIADB };
    let plain = judged(b, catalog, session, &statement(table, specs, ""))?;
    if let Some(fails) = plain.fails {
        return Err(Refusal::new(
            format!("the server would refuse this: {fails}"),
            "Change the statement, or the structure it meets, first.",
        ));
    }
    let candidates = if takes_clauses(&plain.specs) { of_family } else { &[] };
    for clauses in candidates.iter().filter(|c| may(catalog, &plain.specs, c)) {
        let judged = judged(b, catalog, session, &statement(table, specs, clauses))?;
        if judged.fails.is_none() {
            return Ok(judged.way(clauses));
        }
    }
    Ok(plain.way(""))
}

struct Judged {
    fails: Option<String>,
    specs: Vec<Spec>,
    work: Work,
    blocks: bool,
    cost: Cost,
    because: String,
}

impl Judged {
    fn way(self, clauses: &'static str) -> Way {
        Way { clauses, work: self.work, blocks: self.blocks, cost: self.cost, because: self.because }
    }
}

fn judged(b: &Builder, catalog: &Catalog, session: &Session, text: &str) -> Result<Judged, Refusal> {
    let unread = |why: String| {
        Refusal::new(
            format!("a statement of the plan cannot be read back: {why}, in `{text}`"),
            "This is a fault in sidestep, not in the script: please report it with the script and the catalog.",
        )
    };
    let read = sql::parse(text, catalog.server.engine)
        .map_err(|p| unread(p.first().map(ToString::to_string).unwrap_or_default()))?;
    let Some(located) = read.statements.first() else { return Err(unread("it is empty".to_owned())) };
    let verdict = judge(&located.statement, catalog, session);
    let specs = match &located.statement {
        sql::Statement::Mysql(m) => match &**m {
            sql::mysql::statement::Statement::AlterTable(alter) => alter.specs.clone(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let heavy = !matches!(verdict.work, Work::None | Work::Catalog);
    let blocks = heavy && verdict.locks.iter().any(|l| l.blocks.iter().any(|b| *b != Blocks::Ddl));
    Ok(Judged {
        fails: verdict.fails.clone(),
        specs,
        work: verdict.work,
        blocks,
        cost: cost(&verdict, b.policy),
        because: verdict.because.clone(),
    })
}

/// Most servers read no clause beside what is done to partitions.
fn takes_clauses(specs: &[Spec]) -> bool {
    !specs.iter().any(|s| matches!(s.action, Action::Partition(_) | Action::Tablespace { .. }))
}

/// MySQL 8.0.29 to 8.0.31 can lose a table in crash recovery after an instant ADD or DROP COLUMN.
fn may(catalog: &Catalog, specs: &[Spec], clauses: &str) -> bool {
    let v = catalog.server.version;
    let unsafe_here = catalog.server.engine == Engine::Mysql
        && (v.major, v.minor) == (8, 0)
        && (29..=31).contains(&v.patch)
        && specs.iter().any(|s| matches!(s.action, Action::AddColumn { .. } | Action::DropColumn { .. }));
    !(unsafe_here && clauses.contains("INSTANT"))
}
