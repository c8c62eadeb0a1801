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
pub mod mysql;
pub mod partition;
mod problem;
mod query;
mod reader;
mod rename;
pub mod rows;
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
pub use moves::{Destination, Move, dropped};
pub use partition::PartitionBy;
pub use reader::{Reader, pieces};
pub use rename::rename_ident_in;
pub use runs::comment_len;
pub use sequence::SequenceOption;
pub use statement::{
    Alter, AlterAction, AlterIndexAction, Assignment, ColumnDef, ConstraintBody, CreateIndex, Expression, LikeTable,
    Located, ObjectName, Problem, Script, Statement, TableConstraint, Update,
};
pub use types::{canonical_type, serial_base};
pub use view::{ColumnRef, CreateView, FromItem, Output, ViewQuery, view_query};

use crate::model::{Engine, Server};
use cursor::Cursor;

/// Reads a script: statements in the order of the text.
///
/// # Errors
/// The problems found (the first twenty), in the order of the text; a script with a problem is never half planned.
pub fn parse(text: &str, engine: Engine) -> Result<Script, Vec<Problem>> {
    whole(text, read_for(text, engine, None))
}

/// Reads a script as this very server would: its version and its `sql_mode` decide what a MySQL script says.
///
/// # Errors
/// Like [`parse`].
pub fn parse_for(text: &str, server: &Server) -> Result<Script, Vec<Problem>> {
    whole(text, read_for(text, server.engine, Some(server)))
}

/// Every statement that can be read, and what cannot; `server` where it is known.
pub fn read_for(text: &str, engine: Engine, server: Option<&Server>) -> (Vec<Located>, Vec<Problem>) {
    match engine {
        Engine::Postgresql => read(text),
        Engine::Mysql | Engine::Mariadb => {
            mysql::read_as(text, server.map_or_else(|| mysql::Reading::newest(engine), mysql::Reading::of))
        }
    }
}

fn whole(text: &str, (statements, mut problems): (Vec<Located>, Vec<Problem>)) -> Result<Script, Vec<Problem>> {
    if problems.is_empty() {
        return Ok(Script { text: text.to_owned(), statements });
    }
    problems.truncate(split::MOST_PROBLEMS);
    Err(problems)
}

/// Every statement that can be read, and what cannot, both in the order of the text: for histories of migrations, where one
/// strange statement must not hide the rest. A plan is never made from half a script: that is [`parse`].
pub fn read(text: &str) -> (Vec<Located>, Vec<Problem>) {
    let (pieces, mut problems) = split::split(text);
    let mut statements = Vec::new();
    for piece in pieces {
        let span = piece.span();
        let mut statement = match piece.opaque {
            Some(because) => Statement::Opaque { because: because.to_owned() },
            None => match classify::classify(&mut Cursor::new(text, &piece.tokens), &mut problems) {
                Ok(statement) => statement,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            },
        };
        let verbatim = text.get(span.clone()).unwrap_or("").to_owned();
        if let Statement::Known { text, .. } = &mut statement {
            text.clone_from(&verbatim);
        }
        statements.push(Located { text: verbatim, span, statement });
    }
    problems.sort_by_key(|p| (p.span.start, p.span.end));
    (statements, problems)
}

/// The comments to the end of the line with the byte each begins at, marks included; none in strings and bodies.
pub fn comments<'t>(text: &'t str, server: &Server) -> Vec<(usize, &'t str)> {
    if server.engine != Engine::Postgresql {
        return mysql::comments(text, mysql::Reading::of(server));
    }
    let mut lexer = lex::Lexer::new(text);
    let mut found = Vec::new();
    while let Some(item) = lexer.next() {
        if let Ok(lex::Item::LineComment(span)) = item {
            found.push((span.start, text.get(span).unwrap_or("")));
        }
    }
    found
}

/// A piece of the user's text short enough for a message.
fn brief(raw: &str) -> String {
    let shown = crate::model::name::shown(raw);
    if shown.chars().count() <= 40 { shown.into_owned() } else { shown.chars().take(39).chain(['…']).collect() }
}
