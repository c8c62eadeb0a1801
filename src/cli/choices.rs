//! The words that an option of the command line takes.

use crate::model::Engine;
use crate::plan::Severity;
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineArg {
    Postgresql,
    Mysql,
    Mariadb,
}

impl From<EngineArg> for Engine {
    fn from(given: EngineArg) -> Self {
        match given {
            EngineArg::Postgresql => Self::Postgresql,
            EngineArg::Mysql => Self::Mysql,
            EngineArg::Mariadb => Self::Mariadb,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    Text,
    Json,
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Note,
    Warning,
    Danger,
    Never,
}

impl FailOn {
    pub fn threshold(self) -> Option<Severity> {
        match self {
            Self::Note => Some(Severity::Note),
            Self::Warning => Some(Severity::Warning),
            Self::Danger => Some(Severity::Danger),
            Self::Never => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    Text,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SyncArg {
    Trigger,
    App,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum StrategyArg {
    Auto,
    Direct,
    Online,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RenameArg {
    Copy,
    View,
}
