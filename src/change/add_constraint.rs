//! ADD CONSTRAINT: CHECK, UNIQUE, FOREIGN KEY, PRIMARY KEY on existing columns.

use super::add_column::volatility;
use super::form::Spec;
use super::recipe::constraint::{self, ForeignKey, Rows, UniqueBody};
use super::recipe::not_null::{Writers, not_null_for_key, not_null_named};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, direct_step};
use crate::engine::emit::probe;
use crate::engine::judge;
use crate::model::catalog::Volatility;
use crate::model::{Ident, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::{Alter, AlterAction, ConstraintBody, Expression, ObjectName, Statement, TableConstraint};

#[derive(Debug, Clone, PartialEq)]
pub struct AddConstraint {
    table: TableName,
    constraint: TableConstraint,
    /// The action, verbatim, for a direct change.
    text: String,
    /// Whether its columns exist before the script runs.
    rows: Rows,
}

impl Kind for AddConstraint {
    const NAME: &'static str = "add-constraint";
    const TITLE: &'static str = "Add a constraint";
    const FORMS: &'static [Spec] = &[
        (
            "Add a foreign key",
            "ALTER TABLE {table:table=events} ADD[ CONSTRAINT {name:new=events_user_id_fkey}] FOREIGN KEY ({columns:columns=user_id}) REFERENCES {other:table=users} ({other columns:columns of other=id})[ ON DELETE {on delete:CASCADE|SET NULL|RESTRICT|NO ACTION=CASCADE}];",
        ),
        (
            "Add a CHECK",
            "ALTER TABLE {table:table=users} ADD[ CONSTRAINT {name:new=users_email_check}] CHECK ({check:sql=email LIKE '%@%'});",
        ),
        (
            "Add a unique constraint",
            "ALTER TABLE {table:table=users} ADD[ CONSTRAINT {name:new=users_name_key}] UNIQUE ({columns:columns=name, created_at});",
        ),
        (
            "Add a primary key",
            "ALTER TABLE {table:table=page_views} ADD PRIMARY KEY ({columns:columns=viewed_at, session});",
        ),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::AddConstraint(constraint) if planned(constraint) && wish.table(table).is_some() => {
                    let new = columns(constraint).iter().any(|c| !wish.column_exists(table, c));
                    let text = wish.atoms.get(at).map(|a| a.text.to_owned()).unwrap_or_default();
                    Some(Claim::one(
                        at,
                        Self {
                            table: table.clone(),
                            constraint: constraint.clone(),
                            text,
                            rows: if new { Rows::New } else { Rows::Existing },
                        },
                    ))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let columns = listed(&columns(&self.constraint));
        match &self.constraint.body {
            ConstraintBody::Check { .. } => match &self.constraint.name {
                Some(name) => format!("Add CHECK `{name}` to `{}`", self.table),
                None => format!("Add a CHECK to `{}`", self.table),
            },
            ConstraintBody::Unique { .. } => format!("Make {columns} of `{}` unique", self.table),
            ConstraintBody::PrimaryKey { .. } => format!("Make {columns} the primary key of `{}`", self.table),
            ConstraintBody::ForeignKey { table, .. } => {
                format!("Reference `{table}` from {columns} of `{}`", self.table)
            }
            _ => format!("Add a constraint to `{}`", self.table),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        if let Some(reason) = b.direct(table) {
            self.direct(b, table);
            return Ok(reason);
        }
        let one = &self.constraint;
        if one.trailer.to_uppercase().contains("NOT ENFORCED") {
            return Ok(self.unenforced(b));
        }
        match &one.body {
            ConstraintBody::Check { expression } => {
                self.odd_functions(b, expression);
                let name = constraint::named(b, &self.table, one, &expression.columns, "check");
                constraint::check(b, &self.table, &name, &expression.sql, &one.trailer, self.rows);
            }
            ConstraintBody::Unique { columns, include, nulls_not_distinct } => {
                let name = constraint::named(b, &self.table, one, columns, "key");
                let body = UniqueBody {
                    columns,
                    include,
                    nulls_not_distinct: *nulls_not_distinct,
                    primary: false,
                    trailer: &one.trailer,
                };
                constraint::unique(b, table, &name, &body, self.rows)?;
            }
            ConstraintBody::PrimaryKey { columns, include } => {
                let nullable: Vec<Ident> =
                    columns.iter().filter(|c| table.column(c).is_some_and(|c| !c.not_null)).cloned().collect();
                for column in &nullable {
                    b.need(
                        Need::new(Slot::Tolerate, Placement::Fixed, &self.table)
                            .say(format!("Send a value other than NULL for `{column}` of `{}`.", self.table)),
                    );
                    super::recipe::not_null::no_nulls(b, &self.table, column);
                    not_null_for_key(b, &self.table, column, Writers::Before(Slot::Tolerate));
                }
                if !nullable.is_empty() && !b.since(12) {
                    return Err(Refusal::new(
                        format!(
                            "PostgreSQL {} reads the whole table under ACCESS EXCLUSIVE to make {} NOT NULL, which a primary key needs",
                            b.catalog.server.version.major,
                            listed(&nullable)
                        ),
                        "A unique constraint and a validated CHECK serve until the server is upgraded.",
                    ));
                }
                let name = constraint::named(b, &self.table, one, &[], "pkey");
                let body =
                    UniqueBody { columns, include, nulls_not_distinct: false, primary: true, trailer: &one.trailer };
                constraint::unique(b, table, &name, &body, self.rows)?;
            }
            ConstraintBody::ForeignKey { columns, table: target, referenced, actions } => {
                let name = constraint::named(b, &self.table, one, columns, "fkey");
                let target = target.resolve(b.catalog);
                let referenced = referenced_columns(b, &target, referenced);
                let actions = format!("{actions} {}", one.trailer).trim().to_owned();
                let key = ForeignKey { name: &name, columns, target: &target, referenced: &referenced, actions };
                constraint::foreign_key(b, table, &key, self.rows)?;
            }
            ConstraintBody::Exclude { definition } => return Err(self.excluded(b, definition)),
            ConstraintBody::NotNull { column } => {
                let name = constraint::named(b, &self.table, one, std::slice::from_ref(column), "not_null");
                b.need(Need::new(Slot::Tolerate, Placement::Fixed, &self.table).say(format!(
                    "Send a value other than NULL for `{column}` in every INSERT and UPDATE of `{}`.",
                    self.table
                )));
                super::recipe::not_null::no_nulls(b, &self.table, column);
                not_null_named(b, &self.table, column, Writers::Before(Slot::Tolerate), name);
            }
            _ => return Err(Refusal::new("this constraint has no online way", "Plan it with `--strategy direct`.")),
        }
        Ok("online: nothing is read or built under a lock that blocks traffic".to_owned())
    }
}

impl AddConstraint {
    /// A rule that nobody checks: it reads nothing, and needs no proof.
    fn unenforced(&self, b: &mut Builder) -> String {
        let name = constraint::named(b, &self.table, &self.constraint, &columns(&self.constraint), "check");
        let (t, n) = (b.name(&self.table), b.id(&name));
        let text = match self.constraint.name {
            Some(_) => self.text.clone(),
            None => format!("ADD CONSTRAINT {n} {}", self.text.get(3..).unwrap_or("").trim_start()),
        };
        b.push(
            Draft::sql(
                PhaseName::Migrate,
                Rank::AddConstraint,
                self.title(),
                vec![format!("ALTER TABLE {t} {text}")],
                b.brief(),
            )
            .why("NOT ENFORCED: no row is read now, and none is checked later. The planner does not rely on it either.")
            .on(&self.table)
            .undo(b.undo_sql(vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}")], "Catalog only; brief lock."))
            .done(probe::constraint_exists(&self.table, &name))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        "catalog only: the constraint is not enforced".to_owned()
    }

    /// A CHECK is asked when a row is written, never again: what it calls has to answer the same for ever.
    fn odd_functions(&self, b: &mut Builder, expression: &Expression) {
        let odd = volatility(expression, b);
        // A name with a stable overload (`length`) may well mean the immutable one.
        if matches!(odd, Volatility::Immutable | Volatility::Stable) {
            return;
        }
        let calls = expression.functions.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
        let what = match odd {
            Volatility::Unknown => "is not known to answer the same for ever",
            _ => "need not answer the same tomorrow",
        };
        b.finding(
            Severity::Warning,
            format!("The CHECK on `{}` calls {calls}, which {what}: rows may break it later without a word, and a restored dump is refused.", self.table),
        );
    }

    /// No NOT VALID, no USING INDEX: what remains, with the price.
    fn excluded(&self, b: &Builder, definition: &str) -> Refusal {
        let statement = Statement::AlterTable {
            table: ObjectName { schema: Some(self.table.schema.clone()), name: self.table.name.clone() },
            only: false,
            if_exists: false,
            actions: vec![AlterAction {
                span: 0..0,
                text: self.text.clone(),
                action: Alter::AddConstraint(self.constraint.clone()),
            }],
        };
        let cost = crate::plan::estimate::cost(&judge(&statement, b.catalog, b.session), b.policy);
        let message = format!(
            "an exclusion constraint has no online way: its index is built while `{}` takes neither reads nor writes, for about {}",
            self.table, cost.blocked
        );
        match equal_columns(definition) {
            Some(columns) => Refusal::new(
                message,
                format!(
                    "Every operator is `=`: `ADD CONSTRAINT … UNIQUE ({columns})` says the same, and is planned online."
                ),
            ),
            None => Refusal::new(
                message,
                "What remains: a new table with the constraint, filled by the application and swapped in; or this statement in a maintenance window of that length (`--strategy direct`), with a query for overlapping rows run first.",
            ),
        }
    }

    fn direct(&self, b: &mut Builder, table: &Table) {
        let suffix = match &self.constraint.body {
            ConstraintBody::Check { .. } => "check",
            ConstraintBody::PrimaryKey { .. } => "pkey",
            ConstraintBody::ForeignKey { .. } => "fkey",
            ConstraintBody::Exclude { .. } => "excl",
            ConstraintBody::NotNull { .. } => "not_null",
            _ => "key",
        };
        let columns = match &self.constraint.body {
            ConstraintBody::PrimaryKey { .. } => Vec::new(),
            _ => columns(&self.constraint),
        };
        let name = constraint::named(b, &table.name, &self.constraint, &columns, suffix);
        let (t, n) = (b.name(&table.name), b.id(&name));
        let mut text = self.text.clone();
        if self.constraint.name.is_none() {
            // The plan has to know the name to ask for it: say it instead of letting the server choose.
            let body = text.get(3..).unwrap_or("").trim_start().to_owned();
            text = format!("ADD CONSTRAINT {n} {body}");
        }
        let mut undo = vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}")];
        let mut nullable = Vec::new();
        if let ConstraintBody::PrimaryKey { columns, .. } = &self.constraint.body {
            // The key makes its columns NOT NULL, and they stay so when it goes.
            for column in columns.iter().filter(|c| table.column(c).is_some_and(|c| !c.not_null)) {
                b.need(
                    Need::new(Slot::Tolerate, Placement::Fixed, &self.table)
                        .say(format!("Send a value other than NULL for `{column}` of `{}`.", self.table)),
                );
                super::recipe::not_null::no_nulls(b, &self.table, column);
                undo.push(format!("ALTER TABLE {t} ALTER COLUMN {} DROP NOT NULL", b.id(column)));
                nullable.push(column);
            }
        }
        let key = direct_step(
            b,
            PhaseName::Migrate,
            Rank::AddConstraint,
            &self.title(),
            &table.name,
            vec![format!("ALTER TABLE {t} {text}")],
            undo,
            probe::constraint_exists(&table.name, &name),
        );
        for column in nullable {
            b.rule(Rule::Older {
                than: Slot::Tolerate,
                from: Mark::After(key),
                because: format!("may write NULL to `{}.{column}`, which is refused from here on", self.table),
            });
        }
    }
}

/// Constraints that a plain NOT VALID, a USING INDEX or an EXCLUDE already say are passed through.
fn planned(constraint: &TableConstraint) -> bool {
    !constraint.not_valid
        && matches!(
            constraint.body,
            ConstraintBody::Check { .. }
                | ConstraintBody::Unique { .. }
                | ConstraintBody::PrimaryKey { .. }
                | ConstraintBody::ForeignKey { .. }
                | ConstraintBody::Exclude { .. }
                | ConstraintBody::NotNull { .. }
        )
}

/// The columns of `USING gist (a WITH =, b WITH =)`, if that is all it says.
fn equal_columns(definition: &str) -> Option<String> {
    let open = definition.find('(')?;
    let close = definition.rfind(')')?;
    if !definition.get(close + 1..)?.trim().is_empty() || definition.to_lowercase().contains(" where ") {
        return None;
    }
    let mut columns = Vec::new();
    for element in definition.get(open + 1..close)?.split(',') {
        let lower = element.to_lowercase();
        let at = lower.rfind(" with ")?;
        let column = element.get(..at)?.trim();
        let plain = !column.contains(['(', ' ']) && element.get(at + 6..)?.trim() == "=";
        columns.push(plain.then(|| column.to_owned())?);
    }
    Some(columns.join(", "))
}

fn columns(constraint: &TableConstraint) -> Vec<Ident> {
    match &constraint.body {
        ConstraintBody::Check { expression } => expression.columns.clone(),
        ConstraintBody::Unique { columns, .. }
        | ConstraintBody::PrimaryKey { columns, .. }
        | ConstraintBody::ForeignKey { columns, .. } => columns.clone(),
        ConstraintBody::NotNull { column } => vec![column.clone()],
        _ => Vec::new(),
    }
}

/// The referenced columns, the partner's primary key if none are written.
pub fn referenced_columns(b: &Builder, target: &TableName, written: &[Ident]) -> Vec<Ident> {
    if !written.is_empty() {
        return written.to_vec();
    }
    b.catalog.table(target).and_then(Table::primary_key).map(|k| k.columns.clone()).unwrap_or_default()
}
