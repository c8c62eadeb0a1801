//! DROP CONSTRAINT and ADD CONSTRAINT of the same name in one script: a CHECK or a foreign key that says something else.
//! The new one is proved beside the old one under another name; one brief statement then puts it in the old one's place.

use super::add_constraint::referenced_columns;
use super::recipe::constraint::{self, ForeignKey, Rows};
use super::recipe::way_back;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::{Constraint, ConstraintKind, Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, TransactionMode, Undo};
use crate::sql::{Alter, ConstraintBody, TableConstraint};

#[derive(Debug, Clone, PartialEq)]
pub struct ReplaceConstraint {
    table: TableName,
    /// As it is today.
    old: Constraint,
    new: TableConstraint,
    /// The added constraint, verbatim, for a direct change.
    text: String,
    rows: Rows,
}

impl Kind for ReplaceConstraint {
    const NAME: &'static str = "replace-constraint";
    const TITLE: &'static str = "Replace a constraint";

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (dropped, table, action) in wish.alters() {
            let Alter::DropConstraint { name, .. } = action else { continue };
            let Some(old) = wish.table(table).and_then(|t| t.constraint(name)) else { continue };
            if !matches!(old.kind, ConstraintKind::Check | ConstraintKind::ForeignKey) {
                continue;
            }
            let added = wish.alters().find_map(|(at, other, action)| match action {
                Alter::AddConstraint(new) if other == table && new.name.as_ref() == Some(name) && planned(new) => {
                    Some((at, new))
                }
                _ => None,
            });
            let Some((at, new)) = added else { continue };
            let columns = match &new.body {
                ConstraintBody::Check { expression } => &expression.columns,
                ConstraintBody::ForeignKey { columns, .. } => columns,
                _ => continue,
            };
            let rows = if columns.iter().all(|c| wish.column_exists(table, c)) { Rows::Existing } else { Rows::New };
            let mut atoms = vec![dropped, at];
            atoms.sort_unstable();
            claims.push(Claim {
                atoms,
                change: Self {
                    table: table.clone(),
                    old: old.clone(),
                    new: new.clone(),
                    text: wish.atoms.get(at).map(|a| a.text.to_owned()).unwrap_or_default(),
                    rows,
                },
            });
        }
        claims
    }

    fn title(&self) -> String {
        format!("Replace the constraint `{}` of `{}`", self.old.name, self.table)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let (t, n) = (b.name(&self.table), b.id(&self.old.name));
        if let Some(reason) = b.direct(table) {
            let undo = format!("ALTER TABLE {t} DROP CONSTRAINT {n}, ADD CONSTRAINT {n} {}", self.old.definition);
            let draft =
                Draft::sql(
                    PhaseName::Migrate,
                    Rank::AddConstraint,
                    self.title(),
                    vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}, {}", self.text)],
                    b.brief(),
                )
                .why("The table is small and quiet enough to be changed in one go; the timeouts still hold.")
                .on(&self.table)
                .undo(b.undo_sql(
                    vec![undo],
                    "Brief on a table of this size; rows written in between may break the old rule.",
                ))
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
            b.push(draft);
            return Ok(reason);
        }
        let beside = b.fresh(&self.table, &[self.old.name.as_str(), "new"]);
        match &self.new.body {
            ConstraintBody::Check { expression } => {
                constraint::check(b, &self.table, &beside, &expression.sql, &self.new.trailer, self.rows);
            }
            ConstraintBody::ForeignKey { columns, table: target, referenced, actions } => {
                let target = target.resolve(b.catalog);
                let referenced = referenced_columns(b, &target, referenced);
                let actions = format!("{actions} {}", self.new.trailer).trim().to_owned();
                let key = ForeignKey { name: &beside, columns, target: &target, referenced: &referenced, actions };
                constraint::foreign_key(b, table, &key, self.rows)?;
            }
            _ => {
                return Err(Refusal::new(
                    "this constraint cannot be proved beside the old one",
                    "Plan it with `--strategy direct`, in a maintenance window.",
                ));
            }
        }
        self.swap(b, &beside);
        Ok("online: the new rule is proved beside the old one, and takes its name".to_owned())
    }
}

impl ReplaceConstraint {
    fn swap(&self, b: &mut Builder, beside: &Ident) {
        let (t, n, other) = (b.name(&self.table), b.id(&self.old.name), b.id(beside));
        let rename = |from: &str, to: &str| format!("ALTER TABLE {t} RENAME CONSTRAINT {from} TO {to}");
        let mut back = vec![rename(&n, &other)];
        match b.catalog.table(&self.table).map(|table| way_back::constraint_again(b, table, &self.old)) {
            Some(Undo::Sql { sql, .. }) => back.extend(sql),
            _ => back.push(format!("ALTER TABLE {t} ADD CONSTRAINT {n} {}", self.old.definition)),
        }
        let draft = Draft::sql(
            PhaseName::Switch,
            Rank::Swap,
            format!("Put the new `{}` of `{}` in the place of the old", self.old.name, self.table),
            vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}"), rename(&other, &n)],
            b.brief(),
        )
        .why("Until here both rules hold; from the commit on only the new one does. Nothing is read: it is proved already.")
        .on(&self.table)
        .undo(Undo::Sql {
            sql: back,
            transaction: TransactionMode::None,
            timeouts: b.validating(),
            because: "The old rule comes back beside the new one and is proved again, which fails if a row written in between breaks it.".to_owned(),
        })
        .done(format!(
            "SELECT ({}) AND ({})",
            probe::constraint_exists(&self.table, &self.old.name),
            probe::constraint_gone(&self.table, beside)
        ))
        .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
        b.push(draft);
    }
}

fn planned(constraint: &TableConstraint) -> bool {
    !constraint.not_valid && matches!(constraint.body, ConstraintBody::Check { .. } | ConstraintBody::ForeignKey { .. })
}
