//! The few words in which the screens talk about locks, times and kinds of steps: said once, said alike everywhere.

use super::canvas::{Piece, piece};
use super::theme::Role;
use crate::model::{Blocks, Lock};
use crate::plan::{Act, Estimate, Hazard, Plan, Severity, Step, TransactionMode};

/// What other sessions cannot do while these locks are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stops {
    Nothing,
    Ddl,
    Writes,
    All,
}

impl Stops {
    pub fn of(locks: &[Lock]) -> Self {
        let worst = |lock: &Lock| {
            lock.blocks.iter().fold(Self::Nothing, |worst, b| {
                worst.max(match b {
                    Blocks::Ddl => Self::Ddl,
                    Blocks::Writes => Self::Writes,
                    Blocks::Reads => Self::All,
                })
            })
        };
        locks.iter().map(worst).max().unwrap_or(Self::Nothing)
    }
    pub fn role(self) -> Role {
        match self {
            Self::Nothing => Role::ChipNone,
            Self::Ddl => Role::ChipDdl,
            Self::Writes => Role::ChipWrites,
            Self::All => Role::ChipReads,
        }
    }
    /// The chip where there is little room.
    pub fn short_chip(self) -> &'static str {
        match self {
            Self::Nothing => "–",
            Self::All => "all",
            other => other.chip(),
        }
    }
    /// The chip of a step list.
    pub fn chip(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Ddl => "DDL",
            Self::Writes => "writes",
            Self::All => "reads+writes",
        }
    }
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Nothing => "blocks nothing",
            Self::Ddl => "blocks other DDL only",
            Self::Writes => "blocks writes and DDL",
            Self::All => "blocks reads, writes and DDL",
        }
    }
}

/// Green, yellow or red for a time during which others stand still.
pub fn blocked_role(estimate: &Estimate) -> Role {
    match estimate.high_s() {
        None => Role::Warn,
        Some(s) if s <= 0.0 => Role::Good,
        Some(s) if s < 10.0 => Role::Warn,
        Some(_) => Role::Bad,
    }
}

pub fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Note => Role::Dim,
        Severity::Warning => Role::Warn,
        Severity::Danger => Role::Bad,
    }
}

/// An ignored one is told in a low voice.
pub fn hazard_role(hazard: &Hazard) -> Role {
    if hazard.counts() { severity_role(hazard.severity) } else { Role::Dim }
}

pub fn transaction(mode: TransactionMode) -> &'static str {
    match mode {
        TransactionMode::Single => "one transaction",
        TransactionMode::None => "each statement alone, outside a transaction",
        TransactionMode::PerBatch => "sent alone; commits after every batch",
    }
}

/// A mark for what is no plain SQL: who acts is not the database.
pub fn mark(step: &Step) -> &'static str {
    match step.act {
        Act::Sql { .. } => " ",
        Act::Backfill { .. } => "≋",
        Act::Verify { .. } => "?",
        Act::Deploy { .. } => "▲",
        Act::Approve { .. } => "!",
        Act::Wait { .. } => "∙",
        Act::External { .. } => "$",
    }
}

/// The product's headline: the script as it is, against the plan.
pub fn headline(plan: &Plan) -> [Vec<Piece<'static>>; 2] {
    let written = plan.blocked_as_written();
    // Who stands still is told by the statement that blocks longest; unknown counts as longest.
    let seconds = |e: &Estimate| e.high_s().unwrap_or(f64::INFINITY);
    let worst = plan.as_written.iter().map(|w| (seconds(&w.blocked), Stops::of(&w.locks)));
    let worst = worst.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let whom = match worst.map_or(Stops::Nothing, |(_, stops)| stops) {
        Stops::All => " blocked: reads+writes",
        Stops::Writes => " blocked: writes",
        _ => " blocked: the rows it writes",
    };
    // The figure comes first: a narrow terminal cuts the rest.
    let mut first = vec![piece("as written  ", Role::Dim)];
    match &written {
        Estimate::Instant => first.push(piece("blocks nobody for long", Role::Good)),
        Estimate::Unknown { .. } => {
            first.push(piece("blocked for an unknown time", Role::Bad));
            first.push(piece(whom.trim_start_matches(" blocked"), Role::Text));
        }
        known => {
            first.push(piece(known.to_string(), blocked_role(known)));
            first.push(piece(whom, Role::Text));
        }
    }
    match plan.as_written.iter().filter(|w| w.fails.is_some()).count() {
        0 => {}
        1 => first.push(piece(" · 1 statement fails", Role::Bad)),
        n => first.push(piece(format!(" · {n} statements fail"), Role::Bad)),
    }
    let longest = plan.longest_blocked();
    let steps = plan.steps().count();
    let deploys = plan.steps().filter(|(_, s)| matches!(s.act, Act::Deploy { .. })).count();
    let mut second = vec![piece("planned     ", Role::Dim)];
    second.extend(match &longest {
        Estimate::Instant => [piece("instants", blocked_role(&longest)), piece(" at most", Role::Text)],
        Estimate::Unknown { .. } => [piece("unknown", blocked_role(&longest)), piece(" how long", Role::Text)],
        known => [piece(known.to_string(), blocked_role(known)), piece(" at most", Role::Text)],
    });
    let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    second.push(piece(format!("  {} · {}", plural(steps, "step"), plural(deploys, "deploy")), Role::Dim));
    let worst = plan.findings.iter().map(|f| f.severity).max();
    if let Some(severity) = worst.filter(|s| *s > Severity::Note) {
        let count = plan.findings.iter().filter(|f| f.severity > Severity::Note).count();
        second.push(piece(format!(" · {}", plural(count, "note")), severity_role(severity)));
    }
    [first, second]
}
