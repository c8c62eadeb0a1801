//! MySQL and MariaDB: the dialect as people write it, into a tree of its own.

pub mod statement;

use super::statement::{Located, Problem};
use crate::model::Engine;

/// Every statement that can be read, and what cannot, both in the order of the text.
pub fn read(text: &str, engine: Engine) -> (Vec<Located>, Vec<Problem>) {
    let problem = Problem::at(text, 0..0, format!("{engine} comes in a later edition"));
    (Vec::new(), vec![problem.hint("This edition plans changes for PostgreSQL.")])
}
