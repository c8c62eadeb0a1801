//! `ADD b…; UPDATE SET b = f(a)…; DROP a`: a column split, a merge or a replacement.

use super::form::Spec;
use super::inverse::{Inverse, inverse};
use super::recipe::constraint::Rows;
use super::recipe::measure::measure;
use super::recipe::shadow::{Doubt, NewColumn, Shadow};
use super::recipe::table::user_triggers;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, add_column};
use crate::model::{Ident, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::{Severity, Sync};
use crate::sql::{Alter, Assignment, ColumnDef, Expression, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct ReplaceColumns {
    table: TableName,
    news: Vec<New>,
    olds: Vec<Ident>,
    /// `UPDATE … SET old = g(new)`, if the script says how the way back goes.
    back: Vec<Assignment>,
}

#[derive(Debug, Clone, PartialEq)]
struct New {
    column: ColumnDef,
    value: Expression,
    not_null: bool,
}

impl Kind for ReplaceColumns {
    const NAME: &'static str = "replace-columns";
    const TITLE: &'static str = "Split, merge or replace columns";
    const FORMS: &'static [Spec] = &[
        (
            "Split a column in two",
            "ALTER TABLE {table:table=users} ADD COLUMN {first:new=first_name} {type:type=text}, ADD COLUMN {second:new=last_name} {type};\nUPDATE {table} SET {first} = {first value:sql=split_part(name, ' ', 1)}, {second} = {second value:sql=split_part(name, ' ', 2)};\nALTER TABLE {table} DROP COLUMN {column:column=name};",
        ),
        (
            "Replace a column by another",
            "ALTER TABLE {table:table=users} ADD COLUMN {new column:new=display_name} {type:type=text};\nUPDATE {table} SET {new column} = {value:sql=upper(name)};\nALTER TABLE {table} DROP COLUMN {column:column=name};",
        ),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (update_at, statement) in wish.statements() {
            let Statement::Update(update) = statement else { continue };
            let table = update.table.resolve(wish.catalog);
            if update.from.is_some() {
                continue;
            }
            let mut atoms = vec![update_at];
            let mut news = Vec::new();
            for assignment in &update.assignments {
                let Some((at, column)) = added(wish, &table, &assignment.column) else { break };
                let (extra, not_null) = set_not_null(wish, &table, &assignment.column);
                atoms.push(at);
                atoms.extend(extra);
                let value = guarded_by(&assignment.value, update.filter.as_ref());
                news.push(New { not_null: not_null || column.not_null, column: column.clone(), value });
            }
            if news.len() != update.assignments.len() {
                continue;
            }
            let mut olds = Vec::new();
            for (at, name, action) in wish.alters() {
                let Alter::DropColumn { column, .. } = action else { continue };
                if *name == table && at > update_at && news.iter().any(|n| n.value.columns.contains(column)) {
                    atoms.push(at);
                    olds.push(column.clone());
                }
            }
            if olds.is_empty() || news.iter().any(|n| !n.value.columns.iter().any(|c| olds.contains(c))) {
                continue;
            }
            let mut back = Vec::new();
            for (at, statement) in wish.statements() {
                let Statement::Update(update) = statement else { continue };
                let returns = update.table.resolve(wish.catalog) == table
                    && update.assignments.iter().all(|a| {
                        olds.contains(&a.column)
                            && a.value.columns.iter().all(|c| news.iter().any(|n| n.column.name == *c))
                    });
                if at != update_at && returns {
                    atoms.push(at);
                    back.extend(update.assignments.iter().cloned());
                }
            }
            atoms.sort_unstable();
            atoms.dedup();
            claims.push(Claim { atoms, change: Self { table, news, olds, back } });
        }
        claims
    }

    fn title(&self) -> String {
        let news: Vec<Ident> = self.news.iter().map(|n| n.column.name.clone()).collect();
        match (self.olds.as_slice(), news.as_slice()) {
            ([old], [_, _, ..]) => format!("Split `{}.{old}` into {}", self.table, listed(&news)),
            ([old], _) => format!("Replace `{}.{old}` by {}", self.table, listed(&news)),
            _ => format!("Merge {} of `{}` into {}", listed(&self.olds), self.table, listed(&news)),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| super::created_here(&self.table))?;
        for old in &self.olds {
            super::drop_column::droppable(b, table, old)?;
        }
        let forward: Vec<(Ident, Expression)> =
            self.news.iter().map(|n| (n.column.name.clone(), n.value.clone())).collect();
        let back = self.way_back(b, &forward);
        let shadow = Shadow {
            table,
            olds: self.olds.clone(),
            news: self
                .news
                .iter()
                .map(|n| NewColumn {
                    name: n.column.name.clone(),
                    data_type: add_column::type_and_collation(&n.column),
                    forward: n.value.clone(),
                    not_null: n.not_null,
                    default: n.column.default.as_ref().map(|d| d.sql.clone()),
                })
                .collect(),
            back,
            doubt: Doubt::default(),
        };
        user_triggers(b, table);
        shadow.plan(b, |b| {
            for new in &self.news {
                add_column::inline_constraints(b, table, &new.column, Rows::New)?;
            }
            Ok(())
        })?;
        let new: Vec<_> = self.news.iter().map(|n| (n.column.name.clone(), n.column.name.clone())).collect();
        measure(b, table, &new, &[]);
        Ok("online: the old column stays until no release uses it".to_owned())
    }
}

impl ReplaceColumns {
    fn way_back(&self, b: &mut Builder, forward: &[(Ident, Expression)]) -> Vec<(Ident, Expression)> {
        if b.policy.sync == Sync::App {
            return Vec::new();
        }
        if !self.back.is_empty() {
            return self.back.iter().map(|a| (a.column.clone(), a.value.clone())).collect();
        }
        let column = match self.olds.as_slice() {
            [old] => b.catalog.table(&self.table).and_then(|t| t.column(old)),
            _ => None,
        };
        let found = column.map_or(Inverse::None, |old| inverse(old, forward, &|c| b.id(c)));
        match (found, self.olds.first()) {
            (Inverse::Exact(expression), Some(old)) => vec![(old.clone(), expression)],
            (Inverse::Derived(expression, loses), Some(old)) => {
                b.finding(
                    Severity::Warning,
                    format!(
                        "The way back was derived from the separator of the split: {loses}. If that is not right, say it in the script: \
                         `UPDATE {} SET {} = … ;` over the new columns.",
                        b.name(&self.table),
                        b.id(old)
                    ),
                );
                vec![(old.clone(), expression)]
            }
            _ => {
                b.finding(
                    Severity::Warning,
                    format!(
                        "No way back from {} to {} follows from the script, so one more release is needed that writes both. \
                         Say it as a second UPDATE (`UPDATE {} SET {} = …`) and the trigger will do it.",
                        listed(&forward.iter().map(|(c, _)| c.clone()).collect::<Vec<_>>()),
                        listed(&self.olds),
                        b.name(&self.table),
                        self.olds.first().map(|c| b.id(c)).unwrap_or_default()
                    ),
                );
                Vec::new()
            }
        }
    }
}

/// The ADD COLUMN of this column in the script.
pub fn added<'a>(wish: &Wish<'a>, table: &TableName, column: &Ident) -> Option<(usize, &'a ColumnDef)> {
    wish.alters().find_map(|(at, t, action)| match action {
        Alter::AddColumn { column: c, .. } if t == table && c.name == *column => Some((at, &**c)),
        _ => None,
    })
}

/// The later SET NOT NULL of this column, if there is one.
pub fn set_not_null(wish: &Wish, table: &TableName, column: &Ident) -> (Option<usize>, bool) {
    let at = wish.alters().find_map(|(at, t, action)| match action {
        Alter::SetNotNull { column: c } if t == table && c == column => Some(at),
        _ => None,
    });
    (at, at.is_some())
}

/// `CASE WHEN filter THEN value END`: rows that the UPDATE leaves out stay NULL.
pub fn guarded_by(value: &Expression, filter: Option<&Expression>) -> Expression {
    let Some(filter) = filter else { return value.clone() };
    let mut guarded = crate::sql::expression(&format!("CASE WHEN {} THEN {} END", filter.sql, value.sql));
    guarded.understood &= value.understood && filter.understood;
    guarded
}
