//! Reading: text → [`Script`] of our own statements with byte ranges. sqlparser types never leave this folder.

mod alter;
mod alter_column;
mod broken;
mod classify;
mod column;
mod create;
mod cursor;
pub mod data_type;
pub mod details;
mod dml;
mod expr;
mod index;
mod known;
mod lex;
mod moves;
pub mod partition;
mod problem;
mod query;
mod rename;
mod runs;
mod seam;
mod sequence;
mod session;
mod split;
pub mod statement;
mod types;
mod upkeep;
mod view;
mod walk;
mod words;

pub use expr::{expression, rename_column_in};
pub use partition::PartitionBy;

pub use moves::{Destination, Move, dropped};
pub use rename::rename_ident_in;
pub use runs::comment_len;
pub use sequence::SequenceOption;
pub use statement::{
    Alter, AlterAction, Assignment, ColumnDef, ConstraintBody, CreateIndex, Expression, LikeTable, Located, ObjectName,
    Problem, Script, Statement, TableConstraint, Update,
};
pub use types::{canonical_type, serial_base};
pub use view::{ColumnRef, CreateView, FromItem, Output, ViewQuery, view_query};

use crate::model::Engine;
use cursor::Cursor;

/// Reads a script: statements in the order of the text.
///
/// # Errors
/// The problems found (the first twenty), in the order of the text; a script with a problem is never half planned.
pub fn parse(text: &str, engine: Engine) -> Result<Script, Vec<Problem>> {
    if engine != Engine::Postgresql {
        let problem = Problem::at(text, 0..0, format!("{engine} comes in a later edition"));
        return Err(vec![problem.hint("This edition plans changes for PostgreSQL.")]);
    }
    let (pieces, mut problems) = split::split(text);
    let mut statements = Vec::new();
    for piece in pieces {
        if problems.len() >= split::MOST_PROBLEMS {
            break;
        }
        let span = piece.span();
        let statement = match piece.opaque {
            Some(because) => Statement::Opaque { because: because.to_owned() },
            None => match classify::classify(&mut Cursor::new(text, &piece.tokens), &mut problems) {
                Ok(statement) => statement,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            },
        };
        statements.push(Located { text: text.get(span.clone()).unwrap_or("").to_owned(), span, statement });
    }
    if problems.is_empty() {
        return Ok(Script { text: text.to_owned(), statements });
    }
    problems.sort_by_key(|p| (p.span.start, p.span.end));
    Err(problems)
}

/// A piece of the user's text short enough for a message.
fn brief(raw: &str) -> String {
    let shown = crate::model::name::shown(raw);
    if shown.chars().count() <= 40 { shown.into_owned() } else { shown.chars().take(39).chain(['…']).collect() }
}
