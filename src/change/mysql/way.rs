//! The cheapest clauses by which the server runs an ALTER TABLE, asked of the engine's own judge: what is judged is what is run.

use crate::change::Refusal;
use crate::engine::mysql::{self, facts::Clause};
use crate::engine::{Session, judge};
use crate::model::{Catalog, Work};
use crate::plan::Estimate;
use crate::plan::build::Builder;
use crate::plan::estimate::{Cost, cost};
use crate::sql;
use crate::sql::mysql::statement::{Action, Statement as Mysql};

/// How an ALTER TABLE runs.
#[derive(Debug, Clone)]
pub struct Way {
    /// `ALGORITHM=INSTANT`; empty where the server takes no clause.
    pub clauses: String,
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
    let unread = |why: String| {
        Refusal::new(
            format!("a statement of the plan cannot be read back: {why}, in `{}`", statement(table, specs, "")),
            "This is a fault in sidestep, not in the script: please report it with the script and the catalog.",
        )
    };
    let read = sql::parse(&statement(table, specs, ""), catalog.server.engine)
        .map_err(|p| unread(p.first().map(ToString::to_string).unwrap_or_default()))?;
    let Some(sql::Statement::Mysql(found)) = read.statements.first().map(|l| &l.statement) else {
        return Err(unread("it is no statement of MySQL".to_owned()));
    };
    let Mysql::AlterTable(alter) = &**found else { return Err(unread("it is no ALTER TABLE".to_owned())) };
    let Some(on) = alter.table.table(catalog) else {
        return Err(Refusal::new(format!("there is no table `{}`", alter.table), "Name a table of the database."));
    };
    let actions: Vec<&Action> = alter.specs.iter().map(|s| &s.action).collect();
    let best = mysql::best(&actions, on, catalog, session);
    if let Some(refused) = &best.refused {
        return Err(Refusal::new(
            format!("the server would refuse this: {refused}"),
            "Change the statement, or the structure it meets, first.",
        ));
    }
    // Where they would have to stand in front, or bind nothing, they are left out: the kind of the action decides.
    let clauses = if best.clause == Clause::Kept { best.clauses() } else { String::new() };
    let verdict =
        judge(&read.statements.first().map_or(sql::Statement::Select, |l| l.statement.clone()), catalog, session);
    let unknown = best.unknown.is_some();
    let moment = matches!(best.work, Work::None | Work::Catalog) && !unknown;
    let mut cost = cost(&verdict, b.policy);
    if moment {
        (cost.wall, cost.blocked) = (Estimate::Instant, Estimate::Instant);
    }
    let mut because = best.because.clone();
    if best.unmeasured {
        because.push_str(if because.is_empty() {
            "by the manual's word, not measured"
        } else {
            "; by the manual's word, not measured"
        });
    }
    Ok(Way {
        clauses,
        work: if unknown { Work::Unknown } else { best.work },
        blocks: !moment && (unknown || !best.writes_go_on || !best.reads_go_on),
        cost,
        because,
    })
}
