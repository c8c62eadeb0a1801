//! DROP COLUMN: the application forgets the column first, the database last.

use super::form::Spec;
use super::recipe::index;
use super::recipe::table::drop_column_notes;
use super::recipe::way_back;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::engine::relations::says_not_null;
use crate::model::catalog::Volatility;
use crate::model::{Constraint, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::Alter;

#[derive(Debug, Clone, PartialEq)]
pub struct DropColumn {
    table: TableName,
    column: Ident,
    cascade: bool,
    missing: bool,
}

impl Kind for DropColumn {
    const NAME: &'static str = "drop-column";
    const TITLE: &'static str = "Drop a column";
    const FORMS: &'static [Spec] = &[("", "ALTER TABLE {table:table=users} DROP COLUMN {column:column=name};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::DropColumn { column, cascade, if_exists } => {
                    let missing = *if_exists && !wish.column_exists(table, column);
                    Some(Claim::one(
                        at,
                        Self { table: table.clone(), column: column.clone(), cascade: *cascade, missing },
                    ))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Drop `{}.{}`", self.table, self.column)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if self.missing {
            return Ok("nothing to do: the column does not exist".to_owned());
        }
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        if self.cascade {
            return Err(Refusal::new(
                "DROP COLUMN … CASCADE would drop views and foreign keys that other code may use",
                "Drop what depends on the column by name, in the script, and leave CASCADE out.",
            ));
        }
        droppable(b, table, &self.column)?;
        one_value_for_all(table, &self.column)?;
        let bare = table.column(&self.column).filter(|c| !c.fills_itself());
        let not_null = bare.is_some_and(|c| c.not_null);
        // A CHECK can say NOT NULL as well.
        let guards = |c: &&Constraint| bare.is_some() && says_not_null(c, &self.column);
        let strict = not_null || table.constraints.iter().any(|c| guards(&c));
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        if not_null {
            b.push(
                Draft::sql(
                    PhaseName::Settle,
                    Rank::Relax,
                    format!("Let `{}.{}` be NULL", self.table, self.column),
                    vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL")],
                    b.brief(),
                )
                .why("The next release inserts rows without it.")
                .on(&self.table)
                .undo(b.undo_sql(
                    vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL")],
                    "Reads the whole table under ACCESS EXCLUSIVE: only while the table is quiet.",
                ))
                .done(probe::column_nullable(&self.table, &self.column))
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
            );
        }
        for guard in table.constraints.iter().filter(guards) {
            go(
                b,
                table,
                &self.column,
                guard,
                (PhaseName::Settle, "The next release inserts rows without the column, which it would refuse."),
            );
        }
        let column = std::slice::from_ref(&self.column);
        let mut forgets = Need::new(Slot::Unused, Placement::Fixed, &self.table)
            .stops_reading(column)
            .stops_writing(column)
            .orm("rails", format!("self.ignored_columns += [{:?}] in this release", self.column.to_string()))
            .orm("django", "SeparateDatabaseAndState: remove the field from the state in this release, from the database in the contract phase");
        if strict {
            // Rows of the new release hold NULL where the old one has never met one: its readers have to be gone first.
            b.need(
                Need::new(Slot::Use, Placement::Latest, &self.table)
                    .stops_reading(column)
                    .say(format!("No longer read `{}` of `{}`; go on writing it.", self.column, self.table)),
            );
            b.rule(Rule::Stale {
                table: self.table.clone(),
                column: self.column.clone(),
                from: Mark::Deployed(Slot::Unused),
                because: format!("reads `{}.{}`, which the newest release no longer writes", self.table, self.column),
            });
            forgets = forgets.say(format!("No longer write `{}` of `{}`.", self.column, self.table));
        } else {
            forgets = forgets.say(format!(
                "No longer read or write `{}` of `{}`; name columns instead of `SELECT *`.",
                self.column, self.table
            ));
        }
        b.need(forgets);
        // An index of a partitioned table or of a partition cannot be dropped concurrently: it goes with the column.
        let apart = table.kind == TableKind::Ordinary && table.partition_of.is_none();
        let using = table.indexes.iter().filter(|i| i.uses.contains(&self.column) && i.constraint.is_none() && i.valid);
        for i in using.filter(|_| apart) {
            index::drop(
                b,
                &self.table,
                &i.name,
                &i.definition,
                PhaseName::Contract,
                "It would go with the column; dropped beforehand, its file is removed outside the strong lock.",
            );
        }
        go_along(b, table, &self.column, |c| !guards(&c));
        b.drop_column(&self.table, &self.column, "No release reads or writes it any more.");
        drop_column_notes(b, table, column);
        Ok("online: a drop breaks running code whatever the table's size".to_owned())
    }
}

/// A default that is the same for every row, in a unique index of its own: the second row of a release that leaves the column out is refused.
fn one_value_for_all(table: &Table, column: &Ident) -> Result<(), Refusal> {
    let constant = table.column(column).and_then(|c| c.default.as_ref());
    let constant =
        constant.is_some_and(|d| d.volatility == Volatility::Immutable && !d.sql.to_lowercase().starts_with("null"));
    match table.indexes.iter().find(|i| i.unique && i.uses == [column.clone()]).filter(|_| constant) {
        None => Ok(()),
        Some(index) => Err(Refusal::new(
            format!(
                "`{}.{column}` is in the unique index `{}` and has a default: rows of a release that leaves it out would meet there",
                table.name, index.name
            ),
            "Drop the index, or the column's default, in a plan of its own first.",
        )),
    }
}

/// Constraints and statistics that would go with the column without a word: each by a step of its own.
fn go_along(b: &mut Builder, table: &Table, column: &Ident, chosen: impl Fn(&Constraint) -> bool) {
    let kinds = [ConstraintKind::Check, ConstraintKind::Unique, ConstraintKind::ForeignKey, ConstraintKind::Exclusion];
    for constraint in table.constraints.iter().filter(|c| c.columns.contains(column) && kinds.contains(&c.kind)) {
        if !chosen(constraint) {
            continue;
        }
        let why = if constraint.references.is_some() {
            "It would go with the column, and both tables would be locked for that: alone it is brief."
        } else {
            "It would go with the column without a word."
        };
        go(b, table, column, constraint, (PhaseName::Contract, why));
    }
    for statistics in table.statistics.iter().filter(|s| s.columns.contains(column)) {
        let n = b.name(&statistics.name);
        b.finding(
            Severity::Warning,
            format!(
                "The statistics `{}` go with `{column}`: what the planner knew of these columns together is gone.",
                statistics.name
            ),
        );
        b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::DropConstraint,
                format!("Drop the statistics `{}`", statistics.name),
                vec![format!("DROP STATISTICS {n}")],
                b.brief(),
            )
            .why("They would go with the column without a word.")
            .on(&table.name)
            .undo(b.undo_sql(vec![statistics.definition.clone()], "Empty until the next ANALYZE."))
            .done(probe::statistics_gone(&statistics.name)),
        );
    }
}

/// Drops a constraint over the column in a step of its own.
fn go(b: &mut Builder, table: &Table, column: &Ident, constraint: &Constraint, (phase, why): (PhaseName, &str)) {
    let others: Vec<Ident> = constraint.columns.iter().filter(|c| *c != column).cloned().collect();
    if !others.is_empty() {
        let until = if phase == PhaseName::Settle { "release leaves the column out" } else { "contract phase" };
        b.finding(
            Severity::Warning,
            format!(
                "`{}` of `{}` goes with `{column}`, and is a rule for {} too: `{}`. Add what shall remain of it before the {until}.",
                constraint.name, table.name, listed(&others), constraint.definition
            ),
        );
    }
    let t = b.name(&table.name);
    let rank = if phase == PhaseName::Settle { Rank::Relax } else { Rank::DropConstraint };
    let mut draft = Draft::sql(
        phase,
        rank,
        format!("Drop constraint `{}` of `{}`", constraint.name, table.name),
        vec![format!("ALTER TABLE {t} DROP CONSTRAINT {}", b.id(&constraint.name))],
        b.brief(),
    )
    .why(why)
    .on(&table.name)
    .undo(way_back::constraint_again(b, table, constraint))
    .done(probe::constraint_gone(&table.name, &constraint.name))
    .watch("Who holds a lock on the table", probe::lock_holders(&table.name));
    if let Some(partner) = constraint.references.as_ref().map(|r| &r.table) {
        draft = draft.on(partner).watch("Who holds a lock on the referenced table", probe::lock_holders(partner));
    }
    b.push(draft);
}

/// A column that may go: nothing outside the application depends on it.
///
/// # Errors
/// [`Refusal`] naming what depends: key columns, views, policies, generated columns.
pub fn droppable(b: &Builder, table: &Table, column: &Ident) -> Result<(), Refusal> {
    // What stands in the way of the script as written was told when its names were checked; what it frees itself is no
    // obstacle, and stands in front of the drop.
    if b.target.is_none() {
        free(b, table, column)?;
    }
    computed(table, column)?;
    key_parts(b, table, column)
}

fn free(b: &Builder, table: &Table, column: &Ident) -> Result<(), Refusal> {
    let name = &table.name;
    let views: Vec<String> =
        b.catalog.views_using(name, std::slice::from_ref(column)).map(|v| format!("`{}`", v.name)).collect();
    if !views.is_empty() {
        return Err(Refusal::new(
            format!("`{name}.{column}` cannot be dropped: {} read it", views.join(", ")),
            "Replace those views first (CREATE OR REPLACE VIEW without the column), then plan this change.",
        ));
    }
    if let Some(policy) = table.policies.iter().find(|p| p.columns.contains(column)) {
        return Err(Refusal::new(
            format!("`{name}.{column}` cannot be dropped: policy `{}` reads it", policy.name),
            "Replace the policy first, then plan this change.",
        ));
    }
    let lists = |p: &&crate::model::objects::Publication| {
        p.tables.iter().filter(|t| t.table == *name).any(|t| {
            let filtered =
                t.row_filter.as_deref().map(crate::sql::expression).is_some_and(|f| f.columns.contains(column));
            t.columns.contains(column) || filtered
        })
    };
    if let Some(publication) = b.catalog.publications.iter().find(lists) {
        return Err(Refusal::new(
            format!(
                "`{name}.{column}` cannot be dropped: publication `{}` names it in a column list or a row filter",
                publication.name
            ),
            "Take the column out of the publication first (and out of the subscribers), then plan this change.",
        ));
    }
    Ok(())
}

fn computed(table: &Table, column: &Ident) -> Result<(), Refusal> {
    let name = &table.name;
    if let Some(generated) = table
        .columns
        .iter()
        .find(|c| c.generated.as_ref().is_some_and(|g| crate::sql::expression(&g.sql).columns.contains(column)))
    {
        return Err(Refusal::new(
            format!(
                "`{name}.{column}` cannot be dropped: the generated column `{}` is computed from it",
                generated.name
            ),
            "Drop the generated column first.",
        ));
    }
    Ok(())
}

/// A column that no key is made of: the partition key, the primary key, the target of a foreign key.
///
/// # Errors
/// [`Refusal`] naming the key.
pub fn key_parts(b: &Builder, table: &Table, column: &Ident) -> Result<(), Refusal> {
    let name = &table.name;
    if table.partition_key.as_ref().is_some_and(|k| k.columns.contains(column)) {
        return Err(Refusal::new(
            format!("`{name}.{column}` is part of the partition key"),
            "Move the rows to a new table.",
        ));
    }
    let keys =
        b.catalog.referenced_by(name).find(|(_, c)| c.references.as_ref().is_some_and(|r| r.columns.contains(column)));
    if let Some((other, key)) = keys {
        return Err(Refusal::new(
            format!("`{name}.{column}` cannot be dropped: foreign key `{}` of `{}` points at it", key.name, other.name),
            "Drop that foreign key first, in a plan of its own.",
        ));
    }
    if table.constraints.iter().any(|c| c.kind == ConstraintKind::PrimaryKey && c.columns.contains(column)) {
        return Err(Refusal::new(
            format!("`{name}.{column}` is part of the primary key"),
            "Move the primary key first: `DROP CONSTRAINT` and `ADD PRIMARY KEY` over other columns in one script are planned together.",
        ));
    }
    Ok(())
}
