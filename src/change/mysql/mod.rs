//! What is wanted of MySQL and MariaDB, and how it is reached there: a specification of an ALTER TABLE, or a whole statement,
//! with the catalog as the script has it by then.
//!
//! The kinds bear PostgreSQL's names. What the server does with a specification is not known here: `way` asks the engine.

mod alter;
mod column;
mod constraint;
mod definition;
mod drop_column;
mod expression;
pub(super) mod forms;
mod index;
mod moved;
mod names;
mod partition;
mod rename_table;
mod rows;
mod same;
mod spell;
mod sync;
mod table;
mod tool;
mod twins;
mod types;
mod way;
mod whole;

pub(super) use names::{behind, objects};

use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::engine::replay;
use crate::model::{Catalog, Ident, Table, TableName};
use crate::plan::build::Builder;
use crate::sql::Statement as Any;
use crate::sql::mysql::statement::{Action, AlterTable, Spec, Statement};
use moved::Moved;

/// Specifications that have to run together, or a whole statement.
#[derive(Debug, Clone, PartialEq)]
pub struct OnMysql {
    what: What,
    /// The database as the script has it just before.
    before: Box<Catalog>,
    /// As the user wrote it.
    text: String,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Specs { table: TableName, alter: AlterTable },
    Moved(Box<Moved>),
    Whole(Box<Statement>),
}

/// A table that is altered, and the database just before.
#[derive(Clone, Copy)]
pub(super) struct On<'a> {
    pub before: &'a Catalog,
    pub table: &'a Table,
}

impl On<'_> {
    pub fn name(&self) -> &TableName {
        &self.table.name
    }
}

impl Kind for OnMysql {
    const NAME: &'static str = "as-written";
    const TITLE: &'static str = "Run as written";

    fn name(&self) -> &'static str {
        match &self.what {
            What::Moved(moved) => moved.kind(),
            What::Specs { alter, .. } => alter.specs.first().map_or(Self::NAME, |s| names::kind(&s.action)),
            What::Whole(statement) => names::kind_of(statement),
        }
    }

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        let mut before = wish.catalog.clone();
        let mut taken = Vec::new();
        for (atoms, moved) in moved::recognise(wish) {
            taken.extend(atoms.iter().copied());
            let what = What::Moved(Box::new(moved));
            claims.push(Claim {
                atoms,
                change: Self { what, before: Box::new(wish.catalog.clone()), text: String::new() },
            });
        }
        let mut at = 0;
        while let Some(atom) = wish.atoms.get(at) {
            let mut atoms = vec![at];
            let what = match &atom.part {
                Part::Spec { table, alter, spec } => {
                    let mut specs = vec![(*spec).clone()];
                    while let Some(Part::Spec { alter: same, spec: next, .. }) =
                        wish.atoms.get(at + atoms.len()).map(|a| &a.part)
                        && std::ptr::eq(*same, *alter)
                        && specs.iter().any(|s| together(&s.action, &next.action))
                    {
                        atoms.push(at + atoms.len());
                        specs.push((*next).clone());
                    }
                    let alter = AlterTable { specs, algorithm: None, lock: None, ..(*alter).clone() };
                    Some(What::Specs { table: table.clone(), alter })
                }
                Part::Whole(Any::Mysql(statement)) => Some(What::Whole(statement.clone())),
                _ => None,
            };
            let step = atoms.len();
            if let Some(what) = what {
                let after = moved_on(&before, &what);
                if !atoms.iter().any(|a| taken.contains(a)) {
                    let text = wish.text_of(&atoms);
                    let change = Self { what, before: Box::new(before), text };
                    claims.push(Claim { atoms, change });
                }
                before = after;
            }
            at += step;
        }
        claims
    }

    fn title(&self) -> String {
        match &self.what {
            What::Moved(moved) => moved.title(),
            What::Specs { table, alter } => {
                let each: Vec<String> = alter.specs.iter().map(|s| names::title(table, s)).collect();
                each.join(", ")
            }
            What::Whole(statement) => names::title_of(statement, &self.before, &self.text),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        match &self.what {
            What::Moved(moved) => vec![moved.table.clone()],
            What::Specs { table, .. } => vec![table.clone()],
            What::Whole(statement) => objects(statement).into_iter().map(|o| o.resolve(&self.before)).collect(),
        }
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.what {
            What::Moved(moved) => moved.plan(b),
            What::Specs { table, alter } => {
                if alter.ignore {
                    return Err(Refusal::new(
                        "ALTER IGNORE TABLE drops rows without a word",
                        "Delete the rows that would break the new key in a plan of their own, then write the ALTER without IGNORE.",
                    ));
                }
                let found = self.before.table(table).ok_or_else(|| {
                    Refusal::new(format!("`{table}` is not a table"), "Name the table that the change is for.")
                })?;
                if b.catalog.table(table).is_none() {
                    return Err(super::created_here(table));
                }
                let on = On { before: &self.before, table: found };
                specified(b, on, &alter.specs)
            }
            What::Whole(statement) => whole::plan(b, &self.before, statement, &self.text),
        }
    }
}

/// Specifications of one statement that mean one change.
fn together(one: &Action, next: &Action) -> bool {
    match (one, next) {
        (Action::DropPrimaryKey, Action::AddPrimaryKey(_)) | (Action::AddPrimaryKey(_), Action::DropPrimaryKey) => true,
        (Action::DropIndex { name, .. }, Action::AddIndex(def)) => def.name.as_ref() == Some(name),
        (Action::DropColumn { column, .. }, Action::AddColumn { column: new, .. }) => *column == new.name,
        _ => false,
    }
}

fn moved_on(before: &Catalog, what: &What) -> Catalog {
    let mut after = before.clone();
    let statement = match what {
        What::Specs { alter, .. } => Statement::AlterTable(alter.clone()),
        What::Whole(statement) => (**statement).clone(),
        What::Moved(_) => return after,
    };
    // One specification alone may be refused where the whole statement is not: then its change is not seen by the next ones.
    if replay(&mut after, &Any::Mysql(Box::new(statement))).is_err() {
        return before.clone();
    }
    after
}

fn specified(b: &mut Builder, on: On, specs: &[Spec]) -> Result<String, Refusal> {
    let [spec] = specs else { return constraint::several(b, on, specs) };
    match &spec.action {
        Action::AddColumn { column, position, if_not_exists } => {
            column::add(b, on, column, position.as_ref(), *if_not_exists)
        }
        Action::DropColumn { column, if_exists } => drop_column::drop(b, on, column, *if_exists),
        Action::ModifyColumn { column, position, .. } => column::modify(b, on, &column.name, column, position.as_ref()),
        Action::ChangeColumn { from, column, position, .. } => column::modify(b, on, from, column, position.as_ref()),
        Action::RenameColumn { from, to, .. } => moved::renamed(b, on, from, to, None),
        Action::SetDefault { column, default, .. } => column::set_default(b, on, column, default),
        Action::DropDefault { column, .. } => column::drop_default(b, on, column),
        Action::SetColumnVisible { column, visible, .. } => column::visible(b, on, column, *visible),
        Action::AddIndex(index) => index::add(b, on, index),
        Action::DropIndex { name, if_exists } => index::drop(b, on, name, *if_exists),
        Action::RenameIndex { from, to, .. } => index::rename(b, on, from, to),
        Action::SetIndexVisible { name, visible, .. } => index::visible(b, on, name, *visible),
        Action::AddPrimaryKey(key) => constraint::add_key(b, on, key),
        Action::DropPrimaryKey => constraint::drop_key(b, on),
        Action::AddForeignKey(key) => constraint::add_foreign_key(b, on, key),
        Action::DropForeignKey { name, if_exists } => constraint::drop_foreign_key(b, on, name, *if_exists),
        Action::AddCheck(check) => constraint::add_check(b, on, check),
        Action::SetCheckEnforced { name, enforced, .. } => constraint::enforce(b, on, name, *enforced),
        Action::DropConstraint { name, if_exists } => constraint::drop(b, on, name, *if_exists),
        Action::RenameTable { to, .. } => {
            rename_table::rename(b, on.before, &[(on.name().clone(), to.resolve(on.before))])
        }
        Action::Partition(action) => partition::plan(b, on, action, &spec.text),
        Action::ConvertCharset { .. } => table::convert(b, on, spec),
        _ => table::other(b, on, spec),
    }
}

pub(super) fn listed(names: &[Ident]) -> String {
    crate::plan::build::listed(names)
}
