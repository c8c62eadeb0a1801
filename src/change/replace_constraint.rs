//! DROP CONSTRAINT and ADD CONSTRAINT in one wish: another key in the place of a key, another rule under the same name.

use super::add_constraint::referenced_columns;
use super::form::Spec;
use super::recipe::constraint::{self, ForeignKey, Rows};
use super::recipe::key_swap::{KeySwap, NewKey, NewLink, Relink};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::engine::names;
use crate::model::{Constraint, ConstraintKind, Ident, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, TransactionMode, Undo};
use crate::sql::{Alter, ConstraintBody, TableConstraint, serial_base};

#[derive(Debug, Clone, PartialEq)]
pub struct ReplaceConstraint {
    table: TableName,
    old: Ident,
    new: TableConstraint,
    /// A second key of the script over the old key's columns, for the foreign keys that point at them.
    also: Option<TableConstraint>,
    /// Foreign keys that need the old key: the script drops each, and may add it again.
    links: Vec<(TableName, Ident, Option<TableConstraint>)>,
    /// Columns that other changes of the script make NOT NULL.
    proved: Vec<Ident>,
    /// The script drops the old one before it adds the new one: its name is free by then.
    frees_the_name: bool,
    rows: Rows,
}

impl Kind for ReplaceConstraint {
    const NAME: &'static str = "replace-constraint";
    const TITLE: &'static str = "Put another constraint in the place of one";
    const FORMS: &'static [Spec] = &[(
        "Put another CHECK in the place of one",
        "ALTER TABLE {table:table=reviews} DROP CONSTRAINT {constraint:constraint=reviews_stars_check};\nALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({check:sql=stars BETWEEN 0 AND 5});",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (dropped_at, table, action) in wish.alters() {
            let Alter::DropConstraint { name: old, cascade, .. } = action else { continue };
            let Some(before) = wish.table(table).and_then(|t| t.constraint(old)) else { continue };
            let added = |fits: &dyn Fn(&TableConstraint) -> bool| {
                wish.alters().find_map(|(at, t, action)| match action {
                    Alter::AddConstraint(c) if t == table && !c.not_valid && fits(c) => Some((at, c.clone())),
                    _ => None,
                })
            };
            let Some((added_at, new)) = added(&|c| takes_the_place(before, c)) else { continue };
            let mut atoms = vec![dropped_at, added_at];
            let frees_the_name = dropped_at < added_at;
            let also = added(&|c| {
                *c != new && matches!(&c.body, ConstraintBody::Unique { columns, .. } if same(columns, &before.columns))
            });
            let also = also.filter(|_| before.kind == ConstraintKind::PrimaryKey).map(|(at, c)| {
                atoms.push(at);
                c
            });
            let links = relinked(wish, table, before, *cascade, &mut atoms);
            atoms.sort_unstable();
            atoms.dedup();
            let columns = key_columns(&new);
            let proved = columns.iter().filter(|c| made_not_null(wish, table, c)).cloned().collect();
            let rows = if columns.iter().any(|c| !wish.column_exists(table, c)) { Rows::New } else { Rows::Existing };
            let (table, old) = (table.clone(), old.clone());
            claims.push(Claim { atoms, change: Self { table, old, new, also, links, proved, frees_the_name, rows } });
        }
        claims
    }

    fn title(&self) -> String {
        match &self.new.body {
            ConstraintBody::PrimaryKey { columns, .. } => {
                format!("Make {} the primary key of `{}` instead of `{}`", listed(columns), self.table, self.old)
            }
            ConstraintBody::Unique { columns, .. } => {
                format!("Make {} of `{}` unique instead of `{}`", listed(columns), self.table, self.old)
            }
            _ => format!("Put another rule in the place of `{}` of `{}`", self.old, self.table),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let old = table.constraint(&self.old).ok_or_else(|| created_here(&self.table))?;
        match &self.new.body {
            ConstraintBody::PrimaryKey { .. } | ConstraintBody::Unique { .. } => {
                let new = self.key(b, &self.new).ok_or_else(|| created_here(&self.table))?;
                let also = self.also.as_ref().and_then(|c| self.key(b, c));
                let mut links = Vec::new();
                for (child, name, new) in &self.links {
                    let child = b.catalog.table(child).ok_or_else(|| created_here(child))?;
                    let old = child.constraint(name).ok_or_else(|| created_here(&self.table))?;
                    let new = new.as_ref().and_then(|new| self.link(b, child, old, new));
                    links.push(Relink { table: child, old, new });
                }
                KeySwap { table, old, new, also, links, proved: self.proved.clone(), rows: self.rows }.plan(b)?;
                Ok("online: the new key's index is built beforehand, one short ALTER TABLE exchanges the two"
                    .to_owned())
            }
            _ => {
                self.rule(b, table, old)?;
                Ok("online: the new rule is proved under another name before the old one goes".to_owned())
            }
        }
    }
}

impl ReplaceConstraint {
    fn key(&self, b: &mut Builder, constraint: &TableConstraint) -> Option<NewKey> {
        let (columns, include, nulls_not_distinct, primary, suffix) = match &constraint.body {
            ConstraintBody::PrimaryKey { columns, include } => (columns, include, false, true, "pkey"),
            ConstraintBody::Unique { columns, include, nulls_not_distinct } => {
                (columns, include, *nulls_not_distinct, false, "key")
            }
            _ => return None,
        };
        let name = match &constraint.name {
            Some(name) => name.clone(),
            None => {
                let named_after = if primary { &[][..] } else { columns };
                // The server would give the old one's name again, once that is gone.
                let natural = names::made_up(&self.table.name, named_after, suffix, |_| false);
                if self.frees_the_name && natural == self.old {
                    natural
                } else {
                    constraint::named(b, &self.table, constraint, named_after, suffix)
                }
            }
        };
        Some(NewKey {
            name,
            columns: columns.clone(),
            include: include.clone(),
            nulls_not_distinct,
            primary,
            trailer: constraint.trailer.clone(),
        })
    }

    fn link(&self, b: &Builder, child: &Table, old: &Constraint, new: &TableConstraint) -> Option<NewLink> {
        let ConstraintBody::ForeignKey { columns, table, referenced, actions } = &new.body else { return None };
        let target = table.resolve(b.catalog);
        let referenced = match &self.new.body {
            _ if !referenced.is_empty() => referenced.clone(),
            ConstraintBody::PrimaryKey { columns, .. } => columns.clone(),
            _ => old.references.as_ref()?.columns.clone(),
        };
        let mut body =
            format!("FOREIGN KEY ({}) REFERENCES {} ({})", b.ids(columns), b.name(&target), b.ids(&referenced));
        for part in [actions.trim(), new.trailer.trim()].into_iter().filter(|p| !p.is_empty()) {
            body.push(' ');
            body.push_str(part);
        }
        let free = child.constraint(&old.name).is_some().then(|| old.name.clone());
        let name = new.name.clone().or(free)?;
        Some(NewLink { name, body, valid: !new.not_valid })
    }

    /// CHECK and foreign key: both rules hold until the new one is proved.
    fn rule(&self, b: &mut Builder, table: &Table, old: &Constraint) -> Result<(), Refusal> {
        let (t, n) = (b.name(&self.table), b.id(&self.old));
        let name = b.fresh(&self.table, &[self.old.as_str(), "new"]);
        let mut partner = old.references.as_ref().map(|r| r.table.clone());
        match &self.new.body {
            ConstraintBody::Check { expression } => {
                constraint::check(b, &self.table, &name, &expression.sql, &self.new.trailer, self.rows);
            }
            ConstraintBody::ForeignKey { columns, table: target, referenced, actions } => {
                let target = target.resolve(b.catalog);
                let referenced = referenced_columns(b, &target, referenced);
                let actions = format!("{actions} {}", self.new.trailer).trim().to_owned();
                let key = ForeignKey { name: &name, columns, target: &target, referenced: &referenced, actions };
                constraint::foreign_key(b, table, &key, self.rows)?;
                partner = Some(target);
            }
            _ => {
                return Err(Refusal::new(
                    format!("what takes the place of `{}` has no online way", self.old),
                    "Drop the old constraint and add the new one in plans of their own.",
                ));
            }
        }
        let temporary = b.id(&name);
        let mut back = vec![format!("ALTER TABLE {t} RENAME CONSTRAINT {n} TO {temporary}")];
        let bare = old.definition.trim_end_matches(" NOT VALID");
        back.push(format!("ALTER TABLE {t} ADD CONSTRAINT {n} {bare} NOT VALID"));
        if old.valid {
            back.push(format!("ALTER TABLE {t} VALIDATE CONSTRAINT {n}"));
        }
        let sql = vec![
            format!("ALTER TABLE {t} DROP CONSTRAINT {n}"),
            format!("ALTER TABLE {t} RENAME CONSTRAINT {temporary} TO {n}"),
        ];
        let mut step = Draft::sql(
            PhaseName::Settle,
            Rank::DropConstraint,
            format!("Let the new `{}` of `{}` take the old one's place", self.old, self.table),
            sql,
            b.brief(),
        )
        .why("Catalog only. Dropped and added in one statement, the new rule would be proved under the strong lock.")
        .on(&self.table)
        .undo(Undo::Sql {
            sql: back,
            transaction: TransactionMode::None,
            timeouts: b.validating(),
            because: "Comes back for new rows, then the others are proved, which fails if rows written in between break the old rule.".to_owned(),
        })
        .done(probe::constraint_gone(&self.table, &name))
        .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
        if let Some(partner) = partner {
            step = step.on(&partner).watch("Who holds a lock on the referenced table", probe::lock_holders(&partner));
        }
        b.push(step);
        Ok(())
    }
}

/// Foreign keys that need the key, with what the script does to each; their statements belong to this change.
fn relinked(
    wish: &Wish,
    table: &TableName,
    key: &Constraint,
    cascade: bool,
    atoms: &mut Vec<usize>,
) -> Vec<(TableName, Ident, Option<TableConstraint>)> {
    let mut links = Vec::new();
    let needs = |r: &crate::model::catalog::Reference| same(&r.columns, &key.columns);
    for (child, fk) in wish.catalog.referenced_by(table).filter(|(_, fk)| fk.references.as_ref().is_some_and(needs)) {
        let dropped = wish.alters().find_map(|(at, t, action)| match action {
            Alter::DropConstraint { name, .. } if *t == child.name && *name == fk.name => Some(at),
            _ => None,
        });
        let added = wish.alters().find_map(|(at, t, action)| match action {
            Alter::AddConstraint(c) if *t == child.name => match &c.body {
                ConstraintBody::ForeignKey { columns, table: to, referenced, .. }
                    if to.resolve(wish.catalog) == *table
                        && *columns == fk.columns
                        && (referenced.is_empty() || same(referenced, &key.columns)) =>
                {
                    Some((at, c.clone()))
                }
                _ => None,
            },
            _ => None,
        });
        if dropped.is_none() && (!cascade || added.is_none()) {
            continue;
        }
        atoms.extend(dropped);
        atoms.extend(added.as_ref().map(|(at, _)| *at));
        links.push((child.name.clone(), fk.name.clone(), added.map(|(_, c)| c)));
    }
    links
}

/// Whether the new constraint is meant to stand where the old one stood.
fn takes_the_place(old: &Constraint, new: &TableConstraint) -> bool {
    let named = new.name.as_ref() == Some(&old.name);
    match (&old.kind, &new.body) {
        (ConstraintKind::PrimaryKey, ConstraintBody::PrimaryKey { .. }) => true,
        (ConstraintKind::Unique, ConstraintBody::PrimaryKey { columns, .. })
        | (ConstraintKind::PrimaryKey, ConstraintBody::Unique { columns, .. }) => named || same(columns, &old.columns),
        (ConstraintKind::Unique, ConstraintBody::Unique { .. }) => named,
        (ConstraintKind::Check, ConstraintBody::Check { .. }) => named,
        (ConstraintKind::ForeignKey, ConstraintBody::ForeignKey { columns, .. }) => {
            named || (new.name.is_none() && same(columns, &old.columns))
        }
        _ => false,
    }
}

fn same(a: &[Ident], b: &[Ident]) -> bool {
    a.len() == b.len() && a.iter().all(|c| b.contains(c))
}

fn key_columns(constraint: &TableConstraint) -> Vec<Ident> {
    match &constraint.body {
        ConstraintBody::PrimaryKey { columns, .. }
        | ConstraintBody::Unique { columns, .. }
        | ConstraintBody::ForeignKey { columns, .. } => columns.clone(),
        ConstraintBody::Check { expression } => expression.columns.clone(),
        _ => Vec::new(),
    }
}

fn made_not_null(wish: &Wish, table: &TableName, column: &Ident) -> bool {
    wish.alters().any(|(_, t, action)| {
        t == table
            && match action {
                Alter::SetNotNull { column: c } => c == column,
                Alter::AddColumn { column: c, .. } => {
                    c.name == *column && (c.not_null || c.identity.is_some() || serial_base(&c.data_type).is_some())
                }
                _ => false,
            }
    })
}
