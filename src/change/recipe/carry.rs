//! What belongs to a column and has to stand on its successor: indexes, checks, unique constraints, foreign keys, statistics.

use super::constraint::{self, ForeignKey, Rows, UniqueBody};
use super::index::{NewIndex, Unique, build};
use super::twins::{self, Twin, What};
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::{Column, Constraint, ConstraintKind, Engine, ExtendedStatistics, Ident, Index, Table, TableName};
use crate::plan::PhaseName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::sql::{self, Alter, ConstraintBody, Statement, TableConstraint, rename_column_in};

/// Type and collation as SQL.
pub fn type_of(column: &Column) -> String {
    match &column.collation {
        Some(collation) => format!("{} COLLATE {collation}", column.data_type),
        None => column.data_type.clone(),
    }
}

/// Columns that get a successor: old name, new name.
pub type Pairs<'a> = &'a [(Ident, Ident)];

/// Builds on `new` what stands on `old`; answers what stands in for what.
///
/// # Errors
/// [`Refusal`] for an exclusion constraint, or a definition that could not be read.
pub fn carry(b: &mut Builder, table: &Table, old: &Ident, new: &Ident, rows: Rows) -> Result<Vec<Twin>, Refusal> {
    carry_all(b, table, &[(old.clone(), new.clone())], rows, &|_| true)
}

/// The same for several columns of the table at once; `wanted` leaves out constraints that the caller sees to.
///
/// # Errors
/// [`Refusal`] for an exclusion constraint, or a definition that could not be read.
pub fn carry_all(
    b: &mut Builder,
    table: &Table,
    pairs: Pairs,
    rows: Rows,
    wanted: &dyn Fn(&Constraint) -> bool,
) -> Result<Vec<Twin>, Refusal> {
    let mut twins = Vec::new();
    let stands_on = |columns: &[Ident]| pairs.iter().any(|(old, _)| columns.contains(old));
    for index in table.indexes.iter().filter(|i| stands_on(&i.uses) && i.constraint.is_none() && i.valid) {
        let definition = definition_on(b, table, index, pairs)?;
        let name = successor(b, &table.name, &index.name, &index.uses, pairs);
        let unique = if index.unique { Unique::Yes } else { Unique::No };
        let why = format!("Takes the place of `{}`, which goes with the old column.", index.name);
        build(b, table, &NewIndex { name: name.clone(), unique, definition, why })?;
        twins.push(twin(b, &table.name, What::Index, &index.name, name));
    }
    for constraint in table.constraints.iter().filter(|c| stands_on(&c.columns) && wanted(c)) {
        if constraint.kind == ConstraintKind::NotNull {
            continue;
        }
        let parsed = parse_constraint(&constraint.definition)
            .ok_or_else(|| unreadable("constraint", &constraint.name, table))?;
        let name = successor(b, &table.name, &constraint.name, &constraint.columns, pairs);
        let rows = if constraint.valid { rows } else { Rows::Unproved };
        match &parsed.body {
            ConstraintBody::Check { expression } => {
                let text = rename_column_in(expression, &|c| successor_of(pairs, c).map(|new| b.id(new)))
                    .ok_or_else(|| unreadable("constraint", &constraint.name, table))?;
                constraint::check(b, &table.name, &name, &text, &parsed.trailer, rows);
            }
            ConstraintBody::Unique { columns, include, nulls_not_distinct } => {
                let (columns, include) = (moved(pairs, columns), moved(pairs, include));
                let body = UniqueBody {
                    columns: &columns,
                    include: &include,
                    nulls_not_distinct: *nulls_not_distinct,
                    primary: false,
                    trailer: without_options(&parsed.trailer),
                };
                match table.indexes.iter().find(|i| i.constraint.as_ref() == Some(&constraint.name)) {
                    // The index knows more than the constraint: fillfactor, tablespace.
                    Some(index) => {
                        let definition = definition_on(b, table, index, pairs)?;
                        let why = format!(
                            "Takes the place of the index of `{}`. Built beforehand, so that attaching it reads nothing.",
                            constraint.name
                        );
                        let built = NewIndex { name: name.clone(), unique: Unique::Yes, definition, why };
                        constraint::attach(b, table, built, &body)?;
                    }
                    None => {
                        constraint::unique(b, table, &name, &body, rows)?;
                    }
                }
            }
            ConstraintBody::ForeignKey { columns, table: target, referenced, actions } => {
                let columns = moved(pairs, columns);
                let target = target.resolve(b.catalog);
                let actions = moved_text(b, &format!("{actions} {}", parsed.trailer), pairs).trim().to_owned();
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
        twins.push(twin(b, &table.name, What::Constraint, &constraint.name, name));
    }
    for statistics in table.statistics.iter().filter(|s| stands_on(&s.columns)) {
        let name = measure(b, table, statistics, pairs)?;
        let what = What::Statistics(statistics.name.schema.clone());
        twins.push(twin(b, &table.name, what, &statistics.name.name, name));
    }
    twins::describe(b, table, &twins);
    Ok(twins)
}

/// `WITH (fillfactor = 70)` belongs to the index, which is built with it.
fn without_options(trailer: &str) -> &str {
    let options = trailer.get(..4).is_some_and(|w| w.eq_ignore_ascii_case("with"));
    let behind = options.then(|| trailer.find(')').and_then(|at| trailer.get(at + 1..))).flatten();
    behind.unwrap_or(trailer).trim()
}

fn twin(b: &mut Builder, table: &TableName, what: What, old: &Ident, new: Ident) -> Twin {
    Twin { what, old: old.clone(), new, late: b.fresh(table, &[old.as_str(), "old"]) }
}

/// The index's definition from USING or the parenthesis on, over the new columns, in the old one's tablespace.
pub fn definition_on(b: &Builder, table: &Table, index: &Index, pairs: Pairs) -> Result<String, Refusal> {
    let unread = || unreadable("index", &index.name, table);
    let script = sql::parse(&index.definition, Engine::Postgresql).map_err(|_| unread())?;
    let Some(Statement::CreateIndex(parsed)) = script.statements.first().map(|l| &l.statement) else {
        return Err(unread());
    };
    let definition = renamed_text(b, &parsed.definition, pairs).ok_or_else(unread)?;
    let Some(tablespace) = &index.tablespace else { return Ok(definition) };
    let place = format!(" TABLESPACE {}", b.id(tablespace));
    Ok(match &parsed.predicate {
        Some(predicate) => {
            let condition = renamed_text(b, &predicate.sql, pairs).ok_or_else(unread)?;
            let keys =
                definition.strip_suffix(&condition).and_then(|d| d.strip_suffix(" WHERE ")).ok_or_else(unread)?;
            format!("{keys}{place} WHERE {condition}")
        }
        None => format!("{definition}{place}"),
    })
}

/// What was said of a statistics object, for one of the quoted name `n`.
pub fn of_statistics(b: &Builder, statistics: &ExtendedStatistics, n: &str) -> Vec<String> {
    let mut sql: Vec<String> =
        statistics.target.iter().map(|target| format!("ALTER STATISTICS {n} SET STATISTICS {target}")).collect();
    sql.extend(statistics.comment.iter().map(|c| format!("COMMENT ON STATISTICS {n} IS {}", b.dialect().literal(c))));
    sql.extend(statistics.owner.iter().map(|o| format!("ALTER STATISTICS {n} OWNER TO {}", b.id(o))));
    sql
}

/// Extended statistics over the new columns, filled before anything reads by it.
fn measure(b: &mut Builder, table: &Table, statistics: &ExtendedStatistics, pairs: Pairs) -> Result<Ident, Refusal> {
    let unread = || unreadable("the statistics object", &statistics.name.name, table);
    let text = &statistics.definition;
    let (on, from) = (text.find(" ON ").ok_or_else(unread)?, text.rfind(" FROM ").ok_or_else(unread)?);
    let kinds = text.find('(').filter(|at| *at < on).and_then(|at| text.get(at..on)).unwrap_or("");
    let keys = text.get(on + 4..from).ok_or_else(unread)?;
    let keys = renamed_tokens(b, keys, pairs).ok_or_else(unread)?;
    let at = TableName { schema: statistics.name.schema.clone(), name: table.name.name.clone() };
    let name = successor(b, &at, &statistics.name.name, &statistics.columns, pairs);
    let full = TableName { schema: statistics.name.schema.clone(), name: name.clone() };
    let (n, t) = (b.name(&full), b.name(&table.name));
    let kinds = if kinds.is_empty() { String::new() } else { format!(" {kinds}") };
    let mut sql = vec![format!("CREATE STATISTICS {n}{kinds} ON {keys} FROM {t}")];
    sql.extend(of_statistics(b, statistics, &n));
    let title = format!("Create the statistics `{name}` on `{}`", table.name);
    b.push(
        Draft::sql(PhaseName::Migrate, Rank::Index, title, sql, b.brief())
            .why(format!(
                "Takes the place of `{}`, which goes with the old column. The next ANALYZE fills it.",
                statistics.name.name
            ))
            .on(&table.name)
            .undo(b.undo_sql(vec![format!("DROP STATISTICS {n}")], "Catalog only."))
            .done(probe::statistics_exist(&full)),
    );
    Ok(name)
}

fn successor_of<'p>(pairs: Pairs<'p>, column: &Ident) -> Option<&'p Ident> {
    pairs.iter().find(|(old, _)| old == column).map(|(_, new)| new)
}

/// The columns with each that has a successor replaced by it.
pub fn moved(pairs: Pairs, columns: &[Ident]) -> Vec<Ident> {
    columns.iter().map(|c| successor_of(pairs, c).unwrap_or(c).clone()).collect()
}

/// Text that is no expression, such as `ON DELETE SET NULL (a)`, with the columns replaced.
pub fn moved_text(b: &Builder, text: &str, pairs: Pairs) -> String {
    pairs.iter().fold(text.to_owned(), |text, (old, new)| sql::rename_ident_in(&text, old, &b.id(new)).unwrap_or(text))
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

/// `(status, lower(a)) WHERE a > 0` with columns replaced. The text is read as the keys and predicate of an index.
fn renamed_text(b: &Builder, definition: &str, pairs: Pairs) -> Option<String> {
    let expression = sql::expression(definition);
    if expression.understood {
        return rename_column_in(&expression, &|c| successor_of(pairs, c).map(|new| b.id(new)));
    }
    // USING, opclasses, INCLUDE and WHERE make it no expression.
    renamed_tokens(b, definition, pairs)
}

fn renamed_tokens(b: &Builder, text: &str, pairs: Pairs) -> Option<String> {
    pairs.iter().try_fold(text.to_owned(), |text, (old, new)| sql::rename_ident_in(&text, old, &b.id(new)))
}

/// The old object's name with the column's name exchanged, or a fresh one.
fn successor(b: &mut Builder, table: &TableName, name: &Ident, uses: &[Ident], pairs: Pairs) -> Ident {
    let Some((old, new)) = pairs.iter().find(|(old, _)| uses.contains(old)) else { return name.clone() };
    let swapped = name.as_str().replace(old.as_str(), new.as_str());
    let stem = if swapped == name.as_str() { format!("{}_{}", name.as_str(), new.as_str()) } else { swapped };
    b.fresh(table, &[&stem])
}
