//! Units for servers whose schema changes commit by themselves: a step is one unit, each of its statements is sent alone, on one
//! connection. What a tool puts around it means nothing there: so the unit asks whether it is done, and may be run again.

use super::super::ExportError;
use super::super::gate::{Gate, Holds};
use super::super::layout::Placed;
use super::super::prepared::{Prepared, session};
use super::unit::{Back, Body, Frame, Unit};
use crate::plan::{Act, Check, Plan, Timeouts, Undo};

pub(super) fn of_step<'p>(
    plan: &'p Plan,
    placed: &Placed<'p>,
    mut gates: Vec<Gate>,
) -> Result<Vec<Unit<'p>>, ExportError> {
    let step = placed.step;
    let table = step.tables.first();
    let mut up = Prepared::new(plan);
    let (timeouts, back) = match &step.act {
        Act::Sql { sql, timeouts, .. } | Act::Backfill { sql, timeouts, .. } => {
            up.ask_done(step.done_when.as_ref());
            up.gates(&gates, true);
            up.body(sql, table);
            up.prove(step.done_when.as_ref(), &step.id);
            (*timeouts, back(plan, placed))
        }
        Act::Verify { sql } | Act::Wait { sql, .. } if !sql.is_empty() => {
            gates.extend(sql.iter().enumerate().map(|(i, sql)| Gate {
                check: Check { sql: sql.clone(), expect: "true".to_owned() },
                otherwise: format!("check {} of step {} does not answer true", i + 1, step.id),
                holds: Holds::UntilDeploy,
            }));
            up.gates(&gates, false);
            (Timeouts { lock_ms: 0, statement_ms: 0 }, Back::Nothing)
        }
        _ => return Ok(Vec::new()),
    };
    let statements = up.sent();
    let frame = Frame::inside(session(timeouts, &statements));
    let mut unit = Unit::new(*placed, Body::Alone { frame, statements });
    unit.back = back;
    Ok(vec![unit])
}

fn back(plan: &Plan, placed: &Placed<'_>) -> Back {
    let step = placed.step;
    match &step.undo {
        Undo::Nothing { .. } => Back::Nothing,
        Undo::PointOfNoReturn { because } => {
            Back::Refuse { because: format!("step {} cannot be undone: {because}", step.id) }
        }
        Undo::Sql { sql, timeouts, because, .. } => {
            let mut back = Prepared::new(plan);
            back.back(step.done_when.as_ref(), step.sql(), sql, step.tables.first());
            let statements = back.sent();
            let frame = Frame::inside(session(*timeouts, &statements));
            Back::Alone { frame, statements, because: because.clone() }
        }
    }
}
