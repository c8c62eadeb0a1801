//! Everything no kind plans yet: kept verbatim, with its own locks and work told honestly. Nothing is dropped.

use super::recipe::way_back;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::probe;
use crate::engine::{Sending, judge};
use crate::model::{Ident, Lock, TableName, Work};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{Act, Check, PhaseName, Severity, TransactionMode, Undo};
use crate::sql::{Alter, AlterAction, ObjectName, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct PassThrough {
    /// The statement to send, one action at a time.
    sql: String,
    statement: Statement,
    tables: Vec<TableName>,
}

impl Kind for PassThrough {
    const NAME: &'static str = "as-written";
    const TITLE: &'static str = "Run as written";

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.atoms
            .iter()
            .enumerate()
            .filter_map(|(at, atom)| {
                let located = wish.script.statements.get(atom.statement);
                let (sql, statement) = match &atom.part {
                    Part::Alter { table, action } => {
                        let d = crate::engine::dialect(wish.catalog.server.engine);
                        let only =
                            matches!(located.map(|l| &l.statement), Some(Statement::AlterTable { only: true, .. }));
                        let action = AlterAction { span: 0..0, text: atom.text.to_owned(), action: (*action).clone() };
                        let word = if only { "ONLY " } else { "" };
                        (
                            format!("ALTER TABLE {word}{} {}", d.name(table), atom.text),
                            Statement::AlterTable {
                                table: ObjectName { schema: Some(table.schema.clone()), name: table.name.clone() },
                                only,
                                if_exists: false,
                                actions: vec![action],
                            },
                        )
                    }
                    Part::Spec { .. } | Part::Whole(Statement::Mysql(_)) => return None,
                    Part::Whole(statement) => (atom.text.trim().to_owned(), (*statement).clone()),
                };
                let tables = statement.objects().into_iter().take(1).map(|o| o.resolve(wish.catalog)).collect();
                Some(Claim::one(at, Self { sql, statement, tables }))
            })
            .collect()
    }

    fn title(&self) -> String {
        let first = self.sql.lines().next().unwrap_or("").trim();
        let short: String = first.chars().take(70).collect();
        let shown = crate::model::name::shown(&short).replace('`', "'");
        format!("Run as written: `{shown}{}`", if short.len() < self.sql.len() { "…" } else { "" })
    }

    fn tables(&self) -> Vec<TableName> {
        self.tables.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let verdict = judge(&self.statement, b.catalog, b.session);
        let transaction = if verdict.sending == Sending::OutsideTransaction {
            TransactionMode::None
        } else {
            TransactionMode::Single
        };
        let heavy = matches!(verdict.work, Work::Scan | Work::Rewrite | Work::IndexBuild | Work::Unknown);
        let timeouts = match (transaction, heavy) {
            (TransactionMode::None, _) => b.unlimited(),
            (_, true) => b.validating(),
            _ => b.brief(),
        };
        let (phase, rank) = place(&self.statement);
        let mut draft =
            Draft::new(phase, rank, self.title(), Act::Sql { sql: vec![self.sql.clone()], transaction, timeouts }).why(
                if verdict.because.is_empty() {
                    "No recipe plans this statement yet: it stands here as it was written.".to_owned()
                } else {
                    format!("No recipe plans this statement yet: it stands here as it was written. {}", verdict.because)
                },
            );
        draft.tables.clone_from(&self.tables);
        (draft.undo, draft.done_when) = self.sides(b);
        b.push(draft);
        if heavy && verdict.locks.iter().any(Lock::blocks_traffic) {
            b.finding(
                Severity::Danger,
                format!(
                    "This statement is not planned online and blocks traffic while it works: `{}`",
                    crate::model::name::shown(&self.sql)
                ),
            );
        }
        Ok("as written: no recipe plans it yet".to_owned())
    }
}

/// Destructive statements belong to the end, everything else in front.
fn place(statement: &Statement) -> (PhaseName, Rank) {
    match statement {
        Statement::DropView { .. } | Statement::DropFunction { .. } | Statement::Delete { .. } => {
            (PhaseName::Contract, Rank::DropObject)
        }
        Statement::Known { op, .. } if op.starts_with("drop-") || op == "truncate" => {
            (PhaseName::Contract, Rank::DropObject)
        }
        Statement::CreateTable { .. } | Statement::CreateSequence { .. } | Statement::CreateFunction { .. } => {
            (PhaseName::Expand, Rank::CreateObject)
        }
        // What other statements of the script may name.
        Statement::Known { op, .. }
            if matches!(op.as_str(), "create-schema" | "create-type" | "create-domain" | "create-extension") =>
        {
            (PhaseName::Expand, Rank::CreateObject)
        }
        Statement::CreateTrigger { .. } => (PhaseName::Expand, Rank::Trigger),
        Statement::AlterTable { actions, .. } => match actions.first().map(|a| &a.action) {
            Some(Alter::DropConstraint { .. }) => (PhaseName::Contract, Rank::DropConstraint),
            Some(Alter::ValidateConstraint { .. }) => (PhaseName::Migrate, Rank::Validate),
            Some(Alter::AddConstraint(_)) => (PhaseName::Migrate, Rank::AddConstraint),
            _ => (PhaseName::Migrate, Rank::Other),
        },
        Statement::DropTrigger { .. } => (PhaseName::Contract, Rank::RetireTrigger),
        _ => (PhaseName::Migrate, Rank::Other),
    }
}

impl PassThrough {
    /// The way back and the question whether it is done, where they follow from the statement.
    fn sides(&self, b: &Builder) -> (Undo, Option<Check>) {
        let d = b.dialect();
        let check = |sql: String| Some(Check { sql, expect: "true".to_owned() });
        let table = self.tables.first();
        let action = match &self.statement {
            Statement::AlterTable { actions, .. } => actions.first().map(|a| &a.action),
            _ => None,
        };
        let by_name = |name: &Ident| table.map(|t| (d.name(t), d.ident(name), t));
        match (&self.statement, action) {
            (_, Some(Alter::DropConstraint { name, .. })) => {
                match table.and_then(|t| b.catalog.table(t)).and_then(|t| Some((t, t.constraint(name)?))) {
                    Some((table, constraint)) => (
                        way_back::constraint_again(b, table, constraint),
                        check(probe::constraint_gone(&table.name, name)),
                    ),
                    None => (way_back::unknown(), None),
                }
            }
            (_, Some(Alter::AddConstraint(constraint))) => {
                match constraint.name.as_ref().and_then(by_name).zip(constraint.name.as_ref()) {
                    Some(((_, _, table), name)) => (
                        way_back::constraint_gone(b, table, name, constraint),
                        check(probe::constraint_exists(table, name)),
                    ),
                    None => (way_back::unknown(), None),
                }
            }
            (_, Some(Alter::ValidateConstraint { name })) => match table {
                Some(table) => (
                    Undo::Nothing { because: "A proof takes nothing away.".to_owned() },
                    check(probe::constraint_valid(table, name)),
                ),
                None => (way_back::unknown(), None),
            },
            (Statement::CreateTable { table, .. }, _) => {
                let name = table.resolve(b.catalog);
                (
                    b.undo_sql(vec![format!("DROP TABLE {}", d.name(&name))], "Drops the new table with its rows."),
                    check(probe::relation_exists(&name)),
                )
            }
            (Statement::CreateSequence { name, .. }, _) => {
                let name = name.resolve(b.catalog);
                (
                    b.undo_sql(vec![format!("DROP SEQUENCE {}", d.name(&name))], "Drops the new sequence."),
                    check(probe::relation_exists(&name)),
                )
            }
            (Statement::CreateTrigger { name, table, .. }, _) => {
                let on = table.resolve(b.catalog);
                let sql = vec![format!("DROP TRIGGER {} ON {}", d.ident(name), d.name(&on))];
                (
                    b.undo_sql(sql, "DROP TRIGGER waits for readers too; brief lock."),
                    check(probe::trigger_exists(&on, name)),
                )
            }
            (Statement::DropTrigger { name, table, .. }, _) => {
                let on = table.resolve(b.catalog);
                let definition = b
                    .catalog
                    .table(&on)
                    .and_then(|t| t.triggers.iter().find(|g| g.name == *name))
                    .map(|g| g.definition.clone());
                let undo = definition.map_or_else(way_back::unknown, |sql| {
                    b.undo_sql(vec![sql], "Rows written in between were not seen by it.")
                });
                (undo, check(probe::trigger_gone(&on, name)))
            }
            _ => (way_back::unknown(), None),
        }
    }
}
