//! What only a tool can do without blocking: which one, why, and the complete commands of its run.

mod command;
mod compare;
mod gh_ost;
mod pt_osc;

use super::On;
use super::alter::{Piece, back};
use super::way::Way;
use crate::change::Refusal;
use crate::engine::emit::mysql::probe::answer;
use crate::model::{Engine, Table, Work};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key};
use crate::plan::estimate::Cost;
use crate::plan::policy::Executor;
use crate::plan::{Act, Severity, Strategy, Undo};
use crate::sql;
use crate::sql::mysql::statement::{Action, Statement as Mysql};
use command::Run;

/// The tool and why.
#[derive(Debug, Clone)]
pub struct Tool {
    pub which: Executor,
    pub because: String,
}

/// The tool that has to do it; none where the server can.
///
/// # Errors
/// The server would block, and no tool can do it.
pub fn needed(b: &mut Builder, on: On, way: &Way, piece: &Piece) -> Result<Option<Tool>, Refusal> {
    let table = on.table;
    if way.is_instant() || piece.spec.to_uppercase().contains("PARTITION ") {
        return Ok(None);
    }
    let long = way.cost.wall.high_s().is_none_or(|s| s > 1.0);
    let wanted = b.policy.executor;
    if wanted == Executor::Native || b.policy.strategy == Strategy::Direct {
        if way.blocks && long {
            b.finding(Severity::Danger, stands_still(on, way));
        }
        return Ok(None);
    }
    if wanted != Executor::Auto {
        if !matches!(way.work, Work::Rewrite | Work::IndexBuild | Work::Scan | Work::Unknown) {
            return Ok(None);
        }
        return match cannot(b, on, wanted, &actions(on, &piece.spec)) {
            None => Ok(Some(Tool { which: wanted, because: "asked for with `--executor`".to_owned() })),
            Some(why) => Err(Refusal::new(
                format!("{} cannot change `{}`: {why}", wanted.name(), table.name),
                "Choose another with `--executor`, or leave the choice to the plan with `--executor auto`.",
            )),
        };
    }
    if let Some(which) = hosted(b) {
        return Ok(Some(Tool {
            which,
            because: format!("the server is {}", b.catalog.server.provider.clone().unwrap_or_default()),
        }));
    }
    let lag = way.cost.wall.high_s().is_none_or(|s| s > b.policy.max_lag_s as f64);
    let because = if way.blocks {
        if !long || b.direct(table).is_some() {
            b.finding(Severity::Note, format!("{} For a table of this size that is a moment.", stands_still(on, way)));
            return Ok(None);
        }
        format!("the server itself would run it with `{}`: writes wait for {}", shown(way), way.cost.wall)
    } else if lag && !b.catalog.replicas.is_empty() {
        format!("others write meanwhile, but a replica would stand still for as long as it takes: {}", way.cost.wall)
    } else {
        if lag {
            b.finding(
                Severity::Note,
                format!("`{}`: `LOCK=NONE` lets others write on this server. A replica that the catalog did not show would be behind for as long as the step takes ({}).", table.name, way.cost.wall),
            );
        }
        return Ok(None);
    };
    let order = if on.before.server.engine == Engine::Mysql && table.triggers.is_empty() {
        [Executor::GhOst, Executor::PtOsc]
    } else {
        [Executor::PtOsc, Executor::GhOst]
    };
    let actions = actions(on, &piece.spec);
    let mut refused = Vec::new();
    for which in order {
        match cannot(b, on, which, &actions) {
            None => {
                let not: Vec<String> =
                    refused.iter().map(|(w, why): &(Executor, String)| format!("not {}: {why}", w.name())).collect();
                let not = if not.is_empty() { String::new() } else { format!("; {}", not.join("; ")) };
                return Ok(Some(Tool { which, because: format!("{because}{not}") }));
            }
            Some(why) => refused.push((which, why)),
        }
    }
    if !way.blocks {
        b.finding(
            Severity::Warning,
            format!("`{}`: {because}, and no tool can take it over: {}.", table.name, each(&refused)),
        );
        return Ok(None);
    }
    Err(Refusal::new(
        format!(
            "`{}` cannot be changed without blocking: {because}; no tool can take it over: {}",
            table.name,
            each(&refused)
        ),
        "Give the table what the tool needs first; or accept the stall in a window of low traffic with `--executor native`.",
    ))
}

fn each(refused: &[(Executor, String)]) -> String {
    refused.iter().map(|(w, why)| format!("{} ({why})", w.name())).collect::<Vec<_>>().join(", ")
}

fn shown(way: &Way) -> &str {
    if way.clauses.is_empty() { "no clause" } else { &way.clauses }
}

fn stands_still(on: On, way: &Way) -> String {
    format!("Writes of `{}` wait while the server runs it with `{}`: {}.", on.name(), shown(way), way.cost.wall)
}

fn hosted(b: &Builder) -> Option<Executor> {
    let provider = b.catalog.server.provider.as_deref()?.to_lowercase();
    match provider.as_str() {
        p if p.contains("planetscale") => Some(Executor::Planetscale),
        p if p.contains("vitess") => Some(Executor::Vitess),
        _ => None,
    }
}

fn has_key(table: &Table) -> bool {
    table.primary_key().is_some()
        || table.indexes.iter().any(|i| {
            i.unique
                && !i.has_expressions
                && i.keys.iter().flatten().all(|k| table.column(k).is_some_and(|c| c.not_null))
        })
}

/// Why the tool cannot change the table, if it cannot.
fn cannot(b: &Builder, on: On, which: Executor, actions: &[Action]) -> Option<String> {
    let table = on.table;
    if !has_key(table) && !matches!(which, Executor::Auto | Executor::Native) {
        return Some("the table has no primary key and no unique index over NOT NULL columns".to_owned());
    }
    if b.triggered.contains(&table.name) && matches!(which, Executor::GhOst | Executor::PtOsc) {
        return Some(
            "triggers that this plan makes are on the table by then, and its copy would not have them".to_owned(),
        );
    }
    match which {
        Executor::GhOst => gh_ost::cannot(on.before, table, actions),
        Executor::PtOsc => pt_osc::cannot(on.before, table, actions),
        Executor::Vitess | Executor::Planetscale => {
            let child = table.foreign_keys().next().map(|(c, _)| c.name.clone());
            let parent = on.before.referenced_by(&table.name).next().map(|(t, _)| t.name.name.clone());
            child.or(parent).map(|k| {
                format!("foreign key or table `{k}`: Vitess takes foreign keys only where that was switched on")
            })
        }
        Executor::Auto | Executor::Native => None,
    }
}

/// What the specification does. It was read before, and reads again.
fn actions(on: On, spec: &str) -> Vec<Action> {
    let text = super::way::statement("t", &[spec.to_owned()], "");
    let read = sql::parse(&text, on.before.server.engine).map(|s| s.statements).unwrap_or_default();
    match read.into_iter().next().map(|l| l.statement) {
        Some(sql::Statement::Mysql(found)) => match *found {
            Mysql::AlterTable(alter) => alter.specs.into_iter().map(|s| s.action).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Pushes the steps of the tool's run. Answers the step from which on it is done.
///
/// # Errors
/// None today.
pub fn push(b: &mut Builder, on: On, tool: &Tool, piece: Piece, way: &Way) -> Result<Key, Refusal> {
    let actions = actions(on, &piece.spec);
    let run = Run::new(b, on, tool.which, &piece.spec, &actions);
    let table = on.name().clone();
    let effect = super::way::statement(&b.name(&table), std::slice::from_ref(&piece.spec), "");
    let why = format!("{} {} does it: {}.", piece.why, tool.which.name(), tool.because);
    let mut last = None;
    let stages = run.stages();
    let count = stages.len();
    for (at, stage) in stages.into_iter().enumerate() {
        let switches = stage.switches;
        let act =
            Act::External { command: stage.command, effect: if switches { vec![effect.clone()] } else { Vec::new() } };
        let phase = if stage.cleanup { crate::plan::PhaseName::Contract } else { piece.phase };
        let rank = if stage.cleanup { crate::plan::draft::Rank::DropObject } else { piece.rank };
        let mut draft = Draft::new(phase, rank, format!("{}: {}", piece.title, stage.what), act)
            .why(if at == 0 { format!("{why} {}", stage.why) } else { stage.why })
            .on(&table);
        for criterion in stage.abort_if {
            draft = draft.abort_if(criterion);
        }
        draft.cost = Some(match stage.copies {
            true => Cost {
                work: Work::Rewrite,
                bytes: way.cost.bytes,
                ..Cost::nothing().taking("it is throttled by load and lag; the server's own run would take less")
            },
            false => Cost::nothing(),
        });
        draft.undo = if switches {
            Undo::PointOfNoReturn { because: run.after_the_switch() }
        } else if stage.clear.is_empty() {
            Undo::Nothing { because: stage.undo }
        } else {
            back(b, stage.clear, &stage.undo)
        };
        if switches {
            draft = draft.done(answer(&piece.done));
        }
        let key = b.push(draft);
        if switches || (last.is_none() && at + 1 == count) {
            last = Some(key);
        }
    }
    run.notes(b);
    last.ok_or_else(|| Refusal::new("the tool has no steps", "Choose another with `--executor`."))
}
