//! A step cut into units, each of which is one file or one program of a migration tool.

use super::super::ExportError;
use super::super::gate::{self, Gate, Holds, anonymous, gates_before, holds};
use super::super::index::{IndexWork, index_work};
use super::super::layout::Placed;
use super::super::psql::{building, sendable, valid};
use super::text::{quoted, session, trimmed};
use super::{Sends, prepared};
use crate::engine::dialect;
use crate::engine::emit::speech::Asks;
use crate::model::Engine;
use crate::plan::{Act, Check, PhaseName, Plan, Timeouts, TransactionMode, Undo};

#[derive(Debug, Clone)]
pub(in super::super) struct Unit<'p> {
    pub placed: Placed<'p>,
    /// `a`, `b`, … where a step takes several files; empty otherwise.
    pub part: String,
    /// What this part of the step does, where it is one of several.
    pub note: String,
    pub body: Body,
    pub back: Back,
    /// True in the database once the unit has nothing to do any more.
    pub done: Option<Check>,
}

#[derive(Debug, Clone)]
pub(in super::super) enum Body {
    /// One transaction: nothing of it stays after a failure.
    Atomic { gates: Vec<Gate>, timeouts: Timeouts, statements: Vec<String> },
    /// Outside any transaction, each statement sent alone. Running all of it again after a failure does no harm.
    Alone { frame: Frame, statements: Vec<String> },
}

/// What the session of a unit sets, and how it takes that back.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Frame {
    pub set: Vec<String>,
    pub reset: Vec<String>,
    /// It stands in every file. Otherwise only where a tool sends the statements of a file one by one.
    pub inside: bool,
}

impl Frame {
    /// Timeouts: in a file that is one query, nothing may stand beside a statement that refuses a transaction.
    fn of(timeouts: Timeouts) -> Self {
        let (set, reset) = session(timeouts);
        Self { set: set.into(), reset: reset.into(), inside: false }
    }
    pub(super) fn patient() -> Self {
        Self::of(PATIENT)
    }
    pub(super) fn inside((set, reset): (Vec<String>, Vec<String>)) -> Self {
        Self { set, reset, inside: true }
    }
    /// What a file of statements has before and behind those that [`super::statements`] names.
    pub fn around(&self) -> (Vec<String>, Vec<String>) {
        if self.inside { Default::default() } else { (self.set.clone(), self.reset.clone()) }
    }
    /// All that is sent where the frame stands in every file.
    pub(super) fn with(&self, statements: Vec<String>) -> Vec<String> {
        match self.inside {
            true => [self.set.as_slice(), &statements, &self.reset].concat(),
            false => statements,
        }
    }
}

#[derive(Debug, Clone)]
pub(in super::super) enum Back {
    Atomic {
        timeouts: Timeouts,
        statements: Vec<String>,
        because: String,
    },
    Alone {
        frame: Frame,
        statements: Vec<String>,
        because: String,
    },
    /// There is nothing to take back here.
    Nothing,
    /// Raises: data would be lost, or another file has to be run.
    Refuse {
        because: String,
    },
}

impl<'p> Unit<'p> {
    pub(super) fn new(placed: Placed<'p>, body: Body) -> Self {
        Self { placed, part: String::new(), note: String::new(), body, back: Back::Nothing, done: None }
    }
    /// One switch for both ways has to be off: one of them refuses a transaction.
    pub fn outside(&self) -> bool {
        matches!(self.body, Body::Alone { .. }) || matches!(self.back, Back::Alone { .. })
    }
    /// Only asks, and stops where something does not hold.
    fn asking(placed: Placed<'p>, gates: Vec<Gate>) -> Self {
        Self::new(placed, Body::Atomic { gates, timeouts: PATIENT, statements: Vec::new() })
    }
}

/// No timeout of its own: reads that may take long.
const PATIENT: Timeouts = Timeouts { lock_ms: 0, statement_ms: 0 };

/// PostgreSQL 10 cannot commit inside a block, and no migration tool loops over what a query returns.
pub(in super::super) fn by_hand(placed: &Placed<'_>, sends: Sends) -> bool {
    match &placed.step.act {
        Act::Backfill { backfill, .. } if backfill.generates_statements => true,
        Act::Sql { transaction, .. } | Act::Backfill { transaction, .. } => {
            sends == Sends::Transaction && *transaction != TransactionMode::Single
        }
        _ => false,
    }
}

pub(super) fn of_step<'p>(
    plan: &'p Plan,
    placed: &Placed<'p>,
    position: usize,
    sends: Sends,
    first: bool,
) -> Result<Vec<Unit<'p>>, ExportError> {
    let step = placed.step;
    let contract = placed.phase == PhaseName::Contract && step.changes_database();
    let gates = if first || contract { gates_before(plan, position) } else { Vec::new() };
    if super::asks(plan) == Asks::Prepared {
        return prepared::of_step(plan, placed, gates);
    }
    sendable(&step.id, step.sql())?;
    let unit = |body: Body| Unit::new(*placed, body);
    let asking = |gates: Vec<Gate>| Unit::asking(*placed, gates);
    let mut units = match &step.act {
        Act::Sql { .. } | Act::Backfill { .. } if by_hand(placed, sends) => {
            let Some(check) = &step.done_when else {
                return Err(ExportError::Unsendable {
                    step: step.id.clone(),
                    because:
                        "psql has to run it, and the database cannot be asked whether it did: choose the format `psql`"
                            .to_owned(),
                });
            };
            let otherwise =
                format!("step {} is not done: run {} with psql, then migrate again", step.id, hand_file(placed));
            let gate = Gate { check: check.clone(), otherwise, holds: Holds::OnAndOn };
            let mut unit = asking(vec![gate]);
            unit.back = match &step.undo {
                Undo::Nothing { .. } => Back::Nothing,
                _ => Back::Refuse {
                    because: format!("step {} was run by psql: take it back with its file in undo/", step.id),
                },
            };
            vec![unit]
        }
        Act::Sql { sql, transaction: TransactionMode::Single, timeouts } => {
            let mut unit = unit(Body::Atomic { gates, timeouts: *timeouts, statements: sql.clone() });
            unit.done.clone_from(&step.done_when);
            unit.back = back(&step.undo, &step.id);
            if let (Back::Alone { statements, .. }, true) = (&unit.back, sends != Sends::Statements)
                && (statements.len() > 1 || sends == Sends::Transaction)
            {
                unit.back = Back::Refuse {
                    because: format!(
                        "step {} is taken back outside any transaction: run its file in undo/ with psql",
                        step.id
                    ),
                };
            }
            vec![unit]
        }
        Act::Sql { sql, timeouts, .. } | Act::Backfill { sql, timeouts, .. } => {
            alone(plan, *placed, (sql, *timeouts), &gates, sends)
        }
        Act::Verify { sql } | Act::Wait { sql, .. } if !sql.is_empty() => {
            let mut all = gates;
            all.extend(sql.iter().enumerate().map(|(i, sql)| Gate {
                check: Check { sql: sql.clone(), expect: "true".to_owned() },
                otherwise: format!("check {} of step {} does not answer true", i + 1, step.id),
                holds: Holds::UntilDeploy,
            }));
            vec![asking(all)]
        }
        _ => Vec::new(),
    };
    if units.len() > 1 {
        for (i, unit) in units.iter_mut().enumerate() {
            unit.part = letters(i);
        }
    }
    Ok(units)
}

/// The psql file of a step that the tool cannot run, by path inside the export.
pub(in super::super) fn hand_file(placed: &Placed<'_>) -> String {
    format!("psql/{}.sql", placed.stem())
}

/// `a` … `z`, `za` …: in the order of the alphabet.
fn letters(i: usize) -> String {
    let last = char::from(b'a' + u8::try_from(i % 26).unwrap_or(0));
    format!("{}{last}", "z".repeat(i / 26))
}

fn alone<'p>(
    plan: &Plan,
    placed: Placed<'p>,
    (sql, timeouts): (&[String], Timeouts),
    gates: &[Gate],
    sends: Sends,
) -> Vec<Unit<'p>> {
    let step = placed.step;
    let engine = plan.server.engine;
    if sends == Sends::Statements {
        let mut statements: Vec<String> = gates.iter().map(|g| raise_unless(g, engine)).collect();
        for sql in sql {
            match again(sql, engine, plan) {
                Again::Build { mend, build, check } => statements.extend([mend, build, check]),
                Again::Plain(sql) => statements.push(sql),
            }
        }
        let mut unit = Unit::new(placed, Body::Alone { frame: Frame::of(timeouts), statements });
        unit.back = back(&step.undo, &step.id);
        return vec![unit];
    }
    let mut units = Vec::new();
    if !gates.is_empty() {
        let mut first = Unit::asking(placed, gates.to_vec());
        "asks whether all is ready".clone_into(&mut first.note);
        units.push(first);
    }
    let brief = Timeouts { lock_ms: plan.policy.lock_timeout_ms, statement_ms: plan.policy.statement_timeout_ms };
    let work = units.len();
    for sql in sql {
        let pieces = match again(sql, engine, plan) {
            // Where a file cannot choose, the build stands twice: the second one does nothing unless the first failed.
            Again::Build { mend, build, check } => vec![
                (build.clone(), true, "builds it"),
                (mend, false, "drops the index if a build that failed has left it invalid"),
                (build, true, "builds it again if the first build failed"),
                (check, false, "stops if the index is not valid"),
            ],
            Again::Plain(sql) => vec![(sql, true, "")],
        };
        for (sql, work, note) in pieces {
            let body = match work {
                true => Body::Alone { frame: Frame::of(timeouts), statements: vec![sql] },
                false => Body::Atomic { gates: Vec::new(), timeouts: brief, statements: vec![sql] },
            };
            let mut unit = Unit::new(placed, body);
            note.clone_into(&mut unit.note);
            units.push(unit);
        }
    }
    share_back(&mut units, work, &step.undo, &step.id);
    units
}

/// The way back stands with the part that comes first, so that it is taken last.
fn share_back(units: &mut [Unit<'_>], work: usize, undo: &Undo, step: &str) {
    let back = back(undo, step);
    let many = match &back {
        Back::Alone { statements, because, .. } if statements.len() > 1 => Some((statements.clone(), because.clone())),
        _ => None,
    };
    let Some((statements, because)) = many else {
        if let Some(first) = units.get_mut(work) {
            first.back = back;
        }
        return;
    };
    // One statement per file: the last one of the way back goes to the first part.
    let parts = units.len().saturating_sub(work);
    if statements.len() > parts {
        if let Some(last) = units.last_mut() {
            last.back = Back::Refuse {
                because: format!(
                    "step {step} has more statements on its way back than files: run its file in undo/ with psql"
                ),
            };
        }
        return;
    }
    for (unit, statement) in units.iter_mut().skip(work).zip(statements.into_iter().rev()) {
        unit.back = Back::Alone { frame: Frame::default(), statements: vec![statement], because: because.clone() };
    }
}

fn back(undo: &Undo, step: &str) -> Back {
    match undo {
        Undo::Nothing { .. } => Back::Nothing,
        Undo::PointOfNoReturn { because } => {
            Back::Refuse { because: format!("step {step} cannot be undone: {because}") }
        }
        Undo::Sql { sql, transaction: TransactionMode::Single, timeouts, because } => {
            Back::Atomic { timeouts: *timeouts, statements: sql.clone(), because: because.clone() }
        }
        Undo::Sql { sql, because, .. } => {
            let statements = sql.iter().map(|sql| if_exists(sql)).collect();
            Back::Alone { frame: Frame::default(), statements, because: because.clone() }
        }
    }
}

/// A statement outside a transaction such that all of it may be sent again.
enum Again {
    Build { mend: String, build: String, check: String },
    Plain(String),
}

fn again(sql: &str, engine: Engine, plan: &Plan) -> Again {
    match index_work(sql, engine) {
        Some(IndexWork::BuildConcurrently { index, table }) => Again::Build {
            mend: mend(&index, &table, plan),
            build: if_not_exists(sql),
            check: invalid(&index, &dialect(engine).literal(&index), engine),
        },
        Some(IndexWork::Drop { .. }) => Again::Plain(if_exists(sql)),
        None => Again::Plain(trimmed(sql)),
    }
}

/// Drops an index that a build left invalid, and stops where another session is building it at this moment.
fn mend(index: &str, table: &str, plan: &Plan) -> String {
    let dialect = dialect(plan.server.engine);
    let (name, of) = (dialect.literal(index), dialect.literal(table));
    let building = building(&of, plan);
    let busy = dialect
        .literal("sidestep: another session is building an index on this table. Wait for it, then migrate again");
    let lock_timeout = plan.policy.lock_timeout_ms;
    anonymous(&format!(
        "BEGIN\n  IF EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass({name}) AND NOT indisvalid) THEN\n\
         \x20   IF EXISTS ({building}) THEN\n      RAISE EXCEPTION USING MESSAGE = {busy};\n    END IF;\n\
         \x20   PERFORM set_config('lock_timeout', '{lock_timeout}ms', true);\n\
         \x20   EXECUTE {};\n  END IF;\nEND",
        dialect.literal(&format!("DROP INDEX {index}"))
    ))
}

fn invalid(index: &str, name: &str, engine: Engine) -> String {
    let otherwise = format!(
        "the index {index} is not valid: run `DROP INDEX CONCURRENTLY {index}`, build it by hand with the statement of this step, then migrate again"
    );
    raise_unless(&Gate { check: valid(name), otherwise, holds: Holds::OnAndOn }, engine)
}

pub(super) fn raise_unless(gate: &Gate, engine: Engine) -> String {
    gate::raise_unless(&gate.check, &gate.otherwise, engine)
}

/// The statements of a unit whose tool notes apart that it ran: asks first whether they are done.
pub(super) fn unless_done(done: &Check, gates: &[Gate], statements: &[String], step: &str, engine: Engine) -> String {
    let dialect = dialect(engine);
    let mut body = format!(
        "BEGIN\n  IF {} THEN\n    RAISE NOTICE USING MESSAGE = {};\n    RETURN;\n  END IF;\n",
        holds(done, dialect),
        dialect.literal(&format!("sidestep: step {step} is done already"))
    );
    for asked in gates {
        body.push_str(&gate::stop_unless(&asked.check, &asked.otherwise, dialect));
    }
    for statement in statements {
        let quoted = quoted(&trimmed(statement));
        body.push_str(&format!("  EXECUTE {quoted};\n"));
    }
    body.push_str("END");
    anonymous(&body)
}

/// The way back of such a unit: where the step is not done, an earlier run has taken it back without a note of it.
pub(super) fn if_done(done: &Check, statements: &[String], step: &str, engine: Engine) -> String {
    let dialect = dialect(engine);
    let mut body = format!(
        "BEGIN\n  IF NOT {} THEN\n    RAISE NOTICE USING MESSAGE = {};\n    RETURN;\n  END IF;\n",
        holds(done, dialect),
        dialect.literal(&format!("sidestep: step {step} is not done: nothing to take back"))
    );
    for statement in statements {
        body.push_str(&format!("  EXECUTE {};\n", quoted(&trimmed(statement))));
    }
    body.push_str("END");
    anonymous(&body)
}

/// `CREATE [UNIQUE] INDEX CONCURRENTLY` is the statement's head: the first such word is the key word.
fn if_not_exists(sql: &str) -> String {
    after_word(sql, "CONCURRENTLY", "IF NOT EXISTS")
}

/// What is dropped outside a transaction may be gone already.
fn if_exists(sql: &str) -> String {
    let upper = sql.to_ascii_uppercase();
    let head = ["DROP INDEX CONCURRENTLY", "DROP INDEX", "DROP TRIGGER", "DROP FUNCTION"];
    match head.iter().find(|head| upper.trim_start().starts_with(*head)).and_then(|head| head.split(' ').next_back()) {
        Some(word) => after_word(sql, word, "IF EXISTS"),
        None => trimmed(sql),
    }
}

fn after_word(sql: &str, word: &str, insert: &str) -> String {
    let sql = sql.trim().trim_end_matches(';');
    let Some(at) = sql.to_ascii_uppercase().find(word).map(|at| at + word.len()) else { return sql.to_owned() };
    let (head, rest) = sql.split_at(at);
    if rest.trim_start().to_ascii_uppercase().starts_with(insert) {
        return sql.to_owned();
    }
    format!("{head} {insert}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_does_no_harm() {
        assert_eq!(
            if_not_exists("CREATE UNIQUE INDEX CONCURRENTLY \"if\" ON t (a);"),
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"if\" ON t (a)"
        );
        assert_eq!(
            if_not_exists("create index concurrently if not exists i on t (a)"),
            "create index concurrently if not exists i on t (a)"
        );
        assert_eq!(if_exists("DROP INDEX CONCURRENTLY public.i"), "DROP INDEX CONCURRENTLY IF EXISTS public.i");
        assert_eq!(if_exists("DROP INDEX i"), "DROP INDEX IF EXISTS i");
        assert_eq!(if_exists("DROP TRIGGER a ON t"), "DROP TRIGGER IF EXISTS a ON t");
        assert_eq!(if_exists("ALTER INDEX i RENAME TO j"), "ALTER INDEX i RENAME TO j");
    }

    #[test]
    fn parts_sort_as_they_run() {
        let all: Vec<String> = (0..60).map(letters).collect();
        assert!(all.is_sorted(), "{all:?}");
    }
}
