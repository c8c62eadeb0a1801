//! One ALTER TABLE as a step: its clauses, its way back, and what shares it. Specifications of the same class run together, those of
//! another class apart, since a statement runs in the class of its worst.

use super::On;
use super::tool;
use super::way::{Way, best, statement};
use crate::change::Refusal;
use crate::engine::emit::mysql::probe;
use crate::engine::replay;
use crate::model::Catalog;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Joined, Key, Rank};
use crate::plan::needs::{Mark, Rule, Slot};
use crate::plan::{Act, Check, PhaseName, Timeouts, TransactionMode, Undo};
use crate::sql;

/// One specification with all that a step needs of it.
#[derive(Debug, Clone)]
pub struct Piece {
    pub phase: PhaseName,
    pub rank: Rank,
    pub spec: String,
    /// The specification that takes it back.
    pub back: Option<String>,
    /// Why there is no way back, or what the way back costs.
    pub because: String,
    /// A condition that is true once it is done.
    pub done: String,
    pub title: String,
    pub why: String,
}

/// Pushes the step, or lets it join one of the same class. Answers the step from which on it is done, and how it runs.
///
/// # Errors
/// The server would refuse it, or nothing can run it without blocking.
pub fn alter(b: &mut Builder, on: On, piece: Piece) -> Result<(Key, Way), Refusal> {
    let name = b.name(on.name());
    let way = best(b, on.before, &name, std::slice::from_ref(&piece.spec))?;
    if let Some(tool) = tool::needed(b, on, &way, &piece)? {
        return Ok((tool::push(b, on, &tool, piece, &way)?, way));
    }
    if let Some(key) = join(b, on, &piece, &way)? {
        return Ok((key, way));
    }
    let key = push(b, on, piece, &way)?;
    Ok((key, way))
}

fn push(b: &mut Builder, on: On, piece: Piece, way: &Way) -> Result<Key, Refusal> {
    let joined = Joined {
        table: on.name().clone(),
        by: way.clauses.clone(),
        specs: vec![piece.spec.clone()],
        back: vec![piece.back.clone()],
        done: vec![piece.done.clone()],
        titles: vec![piece.title.clone()],
        whys: vec![piece.why.clone()],
        before: on.before.clone(),
        steps: Vec::new(),
    };
    let name = b.name(on.name());
    let sql = statement(&name, &joined.specs, &way.clauses);
    let undo = way_back(b, on.before, &name, &joined, &sql, &piece.because)?;
    let mut draft = Draft::alone(piece.phase, piece.rank, piece.title, sql, timeouts(b, way))
        .why(why(&piece.why, way))
        .on(on.name())
        .undo(undo)
        .done(probe::answer(&piece.done))
        .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, on.name()))
        .abort_if(
            "The metadata lock is not granted within the timeout five times in a row: find the open transaction first.",
        );
    draft.joined = Some(Box::new(joined));
    let key = b.push(draft);
    Ok(key)
}

/// Lets the piece join the last step of the table if that is of the same class and stays so.
fn join(b: &mut Builder, on: On, piece: &Piece, way: &Way) -> Result<Option<Key>, Refusal> {
    let name = b.name(on.name());
    let found = b
        .pushed()
        .iter()
        .rev()
        .find(|d| d.tables.first() == Some(on.name()) && d.phase == piece.phase)
        .filter(|d| d.rank == piece.rank || !way.is_instant())
        .and_then(|d| Some((d.key, d.joined.as_deref()?.clone())))
        .filter(|(_, j)| j.by == way.clauses && !way.clauses.is_empty());
    let Some((key, mut joined)) = found else { return Ok(None) };
    // A way back of one piece alone is no way back of the step.
    if joined.back.iter().any(Option::is_some) != piece.back.is_some() {
        return Ok(None);
    }
    joined.specs.push(piece.spec.clone());
    joined.back.push(piece.back.clone());
    joined.done.push(piece.done.clone());
    joined.titles.push(piece.title.clone());
    if !joined.whys.contains(&piece.why) {
        joined.whys.push(piece.why.clone());
    }
    let before = joined.before.clone();
    match best(b, &before, &name, &joined.specs) {
        Ok(all) if all.clauses == way.clauses && all.blocks == way.blocks => {}
        _ => return Ok(None),
    }
    let sql = statement(&name, &joined.specs, &way.clauses);
    let undo = way_back(b, &before, &name, &joined, &sql, &piece.because)?;
    let (titles, whys, done) = (joined.titles.join("; "), joined.whys.join(" "), probe::all(&joined.done));
    let Some(draft) = b.pushed().iter_mut().find(|d| d.key == key) else { return Ok(None) };
    if let Act::Sql { sql: statements, .. } = &mut draft.act {
        *statements = vec![sql];
    }
    draft.title = titles;
    draft.why = why(&whys, way);
    draft.undo = undo;
    draft.done_when = Some(Check { sql: probe::answer(&done), expect: "true".to_owned() });
    draft.joined = Some(Box::new(joined));
    Ok(Some(key))
}

fn why(own: &str, way: &Way) -> String {
    let how = match (way.clauses.as_str(), way.blocks) {
        ("", _) => String::new(),
        (clauses, false) => format!(" `{clauses}`: the server refuses rather than do more."),
        (clauses, true) => format!(" `{clauses}`: the table cannot be written meanwhile."),
    };
    let because = if way.because.is_empty() { String::new() } else { format!(" {}", sentence(&way.because)) };
    format!("{own}{how}{because}")
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let rest: String = chars.collect();
    let end = if rest.ends_with('.') { "" } else { "." };
    format!("{first}{rest}{end}")
}

/// A change of the catalog alone gives way at once. What works for long asks for its lock once more at the end: giving up there
/// throws the work away.
pub fn timeouts(b: &Builder, way: &Way) -> Timeouts {
    Timeouts { statement_ms: 0, ..if way.is_instant() { b.brief() } else { b.validating() } }
}

fn way_back(
    b: &Builder,
    before: &Catalog,
    name: &str,
    joined: &Joined,
    forward: &str,
    because: &str,
) -> Result<Undo, Refusal> {
    let Some(back) = joined.back.iter().rev().cloned().collect::<Option<Vec<String>>>() else {
        return Ok(Undo::PointOfNoReturn { because: because.to_owned() });
    };
    let after = after(before, forward);
    let (clauses, because, timeouts) = match after.as_ref().map(|after| best(b, after, name, &back)) {
        Some(Ok(way)) if way.is_instant() => {
            (way.clauses.clone(), format!("{because} A change of the catalog alone."), timeouts(b, &way))
        }
        Some(Ok(way)) if !way.blocks => {
            (way.clauses.clone(), format!("{because} Others read and write meanwhile."), timeouts(b, &way))
        }
        Some(Ok(way)) => (
            way.clauses.clone(),
            format!(
                "{because} The table cannot be written while it is copied: for a large one run the same change with a tool."
            ),
            timeouts(b, &way),
        ),
        _ => (String::new(), because.to_owned(), b.validating()),
    };
    Ok(Undo::Sql { sql: vec![statement(name, &back, &clauses)], transaction: TransactionMode::None, timeouts, because })
}

/// The catalog after a statement; none if it is refused.
pub fn after(before: &Catalog, text: &str) -> Option<Catalog> {
    let mut after = before.clone();
    let read = sql::parse(text, before.server.engine).ok()?;
    for located in &read.statements {
        replay(&mut after, &located.statement).ok()?;
    }
    Some(after)
}

/// A step of statements that take no clause.
#[expect(clippy::too_many_arguments, reason = "each is one part of a step; a struct would name them twice")]
pub fn plain(
    b: &mut Builder,
    phase: PhaseName,
    rank: Rank,
    title: impl Into<String>,
    sql: Vec<String>,
    undo: Undo,
    done: &str,
    why: impl Into<String>,
) -> Draft {
    let timeouts = Timeouts { statement_ms: 0, ..b.brief() };
    let act = Act::Sql { sql, transaction: TransactionMode::None, timeouts };
    Draft::new(phase, rank, title, act).why(why).undo(undo).done(probe::answer(done))
}

/// From the step on the server refuses what a release from before the tolerant one may send.
pub fn refuses(b: &mut Builder, from: Key, because: String) {
    b.rule(Rule::Older { than: Slot::Tolerate, from: Mark::After(from), because });
}

pub fn back(b: &Builder, sql: Vec<String>, because: &str) -> Undo {
    let timeouts = Timeouts { statement_ms: 0, ..b.brief() };
    Undo::Sql { sql, transaction: TransactionMode::None, timeouts, because: because.to_owned() }
}
