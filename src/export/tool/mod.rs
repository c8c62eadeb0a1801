//! What all migration tools have in common: units of work cut to the way a tool sends a file, stages that wait for a deploy,
//! numbers that go on where the team's directory ends. A tool is data ([`Tool`]) and one function that writes its files.

mod literal;
mod number;
pub(super) mod pysource;
mod script;
mod stage;
mod text;
mod unit;
mod way;

pub(super) use literal::{javascript, python, ruby, ruby_call};
pub(super) use number::{FIRST_STAMP, Numbering};
pub(super) use script::{Dialect, programs};
pub(super) use stage::Stage;
pub(super) use text::{
    BothWays, Comment, NOTHING, back_statements, both_ways, commented, head, no_directive, script, session, sheet,
    statements,
};
pub(super) use unit::{Back, Body, Unit, by_hand, hand_file};
pub(super) use way::{Way, camel};

use super::layout::{place, slug};
use super::{ExportError, ExportOptions, FileSet};
use crate::plan::Plan;
use std::collections::BTreeMap;

/// How a tool hands a file to the server: that decides what may share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sends {
    /// The whole file as one query, which is one transaction: what refuses a transaction stands alone in its file.
    OneQuery,
    /// Statement by statement: timeouts, a build and its checks share a file.
    Statements,
    /// Always inside the tool's transaction: what refuses one is done by psql, and a migration waits for it.
    Transaction,
    /// None of the plan's steps: the tool is told what is wanted, and has steps of its own.
    Wishes,
}

/// Where the tool notes that a file ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum History {
    /// In the file's own transaction: both or neither.
    Same,
    /// Afterwards: a kill in between leaves work that is done and not noted, so a unit asks first whether it is done.
    Apart,
}

/// The way back that the tool itself offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Down {
    Native,
    /// The undo files are for psql.
    None,
}

pub(super) struct Tool {
    pub sends: Sends,
    pub history: History,
    pub down: Down,
    /// Where the tool looks for migrations, below the project.
    pub folder: &'static str,
    pub numbering: Numbering,
    /// Index files of the tool inside its folder, which an export rewrites: `atlas.sum`.
    pub shared: &'static [&'static str],
    /// Files of one stage, by path inside the folder.
    pub migrations: fn(&Job<'_>) -> Result<FileSet, ExportError>,
    /// Settings to merge, by path inside the export.
    pub settings: fn(&Job<'_>) -> FileSet,
    /// What runs all that is pending, for a shell in the project: it finds the folder in `MIGRATIONS`, the database in `PGHOST`,
    /// `PGPORT`, `PGDATABASE`, `PGUSER` and `PGPASSWORD`, or in `DATABASE_URL`. Empty if nothing does all of it.
    pub command: &'static str,
    /// How it is run and run again after a failure, for `ORDER.md`.
    pub how: &'static str,
}

impl Tool {
    /// What follows from how it works, a few words each.
    pub fn traits(&self) -> Vec<String> {
        let sends = match self.sends {
            Sends::OneQuery => "a file is one query: one statement where a transaction is refused",
            Sends::Statements => "sends statements one by one",
            Sends::Transaction => "always a transaction: psql does the rest",
            Sends::Wishes => return vec!["from the script, not from the plan's steps".to_owned()],
        };
        let down = match self.down {
            Down::Native => "down by the tool",
            Down::None => "undo as psql files",
        };
        [sends, down, "contract part by `sidestep promote`"].map(str::to_owned).to_vec()
    }
}

/// One stage of one plan for one tool.
pub(super) struct Job<'a> {
    pub plan: &'a Plan,
    pub stage: &'a Stage<'a>,
    /// Number of the stage's first file.
    pub first: u64,
    pub numbering: Numbering,
    pub history: History,
    /// What the tool's folder holds, by path inside it; without files of this stage.
    pub present: &'a BTreeMap<String, String>,
    /// Files of this stage as they stand in the folder, where an earlier export wrote them: what they continue and which
    /// dialect they are written in stays, whatever landed behind them since.
    pub standing: BTreeMap<String, String>,
    pub options: &'a ExportOptions,
}

impl<'a> Job<'a> {
    /// Units with their numbers as the tool spells them.
    pub fn numbered(&self) -> impl Iterator<Item = (String, &'a Unit<'a>)> {
        self.stage.units.iter().enumerate().map(|(i, unit)| (self.numbering.spell(self.first, i), unit))
    }
    /// `p3f9a1c_04b_fill_first_name`: tells plans apart where a tool wants names that are unique for ever.
    pub fn name(&self, unit: &Unit<'_>) -> String {
        let id: String = self.plan.id.chars().take(6).collect();
        format!("p{id}_{}{}_{}", unit.placed.digits(), unit.part, slug(&unit.placed.step.title))
    }
}

/// No settings beside the migrations.
pub(super) fn no_settings(_: &Job<'_>) -> FileSet {
    FileSet::new()
}

/// The plan cut for one tool.
pub(super) fn stages<'p>(plan: &'p Plan, tool: &Tool) -> Result<Vec<Stage<'p>>, ExportError> {
    stage::cut(plan, &place(plan), tool.sends)
}
