//! A step before it has a number, locks and times: what a recipe pushes into the builder.

use super::estimate::Cost;
use super::step::{Act, Check, Hazard, PhaseName, Timeouts, TransactionMode, Undo, Watch};
use crate::engine::verdict::Raised;
use crate::model::{Catalog, Ident, TableName};

/// Place inside a phase: what must come before what. Steps of equal rank keep the order of the wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Check,
    CreateObject,
    AddColumn,
    SetDefault,
    Trigger,
    Relax,
    Backfill,
    Index,
    AddConstraint,
    Validate,
    Attach,
    DropHelper,
    /// What stands on a key that was attached before.
    Link,
    Swap,
    View,
    Fill,
    Other,
    Verify,
    Deploy,
    /// Out of sight, but still there: what the wait after it shows to be needed can come back.
    Withdraw,
    Wait,
    Approve,
    Rebind,
    RetireTrigger,
    DropView,
    DropIndex,
    DropConstraint,
    DropColumn,
    DropObject,
}

/// Names a draft before it has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub usize);

#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub key: Key,
    pub change: usize,
    pub phase: PhaseName,
    pub rank: Rank,
    /// Behind everything else of its phase but the deploy: it needs what another change makes there.
    pub late: bool,
    pub title: String,
    pub why: String,
    pub act: Act,
    pub undo: Undo,
    pub done_when: Option<Check>,
    pub watch: Vec<Watch>,
    pub abort_if: Vec<String>,
    pub tables: Vec<TableName>,
    /// What only this plan knows so far: whoever would wait for a lock on it does not exist.
    pub unseen: Vec<TableName>,
    /// Raised by the recipe, beside those the engine raises.
    pub raised: Vec<Raised>,
    pub hazards: Vec<Hazard>,
    /// For a command outside the database, whose cost no fact tells.
    pub cost: Option<Cost>,
    /// One ALTER TABLE that more of its kind may join.
    pub joined: Option<Box<Joined>>,
}

/// Specifications that share an ALTER TABLE, on servers where one runs as a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    pub table: TableName,
    /// What makes two of them run in the same way: `ALGORITHM=INSTANT`, the name of a tool.
    pub by: String,
    pub specs: Vec<String>,
    /// The way back of each; none where there is none.
    pub back: Vec<Option<String>>,
    /// True once it is done; of each.
    pub done: Vec<String>,
    pub titles: Vec<String>,
    pub whys: Vec<String>,
    /// The database before the first.
    pub before: Catalog,
    /// All steps that were made of it, this one among them.
    pub steps: Vec<Key>,
}

impl super::build::Builder<'_> {
    /// Steps that were pushed, to be made larger by what joins them.
    pub fn pushed(&mut self) -> &mut Vec<Draft> {
        &mut self.drafts
    }
}

impl Draft {
    pub fn new(phase: PhaseName, rank: Rank, title: impl Into<String>, act: Act) -> Self {
        Self {
            key: Key(0),
            change: 0,
            phase,
            rank,
            late: false,
            title: title.into(),
            why: String::new(),
            act,
            undo: Undo::Nothing { because: "the step changes nothing".to_owned() },
            done_when: None,
            watch: Vec::new(),
            abort_if: Vec::new(),
            tables: Vec::new(),
            unseen: Vec::new(),
            raised: Vec::new(),
            hazards: Vec::new(),
            cost: None,
            joined: None,
        }
    }

    /// Statements in one short transaction.
    pub fn sql(phase: PhaseName, rank: Rank, title: impl Into<String>, sql: Vec<String>, timeouts: Timeouts) -> Self {
        Self::new(phase, rank, title, Act::Sql { sql, transaction: TransactionMode::Single, timeouts })
    }

    /// One statement alone, outside any transaction.
    pub fn alone(phase: PhaseName, rank: Rank, title: impl Into<String>, sql: String, timeouts: Timeouts) -> Self {
        Self::new(phase, rank, title, Act::Sql { sql: vec![sql], transaction: TransactionMode::None, timeouts })
    }

    /// A read-only check that stops the plan unless it answers true.
    pub fn verify(phase: PhaseName, rank: Rank, title: impl Into<String>, sql: String) -> Self {
        let mut draft = Self::new(phase, rank, title, Act::Verify { sql: vec![sql.clone()] });
        draft.done_when = Some(Check { sql, expect: "true".to_owned() });
        draft.undo = Undo::Nothing { because: "the step only reads".to_owned() };
        draft
    }

    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }
    pub fn on(mut self, table: &TableName) -> Self {
        self.tables.push(table.clone());
        self
    }
    pub fn done(mut self, sql: String) -> Self {
        self.done_when = Some(Check { sql, expect: "true".to_owned() });
        self
    }
    pub fn undo(mut self, undo: Undo) -> Self {
        self.undo = undo;
        self
    }
    pub fn unseen(mut self, relation: &TableName) -> Self {
        self.unseen.push(relation.clone());
        self
    }
    pub fn watch(mut self, title: &str, sql: String) -> Self {
        self.watch.push(Watch { title: title.to_owned(), sql });
        self
    }
    pub fn abort_if(mut self, criterion: impl Into<String>) -> Self {
        self.abort_if.push(criterion.into());
        self
    }
    pub fn raise(mut self, raised: Raised) -> Self {
        self.raised.push(raised);
        self
    }
}

/// Something that is made anew in the Switch phase: what other changes put on the old one before would be lost with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Remade {
    /// The change that makes it.
    pub change: usize,
    pub table: TableName,
    pub column: Option<Ident>,
    /// Its indexes and constraints.
    pub parts: Vec<Ident>,
    pub views: Vec<Ident>,
}
