//! What belongs to a column and has to stand on its successor: indexes, checks, unique constraints, foreign keys.

use super::constraint::{self, ForeignKey, Rows, UniqueBody};
use super::index::{NewIndex, Unique, build};
use crate::change::Refusal;
use crate::model::{Column, ConstraintKind, Engine, Ident, Table};
use crate::plan::build::Builder;
use crate::sql::{self, Alter, ConstraintBody, Statement, TableConstraint, rename_column_in};

/// Type and collation as SQL.
pub fn type_of(column: &Column) -> String {
    match &column.collation {
        Some(collation) => format!("{} COLLATE {collation}", column.data_type),
        None => column.data_type.clone(),
    }
}

/// Builds on `new` what stands on `old`.
///
/// # Errors
/// [`Refusal`] for an exclusion constraint, or a definition that could not be read.
pub fn carry(b: &mut Builder, table: &Table, old: &Ident, new: &Ident, rows: Rows) -> Result<(), Refusal> {
    for index in table.indexes.iter().filter(|i| i.uses.contains(old) && i.constraint.is_none() && i.valid) {
        let unread = || unreadable("index", &index.name, table);
        let script = sql::parse(&index.definition, Engine::Postgresql).map_err(|_| unread())?;
        let Some(Statement::CreateIndex(parsed)) = script.statements.first().map(|l| &l.statement) else {
            return Err(unread());
        };
        let definition = renamed_text(b, &parsed.definition, old, new).ok_or_else(unread)?;
        let name = successor(b, table, &index.name, old, new);
        let unique = if index.unique { Unique::Yes } else { Unique::No };
        let why = format!("Takes the place of `{}`, which goes with the old column.", index.name);
        build(b, table, &NewIndex { name, unique, definition, why })?;
    }
    for constraint in table.constraints.iter().filter(|c| c.columns.contains(old)) {
        if constraint.kind == ConstraintKind::NotNull {
            continue;
        }
        let parsed = parse_constraint(&constraint.definition)
            .ok_or_else(|| unreadable("constraint", &constraint.name, table))?;
        let name = successor(b, table, &constraint.name, old, new);
        let rows = if constraint.valid { rows } else { Rows::Unproved };
        let swap = |columns: &[Ident]| -> Vec<Ident> {
            columns.iter().map(|c| if c == old { new.clone() } else { c.clone() }).collect()
        };
        match &parsed.body {
            ConstraintBody::Check { expression } => {
                let text = rename_column_in(expression, &|c| (c == old).then(|| b.id(new)))
                    .ok_or_else(|| unreadable("constraint", &constraint.name, table))?;
                constraint::check(b, &table.name, &name, &text, &parsed.trailer, rows);
            }
            ConstraintBody::Unique { columns, include, nulls_not_distinct } => {
                let (columns, include) = (swap(columns), swap(include));
                let body = UniqueBody {
                    columns: &columns,
                    include: &include,
                    nulls_not_distinct: *nulls_not_distinct,
                    primary: false,
                    trailer: &parsed.trailer,
                };
                constraint::unique(b, table, &name, &body, rows)?;
            }
            ConstraintBody::ForeignKey { columns, table: target, referenced, actions } => {
                let columns = swap(columns);
                let target = target.resolve(b.catalog);
                let actions = format!("{actions} {}", parsed.trailer).trim().to_owned();
                let key = ForeignKey { name: &name, columns: &columns, target: &target, referenced, actions };
                constraint::foreign_key(b, table, &key, rows)?;
            }
            _ => {
                return Err(Refusal::new(
                    format!("`{}` of `{}` has no online successor", constraint.name, table.name),
                    "Drop the constraint first, or change the column in a maintenance window.",
                ));
            }
        }
    }
    Ok(())
}

fn unreadable(what: &str, name: &Ident, table: &Table) -> Refusal {
    Refusal::new(
        format!(
            "the definition of {what} `{name}` of `{}` could not be read, so it cannot be rebuilt on the new column",
            table.name
        ),
        "Drop it first, and create it again on the new column in the script.",
    )
}

/// Reads a constraint as `pg_get_constraintdef` prints it.
pub fn parse_constraint(definition: &str) -> Option<TableConstraint> {
    let script = sql::parse(&format!("ALTER TABLE t ADD {definition}"), Engine::Postgresql).ok()?;
    match &script.statements.first()?.statement {
        Statement::AlterTable { actions, .. } => match actions.first()?.action.clone() {
            Alter::AddConstraint(constraint) => Some(constraint),
            _ => None,
        },
        _ => None,
    }
}

/// `(status, lower(a)) WHERE a > 0` with a column replaced. The text is read as the keys and predicate of an index.
fn renamed_text(b: &Builder, definition: &str, old: &Ident, new: &Ident) -> Option<String> {
    let expression = sql::expression(definition);
    if expression.understood {
        return rename_column_in(&expression, &|c| (c == old).then(|| b.id(new)));
    }
    // USING, opclasses, INCLUDE and WHERE make it no expression: replace the identifier token by token instead.
    sql::rename_ident_in(definition, old, &b.id(new))
}

/// The old object's name with the column's name exchanged, or a fresh one.
fn successor(b: &mut Builder, table: &Table, name: &Ident, old: &Ident, new: &Ident) -> Ident {
    let swapped = name.as_str().replace(old.as_str(), new.as_str());
    let stem = if swapped == name.as_str() { format!("{}_{}", name.as_str(), new.as_str()) } else { swapped };
    b.fresh(&table.name, &[&stem])
}
