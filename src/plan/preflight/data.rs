//! Rows that would make a later step fail, as queries to run before the first step: duplicates, NULLs, orphans, violators,
//! values that cannot be cast. Read from the script, whatever way the plan takes.

use super::{Preflight, query};
use crate::engine::dialect;
use crate::model::{Catalog, Column, Ident, Table, TableName};
use crate::sql::{Alter, ConstraintBody, CreateIndex, Expression, Statement, TableConstraint, canonical_type};

/// One query per thing that data of today could break.
pub(super) fn queries<'s>(statements: impl Iterator<Item = &'s Statement>, catalog: &Catalog) -> Vec<Preflight> {
    let statements: Vec<&Statement> = statements.collect();
    // What the script itself fills is not what it will find.
    let mended = statements.iter().filter_map(|s| match s {
        Statement::Update(update) => update.table.table(catalog).map(|t| (t, update)),
        _ => None,
    });
    let mended = mended.flat_map(|(t, u)| u.assignments.iter().map(|a| (t.name.clone(), a.column.clone()))).collect();
    // A type that the script makes cannot be asked about before it is there.
    let made = statements.iter().filter_map(|s| match s {
        Statement::CreateType(create) => Some(create.name.name.clone()),
        _ => None,
    });
    let mut reader = Reader { catalog, mended, made: made.collect(), found: Vec::new() };
    for statement in statements {
        match statement {
            Statement::AlterTable { table, actions, .. } => {
                let Some(table) = table.table(catalog) else { continue };
                for action in actions {
                    reader.action(table, &action.action);
                }
            }
            Statement::CreateIndex(create) if create.unique => reader.unique_index(create),
            _ => {}
        }
    }
    reader.found
}

struct Reader<'c> {
    catalog: &'c Catalog,
    mended: Vec<(TableName, Ident)>,
    made: Vec<Ident>,
    found: Vec<Preflight>,
}

impl Reader<'_> {
    fn id(&self, name: &Ident) -> String {
        dialect(self.catalog.server.engine).ident(name)
    }
    fn ids(&self, names: &[Ident]) -> String {
        dialect(self.catalog.server.engine).idents(names)
    }
    fn name(&self, table: &Table) -> String {
        dialect(self.catalog.server.engine).name(&table.name)
    }

    fn push(&mut self, title: String, sql: String, why: &str) {
        let one = query(title, sql, "no row", why);
        if !self.found.contains(&one) {
            self.found.push(one);
        }
    }

    fn makes(&self, data_type: &str) -> bool {
        let bare = data_type.trim_end_matches("[]").rsplit('.').next().unwrap_or("").trim_matches('"').to_owned();
        self.made.iter().any(|name| name.as_str() == bare)
    }

    fn is_mended(&self, table: &Table, column: &Ident) -> bool {
        self.mended.iter().any(|(t, c)| *t == table.name && c == column)
    }

    fn action(&mut self, table: &Table, action: &Alter) {
        match action {
            Alter::SetNotNull { column } => self.nulls(table, std::slice::from_ref(column)),
            Alter::AddConstraint(constraint) => self.constraint(table, constraint),
            Alter::SetType { data_type, .. } if self.makes(data_type) => {}
            Alter::SetType { column, data_type, using, .. } => {
                if let Some(column) = table.column(column) {
                    self.uncastable(table, column, data_type, using.as_ref());
                }
            }
            _ => {}
        }
    }

    fn constraint(&mut self, table: &Table, constraint: &TableConstraint) {
        if constraint.not_valid {
            return;
        }
        let mended = columns_of(&constraint.body).iter().any(|c| self.is_mended(table, c));
        let there = |columns: &[Ident]| !mended && columns.iter().all(|c| table.column(c).is_some());
        match &constraint.body {
            ConstraintBody::Check { expression } if there(&expression.columns) => {
                let name = constraint.name.as_ref().map_or_else(|| "the new CHECK".to_owned(), |n| format!("`{n}`"));
                let sql = format!("SELECT * FROM {} WHERE NOT ({}) LIMIT 10", self.name(table), expression.sql.trim());
                self.push(
                    format!("Rows of `{}` that break {name}", table.name),
                    sql,
                    "The validation would fail, and every UPDATE of such a row would fail from the moment the constraint is there.",
                );
            }
            ConstraintBody::NotNull { column } => self.nulls(table, std::slice::from_ref(column)),
            ConstraintBody::Unique { columns, nulls_not_distinct, .. } if there(columns) => {
                self.duplicates(table, columns, *nulls_not_distinct);
            }
            ConstraintBody::PrimaryKey { columns, .. } if there(columns) => {
                self.nulls(table, columns);
                self.duplicates(table, columns, false);
            }
            ConstraintBody::ForeignKey { columns, table: target, referenced, .. } if there(columns) => {
                let Some(target) = target.table(self.catalog) else { return };
                let key = target.primary_key().map(|k| k.columns.clone()).unwrap_or_default();
                let referenced = if referenced.is_empty() { &key } else { referenced };
                if referenced.len() != columns.len() {
                    return;
                }
                let pairs = columns.iter().zip(referenced);
                let joined: Vec<String> =
                    pairs.map(|(c, r)| format!("parent.{} = child.{}", self.id(r), self.id(c))).collect();
                let set: Vec<String> = columns.iter().map(|c| format!("child.{} IS NOT NULL", self.id(c))).collect();
                let sql = format!(
                    "SELECT child.* FROM {} AS child WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS parent WHERE {}) LIMIT 10",
                    self.name(table),
                    set.join(" AND "),
                    self.name(target),
                    joined.join(" AND ")
                );
                self.push(
                    format!("Rows of `{}` without a partner in `{}`", table.name, target.name),
                    sql,
                    "The validation of the foreign key would fail.",
                );
            }
            _ => {}
        }
    }

    fn nulls(&mut self, table: &Table, columns: &[Ident]) {
        for column in columns {
            if self.is_mended(table, column) || table.column(column).is_none_or(|c| c.not_null) {
                continue;
            }
            let sql = format!("SELECT * FROM {} WHERE {} IS NULL LIMIT 10", self.name(table), self.id(column));
            self.push(
                format!("NULLs in `{column}` of `{}`", table.name),
                sql,
                "NOT NULL would be refused; mend these rows and what writes them first.",
            );
        }
    }

    fn duplicates(&mut self, table: &Table, columns: &[Ident], nulls_count: bool) {
        let set: Vec<String> = columns.iter().map(|c| format!("{} IS NOT NULL", self.id(c))).collect();
        let filter = if nulls_count { String::new() } else { format!(" WHERE {}", set.join(" AND ")) };
        let list = self.ids(columns);
        let sql = format!(
            "SELECT {list}, count(*) FROM {}{filter} GROUP BY {list} HAVING count(*) > 1 LIMIT 10",
            self.name(table)
        );
        self.push(
            format!("Duplicates in {} of `{}`", crate::plan::build::listed(columns), table.name),
            sql,
            "The build of the unique index would fail and leave an invalid index behind.",
        );
    }

    fn unique_index(&mut self, create: &CreateIndex) {
        let Some(table) = create.table.table(self.catalog) else { return };
        let used = create.keys.iter().flat_map(|k| k.column.iter().chain(&k.uses));
        if used.clone().any(|c| table.column(c).is_none()) {
            return;
        }
        let keys: Option<Vec<String>> = create
            .keys
            .iter()
            .map(|k| match &k.column {
                Some(column) => Some(self.id(column)),
                // Ordering and operator classes mean nothing to GROUP BY; where they are, say nothing rather than something wrong.
                None if k.text.trim_end().ends_with(')') => Some(k.text.clone()),
                None => None,
            })
            .collect();
        let Some(keys) = keys else { return };
        let list = keys.join(", ");
        let mut filter: Vec<String> = keys.iter().map(|k| format!("{k} IS NOT NULL")).collect();
        if create.definition.to_uppercase().contains("NULLS NOT DISTINCT") {
            filter.clear();
        }
        filter.extend(create.predicate.iter().map(|p| format!("({})", p.sql.trim())));
        let filter = if filter.is_empty() { String::new() } else { format!(" WHERE {}", filter.join(" AND ")) };
        let sql = format!(
            "SELECT {list}, count(*) FROM {}{filter} GROUP BY {list} HAVING count(*) > 1 LIMIT 10",
            self.name(table)
        );
        self.push(
            format!("Duplicates in ({list}) of `{}`", table.name),
            sql,
            "The build of the unique index would fail and leave an invalid index behind.",
        );
    }

    fn uncastable(&mut self, table: &Table, column: &Column, data_type: &str, using: Option<&Expression>) {
        let (t, c) = (self.name(table), self.id(&column.name));
        let new = canonical_type(data_type);
        let (title, why) = (
            format!("Values of `{}` of `{}` that do not fit `{new}`", column.name, table.name),
            "The conversion would fail at the first such value.",
        );
        let condition = match using {
            Some(expression) if !expression.has_subquery => {
                self.found.push(query(
                    format!("Every value of `{}` of `{}` can be converted", column.name, table.name),
                    format!("SELECT count({}) FROM {t}", expression.sql.trim()),
                    "a number, and no error",
                    "It computes the new value for every row; the error of the first row that cannot be converted is the one the change would meet.",
                ));
                return;
            }
            Some(_) => return,
            None => misfit(&c, &column.data_type, &new, self.catalog.server.since(16)),
        };
        let Some(condition) = condition else { return };
        self.push(title, format!("SELECT * FROM {t} WHERE {condition} LIMIT 10"), why);
    }
}

fn columns_of(body: &ConstraintBody) -> &[Ident] {
    match body {
        ConstraintBody::Check { expression } => &expression.columns,
        ConstraintBody::Unique { columns, .. }
        | ConstraintBody::PrimaryKey { columns, .. }
        | ConstraintBody::ForeignKey { columns, .. } => columns,
        _ => &[],
    }
}

/// What is true for a value of `old` that cannot become a `new` by itself; none where every value can.
fn misfit(column: &str, old: &str, new: &str, can_ask: bool) -> Option<String> {
    let range = |low: &str, high: &str| Some(format!("{column} NOT BETWEEN {low} AND {high}"));
    let number = matches!(old, "bigint" | "integer" | "double precision" | "real") || old.starts_with("numeric");
    match new {
        "smallint" if number => return range("-32768", "32767"),
        "integer" if number && old != "integer" => return range("-2147483648", "2147483647"),
        "bigint" if number && !matches!(old, "bigint" | "integer") => {
            return range("-9223372036854775808", "9223372036854775807");
        }
        _ => {}
    }
    let text = old == "text" || old.starts_with("character");
    let length = |of: &str| of.split_once('(').and_then(|(_, n)| n.trim_end_matches(')').parse::<u64>().ok());
    if text && new.starts_with("character varying") {
        let (most, before) = (length(new)?, length(old).unwrap_or(u64::MAX));
        return (before > most).then(|| format!("length({column}) > {most} AND length(rtrim({column})) > {most}"));
    }
    if let (Some((digits, scale)), true) = (numeric(new), number) {
        let whole = digits.saturating_sub(scale);
        return Some(format!("abs(round({column}::numeric, {scale})) >= 1e{whole}"));
    }
    if text && can_ask {
        return Some(format!("NOT pg_catalog.pg_input_is_valid({column}::text, '{}')", new.replace('\'', "''")));
    }
    None
}

/// `numeric(12,4)` → 12, 4.
fn numeric(data_type: &str) -> Option<(u64, u64)> {
    let inner = data_type.strip_prefix("numeric(")?.strip_suffix(')')?;
    let (digits, scale) = inner.split_once(',').unwrap_or((inner, "0"));
    Some((digits.trim().parse().ok()?, scale.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misfits_are_named_by_their_types() {
        let ask = |old, new| misfit("c", old, new, false);
        assert_eq!(ask("bigint", "integer").unwrap(), "c NOT BETWEEN -2147483648 AND 2147483647");
        assert_eq!(ask("integer", "bigint"), None);
        assert_eq!(ask("text", "character varying(5)").unwrap(), "length(c) > 5 AND length(rtrim(c)) > 5");
        assert_eq!(ask("character varying(5)", "character varying(10)"), None);
        assert_eq!(ask("integer", "numeric(12,4)").unwrap(), "abs(round(c::numeric, 4)) >= 1e8");
        assert_eq!(ask("text", "date"), None);
        assert_eq!(misfit("c", "text", "date", true).unwrap(), "NOT pg_catalog.pg_input_is_valid(c::text, 'date')");
    }
}
