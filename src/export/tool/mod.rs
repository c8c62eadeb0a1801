//! What all migration tools have in common: units of work cut to the way a tool sends a file, stages that wait for a deploy,
//! numbers that go on where the team's directory ends. A tool is data ([`Tool`]) and one function that writes its files.

mod literal;
mod number;
mod prepared;
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
    BothWays, Comment, NOTHING, back_statements, both_ways, commented, head, no_directive, script, sheet, statements,
};
pub(super) use unit::{Back, Body, Unit, by_hand, hand_file};
pub(super) use way::{Way, camel};

use super::layout::{place, slug};
use super::{ExportError, ExportOptions, FileSet};
use crate::engine::dialect;
use crate::engine::emit::speech::Asks;
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
    /// What is otherwise on MySQL and MariaDB, or why the tool is no tool for their plans.
    pub mysql: Result<OnMysql, &'static str>,
}

/// A tool on servers whose schema changes commit by themselves. A step is one file there, whatever the tool puts around it.
pub(super) struct OnMysql {
    /// The database is in `DATABASE_URL` or in `MYSQL_HOST`, `MYSQL_TCP_PORT`, `MYSQL_DATABASE`, `MYSQL_USER` and `MYSQL_PWD`.
    pub command: &'static str,
    pub how: &'static str,
    /// What ran such files, as [`super::FormatInfo::ran`].
    pub ran: &'static str,
}

impl Tool {
    /// How its files are run where the plan is for.
    pub fn how(&self, plan: &Plan) -> &'static str {
        match (&self.mysql, asks(plan)) {
            (Ok(there), Asks::Prepared) => there.how,
            _ => self.how,
        }
    }
    /// Runs all that is pending, see [`Tool::command`].
    pub fn command(&self, plan: &Plan) -> &'static str {
        match (&self.mysql, asks(plan)) {
            (Ok(there), Asks::Prepared) => there.command,
            _ => self.command,
        }
    }

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
    /// How the plan's server is asked: by that the file's own words differ.
    pub fn asks(&self) -> Asks {
        asks(self.plan)
    }
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

pub(super) fn asks(plan: &Plan) -> Asks {
    dialect(plan.server.engine).speech().asks()
}

/// No settings beside the migrations.
pub(super) fn no_settings(_: &Job<'_>) -> FileSet {
    FileSet::new()
}

/// The plan cut for one tool.
pub(super) fn stages<'p>(plan: &'p Plan, tool: &Tool) -> Result<Vec<Stage<'p>>, ExportError> {
    stage::cut(plan, &place(plan), tool.sends)
}
